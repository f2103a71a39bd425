"""The life of an agreement: every verb from every status, its guards, and what it leaves behind."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils import translation

from agreements.agreement import Confidentiality, Ending, Kind, Status
from agreements.documents import Kind as DocumentKind
from agreements.models import (
    Agreement,
    ConsultationSeries,
    Document,
    Indicator,
    Measurement,
    Party,
)
from agreements.party import Role
from governance.lifecycle import Refused, Stale
from governance.references import VoidReference
from tests.agreements.instruments import ON_A_DAY
from tests.cast import (
    ENDED,
    ENTERED,
    IN_FORCE,
    NEGOTIATED,
    ON_SIGNATURE,
    SIGNED,
    SUSPENDED,
    TODAY,
    enter_agreement,
    enter_party,
    enter_rotation,
    enter_task,
)

EXPIRY = date(2027, 1, 1)
VERBS = Agreement.lifecycle.transitions
EVERY_STEP = [(verb, status) for verb in VERBS for status in Status]


@pytest.fixture
def at(officer, alba, brook):
    """Enters an agreement in a status."""

    def enter(status, **facts):
        return enter_agreement(alba, brook, by=officer, status=status, **facts)

    return enter


def details_of(verb, at):
    """What the verb states besides day and reason."""
    return {"superseded_by": at(Status.DRAFT, title="Newer")} if verb == "supersede" else {}


# every verb from every status


@pytest.mark.parametrize(("verb", "status"), EVERY_STEP)
def test_a_verb_is_possible_from_its_states_and_refused_from_all_others(officer, at, verb, status):
    agreement = at(status, expires_on=EXPIRY if verb == "expire" else None)
    details = details_of(verb, at)
    act = getattr(agreement, VERBS[verb].method_name)
    if status in VERBS[verb].sources:
        assert agreement.refusal(verb, TODAY) is None
        act(by=officer, on=TODAY, reason="Letter", **details)
        agreement.refresh_from_db()
        assert agreement.status == VERBS[verb].target
        assert agreement.status_since == TODAY
        return
    for language, quote in [("en", "“"), ("zh-hans", "“")]:
        with translation.override(language), pytest.raises(Refused) as refused:
            act(by=officer, on=TODAY, reason="Letter", **details)
        assert (refused.value.verb, refused.value.guard) == (verb, f"status_{status}")
        with translation.override(language):
            assert f"{quote}{status.label}”" in str(refused.value)
    agreement.refresh_from_db()
    assert agreement.status == status


@pytest.mark.parametrize("verb", [verb for verb in VERBS if VERBS[verb].needs_reason])
def test_verbs_that_undo_what_was_agreed_need_a_reason(officer, at, verb):
    agreement = at(sorted(VERBS[verb].sources)[0])
    with pytest.raises(ValidationError) as refused:
        getattr(agreement, verb)(by=officer, on=TODAY)
    assert set(refused.value.error_dict) == {"reason"}


@pytest.mark.parametrize("status", [status for status in Status if status != Status.DRAFT])
def test_no_verb_is_dated_before_the_last_one(officer, at, status):
    agreement = at(status, expires_on=IN_FORCE + timedelta(days=1))
    for verb, transition in VERBS.items():
        if status not in transition.sources:
            continue
        day = agreement.status_since - timedelta(days=1)
        with pytest.raises((ValidationError, Refused)) as refused:
            getattr(agreement, verb)(by=officer, on=day, reason="Letter", **details_of(verb, at))
        if isinstance(refused.value, Refused):
            assert refused.value.guard in {"entry_rule_unmet", "not_expired"}, verb
        else:
            assert refused.value.error_dict["on"][0].code == "dates_out_of_order", verb


def test_a_verb_against_an_older_version_is_stale(officer, at):
    agreement = at(Status.SIGNED)
    for verb in ("bring_into_force", "terminate"):
        with pytest.raises(Stale):
            getattr(agreement, verb)(by=officer, on=TODAY, reason="x", version=1)


# signature


@pytest.mark.parametrize(
    ("roles", "signs"),
    [
        ([], False),
        ([Role.PARTY], False),
        ([Role.LEAD, Role.PARTY], True),
        ([Role.PARTY, Role.GUARANTOR], True),
        ([Role.PARTY, Role.OBSERVER], False),
        ([Role.PARTY, Role.IMPLEMENTING_BODY], False),
        ([Role.PARTY, Role.PARTY, Role.OBSERVER, Role.IMPLEMENTING_BODY], True),
    ],
)
def test_nobody_signs_without_two_parties(officer, alba, brook, corva, dunes, roles, signs):
    agreement = enter_agreement(by=officer)
    for organization, role in zip((alba, brook, corva, dunes), roles, strict=False):
        enter_party(agreement, organization, role=role)
    agreement.negotiate(by=officer, on=NEGOTIATED)
    if signs:
        agreement.sign(by=officer, on=SIGNED)
        assert agreement.signed_on == SIGNED
    else:
        with pytest.raises(Refused) as refused:
            agreement.sign(by=officer, on=SIGNED)
        assert refused.value.guard == "two_parties"


def test_signing_by_all_parties_signs_for_those_who_have_to_and_had_not_yet(
    officer, alba, brook, corva, dunes
):
    agreement = enter_agreement(alba, brook, by=officer, status=Status.NEGOTIATING)
    observer = enter_party(agreement, corva, role=Role.OBSERVER)
    carries_out = enter_party(agreement, dunes, role=Role.IMPLEMENTING_BODY)
    earlier = SIGNED - timedelta(days=3)
    agreement.party_set.get(organization=alba).sign(by=officer, on=earlier)
    agreement.sign(by=officer, on=SIGNED, all_parties=True)
    signed = dict(Party.objects.values_list("organization__name", "signed_on"))
    assert signed == {
        "Alba District": earlier,
        "Brook District": SIGNED,
        str(observer): None,
        str(carries_out): None,
    }


def test_who_left_the_negotiation_neither_signs_nor_counts(officer, alba, brook, corva):
    agreement = enter_agreement(alba, brook, corva, by=officer, status=Status.NEGOTIATING)
    left = agreement.party_set.get(organization=corva)
    left.withdraw(by=officer, on=NEGOTIATED, effective_on=NEGOTIATED, reason="No interest")
    agreement.sign(by=officer, on=SIGNED, all_parties=True)
    left.refresh_from_db()
    assert (agreement.status, left.signed_on) == (Status.SIGNED, None)


def test_two_of_whom_one_left_the_negotiation_are_not_two_parties(officer, alba, brook):
    agreement = enter_agreement(alba, brook, by=officer, status=Status.NEGOTIATING)
    agreement.party_set.get(organization=brook).withdraw(
        by=officer, on=NEGOTIATED, effective_on=NEGOTIATED
    )
    with pytest.raises(Refused) as refused:
        agreement.sign(by=officer, on=SIGNED)
    assert refused.value.guard == "two_parties"


# entry into force


def test_an_unknown_rule_brings_nothing_into_force(officer, at):
    agreement = at(Status.SIGNED, entry_into_force=None)
    with pytest.raises(Refused) as refused:
        agreement.bring_into_force(by=officer, on=TODAY)
    assert refused.value.guard == "entry_rule_unknown"


def test_a_rule_that_is_not_met_says_who_is_missing(officer, alba, brook):
    agreement = enter_agreement(alba, brook, by=officer, status=Status.NEGOTIATING)
    agreement.party_set.get(organization=alba).sign(by=officer, on=SIGNED)
    agreement.sign(by=officer, on=SIGNED)
    with pytest.raises(Refused) as refused:
        agreement.bring_into_force(by=officer, on=TODAY)
    assert refused.value.guard == "entry_rule_unmet"
    assert "Brook District" in str(refused.value)


def test_a_day_that_has_not_come_is_not_anticipated(officer, at):
    rule = {**ON_SIGNATURE, "delay": {"kind": "months_after", "months": 3}}
    agreement = at(Status.SIGNED, entry_into_force=rule)
    day = date(2026, 5, 1)
    with pytest.raises(Refused) as refused:
        agreement.bring_into_force(by=officer, on=day - timedelta(days=1))
    assert refused.value.guard == "entry_date_not_reached"
    assert "1 May 2026" in str(refused.value)
    agreement.bring_into_force(by=officer, on=day + timedelta(days=30))
    assert (agreement.in_force_on, agreement.status_since) == (day, day + timedelta(days=30))


def test_on_signature_by_all_it_is_in_force_from_the_last_signature(officer, at):
    agreement = at(Status.SIGNED)
    agreement.bring_into_force(by=officer, on=TODAY)
    assert agreement.in_force_on == SIGNED


def test_on_a_fixed_day_it_is_in_force_whoever_signed(officer, alba, brook):
    agreement = enter_agreement(
        alba, brook, by=officer, status=Status.NEGOTIATING, entry_into_force=ON_A_DAY
    )
    agreement.sign(by=officer, on=SIGNED)
    with pytest.raises(Refused):
        agreement.bring_into_force(by=officer, on=date(2026, 12, 31))
    agreement.bring_into_force(by=officer, on=date(2027, 1, 1))
    assert agreement.in_force_on == date(2027, 1, 1)


@pytest.mark.parametrize(
    "rule", [{"all_of": []}, {"delay": {}}, [], "on signature", {"all_of": [{"type": "none"}]}]
)
def test_a_rule_that_cannot_be_read_is_refused_at_its_field(officer, at, rule):
    with pytest.raises(ValidationError) as refused:
        at(Status.DRAFT, entry_into_force=rule)
    assert set(refused.value.error_dict) == {"entry_into_force"}


# ending


def test_expiry_comes_on_its_day_and_not_before(officer, at):
    agreement = at(Status.IN_FORCE, expires_on=EXPIRY)
    with pytest.raises(Refused) as refused:
        agreement.expire(by=officer, on=EXPIRY - timedelta(days=1))
    assert refused.value.guard == "not_expired"
    agreement.expire(by=officer, on=EXPIRY + timedelta(days=40))
    assert (agreement.ending, agreement.ended_on) == (Ending.EXPIRED, EXPIRY)


def test_what_has_no_day_of_expiry_does_not_expire(officer, at):
    with pytest.raises(Refused) as refused:
        at(Status.IN_FORCE).expire(by=officer, on=TODAY)
    assert refused.value.guard == "no_expiry"


def test_termination_ends_it_on_its_day(officer, at):
    agreement = at(Status.SUSPENDED)
    agreement.terminate(by=officer, on=ENDED, reason="Done")
    assert (agreement.ending, agreement.ended_on) == (Ending.TERMINATED, ENDED)


def test_only_another_agreement_takes_its_place(officer, at):
    agreement, newer = at(Status.IN_FORCE), at(Status.SIGNED, title="Newer")
    for none in (None, agreement):
        with pytest.raises(ValidationError) as refused:
            agreement.supersede(by=officer, on=ENDED, superseded_by=none)
        assert set(refused.value.error_dict) == {"superseded_by"}
    agreement.supersede(by=officer, on=ENDED, superseded_by=newer)
    assert (agreement.ending, agreement.superseded_by) == (Ending.SUPERSEDED, newer)
    assert list(newer.supersedes.all()) == [agreement]


@pytest.mark.parametrize("status", [Status.ENDED, Status.ABANDONED])
def test_what_is_over_is_closed(officer, at, status):
    agreement = at(status)
    assert agreement.is_over
    with pytest.raises(Refused) as refused:
        agreement.edit(by=officer, title="Other")
    assert refused.value.guard == "closed"


# in force on a day


@pytest.mark.parametrize("status", Status)
def test_the_query_finds_it_in_force_on_exactly_the_days_on_which_it_is(at, status):
    agreement = at(status)
    days = [
        day + timedelta(days=shift)
        for day in (ENTERED, NEGOTIATED, SIGNED, IN_FORCE, SUSPENDED, ENDED, TODAY)
        for shift in (-1, 0, 1)
    ]
    for day in days:
        found = Agreement.objects.in_force(day).exists()
        assert found == agreement.is_in_force(day), day
        expected = {
            Status.IN_FORCE: day >= SIGNED,
            Status.SUSPENDED: day >= SIGNED,
            Status.ENDED: SIGNED <= day < ENDED,
        }
        assert found == expected.get(status, False), day


# facts


def test_one_title_is_enough(officer):
    made = Agreement.enter(by=officer, title_zh="框架协议", kind=Kind.FRAMEWORK)
    assert str(made) == "框架协议"
    with pytest.raises(ValidationError) as refused:
        Agreement.enter(by=officer, kind=Kind.FRAMEWORK)
    assert set(refused.value.error_dict) == {"title"}


def test_an_agreement_is_never_concluded_under_itself(officer, at):
    top = at(Status.DRAFT)
    middle = at(Status.DRAFT, parent=top)
    bottom = at(Status.DRAFT, parent=middle)
    for under in (top, middle, bottom):
        with pytest.raises(ValidationError) as refused:
            top.edit(by=officer, parent=under)
        assert refused.value.error_dict["parent"][0].code == "cycle"


@pytest.mark.parametrize(
    "facts",
    [
        {"nearly_done_percent": 101},
        {"behind_percent": 101, "far_behind_percent": 101},
        {"behind_percent": 60, "far_behind_percent": 50},
        {"confidentiality": "nobody"},
        {"kind": ""},
    ],
)
def test_facts_outside_their_limits_are_refused_at_their_field(at, facts):
    with pytest.raises(ValidationError) as refused:
        at(Status.DRAFT, **facts)
    assert set(refused.value.error_dict) & set(facts)


def test_by_default_only_the_parties_may_read_it(at):
    assert at(Status.DRAFT).confidentiality == Confidentiality.PARTIES


# removal


@pytest.mark.parametrize("status", [status for status in Status if status != Status.DRAFT])
def test_only_a_draft_is_deleted(officer, at, status):
    agreement = at(status)
    with pytest.raises(Refused) as refused:
        agreement.remove(by=officer)
    assert refused.value.guard == "not_a_draft"
    assert not VoidReference.objects.exists()


def test_a_draft_is_deleted_with_its_parties_and_its_number_stays_as_void(officer, at):
    agreement = at(Status.DRAFT)
    reference = agreement.reference
    agreement.remove(by=officer, reason="Entered twice")
    assert not Agreement.objects.exists()
    assert not Party.objects.exists()
    assert VoidReference.objects.get().reference == reference


def test_a_draft_under_which_another_was_concluded_is_not_deleted(officer, at):
    top = at(Status.DRAFT)
    at(Status.DRAFT, parent=top, title="Below")
    with pytest.raises(Refused) as refused:
        top.remove(by=officer)
    assert (refused.value.guard, "Below" in str(refused.value)) == ("still_needed", True)
    assert not VoidReference.objects.exists()


# days in order, and what stands under what


@pytest.mark.parametrize(("status", "day"), [(Status.SIGNED, SIGNED), (Status.IN_FORCE, IN_FORCE)])
def test_it_expires_after_it_has_begun(officer, at, status, day):
    agreement = at(status)
    with pytest.raises(ValidationError) as refused:
        agreement.edit(by=officer, expires_on=min(day, agreement.in_force_on or day))
    assert set(refused.value.error_dict) == {"expires_on"}


def test_it_does_not_end_before_it_entered_into_force(officer, at):
    agreement = at(Status.IN_FORCE)
    agreement.ending, agreement.status = Ending.TERMINATED, Status.ENDED
    agreement.ended_on = agreement.in_force_on - timedelta(days=1)
    with pytest.raises(ValidationError) as refused:
        agreement.full_clean()
    assert set(refused.value.error_dict) == {"ended_on"}


def test_a_circle_above_it_that_it_is_no_part_of_is_not_followed_for_ever(officer, at):
    one, other, third = at(Status.DRAFT), at(Status.DRAFT), at(Status.DRAFT)
    Agreement.objects.filter(pk=one.pk).update(parent=other)
    Agreement.objects.filter(pk=other.pk).update(parent=one)
    third.edit(by=officer, parent=one)
    assert third.parent == one


def test_a_draft_is_deleted_with_what_rests_on_its_own_parts(officer, at, alba):
    agreement = at(Status.DRAFT)
    rotation = enter_rotation(agreement, alba, by=officer)
    series = ConsultationSeries.enter(
        by=officer, agreement=agreement, name="Yearly", rotation=rotation
    )
    task = enter_task(agreement, by=officer)
    trees = Indicator.enter(by=officer, task=task, name="Trees", unit="trees")
    evidence = Document.file(
        ContentFile(b"Counted.", name="count.txt"),
        by=officer,
        agreement=agreement,
        task=task,
        kind=DocumentKind.EVIDENCE,
    )
    Measurement.enter(by=officer, indicator=trees, as_of=SIGNED, value=1, evidence=evidence)
    with pytest.raises(Refused) as refused:
        rotation.remove(by=officer)
    assert (refused.value.guard, str(series) in str(refused.value)) == ("still_needed", True)
    agreement.remove(by=officer)
    assert not Agreement.objects.filter(pk=agreement.pk).exists()
