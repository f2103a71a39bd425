"""A small plan, the same for every door of the timetable."""

from datetime import date, timedelta
from typing import Any

from agreements.models import Milestone, Phase, Task, TaskDependency
from tests.cast import TODAY, enter_task


def day(ahead: int) -> date:
    """So many days from today."""
    return TODAY + timedelta(days=ahead)


def enter_plan(agreement: Any, lead: Any, *, by: Any) -> dict[str, Task]:
    """Survey and Plan lead to Build; Plan has days to spare. In a phase, with a milestone."""
    phase = Phase.enter(by=by, agreement=agreement, name="First phase", starts_on=TODAY)
    Milestone.enter(by=by, agreement=agreement, name="Opening", due_on=day(30), phase=phase)
    made = {
        title: enter_task(
            agreement,
            by=by,
            lead=lead,
            title=title,
            phase=phase,
            starts_on=day(first),
            due_on=day(last),
        )
        for title, first, last in (("Survey", 0, 9), ("Plan", 0, 4), ("Build", 10, 20))
    }
    for first in ("Survey", "Plan"):
        TaskDependency.enter(by=by, predecessor=made[first], successor=made["Build"])
    return made
