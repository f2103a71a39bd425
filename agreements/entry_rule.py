"""The rule of entry into force as it is laid down, and its arithmetic of days. Pure."""

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from agreements.conditions import APPROVED, SIGNED, Condition, Count, Everybody, Part, Share
from agreements.entry_rule_schema import (
    DAYS_ELAPSED,
    FIRST_OF_MONTH_AFTER_DAYS,
    FIRST_OF_MONTH_AFTER_MONTHS,
    FIXED_DATE,
    MONTHS_AFTER,
    NTH_DAY_AFTER,
    errors_in,
)
from governance.periods import add_months


class RuleInvalid(ValueError):
    """The rule cannot be read. ``errors``: (JSON pointer, code, lazy sentence), in order."""

    def __init__(self, errors: list[tuple[str, str, Any]]) -> None:
        self.errors = errors
        super().__init__(", ".join(f"{path or '/'}: {code}" for path, code, _sentence in errors))


@dataclass(frozen=True)
class Delay:
    """How a day follows from the trigger or, for a later party, from its own act."""

    kind: str
    days: int = 0
    months: int = 0
    fixed_on: date | None = None

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Delay":
        """The delay that checked ``data`` lays down."""
        return cls(
            kind=data["kind"],
            days=data.get("days") or 0,
            months=data.get("months") or 0,
            fixed_on=_day(data.get("date")),
        )

    def after(self, day: date) -> date:
        """The day to which the delay leads from ``day``; at most the calendar's last."""
        if self.kind == NTH_DAY_AFTER:
            return _days_later(day, self.days)
        if self.kind == DAYS_ELAPSED:
            return _days_later(day, self.days + 1)
        if self.kind == MONTHS_AFTER:
            return _months_later(day, self.months)
        if self.kind == FIRST_OF_MONTH_AFTER_DAYS:
            return _first_of_next_month(_days_later(day, self.days))
        if self.kind == FIRST_OF_MONTH_AFTER_MONTHS:
            return _first_of_next_month(_months_later(day, self.months))
        if self.kind == FIXED_DATE and self.fixed_on is not None:
            return max(self.fixed_on, day)
        return day


@dataclass(frozen=True)
class Withdrawal:
    """When a party may give notice, and when that notice takes effect.

    ``not_before_months`` None: no bar. Neither days nor months of notice: how long it runs is
    not known.
    """

    not_before_months: int | None = None
    notice_days: int | None = None
    notice_months: int | None = None


@dataclass(frozen=True)
class Rule:
    """How an agreement enters into force. ``delay`` None: the rule is not known.

    ``later_parties`` None: a later party is bound on the day of its own act.
    """

    conditions: tuple[Condition, ...] = ()
    delay: Delay | None = None
    fixed_if_met_by: date | None = None
    not_before: date | None = None
    later_parties: Delay | None = None
    withdrawal: Withdrawal | None = None
    source: dict[str, Any] | None = field(default=None, compare=False, repr=False)

    @classmethod
    def from_json(cls, data: dict[str, Any] | None) -> "Rule":
        """The rule that ``data`` lays down; None and {} are the unknown rule.

        Raises ``RuleInvalid`` with everything that is wrong in it.
        """
        if data is None or data == {}:
            return cls(source=data)
        errors = errors_in(data)
        if errors:
            raise RuleInvalid(errors)
        later, withdrawal = data.get("later_parties"), data.get("withdrawal")
        return cls(
            conditions=tuple(_condition(one) for one in data["all_of"]),
            delay=Delay.from_json(data["delay"]),
            fixed_if_met_by=_day(data.get("fixed_if_met_by")),
            not_before=_day(data.get("not_before")),
            later_parties=None if later is None else Delay.from_json(later),
            withdrawal=None if withdrawal is None else Withdrawal(**withdrawal),
            source=deepcopy(data),
        )

    def to_json(self) -> dict[str, Any] | None:
        """The rule in the very words in which it was laid down; None: unknown."""
        return deepcopy(self.source)

    @property
    def is_known(self) -> bool:
        """Whether the parties' rule has been entered."""
        return self.delay is not None

    @property
    def own_act(self) -> str:
        """The act that binds a party: ``approved`` if any condition asks for it."""
        return APPROVED if any(one.act == APPROVED for one in self.conditions) else SIGNED

    def entry_on(self, trigger_on: date | None) -> date | None:
        """The agreement's day of entry; None while there is neither a trigger nor a fixed day."""
        if self.delay is None:
            return None
        if trigger_on is None:
            day = None if self.conditions else self.delay.fixed_on
        elif self.fixed_if_met_by is not None and trigger_on <= self.fixed_if_met_by:
            day = self.fixed_if_met_by
        else:
            day = self.delay.after(trigger_on)
        return day if day is None or self.not_before is None else max(day, self.not_before)

    def later_entry_on(self, act_on: date) -> date:
        """To which day a later party's own act leads; the agreement's own day is not looked at."""
        return act_on if self.later_parties is None else self.later_parties.after(act_on)

    def earliest_notice_on(self, in_force_on: date | None) -> date | None:
        """The first day on which a party may give notice of withdrawal.

        Counted from the party's own entry, so afresh after each return. None: no bar is
        agreed, or the agreement is not in force for it (``in_force_on`` None).
        """
        if self.withdrawal is None or self.withdrawal.not_before_months is None:
            return None
        if in_force_on is None:
            return None
        return _months_later(in_force_on, self.withdrawal.not_before_months)

    def withdrawal_effective_on(self, notified_on: date) -> date | None:
        """The first day on which a party that gave notice is no longer bound.

        None: the rule does not say how long a notice runs.
        """
        if self.withdrawal is None:
            return None
        if self.withdrawal.notice_months is not None:
            return _months_later(notified_on, self.withdrawal.notice_months)
        if self.withdrawal.notice_days is not None:
            return _days_later(notified_on, self.withdrawal.notice_days)
        return None


def _condition(data: dict[str, Any]) -> Condition:
    """The condition that checked ``data`` lays down."""
    act, category = data["act"], data.get("category")
    if data["type"] == "count":
        return Count(act=act, category=category, n=data["n"])
    if data["type"] == "share":
        total = data.get("total")
        return Share(
            act=act,
            category=category,
            min_percent=Decimal(str(data["min_percent"])),
            total=None if total is None else Decimal(str(total)),
        )
    if data["type"] == "fraction":
        return Part(act=act, category=category, minimum=Fraction(data["min"]), of=data["of"])
    return Everybody(act=act, category=category)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _days_later(day: date, days: int) -> date:
    return day + timedelta(days=min(days, (date.max - day).days))


def _months_later(day: date, months: int) -> date:
    left = (date.max.year - day.year) * 12 + 12 - day.month
    return add_months(day, months) if months <= left else date.max


def _first_of_next_month(day: date) -> date:
    """The first day of a month strictly after ``day``, even where ``day`` is one itself."""
    return _months_later(day.replace(day=1), 1)
