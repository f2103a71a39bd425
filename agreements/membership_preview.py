"""What an accession or a withdrawal would change, before it is recorded.

It is found out by doing it: the act runs whole, what it changed is read, and everything is taken
back. So the preview cannot drift from the act: what would be refused is refused, and nothing is
recorded, told or sent.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from actors.organization import Organization
from agreements import membership
from agreements.agreement import Agreement
from agreements.indicators import Indicator
from agreements.mechanisms.attendance import quorum
from agreements.mechanisms.consultation import Consultation
from agreements.mechanisms.consultation_hosts import hosts_of
from agreements.mechanisms.convenor_shown import names_of, terms_shown
from agreements.mechanisms.liaison_coverage import uncovered
from agreements.mechanisms.regular_consultation import TO_COME
from agreements.mechanisms.rotating_convenor import HORIZON_MONTHS, Rotation
from agreements.mechanisms.rotation_order import SeatOrder
from agreements.mechanisms.special_group import GroupMembership, SpecialGroup
from agreements.party import Party
from agreements.tasks import Task
from governance.periods import add_months
from governance.record import plain, unit
from governance.wording import day_text, listed, period_text

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Picture:
    """The mechanisms of an agreement as they stand on a day, and are planned from it, in words."""

    parties: list[str]
    rotations: Rows
    consultations: Rows
    uncovered: Rows
    groups: Rows
    tasks: Rows
    targets: Rows


@dataclass(frozen=True, slots=True)
class Line:
    """One thing before and after; empty where it is not there."""

    before: str
    after: str

    @property
    def differs(self) -> bool:
        """Whether the act changes it."""
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Section:
    """The lines of one mechanism."""

    title: str
    lines: list[Line]

    @property
    def differs(self) -> bool:
        """Whether the act changes any of it."""
        return any(line.differs for line in self.lines)


@dataclass(frozen=True, slots=True)
class Preview:
    """The mechanisms before and after, on the day from which the act holds.

    Seats are those of the day ``seats_on``: a newcomer's may begin later than its membership.
    """

    on: date
    seats_on: date
    before: Picture
    after: Picture

    def sections(self) -> list[Section]:
        """The same for people: what changes, mechanism by mechanism."""
        return [
            Section(_("Parties"), _one_by_one(self.before.parties, self.after.parties)),
            *self._of_rotations(),
            Section(_("Coming consultations"), self._lines("consultations", _consultation_words)),
            Section(_("Parties without a liaison officer"), self._lines("uncovered", _name)),
            Section(_("Special cooperation groups"), self._lines("groups", _group_words)),
            Section(_("Tasks that need another organization"), self._lines("tasks", _name)),
            Section(_("Targets that nobody answers for"), self._lines("targets", _target_words)),
        ]

    def _of_rotations(self) -> list[Section]:
        found = []
        for was, becomes in zip(self.before.rotations, self.after.rotations, strict=True):
            found.append(
                Section(
                    _("Seats: %(rotation)s") % {"rotation": was["name"]},
                    [Line(listed(was["seats"]), listed(becomes["seats"]))],
                )
            )
            found.append(
                Section(
                    _("Terms: %(rotation)s") % {"rotation": was["name"]},
                    _side_by_side(
                        [_term_words(term) for term in was["terms"]],
                        [_term_words(term) for term in becomes["terms"]],
                    ),
                )
            )
        return found

    def _lines(self, name: str, words: Callable[[dict[str, Any]], str]) -> list[Line]:
        before, after = (
            {row["id"]: words(row) for row in getattr(picture, name)}
            for picture in (self.before, self.after)
        )
        return [Line(before.get(key, ""), after.get(key, "")) for key in {**before, **after}]


class _TakenBack(Exception):
    """What was tried is taken back."""


def preview_accession(
    party: Party, *, on: date, seat_on: date | None = None, **details: Any
) -> Preview:
    """What the party's accession on ``on`` would change. Raises what it would raise."""
    seats_on = max(on, seat_on or on)
    return _tried(
        membership.accede, party, on=on, day=on, seats_on=seats_on, seat_on=seat_on, **details
    )


def preview_withdrawal(
    party: Party, *, on: date, effective_on: date | None = None, **details: Any
) -> Preview:
    """What the party's withdrawal would change on the day it takes effect. Raises likewise."""
    day = effective_on or membership.withdrawal_effect(party, on)
    return _tried(
        membership.withdraw, party, on=on, day=day, seats_on=day, effective_on=day, **details
    )


def _tried(
    act: Callable[..., Party], party: Party, *, on: date, day: date, seats_on: date, **details: Any
) -> Preview:
    tried = Party.objects.get(pk=party.pk)
    before = picture(tried.agreement, day, seats_on)
    try:
        with unit():
            act(tried, by=None, on=on, **details)
            after = picture(Agreement.objects.get(pk=tried.agreement_id), day, seats_on)
            raise _TakenBack
    except _TakenBack:
        return Preview(day, seats_on, before, after)


