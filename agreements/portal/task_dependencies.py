"""A task within the timetable: what it waits for and holds up, its slack, what a slip does."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from agreements.models import Agreement, Task, TaskDependency
from agreements.schedule import Place, Slip
from agreements.task_schedule import LONGEST_SLIP, laid_out
from agreements.tasks import Status
from governance.access import visible_to


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a task stands in its agreement's timetable, as far as the reader may see that.

    ``lost``: the slip asked about, in days; ``slip``: what it does.
    """

    place: Place | None
    waits_for: list[TaskDependency]
    holds_up: list[TaskDependency]
    ends_on: date | None
    lost: int | None = None
    slip: Slip | None = None
    moved: tuple[tuple[Any, int], ...] = ()


def dependencies_seen(user: Any, agreement: Agreement) -> Any:
    """The dependencies that exist for the reader, with the tasks they name."""
    return (
        visible_to(user, TaskDependency)
        .filter(successor__agreement=agreement)
        .select_related("predecessor", "successor")
        .order_by("predecessor__number", "successor__number")
    )


def standing(user: Any, task: Task, on: date, asked: str) -> Standing | None:
    """None for a guest who sees the task alone, and for what was cancelled."""
    agreement = task.agreement
    if task.status == Status.CANCELLED:
        return None
    if not visible_to(user, Agreement).filter(pk=agreement.pk).exists():
        return None
    tasks = {one.pk: one for one in visible_to(user, Task).filter(agreement=agreement)}
    links = list(dependencies_seen(user, agreement))
    laid = laid_out(tasks.values(), [link.as_link() for link in links], on)
    lost = int(asked) if asked.isascii() and asked.isdigit() and len(asked) <= 4 else None
    lost = lost if lost and lost <= LONGEST_SLIP else None
    slip = laid.slip(task.pk, lost) if lost else None
    return Standing(
        place=laid.place(task.pk),
        waits_for=[link for link in links if link.successor_id == task.pk],
        holds_up=[link for link in links if link.predecessor_id == task.pk],
        ends_on=laid.ends_on,
        lost=lost,
        slip=slip,
        moved=tuple((tasks[key], days) for key, days in slip.moved.items()) if slip else (),
    )
