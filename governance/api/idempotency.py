"""``Idempotency-Key``: a POST sent again is answered again, and done once."""

import hashlib
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from rest_framework.exceptions import APIException, ErrorDetail, ValidationError
from rest_framework.response import Response

from governance.api.rendering import JSONRenderer
from governance.idempotent_answer import ClaimLost, IdempotentAnswer, InFlight, KeyReused
from governance.record import unit
from governance.tokens import Token

LONGEST = 200
_KEPT_HEADERS = ("ETag", "Location")


class UsedOtherwise(APIException):
    """The key belongs to another request."""

    status_code = 422
    default_code = "key_reused"

    def __init__(self) -> None:
        super().__init__(
            _("This Idempotency-Key was used for another request: take a new one."),
            self.default_code,
        )


class StillInFlight(APIException):
    """The first request with the key is still being worked on."""

    status_code = 409
    default_code = "in_flight"

    def __init__(self) -> None:
        super().__init__(
            _("The first request with this Idempotency-Key is still under way: ask again soon."),
            self.default_code,
        )


class OncePerKey:
    """For API views: each of their POSTs honours ``Idempotency-Key``.

    Only what succeeded is kept: a refused request changed nothing and may be sent again, mended
    or not.
    """

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        key = request.headers.get("Idempotency-Key")
        if request.method == "POST" and key is not None:
            # The view looks its handler up behind this.
            self.post = self._once(_checked(key), self.post)  # type: ignore[has-type]

    def _once(self, key: str, handler: Callable[..., Any]) -> Callable[..., Any]:
        def handle(request: Any, *args: Any, **kwargs: Any) -> Any:
            try:
                kept = IdempotentAnswer.claimed(_caller(request), key, _digest(request))
            except KeyReused:
                raise UsedOtherwise from None
            except InFlight:
                raise StillInFlight from None
            if kept.is_answered:
                return _again(kept)
            try:
                with unit():
                    response = handler(request, *args, **kwargs)
                    if response.status_code < 300:
                        kept.keep(response.status_code, _headers(response), _text(response))
                    else:
                        kept.let_go()
            except ClaimLost:
                raise StillInFlight from None
            except BaseException:
                kept.let_go()
                raise
            return response

        return handle


def _checked(key: str) -> str:
    if not 0 < len(key) <= LONGEST or not key.isascii() or not key.isprintable():
        sentence = _("Give 1 to 200 plain characters.")
        raise ValidationError({"Idempotency-Key": [ErrorDetail(sentence, code="invalid")]})
    return key


def _caller(request: Any) -> str:
    token = request.auth.public_id if isinstance(request.auth, Token) else ""
    return f"{request.user.public_id}/{token}"


def _digest(request: Any) -> str:
    """What was asked: method, address and body; of a form its parts, for its seams are random."""
    found = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if not request.content_type.startswith("multipart/"):
        found.update(request.body)
        return found.hexdigest()
    for name in sorted(request.data):
        for value in request.data.getlist(name):
            found.update(f"{name}\n".encode())
            if hasattr(value, "chunks"):
                found.update(f"{value.name}\n".encode())
                for chunk in value.chunks():
                    found.update(chunk)
                value.seek(0)
            else:
                found.update(f"{value}\n".encode())
    return found.hexdigest()


def _headers(response: Any) -> dict[str, str]:
    return {name: response[name] for name in _KEPT_HEADERS if name in response}


def _text(response: Response) -> str:
    # An answer that tells a secret says itself what may be kept of it.
    return JSONRenderer().render(getattr(response, "kept", response.data)).decode()


def _again(kept: IdempotentAnswer) -> HttpResponse:
    return HttpResponse(
        kept.body.encode(),
        status=kept.status,
        content_type=JSONRenderer.media_type,
        headers={**kept.headers, "Idempotent-Replayed": "true"},
    )
