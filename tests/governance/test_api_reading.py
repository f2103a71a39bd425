"""Reading over the API: constant queries, pages by key, fields, exports, conditional reads."""

import base64
import csv
import io
from datetime import date
from json import loads
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from agreements.membership import withdraw
from agreements.models import Party, Task
from governance.api.pagination import opened, sealed
from governance.spreadsheet import inert
from tests.api_stage import RESOURCES, Caller, set_the_stage
from tests.cast import SIGNED, again, enter_agreement, enter_partner, enter_rotation, enter_task

pytestmark = pytest.mark.django_db


def queries(caller: Caller, path: str) -> int:
    caller.get(path)  # what is kept per process is read by now
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert caller.get(path).status_code == 200, path
    return len(captured)


def test_every_list_and_detail_costs_a_constant_number_of_queries(officer):
    """With one row and with three, as secretariat and as a partner, derived from the router."""
    first = set_the_stage("ONE", officer)
    partner = enter_partner("insider", first[Party].organization)
    callers = {"secretariat": Caller(officer), "partner": Caller(again(partner))}

    def measured() -> dict[Any, int]:
        found = {}
        for who, caller in callers.items():
            for name, resource in RESOURCES.items():
                found[who, name, "list"] = queries(caller, f"{name}/")
                obj = first[resource.model]
                if obj is not None and name not in {"organizations", "calendar-feeds"}:
                    found[who, name, "one"] = queries(caller, f"{name}/{obj.public_id}/")
        return found

    before = measured()
    for mark in ("TWO", "THREE"):
        stage = set_the_stage(mark, officer)
        Party.enter(
            by=None, agreement=stage[Task].agreement, organization=first[Party].organization
        )
    after = measured()
    assert {key: (before[key], after[key]) for key in before if before[key] != after[key]} == {}
    most = max(count for (_who, _name, kind), count in after.items() if kind == "list")
    assert most <= 18


# pages


@pytest.fixture
def tasks(agreement: Any, officer: Any) -> list[Task]:
    """Ties and unknown days."""
    days = [
        date(2027, 12, 31),
        None,
        date(2027, 6, 30),
        date(2027, 12, 31),
        None,
        date(2027, 6, 30),
    ]
    return [
        enter_task(agreement, by=officer, title=f"Task {place}", due_on=day)
        for place, day in enumerate([*days, *days, None])
    ]


def walked(caller: Caller, path: str, *, link: str = "next") -> list[list[str]]:
    pages = []
    while path:
        body = caller.get(path).json()
        pages.append([row["id"] for row in body["results"]])
        path = body[link]
    return pages


@pytest.mark.parametrize("ordering", ["due_on", "-due_on", "created_at", "-progress", "-light"])
@pytest.mark.parametrize("size", [1, 2, 3, 5, 13, 14])
def test_pages_give_each_row_once_in_order_and_lead_back(tasks, officer, ordering, size):
    caller = Caller(officer)
    whole = [row["id"] for row in caller.get(f"tasks/?ordering={ordering}").json()["results"]]
    assert sorted(whole) == sorted(str(task.public_id) for task in tasks)
    forth = walked(caller, f"tasks/?ordering={ordering}&page_size={size}")
    assert [key for page in forth for key in page] == whole
    assert all(len(page) == size for page in forth[:-1]) and 0 < len(forth[-1]) <= size
    last = f"tasks/?ordering={ordering}&page_size={size}"
    while following := caller.get(last).json()["next"]:
        last = following
    back = walked(caller, last, link="previous")
    assert [key for page in reversed(back) for key in page][-len(whole) :] == whole


def test_rows_without_a_value_come_last_both_ways(tasks, officer):
    for ordering in ("due_on", "-due_on"):
        rows = Caller(officer).get(f"tasks/?ordering={ordering}&fields=due_on").json()["results"]
        assert [row["due_on"] is None for row in rows] == [False] * 8 + [True] * 5


def test_a_walk_is_stable_while_rows_come_and_go(tasks, officer, agreement):
    caller = Caller(officer)
    body = caller.get("tasks/?ordering=due_on&page_size=5").json()
    seen = [row["id"] for row in body["results"]]
    enter_task(agreement, by=officer, title="Early", due_on=date(2027, 1, 1), starts_on=None)
    late = enter_task(agreement, by=officer, title="Late", due_on=date(2029, 1, 1))
    gone = next(task for task in tasks if str(task.public_id) not in seen)
    gone.remove(by=officer)
    while body["next"]:
        body = caller.get(body["next"]).json()
        seen += [row["id"] for row in body["results"]]
    expected = {str(task.public_id) for task in (*tasks, late)} - {str(gone.public_id)}
    assert len(seen) == len(set(seen)) and set(seen) == expected


