"""Writing over the API: the order of checks, what a body may say, whole changes, lists at once."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from json import dumps
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from rest_framework import serializers

from agreements.models import Agreement, Decision, Party, Rotation, Task
from governance.api.failures import FORM_FACTOR, SLACK
from governance.models import Event
from tests.api_stage import (
    ABSENT,
    RESOURCES,
    Caller,
    addresses_of,
    operations_on,
    set_the_stage,
    shown,
)
from tests.cast import again, enter_partner, enter_rotation, enter_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def asks(officer: Any) -> Caller:
    return Caller(officer)


@pytest.fixture
def stage(officer: Any) -> Any:
    return set_the_stage("HERE", officer)


def codes(answer: Any) -> set[tuple[str, str]]:
    return {(one["pointer"], one["code"]) for one in answer.json()["errors"]}


# who


def test_without_signing_in_everything_is_401(stage):
    nobody = Caller(None)
    for name, resource in RESOURCES.items():
        obj = stage[resource.model]
        key = obj.public_id if obj else ABSENT
        for route, actions in addresses_of(name):
            path = route.replace("<uuid:id>", str(key)).replace("<uuid:change>", ABSENT)
            for method in (*actions, "options"):
                answer = nobody.ask(method, path)
                assert answer.status_code == 401, (method, path)
                assert answer.headers["WWW-Authenticate"].startswith("Bearer")
                if method != "head":
                    assert answer.json()["status"] == 401
    for path in ("me/", "convenors/", "liaison-coverage/", "events/"):
        assert nobody.get(path).status_code == 401


def test_an_auditor_reads_everything_and_every_unsafe_request_is_403(stage, auditor):
    asks = Caller(auditor)
    counted = Event.objects.count()
    for name, _resource, obj in shown(stage):
        assert asks.get(f"{name}/{obj.public_id}/history/").status_code == 200
        operations = [*operations_on(name, obj.public_id), ("post", f"{name}/")]
        for method, path in operations:
            expected = {200, 404} if method == "get" else {403}
            if path == f"{name}/" and "create" not in RESOURCES[name].writes:
                expected = {405}
            if "/changes/0" in path:
                continue
            answer = asks.ask(method, path, {}, **{"If-Match": "*"})
            assert answer.status_code in expected, (method, path, answer.content)
    read = Event.objects.filter(verb="read").count()
    assert Event.objects.count() == counted + read


# What a host keeps of its own consultation, and what anybody says themselves.
OPEN_TO_A_HOST = {
    ("agenda-items", "change"),
    ("attendances", "change"),
    ("attendances", "delete"),
    ("decisions", "change"),
    ("minutes", "change"),
}


def test_a_partner_changes_nothing_but_what_it_keeps_as_a_host(stage, stranger):
    """What a partner may see and not change is 403; the exceptions are these and no others."""
    asks = Caller(again(enter_partner("insider", stage[Party].organization)))
    found = set()
    for name, resource, obj in shown(stage):
        for method, verb in (("put", "change"), ("patch", "change"), ("delete", "delete")):
            answer = asks.ask(method, f"{name}/{obj.public_id}/", {}, **{"If-Match": "*"})
            refused = 404 if name == "calendar-feeds" else 403  # everybody's feeds are their own
            expected = refused if verb in resource.writes else 405
            if answer.status_code != expected:
                found.add((name, verb))
    assert found == OPEN_TO_A_HOST


# the order of checks


def test_a_host_that_leaves_out_the_day_of_a_decision_is_told_so(stage):
    asks = Caller(again(enter_partner("insider", stage[Party].organization)))
    path = f"decisions/{stage[Decision].public_id}/"
    answer = asks.ask("put", path, {"text": "Plant."}, **{"If-Match": "*"})
    assert answer.status_code == 400
    assert "/decided_on" in {one["pointer"] for one in answer.json()["errors"]}


def test_the_checks_come_in_their_order(agreement, officer, alice, stranger):
    path = f"agreements/{agreement.public_id}/"
    bad = {"titel": 1}
    stale = {"If-Match": '"999.x"'}
    assert Caller(None).patch(path, bad, **stale).status_code == 401
    assert Caller(again(stranger)).patch(path, bad, **stale).status_code == 404
    assert Caller(again(alice)).patch(path, bad, **stale).status_code == 403
    assert Caller(officer).patch(path, bad).status_code == 428
    assert Caller(officer).patch(path, bad, **stale).status_code == 412
    assert Caller(officer).patch(path, bad, **{"If-Match": "*"}).status_code == 400
    verb = f"{path}negotiate/"
    assert Caller(again(stranger)).post(verb, bad, **stale).status_code == 404
    assert Caller(again(alice)).post(verb, bad, **stale).status_code == 403
    assert Caller(officer).post(verb, bad, **stale).status_code == 412
    assert Caller(officer).post(verb, bad).status_code == 400
    assert Caller(officer).post(verb, {}).status_code == 409


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain",
        "application/xml",
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "application/merge-patch+json",
    ],
)
def test_another_type_of_content_is_415_behind_404_and_403(
    agreement, officer, alice, stranger, kind
):
    def sent(user: Any, path: str, **more: Any) -> Any:
        asks = Caller(again(user))
        return asks.client.post(f"/api/v1/{path}", data=b"a=1", content_type=kind, headers=more)

    path = f"agreements/{agreement.public_id}/negotiate/"
    assert sent(officer, path).status_code == 415
    assert sent(officer, path).json()["type"] == "urn:concord:problem:unsupported_media_type"
    assert sent(officer, "agreements/").status_code == 415
    assert sent(alice, path).status_code == 403
    assert sent(stranger, path).status_code == 404


@pytest.mark.parametrize(
    "body",
    [b"{", b"", b"[1", b'{"title": NaN}', b'{"title": "\\ud800"}', b"\xff", b'{"a": 1e999}',
     b"[" * 40 + b"]" * 40, b"null", b"5", b'"x"', b"true", b"[[]]", b"[5]", b"[null]"],
)  # fmt: skip
def test_a_body_that_is_none_is_400_and_never_500(asks, body):
    for name, resource in RESOURCES.items():
        if "create" in resource.writes and name != "documents":
            answer = asks.client.post(
                f"/api/v1/{name}/", data=body, content_type="application/json"
            )
            if name == "calendar-feeds" and not body:
                assert answer.status_code == 201  # it needs no fact: one's own calendar
                continue
            assert answer.status_code == 400, (name, answer.content)
            assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("body", [b"[]", b"5", b'"x"', b"[1]", b"true", b"0"])
def test_a_verb_takes_an_object(asks, agreement, body):
    path = f"/api/v1/agreements/{agreement.public_id}/suspend/"
    assert asks.client.post(path, data=body, content_type="application/json").status_code == 400


def test_too_large_a_body_is_413_before_it_is_read(asks, settings):
    settings.MAX_UPLOAD_BYTES = 1024
    size = str(1024 + SLACK + 1)
    for path in ("agreements/", "documents/", "nowhere/"):
        answer = asks.client.post(
            f"/api/v1/{path}", data=b"{}", content_type="application/json", CONTENT_LENGTH=size
        )
        assert answer.status_code == 413
        assert answer.headers["Content-Type"] == "application/problem+json"
    # A form may be larger, so that its file is refused at its field.
    size = str(1024 * FORM_FACTOR + SLACK + 1)
    page = asks.client.post(
        "/account/login/", data=b"", content_type="text/plain", CONTENT_LENGTH=size
    )
    assert page.status_code == 413
    assert b"<h1>" in page.content


def test_json_has_a_limit_of_its_own(asks, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    for headers in ({}, {"Idempotency-Key": "k"}):
        answer = asks.post("agreements/", {"title": "x" * 1000}, **headers)
        assert answer.status_code == 413
        assert answer.json()["type"] == "urn:concord:problem:too_large"


def test_a_failure_tells_nothing(asks, monkeypatch, settings):
    def fails(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("the secret of the house")

    monkeypatch.setattr(Agreement, "enter", fails)
    answer = asks.post("agreements/", {"title": "x", "kind": "framework"})
    assert answer.status_code == 500
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert b"secret" not in answer.content and b"Traceback" not in answer.content
    assert answer.json()["detail"]


# what a body may say


def writable(resource: Any) -> dict[str, serializers.Field]:
    serializer = resource.input_serializer_class or resource.serializer_class
    return {name: one for name, one in serializer().fields.items() if not one.read_only}


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


ANY = ["\x00", [], {}, None, True, 2**63 - 1]
HOSTILE: list[tuple[type, list[Any]]] = [
    (serializers.DateField, ["0000-01-01", "9999-12-31", "0001-01-01", "2027-02-30"]),
    (serializers.DateTimeField, ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "2027"]),
    (serializers.TimeField, ["24:00", "23:59:60", "x"]),
    (serializers.IntegerField, [10**18, -(10**18), 32768, -1, 1e300, "9" * 400, "1e999", "1.5"]),
    (serializers.DecimalField, [1e300, "9" * 400, "1e999", "NaN", "Infinity", "-0", "1e-999"]),
    (serializers.ChoiceField, ["a\x00b", "x" * 100_000, ["\x00"], "\ud7ff"]),
    (serializers.CharField, ["a\x00b", "x" * 100_000, "", " ", 10**18, "\u202e", "\ud7ff"]),
    (serializers.JSONField, [[[]], {"a": {"\x00": 1}}, {"all_of": [{"type": "\x00"}]}, "x", 1e300]),
    (serializers.Field, [ABSENT, "not-a-uuid", [[]], ["\x00"], {"a": 1}, [ABSENT]]),
]  # fmt: skip


def hostile(field: serializers.Field) -> list[Any]:
    return [*ANY, *next(values for kind, values in HOSTILE if isinstance(field, kind))]


@pytest.mark.soak
def test_no_value_of_any_field_is_a_500(stage, asks):
    """Every writable field of every resource, with values that broke others."""
    report = {"task": str(stage[Task].public_id), "reported_on": "2027-01-01", "text": "x"}
    for name, resource, obj in shown(stage):
        for field, declared in writable(resource).items():
            for value in hostile(declared):
                with undone():
                    if "change" in resource.writes:
                        path = f"{name}/{obj.public_id}/"
                        answer = asks.patch(path, {field: value}, **{"If-Match": "*"})
                    else:
                        answer = asks.post(f"{name}/", {**report, field: value})
                told = (name, field, str(value)[:40], answer.content[:300])
                stale = {412} if field == "based_on" else set()
                assert answer.status_code in {200, 201, 400, 409, *stale}, told
                assert "\\u0000" not in dumps(value) or answer.status_code == 400, told


def test_nul_is_refused_at_its_field(asks, agreement):
    answer = asks.post("agreements/", [{"title": "x"}, {"title": "a\x00", "kind": "framework"}])
    assert codes(answer) == {("/1/title", "null_characters_not_allowed")}
    answer = asks.post("tasks/?x", {"agreement": str(agreement.public_id), "title": "\x00"})
    assert codes(answer) == {("/title", "null_characters_not_allowed")}


@pytest.mark.parametrize(
    "day", ["0000-01-01", "0001-01-01", "0999-12-31", "3000-01-01", "9999-12-31"]
)
def test_days_at_the_ends_of_the_calendar_are_refused_at_their_field(asks, agreement, day):
    task = {"agreement": str(agreement.public_id), "title": "x"}
    assert {pointer for pointer, _code in codes(asks.post("tasks/", {**task, "due_on": day}))} == {
        "/due_on"
    }
    verb = asks.post(f"agreements/{agreement.public_id}/suspend/", {"on": day, "reason": "x"})
    assert {pointer for pointer, _code in codes(verb)} == {"/on"}
    for question in (
        "convenors/",
        "liaison-coverage/",
        f"agreements/{agreement.public_id}/convenor/",
    ):
        assert asks.get(f"{question}?on={day}").status_code == 400


@pytest.mark.slow
@pytest.mark.parametrize("value", ["0000-01-01", "9999-12-31", "%00", "a" * 5000])
def test_no_value_of_any_filter_is_a_500(stage, asks, value):
    for name, resource in RESOURCES.items():
        for lookup in (*resource.filterset_class.base_filters, "search", "ordering", "fields"):
            answer = asks.get(f"{name}/?{lookup}={value}")
            assert answer.status_code in {200, 400}, (name, lookup)


def test_unknown_members_are_refused_wherever_they_stand(stage, asks):
    for name, resource in RESOURCES.items():
        if "create" in resource.writes and name != "documents":
            assert ("/nonsense", "unknown_field") in codes(
                asks.post(f"{name}/", {"nonsense": 1})
            ), name
    for name, _resource, obj in shown(stage):
        for method, path in operations_on(name, obj.public_id):
            if method == "post" and not path.endswith(("/changes/", "/revoke/")):
                answer = asks.post(path, {"reson": "misspelt"})
                assert ("/reson", "unknown_field") in codes(answer), path
    rotation = f"rotations/{stage[Rotation].public_id}/changes/"
    assert ("/knd", "unknown_field") in codes(
        asks.post(rotation, {"knd": "x"}, **{"If-Match": "*"})
    )
    nested = {"name": "x", "kind": "government", "identifiers": [{"sceme": "url"}]}
    assert ("/identifiers/0/sceme", "unknown_field") in codes(asks.post("organizations/", nested))


def test_read_only_members_are_ignored(stage, asks):
    """A body that was read may be sent back; what it says of read-only members changes nothing."""
    for name, resource, obj in shown(stage):
        if "change" not in resource.writes:
            continue
        path = f"{name}/{obj.public_id}/"
        serializer = resource.serializer_class(obj)
        accepted = writable(resource)
        body = {
            key: field.to_representation(5) if isinstance(field, serializers.IntegerField) else "x"
            for key, field in serializer.fields.items()
            if field.read_only and key not in accepted
        }
        before = asks.get(path)
        answer = asks.patch(path, body, **{"If-Match": before.headers["ETag"]})
        assert answer.status_code == 200, (name, answer.content)
        assert answer.headers["ETag"] == before.headers["ETag"], name


def test_what_is_set_on_creation_stays(stage, asks, agreement):
    other = str(agreement.public_id)
    for name, resource, obj in shown(stage):
        for field in getattr(resource.serializer_class.Meta, "create_only", ()):
            if field == "agreement" and "change" in resource.writes:
                path = f"{name}/{obj.public_id}/"
                answer = asks.patch(path, {field: other}, **{"If-Match": "*"})
                assert answer.status_code == 200
                assert answer.json()[field] != other, name


# whole changes


def test_a_whole_change_puts_back_what_it_does_not_state(asks, agreement, officer, brook):
    task = enter_task(agreement, by=officer, title="T", description="D", priority="high",
                      due_on=date(2027, 5, 1), cooperating=[brook])  # fmt: skip
    path = f"tasks/{task.public_id}/"
    answer = asks.ask("put", path, {"title": "New"}, **{"If-Match": "*"})
    body = answer.json()
    assert answer.status_code == 200
    assert (body["title"], body["description"], body["priority"]) == ("New", "", "normal")
    assert (body["due_on"], body["starts_on"], body["cooperating"]) == (None, None, [])
    assert body["agreement"] == str(agreement.public_id) and body["status"] == "planned"
    assert asks.patch(path, {"description": "D"}, **{"If-Match": "*"}).json()["title"] == "New"


def test_a_whole_change_of_what_was_read_changes_nothing(stage, asks):
    for name, resource, obj in shown(stage):
        if "change" not in resource.writes:
            continue
        path = f"{name}/{obj.public_id}/"
        before = asks.get(path)
        known = set((resource.input_serializer_class or resource.serializer_class)(obj).fields)
        body = {key: value for key, value in before.json().items() if key in known}
        answer = asks.ask("put", path, body, **{"If-Match": before.headers["ETag"]})
        assert answer.status_code == 200, (name, answer.content)
        assert answer.headers["ETag"] == before.headers["ETag"], name


def test_a_whole_change_names_what_is_missing(asks, agreement):
    answer = asks.ask(
        "put", f"agreements/{agreement.public_id}/", {"title": "x"}, **{"If-Match": "*"}
    )
    assert codes(answer) == {("/kind", "required")}


def test_identifiers_are_part_of_their_organization(asks, alba):
    path = f"organizations/{alba.public_id}/"
    given = [{"scheme": "url", "value": "https://alba.example.org/"}]
    first = asks.patch(path, {"identifiers": given}, **{"If-Match": "*"})
    assert first.json()["identifiers"] == given
    stale = asks.patch(path, {"identifiers": []}, **{"If-Match": f'"{alba.version}.x"'})
    assert stale.status_code == 412
    whole = asks.ask("put", path, {"name": "Alba", "kind": "government"}, **{"If-Match": "*"})
    assert whole.json()["identifiers"] == []


def test_a_change_of_the_rotation_needs_the_rotation_as_it_was_read(
    asks, agreement, alba, brook, officer
):
    rotation = enter_rotation(agreement, alba, brook, by=officer)
    path = f"rotations/{rotation.public_id}/"
    etag = asks.get(path).headers["ETag"]
    swap = {"kind": "swap", "term_on": "2027-07-01", "other_term_on": "2028-01-01"}
    assert asks.post(f"{path}changes/", swap).status_code == 428
    assert asks.post(f"{path}changes/?preview=true", swap).status_code == 200
    assert asks.post(f"{path}changes/", swap, **{"If-Match": etag}).status_code == 201
    again = asks.post(f"{path}changes/", swap, **{"If-Match": etag})
    assert again.status_code == 412
    assert again.headers["ETag"] == asks.get(path).headers["ETag"]


def test_a_stale_version_is_told_what_differs(asks, agreement, officer):
    path = f"agreements/{agreement.public_id}/"
    etag = asks.get(path).headers["ETag"]
    agreement.edit(by=officer, summary="S", summary_zh="概要")
    answer = asks.patch(path, {"title": "x"}, **{"If-Match": etag})
    assert answer.status_code == 412
    assert answer.json()["differs"] == ["summary", "summary_zh"]
    assert answer.headers["ETag"] == asks.get(path).headers["ETag"]
    for known in (answer.headers["ETag"], f'"0.x", {answer.headers["ETag"]}'):
        answer = asks.patch(path, {"title": f"x{len(known)}"}, **{"If-Match": known})
        assert answer.status_code == 200
        assert answer.headers["ETag"] == asks.get(path).headers["ETag"]
        break


# lists at once


def test_a_list_is_entered_whole_or_not_at_all(asks, agreement):
    task = {"agreement": str(agreement.public_id), "title": "T"}
    made = asks.post("tasks/", [{**task, "title": f"T{place}"} for place in range(3)])
    assert made.status_code == 201
    assert [one["title"] for one in made.json()] == ["T0", "T1", "T2"]
    assert [one["reference"].rpartition("/")[2] for one in made.json()] == ["1", "2", "3"]
    wrong = asks.post("tasks/", [
        task, {**task, "title": ""}, {**task, "due_on": "soon"}, 5, {**task, "agreement": ABSENT},
        {**task, "starts_on": "2027-02-01", "due_on": "2027-01-01"}, {**task, "nonsense": 1},
    ])  # fmt: skip
    assert wrong.status_code == 400
    assert codes(wrong) == {
        ("/1/title", "required"),
        ("/2/due_on", "invalid"),
        ("/3", "invalid"),
        ("/4/agreement", "does_not_exist"),
        ("/5/due_on", "dates_out_of_order"),
        ("/6/nonsense", "unknown_field"),
    }
    assert Task.objects.count() == 3


def test_items_refused_by_the_state_are_named_by_their_place(asks, agreement, officer, alba):
    task = enter_task(agreement, by=officer, lead=alba)
    report = {"task": str(task.public_id), "reported_on": "2027-01-01", "text": "x"}
    answer = asks.post("progress-reports/", [report, report])
    assert answer.status_code == 409
    assert answer.json()["guard"] == "status_planned"
    assert codes(answer) == {("/0", "status_planned"), ("/1", "status_planned")}


def test_a_list_has_at_most_a_thousand(asks):
    answer = asks.post("content-areas/", [{"name": f"A{place}"} for place in range(1001)])
    assert answer.status_code == 400
    assert codes(answer) == {("", "too_many")}
    assert asks.post("content-areas/", []).json() == []


def test_what_is_unique_in_a_list_is_told_apart(asks):
    answer = asks.post("agreements/", [
        {"title": "A", "kind": "contract", "reference": "X/1"},
        {"title": "B", "kind": "contract", "reference": "X/1"},
        {"title": "C", "kind": "contract", "reference": "CA-2027-0001"},
    ])  # fmt: skip
    assert codes(answer) == {("/1/reference", "unique"), ("/2/reference", "reserved")}
    assert not Agreement.objects.exists()


def test_a_number_given_back_is_given_out_again(asks, officer):
    """Refused lists leave no gap in the references."""
    good = {"title": "A", "kind": "contract"}
    assert asks.post("agreements/", [good, {"title": "B"}]).status_code == 400
    made = asks.post("agreements/", [good, good]).json()
    assert [one["reference"] for one in made] == ["CA-2027-0001", "CA-2027-0002"]


# documents


def test_a_document_comes_as_a_form_and_goes_as_an_attachment(asks, agreement, officer, alice):
    file = ContentFile(b"text", name="../../etc/evil\x00.txt")
    form = {"agreement": str(agreement.public_id), "kind": "annex", "file": file}
    answer = asks.client.post("/api/v1/documents/", data=form)
    assert answer.status_code == 201, answer.content
    assert answer.json()["name"] == "evil.txt"
    path = f"documents/{answer.json()['id']}/content/"
    read = Caller(again(alice)).get(path)
    assert read.bytes == b"text"
    assert read.headers["Content-Disposition"].startswith("attachment")
    assert asks.post("documents/", {**form, "file": "x"}).status_code == 400
    nul = asks.client.post("/api/v1/documents/", data={**form, "title": "a\x00", "file": file})
    assert nul.status_code == 400


def test_a_partner_files_evidence_for_their_own_task_alone(
    agreement, officer, alba, brook, alice, bob
):
    task = enter_task(agreement, by=officer, lead=alba, status="accepted")
    for user, status in ((alice, 201), (bob, 403)):
        form = {
            "agreement": str(agreement.public_id), "task": str(task.public_id), "kind": "evidence",
            "file": ContentFile(b"text", name="a.txt"),
        }  # fmt: skip
        assert (
            Caller(again(user)).client.post("/api/v1/documents/", data=form).status_code == status
        )
    form = {"agreement": str(agreement.public_id), "kind": "annex",
            "file": ContentFile(b"text", name="a.txt")}  # fmt: skip
    assert Caller(again(alice)).client.post("/api/v1/documents/", data=form).status_code == 403


def test_whoever_was_invited_files_evidence_without_naming_the_agreement(
    agreement, officer, alba, corva, cora
):
    task = enter_task(agreement, by=officer, lead=alba, cooperating=[corva], status="accepted")
    asks = Caller(again(cora))
    form = {
        "task": str(task.public_id),
        "kind": "evidence",
        "file": ContentFile(b"text", name="a.txt"),
    }
    answer = asks.client.post("/api/v1/documents/", data=form)
    assert answer.status_code == 201, answer.content
    assert asks.get(f"documents/{answer.json()['id']}/").status_code == 200
    assert asks.get(f"agreements/{agreement.public_id}/").status_code == 404
    named = {**form, "agreement": str(agreement.public_id)}
    assert asks.client.post("/api/v1/documents/", data=named).status_code == 400
    nothing = {"kind": "annex", "file": ContentFile(b"text", name="a.txt")}
    answer = asks.client.post("/api/v1/documents/", data=nothing)
    assert codes(answer) == {("/agreement", "required")}


RULES = ["FREQ=DAILY;INTERVAL=0", "FREQ=WEEKLY;INTERVAL=-1", "FREQ=SECONDLY", "x", "FREQ=DAILY\nx"]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_without_end_is_refused(asks, agreement, rule):
    series = {
        "agreement": str(agreement.public_id),
        "starts_on": "2027-01-01",
        "starts_at": "09:00",
    }
    answer = asks.post("consultation-series/", {**series, "rrule": rule})
    assert {pointer for pointer, _code in codes(answer)} == {"/rrule"}


def test_a_rotation_of_endless_terms_is_refused(asks, agreement):
    rotation = {"agreement": str(agreement.public_id), "term": {"length": 1, "unit": "day"}}
    answer = asks.post("rotations/", {**rotation, "starts_on": "1000-01-01"})
    assert codes(answer) == {("/starts_on", "too_many")}


def test_errors_speak_the_readers_language(agreement, officer):
    for language in ("en", "zh-hans"):
        asks = Caller(officer, **{"Accept-Language": language})
        for answer in (
            asks.post(f"agreements/{agreement.public_id}/negotiate/"),
            asks.post("agreements/", {}),
            asks.get(f"agreements/{ABSENT}/"),
        ):
            assert answer.headers["Content-Language"] == language
            assert answer.json()["detail"] and answer.json()["title"]
