"""What needs a hand on a day, over all agreements: the same for the back office and the API.

Counted over what exists for whoever asks: ``rows_of`` gives it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from actors.organization import Organization
from agreements.agreement import Agreement
from agreements.agreement import Status as AgreementStatus
from agreements.extension_requests import ExtensionRequest
from agreements.mechanisms.agenda import AgendaItem
from agreements.mechanisms.agenda_rules import Status as ItemStatus
from agreements.mechanisms.cadence_alarm import missed, owing
from agreements.mechanisms.confirmations import Confirmation
from agreements.mechanisms.consultation import Consultation
from agreements.mechanisms.consultation_series import ConsultationSeries
from agreements.mechanisms.convenor_terms import ConvenorTerm, TermHolder
from agreements.mechanisms.decisions import Decision, Standing
from agreements.mechanisms.handover import Handover, Side
from agreements.mechanisms.held_as_promised import Reckoning
from agreements.mechanisms.liaison_attestation import LiaisonAttestation
from agreements.mechanisms.liaison_coverage import uncovered, uncovered_soon
from agreements.mechanisms.liaison_officer import ALIVE
from agreements.mechanisms.minutes import MINUTES_DUE_DAYS, Minutes, Stance, undelivered
from agreements.mechanisms.special_group import SpecialGroup
from agreements.party import Party
from agreements.progress import Light
from agreements.tasks import Status as TaskStatus
from agreements.tasks import Task
from agreements.what_is_wrong import EXPIRY_NEAR, Rows
from governance.wording import day_text, in_a_row, listed

# How many lines of each need are told.
SHOWN = 6
HANDOVER_DAYS = 30
COMING_DAYS = 14
IDLE_DAYS = 30


@dataclass(frozen=True, slots=True)
class Line:
    """One matter: what it is, what is the matter with it, and the object it is about."""

    name: str
    says: str
    about: Any


@dataclass(frozen=True, slots=True)
class Need:
    """Matters of one kind; ``total`` may exceed the lines told. ``late``: it should be done."""

    key: str
    title: str
    lines: tuple[Line, ...]
    total: int
    late: bool = False


def needs(*, on: date, at: datetime, rows_of: Rows) -> list[Need]:
    """Everything that needs a hand on the day ``on``, those with nothing to do too.

    ``at`` is the moment after which consultations are still to come.
    """
    return [
        _overdue(on, rows_of),
        _to_verify(rows_of),
        _to_answer(rows_of),
        _to_reassign(rows_of),
        _expiring(on, rows_of),
        _without_liaison(on, rows_of),
        _without_liaison_soon(on, rows_of),
        _late_handovers(on, rows_of),
        _handovers(on, rows_of),
        _coming(on, at, rows_of),
        _owed(on, rows_of),
        _unanswered(rows_of),
        _minutes_owed(on, rows_of),
        _reserved(rows_of),
        _decisions("decisions_without_task", Standing.NO_TASK, rows_of),
        _decisions("decisions_open", Standing.OPEN, rows_of),
        _past_sunset(on, rows_of),
        _near_sunset(on, rows_of),
        _to_chase(on, rows_of),
        _idle_drafts(on, rows_of),
    ]


# tasks and agreements


def _overdue(on: date, rows_of: Rows) -> Need:
    """By agreement, the one with the most first."""
    late = rows_of(Task).open().with_light(on).filter(light=Light.OVERDUE)
    counted = dict(late.order_by().values_list("agreement").annotate(number=Count("pk")).order_by())
    by_key = rows_of(Agreement).in_bulk(counted)
    ordered = sorted(by_key.values(), key=lambda one: (-counted[one.pk], one.reference))
    lines = tuple(
        Line(
            str(one),
            ngettext("%(count)d task", "%(count)d tasks", counted[one.pk])
            % {"count": counted[one.pk]},
            one,
        )
        for one in ordered[:SHOWN]
    )
    return Need("tasks_overdue", _("Overdue tasks"), lines, sum(counted.values()), late=True)


def _to_verify(rows_of: Rows) -> Need:
    waiting = rows_of(Task).filter(status=TaskStatus.SUBMITTED).order_by("submitted_on", "id")
    lines = tuple(
        Line(str(one), _("submitted on %(day)s") % {"day": _day(one.submitted_on)}, one)
        for one in waiting[:SHOWN]
    )
    title = _("Tasks waiting for verification")
    return Need("tasks_to_verify", title, lines, waiting.count())


def _to_answer(rows_of: Rows) -> Need:
    waiting = (
        rows_of(ExtensionRequest)
        .waiting()
        .select_related("task", "asked_by")
        .order_by("asked_on", "id")
    )
    lines = tuple(
        Line(
            str(one.task),
            _("%(who)s, asked on %(day)s, until %(until)s")
            % {"who": one.asked_by.label, "day": _day(one.asked_on), "until": _day(one.due_on)},
            one,
        )
        for one in waiting[:SHOWN]
    )
    title = _("Requests for more time waiting for an answer")
    return Need("extensions_to_answer", title, lines, waiting.count())


def _to_reassign(rows_of: Rows) -> Need:
    flagged = (
        rows_of(Task).open().filter(needs_reassignment=True).select_related("lead", "agreement")
    )
    lines = tuple(Line(str(one), str(one.lead or one.agreement), one) for one in flagged[:SHOWN])
    title = _("Tasks that need another organization")
    return Need("tasks_to_reassign", title, lines, flagged.count(), late=True)


def _expiring(on: date, rows_of: Rows) -> Need:
    ending = expiring(rows_of(Agreement), on)
    lines = tuple(
        Line(str(one), _("expires on %(day)s") % {"day": _day(one.expires_on)}, one)
        for one in ending[:SHOWN]
    )
    title = _("Agreements that expire within 90 days")
    return Need("agreements_expiring", title, lines, ending.count())


def expiring(agreements: Any, on: date) -> Any:
    """Those alive whose term ends within ninety days, or has ended without being recorded."""
    soon = agreements.filter(status__in=ALIVE, expires_on__lte=on + EXPIRY_NEAR)
    return soon.order_by("expires_on", "pk")


def _idle_drafts(on: date, rows_of: Rows) -> Need:
    idle = idle_drafts(rows_of(Agreement), on)
    lines = tuple(
        Line(
            str(one) or one.reference,
            _("untouched since %(day)s") % {"day": _day(one.changed_at.date())},
            one,
        )
        for one in idle[:SHOWN]
    )
    return Need("drafts_idle", _("Drafts without progress"), lines, idle.count())


def idle_drafts(agreements: Any, on: date) -> Any:
    """Drafts that nobody has touched for thirty days."""
    long_ago = on - timedelta(days=IDLE_DAYS)
    drafts = agreements.filter(status=AgreementStatus.DRAFT)
    return drafts.filter(changed_at__date__lt=long_ago).order_by("changed_at")


# liaison officers and convenors


def _without_liaison(on: date, rows_of: Rows) -> Need:
    parties = uncovered(rows_of(Party), on)
    title = _("Parties without a liaison officer")
    return Need("liaison_missing", title, _parties(parties), parties.count(), late=True)


def _without_liaison_soon(on: date, rows_of: Rows) -> Need:
    parties = uncovered_soon(rows_of(Party), on)
    title = _("Liaison officers leaving within 30 days, nobody named")
    return Need("liaison_missing_soon", title, _parties(parties), parties.count())


def _parties(parties: Any) -> tuple[Line, ...]:
    ordered = parties.select_related("organization", "agreement").order_by("agreement", "position")
    return tuple(Line(str(one.organization), str(one.agreement), one) for one in ordered[:SHOWN])


def _to_chase(on: date, rows_of: Rows) -> Need:
    """Only those that were reminded already, or said no: the others have time to answer."""
    open_ones = rows_of(LiaisonAttestation).to_chase(on)
    chased = open_ones.exclude(answered_on__isnull=True, reminded_on__isnull=True)
    rows = chased.select_related("appointment__person", "appointment__party__organization")
    lines = tuple(
        Line(str(one.appointment), _("asked on %(day)s") % {"day": _day(one.asked_on)}, one)
        for one in rows[:SHOWN]
    )
    title = _("Liaison officers who do not answer")
    return Need("attestations_unanswered", title, lines, chased.count())


def _late_handovers(on: date, rows_of: Rows) -> Need:
    late = rows_of(Handover).late(on).select_related("rotation__agreement").order_by("due_on", "id")
    shown = list(late[:SHOWN])
    ids = {held["id"] for one in shown for side in Side for held in one.of(side)}
    known = {str(one.public_id): one for one in rows_of(Organization).filter(public_id__in=ids)}
    lines = tuple(
        Line(
            str(one.rotation.agreement),
            _("%(one)s to %(other)s, to be signed by %(day)s")
            % {
                "one": _names(one, Side.OUTGOING, known),
                "other": _names(one, Side.INCOMING, known),
                "day": _day(one.due_on),
            },
            one,
        )
        for one in shown
    )
    return Need("handovers_late", _("Late handovers"), lines, late.count(), late=True)


def _names(handover: Handover, side: Side, known: dict[str, Organization]) -> str:
    """Those of a side that exist for whoever asks."""
    held = (known.get(one["id"]) for one in handover.of(side))
    return listed(one.label for one in held if one is not None) or "—"


def _handovers(on: date, rows_of: Rows) -> Need:
    seen = TermHolder.objects.filter(organization__in=rows_of(Organization).values("pk"))
    holdings = Prefetch("holdings", seen.select_related("organization"))
    ending = (
        rows_of(ConvenorTerm)
        .filter(
            rotation__agreement__status__in=ALIVE,
            starts_on__lte=on,
            ends_on__gt=on,
            ends_on__lte=on + timedelta(days=HANDOVER_DAYS),
        )
        .select_related("rotation__agreement")
        .prefetch_related(holdings)
        .order_by("ends_on", "id")
    )
    shown = list(ending[:SHOWN])
    following = rows_of(ConvenorTerm).filter(
        rotation__in=[term.rotation_id for term in shown],
        starts_on__in=[term.ends_on for term in shown],
    )
    holders: dict[tuple[int, date], str] = {}
    for term in [*shown, *following.prefetch_related(holdings)]:
        names = listed(held.organization.label for held in term.holdings.all())
        holders[(term.rotation_id, term.starts_on)] = names or _("nobody yet")
    lines = tuple(
        Line(
            str(term.rotation.agreement),
            _("%(day)s: from %(one)s to %(other)s")
            % {
                "day": _day(term.ends_on),
                "one": holders[(term.rotation_id, term.starts_on)],
                "other": holders.get((term.rotation_id, term.ends_on), _("nobody yet")),
            },
            term.rotation,
        )
        for term in shown
    )
    return Need("handovers_near", _("Convenor hand-overs within 30 days"), lines, ending.count())


# consultations


def _coming(on: date, at: datetime, rows_of: Rows) -> Need:
    coming = (
        rows_of(Consultation)
        .coming(at)
        .filter(starts_at__date__lte=on + timedelta(days=COMING_DAYS))
        .select_related("agreement", "series")
    )
    lines = tuple(
        Line(str(one), f"{_day(one.day)} · {one.agreement}", one) for one in coming[:SHOWN]
    )
    title = _("Consultations within 14 days")
    return Need("consultations_coming", title, lines, coming.count())


def _owed(on: date, rows_of: Rows) -> Need:
    owed = owing_series(rows_of, on)
    lines = tuple(
        Line(str(one.series.agreement), _what_is_owed(one), one.series) for one in owed[:SHOWN]
    )
    return Need("consultations_owed", _("Consultations owed"), lines, len(owed), late=True)


def owing_series(rows_of: Rows, on: date) -> list[Reckoning]:
    """What series owe: their last whole period was not kept, or this one runs out unplanned."""
    series = rows_of(ConsultationSeries).order_by("agreement", "id")
    return owing(series, on, rows_of(Consultation))


def _what_is_owed(found: Reckoning) -> str:
    if missed(found):
        last = found.periods[-1]
        return _("%(held)d of %(times)d held by %(day)s") % {
            "held": last.held,
            "times": last.promised,
            "day": _day(last.ends_on - timedelta(days=1)),
        }
    assert found.running is not None
    return _("none planned by %(day)s") % {"day": _day(found.running.ends_on - timedelta(days=1))}


def _unanswered(rows_of: Rows) -> Need:
    waiting = (
        rows_of(AgendaItem)
        .filter(status=ItemStatus.PROPOSED, consultation__isnull=False)
        .select_related("consultation__series")
        .order_by("consultation__starts_at", "pk")
    )
    lines = tuple(Line(str(one), str(one.consultation), one) for one in waiting[:SHOWN])
    title = _("Proposals for an agenda without an answer")
    return Need("proposals_unanswered", title, lines, waiting.count())


def _minutes_owed(on: date, rows_of: Rows) -> Need:
    owed = (
        undelivered(rows_of(Consultation), on)
        .select_related("series", "agreement")
        .order_by("held_on", "pk")
    )
    lines = tuple(
        Line(str(one), _("held on %(day)s") % {"day": _day(one.held_on)}, one)
        for one in owed[:SHOWN]
    )
    title = _("Minutes not circulated %(days)s days after the consultation") % {
        "days": MINUTES_DUE_DAYS
    }
    return Need("minutes_owed", title, lines, owed.count(), late=True)


def _reserved(rows_of: Rows) -> Need:
    words = Confirmation.objects.filter(
        minutes=OuterRef("pk"), sha256=OuterRef("sha256"), stance=Stance.RESERVED
    )
    found = (
        rows_of(Minutes)
        .filter(Exists(words))
        .select_related("consultation__series")
        .order_by("-circulated_on", "pk")
    )
    lines = tuple(
        Line(str(one.consultation), one.get_status_display(), one) for one in found[:SHOWN]
    )
    return Need("minutes_reserved", _("Minutes with reservations"), lines, found.count())


def _decisions(key: str, standing: Standing, rows_of: Rows) -> Need:
    found = (
        rows_of(Decision)
        .with_standing()
        .filter(standing=standing)
        .select_related("agreement")
        .order_by("decided_on", "pk")
    )
    lines = tuple(
        Line(
            in_a_row([one, Truncator(one.wording).chars(60)]),
            _("decided on %(day)s") % {"day": _day(one.decided_on)},
            one,
        )
        for one in found[:SHOWN]
    )
    title = _("Decisions being carried out")
    if standing == Standing.NO_TASK:
        title = _("Decisions without a task")
    return Need(key, title, lines, found.count())


# special groups


def _past_sunset(on: date, rows_of: Rows) -> Need:
    past = rows_of(SpecialGroup).past_sunset(on).select_related("agreement")
    title = _("Groups past their sunset")
    return Need("groups_past_sunset", title, _groups(past), past.count())


def _near_sunset(on: date, rows_of: Rows) -> Need:
    near = rows_of(SpecialGroup).near_sunset(on).select_related("agreement")
    title = _("Groups that reach their sunset within 30 days")
    return Need("groups_near_sunset", title, _groups(near), near.count())


def _groups(groups: Any) -> tuple[Line, ...]:
    return tuple(
        Line(str(one), _("sunset on %(day)s") % {"day": _day(one.sunset_on)}, one)
        for one in groups.order_by("sunset_on", "pk")[:SHOWN]
    )


def _day(day: date | None) -> str:
    return day_text(day) if day else "—"
