"""How groups stand, in figures: their tasks by light, what comes next, when they met last.

Each reader's figures are counted over what exists for them.
"""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, F, Model, OuterRef, Subquery
from django.db.models.functions import Coalesce, Least

from agreements.mechanisms.consultation import Consultation
from agreements.mechanisms.regular_consultation import Status as ConsultationStatus
from agreements.mechanisms.special_group import GroupMembership
from agreements.progress import Light
from agreements.tasks import Status as TaskStatus
from agreements.tasks import Task
from agreements.timetable import Milestone

LIGHTS = tuple(
    light.value
    for light in (Light.OVERDUE, Light.AT_RISK, Light.ON_TRACK, Light.NOT_STARTED, Light.DONE)
)
COUNTS = tuple(f"tasks_{light}" for light in LIGHTS)
FIGURES = (
    "members",
    *COUNTS,
    "open_tasks",
    "evidence_waiting",
    "next_due_on",
    "next_milestone_on",
    "next_step_on",
    "last_held_on",
    "next_meeting_at",
)


def with_figures(
    groups: Any, *, rows_of: Callable[[type[Model]], Any], on: date, at: datetime
) -> Any:
    """The groups with :data:`FIGURES` on the day ``on``, counted over what ``rows_of`` gives.

    ``evidence_waiting``: tasks submitted and not verified yet. ``next_due_on``: the nearest date
    of an open task that has not passed. ``next_milestone_on``: the nearest milestone not reached
    of a phase in which the group has an open task. ``next_step_on``: the nearer of the two.
    """
    tasks, consultations = rows_of(Task), rows_of(Consultation)
    in_phase = tasks.open().filter(group=OuterRef(OuterRef("pk")), phase=OuterRef("phase"))
    milestones = (
        rows_of(Milestone)
        .filter(Exists(in_phase), reached_on__isnull=True, due_on__gte=on)
        .filter(agreement=OuterRef("agreement"))
        .order_by("due_on", "pk")
    )
    lit, held = tasks.with_light(on), consultations.filter(status=ConsultationStatus.CLOSED)
    return groups.annotate(
        members=_number(rows_of(GroupMembership).current(on)),
        **{f"tasks_{light}": _number(lit.filter(light=light)) for light in LIGHTS},
        open_tasks=_number(tasks.open()),
        evidence_waiting=_number(tasks.filter(status=TaskStatus.SUBMITTED)),
        next_due_on=_first(tasks.open().filter(due_on__gte=on), "due_on"),
        next_milestone_on=Subquery(milestones.values("due_on")[:1]),
        last_held_on=_first(held, "held_on", latest=True),
        next_meeting_at=_first(consultations.coming(at), "starts_at"),
    ).annotate(next_step_on=_earlier("next_due_on", "next_milestone_on"))


def _number(rows: Any) -> Any:
    counted = (
        rows.filter(group=OuterRef("pk"))
        .order_by()
        .values("group")
        .annotate(number=Count("pk"))
        .values("number")
    )
    return Coalesce(Subquery(counted), 0)


def _first(rows: Any, name: str, *, latest: bool = False) -> Any:
    order = F(name).desc(nulls_last=True) if latest else F(name).asc(nulls_last=True)
    return Subquery(rows.filter(group=OuterRef("pk")).order_by(order).values(name)[:1])


def _earlier(one: str, other: str) -> Any:
    """The earlier of two days of which either may be missing, on both databases."""
    return Least(Coalesce(one, other), Coalesce(other, one))
