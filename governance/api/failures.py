"""What fails outside of a resource: beneath ``/api/`` a problem, everywhere else a page.

Django asks these when no view answers or a view breaks; ``governance.urls`` names them.
"""

import logging
from collections.abc import Callable
from typing import Any

import orjson
from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt

from governance.api.errors import CONTENT_TYPE, body_of

# What a multipart body holds besides its file.
SLACK = 1024 * 1024
# A form's oversized file is refused at its field with the rest kept; beyond so many times the
# limit nobody filled in a form.
FORM_FACTOR = 8
logger = logging.getLogger(__name__)


def is_api(request: Any) -> bool:
    """Whether a program asks."""
    return bool(request.path.startswith("/api/"))


def problem_response(status: int, detail: str, code: str) -> HttpResponse:
    """A problem without a view around it."""
    return HttpResponse(
        orjson.dumps(body_of(status, detail, code)), status=status, content_type=CONTENT_TYPE
    )


@csrf_exempt
def nowhere(request: Any) -> HttpResponse:
    """Every other address of the API, also while debugging: with the bytes of a hidden object."""
    return page_not_found(request, Http404())


def bad_request(request: Any, exception: Exception) -> HttpResponse:
    """400: it cannot be read."""
    if is_api(request):
        return problem_response(400, _("The request cannot be read."), "malformed")
    return defaults.bad_request(request, exception)


def permission_denied(request: Any, exception: Exception) -> HttpResponse:
    """403."""
    if is_api(request):
        return problem_response(403, _("Your role does not allow this."), "forbidden")
    return defaults.permission_denied(request, exception)


def page_not_found(request: Any, exception: Exception) -> HttpResponse:
    """404: with the very bytes of what one may not see."""
    if is_api(request):
        return problem_response(404, _("There is nothing at this address."), "not_found")
    return defaults.page_not_found(request, exception)


def server_error(request: Any) -> HttpResponse:
    """500: that it happened, and nothing of why; the log has the rest."""
    if is_api(request):
        sentence = _("The failure has been logged. Please try again later.")
        return problem_response(500, sentence, "failure")
    return defaults.server_error(request)


class PageNotFound:
    """Shows people the page for what is not there, also while debugging."""

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        return self.get_response(request)

    def process_exception(self, request: Any, exception: Exception) -> HttpResponse | None:
        """Django's own answer under DEBUG lists every address; a hidden object has no such page."""
        return page_not_found(request, exception) if isinstance(exception, Http404) else None


class BodyLimit:
    """Refuses a body that announces itself as too large, before anything reads it."""

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        factor = 1 if is_api(request) else FORM_FACTOR
        if _announced(request) <= settings.MAX_UPLOAD_BYTES * factor + SLACK:
            return self.get_response(request)
        logger.warning("Body too large: %s", request.path)
        limit = settings.MAX_UPLOAD_BYTES // 1024 // 1024
        sentence = _("The request is too large: a file may have %(limit)s MB.") % {"limit": limit}
        if is_api(request):
            return problem_response(413, sentence, "too_large")
        return render(request, "413.html", {"sentence": sentence}, status=413)


def _announced(request: Any) -> int:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return int(length) if length.isascii() and length.isdecimal() else 0
