"""The rotation engine: from seats, rule and changes to terms. Pure and deterministic.

A term has a *turn* (the seat that the order gave it) and *holders* (who serve it). The next turn
goes to the first member seat behind the last turn, never to an index. The engine goes through a
rotation in three passes (rule 3 of the contract; rules are numbered as there):

1. ``Walk`` goes from the first day on and gives each term its days and its turn;
2. ``_name_holders`` lets `swap` and `assign` exchange or name those who serve;
3. ``_let_leave`` divides the terms whose holders leave before the end.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from agreements.mechanisms.rotation_course import Course, Part, Span
from agreements.mechanisms.rotation_order import Place, SeatOrder
from agreements.mechanisms.rotation_plan import Change, RotationPlan, Seat, Term, known
from agreements.mechanisms.rotation_walk import Walk

__all__ = ["Change", "RotationPlan", "Seat", "Term", "holders_on", "terms"]


def terms(
    plan: RotationPlan,
    start: date,
    end: date,
    as_of: date | None = None,
    *,
    today: date | None = None,
) -> list[Term]:
    """Every term that overlaps the window, both days included, whole and in order.

    ``as_of`` shows the plan as it stood on a day: only what was decided by then counts (rule 10).
    ``today`` is of use where terms end by event and one is overdue: no coming turn can begin
    before it. Turns to come follow an open term wherever that term is listed.
    """
    course = run(plan, until=end, as_of=as_of, today=today)
    return list(course.terms(start, end))


def holders_on(plan: RotationPlan, day: date) -> Term | None:
    """The term that covers the day, None before the first day or where there are no terms."""
    for term in terms(plan, day, day):
        if term.starts_on is not None:
            return term
    return None


def run(
    plan: RotationPlan,
    *,
    until: date,
    as_of: date | None = None,
    today: date | None = None,
) -> Course:
    """Work out the terms from the first day to ``until`` and to every term a change names.

    Raises ValueError if a change that names a term was never bound.
    """
    if as_of is not None:
        plan = replace(plan, changes=_decided_by(plan.changes, as_of))
    course = Course(plan, SeatOrder(plan))
    course.displaced.update(course.order.stray)
    if plan.yields_terms:
        Walk(course, as_of or _last_seen(plan.changes, today)).go(until)
        _name_holders(course)
        _let_leave(course)
    return course


def _decided_by(changes: Sequence[Change], day: date) -> tuple[Change, ...]:
    return tuple(c for c in changes if c.decided_on is None or c.decided_on <= day)


def _last_seen(changes: Sequence[Change], today: date | None) -> date:
    """The latest day known to have come: today, or when a change was last recorded."""
    recorded = (c.binding.get("recorded_on") for c in changes)
    days = [date.fromisoformat(day) for day in recorded if day]
    return max([*days, today or date.min])


def _name_holders(course: Course) -> None:
    """Second pass: whoever has the turn serves, unless `swap` and `assign` say otherwise."""
    for span in course.spans:
        if span.turn:
            span.holders = serving(course.order, span.turn, span.judged_on)
    naming = (c for c in course.plan.changes if c.kind in ("swap", "assign"))
    for change in sorted(naming, key=lambda change: change.recorded):
        if change.kind == "swap":
            _swap(course, change)
        else:
            _assign(course, change)
    for span in course.spans:
        span.parts = [Part(span.starts_on, span.ends_on, span.holders)]


def serving(order: SeatOrder, place: Place, day: date) -> tuple[str, ...]:
    """Who serves a term of the seat: its organization and its co-holders who have not left."""
    seat = place.seat
    own = (seat.organization,) if seat.organization else ()
    with_it = tuple(other for other in seat.co_holders if not order.has_left(other, day))
    return tuple(dict.fromkeys(own + with_it))


def _assign(course: Course, change: Change) -> None:
    span = _span_numbered(course, change.binding["term"])
    if span is None or not span.is_turn_of(change):
        course.displaced.setdefault(change.id, change.binding["turn"])
        return
    _serve(course, span, change.organizations, change)


def _serve(course: Course, span: Span, holders: Sequence[str], change: Change) -> None:
    """Let the named serve the term, as far as they have not left the rotation before it."""
    remaining = tuple(h for h in holders if not course.order.has_left(h, span.judged_on))
    if remaining:
        span.holders = remaining
        span.changes.append(change.id)


def _swap(course: Course, change: Change) -> None:
    """Exchange the holders stored when the swap was recorded (rule 5).

    The earlier half stands whatever becomes of its turn. The other goes with its seat: if that
    was displaced, to the seat's first turn from the half's date on.
    """
    binding = change.binding
    first = _span_numbered(course, binding["term"])
    other = _span_numbered(course, binding["other_term"])
    if first:
        first.holders = tuple(binding["other_holders"])
        first.changes.append(change.id)
        if not first.is_turn_of(change):
            course.displaced.setdefault(change.id, binding["turn"])
    if other is None or binding["other_turn"] not in (None, other.turn_key):
        course.displaced.setdefault(change.id, binding["other_turn"])
        other = _first_turn_from_half(course, change)
    if other:
        _serve(course, other, binding["holders"], change)


def _first_turn_from_half(course: Course, change: Change) -> Span | None:
    turn, other_on = change.binding["other_turn"], change.binding["other_on"]
    day = date.fromisoformat(other_on) if other_on else None
    for span in course.spans:
        is_late_enough = (
            span.number >= change.binding["other_term"]
            if day is None
            else (span.starts_on or date.max) >= day
        )
        if is_late_enough and turn is not None and span.turn_key == turn:
            return span
    return None


def _span_numbered(course: Course, number: int) -> Span | None:
    return course.spans[number] if number < len(course.spans) else None


@dataclass(frozen=True, slots=True)
class _Departure:
    """A seat, or (``place`` None) whoever serves the vacated term, leaves the span on a day.

    ``change`` is None where the seat's own ``left_on`` says so.
    """

    span: Span
    day: date
    recorded: int
    then: str
    change: Change | None = None
    place: Place | None = None


def _let_leave(course: Course) -> None:
    """Third pass: departures in mid-term, by their day (rules 3 and 7)."""
    gone: dict[int, set[str]] = defaultdict(set)
    departures = [*_vacations(course), *_leavings(course)]
    for departure in sorted(departures, key=lambda d: (d.day, d.recorded)):
        _depart(course, departure, gone[departure.span.number])


def _vacations(course: Course) -> Iterator[_Departure]:
    for change in course.plan.changes:
        if change.kind != "vacate":
            continue
        day = known(change.on)
        span = _span_numbered(course, change.binding["term"])
        if span is None or not span.covers(day) or not span.is_turn_of(change):
            course.displaced.setdefault(change.id, change.binding["turn"])
        else:
            yield _Departure(span, day, change.recorded, change.then or "next", change)


def _leavings(course: Course) -> Iterator[_Departure]:
    withdrawals = {
        (change.organization, change.effective_on): change
        for change in course.plan.changes
        if change.kind == "withdraw"
    }
    for place in course.order.places():
        span = course.span_on(place.left_on) if place.left_on else None
        if place.left_on is None or span is None:
            continue
        change = withdrawals.get((place.key, place.left_on))
        if change:
            then = change.then or "next"
            yield _Departure(span, place.left_on, change.recorded, then, change, place)
        else:
            yield _Departure(span, place.left_on, -1, "next", None, place)


def _depart(course: Course, departure: _Departure, gone: set[str]) -> None:
    """Let others serve the rest; ``gone`` are those who left the term before, and now these."""
    span = departure.span
    part = span.part_on(departure.day)
    leaving = _leaving(course, part, departure)
    if leaving is None:
        return
    gone |= leaving
    remaining = tuple(holder for holder in part.holders if holder not in leaving)
    following = part if part.starts_on == departure.day else _divide(span, part, departure.day)
    if remaining:
        following.holders = remaining
    else:
        successors = _successors(course, departure, gone)
        following.holders, following.is_vacant = successors or (), successors is None
    if departure.change:
        part.changes.append(departure.change.id)
        following.changes.append(departure.change.id)


def _leaving(course: Course, part: Part, departure: _Departure) -> set[str] | None:
    """Which of those who serve leave, None if whoever departs does not serve these days.

    A seat takes along those who serve on its account; a region, whoever was named in its turn.
    """
    place = departure.place
    if place is None:
        return set(part.holders)
    if place.seat.organization is None:
        return {place.key, *part.holders} if departure.span.turn is place else None
    if part.holders == serving(course.order, place, departure.day):
        return {place.key, *part.holders}
    leaving = {place.seat.organization} & set(part.holders)
    return leaving or None


def _divide(span: Span, part: Part, day: date) -> Part:
    following = Part(day, part.ends_on, part.holders, part.is_vacant, list(part.changes))
    part.ends_on = day
    span.parts.append(following)
    return following


def _successors(course: Course, departure: _Departure, gone: set[str]) -> tuple[str, ...] | None:
    """Who serves the remaining days: the named caretaker or the next in order.

    None: nobody. Empty: somebody who is yet to be decided.
    """
    if departure.then == "vacant":
        return None
    if departure.then != "next":
        return (departure.then,)
    if course.plan.basis == "decision":
        return ()
    if departure.span.turn is None:
        return None
    for place in course.order.on(departure.day).behind(departure.span.turn):
        if place.is_member(departure.day) and place.key not in gone:
            return serving(course.order, place, departure.day)
    return None
