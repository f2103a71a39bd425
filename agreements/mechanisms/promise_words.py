"""Periods of a cadence in words: the first quarter of 2027, 2027年第一季度."""

from datetime import date

from django.utils.dateformat import format as formatted
from django.utils.translation import gettext as _
from django.utils.translation import pgettext


def period_name(cadence: str, begin: date) -> str:
    """What the period of that cadence is called which begins on that day."""
    year = {"year": begin.year}
    if cadence == "month":
        return formatted(begin, pgettext("date format of a month", "F Y"))
    if cadence == "quarter":
        return (
            _("First quarter of %(year)s"),
            _("Second quarter of %(year)s"),
            _("Third quarter of %(year)s"),
            _("Fourth quarter of %(year)s"),
        )[(begin.month - 1) // 3] % year
    if cadence == "half_year":
        half = _("First half of %(year)s"), _("Second half of %(year)s")
        return half[begin.month > 6] % year
    return pgettext("a year, as a period", "%(year)s") % year
