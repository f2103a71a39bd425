"""Public holidays and make-up working days, as the library ``holidays`` has them. Pure.

The library knows what was announced when it was released. For a year that was announced later it
gives the bare holidays, without a word that days will still be moved: where a government moves
days every year, a year without a single make-up working day is one not announced yet.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import holidays

VERSION = f"holidays {holidays.__version__}"
_PAST, _OFTEN = 10, 8
_US_DAY = re.compile(r"\b(\d\d)/(\d\d)/(\d{4})\b")
_ESTIMATED = "(estimated"


def countries() -> dict[str, list[str]]:
    """The countries that the library knows, each with the codes of its parts."""
    return dict(holidays.list_supported_countries(include_aliases=False))


def days_off(country: str, subdivision: str, years: Sequence[int]) -> dict[date, tuple[str, str]]:
    """The days off in these years, each with its English and its Chinese name.

    A name that the library lacks in a language is empty, or stands in the country's own.
    """
    english = _library(country, subdivision, _with_neighbours(years), "en_US")
    chinese = _library(country, subdivision, _with_neighbours(years), "zh_CN")
    speaks_chinese = "zh_CN" in chinese.supported_languages
    return {
        day: (
            _US_DAY.sub(r"\3-\1-\2", english[day])[:200],
            chinese.get(day, "")[:200] if speaks_chinese else "",
        )
        for day in sorted(english)
        if day.year in years
    }


def days_made_up(country: str, subdivision: str, years: Sequence[int]) -> list[date]:
    """The days of the weekend in these years that are worked to make up for days off."""
    given = _library(country, subdivision, _with_neighbours(years))
    return sorted(day for day in given.weekend_workdays if day.year in years)


def weekend_of(country: str, year: int) -> list[int]:
    """The days of the week that are not worked: 1 is Monday, 7 is Sunday."""
    return sorted(day + 1 for day in _library(country, "", [year]).weekend)


def announces_yearly(country: str, year: int) -> bool:
    """Whether its government moves days year by year: it did in eight of the ten years before."""
    past = range(year - _PAST, year)
    moved = {day.year for day in days_made_up(country, "", past)}
    return len(moved) >= _OFTEN


def is_announced(country: str, subdivision: str, year: int, *, yearly: bool) -> bool:
    """Whether the library knows the year as announced.

    ``yearly``: the government moves days every year, so that none moved means none announced.
    """
    given = _library(country, subdivision, [year], "en_US")
    if any(_ESTIMATED in given[day] for day in given if day.year == year):
        return False
    return not yearly or any(day.year == year for day in given.weekend_workdays)


def _with_neighbours(years: Sequence[int]) -> list[int]:
    """With the years beside them, whose announcements may move a day of theirs."""
    return sorted({near for year in years for near in (year - 1, year, year + 1)})


def _library(country: str, subdivision: str, years: Iterable[int], language: str = "") -> Any:
    """The library's days of a country, in that language where it speaks it, else in its own."""
    kept: dict[str, Any] = {"subdiv": subdivision or None, "years": years}
    spoken = holidays.country_holidays(country).supported_languages
    return holidays.country_holidays(
        country, **kept, language=language if language in spoken else None
    )
