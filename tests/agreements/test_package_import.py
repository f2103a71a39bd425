"""A whole agreement in one POST: rehearsed, loaded, refused at the place where it is wrong."""

import json
from typing import Any

import pytest
from django.test import Client

from agreements.models import Agreement, Party, Task
from governance.tokens import Token

ADDRESS = "/api/v1/agreements/import/"

PACKAGE: dict[str, Any] = {
    "organizations": [
        {"key": "alba", "name": "Alba District", "kind": "government"},
        {"key": "brook", "name": "Brook District", "kind": "government"},
    ],
    "agreement": {
        "title": "Clean rivers",
        "kind": "framework",
        "entry_into_force": {
            "all_of": [{"type": "all", "act": "signed"}],
            "delay": {"kind": "on_trigger"},
        },
        "acts": [
            {"verb": "negotiate", "on": "2026-01-10"},
            {"verb": "sign", "on": "2026-02-01", "all_parties": True},
            {"verb": "bring-into-force", "on": "2026-02-01"},
        ],
    },
    "parties": [{"organization": "alba"}, {"organization": "brook"}],
    "tasks": [{"title": "Plant trees", "lead": "alba", "due_on": "2027-12-31"}],
}


def send(user: Any, package: Any, query: str = "", **headers: str) -> Any:
    token = Token.issue(user, by=None)[1]
    client = Client(headers={"authorization": f"Bearer {token}", **headers})
    return client.post(ADDRESS + query, json.dumps(package), content_type="application/json")


def test_a_rehearsal_changes_nothing(officer: Any) -> None:
    answer = send(officer, PACKAGE, "?dry_run=true")
    assert answer.status_code == 200
    body = answer.json()
    assert body["dry_run"] is True and body["agreement"] is None
    assert body["counts"]["create"] == 6 and body["counts"]["act"] == 3
    assert not Agreement.objects.exists()


def test_it_is_loaded_once(officer: Any) -> None:
    first = send(officer, PACKAGE)
    assert first.status_code == 201
    made = Agreement.objects.get()
    assert first.json()["agreement"] == str(made.public_id)
    assert made.status == "in_force" and Party.objects.count() == 2 and Task.objects.count() == 1
    again = send(officer, PACKAGE)
    assert again.status_code == 200
    assert again.json()["agreement"] == str(made.public_id)
    assert set(again.json()["counts"]) == {"create", "change", "act", "leave"}
    assert again.json()["counts"]["create"] == 0
    assert Agreement.objects.count() == 1


def test_it_is_all_or_nothing(officer: Any) -> None:
    wrong = {**PACKAGE, "tasks": [*PACKAGE["tasks"], {"title": "Count", "lead": "nobody"}]}
    answer = send(officer, wrong)
    assert answer.status_code == 400
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["type"] == "urn:concord:problem:package_invalid"
    assert [error["pointer"] for error in body["errors"]] == ["/tasks/1/lead"]
    assert not Agreement.objects.exists()


@pytest.mark.parametrize("body", [[], [PACKAGE], "text", 1, None, {}, {"agreement": 3}])
def test_anything_else_is_refused(officer: Any, body: Any) -> None:
    answer = send(officer, body)
    assert answer.status_code == 400
    assert answer.json()["errors"] or answer.json()["detail"]


def test_the_flag_is_true_or_false(officer: Any) -> None:
    for query in ("?dry_run=perhaps", "?dryrun=true"):
        assert send(officer, PACKAGE, query).status_code == 400
    assert not Agreement.objects.exists()


def test_only_for_who_may_enter_agreements(alice: Any, auditor: Any, client_of_alba: Any) -> None:
    for user in (alice, auditor, client_of_alba):
        for query in ("", "?dry_run=true"):
            assert send(user, PACKAGE, query).status_code == 403
    assert not Agreement.objects.filter(title="Clean rivers").exists()


def test_sent_twice_with_one_key_it_is_loaded_once(officer: Any) -> None:
    token = Token.issue(officer, by=None)[1]
    client = Client(headers={"authorization": f"Bearer {token}", "idempotency-key": "package-1"})
    answers = [
        client.post(ADDRESS, json.dumps(PACKAGE), content_type="application/json")
        for _again in range(2)
    ]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].content == answers[1].content
