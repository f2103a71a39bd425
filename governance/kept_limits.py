"""What a reader is shown of objects that a row has kept by name: of a hidden one nothing.

A row may keep who held an office, or what was open on a day, as plain data with ids and names.
Whoever has left since reads of these only what exists for them.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Model

from governance import access

Kept = dict[str, Any]


def named_seen(
    user: Any, kept: Mapping[int, list[Kept]], model: type[Model]
) -> dict[int, list[Kept]]:
    """The objects of one kind that each row has kept, as far as they exist for the user."""
    if access.oversees(user):
        return dict(kept)
    seen = _seen(user, model, (one["id"] for some in kept.values() for one in some))
    return {row: [one for one in some if one["id"] in seen] for row, some in kept.items()}


def matters_seen(
    user: Any,
    kept: Mapping[int, list[Kept]],
    models: Mapping[str, type[Model]],
    organizations: type[Model],
) -> dict[int, list[Kept]]:
    """The matters that each row has kept, by ``kind`` of one of the ``models``.

    Left out are those that do not exist for the user, and ``who`` they lie with where that
    organization does not.
    """
    if access.oversees(user):
        return dict(kept)
    every = [matter for matters in kept.values() for matter in matters]
    seen = {
        kind: _seen(user, model, (one["id"] for one in every if one["kind"] == kind))
        for kind, model in models.items()
    }
    known = _seen(user, organizations, (one["who"]["id"] for one in every if one["who"]))
    return {
        row: [
            one if one["who"] is None or one["who"]["id"] in known else {**one, "who": None}
            for one in matters
            if one["id"] in seen[one["kind"]]
        ]
        for row, matters in kept.items()
    }


def _seen(user: Any, model: type[Model], ids: Iterable[str]) -> set[str]:
    asked = set(ids)
    return {str(key) for key in access.seen(user, model, asked)} if asked else asked