def picture(agreement: Agreement, on: date, seats_on: date) -> Picture:
    """The mechanisms on the day ``on`` and what is planned from it; seats as of ``seats_on``."""
    parties = Party.objects.filter(agreement=agreement).select_related("organization")
    in_order = (F("position").asc(nulls_last=True), "pk")
    taking_part = parties.taking_part(on).order_by(*in_order)
    flagged = Task.objects.open().filter(agreement=agreement, needs_reassignment=True)
    return Picture(
        parties=[str(party) for party in taking_part],
        rotations=[
            _rotation(one, on, seats_on) for one in Rotation.objects.filter(agreement=agreement)
        ],
        consultations=_consultations(agreement, on),
        uncovered=[_named(party) for party in uncovered(parties, on).order_by(*in_order)],
        groups=_groups(agreement, on),
        tasks=[_named(task) for task in flagged],
        targets=_targets(flagged),
    )


def _named(obj: Any) -> dict[str, Any]:
    return {"id": str(obj.public_id), "name": str(obj)}


def _rotation(rotation: Rotation, on: date, seats_on: date) -> dict[str, Any]:
    plan = rotation.plan()
    seats = [
        place.seat for place in SeatOrder(plan).on(seats_on).places if place.is_member(seats_on)
    ]
    names = names_of(seat.key for seat in seats)
    terms = []
    if plan.yields_terms and rotation.starts_on is not None:
        first = max(on, rotation.starts_on)
        until = add_months(first, HORIZON_MONTHS)
        terms = terms_shown(rotation, rotation.between(first, until, today=on), on)
    return {
        **_named(rotation),
        "seats": [names.get(seat.key, "") for seat in seats],
        "terms": terms,
    }


def _consultations(agreement: Agreement, on: date) -> Rows:
    coming = [
        one
        for one in Consultation.objects.filter(agreement=agreement, status__in=TO_COME)
        .select_related("series", "host", "agreement", "group")
        .order_by("starts_at", "pk")
        if one.day is not None and one.day >= on
    ]
    hosts = hosts_of(coming)
    return [_consultation(one, hosts[one.pk]) for one in coming]


def _consultation(consultation: Consultation, host: Organization | None) -> dict[str, Any]:
    counted = quorum(consultation)
    return {
        **_named(consultation),
        "on": consultation.day,
        "host": str(host.public_id) if host else None,
        "host_name": str(host) if host else None,
        "invited": counted.of,
        "quorum": counted.required,
    }


def _groups(agreement: Agreement, on: date) -> Rows:
    groups = SpecialGroup.objects.active().filter(agreement=agreement)
    leaderless = set(groups.leaderless(on).values_list("pk", flat=True))
    members: dict[int, list[str]] = {}
    for one in (
        GroupMembership.objects.current(on)
        .filter(group__in=groups)
        .select_related("organization")
        .order_by("pk")
    ):
        members.setdefault(one.group_id, []).append(str(one.organization))
    return [
        {
            **_named(group),
            "members": members.get(group.pk, []),
            "lead_has_left": group.pk in leaderless,
        }
        for group in groups
    ]


def _targets(tasks: Any) -> Rows:
    return [
        {**_named(one), "target": plain(one.target), "unit": one.unit}
        for one in Indicator.objects.filter(task__in=tasks, target__isnull=False).order_by("pk")
    ]


# in words


def _one_by_one(before: list[str], after: list[str]) -> list[Line]:
    """The same things together: what was there, and what comes."""
    return [
        Line(name if name in before else "", name if name in after else "")
        for name in dict.fromkeys((*before, *after))
    ]


def _side_by_side(before: list[str], after: list[str]) -> list[Line]:
    longest = max(len(before), len(after))
    return [
        Line(*(rows[place] if place < len(rows) else "" for rows in (before, after)))
        for place in range(longest)
    ]


def _name(row: dict[str, Any]) -> str:
    return str(row["name"])


def _term_words(term: dict[str, Any]) -> str:
    who = listed(term["holder_names"]) or _("nobody yet")
    return f"{period_text(term['starts_on'], term['ends_on'])} · {who}"


def _consultation_words(row: dict[str, Any]) -> str:
    host = row["host_name"] or _("nobody yet")
    words = [row["name"], day_text(row["on"]), _("host: %(host)s") % {"host": host}]
    if row["quorum"] is None:
        words.append(_("%(invited)d parties") % row)
    else:
        words.append(_("quorum %(quorum)d of %(invited)d parties") % row)
    return " · ".join(words)


def _group_words(row: dict[str, Any]) -> str:
    words = [row["name"], listed(row["members"]) or _("no members")]
    if row["lead_has_left"]:
        words.append(_("without its lead"))
    return " · ".join(words)


def _target_words(row: dict[str, Any]) -> str:
    return f"{row['name']}: {row['target']} {row['unit']}"


def differing(sections: Iterable[Section]) -> list[Section]:
    """Only those that the act changes."""
    return [section for section in sections if section.differs]
