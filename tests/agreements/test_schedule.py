"""The schedule by examples: early and late days, slack, the critical path, a slip, a circle."""

from datetime import date, timedelta

import pytest

from agreements.schedule import Circle, Item, LagUnit, Link, Schedule, way
from governance.workdays import Calendar

FIRST = date(2027, 3, 1)  # a Monday


def day(number):
    return FIRST + timedelta(days=number)


def item(key, starts=None, ends=None, **facts):
    """An item from one day to another, counted from the first Monday."""
    return Item(
        key,
        None if starts is None else day(starts),
        None if ends is None else day(ends),
        **facts,
    )


def after(predecessor, successor, lag=0, unit=LagUnit.DAYS):
    return Link(predecessor, successor, lag, unit)


def in_working_days(predecessor, successor, lag=0):
    return after(predecessor, successor, lag, LagUnit.WORKING_DAYS)


def days_of(place):
    return (place.early_start - FIRST).days, (place.early_finish - FIRST).days


def slack_of(place):
    return place.total_slack, place.free_slack


# early days


def test_one_begins_on_the_day_behind_the_end_of_the_other():
    laid = Schedule([item("a", 0, 4), item("b", 0, 2)], [after("a", "b")])
    assert days_of(laid.place("b")) == (5, 7)
    assert laid.ends_on == day(7)


def test_nothing_begins_before_its_own_start():
    laid = Schedule([item("a", 0, 4), item("b", 9, 11)], [after("a", "b")])
    assert days_of(laid.place("b")) == (9, 11)


@pytest.mark.parametrize(("lag", "begins"), [(0, 5), (3, 8), (-2, 3), (-9, 0)])
def test_a_lag_lies_between_the_two_and_less_than_nothing_lets_them_overlap(lag, begins):
    laid = Schedule([item("a", 0, 4), item("b", 0, 2)], [after("a", "b", lag)])
    assert days_of(laid.place("b")) == (begins, begins + 2)


@pytest.mark.parametrize(
    ("lag", "begins"),
    [
        (0, 7),  # over on a Friday: on Monday
        (1, 8),  # Monday lies between
        (5, 14),
        (-1, 4),  # on the day itself
        (-2, 3),  # Thursday
    ],
)
def test_a_lag_in_working_days_skips_the_weekend(lag, begins):
    laid = Schedule([item("a", 0, 4), item("b", 0, 0)], [in_working_days("a", "b", lag)])
    assert days_of(laid.place("b")) == (begins, begins)


def test_holidays_are_skipped_and_make_up_days_are_not():
    calendar = Calendar.of((5, 6), holidays=[day(7), day(8)], workdays=[day(5)])
    links = [in_working_days("a", "b"), in_working_days("a", "c", 1)]
    laid = Schedule([item("a", 0, 4), item("b", 0, 0), item("c", 0, 0)], links, calendar)
    assert days_of(laid.place("b")) == (5, 5)
    assert days_of(laid.place("c")) == (9, 9)


def test_of_several_the_last_one_holds_it_up():
    items = [item("a", 0, 4), item("b", 0, 9), item("c", 0, 1)]
    laid = Schedule(items, [after("a", "c", 2), after("b", "c")])
    assert days_of(laid.place("c")) == (10, 11)
    assert laid.is_tight("b", "c")
    assert not laid.is_tight("a", "c")


def test_with_one_day_alone_an_item_takes_that_day():
    laid = Schedule([item("a", 3), item("b", None, 5)], [])
    assert days_of(laid.place("a")) == (3, 3)
    assert days_of(laid.place("b")) == (5, 5)


def test_without_days_it_stands_behind_what_it_waits_for_or_nowhere():
    items = [item("a", 0, 4), item("b"), item("c"), item("d", 1, 2)]
    laid = Schedule(items, [after("a", "b"), after("c", "d")])
    assert days_of(laid.place("b")) == (5, 5)
    assert laid.place("c") is None
    assert days_of(laid.place("d")) == (1, 2)


def test_nothing_at_all_ends_nowhere():
    laid = Schedule([], [])
    assert (laid.ends_on, laid.places(), laid.critical_path()) == (None, {}, [])
    assert Schedule([item("a")], []).ends_on is None


def test_what_is_linked_to_something_unknown_is_not_held_up():
    laid = Schedule([item("a", 0, 4)], [after("x", "a", 99)])
    assert days_of(laid.place("a")) == (0, 4)


# how it stands


def test_what_is_over_stands_on_the_day_it_ended_and_has_no_slack():
    items = [item("a", 0, 4, finished_on=day(8)), item("b", 5, 7)]
    laid = Schedule(items, [after("a", "b")])
    assert days_of(laid.place("a")) == (0, 8)
    assert slack_of(laid.place("a")) == (None, None)
    assert days_of(laid.place("b")) == (9, 11)
    assert laid.critical_path() == ["b"]


