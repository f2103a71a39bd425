"""The rotating convenor: stored terms are those of the engine, and settled ones stay."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from agreements.agreement import Status
from agreements.ending import end
from agreements.mechanisms import rotating_convenor
from agreements.mechanisms.convenor_changes import Kind
from agreements.mechanisms.convenor_rule import Boundaries
from agreements.mechanisms.convenor_terms import State, convenor_term
from agreements.models import ConvenorTerm, GroupMembership, Rotation, Seat, SpecialGroup
from governance.lifecycle import Refused
from governance.periods import add_months
from governance.record import Event
from tests.cast import (
    TODAY,
    enter_agreement,
    enter_organization,
    enter_party,
    enter_person,
    enter_rotation,
)

pytestmark = pytest.mark.usefixtures("short_horizon")

TEN_YEARS = rotating_convenor.HORIZON_MONTHS
FIRST = date(2026, 1, 1)
RUNNING, NEXT, AFTER_NEXT = date(2027, 1, 1), date(2027, 7, 1), date(2028, 1, 1)


@pytest.fixture
def three(officer, alba, brook, corva):
    """An agreement in force among three."""
    return enter_agreement(alba, brook, corva, by=officer, status=Status.IN_FORCE)


@pytest.fixture
def rotation(officer, three, alba, brook, corva):
    """Half a year each: Alba, Brook, Corva from the first of 2026; today Corva convenes."""
    return enter_rotation(three, alba, brook, corva, by=officer, on=TODAY)


def key(organization):
    return str(organization.public_id)


def stored(rotation):
    """The stored terms as plain data, in order."""
    rows = rotation.terms.order_by("starts_on")
    return [row.planned() for row in rows.prefetch_related("holdings__organization")]


def computed(rotation):
    rotation = Rotation.objects.get(pk=rotation.pk)
    terms = rotation.between(rotation.starts_on, rotation.laid_until)
    return [term for term in terms if term.starts_on is not None]


def holders(rotation):
    """The names of those who serve, term by term."""
    return [
        "+".join(held.organization.name.split()[0] for held in term.holdings.all()) or term.state
        for term in rotation.terms.order_by("starts_on")
    ]


def is_gapless(rotation):
    rows = list(rotation.terms.order_by("starts_on"))
    return all(one.ends_on == other.starts_on for one, other in pairwise(rows))


# laying down


def test_the_horizon_is_ten_years():
    assert TEN_YEARS == 120


def test_terms_are_laid_down_to_the_horizon_without_gap(rotation):
    assert stored(rotation) == computed(rotation)
    assert is_gapless(rotation)
    assert holders(rotation)[:4] == ["Alba", "Brook", "Corva", "Alba"]
    last = rotation.terms.last()
    assert last.ends_on >= add_months(TODAY, 36)
    assert {term.state for term in rotation.terms.all()} == {State.PROJECTED}


@pytest.mark.parametrize("missing", [{"length": None}, {"starts_on": None}])
def test_as_long_as_the_rule_is_not_known_there_are_no_terms(officer, three, alba, missing):
    rotation = enter_rotation(three, alba, by=officer, **missing)
    assert not rotation.terms.exists()
    rotation.edit(by=officer, length=1, unit="year", starts_on=FIRST)
    assert stored(rotation) == computed(rotation) != []


def test_without_seats_there_are_no_terms(officer, three):
    assert not enter_rotation(three, by=officer).terms.exists()


@pytest.mark.parametrize(
    "facts",
    [
        {"length": 1},
        {"length": 90, "unit": "day"},
        {"length": 2, "unit": "year"},
        {"starts_on": date(2026, 1, 31), "length": 1},
        {"starts_on": date(2020, 2, 29), "unit": "year"},
        {"reverse": True},
        {"order": "alphabetical", "reverse": True},
        {"boundaries": Boundaries.EVENT},
        {"basis": "decision"},
    ],
)
def test_the_terms_follow_every_edit_of_the_rule(officer, rotation, facts):
    rotation.edit(by=officer, **facts)
    assert stored(rotation) == computed(rotation) != []


def test_the_terms_follow_the_seats(officer, rotation, three, dunes):
    enter_party(three, dunes, joined_on=FIRST)
    seat = Seat.enter(by=officer, rotation=rotation, organization=dunes, position=4)
    assert stored(rotation) == computed(rotation)
    assert holders(rotation)[:5] == ["Alba", "Brook", "Corva", "University", "Alba"]
    seat.edit(by=officer, position=0)
    assert holders(rotation)[:2] == ["University", "Alba"]
    seat.remove(by=officer)
    assert holders(rotation)[:4] == ["Alba", "Brook", "Corva", "Alba"]
    assert stored(rotation) == computed(rotation)


# every kind of change


CHANGES = {
    Kind.SWAP: {"term_on": NEXT, "other_term_on": AFTER_NEXT},
    Kind.ASSIGN: {"term_on": NEXT, "organization": "corva"},
    Kind.SKIP: {"term_on": NEXT, "organization": "alba"},
    Kind.EXTEND: {"term_on": RUNNING, "ends_on": date(2027, 9, 1)},
    Kind.VACATE: {"term_on": NEXT, "on": date(2027, 8, 1), "then": "next"},
    Kind.ADMIT: {"effective_on": NEXT, "organization": "dunes", "after": "end"},
    Kind.WITHDRAW: {"effective_on": date(2027, 8, 1), "organization": "alba", "then": "next"},
    Kind.REORDER: {"effective_on": NEXT, "seats": ["corva", "dunes", "alba", "brook"]},
}
AFTERWARDS = {
    Kind.SWAP: ["Brook", "Alba", "Corva"],
    Kind.ASSIGN: ["Corva", "Brook", "Corva"],
    Kind.SKIP: ["Brook", "Corva", "Alba"],
    Kind.EXTEND: ["Alba", "Brook", "Corva"],
    Kind.VACATE: ["Alba", "Brook", "Brook"],
    Kind.ADMIT: ["University", "Alba", "Brook"],
    Kind.WITHDRAW: ["Alba", "Brook", "Brook"],
    Kind.REORDER: ["Corva", "University", "Alba"],
}


@pytest.fixture
def change(officer, rotation, three, alba, brook, corva, dunes):
    """Records a change, its facts in the words of the table above."""
    enter_party(three, dunes, joined_on=FIRST)
    keys = {"alba": key(alba), "brook": key(brook), "corva": key(corva), "dunes": key(dunes)}

    def said(value):
        if isinstance(value, list):
            return [{"organization": keys[name]} for name in value]
        return value.isoformat() if isinstance(value, date) else keys.get(value, value)

    def make(kind, facts=None, on=TODAY, **decision):
        words = {name: said(value) for name, value in (facts or CHANGES[kind]).items()}
        return rotation.change(
            kind, by=officer, on=on, facts=words, **{"decided_on": on, **decision}
        )

    return make


def test_the_table_knows_every_kind_of_change():
    assert {*CHANGES, Kind.END} == set(Kind)


@pytest.mark.parametrize("kind", CHANGES)
def test_after_a_change_the_stored_terms_are_those_of_the_engine(rotation, change, kind):
    before = {term.starts_on: term for term in rotation.terms.all()}
    made = change(kind)
    assert stored(rotation) == computed(rotation)
    assert is_gapless(rotation)
    after = list(rotation.terms.order_by("starts_on"))
    assert holders(rotation)[3:6] == AFTERWARDS[kind]
    # What began before stays the very same rows; a term that begins on the same day keeps its id.
    assert after[:2] == [before[FIRST], before[date(2026, 7, 1)]]
    kept = [term for term in after if term.starts_on in before]
    assert kept
    assert all(term.pk == before[term.starts_on].pk for term in kept)
    if kind != Kind.ADMIT:  # a newcomer's turns come of the order itself
        assert str(made.public_id) in str([term.shaped_by for term in after])


@pytest.mark.parametrize("kind", CHANGES)
def test_a_change_revoked_leaves_the_terms_as_if_it_had_not_been_made(
    officer, rotation, change, kind
):
    before = stored(rotation)
    made = change(kind)
    assert stored(rotation) != before
    rotation.revoke(made, by=officer, on=TODAY)
    assert stored(rotation) == before
    assert Event.objects.of(made).last().verb == "revoke"
    with pytest.raises(Refused) as refused:
        rotation.revoke(made, by=officer, on=TODAY, reason="Again")
    assert refused.value.guard == "revoked"


def test_a_change_that_has_taken_effect_is_revoked_with_a_reason(officer, rotation, change):
    made = change(Kind.ASSIGN, {"term_on": RUNNING, "organization": "alba"}, reason="Decided so")
    with pytest.raises(ValidationError) as refused:
        rotation.revoke(made, by=officer, on=TODAY, reason=" ")
    assert set(refused.value.error_dict) == {"reason"}
    rotation.revoke(made, by=officer, on=TODAY, reason="Typed wrongly")
    assert stored(rotation) == computed(rotation)


@pytest.mark.parametrize("kind", CHANGES)
def test_a_preview_shows_before_and_after_and_stores_nothing(rotation, change, kind):
    before, events = stored(rotation), Event.objects.count()
    made = change(kind)
    facts, after = made.terms_of_change, stored(rotation)
    rotation.revoke(made, by=None, on=TODAY, reason="To look first")
    events = Event.objects.count()
    shown_before, shown_after = rotation.preview(
        kind, on=TODAY, facts=facts, decided_on=TODAY, reason=""
    )
    assert Event.objects.count() == events
    assert stored(rotation) == before

    def plain(terms):
        return [(term.starts_on, term.ends_on, term.turn, term.holders) for term in terms]

    assert plain(shown_before)[: len(before)] == plain(before)[: len(shown_before)]
    assert plain(shown_after)[:8] == plain(after)[:8]


def test_changes_are_numbered_in_the_order_of_recording(change):
    numbers = [change(kind).number for kind in (Kind.ADMIT, Kind.EXTEND)]
    assert numbers == [1, 2]


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        (Kind.SWAP, {"term_on": FIRST, "other_term_on": NEXT}),
        (Kind.ASSIGN, {"term_on": RUNNING, "organization": "alba"}),
        (Kind.WITHDRAW, {"effective_on": RUNNING, "organization": "alba", "then": "next"}),
    ],
)
def test_a_correction_of_the_past_needs_a_reason(rotation, change, kind, facts):
    before = stored(rotation)
    with pytest.raises(ValidationError) as refused:
        change(kind, facts)
    assert set(refused.value.error_dict) == {"reason"}
    assert stored(rotation) == before
    change(kind, facts, reason="It was decided so")
    assert stored(rotation) == computed(rotation) != before


@pytest.mark.parametrize(
    ("kind", "facts"),
    [
        (Kind.SWAP, {"term_on": NEXT, "other_term_on": NEXT}),
        (Kind.SKIP, {"term_on": NEXT, "organization": "brook"}),
        (Kind.ASSIGN, {"term_on": date(2027, 7, 2), "organization": "brook"}),
        (Kind.EXTEND, {"term_on": NEXT, "ends_on": NEXT}),
        (Kind.END, {"term_on": NEXT, "ends_on": AFTER_NEXT}),
        (Kind.ADMIT, {"effective_on": NEXT, "organization": "alba"}),
        (Kind.WITHDRAW, {"effective_on": NEXT, "organization": "dunes"}),
        (Kind.REORDER, {"effective_on": NEXT, "seats": ["alba", "alba"]}),
    ],
)
def test_a_change_that_cannot_be_is_refused_and_leaves_nothing(rotation, change, kind, facts):
    before, events = stored(rotation), Event.objects.count()
    with pytest.raises((Refused, ValidationError)):
        change(kind, facts)
    assert stored(rotation) == before
    assert not rotation.changes.exists()
    assert Event.objects.count() == events


def test_only_a_party_is_admitted(rotation, change):
    stranger = enter_organization("Stranger")
    with pytest.raises(ValidationError) as refused:
        change(Kind.ADMIT, {"effective_on": NEXT, "organization": key(stranger)})
    assert set(refused.value.error_dict) == {"organization"}
    assert not rotation.changes.exists()


def test_a_change_against_an_older_version_is_stale(officer, rotation, change):
    seen = rotation.version
    rotation.edit(by=officer, name="Presidency")
    with pytest.raises(Exception, match="changed meanwhile"):
        change(Kind.SWAP, version=seen)


# terms that end by event


@pytest.fixture
def by_event(officer, three, alba, brook, corva):
    return enter_rotation(three, alba, brook, corva, by=officer, boundaries=Boundaries.EVENT)


def close(rotation, officer, term_on, ends_on):
    return rotation.change(
        Kind.END,
        by=officer,
        on=ends_on,
        facts={"term_on": term_on.isoformat(), "ends_on": ends_on.isoformat()},
        decided_on=ends_on,
    )


def test_a_term_that_ends_by_event_stays_open_until_the_day_is_set(officer, by_event):
    [open_term] = by_event.terms.all()
    assert (open_term.starts_on, open_term.ends_on) == (FIRST, None)
    assert open_term.expected_ends_on == date(2026, 7, 1)
    day = date(2026, 9, 3)
    made = close(by_event, officer, FIRST, day)
    assert holders(by_event) == ["Alba", "Brook"]
    first, second = by_event.terms.order_by("starts_on")
    assert (first.pk, first.ends_on) == (open_term.pk, day)
    assert (second.starts_on, second.ends_on) == (day, None)
    assert stored(by_event) == computed(by_event)
    by_event.revoke(made, by=officer, on=day, reason="It did not take place")
    [again] = by_event.terms.all()
    assert (again.pk, again.ends_on) == (open_term.pk, None)


# confirmed terms


def confirm(rotation, officer, day):
    term = rotation.terms.get(starts_on=day)
    return term.confirm(by=officer, on=TODAY)


def test_a_term_is_confirmed_once(officer, rotation):
    term = confirm(rotation, officer, NEXT)
    assert (term.state, Event.objects.of(term).last().verb) == (State.CONFIRMED, "confirm")
    with pytest.raises(Refused) as refused:
        term.confirm(by=officer, on=TODAY)
    assert refused.value.guard == "confirmed"


@pytest.mark.parametrize("state", [State.UNDECIDED, State.VACANT])
def test_a_term_that_nobody_holds_is_not_confirmed(officer, rotation, state):
    term = rotation.terms.get(starts_on=NEXT)
    ConvenorTerm.objects.filter(pk=term.pk).update(state=state)
    with pytest.raises(Refused) as refused:
        term.confirm(by=officer, on=TODAY)
    assert refused.value.guard == "no_holder"


@pytest.mark.parametrize("kind", [Kind.SWAP, Kind.ASSIGN, Kind.SKIP, Kind.REORDER])
def test_no_change_alters_a_confirmed_term(officer, rotation, change, kind):
    confirm(rotation, officer, NEXT)
    before = stored(rotation)
    with pytest.raises(Refused) as refused:
        change(kind)
    assert "1 July 2027" in str(refused.value)
    assert stored(rotation) == before


def test_a_term_stays_confirmed_when_later_ones_change(officer, rotation, change):
    confirm(rotation, officer, NEXT)
    change(Kind.EXTEND, {"term_on": AFTER_NEXT, "ends_on": date(2028, 9, 1)})
    assert rotation.terms.get(starts_on=NEXT).state == State.CONFIRMED
    assert stored(rotation) == computed(rotation)


@pytest.mark.parametrize("facts", [{"length": 3}, {"unit": "year"}, {"starts_on": NEXT}])
def test_an_edit_of_the_rule_does_not_alter_a_confirmed_term(officer, rotation, facts):
    confirm(rotation, officer, date(2026, 7, 1))
    before = stored(rotation)
    with pytest.raises(Refused) as refused:
        rotation.edit(by=officer, **facts)
    assert refused.value.guard == "term_is_confirmed"
    rotation.refresh_from_db()
    assert stored(rotation) == before == computed(rotation)


def test_a_seat_entered_or_taken_out_does_not_alter_a_confirmed_term(
    officer, rotation, three, dunes
):
    enter_party(three, dunes, joined_on=FIRST)
    confirm(rotation, officer, NEXT)
    before = stored(rotation)
    with pytest.raises(Refused):
        Seat.enter(by=officer, rotation=rotation, organization=dunes, position=4)
    with pytest.raises(Refused):
        rotation.seats.get(position=2).remove(by=officer)
    with pytest.raises(Refused):
        rotation.seats.get(position=1).edit(by=officer, left_on=NEXT)
    assert stored(rotation) == before
    assert rotation.seats.count() == 3


def test_a_change_on_which_a_confirmed_term_rests_is_not_revoked(officer, rotation, change):
    made = change(Kind.ASSIGN)
    confirm(rotation, officer, NEXT)
    before = stored(rotation)
    with pytest.raises(Refused):
        rotation.revoke(made, by=officer, on=TODAY, reason="Second thoughts")
    assert stored(rotation) == before


# rows


def test_two_terms_of_one_rotation_never_overlap_in_the_database(rotation, three, officer):
    row = rotation.terms.get(starts_on=NEXT)
    with pytest.raises(IntegrityError), transaction.atomic():
        rotation.terms.filter(pk=row.pk).update(starts_on=NEXT - timedelta(days=1))
    with pytest.raises(IntegrityError), transaction.atomic():
        ConvenorTerm.objects.create(rotation=rotation, starts_on=date(2027, 8, 1))
    other = enter_rotation(three, by=officer, name="Other")
    assert ConvenorTerm.objects.create(rotation=other, starts_on=date(2027, 8, 1)).pk


def test_a_seat_belongs_to_a_party_and_to_nobody_twice(officer, rotation, alba, dunes):
    for organization, code in [(dunes, "not_a_party"), (alba, "")]:
        with pytest.raises(ValidationError) as refused:
            Seat.enter(by=officer, rotation=rotation, organization=organization)
        assert not code or refused.value.error_dict["organization"][0].code == code


def test_a_seat_of_a_groups_rotation_belongs_to_a_member_of_the_group(officer, three, dunes):
    group = SpecialGroup.enter(by=officer, agreement=three, name="Rivers")
    rotation = enter_rotation(three, by=officer, group=group)
    with pytest.raises(ValidationError):
        Seat.enter(by=officer, rotation=rotation, organization=dunes)
    GroupMembership.enter(by=officer, group=group, organization=dunes)
    assert Seat.enter(by=officer, rotation=rotation, organization=dunes).pk
    assert convenor_term(three, TODAY) is None


def test_a_term_keeps_its_person_until_another_serves_it(officer, rotation, change, alba):
    person = enter_person("Ann", alba)
    rotation.terms.get(starts_on=NEXT).edit(by=officer, person=person)
    change(Kind.EXTEND, {"term_on": NEXT, "ends_on": date(2028, 3, 1)})
    assert rotation.terms.get(starts_on=NEXT).person == person
    change(Kind.SWAP, {"term_on": NEXT, "other_term_on": date(2028, 3, 1)})
    assert rotation.terms.get(starts_on=NEXT).person is None


# who convenes


def test_who_convenes_is_one_query_and_two_for_the_names(
    rotation, three, django_assert_num_queries
):
    days = [
        (date(2025, 12, 31), None),
        (FIRST, "Alba District"),
        (date(2026, 6, 30), "Alba District"),
        (date(2026, 7, 1), "Brook District"),
        (TODAY, "Corva Ltd"),
        (NEXT, "Alba District"),
    ]
    for day, name in days:
        with django_assert_num_queries(3 if name else 1):
            term = convenor_term(three, day)
            found = [held.organization.name for held in term.holdings.all()] if term else None
        assert found == ([name] if name else None), day
        assert term is None or term.is_current(day)


def test_the_twins_agree_on_which_term_holds_a_day(rotation):
    for shift in (-1, 0, 1):
        for edge in (FIRST, RUNNING, NEXT):
            day = edge + timedelta(days=shift)
            found = set(ConvenorTerm.objects.current(day))
            assert found == {term for term in rotation.terms.all() if term.is_current(day)}


def test_behind_the_end_of_the_agreement_no_term_begins(officer, rotation, three, change):
    confirm(rotation, officer, AFTER_NEXT)
    end(three, "terminate", by=officer, on=TODAY, reason="Done")
    kept = list(rotation.terms.order_by("starts_on").values_list("starts_on", flat=True))
    assert kept == [FIRST, date(2026, 7, 1), RUNNING, AFTER_NEXT]
    Rotation.objects.get(pk=rotation.pk).lay_down(TODAY)
    assert rotation.terms.count() == 4


@pytest.mark.parametrize(
    "facts",
    [
        {"starts_on": date(9998, 1, 1)},
        {"length": 32767, "unit": "year"},
        {"length": 9000, "unit": "year"},
        {"length": 0},
    ],
)
def test_a_rule_beyond_the_calendar_is_refused_or_laid_down_but_never_breaks(
    officer, three, alba, facts
):
    fields = set()
    try:
        enter_rotation(three, alba, by=officer, **facts)
    except ValidationError as refused:
        fields = set(refused.error_dict)
    assert fields <= {"starts_on", "length"}
    assert ConvenorTerm.objects.count() <= 4


def test_nobody_convenes_behind_the_end_of_the_agreement(officer, agreement, alba, brook):
    rotation = enter_rotation(agreement, alba, brook, by=officer, on=TODAY)
    end(agreement, "terminate", by=officer, on=TODAY, reason="Done")
    rotation.refresh_from_db()
    before, current, following = rotation.around(TODAY)
    assert before is not None and before.ends_on == TODAY
    assert (current, following) == (None, None)
    assert rotation.between(date(2026, 1, 1), date(2030, 1, 1))[-1] == before
