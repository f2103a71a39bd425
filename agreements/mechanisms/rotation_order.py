"""The order of seats through time: who stands behind whom, and who is a member, on any day.

Only what carries an ``effective_on`` moves it (`admit`, `withdraw`, `reorder`), so it can be laid
out before a single term is known. A seat that has left keeps its place marked: the order goes on
from there.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from agreements.mechanisms.rotation_plan import Change, RotationPlan, Seat, known

# Letters with a stroke have no decomposition in Unicode, yet are sorted with their plain letter.
_STROKED = str.maketrans("øłđħŧı", "oldhti")


def fold(name: str) -> str:
    """The name as it is compared in an alphabetical order: without case and accents."""
    letters = unicodedata.normalize("NFKD", name.casefold().translate(_STROKED))
    return "".join(letter for letter in letters if not unicodedata.combining(letter)).casefold()


@dataclass(eq=False, slots=True)
class Place:
    """A seat in the order, with the period of its membership as the changes left it."""

    seat: Seat
    joined_on: date | None
    left_on: date | None

    @property
    def key(self) -> str:
        return self.seat.key

    def is_member(self, day: date) -> bool:
        """Whether the seat takes turns that begin on the day (rule 1)."""
        return self.has_joined(day) and not self.has_left(day)

    def has_joined(self, day: date) -> bool:
        return self.joined_on is None or self.joined_on <= day

    def has_left(self, day: date) -> bool:
        return self.left_on is not None and self.left_on <= day


@dataclass(frozen=True, slots=True)
class Line:
    """The order of places from a day on, until the next line takes over.

    ``places`` stand by position (or name); ``descending`` says that turns run through them
    backwards. ``laid_down`` counts the orders laid down afresh so far; ``first`` is where the
    present one starts, and ``reordered_by`` the change that laid it down (None: the original).
    """

    places: tuple[Place, ...]
    descending: bool
    alphabetical: bool
    first: Place | None
    laid_down: int = 0
    reordered_by: str | None = None
    _index: dict[Place, int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        index = {place: number for number, place in enumerate(self.places)}
        object.__setattr__(self, "_index", index)

    def behind(self, place: Place | None, *, inclusive: bool = False) -> Iterator[Place]:
        """Every place once, in turn, from the one behind ``place`` round to itself.

        ``inclusive`` starts with ``place`` instead. A place that is not in this line (its seat was
        dropped when the order was laid down afresh) gives way to the line's first.
        """
        at = self._index.get(place) if place is not None else None
        if at is None:
            at, inclusive = self._index.get(self.first, 0) if self.first else 0, True
        step = -1 if self.descending else 1
        start = 0 if inclusive else 1
        for distance in range(start, start + len(self.places)):
            yield self.places[(at + step * distance) % len(self.places)]

    def place_of(self, key: str) -> Place | None:
        """The latest place of the seat in this line, None if it has none."""
        found = None
        for place in self.places:
            if place.key == key and (found is None or found.left_on is not None):
                found = place
        return found

    def with_admitted(self, place: Place, after: str) -> Line:
        """This line with a new place in it: at the end, by order, or behind the seat named."""
        places = list(self.places)
        if self.alphabetical:
            insort(places, place, key=_alphabetical_key)
        else:
            places.insert(self._position_for(place, after), place)
        return replace(self, places=tuple(places), first=self.first or place)

    def _position_for(self, place: Place, after: str) -> int:
        if after == "by_order":
            name = fold(place.seat.sort_name)
            greater = (
                at for at, other in enumerate(self.places) if fold(other.seat.sort_name) > name
            )
            return next(greater, len(self.places))
        in_front = self.place_of(after) if after != "end" else None
        if in_front is None:
            return len(self.places)
        # Against the direction of positions, next in turn is the place before.
        return self._index[in_front] + (0 if self.descending else 1)


def _alphabetical_key(place: Place) -> str:
    return fold(place.seat.sort_name)


class SeatOrder:
    """All lines of one rotation, by the day from which each holds."""

    def __init__(self, plan: RotationPlan) -> None:
        self.plan = plan
        self.stray: dict[str, str | None] = {}
        """Changes that no longer find the seat they name, by id, with that seat's key."""
        self._places: dict[str, list[Place]] = {}
        self._days: list[date] = [date.min]
        self._lines: list[Line] = [self._original_line()]
        self._admitted: list[tuple[Change, Place]] = []
        dated = [change for change in plan.changes if change.effective_on is not None]
        for change in sorted(dated, key=lambda change: (change.effective_on, change.recorded)):
            self._apply(change)

    def on(self, day: date) -> Line:
        """The line that holds on a day, with every change effective by then."""
        return self._lines[bisect_right(self._days, day) - 1]

    @property
    def last(self) -> Line:
        """The line that holds for good, as far as is known."""
        return self._lines[-1]

    def places(self) -> Iterator[Place]:
        """Every place that there ever was."""
        for places in self._places.values():
            yield from places

    def place_on(self, key: str, day: date) -> Place | None:
        """The seat's place that is not left by the day, None if there is none."""
        for place in self._places.get(key, ()):
            if not place.has_left(day):
                return place
        return None

    def knows(self, key: str) -> bool:
        """Whether the seat has, or ever had, a place in the order."""
        return key in self._places

    def has_left(self, key: str, day: date) -> bool:
        """Whether the organization had a seat by that day and has left it.

        A later return does not count: it must not reach back before its own date (rule 4).
        """
        joined = [place for place in self._places.get(key, ()) if place.has_joined(day)]
        return bool(joined) and all(place.has_left(day) for place in joined)

    def _original_line(self) -> Line:
        by_position = sorted(self.plan.seats, key=lambda seat: seat.position)
        places = [self._new_place(seat, seat.joined_on) for seat in by_position]
        default = places[-1 if self.plan.reverse else 0] if places else None
        named = self._places.get(self.plan.first or "")
        alphabetical = self.plan.order == "alphabetical"
        if alphabetical:
            places.sort(key=_alphabetical_key)
        return Line(
            places=tuple(places),
            descending=self.plan.reverse,
            alphabetical=alphabetical,
            first=named[0] if named else default,
        )

    def _new_place(self, seat: Seat, joined_on: date | None) -> Place:
        place = Place(seat, joined_on, seat.left_on)
        self._places.setdefault(seat.key, []).append(place)
        return place

    def _apply(self, change: Change) -> None:
        if change.kind == "admit":
            self._admit(change)
        elif change.kind == "withdraw":
            self._withdraw(change)
        elif change.kind == "reorder":
            self._reorder(change)

    def _admit(self, change: Change) -> None:
        place = self._new_place(admitted_seat(change), change.effective_on)
        self._admitted.append((change, place))
        self._hold_from(change, self.last.with_admitted(place, self._where(change)))

    def _where(self, change: Change) -> str:
        return change.after or self.plan.on_admission

    def _withdraw(self, change: Change) -> None:
        day, places = known(change.effective_on), self._places.get(change.organization or "", [])
        if not places:
            self.stray[change.id] = change.organization
        # More than one stays only if a new order dropped the seat and it was admitted again; none
        # if it leaves earlier by another change.
        for place in places:
            if not place.has_left(day):
                place.left_on = day

    def _reorder(self, change: Change) -> None:
        """Lay the order down afresh, in the order of turns as listed (rule 8)."""
        places = [self._listed_place(entry, change) for entry in change.seats]
        known = tuple(place for place in places if place is not None)
        first = next((place for place in known if place.key == change.first), None)
        line = Line(
            places=known,
            descending=False,
            alphabetical=False,
            first=first or (known[0] if known else None),
            laid_down=self.last.laid_down + 1,
            reordered_by=change.id,
        )
        for admission, place in self._admitted:
            if admission.effective_on == change.effective_on and place not in known:
                line = line.with_admitted(place, self._where(admission))
        self._hold_from(change, line)

    def _listed_place(self, entry: Seat | str, change: Change) -> Place | None:
        key = entry if isinstance(entry, str) else entry.key
        places = self._places.get(key)
        if places:
            return places[-1]
        if isinstance(entry, Seat):
            return self._new_place(entry, entry.joined_on or change.effective_on)
        self.stray[change.id] = key
        return None

    def _hold_from(self, change: Change, line: Line) -> None:
        self._days.append(known(change.effective_on))
        self._lines.append(line)


def admitted_seat(change: Change) -> Seat:
    """The new seat that an `admit` describes, by its organization or as a whole seat."""
    for seat in change.seats:
        if isinstance(seat, Seat):
            return seat
    key = change.organization or ""
    return Seat(key, key, None, position=0, sort_name=change.sort_name)
