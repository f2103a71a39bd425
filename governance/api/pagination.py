"""Pages by key, not by number: signed opaque cursors on ``(value, id)``, forward and back.

A page costs the same wherever it lies, stays where it is while rows come and go, and works when
thousands of rows share the value that they are sorted by.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core import signing
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError
from rest_framework.utils.urls import replace_query_param

_SALT = "governance.cursor"
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

    def page(self, rows: QuerySet[Any, dict[str, Any]]) -> tuple[list[dict[str, Any]], Any, Any]:
        """The rows of the page, and the addresses of the next and the previous one or None."""
        backwards = bool(self.cursor and self.cursor["back"])
        down = self.descending != backwards
        key = F(self.field)
        nulls = {"nulls_first": True} if backwards else {"nulls_last": True}
        order = key.desc(**nulls) if down else key.asc(**nulls)
        if self.cursor:
            rows = rows.filter(self._beyond(down, backwards))
        found = list(rows.order_by(order, "-pk" if down else "pk")[: self.size + 1])
        more = len(found) > self.size
        found = found[: self.size]
        if backwards:
            found.reverse()
        following = backwards or more
        before = more if backwards else bool(self.cursor)
        following_link = self._link(found[-1], back=False) if found and following else None
        before_link = self._link(found[0], back=True) if found and before else None
        return found, following_link, before_link

    def _beyond(self, down: bool, backwards: bool) -> Q:
        assert self.cursor is not None
        value, pk = self.cursor["value"], self.cursor["pk"]
        same_beyond = Q(pk__lt=pk) if down else Q(pk__gt=pk)
        if value is None:
            within_nulls = Q(**{f"{self.field}__isnull": True}) & same_beyond
            return within_nulls | Q(**{f"{self.field}__isnull": False}) if backwards else within_nulls
        edge = Q(**{f"{self.field}__{'lte' if down else 'gte'}": value})
        strictly = Q(**{f"{self.field}__{'lt' if down else 'gt'}": value})
        beyond = edge & (strictly | same_beyond)
        return beyond if backwards else beyond | Q(**{f"{self.field}__isnull": True})

    def _link(self, row: dict[str, Any], *, back: bool) -> str:
        value = row["pk"] if self.field == "pk" else row[self.field]
        token = signing.dumps(
            [self.ordering, _plain(value), row["pk"], back], salt=_SALT, compress=False
        )
        return str(replace_query_param(self.request.build_absolute_uri(), "cursor", token))

    def _read(self, token: str | None) -> dict[str, Any] | None:
        if not token:
            return None
        try:
            ordering, value, pk, back = signing.loads(token, salt=_SALT)
        except (signing.BadSignature, ValueError, TypeError, UnicodeError):
            raise ValidationError({"cursor": [_("This cursor is not valid.")]}) from None
        if ordering != self.ordering:
            raise ValidationError({"cursor": [_("This cursor belongs to another ordering.")]})
        return {"value": value, "pk": pk, "back": back}

    def _size(self, text: str | None) -> int:
        if text is None:
            return PAGE
        if not (text.isascii() and text.isdecimal()) or not 1 <= int(text[:6]) <= LARGEST:
            raise ValidationError({"page_size": [_("Give a number from 1 to 500.")]})
        return int(text)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal | UUID):
        return str(value)
    return value
