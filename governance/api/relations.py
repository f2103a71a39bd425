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
