"""Reports over the API: of one agreement, and the bulletin over all that one may see."""

from collections.abc import Iterable
from functools import partial
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.views import APIView

from agreements.models import Agreement
from agreements.report_files import FORMS, paper_file
from agreements.reports import Kind, bulletin_agreements, paper, usual_period
from governance import access, clock
from governance.api.errors import NotHere
from governance.api.filters import refusal_of, refuse_parameters
from governance.api.questions import day_asked
from governance.pdf import MEDIA_TYPE as PDF
from governance.pdf import NoPdf
from governance.spreadsheet import MEDIA_TYPE as XLSX

_KNOWN = {"as", "from", "to"}
PERIOD = [
    OpenApiParameter("as", OpenApiTypes.STR, enum=FORMS, description="By default html."),
    OpenApiParameter("from", OpenApiTypes.DATE, description="The first day of the period."),
    OpenApiParameter("to", OpenApiTypes.DATE, description="Its last day, not in the future."),
]
KIND = OpenApiParameter(
    "kind", OpenApiTypes.STR, enum=Kind.values, description="By default the full report."
)
FILES = {
    501: OpenApiResponse(description="This server makes no PDF."),
    (200, "text/html"): OpenApiResponse(OpenApiTypes.STR, description="The report as a page."),
    (200, PDF): OpenApiResponse(OpenApiTypes.BINARY, description="The report as PDF."),
    (200, XLSX): OpenApiResponse(OpenApiTypes.BINARY, description="The report as workbook."),
}


def report_answer(request: Request, agreement: Agreement) -> HttpResponse:
    """The report on one agreement that the request asks for."""
    refuse_parameters(request, {*_KNOWN, "kind"})
    return _answer(request, _one_of(request, "kind", Kind.values), [agreement])


class Bulletin(APIView):
    """The quarterly bulletin over all agreements that one may see."""

    family = "agreements"

    @extend_schema(parameters=PERIOD, responses=FILES)
    def get(self, request: Request) -> HttpResponse:
        """Agreements signed and alive at the end of the period; by default the last quarter."""
        refuse_parameters(request, _KNOWN)
        return _answer(request, Kind.BULLETIN, None)


def _answer(request: Request, kind: str, agreements: Iterable[Agreement] | None) -> HttpResponse:
    user, today = request.user, clock.today()
    form = _one_of(request, "as", FORMS)
    first, last = usual_period(kind, today)
    last = day_asked(request, "to", last)
    if last > today:
        raise refusal_of("to", _("This day is still to come: give today or an earlier day."))
    first = day_asked(request, "from", min(first, last))
    if last < first:
        raise refusal_of("to", _("The end lies before the start."))
    if agreements is None:
        agreements = bulletin_agreements(access.visible_to(user, Agreement), last)
    made = paper(
        kind,
        agreements,
        first=first,
        last=last,
        today=today,
        at=clock.now(),
        rows_of=partial(access.visible_to, user),
        day_read=partial(access.day_read, user),
    )
    try:
        return paper_file(made, form)
    except NoPdf as missing:
        raise NotHere(str(missing)) from missing


def _one_of(request: Request, name: str, words: Any) -> str:
    """The word that the parameter gives; the first one by default. Raises ValidationError."""
    given: str = request.query_params.get(name) or words[0]
    if given not in words:
        sentence = _("Give one of: %(words)s.") % {"words": ", ".join(words)}
        raise ValidationError({name: [ErrorDetail(str(sentence), code="invalid_choice")]})
    return given
