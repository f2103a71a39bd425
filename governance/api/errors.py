"""Errors as RFC 9457 ``application/problem+json``: one shape, a pointer to each field.

What one may not see answers with the very bytes of what does not exist.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as DomainError
from django.db import DatabaseError, DataError, IntegrityError
from django.http import Http404, UnreadablePostError
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from governance.lifecycle import Refused, Stale
from governance.record import object_type, plain

CONTENT_TYPE = "application/problem+json"


class NotHere(exceptions.APIException):
    """This installation lacks what the answer takes; the sentence says what, and what works."""

    status_code = 501
    default_code = "not_here"


class PreconditionRequired(exceptions.APIException):
    """A write that two people may make must name the version it was made against."""

    status_code = 428
    default_code = "precondition_required"

    def __init__(self) -> None:
        super().__init__(
            _("Send If-Match with the ETag of the object as you read it."), self.default_code
        )


class PreconditionFailed(exceptions.APIException):
    """The object was changed since; ``current`` is its ETag, ``differs`` names the fields."""

    status_code = 412
    default_code = "precondition_failed"

    def __init__(self, current: str, differs: list[str]) -> None:
        super().__init__(_("The object was changed since you read it."), self.default_code)
        self.current = current
        self.differs = differs


class SomeInvalid(Exception):
    """Items of a list are not valid: what is wrong, each with its place in the list."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        self.errors = errors
        super().__init__(f"{len(errors)} errors")


class SomeRefused(Exception):
    """Items of a list were refused by the state: ``refusals`` by their place in the list."""

    def __init__(self, refusals: dict[int, Refused]) -> None:
        self.refusals = refusals
        super().__init__(f"{len(refusals)} refused")


def titles() -> dict[int, str]:
    """The title of each status, in the reader's language."""
    return {
        400: _("The request is not valid"),
        401: _("Please sign in"),
        403: _("Not allowed"),
        404: _("Not found"),
        405: _("This method is not possible here"),
        409: _("The state of the object does not allow this"),
        412: _("Changed meanwhile"),
        413: _("Too large"),
        415: _("Unsupported type of content"),
        422: _("The key was used for another request"),
        428: _("A precondition is required"),
        429: _("Too many requests"),
        500: _("Something went wrong on our side"),
        501: _("Not possible on this server"),
        503: _("Not available at the moment"),
    }


def problem(exc: Exception, context: Any) -> Response | None:
    """DRF's exception handler: every refusal as a problem; anything else is a programming error."""
    set_rollback()
    answer = _answer(exc)
    if answer is None:
        return None
    response = Response(answer, status=answer["status"], content_type=CONTENT_TYPE)
    if isinstance(exc, exceptions.APIException):
        if header := getattr(exc, "auth_header", None):
            response["WWW-Authenticate"] = header
        if wait := getattr(exc, "wait", None):
            response["Retry-After"] = str(int(wait) + 1)
    if isinstance(exc, PreconditionFailed):
        response["ETag"] = exc.current
    if answer["status"] == 503:
        response["Retry-After"] = "1"
    return response


def _answer(exc: Exception) -> dict[str, Any] | None:
    if isinstance(exc, exceptions.APIException):
        return _of_request(exc)
    if isinstance(exc, Refused):
        return _refused(exc)
    if isinstance(exc, SomeRefused):
        first = next(iter(exc.refusals.values()))
        return {**_refused(first), "errors": list(_by_place(exc.refusals))}
    if isinstance(exc, DomainError):
        return _invalid(errors_at(exc, ""))
    if isinstance(exc, SomeInvalid):
        return _invalid(exc.errors)
    if isinstance(exc, Http404):
        return body_of(404, _("There is nothing at this address."), "not_found")
    if isinstance(exc, PermissionDenied):
        return body_of(403, str(exc) or _("Your role does not allow this."), "forbidden")
    if isinstance(exc, RequestDataTooBig):
        return body_of(413, _("The request is too large."), "too_large")
    if isinstance(exc, SuspiciousOperation | UnreadablePostError):
        return body_of(400, _("The request cannot be read."), "malformed")
    if isinstance(exc, Stale):
        return body_of(412, _("The object was changed since you read it."), "precondition_failed")
    if isinstance(exc, DatabaseError):
        return _of_database(exc)
    return None


def _of_request(exc: exceptions.APIException) -> dict[str, Any]:
    if isinstance(exc, exceptions.NotFound):
        return body_of(404, _("There is nothing at this address."), "not_found")
    if isinstance(exc, exceptions.PermissionDenied):
        return body_of(403, str(exc.detail) or _("Your role does not allow this."), "forbidden")
    if isinstance(exc, exceptions.ValidationError):
        return _invalid(errors_at(exc, ""))
    if isinstance(exc, PreconditionFailed):
        return {**body_of(412, str(exc.detail), "precondition_failed"), "differs": exc.differs}
    return body_of(exc.status_code, str(exc.detail), exc.get_codes())


def _of_database(exc: DatabaseError) -> dict[str, Any] | None:
    if isinstance(exc, IntegrityError):
        return body_of(409, _("It conflicts with what is already there."), "conflict")
    if isinstance(exc, DataError):
        return body_of(400, _("Some values are not valid."), "invalid")
    if "locked" in str(exc) or "deadlock" in str(exc):
        return body_of(503, _("The system is busy: please try again."), "busy")
    return None


def body_of(status: int, detail: str, code: Any) -> dict[str, Any]:
    """The members every problem has; ``type`` is stable and names the kind of problem."""
    return {
        "type": f"urn:concord:problem:{code}",
        "title": titles().get(status, _("The request failed")),
        "status": status,
        "detail": detail,
        "errors": [],
    }


def _invalid(errors: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return {**body_of(400, _("Some values are not valid."), "invalid"), "errors": list(errors)}


def _refused(refused: Refused) -> dict[str, Any]:
    body = body_of(409, str(refused.sentence), "refused")
    told = {**body, "verb": refused.verb.replace("_", "-"), "guard": refused.guard}
    if refused.about is not None:
        told["about"] = {"type": object_type(refused.about), **plain(refused.about)}
    return told


def _by_place(refusals: dict[int, Refused]) -> Iterator[dict[str, str]]:
    for place, refused in refusals.items():
        yield {"pointer": f"/{place}", "code": refused.guard, "message": str(refused.sentence)}


def errors_at(
    wrong: exceptions.ValidationError | DomainError, pointer: str
) -> Iterator[dict[str, str]]:
    """What is wrong with the values, each with a pointer to its place beneath ``pointer``."""
    if isinstance(wrong, DomainError):
        return _domain(wrong, pointer)
    return _details(wrong.detail, pointer)


def _domain(error: DomainError, pointer: str) -> Iterator[dict[str, str]]:
    if hasattr(error, "error_dict"):
        for name, inner in error.error_dict.items():
            place = pointer if name == "__all__" else f"{pointer}/{name.replace('.', '/')}"
            for one in inner:
                yield from _domain(one, place)
        return
    for one in error.error_list:
        message = one.message % one.params if one.params else one.message
        yield {"pointer": pointer, "code": one.code or "invalid", "message": str(message)}


def _details(detail: Any, pointer: str) -> Iterator[dict[str, str]]:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            here = str(name).replace("~", "~0").replace("/", "~1")
            place = pointer if name == "non_field_errors" else f"{pointer}/{here}"
            yield from _details(inner, place)
    elif isinstance(detail, list):
        for number, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from _details(inner, f"{pointer}/{number}" if nested else pointer)
    else:
        yield {
            "pointer": pointer,
            "code": str(getattr(detail, "code", "invalid")),
            "message": str(detail),
        }
