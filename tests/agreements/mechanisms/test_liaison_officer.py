"""Liaison officers: one primary per party on any day, and no party without one unnoticed."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import ValidationError

from agreements import membership
from agreements.agreement import Status
from agreements.mechanisms.liaison_coverage import coverage, uncovered, uncovered_soon
from agreements.mechanisms.liaison_naming import appoint as appoint_all
from agreements.mechanisms.liaison_naming import report_absence
from agreements.mechanisms.liaison_officer import Rank, contact_on, contacts_on
from agreements.models import Article, LiaisonAbsence, LiaisonAppointment, Party
from agreements.party import Role
from governance.lifecycle import Refused, Stale
from governance.record import Event
from tests.cast import SIGNED, TODAY, enter_agreement, enter_organization, enter_party, enter_person

FIRST, CHANGE, LAST = date(2026, 3, 1), date(2027, 1, 1), date(2028, 1, 1)


@pytest.fixture
def party(agreement, alba):
    return agreement.party_set.get(organization=alba)


def appoint(party, name="Ann", **facts):
    return LiaisonAppointment.enter(
        by=None, party=party, person=enter_person(name), **{"starts_on": FIRST, **facts}
    )


# one primary on any day


@pytest.mark.parametrize(
    "period",
    [
        {"starts_on": CHANGE},
        {"starts_on": None, "ends_on": LAST},
        {"starts_on": LAST - timedelta(days=1), "ends_on": LAST},
        {"starts_on": None},
    ],
)
def test_a_party_has_one_primary_liaison_officer_on_any_day(party, period):
    appoint(party, ends_on=LAST)
    with pytest.raises(ValidationError) as refused:
        appoint(party, "Bea", **period)
    assert [error.code for error in refused.value.error_dict["starts_on"]] == ["overlap"]


def test_a_successor_may_be_entered_before_the_predecessor_leaves(party):
    appoint(party, ends_on=CHANGE)
    successor = appoint(party, "Bea", starts_on=CHANGE)
    in_post = [
        set(LiaisonAppointment.objects.current(day).values_list("person__name", flat=True))
        for day in (FIRST, CHANGE - timedelta(days=1), CHANGE, LAST)
    ]
    assert in_post == [{"Ann"}, {"Ann"}, {"Bea"}, {"Bea"}]
    with pytest.raises(ValidationError):
        successor.edit(by=None, starts_on=CHANGE - timedelta(days=1))


def test_deputies_stand_beside_the_primary_and_beside_each_other(party):
    appoint(party)
    for name in ("Bea", "Cy"):
        appoint(party, name, rank=Rank.DEPUTY)
    assert party.liaison_appointments.count() == 3
    with pytest.raises(ValidationError):
        party.liaison_appointments.filter(rank=Rank.DEPUTY).first().edit(by=None, rank="primary")


def test_every_party_has_its_own(party, agreement, brook):
    appoint(party)
    other = agreement.party_set.get(organization=brook)
    assert appoint(other, "Bea").pk


# relieving


def test_relieving_ends_an_appointment_on_the_first_day_out_of_post(party):
    appointment = appoint(party)
    appointment.relieve(by=None, on=CHANGE, reason="Another post")
    assert not appointment.is_current(CHANGE)
    assert appointment.is_current(CHANGE - timedelta(days=1))
    assert appoint(party, "Bea", starts_on=CHANGE).is_current(CHANGE)


@pytest.mark.parametrize("day", [FIRST, FIRST - timedelta(days=1)])
def test_nobody_is_relieved_before_they_began(party, day):
    with pytest.raises(ValidationError) as refused:
        appoint(party).relieve(by=None, on=day)
    assert refused.value.error_dict["on"][0].code == "dates_out_of_order"


def test_who_has_served_since_an_unknown_day_can_be_relieved(party):
    appointment = appoint(party, starts_on=None)
    appointment.relieve(by=None, on=CHANGE)
    assert appointment.ends_on == CHANGE


def test_relieving_later_does_not_run_into_the_successor(party):
    appointment = appoint(party, ends_on=CHANGE)
    appoint(party, "Bea", starts_on=CHANGE)
    with pytest.raises(Refused) as refused:
        appointment.relieve(by=None, on=LAST)
    assert refused.value.guard == "ended"
    assert LiaisonAppointment.objects.get(pk=appointment.pk).ends_on == CHANGE


def test_nobody_is_named_for_a_party_that_is_gone(officer, party, alba, brook):
    membership.withdraw(party, by=officer, on=TODAY, effective_on=TODAY, reason="Elsewhere")
    ended = enter_agreement(alba, brook, by=officer, status=Status.ENDED)
    for gone, guard in (
        (party, "has_left"),
        (ended.party_set.get(organization=alba), "agreement_over"),
    ):
        with pytest.raises(Refused) as refused:
            appoint(gone)
        assert refused.value.guard == guard
        assert not gone.liaison_appointments.exists()


def test_relieving_against_an_older_version_is_stale(party):
    appointment = appoint(party)
    seen = appointment.version
    appointment.edit(by=None, source="Letter")
    with pytest.raises(Stale):
        appointment.relieve(by=None, on=CHANGE, version=seen)


def test_an_article_of_another_agreement_is_refused_at_its_field(officer, party, brook):
    other = enter_agreement(brook, by=officer)
    article = Article.enter(by=officer, agreement=other, number="1")
    with pytest.raises(ValidationError) as refused:
        appoint(party, article=article)
    assert set(refused.value.error_dict) == {"article"}


# standing in


AWAY, BACK = date(2026, 6, 1), date(2026, 6, 15)


def away(appointment, **facts):
    return LiaisonAbsence.enter(
        by=None, appointment=appointment, **{"starts_on": AWAY, "ends_on": BACK, **facts}
    )


def spoken_for_by(party, *days):
    found = (contact_on(party, day) for day in days)
    return [contact and str(contact.person) for contact in found]


AROUND = (AWAY - timedelta(days=1), AWAY, BACK - timedelta(days=1), BACK)


def test_the_deputy_stands_in_while_the_liaison_officer_is_away(party):
    appoint(party, "Bea", rank=Rank.DEPUTY)
    away(appoint(party))
    assert spoken_for_by(party, *AROUND) == ["Ann", "Bea", "Bea", "Ann"]


def test_without_a_deputy_at_work_nobody_stands_in(party):
    away(appoint(party))
    assert spoken_for_by(party, *AROUND) == ["Ann", None, None, "Ann"]
    deputy = appoint(party, "Bea", rank=Rank.DEPUTY)
    away(deputy, ends_on=BACK - timedelta(days=1))
    assert spoken_for_by(party, *AROUND) == ["Ann", None, "Bea", "Ann"]


def test_a_deputy_speaks_for_a_party_without_a_liaison_officer(party):
    appoint(party, "Bea", rank=Rank.DEPUTY, starts_on=AWAY)
    assert spoken_for_by(party, *AROUND) == [None, "Bea", "Bea", "Bea"]


def test_an_absence_without_an_end_lasts_until_they_are_back(party):
    absence = away(appoint(party), ends_on=None)
    assert spoken_for_by(party, AWAY, LAST) == [None, None]
    absence.come_back(by=None, on=BACK)
    assert spoken_for_by(party, *AROUND) == ["Ann", None, None, "Ann"]
    with pytest.raises(Refused) as refused:
        absence.come_back(by=None, on=BACK)
    assert refused.value.guard == "ended"


def test_an_absence_is_withdrawn_before_it_begins_and_ended_afterwards(party):
    absence = away(appoint(party))
    ahead, begun = AWAY - timedelta(days=1), AWAY
    assert absence.refusal("come_back", ahead).guard == "not_begun"
    for day in (begun, BACK):
        with pytest.raises(Refused) as refused:
            absence.withdraw(by=None, on=day)
        assert refused.value.guard == "begun"
    assert absence.refusal("come_back", begun) is None
    absence.withdraw(by=None, on=ahead, reason="The journey is off")
    assert not LiaisonAbsence.objects.exists()
    event = Event.objects.of(absence).last()
    assert (event.verb, event.reason) == ("delete", "The journey is off")


@pytest.mark.parametrize(
    ("period", "field", "code"),
    [
        ({"starts_on": FIRST - timedelta(days=1)}, "starts_on", "out_of_post"),
        ({"starts_on": CHANGE, "ends_on": LAST}, "starts_on", "out_of_post"),
        ({"ends_on": AWAY}, "ends_on", "dates_out_of_order"),
        ({"starts_on": BACK - timedelta(days=1), "ends_on": None}, "starts_on", "overlap"),
    ],
)
def test_absences_lie_in_the_time_in_post_and_apart(party, period, field, code):
    appointment = appoint(party, ends_on=CHANGE)
    away(appointment)
    with pytest.raises(ValidationError) as refused:
        away(appointment, **period)
    assert [error.code for error in refused.value.error_dict[field]] == [code]


def test_whom_to_tell_is_asked_for_all_parties_at_once(
    party, agreement, brook, django_assert_num_queries
):
    other = agreement.party_set.get(organization=brook)
    appoint(party)
    appoint(other, "Cy", rank=Rank.DEPUTY)
    with django_assert_num_queries(1):
        found = contacts_on([party, other], AWAY)
        assert {key: str(one.person) for key, one in found.items()} == {
            party.pk: "Ann",
            other.pk: "Cy",
        }


def test_the_twins_agree_on_who_is_at_work(party):
    appointment = appoint(party, ends_on=CHANGE)
    absence = away(appointment)
    for edge in (FIRST, AWAY, BACK, CHANGE):
        for shift in (-1, 0, 1):
            day = edge + timedelta(days=shift)
            at_work = LiaisonAppointment.objects.at_work(day).exists()
            assert at_work == appointment.is_at_work(day), day
            assert LiaisonAbsence.objects.current(day).exists() == absence.is_current(day), day


# coverage


def names(parties):
    return {str(party) for party in parties}


def test_a_party_is_covered_on_exactly_the_days_of_its_primary(party):
    appoint(party, ends_on=CHANGE)
    appoint(party, "Bea", rank=Rank.DEPUTY)
    for day, covered in [
        (FIRST - timedelta(days=1), False),
        (FIRST, True),
        (CHANGE - timedelta(days=1), True),
        (CHANGE, False),
    ]:
        missing = names(uncovered(Party.objects.all(), day))
        assert missing == {"Brook District"} | (set() if covered else {"Alba District"}), day


@pytest.mark.parametrize("status", Status)
def test_only_agreements_that_are_alive_owe_liaison_officers(officer, alba, brook, status):
    enter_agreement(alba, brook, by=officer, status=status)
    alive = status in {Status.SIGNED, Status.IN_FORCE, Status.SUSPENDED}
    assert uncovered(Party.objects.all(), TODAY).count() == (2 if alive else 0)


def test_only_parties_owe_liaison_officers_and_only_while_they_belong(officer, agreement):
    for role in (Role.OBSERVER, Role.IMPLEMENTING_BODY, Role.GUARANTOR):
        enter_party(agreement, enter_organization(role.label), role=role)
    enter_party(agreement, enter_organization("Left"), withdrawn_on=TODAY)
    enter_party(agreement, enter_organization("Later"), joined_on=TODAY + timedelta(days=1))
    found = names(uncovered(Party.objects.all(), TODAY))
    assert found == {"Alba District", "Brook District"}


def test_coverage_is_asked_of_the_parties_one_may_see(agreement, alba):
    own = Party.objects.filter(organization=alba)
    assert names(uncovered(own, TODAY)) == {"Alba District"}


@pytest.mark.parametrize(
    ("ends_in", "soon"), [(1, True), (30, True), (31, False), (0, False), (None, False)]
)
def test_a_gap_within_thirty_days_is_foreseen(party, ends_in, soon):
    ends_on = None if ends_in is None else TODAY + timedelta(days=ends_in)
    appoint(party, ends_on=ends_on)
    found = names(uncovered_soon(Party.objects.all(), TODAY))
    assert found == ({"Alba District"} if soon else set())


def test_a_successor_in_time_leaves_no_gap(party):
    appoint(party, ends_on=TODAY + timedelta(days=10))
    appoint(party, "Bea", starts_on=TODAY + timedelta(days=10))
    assert not uncovered_soon(Party.objects.all(), TODAY).exists()


def test_the_twins_agree_on_who_is_in_post(party):
    appointment = appoint(party, ends_on=CHANGE)
    for edge in (FIRST, SIGNED, CHANGE):
        for shift in (-1, 0, 1):
            day = edge + timedelta(days=shift)
            assert LiaisonAppointment.objects.current(day).exists() == appointment.is_current(day)


# coverage party by party


def everything(model):
    return model.objects.all()


def cover(party, on=TODAY):
    return coverage(Party.objects.filter(pk=party.pk), on, rows_of=everything)[0]


def test_a_gap_that_a_successor_closes_again_is_foreseen_too(party):
    gap = TODAY + timedelta(days=5)
    appoint(party, ends_on=gap)
    appoint(party, "Bea", starts_on=gap + timedelta(days=3))
    assert names(uncovered_soon(Party.objects.all(), TODAY)) == {"Alba District"}
    found = cover(party)
    assert (str(found.successor.person), found.vacant_from, found.gap_from) == ("Bea", gap, gap)


def test_who_leaves_before_their_officer_has_no_gap(party):
    appoint(party, ends_on=TODAY + timedelta(days=10))
    Party.objects.filter(pk=party.pk).update(withdrawn_on=TODAY + timedelta(days=5))
    assert not uncovered_soon(Party.objects.all(), TODAY).exists()
    assert cover(party).gap_from is None


def test_who_joins_soon_without_an_officer_is_foreseen(agreement, party):
    appoint(party)
    joins = enter_party(
        agreement, enter_organization("Later"), signed_on=TODAY, joined_on=TODAY + timedelta(days=9)
    )
    assert names(uncovered_soon(Party.objects.all(), TODAY)) == {str(joins)}


def test_coverage_says_who_is_in_post_who_stands_in_and_until_when_nobody_is_missing(party):
    officer, deputy = appoint(party), appoint(party, "Bea", rank=Rank.DEPUTY)
    away(officer, starts_on=TODAY, ends_on=TODAY + timedelta(days=9))
    found = cover(party)
    assert (found.officer, found.deputies, found.contact) == (officer, [deputy], deputy)
    assert found.is_stood_in_for and found.absence is not None
    assert found.gap_from is None
    later = TODAY + timedelta(days=4)
    away(deputy, starts_on=later, ends_on=later + timedelta(days=1))
    assert (cover(party).silent_from, cover(party).vacant_from) == (later, None)


def test_a_party_without_anybody_has_its_gap_today(party):
    found = cover(party)
    assert (found.contact, found.vacant_from, found.silent_from) == (None, TODAY, TODAY)


def test_coverage_agrees_with_whom_notices_go_to(party):
    away(appoint(party, ends_on=CHANGE))
    appoint(party, "Bea", rank=Rank.DEPUTY, starts_on=BACK - timedelta(days=3))
    for edge in (FIRST, AWAY, BACK, CHANGE):
        for shift in (-4, -1, 0, 1):
            day = edge + timedelta(days=shift)
            assert cover(party, day).contact == contact_on(party, day), day
            missing = uncovered(Party.objects.filter(pk=party.pk), day).exists()
            assert (cover(party, day).vacant_from == day) == missing, day


def test_three_parties_are_covered_in_as_many_queries_as_one(
    agreement, party, django_assert_num_queries
):
    away(appoint(party), starts_on=TODAY, ends_on=None)
    with django_assert_num_queries(3):
        coverage(Party.objects.filter(pk=party.pk), TODAY, rows_of=everything)
    with django_assert_num_queries(3):
        assert len(coverage(Party.objects.all(), TODAY, rows_of=everything)) == 2


# several at once, and one after the other


@pytest.fixture
def parties(officer, party, alba, brook):
    """Alba's parties in two agreements."""
    other = enter_agreement(alba, brook, by=officer, status=Status.IN_FORCE)
    return [party, other.party_set.get(organization=alba)]


