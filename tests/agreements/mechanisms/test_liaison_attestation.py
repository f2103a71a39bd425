"""Attestation: officers are asked each half-year, once, and reminded until they answer."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from agreements.agreement import Confidentiality, Status
from agreements.mechanisms import liaison_attestation
from agreements.mechanisms.liaison_attestation import REMIND_AFTER
from agreements.mechanisms.liaison_officer import Rank
from agreements.models import Agreement, LiaisonAppointment, LiaisonAttestation, Notice
from governance import clock
from governance.lifecycle import Refused
from governance.periods import add_months
from tests.cast import TODAY, enter_agreement, enter_person

SINCE = date(2026, 3, 1)
DUE = add_months(SINCE, 6)


@pytest.fixture
def post(agreement, alba):
    party = agreement.party_set.get(organization=alba)
    return LiaisonAppointment.enter(
        by=None, party=party, person=enter_person("Ann"), starts_on=SINCE
    )


def ask_officers(day):
    """The step of that day, run on it: what lies long behind the clock is told to nobody."""
    with clock.fixed(day):
        return liaison_attestation.ask_officers(day)


def remind_officers(day):
    with clock.fixed(day):
        return liaison_attestation.remind_officers(day)


def notices(kind):
    return [str(one.person or one.organization) for one in Notice.objects.filter(kind=kind)]


# asking


@pytest.mark.parametrize(("shift", "asked"), [(-1, 0), (0, 1), (40, 1)])
def test_an_officer_is_asked_half_a_year_after_taking_up_the_post(post, shift, asked):
    assert ask_officers(DUE + timedelta(days=shift)) == asked
    assert notices("attestation") == ["Ann"] * asked


def test_nobody_is_asked_twice_while_the_answer_is_open(post):
    assert [ask_officers(DUE), ask_officers(DUE), ask_officers(add_months(DUE, 7))] == [1, 0, 0]
    assert notices("attestation") == ["Ann"]


def test_the_database_keeps_a_second_open_question_out(post):
    LiaisonAttestation.enter(by=None, appointment=post, asked_on=DUE)
    with pytest.raises(IntegrityError), transaction.atomic():
        LiaisonAttestation(appointment=post, asked_on=DUE).save()


def test_the_next_question_comes_half_a_year_after_the_last(post):
    ask_officers(DUE)
    post.attestations.get().answer(by=None, on=DUE + timedelta(days=20), still=True)
    again = add_months(DUE, 6)
    assert [ask_officers(again - timedelta(days=1)), ask_officers(again)] == [0, 1]


def test_the_agreement_says_how_often_or_never(agreement, post):
    agreement.edit(by=None, attest_every_months=3)
    assert ask_officers(add_months(SINCE, 3)) == 1
    LiaisonAttestation.objects.all().delete()
    agreement.refresh_from_db()
    agreement.edit(by=None, attest_every_months=None)
    assert ask_officers(add_months(SINCE, 36)) == 0


def test_who_serves_since_an_unknown_day_is_asked_half_a_year_after_the_entry(agreement, alba):
    party = agreement.party_set.get(organization=alba)
    with clock.fixed(TODAY):
        LiaisonAppointment.enter(by=None, party=party, person=enter_person("Ann"))
    due = add_months(TODAY, 6)
    assert [ask_officers(due - timedelta(days=1)), ask_officers(due)] == [0, 1]


def test_deputies_are_asked_too_and_whoever_has_left_is_not(post):
    LiaisonAppointment.enter(
        by=None, party=post.party, person=enter_person("Bea"), rank=Rank.DEPUTY, starts_on=SINCE
    )
    post.relieve(by=None, on=DUE)
    assert ask_officers(DUE) == 1
    assert notices("attestation") == ["Bea"]


@pytest.mark.parametrize("status", [Status.DRAFT, Status.NEGOTIATING])
def test_only_agreements_that_are_alive_ask(officer, alba, brook, status):
    other = enter_agreement(alba, brook, by=officer, status=Status.NEGOTIATING)
    LiaisonAppointment.enter(
        by=None, party=other.party_set.first(), person=enter_person("Ann"), starts_on=SINCE
    )
    Agreement.objects.filter(pk=other.pk).update(status=status)
    assert ask_officers(DUE) == 0


def test_what_is_for_the_secretariat_alone_is_not_told(agreement, post):
    agreement.edit(by=None, confidentiality=Confidentiality.SECRETARIAT)
    assert ask_officers(DUE) == 0


# reminding


def test_who_does_not_answer_is_reminded_each_fortnight_with_their_organization(post, alba):
    ask_officers(DUE)
    first, second = DUE + REMIND_AFTER, DUE + 2 * REMIND_AFTER
    days = (first - timedelta(days=1), first, first, second - timedelta(days=1), second)
    assert [remind_officers(day) for day in days] == [0, 1, 0, 0, 1]
    assert sorted(notices("attestation_reminder")) == [str(alba), str(alba), "Ann", "Ann"]


def test_who_answered_or_left_is_not_reminded(post):
    ask_officers(DUE)
    post.attestations.get().answer(by=None, on=DUE, still=True)
    assert remind_officers(DUE + REMIND_AFTER) == 0
    ask_officers(add_months(DUE, 6))
    post.relieve(by=None, on=add_months(DUE, 6))
    assert remind_officers(add_months(DUE, 8)) == 0


# answering


def test_an_answer_is_given_once_and_not_before_the_question(post, officer):
    ask_officers(DUE)
    asked = post.attestations.get()
    with pytest.raises(Refused) as refused:
        asked.answer(by=officer, on=DUE - timedelta(days=1), still=True)
    assert refused.value.guard == "not_asked_yet"
    asked.answer(by=officer, on=DUE, still=True)
    assert (asked.still, asked.answered_on, asked.answered_by) == (True, DUE, officer)
    with pytest.raises(Refused) as refused:
        asked.answer(by=officer, on=DUE, still=False)
    assert refused.value.guard == "answered"


def test_a_no_stays_on_the_list_until_somebody_follows(post):
    ask_officers(DUE)
    asked = post.attestations.get()
    asked.answer(by=None, on=DUE, still=False, reason="Moved")
    assert list(LiaisonAttestation.objects.to_chase(DUE)) == [asked]
    post.succeed(by=None, on=DUE + timedelta(days=5), person=enter_person("Bea"))
    assert not LiaisonAttestation.objects.to_chase(DUE).exists()


def test_the_twins_agree_on_who_is_to_be_chased(post):
    ask_officers(DUE)
    asked = post.attestations.get()
    for still in (None, False):
        if still is not None:
            asked.answer(by=None, on=DUE, still=still)
        for shift in (-200, -1, 0, 1, 400):
            day = DUE + timedelta(days=shift)
            rows = LiaisonAttestation.objects
            assert rows.waiting(day).exists() == asked.waits(day), day
            assert rows.denied(day).exists() == asked.is_denied(day), day
