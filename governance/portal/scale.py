"""Days laid out from left to right, for pictures drawn by the server."""

from dataclasses import dataclass
from datetime import date

from governance.periods import add_months
from governance.templatetags.words import written

_MOST_TICKS = 8
_LAST_LABEL = 92
_STEPS = (1, 3, 6, 12, 24, 60, 120)


@dataclass(frozen=True, slots=True)
class Scale:
    """A stretch of days laid out from 0 to 100 per cent."""

    starts_on: date
    ends_on: date

    def at(self, day: date) -> float:
        """Where a day lies, cut to the picture."""
        share = (day - self.starts_on).days / (self.ends_on - self.starts_on).days * 100
        return round(max(0.0, min(100.0, share)), 3)

    def holds(self, day: date) -> bool:
        """Whether the day is in the picture."""
        return self.starts_on <= day < self.ends_on

    def ticks(self) -> list[tuple[float, str]]:
        """Lines at the beginnings of months or years, as many as can be read."""
        months = (self.ends_on - self.starts_on).days / 30.4
        step = next((step for step in _STEPS if months / step <= _MOST_TICKS), _STEPS[-1])
        day = self.starts_on.replace(day=1)
        if step >= 12:
            day = day.replace(month=1)
        forms = {"en": "Y", "zh": "Y年"} if step >= 12 else {"en": "M Y", "zh": "Y年n月"}
        found = []
        while day < self.ends_on:
            if day >= self.starts_on:
                at = self.at(day)
                found.append((at, written(day, forms) if at < _LAST_LABEL else ""))
            day = add_months(day, step)
        return found
