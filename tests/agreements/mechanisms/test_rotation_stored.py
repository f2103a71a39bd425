"""The invariants on stored rows: whatever is recorded, nothing past ever moves."""

from datetime import date, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from agreements.mechanisms.convenor_changes import Kind
from agreements.mechanisms.convenor_entry import enter_rotation
from agreements.models import Party, Rotation
from governance.lifecycle import Refused
from governance.record import unit
from tests.cast import TODAY, enter_organization

pytestmark = pytest.mark.usefixtures("short_horizon")

FIRST = date(2026, 1, 1)


class RolledBack(Exception):
    """So that each history begins with the same tables."""


def drafts(random: Random, rotation: Rotation, keys: list[str], on: date) -> tuple[str, Any]:
    """A change as somebody might enter it, sensible or not, dated on or behind ``on``."""
    starts = [term.starts_on for term in rotation.terms.order_by("starts_on")]
    kind = random.choice([*Kind, Kind.END] if rotation.boundaries == "event" else list(Kind))
    term = random.choice(starts)
    facts: dict[str, Any] = {
        "term_on": term.isoformat(),
        "other_term_on": random.choice(starts).isoformat(),
        "organization": random.choice(keys),
        "ends_on": (max(term, on) + timedelta(days=random.randint(1, 300))).isoformat(),
        "realign": random.random() < 0.5,
        "on": (max(term, on) + timedelta(days=random.randint(0, 120))).isoformat(),
        "then": random.choice(["next", "vacant", *keys]),
        "effective_on": (on + timedelta(days=random.randint(0, 500))).isoformat(),
        "after": random.choice(["end", "by_order", *keys]),
        "seats": [{"organization": key} for key in random.sample(keys, random.randint(1, 4))],
    }
    takes = {
        Kind.SWAP: ("term_on", "other_term_on"),
        Kind.ASSIGN: ("term_on", "organization"),
        Kind.SKIP: ("term_on", "organization"),
        Kind.EXTEND: ("term_on", "ends_on", "realign"),
        Kind.END: ("term_on", "ends_on"),
        Kind.VACATE: ("term_on", "on", "then"),
        Kind.ADMIT: ("organization", "effective_on", "after"),
        Kind.WITHDRAW: ("organization", "effective_on", "then"),
        Kind.REORDER: ("effective_on", "seats"),
    }[kind]
    if kind == Kind.SKIP:
        seat = rotation.terms.get(starts_on=term).seat
        facts["organization"] = str(seat.key) if seat else facts["organization"]
    return kind.value, {name: facts[name] for name in takes}


def days_of(rotation: Rotation, until: date) -> dict[date, Any]:
    """Turn and holders of each day before ``until``, from the stored rows."""
    found = {}
    rows = rotation.terms.filter(starts_on__lt=until).prefetch_related("holdings__organization")
    for row in rows.select_related("seat__organization", "seat__region"):
        plain = row.planned()
        last = min(plain.ends_on or until, until)
        for ahead in range((last - plain.starts_on).days):
            found[plain.starts_on + timedelta(days=ahead)] = (plain.turn, plain.holders)
    return found


def facts_of(row: Any) -> tuple[Any, ...]:
    plain = row.planned()
    return plain.starts_on, plain.ends_on, plain.turn, plain.holders


def check(rotation: Rotation) -> None:
    rows = list(rotation.terms.order_by("starts_on").prefetch_related("holdings__organization"))
    assert rows[0].starts_on == FIRST
    assert all(one.ends_on == other.starts_on for one, other in pairwise(rows))
    assert rows[-1].ends_on is None or rows[-1].ends_on > rotation.laid_until
    computed = Rotation.objects.get(pk=rotation.pk).between(FIRST, rotation.laid_until)
    assert [row.planned() for row in rows] == [term for term in computed if term.starts_on]


