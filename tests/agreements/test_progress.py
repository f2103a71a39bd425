"""Progress and light: the definition in Python and its twin in SQL are the same, everywhere."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.agreement import Status as AgreementStatus
from agreements.models import Task
from agreements.progress import (
    COMPLETED,
    RESTING,
    SUBMITTED,
    WAITING,
    WHOLE,
    Aggregation,
    Direction,
    Light,
    Thresholds,
    aggregate,
    attainment,
    expected,
    light,
    weighted,
)
from agreements.tasks import Status
from tests.cast import TODAY, enter_agreement, enter_task

NUMBERS = st.decimals(
    min_value=Decimal(-(10**18)), max_value=Decimal(10**18), places=6, allow_nan=False
)
DAYS = st.dates(min_value=date(2000, 1, 1), max_value=date(2050, 1, 1))
SHARES = st.integers(0, WHOLE)
SAMPLE = Thresholds()


def around(day, *shifts):
    return [day + timedelta(days=shift) for shift in shifts]


# the light


def table_of_tasks(agreement):
    """Tasks of every status and share, beginning and due before, on and after the day."""
    starts = [None, *around(TODAY, -100, -14, -1, 0, 1)]
    dues = [None, *around(TODAY, -1, 0, 1, 13, 14, 15, 100)]
    shares = [0, 1, 4999, 5000, 8500, 8999, 9000, WHOLE]
    rows = []
    for number, (status, start, due) in enumerate(product(Status, starts, dues), 1):
        if start is not None and due is not None and due < start:
            continue
        rows.append(
            Task(
                agreement=agreement,
                number=number,
                title="T",
                status=status,
                progress=shares[number % len(shares)],
                starts_on=start,
                due_on=due,
                submitted_on=[None, *around(TODAY, -2, 0)][number % 3],
            )
        )
    return rows


@pytest.mark.parametrize(
    "thresholds",
    [
        {},
        {"due_soon_days": 0, "nearly_done_percent": 0},
        {"behind_percent": 0, "far_behind_percent": 0},
        {"due_soon_days": 200, "nearly_done_percent": 100, "behind_percent": 50},
        {"behind_percent": 100, "far_behind_percent": 100},
    ],
)
def test_the_light_and_the_expected_share_are_the_same_in_python_and_in_sql(officer, thresholds):
    agreement = enter_agreement(by=officer, **thresholds)
    Task.objects.bulk_create(table_of_tasks(agreement))
    seen = set()
    for day in around(TODAY, -100, -1, 0, 1, 14, 400):
        for task in Task.objects.with_light(day).select_related("agreement"):
            facts = (task.status, task.progress, task.starts_on, task.due_on, task.submitted_on)
            # The annotations hide the methods of the same names on the instance.
            assert task.__dict__["expected"] == Task.expected(task, day), (facts, day)
            assert task.__dict__["light"] == Task.light(task, day), (facts, day)
            seen.add(task.__dict__["light"])
    assert Task.objects.count() > 250
    assert {None, Light.DONE, Light.OVERDUE} <= seen


@given(
    status=st.sampled_from([status.value for status in Status]),
    share=SHARES,
    start=st.none() | DAYS,
    due=st.none() | DAYS,
    submitted=st.none() | DAYS,
    on=DAYS,
)
def test_the_light_keeps_its_promises(status, share, start, due, submitted, on):
    shown = light(
        status=status,
        progress=share,
        starts_on=start,
        due_on=due,
        submitted_on=submitted,
        on=on,
        thresholds=SAMPLE,
    )
    assert (shown is None) == (status in RESTING)
    assert (shown == Light.DONE) == (status == COMPLETED)
    if status not in {COMPLETED, SUBMITTED, *RESTING} and due is not None and due < on:
        assert shown == Light.OVERDUE
    if shown == Light.NOT_STARTED:
        assert status in WAITING
        assert share == 0
    if status not in RESTING and share == WHOLE and due is None:
        assert shown in {Light.DONE, Light.ON_TRACK}


@pytest.mark.parametrize(
    ("facts", "shown"),
    [
        ({"status": "completed"}, Light.DONE),
        ({"status": "suspended"}, None),
        ({"status": "cancelled"}, None),
        ({"status": "planned", "starts": 10, "due": 100}, Light.NOT_STARTED),
        ({"status": "accepted", "starts": -10, "due": 100}, Light.NOT_STARTED),
        ({"status": "planned", "starts": -20, "due": 80}, Light.AT_RISK),
        ({"status": "planned", "starts": -60, "due": 40}, Light.OVERDUE),
        ({"status": "in_progress", "progress": 2000, "starts": -20, "due": 80}, Light.ON_TRACK),
        ({"status": "in_progress", "progress": 500, "starts": -20, "due": 80}, Light.ON_TRACK),
        ({"status": "in_progress", "progress": 499, "starts": -20, "due": 80}, Light.AT_RISK),
        ({"status": "in_progress", "progress": 8999, "due": 14}, Light.AT_RISK),
        ({"status": "in_progress", "progress": 9000, "due": 14}, Light.ON_TRACK),
        ({"status": "in_progress", "progress": 8999, "due": 15}, Light.ON_TRACK),
        ({"status": "in_progress", "progress": 9999, "due": 0}, Light.ON_TRACK),
        ({"status": "in_progress", "progress": 9999, "due": -1}, Light.OVERDUE),
        ({"status": "submitted", "due": -5, "submitted": -5}, Light.ON_TRACK),
        ({"status": "submitted", "due": -5, "submitted": -4}, Light.OVERDUE),
        ({"status": "returned", "progress": 9000, "due": 50}, Light.ON_TRACK),
        ({"status": "planned"}, Light.NOT_STARTED),
        ({"status": "in_progress"}, Light.ON_TRACK),
    ],
)
def test_the_light_of_cases_worked_out_by_hand(facts, shown):
    def day(name):
        return TODAY + timedelta(days=facts[name]) if name in facts else None

    assert shown == light(
        status=facts["status"],
        progress=facts.get("progress", 0),
        starts_on=day("starts"),
        due_on=day("due"),
        submitted_on=day("submitted"),
        on=TODAY,
        thresholds=SAMPLE,
    )


def test_a_year_typed_wrongly_does_not_break_the_list(officer, agreement):
    enter_task(agreement, by=officer, starts_on=date(1000, 1, 1), due_on=date(2999, 12, 31))
    enter_task(agreement, by=officer, starts_on=date(1027, 1, 1), due_on=date(2027, 12, 31))
    for task in Task.objects.with_light(TODAY).order_by("light", "expected"):
        assert task.__dict__["expected"] == Task.expected(task, TODAY)


def test_lights_can_be_filtered_and_sorted_by_the_database(officer, alba, brook):
    agreement = enter_agreement(alba, brook, by=officer, status=AgreementStatus.IN_FORCE)
    late = enter_task(agreement, by=officer, due_on=TODAY - timedelta(days=1))
    done = enter_task(agreement, by=officer, lead=alba, status=Status.COMPLETED)
    rows = Task.objects.with_light(TODAY)
    assert list(rows.filter(light=Light.OVERDUE)) == [late]
    assert list(rows.filter(light=Light.DONE)) == [done]


# the expected share


@given(DAYS, DAYS, DAYS)
def test_the_expected_share_grows_from_nothing_to_the_whole(start, due, on):
    share = expected(start, due, on)
    if due <= start:
        assert share is None
        return
    assert 0 <= share <= WHOLE
    assert (share == 0) >= (on <= start)
    assert (share == WHOLE) == (on >= due)
    assert share <= expected(start, due, on + timedelta(days=1))


@pytest.mark.parametrize(("start", "due"), [(None, TODAY), (TODAY, None), (None, None)])
def test_without_both_days_nothing_is_expected(start, due):
    assert expected(start, due, TODAY) is None


# attainment


@given(
    value=st.none() | NUMBERS,
    direction=st.sampled_from(Direction),
    baseline=st.none() | NUMBERS,
    target=st.none() | NUMBERS,
    lower=st.none() | NUMBERS,
)
def test_attainment_is_a_share_or_unknown_without_a_target(
    value, direction, baseline, target, lower
):
    share = attainment(value, direction=direction, baseline=baseline, target=target, lower=lower)
    assert (share is None) == (target is None)
    assert share is None or 0 <= share <= WHOLE
    if target is not None and value is None:
        assert share == 0


@given(st.none() | NUMBERS, NUMBERS, NUMBERS, NUMBERS)
def test_more_is_never_worse_on_the_way_up_nor_better_on_the_way_down(baseline, target, one, other):
    low, high = sorted((one, other))

    def share(value, direction):
        return attainment(value, direction=direction, baseline=baseline, target=target)

    assert share(low, Direction.UP) <= share(high, Direction.UP)
    assert share(low, Direction.DOWN) >= share(high, Direction.DOWN)


@given(st.none() | NUMBERS, NUMBERS)
def test_the_target_is_the_whole(baseline, target):
    for direction in Direction:
        assert attainment(target, direction=direction, baseline=baseline, target=target) == WHOLE


@pytest.mark.parametrize(
    ("direction", "baseline", "target", "value", "share"),
    [
        ("up", None, 10, 5, 5000),
        ("up", 10, 20, 10, 0),
        ("up", 10, 20, 5, 0),
        ("up", 10, 20, 13, 3000),
        ("up", 10, 20, 25, WHOLE),
        ("up", None, 3, 1, 3333),
        ("up", None, 3, 2, 6667),
        ("up", 5, 5, 5, WHOLE),
        ("up", 5, 5, 4, 0),
        ("down", 50, 30, 40, 5000),
        ("down", 50, 30, 60, 0),
        ("down", 50, 30, 20, WHOLE),
        ("down", None, 10, 50, 0),
        ("down", None, 10, 10, WHOLE),
        ("down", None, -10, -5, 5000),
        ("up", 100, 50, 75, WHOLE),
        ("up", 0, "0.000001", 10**18, WHOLE),
        ("down", 0, "-0.000001", 10**18, 0),
    ],
)
def test_attainment_of_cases_worked_out_by_hand(direction, baseline, target, value, share):
    start = None if baseline is None else Decimal(baseline)
    found = attainment(Decimal(value), direction=direction, baseline=start, target=Decimal(target))
    assert found == share


@pytest.mark.parametrize(
    ("value", "lower", "share"),
    [
        ("7", "6", WHOLE),
        ("6", "6", WHOLE),
        ("8", "6", WHOLE),
        ("5.9", "6", 0),
        ("8.1", "6", 0),
        ("-100", None, WHOLE),
        ("8.1", None, 0),
    ],
)
def test_within_its_limits_it_is_whole_and_outside_nothing(value, lower, share):
    found = attainment(
        Decimal(value),
        direction=Direction.WITHIN,
        baseline=None,
        target=Decimal(8),
        lower=Decimal(lower) if lower else None,
    )
    assert found == share


# adding up


@pytest.mark.parametrize(
    ("how", "result"), [("sum", 15), ("average", 5), ("maximum", 9), ("latest", 4)]
)
def test_periods_add_up_as_the_indicator_says(how, result):
    values = [
        (date(2027, 3, 2), Decimal(4)),
        (date(2027, 1, 1), Decimal(9)),
        (date(2027, 2, 1), Decimal(2)),
    ]
    assert aggregate(values, how) == result


@pytest.mark.parametrize("how", Aggregation)
def test_without_values_there_is_no_sum(how):
    assert aggregate([], how) is None


WEIGHTS = st.decimals(min_value=0, max_value=Decimal("999999.99"), places=2)


@given(st.lists(st.tuples(WEIGHTS, st.none() | SHARES), max_size=8))
def test_the_weighted_mean_lies_among_the_shares_that_are_known(shares):
    known = [(weight, share) for weight, share in shares if share is not None]
    mean = weighted(shares)
    if sum(weight for weight, _share in known) == 0:
        assert mean is None
    else:
        counted = [share for weight, share in known if weight > 0]
        assert min(counted) <= mean <= max(counted)


def test_an_indicator_counts_by_its_weight():
    assert weighted([(Decimal(3), WHOLE), (Decimal(1), 0), (Decimal(9), None)]) == 7500
