"""First pass of the rotation engine: from the first day on, each term gets its turn and its days.

The next turn goes to the first member seat behind the last turn, never to an index; boundaries
follow the calendar from the first day, or the meetings at which terms were ended.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from agreements.mechanisms.rotation_course import Course, Span
from agreements.mechanisms.rotation_order import Place
from agreements.mechanisms.rotation_plan import Change, known

TERM_NAMING = frozenset({"swap", "assign", "skip", "extend", "end", "vacate"})
"""The kinds of change that name a term, and are bound to it and its seat when recorded."""


class Walk:
    """One way through a rotation (rules 1, 2 and 8).

    ``seen_on`` is the latest day known to have come; no turn to come can begin before it.
    """

    def __init__(self, course: Course, seen_on: date) -> None:
        self.course = course
        self.plan = course.plan
        self.seen_on = seen_on
        self.named = self._changes_by_term()
        self.count_from = known(self.plan.starts_on)
        self.count = 0
        # The last turn, from behind which the next one is looked for; at the head of an order
        # laid down afresh, the place from which (and including which) it is looked for.
        self.last_turn: Place | None = None
        self.at_head = True
        self.laid_down = -1

    def go(self, until: date) -> None:
        """Fill the course with the terms up to a day and up to the last one a change names."""
        starts_on = known(self.plan.starts_on)
        last_named = max(self.named, default=-1)
        while starts_on < date.max and (starts_on <= until or len(self.course.spans) <= last_named):
            span = self._next_span(starts_on, judged_on=starts_on)
            self._set_days(span)
            if span.ends_on is None:
                self._foresee_turns(span, last_named)
                break
            starts_on = span.ends_on
        for number in range(len(self.course.spans), last_named + 1):
            for change in self.named.get(number, ()):
                self._displace(change)

    def _changes_by_term(self) -> dict[int, list[Change]]:
        named: dict[int, list[Change]] = defaultdict(list)
        for change in sorted(self.plan.changes, key=lambda change: change.recorded):
            if change.kind not in TERM_NAMING:
                continue
            if "term" not in change.binding:
                raise ValueError(f"Change {change.id} names a term but was never bound to it.")
            named[change.binding["term"]].append(change)
            if change.kind == "swap":
                named[change.binding["other_term"]].append(change)
        return dict(named)

    def _displace(self, change: Change) -> None:
        self.course.displaced.setdefault(change.id, change.binding["turn"])

    def _next_span(self, starts_on: date | None, judged_on: date) -> Span:
        span = Span(len(self.course.spans), starts_on, judged_on)
        self.course.spans.append(span)
        if self.plan.basis == "order":
            self._give_turn(span)
        return span

    def _give_turn(self, span: Span) -> None:
        """Give the term to the first member behind the last turn whom no skip passes over."""
        line = self.course.order.on(span.judged_on)
        if line.laid_down != self.laid_down:
            self.laid_down, self.last_turn, self.at_head = line.laid_down, line.first, True
            if line.reordered_by:
                span.changes.append(line.reordered_by)
        skips = {c.binding["turn"]: c for c in self._named(span, "skip")}
        for place in line.behind(self.last_turn, inclusive=self.at_head):
            if not place.is_member(span.judged_on):
                continue
            if place.key in skips:
                span.changes.append(skips.pop(place.key).id)
                continue
            span.turn = self.last_turn = place
            self.at_head = False
            break
        for skip in skips.values():
            self._displace(skip)

    def _named(self, span: Span, *kinds: str) -> list[Change]:
        return [c for c in self.named.get(span.number, ()) if c.kind in kinds]

    def _set_days(self, span: Span) -> None:
        if self.plan.boundaries == "event":
            self._close_by_event(span)
        else:
            self._close_by_calendar(span)

    def _close_by_calendar(self, span: Span) -> None:
        """End the term at the next boundary, or where its last extension puts it (rule 2)."""
        extension = None
        for change in self._named(span, "extend"):
            if self._can_end(span, change) and self._leaves_next_a_day(span, change):
                extension = change
                span.changes.append(change.id)
            else:
                self._displace(change)
        self.count += 1
        span.ends_on = self.plan.lengths_after(self.count_from, self.count)
        while span.ends_on <= span.judged_on:  # its own extension, that left it days, was displaced
            self.count += 1
            span.ends_on = self.plan.lengths_after(self.count_from, self.count)
        if extension:
            span.ends_on = known(extension.ends_on)
            if not extension.realign:
                self.count_from, self.count = span.ends_on, 0

    def _can_end(self, span: Span, change: Change) -> bool:
        return span.is_turn_of(change) and known(change.ends_on) > span.judged_on

    def _leaves_next_a_day(self, span: Span, change: Change) -> bool:
        """Whether the next term, which gives the days, ends later: by the count or as extended."""
        if not change.realign:
            return True
        ends = [self.plan.lengths_after(self.count_from, self.count + 2)]
        ends += [
            known(other.ends_on)
            for other in self.named.get(span.number + 1, ())
            if other.kind == "extend"
        ]
        return known(change.ends_on) < max(ends)

    def _close_by_event(self, span: Span) -> None:
        """Close the term if an `end` was recorded; an `extend` moves that day, or the forecast."""
        span.expected_ends_on = self.plan.lengths_after(span.judged_on, 1)
        for change in self._named(span, "end", "extend"):
            if not self._can_end(span, change):
                self._displace(change)
                continue
            span.changes.append(change.id)
            if change.kind == "end" or span.ends_on is not None:
                span.ends_on = change.ends_on
            else:
                span.expected_ends_on = change.ends_on

    def _foresee_turns(self, open_span: Span, last_named: int) -> None:
        """List one round of the turns to come behind an open term, or up to one that is named.

        Their days are not known; membership is judged by the forecast, which is never in the past.
        """
        judged_on = max(known(open_span.expected_ends_on), self.seen_on)
        line = self.course.order.on(judged_on)
        members = sum(place.is_member(judged_on) for place in line.places)
        for _ in range(max(members, last_named - open_span.number)):
            coming = self._next_span(None, judged_on)
            judged_on = self.plan.lengths_after(judged_on, 1)
            coming.expected_ends_on = judged_on
            for change in self._named(coming, "end", "extend"):
                self._displace(change)  # what has no first day yet has no last one either
