"""Liaison officers in the portal: coverage, naming for several, successors, absences."""

from datetime import timedelta

import pytest
from django.urls import reverse

from agreements.agreement import Status
from agreements.mechanisms.liaison_officer import Rank, contact_on
from agreements.models import LiaisonAbsence, LiaisonAppointment, Party
from tests.agreements.portal_scenes import appoint, signed_in
from tests.cast import SIGNED, TODAY, again, enter_agreement, enter_partner, enter_person

LATER = TODAY + timedelta(days=12)


@pytest.fixture
def party(agreement, alba, alice):
    return agreement.party_set.get(organization=alba)


@pytest.fixture
def second(officer, alba, brook):
    """Alba's party in another agreement."""
    other = enter_agreement(alba, brook, by=officer, status=Status.IN_FORCE, title="Clean air")
    return other.party_set.get(organization=alba)


@pytest.fixture
def post(party, alba, officer):
    return appoint(party, alba, by=officer)


@pytest.fixture
def bea(alba):
    return enter_person("Bea", alba)


def at(name, obj):
    return reverse(name, kwargs={"id": obj.public_id})


# coverage


def test_the_coverage_page_says_who_is_missing_and_who_mends_it(alice, party, post, brook):
    page = signed_in(again(alice)).get(reverse("liaison_coverage")).content.decode()
    assert "1 party has nobody to be told." in page
    assert "Brook District or the secretariat names somebody." in page
    assert at("appoint_liaison_officer", party) not in page


def test_the_coverage_page_shows_gaps_to_come_and_stand_ins(alice, party, post, bea, officer):
    post.edit(by=officer, ends_on=LATER)
    LiaisonAppointment.enter(by=officer, party=party, person=bea, rank=Rank.DEPUTY)
    LiaisonAbsence.enter(by=officer, appointment=post, starts_on=TODAY, ends_on=LATER)
    page = signed_in(again(alice)).get(reverse("liaison_coverage")).content.decode()
    assert "1 will have nobody within 30 days." in page
    assert "stands in" in page and "13 Mar 2027" in page
    assert at("appoint_liaison_officer", party) in page


def test_coverage_can_be_asked_for_a_past_day_and_for_gaps_alone(officer, party, post):
    client = signed_in(officer)
    day_before = (SIGNED - timedelta(days=1)).isoformat()
    past = client.get(reverse("liaison_coverage"), {"on": day_before}).content.decode()
    assert "2 parties have nobody" in past
    gaps = client.get(reverse("liaison_coverage"), {"gaps": "1"}).content.decode()
    assert "Brook District" in gaps and "Alice" not in gaps


def test_coverage_costs_the_same_for_one_and_three_agreements(
    officer, party, post, alba, brook, django_assert_max_num_queries
):
    client = signed_in(officer)
    client.get(reverse("liaison_coverage"))
    for title in ("Clean air", "Clean soil"):
        enter_agreement(alba, brook, by=officer, status=Status.IN_FORCE, title=title)
    with django_assert_max_num_queries(8):
        client.get(reverse("liaison_coverage"))


def test_the_roster_of_a_past_day_is_shown_with_the_parties(officer, agreement, post):
    address = at("agreement_parties", agreement)
    client = signed_in(officer)
    assert "Alice" in client.get(address).content.decode()
    past = client.get(address, {"on": (SIGNED - timedelta(days=1)).isoformat()})
    assert "Alice" not in past.content.decode()


# naming


def name(client, party, **given):
    said = {"rank": "primary", "starts_on": TODAY.isoformat(), **given}
    return client.post(at("appoint_liaison_officer", party), said)


def test_one_is_named_for_several_agreements(alice, party, second, bea):
    client = signed_in(again(alice))
    page = client.get(at("appoint_liaison_officer", party)).content.decode()
    assert "Clean air" in page
    answer = name(client, party, person=bea.pk, also=[second.pk])
    assert answer.status_code == 302
    for one in (party, second):
        assert contact_on(one, TODAY).person == bea


