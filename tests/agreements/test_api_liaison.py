"""Liaison officers and groups over the API: absences, successors, attestations, coverage."""

from datetime import timedelta

import pytest

from agreements.mechanisms.liaison_officer import Rank
from agreements.models import (
    GroupMembership,
    LiaisonAbsence,
    LiaisonAppointment,
    LiaisonAttestation,
    SpecialGroup,
)
from agreements.tasks import Status
from tests.api_stage import Caller
from tests.cast import SIGNED, TODAY, again, enter_person, enter_task

LATER = TODAY + timedelta(days=9)


@pytest.fixture
def party(agreement, alba, alice):
    return agreement.party_set.get(organization=alba)


@pytest.fixture
def post(party, officer, alba):
    return LiaisonAppointment.enter(
        by=officer, party=party, person=enter_person("Ann", alba), starts_on=SIGNED
    )


@pytest.fixture
def deputy(party, officer, alba):
    return LiaisonAppointment.enter(
        by=officer, party=party, person=enter_person("Bea", alba), rank=Rank.DEPUTY
    )


def coverage(user, on=TODAY):
    return Caller(again(user)).get(f"liaison-coverage/?on={on}").json()


def test_coverage_tells_gaps_with_their_first_day_and_who_stands_in(
    officer, alice, party, post, deputy
):
    post.edit(by=officer, ends_on=LATER)
    LiaisonAbsence.enter(by=officer, appointment=post, starts_on=TODAY, ends_on=LATER)
    told = coverage(alice)
    assert [one["gap_from"] for one in told["uncovered"]] == [TODAY.isoformat()]
    assert [one["gap_from"] for one in told["uncovered_soon"]] == [LATER.isoformat()]
    assert [(one["officer_name"], one["deputy_name"]) for one in told["stand_ins"]] == [
        ("Ann", "Bea")
    ]
    assert told["unattended"] == []


def test_coverage_tells_who_is_away_with_nobody_standing_in(officer, alice, party, post):
    LiaisonAbsence.enter(by=officer, appointment=post, starts_on=LATER)
    told = coverage(alice)
    assert [one["party"] for one in told["unattended"]] == [str(party.public_id)]
    assert told["unattended"][0]["gap_from"] == LATER.isoformat()


def test_a_partner_reports_absences_of_their_own_officers(alice, bob, post):
    given = {"appointment": str(post.public_id), "starts_on": TODAY.isoformat()}
    assert Caller(again(bob)).post("liaison-absences/", given).status_code == 403
    made = Caller(again(alice)).post("liaison-absences/", given)
    assert made.status_code == 201
    path = f"liaison-absences/{made.json()['id']}/come-back/"
    assert Caller(again(bob)).post(path).status_code == 403
    back = Caller(again(alice)).post(path, {"on": LATER.isoformat()})
    assert (back.status_code, back.json()["ends_on"]) == (200, LATER.isoformat())


def test_a_partner_withdraws_an_absence_of_their_own_that_lies_ahead(alice, bob, officer, post):
    ahead, begun = (
        LiaisonAbsence.enter(by=officer, appointment=post, starts_on=first, ends_on=last)
        for first, last in ((LATER, None), (TODAY, LATER))
    )
    path = "liaison-absences/{}/withdraw/"
    assert Caller(again(bob)).post(path.format(ahead.public_id)).status_code == 403
    refused = Caller(again(alice)).post(path.format(begun.public_id))
    assert (refused.status_code, refused.json()["guard"]) == (409, "begun")
    # Whether it has begun is asked today: no other day can be given.
    earlier = {"on": (TODAY - timedelta(days=9)).isoformat()}
    assert Caller(again(alice)).post(path.format(begun.public_id), earlier).status_code == 400
    actions = Caller(again(alice)).get(f"liaison-absences/{ahead.public_id}/").json()
    allowed = {one["verb"]: one["allowed"] for one in actions["allowed_actions"]}
    assert allowed == {"come-back": False, "withdraw": True}
    assert Caller(again(alice)).post(path.format(ahead.public_id)).status_code == 204
    assert list(LiaisonAbsence.objects.all()) == [begun]


