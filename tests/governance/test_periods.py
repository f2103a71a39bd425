"""Half-open periods: the arithmetic of months, days within a period, and no overlaps, ever."""

from calendar import monthrange
from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from actors.models import Appointment
from agreements.mechanisms.liaison_officer import Rank
from agreements.models import GroupMembership, LiaisonAppointment, SpecialGroup
from governance.periods import add_months, covers, on_day, overlapping
from tests.cast import enter_agreement, enter_party, enter_person

DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31))
MONTHS = st.integers(min_value=-1200, max_value=1200)

FIRST, MIDDLE, LAST = date(2027, 1, 1), date(2027, 1, 15), date(2027, 2, 1)
# Every kind of period: unknown start, open end, both, one day, before and after.
PERIODS = [
    (None, None),
    (None, FIRST),
    (None, LAST),
    (FIRST, None),
    (LAST, None),
    (FIRST, LAST),
    (FIRST, MIDDLE),
    (MIDDLE, LAST),
    (FIRST, FIRST + timedelta(days=1)),
    (LAST - timedelta(days=1), LAST),
]
TABLE_OF_DAYS = [
    day + timedelta(days=shift) for day in (FIRST, MIDDLE, LAST) for shift in (-1, 0, 1)
]


# months


@pytest.mark.parametrize(
    ("day", "months", "result"),
    [
        ("2027-01-31", 1, "2027-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2028-02-29", 12, "2029-02-28"),
        ("2027-01-31", 2, "2027-03-31"),
        ("2027-03-31", -1, "2027-02-28"),
        ("2027-01-15", -1, "2026-12-15"),
        ("2027-12-31", 1, "2028-01-31"),
        ("2027-12-31", 0, "2027-12-31"),
        ("2028-02-29", -48, "2024-02-29"),
    ],
)
def test_a_day_that_the_month_does_not_have_becomes_its_last(day, months, result):
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(result)


@given(DAYS, MONTHS)
def test_months_lead_to_the_month_counted_and_to_the_same_day_or_the_last(day, months):
    moved = add_months(day, months)
    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == months
    assert moved.day == min(day.day, monthrange(moved.year, moved.month)[1])


@given(DAYS, DAYS, MONTHS)
def test_months_keep_the_order_of_days(one, other, months):
    early, late = sorted((one, other))
    assert add_months(early, months) <= add_months(late, months)


@given(DAYS, st.integers(1, 60), st.integers(1, 60))
def test_several_steps_counted_from_the_first_day_never_lose_its_day(day, length, steps):
    ends = [add_months(day, length * step) for step in range(steps)]
    assert all(later > earlier for earlier, later in pairwise(ends))
    assert {end.day for end in ends if monthrange(end.year, end.month)[1] >= day.day} <= {day.day}


# days within a period


@given(st.none() | DAYS, st.none() | DAYS, DAYS)
def test_a_period_holds_its_first_day_and_not_its_last(start, end, day):
    held = (start or date.min) <= day < (end or date.max)
    assert covers(start, end, day) == held


@pytest.fixture
def post(today, alba):
    return enter_person("Somebody"), alba


@pytest.mark.parametrize("period", PERIODS)
def test_the_query_finds_a_period_on_exactly_the_days_that_it_covers(post, period):
    person, organization = post
    row = Appointment.enter(
        by=None, person=person, organization=organization, starts_on=period[0], ends_on=period[1]
    )
    for day in TABLE_OF_DAYS:
        found = Appointment.objects.filter(on_day(day)).exists()
        assert found == covers(*period, day) == row.is_current(day), day
        assert found == Appointment.objects.current(day).exists()


def test_two_periods_overlap_if_and_only_if_a_day_lies_in_both(post):
    person, organization = post
    for one in PERIODS:
        Appointment.objects.all().delete()
        Appointment.objects.create(
            person=person, organization=organization, starts_on=one[0], ends_on=one[1]
        )
        for other in PERIODS:
            rows = Appointment.objects.filter(overlapping(*other, start="starts_on", end="ends_on"))
            assert rows.exists() == share_a_day(one, other), (one, other)


def share_a_day(one, other):
    start = max(one[0] or date.min, other[0] or date.min)
    return start < min(one[1] or date.max, other[1] or date.max)


