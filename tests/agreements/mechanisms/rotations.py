"""Rotations in few words, for the tests of the engine."""

from dataclasses import replace
from datetime import date

import pytest

from agreements.mechanisms.rotation import terms
from agreements.mechanisms.rotation_changes import ChangeRefused, bind
from agreements.mechanisms.rotation_plan import Change, RotationPlan, Seat

START = date(2027, 1, 1)
EARLY = date(2026, 6, 1)


def day(text):
    return date.fromisoformat(text)


def seats(names, **facts):
    return tuple(Seat(n, n, None, at, n, **facts) for at, n in enumerate(names, start=1))


def yearly(names="ABCD", **facts):
    """One-year terms from 2027 on, so that a term is known by its year."""
    rule = {"length": 1, "unit": "year", "starts_on": START, "seats": seats(names)}
    return RotationPlan(**{**rule, **facts})


def draft(plan, kind, **facts):
    number = len(plan.changes) + 1
    days = {name: day(v) for name, v in facts.items() if name.endswith("on") and isinstance(v, str)}
    return Change(f"{kind} {number}", kind, recorded=number, **{**facts, **days})


def record(plan, kind, at=EARLY, **facts):
    return replace(plan, changes=(*plan.changes, bind(plan, draft(plan, kind, **facts), at)))


def refusal(plan, kind, at=EARLY, **facts):
    with pytest.raises(ChangeRefused) as refused:
        bind(plan, draft(plan, kind, **facts), at)
    return refused.value


def code(plan, kind, **facts):
    return refusal(plan, kind, **facts).code


def listed(plan, first=2027, last=2034):
    return terms(plan, date(first, 1, 1), date(last, 12, 31))


def turns(plan, first=2027, last=2034):
    return "".join(term.turn or "-" for term in listed(plan, first, last))


def holders(plan, first=2027, last=2034):
    return "".join("+".join(term.holders) or "-" for term in listed(plan, first, last))


def stretch(plan, year):
    """The parts of one year's term: first day, day behind the last, holders, state."""
    return [
        (str(t.starts_on), str(t.ends_on), "+".join(t.holders), t.state)
        for t in listed(plan, year, year)
    ]


def withdraw(plan, name, effective_on, **facts):
    return record(plan, "withdraw", organizations=(name,), effective_on=effective_on, **facts)


def admit(plan, name, effective_on, **facts):
    return record(plan, "admit", organizations=(name,), effective_on=effective_on, **facts)


def assign(plan, term_on, *names, **facts):
    return record(plan, "assign", term_on=term_on, organizations=names, **facts)


def skip(plan, name, term_on, **facts):
    return record(plan, "skip", organizations=(name,), term_on=term_on, **facts)


def by_event(names="ABC", **facts):
    return yearly(names, boundaries="event", **facts)
