"""Parties: what an organization is in an agreement follows from what it did, and when."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from agreements.agreement import Status
from agreements.api.party import PartySerializer
from agreements.models import Party
from agreements.party import JOINING, LEAVING, SIGNING_ROLES, Role, Standing
from governance.lifecycle import Refused, Stale
from governance.record import Event
from tests.cast import (
    SIGNED,
    TODAY,
    enter_agreement,
    enter_organization,
    enter_party,
    enter_person,
    enter_rotation,
    enter_task,
)

FIRST, SECOND, THIRD, FOURTH = (
    date(2027, 4, 1),
    date(2027, 5, 1),
    date(2027, 6, 1),
    date(2027, 7, 1),
)
ACTS = ("sign", "approve", "accede", "withdraw")


def do(party, act, *, on, by=None):
    details = {"effective_on": on} if act == "withdraw" else {}
    return getattr(party, act)(by=by, on=on, **details)


@pytest.fixture
def at(officer, alba, brook, corva):
    """A party that has done nothing yet, in an agreement of a status between two others."""

    def enter(status, role=Role.PARTY):
        agreement = enter_agreement(alba, brook, by=officer, status=status)
        return enter_party(agreement, corva, role=role)

    return enter


ALIVE = {Status.SIGNED, Status.IN_FORCE, Status.SUSPENDED}
POSSIBLE = {
    "sign": {Status.NEGOTIATING, *ALIVE},
    "approve": ALIVE,
    "accede": ALIVE,
    "withdraw": {Status.DRAFT, Status.NEGOTIATING, *ALIVE},
}
DATE_OF = {
    "sign": "signed_on",
    "approve": "approved_on",
    "accede": "joined_on",
    "withdraw": "withdrawn_on",
}


@pytest.mark.parametrize("status", Status)
def test_the_acts_of_a_party_are_possible_while_the_agreement_allows_them(at, status):
    for act in ACTS:
        party = at(status)
        if status in POSSIBLE[act]:
            do(party, act, on=TODAY)
            party.refresh_from_db()
            assert getattr(party, DATE_OF[act]) == TODAY
            event = Event.objects.of(party).last()
            assert (event.verb, event.happened_on) == (act, TODAY)
        else:
            with pytest.raises(Refused) as refused:
                do(party, act, on=TODAY)
            assert refused.value.guard in {"agreement_over", "draft", "not_signed", "not_open"}
            assert str(refused.value).endswith(".")


@pytest.mark.parametrize(
    ("earlier", "act", "guard"),
    [
        (["sign"], "sign", "already_signed"),
        (["approve"], "approve", "already_approved"),
        (["sign"], "accede", "already_party"),
        (["approve"], "accede", "already_party"),
        (["accede"], "sign", "already_signed"),
        (["accede"], "approve", "already_approved"),
        (["accede"], "accede", "already_party"),
    ],
)
def test_an_act_is_done_once(at, earlier, act, guard):
    party = at(Status.IN_FORCE)
    for step in earlier:
        do(party, step, on=FIRST)
    with pytest.raises(Refused) as refused:
        do(party, act, on=SECOND)
    assert refused.value.guard == guard


def test_notice_is_given_once_and_who_left_acts_no_more(at):
    party = at(Status.IN_FORCE)
    party.withdraw(by=None, on=FIRST, effective_on=THIRD)
    with pytest.raises(Refused) as refused:
        party.withdraw(by=None, on=SECOND, effective_on=FOURTH)
    assert refused.value.guard == "already_leaving"
    party.sign(by=None, on=SECOND)
    for act in ACTS:
        with pytest.raises(Refused) as refused:
            do(party, act, on=THIRD)
        assert refused.value.guard == "has_left"


def test_a_withdrawal_never_takes_effect_before_its_notice(at):
    party = at(Status.IN_FORCE)
    with pytest.raises(ValidationError) as refused:
        party.withdraw(by=None, on=SECOND, effective_on=FIRST)
    assert set(refused.value.error_dict) == {"effective_on"}
    party.withdraw(by=None, on=SECOND, effective_on=SECOND)
    assert party.standing(SECOND) == Standing.LEFT


@pytest.mark.parametrize("act", ["sign", "approve"])
def test_an_observer_neither_signs_nor_approves(at, act):
    with pytest.raises(Refused) as refused:
        do(at(Status.SIGNED, Role.OBSERVER), act, on=TODAY)
    assert refused.value.guard == "observer"


def test_who_has_to_sign_are_not_observers_nor_bodies_that_carry_out(officer, alba):
    agreement = enter_agreement(by=officer)
    for role in Role:
        enter_party(agreement, enter_organization(role.label), role=role)
    assert set(SIGNING_ROLES) == set(Role) - {Role.OBSERVER, Role.IMPLEMENTING_BODY}
    assert set(Party.objects.signing().values_list("role", flat=True)) == set(SIGNING_ROLES)
    assert set(Party.objects.counting()) == set(Party.objects.signing())


def test_a_party_may_sign_through_another_body_by_the_hand_of_a_person(at, dunes):
    party, person = at(Status.NEGOTIATING), enter_person("Ann", dunes)
    party.sign(by=None, on=TODAY, signing_body=dunes, signatory=person)
    party.refresh_from_db()
    assert (party.signing_body, party.signatory, party.signed_on) == (dunes, person, TODAY)


def test_joining_later_stands_for_signature_and_approval(at):
    party = at(Status.IN_FORCE)
    party.accede(by=None, on=TODAY)
    assert (party.joined_on, party.signed_on, party.approved_on) == (TODAY, TODAY, TODAY)


def test_the_standing_of_a_party_follows_from_its_acts_up_to_the_day(at):
    party = at(Status.IN_FORCE)
    party.sign(by=None, on=FIRST)
    party.approve(by=None, on=SECOND)
    party.withdraw(by=None, on=THIRD, effective_on=FOURTH)
    eve = timedelta(days=1)
    assert [party.standing(day) for day in (FIRST - eve, FIRST, SECOND - eve, SECOND)] == [
        Standing.EXPECTED,
        Standing.SIGNED,
        Standing.SIGNED,
        Standing.APPROVED,
    ]
    assert [party.standing(day) for day in (THIRD - eve, THIRD, FOURTH - eve, FOURTH)] == [
        Standing.APPROVED,
        Standing.LEAVING,
        Standing.LEAVING,
        Standing.LEFT,
    ]


@pytest.mark.parametrize(
    ("joined", "left"), [(None, None), (FIRST, None), (None, THIRD), (FIRST, THIRD)]
)
def test_the_query_finds_a_party_on_exactly_the_days_on_which_it_belongs(
    officer, alba, joined, left
):
    agreement = enter_agreement(by=officer)
    party = enter_party(agreement, alba, joined_on=joined, withdrawn_on=left)
    for day in (FIRST, SECOND, THIRD):
        for shift in (-1, 0, 1):
            on = day + timedelta(days=shift)
            belongs = (joined is None or joined <= on) and (left is None or on < left)
            assert party.is_current(on) == belongs
            assert Party.objects.current(on).exists() == belongs


def test_an_organization_is_a_party_once_at_a_time(officer, alba):
    agreement = enter_agreement(alba, by=officer)
    with pytest.raises(ValidationError) as refused:
        enter_party(agreement, alba, role=Role.OBSERVER)
    assert refused.value.messages == [
        "This organization is already a party to the agreement at that time."
    ]


def test_an_act_against_an_older_version_is_stale(at):
    party = at(Status.IN_FORCE)
    seen = party.version
    party.sign(by=None, on=TODAY)
    with pytest.raises(Stale):
        party.approve(by=None, on=TODAY, version=seen)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"weight": Decimal(-1)}, "weight"),
        ({"categories": "urban"}, "categories"),
        ({"categories": [1]}, "categories"),
        ({"joined_on": SECOND, "withdrawn_on": FIRST}, "withdrawn_on"),
        ({"role": "friend"}, "role"),
    ],
)
def test_facts_that_cannot_be_are_refused_at_their_field(officer, alba, facts, field):
    agreement = enter_agreement(by=officer)
    with pytest.raises(ValidationError) as refused:
        enter_party(agreement, alba, **facts)
    assert set(refused.value.error_dict) == {field}


def test_what_a_party_did_is_handed_to_the_rule_as_plain_data(officer, alba):
    agreement = enter_agreement(by=officer)
    party = enter_party(
        agreement, alba, weight=Decimal("2.5"), categories=["urban"], signed_on=SIGNED
    )
    party.refresh_from_db()
    acts = party.acts()
    assert (acts.key, acts.name) == (str(party.public_id), "Alba District")
    assert (acts.weight, acts.categories, acts.signed_on) == (
        Decimal("2.5"),
        ("urban",),
        SIGNED,
    )


# what is not edited and not deleted


@pytest.mark.parametrize("status", [Status.NEGOTIATING, Status.IN_FORCE])
def test_a_withdrawal_is_not_edited_and_the_days_of_joining_are_corrected(at, status):
    for name in LEAVING:
        with pytest.raises(Refused) as refused:
            at(status).edit(by=None, **{name: FIRST})
        assert refused.value.guard == "acts_fixed"
    for name in JOINING:
        assert getattr(at(status).edit(by=None, **{name: FIRST}), name) == FIRST


def test_over_the_api_the_days_of_acts_are_set_on_creation_or_by_acts():
    new, change = PartySerializer().fields, PartySerializer.for_changes().fields
    assert {name for name in (*JOINING, *LEAVING) if new[name].read_only} == set(LEAVING)
    assert all(change[name].read_only for name in (*JOINING, *LEAVING))


@pytest.mark.parametrize("status", Status)
def test_a_party_is_deleted_only_before_signature(at, status):
    party = at(status)
    if status in {Status.DRAFT, Status.NEGOTIATING}:
        party.remove(by=None)
        return
    with pytest.raises(Refused) as refused:
        party.remove(by=None)
    assert refused.value.guard == "not_removable"


def test_a_party_on_which_a_seat_or_a_task_rests_is_not_deleted(at, officer, corva):
    seated, working, helping = (at(Status.DRAFT) for _ in range(3))
    enter_rotation(seated.agreement, corva, by=officer)
    enter_task(working.agreement, by=officer, lead=corva)
    enter_task(helping.agreement, by=officer, cooperating=[corva])
    for party in (seated, working, helping):
        with pytest.raises(Refused) as refused:
            party.remove(by=officer)
        assert refused.value.guard == "still_needed"
