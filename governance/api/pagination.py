"""Pages by key, not by number: sealed opaque cursors on ``(value, id)``, forward and back.

A page costs the same wherever it lies, stays where it is while rows come and go, and works when
thousands of rows share the value that they are sorted by.
"""

import base64
import hmac
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
from django.core.exceptions import FieldDoesNotExist
from django.db.models import F, Q, QuerySet
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.utils.urls import replace_query_param

_SALT = "governance.cursor"
_SEAL = 16
PAGE, LARGEST = 50, 500


class KeysetPagination:
    """One page of rows in one ordering, ``"-due_on"`` or ``"due_on"``, ties by id; nulls last."""

    def __init__(self, request: Any, ordering: str) -> None:
        self.request = request
        self.ordering = ordering
        self.field = ordering.removeprefix("-")
        self.descending = ordering.startswith("-")
        self.size = self._size(request.query_params.get("page_size"))
        self.cursor = self._read(request.query_params.get("cursor"))

    def ordered(self, rows: QuerySet[Any, Any]) -> QuerySet[Any, Any]:
        """All rows in this ordering."""
        key = F(self.field)
        order = key.desc(nulls_last=True) if self.descending else key.asc(nulls_last=True)
        return rows.order_by(order, "-pk" if self.descending else "pk")

    def page(self, rows: QuerySet[Any, dict[str, Any]]) -> tuple[list[dict[str, Any]], Any, Any]:
        """The rows of the page, and the addresses of the next and the previous one or None."""
        backwards = bool(self.cursor and self.cursor["back"])
        found: list[dict[str, Any]] = []
        for part in self._parts(rows, backwards):
            found += part[: self.size + 1 - len(found)]
            if len(found) > self.size:
                break
        more = len(found) > self.size
        found = found[: self.size]
        if backwards:
            found.reverse()
        following = backwards or more
        before = more if backwards else bool(self.cursor)
        following_link = self._link(found[-1], back=False) if found and following else None
        before_link = self._link(found[0], back=True) if found and before else None
        return found, following_link, before_link

    def _parts(
        self, rows: QuerySet[Any, dict[str, Any]], backwards: bool
    ) -> list[QuerySet[Any, dict[str, Any]]]:
        """What follows the cursor, in one or two parts that an index gives in order.

        Rows without a value come last; asked for together with the others, they would keep both
        databases from reading either part in the order of an index.
        """
        down = self.descending != backwards
        sign = "-" if down else ""
        by_pk = rows.order_by(f"{sign}pk")
        by_value = rows.order_by(f"{sign}{self.field}", f"{sign}pk")
        if self.cursor is not None:
            value, pk = self.cursor["value"], self.cursor["pk"]
            beyond = Q(pk__lt=pk) if down else Q(pk__gt=pk)
            if value is None:
                by_pk = by_pk.filter(beyond)
            else:
                edge = Q(**{f"{self.field}__{'lte' if down else 'gte'}": value})
                strictly = Q(**{f"{self.field}__{'lt' if down else 'gt'}": value})
                by_value = by_value.filter(edge, strictly | beyond)
        if not self._may_be_null(rows):
            return [by_value]
        with_value = by_value.filter(**{f"{self.field}__isnull": False})
        without = by_pk.filter(**{f"{self.field}__isnull": True})
        at_null = self.cursor is not None and self.cursor["value"] is None
        if backwards:
            return [without, with_value] if at_null else [with_value]
        return [without] if at_null else [with_value, without]

    def _may_be_null(self, rows: QuerySet[Any, Any]) -> bool:
        if self.field == "pk":
            return False
        try:
            return bool(rows.model._meta.get_field(self.field).null)
        except FieldDoesNotExist:
            return True  # worked out by the query

    def _link(self, row: dict[str, Any], *, back: bool) -> str:
        value = row["pk"] if self.field == "pk" else row[self.field]
        token = sealed([_plain(value), row["pk"], back], self._context)
        return str(replace_query_param(self.request.build_absolute_uri(), "cursor", token))

    def _read(self, token: str | None) -> dict[str, Any] | None:
        if not token:
            return None
        try:
            value, pk, back = opened(token, self._context)
        except ValueError:
            raise ValidationError(
                {"cursor": [ErrorDetail(_("This cursor is not valid here."), code="invalid")]}
            ) from None
        return {"value": value, "pk": pk, "back": back}

    @property
    def _context(self) -> str:
        """A cursor belongs to its list and its ordering, and opens no other."""
        return f"{self.request.path} {self.ordering}"

    def _size(self, text: str | None) -> int:
        if text is None:
            return PAGE
        size = int(text) if text.isascii() and text.isdecimal() and len(text) < 9 else 0
        if not 1 <= size <= LARGEST:
            raise ValidationError(
                {"page_size": [ErrorDetail(_("Give a number from 1 to 500."), code="invalid")]}
            )
        return size


def sealed(value: Any, context: str) -> str:
    """``value`` so that nobody else can read or forge it, bound to ``context``.

    The same value seals to the same text, so that a page that did not change has the same ETag.
    The seal over the content is also the start of the key stream (as in SIV, RFC 5297): a row's
    inner number never leaves the house.
    """
    content = orjson.dumps(value)
    seal = _mac(b"seal", context.encode() + b"\0" + content)[:_SEAL]
    return base64.urlsafe_b64encode(seal + _crossed(content, seal)).decode().rstrip("=")


def opened(token: str, context: str) -> Any:
    """What was sealed. Raises ValueError for anything that was not sealed for ``context``."""
    try:
        raw = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except UnicodeEncodeError as wrong:
        raise ValueError(token) from wrong
    seal, content = raw[:_SEAL], _crossed(raw[_SEAL:], raw[:_SEAL])
    if not hmac.compare_digest(seal, _mac(b"seal", context.encode() + b"\0" + content)[:_SEAL]):
        raise ValueError(token)
    return orjson.loads(content)


def _crossed(content: bytes, seal: bytes) -> bytes:
    stream = b""
    while len(stream) < len(content):
        stream += _mac(b"stream", seal + len(stream).to_bytes(4, "big"))
    return bytes(one ^ other for one, other in zip(content, stream, strict=False))


def _mac(purpose: bytes, content: bytes) -> bytes:
    salt = f"{_SALT}.{purpose.decode()}"
    return salted_hmac(salt, content, algorithm="sha256").digest()


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    return value
