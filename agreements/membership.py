"""Leaving an agreement: what a party's withdrawal means for every noun, in one transaction."""

from datetime import date
from typing import Any

from agreements.entry_into_force import Rule
from agreements.mechanisms.convenor_changes import Kind
from agreements.mechanisms.convenor_seats import Seat
from agreements.mechanisms.liaison_officer import LiaisonAppointment
from agreements.mechanisms.rotating_convenor import Rotation
from agreements.party import Party
from agreements.tasks import Task
from governance.periods import overlapping
from governance.record import unit


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

    Its seats leave the rotations from that day, its liaison appointments end, its open tasks are
    flagged for another organization. None: the day that the agreement's rule gives.
    """
    day = effective_on or withdrawal_effect(party, on)
    with unit():
        party.withdraw(by=by, on=on, effective_on=day, reason=reason, version=version)
        _leave_rotations(party, by=by, on=on, day=day, reason=reason)
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
