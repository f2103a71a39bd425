"""The engine against the rules once more: thousands of random rotations, each laid down twice."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agreements.mechanisms.rotation import terms
from agreements.mechanisms.rotation_changes import ChangeRefused, bind, check_revocation
from agreements.mechanisms.rotation_plan import Change, RotationPlan, Seat
from tests.agreements.mechanisms.rotation_reference import No, Reference

FIRST_DAY = date(2024, 1, 31)
LAST_DAY = date(2025, 6, 30)
KEYS = "ABCDE"
NAMES = ("x", "É", "e", "f", "Ø", "a")


class Trial:
    """A random rotation and a random history, told to the engine and to the reference alike."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.plan = self._plan()
        self.reference = Reference(self.plan)
        self.recorded = 0
        self.today = FIRST_DAY - timedelta(days=60)
        self.told: list[str] = []

    def day(self, first: int = -40, last: int = 500) -> date:
        return FIRST_DAY + timedelta(days=self.random.randint(first, last))

    def sometimes(self, chance: float) -> bool:
        return self.random.random() < chance

    def _plan(self) -> RotationPlan:
        random = self.random
        length, unit = random.choice([(1, "month"), (2, "month"), (20, "day"), (45, "day")])
        keys = random.sample(KEYS[:-1], random.randint(1, 4))
        return RotationPlan(
            basis=random.choice(["order", "order", "order", "decision"]),
            order=random.choice(["as_given", "as_given", "alphabetical"]),
            reverse=self.sometimes(0.3),
            length=length,
            unit=unit,
            boundaries=random.choice(["calendar", "calendar", "event"]),
            starts_on=FIRST_DAY,
            first=random.choice([None, *KEYS]),
            on_admission=random.choice(["end", "by_order"]),
            seats=tuple(self._seat(key, at) for at, key in enumerate(keys, 1)),
        )

    def _seat(self, key: str, position: int) -> Seat:
        is_region = self.sometimes(0.1)
        joined_on = self.day() if self.sometimes(0.2) else None
        left_on = self.day() if self.sometimes(0.2) else None
        if joined_on and left_on and left_on <= joined_on:
            left_on = None
        return Seat(
            key,
            None if is_region else key,
            key if is_region else None,
            position,
            self.random.choice(NAMES),
            joined_on,
            left_on,
            tuple(self.random.sample(KEYS, 1)) if self.sometimes(0.1) else (),
        )

    def draft(self, on: date) -> Change:
        """A change as somebody might enter it, mostly sensible."""
        random = self.random
        listed = terms(self.plan, FIRST_DAY, LAST_DAY, today=on)
        dated = [term for term in listed if term.starts_on]
        kinds = ["swap", "assign", "skip", "extend", "vacate", "admit", "withdraw", "reorder"]
        event = self.plan.boundaries == "event"
        kind = random.choice([*kinds, *["end"] * 6] if event else kinds)
        term = random.choice(dated[-1:] if kind == "end" and self.sometimes(0.8) else dated[:9])
        other = random.choice(dated[:9])
        ahead = random.randint(1, 4) if event and self.sometimes(0.5) else None
        other_ahead = random.randint(1, 4) if event and self.sometimes(0.5) else None
        named = kind in ("swap", "assign", "skip")
        key = random.choice(KEYS)
        if kind == "skip" and self.sometimes(0.9):
            coming = [t for t in listed if t.starts_on is None]
            meant = coming[ahead - 1] if ahead and ahead <= len(coming) else term
            key = meant.turn or key
        length = random.randint(1, 70)
        last = term.ends_on or term.starts_on + timedelta(days=60)
        return Change(
            id=f"{self.recorded + 1}",
            kind=kind,
            recorded=self.recorded + 1,
            term_on=None if ahead and named else term.starts_on,
            turns_ahead=ahead if named else None,
            other_term_on=None if other_ahead else other.starts_on,
            other_turns_ahead=other_ahead,
            organizations=(key,) if kind != "assign" or self.sometimes(0.8) else (key, "Z"),
            ends_on=random.choice([last, term.starts_on]) + timedelta(days=length),
            realign=self.sometimes(0.5),
            on=term.starts_on + timedelta(days=random.randint(0, (last - term.starts_on).days)),
            then=random.choice([None, "next", "next", "vacant", "Z", *KEYS]),
            effective_on=random.choice([self.day(), term.starts_on]),
            after=random.choice([None, "end", "by_order", *KEYS]),
            sort_name=random.choice(NAMES),
            seats=self._order() if kind == "reorder" else (),
            first=random.choice([None, None, *KEYS]) if kind == "reorder" else None,
        )

    def _order(self) -> tuple[Seat | str, ...]:
        keys = self.random.sample(KEYS, self.random.randint(1, 5))
        return tuple(Seat(key, key, None, at, key) for at, key in enumerate(keys, 1))

    def step(self) -> None:
        """Record, revoke or confirm something, and see that both agree on whether that may be."""
        on = self.today = max(self.today, self.day())
        if self.plan.changes and self.sometimes(0.15):
            self._revoke(self.random.choice(self.plan.changes), on)
        elif self.sometimes(0.1):
            listed = [t for t in terms(self.plan, FIRST_DAY, LAST_DAY) if t.starts_on and t.holders]
            if listed:
                self._confirm(self.random.choice(listed[:9]))
        else:
            self._record(self.draft(on), on)

    def _record(self, change: Change, on: date) -> None:
        self.told.append(f"on {on}: {change}")
        bound = refused = wrong = None
        try:
            bound = bind(self.plan, change, on)
        except ChangeRefused as refusal:
            refused = refusal
        try:
            self.reference.record(change, on)
        except No as no:
            wrong = no
        assert (refused is None) == (wrong is None), (repr(refused), repr(wrong), self)
        if bound is not None:
            self.recorded += 1
            self.plan = replace(self.plan, changes=(*self.plan.changes, bound))
            own_on = self.reference.bound[-1].own_on
            assert bound.own_on == own_on, (bound.own_on, own_on, self)

    def _revoke(self, change: Change, on: date) -> None:
        self.told.append(f"on {on}: revoke {change.id}")
        refused = wrong = None
        try:
            check_revocation(self.plan, change, on)
        except ChangeRefused as refusal:
            refused = refusal
        try:
            self.reference.revoke(change.recorded, on)
        except No as no:
            wrong = no
        assert (refused is None) == (wrong is None), (repr(refused), repr(wrong), self)
        if refused is None:
            kept = tuple(other for other in self.plan.changes if other is not change)
            self.plan = replace(self.plan, changes=kept)

    def _confirm(self, term) -> None:
        self.told.append(f"confirm {term.starts_on}")
        confirmed = [t for t in self.plan.confirmed if t.starts_on != term.starts_on]
        self.plan = replace(self.plan, confirmed=(*confirmed, term))
        self.reference.plan = replace(self.reference.plan, confirmed=self.plan.confirmed)

    def compare(self, start: date, end: date, today: date) -> None:
        """See that both list the same terms."""
        fast = [
            (t.starts_on, t.ends_on, t.expected_ends_on, t.turn, t.holders, t.state)
            for t in terms(replace(self.plan, confirmed=()), start, end, today=today)
        ]
        slow = self.reference.terms(start, end, today)
        assert fast == slow, "\n".join(map(str, [*zip(fast, slow, strict=False), self]))

    def __str__(self) -> str:
        rule = replace(self.plan, changes=(), confirmed=())
        return "\n".join([str(rule), *self.told])

    __repr__ = __str__


def agree(random: Random) -> None:
    trial = Trial(random)
    for _ in range(random.randint(0, 8)):
        trial.step()
    trial.compare(FIRST_DAY, LAST_DAY, trial.today)
    start, end = sorted((trial.day(), trial.day()))
    trial.compare(start, end, max(trial.today, trial.day()))


@given(st.randoms(use_true_random=True))
def test_the_engine_and_the_reference_agree(random):
    agree(random)


@pytest.mark.soak
@given(st.randoms(use_true_random=True))
def test_the_engine_and_the_reference_agree_for_long(random):
    agree(random)