def test_none_is_named_when_one_agreement_refuses(alice, party, second, bea, alba, officer):
    appoint(second, alba, by=officer)
    answer = name(signed_in(again(alice)), party, person=bea.pk, also=[second.pk])
    assert answer.status_code == 422
    assert not party.liaison_appointments.exists()


def test_agreements_of_others_cannot_be_ticked(alice, party, bea, agreement, brook):
    other = agreement.party_set.get(organization=brook)
    answer = name(signed_in(again(alice)), party, person=bea.pk, also=[other.pk])
    assert not other.liaison_appointments.exists()
    assert answer.status_code in {302, 422}


def test_a_gap_is_shown_before_it_is_entered(alice, party, post, bea, officer):
    post.relieve(by=officer, on=TODAY)
    client = signed_in(again(alice))
    given = {"person": bea.pk, "starts_on": LATER.isoformat()}
    asked = name(client, party, **given)
    assert asked.status_code == 422
    page = asked.content.decode()
    assert "nobody is in post 1 March 2027 to 12 March 2027" in page
    assert "Leave this gap" in page
    assert party.liaison_appointments.count() == 1
    assert name(client, party, **given, accept_gap="on").status_code == 302
    assert party.liaison_appointments.count() == 2


def test_the_predecessor_leaves_in_the_same_act_where_that_is_ticked(alice, party, post, bea):
    client = signed_in(again(alice))
    given = {"person": bea.pk, "starts_on": LATER.isoformat()}
    assert name(client, party, **given).status_code == 422
    assert name(client, party, **given, end_predecessor="on").status_code == 302
    post.refresh_from_db()
    assert post.ends_on == LATER


# successors and absences


def test_a_successor_is_named_for_several_agreements(alice, party, second, post, bea, officer):
    other = LiaisonAppointment.enter(by=officer, party=second, person=post.person)
    client = signed_in(again(alice))
    assert "Clean air" in client.get(at("succeed_officer", post)).content.decode()
    given = {"person": bea.pk, "on": LATER.isoformat(), "also": [other.pk]}
    assert client.post(at("succeed_officer", post), given).status_code == 302
    for one in (party, second):
        assert contact_on(one, LATER).person == bea
        assert contact_on(one, TODAY).person == post.person


def test_an_absence_is_reported_and_ended(alice, party, post, bea, officer):
    client = signed_in(again(alice))
    page = client.get(at("report_absence", post)).content.decode()
    assert "There is no deputy" in page
    LiaisonAppointment.enter(by=officer, party=party, person=bea, rank=Rank.DEPUTY)
    page = client.get(at("report_absence", post)).content.decode()
    assert "Meanwhile what concerns the agreement goes to Bea." in page
    last = LATER - timedelta(days=1)
    given = {"starts_on": TODAY.isoformat(), "ends_on": last.isoformat()}
    assert client.post(at("report_absence", post), given).status_code == 302
    assert contact_on(party, TODAY).person == bea
    absence = LiaisonAbsence.objects.get()
    back = (TODAY + timedelta(days=2)).isoformat()
    assert client.post(at("come_back", absence), {"on": back}).status_code == 302
    assert contact_on(party, TODAY + timedelta(days=2)) == post


def test_an_absence_that_lies_ahead_is_withdrawn(alice, party, post, officer):
    absence = LiaisonAbsence.enter(
        by=officer, appointment=post, starts_on=LATER, ends_on=LATER + timedelta(days=1)
    )
    client = signed_in(again(alice))
    for page in ("my_work", "my_organization"):
        shown = client.get(reverse(page)).content.decode()
        assert at("withdraw_absence", absence) in shown and at("come_back", absence) not in shown
    page = client.get(at("withdraw_absence", absence)).content.decode()
    assert "13 March 2027 to 13 March 2027: the absence is deleted" in page
    assert client.get(at("come_back", absence)).status_code == 409
    assert client.post(at("withdraw_absence", absence)).status_code == 302
    assert not LiaisonAbsence.objects.exists()
    history = signed_in(officer).get(at("agreement_history", party.agreement)).content.decode()
    assert "Alice withdrew absence" in history


