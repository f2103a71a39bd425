"""Joining: what an accession means for every noun, and previews of joining and leaving."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from agreements.agreement import Status
from agreements.mechanisms.convenor_changes import Kind
from agreements.mechanisms.convenor_rule import OnAdmission
from agreements.mechanisms.liaison_coverage import uncovered
from agreements.mechanisms.regular_consultation import QuorumKind
from agreements.membership import accede, withdraw
from agreements.membership_preview import preview_accession, preview_withdrawal
from agreements.models import (
    Consultation,
    ConsultationSeries,
    ConvenorTerm,
    GroupMembership,
    LiaisonAppointment,
    Party,
    RotationChange,
    Seat,
    SpecialGroup,
)
from governance.lifecycle import Refused
from governance.record import Event
from tests.cast import (
    SIGNED,
    TODAY,
    enter_agreement,
    enter_party,
    enter_person,
    enter_rotation,
    enter_task,
)

pytestmark = pytest.mark.usefixtures("short_horizon")

LEAVES = date(2027, 8, 1)


@pytest.fixture
def newcomer(agreement, corva):
    """Corva is to join the agreement of Alba and Brook."""
    return enter_party(agreement, corva)


def join(party, **details):
    return accede(party, **{"by": None, "on": TODAY, **details})


def first_names(organizations):
    return [str(one).split()[0] for one in organizations]


def holders(rotation, count=6):
    terms = rotation.terms.order_by("starts_on").prefetch_related("holdings__organization")
    return [
        "+".join(first_names(held.organization for held in term.holdings.all()))
        for term in terms[:count]
    ]


# the seat


def test_a_newcomer_takes_a_seat_at_the_end(officer, agreement, alba, brook, newcomer):
    rotation = enter_rotation(agreement, alba, brook, by=officer)
    join(newcomer)
    assert newcomer.joined_on == TODAY
    assert holders(rotation) == ["Alba", "Brook", "Alba", "Brook", "Corva", "Alba"]
    change = rotation.changes.get()
    assert (change.kind, change.decided_on) == ("admit", TODAY)


def test_a_newcomer_takes_a_seat_by_its_name(officer, agreement, alba, brook, newcomer):
    rotation = enter_rotation(agreement, alba, brook, by=officer, on_admission=OnAdmission.BY_ORDER)
    join(newcomer, sort_name="Ariel")
    assert holders(rotation) == ["Alba", "Brook", "Alba", "Corva", "Brook", "Alba"]


def test_where_the_rotation_asks_the_seat_is_named(officer, agreement, alba, brook, newcomer):
    rotation = enter_rotation(agreement, alba, brook, by=officer, on_admission=OnAdmission.ASK)
    with pytest.raises(ValidationError) as refused:
        join(newcomer)
    assert refused.value.error_dict["after"][0].code == "required"
    join(newcomer, after=alba)
    assert holders(rotation) == ["Alba", "Brook", "Alba", "Corva", "Brook", "Alba"]


def test_a_place_is_not_named_where_no_rotation_asks(officer, agreement, alba, brook, newcomer):
    enter_rotation(agreement, alba, brook, by=officer)
    with pytest.raises(ValidationError) as refused:
        join(newcomer, after=alba)
    assert set(refused.value.error_dict) == {"after"}


def test_a_seat_may_begin_later_than_the_membership(officer, agreement, alba, brook, newcomer):
    rotation = enter_rotation(agreement, alba, brook, by=officer)
    later = date(2028, 1, 2)
    join(newcomer, seat_on=later)
    assert newcomer.joined_on == TODAY
    assert holders(rotation, 7) == ["Alba", "Brook", "Alba", "Brook", "Alba", "Brook", "Corva"]
    assert rotation.seats.get(organization=newcomer.organization).joined_on == later


def test_no_seat_begins_before_the_membership(officer, agreement, alba, brook, newcomer):
    enter_rotation(agreement, alba, brook, by=officer)
    with pytest.raises(ValidationError) as refused:
        join(newcomer, seat_on=TODAY - timedelta(days=1))
    assert refused.value.error_dict["seat_on"][0].code == "too_early"


def test_a_seat_that_displaces_a_change_names_it_and_a_day_that_is_possible(
    officer, agreement, alba, brook, newcomer
):
    rotation = enter_rotation(agreement, alba, brook, by=officer)
    swap = rotation.change(
        Kind.SWAP,
        by=officer,
        on=TODAY,
        facts={"term_on": "2027-07-01", "other_term_on": "2028-01-01"},
    )
    with pytest.raises(Refused) as refused:
        join(newcomer)
    assert (refused.value.guard, refused.value.about) == ("displaces_seat", swap)
    assert "“1. Swap two terms” rests" in str(refused.value)
    assert "Its seat could begin on 1 July 2028." in str(refused.value)
    assert not Seat.objects.filter(organization=newcomer.organization).exists()
    join(Party.objects.get(pk=newcomer.pk), seat_on=date(2028, 7, 1))
    assert holders(rotation, 7) == ["Alba", "Brook", "Alba", "Alba", "Brook", "Brook", "Corva"]


def test_the_preview_shows_the_seats_of_the_day_on_which_the_new_one_begins(
    officer, agreement, alba, brook, newcomer
):
    enter_rotation(agreement, alba, brook, by=officer)
    shown = preview_accession(newcomer, on=TODAY, seat_on=date(2028, 1, 1))
    assert (shown.on, shown.seats_on) == (TODAY, date(2028, 1, 1))
    (before,), (after,) = shown.before.rotations, shown.after.rotations
    assert len(after["seats"]) == len(before["seats"]) + 1


def test_a_seat_entered_ahead_is_not_entered_twice(officer, agreement, alba, brook, newcomer):
    rotation = enter_rotation(agreement, alba, brook, newcomer.organization, by=officer)
    join(newcomer)
    assert not rotation.changes.exists()


def test_a_rotation_without_known_seats_stays_empty(officer, agreement, newcomer):
    rotation = enter_rotation(agreement, by=officer, starts_on=None, length=None)
    join(newcomer)
    assert not rotation.seats.exists()


def test_seats_are_kept_while_the_first_day_is_not_known(officer, agreement, alba, brook, newcomer):
    rotation = enter_rotation(agreement, alba, brook, by=officer, starts_on=None)
    join(newcomer)
    rotation.edit(by=officer, starts_on=date(2027, 7, 1))
    assert holders(rotation, 4) == ["Alba", "Brook", "Corva", "Alba"]


def test_who_comes_back_takes_a_seat_again(officer, agreement, alba, brook, corva):
    rotation = enter_rotation(agreement, alba, brook, by=officer)
    withdraw(
        agreement.party_set.get(organization=brook),
        by=officer, on=date(2026, 9, 1), effective_on=date(2026, 9, 1), reason="Elsewhere",
    )  # fmt: skip
    join(enter_party(agreement, brook, joined_on=TODAY))
    assert holders(rotation, 7)[2:] == ["Alba", "Alba", "Brook", "Alba", "Brook"]


@pytest.mark.parametrize("role", ["observer", "implementing_body", "guarantor"])
def test_only_parties_take_seats(officer, agreement, alba, brook, corva, role):
    rotation = enter_rotation(agreement, alba, brook, by=officer)
    join(enter_party(agreement, corva, role=role))
    assert not rotation.changes.exists()


def test_a_newcomer_owes_a_liaison_officer(agreement, newcomer):
    assert newcomer not in uncovered(Party.objects.all(), TODAY)
    join(newcomer)
    assert newcomer in uncovered(Party.objects.all(), TODAY)


def test_the_tasks_and_groups_of_the_others_stay(officer, agreement, alba, newcomer):
    task = enter_task(agreement, by=officer, lead=alba)
    group = SpecialGroup.enter(by=officer, agreement=agreement, name="Water", lead=alba)
    before = (task.version, group.version)
    join(newcomer)
    task.refresh_from_db()
    group.refresh_from_db()
    assert (task.version, group.version) == before
    assert not group.memberships.exists()


# all or nothing


def test_when_the_rotation_refuses_nothing_is_written(officer, agreement, alba, brook, newcomer):
    rotation = enter_rotation(agreement, alba, brook, by=officer)
    for term in rotation.terms.order_by("starts_on")[:6]:
        term.confirm(by=officer, on=TODAY)
    events = Event.objects.count()
    with pytest.raises(Refused) as refused:
        join(newcomer)
    assert refused.value.guard == "term_is_confirmed"
    newcomer.refresh_from_db()
    assert (newcomer.joined_on, newcomer.signed_on) == (None, None)
    assert not rotation.changes.exists() and rotation.seats.count() == 2
    assert Event.objects.count() == events


def test_when_one_of_two_rotations_refuses_neither_changes(
    officer, agreement, alba, brook, newcomer
):
    open_one = enter_rotation(agreement, alba, brook, by=officer)
    enter_rotation(agreement, alba, brook, by=officer, on_admission=OnAdmission.ASK)
    with pytest.raises(ValidationError):
        join(newcomer)
    assert not open_one.changes.exists()
    assert Party.objects.get(pk=newcomer.pk).joined_on is None


# previews


@pytest.fixture
def alive(officer, agreement, alba, brook):
    """Every mechanism is there: a rotation, officers, a series with a quorum, a group, a task."""
    rotation = enter_rotation(agreement, alba, brook, by=officer)
    for party in agreement.party_set.all():
        LiaisonAppointment.enter(by=officer, party=party, person=enter_person(f"L {party}"))
    series = ConsultationSeries.enter(
        by=officer, on=TODAY, agreement=agreement, quorum_kind=QuorumKind.PERCENT, quorum=67
    )
    for month in (4, 10):
        Consultation.enter(
            by=officer, on=TODAY, agreement=agreement, series=series, title=f"Month {month}",
            starts_at=datetime(2027, month, 1, 6, tzinfo=UTC),
        )  # fmt: skip
    group = SpecialGroup.enter(by=officer, agreement=agreement, name="Water", lead=alba)
    for organization in (alba, brook):
        GroupMembership.enter(by=officer, group=group, organization=organization, joined_on=SIGNED)
    enter_task(agreement, by=officer, lead=alba, title="Dredge")
    return rotation


def everything():
    rows = (Party, Seat, RotationChange, ConvenorTerm, LiaisonAppointment, GroupMembership)
    return [
        [list(model.objects.order_by("pk").values()) for model in rows],
        Event.objects.count(),
    ]


def test_a_preview_of_joining_shows_all_and_writes_nothing(alive, newcomer):
    before = everything()
    seen = preview_accession(newcomer, on=TODAY)
    assert everything() == before
    assert (seen.before.parties, seen.after.parties) == (
        ["Alba District", "Brook District"],
        ["Alba District", "Brook District", "Corva Ltd"],
    )
    assert first_names(seen.after.rotations[0]["seats"]) == ["Alba", "Brook", "Corva"]
    assert [one["quorum"] for one in seen.before.consultations] == [2, 2]
    assert [one["quorum"] for one in seen.after.consultations] == [3, 3]
    assert [one["name"] for one in seen.after.uncovered] == ["Corva Ltd"]
    assert (seen.before.groups, seen.before.tasks) == (seen.after.groups, seen.after.tasks)


def test_a_preview_of_leaving_shows_all_and_writes_nothing(alive, agreement, alba):
    party = agreement.party_set.get(organization=alba)
    before = everything()
    seen = preview_withdrawal(party, on=TODAY, effective_on=LEAVES)
    assert everything() == before
    assert seen.on == LEAVES
    assert seen.after.parties == ["Brook District"]
    assert first_names(seen.after.rotations[0]["seats"]) == ["Brook"]
    assert [one["quorum"] for one in seen.before.consultations] == [2]
    assert [one["quorum"] for one in seen.after.consultations] == [1]
    assert [one["name"] for one in seen.after.tasks] == ["Dredge"]
    assert [one["lead_has_left"] for one in seen.before.groups] == [False]
    assert [one["lead_has_left"] for one in seen.after.groups] == [True]


def test_the_preview_is_what_the_act_does(alive, newcomer, agreement, alba):
    seen = preview_accession(newcomer, on=TODAY)
    join(newcomer)
    then = preview_withdrawal(agreement.party_set.get(organization=alba), on=TODAY)
    for field in ("parties", "uncovered", "consultations", "tasks"):
        assert getattr(then.before, field) == getattr(seen.after, field), field
    holders_of = [
        [term["holder_names"] for term in one.rotations[0]["terms"]]
        for one in (seen.after, then.before)
    ]
    assert holders_of[0] == holders_of[1]


def test_a_preview_refuses_what_the_act_refuses(alive, agreement, alba):
    party = agreement.party_set.get(organization=alba)
    with pytest.raises(Refused) as refused:
        preview_accession(party, on=TODAY)
    assert refused.value.guard == "already_party"


def test_a_preview_names_what_differs_for_people(alive, newcomer):
    titles = {part.title: part.differs for part in preview_accession(newcomer, on=TODAY).sections()}
    assert titles == {
        "Parties": True,
        "Seats: Convenor": True,
        "Terms: Convenor": True,
        "Coming consultations": True,
        "Parties without a liaison officer": True,
        "Special cooperation groups": False,
        "Tasks that need another organization": False,
        "Targets that nobody answers for": False,
    }


def test_an_agreement_without_mechanisms_is_previewed_too(officer, alba, brook, corva):
    bare = enter_agreement(alba, brook, by=officer, status=Status.IN_FORCE)
    seen = preview_accession(enter_party(bare, corva), on=TODAY)
    assert (len(seen.after.parties), seen.after.rotations) == (3, [])
