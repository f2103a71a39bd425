"""What stands in a calendar: consultations, and as whole days convenor terms, milestones, tasks.

What exists for the reader is given from outside: ``see(Model)`` are the rows of a model that the
reader may see. So a feed, the calendar page and a download show the same, by one rule.

A series with a rule is written as one recurring event, from the first of its consultations known
here to the last one, and each of them as an occurrence of it (RECURRENCE-ID) with its own host,
place and state, wherever it was moved: that is what all calendar programs understand, and a
recurring event alone could tell neither. Where a moment of the rule has no consultation, it is
left out (EXDATE). One that the rule does not yield any more, one whose day a host set, and an
extraordinary one are events of their own. Who was invited by mail has that invitation under the
consultation's own UID: calendars that one subscribes to are kept apart from it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.db.models import Model, Q
from django.utils.translation import gettext as _

from actors.organization import Organization
from agreements.agreement import Agreement
from agreements.mechanisms import occurrences
from agreements.mechanisms.consultation import Consultation
from agreements.mechanisms.consultation_hosts import hosts_of
from agreements.mechanisms.consultation_series import ConsultationSeries
from agreements.mechanisms.convenor_terms import ConvenorTerm, TermHolder
from agreements.mechanisms.invitations import entry_of, in_calendar, uid_of
from agreements.mechanisms.regular_consultation import Status
from agreements.mechanisms.special_group import GroupMembership
from agreements.party import Party, parties_among
from agreements.tasks import Task
from agreements.timetable import Milestone
from governance.ics import Entry
from governance.periods import add_months
from governance.wording import labelled, listed

See = Callable[[type[Model]], Any]
# How far a calendar reaches back, and how far ahead terms are shown.
BACK_MONTHS, AHEAD_MONTHS = 12, 24
# The number of a recurring event counts the seconds from here to its last change.
_BEGAN = datetime(2020, 1, 1, tzinfo=UTC)
# Until so long after its day a cancelled one is told as cancelled, so that programs take it out.
CANCELLED_KEPT = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Scope:
    """What a calendar is about: these organizations, or this agreement; neither: everything."""

    see: See
    organizations: tuple[int, ...] | None = None
    agreement: int | None = None

    def of_agreements(self, rows: Any, path: str = "agreement") -> Any:
        """The rows of the agreements that it is about."""
        if self.agreement is not None:
            return rows.filter(**{path: self.agreement})
        if self.organizations is None:
            return rows
        mine = Party.objects.filter(parties_among(list(self.organizations)))
        return rows.filter(**{f"{path}__in": mine.values("agreement")})

    def consultations(self, start: date) -> list[Consultation]:
        """Those since ``start``, and those without a day; a group's for whoever belongs to it."""
        rows = self.see(Consultation)
        if self.agreement is None and self.organizations is not None:
            mine = self.of_agreements(self.see(Agreement), "pk")
            groups = GroupMembership.objects.filter(organization__in=self.organizations)
            rows = rows.filter(
                Q(agreement__in=mine.values("pk"), group__isnull=True)
                | Q(group__in=groups.values("group"))
            )
        else:
            rows = self.of_agreements(rows)
        begin = datetime.combine(start, time(), tzinfo=UTC)
        return list(
            rows.filter(
                Q(starts_at__gte=begin)
                | Q(held_on__gte=start)
                | Q(starts_at__isnull=True, rule_at__gte=begin)
            )
            .select_related("agreement", "series__host", "series__rotation", "host", "group")
            .order_by("starts_at", "pk")
        )

    def hosts(self, rows: Sequence[Consultation]) -> dict[int, Organization | None]:
        """Who hosts each, as far as the reader may know."""
        found = hosts_of(rows)
        keys = {host.pk for host in found.values() if host is not None}
        seen = set(self.see(Organization).filter(pk__in=keys).values_list("pk", flat=True))
        return {key: host if host and host.pk in seen else None for key, host in found.items()}

    def terms(self, on: date) -> list[Any]:
        """The terms of convenors from a year ago to two years ahead, with who serves them."""
        rows = self.see(ConvenorTerm).filter(
            Q(ends_on__isnull=True) | Q(ends_on__gt=add_months(on, -BACK_MONTHS)),
            starts_on__lt=add_months(on, AHEAD_MONTHS),
        )
        seen = TermHolder.objects.filter(organization__in=self.see(Organization).values("pk"))
        if self.agreement is not None:
            rows = rows.filter(rotation__agreement=self.agreement, rotation__group__isnull=True)
        elif self.organizations is not None:
            mine = seen.filter(organization__in=self.organizations)
            rows = rows.filter(pk__in=mine.values("term"))
        found = list(rows.select_related("rotation__agreement").order_by("starts_on", "pk"))
        holders: dict[int, list[str]] = {}
        held = seen.filter(term__in=[term.pk for term in found]).select_related("organization")
        for one in held.order_by("position", "pk"):
            holders.setdefault(one.term_id, []).append(one.organization.label)
        for term in found:
            term.serving = holders.get(term.pk, [])
        return [term for term in found if term.serving]

    def milestones(self, on: date) -> list[Milestone]:
        """The milestones with a day, since a year ago."""
        rows = self.of_agreements(self.see(Milestone))
        dated = rows.filter(due_on__gte=add_months(on, -BACK_MONTHS))
        return list(dated.select_related("agreement").order_by("due_on", "pk"))

    def tasks(self, on: date) -> list[Task]:
        """The open tasks with a due date: one's own, or all of the agreement."""
        rows = self.see(Task).open().filter(due_on__isnull=False)
        if self.agreement is not None:
            rows = rows.filter(agreement=self.agreement)
        elif self.organizations is not None:
            helping = Task.cooperating.through.objects.filter(organization__in=self.organizations)
            rows = rows.filter(Q(lead__in=self.organizations) | Q(pk__in=helping.values("task")))
        return list(rows.select_related("agreement").order_by("due_on", "pk"))


