"""The main job, done by a client that knows only the OpenAPI document."""

import json
from datetime import date
from typing import Any

import pytest
from django.test import Client

from actors.models import Person
from actors.user import Role
from governance.tokens import Token
from tests.cast import enter_user
from tests.strangers_client import Stranger, Undescribed, upload

V1 = "/api/v1"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture
def document(today: date) -> dict[str, Any]:
    """What the server says of itself; all that is known."""
    return json.loads(Client().get("/api/schema/?format=json").content)


@pytest.fixture
def secretariat(document: dict[str, Any], officer: Any) -> Stranger:
    return Stranger(document, Token.issue(officer, by=None)[1])


def in_force(secretariat: Stranger, title: str, organizations: list[str]) -> dict[str, Any]:
    """An agreement between the organizations, brought into force by its verbs."""
    made = secretariat.post(
        f"{V1}/agreements/",
        {
            "title": title,
            "title_zh": "清洁河流",
            "kind": "framework",
            "mode": "district_county",
            "entry_into_force": {
                "all_of": [{"type": "all", "act": "signed"}],
                "delay": {"kind": "nth_day_after", "days": 1},
            },
            "expires_on": "2031-12-31",
        },
    )
    secretariat.post(
        f"{V1}/parties/",
        [
            {"agreement": made["id"], "organization": one, "position": position}
            for position, one in enumerate(organizations, 1)
        ],
    )
    address = f"{V1}/agreements/{made['id']}"
    secretariat.post(f"{address}/negotiate/", {"on": "2026-01-10"})
    secretariat.post(f"{address}/sign/", {"on": "2026-02-01", "all_parties": True})
    return secretariat.post(f"{address}/bring-into-force/", {"on": "2026-02-02"})


def test_the_main_job(secretariat: Stranger, document: dict[str, Any]) -> None:
    post, get = secretariat.post, secretariat.get
    alba, brook, dunes = (
        one["id"]
        for one in post(
            f"{V1}/organizations/",
            [
                {"name": "Alba District", "name_zh": "阿尔巴区", "kind": "government"},
                {"name": "Brook District", "kind": "government"},
                {
                    "name": "University of Dunes",
                    "kind": "university",
                    "identifiers": [{"scheme": "url", "value": "https://dunes.example.org/"}],
                },
            ],
        )
    )
    agreement = in_force(secretariat, "Clean rivers", [alba, brook])
    elsewhere = in_force(secretariat, "Clean air", [brook, dunes])
    assert agreement["status"] == "in_force" and agreement["in_force_on"] == "2026-02-02"
    answer = get(f"{V1}/agreements/{agreement['id']}/entry-into-force/")
    assert answer["met"] and answer["date"] == "2026-02-02"

    rotation = post(
        f"{V1}/rotations/",
        {
            "agreement": agreement["id"],
            "name": "Convenor",
            "basis": "order",
            "order": "as_given",
            "term": {"length": 6, "unit": "month"},
            "boundaries": "calendar",
            "starts_on": "2026-02-02",
            "seats": [
                {"organization": alba, "position": 1},
                {"organization": brook, "position": 2},
            ],
        },
    )
    terms = get(
        f"{V1}/rotations/{rotation['id']}/terms/", **{"from": "2026-02-02", "to": "2027-12-31"}
    )
    assert [term["holders"] for term in terms] == [[alba], [brook], [alba], [brook]]
    convenor = get(f"{V1}/agreements/{agreement['id']}/convenor/", on="2027-03-01")
    assert convenor["current"]["holder_names"] == ["Alba District"]
    secretariat.get(f"{V1}/rotations/{rotation['id']}/")
    change = secretariat.call(
        "post",
        f"{V1}/rotations/{rotation['id']}/changes/",
        body={
            "kind": "swap",
            "term_on": terms[3]["starts_on"],
            "other_term_on": "2028-02-02",
            "decided_by": "The parties",
            "decided_on": "2027-02-20",
        },
        headers={"If-Match": secretariat.etag},
    )
    assert change["kind"] == "swap"

    ann, bo = (
        one["id"]
        for one in post(
            f"{V1}/people/",
            [
                {"name": "Ann Alba", "email": "ann@alba.example.org"},
                {"name": "Bo Brook", "email": "bo@brook.example.org"},
            ],
        )
    )
    for person, organization in ((ann, alba), (bo, brook)):
        post(
            f"{V1}/appointments/",
            {"person": person, "organization": organization, "post": "Director"},
        )
    parties = secretariat.all(f"{V1}/parties/", agreement=agreement["id"], page_size=1)
    assert len(parties) == 2
    gaps = get(f"{V1}/liaison-coverage/")["uncovered"]
    assert {gap["party"] for gap in gaps} >= {party["id"] for party in parties}
    for party in parties:
        person = ann if party["organization"] == alba else bo
        post(
            f"{V1}/liaison-appointments/",
            {"party": party["id"], "person": person, "starts_on": "2026-02-02"},
        )
    gaps = get(f"{V1}/liaison-coverage/")["uncovered"]
    assert agreement["id"] not in {gap["agreement"] for gap in gaps}

    series = post(
        f"{V1}/consultation-series/",
        {
            "agreement": agreement["id"],
            "name": "Quarterly meeting",
            "rrule": "FREQ=MONTHLY;INTERVAL=3;BYDAY=1TH",
            "starts_at": "14:00:00",
            "starts_on": "2026-04-02",
        },
    )
    meetings = secretariat.all(f"{V1}/consultations/", series=series["id"], ordering="starts_at")
    assert len(meetings) >= 4 and meetings[0]["host_now"] is not None

    tasks = post(
        f"{V1}/tasks/",
        [
            {
                "agreement": agreement["id"],
                "title": title,
                "lead": lead,
                "cooperating": [alba, brook],
                "starts_on": "2026-03-01",
                "due_on": "2027-12-31",
                "weight": "2.5",
            }
            for title, lead in (("Plant trees", alba), ("Count fish", alba), ("Sweep", brook))
        ],
    )
    indicators = post(
        f"{V1}/indicators/",
        [
            {
                "task": task["id"],
                "name": "Hectares",
                "unit": "ha",
                "baseline": "0",
                "target": "10",
                "direction": "up",
            }
            for task in tasks
        ],
    )
    for task in tasks:
        assigned = post(f"{V1}/tasks/{task['id']}/assign/", {"on": "2026-03-01"})
        assert assigned["status"] == "assigned"
    refused = post(f"{V1}/tasks/{tasks[0]['id']}/verify/", expect=409)
    assert refused["verb"] == "verify" and refused["guard"]

    ann_signs_in = enter_user("ann", Role.PARTNER, person=Person.objects.get(public_id=ann))
    partner = Stranger(document, Token.issue(ann_signs_in, by=None)[1], language="zh-hans")
    do_the_partners_part(partner, agreement, alba, tasks, indicators[0])
    partner.call("get", f"{V1}/agreements/{elsewhere['id']}/", expect=404)
    partner.post(f"{V1}/agreements/", {"title": "Mine", "kind": "contract"}, expect=403)

    secretariat.get(f"{V1}/tasks/{tasks[0]['id']}/")
    verified = post(f"{V1}/tasks/{tasks[0]['id']}/verify/", headers={"If-Match": secretariat.etag})
    assert verified["status"] == "completed" and verified["light"] == "done"
    told = get(f"{V1}/tasks/{tasks[0]['id']}/history/")["results"]
    assert [entry["verb"] for entry in told][-1] == "verify"
    table = get(f"{V1}/tasks/export/", agreement=agreement["id"])
    assert "Plant trees" in table.decode()


