"""Supervision over the API: the ladder, what was done, and asking by hand."""

from datetime import timedelta

import pytest

from agreements.models import Escalation, LiaisonAppointment, Notice
from agreements.supervising import supervise
from agreements.supervision import Action
from agreements.tasks import Status
from tests.api_stage import Caller
from tests.cast import TODAY, again, enter_person, enter_rotation, enter_task

LATER = (TODAY + timedelta(days=5)).isoformat()


@pytest.fixture
def task(agreement, alba):
    party = agreement.party_set.get(organization=alba)
    LiaisonAppointment.enter(by=None, party=party, person=enter_person("Ann"))
    due = TODAY - timedelta(days=8)
    return enter_task(agreement, by=None, status=Status.IN_PROGRESS, lead=alba, due_on=due)


def test_an_agreement_states_a_ladder_of_its_own(officer, agreement, alice):
    step = {"agreement": str(agreement.public_id), "days": 3, "action": "convenor"}
    made = Caller(officer).post("supervision-steps/", step)
    assert (made.status_code, made.json()["in_working_days"]) == (201, False)
    again_ = Caller(officer).post("supervision-steps/", step)
    assert again_.status_code == 400
    before_it = Caller(officer).post("supervision-steps/", {**step, "days": -1})
    assert before_it.json()["errors"][0]["pointer"] == "/days"
    listed = Caller(again(alice)).get(f"supervision-steps/?agreement={agreement.public_id}")
    assert [one["days"] for one in listed.json()["results"]] == [3]
    assert Caller(again(alice)).post("supervision-steps/", step).status_code == 403


def test_what_was_done_is_read_and_filtered_by_who_sees_the_task(officer, task, alice, stranger):
    supervise(TODAY)
    asks = Caller(again(alice))
    rows = asks.get(f"escalations/?agreement={task.agreement.public_id}&unanswered=true").json()
    assert [one["action"] for one in rows["results"]] == ["convenor", "liaison"]
    assert asks.get("escalations/?unanswered=false").json()["results"] == []
    assert Caller(again(stranger)).get("escalations/").json()["results"] == []
    assert asks.get("escalations/?action=liaison").json()["results"][0]["task_reference"]


def test_a_follow_up_notice_is_sent_by_the_secretariat_and_by_the_convenor_alone(
    short_horizon, officer, task, alice, bob, brook
):
    enter_rotation(task.agreement, brook, by=officer)
    asked = {"task": str(task.public_id), "text": "How far is it?", "answer_by": LATER}
    assert Caller(again(alice)).post("escalations/", asked).status_code == 403
    for who in (officer, again(bob)):
        made = Caller(who).post("escalations/", asked)
        assert (made.status_code, made.json()["action"]) == (201, "follow_up")
    assert Escalation.objects.filter(action=Action.FOLLOW_UP).count() == 2
    assert Notice.objects.filter(kind="follow_up").count() == 2


@pytest.mark.parametrize(
    ("change", "pointer"),
    [({"text": " "}, "/text"), ({"answer_by": "2020-01-01"}, "/answer_by")],
)
def test_a_follow_up_notice_that_says_too_little_is_refused_at_its_field(
    officer, task, change, pointer
):
    asked = {"task": str(task.public_id), "text": "How far is it?", "answer_by": LATER, **change}
    answer = Caller(officer).post("escalations/", asked)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)


def test_nobody_is_asked_about_what_is_done(officer, agreement, alba):
    done = enter_task(agreement, by=None, status=Status.COMPLETED, lead=alba)
    asked = {"task": str(done.public_id), "text": "How far is it?", "answer_by": LATER}
    answer = Caller(officer).post("escalations/", asked)
    assert (answer.status_code, answer.json()["guard"]) == (409, "status_completed")


def test_what_was_done_is_changed_by_nobody(officer, task):
    supervise(TODAY)
    path = f"escalations/{Escalation.objects.first().public_id}/"
    assert Caller(officer).patch(path, {"text": "x"}).status_code == 405
    assert Caller(officer).ask("delete", path).status_code == 405


def test_receipts_that_are_long_missing_are_found(officer, task):
    for back, count in ((8, 1), (6, 0)):
        Notice.objects.all().delete()
        supervise(TODAY)
        Notice.objects.update(told_on=TODAY - timedelta(days=back))
        Escalation.objects.all().delete()
        found = Caller(officer).get("notices/?to_chase=true").json()["results"]
        assert bool(found) == bool(count)
        assert all(one.is_to_chase(TODAY) == bool(count) for one in Notice.objects.all())
