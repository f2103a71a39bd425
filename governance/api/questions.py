"""What questions of the API take: a day."""

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ErrorDetail, ValidationError

from governance import clock
from governance.api.input import Day

ON = OpenApiParameter("on", OpenApiTypes.DATE, description="The day asked about; today by default.")


def day_asked(request: Any, name: str = "on", default: date | None = None) -> date:
    """The day that the request asks about. Raises ValidationError naming the parameter."""
    text = request.query_params.get(name, "")
    if not text:
        return default or clock.today()
    try:
        return Day().run_validation(text)
    except ValidationError as wrong:
        sentence = _("Give a day as YYYY-MM-DD, between the years 1000 and 2999.")
        raise ValidationError({name: [ErrorDetail(str(sentence), code="invalid")]}) from wrong


def flag_asked(request: Any, name: str) -> bool:
    """Whether the request says ``true``. Raises ValidationError for another word than false."""
    word = request.query_params.get(name, "false")
    if word not in {"true", "false"}:
        raise ValidationError({name: [ErrorDetail(str(_("Give true or false.")), code="invalid")]})
    return word == "true"
