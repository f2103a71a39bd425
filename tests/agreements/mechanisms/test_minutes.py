"""Minutes: every revision kept, nobody overwritten, approved by words or by silence."""

from datetime import date, timedelta
from hashlib import sha256

import pytest
from django.core.exceptions import ValidationError

from agreements.mechanisms.attendance import Attendance
from agreements.mechanisms.confirmations import Confirmation, settle_minutes
from agreements.mechanisms.deciding import decide
from agreements.mechanisms.minutes import (
    MINUTES_DUE_DAYS,
    Minutes,
    Stance,
    Status,
    Way,
    digest,
    undelivered,
)
from agreements.models import Consultation, Notice
from governance.lifecycle import Refused, Stale
from governance.record import Event
from tests.agreements.mechanisms.meetings import attend, enter_meeting, enter_series, propose
from tests.cast import TODAY, enter_organization, enter_party

BY = {"by": None, "on": TODAY}
LATER = TODAY + timedelta(days=10)


@pytest.fixture
def series(agreement):
    return enter_series(agreement)


@pytest.fixture
def meeting(series):
    return enter_meeting(series, TODAY).convene(**BY)


@pytest.fixture
def minutes(meeting):
    return Minutes.draft(meeting, **BY, text="All agreed.")


@pytest.fixture
def circulated(minutes):
    minutes.consultation.close(**BY)
    return minutes.circulate(**BY)


# writing


def test_the_digest_is_that_of_both_texts(minutes):
    said = sha256('["All agreed.","一致同意。"]'.encode()).hexdigest()
    minutes.revise(**BY, text_zh="一致同意。\r\n")
    assert minutes.sha256 == said == digest("All agreed.", "一致同意。")
    assert digest("ab", "") != digest("a", "b") != digest("", "ab")


def test_every_revision_is_kept_and_its_text_stays_off_the_record(officer, minutes):
    minutes.revise(by=officer, on=TODAY, text="SECRETWORD agreed.", based_on=1)
    minutes.revise(by=officer, on=TODAY, text="SECRETWORD agreed.")
    kept = [(one.number, one.text, one.saved_by) for one in minutes.revisions.all()]
    assert kept == [(1, "All agreed.", None), (2, "SECRETWORD agreed.", officer)]
    assert (minutes.revision, minutes.text) == (2, "SECRETWORD agreed.")
    events = Event.objects.of(minutes)
    assert [event.verb for event in events] == ["create", "revise"]
    assert "SECRETWORD" not in str([(event.before, event.after) for event in events])
    assert {"text", "sha256", "revision"} <= set(events[1].after)


def test_whoever_did_not_see_the_last_revision_is_told_and_loses_nothing(meeting, minutes):
    minutes.revise(**BY, text="One", based_on=1)
    for write in (
        lambda: minutes.revise(**BY, text="Two", based_on=1),
        lambda: Minutes.draft(meeting, **BY, text="Two", based_on=1),
        lambda: Minutes.draft(meeting, **BY, text="Two"),
        lambda: minutes.edit(by=None, text="Two", based_on=1),
    ):
        with pytest.raises(Stale) as stale:
            write()
        assert stale.value.current.text == "One"
    assert Minutes.draft(meeting, **BY, text="Three", based_on=2).revision == 3
    minutes.edit(by=None, text_zh="三")
    assert (minutes.revision, minutes.text) == (4, "Three")


def test_minutes_say_something(meeting):
    with pytest.raises(ValidationError) as refused:
        Minutes.draft(meeting, **BY, text=" \r\n")
    assert set(refused.value.error_dict) == {"text"}


def test_nothing_is_minuted_before_the_call(series):
    with pytest.raises(Refused) as told:
        Minutes.draft(enter_meeting(series, LATER), **BY, text="x")
    assert told.value.guard == "not_convened"


# circulating


def test_circulating_tells_every_party_of_the_day(agreement, minutes, alba, brook, corva):
    enter_party(agreement, corva, role="observer")
    minutes.circulate(**BY)
    assert (minutes.circulated_on, minutes.silence_until) == (TODAY, None)
    told = Notice.objects.filter(kind="minutes_circulated")
    assert {one.organization for one in told} == {alba, brook, corva}
    assert "Leaders" in told[0].sentence


