"""Held as promised: per series and per agreement, how many consultations were due and were held.

By the cadence, period by period (see mechanisms.promises); where only a rule was agreed, by its
occurrences. Consultations of no series are extraordinary and keep no promise.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet

from agreements.mechanisms.consultation import Consultation
from agreements.mechanisms.consultation_series import ConsultationSeries
from agreements.mechanisms.promises import Kept, kept, running
from agreements.mechanisms.regular_consultation import Status
from governance.periods import add_months

_STANDING = (Status.PLANNED, Status.CONVENED, Status.POSTPONED)


@dataclass(frozen=True, slots=True)
class Reckoning:
    """What a series promised and held in a window, and what it owes in the running period.

    ``periods`` is empty where only a rule was agreed; ``running`` is None there, and while no
    whole period runs.
    """

    series: ConsultationSeries
    promised: int
    held: int
    missed: int
    periods: tuple[Kept, ...] = ()
    running: Kept | None = None
    planned: int = 0

    @property
    def owed(self) -> int:
        """How many are still to be held in the running period."""
        return self.running.owed if self.running else 0

    @property
    def unplanned(self) -> int:
        """How many of those are not even planned."""
        return max(0, self.owed - self.planned)


def lately(on: date) -> tuple[date, date]:
    """The window asked by default: the twelve months before ``on``."""
    return add_months(on, -12), on


def reckoned(
    series: Iterable[ConsultationSeries],
    start: date,
    end: date,
    on: date,
    among: QuerySet[Any] | None = None,
) -> dict[int, Reckoning | None]:
    """For each series, by key, in one query; None where it is not known what was promised.

    The series come with their agreements. ``among`` are the consultations that exist for whoever
    asks; None: all.
    """
    rows = list(series)
    held, planned = _days(rows, start, on, Consultation.objects.all() if among is None else among)
    return {
        one.pk: _reckoning(one, held.get(one.pk, []), planned.get(one.pk, []), start, end, on)
        for one in rows
    }


def _days(
    rows: Sequence[ConsultationSeries], start: date, on: date, among: QuerySet[Any]
) -> tuple[dict[int, list[date]], dict[int, list[date]]]:
    """The days on which each was held since a year before the window, and is to be held."""
    first = add_months(start, -12)
    since = datetime.combine(add_months(on, -12), time(), tzinfo=ZoneInfo(settings.TIME_ZONE))
    found = (
        among.filter(series__in=[one.pk for one in rows])
        .filter(
            Q(status=Status.CLOSED, held_on__gte=first)
            | Q(status__in=_STANDING, starts_at__gte=since)
        )
        .order_by()
        .values_list("series", "status", "held_on", "starts_at", "series__time_zone")
    )
    held: dict[int, list[date]] = {}
    planned: dict[int, list[date]] = {}
    for key, status, held_on, starts_at, zone in found:
        if status == Status.CLOSED:
            held.setdefault(key, []).append(held_on)
        else:
            day = starts_at.astimezone(ZoneInfo(zone)).date()
            planned.setdefault(key, []).append(day)
    return held, planned


def _reckoning(
    one: ConsultationSeries, held: list[date], planned: list[date], start: date, end: date, on: date
) -> Reckoning | None:
    promise = one.promise()
    if promise is None:
        if not one.rrule:
            return None
        due = len(one.occurrences(start, end))
        times = len([day for day in held if start <= day < end])
        return Reckoning(one, due, times, max(0, due - times))
    periods = tuple(kept(promise, held, start, end))
    now = running(promise, held, on)
    ahead = [day for day in planned if now and max(now.starts_on, on) <= day < now.ends_on]
    return Reckoning(
        one,
        sum(period.promised for period in periods),
        sum(period.held for period in periods),
        sum(period.owed for period in periods),
        periods,
        now,
        len(ahead),
    )


def together(found: Iterable[Any]) -> tuple[int, int, int, int] | None:
    """Promised, held, missed and still owed, of several series; None where none is known."""
    known = [one for one in found if one is not None]
    if not known:
        return None
    return (
        sum(one.promised for one in known),
        sum(one.held for one in known),
        sum(one.missed for one in known),
        sum(one.owed for one in known),
    )
