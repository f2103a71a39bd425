"""Joining and leaving over the API, and their previews."""

import pytest

from agreements.models import Party, Seat
from governance.record import Event
from tests.api_stage import Caller
from tests.cast import TODAY, again, enter_party, enter_rotation

pytestmark = pytest.mark.usefixtures("short_horizon")


@pytest.fixture
def newcomer(agreement, officer, alba, brook, corva):
    enter_rotation(agreement, alba, brook, by=officer, on_admission="ask")
    return enter_party(agreement, corva)


def test_an_accession_is_previewed_and_then_made(officer, newcomer, alba):
    caller, path = Caller(officer), f"parties/{newcomer.public_id}/accede/"
    events = Event.objects.count()
    told = caller.post(f"{path}?preview=true", {"after": str(alba.public_id)})
    assert told.status_code == 200
    body = told.json()
    assert body["on"] == TODAY.isoformat()
    assert body["before"]["rotations"][0]["seats"] == ["Alba District", "Brook District"]
    seats = ["Alba District", "Corva Ltd", "Brook District"]
    assert body["after"]["rotations"][0]["seats"] == seats
    assert [one["name"] for one in body["after"]["uncovered"]][-1] == "Corva Ltd"
    assert Event.objects.count() == events
    assert Party.objects.get(pk=newcomer.pk).joined_on is None

    made = caller.post(path, {"after": str(alba.public_id), "reason": "Council of 1 March"})
    assert (made.status_code, made.json()["joined_on"]) == (200, TODAY.isoformat())
    refused = caller.post(f"{path}?preview=true")
    assert (refused.status_code, refused.json()["guard"]) == (409, "already_party")


def test_where_the_seat_goes_is_asked_in_preview_and_act(officer, newcomer):
    for query in ("?preview=true", ""):
        told = Caller(officer).post(f"parties/{newcomer.public_id}/accede/{query}")
        assert told.status_code == 400
        assert [error["pointer"] for error in told.json()["errors"]] == ["/after"]


def test_a_seat_begins_later_and_what_refuses_it_is_told_by_its_id(
    officer, agreement, alba, brook, corva
):
    rotation = enter_rotation(agreement, alba, brook, by=officer)
    terms = {"term_on": "2027-07-01", "other_term_on": "2028-01-01"}
    swap = rotation.change("swap", by=officer, on=TODAY, facts=terms)
    caller, path = Caller(officer), f"parties/{enter_party(agreement, corva).public_id}/accede/"
    for query in ("?preview=true", ""):
        refused = caller.post(path + query)
        assert (refused.status_code, refused.json()["guard"]) == (409, "displaces_seat")
        assert refused.json()["about"] == {
            "type": "agreements.rotationchange",
            "id": str(swap.public_id),
            "name": "1. Swap two terms",
        }
    shown = caller.post(f"{path}?preview=true", {"seat_on": "2028-07-01"})
    assert shown.json()["seats_on"] == "2028-07-01"
    assert "Corva Ltd" in shown.json()["after"]["rotations"][0]["seats"]
    early = caller.post(path, {"seat_on": "2027-02-28"})
    assert [error["pointer"] for error in early.json()["errors"]] == ["/seat_on"]
    assert caller.post(path, {"seat_on": "2028-07-01"}).status_code == 200
    assert Seat.objects.get(organization=corva).joined_on.isoformat() == "2028-07-01"


def test_a_withdrawal_is_previewed(officer, agreement, newcomer, alba):
    party = agreement.party_set.get(organization=alba)
    told = Caller(officer).post(
        f"parties/{party.public_id}/withdraw/?preview=true", {"effective_on": "2027-08-01"}
    )
    assert told.status_code == 200
    assert told.json()["on"] == "2027-08-01"
    assert told.json()["after"]["rotations"][0]["seats"] == ["Brook District"]
    assert Party.objects.get(pk=party.pk).withdrawn_on is None


@pytest.mark.parametrize("query", ["?preview=true", "?preview=false", ""])
@pytest.mark.parametrize("verb", ["accede", "withdraw"])
def test_only_the_secretariat_joins_and_withdraws_parties(alice, agreement, newcomer, verb, query):
    told = Caller(again(alice)).post(f"parties/{newcomer.public_id}/{verb}/{query}")
    assert told.status_code == 403


def test_a_preview_is_asked_for_with_true_or_false(officer, newcomer):
    told = Caller(officer).post(f"parties/{newcomer.public_id}/accede/?preview=perhaps")
    assert (told.status_code, told.json()["errors"][0]["pointer"]) == (400, "/preview")
