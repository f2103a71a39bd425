"""Around every request: the door it came through, and headers that keep the answer safe."""

from collections.abc import Callable
from typing import Any

from governance import record

_OWN = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
# The back office's theme and the API browser bring inline scripts: a looser policy, there alone.
_LOOSE = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)


class Door:
    """Says on record through which door a change came."""

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        door = record.Door.PORTAL
        if request.path.startswith("/api/"):
            door = record.Door.API
        elif request.path.startswith("/secretariat/"):
            door = record.Door.BACK_OFFICE
        with record.through(door):
            return self.get_response(request)


class SafetyHeaders:
    """A strict Content-Security-Policy, and nothing kept by caches unless a page says so."""

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        response = self.get_response(request)
        loose = request.path.startswith(("/secretariat/", "/api/docs/"))
        response.headers.setdefault("Content-Security-Policy", _LOOSE if loose else _OWN)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response
