"""iCalendar (RFC 5545, RFC 5546): entries as plain data, and the file that calendar programs read.

Pure. Times are local with their zone named, and every zone named is described in the file, with
the changes of its clocks in the years that the file covers. (The library describes zones too,
but lets summer time begin an hour late.)
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import (
    Calendar,
    Event,
    Timezone,
    TimezoneDaylight,
    TimezoneStandard,
    vCalAddress,
    vRecur,
    vText,
)

MEDIA = "text/calendar; charset=utf-8"
_PRODUCT = "-//Concord//Cooperation agreements//EN"
_HOUR = timedelta(hours=1)
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True, slots=True)
class Entry:
    """One event. ``starts`` is a day (it lasts all day) or a moment, shown in ``zone``.

    ``recurs`` makes it the head of a recurring one, without the moments ``without``;
    ``recurrence``, the local time of an occurrence, makes it that occurrence of the head with the
    same ``uid``. ``people`` are invited: name, mail address.
    """

    uid: str
    summary: str
    starts: date
    ends: date | None
    changed_at: datetime
    sequence: int = 0
    status: str = "CONFIRMED"
    zone: str = "UTC"
    recurs: str = ""
    without: tuple[datetime, ...] = ()
    recurrence: datetime | None = None
    description: str = ""
    location: str = ""
    url: str = ""
    categories: tuple[str, ...] = ()
    organizer: tuple[str, str] | None = None
    people: tuple[tuple[str, str], ...] = ()


def calendar_file(entries: Iterable[Entry], *, name: str = "", method: str = "PUBLISH") -> bytes:
    """The file; ``name`` is what programs call a subscribed calendar."""
    rows = list(entries)
    file = Calendar()
    file.add("prodid", _PRODUCT)
    file.add("version", "2.0")
    file.add("calscale", "GREGORIAN")
    file.add("method", method)
    if name:
        file.add("name", name)
        file.add("x-wr-calname", name)
        file.add("refresh-interval", timedelta(hours=4), parameters={"value": "DURATION"})
        file.add("x-published-ttl", "PT4H")
    for zone, years in sorted(_zones(rows).items()):
        file.add_component(zone_described(zone, min(years) - 1, max(years) + 2))
    for entry in rows:
        file.add_component(_event(entry, method))
    return bytes(file.to_ical())


def _zones(rows: Iterable[Entry]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for entry in rows:
        if isinstance(entry.starts, datetime) and entry.zone != "UTC":
            found.setdefault(entry.zone, set()).add(entry.starts.year)
    return found


def _event(entry: Entry, method: str) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("dtstamp", entry.changed_at.astimezone(UTC))
    event.add("last-modified", entry.changed_at.astimezone(UTC))
    event.add("sequence", entry.sequence)
    event.add("status", entry.status)
    event.add("summary", entry.summary)
    _when(event, entry)
    for key in ("description", "location", "url"):
        if getattr(entry, key):
            event.add(key, getattr(entry, key))
    if entry.categories:
        event.add("categories", list(entry.categories))
    if not isinstance(entry.starts, datetime):
        event.add("transp", "TRANSPARENT")
    if entry.organizer is not None:
        event.add("organizer", _address(*entry.organizer))
    for named, mail in entry.people:
        person = _address(named, mail)
        person.params["role"] = vText("REQ-PARTICIPANT")
        person.params["partstat"] = vText("NEEDS-ACTION")
        person.params["rsvp"] = vText("FALSE")
        event.add("attendee", person, encode=False)
    return event


def _when(event: Event, entry: Entry) -> None:
    if not isinstance(entry.starts, datetime):
        event.add("dtstart", entry.starts)
        event.add("dtend", entry.ends or entry.starts + timedelta(days=1))
        return
    zone = UTC if entry.zone == "UTC" else ZoneInfo(entry.zone)
    event.add("dtstart", _in(entry.starts, zone))
    if isinstance(entry.ends, datetime):
        event.add("dtend", _in(entry.ends, zone))
    if entry.recurs:
        event.add("rrule", vRecur.from_ical(entry.recurs))
    for moment in entry.without:
        event.add("exdate", moment.replace(tzinfo=zone))
    if entry.recurrence is not None:
        event.add("recurrence-id", entry.recurrence.replace(tzinfo=zone))


def _in(moment: datetime, zone: object) -> datetime:
    """A local time that is given stays; a moment is shown in the zone."""
    if moment.tzinfo is None:
        return moment.replace(tzinfo=zone)  # type: ignore[arg-type]
    return moment.astimezone(zone)  # type: ignore[arg-type]


def _address(name: str, mail: str) -> vCalAddress:
    address = vCalAddress(f"mailto:{mail}")
    if name:
        address.params["cn"] = vText(name)
    return address


# zones


def zone_described(name: str, first: int, last: int) -> Timezone:
    """A zone with the changes of its clocks from the year ``first`` to ``last``.

    Changes that come by one rule in all these years are written as the rule, others day by day.
    """
    zone = ZoneInfo(name)
    described = Timezone()
    described.add("tzid", name)
    begin = datetime(first, 1, 1, tzinfo=UTC)
    groups: dict[tuple[timedelta, timedelta, str, bool], list[datetime]] = {}
    for moment in _changes(zone, begin, datetime(last + 1, 1, 1, tzinfo=UTC)):
        before, after = (moment - _HOUR).astimezone(zone), moment.astimezone(zone)
        old, new = _offset(before), _offset(after)
        key = (old, new, after.tzname() or name, bool(after.dst()))
        groups.setdefault(key, []).append((moment + old).replace(tzinfo=None))
    start = begin.astimezone(zone)
    described.add_component(
        _observance(
            _offset(start),
            _offset(start),
            start.tzname() or name,
            [start.replace(tzinfo=None)],
            summer=bool(start.dst()),
        )
    )
    for (old, new, called, summer), onsets in groups.items():
        described.add_component(_observance(old, new, called, onsets, summer=summer))
    return described


def _observance(
    old: timedelta, new: timedelta, called: str, onsets: list[datetime], *, summer: bool
) -> TimezoneStandard | TimezoneDaylight:
    part = TimezoneDaylight() if summer else TimezoneStandard()
    part.add("tzname", called)
    part.add("tzoffsetfrom", old)
    part.add("tzoffsetto", new)
    part.add("dtstart", onsets[0])
    rule = _rule_of(onsets)
    if rule:
        part.add("rrule", vRecur.from_ical(rule))
    elif len(onsets) > 1:
        part.add("rdate", onsets[1:])
    return part


def _rule_of(onsets: list[datetime]) -> str:
    """The yearly rule by which these local times come; empty when there is none."""
    years = [onset.year for onset in onsets]
    if len(onsets) < 2 or years != list(range(years[0], years[0] + len(years))):
        return ""
    for places in ([-1], [1, 2, 3, 4]):
        for place in places:
            said = {_place(onset, place) for onset in onsets}
            if len(said) == 1 and None not in said:
                first = onsets[0]
                return (
                    f"FREQ=YEARLY;BYMONTH={first.month};BYDAY={place}{_WEEKDAYS[first.weekday()]}"
                )
    return ""


def _place(onset: datetime, place: int) -> tuple[object, ...] | None:
    week = onset + timedelta(days=7)
    is_there = week.month != onset.month if place == -1 else (onset.day - 1) // 7 + 1 == place
    return (onset.month, onset.weekday(), onset.time()) if is_there else None


def _changes(zone: ZoneInfo, begin: datetime, end: datetime) -> Iterator[datetime]:
    """The moments, in UTC, at which the clocks of the zone change."""
    step = timedelta(days=7)
    left = begin
    while left < end:
        right = left + step
        if _offset(left.astimezone(zone)) != _offset(right.astimezone(zone)):
            yield _between(zone, left, right)
        left = right


def _between(zone: ZoneInfo, left: datetime, right: datetime) -> datetime:
    """The first moment, to the minute, with another offset than ``left``."""
    old = _offset(left.astimezone(zone))
    while right - left > timedelta(minutes=1):
        middle = left + (right - left) / 2
        middle = middle.replace(second=0, microsecond=0)
        if _offset(middle.astimezone(zone)) == old:
            left = middle
        else:
            right = middle
    return right


def _offset(moment: datetime) -> timedelta:
    return moment.utcoffset() or timedelta()
