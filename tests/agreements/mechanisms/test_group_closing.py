"""Closing a group: its report, its open tasks, its meetings; and putting off its sunset."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.core.exceptions import ValidationError

from agreements.mechanisms.group_closing import Fate, close
from agreements.mechanisms.regular_consultation import Status as ConsultationStatus
from agreements.mechanisms.special_group import ALARM_DAYS, Status
from agreements.models import Consultation, ConsultationSeries, GroupMembership, SpecialGroup
from agreements.tasks import Status as TaskStatus
from governance.lifecycle import Refused
from governance.record import Event
from tests.cast import SIGNED, TODAY, enter_agreement, enter_rotation, enter_task

SUNSET = TODAY + timedelta(days=10)


@pytest.fixture
def group(officer, agreement, alba):
    made = SpecialGroup.enter(
        by=officer, agreement=agreement, name="Water", mandate="Clean the river", lead=alba,
        set_up_on=SIGNED, sunset_on=SUNSET,
    )  # fmt: skip
    GroupMembership.enter(by=officer, group=made, organization=alba, joined_on=SIGNED)
    return made


@pytest.fixture
def tasks(officer, agreement, group, alba):
    statuses = [TaskStatus.IN_PROGRESS, TaskStatus.ACCEPTED, TaskStatus.PLANNED]
    return [
        enter_task(
            agreement, by=officer, group=group, lead=alba, status=status, title=f"Task {status}"
        )
        for status in (*statuses, TaskStatus.COMPLETED)
    ]


def finish(group, **details):
    return close(group, **{"by": None, "on": TODAY, "reason": "The river is clean.", **details})


# the report


def test_the_report_keeps_what_it_was_measured_against(group, tasks, alba):
    going, accepted, planned, done = tasks
    finish(group, fates={accepted: Fate.HAND_OVER, planned: Fate.CANCEL})
    assert (group.status, group.closing_report) == (Status.CLOSED, "The river is clean.")
    state = group.closing_state
    assert state["mandate"] == "Clean the river"
    assert [one["name"] for one in state["members"]] == [str(alba)]
    fates = {one["title"]: one["fate"] for one in state["tasks"]}
    assert fates == {
        going.title: "keep",
        accepted.title: "hand_over",
        planned.title: "cancel",
        done.title: None,
    }
    group.edit(by=None, mandate="Something else")
    assert group.closing_state["mandate"] == "Clean the river"


def test_a_group_is_not_closed_without_a_report(group):
    with pytest.raises(ValidationError) as refused:
        finish(group, reason=" ")
    assert refused.value.error_dict["reason"][0].code == "required"


def test_what_names_tasks_stays_out_of_the_record(group, tasks):
    finish(group)
    event = Event.objects.of(group).last()
    assert event.verb == "close" and "closing_state" not in event.after


# the open tasks


def test_open_tasks_stay_pass_to_the_agreement_or_end(group, tasks):
    going, accepted, planned, _done = tasks
    finish(group, fates={going: Fate.KEEP, accepted: Fate.HAND_OVER, planned: Fate.CANCEL})
    for task in tasks:
        task.refresh_from_db()
    assert [task.group for task in tasks] == [group, None, group, group]
    assert planned.status == TaskStatus.CANCELLED
    assert (going.status, accepted.status) == (TaskStatus.IN_PROGRESS, TaskStatus.ACCEPTED)


def test_only_open_tasks_of_the_group_are_named(officer, agreement, group, tasks):
    *_open, done = tasks
    for task in (done, enter_task(agreement, by=officer)):
        with pytest.raises(ValidationError) as refused:
            finish(group, fates={task: Fate.CANCEL})
        assert set(refused.value.error_dict) == {"tasks"}


def test_what_a_task_refuses_leaves_the_group_open(group, tasks):
    going, *_others = tasks
    going.suspend(by=None, on=TODAY, reason="Flood")
    with pytest.raises(ValidationError):
        finish(group, on=TODAY - timedelta(days=1), fates={going: Fate.CANCEL})
    group.refresh_from_db()
    assert (group.status, group.closing_state) == (Status.ACTIVE, None)


# its members and its convenor


def test_memberships_end_with_the_group(officer, group, alba, brook, corva):
    left = TODAY - timedelta(days=9)
    gone = GroupMembership.enter(
        by=officer, group=group, organization=brook, joined_on=SIGNED, left_on=left
    )
    coming = GroupMembership.enter(
        by=officer, group=group, organization=corva, joined_on=TODAY + timedelta(days=1)
    )
    finish(group)
    assert dict(group.memberships.values_list("organization__name", "left_on")) == {
        alba.name: TODAY,
        brook.name: left,
    }
    assert gone in group.memberships.all() and coming not in group.memberships.all()
    assert group.closed_on == TODAY


@pytest.mark.usefixtures("short_horizon")
def test_nobody_convenes_a_closed_group(officer, agreement, group, alba, brook):
    GroupMembership.enter(by=officer, group=group, organization=brook, joined_on=SIGNED)
    own = enter_rotation(agreement, alba, brook, by=officer, group=group)
    whole = enter_rotation(agreement, alba, brook, by=officer)
    assert own.terms.filter(starts_on__gte=TODAY).exists()
    finish(group)
    assert not own.terms.filter(starts_on__gte=TODAY).exists()
    own.refresh_from_db()
    assert own.around(TODAY)[1:] == (None, None)
    assert whole.terms.filter(starts_on__gte=TODAY).exists()


# its meetings


def test_its_meetings_and_series_end_with_it(officer, agreement, group):
    series = ConsultationSeries.enter(
        by=officer, on=TODAY, agreement=agreement, group=group, starts_on=SIGNED,
        starts_at=time(14), rrule="FREQ=MONTHLY;INTERVAL=6",
    )  # fmt: skip
    other = Consultation.enter(
        by=officer, agreement=agreement, starts_at=datetime(2027, 5, 1, 6, tzinfo=UTC)
    )
    assert series.consultations.count() == 2
    finish(group)
    statuses = set(series.consultations.values_list("status", flat=True))
    assert statuses == {ConsultationStatus.CANCELLED}
    series.refresh_from_db()
    assert series.ends_on == TODAY and series.plan(by=None, on=TODAY) == []
    other.refresh_from_db()
    assert other.status == ConsultationStatus.PLANNED


def test_a_series_that_has_not_begun_yields_no_meeting_any_more(officer, agreement, group):
    ConsultationSeries.enter(
        by=officer, on=TODAY, agreement=agreement, group=group, starts_at=time(14),
        starts_on=TODAY + timedelta(days=7), rrule="FREQ=MONTHLY",
    )  # fmt: skip
    finish(group)
    assert not Consultation.objects.coming(datetime(2027, 3, 1, tzinfo=UTC)).exists()


# the sunset


def test_a_sunset_is_put_off_with_a_reason(group):
    later = date(2028, 3, 1)
    group.extend(by=None, on=TODAY, sunset_on=later, reason="Not clean yet")
    assert (group.sunset_on, group.status_since) == (later, None)
    event = Event.objects.of(group).last()
    assert (event.verb, event.reason) == ("extend", "Not clean yet")
    assert event.before["sunset_on"] == SUNSET.isoformat()


@pytest.mark.parametrize("sunset_on", [SUNSET, TODAY, date(2026, 12, 1)])
def test_a_sunset_is_put_off_to_a_later_day(group, sunset_on):
    with pytest.raises(ValidationError) as refused:
        group.extend(by=None, on=TODAY, sunset_on=sunset_on, reason="Not clean yet")
    assert set(refused.value.error_dict) == {"sunset_on"}


def test_a_group_without_a_sunset_and_a_closed_one_are_not_extended(officer, agreement, group):
    endless = SpecialGroup.enter(by=officer, agreement=agreement, name="Air")
    finish(group)
    for one, guard in ((endless, "no_sunset"), (group, "status_closed")):
        with pytest.raises(Refused) as refused:
            one.extend(by=None, on=TODAY, sunset_on=date(2028, 3, 1), reason="More")
        assert refused.value.guard == guard


def test_the_twins_agree_on_the_sunset(officer, alba, brook, group):
    enter_agreement(alba, brook, by=officer)
    for shift in range(-ALARM_DAYS.days - 2, 3):
        day = SUNSET + timedelta(days=shift)
        past, near = (
            set(rows(day))
            for rows in (SpecialGroup.objects.past_sunset, SpecialGroup.objects.near_sunset)
        )
        assert past == ({group} if group.is_past_sunset(day) else set()), day
        assert near == ({group} if group.is_near_sunset(day) else set()), day


# members


def test_a_member_leaves_once_and_may_come_back(group, alba):
    held = group.memberships.get()
    held.leave(by=None, on=TODAY)
    assert not held.is_current(TODAY) and held.is_current(TODAY - timedelta(days=1))
    with pytest.raises(Refused) as refused:
        held.leave(by=None, on=TODAY)
    assert refused.value.guard == "ended"
    back = GroupMembership.enter(by=None, group=group, organization=alba, joined_on=TODAY)
    with pytest.raises(ValidationError):
        back.leave(by=None, on=TODAY)


def test_nobody_joins_a_closed_group(group, brook):
    finish(group)
    with pytest.raises(Refused) as refused:
        GroupMembership.enter(by=None, group=group, organization=brook, joined_on=TODAY)
    assert refused.value.guard == "group_closed"
    late = GroupMembership.enter(by=None, group=group, organization=brook, joined_on=SIGNED)
    assert late.left_on == TODAY  # it was a member, and left with the group
