"""More time: who asks for it, what a grant does to the task, and that every answer is kept."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from agreements.agreement import Status as AgreementStatus
from agreements.agreement import Verification
from agreements.date_changes import Cause
from agreements.extension_requests import ASKABLE, Status, asking_refusal
from agreements.models import Escalation, ExtensionRequest, Notice, Task
from agreements.tasks import Status as TaskStatus
from governance.lifecycle import Refused, Stale
from governance.record import Event
from tests.cast import (
    SIGNED,
    TODAY,
    enter_agreement,
    enter_person,
    enter_rotation,
    enter_task,
    enter_user,
)

DUE, LATER = date(2027, 6, 30), date(2027, 9, 30)
VERBS = ExtensionRequest.lifecycle.transitions


@pytest.fixture
def task(officer, agreement, alba, brook):
    """Led by Alba, helped by Brook, going on."""
    return enter_task(
        agreement,
        by=officer,
        status=TaskStatus.IN_PROGRESS,
        lead=alba,
        cooperating=[brook],
        due_on=DUE,
    )


@pytest.fixture
def asked(officer, task):
    return ExtensionRequest.ask(task, by=officer, on=TODAY, due_on=LATER, reason="Floods")


# asking


@pytest.mark.parametrize("status", TaskStatus)
def test_more_time_is_asked_for_while_the_work_is_on(officer, agreement, alba, status):
    task = enter_task(agreement, by=officer, status=status, lead=alba, due_on=DUE)
    refusal = asking_refusal(task)
    if status in ASKABLE:
        assert refusal is None
        return
    assert refusal.guard == f"status_{status}"
    with pytest.raises(Refused) as refused:
        ExtensionRequest.ask(task, by=officer, on=TODAY, due_on=LATER, reason="Floods")
    assert refused.value.guard == f"status_{status}"


def test_a_request_keeps_the_date_that_stood_when_it_was_asked(asked, alba):
    assert (asked.was_due_on, asked.due_on, asked.asked_by) == (DUE, LATER, alba)
    assert (asked.status, asked.status_since, asked.reason) == (Status.ASKED, TODAY, "Floods")


def test_a_task_without_a_date_has_none_to_put_off(officer, agreement, alba):
    task = enter_task(agreement, by=officer, status=TaskStatus.ACCEPTED, lead=alba)
    assert asking_refusal(task).guard == "no_due_date"


@pytest.mark.parametrize("ending", [AgreementStatus.ENDED, AgreementStatus.ABANDONED])
def test_when_the_agreement_is_over_nothing_is_put_off(officer, alba, brook, ending):
    agreement = enter_agreement(alba, brook, by=officer, status=ending)
    task = Task.enter(by=officer, agreement=agreement, title="T", lead=alba, due_on=DUE)
    Task.objects.filter(pk=task.pk).update(status=TaskStatus.ACCEPTED)
    task.refresh_from_db()
    assert asking_refusal(task).guard == "agreement_over"


def test_at_most_one_request_waits_for_an_answer(officer, task, asked):
    with pytest.raises(Refused) as refused:
        ExtensionRequest.ask(task, by=officer, on=TODAY, due_on=LATER, reason="Again")
    assert refused.value.guard == "asked_already"
    with pytest.raises(IntegrityError), transaction.atomic():
        ExtensionRequest.objects.create(
            task=task,
            asked_by=asked.asked_by,
            asked_on=TODAY,
            was_due_on=DUE,
            due_on=LATER,
            reason="Behind its back",
        )
    asked.refuse(by=officer, on=TODAY, reason="No")
    ExtensionRequest.ask(task, by=officer, on=TODAY, due_on=LATER, reason="Again")


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"due_on": DUE}, "due_on"),
        ({"due_on": DUE - timedelta(days=1)}, "due_on"),
        ({"reason": " "}, "reason"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_its_field(officer, task, facts, field):
    said = {"due_on": LATER, "reason": "Floods", **facts}
    with pytest.raises(ValidationError) as refused:
        ExtensionRequest.ask(task, by=officer, on=TODAY, **said)
    assert set(refused.value.error_dict) == {field}


def test_only_the_organizations_of_the_task_ask(officer, task, brook, corva):
    with pytest.raises(ValidationError) as refused:
        ExtensionRequest.ask(
            task, by=officer, on=TODAY, due_on=LATER, reason="Floods", asked_by=corva
        )
    assert set(refused.value.error_dict) == {"asked_by"}
    made = ExtensionRequest.ask(
        task, by=officer, on=TODAY, due_on=LATER, reason="Floods", asked_by=brook
    )
    assert made.asked_by == brook


# the answer


def test_a_grant_gives_the_task_the_later_date_with_the_reason(officer, task, asked):
    asked.grant(by=officer, on=TODAY, reason="The flood was worse than any before.")
    task.refresh_from_db()
    assert task.due_on == asked.granted_due_on == LATER
    assert (asked.status, asked.answered_on, asked.answered_by) == (Status.GRANTED, TODAY, officer)
    moved = Event.objects.of(task).get(verb="reschedule")
    assert (moved.before["due_on"], moved.after["due_on"]) == (DUE.isoformat(), LATER.isoformat())
    assert moved.reason == "Floods The flood was worse than any before."


def test_a_grant_may_give_less_than_was_asked(officer, task, asked):
    asked.grant(by=officer, on=TODAY, due_on=date(2027, 8, 1))
    task.refresh_from_db()
    assert (task.due_on, asked.due_on) == (date(2027, 8, 1), LATER)


def test_a_grant_moves_an_agreed_date_for_the_cause_it_was_asked_for(officer, agreement, alba):
    task = enter_task(agreement, by=officer, status=TaskStatus.ACCEPTED, lead=alba, due_on=DUE)
    said = {"due_on": LATER, "reason": "Floods", "cause": Cause.FORCE_MAJEURE}
    ExtensionRequest.ask(task, by=officer, on=TODAY, **said).grant(by=officer, on=TODAY)
    change = task.date_changes.get()
    assert (change.was, change.became, change.cause) == (DUE, LATER, Cause.FORCE_MAJEURE)


def test_to_ask_for_more_time_answers_what_was_escalated(officer, task):
    step = Escalation.enter(
        by=None, on=TODAY, task=task, due_on=DUE, days=1, action="liaison", taken_on=TODAY, text="x"
    )
    ExtensionRequest.ask(task, by=officer, on=TODAY, due_on=LATER, reason="Floods")
    step.refresh_from_db()
    assert (step.answer, step.answered_on) == ("extension", TODAY)


def test_a_grant_gives_more_time_and_never_less(officer, task, asked):
    task.reschedule(by=officer, on=TODAY, due_on=LATER, reason="Meanwhile")
    with pytest.raises(ValidationError) as refused:
        asked.grant(by=officer, on=TODAY)
    assert set(refused.value.error_dict) == {"due_on"}
    asked.refresh_from_db()
    assert asked.status == Status.ASKED


def test_a_refusal_leaves_the_date_and_needs_a_reason(officer, task, asked):
    with pytest.raises(ValidationError) as refused:
        asked.refuse(by=officer, on=TODAY)
    assert set(refused.value.error_dict) == {"reason"}
    asked.refuse(by=officer, on=TODAY, reason="Fixed by law")
    task.refresh_from_db()
    assert (task.due_on, asked.answer, asked.granted_due_on) == (DUE, "Fixed by law", None)


@pytest.mark.parametrize("verb", sorted(VERBS))
@pytest.mark.parametrize("status", [status for status in Status if status != Status.ASKED])
def test_what_was_answered_is_answered_for_good(officer, asked, verb, status):
    ExtensionRequest.objects.filter(pk=asked.pk).update(status=status)
    with pytest.raises(Refused) as refused:
        getattr(asked, verb)(by=officer, on=TODAY, reason="x")
    assert refused.value.guard == f"status_{status}"


def test_a_task_that_is_done_is_given_no_more_time(officer, task, asked):
    task.submit(by=officer, on=TODAY)
    task.verify(by=officer, on=TODAY)
    asked.refresh_from_db()
    assert asked.refusal("grant", TODAY).guard == "status_completed"
    assert not asked.waits
    with pytest.raises(Refused):
        asked.grant(by=officer, on=TODAY)
    asked.withdraw(by=officer, on=TODAY)


def test_a_request_is_neither_edited_nor_deleted(officer, asked):
    with pytest.raises(Refused):
        asked.edit(by=officer, due_on=date(2028, 1, 1))
    with pytest.raises(Refused) as refused:
        asked.remove(by=officer)
    assert refused.value.guard == "kept"


def test_an_answer_to_an_older_version_is_stale(officer, asked):
    seen = asked.version
    asked.withdraw(by=officer, on=TODAY)
    with pytest.raises(Stale):
        asked.grant(by=officer, on=TODAY, version=seen)


def test_waiting_is_what_nobody_has_answered_for_a_task_that_is_open(officer, task, asked):
    for status in Status:
        for task_status in TaskStatus:
            ExtensionRequest.objects.filter(pk=asked.pk).update(status=status)
            Task.objects.filter(pk=task.pk).update(status=task_status)
            found = ExtensionRequest.objects.get(pk=asked.pk)
            assert ExtensionRequest.objects.waiting().exists() == found.waits


# who is told


def told(kind):
    return {
        str(notice.person or notice.organization) for notice in Notice.objects.filter(kind=kind)
    }


def test_the_officer_in_charge_is_told_where_the_secretariat_answers(officer, agreement, task):
    desk = enter_user("desk", "secretariat", person=enter_person("Dora Desk"))
    agreement.edit(by=officer, officer=desk)
    task.refresh_from_db()
    ExtensionRequest.ask(task, by=officer, on=TODAY, due_on=LATER, reason="Floods")
    assert told("extension_asked") == {"Dora Desk"}


def test_the_convenor_of_the_day_is_told_unless_the_task_is_its_own(
    officer, agreement, task, alba, brook
):
    agreement.edit(by=officer, verification=Verification.CONVENOR)
    enter_rotation(agreement, brook, alba, by=officer)  # Brook until July 2026, Alba, Brook again
    task.refresh_from_db()
    ExtensionRequest.ask(task, by=officer, on=TODAY, due_on=LATER, reason="Floods")
    assert told("extension_asked") == {"Brook District"}


def test_who_asked_and_the_lead_are_told_the_answer(officer, task, brook):
    for verb in ("grant", "refuse"):
        made = ExtensionRequest.ask(
            task,
            by=officer,
            on=TODAY,
            due_on=task.due_on + timedelta(days=9),
            reason="Floods",
            asked_by=brook,
        )
        getattr(made, verb)(by=officer, on=TODAY, reason="So be it")
        task.refresh_from_db()
    both = {"Alba District", "Brook District"}
    assert told("extension_granted") == told("extension_refused") == both


def test_what_is_long_past_is_no_news(officer, task):
    ExtensionRequest.ask(task, by=officer, on=SIGNED, due_on=LATER, reason="Floods")
    assert not Notice.objects.exists()
