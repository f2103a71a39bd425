"""The timetable of an agreement as a picture: phases, tasks with their lights, milestones."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import F, QuerySet

from agreements.models import Milestone, Phase, Task
from agreements.portal.agreement import AgreementPage
from agreements.progress import WHOLE
from governance.periods import add_months
from governance.portal.scale import Scale


@dataclass(frozen=True, slots=True)
class Bar:
    """A task or a milestone on the scale; ``x`` None: no dates, nothing to draw."""

    task: Any
    milestone: Any
    x: float | None = None
    width: float = 0
    done: float = 0


class AgreementTimetable(AgreementPage):
    """Phases with their tasks and milestones; what has no dates is listed all the same."""

    template_name = "portal/agreement_timetable.html"
    tab = "timetable"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        tasks = list(
            self.of(Task)
            .with_light(self.today)
            .select_related("lead", "phase", "article")
            .order_by(F("due_on").asc(nulls_last=True), "number")
        )
        milestones = list(self.of(Milestone).order_by(F("due_on").asc(nulls_last=True), "pk"))
        phases = self.of(Phase).order_by("position", "pk")
        scale = _scale(tasks, milestones, phases, self.today)
        return super().get_context_data(
            sections=_sections(tasks, milestones, phases, scale),
            ticks=scale.ticks(),
            now=scale.at(self.today) if scale.holds(self.today) else None,
            empty=not tasks and not milestones,
            **kwargs,
        )


def _scale(tasks: Iterable[Any], milestones: Iterable[Any], phases: Any, today: date) -> Scale:
    days = [day for task in tasks for day in (task.starts_on, task.due_on) if day]
    days += [milestone.due_on for milestone in milestones if milestone.due_on]
    days += [day for phase in phases for day in (phase.starts_on, phase.ends_on) if day]
    first, last = min(days, default=today), max(days, default=today)
    return Scale(first.replace(day=1), add_months(last.replace(day=1), 1) + timedelta(days=14))


def _sections(
    tasks: list[Any], milestones: list[Any], phases: QuerySet[Any], scale: Scale
) -> list[tuple[Any, list[Bar]]]:
    found = []
    for phase in [*phases, None]:
        key = phase.pk if phase else None
        bars = [_task_bar(task, scale) for task in tasks if task.phase_id == key]
        bars += [_milestone_bar(one, scale) for one in milestones if one.phase_id == key]
        if bars or phase:
            found.append((phase, bars))
    return found


def _task_bar(task: Any, scale: Scale) -> Bar:
    starts, ends = task.starts_on or task.due_on, task.due_on or task.starts_on
    if starts is None or ends is None:
        return Bar(task, None)
    x = scale.at(starts)
    width = max(0.6, round(scale.at(ends + timedelta(days=1)) - x, 3))
    return Bar(task, None, x, width, round(width * task.progress / WHOLE, 3))


def _milestone_bar(milestone: Any, scale: Scale) -> Bar:
    if milestone.due_on is None:
        return Bar(None, milestone)
    return Bar(None, milestone, scale.at(milestone.due_on))
