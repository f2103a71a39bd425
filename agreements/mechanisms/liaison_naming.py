"""Liaison officers of several agreements at once: named, followed and away in all or in none."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from actors.person import Person
from agreements.mechanisms.liaison_officer import (
    LiaisonAbsence,
    LiaisonAppointment,
    Rank,
    end_as_deputy,
)
from agreements.party import Party
from governance.record import unit


def appoint(
    parties: Iterable[Party],
    *,
    by: Any,
    on: date,
    person: Person,
    starts_on: date,
    end_predecessor: bool = False,
    **facts: Any,
) -> list[LiaisonAppointment]:
    """Name a person for one or several parties at once, for all or for none.

    ``end_predecessor``: whoever holds the same rank on ``starts_on`` leaves that day. A deputy who
    is named liaison officer is deputy no longer. Raises what naming them one by one raises.
    """
    rank = facts.get("rank", Rank.PRIMARY)
    with unit():
        made = []
        for party in in_turn(parties):
            if end_predecessor:
                held = party.liaison_appointments.filter(rank=rank)
                for predecessor in held.current(starts_on).exclude(starts_on=starts_on):
                    predecessor.relieve(by=by, on=starts_on)
            if rank == Rank.PRIMARY:
                end_as_deputy(party, person, by=by, on=starts_on, until=facts.get("ends_on"))
            made.append(
                LiaisonAppointment.enter(
                    by=by, on=on, party=party, person=person, starts_on=starts_on, **facts
                )
            )
        return made


def in_turn(parties: Iterable[Party]) -> list[Party]:
    """The parties, all taken for this transaction before any is written for.

    Two who write for the same ones at once, in whatever order, wait for each other and no more.
    """
    given = list(parties)
    rows = Party.objects.select_for_update().filter(pk__in=[party.pk for party in given])
    list(rows.order_by("pk").values_list("pk"))
    return given


def succeed(
    appointments: Iterable[LiaisonAppointment],
    *,
    by: Any,
    on: date,
    person: Person,
    reason: str = "",
) -> list[LiaisonAppointment]:
    """One person takes over all these appointments on ``on``, or none of them."""
    posts = list(appointments)
    with unit():
        in_turn(post.party for post in posts)
        return [post.succeed(by=by, on=on, person=person, reason=reason) for post in posts]


def report_absence(
    appointments: Iterable[LiaisonAppointment], *, by: Any, on: date, **facts: Any
) -> list[LiaisonAbsence]:
    """The officer is away in all these appointments, for the same days: in all or in none."""
    posts = list(appointments)
    with unit():
        in_turn(post.party for post in posts)
        return [LiaisonAbsence.enter(by=by, on=on, appointment=post, **facts) for post in posts]


def gap_before(party: Party, starts_on: date) -> date | None:
    """The first day of the gap that an officer from ``starts_on`` on leaves behind the last one.

    None when the one before stays until then, or there never was one.
    """
    officers = party.liaison_appointments.filter(rank=Rank.PRIMARY)
    if officers.current(starts_on - timedelta(days=1)).exists():
        return None
    former = officers.filter(ends_on__lt=starts_on).order_by("ends_on").last()
    return former.ends_on if former else None
