"""Keeping working calendars: the one of the installation, and the years that are wanted by now."""

from datetime import date

from django.conf import settings

from actors import public_holidays
from actors.working_calendar import WorkingCalendar, default_calendar
from governance.record import unit

# From this month on the year ahead is loaded: announcements come in the last quarter.
ANNOUNCING_MONTH = 10


def ensure_default(*, on: date) -> WorkingCalendar:
    """The default calendar, entered for the installation's country where there is none yet."""
    found = default_calendar()
    if found is not None:
        return found
    country = settings.COUNTRY
    with unit():
        made = WorkingCalendar.enter(
            by=None,
            on=on,
            name="Working days",
            name_zh="工作日历",
            country=country,
            weekend=public_holidays.weekend_of(country, on.year),
            announced_yearly=public_holidays.announces_yearly(country, on.year),
        )
        made.load(_years_wanted(on), by=None, on=on)
    return made


def keep_up(on: date) -> int:
    """The daily step: load the years that are wanted by now, and those still provisional again.

    With a provisional year the one before it: a make-up day may fall into its last week. Returns
    how many calendars changed.
    """
    ensure_default(on=on)
    changed = 0
    for calendar in WorkingCalendar.objects.exclude(country="").order_by("pk"):
        waited = [
            near
            for year in calendar.provisional_years
            for near in (year - 1, year)
            if year >= on.year
        ]
        missing = [year for year in _years_wanted(on) if year not in calendar.loaded_years]
        before = calendar.version
        if waited or missing:
            calendar.load([*waited, *missing], by=None, on=on)
        changed += calendar.version != before
    return changed


def _years_wanted(on: date) -> list[int]:
    """The years that are reckoned with: last year, this one, and from October on the next."""
    return [on.year - 1, on.year, *([on.year + 1] if on.month >= ANNOUNCING_MONTH else [])]
