"""Laying terms down: the stored rows follow the computed terms, in a few statements."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from actors.organization import Organization
from agreements.mechanisms.convenor_seats import Seat
from agreements.mechanisms.convenor_terms import ConvenorTerm, State, TermHolder
from agreements.mechanisms.rotation_plan import Term
from governance.lifecycle import Refusal, Refused
from governance.wording import day_text


def lay(rotation: Any, wanted: Mapping[date, Term], *, judged: bool) -> None:
    """Store the terms ``wanted`` of a rotation, by their first days; all others go.

    A stored term keeps its id as long as a term begins on the same day. Raises Refused if a
    confirmed one would be altered, unless what alters it was ``judged`` before.
    """
    # By a column of their own: by their usual order the agreement's row would be taken, too.
    rows = rotation.terms.select_for_update().order_by("starts_on")
    stored = {row.starts_on: row for row in rows.prefetch_related("holdings__organization")}
    if not judged:
        _refuse_altering_confirmed(stored, wanted)
    seats = {
        str(seat.key): seat for seat in rotation.seats.select_related("organization", "region")
    }
    gone = [row.pk for day, row in stored.items() if day not in wanted]
    rotation.terms.filter(pk__in=gone).delete()
    # Kept terms keep their first days, so no end can run into another on the way.
    moved = [
        (row, wanted[day])
        for day, row in stored.items()
        if day in wanted and not _same(row, wanted[day], seats)
    ]
    fresh = [
        (ConvenorTerm(rotation=rotation, starts_on=day), term)
        for day, term in wanted.items()
        if day not in stored
    ]
    for row, term in (*moved, *fresh):
        row.take(term, seats)
    fields = ("seat", "ends_on", "expected_ends_on", "state", "shaped_by", "person", "version")
    ConvenorTerm.objects.bulk_update([row for row, _term in moved], fields)
    ConvenorTerm.objects.bulk_create([row for row, _term in fresh])
    TermHolder.objects.filter(term__in=[row.pk for row, _term in moved]).delete()
    _seat_holders((*moved, *fresh))


def _refuse_altering_confirmed(
    stored: Mapping[date, ConvenorTerm], wanted: Mapping[date, Term]
) -> None:
    for day, row in stored.items():
        if row.state == State.CONFIRMED and not _stands(row, wanted.get(day)):
            raise Refused(
                "change",
                Refusal(
                    "term_is_confirmed",
                    _("The term that begins on %(term)s is confirmed and would be altered.")
                    % {"term": day_text(day)},
                ),
            )


def _seat_holders(laid: Iterable[tuple[ConvenorTerm, Term]]) -> None:
    laid = list(laid)
    keys = {key for _row, term in laid for key in term.holders}
    found = Organization.objects.filter(public_id__in=keys)
    by_key = {str(organization.public_id): organization for organization in found}
    TermHolder.objects.bulk_create(
        TermHolder(term=row, organization=by_key[key], position=place)
        for row, term in laid
        for place, key in enumerate(term.holders)
    )


def _stands(row: ConvenorTerm, term: Term | None) -> bool:
    """Whether days, turn and holders stay what they are."""
    if term is None:
        return False
    was = row.planned()
    return (was.ends_on, was.turn, was.holders) == (term.ends_on, term.turn, term.holders)


def _same(row: ConvenorTerm, term: Term, seats: dict[str, Seat]) -> bool:
    seat = seats.get(term.turn or "")
    return (
        row.ends_on == term.ends_on
        and row.expected_ends_on == term.expected_ends_on
        and row.seat_id == (seat.pk if seat else None)
        and row.state == term.state
        and row.shaped_by == list(term.changes)
        and row.holder_keys() == list(term.holders)
    )