def test_a_page_stands_alone_beside_its_filters_and_search(tasks, officer):
    caller = Caller(officer)
    path = "tasks/?page_size=2&due_on__gte=2027-07-01&search=task&count=true"
    body = caller.get(path).json()
    assert body["count"] == 4
    assert len(walked(caller, path)) == 2


@pytest.mark.parametrize(
    "cursor", ["x", "AAAA", "a" * 400, "%00", "é", "eyJhIjoxfQ:1:x", "-", "=" * 7, "1" * 31]
)
def test_a_forged_cursor_is_refused(officer, cursor):
    answer = Caller(officer).get(f"tasks/?cursor={cursor}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/cursor"


def test_a_cursor_opens_its_own_list_in_its_own_ordering_only(tasks, officer):
    caller = Caller(officer)
    cursor = caller.get("tasks/?page_size=1").json()["next"].partition("cursor=")[2].split("&")[0]
    assert caller.get(f"tasks/?cursor={cursor}").status_code == 200
    for path in ("tasks/?ordering=created_at&", "tasks/?ordering=-due_on&", "milestones/?"):
        assert caller.get(f"{path}cursor={cursor}").status_code == 400, path


@given(st.recursive(st.none() | st.integers(-(2**53), 2**53) | st.text(), st.lists), st.text())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
def test_what_is_sealed_opens_in_its_own_context_alone(value, context):
    token = sealed(value, context)
    assert opened(token, context) == value
    assert token == sealed(value, context)
    with pytest.raises(ValueError, match=r"."):
        opened(token, context + "x")
    for place in (0, len(token) // 2, len(token) - 2):
        other = "A" if token[place] != "A" else "B"
        with pytest.raises(ValueError, match=r"."):
            opened(token[:place] + other + token[place + 1 :], context)


def test_a_cursor_shows_no_inner_number(tasks, officer):
    """Row numbers would tell how many rows there are that one may not see."""
    token = sealed(["2027-12-31", 123456789, False], "tasks")
    assert b"123456789" not in base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))


@pytest.mark.parametrize("size", ["0", "501", "-1", "x", "1.5", "0005001", "9" * 30, "", "１"])
def test_a_page_has_1_to_500_rows(officer, size):
    answer = Caller(officer).get(f"tasks/?page_size={size}")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["pointer"] == "/page_size"


def test_there_is_no_total_unless_asked_for(tasks, officer):
    caller = Caller(officer)
    assert set(caller.get("tasks/").json()) == {"next", "previous", "results"}
    assert caller.get("tasks/?count=true&page_size=2").json()["count"] == len(tasks)
    assert caller.get("tasks/?count=maybe").status_code == 400


# parameters, fields, addresses


def test_unknown_parameters_are_refused_everywhere(agreement, officer):
    caller = Caller(officer)
    for name in RESOURCES:
        for path in (f"{name}/?nonsense=1", f"{name}/export/?nonsense=1", f"{name}/?format=json"):
            answer = caller.get(path)
            assert answer.status_code == 400, path
            assert answer.json()["errors"][0]["code"] == "unknown_parameter", path
    for path in ("me/", "convenors/", "liaison-coverage/", "events/"):
        assert caller.get(f"{path}?nonsense=1").status_code == 400, path
    for path in ("", "history/", "convenor/", "entry-into-force/"):
        answer = caller.get(f"agreements/{agreement.public_id}/{path}?nonsense=1")
        assert answer.status_code == 400, path


def test_fields_narrow_lists_objects_and_exports(agreement, officer):
    caller = Caller(officer)
    path = f"agreements/{agreement.public_id}/?fields=title,id"
    assert set(caller.get(path).json()) == {"id", "title"}
    rows = caller.get("agreements/?fields=id,allowed_actions").json()["results"]
    assert {name for row in rows for name in row} == {"id", "allowed_actions"}
    assert (
        caller.get("agreements/export/?fields=title&as=csv")
        .bytes.splitlines()[0]
        .endswith(b"title")
    )
    assert caller.get("agreements/?fields=allowed_actions&page_size=51").status_code == 400
    assert caller.get("agreements/?fields=titel").status_code == 400
    assert caller.get("agreements/export/?fields=allowed_actions").status_code == 400


@pytest.mark.parametrize(
    "path",
    ["nowhere/", "tasks", "tasks/1/", "tasks/x/", "tasks.json", "agreements/export.json", "", "..",
     "../../x", "tasks/%00/", "tasks/export/1/"],
)  # fmt: skip
@pytest.mark.parametrize("debug", [True, False])
def test_unknown_addresses_are_problems_of_the_very_same_bytes(officer, path, debug, settings):
    settings.DEBUG = debug
    caller = Caller(officer)
    hidden = caller.get("tasks/00000000-0000-4000-8000-000000000000/")
    for method in ("get", "post", "put", "patch", "delete"):
        answer = caller.ask(method, path)
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.content == hidden.content


