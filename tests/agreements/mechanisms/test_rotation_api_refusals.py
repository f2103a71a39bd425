"""What a program may get wrong about a rotation: told at its place, and never a broken server."""

from random import Random
from typing import Any

import pytest

from actors.models import Region
from agreements.models import Rotation
from tests.api_stage import ABSENT, Caller
from tests.cast import enter_party, enter_rotation

pytestmark = pytest.mark.usefixtures("short_horizon")
NEXT, AFTER_NEXT = "2027-07-01", "2028-01-01"


@pytest.fixture
def asked(officer, agreement, alba, brook, corva, dunes):
    """Posts bodies with the names of the cast for ids; answers status, and pointers or guard."""
    enter_party(agreement, corva)
    region = Region.enter(by=officer, name="North")
    rotation = enter_rotation(agreement, alba, brook, by=officer)
    caller = Caller(officer)
    ids = {
        "alba": str(alba.public_id),
        "brook": str(brook.public_id),
        "corva": str(corva.public_id),
        "dunes": str(dunes.public_id),
        "north": str(region.public_id),
        "agreement": str(agreement.public_id),
    }

    def told(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: told(one) for name, one in value.items()}
        if isinstance(value, list):
            return [told(one) for one in value]
        return ids.get(value, value) if isinstance(value, str) else value

    def ask(body: Any, path: str = f"rotations/{rotation.public_id}/changes/", method="post"):
        answer = caller.ask(method, path, told(body), **{"If-Match": "*"})
        said = answer.json() if answer.bytes else {}
        if isinstance(said, dict) and "errors" in said:
            return answer.status_code, {error["pointer"] for error in said["errors"]}
        return answer.status_code, said.get("guard", said) if isinstance(said, dict) else said

    ask.rotation = rotation
    ask.told = told
    ask.caller = caller
    return ask


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ([], ""),
        ({}, "/kind"),
        ({"kind": "marry"}, "/kind"),
        ({"kind": "swap", "term_on": NEXT}, "/other_term_on"),
        ({"kind": "swap", "term_on": "soon", "other_term_on": NEXT}, "/term_on"),
        ({"kind": "swap", "term_on": 5, "other_term_on": NEXT}, "/term_on"),
        ({"kind": "swap", "term_on": NEXT, "other_term_on": NEXT}, "/other_term_on"),
        ({"kind": "swap", "term_on": NEXT, "other_term": NEXT}, "/other_term"),
        ({"kind": "assign", "term_on": NEXT}, "/organization"),
        ({"kind": "assign", "term_on": NEXT, "organization": []}, "/organization"),
        ({"kind": "assign", "term_on": NEXT, "organization": ABSENT}, "/organization"),
        ({"kind": "assign", "term_on": NEXT, "organization": {"id": 1}}, "/organization"),
        ({"kind": "assign", "term_on": NEXT, "organization": "north"}, "/organization"),
        ({"kind": "assign", "term_on": NEXT, "organization": [["alba"]]}, "/organization"),
        ({"kind": "assign", "term_on": "2027-07-02", "organization": "alba"}, "/term_on"),
        ({"kind": "assign", "turns_ahead": 1, "organization": "alba"}, "/turns_ahead"),
        ({"kind": "assign", "turns_ahead": 0, "organization": "alba"}, "/turns_ahead"),
        ({"kind": "skip", "term_on": NEXT, "organization": ["alba", "brook"]}, "/organization"),
        ({"kind": "skip", "term_on": NEXT}, "/organization"),
        ({"kind": "extend", "term_on": NEXT, "ends_on": NEXT}, "/ends_on"),
        ({"kind": "extend", "term_on": NEXT, "ends_on": "9999-12-31"}, "/ends_on"),
        ({"kind": "extend", "ends_on": AFTER_NEXT}, "/term_on"),
        ({"kind": "extend", "term_on": NEXT, "ends_on": NEXT, "realign": "x"}, "/realign"),
        (
            {"kind": "extend", "term_on": NEXT, "ends_on": "2028-07-01", "realign": True},
            "/ends_on",
        ),
        ({"kind": "end", "term_on": NEXT, "ends_on": AFTER_NEXT}, "/kind"),
        ({"kind": "vacate", "term_on": NEXT, "on": AFTER_NEXT}, "/on"),
        ({"kind": "vacate", "term_on": NEXT, "on": NEXT, "then": "nobody"}, "/then"),
        ({"kind": "vacate", "term_on": NEXT, "on": NEXT, "then": "north"}, "/then"),
        ({"kind": "admit", "organization": "corva"}, "/effective_on"),
        ({"kind": "admit", "effective_on": NEXT}, "/organization"),
        ({"kind": "admit", "organization": "dunes", "effective_on": NEXT}, "/organization"),
        (
            {"kind": "admit", "organization": "corva", "effective_on": NEXT, "after": "corva"},
            "/after",
        ),
        ({"kind": "withdraw", "organization": "corva", "effective_on": NEXT}, "/organization"),
        ({"kind": "withdraw", "organization": "alba"}, "/effective_on"),
        ({"kind": "reorder", "effective_on": NEXT}, "/seats"),
        ({"kind": "reorder", "effective_on": NEXT, "seats": []}, "/seats"),
        ({"kind": "reorder", "effective_on": NEXT, "seats": "alba"}, "/seats"),
        ({"kind": "reorder", "effective_on": NEXT, "seats": [{}]}, "/seats/0/organization"),
        ({"kind": "reorder", "effective_on": NEXT, "seats": ["alba", "alba"]}, "/seats"),
        (
            {"kind": "reorder", "effective_on": NEXT, "seats": ["alba"], "first": "brook"},
            "/first",
        ),
        (
            {"kind": "skip", "organization": "alba", "term_on": NEXT, "decided_on": "2027-03-02"},
            "/decided_on",
        ),
        ({"kind": "skip", "organization": "brook", "term_on": "2026-07-01"}, "/reason"),
    ],
)
def test_what_makes_no_sense_is_told_at_its_place(asked, body, pointer):
    status, said = asked(body)
    assert (status, said) == (400, {pointer})
    assert asked(body, f"rotations/{asked.rotation.public_id}/changes/?preview=true")[0] in {
        400,
        200,
    }
    assert not asked.rotation.changes.exists()