@pytest.mark.parametrize("end", [FIRST, FIRST - timedelta(days=1)])
def test_a_period_of_no_day_is_refused_at_its_end(post, end):
    person, organization = post
    with pytest.raises(ValidationError) as refused:
        Appointment.enter(
            by=None, person=person, organization=organization, starts_on=FIRST, ends_on=end
        )
    assert [error.code for error in refused.value.error_dict["ends_on"]] == ["dates_out_of_order"]


# no overlaps


@pytest.fixture
def group(officer, agreement):
    return SpecialGroup.enter(by=officer, agreement=agreement, name="Rivers")


def membership(group, organization, period):
    return GroupMembership(
        group=group, organization=organization, joined_on=period[0], left_on=period[1]
    )


@pytest.mark.parametrize("one", PERIODS)
def test_the_sentence_and_the_database_refuse_the_same_overlaps(group, corva, one):
    membership(group, corva, one).save()
    for other in PERIODS:
        second = membership(group, corva, other)
        refused = [("joined_on", "overlap")] if share_a_day(one, other) else []
        assert refusals(second.full_clean) == refused, other
        assert is_refused_by_the_database(second) == bool(refused), other


def refusals(check):
    """The field and the code of everything that a check refuses."""
    try:
        check()
    except ValidationError as refused:
        return [(name, error.code) for name, all in refused.error_dict.items() for error in all]
    return []


def is_refused_by_the_database(row):
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        return True
    row.delete()
    return False


def test_bulk_writes_cannot_make_an_overlap(group, corva):
    rows = [membership(group, corva, (FIRST, LAST)), membership(group, corva, (MIDDLE, None))]
    with pytest.raises(IntegrityError), transaction.atomic():
        GroupMembership.objects.bulk_create(rows)
    assert not group.memberships.exists()


def test_raw_updates_cannot_make_an_overlap(group, corva):
    membership(group, corva, (FIRST, MIDDLE)).save()
    membership(group, corva, (MIDDLE, LAST)).save()
    with pytest.raises(IntegrityError), transaction.atomic():
        group.memberships.filter(joined_on=MIDDLE).update(joined_on=FIRST)
    with pytest.raises(IntegrityError), transaction.atomic():
        group.memberships.filter(joined_on=FIRST).update(left_on=None)


def test_a_period_may_be_changed_without_standing_in_its_own_way(group, corva):
    row = GroupMembership.enter(
        by=None, group=group, organization=corva, joined_on=FIRST, left_on=MIDDLE
    )
    row.edit(by=None, left_on=LAST)
    row.edit(by=None, joined_on=MIDDLE)
    assert (row.joined_on, row.left_on) == (MIDDLE, LAST)


def test_other_keys_do_not_stand_in_the_way(group, officer, agreement, corva, dunes):
    other_group = SpecialGroup.enter(by=officer, agreement=agreement, name="Air")
    for row in (
        membership(group, corva, (None, None)),
        membership(group, dunes, (None, None)),
        membership(other_group, corva, (None, None)),
    ):
        row.full_clean()
        row.save()


def test_an_overlap_counts_only_among_rows_that_meet_the_condition(officer, agreement, today):
    party = agreement.party_set.first()

    def appoint(name, rank):
        return LiaisonAppointment(
            party=party, person=enter_person(name), rank=rank, starts_on=FIRST
        )

    for name, rank in [("One", Rank.PRIMARY), ("Two", Rank.DEPUTY), ("Three", Rank.DEPUTY)]:
        row = appoint(name, rank)
        row.full_clean()
        row.save()
    second = appoint("Four", Rank.PRIMARY)
    with pytest.raises(ValidationError):
        second.full_clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        party.liaison_appointments.filter(person__name="Two").update(rank=Rank.PRIMARY)


def test_an_organization_that_left_may_come_back_but_not_before_it_left(officer, alba, corva):
    agreement = enter_agreement(alba, by=officer)
    enter_party(agreement, corva, joined_on=FIRST, withdrawn_on=MIDDLE)
    enter_party(agreement, corva, joined_on=MIDDLE)
    with pytest.raises(ValidationError) as refused:
        enter_party(agreement, corva, joined_on=LAST)
    assert set(refused.value.error_dict) == {"joined_on"}