def test_an_absence_that_has_begun_is_ended_and_not_withdrawn(alice, post, officer):
    absence = LiaisonAbsence.enter(by=officer, appointment=post, starts_on=TODAY)
    client = signed_in(again(alice))
    for answer in (
        client.get(at("withdraw_absence", absence)),
        client.post(at("withdraw_absence", absence)),
    ):
        assert answer.status_code == 409
        assert "This absence has begun: record the return." in answer.content.decode()
    assert LiaisonAbsence.objects.exists()


def test_people_say_the_last_day_of_a_post_and_of_an_absence(alice, party, post, bea):
    client = signed_in(again(alice))
    last = TODAY + timedelta(days=9)
    name(client, party, person=bea.pk, rank="deputy", ends_on=last.isoformat())
    made = party.liaison_appointments.get(person=bea)
    assert made.ends_on == last + timedelta(days=1)
    shown = client.get(reverse("my_organization")).content.decode()
    assert "1 March 2027 to 10 March 2027" in shown
    given = {"starts_on": TODAY.isoformat(), "ends_on": last.isoformat()}
    client.post(at("report_absence", made), given)
    assert LiaisonAbsence.objects.get().ends_on == made.ends_on


def test_the_end_of_a_deputys_post_is_said_before_they_take_over(alice, party, post, bea, officer):
    client = signed_in(again(alice))
    address, sentence = at("succeed_officer", post), "their post as deputy ends then"
    assert sentence not in client.get(address).content.decode()
    LiaisonAppointment.enter(by=officer, party=party, person=bea, rank=Rank.DEPUTY)
    assert sentence in client.get(address).content.decode()


ABOUT_ABSENCES = ("come_back", "withdraw_absence")


@pytest.mark.parametrize("address", ["succeed_officer", "report_absence", *ABOUT_ABSENCES])
def test_co_parties_read_and_change_nothing_of_it(bob, post, officer, address):
    absence = LiaisonAbsence.enter(by=officer, appointment=post, starts_on=LATER)
    about = absence if address in ABOUT_ABSENCES else post
    client = signed_in(again(bob))
    for answer in (client.get(at(address, about)), client.post(at(address, about))):
        assert answer.status_code == 403
    assert LiaisonAbsence.objects.get().ends_on is None


def test_my_work_and_my_organization_lead_to_these_pages(alice, party, post):
    client = signed_in(again(alice))
    for page in ("my_work", "my_organization"):
        shown = client.get(reverse(page)).content.decode()
        for address in ("succeed_officer", "report_absence"):
            assert at(address, post) in shown, (page, address)


def test_a_stranger_sees_no_coverage(stranger, post):
    page = signed_in(again(stranger)).get(reverse("liaison_coverage")).content.decode()
    assert "Alba" not in page and "Clean rivers" not in page


def test_whoever_left_sees_no_officer_named_later(agreement, party, alice, brook, officer):
    Party.objects.filter(pk=party.pk).update(withdrawn_on=SIGNED + timedelta(days=30))
    other = agreement.party_set.get(organization=brook)
    LiaisonAppointment.enter(
        by=officer, party=other, person=enter_person("Late Officer"), starts_on=TODAY
    )
    client = signed_in(again(alice))
    for address in (reverse("liaison_coverage"), at("agreement_parties", agreement)):
        assert "Late Officer" not in client.get(address).content.decode()


def test_a_partner_who_speaks_for_two_finds_both(alba, party, post):
    twin = enter_partner("twin", alba)
    assert "Alice" in signed_in(again(twin)).get(reverse("my_organization")).content.decode()