def test_one_person_is_named_for_several_agreements_at_once(parties):
    made = appoint_all(parties, by=None, on=TODAY, person=enter_person("Ann"), starts_on=TODAY)
    assert [one.party for one in made] == parties
    assert len({one.person_id for one in made}) == 1


def test_naming_for_several_is_all_or_nothing(parties):
    appoint(parties[1])
    with pytest.raises(ValidationError):
        appoint_all(parties, by=None, on=TODAY, person=enter_person("Bea"), starts_on=TODAY)
    assert not parties[0].liaison_appointments.exists()


def test_naming_may_end_the_predecessors_in_the_same_act(parties):
    former = appoint(parties[1])
    appoint_all(
        parties, by=None, on=TODAY, person=enter_person("Bea"), starts_on=CHANGE,
        end_predecessor=True,
    )  # fmt: skip
    former.refresh_from_db()
    assert former.ends_on == CHANGE
    for party in parties:
        assert str(contact_on(party, CHANGE).person) == "Bea"


def test_an_absence_is_reported_for_several_agreements_at_once(parties):
    posts = [appoint(party, name) for party, name in zip(parties, ("Ann", "Bea"), strict=True)]
    report_absence(posts, by=None, on=TODAY, starts_on=AWAY, ends_on=BACK)
    assert LiaisonAbsence.objects.count() == 2
    with pytest.raises(ValidationError):
        report_absence(posts, by=None, on=TODAY, starts_on=BACK - timedelta(days=1))
    assert LiaisonAbsence.objects.count() == 2


