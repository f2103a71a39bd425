"""A closed group in the portal and over the API: when, what became of its tasks, for whom."""

from datetime import timedelta

import pytest
from django.urls import reverse

from agreements import membership
from agreements.mechanisms import group_closing
from agreements.mechanisms.liaison_attestation import ask_officers
from agreements.models import GroupMembership, LiaisonAppointment, SpecialGroup
from agreements.tasks import Status
from tests.agreements.portal_scenes import signed_in
from tests.api_stage import Caller
from tests.cast import (
    SIGNED,
    TODAY,
    again,
    enter_organization,
    enter_partner,
    enter_rotation,
    enter_task,
)

pytestmark = pytest.mark.usefixtures("short_horizon")

BEFORE = TODAY - timedelta(days=20)


@pytest.fixture
def group(officer, agreement, alba):
    made = SpecialGroup.enter(
        by=officer, agreement=agreement, name="Water", mandate="Clean the river", lead=alba,
        set_up_on=SIGNED,
    )  # fmt: skip
    GroupMembership.enter(by=officer, group=made, organization=alba, joined_on=SIGNED)
    return made


@pytest.fixture
def guest(officer, group):
    """Somebody of a member that is no party."""
    lab = enter_organization("Water Laboratory")
    GroupMembership.enter(by=officer, group=group, organization=lab, joined_on=SIGNED)
    return enter_partner("guest", lab)


def close(group, officer, *, fates=None, on=TODAY):
    group_closing.close(group, by=officer, on=on, reason="The river is clean.", fates=fates)


def page(user, group, name="group"):
    address = reverse(name, kwargs={"id": group.public_id})
    return signed_in(again(user)).get(address)


def over_api(user, group):
    return Caller(again(user)).get(f"special-groups/{group.public_id}/").json()


def test_a_closed_group_says_when_and_where_its_open_tasks_went(
    officer, alice, agreement, group, alba
):
    passed, stays = (
        enter_task(
            agreement, by=officer, group=group, lead=alba, status=Status.ACCEPTED, title=title
        )
        for title in ("Measure the river", "Clean the banks")
    )
    close(group, officer, fates={passed: "hand_over"})
    shown = page(alice, group).content.decode()
    assert "since 1 March 2027" in shown
    assert f"No. {passed.number}: Measure the river" in shown
    assert "Passes to the agreement, without a group; lead and dates stay" in shown
    assert f"No. {stays.number}: Clean the banks" in shown
    assert "Stays with the closed group; its lead finishes it" in shown
    told = over_api(alice, group)
    assert (told["closed_on"], told["closing_report"]) == ("2027-03-01", "The river is clean.")


def test_a_closed_group_has_no_convenor_today(officer, alice, agreement, group, alba, brook):
    GroupMembership.enter(by=officer, group=group, organization=brook, joined_on=SIGNED)
    enter_rotation(agreement, alba, brook, by=officer, group=group)
    assert "Convenor today" in page(alice, group).content.decode()
    close(group, officer)
    assert "Convenor today" not in page(alice, group).content.decode()


def test_the_report_names_its_members_in_the_readers_language(officer, alice, group, alba):
    alba.edit(by=officer, name_zh="阿尔巴区")
    close(group, officer)
    address = reverse("group_report", kwargs={"id": group.public_id})
    client = signed_in(again(alice))
    assert "阿尔巴区" in client.get(address, headers={"accept-language": "zh-hans"}).text
    assert "阿尔巴区" not in client.get(address, headers={"accept-language": "en"}).text


def test_groups_past_their_sunset_come_first_and_closed_ones_last(officer, alice, agreement, group):
    for name, sunset_on in (("Air", BEFORE), ("Soil", None)):
        SpecialGroup.enter(by=officer, agreement=agreement, name=name, sunset_on=sunset_on)
    close(group, officer)
    shown = signed_in(again(alice)).get(reverse("group_overview")).context["page"].object_list
    assert [one.name for one in shown] == ["Air", "Soil", "Water"]


def test_a_guest_goes_on_reading_the_group_it_belonged_to_but_not_the_tasks_of_others(
    officer, guest, agreement, group, alba
):
    task = enter_task(agreement, by=officer, group=group, lead=alba, status=Status.ACCEPTED)
    close(group, officer, fates={task: "hand_over"})
    shown = page(guest, group)
    assert shown.status_code == 200
    assert "The river is clean." in shown.content.decode()
    assert task.title not in shown.content.decode()
    assert over_api(guest, group)["closing_tasks"] == []


def test_a_guest_that_left_before_the_closing_reads_the_group_no_more(officer, guest, group):
    held = group.memberships.get(organization__name="Water Laboratory")
    held.leave(by=officer, on=BEFORE)
    close(group, officer)
    for name in ("group", "group_report"):
        assert page(guest, group, name).status_code == 404


def test_whoever_left_the_agreement_before_reads_nothing_of_the_closing(
    officer, bob, agreement, group, brook
):
    party = agreement.party_set.get(organization=brook)
    membership.withdraw(party, by=officer, on=BEFORE, effective_on=BEFORE, reason="Elsewhere")
    close(group, officer)
    for name in ("group", "group_report"):
        shown = page(bob, group, name)
        assert shown.status_code == 200
        text = shown.content.decode()
        assert "The river is clean." not in text and "1 March 2027" not in text, name
    told = over_api(bob, group)
    assert (told["closed_on"], told["closing_report"], told["closing_tasks"]) == (None, "", [])
    listed = Caller(again(bob)).get("special-groups/export/?as=json")
    assert b"The river is clean." not in listed.bytes


def test_the_interim_report_is_as_of_the_last_day_of_whoever_left(
    officer, bob, agreement, group, brook
):
    party = agreement.party_set.get(organization=brook)
    membership.withdraw(party, by=officer, on=BEFORE, effective_on=BEFORE, reason="Elsewhere")
    late = enter_organization("Late Laboratory")
    GroupMembership.enter(by=officer, group=group, organization=late, joined_on=TODAY)
    assert "Late Laboratory" in page(officer, group, "group_report").content.decode()
    assert "Late Laboratory" not in page(bob, group, "group_report").content.decode()


def test_whoever_is_asked_finds_the_question_among_their_notices(officer, alice, bob, agreement):
    agreement.edit(by=officer, attest_every_months=6)
    post = LiaisonAppointment.enter(
        by=officer,
        party=agreement.party_set.get(organization__name="Alba District"),
        person=alice.person,
        starts_on=SIGNED,
    )
    assert ask_officers(TODAY) == 1
    asked = post.attestations.get()
    client = signed_in(again(alice))
    assert "Are you still liaison officer" in client.get(reverse("notifications")).content.decode()
    notice = Caller(again(alice)).get("notices/?kind=attestation").json()["results"][0]
    way = client.get(reverse("open_notification", kwargs={"id": notice["id"]}))
    assert way.url == reverse("attest", kwargs={"id": asked.public_id})
    assert Caller(again(bob)).get("notices/?kind=attestation").json()["results"] == []
