"""Regular consultation: what was promised, when it falls, who hosts, and whether it was held."""

from datetime import UTC, date, datetime, time, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from agreements.agreement import Status as AgreementStatus
from agreements.mechanisms.convenor_changes import Kind as ChangeKind
from agreements.mechanisms.held_as_promised import reckoned
from agreements.mechanisms.regular_consultation import HostRule, Status
from agreements.models import Article, Consultation, ConsultationSeries, SpecialGroup
from governance import clock
from governance.lifecycle import Refused
from tests.cast import SIGNED, TODAY, enter_agreement, enter_rotation

START = date(2027, 1, 1)
VERBS = Consultation.lifecycle.transitions
EVERY_STEP = [(verb, status) for verb in VERBS for status in Status]


@pytest.fixture
def series(officer, agreement):
    return enter_series(agreement)


def enter_series(agreement, **facts):
    """The second Tuesday of each quarter's first month, at 14:00 in Shanghai."""
    return ConsultationSeries.enter(
        by=None,
        agreement=agreement,
        **{
            "name": "Leaders",
            "rrule": "FREQ=MONTHLY;INTERVAL=3;BYDAY=2TU",
            "starts_on": START,
            "starts_at": time(14),
            **facts,
        },
    )


def local(moments, zone="Asia/Shanghai", form="%Y-%m-%d %H:%M"):
    return [moment.astimezone(ZoneInfo(zone)).strftime(form) for moment in moments]


# occurrences


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("FREQ=MONTHLY;INTERVAL=3;BYDAY=2TU", ["2027-01-12", "2027-04-13", "2027-07-13"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", ["2027-01-31", "2027-02-28", "2027-03-31"]),
        ("FREQ=YEARLY;BYMONTH=1;BYMONTHDAY=21", ["2027-01-21", "2028-01-21"]),
        ("RRULE:FREQ=WEEKLY;COUNT=2", ["2027-01-01", "2027-01-08"]),
        ("FREQ=MONTHLY;UNTIL=20270301", ["2027-01-01", "2027-02-01"]),
        ("FREQ=MONTHLY;UNTIL=20270201T060000Z", ["2027-01-01", "2027-02-01"]),
        ("FREQ=MONTHLY;UNTIL=20270201T055959Z", ["2027-01-01"]),
        ("FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29", ["2028-02-29"]),
    ],
)
def test_the_rule_yields_its_days_at_the_time_of_the_series(agreement, rule, days):
    found = enter_series(agreement, rrule=rule).occurrences(START, date(2028, 12, 31))
    assert local(found, form="%Y-%m-%d")[: len(days)] == days
    assert set(local(found, form="%H:%M")) == {"14:00"}


@pytest.mark.parametrize(
    "zone", ["Europe/Amsterdam", "America/New_York", "Pacific/Auckland", "Asia/Shanghai", "UTC"]
)
def test_the_time_of_day_stays_across_a_change_of_the_clocks(agreement, zone):
    series = enter_series(agreement, rrule="FREQ=WEEKLY", time_zone=zone)
    found = series.occurrences(START, date(2028, 1, 1))
    assert len(found) == 53
    assert set(local(found, zone, "%a %H:%M")) == {"Fri 14:00"}


def test_the_first_day_counts_and_the_last_does_not(agreement):
    series = enter_series(agreement, rrule="FREQ=DAILY", ends_on=date(2027, 1, 5))
    days = local(series.occurrences(date(2027, 1, 2), date(2027, 1, 4)), form="%d")
    assert days == ["02", "03"]
    assert len(series.occurrences(date(2026, 1, 1), date(2028, 1, 1))) == 4


