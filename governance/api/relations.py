"""What a partner is shown of related objects: of a hidden one neither the id nor the name.

A row that exists for somebody may point at one that does not: at a parent agreement for the
secretariat alone, at evidence that is not for the parties. Then it points at nothing.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model

from governance import access

Row = dict[str, Any]


class Limits:
    """The relations of one model's columns that have to be looked into, for one user."""

    def __init__(self, model: type[Model], columns: Iterable[str], user: Any) -> None:
        self.user = user
        self.columns: dict[str, list[str]] = {}
        self.targets: dict[str, type[Model]] = {}
        if access.oversees(user):
            return
        for column in columns:
            path, step, _name = column.rpartition("__")
            target = access.limited(model, path) if step else None
            if target is not None:
                self.columns.setdefault(path, []).append(column)
                self.targets[path] = target
        belongs, _dated = access.BELONGS.get(model, (None, None))
        inside = any(self._goes_with_the_agreement(path) for path in self.targets)
        self.agreement = f"{belongs}_id" if belongs and inside else None

    def more_columns(self) -> set[str]:
        """The columns that are read for this alone."""
        more = {f"{path}__public_id" for path in self.targets}
        return more | ({self.agreement} if self.targets and self.agreement else set())

    def apply(self, rows: list[Row]) -> None:
        """Take out of the rows what does not exist for the user."""
        for target in set(self.targets.values()):
            paths = [path for path, found in self.targets.items() if found is target]
            asked = {
                row[f"{path}__public_id"]
                for path in paths
                for row in rows
                if row[f"{path}__public_id"] is not None and not self._is_sure(path, row)
            }
            hidden = asked - access.seen(self.user, target, asked) if asked else asked
            for path in paths if hidden else ():
                self._blank(path, hidden, rows)

    def _blank(self, path: str, hidden: set[Any], rows: list[Row]) -> None:
        # Who signed or convenes is a fact of the row itself; how to reach them is not.
        named = self.targets[path] in access.NAMED_ANYWAY
        blanked = [
            column
            for column in {*self.columns[path], f"{path}__public_id"}
            if not named or column.endswith("__public_id")
        ]
        for row in rows:
            if row[f"{path}__public_id"] in hidden:
                row.update(dict.fromkeys(blanked))

    def _goes_with_the_agreement(self, path: str) -> bool:
        return access.goes_with_its_agreement(self.targets[path])

    def _is_sure(self, path: str, row: Row) -> bool:
        """Whether the row's own agreement settles it, as it does for most rows of most lists."""
        if not self._goes_with_the_agreement(path) or self.agreement is None:
            return False
        return row[self.agreement] in access.agreements_of_today(self.user)


class FactLimits:
    """The same for facts on record, where related objects stand with their id and name."""

    def __init__(self, model: type[Model], user: Any, facts: Iterable[Row | None]) -> None:
        names = {field.name for field in model._meta.get_fields()}
        self.targets: dict[str, type[Model]] = {}
        self.seen: dict[type[Model], set[str]] = {}
        if access.oversees(user):
            return
        asked: dict[type[Model], set[str]] = {}
        for name, value in (pair for one in facts for pair in (one or {}).items()):
            target = access.limited(model, name) if name in names and _related(value) else None
            if target is not None:
                self.targets[name] = target
                asked.setdefault(target, set()).update(one["id"] for one in _related(value))
        for target, ids in asked.items():
            self.seen[target] = {str(key) for key in access.seen(user, target, ids)}

    def apply(self, facts: Row | None) -> Row | None:
        """The facts without what does not exist for the user."""
        if not facts or not self.targets:
            return facts
        return {name: self._limited(name, value) for name, value in facts.items()}

    def _limited(self, name: str, value: Any) -> Any:
        target = self.targets.get(name)
        if target is None:
            return value
        kept = [
            {**one, "id": one["id"] if one["id"] in self.seen[target] else None}
            for one in _related(value)
            if one["id"] in self.seen[target] or target in access.NAMED_ANYWAY
        ]
        return kept if isinstance(value, list) else next(iter(kept), None)


def _related(value: Any) -> list[Row]:
    several = value if isinstance(value, list) else [value]
    return [one for one in several if isinstance(one, dict) and set(one) == {"id", "name"}]
