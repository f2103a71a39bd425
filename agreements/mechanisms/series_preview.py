"""What a change of a series would do to its consultations, shown before it is made.

The change is made and taken back: so the preview is what will happen, and nothing else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from agreements.mechanisms.consultation import Consultation
from agreements.mechanisms.consultation_series import ConsultationSeries
from governance.record import unit


class _TakenBack(Exception):
    """Ends the trial."""


@dataclass(frozen=True, slots=True)
class Moved:
    """One consultation before and after: ``what`` is stays, moves, goes or comes."""

    what: str
    consultation: Consultation
    before: datetime | None
    after: datetime | None


def previewed(
    series: ConsultationSeries, change: Callable[[ConsultationSeries], Any], at: datetime
) -> list[Moved]:
    """What ``change`` would do to the consultations from the moment ``at`` on, in their order.

    Raises what the change raises.
    """
    was = _moments(series, at)
    now: dict[Any, Consultation] = {}
    try:
        with unit():
            change(ConsultationSeries.objects.get(pk=series.pk))
            now = _moments(series, at)
            raise _TakenBack
    except _TakenBack:
        pass
    found = [_moved(key, was, now) for key in {**was, **now}]
    return sorted(found, key=lambda one: (one.after or one.before or at, one.what))


def _moments(series: ConsultationSeries, at: datetime) -> dict[Any, Consultation]:
    rows = Consultation.objects.filter(
        Q(series=series) | Q(series__continues=series), starts_at__gte=at
    )
    return {one.public_id: one for one in rows.select_related("series", "agreement")}


def _moved(key: Any, was: dict[Any, Consultation], now: dict[Any, Consultation]) -> Moved:
    before, after = was.get(key), now.get(key)
    one = before or after
    assert one is not None
    begins = before.starts_at if before else None
    begins_then = after.starts_at if after else None
    if before is None:
        what = "comes"
    elif after is None:
        what = "goes"
    else:
        what = "stays" if begins == begins_then else "moves"
    return Moved(what, one, begins, begins_then)