@pytest.mark.parametrize(
    "rule",
    [
        "every Monday",
        "FREQ=FORTNIGHTLY",
        "FREQ=WEEKLY;BYDAY=XX",
        "INTERVAL=2",
        "FREQ=DAILY\nEXDATE:20270101",
        "DTSTART:20270101T000000",
        "FREQ=SECONDLY",
        "freq=minutely;count=3",
        "FREQ=HOURLY",
        "FREQ=DAILY;BYHOUR=0,1,2",
        "FREQ=DAILY;BYMINUTE=0,1",
        "FREQ=MONTHLY;BYDAY=9999MO",
        "FREQ=YEARLY;BYDAY=+54MO",
        "FREQ=YEARLY;BYEASTER=99999",
        "EXRULE:FREQ=DAILY",
        "RDATE:20270101T000000",
        "FREQ=DAILY;COUNT=0",
        "FREQ=DAILY;UNTIL=20261231",
        "FREQ=DAILY;UNTIL=99991399T000000Z",
    ],
)
def test_a_rule_that_cannot_be_is_refused_at_its_field(agreement, rule):
    with pytest.raises(ValidationError) as refused:
        enter_series(agreement, rrule=rule)
    assert set(refused.value.error_dict) == {"rrule"}


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"starts_on": None}, "starts_on"),
        ({"starts_at": None}, "starts_on"),
        ({"time_zone": "Asia/Chongqing City"}, "time_zone"),
        ({"duration_minutes": 0}, "duration_minutes"),
        ({"starts_on": date.max, "rrule": ""}, "starts_on"),
        ({"starts_on": date.min}, "starts_on"),
        ({"times": 4}, "times"),
        ({"cadence": "year"}, "times"),
        ({"host_rule": HostRule.FIXED}, "host"),
        ({"host_rule": HostRule.ROTATION}, "rotation"),
        ({"quorum": 2}, "quorum"),
        ({"quorum_kind": "number"}, "quorum"),
        ({"quorum_kind": "percent", "quorum": 101}, "quorum"),
        ({"ends_on": START}, "ends_on"),
    ],
)
def test_facts_that_do_not_go_together_are_refused_at_their_field(agreement, facts, field):
    with pytest.raises(ValidationError) as refused:
        enter_series(agreement, **facts)
    assert set(refused.value.error_dict) == {field}


@pytest.mark.parametrize(
    ("name", "enter"),
    [
        ("article", lambda agreement: Article.enter(by=None, agreement=agreement, number="1")),
        ("group", lambda agreement: SpecialGroup.enter(by=None, agreement=agreement, name="G")),
        ("rotation", lambda agreement: enter_rotation(agreement, by=None)),
    ],
)
def test_what_belongs_to_another_agreement_is_refused_at_its_field(
    officer, agreement, alba, name, enter
):
    other = enter(enter_agreement(alba, by=officer))
    with pytest.raises(ValidationError) as refused:
        enter_series(agreement, **{name: other})
    assert set(refused.value.error_dict) == {name}


# planning


def test_a_year_is_planned_and_planning_again_enters_none_twice(officer, series):
    made = list(series.consultations.all())
    assert local(one.starts_at for one in made) == [
        "2027-04-13 14:00",
        "2027-07-13 14:00",
        "2027-10-12 14:00",
        "2028-01-11 14:00",
    ]
    assert {one.ends_at - one.starts_at for one in made} == {timedelta(hours=2)}
    assert series.plan(by=officer, on=TODAY) == []
    assert local(one.starts_at for one in series.plan(by=officer, on=date(2027, 5, 1))) == [
        "2028-04-11 14:00"
    ]
    assert series.consultations.count() == 5


def test_a_consultation_that_was_moved_or_cancelled_stays_the_same_one(officer, series):
    moved, cancelled, *_rest = series.consultations.all()
    moved.edit(by=officer, starts_at=moved.starts_at + timedelta(days=7), ends_at=None)
    cancelled.cancel(by=officer, on=TODAY, reason="Holiday")
    assert series.plan(by=officer, on=TODAY) == []


def test_a_meeting_in_the_hour_that_comes_twice_or_never_is_planned_once(officer, agreement):
    series = enter_series(
        agreement,
        rrule="FREQ=YEARLY;BYMONTH=3,10;BYDAY=-1SU",
        starts_at=time(2, 30),
        time_zone="Europe/Amsterdam",
    )
    made = list(series.consultations.all())
    assert local((one.starts_at for one in made), "UTC") == [
        "2027-03-28 01:30",
        "2027-10-31 00:30",
    ]
    assert series.plan(by=officer, on=TODAY) == []


