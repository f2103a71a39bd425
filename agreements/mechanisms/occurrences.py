"""When a recurrence rule falls due, and which occurrence takes whose place when the rule changes.

Pure: an RRULE, its first moment in local time, a zone. Occurrences are counted in local time and
then fixed to the zone, so that 14:00 stays 14:00 across a change of the clocks. A local time
that does not exist on its day (the clocks go forward) is read with the offset from before the
change, so it falls as much later; one that comes twice (they go back) is the first of the two.
"""

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from governance.workdays import Calendar

# One rule and nothing else: neither a start, nor dates and exceptions beside it.
_ONE_RULE = re.compile(r"(RRULE:)?FREQ=[A-Z]+(;[A-Z]+=[A-Z0-9,+-]+)*", re.IGNORECASE)
_UNTIL = re.compile(r";UNTIL=[^;]*", re.IGNORECASE)
_UNTIL_IN_UTC = re.compile(r"(?<=;UNTIL=)(\d{8}T\d{6})Z", re.IGNORECASE)
_COUNT = re.compile(r"(?<=;COUNT=)\d+", re.IGNORECASE)
_ENDS = re.compile(r";(UNTIL|COUNT)=[^;]*", re.IGNORECASE)
# What the parser takes beyond RFC 5545: a year has no more than 53 Mondays, and no Easter.
_BEYOND = re.compile(r"BYEASTER|(5[4-9]|[6-9]\d|\d{3,})(MO|TU|WE|TH|FR|SA|SU)", re.IGNORECASE)
_STAMP = "%Y%m%dT%H%M%S"
_WITHIN_A_DAY = re.compile(r"HOURLY|MINUTELY|SECONDLY|BYHOUR|BYMINUTE|BYSECOND", re.IGNORECASE)
_NO_STEP = re.compile(r"INTERVAL=(-|0+(?![0-9]))", re.IGNORECASE)


def problem(rrule: str, first: datetime, zone: ZoneInfo) -> str:
    """What is wrong with a rule: not_one, within_a_day, no_step, no_rule or no_day; else empty."""
    if not _ONE_RULE.fullmatch(rrule):
        return "not_one"
    if _WITHIN_A_DAY.search(rrule):
        return "within_a_day"
    if _NO_STEP.search(rrule):
        return "no_step"
    endless = _UNTIL.sub("", rrule)
    try:
        if _BEYOND.search(rrule):
            return "no_rule"
        # The rule itself is asked only when it is known not to search to the calendar's end.
        found = next(iter(rrulestr(endless, dtstart=_late(first))), None) and next(
            iter(_rule(rrule, first, zone)), None
        )
    except (ValueError, TypeError, KeyError, IndexError, OverflowError):
        return "no_rule"
    return "" if found is not None else "no_day"


def moments(rrule: str, first: datetime, zone: ZoneInfo, start: date, end: date) -> list[datetime]:
    """The moments that the rule yields from the day ``start`` until before ``end``, in UTC."""
    found = _rule(rrule, first, zone).between(
        datetime.combine(start, time()), datetime.combine(end, time()), inc=True
    )
    # In UTC, since a local time that comes twice equals no other moment.
    return [local.replace(tzinfo=zone).astimezone(UTC) for local in found if local.date() < end]


def put_on_working_days(
    days: Calendar, step: int, zone: ZoneInfo
) -> Callable[[datetime], datetime]:
    """Where a moment is put that falls on a day not worked: the same time ``step`` working days on.

    ``step`` is 1 or -1.
    """

    def put(moment: datetime) -> datetime:
        local = moment.astimezone(zone)
        if days.is_working(local.date()):
            return moment
        day = days.add_working_days(local.date(), step)
        return datetime.combine(day, local.time(), tzinfo=zone).astimezone(UTC)

    return put


def _rule(rrule: str, first: datetime, zone: ZoneInfo) -> Any:
    """The rule in local time, from the moment ``first``; its UNTIL may be given in UTC."""

    def in_local_time(until: re.Match[str]) -> str:
        moment = datetime.strptime(until[1], _STAMP).replace(tzinfo=UTC)
        return moment.astimezone(zone).strftime(_STAMP)

    return rrulestr(_UNTIL_IN_UTC.sub(in_local_time, rrule), dtstart=first)


def _late(first: datetime) -> datetime:
    """A moment like ``first``, 28 to 55 years before the end of the calendar.

    The days of the week return every 28 years, so a rule that yields nothing from there never
    does; asked from ``first`` it would be sought for through eight thousand years.
    """
    years = (year for year in range(9944, 9972) if year % 4 == first.year % 4)
    days = (first.replace(year=year) for year in years)
    return next(day for day in days if day.weekday() == first.weekday())


def rest_of(rrule: str, first: datetime, zone: ZoneInfo, day: date) -> str:
    """The rule that goes on from ``day`` as this one would: its COUNT less what lies before.

    A rule of which nothing is left keeps one occurrence.
    """
    counted = _COUNT.search(rrule)
    if counted is None:
        return rrule
    gone = len(moments(rrule, first, zone, first.date(), day))
    return _COUNT.sub(str(max(1, int(counted[0]) - gone)), rrule)


def endless(rrule: str) -> str:
    """The rule without its end, and without the name some write before it."""
    return _ENDS.sub("", re.sub(r"^RRULE:", "", rrule, flags=re.IGNORECASE)).upper()


def places(
    held: Iterable[datetime], yielded: Iterable[datetime], zone: ZoneInfo
) -> dict[datetime, datetime]:
    """Which of the moments that a rule yields takes the place of which one of an older rule.

    The same moment; else the same local day; else, in their order, those of the same month; else
    those of the same quarter. What finds no place is left out.
    """
    left, free = sorted(set(held)), sorted(set(yielded))
    found: dict[datetime, datetime] = {}

    def of_month(moment: datetime) -> tuple[int, int]:
        local = moment.astimezone(zone)
        return local.year, local.month

    def of_quarter(moment: datetime) -> tuple[int, int]:
        year, month = of_month(moment)
        return year, (month - 1) // 3

    def of_day(moment: datetime) -> date:
        return moment.astimezone(zone).date()

    steps: list[Any] = [lambda moment: moment, of_day, of_month, of_quarter]
    for slot in steps:
        waiting: dict[Any, list[datetime]] = {}
        for moment in free:
            waiting.setdefault(slot(moment), []).append(moment)
        for moment in left:
            if waiting.get(slot(moment)):
                found[moment] = waiting[slot(moment)].pop(0)
        left = [moment for moment in left if moment not in found]
        taken = set(found.values())
        free = [moment for moment in free if moment not in taken]
    return found
