"""A change as it is judged before it is recorded or taken back: bound to the terms it means."""

from datetime import date
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from agreements.mechanisms import rotation_changes
from agreements.mechanisms.convenor_changes import Kind, RotationChange, planned_change
from agreements.mechanisms.convenor_refusals import refusal_told
from agreements.mechanisms.convenor_seats import Seat, holder_of
from agreements.mechanisms.rotation_plan import Change, RotationPlan
from governance.lifecycle import Refusal, Refused
from governance.record import refuse


def bound_change(
    rotation: Any,
    kind: str,
    facts: dict[str, Any],
    *,
    on: date,
    decided_on: date | None,
    reason: str,
) -> Change:
    """The change bound to the seats and terms that it means on the day ``on``.

    Raises Refused naming what stands against it, ValidationError at a field.
    """
    last = rotation.changes.aggregate(last=Max("number"))["last"] or 0
    change = planned_change("new", kind, last + 1, decided_on, facts)
    try:
        bound = rotation_changes.bind(rotation.plan(), change, on)
    except rotation_changes.ChangeRefused as refused:
        raise refusal_told(rotation, kind, refused) from refused
    if bound.own_on is not None and bound.own_on < on and not reason.strip():
        raise refuse("reason", _("A correction of the past needs a reason."), "required")
    return bound


def takes(plan: RotationPlan, kind: str, facts: dict[str, Any], on: date) -> bool:
    """Whether nothing in the plan stands against such a change."""
    last = max((change.recorded for change in plan.changes), default=0)
    change = planned_change("new", kind, last + 1, on, facts)
    try:
        rotation_changes.bind(plan, change, on)
    except rotation_changes.ChangeRefused:
        return False
    return True


def revocable(rotation: Any, change: RotationChange, on: date) -> RotationPlan:
    """The plan that contains the change. Raises Refused if it cannot be taken back."""
    if change.revoked_on is not None:
        raise Refused("revoke", Refusal("revoked", _("This change has been revoked already.")))
    plan: RotationPlan = rotation.plan()
    try:
        rotation_changes.check_revocation(plan, change.planned(), on)
    except rotation_changes.ChangeRefused as refused:
        raise refusal_told(rotation, "revoke", refused) from refused
    return plan


def seat_newcomers(rotation: Any, kind: str, facts: dict[str, Any], *, by: Any, on: date) -> None:
    """Give a seat that a change brings in its row, so that terms can point at it."""
    if kind not in {Kind.ADMIT, Kind.REORDER}:
        return
    listed = [facts] if kind == Kind.ADMIT else facts["seats"]
    seated = {seat.key for seat in rotation.seats.select_related("organization", "region")}
    position = rotation.seats.aggregate(last=Max("position"))["last"] or 0
    for entry in listed:
        key = entry.get("organization") or entry.get("region")
        if key in seated:
            continue
        organization, region = holder_of(entry)
        position += 1
        Seat.enter(
            by=by,
            on=on,
            rotation=rotation,
            organization=organization,
            region=region,
            position=position,
            sort_name=entry.get("sort_name") or "",
            joined_on=date.fromisoformat(facts["effective_on"]),
            admitted=True,
        )