def entries(
    scope: Scope, on: date, *, terms: bool = False, milestones: bool = False, tasks: bool = False
) -> list[Entry]:
    """Everything that stands in the calendar, in a constant number of queries."""
    found = consultation_entries(scope, on)
    if terms:
        found += [_term(one) for one in scope.terms(on)]
    if milestones:
        found += [_day(one, one.due_on, _("Milestone")) for one in scope.milestones(on)]
    if tasks:
        found += [_day(one, one.due_on, _("Task due")) for one in scope.tasks(on)]
    return found


def consultation_entries(scope: Scope, on: date) -> list[Entry]:
    """The consultations since a year ago."""
    rows = scope.consultations(add_months(on, -BACK_MONTHS))
    hosts = scope.hosts(rows)
    by_series: dict[int, list[Consultation]] = {}
    for one in rows:
        if one.series is not None and one.series.rrule and one.rule_at is not None:
            by_series.setdefault(one.series.pk, []).append(one)
    found: list[Entry] = []
    recurring: set[int] = set()
    for several in by_series.values():
        head, members = _recurring(several, hosts, on)
        recurring |= members
        found += head
    found += [
        entry_of(one, hosts[one.pk])
        for one in rows
        if one.pk not in recurring and in_calendar(one)[0] is not None and not _is_stale(one, on)
    ]
    return found


def _is_stale(one: Consultation, on: date) -> bool:
    """Whether it was cancelled so long ago that every program has taken it out."""
    day = one.day
    return one.status == Status.CANCELLED and day is not None and day + CANCELLED_KEPT < on


def _recurring(
    rows: list[Consultation], hosts: dict[int, Any], on: date
) -> tuple[list[Entry], set[int]]:
    """The recurring event of a series with its occurrences; the consultations that these are."""
    series = rows[0].series
    assert series is not None
    places = {one.rule_at: one for one in rows if one.rule_at is not None}
    first, last = min(places), max(places)
    zone = series.zone
    yielded = series.occurrences(
        first.astimezone(zone).date(), last.astimezone(zone).date() + timedelta(days=1)
    )
    members = [places[moment] for moment in yielded if moment in places]
    if not members:
        return [], set()
    gone = [moment for moment in yielded if moment not in places or _is_stale(places[moment], on)]
    first, last = yielded[0], yielded[-1]
    changed_at = max(series.changed_at, *(one.changed_at for one in rows))
    until = last.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    head = entry_of(
        members[0],
        None,
        uid=uid_of(series),
        summary=str(series),
        starts=_wall(series, first),
        ends=_wall(series, first) + series.duration,
        status="CONFIRMED",
        location="",
        description=str(series.agreement),
        url="",
        changed_at=changed_at,
        sequence=int((changed_at - _BEGAN).total_seconds()),
        recurs=f"{occurrences.endless(series.rrule)};UNTIL={until}",
        without=tuple(_wall(series, moment) for moment in gone),
    )
    parts = [_occurrence(series, one, hosts[one.pk]) for one in members if not _is_stale(one, on)]
    return [head, *parts], {one.pk for one in members}


def _occurrence(series: ConsultationSeries, one: Consultation, host: Any) -> Entry:
    assert one.rule_at is not None
    facts: dict[str, Any] = {"uid": uid_of(series), "recurrence": _wall(series, one.rule_at)}
    if in_calendar(one)[0] is None:
        # Put off to a day still to be set: it is not where it was, and nowhere else yet.
        facts |= {"starts": _wall(series, one.rule_at), "ends": None, "status": "CANCELLED"}
    return entry_of(one, host, **facts)


def _wall(series: ConsultationSeries, moment: datetime) -> datetime:
    """The local time of an occurrence as the rule says it, even where the clocks skip it."""
    assert series.starts_at is not None
    return datetime.combine(moment.astimezone(series.zone).date(), series.starts_at)


def _term(term: Any) -> Entry:
    agreement = term.rotation.agreement
    return Entry(
        uid=uid_of(term),
        summary=_("%(name)s convenes") % {"name": listed(term.serving)},
        starts=term.starts_on,
        ends=term.ends_on,
        changed_at=term.changed_at,
        sequence=term.version,
        status="CONFIRMED" if term.state == "confirmed" else "TENTATIVE",
        description=f"{agreement} ({agreement.reference})",
        categories=(_("Convenor"),),
    )


def _day(noun: Any, day: Any, kind: str) -> Entry:
    agreement = noun.agreement
    return Entry(
        uid=uid_of(noun),
        summary=labelled(kind, noun),
        starts=day,
        ends=None,
        changed_at=noun.changed_at,
        sequence=noun.version,
        description=f"{agreement} ({agreement.reference})",
        categories=(kind,),
    )