def test_a_time_for_objections_is_told(agreement):
    series = enter_series(agreement, minutes_silence_days=5)
    minutes = Minutes.draft(enter_meeting(series, TODAY).convene(**BY), **BY, text="x")
    minutes.circulate(**BY)
    assert minutes.silence_until == TODAY + timedelta(days=5)
    told = Notice.objects.filter(kind="minutes_circulated_for_silence")
    assert told.count() == 2 and all("6 March 2027" in one.sentence for one in told)


def test_what_is_entered_long_afterwards_is_told_to_nobody(minutes):
    Consultation.objects.filter(pk=minutes.consultation_id).update(status_since=None)
    minutes.circulate(by=None, on=TODAY - timedelta(days=30))
    assert not Notice.objects.filter(kind="minutes_circulated").exists()


def test_a_new_revision_asks_again(circulated, alba, brook):
    first = circulated.sha256
    Confirmation.give(circulated, alba, **BY)
    circulated.revise(**BY, text="Other")
    assert (circulated.status, circulated.circulated_on) == (Status.DRAFTED, None)
    circulated.circulate(**BY)
    word = circulated.standing()[0]
    assert (word.organization, word.stance, word.matches) == (alba, Stance.CONFIRMED, False)
    Confirmation.give(circulated, brook, **BY, sha256=first)
    assert not Confirmation.objects.filter(organization=brook).get().matches
    assert circulated.status == Status.CIRCULATED
    for organization in (alba, brook):
        Confirmation.give(circulated, organization, **BY)
    assert circulated.status == Status.APPROVED
    assert all(word.matches for word in circulated.standing())


# words and approval


def test_the_last_word_approves_and_reservations_stay(circulated, alba, brook):
    Confirmation.give(circulated, alba, **BY)
    assert circulated.status == Status.CIRCULATED
    with pytest.raises(ValidationError) as refused:
        Confirmation.give(circulated, brook, **BY, stance=Stance.RESERVED)
    assert set(refused.value.error_dict) == {"note"}
    Confirmation.give(circulated, brook, **BY, stance=Stance.RESERVED, note="Point 3")
    assert (circulated.status, circulated.approved_by) == (Status.APPROVED, Way.EXPRESSLY)
    assert [(word.stance, word.note) for word in circulated.standing()] == [
        (Stance.CONFIRMED, ""), (Stance.RESERVED, "Point 3"),
    ]  # fmt: skip


def test_a_word_can_be_changed_until_the_approval(circulated, alba, brook):
    Confirmation.give(circulated, alba, **BY, stance=Stance.RESERVED, note="Hm")
    Confirmation.give(circulated, alba, **BY)
    assert Confirmation.objects.get().stance == Stance.CONFIRMED
    Confirmation.give(circulated, brook, **BY)
    with pytest.raises(Refused) as told:
        Confirmation.give(circulated, alba, **BY)
    assert told.value.guard == "approved"


@pytest.mark.parametrize("who", ["stranger", "observer"])
def test_only_who_has_a_voice_is_asked(agreement, circulated, corva, dunes, who):
    enter_party(agreement, corva, role="observer")
    with pytest.raises(ValidationError) as refused:
        Confirmation.give(circulated, {"stranger": dunes, "observer": corva}[who], **BY)
    assert set(refused.value.error_dict) == {"organization"}


def test_silence_is_no_word_one_can_give_nor_anything_a_digest(circulated, alba):
    with pytest.raises(ValidationError):
        Confirmation.give(circulated, alba, **BY, stance=Stance.SILENT)
    with pytest.raises(ValidationError) as refused:
        Confirmation.give(circulated, alba, **BY, sha256="x" * 64)
    assert set(refused.value.error_dict) == {"sha256"}


def test_nobody_confirms_a_draft(minutes, alba):
    with pytest.raises(Refused) as told:
        Confirmation.give(minutes, alba, **BY)
    assert told.value.guard == "not_circulated"


def test_approval_asks_for_the_closing(minutes, alba, brook):
    minutes.circulate(**BY)
    assert minutes.refusal("approve", TODAY).guard == "consultation_open"
    for organization in (alba, brook):
        Confirmation.give(minutes, organization, **BY)
    assert minutes.status == Status.CIRCULATED
    minutes.consultation.close(**BY)
    assert settle_minutes(TODAY) == 1
    minutes.refresh_from_db()
    assert (minutes.status, minutes.approved_by) == (Status.APPROVED, Way.EXPRESSLY)


