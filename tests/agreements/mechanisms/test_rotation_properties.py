"""What holds for every rotation, whatever was recorded: the engine against random histories."""

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from time import perf_counter

from hypothesis import assume, given
from hypothesis import strategies as st

from agreements.mechanisms.rotation import holders_on, run, terms
from agreements.mechanisms.rotation_changes import ChangeRefused, bind, check_revocation
from agreements.mechanisms.rotation_plan import Change, RotationPlan, Seat

FIRST_DAY = date(2020, 1, 31)
LAST_DAY = date(2024, 12, 31)
KEYS = "ABCDE"
KINDS = ("swap", "assign", "skip", "extend", "vacate", "admit", "withdraw", "reorder")

days = st.integers(-60, 1500).map(lambda ahead: FIRST_DAY + timedelta(days=ahead))


@st.composite
def seats(draw):
    names = draw(st.lists(st.sampled_from(KEYS[:-1]), min_size=1, max_size=4, unique=True))
    optional_day = st.one_of(st.none(), st.none(), days)
    return tuple(
        Seat(name, name, None, at, draw(st.sampled_from(["x", "É", "e", name])), *period)
        for at, name in enumerate(names, start=1)
        for period in [(draw(optional_day), draw(optional_day))]
    )


@st.composite
def plans(draw, basis=("order", "decision"), boundaries=("calendar", "calendar", "event")):
    return RotationPlan(
        basis=draw(st.sampled_from(basis)),
        order=draw(st.sampled_from(["as_given", "alphabetical"])),
        reverse=draw(st.booleans()),
        length=draw(st.sampled_from([3, 6])),
        boundaries=draw(st.sampled_from(boundaries)),
        starts_on=FIRST_DAY,
        seats=draw(seats()),
    )


@st.composite
def drafts(draw, plan):
    """A change as somebody might enter it, sensible or not."""
    listed = [term.starts_on for term in terms(plan, FIRST_DAY, LAST_DAY) if term.starts_on]
    term_on = st.sampled_from(listed[:12])
    key = st.sampled_from(KEYS)
    kind = draw(st.sampled_from(KINDS if plan.boundaries == "calendar" else (*KINDS, *["end"] * 4)))
    number = len(plan.changes) + 1
    ahead = draw(st.integers(1, 3)) if plan.boundaries == "event" and draw(st.booleans()) else None
    named = listed[-1] if kind == "end" else draw(term_on)
    change = Change(
        id=f"{number}",
        kind=kind,
        recorded=number,
        term_on=None if ahead and kind in ("swap", "assign", "skip") else named,
        turns_ahead=ahead,
        other_term_on=draw(term_on),
        organizations=(draw(key),),
        ends_on=named + timedelta(days=draw(st.integers(1, 250))),
        realign=draw(st.booleans()),
        on=named + timedelta(days=draw(st.integers(0, 200))),
        then=draw(st.sampled_from([None, "next", "vacant", "Z"])),
        effective_on=draw(st.one_of(days, term_on)),
        after=draw(st.sampled_from([None, "end", "by_order", *KEYS])),
        sort_name=draw(st.sampled_from(["f", "Ø"])),
        seats=tuple(draw(st.permutations(sorted({seat.key for seat in plan.seats})))),
    )
    if kind == "skip" and change.term_on:
        turn = holders_on(plan, change.term_on).turn
        return replace(change, organizations=(turn or "A",))
    return replace(change, seats=change.seats if kind == "reorder" else ())


@st.composite
def histories(draw, **kinds):
    """A rotation with the changes that were accepted, one step at a time."""
    plan = draw(plans(**kinds))
    steps = [plan]
    for _ in range(draw(st.integers(1, 6))):
        try:
            bound = bind(plan, draw(drafts(plan)), draw(days))
        except ChangeRefused:
            continue
        plan = replace(plan, changes=(*plan.changes, bound))
        steps.append(plan)
    return steps


def by_day(plan):
    """Turn and holders of every day up to the last, as far as it is covered."""
    served = {}
    for term in terms(plan, FIRST_DAY, LAST_DAY):
        if term.starts_on is None:
            continue
        last = min(term.ends_on or LAST_DAY, LAST_DAY)
        for ahead in range((last - term.starts_on).days):
            served[term.starts_on + timedelta(days=ahead)] = (term.turn, term.holders)
    return served


