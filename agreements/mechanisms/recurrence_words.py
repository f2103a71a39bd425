"""Recurrence in words: “every last Thursday of the quarter, 14:00 Beijing time”.

In the reader's language, for every rule that people can say (see mechanisms.recurrence); any
other rule is shown as it stands.
"""

from datetime import date, time

from babel import Locale
from babel.dates import get_day_names, get_month_names, get_timezone_name
from django.utils.translation import get_language, ngettext, pgettext, to_locale
from django.utils.translation import gettext as _

from agreements.mechanisms.recurrence import LAST, MONTHS_IN, Spoken, spoken
from governance.wording import day_text, listed


def in_words(rrule: str, starts_on: date, starts_at: time, zone: str) -> str:
    """When it recurs, as people say it, with the time of day and the zone."""
    said = spoken(rrule, starts_on, zone)
    words = _("%(rule)s, %(time)s %(zone)s") % {
        "rule": days_in_words(said) if said is not None else rrule,
        "time": starts_at.strftime("%H:%M"),
        "zone": zone_name(zone),
    }
    if said is None:
        return words
    if said.count is not None:
        times = ngettext("%(number)s time in all", "%(number)s times in all", said.count)
        ends = times % {"number": said.count}
        return _("%(recurs)s, %(ends)s") % {"recurs": words, "ends": ends}
    if said.until is not None:
        ends = _("until %(last)s") % {"last": day_text(said.until)}
        return _("%(recurs)s, %(ends)s") % {"recurs": words, "ends": ends}
    return words


def zone_name(zone: str) -> str:
    """What people call a time zone: Beijing time."""
    if zone == "Asia/Shanghai":
        return _("Beijing time")
    if zone in {"UTC", "Etc/UTC"}:
        return "UTC"
    return str(get_timezone_name(zone, locale=_locale()))


def days_in_words(said: Spoken) -> str:
    """On which days, without the time: “every last Thursday of the quarter”."""
    both: dict[str, object] = {"number": said.every}
    if said.unit == "week":
        both["days"] = listed(weekday_name(day) for day in said.weekdays)
    else:
        both["which"] = _which(said)
        both["month"] = _ordinal(said.months[0]) if said.unit in {"quarter", "half_year"} else ""
        both["months"] = listed(month_name(month) for month in said.months)
    return _sentence(said) % both


def _sentence(said: Spoken) -> str:
    """Once and several times are sentences of their own: Chinese says 每周 but 每3周."""
    once = said.every == 1
    if said.unit == "week":
        return _("every week on %(days)s") if once else _("every %(number)s weeks on %(days)s")
    if said.unit == "month":
        if once:
            return _("every %(which)s of the month")
        return _("every %(number)s months on the %(which)s")
    if said.unit == "quarter":
        return _of_quarters(said, once=once)
    if said.unit == "half_year":
        return _of_half_years(said, once=once)
    if said.place is None:
        if once:
            return _("every year on the %(which)s of %(months)s")
        return _("every %(number)s years on the %(which)s of %(months)s")
    if once:
        return _("every year on the %(which)s in %(months)s")
    return _("every %(number)s years on the %(which)s in %(months)s")


def _of_quarters(said: Spoken, *, once: bool) -> str:
    if _month_goes_without(said):
        if once:
            return _("every %(which)s of the quarter")
        return _("every %(number)s quarters on the quarter’s %(which)s")
    if once:
        return _("every %(which)s of the quarter’s %(month)s month")
    return _("every %(number)s quarters on the %(which)s of the quarter’s %(month)s month")


def _of_half_years(said: Spoken, *, once: bool) -> str:
    if _month_goes_without(said):
        if once:
            return _("every %(which)s of the half-year")
        return _("every %(number)s half-years on the half-year’s %(which)s")
    if once:
        return _("every %(which)s of the half-year’s %(month)s month")
    return _("every %(number)s half-years on the %(which)s of the half-year’s %(month)s month")


def _month_goes_without(said: Spoken) -> bool:
    """The last Thursday of the quarter is in its last month, the first one in its first."""
    last = said.place == LAST or (said.place is None and said.day == LAST)
    month = MONTHS_IN[said.unit] if last else 1
    return said.months == (month,) and (last or said.place is not None)


def _which(said: Spoken) -> str:
    """The day within its month: last Thursday, 2nd Tuesday, last day, 15th."""
    if said.place is not None:
        return _("%(place)s %(weekday)s") % {
            "place": place_name(said.place),
            "weekday": weekday_name(said.weekdays[0]),
        }
    if said.day == LAST:
        return pgettext("of a month", "last day")
    day = said.day or 1
    return pgettext("day of a month", "%(day)s") % {"day": f"{day}{_ending(day)}"}


def place_name(place: int) -> str:
    """Which one of its month: 1st, 2nd, last."""
    return pgettext("which weekday", "last") if place == LAST else _ordinal(place)


def _ordinal(number: int) -> str:
    return {
        1: pgettext("ordinal", "1st"),
        2: pgettext("ordinal", "2nd"),
        3: pgettext("ordinal", "3rd"),
        4: pgettext("ordinal", "4th"),
        5: pgettext("ordinal", "5th"),
        6: pgettext("ordinal", "6th"),
    }[number]


def _ending(day: int) -> str:
    """The English ending of a number; the Chinese one is its own."""
    if _locale().language == "zh":
        return "日"
    if day % 100 in (11, 12, 13):
        return "th"
    return {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def weekday_name(weekday: int) -> str:
    """Thursday; 0 is Monday."""
    return str(get_day_names("wide", locale=_locale())[weekday])


def month_name(month: int) -> str:
    """March, 3月."""
    locale = _locale()
    if locale.language == "zh":
        return str(get_month_names("abbreviated", locale=locale)[month])
    return str(get_month_names("wide", locale=locale)[month])


def _locale() -> Locale:
    return Locale.parse(to_locale(get_language() or "en"))
