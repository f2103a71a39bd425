"""Rotations of an agreement: the rule in words, a ribbon of terms, the table, the changes."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from django.db.models import Prefetch, Q
from django.utils.translation import gettext_lazy as _

from agreements.mechanisms.convenor_changes import Kind
from agreements.mechanisms.convenor_rule import Basis, Unit
from agreements.models import ConvenorTerm, Handover, Rotation, RotationChange
from agreements.portal.agreement import AgreementPage
from agreements.portal.convenors import holder_names, holdings_seen, seats_seen
from agreements.portal.handover import side_names
from agreements.portal.rotation_change import change_path
from agreements.rotation_questions import MEANINGS
from governance.access import may, visible_to
from governance.portal.scale import Scale
from governance.wording import length_text

TOP, HEIGHT, LANE, NOTE = 36, 34, 76, 16
# So much of the picture the words of a change take, in per cent.
WORDS = 14
_MONTHS = {Unit.MONTH: 1, Unit.YEAR: 12}


@dataclass(frozen=True, slots=True)
class Stretch:
    """A term as it is drawn; ``look`` is the end of its class."""

    term: Any
    x: float
    width: float
    look: str
    label: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A change as it is drawn beneath the terms: from ``x1`` to ``x2``, or at one place.

    ``row`` counts the lines of words, so that no words run into others.
    """

    change: Any
    x1: float
    x2: float
    row: int = 0

    @property
    def is_near_the_end(self) -> bool:
        """Whether its words would run out of the picture."""
        return self.x1 > 100 - WORDS

    @property
    def ends(self) -> tuple[float, float]:
        """Where the two terms of a swap are."""
        return self.x1, self.x2


@dataclass
class Lane:
    """One rotation with everything that is said of it."""

    rotation: Any
    rule: str
    length: str
    seats: list[Any]
    terms: list[Any]
    changes: list[Any]
    y: int
    offered: list[tuple[Any, Any, str]] = field(default_factory=list)
    stretches: list[Stretch] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    @property
    def may_change(self) -> bool:
        """Whether the reader may change it, and how it stands allows that."""
        return bool(self.offered)

    @property
    def mark_y(self) -> int:
        """The height at which its changes are drawn."""
        return self.y + HEIGHT + 4

    @property
    def mark_bottom(self) -> int:
        """Where the bracket of a swap lies."""
        return self.mark_y + 8

    @property
    def height(self) -> int:
        """What it takes of the picture, with as many lines of words as its changes need."""
        return LANE + NOTE * max((mark.row for mark in self.marks), default=0)

    def notes(self) -> list[tuple[Mark, int]]:
        """The changes, each with the line of its words."""
        return [(mark, self.mark_y + 24 + NOTE * mark.row) for mark in self.marks]