def test_what_was_over_early_lets_the_next_begin_on_its_own_start():
    items = [item("a", 0, 4, finished_on=day(2)), item("b", 5, 7)]
    assert days_of(Schedule(items, [after("a", "b")]).place("b")) == (5, 7)


def test_what_ends_later_than_planned_moves_what_waits_for_it():
    items = [item("a", 0, 4, expected_on=day(10)), item("b", 5, 7)]
    laid = Schedule(items, [after("a", "b")])
    assert days_of(laid.place("a")) == (0, 10)
    assert days_of(laid.place("b")) == (11, 13)


def test_what_is_over_holds_up_nobody_before_it():
    items = [item("a", 0, 4), item("b", 5, 7, finished_on=day(3)), item("c", 0, 20)]
    assert slack_of(Schedule(items, [after("a", "b")]).place("a")) == (16, 16)


# slack and the critical path


def test_slack_is_what_may_be_lost_without_moving_the_end_or_anything():
    items = [item("a", 0, 4), item("b", 0, 9), item("c", 7, 8), item("d", 10, 14)]
    laid = Schedule(items, [after("a", "c"), after("c", "d"), after("b", "d")])
    assert slack_of(laid.place("a")) == (3, 2)
    assert slack_of(laid.place("b")) == (0, 0)
    assert slack_of(laid.place("c")) == (1, 1)
    assert slack_of(laid.place("d")) == (0, 0)
    assert laid.critical_path() == ["b", "d"]
    late = laid.place("a")
    assert (late.late_start, late.late_finish) == (day(3), day(7))


def test_what_may_fall_on_a_weekend_has_its_days_as_slack():
    laid = Schedule([item("a", 0, 4), item("b", 7, 8)], [in_working_days("a", "b")])
    assert slack_of(laid.place("a")) == (2, 2)
    assert laid.slip("a", 2).moves_end_by == 0
    assert laid.slip("a", 3).moves_end_by == 1


def test_the_critical_path_is_the_chain_that_begins_first():
    items = [item("a", 3, 4), item("b", 0, 4), item("c", 5, 9), item("d", 10, 10)]
    links = [after("a", "c"), after("b", "c"), after("c", "d")]
    assert Schedule(items, links).critical_path() == ["b", "c", "d"]


def test_a_slip_moves_the_end_by_what_is_left_of_it_behind_the_slack():
    items = [item("a", 0, 4), item("b", 0, 9), item("c", 7, 8), item("d", 10, 14)]
    laid = Schedule(items, [after("a", "c"), after("c", "d"), after("b", "d")])
    slip = laid.slip("a", 5)
    assert (slip.moves_end_by, slip.ends_on) == (2, day(16))
    assert slip.moved == {"c": 3, "d": 2}
    assert laid.slip("a", 2).moved == {}
    assert laid.slip("a", -4).moves_end_by == 0


def test_what_is_over_does_not_slip():
    laid = Schedule([item("a", 0, 4, finished_on=day(4)), item("b"), item("c", 9)], [])
    assert laid.slip("a", 3) is None
    assert laid.slip("b", 3) is None
    assert laid.slip("c", 3).moves_end_by == 3


# circles


def test_a_circle_is_named_in_its_order():
    items = [item(key, 0, 1) for key in "xabcdy"]
    links = [after(*pair) for pair in ("xa", "ab", "bc", "ca", "cd", "dy")]
    with pytest.raises(Circle) as refused:
        Schedule(items, links)
    keys = refused.value.keys
    turned = keys[keys.index("a") :] + keys[: keys.index("a")]
    assert turned == ("a", "b", "c")
    assert " → ".join((*keys, keys[0])) in str(refused.value)


def test_what_waits_for_itself_is_a_circle():
    with pytest.raises(Circle) as refused:
        Schedule([item("a", 0, 1)], [after("a", "a")])
    assert refused.value.keys == ("a",)


def test_a_way_is_the_shortest_one():
    pairs = [("a", "b"), ("b", "c"), ("c", "d"), ("a", "c"), ("d", "a")]
    assert way(pairs, "a", "d") == ["a", "c", "d"]
    assert way(pairs, "d", "b") == ["d", "a", "b"]
    assert way(pairs, "a", "z") is None
    assert way(pairs, "a", "a") == ["a"]


# the ends of the calendar


def test_beyond_the_last_date_there_is_days_are_cut_and_slack_is_not():
    items = [Item(number, date(9998, 1, 1), date(9999, 12, 30)) for number in range(4)]
    links = [after(0, 1), in_working_days(1, 2, 3_000), after(2, 3, 3_650)]
    laid = Schedule(items, links)
    assert laid.ends_on == date.max
    assert laid.place(3).early_finish == date.max
    assert laid.place(3).total_slack == 0
    assert laid.slip(0, 10).moves_end_by > 0
