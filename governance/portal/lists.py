"""Lists whose search, filters, order and page live in the address."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import F, QuerySet
from django.db.models.expressions import OrderBy

from governance.portal.pages import Page
from governance.search import matching


@dataclass(frozen=True, slots=True)
class Choice:
    """A filter by one of several values; any other value in the address chooses nothing."""

    name: str
    label: Any
    choices: Sequence[tuple[str, Any]]
    lookup: str

    def narrow(self, rows: QuerySet[Any], value: str) -> QuerySet[Any]:
        """The rows of that value."""
        if value not in {str(key) for key, _label in self.choices}:
            return rows
        return rows.filter(**{self.lookup: value})


class ListPage(Page):
    """A list: the rows that exist for the reader, narrowed, ordered and cut into pages.

    ``orderings`` gives each key of the address its fields; the first one is the default.
    """

    page_size = 25
    search_fields: tuple[str, ...] = ()
    orderings: dict[str, tuple[str, ...]] = {}

    def rows(self) -> QuerySet[Any]:
        """All rows of the list, before any filter."""
        raise NotImplementedError

    def choices(self) -> list[Choice]:
        """The filters that are offered."""
        return []

    def values(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The rows as they are shown."""
        return rows

    def narrowed(self, choices: Sequence[Choice]) -> tuple[QuerySet[Any], str]:
        """All rows that the address asks for, in its order, and the key of that order."""
        asked = self.request.GET
        rows = self.rows()
        if self.search_fields:
            rows = matching(rows, self.search_fields, asked.get("search", "").strip())
        for choice in choices:
            rows = choice.narrow(rows, asked.get(choice.name, ""))
        ordering, fields = self._ordering(asked.get("ordering", ""))
        return rows.order_by(*fields), ordering

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.GET
        choices = self.choices()
        rows, ordering = self.narrowed(choices)
        paginator = Paginator(self.values(rows), self.page_size)
        return super().get_context_data(
            page=paginator.get_page(asked.get("page")),
            filters=[(choice, asked.get(choice.name, "")) for choice in choices],
            searched=asked.get("search", "").strip(),
            searchable=bool(self.search_fields),
            narrowed=any(asked.get(name) for name in ("search", *(c.name for c in choices))),
            sorts={key: _Sort.of(key, ordering) for key in self.orderings},
            **kwargs,
        )

    def _ordering(self, asked: str) -> tuple[str, list[OrderBy]]:
        """The key of the order asked for, and its fields; what is not known comes last."""
        key = asked.removeprefix("-")
        if asked not in self.orderings and key not in self.orderings:
            asked = next(iter(self.orderings))
        turned = asked not in self.orderings
        fields = self.orderings[key if turned else asked]
        return asked, [*(_by(field, turned=turned) for field in fields), _by("pk")]


def _by(field: str, *, turned: bool = False) -> OrderBy:
    falling = field.startswith("-") != turned
    expression = F(field.removeprefix("-"))
    return expression.desc(nulls_last=True) if falling else expression.asc(nulls_last=True)


@dataclass(frozen=True, slots=True)
class _Sort:
    """How the head of a column is shown: its ``aria-sort``, and what a press on it asks for."""

    aria: str
    next: str

    @classmethod
    def of(cls, key: str, ordering: str) -> "_Sort":
        if ordering == key:
            return cls("ascending", f"-{key}")
        return cls("descending" if ordering == f"-{key}" else "", key)
