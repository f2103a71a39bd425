"""More time at each door: the portal, the API, the back office, a package."""

from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from agreements import package
from agreements.agreement import Verification
from agreements.extension_requests import Status
from agreements.models import ExtensionRequest, Task
from agreements.portal.extension_requests_shown import requests_to_answer
from agreements.tasks import Status as TaskStatus
from governance.record import Door, Event
from tests.agreements.portal_scenes import read, signed_in
from tests.api_stage import Caller
from tests.cast import ON_SIGNATURE, SIGNED, TODAY, again, enter_rotation, enter_task

DUE, LATER = date(2027, 6, 30), date(2027, 9, 30)


@pytest.fixture
def task(officer, agreement, alba):
    return enter_task(
        agreement,
        by=officer,
        status=TaskStatus.IN_PROGRESS,
        title="Clean the river",
        title_zh="治理河流",
        lead=alba,
        due_on=DUE,
    )


@pytest.fixture
def asked(officer, task):
    return ExtensionRequest.ask(task, by=officer, on=TODAY, due_on=LATER, reason="Floods")


@pytest.fixture
def convened(officer, agreement, alba, brook):
    """Brook convenes today, and the convenor verifies."""
    agreement.edit(by=officer, verification=Verification.CONVENOR)
    enter_rotation(agreement, brook, alba, by=officer)
    return agreement


def page_of(client: Client, task: Task) -> str:
    return read(client.get(reverse("task", kwargs={"id": task.public_id})))


# the portal


def test_a_partner_asks_and_the_page_says_that_it_waits(alice, task):
    client = signed_in(alice)
    path = reverse("ask_extension", kwargs={"id": task.public_id})
    assert path in page_of(client, task)
    said = {
        "due_on": "2027-09-30",
        "cause": "force_majeure",
        "reason": "Floods",
        "on": "2027-03-01",
    }
    page = read(client.post(path, said, follow=True))
    assert "It waits for an answer." in page
    assert "Alba District asks for more time: until 30 September 2027" in page
    made = ExtensionRequest.objects.get()
    assert (made.asked_by, made.due_on, made.cause) == (task.lead, LATER, "force_majeure")
    assert Event.objects.of(made).get().door == Door.PORTAL
    assert client.get(path).status_code == 409


@pytest.mark.parametrize("said", [{"due_on": "2027-06-30", "reason": "Floods"}, {"due_on": ""}])
def test_what_cannot_be_asked_stands_at_its_field(alice, task, said):
    path = reverse("ask_extension", kwargs={"id": task.public_id})
    answer = signed_in(alice).post(path, {"on": "2027-03-01", **said})
    assert answer.status_code == 422
    assert not ExtensionRequest.objects.exists()


def test_who_is_not_on_the_task_cannot_ask(bob, task):
    path = reverse("ask_extension", kwargs={"id": task.public_id})
    assert signed_in(bob).get(path).status_code == 403
    assert path not in page_of(signed_in(bob), task)


def test_the_convenor_of_the_day_answers_from_its_work(bob, alice, convened, asked):
    client = signed_in(bob)
    assert "More time asked for" in read(client.get(reverse("my_work")))
    assert "More time asked for" not in read(signed_in(alice).get(reverse("my_work")))
    assert "Answer the request" in page_of(client, asked.task)
    kwargs = {"id": asked.public_id, "verb": "grant"}
    said = {"due_on": "2027-08-01", "on": "2027-03-01", "reason": "Do hurry"}
    page = read(client.post(reverse("extension_verb", kwargs=kwargs), said, follow=True))
    assert "is now due on 1 August 2027" in page
    asked.task.refresh_from_db()
    assert asked.task.due_on == date(2027, 8, 1)


def test_who_asked_neither_grants_nor_refuses(alice, convened, asked):
    for verb in ("grant", "refuse"):
        path = reverse("extension_verb", kwargs={"id": asked.public_id, "verb": verb})
        assert signed_in(alice).get(path).status_code == 403
        assert path not in page_of(signed_in(alice), asked.task)
    path = reverse("extension_verb", kwargs={"id": asked.public_id, "verb": "withdraw"})
    signed_in(alice).post(path, {"on": "2027-03-01"})
    asked.refresh_from_db()
    assert asked.status == Status.WITHDRAWN


def test_the_page_is_read_in_chinese(alice, asked):
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(alice)
    page = page_of(client, asked.task)
    assert "申请延期：由2027年6月30日延至2027年9月30日。" in page


def test_the_work_page_costs_no_more_with_more_requests(officer, bob, convened, alba):
    client, costs = signed_in(bob), []
    for rows in (1, 3):
        while ExtensionRequest.objects.count() < rows:
            task = enter_task(
                convened, by=officer, status=TaskStatus.ACCEPTED, lead=alba, due_on=DUE
            )
            ExtensionRequest.ask(task, by=officer, on=TODAY, due_on=LATER, reason="Floods")
        client.get(reverse("my_work"))
        with CaptureQueriesContext(connection) as queries:
            page = read(client.get(reverse("my_work")))
        assert page.count("#extensions") == 2 * rows
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_who_only_reads_is_asked_for_no_answer(auditor, officer, convened, asked):
    assert not requests_to_answer(auditor, TODAY)
    assert list(requests_to_answer(officer, TODAY)) == [asked]


