"""What is wrong with an agreement, in sentences, as far as the reader may see it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from agreements.agreement import Status
from agreements.mechanisms.cadence_alarm import missed, owing
from agreements.mechanisms.held_as_promised import Reckoning
from agreements.mechanisms.liaison_officer import uncovered, uncovered_soon
from agreements.models import (
    Agreement,
    Consultation,
    ConsultationSeries,
    ConvenorTerm,
    Handover,
    LiaisonAppointment,
    Party,
    Rotation,
    SpecialGroup,
    Task,
)
from agreements.progress import Light
from governance import clock
from governance.access import visible_to
from governance.templatetags.words import day

_ALIVE = frozenset({Status.SIGNED, Status.IN_FORCE, Status.SUSPENDED})
EXPIRY_NEAR = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Matter:
    """Something that needs a hand: a sentence, and the page on which one sees to it."""

    sentence: str
    address: str


def matters(agreement: Agreement, user: Any, on: date) -> list[Matter]:
    """What is wrong with the agreement on the day ``on``; nothing when it is not alive."""
    if agreement.status not in _ALIVE:
        return []
    return [
        *_of_term(agreement, on),
        *_of_tasks(agreement, user, on),
        *_of_convenor(agreement, user, on),
        *_of_handovers(agreement, user, on),
        *_of_liaison(agreement, user, on),
        *_of_consultations(agreement, user, on),
        *_of_groups(agreement, user, on),
    ]


def _tab(agreement: Agreement, tab: str, query: str = "") -> str:
    return reverse(f"agreement_{tab}", kwargs={"id": agreement.public_id}) + query


def _of_term(agreement: Agreement, on: date) -> list[Matter]:
    if agreement.expires_on is None or agreement.expires_on > on + EXPIRY_NEAR:
        return []
    sentence = _("The agreement expires on %(day)s.")
    if agreement.expires_on <= on:
        sentence = _("The agreement expired on %(day)s, and its end is not recorded.")
    return [Matter(sentence % {"day": day(agreement.expires_on)}, _tab(agreement, "parties"))]


def _of_tasks(agreement: Agreement, user: Any, on: date) -> list[Matter]:
    tasks = visible_to(user, Task).filter(agreement=agreement).with_light(on)
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
        found.append(
            Matter(
                sentence % {"number": counted["late"]},
                _tab(agreement, "tasks", f"?light={Light.OVERDUE}"),
            )
        )
    if counted["orphaned"]:
        sentence = ngettext(
            "%(number)s task needs another organization.",
            "%(number)s tasks need another organization.",
            counted["orphaned"],
        )
        found.append(Matter(sentence % {"number": counted["orphaned"]}, _tab(agreement, "tasks")))
    if counted["unled"]:
        sentence = ngettext(
            "%(number)s task has no lead organization.",
            "%(number)s tasks have no lead organization.",
            counted["unled"],
        )
        found.append(Matter(sentence % {"number": counted["unled"]}, _tab(agreement, "tasks")))
    return found


def _of_convenor(agreement: Agreement, user: Any, on: date) -> list[Matter]:
    rotations = visible_to(user, Rotation).filter(agreement=agreement, group__isnull=True)
    holding = (
        visible_to(user, ConvenorTerm)
        .current(on)
        .filter(rotation__in=rotations, holders__isnull=False)
    )
    if holding.exists():
        return []
    sentence = _("Nobody is known to convene today.")
    if not rotations.exists():
        sentence = _("It is not known how the convenor rotates.")
    return [Matter(sentence, _tab(agreement, "rotation"))]


def _of_handovers(agreement: Agreement, user: Any, on: date) -> list[Matter]:
    late = visible_to(user, Handover).filter(rotation__agreement=agreement).late(on)
    return [
        Matter(
            _("The handover of %(boundary)s was to be signed by %(day)s, and is not.")
            % {"boundary": day(handover.boundary_on), "day": day(handover.due_on)},
            reverse("handover", kwargs={"id": handover.public_id}),
        )
        for handover in late.order_by("due_on", "pk")
    ]


def _of_liaison(agreement: Agreement, user: Any, on: date) -> list[Matter]:
    if not visible_to(user, LiaisonAppointment).filter(party__agreement=agreement).exists():
        return [Matter(_("No party has named a liaison officer."), _tab(agreement, "parties"))]
    parties = visible_to(user, Party).filter(agreement=agreement).select_related("organization")
    found = [
        Matter(
            _("%(party)s has no liaison officer.") % {"party": party.organization.label},
            _tab(agreement, "parties"),
        )
        for party in uncovered(parties, on)
    ]
    found += [
        Matter(
            _("%(party)s will have no liaison officer within 30 days.")
            % {"party": party.organization.label},
            _tab(agreement, "parties"),
        )
        for party in uncovered_soon(parties, on)
    ]
    return found


def _of_consultations(agreement: Agreement, user: Any, on: date) -> list[Matter]:
    promised = visible_to(user, ConsultationSeries).filter(agreement=agreement)
    seen = visible_to(user, Consultation)
    address = _tab(agreement, "consultations")
    found = [
        Matter(_what_is_owed(reckoning), address) for reckoning in owing(promised, on, among=seen)
    ]
    coming = seen.coming(clock.now()).filter(agreement=agreement)
    if not found and promised.exists() and not coming.exists():
        return [Matter(_("No consultation is planned."), address)]
    return found


def _what_is_owed(found: Reckoning) -> str:
    if missed(found):
        last = found.periods[-1]
        return _("%(series)s was not held as promised: %(held)s of %(due)s by %(day)s.") % {
            "series": found.series,
            "held": last.held,
            "due": last.promised,
            "day": day(last.ends_on - timedelta(days=1)),
        }
    assert found.running is not None
    return _("%(series)s is still owed by %(day)s, and no date is set.") % {
        "series": found.series,
        "day": day(found.running.ends_on - timedelta(days=1)),
    }


def _of_groups(agreement: Agreement, user: Any, on: date) -> list[Matter]:
    groups = visible_to(user, SpecialGroup).filter(agreement=agreement)
    told = (
        (
            groups.past_sunset(on),
            _("The group “%(group)s” is past its sunset date and still open."),
        ),
        (groups.near_sunset(on), _("The group “%(group)s” reaches its sunset within 30 days.")),
        (groups.leaderless(on), _("The group “%(group)s” needs another lead organization.")),
    )
    return [
        Matter(
            sentence % {"group": group},
            reverse("group", kwargs={"id": group.public_id}),
        )
        for rows, sentence in told
        for group in rows
    ]
