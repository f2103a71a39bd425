"""Agreed dates: none moves without a reason and a cause once a baseline is there, at any door."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from agreements import signing
from agreements.agreement import Status
from agreements.date_changes import Cause
from agreements.models import DateChange, Task
from agreements.tasks import Status as TaskStatus
from governance.lifecycle import Refused
from governance.models import Event
from tests.api_stage import Caller
from tests.cast import SIGNED, TODAY, enter_agreement, enter_task

DUE, LATER = date(2027, 6, 30), date(2027, 9, 30)
WHY = {"cause": Cause.FUNDING, "reason": "The grant came late."}


@pytest.fixture
def task(officer, alba, brook):
    """Due at mid-year, under an agreement that was signed with it."""
    agreement = enter_agreement(alba, brook, by=officer, status=Status.NEGOTIATING)
    made = enter_task(agreement, by=officer, lead=alba, due_on=DUE)
    signing.sign(agreement, by=officer, on=SIGNED, all_parties=True)
    made.refresh_from_db()
    return made


def kept(task):
    columns = ("fact", "was", "became", "cause", "reason", "decided_on")
    return list(DateChange.objects.filter(task=task).values_list(*columns))


# the domain


@pytest.mark.parametrize(
    ("missing", "places"),
    [
        ({}, {"cause", "reason"}),
        ({"cause": Cause.SCOPE}, {"reason"}),
        ({"reason": "Rain"}, {"cause"}),
        ({"reason": "Rain", "cause": "weather"}, {"cause"}),
        ({"reason": " ", "cause": Cause.SCOPE}, {"reason"}),
    ],
)
@pytest.mark.parametrize("fact", ["starts_on", "due_on"])
def test_an_agreed_date_does_not_move_without_reason_and_cause(
    officer, task, missing, places, fact
):
    with pytest.raises(ValidationError) as refused:
        task.edit(by=officer, **{fact: date(2026, 3, 1)}, **missing)
    assert set(refused.value.error_dict) == places
    task.refresh_from_db()
    assert (task.starts_on, task.due_on, kept(task)) == (SIGNED, DUE, [])


def test_a_moved_date_is_kept_with_what_it_was_and_why(officer, task):
    task.edit(by=officer, due_on=LATER, title="Plant more trees", on=SIGNED, **WHY)
    assert kept(task) == [("due_on", DUE, LATER, Cause.FUNDING, WHY["reason"], SIGNED)]
    change = task.date_changes.get()
    assert change.days == 92
    assert Event.objects.of(change).get().reason == WHY["reason"]


def test_both_dates_moved_at_once_are_two_changes_for_one_reason(officer, task):
    task.reschedule(by=officer, on=TODAY, starts_on=date(2026, 3, 1), due_on=LATER, **WHY)
    assert {row[0] for row in kept(task)} == {"starts_on", "due_on"}
    task.refresh_from_db()
    assert (task.starts_on, task.due_on) == (date(2026, 3, 1), LATER)


def test_what_leaves_the_dates_alone_asks_for_nothing(officer, task):
    task.edit(by=officer, title="Plant more trees", due_on=DUE)
    assert kept(task) == []


def test_an_unknown_date_is_filled_in_freely_but_not_one_that_was_taken_away(officer, task):
    open_end = enter_task(task.agreement, by=officer)
    open_end.edit(by=officer, due_on=DUE)
    task.edit(by=officer, due_on=None, **WHY)
    with pytest.raises(ValidationError):
        task.edit(by=officer, due_on=LATER)
    task.edit(by=officer, due_on=LATER, **WHY)
    assert kept(open_end) == []
    assert [row[1:3] for row in kept(task)] == [(DUE, None), (None, LATER)]


def test_without_a_baseline_dates_move_freely_and_only_what_has_a_cause_is_kept(officer, agreement):
    task = enter_task(agreement, by=officer, due_on=DUE)
    task.edit(by=officer, due_on=LATER)
    task.reschedule(by=officer, on=TODAY, due_on=DUE, reason="Asked for")
    assert kept(task) == []
    task.reschedule(by=officer, on=TODAY, due_on=LATER, **WHY)
    assert [row[1:3] for row in kept(task)] == [(DUE, LATER)]


def test_what_is_kept_is_neither_changed_nor_deleted(officer, task):
    task.edit(by=officer, due_on=LATER, **WHY)
    with pytest.raises(Refused) as refused:
        task.date_changes.get().remove(by=officer)
    assert refused.value.guard == "kept"


def test_what_is_done_or_cancelled_is_not_given_another_date(officer, agreement):
    for status in (TaskStatus.COMPLETED, TaskStatus.CANCELLED):
        task = enter_task(agreement, by=officer, due_on=DUE)
        Task.objects.filter(pk=task.pk).update(status=status)
        task.refresh_from_db()
        assert task.reschedule_refusal().guard == f"status_{status}"


# the doors


def test_over_the_api_a_change_asks_for_both_and_keeps_them(officer, task):
    caller = Caller(officer)
    path = f"tasks/{task.public_id}/"
    tag = caller.get(path).headers["ETag"]
    refused = caller.patch(path, {"due_on": LATER.isoformat()}, if_match=tag)
    assert refused.status_code == 400
    assert {error["pointer"] for error in refused.json()["errors"]} == {"/cause", "/reason"}
    done = caller.patch(path, {"due_on": LATER.isoformat(), **WHY}, if_match=tag)
    assert (done.status_code, done.json()["due_on"]) == (200, LATER.isoformat())
    refused = caller.post(f"{path}reschedule/", {"due_on": DUE.isoformat(), "reason": "Back"})
    assert {error["pointer"] for error in refused.json()["errors"]} == {"/cause"}
    done = caller.post(
        f"{path}reschedule/", {"due_on": DUE.isoformat(), "reason": "Back", "cause": "correction"}
    )
    assert (done.status_code, done.json()["due_on"]) == (200, DUE.isoformat())
    assert [row[3] for row in kept(task)] == [Cause.FUNDING, Cause.CORRECTION]


def test_a_partner_moves_no_date(alice, task):
    answer = Caller(alice).post(
        f"tasks/{task.public_id}/reschedule/", {"due_on": LATER.isoformat(), **WHY}
    )
    assert answer.status_code == 403


def test_a_new_task_may_be_posted_with_the_members_of_a_change(officer, task):
    body = {"agreement": str(task.agreement.public_id), "title": "New", "reason": "Decided"}
    assert Caller(officer).post("tasks/", body).status_code == 201


def test_in_the_back_office_the_verb_and_the_page_ask_for_both(officer, task, client):
    client.force_login(officer)
    page = reverse("admin:agreements_task_change", args=[task.pk])
    verb = f"{page.removesuffix('change/')}verb/reschedule/"
    said = {"on": TODAY.isoformat(), "due_on": LATER.isoformat(), "reason": "Late", "cause": ""}
    answer = client.post(verb, said)
    assert answer.status_code == 200
    assert kept(task) == []
    assert client.post(verb, {**said, "cause": Cause.FUNDING}).status_code == 302
    assert [row[1:3] for row in kept(task)] == [(DUE, LATER)]
    shown = client.get(page)
    assert "Agreed dates that were moved" in shown.content.decode()
    assert 'name="cause"' in shown.content.decode()
    assert 'name="cause"' not in client.get(reverse("admin:agreements_task_add")).content.decode()
