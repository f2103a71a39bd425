"""Changes of a series: one occurrence, this and following, all; and whether it was held."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError

from actors.models import CalendarDay, WorkingCalendar
from actors.working_calendar import DayKind
from agreements.agreement import Status as AgreementStatus
from agreements.mechanisms.held_as_promised import lately, reckoned, together
from agreements.mechanisms.occurrences import places
from agreements.mechanisms.regular_consultation import Status
from agreements.mechanisms.series_planning import plan_series
from agreements.mechanisms.series_preview import previewed
from agreements.models import Consultation, ConsultationSeries
from governance import clock
from governance.lifecycle import Refused
from tests.agreements.mechanisms.test_regular_consultation import enter_series, local
from tests.cast import TODAY, enter_agreement

WEEKLY = "FREQ=WEEKLY;BYDAY=TU"
LAST_THURSDAY = "FREQ=MONTHLY;BYMONTH=3,6,9,12;BYDAY=-1TH"


@pytest.fixture
def series(officer, agreement):
    """On the second Tuesday of each quarter: in April, July, October and January."""
    return enter_series(agreement)


def moments(series):
    return local(one.starts_at for one in series.consultations.order_by("rule_at"))


# one occurrence


def test_one_that_is_moved_keeps_its_place_in_the_rule_and_its_length(officer, series):
    april = series.consultations.first()
    was = april.rule_at
    april.move(by=officer, on=TODAY, starts_at=was + timedelta(days=2), place="Town hall")
    april.refresh_from_db()
    assert (april.rule_at, april.status, april.place) == (was, Status.PLANNED, "Town hall")
    assert april.ends_at - april.starts_at == timedelta(hours=2)
    assert series.plan(by=officer, on=TODAY) == []


def test_a_date_is_set_again_after_it_was_put_off_without_one(officer, series):
    april = series.consultations.first()
    april.postpone(by=officer, on=TODAY, reason="Flood")
    with pytest.raises(ValidationError) as refused:
        april.move(by=officer, on=TODAY, place="Town hall")
    assert set(refused.value.error_dict) == {"starts_at"}
    april.move(by=officer, on=TODAY, starts_at=april.rule_at + timedelta(days=9))
    april.convene(by=officer, on=TODAY)
    assert april.status == Status.CONVENED


# all


def test_a_new_rule_moves_the_coming_ones_and_they_keep_their_identity(officer, series):
    ids = [one.public_id for one in series.consultations.order_by("rule_at")]
    series.edit(by=officer, rrule=LAST_THURSDAY)
    found = list(series.consultations.order_by("rule_at"))
    assert local(one.starts_at for one in found) == [
        "2027-03-25 14:00",
        "2027-06-24 14:00",
        "2027-09-30 14:00",
        "2027-12-30 14:00",
        "2028-03-30 14:00",
    ]
    assert [one.public_id for one in found[1:]] == ids


def test_what_was_moved_called_or_cancelled_stays_and_still_fills_its_place(officer, series):
    april, july, october, january = series.consultations.order_by("rule_at")
    april.move(by=officer, on=TODAY, starts_at=april.starts_at + timedelta(days=1))
    july.convene(by=officer, on=TODAY)
    october.cancel(by=officer, on=TODAY, reason="Holiday")
    series.edit(by=officer, starts_at=time(9))
    assert list(series.consultations.order_by("rule_at")) == [april, july, october, january]
    assert moments(series) == [
        "2027-04-14 14:00",
        "2027-07-13 14:00",
        "2027-10-12 14:00",
        "2028-01-11 09:00",
    ]
    assert series.plan(by=officer, on=TODAY) == []


def test_a_new_length_holds_for_all_but_those_with_an_end_of_their_own(officer, series):
    _april, july, *_rest = series.consultations.order_by("rule_at")
    july.edit(by=officer, ends_at=july.starts_at + timedelta(hours=5))
    series.edit(by=officer, duration_minutes=60)
    lengths = [one.ends_at - one.starts_at for one in series.consultations.order_by("rule_at")]
    assert lengths == [timedelta(hours=hours) for hours in (1, 5, 1, 1)]


def test_what_has_no_place_any_more_goes_unless_somebody_touched_it(officer, agreement):
    series = enter_series(agreement, rrule=WEEKLY)
    first = series.consultations.first()
    first.edit(by=officer, place="Town hall")
    series.edit(by=officer, ends_on=date(2027, 3, 1))
    assert list(series.consultations.all()) == [first]


@pytest.mark.parametrize(
    ("held", "yielded", "found"),
    [
        ([(3, 1, 6)], [(3, 1, 6), (3, 2, 6)], {0: 0}),
        ([(3, 1, 6)], [(3, 1, 7), (3, 2, 6)], {0: 0}),
        ([(3, 9, 6), (4, 9, 6)], [(3, 25, 6), (4, 29, 6)], {0: 0, 1: 1}),
        ([(3, 2, 6), (3, 9, 6)], [(3, 4, 6), (3, 18, 6)], {0: 0, 1: 1}),
        ([(1, 12, 6), (4, 13, 6)], [(3, 25, 6), (6, 24, 6)], {0: 0, 1: 1}),
        ([(1, 12, 6)], [(4, 13, 6)], {}),
    ],
)
def test_a_place_answers_by_moment_day_month_or_quarter(series, held, yielded, found):
    old = [datetime(2027, *when, tzinfo=UTC) for when in held]
    new = [datetime(2027, *when, tzinfo=UTC) for when in yielded]
    assert places(old, new, series.zone) == {old[one]: new[two] for one, two in found.items()}


# this and following


def test_this_and_following_continue_in_a_new_series_with_their_identity(officer, series):
    april, july, october, january = series.consultations.order_by("rule_at")
    july.convene(by=officer, on=TODAY)
    later = series.split(by=officer, on=TODAY, starts_on=date(2027, 7, 1), starts_at=time(9))
    series.refresh_from_db()
    assert (series.ends_on, later.continues) == (date(2027, 7, 1), series)
    assert list(series.consultations.order_by("rule_at")) == [april, july]
    assert list(later.consultations.order_by("rule_at")) == [october, january]
    assert moments(later) == ["2027-10-12 09:00", "2028-01-11 09:00"]
    assert later.plan(by=officer, on=TODAY) == series.plan(by=officer, on=TODAY) == []


def test_following_under_the_same_rule_keep_its_rhythm_and_what_is_left_of_its_count(
    officer, agreement
):
    series = enter_series(agreement, rrule="FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;COUNT=5")
    kept = moments(series)
    later = series.split(by=officer, on=TODAY, starts_on=date(2027, 2, 25), name="Afternoons")
    assert (later.rrule[-7:], later.starts_on) == ("COUNT=1", date(2027, 3, 9))
    assert moments(series) + moments(later) == kept


def test_following_may_change_their_rule(officer, series):
    later = series.split(
        by=officer, on=TODAY, starts_on=date(2027, 7, 1), rrule=LAST_THURSDAY,
    )  # fmt: skip
    assert moments(later)[:2] == ["2027-09-30 14:00", "2027-12-30 14:00"]
    assert moments(series) == ["2027-04-13 14:00"]


def test_dates_that_a_host_set_follow_too(officer, agreement):
    series = enter_series(agreement, rrule="", times=1, cadence="quarter")
    late = Consultation.enter(
        by=officer, agreement=agreement, series=series, starts_at=datetime(2027, 9, 1, tzinfo=UTC)
    )
    later = series.split(by=officer, on=TODAY, starts_on=date(2027, 7, 1), times=2)
    late.refresh_from_db()
    assert late.series == later


@pytest.mark.parametrize("day", [date(2026, 12, 31), date(2027, 1, 1), date(2028, 1, 1)])
def test_a_series_is_split_within_its_life(officer, agreement, day):
    series = enter_series(agreement, ends_on=date(2028, 1, 1))
    with pytest.raises(ValidationError) as refused:
        series.split(by=officer, on=TODAY, starts_on=day)
    assert set(refused.value.error_dict) == {"starts_on"}


def test_nothing_is_split_when_the_agreement_is_over(officer, alba, brook):
    ended = enter_agreement(alba, brook, by=officer, status=AgreementStatus.ENDED)
    with pytest.raises(Refused) as refused:
        enter_series(ended).split(by=officer, on=TODAY, starts_on=date(2027, 7, 1))
    assert refused.value.guard == "agreement_over"


def test_a_preview_tells_what_will_happen_and_changes_nothing(officer, series):
    was = moments(series)
    yearly = {"starts_on": date(2027, 7, 1), "rrule": "FREQ=MONTHLY;BYMONTH=7;BYDAY=2TU"}
    told = previewed(series, lambda one: one.split(by=officer, on=TODAY, **yearly), clock.now())
    assert [(one.what, str(one.after)[:10]) for one in told] == [
        ("stays", "2027-04-13"),
        ("stays", "2027-07-13"),
        ("goes", "None"),
        ("goes", "None"),
    ]
    assert moments(series) == was
    assert ConsultationSeries.objects.count() == 1


# days that are not worked


@pytest.fixture
def holidays(officer):
    """13 April is a holiday; the Saturday after is worked."""
    days = [
        {"day": date(2027, 4, 13), "kind": DayKind.HOLIDAY},
        {"day": date(2027, 4, 17), "kind": DayKind.WORKING},
    ]
    return WorkingCalendar.enter_with_days(by=officer, on=TODAY, name="House", days=days)


@pytest.mark.parametrize(("said", "day"), [("keep", 13), ("next", 14), ("previous", 12)])
def test_an_occurrence_on_a_day_that_is_not_worked_moves_and_keeps_its_place(
    agreement, holidays, said, day
):
    series = enter_series(agreement, on_holiday=said, time_zone="Europe/Amsterdam")
    april = series.consultations.order_by("rule_at").first()
    assert local([april.starts_at], "Europe/Amsterdam") == [f"2027-04-{day} 14:00"]
    assert local([april.rule_at], "Europe/Amsterdam") == ["2027-04-13 14:00"]


def test_what_is_planned_follows_a_holiday_announced_later_unless_somebody_moved_it(
    officer, agreement, holidays
):
    series = enter_series(agreement, on_holiday="next")
    _april, july, october, _january = series.consultations.order_by("rule_at")
    october.move(by=officer, on=TODAY, place="Town hall", starts_at=october.starts_at)
    july.move(by=officer, on=TODAY, starts_at=july.starts_at - timedelta(days=5))
    for day in (date(2027, 7, 13), date(2027, 10, 12), date(2027, 10, 13)):
        CalendarDay.enter(by=officer, calendar=holidays, day=day)
    assert plan_series(TODAY) == 1
    assert moments(series) == [
        "2027-04-14 14:00",
        "2027-07-08 14:00",
        "2027-10-14 14:00",
        "2028-01-11 14:00",
    ]
    assert plan_series(TODAY) == 0


# held as promised


def test_a_series_owes_until_its_period_ends_what_is_not_held(
    officer, agreement, django_assert_num_queries
):
    series = [
        enter_series(agreement, rrule="", times=2, cadence="quarter", starts_on=date(2026, 1, 1))
        for _number in range(3)
    ]
    for one, days in zip(series, ([], [5], [5, 6]), strict=True):
        for day in days:
            met = Consultation.enter(
                by=officer,
                agreement=agreement,
                series=one,
                starts_at=datetime(2027, 1, day, 6, tzinfo=UTC),
            )
            met.convene(by=officer, on=date(2027, 1, 1))
            met.close(by=officer, on=date(2027, 1, day))
    Consultation.enter(
        by=officer,
        agreement=agreement,
        series=series[0],
        starts_at=datetime(2027, 3, 20, 6, tzinfo=UTC),
    )
    for some in (series[:1], series):
        with django_assert_num_queries(1):
            found = reckoned(some, *lately(TODAY), TODAY)
    rows = list(found.values())
    assert [(one.owed, one.unplanned) for one in rows] == [(2, 1), (1, 1), (0, 0)]
    assert {one.running.ends_on for one in rows} == {date(2027, 4, 1)}
    assert together(rows) == (24, 0, 24, 3)
    assert together([None]) is None
