"""How the rotation engine's time grows: ratios within one run, on whatever database is set.

Run with ``.venv/bin/python -m benchmarks.rotation``; with ``DATABASE_URL`` for another database
than a passing SQLite file (its tables are made in a test database and removed again).

To reach: a thousand terms under 50 ms; ten times the changes or ten times the seats at most ten
times the time (linear), for the engine alone and for a change that is recorded and laid down.
"""

import sys
from collections.abc import Callable
from datetime import date
from time import perf_counter
from typing import Any

from django.test.utils import setup_databases, teardown_databases

from actors.models import Organization
from actors.organization import Kind as OrganizationKind
from agreements.agreement import Kind as AgreementKind
from agreements.mechanisms.convenor_entry import enter_rotation
from agreements.mechanisms.rotation import terms
from agreements.mechanisms.rotation_changes import bind
from agreements.mechanisms.rotation_plan import Change, RotationPlan, Seat
from agreements.models import Agreement, Party, Rotation
from governance import clock

FIRST_DAY = date(2020, 1, 1)
TODAY = date(2027, 3, 1)


def seconds(work: Callable[[], Any], times: int = 5) -> float:
    """The best of several runs: what the machine else does only slows it down."""
    best = float("inf")
    for _ in range(times):
        begun = perf_counter()
        work()
        best = min(best, perf_counter() - begun)
    return best


def plan_of(seats: int, changes: int, length: int = 1) -> RotationPlan:
    """Monthly terms; every change gives one of them to another."""
    plan = RotationPlan(
        length=length,
        starts_on=FIRST_DAY,
        seats=tuple(Seat(f"{at:03}", f"{at:03}", None, at, f"{at:03}") for at in range(seats)),
    )
    bound: list[Change] = []
    for number in range(changes):
        month = number + 1
        day = date(FIRST_DAY.year + month // 12, month % 12 + 1, 1)
        binding = {"term": month, "turn": f"{month % seats:03}", "own_on": day.isoformat()}
        facts: dict[str, Any] = {"organizations": ("000",), "term_on": day}
        bound.append(Change(f"{number}", "assign", number, binding=binding, **facts))
    return RotationPlan(
        **{**{f: getattr(plan, f) for f in plan.__slots__}, "changes": tuple(bound)}
    )


def engine() -> None:
    """The pure function alone."""
    end = date(FIRST_DAY.year + 84, 1, 1)
    thousand = seconds(lambda: list(terms(plan_of(30, 0), FIRST_DAY, end)))
    say("1,000 terms, in ms (to reach: 50)", thousand * 1000)
    for what, small, large in (
        ("100 changes against 10", plan_of(30, 10), plan_of(30, 100)),
        ("50 seats against 5", plan_of(5, 0), plan_of(50, 0)),
        ("1,000 terms against 100", plan_of(30, 0, length=10), plan_of(30, 0)),
    ):
        one = seconds(lambda small=small: terms(small, FIRST_DAY, end))
        other = seconds(lambda large=large: terms(large, FIRST_DAY, end))
        say(f"engine, {what} (to reach: the same ratio)", other / one)
    draft = Change(
        "new", "assign", 999, term_on=date(2029, 1, 1), organizations=("000",), decided_on=TODAY
    )
    fewer, more = plan_of(30, 10), plan_of(30, 100)
    one = seconds(lambda: bind(fewer, draft, TODAY))
    other = seconds(lambda: bind(more, draft, TODAY))
    say("judging a change, 100 changes against 10 (to reach: 10)", other / one)


def rotation_of(seats: int) -> Rotation:
    agreement = Agreement.enter(
        by=None, on=FIRST_DAY, title=f"Among {seats}", kind=AgreementKind.FRAMEWORK
    )
    members = [
        Organization.enter(by=None, name=f"{seats}-{at:03}", kind=OrganizationKind.GOVERNMENT)
        for at in range(seats)
    ]
    for member in members:
        Party.enter(by=None, agreement=agreement, organization=member)
    return enter_rotation(
        by=None,
        on=TODAY,
        agreement=agreement,
        length=6,
        starts_on=FIRST_DAY,
        seats=[{"organization": member} for member in members],
    )


def record_one(rotation: Rotation, term: int) -> None:
    day = date(2027 + term // 2, 1 + term % 2 * 6, 1)
    rotation.change(
        "assign",
        by=None,
        on=TODAY,
        facts={
            "term_on": day.isoformat(),
            "organization": [str(rotation.seats.first().organization.public_id)],
        },
        decided_on=TODAY,
        reason="Benchmark",
    )


def stored() -> None:
    """With tables: laying down, and recording a change."""
    few, many = rotation_of(5), rotation_of(50)
    one = seconds(lambda: few.lay_down(TODAY))
    other = seconds(lambda: many.lay_down(TODAY))
    say("laying down, 50 seats against 5 (to reach: 10)", other / one)
    say("laying down, 50 seats, in ms", other * 1000)
    one = seconds(lambda: record_one(few, 3))
    other = seconds(lambda: record_one(many, 3))
    say("recording a change, 50 seats against 5 (to reach: 10)", other / one)
    say("recording a change, 50 seats, in ms", other * 1000)
    for _ in range(5):
        record_one(few, 5)
    with_ten = seconds(lambda: record_one(few, 5), times=3)
    while few.changes.count() < 100:
        record_one(few, 5)
    with_hundred = seconds(lambda: record_one(few, 5), times=3)
    say("recording a change, behind 100 others against 10 (to reach: 10)", with_hundred / with_ten)
    say("recording a change behind 100 others, in ms", with_hundred * 1000)


def say(what: str, figure: float) -> None:
    print(f"{figure:8.2f}  {what}")


def main() -> None:
    with clock.fixed(TODAY):
        engine()
        made = setup_databases(verbosity=0, interactive=False)
        try:
            stored()
        finally:
            teardown_databases(made, verbosity=0)


if __name__ == "__main__":
    sys.exit(main())
