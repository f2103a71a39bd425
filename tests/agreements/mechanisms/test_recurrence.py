"""Recurrence as people say it: to rules, back from them, and in words."""

from calendar import monthrange
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import islice

import pytest
from dateutil.rrule import rrulestr
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from agreements.mechanisms.recurrence import (
    LAST,
    MONTHS_IN,
    PLACES,
    Spoken,
    first_day,
    problem,
    rule_of,
    spoken,
)
from agreements.mechanisms.recurrence_words import in_words

ZONE = "Asia/Shanghai"
START = date(2027, 1, 1)
THURSDAY, TUESDAY = (3,), (1,)


def days_of(rule, start=START, number=8):
    endless = rule.partition(";UNTIL=")[0]
    found = rrulestr(endless, dtstart=datetime.combine(start, time()))
    return [day.date() for day in islice(found, number)]


SAID = [
    (
        Spoken("quarter", weekdays=THURSDAY, place=LAST),
        "FREQ=MONTHLY;BYMONTH=3,6,9,12;BYDAY=-1TH",
        "every last Thursday of the quarter, 14:00 Beijing time",
        "每季度最后一个星期四 14:00（北京时间）",
    ),
    (
        Spoken("quarter", weekdays=TUESDAY, place=2),
        "FREQ=MONTHLY;BYMONTH=1,4,7,10;BYDAY=2TU",
        "every 2nd Tuesday of the quarter, 14:00 Beijing time",
        "每季度第二个星期二 14:00（北京时间）",
    ),
    (
        Spoken("quarter", weekdays=TUESDAY, place=2, months=(2,)),
        "FREQ=MONTHLY;BYMONTH=2,5,8,11;BYDAY=2TU",
        "every 2nd Tuesday of the quarter’s 2nd month, 14:00 Beijing time",
        "每季度第二个月的第二个星期二 14:00（北京时间）",
    ),
    (
        Spoken("quarter", day=15),
        "FREQ=MONTHLY;BYMONTH=1,4,7,10;BYMONTHDAY=15",
        "every 15th of the quarter’s 1st month, 14:00 Beijing time",
        "每季度第一个月的15日 14:00（北京时间）",
    ),
    (
        Spoken("quarter", 3, weekdays=THURSDAY, place=LAST, count=4),
        "FREQ=MONTHLY;INTERVAL=9;BYDAY=-1TH;COUNT=4",
        "every 3 quarters on the quarter’s last Thursday, 14:00 Beijing time, 4 times in all",
        "每3个季度的最后一个星期四 14:00（北京时间），共4次",
    ),
    (
        Spoken("week", weekdays=(0, 3)),
        "FREQ=WEEKLY;BYDAY=MO,TH",
        "every week on Monday, Thursday, 14:00 Beijing time",
        "每周星期一、星期四 14:00（北京时间）",
    ),
    (
        Spoken("week", 3, weekdays=TUESDAY),
        "FREQ=WEEKLY;INTERVAL=3;BYDAY=TU",
        "every 3 weeks on Tuesday, 14:00 Beijing time",
        "每3周的星期二 14:00（北京时间）",
    ),
    (
        Spoken("month", day=LAST),
        "FREQ=MONTHLY;BYMONTHDAY=-1",
        "every last day of the month, 14:00 Beijing time",
        "每月最后一天 14:00（北京时间）",
    ),
    (
        Spoken("month", 2, day=30),
        "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=28,29,30;BYSETPOS=-1",
        "every 2 months on the 30th, 14:00 Beijing time",
        "每2个月的30日 14:00（北京时间）",
    ),
    (
        Spoken("half_year", weekdays=THURSDAY, place=1),
        "FREQ=MONTHLY;BYMONTH=1,7;BYDAY=1TH",
        "every 1st Thursday of the half-year, 14:00 Beijing time",
        "每半年第一个星期四 14:00（北京时间）",
    ),
    (
        Spoken("year", day=21, months=(3, 9)),
        "FREQ=MONTHLY;BYMONTH=3,9;BYMONTHDAY=21",
        "every year on the 21st of March, September, 14:00 Beijing time",
        "每年3月、9月的21日 14:00（北京时间）",
    ),
    (
        Spoken("year", 2, weekdays=THURSDAY, place=LAST, months=(3,), until=date(2030, 12, 31)),
        "FREQ=YEARLY;INTERVAL=2;BYMONTH=3;BYDAY=-1TH;UNTIL=20301231T155959Z",
        "every 2 years on the last Thursday in March, 14:00 Beijing time, until 31 December 2030",
        "每2年3月的最后一个星期四 14:00（北京时间），至2030年12月31日",
    ),
]


