"""A rotation as plain data: its seats, its rule, its changes, and the terms that it yields.

Nothing here reads a table or the clock. Seats, organizations and regions are named by opaque
strings (their public ids); days are dates; periods are half-open, ``[starts_on, ends_on)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

from governance.periods import add_months

Basis = Literal["order", "decision"]
OrderRule = Literal["as_given", "alphabetical"]
Unit = Literal["day", "month", "year"]
Boundaries = Literal["calendar", "event"]
OnAdmission = Literal["end", "by_order", "ask"]
TermState = Literal["confirmed", "projected", "undecided", "vacant"]


def known(day: date | None) -> date:
    """A day that cannot be missing here. Raises ValueError if it is: a change was not checked."""
    if day is None:
        raise ValueError("A day is missing that the kind of change or the rotation needs.")
    return day


@dataclass(frozen=True, slots=True)
class Seat:
    """A place in the order, of an organization or of a region whose holder is named each time.

    ``key`` names the seat: the organization's id, or the region's. ``position`` is its place in an
    order as given, ``sort_name`` in an alphabetical one. It is a member from ``joined_on`` (None:
    always) up to but excluding ``left_on`` (None: for good). ``co_holders`` are the organizations
    that serve its terms together with it.
    """

    key: str
    organization: str | None
    region: str | None
    position: int
    sort_name: str
    joined_on: date | None = None
    left_on: date | None = None
    co_holders: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """One recorded decision that alters a rotation; a revoked one is simply not passed in.

    ``recorded`` is the order of recording. ``decided_on`` is the day of the decision (None:
    unknown, and then it always counts). The other fields are filled as the kind needs them; the
    single organization of `skip`, `admit` and `withdraw` is the only member of ``organizations``.
    ``then`` says who serves the remaining days: ``next`` (None means the same), ``vacant`` or an
    organization. ``after`` is ``end``, ``by_order`` or the key of the seat in front (None: as the
    rotation has it). ``seats`` of a `reorder` are the keys of seats, or whole seats where they are
    new; `admit` may give the whole new seat there too.

    ``binding`` is what ``rotation_changes.bind`` found when the change was recorded: plain data,
    fit for JSON, to be stored and given back as it is.
    """

    id: str
    kind: str
    recorded: int
    decided_on: date | None = None
    term_on: date | None = None
    other_term_on: date | None = None
    turns_ahead: int | None = None
    other_turns_ahead: int | None = None
    organizations: tuple[str, ...] = ()
    ends_on: date | None = None
    realign: bool = False
    on: date | None = None
    then: str | None = None
    effective_on: date | None = None
    after: str | None = None
    sort_name: str = ""
    seats: tuple[Seat | str, ...] = ()
    first: str | None = None
    binding: Mapping[str, Any] = field(default_factory=dict)

    @property
    def organization(self) -> str | None:
        """The one organization (or region) that the change names, None if it names none."""
        return self.organizations[0] if self.organizations else None

    @property
    def own_on(self) -> date | None:
        """The change's own date (rule 4), before which it alters nothing.

        Known once the change is bound; None for a turn to come whose first day is not known. A
        change recorded after its own date is a correction.
        """
        stored = self.binding.get("own_on")
        return date.fromisoformat(stored) if stored else None


@dataclass(frozen=True, slots=True)
class Term:
    """A stretch of days with the seat whose turn it is and those who serve it.

    ``ends_on`` None: the term is open, and ``expected_ends_on`` is the forecast. ``starts_on``
    None: a turn to come, behind the open term. ``turn`` None: no seat's turn (nobody was eligible,
    or each holder is decided). ``changes`` are the ids of the changes that shaped the term.
    """

    starts_on: date | None
    ends_on: date | None
    expected_ends_on: date | None
    turn: str | None
    holders: tuple[str, ...]
    state: TermState
    changes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RotationPlan:
    """Everything that the terms of one rotation follow from.

    ``length`` counts ``unit``; None, like a missing ``starts_on`` or no seats, means that there
    are no terms yet. ``first`` is the seat of the first turn (None: the lowest position, under
    ``reverse`` the highest). ``confirmed`` are the terms that no change may alter any more.
    """

    basis: Basis = "order"
    order: OrderRule = "as_given"
    reverse: bool = False
    length: int | None = None
    unit: Unit = "month"
    boundaries: Boundaries = "calendar"
    starts_on: date | None = None
    first: str | None = None
    on_admission: OnAdmission = "end"
    seats: tuple[Seat, ...] = ()
    changes: tuple[Change, ...] = ()
    confirmed: tuple[Term, ...] = ()

    @property
    def yields_terms(self) -> bool:
        """Whether length, first day and at least one seat are known."""
        has_seats = bool(self.seats) or any(change.kind == "admit" for change in self.changes)
        return bool(self.length) and self.starts_on is not None and has_seats

    def lengths_after(self, day: date, count: int) -> date:
        """The day ``count`` lengths after ``day``, clamped once to its month's end (rule 2).

        The calendar's last day stands for every day beyond it.
        """
        length = (self.length or 0) * count
        try:
            if self.unit == "day":
                return day + timedelta(days=length)
            return add_months(day, length * 12 if self.unit == "year" else length)
        except (OverflowError, ValueError):
            return date.max