def test_a_successor_takes_over_in_one_act(party):
    former = appoint(party)
    follows = former.succeed(by=None, on=CHANGE, person=enter_person("Bea"), reason="New post")
    assert (former.ends_on, follows.starts_on, follows.rank) == (CHANGE, CHANGE, former.rank)
    verbs = Event.objects.filter(scope_id=party.agreement.public_id, reason="New post")
    assert set(verbs.values_list("verb", flat=True)) == {"relieve", "create"}


def test_a_deputy_who_takes_over_is_deputy_no_longer(party):
    officer = appoint(party, "Ann", starts_on=date(2026, 3, 1))
    deputy = appoint(party, "Bea", rank=Rank.DEPUTY, starts_on=date(2026, 3, 1))
    officer.succeed(by=None, on=TODAY, person=deputy.person)
    deputy.refresh_from_db()
    assert deputy.ends_on == TODAY
    held = party.liaison_appointments.current(TODAY)
    assert [(one.person, one.rank) for one in held] == [(deputy.person, Rank.PRIMARY)]


@pytest.mark.parametrize("starts_on", [TODAY, TODAY + timedelta(days=1), LAST])
def test_a_deputy_to_be_who_takes_over_before_never_is_one(party, starts_on):
    officer = appoint(party)
    deputy = appoint(party, "Bea", rank=Rank.DEPUTY, starts_on=starts_on)
    officer.succeed(by=None, on=TODAY, person=deputy.person)
    assert not party.liaison_appointments.filter(rank=Rank.DEPUTY).exists()


