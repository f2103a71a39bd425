"""Reports for a period: how an agreement was carried out, each figure with the tasks behind it.

A view that writes nothing. Counted over what exists for whoever asks: ``rows_of`` gives it. A
report on a period long past tells how things stood then: see :mod:`agreements.ledger`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import models
from django.db.models import Count, Prefetch, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from actors.organization import Organization
from agreements.agreement import Agreement
from agreements.date_changes import DateChange
from agreements.health import Promised, Standing
from agreements.ledger import Entry, ledger
from agreements.mechanisms.consultation import Consultation
from agreements.mechanisms.consultation_series import ConsultationSeries
from agreements.mechanisms.convenor_terms import ConvenorTerm, TermHolder
from agreements.mechanisms.decisions import Decision
from agreements.mechanisms.decisions import Standing as DecisionStanding
from agreements.mechanisms.handover import Handover
from agreements.mechanisms.held_as_promised import reckoned, together
from agreements.mechanisms.liaison_coverage import Cover, coverage
from agreements.mechanisms.liaison_officer import ALIVE
from agreements.mechanisms.regular_consultation import Status as ConsultationStatus
from agreements.party import Party
from agreements.progress import Light
from agreements.report_figures import (
    LIGHTS,
    OfParty,
    Quantity,
    Traced,
    by_party,
    flow,
    lit,
    quantities,
    standing_of,
    stock,
)
from agreements.tasks import Status, Task
from agreements.timetable import Milestone
from agreements.what_is_wrong import Matter, Rows, matters
from governance.periods import add_months
from governance.wording import day_text, in_a_row, labelled, listed


class Kind(models.TextChoices):
    """What is reported, and how fully."""

    IMPLEMENTATION = "implementation", gettext_lazy("Implementation report")
    BULLETIN = "bulletin", gettext_lazy("Quarterly bulletin")


@dataclass(frozen=True, slots=True)
class Due:
    """What comes next: a task's entry, or a milestone."""

    on: date
    title: str
    entry: Entry | None


@dataclass(frozen=True, slots=True)
class Report:
    """How an agreement was carried out from ``first`` to ``last``, both included.

    ``before`` is the progress of all tasks on the eve of the period. ``promised`` is None where
    it is not known how often the parties meet. ``matters`` is empty for a period that is past:
    what was wrong then is told by its figures. Meetings come with ``decided``, the number of
    their decisions; decisions with ``standing_label``, how far they are carried out today.
    """

    agreement: Agreement
    first: date
    last: date
    entries: tuple[Entry, ...]
    standing: Standing
    before: int | None
    stock: tuple[Traced, ...]
    flow: tuple[Traced, ...]
    parties: tuple[OfParty, ...]
    quantities: tuple[Quantity, ...]
    late: tuple[Entry, ...]
    at_risk: tuple[Entry, ...]
    moved: tuple[DateChange, ...]
    terms: tuple[ConvenorTerm, ...]
    handovers: tuple[Handover, ...]
    covers: tuple[Cover, ...]
    promised: Promised | None
    meetings: tuple[Any, ...]
    decisions: tuple[Any, ...]
    coming: tuple[Due, ...]
    matters: tuple[Matter, ...]

    @property
    def summary(self) -> str:
        """The whole in a few sentences."""
        return in_a_row(_sentences(self))

    def flowed(self, key: str) -> Traced:
        """The figure of the period of that name."""
        return next(one for one in self.flow if one.key == key)

    @property
    def uncovered(self) -> list[Cover]:
        """The parties without a liaison officer on the last day."""
        return [one for one in self.covers if one.vacant_from and one.vacant_from <= self.last]