def test_a_meeting_approves_what_was_never_circulated(minutes):
    minutes.consultation.close(**BY)
    minutes.approve(**BY)
    assert (minutes.status, minutes.approved_by) == (Status.APPROVED, Way.MEETING)


def test_silence_approves_after_its_time_and_only_where_agreed(series, circulated, alba, brook):
    Confirmation.give(circulated, alba, **BY, stance=Stance.RESERVED, note="Point 3")
    assert settle_minutes(LATER) == 0
    Minutes.objects.filter(pk=circulated.pk).update(silence_until=LATER)
    assert settle_minutes(LATER) == 0
    assert settle_minutes(LATER + timedelta(days=1)) == 1
    assert settle_minutes(LATER + timedelta(days=2)) == 0
    circulated.refresh_from_db()
    assert (circulated.status, circulated.approved_by) == (Status.APPROVED, Way.SILENCE)
    assert [word.stance for word in circulated.standing()] == [Stance.RESERVED, Stance.SILENT]


def test_approved_minutes_fix_what_happened(circulated, alba):
    meeting = circulated.consultation
    row = attend(meeting, alba)
    decision = decide(meeting, **BY, text="Plant")
    circulated.approve(**BY)
    meeting.refresh_from_db()
    for change in (
        lambda: circulated.revise(**BY, text="Other"),
        lambda: Attendance.objects.get(pk=row.pk).edit(by=None, mandate="x"),
        lambda: attend(meeting, enter_organization("Guest")),
        lambda: type(decision).objects.get(pk=decision.pk).edit(by=None, text="Cut"),
        lambda: circulated.remove(by=None),
    ):
        with pytest.raises(Refused):
            change()


def test_minutes_not_sent_in_time_are_a_matter(series, meeting, minutes):
    day = TODAY + timedelta(days=MINUTES_DUE_DAYS)
    meeting.close(**BY)
    rows = Consultation.objects.all()
    assert not undelivered(rows, day).exists()
    assert undelivered(rows, day + timedelta(days=1)).get() == meeting
    minutes.circulate(**BY)
    assert not undelivered(rows, day + timedelta(days=1)).exists()


# what the consultation itself tells


def test_the_call_the_putting_off_and_the_cancelling_are_told(series, alba, brook):
    meeting = enter_meeting(series, LATER, host=alba)
    meeting.convene(**BY)
    meeting.postpone(**BY, reason="Flood")
    meeting.cancel(**BY, reason="No water left")
    told = {one.kind: one.sentence for one in Notice.objects.filter(organization=brook)}
    assert (
        "Alba District" in told["consultation_called"]
        and "11 March 2027" in told["consultation_called"]
    )
    assert "a day still to be set" in told["consultation_postponed"]
    assert "No water left" in told["consultation_cancelled"]


def test_a_consultation_entered_afterwards_is_told_to_nobody(series):
    past = date(2026, 6, 1)
    meeting = enter_meeting(series, past, on=past)
    meeting.convene(by=None, on=past)
    meeting.close(by=None, on=past)
    assert not Notice.objects.exists()


def test_who_proposed_is_told_what_became_of_it(series, alba, brook):
    meeting = enter_meeting(series, LATER, host=alba)
    propose(meeting, "One", proposed_by=brook).accept(**BY)
    propose(meeting, "Two", proposed_by=brook).decline(**BY, reason="Not ours")
    propose(meeting, "Own", proposed_by=alba).accept(**BY)
    propose(meeting, "Nobody's").accept(**BY)
    assert [(one.kind, one.organization) for one in Notice.objects.order_by("pk")] == [
        ("proposal_accepted", brook), ("proposal_declined", brook),
    ]  # fmt: skip


@pytest.mark.parametrize("rows", [1, 3])
def test_the_standing_takes_a_constant_number_of_queries(
    agreement, circulated, rows, django_assert_num_queries
):
    for place in range(rows):
        enter_party(agreement, enter_organization(f"More {place}"), signed_on=TODAY)
    minutes = Minutes.objects.get(pk=circulated.pk)
    with django_assert_num_queries(4):
        assert len([str(word.organization) for word in minutes.standing()]) == rows + 2
