"""Closing a special cooperation group: its report against the mandate, and what is left over.

The group's own verb closes it; what that means for its tasks and meetings happens here, in one
transaction, and the state it was measured against is kept with the report.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements.mechanisms.consultation import Consultation
from agreements.mechanisms.consultation_series import ConsultationSeries
from agreements.mechanisms.regular_consultation import TO_COME
from agreements.mechanisms.regular_consultation import Status as ConsultationStatus
from agreements.mechanisms.special_group import GroupMembership, SpecialGroup
from agreements.tasks import OPEN, Task
from governance.periods import overlapping
from governance.record import plain, refuse, unit


class Fate(models.TextChoices):
    """What becomes of a task that is open when its group closes."""

    KEEP = "keep", gettext_lazy("Stays with the closed group; its lead finishes it")
    HAND_OVER = (
        "hand_over",
        gettext_lazy("Passes to the agreement, without a group; lead and dates stay"),
    )
    CANCEL = "cancel", gettext_lazy("Is cancelled")


def close(
    group: SpecialGroup,
    *,
    by: Any,
    on: date,
    reason: str = "",
    fates: Mapping[Task, str] | None = None,
    version: int | None = None,
) -> SpecialGroup:
    """Close the group; ``reason`` says what was achieved of the mandate.

    ``fates`` says what becomes of its open tasks; one not named stays where it is. Its coming
    meetings are cancelled, its series, memberships and convenor's terms end. Raises what the
    verbs raise, and then nothing is written.
    """
    fates = fates or {}
    with unit():
        group.lock(version)
        group.lifecycle.require("close", group, on, reason)
        tasks = list(_tasks(group, on))
        foreign = set(fates) - {task for task in tasks if task.status in OPEN}
        if foreign:
            raise refuse("tasks", _("Name open tasks of this group only."))
        state = _measured(group, tasks, fates, on)
        for task, fate in fates.items():
            if fate == Fate.HAND_OVER:
                task.edit(by=by, group=None, reason=reason)
            elif fate == Fate.CANCEL:
                task.cancel(by=by, on=on, reason=_("The group has closed."))
        _end_meetings(group, by=by, on=on)
        _end_memberships(group, by=by, on=on)
        group.close(by=by, on=on, reason=reason, state=state)
        for rotation in group.rotations.all():
            rotation.lay_down(on)
    return group


def open_tasks(group: SpecialGroup) -> Any:
    """The tasks of which something has to become when the group closes."""
    return Task.objects.open().filter(group=group).select_related("agreement").order_by("number")


def _tasks(group: SpecialGroup, on: date) -> Any:
    return (
        Task.objects.filter(group=group)
        .with_light(on)
        .select_related("agreement")
        .order_by("number")
    )


def state_of(group: SpecialGroup, on: date) -> dict[str, Any]:
    """What the closing report is measured against: as kept, or while it works as on that day."""
    kept: dict[str, Any] | None = group.closing_state
    return kept or _measured(group, list(_tasks(group, on)), {}, on)


def _measured(
    group: SpecialGroup, tasks: list[Any], fates: Mapping[Task, str], on: date
) -> dict[str, Any]:
    """What the report is measured against, as it stood on the day."""
    members = GroupMembership.objects.current(on).filter(group=group).select_related("organization")
    held = Consultation.objects.filter(
        group=group, status=ConsultationStatus.CLOSED, held_on__lte=on
    )
    return {
        "mandate": group.mandate,
        "mandate_zh": group.mandate_zh,
        "members": [
            {
                "id": str(member.organization.public_id),
                "name": member.organization.name,
                "name_zh": member.organization.name_zh,
            }
            for member in members
        ],
        "held": held.count(),
        "tasks": [
            {
                "id": str(task.public_id),
                "number": task.number,
                "title": task.title,
                "title_zh": task.title_zh,
                "light": task.light,
                "progress": task.progress,
                "due_on": plain(task.due_on),
                "fate": fates.get(task, Fate.KEEP) if task.status in OPEN else None,
            }
            for task in tasks
        ],
    }


def _end_memberships(group: SpecialGroup, *, by: Any, on: date) -> None:
    """Nobody belongs to a closed group; who was to join it later never did."""
    ends = overlapping(on, None, start="joined_on", end="left_on")
    for membership in group.memberships.filter(ends):
        if membership.joined_on is not None and membership.joined_on >= on:
            membership.remove(by=by, reason=_("The group has closed."))
        else:
            membership.leave(by=by, on=on, reason=_("The group has closed."))


def _end_meetings(group: SpecialGroup, *, by: Any, on: date) -> None:
    for consultation in Consultation.objects.filter(group=group, status__in=TO_COME):
        known_on = max(on, consultation.status_since or on)
        consultation.cancel(by=by, on=known_on, reason=_("The group has closed."))
    for series in ConsultationSeries.objects.filter(group=group):
        if series.ends_on is None or series.ends_on > on:
            first = series.starts_on
            last = on if first is None or first < on else first + timedelta(days=1)
            series.edit(by=by, ends_on=last, reason=_("The group has closed."))