def do_the_partners_part(
    partner: Stranger,
    agreement: dict[str, Any],
    organization: str,
    tasks: list[dict[str, Any]],
    indicator: dict[str, Any],
) -> None:
    """Sees exactly what is theirs; accepts, files evidence, reports and submits."""
    me = partner.get(f"{V1}/me/")
    assert [one["id"] for one in me["organizations"]] == [organization]
    assert [one["id"] for one in partner.all(f"{V1}/agreements/")] == [agreement["id"]]
    assert {one["id"] for one in partner.all(f"{V1}/tasks/")} == {task["id"] for task in tasks}
    mine = partner.all(f"{V1}/tasks/", lead=organization, status__in=["assigned"])
    assert {one["id"] for one in mine} == {task["id"] for task in tasks[:2]}

    task = f"{V1}/tasks/{tasks[0]['id']}"
    offered = {one["verb"]: one for one in partner.get(f"{task}/")["allowed_actions"]}
    assert offered["accept"]["allowed"] and not offered["verify"]["allowed"]
    once = {"Idempotency-Key": "one-acceptance"}
    assert partner.post(f"{task}/accept/", headers=once)["status"] == "accepted"
    assert partner.post(f"{task}/accept/", headers=once)["status"] == "accepted"
    evidence = partner.post(
        f"{V1}/documents/",
        {
            "agreement": agreement["id"],
            "task": tasks[0]["id"],
            "kind": "evidence",
            "title": "Photographs",
            "file": upload("trees.pdf", PDF, "application/pdf"),
        },
    )
    assert partner.get(f"{V1}/documents/{evidence['id']}/content/") == PDF
    partner.post(f"{task}/start/", {"on": "2026-04-01"}, expect=400)
    report = partner.post(
        f"{V1}/progress-reports/",
        {
            "task": tasks[0]["id"],
            "share": 100,
            "text": "十公顷全部种完。",
            "values": [{"indicator": indicator["id"], "value": "10.5"}],
            "evidence": [evidence["id"]],
        },
    )
    assert report["evidence"] == [evidence["id"]]
    assert partner.post(f"{task}/submit/")["status"] == "submitted"


def test_the_stranger_sends_nothing_undescribed(secretariat: Stranger) -> None:
    for wrong in (
        lambda: secretariat.post(f"{V1}/agreements/", {"titel": "x", "kind": "framework"}),
        lambda: secretariat.post(f"{V1}/agreements/", {"title": "x", "kind": "treaty"}),
        lambda: secretariat.get(f"{V1}/tasks/", colour="red"),
        lambda: secretariat.get(f"{V1}/tasks/", light="pink"),
        lambda: secretariat.get(f"{V1}/treaties/"),
        lambda: secretariat.patch(f"{V1}/tasks/{'0' * 8}-0000-0000-0000-{'0' * 12}/", {}),
    ):
        with pytest.raises(Undescribed):
            wrong()