@pytest.mark.parametrize(
    ("first", "second", "guard"),
    [
        (
            {"kind": "assign", "term_on": AFTER_NEXT, "organization": "corva"},
            {"kind": "skip", "organization": "brook", "term_on": NEXT},
            "displaces_seat",
        ),
        (
            {"kind": "withdraw", "organization": "brook", "effective_on": AFTER_NEXT},
            {"kind": "assign", "term_on": AFTER_NEXT, "organization": "brook"},
            "has_left",
        ),
        (
            {"kind": "admit", "organization": "corva", "effective_on": NEXT},
            {"kind": "admit", "organization": "corva", "effective_on": AFTER_NEXT},
            "already_a_member",
        ),
    ],
)
def test_what_the_state_forbids_names_its_guard(asked, first, second, guard):
    assert asked(first)[0] == 201
    path = f"rotations/{asked.rotation.public_id}/changes/"
    answer = asked.caller.post(path, asked.told(second), **{"If-Match": "*"})
    assert answer.status_code == 409, answer.bytes
    assert guard in answer.content.decode()
    assert asked.rotation.changes.count() == 1


@pytest.mark.parametrize(
    ("part", "pointer"),
    [
        ({"seats": [{"organization": "alba"}, {"organization": "alba"}]}, "/seats/1"),
        ({"seats": [{"organization": "alba"}, {"organization": "dunes"}]}, "/seats/1/organization"),
        ({"seats": [{"organization": "alba"}, {}]}, "/seats/1"),
        ({"seats": [{"organization": "alba", "region": "north"}]}, "/seats/0"),
        ({"seats": [{"region": "north"}, {"region": "north"}]}, "/seats/1"),
        ({"seats": [{"organization": "alba", "position": 0}]}, "/seats/0/position"),
        ({"seats": ["alba"]}, "/seats/0"),
        ({"seats": [{"organization": "alba", "joined_on": "then"}]}, "/seats/0/joined_on"),
        ({"term": {"length": 0, "unit": "month"}}, "/term/length"),
        ({"term": {"length": 1, "unit": "week"}}, "/term/unit"),
        ({"term": "6 months"}, "/term"),
        ({"starts_on": "2027-02-30"}, "/starts_on"),
        ({"basis": "chance"}, "/basis"),
        ({"boundaries": None}, "/boundaries"),
        ({"first": ABSENT}, "/first"),
        ({"changes": [{"kind": "skip", "organization": ABSENT}]}, "/changes/0/organization"),
        (
            {"changes": [{"kind": "skip", "organization": "alba", "term_on": "2030-01-02"}]},
            "/changes/0/term_on",
        ),
        (
            {"changes": [{"kind": "assign", "organization": "alba", "term_on": "2026-07-01"}]},
            "/changes/0/reason",
        ),
    ],
)
def test_a_whole_rotation_is_refused_at_the_place_at_fault(asked, part, pointer):
    body = {
        "agreement": "agreement",
        "term": {"length": 6, "unit": "month"},
        "starts_on": "2026-01-01",
        "seats": [{"organization": "alba"}, {"organization": "brook"}],
    }
    status, said = asked(body | part, "rotations/")
    assert (status, said) == (400, {pointer})
    assert Rotation.objects.count() == 1


