"""Slippage: how far the end of each task has moved from a baseline, by task, party and cause.

What moved was either agreed (the date was changed, for a cause that is kept) or not (the task is
simply late, or was done before its day). Both add up to the slip of the task. One definition for
pages, API and reports.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from actors.organization import Organization
from agreements.baselines import Baseline, BaselineTask
from agreements.date_changes import Cause, DateChange
from agreements.tasks import Status as TaskStatus
from agreements.tasks import Task
from governance.base import bilingual


class Fate(models.TextChoices):
    """What has become of a task since a baseline."""

    KEPT = "kept", _("As agreed")
    MOVED = "moved", _("Moved")
    ADDED = "added", _("Added since")
    CANCELLED = "cancelled", _("Cancelled")
    DELETED = "deleted", _("Deleted since")


@dataclass(frozen=True, slots=True)
class Line:
    """One task against the baseline. Days are None where a date is not known."""

    fate: Fate
    number: int
    kept: BaselineTask | None
    task: Task | None
    lead: Organization | None
    promised: date | None
    due_on: date | None
    completed_on: date | None
    slip: int | None = None
    by_cause: dict[str, int] = field(default_factory=dict)
    changes: list[DateChange] = field(default_factory=list)

    @property
    def title(self) -> str:
        """What it is called today, or was called when it was kept."""
        return str(self.task or self.kept)

    @property
    def moved(self) -> int:
        """By how many days its date was moved, with a cause."""
        return sum(self.by_cause.values())

    @property
    def unagreed(self) -> int:
        """Days of its slip for which no date was changed: late so far, or early (negative)."""
        return 0 if self.slip is None else self.slip - self.moved


@dataclass(frozen=True, slots=True)
class Share:
    """What slipped for one party: the organization that leads the tasks. None: nobody leads."""

    organization: Organization | None
    lines: list[Line]

    @property
    def tasks(self) -> int:
        """How many of its tasks the baseline holds."""
        return len(self.lines)

    @property
    def slipped(self) -> list[Line]:
        """Those that end later than agreed."""
        return [line for line in self.lines if (line.slip or 0) > 0]

    @property
    def days(self) -> int:
        """The days of those that slipped, added up."""
        return sum(line.slip or 0 for line in self.slipped)

    @property
    def longest(self) -> int:
        """The longest slip."""
        return max((line.slip or 0 for line in self.slipped), default=0)


@dataclass(frozen=True, slots=True)
class Reason:
    """What slipped for one cause; ``cause`` empty: late without a new date."""

    cause: str
    lines: list[Line]
    days: int

    @property
    def label(self) -> Any:
        """The cause in words."""
        return Cause(self.cause).label if self.cause else _("Late without a new date")


@dataclass(frozen=True, slots=True)
class Slippage:
    """The whole answer on a day, against one baseline."""

    baseline: Baseline
    on: date
    lines: list[Line]

    def with_fate(self, fate: str) -> list[Line]:
        """The lines of which this has become."""
        return [line for line in self.lines if line.fate == fate]

    @property
    def slipped(self) -> list[Line]:
        """Those that end later than agreed, the longest slip first."""
        late = [line for line in self.lines if (line.slip or 0) > 0]
        return sorted(late, key=lambda line: (-(line.slip or 0), line.number))

    @property
    def days(self) -> int:
        """The days of those that slipped, added up."""
        return sum(line.slip or 0 for line in self.slipped)

    def by_party(self) -> list[Share]:
        """Party by party, the most days first; tasks added since are measured by no baseline."""
        found: dict[int | None, list[Line]] = {}
        for line in self.lines:
            if line.fate != Fate.ADDED:
                found.setdefault(line.lead.pk if line.lead else None, []).append(line)
        shares = [Share(lines[0].lead, lines) for lines in found.values()]
        return sorted(shares, key=lambda share: (-share.days, str(share.organization or "")))

    def by_cause(self) -> list[Reason]:
        """Cause by cause, the most days first, with what is late without any."""
        found: dict[str, list[Line]] = {}
        for line in self.lines:
            for cause in line.by_cause:
                found.setdefault(cause, []).append(line)
        reasons = [
            Reason(cause, lines, sum(line.by_cause[cause] for line in lines))
            for cause, lines in found.items()
        ]
        late = [line for line in self.lines if line.unagreed > 0]
        if late:
            reasons.append(Reason("", late, sum(line.unagreed for line in late)))
        return sorted(reasons, key=lambda reason: (-reason.days, reason.cause))


def slippage(baseline: Baseline, on: date, *, tasks: Any, changes: Any) -> Slippage:
    """How the ``tasks`` stand on a day against a baseline; ``changes`` of dates say why.

    Both are querysets of what exists for the reader; four queries whatever their number. A task
    that the baseline holds and the reader does not see is left out.
    """
    agreement = baseline.agreement_id
    seen = {task.pk: task for task in tasks.filter(agreement=agreement).select_related("lead")}
    moves: dict[int, list[DateChange]] = {}
    for change in changes.filter(task__agreement=agreement).of_due_dates():
        moves.setdefault(change.task_id, []).append(change)
    lines, held = [], set()
    for row in baseline.rows.select_related("lead"):
        held.add(row.task_id)
        if row.task_id is None:
            lines.append(_deleted(row))
        elif row.task_id in seen:
            since = [move for move in moves.get(row.task_id, ()) if move.pk > row.changes_seen]
            lines.append(_compared(row, seen[row.task_id], since, on))
    lines += [_added(task) for key, task in seen.items() if key not in held]
    return Slippage(baseline, on, sorted(lines, key=lambda line: line.number))


def finish_on(task: Task, on: date) -> date | None:
    """When a task ended, or will at the earliest: an open one that is late ends today or later."""
    if task.status == TaskStatus.COMPLETED:
        return task.completed_on
    return None if task.due_on is None else max(task.due_on, on)


def _compared(row: BaselineTask, task: Task, moves: list[DateChange], on: date) -> Line:
    cancelled = task.status == TaskStatus.CANCELLED
    ends = None if cancelled else finish_on(task, on)
    slip = None if ends is None or row.due_on is None else (ends - row.due_on).days
    moved = task.due_on != row.due_on or task.starts_on != row.starts_on
    fate = Fate.MOVED if moved else Fate.KEPT
    return Line(
        fate=Fate.CANCELLED if cancelled else fate,
        number=row.number,
        kept=row,
        task=task,
        lead=task.lead,
        promised=row.due_on,
        due_on=task.due_on,
        completed_on=task.completed_on,
        slip=slip,
        by_cause={} if cancelled else _by_cause(row.due_on, moves),
        changes=moves,
    )


def _by_cause(promised: date | None, moves: Iterable[DateChange]) -> dict[str, int]:
    """The days of each cause: from the date last known to the next, so that they add up."""
    found: dict[str, int] = {}
    last = promised
    for move in moves:
        if move.became is None:
            continue
        if last is not None:
            days = (move.became - last).days
            if days:
                found[move.cause] = found.get(move.cause, 0) + days
        last = move.became
    return found


def _deleted(row: BaselineTask) -> Line:
    return Line(Fate.DELETED, row.number, row, None, row.lead, row.due_on, None, None)


def _added(task: Task) -> Line:
    return Line(
        Fate.ADDED, task.number, None, task, task.lead, None, task.due_on, task.completed_on
    )


def promised_words(row: BaselineTask) -> list[str]:
    """The targets that a row keeps, in the reader's language: “Banks: 42 km”."""
    return [
        f"{bilingual(one['name'], one['name_zh'])}: "
        f"{one['target']} {bilingual(one['unit'], one['unit_zh'])}"
        for one in row.targets
        if one["target"] is not None
    ]