def live(random: Random, agreement: Any, members: list[Any], by: Any) -> None:
    """A random rotation through some random years: what is past stays, what is confirmed too."""
    keys = [str(member.public_id) for member in members]
    rotation = enter_rotation(
        by=by,
        on=FIRST,
        agreement=agreement,
        length=random.choice([4, 6]),
        starts_on=FIRST,
        boundaries=random.choice(["calendar", "calendar", "event"]),
        basis=random.choice(["order", "order", "decision"]),
        order=random.choice(["as_given", "alphabetical"]),
        reverse=random.random() < 0.3,
        seats=[{"organization": one} for one in members[: random.randint(2, 4)]],
    )
    on = FIRST
    for _ in range(6):
        on += timedelta(days=random.randint(0, 120))
        rotation.refresh_from_db()
        past = days_of(rotation, on)
        confirmed = {row.pk: facts_of(row) for row in rotation.terms.filter(state="confirmed")}
        kind, facts = drafts(random, rotation, keys, on)
        recorded = list(rotation.changes.filter(revoked_on=None))
        try:
            with unit():
                if random.random() < 0.2 and recorded:
                    change = random.choice(recorded)
                    own_on = change.planned().own_on
                    rotation.revoke(change, by=by, on=on, reason="Second thoughts")
                else:
                    change = rotation.change(kind, by=by, on=on, facts=facts, reason="")
                    own_on = change.planned().own_on
        except (Refused, ValidationError):
            continue
        finally:
            check(Rotation.objects.get(pk=rotation.pk))
        after = days_of(rotation, on)
        moved = [day for day, served in past.items() if after.get(day) != served]
        assert all(own_on is not None and day >= own_on for day in moved), (kind, facts)
        if change.revoked_on is None and own_on is not None and own_on >= on:
            assert not moved, (kind, facts)
            rows = rotation.terms.filter(pk__in=confirmed, ends_on__lt=on)
            assert all(facts_of(row) == confirmed[row.pk] for row in rows)
        held = rotation.terms.filter(state="projected", starts_on__lte=on).last()
        if held and random.random() < 0.3:
            held.confirm(by=by, on=on)


@pytest.fixture
def members(officer, agreement, alba, brook):
    more = [enter_organization(name) for name in ("Cedar", "Delta", "Elder")]
    for one in more:
        Party.enter(by=officer, agreement=agreement, organization=one)
    return [alba, brook, *more]


def live_and_roll_back(random: Random, agreement: Any, members: list[Any], by: Any) -> None:
    with unit():
        live(random, agreement, members, by)
        raise RolledBack


def trials(seeds: range, agreement: Any, members: list[Any], by: Any) -> None:
    for seed in seeds:
        with pytest.raises(RolledBack):
            live_and_roll_back(Random(seed), agreement, members, by)


def test_nothing_past_ever_moves_in_the_tables(agreement, members, officer):
    trials(range(12), agreement, members, officer)


@pytest.mark.soak
@pytest.mark.parametrize("hundred", range(20))
def test_nothing_past_ever_moves_in_the_tables_for_long(agreement, members, officer, hundred):
    trials(range(100 * hundred + 100, 100 * hundred + 200), agreement, members, officer)


@pytest.mark.parametrize("kind", [Kind.ASSIGN, Kind.SKIP, Kind.WITHDRAW])
def test_a_change_costs_the_same_with_five_seats_and_with_fifty(
    officer, agreement, kind, django_assert_max_num_queries
):
    costs = {}
    for number in (5, 50):
        seated = [enter_organization(f"{number}-{at}") for at in range(number)]
        for one in seated:
            Party.enter(by=officer, agreement=agreement, organization=one)
        rotation = enter_rotation(
            by=officer,
            on=TODAY,
            agreement=agreement,
            length=6,
            starts_on=FIRST,
            seats=[{"organization": one} for one in seated],
        )
        facts = {
            Kind.ASSIGN: {"term_on": "2027-07-01", "organization": [str(seated[0].public_id)]},
            Kind.SKIP: {"term_on": "2027-07-01", "organization": str(seated[3].public_id)},
            Kind.WITHDRAW: {
                "effective_on": "2027-07-01",
                "organization": str(seated[3].public_id),
                "then": "next",
            },
        }[kind]
        with django_assert_max_num_queries(40) as counted:
            rotation.change(kind, by=officer, on=TODAY, facts=facts)
        costs[number] = len(counted)
    assert costs[50] <= costs[5] + 1, costs