@pytest.mark.parametrize(("said", "rule", "english", "chinese"), SAID, ids=[row[1] for row in SAID])
def test_what_people_say_is_a_rule_and_the_rule_says_it_again(said, rule, english, chinese):
    assert rule_of(said, ZONE) == rule
    start = first_day(said, START)
    assert spoken(rule, start, ZONE) == said.normal()
    for language, words in (("en", english), ("zh-hans", chinese)):
        with translation.override(language):
            assert in_words(rule, start, time(14), ZONE) == words


QUARTERLY = Spoken("quarter", weekdays=THURSDAY, place=LAST)


@pytest.mark.parametrize(
    ("rule", "start", "said"),
    [
        ("FREQ=MONTHLY;INTERVAL=3;BYDAY=2TU", START, Spoken("quarter", weekdays=(1,), place=2)),
        ("FREQ=MONTHLY;INTERVAL=3;BYDAY=-1TH", date(2027, 3, 1), QUARTERLY),
        ("RRULE:FREQ=MONTHLY;BYDAY=TH;BYSETPOS=-1", START, replace(QUARTERLY, unit="month")),
        ("freq=weekly", START, Spoken("week", weekdays=(4,))),
        ("FREQ=MONTHLY", START, Spoken("month", day=1)),
        ("FREQ=YEARLY", date(2027, 3, 21), Spoken("year", day=21, months=(3,))),
        ("FREQ=YEARLY;BYMONTH=3,6,9,12;BYDAY=-1TH", START, QUARTERLY),
        ("FREQ=YEARLY;BYDAY=-1TH", START, replace(QUARTERLY, unit="year", months=(12,))),
    ],
)
def test_what_other_programs_write_for_the_same_days_is_read_too(rule, start, said):
    assert spoken(rule, start, ZONE) == said.normal()


@pytest.mark.parametrize(
    ("rule", "start"),
    [
        ("FREQ=DAILY", START),
        ("FREQ=MONTHLY;BYMONTHDAY=31", START),
        ("FREQ=MONTHLY;BYMONTHDAY=1,15", START),
        ("FREQ=MONTHLY;BYDAY=5TH", START),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=1", START),
        ("FREQ=MONTHLY", date(2027, 1, 31)),
        ("FREQ=YEARLY", date(2028, 2, 29)),
        ("FREQ=YEARLY;BYWEEKNO=20", START),
        ("FREQ=YEARLY;BYMONTHDAY=15", START),
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=SU", START),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", START),
        ("not a rule", START),
    ],
)
def test_a_rule_that_cannot_be_said_is_shown_as_it_stands(rule, start):
    assert spoken(rule, start, ZONE) is None
    assert in_words(rule, start, time(9, 30), "Europe/Amsterdam").startswith(f"{rule}, 09:30 ")


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (Spoken("decade", day=1), "every"),
        (Spoken("month", 0, day=1), "every"),
        (Spoken("week"), "weekdays"),
        (Spoken("month", place=1), "weekdays"),
        (Spoken("month", place=1, weekdays=(7,)), "weekdays"),
        (Spoken("month"), "day"),
        (Spoken("month", day=32), "day"),
        (Spoken("month", day=0), "day"),
        (Spoken("month", place=5, weekdays=(1,)), "place"),
        (Spoken("quarter", day=1, months=(4,)), "months"),
        (Spoken("quarter", day=1, months=(1, 2)), "months"),
        (Spoken("year", 2, day=1, months=(1, 2)), "months"),
        (Spoken("month", day=1, count=0), "count"),
    ],
)
def test_what_is_missing_or_impossible_is_named(said, field):
    assert problem(said) == field
    with pytest.raises(ValueError, match=field):
        rule_of(said, ZONE)


