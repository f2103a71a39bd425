"""The schedule of an agreement's tasks as they stand on a day: early and late days, slack, a slip.

Reckoned when asked, from what the reader may see of one agreement: two queries whatever their
number, and one for the working calendar. Nothing of it is kept, since it changes overnight.
"""

from collections.abc import Iterable
from datetime import date

from actors.working_calendar import default_calendar
from agreements.schedule import Item, Link, Schedule
from agreements.tasks import OPEN, Status, Task
from governance.workdays import Calendar

# By how many days one may ask what a later end would move: ten years.
LONGEST_SLIP = 3_650


def laid_out(tasks: Iterable[Task], links: Iterable[Link], on: date) -> Schedule:
    """The tasks laid out as they stand on the day ``on``; their keys are those of the database.

    What was completed stands on that day; what was cancelled takes no time and holds up nobody;
    what is open ends on the day ``on`` at the earliest. Working days are those of the calendar
    without a region.
    """
    calendar = default_calendar()
    items = [_item(task, on) for task in tasks if task.status != Status.CANCELLED]
    return Schedule(items, links, calendar.as_days() if calendar else Calendar())


def _item(task: Task, on: date) -> Item:
    if task.status in OPEN:
        known = task.starts_on or task.due_on
        return Item(task.pk, task.starts_on, task.due_on, expected_on=on if known else None)
    return Item(task.pk, task.starts_on, task.due_on, finished_on=task.completed_on)
