"""Joining and leaving an agreement: what they mean for every noun, in one transaction."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from actors.organization import Organization
from agreements.entry_into_force import Rule
from agreements.mechanisms.consultation import Consultation
from agreements.mechanisms.consultation_series import ConsultationSeries
from agreements.mechanisms.convenor_binding import takes
from agreements.mechanisms.convenor_changes import Kind
from agreements.mechanisms.convenor_rule import OnAdmission, Order
from agreements.mechanisms.convenor_seats import Seat
from agreements.mechanisms.convenor_terms import convenor_term, first_holder
from agreements.mechanisms.liaison_officer import ALIVE, LiaisonAppointment, contact_on
from agreements.mechanisms.regular_consultation import TO_COME, HostRule
from agreements.mechanisms.regular_consultation import Status as ConsultationStatus
from agreements.mechanisms.rotating_convenor import HORIZON_MONTHS, Rotation
from agreements.mechanisms.rotation_order import SeatOrder
from agreements.mechanisms.special_group import GroupMembership
from agreements.notices import tell
from agreements.party import OWING, Party
from agreements.tasks import Task
from governance import clock
from governance.lifecycle import Refusal, Refused
from governance.periods import add_months, overlapping
from governance.record import refuse, unit
from governance.wording import day_text, in_a_row, kept, noted

MEETINGS_TOLD = 12
NEWS = timedelta(days=7)
# Of how many terms the first days are tried when a seat cannot begin on the day that was given.
TERMS_TRIED = 40


# joining


def accede(
    party: Party,
    *,
    by: Any,
    on: date,
    seat_on: date | None = None,
    after: Organization | None = None,
    sort_name: str = "",
    reason: str = "",
    version: int | None = None,
) -> Party:
    """The organization joins on ``on``, and takes a seat in each rotation of the convenor.

    The seat takes turns from ``seat_on`` on (None: from the day it joins). Where it goes is the
    rotation's own rule; ``after`` names the organization behind which
    it stands in those that ask, ``sort_name`` its name in the alphabet (empty: its own name).
    It owes a liaison officer from then on; the targets and tasks of the others stay.
    Raises what the verb or the rotation raises, and then nothing is written.
    """
    if seat_on is not None and seat_on < on:
        raise refuse("seat_on", _("Its seat begins on the day it joins, or later."), "too_early")
    with unit():
        party.accede(by=by, on=on, reason=reason, version=version)
        if party.role in OWING:
            _take_seats(
                party,
                by=by,
                on=on,
                seat_on=seat_on or on,
                after=after,
                sort_name=sort_name,
                reason=reason,
            )
            _welcome(party, by=by, on=on)
    return party


def _welcome(party: Party, *, by: Any, on: date) -> None:
    """Tell the newcomer that it owes a liaison officer, and to which meetings it is invited.

    An accession that is entered long after it happened is no news.
    """
    if on < clock.today() - NEWS:
        return
    about = {"by": by, "on": on, "agreement": party.agreement, "about": party, "parties": [party]}
    if party.agreement.status in ALIVE and contact_on(party, on) is None:
        tell("officer_owed", **about, organization=party.organization, joined_on=on)
    coming = Consultation.objects.filter(
        agreement=party.agreement_id,
        status__in=TO_COME,
        group__isnull=True,
        starts_at__isnull=False,
    ).order_by("starts_at")
    meetings = [
        _with_its_day(consultation, consultation.day)
        for consultation in coming.select_related("series")[:MEETINGS_TOLD]
        if consultation.day is not None and consultation.day >= on
    ]
    if meetings:
        tell("meetings_to_come", **about, organization=party.organization, meetings=meetings)


def _named_with_its_day(consultation: Consultation, day: date) -> str:
    return noted(consultation, day_text(day))


# Told in the language of whoever reads it.
_with_its_day: Any = lazy(_named_with_its_day, str)


def asking_rotations(party: Party) -> Any:
    """The rotations that ask where the seat of a newcomer goes."""
    return joined_rotations(party).filter(on_admission=OnAdmission.ASK)


def sorting_rotations(party: Party) -> Any:
    """The rotations in which the seat of a newcomer stands by its name."""
    by_name = Q(order=Order.ALPHABETICAL) | Q(on_admission=OnAdmission.BY_ORDER)
    return joined_rotations(party).filter(by_name)


def joined_rotations(party: Party) -> Any:
    """The rotations in which the party takes a seat when it joins; none for an observer."""
    own = _own_rotations(party)
    return own if party.role in OWING else own.none()


def _own_rotations(party: Party) -> Any:
    """The agreement's rotations in which parties take turns; those of groups are the groups'.

    One whose seats are not known yet stays empty: a newcomer alone would take every turn.
    """
    sitting = Seat.objects.filter(rotation=OuterRef("pk"))
    return Rotation.objects.filter(
        Exists(sitting.filter(organization__isnull=False)),
        ~Exists(sitting.filter(region__isnull=False)),
        agreement=party.agreement_id,
        group__isnull=True,
    )


def _take_seats(
    party: Party,
    *,
    by: Any,
    on: date,
    seat_on: date,
    after: Organization | None,
    sort_name: str,
    reason: str,
) -> None:
    if after is not None and not asking_rotations(party).exists():
        raise refuse(
            "after", _("Leave this empty: the rotation itself says where a new seat goes.")
        )
    key = str(party.organization.public_id)
    for rotation in joined_rotations(party):
        if SeatOrder(rotation.plan()).place_on(key, seat_on) is not None:
            continue
        facts = {
            "organization": key,
            "effective_on": seat_on.isoformat(),
            "sort_name": sort_name or party.organization.name or party.organization.name_zh,
        }
        if rotation.on_admission == OnAdmission.ASK and after is not None:
            facts["after"] = str(after.public_id)
        try:
            rotation.change(
                Kind.ADMIT,
                by=by,
                on=on,
                facts=facts,
                decided_on=on,
                reason=reason or kept(_("Accession")),
            )
        except Refused as refused:
            raise _with_a_later_day(refused, rotation, facts, on=on, behind=seat_on) from refused


def _with_a_later_day(
    refused: Refused, rotation: Rotation, facts: dict[str, Any], *, on: date, behind: date
) -> Refused:
    """The refusal, and from which term on the seat would displace nobody, if there is one."""
    plan = rotation.plan()
    terms = rotation.between(behind, add_months(behind, HORIZON_MONTHS), today=on)
    days = [term.starts_on for term in terms if term.starts_on and term.starts_on > behind]
    for day in days[:TERMS_TRIED]:
        if takes(plan, Kind.ADMIT, {**facts, "effective_on": day.isoformat()}, on):
            hint = _("Its seat could begin on %(day)s.") % {"day": day_text(day)}
            sentence = in_a_row((str(refused.sentence), hint))
            return Refused(refused.verb, Refusal(refused.guard, sentence, refused.about))
    return refused


# leaving


def withdrawal_effect(party: Party, on: date) -> date:
    """The day on which a withdrawal notified on ``on`` takes effect: at once, or by the rule."""
    rule = Rule.from_json(party.agreement.entry_into_force)
    return rule.withdrawal_effective_on(on) or on


def withdraw(
    party: Party,
    *,
    by: Any,
    on: date,
    effective_on: date | None = None,
    reason: str = "",
    version: int | None = None,
) -> Party:
    """The party notifies its withdrawal on ``on`` and leaves on ``effective_on``.

    From that day its seats leave the rotations, its liaison appointments and its memberships in
    groups end, and others host the consultations that it was to host. Its open tasks are flagged
    for another organization. None: the day that the agreement's rule gives.
    """
    day = effective_on or withdrawal_effect(party, on)
    with unit():
        party.withdraw(by=by, on=on, effective_on=day, reason=reason, version=version)
        _leave_rotations(party, by=by, on=on, day=day, reason=reason)
        _leave_groups(party, by=by, day=day, reason=reason)
        _hand_on_consultations(party, by=by, day=day, reason=reason)
        _end_appointments(party, by=by, day=day, reason=reason)
        _flag_tasks(party, by=by, on=on, reason=reason)
    return party


def _leave_rotations(party: Party, *, by: Any, on: date, day: date, reason: str) -> None:
    seats = Seat.objects.filter(
        rotation__agreement=party.agreement_id, organization=party.organization_id
    )
    for rotation in Rotation.objects.filter(pk__in=seats.values("rotation")):
        if not rotation.is_member(party.organization, day):
            continue
        rotation.change(
            Kind.WITHDRAW,
            by=by,
            on=on,
            facts={
                "organization": str(party.organization.public_id),
                "effective_on": day.isoformat(),
                "then": "next",
            },
            decided_on=on,
            reason=reason,
        )


def _leave_groups(party: Party, *, by: Any, day: date, reason: str) -> None:
    """It was in the groups as a party; one that stays as a guest is entered anew."""
    held = GroupMembership.objects.filter(
        overlapping(day, None, start="joined_on", end="left_on"),
        group__agreement=party.agreement_id,
        organization=party.organization_id,
    )
    for membership in held:
        if membership.joined_on is not None and membership.joined_on >= day:
            membership.remove(by=by, reason=reason)
        else:
            membership.leave(by=by, on=day, reason=reason)


def _hand_on_consultations(party: Party, *, by: Any, day: date, reason: str) -> None:
    """The convenor of the day hosts what the party was to host behind its leaving."""
    agreement, own = party.agreement, party.organization_id
    leaves_at = datetime.combine(day, time(), tzinfo=timezone.get_default_timezone())
    coming = Consultation.objects.filter(agreement=agreement, status__in=TO_COME)
    fixed = ConsultationSeries.objects.filter(
        agreement=agreement, host_rule=HostRule.FIXED, host=own
    )
    for series in fixed:
        # What lies before its leaving it still hosts, whatever the series says from now on.
        for consultation in coming.filter(series=series, host=None, starts_at__lt=leaves_at):
            consultation.edit(by=by, host=party.organization, reason=reason)
        series.edit(by=by, host_rule=HostRule.CONVENOR, host=None, reason=reason)
    for consultation in coming.filter(host=own).exclude(starts_at__lt=leaves_at):
        follows = None
        if consultation.status == ConsultationStatus.CONVENED and consultation.day is not None:
            series = consultation.series
            follows = (
                series.host_on(consultation.day)
                if series is not None
                else first_holder(convenor_term(agreement, consultation.day))
            )
        consultation.edit(by=by, host=follows, reason=reason)


def _end_appointments(party: Party, *, by: Any, day: date, reason: str) -> None:
    held = LiaisonAppointment.objects.filter(
        overlapping(day, None, start="starts_on", end="ends_on"), party=party
    )
    for appointment in held:
        if appointment.starts_on is not None and appointment.starts_on >= day:
            appointment.remove(by=by, reason=reason)
        else:
            appointment.relieve(by=by, on=day, reason=reason)


def _flag_tasks(party: Party, *, by: Any, on: date, reason: str) -> None:
    for task in Task.objects.open().filter(
        agreement=party.agreement_id, lead=party.organization_id
    ):
        task.flag_for_reassignment(by=by, on=on, reason=reason)
