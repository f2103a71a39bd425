"""The course of a rotation while it is worked out: whole terms, their parts, what was displaced.

``rotation_walk`` lays it out, ``rotation`` names the holders and divides terms, and
``rotation_changes`` compares two of them to judge a change.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from agreements.mechanisms.rotation_order import Place, SeatOrder
from agreements.mechanisms.rotation_plan import Change, RotationPlan, Term, TermState, known


@dataclass(slots=True)
class Part:
    """A stretch of one term during which nobody comes or goes."""

    starts_on: date | None
    ends_on: date | None
    holders: tuple[str, ...]
    is_vacant: bool = False
    changes: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Span:
    """A whole term while it is being worked out, before and after it falls into parts.

    ``number`` counts the terms from the first, and is what changes are bound to: it survives an
    extension that moves the days. ``judged_on`` is the day on which membership counts for it: its
    first, or the forecast of that.
    """

    number: int
    starts_on: date | None
    judged_on: date
    ends_on: date | None = None
    expected_ends_on: date | None = None
    turn: Place | None = None
    holders: tuple[str, ...] = ()
    changes: list[str] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)

    @property
    def turn_key(self) -> str | None:
        return self.turn.key if self.turn else None

    def covers(self, day: date) -> bool:
        if self.starts_on is None or day < self.starts_on:
            return False
        return self.ends_on is None or day < self.ends_on

    def part_on(self, day: date) -> Part:
        """The part that covers a day of this term."""
        return next(part for part in reversed(self.parts) if known(part.starts_on) <= day)

    def is_turn_of(self, change: Change) -> bool:
        """Whether the turn is still the one the change was bound to (rule 5)."""
        bound = change.binding["turn"]
        return bound is None or bound == self.turn_key


@dataclass(slots=True)
class Course:
    """The outcome of the three passes: the terms, and the changes that lost their seat."""

    plan: RotationPlan
    order: SeatOrder
    spans: list[Span] = field(default_factory=list)
    displaced: dict[str, str | None] = field(default_factory=dict)
    """Changes that no longer find their term or seat: change id to the key of that seat."""

    def span_on(self, day: date) -> Span | None:
        """The term that covers the day."""
        dated = bisect_right(self.spans, day, key=lambda span: span.starts_on or date.max)
        span = self.spans[dated - 1] if dated else None
        return span if span and span.covers(day) else None

    def terms(self, start: date = date.min, end: date = date.max) -> Iterator[Term]:
        """The terms that overlap the window, both days included.

        Turns to come have no days of their own: they go with the open term in front of them.
        """
        confirmed = {term.starts_on: term for term in self.plan.confirmed}
        starts_on = date.max
        for span in self.spans:
            for part in span.parts:
                starts_on = part.starts_on or starts_on
                if starts_on <= end and (part.ends_on is None or part.ends_on > start):
                    yield self._term(span, part, confirmed)

    def _term(self, span: Span, part: Part, confirmed: dict[date | None, Term]) -> Term:
        stored = confirmed.get(part.starts_on) if part.starts_on else None
        term = Term(
            starts_on=part.starts_on,
            ends_on=part.ends_on,
            expected_ends_on=span.expected_ends_on if part.ends_on is None else None,
            turn=span.turn_key,
            holders=part.holders,
            state=self._state(span, part),
            changes=tuple(dict.fromkeys(span.changes + part.changes)),
        )
        if stored and (stored.turn, stored.holders) == (term.turn, term.holders):
            return replace(term, state="confirmed")
        return term

    def _state(self, span: Span, part: Part) -> TermState:
        if part.holders:
            return "projected"
        nobody_eligible = span.turn is None and self.plan.basis == "order"
        return "vacant" if part.is_vacant or nobody_eligible else "undecided"
