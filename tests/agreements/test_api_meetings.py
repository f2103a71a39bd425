"""Consultations from the agenda to approved minutes over the API, by whom it may be."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agreements.mechanisms.attendance import Attendance
from agreements.models import AgendaItem, Decision, GroupMembership, Minutes, SpecialGroup
from tests.agreements.mechanisms.meetings import attend, enter_meeting, enter_series, propose
from tests.api_stage import Caller
from tests.cast import TODAY, again, enter_task

pytestmark = pytest.mark.django_db
BY = {"by": None, "on": TODAY}


@pytest.fixture
def series(agreement: Any) -> Any:
    return enter_series(
        agreement,
        agenda_cutoff_days=7,
        minutes_silence_days=14,
        quorum_kind="percent",
        quorum=100,
    )


@pytest.fixture
def meeting(series: Any, alba: Any) -> Any:
    """Alba hosts, in ten days."""
    return enter_meeting(series, TODAY + timedelta(days=10), host=alba, title="Spring talks")


@pytest.fixture
def host(alice: Any) -> Caller:
    return Caller(again(alice))


@pytest.fixture
def guest(bob: Any) -> Caller:
    return Caller(again(bob))


def guard(answer: Any) -> str:
    """The guard that refused a verb."""
    assert answer.status_code == 409, answer.json()
    return str(answer.json()["guard"])


def codes(answer: Any) -> set[tuple[str, str]]:
    return {(one["pointer"], one["code"]) for one in answer.json()["errors"]}


def test_a_consultation_from_proposal_to_approved_minutes(
    host: Caller, guest: Caller, meeting: Any, agreement: Any, alba: Any, brook: Any, officer: Any
) -> None:
    key = str(meeting.public_id)
    task = enter_task(agreement, by=officer, lead=brook, status="in_progress")

    item = guest.post(
        "agenda-items/",
        {"consultation": key, "title": "Noise", "title_zh": "噪声", "task": str(task.public_id)},
    )
    assert item.status_code == 201, item.json()
    body = item.json()
    assert (body["proposed_by"], body["origin"], body["status"]) == (
        str(brook.public_id), "party", "proposed",
    )  # fmt: skip
    path = f"agenda-items/{body['id']}/"
    assert guest.post(f"{path}accept/").status_code == 403
    accepted = host.post(f"{path}accept/").json()
    assert (accepted["status"], accepted["number"]) == ("accepted", 1)
    assert {one["verb"]: one["allowed"] for one in accepted["allowed_actions"]} == {
        "accept": False, "decline": False, "withdraw": False, "discuss": False, "defer": True,
    }  # fmt: skip

    assert guest.post("attendances/", {
        "consultation": key, "organization": str(brook.public_id),
    }).status_code == 409  # fmt: skip
    assert host.post(f"consultations/{key}/convene/").status_code == 200
    for caller, organization in ((host, alba), (guest, brook)):
        quorum = caller.get(f"consultations/{key}/quorum/").json()
        assert not quorum["met"] and len(quorum["participants"]) == 2
        answer = caller.post(
            "attendances/",
            {
                "consultation": key,
                "organization": str(organization.public_id),
                "name": "Somebody",
                "mandate": "Letter 7",
            },
        )
        assert answer.status_code == 201, answer.json()
    assert host.get(f"consultations/{key}/quorum/").json()["met"]

    decision = host.post(
        "decisions/",
        {
            "consultation": key,
            "agenda_item": body["id"],
            "text": "Quiet from ten",
            "positions": [
                {"organization": str(alba.public_id), "stance": "for"},
                {
                    "party": str(agreement.party_set.get(organization=brook).public_id),
                    "stance": "reserved",
                    "note": "Nine would do",
                },
            ],
            "tasks": [{"title": "Measure", "lead": str(brook.public_id), "due_on": "2027-12-01"}],
            "task_effect": {"verb": "reschedule", "due_on": "2027-09-01"},
        },
    )
    assert decision.status_code == 201, decision.json()
    told = decision.json()
    assert told["reference"] == "2027-1" and told["standing"] == "open"
    assert told["quorum"] == {"required": 2, "present": 2, "of": 2, "met": True}
    assert [one["stance"] for one in told["positions"]] == ["for", "reserved"]
    assert [(one["title"], one["status"]) for one in told["tasks"]] == [("Measure", "assigned")]
    assert (told["task"], told["effect"]) == (str(task.public_id), "reschedule")
    assert guest.get(f"tasks/{task.public_id}/").json()["due_on"] == "2027-09-01"
    made = guest.get(f"tasks/{told['tasks'][0]['id']}/").json()
    assert made["decision"] == told["id"]
    assert guest.get(path).json()["status"] == "discussed"
    assert len(guest.get("decisions/?standing=open").json()["results"]) == 1

    minutes = host.post(
        "minutes/", {"consultation": key, "text": "All agreed.", "text_zh": "一致同意。"}
    )
    assert minutes.status_code == 201, minutes.json()
    minutes_path = f"minutes/{minutes.json()['id']}/"
    assert guest.post(f"{minutes_path}circulate/").status_code == 403
    circulated = host.post(f"{minutes_path}circulate/").json()
    assert circulated["silence_until"] == str(TODAY + timedelta(days=14))
    assert guard(host.post(f"{minutes_path}approve/")) == "consultation_open"
    assert host.post(f"consultations/{key}/close/").status_code == 200
    words = {"minutes": minutes.json()["id"], "stance": "reserved", "note": "Point 3"}
    assert guest.post("confirmations/", {**words, "sha256": "0" * 64}).json()["matches"] is False
    said = guest.post("confirmations/", words)
    assert said.status_code == 201 and said.json()["sha256"] == circulated["sha256"]
    standing = host.get(f"{minutes_path}standing/").json()["results"]
    assert [one["stance"] for one in standing] == [None, "reserved"]
    assert host.post("confirmations/", {"minutes": minutes.json()["id"]}).status_code == 201
    done = guest.get(minutes_path).json()
    assert (done["status"], done["approved_by"]) == ("approved", "expressly")


def test_the_cut_off_holds_for_parties_alone(
    host: Caller, guest: Caller, officer: Any, series: Any, alba: Any, brook: Any
) -> None:
    soon = enter_meeting(series, TODAY + timedelta(days=6), host=alba)
    facts = {"consultation": str(soon.public_id), "title": "Late"}
    refused = guest.post("agenda-items/", facts)
    assert guard(refused) == "cut_off"
    assert host.post("agenda-items/", facts).status_code == 201
    theirs = {**facts, "proposed_by": str(brook.public_id)}
    assert Caller(officer).post("agenda-items/", theirs).status_code == 201
    assert host.post("agenda-items/", theirs).status_code in {403, 409}


def test_nobody_speaks_for_another(
    guest: Caller, meeting: Any, alba: Any, brook: Any, stranger: Any
) -> None:
    key = str(meeting.public_id)
    meeting.convene(**BY)
    minutes = Minutes.draft(meeting, **BY, text="x")
    minutes.circulate(**BY)
    for resource, facts in {
        "agenda-items": {"title": "x", "proposed_by": str(alba.public_id), "consultation": key},
        "attendances": {"organization": str(alba.public_id), "consultation": key},
        "confirmations": {"organization": str(alba.public_id), "minutes": str(minutes.public_id)},
        "decisions": {"text": "x", "consultation": key},
        "minutes": {"text": "x", "consultation": key},
    }.items():
        answer = guest.post(f"{resource}/", facts)
        assert answer.status_code == 403, (resource, answer.json())
        hidden = Caller(again(stranger)).post(f"{resource}/", facts)
        assert hidden.status_code == 400, resource
        assert "does_not_exist" in {code for _pointer, code in codes(hidden)}
    own = propose(meeting, "Mine", proposed_by=alba)
    for verb in ("accept", "decline", "withdraw", "discuss", "defer", "move"):
        body = {"reason": "x", "number": 1} if verb == "move" else {"reason": "x"}
        answer = guest.post(f"agenda-items/{own.public_id}/{verb}/", body)
        assert answer.status_code == 403, verb


def test_a_proposer_puts_its_proposal_better_and_withdraws_it(guest: Caller, meeting: Any) -> None:
    made = guest.post("agenda-items/", {"consultation": str(meeting.public_id), "title": "A"})
    path = f"agenda-items/{made.json()['id']}/"
    changed = guest.patch(path, {"title": "B"}, **{"If-Match": made.headers["ETag"]})
    assert changed.json()["title"] == "B"
    assert guest.post(f"{path}withdraw/").json()["status"] == "withdrawn"


def test_items_are_ordered_by_the_host(host: Caller, meeting: Any) -> None:
    items = [propose(meeting, name).accept(**BY) for name in "ABC"]
    moved = host.post(f"agenda-items/{items[2].public_id}/move/", {"number": 1})
    assert moved.status_code == 200 and moved.json()["number"] == 1
    listed = host.get(f"agenda-items/?consultation={meeting.public_id}&ordering=number").json()
    assert [one["title"] for one in listed["results"]] == ["C", "A", "B"]


def test_minutes_are_not_overwritten_by_either_guard(host: Caller, meeting: Any) -> None:
    meeting.convene(**BY)
    key = str(meeting.public_id)
    first = host.post("minutes/", {"consultation": key, "text": "One"})
    path = f"minutes/{first.json()['id']}/"
    stale = {"If-Match": first.headers["ETag"]}
    second = host.patch(path, {"text": "Two", "based_on": 1}, **stale)
    assert second.json()["revision"] == 2
    for answer in (
        host.patch(path, {"text": "Three"}, **stale),
        host.patch(path, {"text": "Three", "based_on": 1}, **{"If-Match": "*"}),
        host.post("minutes/", {"consultation": key, "text": "Three", "based_on": 1}),
        host.post("minutes/", {"consultation": key, "text": "Three"}),
    ):
        assert answer.status_code == 412, answer.json()
        assert answer.headers["ETag"] == host.get(path).headers["ETag"]
    assert host.patch(path, {"text": "Three"}).status_code == 428
    third = host.post("minutes/", {"consultation": key, "text": "Three", "based_on": 2})
    assert third.json()["revision"] == 3
    texts = [one["text"] for one in host.get(f"{path}revisions/").json()["results"]]
    assert texts == ["One", "Two", "Three"]


def test_what_is_wrong_is_told_at_its_place(host: Caller, meeting: Any, alba: Any) -> None:
    key = str(meeting.public_id)
    meeting.convene(**BY)
    refused = host.post("decisions/", {"consultation": key, "text": "x"})
    assert guard(refused) == "no_quorum"
    attend(meeting, *(party.organization for party in meeting.agreement.party_set.all()))
    for facts, pointer in [
        ({"text": " "}, "/text"),
        ({"text": "x", "tasks": [{"title": ""}]}, "/tasks/0/title"),
        ({"text": "x", "task_effect": {"verb": "suspend"}}, "/task_effect/task"),
        ({"text": "x", "task_effect": {"verb": "verify"}}, "/task_effect/verb"),
        ({"text": "x", "positions": [{"stance": "for"}]}, "/positions/0"),
        ({"text": "x", "positions": [{"stance": "maybe"}]}, "/positions/0/stance"),
    ]:
        answer = host.post("decisions/", {"consultation": key, **facts})
        assert answer.status_code == 400, facts
        assert pointer in {one for one, _code in codes(answer)}, answer.json()
    assert host.post("agenda-items/", {"consultation": None, "title": "x"}).status_code == 400
    assert not Decision.objects.exists()


def test_a_decision_is_changed_until_the_minutes_are_approved(
    host: Caller, meeting: Any, alba: Any, brook: Any
) -> None:
    meeting.convene(**BY)
    attend(meeting, alba, brook)
    made = host.post("decisions/", {"consultation": str(meeting.public_id), "text": "x"})
    path = f"decisions/{made.json()['id']}/"
    positions = [{"organization": str(brook.public_id), "stance": "against"}]
    changed = host.patch(
        path, {"text": "y", "positions": positions}, **{"If-Match": made.headers["ETag"]}
    )
    assert changed.json()["text"] == "y"
    assert [one["stance"] for one in changed.json()["positions"]] == ["against"]
    assert host.ask("delete", path, **{"If-Match": "*"}).status_code == 405
    meeting.close(**BY)
    Minutes.draft(meeting, **BY, text="x").approve(**BY)
    refused = host.patch(path, {"text": "z"}, **{"If-Match": "*"})
    assert guard(refused) == "minutes_approved"


def test_a_guest_of_a_group_sees_its_consultation_and_takes_part(
    agreement: Any, alba: Any, dunes: Any, stranger: Any, meeting: Any
) -> None:
    group = SpecialGroup.enter(by=None, agreement=agreement, name="Air")
    for organization in (alba, dunes):
        GroupMembership.enter(by=None, group=group, organization=organization)
    series = enter_series(agreement, group=group, name="Air talks")
    talks = enter_meeting(series, TODAY + timedelta(days=3))
    propose(meeting, "Hidden")
    item = propose(talks, "Shown", proposed_by=alba)
    talks.convene(**BY)
    attend(talks, alba)
    asks = Caller(again(stranger))
    assert asks.get(f"consultations/{meeting.public_id}/").status_code == 404
    assert asks.get(f"consultations/{meeting.public_id}/quorum/").status_code == 404
    assert asks.get(f"consultations/{talks.public_id}/quorum/").json()["of"] == 2
    titles = [one["title"] for one in asks.get("agenda-items/").json()["results"]]
    assert titles == ["Shown"] == [str(item)]
    assert len(asks.get("attendances/").json()["results"]) == 1
    for path, facts in {
        "agenda-items": {"consultation": str(talks.public_id), "title": "Mine"},
        "attendances": {
            "consultation": str(talks.public_id), "organization": str(dunes.public_id),
        },
    }.items():  # fmt: skip
        assert asks.post(f"{path}/", facts).status_code == 201, path
    assert AgendaItem.objects.get(title="Mine").proposed_by == dunes
    assert Attendance.objects.get(organization=dunes).party is None


@pytest.mark.parametrize(
    "resource", ["agenda-items", "attendances", "decisions", "minutes", "confirmations"]
)
def test_lists_take_a_constant_number_of_queries(
    guest: Caller, series: Any, alba: Any, brook: Any, resource: str
) -> None:
    def enter_one(day: int) -> None:
        meeting = enter_meeting(series, TODAY + timedelta(days=day), host=alba)
        item = propose(meeting, proposed_by=brook, bound=False)
        meeting.convene(**BY)
        attend(meeting, alba, brook)
        positions = [{"organization": alba, "stance": "for"}]
        Decision.enter(
            **BY, consultation=meeting, agreement=meeting.agreement, agenda_item=item, text="x",
            decided_on=TODAY, positions=positions,
        )  # fmt: skip
        minutes = Minutes.draft(meeting, **BY, text="x")
        minutes.circulate(**BY)
        minutes.confirmations.model.give(minutes, alba, **BY)

    counted: list[int] = []
    guest.get(f"{resource}/")  # a token notes its first use
    for day in (1, 2, 3):
        enter_one(day)
        if day == 2:
            continue
        with CaptureQueriesContext(
            connection,
        ) as queries:
            rows = guest.get(f"{resource}/").json()["results"]
        assert rows
        counted.append(len(queries))
    assert counted[0] == counted[1]
