"""The names that what is on record has now, in the language of whoever reads its history.

The record keeps the name that was written, in the language of the writer. A history shows the
present one as long as the thing is there, and the one on record afterwards.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model

from governance.record import Event

Facts = dict[str, Any]


def model_of(event: Event) -> type[Model] | None:
    """The kind of what the event is about; None when there is no such kind any more."""
    try:
        return apps.get_model(event.object_type)
    except (LookupError, ValueError):
        return None


class PresentNames:
    """The present names of all that some events speak of, in one query for each kind."""

    def __init__(self, events: Iterable[Event]) -> None:
        asked: dict[type[Model], set[str]] = {}
        actors = set()
        for event in events:
            actors.add(event.actor_id)
            for model, key in _mentioned(event):
                asked.setdefault(model, set()).add(key)
        self._names = {
            str(row.public_id): str(row)
            for model, keys in asked.items()
            for row in _named(model).filter(public_id__in=keys)
        }
        users = _named(Event._meta.get_field("actor").related_model)
        known = actors - {None}
        self._actors = {user.pk: str(user) for user in users.filter(pk__in=known)} if known else {}

    def of(self, event: Event) -> str:
        """The name of what the event is about."""
        return self._names.get(str(event.object_id)) or event.object_name

    def of_actor(self, event: Event) -> str:
        """The name of whoever did it; empty for the system, and where it was erased."""
        return event.actor_name and self._actors.get(event.actor_id, event.actor_name)

    def in_facts(self, facts: Facts | None) -> Facts | None:
        """The facts with the present names of what they point at."""
        if facts is None:
            return None
        return {name: self._renamed(value) for name, value in facts.items()}

    def _renamed(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._renamed(one) for one in value]
        if not _is_related(value):
            return value
        return {**value, "name": self._names.get(value["id"]) or value["name"]}


def _named(model: Any) -> Any:
    """The rows with what their names are made of."""
    rows = model._base_manager.all()
    parts = getattr(model, "named_by", ())
    return rows.select_related(*parts) if parts else rows


def _mentioned(event: Event) -> Iterator[tuple[type[Model], str]]:
    model = model_of(event)
    if model is None:
        return
    yield model, str(event.object_id)
    for facts in (event.before, event.after):
        for name, value in (facts or {}).items():
            related = [one for one in _several(value) if _is_related(one)]
            target = _target(model, name) if related else None
            if target is not None:
                yield from ((target, one["id"]) for one in related)


def _target(model: type[Model], name: str) -> type[Model] | None:
    try:
        return model._meta.get_field(name).related_model
    except FieldDoesNotExist:
        return None


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _is_related(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"id", "name"}