def test_the_coming_consultations_follow_the_rule(officer, series):
    _april, july, _october, january = series.consultations.all()
    july.edit(by=officer, place="Town hall")
    series.edit(by=officer, rrule="FREQ=MONTHLY;INTERVAL=6;BYDAY=2TU")
    assert list(series.consultations.all()) == [july, january]
    series.edit(by=officer, starts_at=time(15))
    assert list(series.consultations.all()) == [july, january]
    assert local(one.starts_at for one in series.consultations.all()) == [
        "2027-07-13 15:00",
        "2028-01-11 15:00",
    ]
    series.edit(by=officer, rrule="")
    assert list(series.consultations.all()) == [july]


def test_what_was_called_or_lies_behind_does_not_follow_the_rule(officer, agreement):
    with clock.fixed(START):
        series = enter_series(agreement)
    past, called, *_rest = series.consultations.all()
    called.convene(by=officer, on=TODAY)
    series.edit(by=officer, ends_on=date(2027, 3, 2))
    assert list(series.consultations.all()) == [past, called]


def test_a_rule_that_never_yields_a_day_is_refused_at_once(agreement):
    began = monotonic()
    with pytest.raises(ValidationError) as refused:
        enter_series(agreement, rrule="FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")
    assert set(refused.value.error_dict) == {"rrule"}
    assert monotonic() - began < 1


@pytest.mark.parametrize("year", [1, 9999])
def test_no_consultation_lies_beyond_the_calendar(officer, series, year):
    consultation = series.consultations.first()
    with pytest.raises(ValidationError) as refused:
        consultation.postpone(
            by=officer, on=TODAY, starts_at=datetime(year, 12, 31, tzinfo=UTC), reason="Later"
        )
    assert [error.code for error in refused.value.error_dict["starts_at"]] == ["out_of_range"]


def test_a_mere_cadence_plans_nothing(officer, agreement):
    series = enter_series(agreement, rrule="", times=4, cadence="year")
    assert series.plan(by=officer, on=TODAY) == []


def test_nothing_is_planned_any_more_when_the_agreement_is_over(officer, alba, brook):
    agreement = enter_agreement(alba, brook, by=officer, status=AgreementStatus.ENDED)
    assert enter_series(agreement).plan(by=officer, on=TODAY) == []


# hosts


@pytest.fixture
def rotation(officer, agreement, alba, brook):
    """Alba until July 2027, then Brook."""
    return enter_rotation(agreement, alba, brook, by=officer, on=TODAY)


def test_the_host_follows_the_rotation_until_the_consultation_is_convened(
    officer, series, rotation, alba, brook
):
    april, july = series.consultations.all()[:2]
    assert (april.host_now(), july.host_now()) == (alba, brook)
    july.convene(by=officer, on=TODAY)
    swap = {"term_on": "2027-07-01", "other_term_on": "2028-01-01"}
    rotation.change(ChangeKind.SWAP, by=officer, on=TODAY, facts=swap, decided_on=TODAY)
    october = series.consultations.get(starts_at__date=date(2027, 10, 12))
    july.refresh_from_db()
    assert (july.host, july.host_now(), october.host_now()) == (brook, brook, alba)


def test_a_host_that_was_set_stays(officer, series, rotation, corva):
    [first, *_rest] = series.consultations.all()
    first.edit(by=officer, host=corva)
    assert first.host_now() == corva
    first.convene(by=officer, on=TODAY)
    assert first.host == corva


def test_a_fixed_host_hosts_always_even_without_a_day(agreement, dunes):
    series = enter_series(agreement, host_rule=HostRule.FIXED, host=dunes)
    assert series.host_on(None) == series.host_on(TODAY) == dunes