@given(histories())
def test_the_window_is_covered_exactly(steps):
    listed = [term for term in terms(steps[-1], FIRST_DAY, LAST_DAY) if term.starts_on]

    assert listed[0].starts_on == FIRST_DAY
    for term, following in pairwise(listed):
        assert term.ends_on == following.starts_on
        assert term.starts_on < term.ends_on
    assert listed[-1].ends_on is None or listed[-1].ends_on > LAST_DAY


@given(histories())
def test_a_change_alters_nothing_before_its_own_date(steps):
    for before, after in pairwise(steps):
        own_on = after.changes[-1].own_on
        was, becomes = by_day(before), by_day(after)
        altered = [day for day in was if was[day] != becomes.get(day)]
        assert own_on is None or all(day >= own_on for day in altered)
        assert own_on is not None or not altered


@given(histories(), st.randoms(use_true_random=False))
def test_the_same_facts_give_the_same_terms_however_they_are_listed(steps, random):
    plan = steps[-1]
    shuffled = random.sample(plan.changes, len(plan.changes))

    found = terms(plan, FIRST_DAY, LAST_DAY)

    assert found == terms(plan, FIRST_DAY, LAST_DAY)
    assert found == terms(replace(plan, changes=tuple(shuffled)), FIRST_DAY, LAST_DAY)


@given(histories(), days, days)
def test_a_smaller_window_shows_a_slice_of_the_larger(steps, one, other):
    start, end = sorted((one, other))
    larger = terms(steps[-1], FIRST_DAY, LAST_DAY)

    overlapping, starts_on = [], None
    for term in larger:
        starts_on = term.starts_on or starts_on
        if starts_on <= end and (term.ends_on is None or term.ends_on > start):
            overlapping.append(term)

    assert terms(steps[-1], start, end) == overlapping


@given(histories())
def test_what_was_accepted_keeps_its_seat_unless_it_is_a_swap_under_way(steps):
    for plan in steps:
        displaced = run(plan, until=LAST_DAY).displaced
        kinds = {change.kind for change in plan.changes if change.id in displaced}
        assert kinds <= {"swap"}


@given(histories(), days)
def test_the_last_change_can_be_revoked_and_leaves_no_trace(steps, on):
    assume(len(steps) > 1)
    before, after = steps[-2], steps[-1]

    check_revocation(after, after.changes[-1], on)

    assert terms(before, FIRST_DAY, LAST_DAY) == terms(
        replace(after, changes=after.changes[:-1]), FIRST_DAY, LAST_DAY
    )


@given(histories(), days)
def test_a_confirmed_term_stays_as_it_was(steps, on):
    """Only a timely change of the very term (rule 6) may still touch it: late ones never."""
    plan = steps[-1]
    confirmed = tuple(
        term for term in terms(plan, FIRST_DAY, LAST_DAY) if term.ends_on and term.ends_on <= on
    )
    assume(confirmed)
    guarded = replace(plan, confirmed=confirmed)
    for key in KEYS:
        for first in confirmed:
            draft = Change(
                "new", "withdraw", 99, organizations=(key,), effective_on=first.starts_on
            )
            try:
                bound = bind(guarded, draft, on)
            except ChangeRefused:
                continue
            after = terms(replace(plan, changes=(*plan.changes, bound)), FIRST_DAY, LAST_DAY)
            facts = [(t.starts_on, t.ends_on, t.turn, t.holders) for t in after]
            assert all((t.starts_on, t.ends_on, t.turn, t.holders) in facts for t in confirmed)


@given(plans(basis=("order",), boundaries=("calendar",)))
def test_without_changes_and_dates_each_seat_serves_equally_often(plan):
    plan = replace(
        plan, seats=tuple(replace(seat, joined_on=None, left_on=None) for seat in plan.seats)
    )

    counts = Counter(term.turn for term in terms(plan, FIRST_DAY, LAST_DAY))

    fewest = min(counts[seat.key] for seat in plan.seats)
    assert max(counts.values()) - fewest <= 1


def test_a_thousand_terms_take_less_than_fifty_milliseconds():
    names = [f"seat {at:02}" for at in range(30)]
    plan = RotationPlan(
        length=1,
        starts_on=FIRST_DAY,
        seats=tuple(Seat(name, name, None, at, name) for at, name in enumerate(names)),
    )
    end = date(FIRST_DAY.year + 84, 1, 31)

    def seconds():
        begun = perf_counter()
        assert len(terms(plan, FIRST_DAY, end)) > 1000
        return perf_counter() - begun

    assert min(seconds() for _ in range(5)) < 0.05