@dataclass(frozen=True, slots=True)
class Paper:
    """What is handed out: one report, or a bulletin over one or several agreements."""

    kind: Kind
    first: date
    last: date
    made_on: date
    reports: tuple[Report, ...]

    @property
    def title(self) -> str:
        """What stands above it."""
        return str(self.kind.label)

    @property
    def is_full(self) -> bool:
        """Whether it has all parts; a bulletin leaves quantities and causes to the report."""
        return self.kind == Kind.IMPLEMENTATION

    @property
    def single(self) -> Report | None:
        """The only report in it; None for a bulletin over several agreements."""
        return self.reports[0] if len(self.reports) == 1 else None


def paper(
    kind: str,
    agreements: Iterable[Agreement],
    *,
    first: date,
    last: date,
    today: date,
    at: datetime,
    rows_of: Rows,
    day_read: Callable[[Agreement, date], date | None],
) -> Paper:
    """The paper about these agreements; ``day_read`` gives the last day that is read of each."""
    reports = []
    for agreement in agreements:
        until = day_read(agreement, last) or last
        reports.append(
            report(
                agreement,
                first=min(first, until),
                last=until,
                today=today,
                at=at,
                rows_of=rows_of,
            )
        )
    return Paper(Kind(kind), first, last, today, tuple(reports))


def usual_period(kind: str, today: date) -> tuple[date, date]:
    """The period asked by default: this year up to today; for a bulletin the last whole quarter."""
    if kind == Kind.IMPLEMENTATION:
        return date(today.year, 1, 1), today
    begun = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    return add_months(begun, -3), begun - timedelta(days=1)


def bulletin_agreements(rows: Any, last: date) -> Any:
    """Those of the agreements that a bulletin speaks of: signed by then, and not ended before."""
    ended = Q(ended_on__isnull=True) | Q(ended_on__gt=last)
    signed = Q(signed_on__lte=last) | Q(signed_on__isnull=True, status__in=ALIVE)
    return rows.filter(signed & ended).order_by("reference")


def report(
    agreement: Agreement, *, first: date, last: date, today: date, at: datetime, rows_of: Rows
) -> Report:
    """How the agreement was carried out in the period, in a constant number of queries.

    ``at`` is the moment after which consultations are still to come.
    """
    tasks = rows_of(Task).filter(agreement=agreement).order_by("number")
    entries = tuple(ledger(tasks, on=last, today=today, rows_of=rows_of))
    eve = first - timedelta(days=1)
    earlier = {one.task.pk: one for one in ledger(tasks, on=eve, today=today, rows_of=rows_of)}
    counted = tuple(one for one in entries if one.task.status != Status.CANCELLED)
    moved = tuple(
        rows_of(DateChange)
        .filter(task__agreement=agreement, decided_on__gte=first, decided_on__lte=last)
        .select_related("task")
        .order_by("decided_on", "pk")
    )
    series = list(
        rows_of(ConsultationSeries).filter(agreement=agreement).select_related("agreement")
    )
    after = last + timedelta(days=1)
    seen = rows_of(Consultation).filter(agreement=agreement)
    kept = together(reckoned(series, first, after, last, among=seen).values())
    return Report(
        agreement=agreement,
        first=first,
        last=last,
        entries=entries,
        standing=standing_of(entries),
        before=standing_of(earlier.values()).progress,
        stock=stock(entries, counted),
        flow=flow(counted, moved, first, last),
        parties=by_party(entries, first, last),
        quantities=quantities(counted, earlier),
        late=lit(entries, Light.OVERDUE),
        at_risk=lit(entries, Light.AT_RISK),
        moved=moved,
        terms=tuple(_terms(agreement, first, last, rows_of)),
        handovers=tuple(
            rows_of(Handover)
            .filter(rotation__agreement=agreement)
            .filter(boundary_on__gte=first, boundary_on__lte=last)
            .order_by("boundary_on", "pk")
        ),
        covers=tuple(coverage(rows_of(Party).filter(agreement=agreement), last, rows_of=rows_of)),
        promised=Promised(*kept) if kept else None,
        meetings=tuple(_meetings(seen, first, last, rows_of)),
        decisions=tuple(_decisions(agreement, first, last, rows_of)),
        coming=tuple(_coming(agreement, counted, first, last, rows_of)),
        matters=tuple(matters(agreement, on=last, at=at, rows_of=rows_of)) if last == today else (),
    )