def test_a_rotation_of_its_own_gives_the_hosts(officer, agreement, rotation, alba, brook):
    own = enter_rotation(agreement, brook, alba, by=officer, on=TODAY, name="Hosts", length=1)
    series = enter_series(agreement, host_rule=HostRule.ROTATION, rotation=own)
    days = [date(2026, 1, 15), date(2026, 2, 15), date(2025, 1, 1)]
    assert [series.host_on(day) for day in days] == [brook, alba, None]


def test_an_extraordinary_consultation_is_hosted_by_the_convenor_of_its_day(
    officer, agreement, rotation, brook
):
    meeting = enter_meeting(agreement, starts_at=datetime(2027, 6, 30, 16, 30, tzinfo=UTC))
    assert (meeting.day, meeting.host_now()) == (date(2027, 7, 1), brook)
    assert enter_meeting(agreement).host_now() is None


def test_its_day_is_counted_in_the_zone_of_its_series_or_of_the_installation(agreement, settings):
    late = datetime(2027, 6, 30, 20, tzinfo=UTC)
    series = enter_series(agreement, time_zone="America/New_York")
    assert enter_meeting(agreement, series=series, starts_at=late).day == date(2027, 6, 30)
    settings.TIME_ZONE = "Europe/Lisbon"
    assert enter_meeting(agreement, starts_at=late).day == date(2027, 6, 30)


# every verb from every status


def enter_meeting(agreement, **facts):
    return Consultation.enter(by=None, agreement=agreement, **facts)


STEPS = {
    Status.PLANNED: [],
    Status.CONVENED: ["convene"],
    Status.POSTPONED: ["postpone"],
    Status.CLOSED: ["convene", "close"],
    Status.CANCELLED: ["cancel"],
}


@pytest.fixture
def at(officer, agreement):
    """Enters a consultation of 16 February in a status."""

    def enter(status):
        moment = datetime(2027, 2, 16, 6, tzinfo=UTC)
        meeting = enter_meeting(agreement, starts_at=moment)
        for verb in STEPS[status]:
            details = {"starts_at": moment} if verb == "postpone" else {}
            getattr(meeting, verb)(by=officer, on=SIGNED, reason="Letter", **details)
        return meeting

    return enter


@pytest.mark.parametrize(("verb", "status"), EVERY_STEP)
def test_a_verb_is_possible_from_its_states_and_refused_from_all_others(officer, at, verb, status):
    meeting = at(status)
    said = {"starts_at": datetime(2027, 5, 1, tzinfo=UTC)} if verb == "move" else {}
    if status in VERBS[verb].sources:
        getattr(meeting, verb)(by=officer, on=TODAY, reason="Letter", **said)
        meeting.refresh_from_db()
        assert (meeting.status, meeting.status_since) == (VERBS[verb].target or status, TODAY)
        return
    for language in ("en", "zh-hans"):
        with translation.override(language), pytest.raises(Refused) as refused:
            getattr(meeting, verb)(by=officer, on=TODAY, reason="Letter", **said)
        assert (refused.value.verb, refused.value.guard) == (verb, f"status_{status}")
        with translation.override(language):
            assert f"“{status.label}”" in str(refused.value)


@pytest.mark.parametrize("verb", ["postpone", "cancel"])
def test_what_does_not_take_place_as_planned_has_a_reason(officer, at, verb):
    with pytest.raises(ValidationError) as refused:
        getattr(at(Status.PLANNED), verb)(by=officer, on=TODAY)
    assert set(refused.value.error_dict) == {"reason"}


def test_nothing_is_convened_without_a_day(officer, agreement):
    meeting = enter_meeting(agreement)
    with pytest.raises(Refused) as refused:
        meeting.convene(by=officer, on=TODAY)
    assert refused.value.guard == "no_date"
    meeting.edit(by=officer, starts_at=datetime(2027, 4, 1, 6, tzinfo=UTC))
    meeting.convene(by=officer, on=TODAY)
    meeting.postpone(by=officer, on=TODAY, reason="Flood")
    with pytest.raises(Refused):
        meeting.convene(by=officer, on=TODAY)


