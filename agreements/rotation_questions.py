"""What a change of a rotation asks for, kind by kind, and as which facts it is recorded.

The doors with forms, back office and portal, build theirs from these questions: what is asked, in
which words, out of which choices, and how the answers become the facts of the contract.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from actors.models import Organization, Region
from agreements.mechanisms.convenor_changes import Kind
from agreements.mechanisms.convenor_shown import aligned, labels_of
from agreements.mechanisms.convenor_terms import State
from agreements.mechanisms.rotation_order import SeatOrder
from agreements.mechanisms.rotation_plan import Term
from agreements.models import Rotation
from governance.periods import add_months
from governance.wording import day_text, detailed, listed, period_text

PAST_MONTHS, AHEAD_MONTHS = 120, 60
MOST_TERMS_OFFERED = 200


@dataclass(frozen=True, slots=True)
class Question:
    """One field of a change: its ``shape`` says what kind of answer it takes."""

    name: str
    shape: str  # term, day, seat, newcomer, parties, then, after, text, flag
    label: Any
    help_text: Any = ""
    required: bool = True


_FIRST_DAY_OVER = gettext_lazy("The first day it is over.")
_TERM = Question("term", "term", gettext_lazy("Term"))
_FROM = Question("effective_on", "day", gettext_lazy("From"))

QUESTIONS: dict[str, tuple[Question, ...]] = {
    Kind.SWAP: (
        Question("term", "term", gettext_lazy("One term")),
        Question("other_term", "term", gettext_lazy("The other term")),
    ),
    Kind.ASSIGN: (
        _TERM,
        Question(
            "holder", "parties", gettext_lazy("Holder"), gettext_lazy("One, or several together.")
        ),
    ),
    Kind.SKIP: (Question("term", "term", gettext_lazy("The term to be passed over")),),
    Kind.EXTEND: (
        _TERM,
        Question("ends_on", "day", gettext_lazy("New end"), _FIRST_DAY_OVER),
        Question(
            "realign",
            "flag",
            gettext_lazy("Only the next term gives or takes the difference"),
            required=False,
        ),
    ),
    Kind.END: (_TERM, Question("ends_on", "day", gettext_lazy("Ends on"), _FIRST_DAY_OVER)),
    Kind.VACATE: (
        _TERM,
        Question(
            "on_day", "day", gettext_lazy("Leaves on"), gettext_lazy("The first day without it.")
        ),
        Question("then", "then", gettext_lazy("Then")),
    ),
    Kind.ADMIT: (
        Question(
            "newcomer",
            "newcomer",
            gettext_lazy("Organization"),
            gettext_lazy("Only who has no seat can be admitted."),
        ),
        _FROM,
        Question("after", "after", gettext_lazy("Its place"), required=False),
        Question("sort_name", "text", gettext_lazy("Sort name"), required=False),
    ),
    Kind.WITHDRAW: (
        Question("seat", "seat", gettext_lazy("Seat")),
        _FROM,
        Question("then", "then", gettext_lazy("In its own term")),
    ),
    Kind.REORDER: (
        Question(
            "effective_on",
            "day",
            gettext_lazy("From"),
            gettext_lazy("The first term that begins on this day or later follows the new order."),
        ),
    ),
}

MEANINGS: dict[str, Any] = {
    Kind.SWAP: gettext_lazy("The holders of two terms exchange; the turns stay."),
    Kind.ASSIGN: gettext_lazy("Who holds one term; the order goes on as it was."),
    Kind.SKIP: gettext_lazy("Whose turn it is passes; everybody behind moves up."),
    Kind.EXTEND: gettext_lazy("One term becomes longer or shorter."),
    Kind.END: gettext_lazy("A term ends on the day of an event; the next begins that day."),
    Kind.VACATE: gettext_lazy("The holder leaves in mid-term."),
    Kind.ADMIT: gettext_lazy("A new seat in the order."),
    Kind.WITHDRAW: gettext_lazy("A seat leaves the order."),
    Kind.REORDER: gettext_lazy(
        "A new order from a day on: each seat's place, empty for a seat that takes no further turn."
    ),
}

_AT = {
    "term_on": "term",
    "turns_ahead": "term",
    "other_term_on": "other_term",
    "other_turns_ahead": "other_term",
    "on": "on_day",
}
_ORGANIZATION_AT = {
    Kind.ASSIGN: "holder",
    Kind.SKIP: "term",
    Kind.ADMIT: "newcomer",
    Kind.WITHDRAW: "seat",
}


def field_of(kind: str) -> dict[str, str]:
    """At which question a refusal of the domain is shown, by the name of the fact."""
    organization = _ORGANIZATION_AT.get(Kind(kind))
    return _AT | ({"organization": organization} if organization else {})


class Choices:
    """Out of what a change of one rotation is chosen."""

    def __init__(self, rotation: Rotation, today: date) -> None:
        self.rotation = rotation
        offered = _offered(rotation, today)
        self.turns = {_key(term, ahead): term.turn for ahead, term in offered}
        names = labels_of(key for _ahead, term in offered for key in term.holders)
        coming: list[tuple[str, str]] = []
        past: list[tuple[str, str]] = []
        for ahead, term in offered:
            is_past = term.ends_on is not None and term.ends_on <= today
            of_its_time = past if is_past else coming
            of_its_time.append((_key(term, ahead), _words(term, ahead, names)))
        self.terms = _apart(
            (_("Running and to come"), coming), (_("Past: a correction"), past[::-1])
        )
        seats = list(_seats_of(rotation))
        labels = {seat.key: _named(seat) for seat in seats}
        kept = _in_turn(rotation, today)
        self.seats = [(key, labels[key]) for key in kept if key in labels]
        self.parties = [(str(party.public_id), party.label) for party in _parties_of(rotation)]
        self.newcomers = [(key, name) for key, name in self.parties if key not in kept]
        self.regions = {
            str(region.public_id): str(region)
            for region in _regions_beside(seats)
            if str(region.public_id) not in kept
        }

    def of(self, shape: str) -> list[tuple[str, Any]]:
        """The choices of a question of this shape."""
        nothing: tuple[str, Any] = ("", "—")
        if shape == "term":
            return [nothing, *self.terms]
        if shape == "seat":
            return [nothing, *self.seats]
        if shape == "newcomer":
            regions = list(self.regions.items())
            return [nothing, *_apart((_("Organizations"), self.newcomers), (_("Regions"), regions))]
        if shape == "then":
            return [
                ("next", _("The next in order serves the remaining days")),
                ("vacant", _("It stays vacant")),
                *self.parties,
            ]
        if shape == "after":
            return [
                ("", _("As the rotation's rule says")),
                ("end", _("At the end")),
                ("by_order", _("By its sort name")),
                *((key, _("Behind %(seat)s") % {"seat": name}) for key, name in self.seats),
            ]
        return list(self.parties)

    def places(self) -> list[tuple[str, str, int]]:
        """For a new order: the name of each seat's question, its label, its place by now."""
        return [
            (f"place.{key}", _("Place of %(seat)s") % {"seat": name}, at)
            for at, (key, name) in enumerate(self.seats, 1)
        ]


