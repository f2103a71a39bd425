"""The work ledger (工作台账): each task as it stood on a day, with its figures and its last word.

A view that writes nothing; the figures of every report are counted over its entries. Counted over
what exists for whoever asks: ``rows_of`` gives it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Prefetch

from actors.organization import Organization
from agreements.documents import Document
from agreements.documents import Kind as DocumentKind
from agreements.indicators import Indicator, Measurement, ProgressReport
from agreements.mechanisms.decisions import Decision
from agreements.progress import Light, weighted
from agreements.progress import done as share_done
from agreements.tasks import OPEN, Task
from agreements.what_is_wrong import Rows
from governance.record import Event, object_type

# What a verb that came later is taken back from, so that the task stands as it stood.
_UNDONE = frozenset(
    {"status", "starts_on", "due_on", "submitted_on", "completed_on", "needs_reassignment"}
)
_DAYS = frozenset({"starts_on", "due_on", "submitted_on", "completed_on"})


@dataclass(frozen=True, slots=True)
class Figure:
    """What an indicator had reached by the day; ``attainment`` None: it has no target."""

    indicator: Indicator
    value: Decimal | None
    attainment: int | None


@dataclass(frozen=True, slots=True)
class Entry:
    """A task as it stood on the day. Shares are counted in hundredths of one per cent.

    ``task`` is a copy for reading: its facts are those of the day, and it is never saved.
    ``has_word``: something was reported or measured by then. ``decision``: the one it carries
    out, where it exists for whoever asks. ``reports`` are those made by then, the newest first.
    """

    task: Task
    on: date
    light: Light | None
    expected: int | None
    has_word: bool
    cooperating: tuple[Organization, ...]
    decision: Decision | None
    figures: tuple[Figure, ...]
    reports: tuple[ProgressReport, ...]
    evidence: int

    @property
    def is_open(self) -> bool:
        """Neither completed nor cancelled by then."""
        return self.task.status in OPEN

    @property
    def days_late(self) -> int:
        """How many days it was past its date; 0: it was not, or had none."""
        due_on = self.task.due_on
        return (self.on - due_on).days if self.is_open and due_on and due_on < self.on else 0

    @property
    def is_quantified(self) -> bool:
        """Whether it has an indicator with a target."""
        return any(figure.indicator.target is not None for figure in self.figures)


def ledger(tasks: Any, *, on: date, today: date, rows_of: Rows) -> list[Entry]:
    """How these tasks stood on the day ``on``, in their order, in a constant number of queries.

    For a day before ``today`` what was measured, reported or done later is left out, and a date
    moved later stands as it stood.
    """
    found = list(
        tasks.select_related(
            "agreement", "article", "phase", "group", "lead", "responsible"
        ).prefetch_related(
            "cooperating",
            Prefetch("indicators", _indicators(on, rows_of)),
            Prefetch("reports", _reports(on, rows_of), to_attr="told"),
        )
    )
    if on < today:
        _take_back(found, on)
    decisions = _decisions(found, rows_of)
    evidence = _evidence(found, on, rows_of)
    return [_entry(task, on, decisions, evidence.get(task.pk, 0)) for task in found]


def _indicators(on: date, rows_of: Rows) -> Any:
    measured = rows_of(Measurement).filter(as_of__lte=on).order_by("as_of", "pk")
    return rows_of(Indicator).prefetch_related(Prefetch("measurements", measured))


def _reports(on: date, rows_of: Rows) -> Any:
    made = rows_of(ProgressReport).filter(reported_on__lte=on)
    return made.select_related("reported_by__person").order_by("-reported_on", "-pk")


def _decisions(tasks: list[Task], rows_of: Rows) -> dict[int, Decision]:
    keys = {task.decision_id for task in tasks if task.decision_id}
    return rows_of(Decision).in_bulk(keys) if keys else {}


def _evidence(tasks: list[Task], on: date, rows_of: Rows) -> dict[int, int]:
    counted = (
        rows_of(Document)
        .filter(task__in=[task.pk for task in tasks], kind=DocumentKind.EVIDENCE)
        .exclude(dated_on__gt=on)
        .order_by()
        .values_list("task")
        .annotate(number=Count("pk"))
    )
    return dict(counted)


def _take_back(tasks: Iterable[Task], on: date) -> None:
    """Take back, the last first, what verbs of days after ``on`` changed. From the record."""
    by_id: dict[UUID, Task] = {task.public_id: task for task in tasks}
    scopes = {task.agreement.public_id for task in tasks}
    later = (
        Event.objects.filter(object_type=object_type(Task), scope_id__in=scopes)
        .filter(happened_on__gt=on, before__isnull=False)
        .order_by("-sequence")
        .values_list("object_id", "before")
    )
    for key, before in later.iterator():
        task, was = by_id.get(key), before or {}
        for name in was.keys() & _UNDONE if task is not None else ():
            is_day = name in _DAYS and was[name]
            setattr(task, name, date.fromisoformat(was[name]) if is_day else was[name])


def _entry(task: Any, on: date, decisions: dict[int, Decision], evidence: int) -> Entry:
    figures = tuple(Figure(one, one.value(), one.attainment()) for one in task.indicators.all())
    reported = next((one.share * 100 for one in task.told if one.share is not None), None)
    measured = weighted([(one.indicator.weight, one.attainment) for one in figures])
    task.reported_share = reported
    task.progress = share_done(task.status, measured, reported)
    return Entry(
        task=task,
        on=on,
        # A list may have both annotated, as of another day, under the names of the methods.
        light=Task.light(task, on),
        expected=Task.expected(task, on),
        has_word=task.progress > 0 or reported is not None,
        cooperating=tuple(task.cooperating.all()),
        decision=decisions.get(task.decision_id or 0),
        figures=figures,
        reports=tuple(task.told),
        evidence=evidence,
    )