@pytest.mark.parametrize(
    ("on", "held_on", "kept"),
    [
        (TODAY, None, date(2027, 2, 16)),
        (TODAY, date(2027, 2, 17), date(2027, 2, 17)),
        (date(2027, 2, 16), None, date(2027, 2, 16)),
        (date(2027, 2, 10), None, date(2027, 2, 10)),
    ],
)
def test_it_was_held_on_its_day_unless_another_is_given(officer, at, on, held_on, kept):
    meeting = at(Status.CONVENED)
    meeting.close(by=officer, on=on, held_on=held_on)
    assert meeting.held_on == kept


def test_it_is_not_closed_before_it_was_held(officer, at):
    with pytest.raises(ValidationError) as refused:
        at(Status.CONVENED).close(by=officer, on=TODAY, held_on=TODAY + timedelta(days=1))
    assert set(refused.value.error_dict) == {"held_on"}


def test_it_does_not_end_before_it_begins(agreement):
    moment = datetime(2027, 4, 1, 6, tzinfo=UTC)
    with pytest.raises(ValidationError) as refused:
        enter_meeting(agreement, starts_at=moment, ends_at=moment)
    assert set(refused.value.error_dict) == {"ends_at"}


def test_coming_is_what_is_still_to_be_held_the_nearest_first(officer, agreement):
    now = datetime(2027, 3, 1, 4, tzinfo=UTC)

    def meeting(days, *verbs, **details):
        made = enter_meeting(agreement, starts_at=now + timedelta(days=days))
        for verb in verbs:
            getattr(made, verb)(by=officer, on=TODAY, reason="x", **details)
        return made

    far, near, now_on = meeting(20), meeting(10, "convene"), meeting(0)
    put_off = meeting(1, "postpone", starts_at=now + timedelta(days=15))
    meeting(5, "cancel")
    meeting(5, "convene", "close")
    meeting(5, "postpone")
    meeting(-1)
    assert list(Consultation.objects.coming(now)) == [now_on, near, put_off, far]


# held as promised


def hold(series, officer, *days):
    for day in days:
        moment = datetime(day.year, day.month, day.day, 6, tzinfo=UTC)
        meeting = enter_meeting(series.agreement, series=series, starts_at=moment)
        meeting.convene(by=officer, on=START)
        meeting.close(by=officer, on=TODAY)


YEAR = (date(2026, 1, 1), date(2027, 1, 1))


def promised_and_held(series):
    [found] = reckoned([series], *YEAR, YEAR[1]).values()
    return found and (found.promised, found.held)


@pytest.mark.parametrize(
    ("facts", "due"),
    [
        ({"times": 1, "cadence": "quarter"}, 4),
        ({"times": 2, "cadence": "half_year"}, 4),
        ({"times": 1, "cadence": "month"}, 12),
        ({"times": 1, "cadence": "year"}, 1),
        ({"times": 1, "cadence": "quarter", "starts_on": date(2026, 2, 1)}, 3),
        ({"times": 1, "cadence": "month", "ends_on": date(2026, 4, 1)}, 3),
        ({"times": 1, "cadence": "month", "starts_on": date(2027, 1, 1)}, 0),
        ({"rrule": "FREQ=MONTHLY;BYMONTHDAY=15", "starts_on": date(2026, 2, 1)}, 11),
    ],
)
def test_what_was_promised_is_counted_by_whole_periods_or_by_the_rule(agreement, facts, due):
    facts = {"rrule": "", "starts_on": date(2025, 1, 1), **facts}
    assert promised_and_held(enter_series(agreement, **facts)) == (due, 0)


def test_what_was_held_is_counted_by_its_day(officer, agreement):
    series = enter_series(
        agreement, rrule="", starts_on=date(2026, 1, 1), times=1, cadence="quarter"
    )
    hold(series, officer, date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1))
    enter_meeting(agreement, series=series, starts_at=datetime(2026, 5, 1, 6, tzinfo=UTC))
    assert promised_and_held(series) == (4, 2)


def test_where_nothing_was_promised_nothing_is_due(agreement):
    series = enter_series(agreement, rrule="", starts_on=None, starts_at=None)
    assert promised_and_held(series) is None