def test_methods_that_are_not_there_are_problems(agreement, officer):
    caller = Caller(officer)
    for method, path in (
        ("put", "tasks/"),
        ("patch", "tasks/"),
        ("delete", "tasks/"),
        ("post", f"agreements/{agreement.public_id}/"),
        ("get", f"agreements/{agreement.public_id}/sign/"),
        ("post", "me/"),
        ("post", "events/"),
        ("delete", "convenor-terms/00000000-0000-4000-8000-000000000000/"),
        ("post", "convenor-terms/"),
        ("trace", "tasks/"),
    ):
        answer = caller.ask(method, path)
        assert answer.status_code == 405, path
        assert answer.json()["type"] == "urn:concord:problem:method_not_allowed"
        assert answer.headers["Allow"]


def test_head_is_get_without_a_body(agreement, officer):
    caller = Caller(officer)
    for path in ("agreements/", f"agreements/{agreement.public_id}/", "me/"):
        told, read = caller.ask("head", path), caller.get(path)
        assert (told.status_code, told.bytes) == (200, b"")
        assert told.headers.get("ETag") == read.headers.get("ETag")


# conditional reading


def test_what_did_not_change_is_304(agreement, officer):
    caller = Caller(officer)
    for path in ("agreements/?page_size=1", f"agreements/{agreement.public_id}/"):
        etag = caller.get(path).headers["ETag"]
        for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
            answer = caller.get(path, **{"If-None-Match": known})
            assert (answer.status_code, answer.content) == (304, b"")
            assert answer.headers["ETag"] == etag
        assert caller.get(path, **{"If-None-Match": '"other"'}).status_code == 200
    agreement.edit(by=officer, summary="Changed")
    assert caller.get(path, **{"If-None-Match": etag}).status_code == 200


def test_readers_do_not_share_etags_where_they_see_different_things(agreement, officer, alice):
    path = f"agreements/{agreement.public_id}/"
    theirs = [Caller(again(user)).get(path).headers["ETag"] for user in (officer, alice)]
    assert theirs[0] != theirs[1]
    assert {etag.strip('"').partition(".")[0] for etag in theirs} == {str(agreement.version)}


# exports

LIVE = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=1",
    "\r=1",
    " =1",
    "＝1+1",
    "=5",
    "|calc",
    "+8613912345678",
]


@pytest.mark.parametrize("cell", LIVE)
def test_no_cell_comes_to_life(officer, agreement, cell):
    Task.objects.filter(pk=enter_task(agreement, by=officer).pk).update(title=cell, source=cell)
    caller = Caller(officer)
    text = caller.get("tasks/export/?as=csv").bytes.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text, newline=""))
    assert row["title"] == f"'{cell}"
    book = load_workbook(io.BytesIO(caller.get("tasks/export/?as=xlsx").bytes))
    cells = [one for line in book.active.iter_rows() for one in line]
    assert all(one.data_type != "f" for one in cells)
    assert loads(caller.get("tasks/export/?as=json").bytes)[0]["title"] == cell


def test_numbers_stay_numbers():
    assert [inert(one) for one in ("-5", "-5.25", "12", "2027-01-01", "水")] == [
        "-5", "-5.25", "12", "2027-01-01", "水",
    ]  # fmt: skip


def test_an_export_has_the_filters_and_the_order_of_its_list(tasks, officer):
    caller = Caller(officer)
    query = "ordering=-due_on&due_on__gte=2027-07-01&search=task&fields=id,due_on"
    listed = caller.get(f"tasks/?{query}").json()["results"]
    assert loads(caller.get(f"tasks/export/?as=json&{query}").bytes) == listed
    assert caller.get("tasks/export/?as=pdf").status_code == 400
    assert caller.get("tasks/export/?cursor=x").status_code == 400


# what comes with the day


def test_a_party_that_has_left_reads_no_term_that_began_later(officer, alba, brook, alice):
    agreement = enter_agreement(alba, brook, by=officer, status="in_force")
    rotation = enter_rotation(agreement, alba, brook, by=officer)
    party = agreement.party_set.get(organization=alba)
    withdraw(party, by=officer, on=SIGNED, effective_on=date(2026, 9, 1))
    caller = Caller(again(alice))
    path = f"rotations/{rotation.public_id}/terms/?from=2026-01-01&to=2028-01-01"
    assert {term["starts_on"] for term in caller.get(path).json()} <= {"2026-01-01", "2026-07-01"}
    answer = caller.get(f"agreements/{agreement.public_id}/convenor/?on=2027-03-01").json()
    assert answer["current"] is None and answer["next"] is None
    assert caller.get("convenors/?on=2027-03-01").json()["results"] == []