def test_an_empty_rotation_has_no_terms_until_its_rule_and_seats_are_known(asked):
    made = asked.caller.post("rotations/", asked.told({"agreement": "agreement"}))
    assert made.status_code == 201, made.bytes
    path = f"rotations/{made.json()['id']}/"
    assert made.json()["seats"] == [] and made.json()["term"] is None
    assert asked.caller.get(f"{path}terms/").json() == []
    rule = {"term": {"length": 1, "unit": "year"}, "starts_on": "2027-01-01"}
    for body in (rule, {"seats": [{"organization": "brook"}, {"organization": "alba"}]}):
        etag = asked.caller.get(path).headers["ETag"]
        answer = asked.caller.patch(path, asked.told(body), **{"If-Match": etag})
        assert answer.status_code == 200, answer.bytes
        assert answer.headers["ETag"] != etag
    terms = asked.caller.get(f"{path}terms/?from=2027-01-01&to=2028-12-31").json()
    assert [term["holder_names"] for term in terms] == [["Brook District"], ["Alba District"]]
    # Sent back as it was read, it stays as it is; a seat left out is taken out.
    seats = asked.caller.get(path).json()["seats"]
    etag = asked.caller.get(path).headers["ETag"]
    same = asked.caller.patch(path, {"seats": seats}, **{"If-Match": etag})
    assert (same.status_code, same.headers["ETag"]) == (200, etag)
    fewer = asked.caller.patch(path, {"seats": seats[:1]}, **{"If-Match": etag})
    assert [seat["name"] for seat in fewer.json()["seats"]] == ["Brook District"]


def test_a_seat_of_a_region_may_be_admitted_and_listed(asked):
    body = {"kind": "admit", "organization": "north", "effective_on": NEXT, "after": "alba"}
    assert asked(body)[0] == 201
    body = {"kind": "reorder", "effective_on": AFTER_NEXT, "seats": ["north", "brook"]}
    assert asked(body)[0] == 201
    path = f"rotations/{asked.rotation.public_id}/terms/?from=2027-07-01&to=2028-07-01"
    terms = asked.caller.get(path).json()
    assert [(term["turn"]["name"], term["state"]) for term in terms] == [
        ("North", "undecided"),
        ("North", "undecided"),
        ("Brook District", "projected"),
    ]


def test_a_revocation_may_say_when_and_why_and_need_not(asked):
    path = f"rotations/{asked.rotation.public_id}/changes/"
    for body in ({}, {"on": "2027-02-01", "reason": "Second thoughts"}, None):
        made = asked({"kind": "assign", "term_on": NEXT, "organization": "corva"})[1]
        answer = asked.caller.post(f"{path}{made['id']}/revoke/", body)
        assert answer.status_code == 200, answer.bytes
        assert answer.json()["revoked_on"] == (body or {}).get("on", "2027-03-01")
        assert answer.json()["revocation_reason"] == (body or {}).get("reason", "")
        assert answer.json()["revoked_by"]
    assert asked.caller.post(f"{path}{made['id']}/revoke/", {}).status_code == 409
    assert asked.caller.post(f"{path}{ABSENT}/revoke/", {}).status_code == 404


@pytest.mark.parametrize(
    "query",
    ["from=x", "to=2027-13-01", "from=2028-01-01&to=2027-01-01", "as_of=never", "until=2027-01-01"],
)
def test_a_window_that_is_none_is_refused(asked, query):
    assert (
        asked.caller.get(f"rotations/{asked.rotation.public_id}/terms/?{query}").status_code == 400
    )


VALUES = [
    *("alba", "brook", "corva", "dunes", "north", ABSENT, "", "next", "vacant", "end", "\ud800"),
    *(NEXT, AFTER_NEXT, "2026-07-01", "2027-08-15", "0001-01-01", "2999-12-31", "2040-01-01"),
    *(
        None,
        True,
        0,
        -1,
        10**30,
        1.5,
        [],
        {},
        ["alba"],
        ["alba", "corva"],
        [{"organization": "alba"}],
    ),
]
MEMBERS = [
    *("term_on", "other_term_on", "turns_ahead", "other_turns_ahead", "organization", "region"),
    *("ends_on", "realign", "on", "then", "effective_on", "after", "sort_name", "seats", "first"),
    *("decided_by", "decided_on", "reason"),
]
KINDS = ["swap", "assign", "skip", "extend", "end", "vacate", "admit", "withdraw", "reorder"]


def scramble(asked, random: Random, times: int) -> None:
    for _ in range(times):
        body = {"kind": random.choice(KINDS), "reason": "So decided"}
        for name in random.sample(MEMBERS, random.randint(1, 6)):
            body[name] = random.choice(VALUES)
        preview = "?preview=true" if random.random() < 0.3 else ""
        path = f"rotations/{asked.rotation.public_id}/changes/{preview}"
        answer = asked.caller.post(path, asked.told(body), **{"If-Match": "*"})
        assert answer.status_code in {200, 201, 400, 409}, (body, answer.bytes)


def test_random_bodies_never_break_the_server(asked):
    scramble(asked, Random(7), 60)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(50))
def test_random_bodies_never_break_the_server_for_long(asked, seed):
    scramble(asked, Random(seed), 300)
