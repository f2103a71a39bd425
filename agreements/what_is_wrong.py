"""What is wrong with an agreement on a day, in sentences, and who can mend it.

Counted over what exists for whoever asks: ``rows_of`` gives it.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Count, Model, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from actors.organization import Organization
from agreements.agreement import Agreement
from agreements.mechanisms.cadence_alarm import missed, owing
from agreements.mechanisms.consultation import Consultation
from agreements.mechanisms.consultation_hosts import hosts_of
from agreements.mechanisms.consultation_series import ConsultationSeries
from agreements.mechanisms.convenor_terms import ConvenorTerm
from agreements.mechanisms.handover import Handover, Side
from agreements.mechanisms.held_as_promised import Reckoning
from agreements.mechanisms.liaison_coverage import uncovered, uncovered_soon
from agreements.mechanisms.liaison_officer import ALIVE, LiaisonAppointment
from agreements.mechanisms.minutes import MINUTES_DUE_DAYS, undelivered
from agreements.mechanisms.rotating_convenor import Rotation
from agreements.mechanisms.special_group import SpecialGroup
from agreements.party import Party
from agreements.progress import Light
from agreements.tasks import Task
from governance.wording import day_text

EXPIRY_NEAR = timedelta(days=90)

Rows = Callable[[type[Model]], Any]


@dataclass(frozen=True, slots=True)
class Matter:
    """Something that needs a hand.

    ``kind`` is a stable word for programs; ``about`` is what it is about, ``part`` the part of the
    agreement in which one sees to it. ``menders`` are the organizations that can, beside the
    secretariat, which always can.
    """

    kind: str
    sentence: str
    about: Any
    part: str
    menders: tuple[Organization, ...] = ()


class _Found(NamedTuple):
    """A matter before it is known which of its menders, here their ids, exist for the reader."""

    kind: str
    sentence: str
    about: Any
    part: str
    menders: tuple[str, ...] = ()


def matters(agreement: Agreement, *, on: date, at: datetime, rows_of: Rows) -> list[Matter]:
    """What is wrong with the agreement on the day ``on``; nothing when it is not alive.

    ``at`` is the moment after which consultations are still to come.
    """
    if agreement.status not in ALIVE:
        return []
    found = [
        *_of_term(agreement, on),
        *_of_tasks(agreement, on, rows_of),
        *_of_convenor(agreement, on, rows_of),
        *_of_handovers(agreement, on, rows_of),
        *_of_liaison(agreement, on, rows_of),
        *_of_consultations(agreement, on, at, rows_of),
        *_of_minutes(agreement, on, rows_of),
        *_of_groups(agreement, on, rows_of),
    ]
    ids = {key for one in found for key in one.menders}
    known = {str(one.public_id): one for one in rows_of(Organization).filter(public_id__in=ids)}
    return [
        Matter(*one[:4], tuple(known[key] for key in one.menders if key in known)) for one in found
    ]


def _ids(organizations: Iterable[Organization | None]) -> tuple[str, ...]:
    return tuple(str(one.public_id) for one in organizations if one is not None)


def _of_term(agreement: Agreement, on: date) -> list[_Found]:
    if agreement.expires_on is None or agreement.expires_on > on + EXPIRY_NEAR:
        return []
    kind, sentence = "expires_soon", _("The agreement expires on %(day)s.")
    if agreement.expires_on <= on:
        kind = "expired"
        sentence = _("The agreement expired on %(day)s, and its end is not recorded.")
    said = sentence % {"day": day_text(agreement.expires_on)}
    return [_Found(kind, said, agreement, "parties")]


def _of_tasks(agreement: Agreement, on: date, rows_of: Rows) -> list[_Found]:
    tasks = rows_of(Task).filter(agreement=agreement).with_light(on)
    counted = tasks.aggregate(
        late=Count("pk", filter=Q(light=Light.OVERDUE)),
        orphaned=Count("pk", filter=Q(needs_reassignment=True)),
        unled=Count("pk", filter=Q(lead__isnull=True)),
    )
    found = []
    if counted["late"]:
        sentence = ngettext(
            "%(number)s task is overdue.", "%(number)s tasks are overdue.", counted["late"]
        )
        late = tasks.filter(light=Light.OVERDUE, lead__isnull=False)
        leads = Organization.objects.filter(pk__in=late.order_by().values("lead"))
        said = sentence % {"number": counted["late"]}
        menders = _ids(leads.order_by("name", "pk"))
        found.append(_Found("tasks_overdue", said, agreement, "tasks", menders))
    if counted["orphaned"]:
        sentence = ngettext(
            "%(number)s task needs another organization.",
            "%(number)s tasks need another organization.",
            counted["orphaned"],
        )
        said = sentence % {"number": counted["orphaned"]}
        found.append(_Found("tasks_to_reassign", said, agreement, "tasks"))
    if counted["unled"]:
        sentence = ngettext(
            "%(number)s task has no lead organization.",
            "%(number)s tasks have no lead organization.",
            counted["unled"],
        )
        said = sentence % {"number": counted["unled"]}
        found.append(_Found("tasks_without_lead", said, agreement, "tasks"))
    return found


def _of_convenor(agreement: Agreement, on: date, rows_of: Rows) -> list[_Found]:
    rotations = rows_of(Rotation).filter(agreement=agreement, group__isnull=True)
    holding = (
        rows_of(ConvenorTerm).current(on).filter(rotation__in=rotations, holders__isnull=False)
    )
    if holding.exists():
        return []
    if not rotations.exists():
        sentence = _("It is not known how the convenor rotates.")
        return [_Found("no_rotation", sentence, agreement, "rotation")]
    sentence = _("Nobody is known to convene today.")
    return [_Found("nobody_convenes", sentence, agreement, "rotation")]


def _of_handovers(agreement: Agreement, on: date, rows_of: Rows) -> list[_Found]:
    late = rows_of(Handover).filter(rotation__agreement=agreement).late(on)
    return [
        _Found(
            "handover_late",
            _("The handover of %(boundary)s was to be signed by %(day)s, and is not.")
            % {"boundary": day_text(handover.boundary_on), "day": day_text(handover.due_on)},
            handover,
            "rotation",
            _unsigned(handover),
        )
        for handover in late.order_by("due_on", "pk")
    ]


def _unsigned(handover: Handover) -> tuple[str, ...]:
    """The ids of those who have not signed yet."""
    signed = {
        Side.OUTGOING: handover.outgoing_signed_on,
        Side.INCOMING: handover.incoming_signed_on,
    }
    return tuple(
        one["id"] for side, day in signed.items() if day is None for one in handover.of(side)
    )


def _of_liaison(agreement: Agreement, on: date, rows_of: Rows) -> list[_Found]:
    if not rows_of(LiaisonAppointment).filter(party__agreement=agreement).exists():
        sentence = _("No party has named a liaison officer.")
        return [_Found("no_liaison_officer", sentence, agreement, "parties")]
    parties = rows_of(Party).filter(agreement=agreement).select_related("organization")
    missing = _("%(party)s has no liaison officer.")
    soon = _("%(party)s will have no liaison officer within 30 days.")
    told = (
        ("liaison_missing", missing, uncovered(parties, on)),
        ("liaison_missing_soon", soon, uncovered_soon(parties, on)),
    )
    return [
        _Found(
            kind,
            sentence % {"party": party.organization.label},
            party,
            "parties",
            _ids([party.organization]),
        )
        for kind, sentence, rows in told
        for party in rows
    ]


def _of_consultations(agreement: Agreement, on: date, at: datetime, rows_of: Rows) -> list[_Found]:
    promised = rows_of(ConsultationSeries).filter(agreement=agreement)
    seen = rows_of(Consultation)
    found = [_of_promise(reckoning, on) for reckoning in owing(promised, on, among=seen)]
    coming = seen.coming(at).filter(agreement=agreement)
    if not found and promised.exists() and not coming.exists():
        sentence = _("No consultation is planned.")
        return [_Found("no_consultation_planned", sentence, agreement, "consultations")]
    return found


def _of_promise(found: Reckoning, on: date) -> _Found:
    menders = _ids([found.series.host_on(on)])
    kind = "consultation_missed" if missed(found) else "consultation_owed"
    return _Found(kind, what_is_owed(found), found.series, "consultations", menders)


def what_is_owed(found: Reckoning) -> str:
    """What a series owes, in a sentence."""
    if missed(found):
        last = found.periods[-1]
        return _("%(series)s was not held as promised: %(held)s of %(due)s by %(day)s.") % {
            "series": found.series,
            "held": last.held,
            "due": last.promised,
            "day": day_text(last.ends_on - timedelta(days=1)),
        }
    assert found.running is not None
    return _("%(series)s is still owed by %(day)s, and no date is set.") % {
        "series": found.series,
        "day": day_text(found.running.ends_on - timedelta(days=1)),
    }


def _of_minutes(agreement: Agreement, on: date, rows_of: Rows) -> list[_Found]:
    owed = list(
        undelivered(rows_of(Consultation).filter(agreement=agreement), on)
        .select_related("series", "host", "agreement")
        .order_by("held_on", "pk")
    )
    hosts = hosts_of(owed)
    sentence = _(
        "The minutes of “%(consultation)s” are not circulated, %(days)s days and more after it."
    )
    return [
        _Found(
            "minutes_owed",
            sentence % {"consultation": one, "days": MINUTES_DUE_DAYS},
            one,
            "consultations",
            _ids([hosts.get(one.pk)]),
        )
        for one in owed
    ]


def _of_groups(agreement: Agreement, on: date, rows_of: Rows) -> list[_Found]:
    groups = rows_of(SpecialGroup).filter(agreement=agreement)
    told = (
        (
            "group_past_sunset",
            groups.past_sunset(on),
            _("The group “%(group)s” is past its sunset date and still open."),
        ),
        (
            "group_near_sunset",
            groups.near_sunset(on),
            _("The group “%(group)s” reaches its sunset within 30 days."),
        ),
        (
            "group_without_lead",
            groups.leaderless(on),
            _("The group “%(group)s” needs another lead organization."),
        ),
    )
    return [
        _Found(kind, sentence % {"group": group}, group, "groups")
        for kind, rows, sentence in told
        for group in rows.order_by("pk")
    ]