def facts_of(kind: str, said: dict[str, Any], choices: Choices) -> dict[str, Any]:
    """The answers as the facts that the contract names."""
    facts: dict[str, Any] = {}
    for name, ahead in (("term", "turns_ahead"), ("other_term", "other_turns_ahead")):
        chosen = said.get(name) or ""
        if chosen.startswith("ahead:"):
            facts[ahead] = int(chosen.removeprefix("ahead:"))
        elif chosen:
            facts[f"{name}_on"] = chosen
    for name, fact in (("ends_on", "ends_on"), ("effective_on", "effective_on"), ("on_day", "on")):
        if said.get(name):
            facts[fact] = said[name].isoformat()
    facts |= {name: said[name] for name in ("then", "after", "sort_name") if said.get(name)}
    facts |= {"realign": True} if said.get("realign") else {}
    if kind == Kind.SKIP:
        facts["organization"] = choices.turns.get(said["term"])
    if kind == Kind.REORDER:
        facts["seats"] = _listed(said, choices)
    for name in ("holder", "newcomer", "seat"):
        if said.get(name):
            facts["organization"] = said[name]
    if said.get("newcomer") in choices.regions:
        facts["region"] = facts.pop("organization")
    return facts


def _listed(said: dict[str, Any], choices: Choices) -> list[dict[str, str]]:
    """The seats in their new order, by the places that were given."""
    of_organizations = {
        str(key) for key in choices.rotation.seats.values_list("organization__public_id", flat=True)
    }
    placed = sorted(
        (said[f"place.{key}"], key) for key, _name in choices.seats if said.get(f"place.{key}")
    )
    return [{"organization" if key in of_organizations else "region": key} for _at, key in placed]


# before and after


