"""The rules of the rotation engine once more, straight from the contract: slow, naive, separate.

It shares the plain data of ``rotation_plan`` with the engine and nothing else. Every question goes
through all changes again, and time goes by day after day. The numbers of rules are the contract's.
"""

from __future__ import annotations

import calendar
import unicodedata
from dataclasses import dataclass, field
from datetime import date, timedelta

from agreements.mechanisms.rotation_plan import Change, RotationPlan, Seat

SHAPING = ("end", "extend", "skip", "admit", "withdraw", "reorder")
Entry = tuple[str, int]  # a seat's key, and the how-manieth of its memberships


class No(Exception):
    """The change is refused."""


@dataclass
class Bound:
    """A recorded change with what it was bound to (rule 5)."""

    change: Change
    own_on: date | None
    number: int | None = None
    turn: str | None = None
    holders: tuple[str, ...] = ()
    other_number: int | None = None
    other_turn: str | None = None
    other_holders: tuple[str, ...] = ()
    other_on: date | None = None

    @property
    def key(self):
        return self.change.recorded


@dataclass
class Part:
    starts_on: date | None
    ends_on: date | None
    holders: tuple[str, ...]
    vacant: bool = False


@dataclass
class Whole:
    """A term before departures cut it."""

    number: int
    starts_on: date | None
    judged_on: date
    ends_on: date | None = None
    expected: date | None = None
    turn: Entry | None = None
    holders: tuple[str, ...] = ()
    parts: list[Part] = field(default_factory=list)

    @property
    def seat(self):
        return self.turn[0] if self.turn else None

    def covers(self, day):
        return (
            self.starts_on is not None
            and self.starts_on <= day
            and (self.ends_on is None or day < self.ends_on)
        )


def after_lengths(plan: RotationPlan, day: date, count: int) -> date:
    """The day so many lengths later; a day that the month lacks is its last (rule 2)."""
    if plan.unit == "day":
        return day + timedelta(days=plan.length * count)
    months = plan.length * count * (12 if plan.unit == "year" else 1)
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def plain(name: str) -> str:
    name = name.casefold().replace("ø", "o").replace("ł", "l")
    return "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))


