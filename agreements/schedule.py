"""What follows from dates and dependencies: early and late days, slack, the critical path. Pure.

Policy, stated once. Days are whole days: an item takes the days from its start to its finish, both
included, and keeps its length (``due_on - starts_on``) wherever it is moved. It begins no earlier
than on its own start. A link is finish-to-start: ``lag`` days, or working days, lie between the
last day of the one and the first day of the other; with a negative lag they overlap by as many.
Of an item with one day alone that day is start and finish; one without any begins when those
before it let it, and stands nowhere when none of them does. What is over stands on the day on which
it ended: it has no slack, and holds up nobody before it. *The end* is the last finish of what is
still open. *Slack*: by how many days an item may end later without moving the end (``total``), or
without moving anything (``free``). *Critical* is what has no total slack.
"""

from bisect import bisect_left, bisect_right
from collections import deque
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.workdays import Calendar

Key = Hashable
_LAST_DAY = date.max.toordinal()
_CHUNK = 1_024


class LagUnit(models.TextChoices):
    """What a lag is counted in."""

    DAYS = "days", _("Days")
    WORKING_DAYS = "working_days", _("Working days")


@dataclass(frozen=True, slots=True)
class Item:
    """Something that takes time.

    ``finished_on``: it is over, since that day. ``expected_on``: as things stand it does not end
    before that day, whatever its length says. None: not known.
    """

    key: Key
    starts_on: date | None = None
    due_on: date | None = None
    finished_on: date | None = None
    expected_on: date | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """The successor begins when the predecessor is over and the lag has passed."""

    predecessor: Key
    successor: Key
    lag: int = 0
    unit: str = LagUnit.DAYS


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item stands. Late days and slack are None for what is over."""

    early_start: date
    early_finish: date
    late_start: date | None = None
    late_finish: date | None = None
    total_slack: int | None = None
    free_slack: int | None = None

    @property
    def is_critical(self) -> bool:
        """Whether any slip moves the end."""
        return self.total_slack == 0


@dataclass(frozen=True, slots=True)
class Slip:
    """What it means that one item ends later: by how many days the end and the others move."""

    moves_end_by: int
    ends_on: date
    moved: dict[Key, int]


class Circle(ValueError):
    """Items that wait for each other: each of ``keys`` before the next, the last before the first.

    Nothing can be laid out then.
    """

    def __init__(self, keys: Sequence[Key]) -> None:
        self.keys = tuple(keys)
        super().__init__(" → ".join(str(key) for key in (*keys, keys[0])))


def way(links: Iterable[tuple[Key, Key]], start: Key, goal: Key) -> list[Key] | None:
    """The shortest way from ``start`` along the links (from, to) to ``goal``, both included.

    None when there is none. A link from ``goal`` to ``start`` would close it to a circle.
    """
    following: dict[Key, list[Key]] = {}
    for one, other in links:
        following.setdefault(one, []).append(other)
    came_from: dict[Key, Key] = {start: start}
    waiting = deque([start])
    while waiting:
        here = waiting.popleft()
        if here == goal:
            found = [here]
            while found[-1] != start:
                found.append(came_from[found[-1]])
            return found[::-1]
        for there in following.get(here, ()):
            if there not in came_from:
                came_from[there] = here
                waiting.append(there)
    return None


class _WorkingDays:
    """The working days around the plan, counted through once, so that a lag is a look-up.

    Days are ordinals here, and may lie beyond the last date there is.
    """

    def __init__(self, calendar: Calendar) -> None:
        self._weekend = calendar.weekend
        self._off = {day.toordinal() for day in calendar.holidays - calendar.workdays}
        self._made_up = {day.toordinal() for day in calendar.workdays}
        self._days: list[int] = []
        self._first = self._last = 0

    def behind(self, day: int, number: int) -> int:
        """The n-th working day behind a day; see ``Calendar.add_working_days``."""
        self._reach(day, number)
        if number > 0:
            return self._days[bisect_right(self._days, day) + number - 1]
        return self._days[bisect_left(self._days, day) + number]

    def last_before(self, day: int, number: int) -> int:
        """The last day whose n-th working day behind it is not later than ``day``."""
        self._reach(day, -number)
        here = bisect_right(self._days, day) - 1
        if number > 0:
            return self._days[here - number + 1] - 1
        return self._days[here - number]

    def _reach(self, day: int, number: int) -> None:
        """Count as far as ``number`` working days on either side of the day, and some more."""
        if not self._days:
            self._first, self._last = day, day - 1
        while day >= self._last - 7 or (
            len(self._days) - bisect_left(self._days, day) <= abs(number) + 1
        ):
            self._days += self._worked(self._last + 1, self._last + _CHUNK)
            self._last += _CHUNK
        while day <= self._first + 7 or bisect_left(self._days, day) <= abs(number) + 1:
            self._days[:0] = self._worked(self._first - _CHUNK, self._first - 1)
            self._first -= _CHUNK

    def _worked(self, first: int, last: int) -> list[int]:
        weekend, off, made_up = self._weekend, self._off, self._made_up
        return [
            day
            for day in range(first, last + 1)
            if day in made_up or ((day + 6) % 7 not in weekend and day not in off)
        ]


class Schedule:
    """Items and links laid out on the calendar.

    Without a ``calendar`` Monday to Friday are worked. Links that name an item that is not among
    the items say nothing. Raises Circle. Takes time in proportion to items and links.
    """

    def __init__(
        self, items: Iterable[Item], links: Iterable[Link], calendar: Calendar | None = None
    ) -> None:
        self._items = list(items)
        self._index = {item.key: place for place, item in enumerate(self._items)}
        self._working = _WorkingDays(calendar or Calendar())
        self._before: list[list[tuple[int, int, bool]]] = [[] for _item in self._items]
        self._after: list[list[tuple[int, int, bool]]] = [[] for _item in self._items]
        for link in links:
            one, other = self._index.get(link.predecessor), self._index.get(link.successor)
            if one is not None and other is not None:
                in_working_days = link.unit == LagUnit.WORKING_DAYS
                self._before[other].append((one, link.lag, in_working_days))
                self._after[one].append((other, link.lag, in_working_days))
        self._order = self._in_order()
        self._open = [item.finished_on is None for item in self._items]
        self._starts, self._finishes = self._forward()
        self._end = self._last(self._finishes)
        self._late = self._backward()

    # questions

    @property
    def ends_on(self) -> date | None:
        """When all will be done as things stand; None when nothing stands anywhere."""
        return _day(self._end)

    def place(self, key: Key) -> Place | None:
        """Where an item stands; None when nothing is known of its days."""
        here = self._index[key]
        start, finish, late = self._starts[here], self._finishes[here], self._late[here]
        if start is None or finish is None:
            return None
        first, last = date.fromordinal(_within(start)), date.fromordinal(_within(finish))
        if late is None:
            return Place(first, last)
        return Place(
            early_start=first,
            early_finish=last,
            late_start=_day(late - self._length(here)),
            late_finish=_day(late),
            total_slack=late - finish,
            free_slack=self._free(here, finish),
        )

    def places(self) -> dict[Key, Place]:
        """All that stand somewhere, in the order in which they can be done."""
        found = ((self._items[here].key, self.place(self._items[here].key)) for here in self._order)
        return {key: place for key, place in found if place is not None}

    def is_tight(self, predecessor: Key, successor: Key) -> bool:
        """Whether the successor begins on the very day on which a link between the two lets it."""
        one, other = self._index.get(predecessor), self._index.get(successor)
        return other is not None and any(
            self._holds(before, lag, in_working_days, other)
            for before, lag, in_working_days in self._before[other]
            if before == one
        )

    def critical_path(self) -> list[Key]:
        """One chain of critical items without a gap that leads to the end, in order.

        Of several, the one that begins first.
        """
        last = [here for here in self._order if self._critical(here)]
        ends = [here for here in last if self._finishes[here] == self._end]
        best: dict[int, tuple[int, int | None]] = {}
        for here in last:
            start = self._starts[here] or 0
            before = [
                one
                for one, lag, in_working_days in self._before[here]
                if one in best and self._holds(one, lag, in_working_days, here)
            ]
            first = min(before, key=lambda one: best[one][0], default=None)
            best[here] = (min(start, best[first][0]) if first is not None else start, first)
        chain: list[Key] = []
        at: int | None = min(ends, key=lambda here: best[here][0], default=None)
        while at is not None:
            chain.append(self._items[at].key)
            at = best[at][1]
        return chain[::-1]

    def slip(self, key: Key, days: int) -> Slip | None:
        """What follows when the item ends ``days`` later than it would.

        None for what is over or stands nowhere. Nothing moves for a number that is not positive.
        """
        here = self._index[key]
        finish = self._finishes[here]
        if finish is None or not self._open[here] or self._end is None:
            return None
        _starts, finishes = self._forward({here: finish + max(0, days)})
        end = self._last(finishes) or self._end
        moved = {
            self._items[one].key: (finishes[one] or 0) - (self._finishes[one] or 0)
            for one in self._order
            if one != here and finishes[one] != self._finishes[one]
        }
        return Slip(end - self._end, date.fromordinal(_within(end)), moved)

    # reckoning, on ordinals

    def _in_order(self) -> list[int]:
        """The items so that each comes behind those it waits for."""
        waits = [len(before) for before in self._before]
        order = [here for here, number in enumerate(waits) if number == 0]
        for here in order:
            for other, _lag, _unit in self._after[here]:
                waits[other] -= 1
                if waits[other] == 0:
                    order.append(other)
        if len(order) < len(self._items):
            raise Circle(self._circle(waits))
        return order

    def _circle(self, waits: list[int]) -> list[Key]:
        """Of those still waiting each waits for another such: going back, one comes round."""
        here = next(place for place, number in enumerate(waits) if number)
        seen: dict[int, int] = {}
        walked: list[int] = []
        while here not in seen:
            seen[here] = len(walked)
            walked.append(here)
            here = next(one for one, _lag, _unit in self._before[here] if waits[one])
        return [self._items[place].key for place in walked[seen[here] :][::-1]]

    def _earliest(self, finish: int, lag: int, in_working_days: bool) -> int:
        if in_working_days:
            return self._working.behind(finish, lag + 1)
        return finish + lag + 1

    def _latest(self, start: int, lag: int, in_working_days: bool) -> int:
        """The last finish that still lets the successor begin on ``start``."""
        if in_working_days:
            return self._working.last_before(start, lag + 1)
        return start - lag - 1

    def _forward(
        self, held: dict[int, int] | None = None
    ) -> tuple[list[int | None], list[int | None]]:
        """The early days; ``held``: what ends on another day than it would."""
        starts: list[int | None] = [None] * len(self._items)
        finishes: list[int | None] = [None] * len(self._items)
        for here in self._order:
            item = self._items[here]
            if item.finished_on is not None:
                end = item.finished_on.toordinal()
                begin = item.starts_on.toordinal() if item.starts_on else end
                starts[here], finishes[here] = min(begin, end), end
                continue
            first = item.starts_on or item.due_on
            start = first.toordinal() if first else None
            for one, lag, in_working_days in self._before[here]:
                finish = finishes[one]
                if finish is not None:
                    earliest = self._earliest(finish, lag, in_working_days)
                    start = earliest if start is None or earliest > start else start
            if start is None:
                continue
            end = start + self._length(here)
            if item.expected_on is not None:
                end = max(end, item.expected_on.toordinal())
            if held and here in held:
                end = max(end, held[here])
            starts[here], finishes[here] = start, end
        return starts, finishes

    def _last(self, finishes: list[int | None]) -> int | None:
        """The last finish of what is open, or else of all."""
        known = [
            (is_open, day)
            for is_open, day in zip(self._open, finishes, strict=True)
            if day is not None
        ]
        return max(known)[1] if known else None

    def _backward(self) -> list[int | None]:
        """The late finishes of what is open and stands somewhere."""
        late: list[int | None] = [None] * len(self._items)
        for here in reversed(self._order):
            if not self._open[here] or self._finishes[here] is None:
                continue
            limit = self._end or 0
            for other, lag, in_working_days in self._after[here]:
                their = late[other]
                if their is None:
                    continue
                their_start = their - self._length(other)
                limit = min(limit, self._latest(their_start, lag, in_working_days))
            late[here] = limit
        return late

    def _length(self, here: int) -> int:
        """From its first day to its last one."""
        item = self._items[here]
        if item.starts_on is None or item.due_on is None:
            return 0
        return (item.due_on - item.starts_on).days

    def _free(self, here: int, finish: int) -> int:
        limit = self._end or finish
        for other, lag, in_working_days in self._after[here]:
            start, late = self._starts[other], self._late[other]
            if start is not None and late is not None:
                limit = min(limit, self._latest(start, lag, in_working_days))
        return limit - finish

    def _critical(self, here: int) -> bool:
        late = self._late[here]
        return late is not None and late == self._finishes[here]

    def _holds(self, before: int, lag: int, in_working_days: bool, here: int) -> bool:
        finish = self._finishes[before]
        return finish is not None and self._starts[here] == self._earliest(
            finish, lag, in_working_days
        )


def _within(ordinal: int) -> int:
    """Cut to the dates that can be written."""
    return max(1, min(ordinal, _LAST_DAY))


def _day(ordinal: int | None) -> date | None:
    return None if ordinal is None else date.fromordinal(_within(ordinal))
