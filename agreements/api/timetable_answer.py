"""The timetable of an agreement, as the API tells it: what follows from dates and dependencies."""

from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from agreements.models import Agreement, Milestone, Phase, Task, TaskDependency
from agreements.progress import Light
from agreements.schedule import LagUnit, Schedule
from agreements.task_schedule import LONGEST_SLIP, laid_out
from agreements.tasks import Status
from governance import access
from governance.api.questions import flag_asked

# What the tasks can be put in order by.
ORDERINGS = ("number", "due_on", "slack", "forecast_on")


def day_or_none(label: Any) -> serializers.Field:
    """A day, or null."""
    return serializers.DateField(allow_null=True, help_text=label)


def days_or_none(label: Any) -> serializers.Field:
    """A number of days, or null."""
    return serializers.IntegerField(allow_null=True, help_text=label)


class WaitsFor(serializers.Serializer):
    """What a task waits for."""

    id = serializers.UUIDField(help_text=_("The id of the dependency."))
    predecessor = serializers.UUIDField(help_text=_("The task that has to be over first."))
    lag = serializers.IntegerField(help_text=_("How many days lie between the two."))
    lag_unit = serializers.ChoiceField(
        choices=LagUnit.choices, help_text=_("What the lag is counted in.")
    )
    holds = serializers.BooleanField(
        help_text=_("Whether it is this one that settles when the task begins.")
    )


class ScheduledTask(serializers.Serializer):
    """A task with the days and the slack that follow from its dependencies."""

    id = serializers.UUIDField(help_text=_("The id of the task."))
    number = serializers.IntegerField(help_text=_("Its number within the agreement."))
    name = serializers.CharField(help_text=_("Its title, in the reader's language."))
    phase = serializers.UUIDField(allow_null=True, help_text=_("Its phase; null: in none."))
    status = serializers.ChoiceField(choices=Status.choices, help_text=_("Where it stands."))
    light = serializers.ChoiceField(
        choices=Light.choices, allow_null=True, help_text=_("How it stands on that day.")
    )
    starts_on = day_or_none(_("The day agreed for its beginning."))
    due_on = day_or_none(_("The day agreed for its end."))
    early_start = day_or_none(_("The first day on which it can begin; null: no day is known."))
    late_start = day_or_none(_("The last day on which it can begin without moving the end."))
    late_finish = day_or_none(_("The last day on which it can end without moving the end."))
    forecast_on = day_or_none(_("When it ends as things stand."))
    slack = days_or_none(_("By how many days it may end later without moving the end."))
    free_slack = days_or_none(_("By how many days it may end later without moving anything."))
    critical = serializers.BooleanField(help_text=_("Whether any slip moves the end."))
    waits_for = WaitsFor(many=True, help_text=_("What it waits for."))


class ScheduledPhase(serializers.Serializer):
    """A phase, and when its tasks end as things stand."""

    id = serializers.UUIDField(help_text=_("The id of the phase."))
    name = serializers.CharField(help_text=_("Its name, in the reader's language."))
    starts_on = day_or_none(_("Its first day."))
    ends_on = day_or_none(_("The first day that is no longer part of it."))
    forecast_on = day_or_none(_("When the last of its tasks ends as things stand."))


class ScheduledMilestone(serializers.Serializer):
    """A point of the roadmap."""

    id = serializers.UUIDField(help_text=_("The id of the milestone."))
    name = serializers.CharField(help_text=_("Its name, in the reader's language."))
    phase = serializers.UUIDField(allow_null=True, help_text=_("Its phase; null: in none."))
    due_on = day_or_none(_("The day agreed for it."))
    reached_on = day_or_none(_("The day on which it was reached; null: not yet."))


class MovedTask(serializers.Serializer):
    """A task that a slip moves."""

    id = serializers.UUIDField(help_text=_("The id of the task."))
    days = serializers.IntegerField(help_text=_("By how many days it would end later."))


class SlipAnswer(serializers.Serializer):
    """What it means that one task ends later."""

    task = serializers.UUIDField(help_text=_("The task that would end later."))
    days = serializers.IntegerField(help_text=_("By how many days."))
    moves_end_by = serializers.IntegerField(help_text=_("By how many days the end moves."))
    forecast_on = serializers.DateField(help_text=_("When all would be done then."))
    moved = MovedTask(many=True, help_text=_("The other tasks that it moves."))


class TimetableAnswer(serializers.Serializer):
    """Phases, milestones and tasks with slack, the critical path, and the forecast."""

    on = serializers.DateField(help_text=_("The day as of which it is reckoned: today."))
    due_on = day_or_none(_("The last day agreed for any of the tasks."))
    forecast_on = day_or_none(_("When all will be done as things stand."))
    critical_path = serializers.ListField(
        child=serializers.UUIDField(),
        help_text=_("One chain of tasks without a gap that settles the end, in order."),
    )
    phases = ScheduledPhase(many=True, help_text=_("The phases in their order."))
    milestones = ScheduledMilestone(many=True, help_text=_("The milestones by their days."))
    tasks = ScheduledTask(many=True, help_text=_("The tasks."))
    slip = SlipAnswer(
        allow_null=True,
        help_text=_("What the slip asked about means; null: none was asked about."),
    )