# mechanisms


def _terms(agreement: Agreement, first: date, last: date, rows_of: Rows) -> Any:
    seen = rows_of(Organization).values("pk")
    holders = TermHolder.objects.filter(organization__in=seen).select_related("organization")
    return (
        rows_of(ConvenorTerm)
        .filter(rotation__agreement=agreement, rotation__group__isnull=True)
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gt=first), starts_on__lte=last)
        .select_related("rotation", "person")
        .prefetch_related(Prefetch("holdings", holders))
        .order_by("starts_on", "pk")
    )


def _meetings(seen: Any, first: date, last: date, rows_of: Rows) -> Any:
    decided = (
        rows_of(Decision)
        .filter(consultation__in=seen.values("pk"))
        .order_by()
        .values_list("consultation")
        .annotate(number=Count("pk"))
    )
    numbers = dict(decided)
    held = (
        seen.filter(status=ConsultationStatus.CLOSED, held_on__gte=first, held_on__lte=last)
        .select_related("series", "group", "host", "agreement")
        .order_by("held_on", "pk")
    )
    for one in held:
        one.decided = numbers.get(one.pk, 0)
        yield one


def _decisions(agreement: Agreement, first: date, last: date, rows_of: Rows) -> Any:
    found = (
        rows_of(Decision)
        .filter(agreement=agreement, decided_on__gte=first, decided_on__lte=last)
        .with_standing()
        .prefetch_related(Prefetch("tasks", rows_of(Task).select_related("agreement")))
        .order_by("year", "number")
    )
    for one in found:
        one.standing_label = DecisionStanding(one.standing).label
        yield one


def _coming(
    agreement: Agreement, counted: Iterable[Entry], first: date, last: date, rows_of: Rows
) -> list[Due]:
    """What falls due in a time as long as the period, behind it."""
    until = last + (last - first) + timedelta(days=1)
    eve = last + timedelta(days=1)
    found = [
        Due(one.task.due_on, str(one.task), one)
        for one in counted
        if one.is_open and one.task.due_on and eve <= one.task.due_on <= until
    ]
    milestones = rows_of(Milestone).filter(agreement=agreement, due_on__gte=eve, due_on__lte=until)
    found += [
        Due(one.due_on, str(one), None)
        for one in milestones.exclude(reached_on__lte=last).order_by("due_on", "pk")
    ]
    return sorted(found, key=lambda one: one.on)


# in words


def _sentences(found: Report) -> list[str]:
    counted = found.standing.counted
    if not counted:
        return [_("No task stands under the agreement.")]
    lights = listed(
        labelled(one.label, one.number) for one in found.stock if one.key in LIGHTS and one.number
    )
    told = [
        ngettext(
            "On %(day)s %(number)s task stood under the agreement (%(lights)s).",
            "On %(day)s %(number)s tasks stood under the agreement (%(lights)s).",
            counted,
        )
        % {"day": day_text(found.last), "number": counted, "lights": lights},
        _("Their progress was %(now)s%%, after %(before)s%% when the period began.")
        % {"now": _percent(found.standing.progress), "before": _percent(found.before)},
    ]
    if found.standing.expected is not None:
        told.append(
            _("By the time passed, %(expected)s%% was to be expected.")
            % {"expected": _percent(found.standing.expected)}
        )
    told.append(
        _(
            "In the period: %(completed)s completed, %(due)s fell due (%(missed)s not done in"
            " time), %(reported)s reported on."
        )
        % {key: found.flowed(key).number for key in ("completed", "due", "missed", "reported")}
    )
    if found.promised is not None:
        told.append(
            _("Consultations: %(held)s held of %(promised)s promised.")
            % {"promised": found.promised.promised, "held": found.promised.held}
        )
    return told


def _percent(share: int | None) -> int:
    return round((share or 0) / 100)
