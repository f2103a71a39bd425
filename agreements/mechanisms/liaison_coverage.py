"""Coverage: who speaks for each party on a day, who stands in, and from when nobody does."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, F, Model, OuterRef, Q

from agreements.mechanisms.liaison_officer import (
    ALIVE,
    LiaisonAbsence,
    LiaisonAppointment,
    Rank,
)
from agreements.party import Party
from governance.periods import covers, on_day, overlapping

SOON_DAYS = 30
"""How many days ahead a gap is looked for."""


@dataclass(slots=True)
class Cover:
    """How a party is covered on a day, and from when within the days looked ahead it is not.

    ``contact``: whom notices reach that day; None: nobody. ``vacant_from``: the first day without
    a liaison officer in post. ``silent_from``: the first day on which nobody is there, since the
    officer has left or is away and no deputy stands in. None: no such day is near.
    """

    party: Party
    officer: LiaisonAppointment | None = None
    deputies: list[LiaisonAppointment] = field(default_factory=list)
    absence: LiaisonAbsence | None = None
    contact: LiaisonAppointment | None = None
    vacant_from: date | None = None
    silent_from: date | None = None
    successor: LiaisonAppointment | None = None

    @property
    def gap_from(self) -> date | None:
        """The first day on which something is missing; None when nothing is."""
        return min((day for day in (self.vacant_from, self.silent_from) if day), default=None)

    @property
    def is_stood_in_for(self) -> bool:
        """Whether a deputy stands in for the officer on the day."""
        return self.contact is not None and self.contact != self.officer


def coverage(
    parties: Any,
    on: date,
    *,
    rows_of: Callable[[type[Model]], Any],
    within_days: int = SOON_DAYS,
) -> list[Cover]:
    """How those of the parties that owe a liaison officer are covered from the day ``on``.

    Appointments and absences are those that ``rows_of`` gives. In a constant number of queries.
    """
    last = on + timedelta(days=within_days)
    owed = list(
        owing(parties, on)
        .select_related("agreement", "organization")
        .order_by("agreement__reference", F("position").asc(nulls_last=True), "pk")
    )
    near = overlapping(on, last + timedelta(days=1), start="starts_on", end="ends_on")
    posts: dict[int, list[LiaisonAppointment]] = {}
    for appointment in (
        rows_of(LiaisonAppointment)
        .filter(near, party__in=[party.pk for party in owed])
        .select_related("person")
        .order_by("starts_on", "pk")
    ):
        posts.setdefault(appointment.party_id, []).append(appointment)
    absences: dict[int, list[LiaisonAbsence]] = {}
    held = [one.pk for several in posts.values() for one in several]
    for absence in rows_of(LiaisonAbsence).filter(near, appointment__in=held):
        absences.setdefault(absence.appointment_id, []).append(absence)
    return [_cover(party, posts.get(party.pk, []), absences, on, last) for party in owed]


def _cover(
    party: Party,
    posts: list[LiaisonAppointment],
    absences: dict[int, list[LiaisonAbsence]],
    on: date,
    last: date,
) -> Cover:
    in_post = [post for post in posts if post.is_current(on)]
    officer = next((post for post in in_post if post.rank == Rank.PRIMARY), None)
    away = absences.get(officer.pk, []) if officer else []
    coming = (post for post in posts if post.rank == Rank.PRIMARY and not _has_begun(post, on))
    turns = sorted(_turning_days(posts, absences, on, last, party.withdrawn_on))
    return Cover(
        party=party,
        officer=officer,
        deputies=[post for post in in_post if post.rank == Rank.DEPUTY],
        absence=next((one for one in away if one.is_current(on)), None),
        contact=_contact(posts, absences, on),
        vacant_from=next((day for day in turns if not _has_officer(posts, day)), None),
        silent_from=next((day for day in turns if _contact(posts, absences, day) is None), None),
        successor=next(coming, None),
    )


def _has_begun(post: LiaisonAppointment, on: date) -> bool:
    """Whether the appointment has begun by the day."""
    return post.starts_on is None or post.starts_on <= on


def _turning_days(
    posts: Iterable[LiaisonAppointment],
    absences: dict[int, list[LiaisonAbsence]],
    on: date,
    last: date,
    leaves_on: date | None,
) -> set[date]:
    """The days on which somebody goes: a gap begins on one of them, or today."""
    days = {on}
    for post in posts:
        days |= {post.ends_on} if post.ends_on else set()
        days |= {absence.starts_on for absence in absences.get(post.pk, ())}
    return {day for day in days if on <= day <= last and (leaves_on is None or day < leaves_on)}


def _has_officer(posts: Iterable[LiaisonAppointment], day: date) -> bool:
    return any(post.rank == Rank.PRIMARY and post.is_current(day) for post in posts)


def _contact(
    posts: Iterable[LiaisonAppointment], absences: dict[int, list[LiaisonAbsence]], day: date
) -> LiaisonAppointment | None:
    """As ``contacts_on`` finds them: the officer, or the first deputy who is there."""
    there = [
        post
        for post in posts
        if post.is_current(day)
        and not any(covers(one.starts_on, one.ends_on, day) for one in absences.get(post.pk, ()))
    ]
    return min(there, key=lambda post: post.rank != Rank.PRIMARY, default=None)


def uncovered(parties: Any, on: date) -> Any:
    """Those of the parties that have no primary liaison officer on the day ``on``.

    Only parties that take part that day in an agreement that is alive; observers owe none.
    """
    return owing(parties, on).filter(~Exists(_primary_on(on)))


def owing(parties: Any, on: date) -> Any:
    """Those of the parties that owe a liaison officer on the day ``on``."""
    return parties.taking_part(on).filter(agreement__status__in=ALIVE)


def uncovered_soon(parties: Any, on: date, *, within_days: int = SOON_DAYS) -> Any:
    """Those covered on the day ``on`` that have nobody some day within ``within_days`` of it.

    A gap that a successor closes again before then counts too.
    """
    later = on + timedelta(days=within_days)
    leaving = LiaisonAppointment.objects.filter(
        party=OuterRef("pk"), rank=Rank.PRIMARY, ends_on__gt=on, ends_on__lte=later
    )
    followed = LiaisonAppointment.objects.filter(
        on_day(OuterRef("ends_on")), party=OuterRef("party"), rank=Rank.PRIMARY
    )
    left_without = leaving.filter(~Exists(followed)).filter(
        Q(party__withdrawn_on__isnull=True) | Q(party__withdrawn_on__gt=F("ends_on"))
    )
    soon = owing(parties, on).filter(Exists(_primary_on(on)), Exists(left_without))
    joining = uncovered(parties, later).exclude(pk__in=owing(parties, on).values("pk"))
    return parties.filter(Q(pk__in=soon.values("pk")) | Q(pk__in=joining.values("pk")))


def _primary_on(on: date) -> Any:
    return LiaisonAppointment.objects.current(on).filter(party=OuterRef("pk"), rank=Rank.PRIMARY)
