"""One agreement as one file: read, check, plan, load.

A package tells of one agreement, of everybody and everything that it needs, and of what happened
day by day. It is loaded through the same verbs as people use, all or nothing, and loading it
twice changes nothing. A package that ``extends`` another's agreement adds to it. The format is
described in ``sections`` and, for people, in ``seeds/README.md``.
"""

from datetime import date
from typing import Any

from agreements.package.acts import Life
from agreements.package.matching import agreements_of
from agreements.package.names import Names, reference_problems
from agreements.package.reading import PackageInvalid, Problem, read, shape_problems
from agreements.package.rows import Rows
from agreements.package.sections import Json
from agreements.package.shape import schema
from agreements.package.steps import Plan, Step
from governance.record import unit

__all__ = [
    "PackageInvalid",
    "Plan",
    "Problem",
    "Step",
    "agreements_of",
    "check",
    "load",
    "plan",
    "read",
    "schema",
]


class _Rehearsed(Exception):
    """Ends a rehearsal, so that its transaction is rolled back."""


def check(data: Any, file: str = "") -> list[Problem]:
    """What is wrong with a package before anything is tried: its shape and its references.

    Empty when nothing is. Whether the domain's rules allow what it tells is found by ``plan``.
    """
    problems = shape_problems(data, file)
    if problems:
        return problems
    return reference_problems(data, Names(data, file), agreements_of(data).first(), file)


def plan(data: Json, *, by: Any, on: date, file: str = "") -> Plan:
    """What loading would create, change, record and leave alone; nothing is kept.

    A rehearsal: the package is loaded and rolled back, so that the plan is what will happen.
    Raises PackageInvalid with all that stands against it.
    """
    rehearsed = Plan()
    existing = None
    try:
        with unit():
            existing = _existing(data, file)
            rehearsed = _loaded(data, by=by, on=on, file=file)
            raise _Rehearsed
    except _Rehearsed:
        rehearsed.agreement = existing
    return rehearsed


def load(data: Json, *, by: Any, on: date, file: str = "") -> Plan:
    """Load a package in one transaction, by the user ``by`` (None: the system) on the day ``on``.

    Returns what was done. Raises PackageInvalid, and then nothing was.
    """
    with unit():
        return _loaded(data, by=by, on=on, file=file)


def _existing(data: Json, file: str) -> Any:
    problems = shape_problems(data, file)
    if problems:
        raise PackageInvalid(problems)
    return agreements_of(data).first()


def _loaded(data: Json, *, by: Any, on: date, file: str) -> Plan:
    problems = check(data, file)
    if problems:
        raise PackageInvalid(problems)
    rows = Rows(data, by=by, on=on, file=file)
    rows.load()
    if not rows.problems:
        Life(rows).replay()
    if rows.problems:
        raise PackageInvalid(rows.problems)
    return rows.plan
