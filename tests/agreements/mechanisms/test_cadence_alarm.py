"""The alarm on the convenor: before a period runs out with nothing planned, and after it did."""

from datetime import UTC, date, datetime

import pytest

from agreements.mechanisms.cadence_alarm import alarm
from agreements.models import Consultation, LiaisonAppointment, Notice
from governance import clock
from tests.agreements.mechanisms.test_regular_consultation import enter_series
from tests.cast import TODAY, enter_person, enter_rotation


@pytest.fixture
def series(officer, agreement, alba, brook):
    """At least once a quarter; Alba convenes, its liaison officer is in post."""
    enter_rotation(agreement, alba, brook, by=officer, on=TODAY)
    party = agreement.party_set.get(organization=alba)
    LiaisonAppointment.enter(
        by=officer, on=TODAY, party=party, person=enter_person("Lin Yue", alba),
        starts_on=date(2026, 1, 1),
    )  # fmt: skip
    return enter_series(agreement, rrule="", times=1, cadence="quarter", starts_on=date(2027, 1, 1))


def run(*days):
    for day in days:
        with clock.fixed(day):
            alarm(day)
    told = Notice.objects.filter(kind__in=["consultation_owed", "consultation_missed"])
    return [(str(one.told_on), one.kind, str(one.person)) for one in told.order_by("pk")]


def test_the_host_of_the_day_is_told_thirty_and_seven_days_before_and_once_after(series):
    days = [date(2027, 3, day) for day in (1, 2, 3, 24, 25, 26)]
    assert run(*days, date(2027, 4, 1), date(2027, 4, 2)) == [
        ("2027-03-02", "consultation_owed", "Lin Yue"),
        ("2027-03-25", "consultation_owed", "Lin Yue"),
        ("2027-04-01", "consultation_missed", "Lin Yue"),
    ]
    [owed, *_rest] = Notice.objects.order_by("pk")
    assert owed.sentence == (
        "By 31 March 2027 still owed under “Leaders” and not planned yet: 1. Please set a date."
    )


def test_whoever_set_a_date_is_left_in_peace_until_the_period_is_over(series, officer):
    meeting = Consultation.enter(
        by=officer,
        agreement=series.agreement,
        series=series,
        starts_at=datetime(2027, 3, 31, 6, tzinfo=UTC),
    )
    assert run(date(2027, 3, 25)) == []
    meeting.convene(by=officer, on=TODAY)
    meeting.close(by=officer, on=date(2027, 3, 31))
    assert run(date(2027, 4, 1)) == []


def test_an_agreement_that_is_not_in_force_owes_nothing(series, officer):
    series.agreement.suspend(by=officer, on=TODAY, reason="Talks")
    assert run(date(2027, 3, 25)) == []


def test_nobody_is_told_where_nobody_is_known_to_host(series):
    series.agreement.rotations.get().remove(by=None)
    assert run(date(2027, 3, 25)) == []


def test_an_alarm_is_raised_in_a_constant_number_of_queries(
    series, agreement, django_assert_max_num_queries
):
    for _number in range(3):
        enter_series(agreement, rrule="", times=1, cadence="year", starts_on=date(2027, 1, 1))
    with django_assert_max_num_queries(2):
        alarm(date(2027, 2, 1))
