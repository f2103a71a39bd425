"""The timetable of an agreement: the picture, and beside it the table that says the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agreements.baselines import shadow
from agreements.models import Baseline, Milestone, Phase, Task, TaskDependency
from agreements.portal.agreement import LIGHTS, AgreementPage
from agreements.portal.gantt import Shown, draw
from agreements.portal.task_dependencies import dependencies_seen
from agreements.progress import Light
from agreements.schedule import Place
from agreements.task_schedule import laid_out
from agreements.tasks import Status
from governance.portal.lists import Choice

# By which columns the table can be ordered; without one it stands in the order of the plan.
ORDERINGS = ("title", "light", "due", "forecast", "slack")


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table: a task or a milestone, with what follows from the schedule."""

    task: Any = None
    milestone: Any = None
    place: Place | None = None
    waits_for: Sequence[TaskDependency] = ()

    @property
    def days_later(self) -> int:
        """By how many days it ends later than agreed, as things stand."""
        due = self.task.due_on if self.task else None
        if due is None or self.place is None or self.place.late_finish is None:
            return 0
        return max(0, (self.place.early_finish - due).days)


@dataclass(frozen=True, slots=True)
class Head:
    """How the head of a column is shown, and what a press on it asks for."""

    aria: str
    next: str


class AgreementTimetable(AgreementPage):
    """Phases with their tasks and milestones; what has no dates is listed all the same."""

    template_name = "portal/agreement_timetable.html"
    tab = "timetable"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.GET
        tasks = list(
            self.of(Task).with_light(self.today).select_related("lead", "phase").order_by("number")
        )
        milestones = list(self.of(Milestone))
        phases = list(self.of(Phase).order_by("position", "pk"))
        links = list(dependencies_seen(self.request.user, self.object))
        laid = laid_out(tasks, [link.as_link() for link in links], self.today)
        places = laid.places()
        waits: dict[int, list[TaskDependency]] = {}
        for link in links:
            waits.setdefault(link.successor_id, []).append(link)
        chosen = _chosen(asked, tasks, places)
        narrowed = len(chosen) < len(tasks)
        marks = [] if narrowed else milestones
        known = {task.pk: task for task in tasks}
        first = shadow(self.of(Baseline))
        due = max(
            (one.due_on for one in tasks if one.due_on and one.status != Status.CANCELLED),
            default=None,
        )
        lines = [
            Line(task=task, place=places.get(task.pk), waits_for=waits.get(task.pk, ()))
            for task in chosen
        ]
        ordering = asked.get("ordering", "")
        return super().get_context_data(
            picture=draw(
                Shown(
                    [
                        (phase, [line.task for line in its_lines if line.task], its_marks)
                        for phase, its_lines, its_marks in _sections(lines, marks, phases, narrowed)
                    ],
                    places,
                    [
                        (*pair, laid.is_tight(*pair))
                        for pair in ((one.predecessor_id, one.successor_id) for one in links)
                    ],
                    first.dates if first else {},
                    self.today,
                )
            ),
            sections=_table(lines, marks, phases, narrowed, ordering),
            heads={name: _head(name, ordering) for name in ORDERINGS},
            filters=[
                (_light_choice(), asked.get("light", "")),
                (_critical_choice(), asked.get("critical", "")),
            ],
            searchable=False,
            narrowed=narrowed,
            found=len(chosen),
            baseline=first.baseline if first else None,
            gone=first.gone if first else [],
            linked=bool(links),
            forecast_on=laid.ends_on,
            due_on=due,
            later=(laid.ends_on - due).days if laid.ends_on and due else 0,
            critical_path=[known[key] for key in laid.critical_path() if isinstance(key, int)],
            empty=not tasks and not milestones,
            **kwargs,
        )


def _light_choice() -> Choice:
    lights = [(light, Light(light).label) for light in LIGHTS]
    return Choice("light", pgettext_lazy("traffic light", "Light"), lights, "light")


def _critical_choice() -> Choice:
    return Choice("critical", _("Critical path"), [("1", _("Only without slack"))], "critical")


def _chosen(asked: Any, tasks: list[Any], places: dict[Any, Place]) -> list[Any]:
    if asked.get("critical") == "1":
        tasks = [task for task in tasks if task.pk in places and places[task.pk].is_critical]
    if asked.get("light") in set(LIGHTS):
        tasks = [task for task in tasks if task.light == asked["light"]]
    return tasks


def _sections(
    lines: list[Line], milestones: list[Any], phases: list[Any], narrowed: bool
) -> list[tuple[Any, list[Line], list[Any]]]:
    """Phase by phase in the order of the plan; a phase with nothing left to show is left out."""
    found = []
    for phase in [*phases, None]:
        key = phase.pk if phase else None
        own = [line for line in lines if line.task.phase_id == key]
        own.sort(key=lambda line: (_begins(line), line.task.number))
        marks = [one for one in milestones if one.phase_id == key]
        marks.sort(key=lambda one: (one.due_on or date.max, one.pk))
        if own or marks or (phase and not narrowed):
            found.append((phase, own, marks))
    return found


def _begins(line: Line) -> date:
    return (
        line.task.starts_on
        or line.task.due_on
        or (line.place.early_start if line.place else date.max)
    )


def _table(
    lines: list[Line], milestones: list[Any], phases: list[Any], narrowed: bool, ordering: str
) -> list[tuple[Any, list[Line]]]:
    name = ordering.removeprefix("-")
    if name not in ORDERINGS:
        return [
            (phase, [*own, *(Line(milestone=one) for one in marks)])
            for phase, own, marks in _sections(lines, milestones, phases, narrowed)
        ]
    keys = {id(line): _key(line, name) for line in lines}
    known = [line for line in lines if keys[id(line)] is not None]
    known.sort(key=lambda line: keys[id(line)], reverse=ordering.startswith("-"))
    return [(None, known + [line for line in lines if keys[id(line)] is None])]


def _key(line: Line, name: str) -> Any:
    """What a line is ordered by; None: not known, and therefore last."""
    task, place = line.task, line.place
    match name:
        case "title":
            return str(task)
        case "light":
            return LIGHTS.index(task.light) if task.light else None
        case "due":
            return task.due_on
        case "forecast":
            return place.early_finish if place else None
    return place.total_slack if place else None


def _head(name: str, ordering: str) -> Head:
    if ordering == name:
        return Head("ascending", f"-{name}")
    return Head("descending" if ordering == f"-{name}" else "", name)
