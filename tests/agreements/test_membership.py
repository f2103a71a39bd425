"""Leaving: what a withdrawal means for every noun, in one transaction."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from agreements.agreement import Status
from agreements.mechanisms.convenor_changes import Kind
from agreements.mechanisms.convenor_seats import Seat
from agreements.mechanisms.convenor_terms import State, convenor_term
from agreements.mechanisms.liaison_officer import Rank
from agreements.mechanisms.regular_consultation import HostRule
from agreements.membership import withdraw, withdrawal_effect
from agreements.models import (
    Consultation,
    ConsultationSeries,
    GroupMembership,
    LiaisonAbsence,
    LiaisonAppointment,
    SpecialGroup,
)
from agreements.party import Standing
from agreements.tasks import Status as TaskStatus
from governance.lifecycle import Refused, Stale
from governance.periods import add_months
from governance.record import Event, broken_links
from tests.cast import (
    ON_SIGNATURE,
    SIGNED,
    TODAY,
    enter_agreement,
    enter_party,
    enter_person,
    enter_rotation,
    enter_task,
)

LEAVES = date(2027, 8, 1)
WITH_NOTICE = {**ON_SIGNATURE, "withdrawal": {"notice_months": 6}}


@pytest.fixture
def three(officer, alba, brook, corva):
    return enter_agreement(alba, brook, corva, by=officer, status=Status.IN_FORCE)


@pytest.fixture
def party(three, alba):
    return three.party_set.get(organization=alba)


def leave(party, **details):
    return withdraw(party, **{"by": None, "on": TODAY, "effective_on": LEAVES, **details})


def names(terms):
    return [
        "+".join(held.organization.name.split()[0] for held in term.holdings.all())
        for term in terms.order_by("starts_on")
    ]


# when


def test_without_a_rule_a_withdrawal_takes_effect_at_once(party):
    assert withdrawal_effect(party, TODAY) == TODAY
    leave(party, effective_on=None)
    assert (party.withdrawal_notified_on, party.withdrawn_on) == (TODAY, TODAY)
    assert party.standing(TODAY) == Standing.LEFT


def test_the_notice_of_the_rule_gives_the_day(officer, alba, brook):
    agreement = enter_agreement(
        alba, brook, by=officer, status=Status.IN_FORCE, entry_into_force=WITH_NOTICE
    )
    party = agreement.party_set.get(organization=alba)
    assert withdrawal_effect(party, TODAY) == date(2027, 9, 1)
    leave(party, effective_on=None)
    assert party.withdrawn_on == date(2027, 9, 1)
    assert party.standing(TODAY) == Standing.LEAVING


def test_a_day_before_the_notice_is_refused(party):
    with pytest.raises(ValidationError) as refused:
        leave(party, effective_on=TODAY - timedelta(days=1))
    assert set(refused.value.error_dict) == {"effective_on"}


def bound_by(withdrawal, officer, *organizations):
    rule = {**ON_SIGNATURE, "withdrawal": withdrawal}
    agreement = enter_agreement(
        *organizations, by=officer, status=Status.IN_FORCE, entry_into_force=rule
    )
    return agreement.party_set.get(organization=organizations[0])


def test_notice_is_not_given_before_the_day_that_the_rule_allows(officer, alba, brook):
    party = bound_by({"not_before_months": 36}, officer, alba, brook)
    allowed = add_months(SIGNED, 36)
    with pytest.raises(ValidationError) as refused:
        leave(party, on=allowed - timedelta(days=1), effective_on=allowed)
    assert set(refused.value.error_dict) == {"on"}
    leave(party, on=allowed, effective_on=allowed)
    assert party.withdrawn_on == allowed


def test_a_withdrawal_takes_effect_no_sooner_than_the_rule_says(officer, alba, brook):
    party = bound_by({"notice_months": 6}, officer, alba, brook)
    due = add_months(TODAY, 6)
    with pytest.raises(ValidationError) as refused:
        leave(party, effective_on=due - timedelta(days=1))
    assert set(refused.value.error_dict) == {"effective_on"}
    leave(party, effective_on=due + timedelta(days=1))
    assert party.withdrawn_on == due + timedelta(days=1)


# the rotation


def test_a_new_seat_lies_within_the_days_of_its_party(officer, three, party, alba, brook):
    rotation = enter_rotation(three, brook, by=officer, on=TODAY)
    leave(party)

    def sit(**days):
        return Seat.enter(by=officer, on=TODAY, rotation=rotation, organization=alba, **days)

    for days in ({}, {"joined_on": LEAVES}, {"left_on": LEAVES + timedelta(days=1)}):
        with pytest.raises(ValidationError) as refused:
            sit(**days)
        assert set(refused.value.error_dict) == {"organization"}
    assert sit(left_on=LEAVES).left_on == LEAVES


def test_its_seat_leaves_the_rotation_from_that_day(officer, three, party, alba, brook, corva):
    rotation = enter_rotation(three, alba, brook, corva, by=officer, on=TODAY)
    assert names(rotation.terms)[3] == "Alba"
    leave(party)
    assert names(rotation.terms)[2:8] == ["Corva", "Alba", "Brook", "Brook", "Corva", "Brook"]
    assert convenor_term(three, LEAVES - timedelta(days=1)).holdings.get().organization == alba
    assert convenor_term(three, LEAVES).holdings.get().organization == brook
    assert alba not in {
        held.organization
        for term in rotation.terms.filter(starts_on__gte=LEAVES)
        for held in term.holdings.all()
    }
    assert rotation.changes.get().kind == Kind.WITHDRAW


def test_a_rotation_that_it_has_left_before_does_not_hold_it_back(
    officer, three, party, alba, brook, corva
):
    rotation = enter_rotation(three, alba, brook, corva, by=officer, on=TODAY)
    facts = {"organization": str(alba.public_id), "effective_on": "2027-07-01", "then": "next"}
    rotation.change(Kind.WITHDRAW, by=officer, on=TODAY, facts=facts, decided_on=TODAY)
    leave(party)
    assert rotation.changes.count() == 1
    assert party.withdrawn_on == LEAVES


def test_a_seat_whose_days_are_over_does_not_hold_it_back(officer, three, party, alba, brook):
    rotation = enter_rotation(three, alba, brook, by=officer, on=TODAY)
    rotation.seats.get(organization=alba).edit(by=officer, left_on=date(2027, 7, 1))
    leave(party)
    assert not rotation.changes.exists()


def test_a_rotation_of_which_nothing_is_known_yet_does_not_hold_it_back(
    officer, three, party, alba, brook
):
    enter_rotation(three, alba, brook, by=officer, starts_on=None, length=None)
    leave(party)
    assert party.withdrawn_on == LEAVES


def test_a_confirmed_term_to_come_stands_against_leaving_before_it(
    officer, three, party, alba, brook, corva
):
    rotation = enter_rotation(three, alba, brook, corva, by=officer, on=TODAY)
    coming = rotation.terms.filter(holders=alba, starts_on__gt=LEAVES).first()
    coming.confirm(by=officer, on=TODAY)
    with pytest.raises(Refused) as refused:
        leave(party)
    assert refused.value.guard == "term_is_confirmed"
    party.refresh_from_db()
    assert (party.withdrawn_on, party.withdrawal_notified_on) == (None, None)
    assert rotation.terms.get(pk=coming.pk).state == State.CONFIRMED
    assert not rotation.changes.exists()
    assert list(broken_links()) == []


# liaison officers


def appoint(party, name, **facts):
    return LiaisonAppointment.enter(by=None, party=party, person=enter_person(name), **facts)


def test_its_liaison_appointments_end_on_that_day_and_later_ones_are_taken_back(
    party, three, brook
):
    past = appoint(party, "Past", starts_on=SIGNED, ends_on=TODAY)
    present = appoint(party, "Present", starts_on=TODAY, ends_on=date(2027, 12, 1))
    unknown = appoint(party, "Unknown", rank=Rank.DEPUTY)
    coming = appoint(party, "Coming", starts_on=date(2027, 12, 1))
    on_the_day = appoint(party, "On the day", rank=Rank.DEPUTY, starts_on=LEAVES)
    other = appoint(three.party_set.get(organization=brook), "Other", starts_on=SIGNED)
    leave(party)
    ends = dict(LiaisonAppointment.objects.values_list("person__name", "ends_on"))
    assert ends == {"Past": TODAY, "Present": LEAVES, "Unknown": LEAVES, "Other": None}
    for appointment in (present, unknown):
        assert Event.objects.of(appointment).last().verb == "relieve"
    for appointment in (coming, on_the_day):
        assert Event.objects.of(appointment).last().verb == "delete"
    for appointment in (past, other):
        assert Event.objects.of(appointment).count() == 1


# tasks


def test_its_open_tasks_are_flagged_for_another_organization(officer, three, party, alba, brook):
    for status in TaskStatus:
        enter_task(three, by=officer, lead=alba, status=status)
    enter_task(three, by=officer, lead=brook, cooperating=[alba])
    elsewhere = enter_agreement(alba, brook, by=officer, status=Status.IN_FORCE)
    enter_task(elsewhere, by=officer, lead=alba)
    leave(party, reason="Reform of the districts")
    flagged = three.tasks.filter(needs_reassignment=True)
    assert set(flagged.values_list("status", flat=True)) == set(TaskStatus) - {
        TaskStatus.COMPLETED,
        TaskStatus.CANCELLED,
    }
    assert set(flagged.values_list("lead", flat=True)) == {alba.pk}
    assert not elsewhere.tasks.filter(needs_reassignment=True).exists()
    event = Event.objects.of(flagged.first()).last()
    assert (event.verb, event.reason) == ("flag_for_reassignment", "Reform of the districts")


# all or nothing


def test_a_withdrawal_that_is_refused_changes_nothing(officer, three, party, alba, brook):
    rotation = enter_rotation(three, alba, brook, by=officer, on=TODAY)
    appointment = appoint(party, "Ann", starts_on=SIGNED)
    leave(party)
    events, terms = Event.objects.count(), names(rotation.terms)
    with pytest.raises(Refused) as refused:
        leave(party)
    assert refused.value.guard == "already_leaving"
    assert Event.objects.count() == events
    assert names(rotation.terms) == terms
    appointment.refresh_from_db()
    assert appointment.ends_on == LEAVES


def test_a_withdrawal_against_an_older_version_is_stale(party):
    seen = party.version
    party.edit(by=None, position=7)
    with pytest.raises(Stale):
        leave(party, version=seen)


def test_whoever_left_may_join_again(officer, three, party, alba, brook):
    enter_rotation(three, alba, brook, by=officer, on=TODAY)
    leave(party)
    back = enter_party(three, alba, joined_on=date(2028, 1, 1))
    assert back.standing(date(2028, 1, 1)) == Standing.EXPECTED
    assert not three.party_set.current(LEAVES).filter(organization=alba).exists()
    assert three.party_set.current(date(2028, 1, 1)).filter(organization=alba).exists()


# groups and meetings


def test_its_memberships_in_groups_end_and_its_groups_need_a_lead(party, alba, brook):
    group = SpecialGroup.enter(by=None, agreement=party.agreement, name="Water", lead=alba)
    other = SpecialGroup.enter(by=None, agreement=party.agreement, name="Air", lead=brook)
    held = GroupMembership.enter(by=None, group=group, organization=alba, joined_on=SIGNED)
    late = GroupMembership.enter(by=None, group=other, organization=alba, joined_on=LEAVES)
    stays = GroupMembership.enter(by=None, group=group, organization=brook, joined_on=SIGNED)
    leave(party)
    held.refresh_from_db()
    stays.refresh_from_db()
    assert (held.left_on, stays.left_on) == (LEAVES, None)
    assert not GroupMembership.objects.filter(pk=late.pk).exists()
    day_before = LEAVES - timedelta(days=1)
    for day, expected in ((day_before, set()), (LEAVES, {group})):
        assert set(SpecialGroup.objects.leaderless(day)) == expected
        assert {one for one in (group, other) if one.lead_has_left(day)} == expected


def meeting(agreement, month, **facts):
    moment = datetime(2027, month, 20, 6, tzinfo=UTC)
    return Consultation.enter(by=None, on=TODAY, agreement=agreement, starts_at=moment, **facts)


def test_others_host_what_it_was_to_host_behind_its_leaving(
    short_horizon, officer, party, three, alba, brook
):
    enter_rotation(three, alba, brook, by=officer)
    before, behind = (meeting(three, month, host=alba) for month in (5, 9))
    called = meeting(three, 10)
    called.convene(by=None, on=TODAY)
    assert called.host == brook
    own = meeting(three, 11, host=alba)
    own.convene(by=None, on=TODAY)
    leave(party)
    for one in (before, behind, called, own):
        one.refresh_from_db()
    assert before.host_now() == alba
    assert (behind.host, behind.host_now()) == (None, brook)
    assert called.host == own.host == brook


def test_a_series_it_always_hosted_goes_to_the_convenor(
    short_horizon, officer, party, three, alba, brook
):
    enter_rotation(three, alba, brook, by=officer)
    series = ConsultationSeries.enter(
        by=None, on=TODAY, agreement=three, host_rule=HostRule.FIXED, host=alba
    )
    before, behind = (meeting(three, month, series=series) for month in (5, 9))
    leave(party)
    hosts = []
    for one in (before, behind):
        one.refresh_from_db()
        hosts.append(one.host_now())
    assert hosts == [alba, brook]


def test_absences_end_with_the_appointment(party):
    officer = LiaisonAppointment.enter(by=None, party=party, person=enter_person("Ann"))
    running = LiaisonAbsence.enter(by=None, appointment=officer, starts_on=TODAY)
    later = LiaisonAbsence.enter(
        by=None, appointment=LiaisonAppointment.enter(
            by=None, party=party, person=enter_person("Bea"), rank=Rank.DEPUTY
        ), starts_on=LEAVES,
    )  # fmt: skip
    leave(party)
    running.refresh_from_db()
    assert running.ends_on == LEAVES
    assert not LiaisonAbsence.objects.filter(pk=later.pk).exists()


def test_a_withdrawal_that_a_rotation_refuses_leaves_nothing_half_written(
    short_horizon, officer, party, three, alba, brook
):
    rotation = enter_rotation(three, alba, brook, by=officer)
    for term in rotation.terms.order_by("starts_on")[:6]:
        term.confirm(by=officer, on=TODAY)
    appointment = LiaisonAppointment.enter(by=None, party=party, person=enter_person("Ann"))
    task = enter_task(three, by=officer, lead=alba)
    events = Event.objects.count()
    with pytest.raises(Refused):
        leave(party)
    party.refresh_from_db()
    appointment.refresh_from_db()
    task.refresh_from_db()
    assert (party.withdrawn_on, appointment.ends_on, task.needs_reassignment) == (None, None, False)
    assert Event.objects.count() == events and not list(broken_links())
