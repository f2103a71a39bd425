"""Conditional requests (RFC 9110): ETags, ``If-Match`` on writing, ``If-None-Match`` on reading.

An ETag is ``"row version.body hash"``. ``If-Match`` compares the version alone, for a body
changes overnight and by reader; ``If-None-Match`` compares the whole.
"""

import hashlib
import re
from typing import Any

import orjson
from rest_framework import status
from rest_framework.response import Response

from governance.record import Event

_TAG = re.compile(r'(?:W/)?"([^"]*)"')


def etag_of(version: int, body: Any) -> str:
    """The ETag of one object as this reader sees it."""
    return f'"{version}.{digest_of(body)}"'


def digest_of(body: Any) -> str:
    """A short hash of an answer."""
    return hashlib.sha256(orjson.dumps(body, default=str)).hexdigest()[:16]


def tags(header: str) -> list[str]:
    """The tags that a header lists, without quotes; bare words are taken as they stand."""
    found = _TAG.findall(header)
    return found or [word.strip() for word in header.split(",") if word.strip()]


def answered(request: Any, body: Any, etag: str) -> Response:
    """The body with its ETag, or 304 when the reader has it already."""
    known = request.headers.get("If-None-Match", "").strip()
    if known and (known == "*" or etag.strip('"') in tags(known)):
        return Response(status=status.HTTP_304_NOT_MODIFIED, headers={"ETag": etag})
    return Response(body, headers={"ETag": etag})


def versions_named(header: str) -> set[str] | None:
    """The row versions that an ``If-Match`` names; None for ``*``, whatever it is now."""
    if header == "*":
        return None
    return {tag.partition(".")[0] for tag in tags(header)}


def differing(obj: Any, versions: set[str], shown: set[str]) -> list[str]:
    """The ``shown`` fields that changed since the newest of the versions, by the record."""
    known = [int(version) for version in versions if version.isdecimal() and len(version) < 10]
    behind = obj.version - max(known, default=obj.version)
    if behind <= 0:
        return []
    recent = Event.objects.of(obj).exclude(after=None).order_by("-sequence")[:behind]
    return sorted({name for event in recent for name in (event.after or {})} & shown)
