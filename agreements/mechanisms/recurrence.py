"""Recurrence as people say it, and the rule of RFC 5545 that means the same.

"Every last Thursday of the quarter" is a :class:`Spoken`; :func:`rule_of` makes the RRULE and
:func:`spoken` reads it back, for every rule that a :class:`Spoken` can make and for what other
programs write for the same days. A rule that cannot be said so (None) is kept as it stands.

Quarters and half-years are those of the calendar: the last Thursday of the quarter falls in
March, June, September or December. Their months are named in the rule (``BYMONTH``), so that the
days do not depend on the month in which the series begins; only "every 2 quarters" and the like
count from there, and :func:`rule_of` is asked for its first day by :func:`first_day`.

A day that a month does not have is that month's last one, as in governance.periods: the 30th is
written ``BYMONTHDAY=28,29,30;BYSETPOS=-1``, since a bare 30 would leave February out.

A first day that the rule does not yield is no occurrence here; some programs count it as one, so
calendars are given the first day that is.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
MONTHS_IN = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
UNITS = ("week", *MONTHS_IN)
LAST = -1
PLACES = (1, 2, 3, 4, LAST)
_STAMP = "%Y%m%dT%H%M%S"
_COMPARED = 60


@dataclass(frozen=True, slots=True)
class Spoken:
    """Every ``every`` weeks, months, quarters, half-years or years, on which days.

    Weeks have ``weekdays`` (0 is Monday). The others have a ``day`` of the month (31 and LAST are
    its last day), or the ``place``-th ``weekdays[0]`` (LAST: the last one), in the month ``month``
    of the period, counted from 1 (a year: one or several ``months``). It ends never, after
    ``count`` times, or with the day ``until``, which is its last one.
    """

    unit: str
    every: int = 1
    weekdays: tuple[int, ...] = ()
    day: int | None = None
    place: int | None = None
    months: tuple[int, ...] = ()
    count: int | None = None
    until: date | None = None

    def normal(self) -> "Spoken":
        """The shortest way to say the same: 12 months are a year, 2 half-years too."""
        weekdays = tuple(sorted(set(self.weekdays)))
        if self.unit == "week":
            return replace(self, weekdays=weekdays, day=None, place=None, months=())
        day = LAST if self.day == 31 else self.day
        if self.place is not None:
            day, weekdays = None, weekdays[:1]
        else:
            weekdays = ()
        return _named(replace(self, weekdays=weekdays, day=day, months=self._months()))

    def _months(self) -> tuple[int, ...]:
        """In which months of the period; the last one for last days where none was said."""
        length = MONTHS_IN[self.unit]
        if length == 1:
            return ()
        last = self.place == LAST or (self.place is None and self.day in (LAST, 31))
        return tuple(sorted(set(self.months))) or ((length,) if last else (1,))


def _named(said: Spoken) -> Spoken:
    """The same in the unit whose months people know: half-years by their first or last month."""
    if said.unit == "half_year" and said.every == 1 and said.months[0] not in (1, 6):
        return replace(said, unit="year", months=(said.months[0], said.months[0] + 6))
    if said.unit == "year" and said.every == 1:
        if len(said.months) == 12:
            return replace(said, unit="month", months=())
        for month in (1, 2, 3):
            if said.months == (month, month + 3, month + 6, month + 9):
                return replace(said, unit="quarter", months=(month,))
        for month in (1, 6):
            if said.months == (month, month + 6):
                return replace(said, unit="half_year", months=(month,))
    return said


def problem(said: Spoken) -> str:
    """What is missing or impossible in what was said: the name of its field; empty when nothing."""
    if said.unit not in UNITS or not 1 <= said.every <= 99:
        return "every"
    if any(weekday not in range(7) for weekday in said.weekdays):
        return "weekdays"
    if said.unit == "week" or said.place is not None:
        if not said.weekdays:
            return "weekdays"
    elif said.day is None or not (said.day == LAST or 1 <= said.day <= 31):
        return "day"
    if said.unit != "week" and said.place is not None and said.place not in PLACES:
        return "place"
    if said.unit != "week" and any(not 1 <= month <= MONTHS_IN[said.unit] for month in said.months):
        return "months"
    if len(said.months) > 1 and (said.unit != "year" or said.every > 1):
        return "months"
    if said.count is not None and not 1 <= said.count <= 999:
        return "count"
    return ""


def rule_of(said: Spoken, zone: str) -> str:
    """The RRULE that means it, in a zone (which dates its end).

    Raises ValueError, with the name of the field, when it cannot be.
    """
    wrong = problem(said)
    if wrong:
        raise ValueError(wrong)
    said = said.normal()
    parts = list(_frequency(said))
    parts += _days(said)
    if said.count is not None:
        parts.append(f"COUNT={said.count}")
    elif said.until is not None:
        end = datetime.combine(said.until, time(23, 59, 59), tzinfo=ZoneInfo(zone))
        parts.append(f"UNTIL={end.astimezone(UTC).strftime(_STAMP)}Z")
    return ";".join(parts)


def _frequency(said: Spoken) -> Iterator[str]:
    if said.unit == "week":
        yield "FREQ=WEEKLY"
        if said.every > 1:
            yield f"INTERVAL={said.every}"
        return
    length = MONTHS_IN[said.unit]
    if said.unit == "year" and len(said.months) == 1:
        yield "FREQ=YEARLY"
        if said.every > 1:
            yield f"INTERVAL={said.every}"
        yield f"BYMONTH={said.months[0]}"
        return
    yield "FREQ=MONTHLY"
    if said.every > 1:
        yield f"INTERVAL={said.every * length}"
    elif said.unit != "month":
        months = [month for month in range(1, 13) if (month - 1) % length + 1 in said.months]
        yield f"BYMONTH={','.join(str(month) for month in months)}"


def _days(said: Spoken) -> list[str]:
    if said.unit == "week":
        return [f"BYDAY={','.join(WEEKDAYS[weekday] for weekday in said.weekdays)}"]
    if said.place is not None:
        return [f"BYDAY={said.place}{WEEKDAYS[said.weekdays[0]]}"]
    day = said.day
    assert day is not None
    if day in (29, 30):
        return [f"BYMONTHDAY={','.join(str(one) for one in range(28, day + 1))}", "BYSETPOS=-1"]
    return [f"BYMONTHDAY={day}"]


def first_day(said: Spoken, start: date) -> date:
    """The first day from ``start`` on that what was said can mean.

    What is said every 2 quarters or every 3 weeks counts from there.
    """
    said = said.normal()
    if said.every == 1:
        return start
    if said.unit == "week":
        days = (start + timedelta(days=ahead) for ahead in range(7))
        return next(day for day in days if day.weekday() in said.weekdays)
    length = MONTHS_IN[said.unit]
    month, year = start.month, start.year
    while True:
        if (month - 1) % length + 1 in (said.months or (1,)):
            day = _day_in(said, year, month)
            if day >= start:
                return day
        month, year = (1, year + 1) if month == 12 else (month + 1, year)


def _day_in(said: Spoken, year: int, month: int) -> date:
    first, length = monthrange(year, month)
    if said.place is None:
        return date(year, month, length if said.day == LAST else min(said.day or 1, length))
    if said.place == LAST:
        last = (first + length - 1) % 7
        return date(year, month, length - (last - said.weekdays[0]) % 7)
    return date(year, month, 1 + (said.weekdays[0] - first) % 7 + 7 * (said.place - 1))


# reading rules


def spoken(rrule: str, start: date, zone: str) -> Spoken | None:
    """What the rule means when it begins on ``start``; None when it cannot be said so."""
    text = rrule.upper().removeprefix("RRULE:")
    try:
        said = _read(dict(part.split("=", 1) for part in text.split(";")), start, zone).normal()
        return said if not problem(said) and _same_days(text, said, start, zone) else None
    except (ValueError, KeyError, TypeError, IndexError, OverflowError):
        return None


def _read(parts: dict[str, str], start: date, zone: str) -> Spoken:
    every = int(parts.pop("INTERVAL", "1"))
    frequency = parts.pop("FREQ")
    parts.pop("WKST", None)
    ends: dict[str, Any] = {}
    if "COUNT" in parts:
        ends["count"] = int(parts.pop("COUNT"))
    if "UNTIL" in parts:
        ends["until"] = _until(parts.pop("UNTIL"), zone)
    months = tuple(int(month) for month in parts.pop("BYMONTH", "").split(",") if month)
    if frequency == "WEEKLY" and not months:
        weekdays = tuple(WEEKDAYS.index(name) for name in _listed(parts, "BYDAY"))
        if parts:
            raise ValueError(frequency)
        return Spoken("week", every, weekdays or (start.weekday(),), **ends)
    days = _read_days(parts, start)
    if frequency == "MONTHLY":
        unit, every, inside = _period(every, months, start)
    elif frequency == "YEARLY":
        unit, inside = "year", months or _months_without(days, parts, start)
    else:
        raise ValueError(frequency)
    return Spoken(unit, every, months=inside, **days, **ends)


def _period(every: int, months: tuple[int, ...], start: date) -> tuple[str, int, tuple[int, ...]]:
    """The unit of so many months that begin with ``start``, and in which of its months."""
    if months:
        if every != 1:
            raise ValueError(every)
        return "year", 1, months
    for unit in ("year", "half_year", "quarter"):
        length = MONTHS_IN[unit]
        if every % length == 0:
            return unit, every // length, ((start.month - 1) % length + 1,)
    return "month", every, ()


def _months_without(days: dict[str, Any], parts: dict[str, str], start: date) -> tuple[int, ...]:
    """The months that a yearly rule means which names none."""
    if days.get("place") is not None:
        return (12,) if days["place"] == LAST else (1,)
    return (start.month,)


def _read_days(parts: dict[str, str], start: date) -> dict[str, Any]:
    position = parts.pop("BYSETPOS", None)
    names = _listed(parts, "BYDAY")
    days = [int(day) for day in _listed(parts, "BYMONTHDAY")]
    if parts or (names and days):
        raise ValueError(parts)
    if names:
        [name] = names
        place = name[:-2] or position
        if place is None or (position is not None and name[:-2]):
            raise ValueError(name)
        return {"place": int(place), "weekdays": (WEEKDAYS.index(name[-2:]),)}
    if position is not None:
        if position != "-1" or days not in ([28, 29], [28, 29, 30], [28, 29, 30, 31]):
            raise ValueError(position)
        return {"day": days[-1]}
    if not days:
        days = [start.day]
    [day] = days
    return {"day": day}


def _listed(parts: dict[str, str], name: str) -> list[str]:
    return [one for one in parts.pop(name, "").split(",") if one]


def _until(text: str, zone: str) -> date:
    """The last day on which it may fall."""
    if text.endswith("Z"):
        moment = datetime.strptime(text[:-1], _STAMP).replace(tzinfo=UTC)
        return moment.astimezone(ZoneInfo(zone)).date()
    return date.fromisoformat(f"{text[:4]}-{text[4:6]}-{text[6:8]}")


def _same_days(rrule: str, said: Spoken, start: date, zone: str) -> bool:
    """Whether both yield the same first days, so that reading never changes a rule's meaning."""
    first = datetime.combine(start, time())
    ours = iter(rrulestr(rule_of(replace(said, count=None, until=None), zone), dtstart=first))
    days = [day for day, _number in zip(ours, range(_COMPARED), strict=False)]
    kept = [part for part in rrule.split(";") if not part.startswith(("COUNT=", "UNTIL="))]
    # Bounded, since a rule may yield nothing up to the end of the calendar.
    bounded = ";".join([*kept, f"UNTIL={days[-1].strftime(_STAMP)}"])
    return list(rrulestr(bounded, dtstart=first)) == days
