"""The daily run: each step of each day once, whatever crashes or is missed in between."""

from datetime import date, time, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from agreements import daily
from agreements.daily import DailyRun
from agreements.models import Consultation, ConsultationSeries, Rotation
from governance import clock
from tests.cast import IN_FORCE, SIGNED, TODAY, enter_rotation

pytestmark = pytest.mark.django_db

DAYS = [TODAY + timedelta(days=ahead) for ahead in range(5)]


def run(on=None):
    out = StringIO()
    call_command("daily", *(["--on", on.isoformat()] if on else []), stdout=out, stderr=StringIO())
    return out.getvalue()


@pytest.fixture
def acts(monkeypatch):
    """Two steps that note when they act; the second fails on the days in ``failing``."""

    class Acts(list):
        failing: set[date] = set()

    acts = Acts()

    def first(on):
        acts.append(("first", on, clock.today()))
        return 1

    def second(on):
        if on in acts.failing:
            raise ValueError("no ink")
        acts.append(("second", on, clock.today()))
        return 2

    monkeypatch.setattr(daily, "STEPS", (("first", first), ("second", second)))
    return acts


def done(acts):
    return [(name, on) for name, on, _clock in acts]


def test_the_steps_are_done_in_their_order_under_the_clock_of_the_day(acts):
    assert run(TODAY).splitlines() == [f"{TODAY}  first: 1", f"{TODAY}  second: 2"]
    assert acts == [("first", TODAY, TODAY), ("second", TODAY, TODAY)]


def test_twice_is_like_once(acts):
    run(TODAY)
    assert "all done already" in run(TODAY)
    assert len(acts) == 2


def test_without_a_day_it_is_today(acts, today):
    run()
    assert done(acts) == [("first", TODAY), ("second", TODAY)]


def test_missed_days_are_caught_up_each_as_itself(acts):
    run(DAYS[0])
    acts.clear()
    run(DAYS[3])
    assert done(acts) == [(name, day) for day in DAYS[1:4] for name in ("first", "second")]
    assert all(on == told for _name, on, told in acts)


def test_the_first_run_has_nothing_to_catch_up_on(acts):
    run(TODAY)
    assert DailyRun.objects.count() == 1


def test_a_day_long_past_is_run_by_itself(acts):
    run(TODAY)
    run(date(2020, 1, 1))
    acts.clear()
    run(DAYS[1])
    assert done(acts) == [("first", DAYS[1]), ("second", DAYS[1])]


def test_a_step_that_fails_holds_up_no_other_and_is_tried_again(acts):
    acts.failing = {DAYS[0]}
    with pytest.raises(CommandError):
        run(DAYS[0])
    assert DailyRun.objects.get().failed == {"second": "ValueError: no ink"}
    with pytest.raises(CommandError):
        run(DAYS[1])
    assert done(acts) == [("first", DAYS[0]), ("first", DAYS[1]), ("second", DAYS[1])]
    acts.failing = set()
    run(DAYS[1])
    assert done(acts)[-1] == ("second", DAYS[0])
    assert daily.last_finished() == DAYS[1]
    assert not DailyRun.objects.exclude(failed={}).exists()


def test_killed_in_between_it_goes_on_where_it_stood(acts):
    days = daily.run_day(TODAY)
    next(days)
    days.close()  # killed behind the first step
    assert daily.last_finished() is None
    run(TODAY)
    assert done(acts) == [("first", TODAY), ("second", TODAY)]


def test_a_step_that_a_new_release_brings_is_done_on_its_first_day(acts, monkeypatch):
    run(TODAY)
    monkeypatch.setattr(daily, "STEPS", (*daily.STEPS, ("third", lambda on: 3)))
    run(DAYS[1])
    assert DailyRun.objects.get(day=TODAY).done == {"first": 1, "second": 2}
    assert DailyRun.objects.get(day=DAYS[1]).done["third"] == 3


@pytest.mark.parametrize("day", ["tomorrow", "2027-02-30", "27-03-01"])
def test_a_day_that_is_none_is_refused(day):
    with pytest.raises(CommandError, match="--on takes a day"):
        call_command("daily", "--on", day)
    assert not DailyRun.objects.exists()


def test_every_step_is_called_something_in_the_readers_language():
    assert set(daily._WORDS) == {key for key, _act in daily.STEPS}
    with translation.override("zh-hans"):
        for key, _act in daily.STEPS:
            assert daily.step_word(key) != key
    assert daily.step_word("a step of an older release") == "a step of an older release"


def test_the_steps_have_names_of_their_own():
    names = [name for name, _act in daily.STEPS]
    assert len(set(names)) == len(names)


class TestSteps:
    def test_terms_are_laid_down_further_as_time_goes_on(
        self, short_horizon, agreement, officer, alba, brook
    ):
        rotation = enter_rotation(agreement, alba, brook, by=officer, on=SIGNED)
        until = Rotation.objects.get().laid_until
        assert dict(daily.STEPS)["convenor terms laid down"](SIGNED) == 0
        run(date(2028, 6, 1))
        assert Rotation.objects.get().laid_until > until
        assert rotation.terms.filter(starts_on__gte=until).exists()
        assert dict(daily.STEPS)["convenor terms laid down"](date(2028, 6, 1)) == 0

    def test_nothing_is_laid_down_for_an_agreement_that_has_ended(
        self, short_horizon, agreement, officer, alba, brook
    ):
        rotation = enter_rotation(agreement, alba, brook, by=officer, on=SIGNED)
        agreement.terminate(by=officer, on=IN_FORCE, reason="Done")
        rotation.refresh_from_db()
        run(date(2027, 6, 1))
        assert Rotation.objects.get().laid_until == rotation.laid_until

    def test_consultations_are_planned_a_year_ahead_every_day(self, agreement, officer):
        ConsultationSeries.enter(
            by=officer,
            on=TODAY,
            agreement=agreement,
            name="Quarterly",
            rrule="FREQ=MONTHLY",
            starts_on=TODAY,
            starts_at=time(14),
        )
        before = Consultation.objects.count()
        run(TODAY)
        assert Consultation.objects.count() == before
        run(TODAY + timedelta(days=31))
        assert Consultation.objects.count() == before + 1