# the API


def test_over_the_api_one_asks_and_another_answers(alice, bob, convened, task):
    asks, answers = Caller(again(alice)), Caller(again(bob))
    said = {"task": str(task.public_id), "due_on": "2027-09-30", "reason": "Floods"}
    made = asks.post("extension-requests/", said)
    assert made.status_code == 201, made.bytes
    body = made.json()
    assert (body["was_due_on"], body["status"]) == ("2027-06-30", "asked")
    assert body["asked_by"] == str(task.lead.public_id)
    path = f"extension-requests/{body['id']}/"
    assert asks.post(f"{path}grant/").status_code == 403
    refused = asks.post("extension-requests/", said)
    assert (refused.status_code, refused.json()["guard"]) == (409, "asked_already")
    granted = answers.post(f"{path}grant/", {"reason": "Do hurry"})
    assert (granted.status_code, granted.json()["granted_due_on"]) == (200, "2027-09-30")
    assert answers.get(f"tasks/{task.public_id}/").json()["due_on"] == "2027-09-30"


def test_a_partner_asks_in_no_other_name(bob, brook, alba, task):
    said = {
        "task": str(task.public_id),
        "asked_by": str(alba.public_id),
        "due_on": "2027-09-30",
        "reason": "Floods",
    }
    assert Caller(again(bob)).post("extension-requests/", said).status_code == 403


def test_a_day_still_to_come_is_refused(alice, task):
    said = {
        "task": str(task.public_id),
        "asked_on": "2027-03-02",
        "due_on": "2027-09-30",
        "reason": "Floods",
    }
    answer = Caller(again(alice)).post("extension-requests/", said)
    assert answer.json()["errors"][0]["pointer"] == "/asked_on"


# the back office


@pytest.fixture
def desk(officer):
    return signed_in(officer)


def test_the_secretariat_logs_a_request_and_answers_it(desk, task):
    path = reverse("admin:agreements_extensionrequest_add")
    assert desk.get(path).status_code == 200
    said = {
        "task": task.pk,
        "asked_by": "",
        "cause": "other",
        "asked_on": "2027-02-20",
        "due_on": "2027-09-30",
        "reason": "Letter of the district",
    }
    desk.post(path, said, follow=True)
    asked = ExtensionRequest.objects.get()
    assert asked.asked_on == date(2027, 2, 20)
    page = read(desk.get(reverse("admin:agreements_extensionrequest_change", args=[asked.pk])))
    assert "Grant extension" in page
    assert "Requests for more time waiting for an answer" in read(desk.get(reverse("admin:index")))
    verb = reverse("admin:agreements_extensionrequest_verb", args=[asked.pk, "refuse"])
    desk.post(verb, {"on": "2027-03-01"})
    asked.refresh_from_db()
    assert asked.status == Status.ASKED
    desk.post(verb, {"on": "2027-03-01", "reason": "Fixed by law"})
    asked.refresh_from_db()
    assert (asked.status, asked.answer) == (Status.REFUSED, "Fixed by law")


# a package


def a_package() -> dict:
    return {
        "organizations": [{"key": "up", "name": "Up", "kind": "government"}],
        "agreement": {
            "title": "Rivers",
            "kind": "cooperation",
            "entry_into_force": ON_SIGNATURE,
        },
        "parties": [{"organization": "up"}],
        "tasks": [
            {
                "title": "Dredge",
                "lead": "up",
                "due_on": "2026-06-30",
                "acts": [
                    {"verb": "assign", "on": "2026-02-03"},
                    {
                        "verb": "ask-extension",
                        "on": "2026-03-01",
                        "due_on": "2026-09-30",
                        "reason": "Floods",
                    },
                    {"verb": "grant-extension", "on": "2026-03-10", "due_on": "2026-08-31"},
                    {
                        "verb": "ask-extension",
                        "on": "2026-04-01",
                        "due_on": "2026-12-31",
                        "reason": "More floods",
                        "asked_by": "up",
                    },
                    {"verb": "refuse-extension", "on": "2026-04-10", "reason": "Enough"},
                ],
            }
        ],
    }


def test_a_package_tells_of_requests_and_loading_it_twice_changes_nothing(officer):
    package.load(a_package(), by=officer, on=TODAY)
    task = Task.objects.get()
    assert task.due_on == date(2026, 8, 31)
    kept = [(one.asked_on, one.status) for one in task.extension_requests.order_by("asked_on")]
    assert kept == [(date(2026, 3, 1), Status.GRANTED), (date(2026, 4, 1), Status.REFUSED)]
    again_ = package.load(a_package(), by=officer, on=TODAY)
    assert again_.changes_nothing, [str(step) for step in again_.steps]


def test_an_answer_without_a_request_is_told_at_its_place(officer):
    told = a_package()
    told["tasks"][0]["acts"] = [
        {"verb": "assign", "on": SIGNED.isoformat()},
        {"verb": "grant-extension", "on": SIGNED.isoformat()},
    ]
    with pytest.raises(package.PackageInvalid) as wrong:
        package.load(told, by=officer, on=TODAY)
    assert [one.path for one in wrong.value.problems] == ["/tasks/0/acts/1/verb"]
