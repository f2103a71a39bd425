"""What waits for the reader of meetings: to call, to answer, to register, to write, to confirm."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from actors.models import Organization
from agreements.mechanisms.agenda_rules import Status as ItemStatus
from agreements.mechanisms.consultation_hosts import hosts_of
from agreements.mechanisms.minutes import MINUTES_DUE_DAYS
from agreements.mechanisms.minutes import Status as MinutesStatus
from agreements.mechanisms.regular_consultation import TO_COME, Status
from agreements.models import (
    AgendaItem,
    Attendance,
    Confirmation,
    Consultation,
    GroupMembership,
    Minutes,
    Party,
)
from agreements.party import SIGNING_ROLES, parties_among
from agreements.portal.attendance_shown import attendance_path
from agreements.portal.consultation_action import meeting_path
from agreements.portal.minutes_shown import minutes_path, minutes_verb_path
from agreements.portal.regular_consultation import consultation_path
from governance.access import own_organizations, visible_to

# How long before its day a host is asked to call a consultation.
CALL_DAYS = 30
# How far back a consultation without approved minutes is looked for.
LOOKED_BACK = timedelta(days=366)
MOST = 60


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing asked of the reader. ``by``: until when; None: no day is set for it."""

    consultation: Consultation
    says: Any
    label: Any
    path: str
    by: date | None
    is_late: bool


class _Facts:
    """What has to be known of these consultations, in a constant number of queries."""

    def __init__(self, user: Any, consultations: list[Consultation], on: date) -> None:
        self.own = set(own_organizations(user))
        self.hosts = hosts_of(consultations)
        to_come = [one.pk for one in consultations if one.status in TO_COME]
        self.proposed = dict(
            visible_to(user, AgendaItem)
            .filter(consultation__in=to_come, status=ItemStatus.PROPOSED)
            .order_by()
            .values_list("consultation")
            .annotate(number=Count("pk"))
        )
        self.listed = set(
            Attendance.objects.filter(consultation__in=to_come).values_list(
                "consultation", "organization"
            )
        )
        self.minutes = {
            one.consultation_id: one
            for one in visible_to(user, Minutes).filter(consultation__in=consultations)
        }
        self.said = set(
            Confirmation.objects.filter(minutes__in=self.minutes.values()).values_list(
                "minutes", "organization", "sha256"
            )
        )
        self._parties: dict[int, list[Party]] = {}
        mine = Party.objects.current(on).filter(parties_among(list(self.own)))
        for party in mine.filter(
            agreement__in={one.agreement_id for one in consultations}
        ).select_related("organization"):
            self._parties.setdefault(party.agreement_id, []).append(party)
        self._members: dict[int, list[Organization]] = {}
        for member in (
            GroupMembership.objects.current(on)
            .filter(group__in={one.group_id for one in consultations if one.group_id})
            .select_related("organization")
        ):
            self._members.setdefault(member.group_id, []).append(member.organization)

    def hosts_it(self, consultation: Consultation) -> bool:
        """Whether the reader's organization is its host."""
        host = self.hosts.get(consultation.pk)
        return host is not None and host.pk in self.own

    def speaks_for(self, consultation: Consultation, *, voiced: bool) -> Iterator[Organization]:
        """The reader's organizations that take part; ``voiced``: with a voice in it."""
        parties = self._parties.get(consultation.agreement_id, [])
        if consultation.group_id is None:
            for party in parties:
                if not voiced or party.role in SIGNING_ROLES:
                    yield party.organization
            return
        signed_for = {party.organization_id for party in parties}
        for organization in self._members.get(consultation.group_id, []):
            if organization.pk in self.own | signed_for:
                yield organization


def matters_of_meetings(user: Any, on: date) -> list[Matter]:
    """What the reader's organizations are asked for, the most pressing first."""
    if not own_organizations(user):
        return []
    minded = Q(status__in=TO_COME) | Q(status=Status.CLOSED, held_on__gte=on - LOOKED_BACK) & ~Q(
        minutes__status=MinutesStatus.APPROVED
    )
    consultations = list(
        visible_to(user, Consultation)
        .filter(minded, agreement__ended_on__isnull=True)
        .filter(Q(starts_at__isnull=True) | Q(starts_at__date__lte=on + timedelta(days=90)))
        .select_related("agreement", "group", "host", "series__host", "series__rotation")
        .order_by("-starts_at")[:MOST]
    )
    if not consultations:
        return []
    facts = _Facts(user, consultations, on)
    found = [matter for one in consultations for matter in _of(one, facts, on)]
    return sorted(found, key=lambda one: (not one.is_late, one.by is None, one.by or on))


def _of(one: Consultation, facts: _Facts, on: date) -> Iterable[Matter]:
    if one.status == Status.CLOSED:
        yield from _of_minutes(one, facts, on)
        return
    day, hosting = one.day, facts.hosts_it(one)
    if one.status == Status.CONVENED and hosting and day is not None and day <= on:
        says: Any = _("It is today.") if day == on else _("It is past its day and not closed.")
        yield Matter(one, says, _("Run the meeting"), meeting_path(one), day, day < on)
    elif one.status == Status.CONVENED and (day is None or day >= on):
        for organization in facts.speaks_for(one, voiced=False):
            if (one.pk, organization.pk) not in facts.listed:
                path = attendance_path(one, organization)
                says = _("Who comes for %(organization)s?") % {"organization": organization.label}
                yield Matter(one, says, _("Register attendance"), path, day, is_late=False)
    elif hosting and day is not None and on <= day <= on + timedelta(days=CALL_DAYS):
        path = consultation_path(one, "convene")
        yield Matter(one, _("You host it."), _("Call consultation"), path, day, is_late=False)
    waiting = facts.proposed.get(one.pk, 0)
    if hosting and waiting:
        says = ngettext(
            "%(number)s proposal for the agenda waits for an answer.",
            "%(number)s proposals for the agenda wait for an answer.",
            waiting,
        ) % {"number": waiting}
        path = f"{consultation_path(one)}#proposals"
        yield Matter(one, says, _("Answer proposals"), path, day, is_late=False)


def _of_minutes(one: Consultation, facts: _Facts, on: date) -> Iterable[Matter]:
    minutes = facts.minutes.get(one.pk)
    held = one.held_on or one.day
    by = held + timedelta(days=MINUTES_DUE_DAYS) if held is not None else None
    late = by is not None and by < on
    if minutes is None:
        if facts.hosts_it(one):
            path = minutes_path(one, "write")
            says = _("Its minutes are not written.")
            yield Matter(one, says, _("Write the minutes"), path, by, late)
        return
    minutes.consultation = one
    if minutes.status == MinutesStatus.DRAFTED and facts.hosts_it(one):
        path = minutes_verb_path(minutes, "circulate")
        says = _("Its minutes are drafted and nobody was sent them.")
        yield Matter(one, says, _("Circulate minutes"), path, by, late)
    if minutes.status == MinutesStatus.CIRCULATED:
        missing = [
            organization
            for organization in facts.speaks_for(one, voiced=True)
            if (minutes.pk, organization.pk, minutes.sha256) not in facts.said
        ]
        if missing:
            until = minutes.silence_until
            yield Matter(
                one,
                _("Its minutes wait for your word."),
                _("Confirm the minutes"),
                minutes_verb_path(minutes, "confirm"),
                until,
                until is not None and until < on,
            )
