"""What no change of a rotation may do to the others, and to terms that are settled.

A change is judged by its outcome: the course of the rotation without it is compared with the
course with it.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from agreements.mechanisms.rotation_course import Course
from agreements.mechanisms.rotation_plan import Change, Term


class ChangeRefused(Exception):
    """A change that may not be recorded or revoked.

    ``field`` is the field at fault (None: the change as a whole). ``sentence`` is translatable and
    has a place for each of ``params``; those hold keys of seats (``seat``), organizations
    (``organization``) and changes (``change``) and days (``term``), for which the caller puts in
    what the reader may see.
    """

    def __init__(self, code: str, sentence: Any, field: str | None = None, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.sentence = sentence
        self.field = field
        self.params = params


def refuse_displacement(before: Course, after: Course, on: date) -> None:
    """Refuse to take a seat from under another change, unless a swap has begun (rule 5)."""
    for change in before.plan.changes:
        is_newly_displaced = change.id in after.displaced and change.id not in before.displaced
        if is_newly_displaced and not _is_begun_swap(before, change, on):
            raise _displacing(change.id, after.displaced[change.id])


def _displacing(change: str, seat: str | None) -> ChangeRefused:
    if seat is None:
        sentence = _("“%(change)s” rests on a term that would be lost: revoke that change first.")
        return ChangeRefused("displaces_seat", sentence, change=change)
    sentence = _(
        "%(seat)s would lose a turn on which “%(change)s” rests: revoke that change first."
    )
    return ChangeRefused("displaces_seat", sentence, seat=seat, change=change)


def _is_begun_swap(course: Course, change: Change, on: date) -> bool:
    if change.kind != "swap":
        return False
    first = course.spans[change.binding["term"]]
    return first.starts_on is not None and first.starts_on <= on


def refuse_altering_confirmed(before: Course, after: Course, spared: int | None) -> None:
    """Refuse to alter days, turn or holders of a confirmed term (rule 6)."""
    numbers = {part.starts_on: span.number for span in before.spans for part in span.parts}
    was = {term.starts_on: term for term in before.terms()}
    becomes = {term.starts_on: term for term in after.terms()}
    for stored in before.plan.confirmed:
        day = stored.starts_on
        if day not in was or numbers[day] == spared:
            continue
        if day not in becomes or _facts(was[day]) != _facts(becomes[day]):
            raise ChangeRefused(
                "term_is_confirmed",
                _("The term that begins on %(term)s is confirmed and would be altered."),
                term=day,
            )


def _facts(term: Term) -> tuple[Any, ...]:
    return (term.starts_on, term.ends_on, term.turn, term.holders)


def spared_term(course: Course, change: Change, on: date) -> int | None:
    """The number of the term that the change may alter though confirmed (rule 6).

    A timely `end`, `extend` or `vacate` may alter the term it names, a timely `withdraw` the one
    in which it falls; timely is what is recorded by its own date.
    """
    if change.own_on is None or change.own_on < on:
        return None
    if change.kind in ("end", "extend", "vacate"):
        return change.binding["term"]
    if change.kind == "withdraw":
        span = course.span_on(change.own_on)
        return span.number if span and span.judged_on < change.own_on else None
    return None
