"""The parameters in the description: those of every list, its filters, and the headers."""

from collections.abc import Iterator
from typing import Any

import django_filters as filters
from django.db.models import Model
from django.utils.text import capfirst

from governance.api.pagination import LARGEST, PAGE

Json = dict[str, Any]

HEADERS: Json = {
    "AcceptLanguage": {
        "name": "Accept-Language",
        "in": "header",
        "description": "The language of names, labels and errors: `en` or `zh-hans`.",
        "schema": {"type": "string", "examples": ["zh-hans"]},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "The ETag of the object as it was read, or `*` for whatever it is now. "
        "Only its version counts. 412 when the object was changed since.",
        "schema": {"type": "string", "minLength": 1, "examples": ['"3.0f1e2d3c4b5a6978"']},
    },
    "IfMatchIfWished": {
        "name": "If-Match",
        "in": "header",
        "description": "The ETag of the object as it was read; left out: whatever it is now.",
        "schema": {"type": "string", "examples": ['"3.0f1e2d3c4b5a6978"']},
    },
    "IfNoneMatch": {
        "name": "If-None-Match",
        "in": "header",
        "description": "An ETag read before: 304 when nothing differs for this reader.",
        "schema": {"type": "string", "examples": ['"3.0f1e2d3c4b5a6978"']},
    },
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "A random text of the caller's choice: sent again with the same body, the "
        "stored answer is given again and nothing happens twice.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 200},
    },
}

ETAG: Json = {
    "description": "The version of the object and a hash of its body, for If-Match and "
    "If-None-Match.",
    "required": True,
    "schema": {"type": "string", "pattern": r'^"[0-9]+\.[0-9a-f]+"$'},
}


def header(name: str) -> Json:
    """A reference to one of ``HEADERS``."""
    return {"$ref": f"#/components/parameters/{name}"}


def query(name: str, schema: Json, description: str = "", **more: Any) -> Json:
    """One query parameter."""
    found = {"name": name, "in": "query", "schema": schema, **more}
    return {**found, "description": description} if description else found


def several(name: str, words: list[str], description: str) -> Json:
    """A parameter that takes words separated by commas."""
    schema = {"type": "array", "items": {"type": "string", "enum": words}}
    return query(name, schema, description, style="form", explode=False)


def of_fields(names: list[str]) -> Json:
    """``fields=``, which narrows an answer down."""
    return several("fields", names, "Only these members of each object, separated by commas.")


def of_pages() -> list[Json]:
    """What turns the pages of a list."""
    return [
        query("cursor", {"type": "string"}, "Where the page starts; taken from next or previous."),
        query(
            "page_size",
            {"type": "integer", "minimum": 1, "maximum": LARGEST, "default": PAGE},
            "How many objects a page holds.",
        ),
        query("count", {"type": "boolean"}, "`true`: also count the whole list."),
    ]


def of_lists(view: Any) -> list[Json]:
    """What narrows and orders a list, shared by its export."""
    orderings = [f"{sign}{name}" for name in view.ordering_fields for sign in ("", "-")]
    found = [
        query(
            "ordering",
            {"type": "string", "enum": orderings},
            f"By which member to order, `-` for the greatest first; by default `{view.ordering}`.",
        ),
        *of_filters(view.filterset_class),
    ]
    if view.search_fields:
        words = "Words that must all occur, in English or Chinese, wherever they stand."
        found.append(query("search", {"type": "string"}, words))
    return found


def of_filters(filterset: Any) -> Iterator[Json]:
    """The filters of a list; different filters narrow it down together."""
    if filterset is None:
        return
    for name, one in filterset.base_filters.items():
        description = str(one.extra.get("help_text", "")) or _described(filterset, name, one)
        if isinstance(one, filters.BaseInFilter):
            yield several(name, [str(word) for word, _label in one.extra["choices"]], description)
        else:
            yield query(name, _schema(one), description)


_LOOKUPS = {
    "exact": "equal to this",
    "lt": "before or below this",
    "lte": "up to this",
    "gt": "after or above this",
    "gte": "from this on",
    "in": "one of these",
    "isnull": "`true`: none or not known; `false`: known",
}


def _described(filterset: Any, name: str, one: Any) -> str:
    model: type[Model] = filterset._meta.model
    column = name.partition("__")[0]
    fields = {found.name: found for found in model._meta.get_fields()}
    words = getattr(fields.get(column), "verbose_name", None) or column.replace("_", " ")
    if one.method is not None and name == "on":
        return "Those that hold on this day."
    return f"{capfirst(str(words))}: {_LOOKUPS[one.lookup_expr]}."


def _schema(one: Any) -> Json:
    match one:
        case filters.ChoiceFilter():
            return {"type": "string", "enum": [str(word) for word, _label in one.extra["choices"]]}
        case filters.UUIDFilter():
            return {"type": "string", "format": "uuid"}
        case filters.BooleanFilter():
            return {"type": "boolean"}
        case filters.DateTimeFilter() | filters.IsoDateTimeFilter():
            return {"type": "string", "format": "date-time"}
        case filters.DateFilter():
            return {"type": "string", "format": "date"}
        case filters.NumberFilter():
            return {"type": "number"}
    return {"type": "string"}