class Reference:
    """One rotation with the changes recorded so far."""

    def __init__(self, plan: RotationPlan) -> None:
        self.plan = plan
        self.bound: list[Bound] = []

    # what the seats do

    def dated(self, bound, *kinds):
        found = [b.change for b in bound if b.change.kind in kinds]
        return sorted(found, key=lambda c: (c.effective_on, c.recorded))

    def seat_of(self, change: Change) -> Seat:
        for seat in change.seats:
            if isinstance(seat, Seat):
                return seat
        key = change.organizations[0]
        return Seat(key, key, None, 0, change.sort_name)

    def memberships(self, bound) -> dict[str, list[list]]:
        """For each seat its stretches of membership: from, until, the seat (rule 1)."""
        found: dict[str, list[list]] = {}
        for seat in sorted(self.plan.seats, key=lambda seat: seat.position):
            found.setdefault(seat.key, []).append([seat.joined_on, seat.left_on, seat])
        for change in self.dated(bound, "admit", "withdraw", "reorder"):
            day = change.effective_on
            if change.kind == "admit":
                seat = self.seat_of(change)
                found.setdefault(seat.key, []).append([day, None, seat])
            elif change.kind == "withdraw":
                for stretch in found.get(change.organizations[0], []):
                    if stretch[1] is None or stretch[1] > day:
                        stretch[1] = day
            else:
                for seat in change.seats:
                    if isinstance(seat, Seat) and seat.key not in found:
                        found[seat.key] = [[seat.joined_on or day, None, seat]]
        return found

    def is_member(self, bound, entry: Entry, day: date) -> bool:
        joined, left, _seat = self.memberships(bound)[entry[0]][entry[1]]
        return (joined is None or joined <= day) and (left is None or day < left)

    def has_left(self, bound, key: str, day: date) -> bool:
        stretches = [s for s in self.memberships(bound).get(key, []) if s[0] is None or s[0] <= day]
        return bool(stretches) and all(s[1] is not None and s[1] <= day for s in stretches)

    def order_on(self, bound, day: date):
        """The places in the order of turns, the first of them, and which laying-down it is."""
        plan = self.plan
        counted: dict[str, int] = {}
        seats: dict[Entry, Seat] = {}

        def entry_for(seat):
            number = counted.get(seat.key, 0)
            counted[seat.key] = number + 1
            seats[(seat.key, number)] = seat
            return (seat.key, number)

        positions = [entry_for(s) for s in sorted(plan.seats, key=lambda seat: seat.position)]
        first = positions[-1 if plan.reverse else 0] if positions else None
        if plan.first is not None and (plan.first, 0) in positions:
            first = (plan.first, 0)
        by_name, backwards, laid = plan.order == "alphabetical", plan.reverse, 0

        def name_of(entry):
            return plain(seats[entry].sort_name)

        if by_name:
            positions = sorted(positions, key=name_of)  # ties stay by position

        def insert(entry, where):
            nonlocal positions, first
            if first is None:
                first = entry
            if by_name:
                positions = sorted([*positions, entry], key=name_of)
                return
            at = len(positions)
            if where == "by_order":
                greater = [i for i, e in enumerate(positions) if name_of(e) > name_of(entry)]
                at = greater[0] if greater else len(positions)
            elif where != "end":
                same = [e for e in positions if e[0] == where]
                if same:
                    # next in turn, whichever way the turns run
                    at = positions.index(same[-1]) + (0 if backwards else 1)
            positions = [*positions[:at], entry, *positions[at:]]

        admitted: list[tuple[Change, Entry]] = []
        for change in self.dated(bound, "admit", "reorder"):
            if change.effective_on > day:
                break
            if change.kind == "admit":
                entry = entry_for(self.seat_of(change))
                admitted.append((change, entry))
                insert(entry, change.after or plan.on_admission)
                continue
            laid += 1
            listed = []
            for seat in change.seats:
                key = seat if isinstance(seat, str) else seat.key
                if key not in counted and isinstance(seat, Seat):
                    entry_for(seat)
                listed.append((key, counted[key] - 1))
            positions, by_name, backwards = listed, False, False
            named = [e for e in listed if e[0] == change.first]
            first = named[0] if named else (listed[0] if listed else None)
            for admission, entry in admitted:
                # rule 8: a seat admitted on the same day is not dropped
                if admission.effective_on == change.effective_on and entry not in positions:
                    insert(entry, admission.after or plan.on_admission)
        return (positions[::-1] if backwards else positions), first, laid

    def behind(self, bound, day: date, entry: Entry | None, *, inclusive=False) -> list[Entry]:
        order, first, _laid = self.order_on(bound, day)
        if entry not in order:
            entry, inclusive = first, True
        if entry is None:
            return []
        at = order.index(entry)
        circle = [*order[at:], *order[:at]]
        return circle if inclusive else [*circle[1:], circle[0]]

    def serving(self, bound, entry: Entry, day: date) -> tuple[str, ...]:
        seat = self.memberships(bound)[entry[0]][entry[1]][2]
        own = (seat.organization,) if seat.organization else ()
        others = [o for o in seat.co_holders if not self.has_left(bound, o, day)]
        return tuple(dict.fromkeys([*own, *others]))

    # the three passes (rule 3)

    def lay(self, bound, until: date, seen: date) -> tuple[list[Whole], set[int]]:
        """The terms, and the changes that no longer find the seat they are bound to."""
        self.asked = until, seen
        wholes, lost = self._shape(bound, until, seen)
        for change in self.dated(bound, "withdraw"):
            if change.organizations[0] not in self.memberships(bound):
                lost.add(change.recorded)
        self._serve(bound, wholes)
        self._leave(bound, wholes, lost)
        return wholes, lost

    def _shape(self, bound, until, seen, least=-1):
        plan, lost = self.plan, set()
        naming = [b for b in bound if b.number is not None]
        farthest = max(
            [n for b in naming for n in (b.number, b.other_number) if n is not None], default=-1
        )
        farthest = max(farthest, least)
        wholes: list[Whole] = []
        anchor, count = plan.starts_on, 0
        last, laid, at_head = None, None, True
        day, ends = plan.starts_on, plan.starts_on
        while day <= until or len(wholes) <= farthest:
            if day < ends:  # nothing happens within a term
                day += timedelta(days=1)
                continue
            whole = Whole(len(wholes), day, day)
            last, laid, at_head = self._turn(bound, whole, last, laid, at_head)
            mine = [b for b in naming if b.number == whole.number]
            if plan.boundaries == "event":
                whole.expected = after_lengths(plan, day, 1)
                for b in mine:
                    if b.change.kind not in ("end", "extend"):
                        continue
                    if b.turn not in (None, whole.seat) or b.change.ends_on <= day:
                        continue
                    if b.change.kind == "end" or whole.ends_on:
                        whole.ends_on = b.change.ends_on
                    else:
                        whole.expected = b.change.ends_on
                wholes.append(whole)
                if whole.ends_on is None:
                    self._foresee(bound, wholes, last, laid, at_head, farthest, seen)
                    break
                ends = whole.ends_on
                continue
            count += 1
            whole.ends_on = after_lengths(plan, anchor, count)
            extensions = [
                b.change
                for b in mine
                if b.change.kind == "extend"
                and b.turn in (None, whole.seat)
                and b.change.ends_on > day
                and (not b.change.realign or self._leaves_a_day(naming, b, anchor, count))
            ]
            if extensions:
                whole.ends_on = extensions[-1].ends_on
                if not extensions[-1].realign:
                    anchor, count = whole.ends_on, 0
            ends = whole.ends_on
            wholes.append(whole)
        for b in naming:
            self._check_kept(bound, b, wholes, lost)
        return wholes, lost

    def _leaves_a_day(self, naming, b, anchor, count):
        """Rule 2: the next term alone gives or takes, and must keep a day."""
        nexts = [
            other.change.ends_on
            for other in naming
            if other.change.kind == "extend" and other.number == b.number + 1
        ]
        return b.change.ends_on < max([after_lengths(self.plan, anchor, count + 1), *nexts])

    def _turn(self, bound, whole, last, laid, at_head):
        if self.plan.basis == "decision":
            return last, laid, at_head
        _order, first, now_laid = self.order_on(bound, whole.judged_on)
        if laid is None or now_laid != laid:
            last, laid, at_head = first, now_laid, True
        skipped = {b.turn for b in bound if b.change.kind == "skip" and b.number == whole.number}
        for entry in self.behind(bound, whole.judged_on, last, inclusive=at_head):
            if self.is_member(bound, entry, whole.judged_on) and entry[0] not in skipped:
                whole.turn = entry
                return entry, laid, False
        return last, laid, at_head

    def _foresee(self, bound, wholes, last, laid, at_head, farthest, seen):
        judged = max(wholes[-1].expected, seen)
        order, _first, _laid = self.order_on(bound, judged)
        members = sum(self.is_member(bound, e, judged) for e in order)
        for _ in range(max(members, farthest - wholes[-1].number)):
            coming = Whole(len(wholes), None, judged)
            last, laid, at_head = self._turn(bound, coming, last, laid, at_head)
            judged = after_lengths(self.plan, judged, 1)
            coming.expected = judged
            wholes.append(coming)

    def _check_kept(self, bound, b, wholes, lost):
        kind = b.change.kind
        whole = wholes[b.number] if b.number < len(wholes) else None
        if whole is None:
            lost.add(b.key)
        elif kind == "skip":
            # it passed over the seat: with the skip away the seat would have the turn there
            others = [o for o in bound if o is not b]
            shorter, _lost = self._shape_upto(others, whole.number)
            if len(shorter) <= whole.number or shorter[whole.number].seat != b.turn:
                lost.add(b.key)
        elif (
            b.turn not in (None, whole.seat)
            or (
                kind in ("extend", "end")
                and (whole.starts_on is None or b.change.ends_on <= whole.starts_on)
            )
            or (
                kind == "extend"
                and b.change.realign
                and self.plan.boundaries == "calendar"
                and not self._realign_stands(bound, b, wholes)
            )
        ):
            lost.add(b.key)
        if kind == "swap":
            other = wholes[b.other_number] if b.other_number < len(wholes) else None
            if other is None or b.other_turn not in (None, other.seat):
                lost.add(b.key)

    def _realign_stands(self, bound, b, wholes):
        anchor, count = self.plan.starts_on, 0
        for whole in wholes[: b.number]:
            count += 1
            if whole.ends_on != after_lengths(self.plan, anchor, count):
                last = [
                    o.change
                    for o in bound
                    if o.change.kind == "extend"
                    and o.number == whole.number
                    and o.change.ends_on == whole.ends_on
                ][-1]
                if not last.realign:
                    anchor, count = whole.ends_on, 0
        naming = [o for o in bound if o.number is not None]
        return self._leaves_a_day(naming, b, anchor, count + 1)

    def _shape_upto(self, bound, number):
        kept = [b for b in bound if b.number is None or b.number <= number]
        clone = [
            Bound(**{**b.__dict__, "other_number": None}) if b.change.kind == "swap" else b
            for b in kept
        ]
        return self._bare_shape(clone, number)

    def _bare_shape(self, bound, number):
        original = self._check_kept
        self._check_kept = lambda *args: None
        try:
            return self._shape(bound, self.asked[0], self.asked[1], number)
        finally:
            self._check_kept = original

    def _serve(self, bound, wholes):
        for whole in wholes:
            if whole.turn:
                whole.holders = self.serving(bound, whole.turn, whole.judged_on)
        for b in bound:
            if b.change.kind == "assign":
                whole = wholes[b.number] if b.number < len(wholes) else None
                if whole and b.turn in (None, whole.seat):
                    self._hold(bound, whole, b.change.organizations)
            elif b.change.kind == "swap":
                if b.number < len(wholes):
                    wholes[b.number].holders = b.other_holders  # what has begun stands
                other = wholes[b.other_number] if b.other_number < len(wholes) else None
                if other is None or b.other_turn not in (None, other.seat):
                    later = [
                        w
                        for w in wholes
                        if b.other_turn is not None
                        and w.seat == b.other_turn
                        and (
                            w.number >= b.other_number
                            if b.other_on is None
                            else (w.starts_on or date.max) >= b.other_on
                        )
                    ]
                    other = later[0] if later else None
                if other:
                    self._hold(bound, other, b.holders)
        for whole in wholes:
            whole.parts = [Part(whole.starts_on, whole.ends_on, whole.holders)]

    def _hold(self, bound, whole, holders):
        staying = tuple(h for h in holders if not self.has_left(bound, h, whole.judged_on))
        if staying:
            whole.holders = staying

    def _leave(self, bound, wholes, lost):
        events = []
        for b in bound:
            if b.change.kind == "vacate":
                whole = wholes[b.number] if b.number < len(wholes) else None
                if (
                    whole is None
                    or not whole.covers(b.change.on)
                    or b.turn
                    not in (
                        None,
                        whole.seat,
                    )
                ):
                    lost.add(b.key)
                else:
                    events.append((b.change.on, b.key, whole, None, b.change.then or "next"))
        withdrawn = {
            (b.change.organizations[0], b.change.effective_on): b.change
            for b in bound
            if b.change.kind == "withdraw"
        }
        for key, stretches in self.memberships(bound).items():
            for number, (_joined, left, _seat) in enumerate(stretches):
                whole = next((w for w in wholes if left and w.covers(left)), None)
                if whole is None:
                    continue
                change = withdrawn.get((key, left))
                then = (change.then or "next") if change else "next"
                recorded = change.recorded if change else -1
                events.append((left, recorded, whole, (key, number), then))
        gone: dict[int, set[str]] = {}
        for day, _recorded, whole, entry, then in sorted(events, key=lambda e: (e[0], e[1])):
            self._depart(bound, day, whole, entry, then, gone.setdefault(whole.number, set()))

    def _depart(self, bound, day, whole, entry, then, gone):
        part = [p for p in whole.parts if p.starts_on <= day][-1]
        if entry is None:
            leaving = set(part.holders)
        else:
            seat = self.memberships(bound)[entry[0]][entry[1]][2]
            if seat.organization is None:
                if whole.turn != entry:
                    return
                leaving = {seat.key, *part.holders}
            elif part.holders == self.serving(bound, entry, day):
                leaving = {seat.key, *part.holders}
            else:
                leaving = {seat.organization} & set(part.holders)
                if not leaving:
                    return
        gone |= leaving
        rest = Part(day, part.ends_on, part.holders, part.vacant)
        rest.holders = tuple(h for h in part.holders if h not in leaving)
        if not rest.holders:
            rest.holders, rest.vacant = self._successors(bound, day, whole, then, gone)
        if part.starts_on == day:
            whole.parts[whole.parts.index(part)] = rest
        else:
            part.ends_on = day
            whole.parts.append(rest)

    def _successors(self, bound, day, whole, then, gone):
        """Rule 7."""
        if then == "vacant":
            return (), True
        if then != "next":
            return (then,), False
        if self.plan.basis == "decision":
            return (), False
        if whole.turn is not None:
            for entry in self.behind(bound, day, whole.turn):
                if self.is_member(bound, entry, day) and entry[0] not in gone:
                    return self.serving(bound, entry, day), False
        return (), True

    # what is listed

    def terms(self, start: date, end: date, seen: date):
        """(first day, day behind the last, forecast, turn, holders, state) of each term."""
        wholes, _lost = self.lay(self.bound, end, seen)
        listed, begun = [], None
        for whole in wholes:
            for part in whole.parts:
                begun = part.starts_on or begun
                if begun > end or (part.ends_on is not None and part.ends_on <= start):
                    continue
                if part.holders:
                    state = "projected"
                elif part.vacant or (whole.turn is None and self.plan.basis == "order"):
                    state = "vacant"
                else:
                    state = "undecided"
                forecast = whole.expected if part.ends_on is None else None
                facts = (part.starts_on, part.ends_on, forecast, whole.seat, part.holders, state)
                listed.append(facts)
        return listed

    # recording

    def record(self, change: Change, on: date) -> None:
        """Take the change in. Raises No."""
        until = self._far(change, on)
        before, lost_before = self.lay(self.bound, until, on)
        new = self._bind(change, before)
        after, lost = self.lay([*self.bound, new], until, on)
        if new.key in lost:
            raise No("no effect")
        for b in self.bound:
            if b.key in lost and b.key not in lost_before:
                first = before[b.number].starts_on
                begun = b.change.kind == "swap" and first is not None and first <= on
                if not begun:
                    raise No("displaces")
        self._spare_confirmed(new, before, after, on)
        self.bound.append(new)

    def revoke(self, recorded: int, on: date) -> None:
        """Take one out again. Raises No."""
        gone = next(b for b in self.bound if b.key == recorded)
        others = [b for b in self.bound if b is not gone]
        until = self._far(gone.change, on)
        before, lost_before = self.lay(self.bound, until, on)
        after, lost = self.lay(others, until, on)
        for b in others:
            if b.key in lost and b.key not in lost_before:
                first = before[b.number].starts_on if b.number is not None else None
                if not (b.change.kind == "swap" and first is not None and first <= on):
                    raise No("displaces")
        self._spare_confirmed(None, before, after, on)
        self.bound = others

    def _far(self, change, on):
        named = [change.term_on, change.other_term_on, change.on, change.effective_on]
        days = [on, self.plan.starts_on, *named]
        days += [t.ends_on for t in self.plan.confirmed] + [
            t.starts_on for t in self.plan.confirmed
        ]
        if self.plan.boundaries == "event":
            days += [b.change.ends_on for b in self.bound]
        return max(d for d in days if d is not None)

    def _spare_confirmed(self, new, before, after, on):
        """Rule 6."""

        def facts(wholes):
            return {p.starts_on: (p.ends_on, w.seat, p.holders) for w in wholes for p in w.parts}

        spared = None
        if new is not None and new.own_on is not None and new.own_on >= on:
            if new.change.kind in ("end", "extend", "vacate"):
                spared = new.number
            elif new.change.kind == "withdraw":
                held = [w for w in before if w.covers(new.own_on) and w.starts_on < new.own_on]
                spared = held[0].number if held else None
        was, becomes = facts(before), facts(after)
        number = {p.starts_on: w.number for w in before for p in w.parts}
        for term in self.plan.confirmed:
            day = term.starts_on
            if day in was and number[day] != spared and was[day] != becomes.get(day):
                raise No("confirmed")

    def _bind(self, change, wholes):
        kind = change.kind
        if kind in ("admit", "withdraw", "reorder"):
            self._check_seats(change)
            return Bound(change, change.effective_on)
        if kind == "end" and self.plan.boundaries != "event":
            raise No("calendar")
        if kind == "skip" and self.plan.basis != "order":
            raise No("no order")
        if kind in ("swap", "assign", "skip"):
            whole = self._named(change.term_on, change.turns_ahead, wholes)
        else:
            found = [w for w in wholes if any(p.starts_on == change.term_on for p in w.parts)]
            if not found:
                raise No("no such term")
            whole = found[0]
        if kind == "swap":
            other = self._named(change.other_term_on, change.other_turns_ahead, wholes)
            one, two = sorted([whole, other], key=lambda w: w.number)
            if one is two or not one.holders or not two.holders:
                raise No("no swap")
            return Bound(
                change,
                one.starts_on,
                one.number,
                one.seat,
                one.holders,
                two.number,
                two.seat,
                two.holders,
                two.starts_on,
            )
        own_on = whole.starts_on
        if kind == "assign" and any(
            self.has_left(self.bound, o, whole.judged_on) for o in change.organizations
        ):
            raise No("has left")
        if kind == "skip" and (whole.turn is None or whole.seat != change.organizations[0]):
            raise No("not its turn")
        if kind in ("extend", "end"):
            if change.ends_on <= whole.judged_on:
                raise No("no day")
            former = whole.ends_on or (whole.expected if kind == "extend" else None)
            own_on = min(former or change.ends_on, change.ends_on)
        if kind == "vacate":
            if not whole.covers(change.on):
                raise No("outside")
            leaving = [p for p in whole.parts if p.starts_on <= change.on][-1].holders
            if not leaving:
                raise No("nobody")
            self._check_caretaker(change, change.on, leaving)
            own_on = change.on
        return Bound(change, own_on, whole.number, whole.seat)

    def _check_caretaker(self, change, day, leaving):
        if change.then in (None, "next", "vacant"):
            return
        if change.then in leaving or self.has_left(self.bound, change.then, day):
            raise No("caretaker")

    def _check_seats(self, change):
        day = change.effective_on
        known = self.memberships(self.bound)
        if change.kind == "admit":
            seat = self.seat_of(change)
            stays = any(s[1] is None or s[1] > day for s in known.get(seat.key, []))
            for order in (self.order_on(self.bound, day), self.order_on(self.bound, date.max)):
                if stays and any(entry[0] == seat.key for entry in order[0]):
                    raise No("member")  # whom a new order dropped may be admitted again
            after = change.after or self.plan.on_admission
            order = {e[0] for e in self.order_on(self.bound, day)[0]}
            if after not in ("end", "by_order") and after not in order:
                raise No("after whom?")
            return
        if change.kind == "withdraw":
            key = change.organizations[0]
            staying = [s for s in known.get(key, []) if s[1] is None or s[1] > day]
            if not staying or (staying[0][0] is not None and staying[0][0] >= day):
                raise No("no member")
            self._check_caretaker(change, day, (key,))
            return
        if self.plan.basis != "order":
            raise No("no order")
        keys = [s if isinstance(s, str) else s.key for s in change.seats]
        new = {s.key for s in change.seats if isinstance(s, Seat)}
        if len(set(keys)) < len(keys) or (change.first and change.first not in keys):
            raise No("listed badly")
        if any(self.has_left(self.bound, key, day) for key in keys):
            raise No("has left")
        if any(key not in known and key not in new for key in keys):
            raise No("no seat")

    def _named(self, day, ahead, wholes):
        if day is None:
            coming = [w for w in wholes if w.starts_on is None]
            if self.plan.boundaries != "event" or not 1 <= (ahead or 0) <= len(coming):
                raise No("no such turn")
            return coming[ahead - 1]
        for whole in wholes:
            if whole.starts_on == day:
                return whole
        raise No("no such term")
