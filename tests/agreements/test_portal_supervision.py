"""The pages of supervision: the ladder, what waits for an answer, a follow-up notice."""

from datetime import timedelta

import pytest
from django.urls import reverse

from agreements.models import Escalation, LiaisonAppointment, Notice, SupervisionStep
from agreements.supervising import supervise
from agreements.tasks import Status
from governance import clock
from tests.agreements.portal_scenes import read, signed_in
from tests.cast import TODAY, enter_person, enter_rotation, enter_task

DAY = timedelta(days=1)


@pytest.fixture
def task(agreement, alba):
    party = agreement.party_set.get(organization=alba)
    LiaisonAppointment.enter(by=None, party=party, person=enter_person("Ann"))
    due = TODAY - 8 * DAY
    return enter_task(agreement, by=None, status=Status.IN_PROGRESS, lead=alba, due_on=due)


def page_of(user, name, obj):
    answer = signed_in(user).get(reverse(name, kwargs={"id": obj.public_id}))
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_ladder_is_told_and_whose_it_is(officer, agreement):
    page = page_of(officer, "agreement_supervision", agreement)
    assert "The usual one" in page and "14 days overdue" in page
    SupervisionStep.enter(
        by=None, agreement=agreement, days=2, in_working_days=True, action="convenor"
    )
    page = page_of(officer, "agreement_supervision", agreement)
    assert "As this agreement states it" in page and "2 working days overdue" in page
    assert "14 days overdue" not in page


def test_what_waits_for_an_answer_stands_apart_from_what_was_done(officer, task, alice):
    supervise(TODAY)
    for user in (officer, alice):
        page = page_of(user, "agreement_supervision", task.agreement)
        assert page.index("Waiting for an answer") < page.index("Tell the convenor")
        assert "What was done lately" not in page
    task.submit(by=None, on=TODAY)
    page = page_of(officer, "agreement_supervision", task.agreement)
    assert "Nothing waits for an answer" in page and "Submitted for verification" in page


def test_a_partner_reads_of_no_notice_to_others(task, alice, bob):
    supervise(TODAY)
    assert "Ann" in page_of(alice, "task", task)
    shown = page_of(bob, "task", task)
    assert "Urge the lead organization" in shown and ">Ann<" not in shown


def test_receipts_that_are_missing_for_a_week_are_chased(officer, task, alice):
    with clock.fixed(TODAY - 7 * DAY):
        supervise(TODAY - 7 * DAY)
    page = page_of(alice, "agreement_supervision", task.agreement)
    assert "Overdue since" in page and "Confirm receipt" in page
    assert "Confirm receipt" not in page_of(officer, "agreement_supervision", task.agreement)
    Notice.objects.get().acknowledge(by=alice, on=TODAY)
    assert "No receipt has been missing" in page_of(
        officer, "agreement_supervision", task.agreement
    )


def test_the_secretariat_and_the_convenor_send_a_follow_up_notice(
    short_horizon, officer, task, alice, bob, brook
):
    enter_rotation(task.agreement, brook, by=officer)
    path = reverse("task_follow_up", kwargs={"id": task.public_id})
    asked = {"text": "How far is it?", "answer_by": (TODAY + DAY).isoformat()}
    assert signed_in(alice).post(path, asked).status_code == 403
    assert path not in page_of(alice, "task", task)
    for user in (officer, bob):
        assert path in page_of(user, "task", task)
        assert signed_in(user).get(path).status_code == 200
        answer = signed_in(user).post(path, asked)
        assert answer.status_code == 302 and answer.url.endswith("#supervision")
    assert Escalation.objects.count() == 2
    assert "How far is it?" in page_of(alice, "task", task)


def test_what_was_typed_stays_when_it_is_refused(officer, task):
    path = reverse("task_follow_up", kwargs={"id": task.public_id})
    answer = signed_in(officer).post(path, {"text": "How far?", "answer_by": "2020-01-01"})
    assert answer.status_code == 422 and "How far?" in answer.content.decode()
    task.cancel(by=None, on=TODAY, reason="Gone")
    assert signed_in(officer).get(path).status_code == 409


@pytest.mark.parametrize("rows", [1, 3])
def test_the_page_costs_a_constant_number_of_queries(
    officer, task, alba, rows, django_assert_num_queries
):
    for place in range(1, rows):
        enter_task(task.agreement, by=None, title=f"T{place}", lead=alba, due_on=task.due_on)
    supervise(TODAY)
    client = signed_in(officer)
    path = reverse("agreement_supervision", kwargs={"id": task.agreement.public_id})
    client.get(path)
    with django_assert_num_queries(15):
        client.get(path)


def test_the_back_office_shows_what_was_done_and_sends_a_follow_up_notice(officer, task):
    supervise(TODAY)
    client = signed_in(officer)
    page = read(client.get("/secretariat/agreements/escalation/?answered=no"))
    assert "Tell the convenor" in page and "waits for an answer" in page
    one = Escalation.objects.get(action="liaison")
    assert "Ann" in read(client.get(f"/secretariat/agreements/escalation/{one.pk}/change/"))
    answer = client.post(
        "/secretariat/agreements/escalation/add/",
        {"task": task.pk, "text": "How far?", "answer_by": (TODAY + DAY).isoformat()},
    )
    assert answer.status_code == 302
    assert Escalation.objects.filter(text="How far?", sent_by=officer).exists()