def test_whoever_is_named_officer_is_deputy_no_longer_but_may_be_again_behind_it(party):
    bea = appoint(party, "Bea", rank=Rank.DEPUTY).person
    again = LiaisonAppointment.enter(
        by=None, party=party, person=bea, rank=Rank.DEPUTY, starts_on=LAST
    )
    appoint(party, "Cy", rank=Rank.DEPUTY)
    appoint_all([party], by=None, on=TODAY, person=bea, starts_on=TODAY, ends_on=LAST)
    held = party.liaison_appointments.filter(person=bea, rank=Rank.DEPUTY).order_by("starts_on")
    assert [(one.starts_on, one.ends_on) for one in held] == [(FIRST, TODAY), (LAST, None)]
    assert again in held and party.liaison_appointments.current(TODAY).count() == 2


def test_a_successor_after_the_end_leaves_the_gap_to_be_seen(party):
    former = appoint(party, ends_on=CHANGE)
    former.succeed(by=None, on=LAST, person=enter_person("Bea"))
    assert former.ends_on == CHANGE
    assert cover(party, CHANGE).vacant_from == CHANGE


def test_whoever_is_relieved_is_absent_no_longer(party):
    post = appoint(party)
    running, later = away(post, ends_on=None), None
    running.come_back(by=None, on=BACK)
    later = away(post, starts_on=CHANGE, ends_on=None)
    post.relieve(by=None, on=BACK - timedelta(days=1))
    running.refresh_from_db()
    assert running.ends_on == BACK - timedelta(days=1)
    assert not LiaisonAbsence.objects.filter(pk=later.pk).exists()