def test_absences_for_several_agreements_are_entered_together(alice, post, deputy):
    given = [
        {"appointment": str(one.public_id), "starts_on": day}
        for one, day in ((post, TODAY.isoformat()), (deputy, "1999-13-01"))
    ]
    assert Caller(again(alice)).post("liaison-absences/", given).status_code == 400
    assert not LiaisonAbsence.objects.exists()


def test_a_successor_is_named_ahead_in_one_act(alice, bob, post, alba):
    body = {"person": str(alice.person.public_id), "on": LATER.isoformat()}
    path = f"liaison-appointments/{post.public_id}/succeed/"
    assert Caller(again(bob)).post(path, body).status_code in {400, 403}
    done = Caller(again(alice)).post(path, body)
    assert (done.status_code, done.json()["ends_on"]) == (200, LATER.isoformat())
    follows = LiaisonAppointment.objects.get(starts_on=LATER)
    assert follows.person == alice.person


def test_attestations_are_answered_by_whom_they_concern(alice, bob, officer, post):
    asked = LiaisonAttestation.enter(by=None, appointment=post, asked_on=TODAY)
    path = f"liaison-attestations/{asked.public_id}/"
    assert Caller(again(bob)).get(path).status_code == 404
    assert Caller(again(bob)).post(f"{path}answer/", {"still": True}).status_code == 404
    chased = Caller(again(alice)).get(f"liaison-attestations/?to_chase_on={TODAY}").json()
    assert [one["person_name"] for one in chased["results"]] == ["Ann"]
    assert Caller(again(alice)).post(f"{path}answer/", {}).status_code == 400
    done = Caller(again(alice)).post(f"{path}answer/", {"still": True})
    assert (done.status_code, done.json()["still"]) == (200, True)
    twice = Caller(officer).post(f"{path}answer/", {"still": False})
    assert (twice.status_code, twice.json()["guard"]) == (409, "answered")


def test_nobody_enters_or_edits_an_attestation(officer, post):
    given = {"appointment": str(post.public_id), "asked_on": TODAY.isoformat()}
    assert Caller(officer).post("liaison-attestations/", given).status_code == 405


def test_groups_tell_their_figures_and_close_with_fates(officer, agreement, alba, alice):
    group = SpecialGroup.enter(by=officer, agreement=agreement, name="Water", mandate="Clean")
    GroupMembership.enter(by=officer, group=group, organization=alba, joined_on=SIGNED)
    about = {"by": officer, "group": group, "lead": alba}
    late = enter_task(
        agreement, status=Status.IN_PROGRESS, due_on=TODAY - timedelta(days=1), **about
    )
    enter_task(agreement, status=Status.SUBMITTED, due_on=LATER, **about)
    path = f"special-groups/{group.public_id}/"
    told = Caller(again(alice)).get(path).json()
    assert (told["members"], told["open_tasks"], told["evidence_waiting"]) == (1, 2, 1)
    assert told["tasks_by_light"]["overdue"] == 1
    assert told["next_due_on"] == LATER.isoformat()
    body = {"reason": "Clean.", "tasks": [{"task": str(late.public_id), "fate": "hand_over"}]}
    assert Caller(again(alice)).post(f"{path}close/", body).status_code == 403
    done = Caller(officer).post(f"{path}close/", body)
    assert (done.status_code, done.json()["status"]) == (200, "closed")
    assert [one["fate"] for one in done.json()["closing_tasks"]] == ["hand_over", "keep"]


def test_a_sunset_is_put_off_over_the_api(officer, agreement):
    group = SpecialGroup.enter(by=officer, agreement=agreement, name="Water", sunset_on=TODAY)
    path = f"special-groups/{group.public_id}/extend/"
    for body, status in (
        ({"reason": "More"}, 400),
        ({"reason": "", "sunset_on": "2028-01-01"}, 400),
        ({"reason": "More", "sunset_on": "2028-01-01"}, 200),
    ):
        assert Caller(officer).post(path, body).status_code == status
    past = Caller(officer).get("special-groups/?past_sunset_on=2028-01-01").json()["results"]
    assert [one["name"] for one in past] == ["Water"]