@dataclass(frozen=True, slots=True)
class Compared:
    """A term before a change and after it, in words; empty where there is none."""

    days_before: str
    before: str
    days_after: str
    after: str
    differs: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """All terms before and after, cut where the differences begin and end."""

    earlier: list[Compared]
    changed: list[Compared]
    later: list[Compared]

    @property
    def differs(self) -> bool:
        return any(row.differs for row in self.changed)


def compared(before: list[Term], after: list[Term]) -> Comparison:
    """The terms side by side, from one before the first difference to one behind the last."""
    names = labels_of(key for term in (*before, *after) for key in (*term.holders, term.turn or ""))
    rows = []
    for was, becomes in aligned(before, after):
        days = tuple(_days(term) for term in (was, becomes))
        held = tuple(_held(term, names) for term in (was, becomes))
        rows.append(
            Compared(days[0], held[0], days[1], held[1], days[0] != days[1] or held[0] != held[1])
        )
    differing = [at for at, row in enumerate(rows) if row.differs]
    first = max(0, differing[0] - 1) if differing else len(rows)
    last = differing[-1] + 2 if differing else len(rows)
    return Comparison(rows[:first], rows[first:last], rows[last:])


def _days(term: Term | None) -> str:
    if term is None:
        return ""
    if term.starts_on is None:
        return _("a turn to come")
    return period_text(term.starts_on, term.ends_on)


def _held(term: Term | None, names: dict[str, str]) -> str:
    if term is None:
        return ""
    holders = listed(names.get(key, key) for key in term.holders)
    if not holders:
        return str(State(term.state).label)
    if term.turn is None or term.holders == (term.turn,):
        return holders
    return detailed(holders, _("turn of %(seat)s") % {"seat": names.get(term.turn, "")})


# the terms and parties offered


def _offered(rotation: Rotation, today: date) -> list[tuple[int, Term]]:
    """The terms about today, with their places among the coming turns."""
    if rotation.starts_on is None or not rotation.length:
        return []
    start, end = add_months(today, -PAST_MONTHS), add_months(today, AHEAD_MONTHS)
    terms = rotation.between(start, max(end, add_months(rotation.starts_on, AHEAD_MONTHS)))
    numbered, ahead = [], 0
    for term in terms:
        ahead += term.starts_on is None
        numbered.append((ahead, term))
    ended = sum(term.ends_on is not None and term.ends_on <= today for term in terms)
    first = max(0, ended - MOST_TERMS_OFFERED // 2)
    return numbered[first : first + MOST_TERMS_OFFERED]


def _key(term: Term, ahead: int) -> str:
    return term.starts_on.isoformat() if term.starts_on else f"ahead:{ahead}"


def _words(term: Term, ahead: int, names: dict[str, str]) -> str:
    holders = listed(names.get(key, key) for key in term.holders) or _("nobody yet")
    if term.starts_on is None:
        return _("%(count)d turns ahead: %(holders)s") % {"count": ahead, "holders": holders}
    return _("from %(day)s: %(holders)s") % {"day": day_text(term.starts_on), "holders": holders}


def _apart(*groups: tuple[str, list[tuple[str, str]]]) -> list[tuple[str, Any]]:
    """Choices under headings, where more than one of the groups has any."""
    filled: list[tuple[str, Any]] = [(heading, some) for heading, some in groups if some]
    return filled if len(filled) > 1 else [choice for _heading, some in filled for choice in some]


def _seats_of(rotation: Rotation) -> Iterable[Any]:
    return rotation.seats.select_related("organization", "region").order_by("position", "pk")


def _named(seat: Any) -> str:
    return str(seat.organization.label if seat.organization else seat)


def _in_turn(rotation: Rotation, today: date) -> list[str]:
    """The keys of the seats that stay in the order, in the order of their turns."""
    line = SeatOrder(rotation.plan()).last
    places = reversed(line.places) if line.descending else line.places
    return [place.key for place in places if not place.has_left(today)]


def _regions_beside(seats: Iterable[Any]) -> Iterable[Region]:
    """The regions on the level of those that have a seat; none where none has one."""
    above = {seat.region.parent_id for seat in seats if seat.region is not None}
    same = Q(parent__in=[pk for pk in above if pk is not None])
    return Region.objects.filter(same | Q(parent=None) if None in above else same)


def _parties_of(rotation: Rotation) -> Iterable[Organization]:
    """The organizations that can hold a term: the agreement's parties, or the group's members."""
    if rotation.group is not None:
        members = rotation.group.memberships.select_related("organization")
        return [membership.organization for membership in members]
    parties = rotation.agreement.party_set.select_related("organization")
    return [party.organization for party in parties]