def test_a_day_that_a_month_lacks_is_its_last_one():
    days = days_of(rule_of(Spoken("month", day=30), ZONE), number=3)
    assert days == [date(2027, 1, 30), date(2027, 2, 28), date(2027, 3, 30)]


def test_the_last_day_until_which_it_recurs_counts_in_its_zone():
    said = Spoken("week", weekdays=(0,), until=date(2027, 1, 11))
    rule = rule_of(said, "America/New_York")
    assert rule.endswith("UNTIL=20270112T045959Z")
    assert spoken(rule, START, "America/New_York") == said


SPOKEN = st.one_of(
    st.builds(
        Spoken,
        st.just("week"),
        st.integers(1, 8),
        weekdays=st.lists(st.integers(0, 6), min_size=1, max_size=7).map(tuple),
        count=st.none() | st.integers(1, 20),
    ),
    st.builds(
        lambda unit, every, how, month, ends: Spoken(
            unit, every, months=(min(month, MONTHS_IN[unit]),), **how, **ends
        ),
        st.sampled_from(list(MONTHS_IN)),
        st.integers(1, 6),
        st.builds(lambda day: {"day": day}, st.sampled_from([LAST, *range(1, 32)]))
        | st.builds(
            lambda place, day: {"place": place, "weekdays": (day,)},
            st.sampled_from(PLACES),
            st.integers(0, 6),
        ),
        st.integers(1, 12),
        st.builds(lambda day: {"until": day}, st.dates(date(2027, 1, 1), date(2060, 1, 1)))
        | st.just({}),
    ),
    st.builds(
        Spoken,
        st.just("year"),
        day=st.integers(1, 31),
        months=st.lists(st.integers(1, 12), min_size=1, max_size=12).map(tuple),
    ),
)  # fmt: skip


@settings(max_examples=60)
@given(said=SPOKEN, ahead=st.integers(0, 800), zone=st.sampled_from([ZONE, "America/New_York"]))
def test_every_rule_that_can_be_said_is_read_back_and_yields_the_same_days(said, ahead, zone):
    start = first_day(said, START + timedelta(days=ahead))
    rule = rule_of(said, zone)
    read = spoken(rule, start, zone)
    assert read is not None
    assert days_of(rule_of(read, zone), start) == days_of(rule, start)
    if said.every == 1:
        assert read == said.normal()
    assert in_words(rule, start, time(14), zone)


@settings(max_examples=60)
@given(said=SPOKEN, ahead=st.integers(0, 800))
def test_every_day_is_one_that_was_said(said, ahead):
    start = first_day(said, START + timedelta(days=ahead))
    normal = said.normal()
    days = days_of(rule_of(replace(said, until=None, count=None), ZONE), start)
    assert days and days[0] >= start
    if said.every > 1:
        assert days[0] == start
    for day in days:
        last = monthrange(day.year, day.month)[1]
        if normal.unit == "week":
            assert day.weekday() in normal.weekdays
        elif normal.place is not None:
            assert day.weekday() == normal.weekdays[0]
            week = (day.day - 1) // 7 + 1
            assert day.day > last - 7 if normal.place == LAST else week == normal.place
        else:
            assert day.day == (last if normal.day == LAST else min(normal.day, last))
        if normal.months:
            assert (day.month - 1) % MONTHS_IN[normal.unit] + 1 in normal.months
