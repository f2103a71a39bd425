"""The end of a period as people say it: forms ask for its last day, periods keep the day behind."""

from datetime import date, timedelta
from typing import Any

from django import forms

ONE_DAY = timedelta(days=1)


def last_day(ends_on: date | None) -> date | None:
    """The last day of a half-open period; None: it has no end."""
    return ends_on - ONE_DAY if ends_on is not None else None


class LastDay(forms.DateField):
    """A field for the end of a half-open period, which is shown and typed as its last day."""

    def prepare_value(self, value: Any) -> Any:
        return last_day(value) if isinstance(value, date) else super().prepare_value(value)

    def to_python(self, value: Any) -> date | None:
        day = super().to_python(value)
        # Nothing lies behind the calendar's end, which the check of years refuses.
        return day + ONE_DAY if day is not None and day < date.max else day