class AgreementRotation(AgreementPage):
    """Who convenes, from when until when. The window of years is in the address."""

    template_name = "portal/agreement_rotation.html"
    tab = "rotation"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        first, years = self._window()
        scale = Scale(date(first, 1, 1), date(first + years, 1, 1))
        lanes = self._lanes(scale)
        return super().get_context_data(
            lanes=lanes,
            drawn=any(lane.stretches for lane in lanes),
            ticks=scale.ticks(),
            now=scale.at(self.today) if scale.holds(self.today) else None,
            now_convenors=[
                name
                for lane in lanes
                for name in (term.holder_names for term in lane.terms if term.is_now)
            ],
            picture_height=TOP + sum(lane.height for lane in lanes) + 4,
            axis_bottom=TOP + sum(lane.height for lane in lanes) - 20,
            first_year=first,
            last_year=first + years - 1,
            earlier=first - years,
            later=first + years,
            **kwargs,
        )

    def _window(self) -> tuple[int, int]:
        """The first year shown and how many: as asked, else from last year on."""
        longest = max(
            (
                (rotation.length or 0) * _MONTHS.get(rotation.unit, 0)
                for rotation in self.of(Rotation)
            ),
            default=0,
        )
        years = 4 if longest <= 12 else 8
        asked = self.request.GET.get("from", "")
        if asked.isascii() and asked.isdigit() and 1900 <= int(asked) <= 2200:
            return int(asked), years
        return self.today.year - 1, years

    def _lanes(self, scale: Scale) -> list[Lane]:
        user = self.request.user
        terms = (
            visible_to(user, ConvenorTerm)
            .filter(starts_on__lt=scale.ends_on)
            .filter(Q(ends_on__isnull=True) | Q(ends_on__gt=scale.starts_on))
            .select_related("seat__organization", "seat__region", "person")
            .prefetch_related(holdings_seen(user))
            .order_by("starts_on")
        )
        rotations = (
            self.of(Rotation)
            .select_related("group", "article", "first")
            .prefetch_related(
                Prefetch("terms", queryset=terms, to_attr="terms_seen"),
                Prefetch(
                    "seats",
                    queryset=seats_seen(user)
                    .select_related("organization", "region")
                    .order_by("position", "pk"),
                    to_attr="seats_seen",
                ),
                Prefetch(
                    "handovers",
                    queryset=visible_to(user, Handover).order_by("-boundary_on"),
                    to_attr="handovers_seen",
                ),
                Prefetch(
                    "changes",
                    queryset=visible_to(user, RotationChange)
                    .select_related("revoked_by__person")
                    .order_by("number"),
                    to_attr="changes_seen",
                ),
            )
            .order_by("group", "pk")
        )
        lanes: list[Lane] = []
        for rotation in rotations:
            lane = Lane(
                rotation,
                rule_in_words(rotation),
                term_length(rotation),
                rotation.seats_seen,
                rotation.terms_seen,
                rotation.changes_seen,
                TOP + sum(lane.height for lane in lanes),
            )
            self._describe(lane)
            side_names(user, lane.rotation.handovers_seen)
            _draw(lane, scale, self.today)
            lanes.append(lane)
        return lanes

    def _describe(self, lane: Lane) -> None:
        if may(self.request.user, "change", lane.rotation) is None:
            lane.offered = [
                (kind.label, MEANINGS[kind], change_path(lane.rotation, kind))
                for kind in Kind
                if lane.rotation.refusal(kind, self.today) is None
            ]
        changes = {str(change.public_id): change for change in lane.changes}
        for term in lane.terms:
            term.holder_names = holder_names(term)
            term.is_now = term.is_current(self.today)
            term.is_over = term.ends_on is not None and term.ends_on <= self.today
            term.shaping = [changes[key] for key in term.shaped_by if key in changes]
            term.confirmable = (
                lane.may_change and not term.is_over and term.refusal("confirm", self.today) is None
            )


def rule_in_words(rotation: Rotation) -> str:
    """How the convenor rotates, as far as it is known."""
    if rotation.basis == Basis.DECISION:
        return str(_("Each term's holder is decided when it comes."))
    return str(_("The parties take turns."))


def term_length(rotation: Rotation) -> str:
    """The length of a term in words; empty when it is not known."""
    if rotation.length is None:
        return ""
    return length_text(rotation.length, rotation.unit)


def _draw(lane: Lane, scale: Scale, today: date) -> None:
    for term in lane.terms:
        ends_on = term.ends_on or term.expected_ends_on or scale.ends_on
        x = scale.at(term.starts_on)
        width = round(scale.at(ends_on) - x, 3)
        if width > 0:
            lane.stretches.append(Stretch(term, x, width, _look(term, today), term.holder_names))
    lane.marks.extend(_marks(lane.changes, lane.stretches))


def _look(term: Any, today: date) -> str:
    if term.is_current(today):
        return "current"
    if term.ends_on is not None and term.ends_on <= today:
        return "past"
    return str(term.state)


def _marks(changes: Iterable[Any], stretches: list[Stretch]) -> list[Mark]:
    """Where each change that holds is drawn, its words on the first line that is free there."""
    placed = []
    for change in changes:
        shaped = [one for one in stretches if change in one.term.shaping]
        if not shaped or change.revoked_on is not None:
            continue
        middles = [round(one.x + one.width / 2, 3) for one in shaped]
        is_between = change.kind == Kind.SWAP and len(middles) > 1
        placed.append(Mark(change, min(middles), max(middles) if is_between else min(middles)))
    found: list[Mark] = []
    ends: list[float] = []
    for mark in sorted(placed, key=lambda mark: mark.x1):
        row = next((row for row, end in enumerate(ends) if end <= mark.x1), len(ends))
        ends[row : row + 1] = [max(mark.x2, mark.x1 + WORDS)]
        found.append(replace(mark, row=row))
    return found
