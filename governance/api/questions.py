"""What questions of the API take: a day."""

from datetime import date
from typing import Any

from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.exceptions import ErrorDetail, ValidationError

from governance import clock

ON = OpenApiParameter("on", OpenApiTypes.DATE, description="The day asked about; today by default.")


def day_asked(request: Any, name: str = "on", default: date | None = None) -> date:
    """The day that the request asks about. Raises ValidationError naming the parameter."""
    text = request.query_params.get(name, "")
    if not text:
        return default or clock.today()
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise ValidationError(
            {name: [ErrorDetail(_("Give a day as YYYY-MM-DD."), code="invalid")]}
        )
    return day
