"""Working days: pure arithmetic over weekends, holidays and make-up working days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.workdays import Calendar

PLAIN = Calendar()
# China's National Day of 2026: off from Thursday the 1st to Wednesday the 7th, made up for on
# Sunday 20 September and Saturday 10 October.
CHINA = Calendar.of(
    (5, 6),
    [date(2026, 10, day) for day in range(1, 8)],
    [date(2026, 9, 20), date(2026, 10, 10)],
)


@pytest.mark.parametrize(
    ("day", "number", "found"),
    [
        (date(2026, 11, 25), 1, date(2026, 11, 26)),
        (date(2026, 11, 27), 1, date(2026, 11, 30)),
        (date(2026, 11, 28), 1, date(2026, 11, 30)),
        (date(2026, 11, 25), 15, date(2026, 12, 16)),
        (date(2026, 11, 25), 0, date(2026, 11, 25)),
        (date(2026, 11, 28), 0, date(2026, 11, 30)),
        (date(2026, 11, 30), -1, date(2026, 11, 27)),
        (date(2026, 11, 29), -1, date(2026, 11, 27)),
    ],
)
def test_days_are_counted_behind_the_day_over_weekends(day, number, found):
    assert PLAIN.add_working_days(day, number) == found


@pytest.mark.parametrize(
    ("day", "number", "found"),
    [
        (date(2026, 9, 30), 1, date(2026, 10, 8)),
        (date(2026, 9, 30), 3, date(2026, 10, 10)),
        (date(2026, 10, 1), 0, date(2026, 10, 8)),
        (date(2026, 9, 21), -1, date(2026, 9, 20)),
        (date(2026, 9, 18), 1, date(2026, 9, 20)),
    ],
)
def test_a_saturday_or_sunday_that_is_worked_counts(day, number, found):
    assert CHINA.add_working_days(day, number) == found


def test_a_day_that_is_both_is_worked():
    day = date(2026, 11, 28)
    assert Calendar.of((5, 6), [day], [day]).is_working(day)


@pytest.mark.parametrize("weekend", [range(7), [7], [-1]])
def test_a_week_has_a_working_day_and_seven_days(weekend):
    with pytest.raises(ValueError, match="weekend"):
        Calendar.of(weekend, [], [])


DAYS = st.dates(date(2020, 1, 1), date(2030, 12, 31))
CALENDARS = st.builds(
    Calendar.of,
    st.sets(st.integers(0, 6), max_size=6),
    st.sets(DAYS, max_size=40),
    st.sets(DAYS, max_size=40),
)
NUMBERS = st.integers(-300, 300)


@given(CALENDARS, DAYS, NUMBERS)
def test_every_day_that_is_found_is_worked(calendar, day, number):
    assert calendar.is_working(calendar.add_working_days(day, number))


@given(CALENDARS, DAYS, NUMBERS)
def test_counting_gives_back_what_was_added(calendar, day, number):
    start = calendar.next_working_day(day)
    found = calendar.add_working_days(start, number)
    assert calendar.working_days_between(start, found) == number
    assert calendar.add_working_days(found, -number) == start


@given(CALENDARS, DAYS, NUMBERS, st.integers(0, 100))
def test_more_days_never_lead_to_an_earlier_day(calendar, day, number, more):
    assert calendar.add_working_days(day, number) <= calendar.add_working_days(day, number + more)


@given(CALENDARS, DAYS, st.integers(-400, 400))
def test_between_is_what_counting_one_by_one_gives(calendar, day, span):
    other = day + timedelta(days=span)
    if span >= 0:
        counted = sum(calendar.is_working(day + timedelta(days=n)) for n in range(1, span + 1))
    else:
        counted = -sum(calendar.is_working(other + timedelta(days=n)) for n in range(-span))
    assert calendar.working_days_between(day, other) == counted


@given(CALENDARS, DAYS)
def test_the_next_working_day_is_the_first_one(calendar, day):
    found = calendar.next_working_day(day)
    skipped = (found - day).days
    assert not any(calendar.is_working(day + timedelta(days=n)) for n in range(skipped))
