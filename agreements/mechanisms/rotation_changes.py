"""Recording and revoking changes of a rotation: what they are bound to, and which are refused.

A change that names a term is bound, when it is recorded, to that term and to the seat whose turn
it was (rule 5). A change that would take another one's seat away, or alter a confirmed term
(rule 6), is refused. Who may record a correction is for the caller to decide: a change is one if
its ``own_on`` lies before the day of recording.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from agreements.mechanisms.rotation import run
from agreements.mechanisms.rotation_course import Course, Span
from agreements.mechanisms.rotation_order import admitted_seat
from agreements.mechanisms.rotation_plan import Change, RotationPlan, Seat, known
from agreements.mechanisms.rotation_refusals import (
    ChangeRefused,
    refuse_altering_confirmed,
    refuse_displacement,
    spared_term,
)

__all__ = ["ChangeRefused", "bind", "check_revocation"]

FARTHEST_TERM = 20_000
"""How many lengths ahead of the first day a change may reach: fifty years of daily turns."""

Binding = dict[str, Any]


def bind(plan: RotationPlan, change: Change, on: date) -> Change:
    """The change with its binding, as it is to be stored; ``on`` is the day of recording.

    ``plan`` is the rotation without it. Raises ChangeRefused.
    """
    if change.kind not in _BINDERS:
        raise ChangeRefused("unknown_kind", _("There is no such kind of change."), "kind")
    _require(change, *_REQUIRED[change.kind])
    until = _horizon(plan, change, on)
    before = run(plan, until=until, today=on)
    binding = _BINDERS[change.kind](before, change)
    bound = replace(change, binding={**binding, "recorded_on": on.isoformat()})
    after = run(replace(plan, changes=(*plan.changes, bound)), until=until, today=on)
    _refuse_without_effect(after, bound)
    refuse_displacement(before, after, on)
    refuse_altering_confirmed(before, after, spared=spared_term(before, bound, on))
    return bound


def check_revocation(plan: RotationPlan, change: Change, on: date) -> None:
    """Whether the change may be revoked on the day; ``plan`` still contains it.

    Raises ChangeRefused if another change rests on it, or if a confirmed term would be altered.
    """
    until = _horizon(plan, change, on)
    others = tuple(other for other in plan.changes if other.id != change.id)
    before = run(plan, until=until, today=on)
    after = run(replace(plan, changes=others), until=until, today=on)
    refuse_displacement(before, after, on)
    refuse_altering_confirmed(before, after, spared=None)


def _horizon(plan: RotationPlan, change: Change, on: date) -> date:
    """A day up to which the terms must be known to judge the change."""
    named = [change.term_on, change.other_term_on, change.on, change.effective_on]
    days = [on, plan.starts_on, *named]
    for term in plan.confirmed:
        days += [term.starts_on, term.ends_on]
    # The open term of an event rotation begins where the last recorded meeting was.
    days += [other.ends_on for other in plan.changes if plan.boundaries == "event"]
    latest = max(day for day in days if day is not None)
    if plan.starts_on is None:
        return latest
    return min(latest, plan.lengths_after(plan.starts_on, FARTHEST_TERM))


# What each kind takes, and what it is bound to


_REQUIRED: dict[str, tuple[str, ...]] = {
    "swap": (),
    "assign": ("organizations",),
    "skip": ("organizations",),
    "extend": ("ends_on",),
    "end": ("ends_on",),
    "vacate": ("on",),
    "admit": ("effective_on",),
    "withdraw": ("organizations", "effective_on"),
    "reorder": ("effective_on", "seats"),
}


def _require(change: Change, *names: str) -> None:
    for name in names:
        if not getattr(change, name):
            field = "organization" if name == "organizations" else name
            raise ChangeRefused("required", _("This is required."), field)


def _bind_swap(course: Course, change: Change) -> Binding:
    one = _named_term(course, change.term_on, change.turns_ahead, "term_on")
    two = _named_term(course, change.other_term_on, change.other_turns_ahead, "other_term_on")
    if one is two:
        raise ChangeRefused(
            "same_term", _("A term cannot be exchanged with itself."), "other_term_on"
        )
    for span, field in ((one, "term_on"), (two, "other_term_on")):
        if not span.holders:
            raise ChangeRefused("no_holder", _("Nobody holds this term yet."), field)
    first, other = sorted((one, two), key=lambda span: span.number)
    return {
        **_bound_to(first, first.starts_on),
        "holders": list(first.holders),
        "other_term": other.number,
        "other_turn": other.turn_key,
        "other_holders": list(other.holders),
        "other_on": _iso(other.starts_on),
    }


def _bind_assign(course: Course, change: Change) -> Binding:
    span = _named_term(course, change.term_on, change.turns_ahead, "term_on")
    for organization in change.organizations:
        _refuse_departed(course, organization, span.judged_on, "organization")
    return _bound_to(span, span.starts_on)


def _bind_skip(course: Course, change: Change) -> Binding:
    _refuse_without_order(course)
    span = _named_term(course, change.term_on, change.turns_ahead, "term_on")
    if span.turn is None:
        raise ChangeRefused("not_its_turn", _("This is no seat's turn."), "term_on")
    if span.turn_key != change.organization:
        raise ChangeRefused(
            "not_its_turn", _("This is the turn of %(seat)s."), "organization", seat=span.turn_key
        )
    return _bound_to(span, span.starts_on)


def _bind_extend(course: Course, change: Change) -> Binding:
    span = _dated_term(course, change)
    _refuse_end_before_start(span, change)
    ends_on = known(change.ends_on)
    former = span.ends_on or span.expected_ends_on or ends_on
    return _bound_to(span, min(former, ends_on))


def _bind_end(course: Course, change: Change) -> Binding:
    _refuse_on_calendar(course, "kind")
    span = _dated_term(course, change)
    _refuse_end_before_start(span, change)
    ends_on = known(change.ends_on)
    return _bound_to(span, min(span.ends_on or ends_on, ends_on))


def _bind_vacate(course: Course, change: Change) -> Binding:
    span, day = _dated_term(course, change), known(change.on)
    if not span.covers(day):
        raise ChangeRefused("outside_the_term", _("This day is not within the term."), "on")
    leaving = span.part_on(day).holders
    if not leaving:
        raise ChangeRefused("no_holder", _("Nobody holds this term yet."), "term_on")
    _check_caretaker(course, change, day, leaving)
    return _bound_to(span, day)


def _bind_admit(course: Course, change: Change) -> Binding:
    if not any(isinstance(seat, Seat) for seat in change.seats):
        _require(change, "organizations")
    seat, order, day = admitted_seat(change), course.order, known(change.effective_on)
    for line in (order.on(day), order.last):
        place = line.place_of(seat.key)
        if place is not None and not place.has_left(day):
            raise ChangeRefused(
                "already_a_member", _("%(seat)s has a seat already."), "organization", seat=seat.key
            )
    after = change.after or course.plan.on_admission
    if after == "ask":
        raise ChangeRefused("required", _("Say behind which seat the new one stands."), "after")
    needs_name = after == "by_order" or order.on(day).alphabetical
    if needs_name and not seat.sort_name:
        raise ChangeRefused("required", _("This is required."), "sort_name")
    if after not in ("end", "by_order") and order.on(day).place_of(after) is None:
        raise ChangeRefused("not_a_seat", _("%(seat)s has no seat here."), "after", seat=after)
    return {"own_on": _iso(day)}


def _bind_withdraw(course: Course, change: Change) -> Binding:
    key, day = change.organizations[0], known(change.effective_on)
    if not course.order.knows(key):
        raise ChangeRefused("not_a_seat", _("%(seat)s has no seat here."), "organization", seat=key)
    place = course.order.place_on(key, day)
    if place is None or (place.joined_on is not None and place.joined_on >= day):
        raise ChangeRefused(
            "not_a_member", _("%(seat)s is not a member on that day."), "organization", seat=key
        )
    _check_caretaker(course, change, day, (key,))
    return {"own_on": _iso(day)}


def _bind_reorder(course: Course, change: Change) -> Binding:
    _refuse_without_order(course)
    keys = [seat if isinstance(seat, str) else seat.key for seat in change.seats]
    for key in keys:
        if keys.count(key) > 1:
            raise ChangeRefused(
                "duplicate_seat", _("%(seat)s is listed more than once."), "seats", seat=key
            )
        _refuse_departed(course, key, known(change.effective_on), "seats")
    if change.first and change.first not in keys:
        raise ChangeRefused(
            "not_a_seat", _("%(seat)s is not among the seats listed."), "first", seat=change.first
        )
    return {"own_on": _iso(change.effective_on)}


_BINDERS: dict[str, Callable[[Course, Change], Binding]] = {
    "swap": _bind_swap,
    "assign": _bind_assign,
    "skip": _bind_skip,
    "extend": _bind_extend,
    "end": _bind_end,
    "vacate": _bind_vacate,
    "admit": _bind_admit,
    "withdraw": _bind_withdraw,
    "reorder": _bind_reorder,
}


def _bound_to(span: Span, own_on: date | None) -> Binding:
    return {"term": span.number, "turn": span.turn_key, "own_on": _iso(own_on)}


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


# Finding the term that is meant


def _named_term(course: Course, day: date | None, ahead: int | None, field: str) -> Span:
    """The term that begins on the day, or the turn so many ahead of the open term."""
    if day is None and ahead is not None:
        field = field.replace("term_on", "turns_ahead")
        _refuse_on_calendar(course, field)
        coming = [span for span in course.spans if span.starts_on is None]
        if 1 <= ahead <= len(coming):
            return coming[ahead - 1]
        raise _no_such_term(field)
    if day is None:
        raise ChangeRefused("required", _("This is required."), field)
    span = course.span_on(day)
    if span is None or span.starts_on != day:
        raise _no_such_term(field, day)
    return span


def _dated_term(course: Course, change: Change) -> Span:
    """The term that begins on ``term_on``, or has a part that does (rule 7)."""
    if change.term_on is None:
        raise ChangeRefused("required", _("This is required."), "term_on")
    span = course.span_on(change.term_on)
    if span is None or change.term_on not in {part.starts_on for part in span.parts}:
        raise _no_such_term("term_on", change.term_on)
    return span


def _no_such_term(field: str, day: date | None = None) -> ChangeRefused:
    if day is None:
        return ChangeRefused("no_such_term", _("No such turn is to come."), field)
    return ChangeRefused("no_such_term", _("No term begins on %(term)s."), field, term=day)


# What is refused


def _refuse_on_calendar(course: Course, field: str) -> None:
    if course.plan.boundaries != "event":
        raise ChangeRefused(
            "only_by_event", _("The terms of this rotation follow the calendar."), field
        )


def _refuse_without_order(course: Course) -> None:
    if course.plan.basis != "order":
        raise ChangeRefused(
            "only_by_order", _("This rotation has no order: each holder is decided."), "kind"
        )


def _refuse_end_before_start(span: Span, change: Change) -> None:
    if known(change.ends_on) <= span.judged_on:
        raise ChangeRefused(
            "ends_before_it_begins",
            _("The term begins on %(term)s and must last a day at least."),
            "ends_on",
            term=span.starts_on,
        )


def _refuse_departed(course: Course, organization: str, day: date, field: str) -> None:
    if course.order.has_left(organization, day):
        raise ChangeRefused(
            "has_left",
            _("%(organization)s has left the rotation by then."),
            field,
            organization=organization,
        )


def _check_caretaker(course: Course, change: Change, day: date, leaving: Iterable[str]) -> None:
    caretaker = change.then
    if caretaker in (None, "next", "vacant"):
        return
    if caretaker in leaving:
        raise ChangeRefused(
            "caretaker_leaves", _("Whoever leaves cannot serve the remaining days."), "then"
        )
    _refuse_departed(course, caretaker, day, "then")


def _refuse_without_effect(after: Course, change: Change) -> None:
    if change.id not in after.displaced:
        return
    if change.kind == "extend":
        raise ChangeRefused(
            "next_term_has_no_day", _("This would leave the next term no day."), "ends_on"
        )
    seat = after.displaced[change.id]
    raise ChangeRefused("not_a_seat", _("%(seat)s has no seat here."), "seats", seat=seat)
