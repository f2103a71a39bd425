"""My organization, its liaison officers, and one's own profile."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from actors.models import Organization, Person, User
from agreements.mechanisms.liaison_officer import Rank
from agreements.models import Agreement, LiaisonAppointment
from governance.record import Event
from tests.agreements.portal_scenes import Scene, furnish, read, signed_in
from tests.cast import TODAY, enter_person


@pytest.fixture
def scene(
    agreement: Agreement, alba: Organization, brook: Organization, alice: User, officer: User
) -> Scene:
    return furnish(agreement, alba, brook, by=officer)


@pytest.fixture
def dora(alba: Organization) -> Person:
    """Another who holds a post at Alba."""
    return enter_person("Dora", alba)


def test_the_page_shows_profile_people_and_liaison_officers(
    scene: Scene, alice: User, dora: Person
):
    page = read(signed_in(alice).get(reverse("my_organization")))
    for words in ("Alba District", "阿尔巴区", "Government", "Dora", "Director", "Clean rivers"):
        assert words in page, words


def test_whoever_acts_for_nobody_is_told_what_belongs_here(officer: User):
    page = read(signed_in(officer).get(reverse("my_organization")))
    assert "You act for no organization" in page


def appoint_path(scene: Scene) -> str:
    return reverse("appoint_liaison_officer", kwargs={"id": scene.party.public_id})


def test_a_partner_names_a_deputy_of_their_own_organization(
    scene: Scene, alice: User, dora: Person
):
    page = read(
        signed_in(alice).post(
            appoint_path(scene),
            {"person": dora.pk, "rank": "deputy", "starts_on": "2027-03-01"},
            follow=True,
        )
    )
    assert "Dora is named from 1 March 2027;" in page
    made = LiaisonAppointment.objects.get(rank=Rank.DEPUTY)
    assert (made.person, made.party) == (dora, scene.party)


def test_a_second_primary_on_the_same_days_is_refused(scene: Scene, alice: User, dora: Person):
    answer = signed_in(alice).post(
        appoint_path(scene), {"person": dora.pk, "rank": "primary", "starts_on": "2027-03-01"}
    )
    assert answer.status_code == 422
    assert "end that appointment first" in read(answer)


def test_only_people_of_the_own_organization_can_be_named(
    scene: Scene, alice: User, brook: Organization
):
    foreign = enter_person("Fred", brook)
    client = signed_in(alice)
    assert "Fred" not in read(client.get(appoint_path(scene)))
    answer = client.post(
        appoint_path(scene), {"person": foreign.pk, "rank": "deputy", "starts_on": "2027-03-01"}
    )
    assert answer.status_code == 422
    assert not LiaisonAppointment.objects.filter(person=foreign).exists()


def test_a_co_party_names_nobody_for_others(scene: Scene, bob: User):
    client = signed_in(bob)
    assert client.get(appoint_path(scene)).status_code == 403
    path = reverse("relieve_liaison_officer", kwargs={"id": scene.appointment.public_id})
    assert client.post(path, {"on": "2027-03-01"}).status_code == 403


def test_an_officer_is_relieved_from_a_day(scene: Scene, alice: User):
    path = reverse("relieve_liaison_officer", kwargs={"id": scene.appointment.public_id})
    client = signed_in(alice)
    assert "has no Liaison officer under this agreement" in read(client.get(path))
    page = read(client.post(path, {"on": "2027-04-01", "version": "1"}, follow=True))
    assert "is relieved from 1 April 2027." in page
    scene.appointment.refresh_from_db()
    assert scene.appointment.ends_on == date(2027, 4, 1)


def test_an_appointment_cannot_end_before_it_began(scene: Scene, alice: User):
    path = reverse("relieve_liaison_officer", kwargs={"id": scene.appointment.public_id})
    page = read(signed_in(alice).post(path, {"on": "2026-01-01"}))
    assert 'id="id_on_error"' in page


# profile and language


def test_the_profile_says_who_one_is(alice: User):
    page = read(signed_in(alice).get(reverse("profile")))
    for words in ("alice", "Partner", "Alba District", "Change password", "Sign out"):
        assert words in page, words


def test_the_language_chosen_goes_with_the_user(alice: User):
    signed_in(alice).post(reverse("set_language"), {"language": "zh-hans", "next": "/profile/"})
    alice.refresh_from_db()
    assert alice.language == "zh-hans"
    elsewhere = signed_in(alice)
    answer = elsewhere.get(reverse("profile"))
    assert '<html lang="zh-hans">' in read(answer)
    assert answer.cookies["django_language"].value == "zh-hans"
    event = Event.objects.of(alice).last()
    assert event is not None
    assert event.after == {"language": "zh-hans"}


def test_a_language_that_is_not_spoken_here_changes_nothing(alice: User):
    signed_in(alice).post(reverse("set_language"), {"language": "fr", "next": "/"})
    alice.refresh_from_db()
    assert alice.language == ""


def test_the_language_of_a_visitor_stays_with_the_browser(db: None):
    client = Client()
    client.post(reverse("set_language"), {"language": "zh-hans", "next": "/account/login/"})
    assert '<html lang="zh-hans">' in read(client.get("/account/login/"))


def test_the_way_back_after_choosing_a_language_stays_here(alice: User):
    answer = signed_in(alice).post(
        reverse("set_language"), {"language": "en", "next": "https://evil.example/"}
    )
    assert answer.url == "/"


def test_today_is_the_day_of_the_clock(alice: User):
    page = read(signed_in(alice).get("/"))
    assert "Monday 1 March 2027." in page
    assert date(2027, 3, 1) == TODAY
