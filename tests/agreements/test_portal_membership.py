"""Joining, leaving and attesting in the portal, and the overview and report of groups."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from agreements.mechanisms.special_group import Status as GroupStatus
from agreements.models import (
    Consultation,
    GroupMembership,
    LiaisonAppointment,
    LiaisonAttestation,
    Milestone,
    Party,
    Phase,
    SpecialGroup,
    Task,
)
from agreements.party import Role
from agreements.tasks import Status
from tests.agreements.portal_scenes import signed_in
from tests.cast import (
    SIGNED,
    TODAY,
    again,
    enter_agreement,
    enter_organization,
    enter_party,
    enter_rotation,
    enter_task,
)

pytestmark = pytest.mark.usefixtures("short_horizon")


def at(name, obj, **more):
    return reverse(name, kwargs={"id": obj.public_id, **more})


# joining and leaving


@pytest.fixture
def newcomer(agreement, officer, alba, brook, corva):
    enter_rotation(agreement, alba, brook, by=officer, on_admission="ask")
    return enter_party(agreement, corva)


def test_the_secretariat_sees_what_an_accession_changes_and_then_records_it(
    officer, newcomer, alba
):
    client = signed_in(officer)
    page = client.get(at("agreement_parties", newcomer.agreement)).content.decode()
    assert at("accede", newcomer) in page
    given = {"on": TODAY.isoformat(), "after": alba.pk}
    shown = client.post(at("accede", newcomer), {**given, "_preview": "1"})
    page = shown.content.decode()
    assert shown.status_code == 200
    assert "Nothing has been recorded yet." in page
    assert "Alba District, Corva Ltd, Brook District" in page
    assert Party.objects.get(pk=newcomer.pk).joined_on is None
    assert client.post(at("accede", newcomer), given).status_code == 302
    assert Party.objects.get(pk=newcomer.pk).joined_on == TODAY


def test_what_the_preview_refuses_stands_at_its_field(officer, newcomer):
    shown = signed_in(officer).post(
        at("accede", newcomer), {"on": TODAY.isoformat(), "_preview": "1"}
    )
    assert shown.status_code == 422


def test_the_seat_begins_later_where_it_would_displace_a_change(officer, agreement, alba, brook):
    rotation = enter_rotation(agreement, alba, brook, by=officer)
    terms = {"term_on": "2027-07-01", "other_term_on": "2028-01-01"}
    swap = rotation.change("swap", by=officer, on=TODAY, facts=terms)
    party = enter_party(agreement, enter_organization("Corva Ltd"))
    client, given = signed_in(officer), {"on": TODAY.isoformat()}
    for step in ({"_preview": "1"}, {}):
        refused = client.post(at("accede", party), {**given, **step})
        page = refused.content.decode()
        assert refused.status_code == 409
        assert "“1. Swap two terms” rests" in page and "could begin on 1 July 2028" in page
        assert f"{at('agreement_rotation', agreement)}#change-{swap.public_id}" in page
    assert f'id="change-{swap.public_id}"' in client.get(
        at("agreement_rotation", agreement)
    ).content.decode()  # fmt: skip
    given["seat_on"] = "2028-07-01"
    shown = client.post(at("accede", party), {**given, "_preview": "1"})
    assert shown.status_code == 200 and "Seats: Convenor" in shown.content.decode()
    assert client.post(at("accede", party), given).status_code == 302


@pytest.mark.parametrize(
    ("rule", "role", "asked"),
    [
        ({}, Role.PARTY, ["seat_on"]),
        ({"on_admission": "by_order"}, Role.PARTY, ["seat_on", "sort_name"]),
        ({"on_admission": "ask"}, Role.PARTY, ["seat_on", "after"]),
        ({"on_admission": "ask"}, Role.OBSERVER, []),
    ],
)
def test_of_the_seat_only_that_is_asked_which_the_rotation_leaves_open(
    officer, agreement, alba, brook, corva, rule, role, asked
):
    enter_rotation(agreement, alba, brook, by=officer, **rule)
    party = enter_party(agreement, corva, role=role)
    form = signed_in(officer).get(at("accede", party)).context["form"]
    assert [name for name in form.fields if name in {"seat_on", "after", "sort_name"}] == asked


def test_a_withdrawal_is_previewed_and_recorded(officer, agreement, newcomer, alba):
    party = agreement.party_set.get(organization=alba)
    client = signed_in(officer)
    given = {"on": TODAY.isoformat(), "reason": "Elsewhere"}
    page = client.post(at("withdraw", party), {**given, "_preview": "1"}).content.decode()
    assert "Seats: Convenor" in page
    assert Party.objects.get(pk=party.pk).withdrawn_on is None
    assert client.post(at("withdraw", party), given).status_code == 302
    assert Party.objects.get(pk=party.pk).withdrawn_on == TODAY


@pytest.mark.parametrize("act", ["accede", "withdraw"])
def test_partners_do_not_record_these(alice, newcomer, act):
    client = signed_in(again(alice))
    for given in ({}, {"_preview": "1", "on": TODAY.isoformat()}):
        assert client.post(at(act, newcomer), given).status_code == 403


# attesting


@pytest.fixture
def asked(agreement, alba, alice, officer):
    party = agreement.party_set.get(organization=alba)
    post = LiaisonAppointment.enter(by=officer, party=party, person=alice.person, starts_on=SIGNED)
    return LiaisonAttestation.enter(by=None, appointment=post, asked_on=TODAY)


def test_yes_is_one_click_away_from_my_work(alice, asked):
    client = signed_in(again(alice))
    page = client.get(reverse("my_work")).content.decode()
    assert "Still liaison officer?" in page and at("attest", asked) in page
    done = client.post(at("attest", asked), {"still": "yes", "version": asked.version})
    assert (done.status_code, done.url) == (302, reverse("my_work"))
    asked.refresh_from_db()
    assert (asked.still, asked.answered_by) == (True, alice)
    assert "Still liaison officer?" not in client.get(reverse("my_work")).content.decode()


def test_no_leads_on_to_the_successor_and_stays_on_the_list(alice, asked, officer):
    client = signed_in(again(alice))
    done = client.post(at("attest", asked), {"still": "no"})
    assert done.url == at("succeed_officer", asked.appointment)
    page = signed_in(officer).get(reverse("attestation_list")).content.decode()
    assert "No: successor missing" in page


def test_the_chase_list_is_the_secretariats_and_ones_own(alice, bob, officer, asked):
    seen = [
        "Alice" in signed_in(again(user)).get(reverse("attestation_list")).content.decode()
        for user in (alice, officer)
    ]
    assert seen == [True, True]
    page = signed_in(again(bob)).get(reverse("attestation_list")).content.decode()
    assert "Alice" not in page
    assert signed_in(again(bob)).get(at("attest", asked)).status_code == 404


# groups


@pytest.fixture
def group(officer, agreement, alba, brook):
    """Water: one task late, one submitted, a milestone ahead, one meeting held and one to come."""
    made = SpecialGroup.enter(
        by=officer, agreement=agreement, name="Water", lead=alba, sunset_on=TODAY
    )
    for organization in (alba, brook):
        GroupMembership.enter(by=officer, group=made, organization=organization, joined_on=SIGNED)
    phase = Phase.enter(by=officer, agreement=agreement, name="First")
    about = {"by": officer, "group": made, "lead": alba, "phase": phase}
    enter_task(agreement, status=Status.IN_PROGRESS, due_on=TODAY - timedelta(days=3), **about)
    enter_task(agreement, status=Status.SUBMITTED, due_on=TODAY + timedelta(days=30), **about)
    Milestone.enter(
        by=officer, agreement=agreement, phase=phase, name="Mid-term",
        due_on=TODAY + timedelta(days=10),
    )  # fmt: skip
    held = Consultation.enter(
        by=officer, agreement=agreement, group=made, starts_at=datetime(2027, 2, 1, 6, tzinfo=UTC)
    )
    held.convene(by=officer, on=SIGNED)
    held.close(by=officer, on=TODAY)
    Consultation.enter(
        by=officer, agreement=agreement, group=made, starts_at=datetime(2027, 4, 2, 6, tzinfo=UTC)
    )
    return made


def test_the_overview_shows_each_group_in_figures(alice, group):
    page = signed_in(again(alice)).get(reverse("group_overview"))
    (row,) = page.context["page"].object_list
    assert row.tasks_overdue == 1
    assert sum(number for _light, _word, number in row.lights) == 2
    assert (row.members, row.evidence_waiting, row.open_tasks) == (2, 1, 2)
    assert row.next_step_on == TODAY + timedelta(days=10)
    assert (row.last_held_on.isoformat(), row.next_meeting_at.day) == ("2027-02-01", 2)
    assert "past, and still open" in page.content.decode()


def test_the_overview_costs_the_same_for_one_and_three_groups(
    officer, agreement, group, alba, django_assert_num_queries
):
    client = signed_in(officer)
    client.get(reverse("group_overview"))
    with django_assert_num_queries(5):
        client.get(reverse("group_overview"))
    for name in ("Air", "Soil"):
        SpecialGroup.enter(by=officer, agreement=agreement, name=name, lead=alba)
    with django_assert_num_queries(5):
        client.get(reverse("group_overview"))


@pytest.mark.parametrize(
    "ordering", ["late", "-late", "step", "held", "meeting", "evidence", "sunset"]
)
def test_the_overview_is_sorted_by_each_column(officer, agreement, group, ordering):
    SpecialGroup.enter(by=officer, agreement=agreement, name="Air")
    page = signed_in(officer).get(reverse("group_overview"), {"ordering": ordering})
    names = [str(row) for row in page.context["page"].object_list]
    assert sorted(names) == ["Air", "Water"]
    if ordering == "late":
        assert names == ["Water", "Air"]


def test_a_group_is_closed_with_a_report_and_a_fate_for_each_open_task(officer, group):
    client = signed_in(officer)
    address = at("group_verb", group, verb="close")
    fields = {f"task_{task.public_id.hex}": task for task in Task.objects.filter(group=group)}
    page = client.get(address).content.decode()
    assert all(name in page for name in fields)
    unsaid = client.post(address, {"on": TODAY.isoformat(), "reason": "Clean."})
    assert unsaid.status_code == 422
    given = {"on": TODAY.isoformat(), "reason": "Clean.", **dict.fromkeys(fields, "cancel")}
    assert client.post(address, given).status_code == 302
    group.refresh_from_db()
    assert group.status == GroupStatus.CLOSED
    report = client.get(at("group_report", group)).content.decode()
    assert "Closing report" in report and "Clean." in report and "Is cancelled" in report


def test_a_guest_reads_of_the_report_no_task_that_is_not_theirs(
    officer, agreement, group, dunes, stranger
):
    GroupMembership.enter(by=officer, group=group, organization=dunes, joined_on=SIGNED)
    page = signed_in(again(stranger)).get(at("group_report", group))
    assert page.status_code == 200
    assert "Plant trees" not in page.content.decode()


def test_a_sunset_is_put_off_from_the_portal(officer, group):
    given = {"on": TODAY.isoformat(), "reason": "More", "sunset_on": "2028-01-01"}
    done = signed_in(officer).post(at("group_verb", group, verb="extend"), given)
    assert done.status_code == 302
    group.refresh_from_db()
    assert group.sunset_on.isoformat() == "2028-01-01"


def test_a_group_whose_agreement_is_hidden_is_in_no_overview(officer, alba, brook, alice):
    draft = enter_agreement(alba, brook, by=officer)
    SpecialGroup.enter(by=officer, agreement=draft, name="Secret")
    page = signed_in(again(alice)).get(reverse("group_overview")).content.decode()
    assert "Secret" not in page
