"""The conditions of entry into force, judged day by day over those who belong that day.

Pure: plain data in, plain data out. A condition looks at a *roll*: the parties that belong on
a day, and the acts that they have done by then. Shares are compared as exact fractions.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import ClassVar

SIGNED = "signed"
APPROVED = "approved"
ACTS = (SIGNED, APPROVED)

PARTIES = "parties"
SIGNATORIES = "signatories"
BASES = (PARTIES, SIGNATORIES)


@dataclass(frozen=True, kw_only=True, eq=False)
class PartyActs:
    """What one party did in one period of its membership; a return is a row of its own.

    ``joined_on`` None: a party from the start. ``counts`` False: its instrument counts for no
    condition. ``succeeded_by`` and ``successor_of`` hold the key of another row; either side
    may say it, so that both a merger (two rows succeeded by one) and a split (two successors of
    one row) can be told.
    """

    key: str
    name: str
    counts: bool = True
    weight: Decimal = Decimal(1)
    categories: tuple[str, ...] = ()
    joined_on: date | None = None
    signed_on: date | None = None
    approved_on: date | None = None
    withdrawal_notified_on: date | None = None
    withdrawn_on: date | None = None
    succeeded_by: str | None = None
    successor_of: str | None = None

    def act_on(self, act: str, by: date | None = None) -> date | None:
        """The day of its act, if done while it belonged and by the day ``by`` (None: ever)."""
        day = self.signed_on if act == SIGNED else self.approved_on
        if day is None or (by is not None and day > by):
            return None
        if self.withdrawn_on is not None and day >= self.withdrawn_on:
            return None
        return day

    @property
    def belongs_from(self) -> date | None:
        """The earlier of joining and first act; None: from the start."""
        if self.joined_on is None:
            return None
        return min(
            day for day in (self.joined_on, self.signed_on, self.approved_on) if day is not None
        )

    def has_begun(self, day: date) -> bool:
        """Whether its membership has begun by ``day``."""
        return self.belongs_from is None or self.belongs_from <= day

    def has_left(self, day: date) -> bool:
        """Whether its membership is over on ``day``."""
        return self.withdrawn_on is not None and self.withdrawn_on <= day

    @property
    def event_days(self) -> set[date]:
        """The days on which its part in a condition may change."""
        days = (self.belongs_from, self.signed_on, self.approved_on, self.withdrawn_on)
        return {day for day in days if day is not None}


class Roll:
    """The parties of an agreement with their successions, to be asked about any day.

    A succeeded party's instrument still counts, and its successor's is not additional: the
    predecessor stays on the roll in its successor's place for as long as one of its successors
    belongs. Only an act that the successor had done before the succession, as a party in its
    own right, counts beside it. (Czechoslovakia's instrument is one of the twenty of the Basel
    Convention; those of its two successors are not two more.)
    """

    def __init__(self, parties: Iterable[PartyActs]) -> None:
        self.parties = tuple(parties)
        self._heirs = self._direct_heirs()
        self._ancestors: dict[PartyActs, list[PartyActs]] = {row: [] for row in self.parties}
        for row in self.parties:
            for heir in self._line(row):
                # Two that succeed each other are wrong data: neither stands for the other.
                if row not in self._line(heir):
                    self._ancestors[heir].append(row)

    def event_days(self, by: date | None = None) -> list[date]:
        """The days on which anything changes, in order, up to and including ``by``."""
        days: set[date] = set().union(*(row.event_days for row in self.parties))
        return sorted(day for day in days if by is None or day <= by)

    def ancestors(self, row: PartyActs) -> list[PartyActs]:
        """Those whom it succeeded, directly or through others."""
        return self._ancestors[row]

    def members(
        self, act: str, day: date, eligible: Callable[[PartyActs], bool]
    ) -> list[PartyActs]:
        """The eligible parties to be reckoned with on ``day`` where ``act`` is asked for."""
        return [
            row
            for row in self.parties
            if eligible(row)
            and self._stands(row, act, day)
            and not self._is_represented(row, act, day, eligible)
        ]

    def has_signed(self, row: PartyActs, day: date) -> bool:
        """Whether it is a signatory by ``day``, itself or by the hand of one it succeeded."""
        return any(one.act_on(SIGNED, by=day) for one in (row, *self._ancestors[row]))

    def _direct_heirs(self) -> dict[PartyActs, list[PartyActs]]:
        heirs: dict[PartyActs, list[PartyActs]] = {row: [] for row in self.parties}
        by_key: dict[str | None, list[PartyActs]] = {}
        for row in self.parties:
            by_key.setdefault(row.key, []).append(row)
        for row in self.parties:
            heirs[row].extend(by_key.get(row.succeeded_by, ()))
            for former in by_key.get(row.successor_of, ()):
                heirs[former].append(row)
        return heirs

    def _line(self, row: PartyActs) -> list[PartyActs]:
        """All who came after it; a circle in the data is walked once."""
        line: list[PartyActs] = []
        waiting = list(self._heirs[row])
        while waiting:
            heir = waiting.pop()
            if heir is not row and heir not in line:
                line.append(heir)
                waiting.extend(self._heirs[heir])
        return line

    def _stands(self, row: PartyActs, act: str, day: date) -> bool:
        if not row.has_begun(day):
            return False
        if not row.has_left(day):
            return True
        return row.act_on(act, by=day) is not None and self._lives_on(row, day)

    def _lives_on(self, row: PartyActs, day: date) -> bool:
        """Whether a party that is gone was succeeded and its line has not left in its turn."""
        return any(
            not one.has_left(day) or (one.succeeded_by is not None and not self._heirs[one])
            # A successor that is not among the rows cannot have left.
            for one in (row, *self._line(row))
        )

    def _is_represented(
        self, row: PartyActs, act: str, day: date, eligible: Callable[[PartyActs], bool]
    ) -> bool:
        return any(
            eligible(former)
            and former.act_on(act, by=day) is not None
            and (former.withdrawn_on is None or former.has_left(day))
            and not _acted_before(row, act, former.withdrawn_on)
            for former in self._ancestors[row]
        )


def _acted_before(row: PartyActs, act: str, succession_on: date | None) -> bool:
    """Whether the party acted in its own right, before it succeeded another."""
    act_on = row.act_on(act)
    return act_on is not None and succession_on is not None and act_on < succession_on


@dataclass(frozen=True)
class Finding:
    """How a condition stands on one day.

    ``required`` and ``reached`` are whole numbers for heads, decimal strings for percents and
    ``"k/n"`` for fractions. ``short`` is what is lacking: parties, or percent of the weights.
    """

    required: int | str
    reached: int | str
    met: bool
    short: int | str
    waiting: tuple[PartyActs, ...]


@dataclass(frozen=True, kw_only=True)
class Condition(ABC):
    """One thing that must hold; among those of one ``category`` only, if it names one."""

    type: ClassVar[str]
    act: str
    category: str | None = None

    def judge(self, roll: Roll, day: date) -> Finding:
        """How the condition stands on ``day``."""
        members = roll.members(self.act, day, self.concerns)
        done = [row for row in members if row.act_on(self.act, by=day) is not None]
        return self._find(roll, day, members, done)

    def concerns(self, row: PartyActs) -> bool:
        """Whether the party counts, and is of the category."""
        return row.counts and (self.category is None or self.category in row.categories)

    @abstractmethod
    def _find(
        self, roll: Roll, day: date, members: list[PartyActs], done: list[PartyActs]
    ) -> Finding: ...

    def as_dict(self) -> dict[str, object]:
        """The condition in the words of the rule."""
        return {"type": self.type, "act": self.act, "category": self.category}


@dataclass(frozen=True, kw_only=True)
class Count(Condition):
    """At least ``n`` parties have done it."""

    type = "count"
    n: int

    def _find(
        self, roll: Roll, day: date, members: list[PartyActs], done: list[PartyActs]
    ) -> Finding:
        short = max(self.n - len(done), 0)
        return Finding(self.n, len(done), short == 0, short, _without(members, done))

    def as_dict(self) -> dict[str, object]:
        return super().as_dict() | {"n": self.n}


@dataclass(frozen=True, kw_only=True)
class Share(Condition):
    """Those who have done it hold at least ``min_percent`` of the weights.

    ``total`` None: of that day's weights of those whom the condition concerns.
    """

    type = "share"
    min_percent: Decimal
    total: Decimal | None = None

    def _find(
        self, roll: Roll, day: date, members: list[PartyActs], done: list[PartyActs]
    ) -> Finding:
        total = _weight(members) if self.total is None else Fraction(self.total)
        percent = _weight(done) * 100 / total if total else Fraction(0)
        lacking = max(Fraction(self.min_percent) - percent, Fraction(0))
        return Finding(
            plain(self.min_percent),
            _rounded(percent, floor),
            bool(done) and lacking == 0,
            _rounded(lacking, ceil),
            _without(members, done),
        )

    def as_dict(self) -> dict[str, object]:
        total = None if self.total is None else plain(self.total)
        return super().as_dict() | {"min_percent": plain(self.min_percent), "total": total}


@dataclass(frozen=True, kw_only=True)
class Part(Condition):
    """At least the fraction ``minimum`` of the parties, or of the signatories, have done it."""

    type = "fraction"
    minimum: Fraction
    of: str = PARTIES

    def _find(
        self, roll: Roll, day: date, members: list[PartyActs], done: list[PartyActs]
    ) -> Finding:
        if self.of == SIGNATORIES:
            members = [row for row in members if roll.has_signed(row, day)]
            done = [row for row in done if row in members]
        short = max(ceil(self.minimum * max(len(members), 1)) - len(done), 0)
        return Finding(
            f"{self.minimum.numerator}/{self.minimum.denominator}",
            f"{len(done)}/{len(members)}",
            short == 0,
            short,
            _without(members, done),
        )

    def as_dict(self) -> dict[str, object]:
        minimum = f"{self.minimum.numerator}/{self.minimum.denominator}"
        return super().as_dict() | {"min": minimum, "of": self.of}


@dataclass(frozen=True, kw_only=True)
class Everybody(Condition):
    """All parties have done it; with nobody on the roll it does not hold."""

    type = "all"

    def _find(
        self, roll: Roll, day: date, members: list[PartyActs], done: list[PartyActs]
    ) -> Finding:
        short = max(len(members), 1) - len(done)
        return Finding(len(members), len(done), short == 0, short, _without(members, done))


def plain(number: Decimal) -> str:
    """A decimal as a string without exponent or trailing zeros."""
    whole = number == number.to_integral_value()
    return f"{number:f}".rstrip("0").rstrip(".") if not whole else f"{int(number)}"


def _weight(rows: list[PartyActs]) -> Fraction:
    return sum((Fraction(row.weight) for row in rows), Fraction(0))


def _rounded(percent: Fraction, towards: Callable[[Fraction], int]) -> str:
    """Four decimals. What is reached is rounded down, so that it never shows a false 55."""
    return plain(Decimal(towards(percent * 10_000)).scaleb(-4))


def _without(members: list[PartyActs], done: list[PartyActs]) -> tuple[PartyActs, ...]:
    ready = set(done)
    return tuple(row for row in members if row not in ready)
