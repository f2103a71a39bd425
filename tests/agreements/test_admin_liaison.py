"""Liaison officers, joining and leaving, and closing groups at the buttons of the back office."""

from datetime import date
from typing import Any

import pytest
from django.test import Client

from actors.models import User
from agreements.agreement import Status
from agreements.models import (
    LiaisonAbsence,
    LiaisonAppointment,
    LiaisonAttestation,
    Party,
    SpecialGroup,
)
from governance.record import Event
from tests.agreements.test_admin_verbs import do, verb
from tests.cast import TODAY, enter_agreement, enter_party, enter_person, enter_rotation, enter_task
from tests.typed import errors, typed

pytestmark = pytest.mark.usefixtures("short_horizon")


@pytest.fixture
def desk(client: Client, officer: User) -> Client:
    """The officer's browser."""
    client.force_login(officer)
    return client


@pytest.fixture
def party(agreement: Any, alba: Any) -> Party:
    return agreement.party_set.get(organization=alba)


@pytest.fixture
def post(party: Party, officer: User) -> LiaisonAppointment:
    return LiaisonAppointment.enter(
        by=officer, party=party, person=enter_person("Ann"), starts_on=date(2026, 4, 1)
    )


ADD = "/secretariat/agreements/liaisonappointment/add/"


def test_one_person_is_named_for_several_parties_at_once(desk, officer, party, alba, brook):
    other = enter_agreement(alba, brook, by=officer, status=Status.IN_FORCE)
    also = other.party_set.get(organization=alba)
    said = {"party": party.pk, "person": enter_person("Bea").pk, "starts_on": "2027-03-01"}
    answer = desk.post(ADD, typed(desk.get(ADD)) | said | {"also": [also.pk]})
    assert answer.status_code == 302, errors(answer)
    assert {one.party for one in LiaisonAppointment.objects.all()} == {party, also}


def test_naming_for_several_is_all_or_nothing(desk, officer, post, alba, brook):
    other = enter_agreement(alba, brook, by=officer, status=Status.IN_FORCE)
    free = other.party_set.get(organization=alba)
    said = {"party": free.pk, "person": enter_person("Bea").pk, "starts_on": "2027-03-01"}
    answer = desk.post(ADD, typed(desk.get(ADD)) | said | {"also": [post.party.pk]})
    assert answer.status_code == 200
    assert LiaisonAppointment.objects.count() == 1


def test_a_successor_is_named_with_one_button(desk, post):
    do(desk, post, "succeed", on="2027-06-01", person=enter_person("Bea").pk)
    assert post.ends_on == date(2027, 6, 1)
    assert LiaisonAppointment.objects.filter(starts_on=date(2027, 6, 1)).exists()


def test_an_answer_is_entered_for_who_telephoned(desk, post):
    asked = LiaisonAttestation.enter(by=None, appointment=post, asked_on=TODAY)
    do(desk, asked, "answer", still="no")
    assert asked.still is False
    page = desk.get("/secretariat/agreements/liaisonattestation/", {"chase": "denied"})
    assert "Ann" in page.text


def test_officers_are_listed_who_are_away_or_were_in_post_on_a_past_day(desk, post, officer):
    LiaisonAbsence.enter(by=officer, appointment=post, starts_on=TODAY)
    for chosen, found in (("away", True), ("today", True), ("half_year", True), ("year", False)):
        page = desk.get("/secretariat/agreements/liaisonappointment/", {"in_post": chosen})
        assert ("Ann" in page.text) == found, chosen


def test_the_back_office_says_the_last_day_in_post_and_away(desk, post, officer):
    address = f"/secretariat/agreements/liaisonappointment/{post.pk}/change/"
    away = {"absences-0-starts_on": "2027-05-01", "absences-0-ends_on": "2027-05-09"}
    said = {"ends_on": "2027-12-31", **away, "absences-TOTAL_FORMS": "1"}
    answer = desk.post(address, typed(desk.get(address)) | said)
    assert answer.status_code == 302, errors(answer)
    post.refresh_from_db()
    absence = LiaisonAbsence.objects.get()
    assert (post.ends_on, absence.ends_on) == (date(2028, 1, 1), date(2027, 5, 10))
    page = desk.get(address)
    assert typed(page)["ends_on"] == "2027-12-31"
    assert typed(page)["absences-0-ends_on"] == "2027-05-09"
    version = post.version
    assert desk.post(address, typed(page)).status_code == 302
    post.refresh_from_db()
    assert post.version == version  # nothing was changed
    listed = desk.get("/secretariat/agreements/liaisonappointment/").text
    assert "31 Dec" in listed and "1 January 2028" not in listed
    history = desk.get(f"/secretariat/agreements/liaisonappointment/{post.pk}/history/").text
    assert "31 December 2027" in history and "1 January 2028" not in history


def test_an_absence_is_taken_back_in_the_back_office(desk, post, officer):
    LiaisonAbsence.enter(by=officer, appointment=post, starts_on=date(2027, 5, 1))
    address = f"/secretariat/agreements/liaisonappointment/{post.pk}/change/"
    answer = desk.post(address, typed(desk.get(address)) | {"absences-0-DELETE": "on"})
    assert answer.status_code == 302, errors(answer)
    assert not LiaisonAbsence.objects.exists()


def test_an_accession_is_shown_and_then_recorded(desk, officer, agreement, alba, brook, corva):
    enter_rotation(agreement, alba, brook, by=officer)
    newcomer = enter_party(agreement, corva)
    page = verb(newcomer, "accede")
    events = Event.objects.count()
    shown = desk.post(page, typed(desk.get(page)) | {"on": "2027-03-01", "_preview": "1"})
    assert "Seats: Convenor" in shown.text and "Corva Ltd" in shown.text
    assert Event.objects.count() == events
    do(desk, newcomer, "accede", on="2027-03-01")
    assert newcomer.joined_on == TODAY
    assert agreement.rotations.get().changes.get().kind == "admit"


def test_a_withdrawal_is_shown_before_it_is_recorded(desk, officer, party, agreement, alba, brook):
    enter_rotation(agreement, alba, brook, by=officer)
    page = verb(party, "withdraw")
    shown = desk.post(page, typed(desk.get(page)) | {"on": "2027-03-01", "_preview": "1"})
    assert "Seats: Convenor" in shown.text
    party.refresh_from_db()
    assert party.withdrawn_on is None


def test_a_group_is_closed_with_a_fate_for_each_open_task(desk, officer, agreement, alba):
    group = SpecialGroup.enter(by=officer, agreement=agreement, name="Water", lead=alba)
    task = enter_task(agreement, by=officer, group=group, lead=alba)
    do(desk, group, "close", on="2027-03-01", reason="Clean.", **{f"task_{task.pk}": "hand_over"})
    task.refresh_from_db()
    assert (group.status, task.group) == ("closed", None)


def test_groups_are_listed_with_their_figures(desk, officer, agreement, alba):
    group = SpecialGroup.enter(by=officer, agreement=agreement, name="Water", sunset_on=TODAY)
    enter_task(agreement, by=officer, group=group, lead=alba, due_on=date(2027, 2, 1))
    page = desk.get("/secretariat/agreements/specialgroup/", {"sunset": "past"})
    assert "Water" in page.text and "Overdue tasks" in page.text
    assert "Water" not in desk.get("/secretariat/agreements/specialgroup/", {"sunset": "near"}).text
