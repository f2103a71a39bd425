"""Held as promised: what a cadence asks for, period by period.

Pure. The policy: a promise such as "at least once a quarter" is asked per period of the
calendar (January to March, not any three months), since that is how administrations report.
A period is asked when it lies wholly within the life of the promise, so the broken one at its
beginning (the agreement entered into force in mid-quarter) or at its end is not. A period counts
in a window when its last day does; more held in one period does not make up for another. The
running period owes what is not held yet until its last day.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from governance.periods import add_months

MONTHS_OF = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


@dataclass(frozen=True, slots=True)
class Promise:
    """At least ``times`` per ``cadence``, since a day until before another (None: no end)."""

    cadence: str
    times: int
    since: date
    until: date | None = None

    def period_of(self, day: date) -> tuple[date, date]:
        """The period of the calendar that holds ``day``, half-open."""
        months = MONTHS_OF[self.cadence]
        begin = date(day.year, (day.month - 1) // months * months + 1, 1)
        return begin, add_months(begin, months)

    def asks(self, begin: date, end: date) -> bool:
        """Whether the period lies wholly within the life of the promise."""
        return begin >= self.since and (self.until is None or end <= self.until)

    def periods(self, start: date, end: date) -> Iterator[tuple[date, date]]:
        """The periods that are asked for whose last day lies in ``[start, end)``."""
        begin, stop = self.period_of(start)
        while stop <= end:
            if self.asks(begin, stop):
                yield begin, stop
            begin, stop = stop, add_months(stop, MONTHS_OF[self.cadence])


@dataclass(frozen=True, slots=True)
class Kept:
    """One period ``[starts_on, ends_on)``: how many were promised, how many were held."""

    starts_on: date
    ends_on: date
    promised: int
    held: int

    @property
    def owed(self) -> int:
        """How many are, or were left, to be held."""
        return max(0, self.promised - self.held)


def kept(promise: Promise, held: Iterable[date], start: date, end: date) -> list[Kept]:
    """The periods asked for in the window, each with what was held in it."""
    days = list(held)
    return [_kept(promise, days, *period) for period in promise.periods(start, end)]


def running(promise: Promise, held: Iterable[date], on: date) -> Kept | None:
    """The period that runs on that day; None when it is not asked for."""
    period = promise.period_of(on)
    return _kept(promise, list(held), *period) if promise.asks(*period) else None


def _kept(promise: Promise, days: list[date], begin: date, end: date) -> Kept:
    return Kept(begin, end, promise.times, len([day for day in days if begin <= day < end]))
