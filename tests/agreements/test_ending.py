"""Ending an agreement: what it means for every noun, in one transaction."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from agreements.agreement import Ending, Status
from agreements.ending import ENDINGS, end
from agreements.mechanisms.convenor_terms import State
from agreements.mechanisms.regular_consultation import Status as Meeting
from agreements.models import Consultation
from agreements.tasks import Status as TaskStatus
from governance.lifecycle import Refused, Stale
from governance.record import Event, broken_links
from tests.cast import TODAY, enter_agreement, enter_rotation, enter_task

OVER = date(2027, 5, 1)


def at(day, hour=4):
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def meeting(agreement, moment, *verbs, on=TODAY):
    made = Consultation.enter(by=None, agreement=agreement, starts_at=moment)
    for verb in verbs:
        details = {"starts_at": moment} if verb == "postpone" else {}
        getattr(made, verb)(by=None, on=on, reason="Letter", **details)
    return made


def terminate(agreement, on=OVER, **details):
    return end(agreement, "terminate", by=None, on=on, **{"reason": "Done", **details})


def statuses():
    return list(Consultation.objects.order_by("pk").values_list("status", flat=True))


def test_the_endings_are_the_verbs_that_end_an_agreement(agreement):
    verbs = agreement.lifecycle.transitions
    assert {verb for verb in verbs if verbs[verb].target == Status.ENDED} == ENDINGS


def test_coming_consultations_are_cancelled_and_earlier_ones_stay(agreement, brook, officer):
    eve, day = OVER - timedelta(days=1), OVER
    last_moment = datetime(2027, 4, 30, 15, 59, tzinfo=UTC)
    meeting(agreement, at(eve))
    meeting(agreement, last_moment)
    meeting(agreement, last_moment + timedelta(minutes=1))
    meeting(agreement, at(day))
    meeting(agreement, at(day), "convene")
    meeting(agreement, at(day), "postpone")
    meeting(agreement, None)
    meeting(agreement, at(day), "convene", "close")
    elsewhere = enter_agreement(brook, by=officer)
    meeting(elsewhere, at(day))
    terminate(agreement)
    assert statuses() == [
        Meeting.PLANNED,
        Meeting.PLANNED,
        *[Meeting.CANCELLED] * 5,
        Meeting.CLOSED,
        Meeting.PLANNED,
    ]
    cancelled = Consultation.objects.filter(status=Meeting.CANCELLED).first()
    assert Event.objects.of(cancelled).last().reason == "The agreement has ended."


def test_an_end_entered_late_cancels_what_was_called_meanwhile(agreement):
    meeting(agreement, at(date(2027, 6, 1)), "convene", on=OVER + timedelta(days=5))
    terminate(agreement)
    assert statuses() == [Meeting.CANCELLED]


def test_projected_terms_behind_the_end_are_dropped_and_confirmed_ones_stay(
    officer, agreement, alba, brook
):
    rotation = enter_rotation(agreement, alba, brook, by=officer, on=TODAY)
    decided = enter_rotation(
        agreement, alba, by=officer, on=TODAY, name="Decided", basis="decision"
    )
    assert State.UNDECIDED in set(decided.terms.values_list("state", flat=True))
    confirmed = rotation.terms.get(starts_on=date(2028, 1, 1))
    confirmed.confirm(by=officer, on=TODAY)
    terminate(agreement)
    kept = rotation.terms.order_by("starts_on").values_list("starts_on", flat=True)
    assert list(kept) == [date(2026, 1, 1), date(2026, 7, 1), date(2027, 1, 1), date(2028, 1, 1)]
    assert not decided.terms.filter(starts_on__gte=OVER).exists()


def test_open_tasks_are_flagged(officer, agreement, alba):
    for status in TaskStatus:
        enter_task(agreement, by=officer, lead=alba, status=status)
    terminate(agreement)
    flagged = set(agreement.tasks.filter(needs_reassignment=True).values_list("status", flat=True))
    assert flagged == set(TaskStatus) - {TaskStatus.COMPLETED, TaskStatus.CANCELLED}


def test_an_expiry_counts_from_its_own_day_whenever_it_is_recorded(officer, agreement):
    agreement.edit(by=officer, expires_on=OVER)
    meeting(agreement, at(OVER - timedelta(days=1)))
    meeting(agreement, at(OVER))
    end(agreement, "expire", by=officer, on=OVER + timedelta(days=60))
    assert (agreement.ending, agreement.ended_on) == (Ending.EXPIRED, OVER)
    assert statuses() == [Meeting.PLANNED, Meeting.CANCELLED]


def test_supersession_hands_over_to_the_newer_agreement(officer, agreement, alba, brook):
    newer = enter_agreement(alba, brook, by=officer, title="Newer")
    meeting(agreement, at(OVER))
    end(agreement, "supersede", by=officer, on=OVER, superseded_by=newer)
    assert agreement.superseded_by == newer
    assert statuses() == [Meeting.CANCELLED]


@pytest.mark.parametrize(
    ("details", "error"),
    [
        ({"reason": ""}, ValidationError),
        ({"on": date(2020, 1, 1)}, ValidationError),
        ({"version": 1}, Stale),
    ],
)
def test_an_ending_that_is_refused_changes_nothing(officer, agreement, alba, brook, details, error):
    rotation = enter_rotation(agreement, alba, brook, by=officer, on=TODAY)
    meeting(agreement, at(OVER))
    enter_task(agreement, by=officer, lead=alba)
    events, terms = Event.objects.count(), rotation.terms.count()
    with pytest.raises(error):
        terminate(agreement, **details)
    assert statuses() == [Meeting.PLANNED]
    assert (Event.objects.count(), rotation.terms.count()) == (events, terms)
    assert not agreement.tasks.filter(needs_reassignment=True).exists()
    assert list(broken_links()) == []


def test_what_has_ended_does_not_end_again(agreement):
    terminate(agreement)
    with pytest.raises(Refused) as refused:
        terminate(agreement, on=OVER + timedelta(days=1))
    assert refused.value.guard == "status_ended"
