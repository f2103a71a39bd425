"""What speaks against a day for a consultation, said to whoever sets it."""

from datetime import date

import pytest
from django.utils import translation

from actors.models import CalendarDay, Region, WorkingCalendar
from agreements.mechanisms.meeting_days import doubts_about
from agreements.models import Consultation
from tests.agreements.mechanisms.meetings import enter_meeting, enter_series
from tests.cast import TODAY

HOLIDAY, SUNDAY, WORKED = date(2027, 4, 5), date(2027, 4, 11), date(2027, 4, 13)


@pytest.fixture
def calendar(today):
    made = WorkingCalendar.enter(by=None, name="House")
    CalendarDay.enter(by=None, calendar=made, day=HOLIDAY, name="Tomb sweeping", name_zh="清明节")
    made.settle(2027, by=None, on=TODAY)
    return made


@pytest.fixture
def series(agreement):
    return enter_series(agreement, times=1, cadence="quarter", starts_on=date(2026, 1, 1))


def stated(series):
    return Consultation(agreement=series.agreement, series=series)


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (WORKED, []),
        (SUNDAY, ["11 April 2027 is not worked: Sunday."]),
        (HOLIDAY, ["5 April 2027 is not worked: Tomb sweeping."]),
    ],
)
def test_a_day_that_is_not_worked_is_named_with_its_reason(calendar, series, day, told):
    assert doubts_about(stated(series), day) == told


def test_it_is_said_in_the_readers_language(calendar, series):
    with translation.override("zh-hans"):
        assert doubts_about(stated(series), HOLIDAY) == ["2027年4月5日不是工作日：清明节。"]
        assert doubts_about(stated(series), SUNDAY) == ["2027年4月11日不是工作日：星期日。"]


def test_a_year_that_is_not_announced_is_said_to_be_so(calendar, series):
    (told,) = doubts_about(stated(series), date(2028, 4, 11))
    assert "2028 are not announced yet" in told


def test_the_calendar_is_the_one_of_whoever_hosts(calendar, agreement, alba):
    region = Region.enter(by=None, name="Alba")
    alba.edit(by=None, region=region)
    own = WorkingCalendar.enter(by=None, name="Of Alba", region=region, weekend=[2])
    own.settle(2027, by=None, on=TODAY)
    hosted = enter_series(agreement, host_rule="fixed", host=alba)
    assert doubts_about(stated(hosted), SUNDAY) == []
    assert doubts_about(stated(hosted), WORKED) == ["13 April 2027 is not worked: Tuesday."]


def test_without_a_calendar_nothing_is_said_of_working_days(series):
    assert doubts_about(stated(series), SUNDAY) == []


def test_a_period_that_has_as_many_as_were_promised_is_said_to_be_full(calendar, series):
    there = enter_meeting(series, date(2027, 5, 4), title="Spring meeting")
    told = ["Second quarter of 2027 has its consultations already: Spring meeting (4 May 2027)."]
    assert doubts_about(stated(series), WORKED) == told
    assert doubts_about(there, WORKED) == []  # it is moved within its period
    assert doubts_about(stated(series), date(2027, 7, 6)) == []
    series.edit(by=None, times=2)
    assert doubts_about(stated(series), WORKED) == []


@pytest.mark.parametrize(
    ("verb", "counts"), [("cancel", False), ("postpone", False), ("convene", True)]
)
def test_what_will_not_be_held_then_fills_no_period(calendar, series, verb, counts):
    there = enter_meeting(series, date(2027, 5, 4))
    getattr(there, verb)(by=None, on=TODAY, reason="Flood")
    assert bool(doubts_about(stated(series), WORKED)) is counts


def test_an_extraordinary_one_is_asked_for_by_no_period(calendar, agreement, series):
    enter_meeting(series, date(2027, 5, 4))
    assert doubts_about(Consultation(agreement=agreement), WORKED) == []
