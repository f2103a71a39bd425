"""The timetable as a picture: where each bar, milestone and dependency lies, in its own units.

One row for each phase, task and milestone; bars run from the agreed start to the agreed end, with
what was promised at first as a shadow beneath and the forecast as a dashed frame where it differs.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from agreements.progress import WHOLE
from agreements.schedule import Place
from governance.periods import add_months
from governance.portal.scale import Scale

WIDTH = 1_120
LABELS = 300
_PLOT = WIDTH - LABELS - 20
_ROW = 26
_BAR_TOP, _BAR = 6, 12
_SHADOW_TOP = 20
_MIDDLE = _BAR_TOP + _BAR // 2
_ARM = 7
_WIDE, _NARROW = 13.0, 7.4
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of days from left to right."""

    x: float
    width: float


@dataclass(slots=True)
class Row:
    """One row: a phase, a task or a milestone, at its height."""

    y: int
    label: str
    name: str
    phase: Any = None
    task: Any = None
    milestone: Any = None
    place: Place | None = None
    bar: Stretch | None = None
    done: Stretch | None = None
    shadow: Stretch | None = None
    forecast: Stretch | None = None
    point: float | None = None

    @property
    def baseline(self) -> int:
        """On which height the words stand."""
        return self.y + _MIDDLE + 4

    @property
    def bar_y(self) -> int:
        """The top of the bar."""
        return self.y + _BAR_TOP

    @property
    def shadow_y(self) -> int:
        """The top of the shadow."""
        return self.y + _SHADOW_TOP

    @property
    def middle(self) -> int:
        """The height of the bar's middle."""
        return self.y + _MIDDLE

    @property
    def is_critical(self) -> bool:
        """Whether any slip of it moves the end."""
        return self.place is not None and self.place.is_critical


@dataclass(frozen=True, slots=True)
class Arrow:
    """A dependency, drawn from the end of one bar to the beginning of another."""

    path: str
    head: str
    critical: bool


@dataclass(slots=True)
class Picture:
    """The whole picture."""

    height: int = _ROW
    rows: list[Row] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)
    ticks: list[tuple[float, str]] = field(default_factory=list)
    today: float | None = None
    width: int = WIDTH
    labels: int = LABELS
    plot: int = WIDTH - LABELS


@dataclass(frozen=True, slots=True)
class Shown:
    """What a picture is made of. ``dates``: what was promised at first, by the task's key."""

    sections: Sequence[tuple[Any, Sequence[Any], Sequence[Any]]]
    places: dict[Any, Place]
    links: Iterable[tuple[int, int, bool]]
    dates: dict[int, tuple[date | None, date | None]]
    today: date


def draw(shown: Shown) -> Picture:
    """The picture; the scale holds every day that is drawn, and today where it is near."""
    scale = _scale(shown)
    picture = Picture(ticks=[(_x(at), label) for at, label in scale.ticks()])
    picture.today = _x(scale.at(shown.today)) if scale.holds(shown.today) else None
    rows: dict[int, Row] = {}
    for phase, tasks, milestones in shown.sections:
        if phase is not None or picture.rows:
            name = str(phase or _("In no phase"))
            picture.rows.append(Row(_next(picture), cut(name, LABELS - 12), name, phase=phase))
        for task in tasks:
            rows[task.pk] = _task_row(task, _next(picture), shown, scale)
            picture.rows.append(rows[task.pk])
        for one in milestones:
            name = str(one)
            row = Row(_next(picture), cut(name, LABELS - 32), name, milestone=one)
            row.point = _x(scale.at(one.due_on)) if one.due_on else None
            picture.rows.append(row)
    picture.height = _next(picture) + 6
    for one, other, tight in shown.links:
        arrow = _arrow(rows.get(one), rows.get(other), tight)
        if arrow is not None:
            picture.arrows.append(arrow)
    return picture


def cut(text: str, width: float) -> str:
    """As much of a text as fits, reckoned by wide and narrow characters."""
    taken = 0.0
    for place, character in enumerate(text):
        taken += _WIDE if unicodedata.east_asian_width(character) in "WF" else _NARROW
        if taken > width:
            return text[: max(1, place - 1)].rstrip() + "…"
    return text


def _next(picture: Picture) -> int:
    return _ROW * (len(picture.rows) + 1)


def _x(at: float) -> float:
    return round(LABELS + at * _PLOT / 100, 2)


def _stretch(first: date | None, last: date | None, scale: Scale) -> Stretch | None:
    first, last = first or last, last or first
    if first is None or last is None:
        return None
    x = _x(scale.at(first))
    return Stretch(x, max(4.0, round(_x(scale.at(last + _DAY)) - x, 2)))


def _task_row(task: Any, y: int, shown: Shown, scale: Scale) -> Row:
    name = f"{task.number} {task}"
    place = shown.places.get(task.pk)
    row = Row(y, cut(name, LABELS - 32), name, task=task, place=place)
    row.bar = _stretch(task.starts_on, task.due_on, scale)
    if row.bar is not None and task.progress:
        row.done = Stretch(row.bar.x, round(row.bar.width * task.progress / WHOLE, 2))
    row.shadow = _stretch(*shown.dates.get(task.pk, (None, None)), scale)
    due = task.due_on or task.starts_on
    if place is not None and (due is None or place.early_finish != due) and place.late_finish:
        row.forecast = _stretch(place.early_start, place.early_finish, scale)
    return row


def _arrow(one: Row | None, other: Row | None, tight: bool) -> Arrow | None:
    if one is None or other is None:
        return None
    begin, end = one.bar or one.forecast, other.bar or other.forecast
    if begin is None or end is None:
        return None
    x, to = round(begin.x + begin.width, 2), end.x
    y, level = one.middle, other.middle
    if to - x >= 2 * _ARM:
        path = f"M{x} {y}H{to - _ARM}V{level}H{to}"
    else:
        between = y + (_ROW // 2 if level > y else -_ROW // 2)
        path = f"M{x} {y}h{_ARM}V{between}H{to - _ARM}V{level}H{to}"
    head = f"M{to} {level}l-5 -3v6z"
    return Arrow(path, head, tight and one.is_critical and other.is_critical)


def _scale(shown: Shown) -> Scale:
    days: list[date] = []
    for phase, tasks, milestones in shown.sections:
        if phase is not None:
            days += [day for day in (phase.starts_on, phase.ends_on) if day]
        days += [one.due_on for one in milestones if one.due_on]
        for task in tasks:
            place = shown.places.get(task.pk)
            days += [day for day in (task.starts_on, task.due_on) if day]
            days += [day for day in shown.dates.get(task.pk, ()) if day]
            days += [place.early_start, place.early_finish] if place else []
    first, last = min(days, default=shown.today), max(days, default=shown.today)
    if last.year > 2199:
        # What follows from a slip of centuries is not worth a picture.
        last = max((day for day in days if day.year <= 2199), default=shown.today)
    first = min(first, last)
    return Scale(first.replace(day=1), add_months(last.replace(day=1), 1) + 14 * _DAY)
