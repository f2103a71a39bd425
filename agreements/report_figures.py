"""The figures of reports: each a number, and the entries of the ledger that it counts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.utils.translation import gettext as _

from actors.organization import Organization
from agreements.date_changes import DateChange
from agreements.health import Standing, tally
from agreements.indicators import Indicator
from agreements.ledger import Entry
from agreements.progress import Light
from agreements.tasks import Status

# In the order in which they need attention.
LIGHTS = (Light.OVERDUE, Light.AT_RISK, Light.ON_TRACK, Light.NOT_STARTED, Light.DONE)


class Run(NamedTuple):
    """Tasks with numbers in a row: the first and the last one; None: there is only one."""

    first: Entry
    last: Entry | None


def runs(entries: Iterable[Entry]) -> list[Run]:
    """The entries, in the order of their numbers, each three or more in a row as one run."""
    rows: list[list[Entry]] = []
    for entry in sorted(entries, key=lambda one: one.task.number):
        if rows and rows[-1][-1].task.number == entry.task.number - 1:
            rows[-1].append(entry)
        else:
            rows.append([entry])
    found = []
    for row in rows:
        if len(row) > 2:
            found.append(Run(row[0], row[-1]))
        else:
            found += [Run(one, None) for one in row]
    return found


@dataclass(frozen=True, slots=True)
class Traced:
    """A figure: how many tasks it counts, and which."""

    key: str
    label: str
    entries: tuple[Entry, ...]

    @property
    def number(self) -> int:
        """The figure."""
        return len(self.entries)

    @property
    def runs(self) -> list[Run]:
        """Its tasks, those with numbers in a row together."""
        return runs(self.entries)


@dataclass(frozen=True, slots=True)
class OfParty:
    """The tasks that one organization leads; None: those that nobody leads."""

    organization: Organization | None
    entries: tuple[Entry, ...]
    standing: Standing
    completed: int
    late: int

    @property
    def runs(self) -> list[Run]:
        """Its tasks, those with numbers in a row together."""
        return runs(self.entries)


@dataclass(frozen=True, slots=True)
class Quantity:
    """An indicator: its value when the period began, and at its end."""

    entry: Entry
    indicator: Indicator
    before: Decimal | None
    value: Decimal | None
    attainment: int | None


def standing_of(entries: Iterable[Entry]) -> Standing:
    """How these tasks stand together."""
    return tally(
        (one.light, one.task.status, one.task.weight, one.task.progress, one.expected,
         one.is_quantified)
        for one in entries
    )  # fmt: skip


def lit(entries: Iterable[Entry], light: Light) -> tuple[Entry, ...]:
    """Those that show the light."""
    return tuple(one for one in entries if one.light == light)


def stock(entries: tuple[Entry, ...], counted: tuple[Entry, ...]) -> tuple[Traced, ...]:
    """How the tasks stood at the end of the period."""
    resting = tuple(one for one in entries if one.light is None)
    quantified = tuple(one for one in counted if one.is_quantified)
    return (
        Traced("tasks", _("Tasks, without those cancelled"), counted),
        *(Traced(str(light), str(light.label), lit(entries, light)) for light in LIGHTS),
        Traced("resting", _("Suspended or cancelled"), resting),
        Traced("quantified", _("Tasks with figures"), quantified),
    )


def _within(day: date | None, first: date, last: date) -> bool:
    return day is not None and first <= day <= last


def _is_missed(entry: Entry) -> bool:
    """Whether it was not completed by its date; submitted by then is in time."""
    task = entry.task
    if task.due_on is None:
        return False
    done_on = task.submitted_on or task.completed_on
    return done_on is None or done_on > task.due_on


def flow(
    counted: tuple[Entry, ...], moved: Iterable[DateChange], first: date, last: date
) -> tuple[Traced, ...]:
    """What happened in the period."""
    due = tuple(one for one in counted if _within(one.task.due_on, first, last))
    changed = {one.task_id for one in moved}
    return (
        Traced(
            "completed",
            _("Completed"),
            tuple(one for one in counted if _within(_completed_on(one), first, last)),
        ),
        Traced(
            "reported",
            _("Reported on"),
            tuple(
                one
                for one in counted
                if any(_within(told.reported_on, first, last) for told in one.reports)
            ),
        ),
        Traced("due", _("Fell due"), due),
        Traced(
            "missed",
            _("Fell due and were not done in time"),
            tuple(one for one in due if _is_missed(one)),
        ),
        Traced("moved", _("Dates moved"), tuple(one for one in counted if one.task.pk in changed)),
    )


def _completed_on(entry: Entry) -> date | None:
    task = entry.task
    return task.completed_on if task.status == Status.COMPLETED else None


def by_party(entries: tuple[Entry, ...], first: date, last: date) -> tuple[OfParty, ...]:
    """By lead organization, those with the most tasks first; those that nobody leads at the end."""
    by_lead: dict[int | None, list[Entry]] = {}
    for one in entries:
        by_lead.setdefault(one.task.lead_id, []).append(one)
    found = [
        OfParty(
            organization=own[0].task.lead,
            entries=tuple(own),
            standing=standing_of(own),
            completed=sum(_within(_completed_on(one), first, last) for one in own),
            late=len(lit(own, Light.OVERDUE)),
        )
        for own in by_lead.values()
    ]
    return tuple(sorted(found, key=lambda one: (one.organization is None, -len(one.entries))))


def quantities(counted: Iterable[Entry], earlier: dict[int, Entry]) -> tuple[Quantity, ...]:
    """The indicators of these tasks, with what they had reached before the period."""
    found = []
    for entry in counted:
        before = {
            one.indicator.pk: one.value
            for one in (earlier[entry.task.pk].figures if entry.task.pk in earlier else ())
        }
        found += [
            Quantity(entry, one.indicator, before.get(one.indicator.pk), one.value, one.attainment)
            for one in entry.figures
        ]
    return tuple(found)
