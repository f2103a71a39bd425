"""Working days: weekends, holidays, and the days worked to make up for them. Pure.

Policy, stated once: the day one counts from is never counted itself. The n-th working day behind
a day is the last of the n working days that follow it; behind means before for a negative n. With
n = 0 it is the day itself where it is worked, and the next working day where it is not. A day that
is a holiday and a make-up working day at once is worked.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

SATURDAY, SUNDAY = 5, 6
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are worked. ``weekend`` counts as Python does: Monday is 0.

    Raises ValueError when the weekend leaves no day of the week, for then no day would ever come.
    """

    weekend: frozenset[int] = frozenset({SATURDAY, SUNDAY})
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if not self.weekend < set(range(7)):
            raise ValueError("a weekend is some of the days 0 to 6, and not all of them")

    @classmethod
    def of(
        cls, weekend: Iterable[int], holidays: Iterable[date], workdays: Iterable[date]
    ) -> "Calendar":
        """A calendar from any collections of days."""
        return cls(frozenset(weekend), frozenset(holidays), frozenset(workdays))

    def is_working(self, day: date) -> bool:
        """Whether the day is worked."""
        if day in self.workdays:
            return True
        return day.weekday() not in self.weekend and day not in self.holidays

    def next_working_day(self, day: date) -> date:
        """The day itself where it is worked, else the first working day behind it."""
        while not self.is_working(day):
            day += _DAY
        return day

    def add_working_days(self, day: date, number: int) -> date:
        """The ``number``-th working day behind ``day``; before it, for a negative number.

        Raises OverflowError at the end of the calendar.
        """
        if number == 0:
            return self.next_working_day(day)
        step = _DAY if number > 0 else -_DAY
        left = abs(number)
        while left:
            day += step
            left -= self.is_working(day)
        return day

    def working_days_between(self, first: date, second: date) -> int:
        """How many working days lie behind ``first`` up to ``second``, that one included.

        Backwards they count negative, so that it gives back the number that led from the one
        to the other.
        """
        if second < first:
            return -self._worked(second, first - _DAY)
        return self._worked(first + _DAY, second)

    def _worked(self, first: date, last: date) -> int:
        """The working days from ``first`` to ``last``, both included."""
        days = (last - first).days + 1
        if days <= 0:
            return 0
        weeks, rest = divmod(days, 7)
        week = 7 - len(self.weekend)
        worked = weeks * week + sum(
            (first.weekday() + place) % 7 not in self.weekend for place in range(rest)
        )
        off = sum(first <= day <= last for day in self._holidays_that_count())
        made_up = sum(first <= day <= last for day in self._workdays_that_count())
        return worked - off + made_up

    def _holidays_that_count(self) -> list[date]:
        return [
            day
            for day in self.holidays
            if day.weekday() not in self.weekend and day not in self.workdays
        ]

    def _workdays_that_count(self) -> list[date]:
        return [day for day in self.workdays if day.weekday() in self.weekend]
