"""Held as promised: which periods a cadence asks for, and how they were kept."""

from datetime import date
from itertools import pairwise

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from agreements.mechanisms.promise_words import period_name
from agreements.mechanisms.promises import MONTHS_OF, Kept, Promise, kept, running

QUARTERLY = Promise("quarter", 1, date(2025, 1, 1))
YEAR = (date(2026, 1, 1), date(2027, 1, 1))


@pytest.mark.parametrize(
    ("cadence", "begin", "end"),
    [
        ("month", date(2026, 5, 1), date(2026, 6, 1)),
        ("quarter", date(2026, 4, 1), date(2026, 7, 1)),
        ("half_year", date(2026, 1, 1), date(2026, 7, 1)),
        ("year", date(2026, 1, 1), date(2027, 1, 1)),
    ],
)
def test_a_period_is_one_of_the_calendar(cadence, begin, end):
    promise = Promise(cadence, 1, date(2020, 1, 1))
    assert promise.period_of(date(2026, 5, 31)) == (begin, end)


@pytest.mark.parametrize(
    ("cadence", "begin", "english", "chinese"),
    [
        ("month", date(2026, 5, 1), "May 2026", "2026年5月"),
        ("quarter", date(2026, 1, 1), "First quarter of 2026", "2026年第一季度"),
        ("quarter", date(2026, 10, 1), "Fourth quarter of 2026", "2026年第四季度"),
        ("half_year", date(2026, 1, 1), "First half of 2026", "2026年上半年"),
        ("half_year", date(2026, 7, 1), "Second half of 2026", "2026年下半年"),
        ("year", date(2026, 1, 1), "2026", "2026年"),
    ],
)
def test_a_period_is_called_as_people_call_it(cadence, begin, english, chinese):
    assert period_name(cadence, begin) == english
    with translation.override("zh-hans"):
        assert period_name(cadence, begin) == chinese


def test_the_broken_period_at_either_end_of_the_promise_is_not_asked():
    promise = Promise("quarter", 1, date(2026, 1, 2), date(2026, 9, 30))
    assert list(promise.periods(*YEAR)) == [(date(2026, 4, 1), date(2026, 7, 1))]


def test_a_period_counts_where_its_last_day_lies():
    asked = list(QUARTERLY.periods(date(2026, 3, 31), date(2026, 6, 30)))
    assert asked == [(date(2026, 1, 1), date(2026, 4, 1))]


def test_more_in_one_period_does_not_make_up_for_another():
    days = [date(2026, 1, 5), date(2026, 2, 5), date(2026, 3, 31), date(2026, 7, 1)]
    found = kept(QUARTERLY, days, *YEAR)
    assert [(one.held, one.owed) for one in found] == [(3, 0), (0, 1), (1, 0), (0, 1)]


def test_the_running_period_owes_what_is_not_held_yet():
    twice = Promise("half_year", 2, date(2026, 1, 1))
    assert running(twice, [date(2026, 7, 1)], date(2026, 11, 25)) == Kept(
        date(2026, 7, 1), date(2027, 1, 1), 2, 1
    )
    assert running(twice, [], date(2025, 12, 31)) is None


@given(
    cadence=st.sampled_from(list(MONTHS_OF)),
    since=st.dates(date(2020, 1, 1), date(2024, 1, 1)),
    start=st.dates(date(2019, 1, 1), date(2026, 1, 1)),
    days=st.integers(0, 2000),
)
def test_periods_follow_each_other_without_gap_within_window_and_promise(
    cadence, since, start, days
):
    end = date.fromordinal(start.toordinal() + days)
    found = list(Promise(cadence, 1, since).periods(start, end))
    for begin, stop in found:
        assert begin >= since and start < stop <= end
    for one, other in pairwise(found):
        assert one[1] == other[0]