def timetable_answer(request: Request, agreement: Agreement, on: date) -> dict[str, Any]:
    """The answer for the reader. Raises ValidationError at a parameter."""
    user, asked = request.user, request.query_params
    tasks = list(
        access.visible_to(user, Task)
        .filter(agreement=agreement)
        .with_light(on)
        .select_related("phase")
        .order_by("number")
    )
    links = list(
        access.visible_to(user, TaskDependency)
        .filter(successor__agreement=agreement)
        .order_by("pk")
    )
    laid = laid_out(tasks, [link.as_link() for link in links], on)
    known = {task.pk: task for task in tasks}
    by_phase: dict[int | None, list[date]] = {}
    waits: dict[int, list[dict[str, Any]]] = {}
    for link in links:
        waits.setdefault(link.successor_id, []).append(_waits_for(link, laid, known))
    rows = [_task(task, laid, waits.get(task.pk, [])) for task in tasks]
    for task, row in zip(tasks, rows, strict=True):
        if row["forecast_on"] is not None:
            by_phase.setdefault(task.phase_id, []).append(row["forecast_on"])
    answer = {
        "on": on,
        "due_on": max(
            (row["due_on"] for row in rows if row["due_on"] and row["status"] != Status.CANCELLED),
            default=None,
        ),
        "forecast_on": laid.ends_on,
        "critical_path": [known[key].public_id for key in laid.critical_path()],
        "phases": [
            {
                "id": phase.public_id,
                "name": str(phase),
                "starts_on": phase.starts_on,
                "ends_on": phase.ends_on,
                "forecast_on": max(by_phase.get(phase.pk, ()), default=None),
            }
            for phase in access.visible_to(user, Phase)
            .filter(agreement=agreement)
            .order_by("position", "pk")
        ],
        "milestones": [
            {
                "id": one.public_id,
                "name": str(one),
                "phase": one.phase.public_id if one.phase else None,
                "due_on": one.due_on,
                "reached_on": one.reached_on,
            }
            for one in access.visible_to(user, Milestone)
            .filter(agreement=agreement)
            .select_related("phase")
            .order_by("due_on", "pk")
        ],
        "tasks": _chosen(request, rows),
        "slip": _slip(asked.get("slip"), asked.get("days"), laid, tasks),
    }
    return dict(TimetableAnswer(answer).data)


def _task(task: Any, laid: Schedule, waits: list[dict[str, Any]]) -> dict[str, Any]:
    place = None if task.status == Status.CANCELLED else laid.place(task.pk)
    return {
        "id": task.public_id,
        "number": task.number,
        "name": str(task),
        "phase": task.phase.public_id if task.phase else None,
        "status": task.status,
        "light": task.light,
        "starts_on": task.starts_on,
        "due_on": task.due_on,
        "early_start": place and place.early_start,
        "late_start": place and place.late_start,
        "late_finish": place and place.late_finish,
        "forecast_on": place and place.early_finish,
        "slack": place and place.total_slack,
        "free_slack": place and place.free_slack,
        "critical": place is not None and place.is_critical,
        "waits_for": waits,
    }


def _waits_for(link: TaskDependency, laid: Schedule, tasks: dict[int, Any]) -> dict[str, Any]:
    return {
        "id": link.public_id,
        "predecessor": tasks[link.predecessor_id].public_id,
        "lag": link.lag,
        "lag_unit": link.lag_unit,
        "holds": laid.is_tight(link.predecessor_id, link.successor_id),
    }


def _chosen(request: Request, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The tasks asked for, in the order asked for; what is not known comes last."""
    asked = request.query_params
    if flag_asked(request, "critical"):
        rows = [row for row in rows if row["critical"]]
    light = asked.get("light", "")
    if light:
        if light not in Light.values:
            raise _wrong("light", _("There is no such light."))
        rows = [row for row in rows if row["light"] == light]
    ordering = asked.get("ordering", "") or "number"
    name = ordering.removeprefix("-")
    if name not in ORDERINGS:
        fields = ", ".join(ORDERINGS)
        raise _wrong("ordering", _("Order by one of: %(fields)s.") % {"fields": fields})
    known = [row for row in rows if row[name] is not None]
    known.sort(key=lambda row: row[name], reverse=ordering.startswith("-"))
    return known + [row for row in rows if row[name] is None]


def _slip(
    asked: str | None, number: str | None, laid: Schedule, tasks: list[Any]
) -> dict[str, Any] | None:
    if not asked:
        if number:
            raise _wrong("slip", _("Name the task that would end later."))
        return None
    days = int(number) if number and number.isascii() and number.isdigit() else 0
    if not 1 <= days <= LONGEST_SLIP or len(number or "") > 4:
        raise _wrong("days", _("Give a whole number from 1 to %(most)d.") % {"most": LONGEST_SLIP})
    try:
        task = next(one for one in tasks if one.public_id == UUID(asked))
    except (ValueError, StopIteration):
        raise _wrong("slip", _("There is no such task in this agreement.")) from None
    slip = None if task.status == Status.CANCELLED else laid.slip(task.pk, days)
    if slip is None:
        raise _wrong("slip", _("This task is over, or no day of it is known."))
    known = {one.pk: one for one in tasks}
    return {
        "task": task.public_id,
        "days": days,
        "moves_end_by": slip.moves_end_by,
        "forecast_on": slip.ends_on,
        "moved": [{"id": known[key].public_id, "days": moved} for key, moved in slip.moved.items()],
    }


def _wrong(name: str, sentence: Any) -> ValidationError:
    return ValidationError({name: [ErrorDetail(str(sentence), code="invalid")]})
