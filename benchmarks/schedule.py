"""How long the schedule takes: 10,000 tasks and 20,000 dependencies, and how that grows.

Run with ``.venv/bin/python -m benchmarks.schedule``; it needs no database.

To reach: everything about 10,000 tasks with 20,000 dependencies (early and late days, slack, the
critical path) under a second, whatever the lags are counted in; ten times the plan at most twenty
times the time, since the larger one does not fit the processor's cache; one slip no longer than
laying the plan out.
"""

import random
import sys
from datetime import date, timedelta
from typing import Any

from agreements.schedule import Item, LagUnit, Link, Schedule
from benchmarks.rotation import say, seconds
from governance.workdays import Calendar

FIRST_DAY = date(2021, 1, 1)
# A week of holidays twice a year, as in the real calendar, for thirty years.
CALENDAR = Calendar.of(
    (5, 6),
    holidays=[
        date(year, month, day)
        for year in range(2021, 2051)
        for month in (2, 10)
        for day in range(1, 8)
    ],
    workdays=[],
)


def plan(size: int, links: int, unit: str) -> tuple[list[Item], list[Link]]:
    """A roadmap of phases: each task waits for tasks of the near past, as in real plans."""
    luck = random.Random(size)
    items = []
    for key in range(size):
        starts = FIRST_DAY + timedelta(days=key * 3_650 // size)
        items.append(Item(key, starts, starts + timedelta(days=luck.randrange(5, 120))))
    pairs: set[tuple[int, int]] = set()
    while len(pairs) < links:
        one = luck.randrange(size - 1)
        pairs.add((one, min(size - 1, one + luck.randrange(1, 60))))
    return items, [Link(one, other, luck.randrange(-5, 30), unit) for one, other in pairs]


def everything(items: list[Item], links: list[Link]) -> Any:
    laid = Schedule(items, links, CALENDAR)
    return laid.places(), laid.critical_path(), laid.ends_on


def main() -> None:
    for unit in LagUnit.values:
        small, large = plan(1_000, 2_000, unit), plan(10_000, 20_000, unit)
        one = seconds(lambda small=small: everything(*small))
        other = seconds(lambda large=large: everything(*large), times=3)
        say(f"10,000 tasks, 20,000 lags in {unit}, in s (to reach: 1)", other)
        say("10,000 tasks against 1,000 (to reach: 20)", other / one)
        laid = Schedule(*large, CALENDAR)
        slip = seconds(lambda laid=laid: laid.slip(0, 30), times=3)
        say("one slip against laying out (to reach: 1)", slip / other)


if __name__ == "__main__":
    sys.exit(main())
