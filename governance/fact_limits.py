"""What a reader is shown of related objects in facts on record: of a hidden one not even the name.

In the record related objects stand with their id and name, as they were when it was written.
"""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model

from governance import access
from governance.present_names import model_of
from governance.record import Event

Facts = dict[str, Any]


class FactLimits:
    """The related objects in the facts of some events that do not exist for one user."""

    def __init__(self, user: Any, events: Iterable[Event]) -> None:
        self._targets: dict[tuple[type[Model], str], type[Model]] = {}
        self._seen: dict[type[Model], set[str]] = {}
        if access.oversees(user):
            return
        asked: dict[type[Model], set[str]] = {}
        for event in events:
            model = model_of(event)
            if model is None:
                continue
            for facts in (event.before, event.after):
                for name, value in (facts or {}).items():
                    ids = {one["id"] for one in _related(value)}
                    target = _target(model, name) if ids else None
                    if target is not None:
                        self._targets[model, name] = target
                        asked.setdefault(target, set()).update(ids)
        for target, ids in asked.items():
            self._seen[target] = {str(key) for key in access.seen(user, target, ids)}

    def apply(self, model: type[Model], facts: Facts | None) -> Facts | None:
        """The facts of an object of that kind without what does not exist for the user."""
        if not facts or not self._targets:
            return facts
        return {
            name: self._limited(self._targets.get((model, name)), value)
            for name, value in facts.items()
        }

    def _limited(self, target: type[Model] | None, value: Any) -> Any:
        if target is None:
            return value
        kept = [
            {**one, "id": one["id"] if one["id"] in self._seen[target] else None}
            for one in _related(value)
            if one["id"] in self._seen[target] or target in access.NAMED_ANYWAY
        ]
        return kept if isinstance(value, list) else next(iter(kept), None)


def _target(model: type[Model], name: str) -> type[Model] | None:
    try:
        return access.limited(model, name)
    except FieldDoesNotExist:
        return None


def _related(value: Any) -> list[Facts]:
    several = value if isinstance(value, list) else [value]
    return [one for one in several if isinstance(one, dict) and set(one) == {"id", "name"}]
