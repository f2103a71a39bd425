"""Progress, expected progress and the light of a task: pure, in whole numbers.

Shares are counted in hundredths of one per cent (0 to 10,000), so that Python and both
databases reach the same answer without fractions. The definition stands here once; its twin in
SQL, :func:`light_on`, is built from the same thresholds and compared with it by a test.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db import models
from django.db.models import BigIntegerField, Case, F, IntegerField, Q, Value, When
from django.db.models.functions import Cast, Greatest, Least
from django.utils.translation import gettext_lazy as _

from governance.periods import DaysBetween

WHOLE = 10_000


class Direction(models.TextChoices):
    """Which way an indicator is to move."""

    UP = "up", _("Increase to the target")
    DOWN = "down", _("Decrease to the target")
    WITHIN = "within", _("Keep within limits")


class Aggregation(models.TextChoices):
    """How the values of several periods add up."""

    SUM = "sum", _("Sum")
    AVERAGE = "average", _("Average")
    MAXIMUM = "maximum", _("Maximum")
    LATEST = "latest", _("Latest")


class Light(models.TextChoices):
    """How a task stands on a day. Which colour shows it is presentation."""

    NOT_STARTED = "not_started", _("Not started")
    ON_TRACK = "on_track", _("On track")
    AT_RISK = "at_risk", _("At risk")
    OVERDUE = "overdue", _("Overdue")
    DONE = "done", _("Done")


def aggregate(values: Sequence[tuple[date, Decimal]], how: str) -> Decimal | None:
    """One value out of dated ones, as the indicator's periods add up; None without values."""
    if not values:
        return None
    numbers = [value for _day, value in values]
    if how == Aggregation.SUM:
        return sum(numbers, Decimal(0))
    if how == Aggregation.AVERAGE:
        return sum(numbers, Decimal(0)) / len(numbers)
    if how == Aggregation.MAXIMUM:
        return max(numbers)
    return max(values, key=lambda dated: dated[0])[1]


def attainment(
    value: Decimal | None,
    *,
    direction: str,
    baseline: Decimal | None,
    target: Decimal | None,
    lower: Decimal | None = None,
) -> int | None:
    """How much of the way from baseline to target is done, 0 to 10,000.

    None when the target is unknown, or nothing was measured yet while nothing can be said. For
    *keep within* the target is the upper limit and ``lower`` the lower one: within is whole,
    outside is nothing.
    """
    if target is None:
        return None
    if value is None:
        return 0
    if direction == Direction.WITHIN:
        return WHOLE if value <= target and (lower is None or value >= lower) else 0
    start = baseline if baseline is not None else Decimal(0)
    way = target - start
    if way == 0 or (way > 0) != (direction == Direction.UP):
        # The target lies where it began, or behind it: there is no way to measure.
        reached = value >= target if direction == Direction.UP else value <= target
        return WHOLE if reached else 0
    share = max(Decimal(0), min(Decimal(WHOLE), (value - start) / way * WHOLE))
    return int(share.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def weighted(shares: Sequence[tuple[Decimal, int | None]]) -> int | None:
    """The weighted mean of attainments; None when no indicator has a target."""
    known = [(weight, share) for weight, share in shares if share is not None]
    total = sum((weight for weight, _share in known), Decimal(0))
    if total == 0:
        return None
    mean = sum((weight * share for weight, share in known), Decimal(0)) / total
    return int(mean.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def expected(starts_on: date | None, due_on: date | None, on: date) -> int | None:
    """The share of the time that has passed on the day ``on``; None without both dates."""
    if starts_on is None or due_on is None or due_on <= starts_on:
        return None
    passed = max(0, min((on - starts_on).days, (due_on - starts_on).days))
    return passed * WHOLE // (due_on - starts_on).days


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From when a task is at risk or overdue; per agreement, in days and per cent."""

    due_soon_days: int = 14
    nearly_done_percent: int = 90
    behind_percent: int = 15
    far_behind_percent: int = 50


COMPLETED, SUBMITTED = "completed", "submitted"


def done(status: str, measured: int | None, reported: int | None) -> int:
    """How much of a task is done: what was measured, else reported; a completed one is whole."""
    if status == COMPLETED:
        return WHOLE
    return measured if measured is not None else reported or 0


RESTING = ("suspended", "cancelled")
WAITING = ("planned", "assigned", "accepted")


def light(
    *,
    status: str,
    progress: int,
    starts_on: date | None,
    due_on: date | None,
    submitted_on: date | None,
    on: date,
    thresholds: Thresholds,
) -> Light | None:
    """The light of a task on the day ``on``; None while it is suspended or cancelled.

    *done* when completed; *overdue* past its date or far behind the time; *at risk* behind, or
    due soon and not nearly done; *not started* before its start while nobody has begun. What
    was submitted in time waits for its verification and is on track.
    """
    if status == COMPLETED:
        return Light.DONE
    if status in RESTING:
        return None
    if status == SUBMITTED and (due_on is None or submitted_on is None or submitted_on <= due_on):
        return Light.ON_TRACK
    share = expected(starts_on, due_on, on)
    behind = share - progress if share is not None else 0
    if (due_on is not None and due_on < on) or behind > thresholds.far_behind_percent * 100:
        return Light.OVERDUE
    due_soon = due_on is not None and (due_on - on).days <= thresholds.due_soon_days
    if behind > thresholds.behind_percent * 100 or (
        due_soon and progress < thresholds.nearly_done_percent * 100
    ):
        return Light.AT_RISK
    if status in WAITING and progress == 0:
        return Light.NOT_STARTED
    return Light.ON_TRACK


def expected_on(on: date) -> Any:
    """:func:`expected` as an expression over tasks."""
    whole = DaysBetween(F("due_on"), F("starts_on"))
    passed = Greatest(Value(0), Least(DaysBetween(_day(on), F("starts_on")), whole))
    return Case(
        When(
            Q(starts_on__isnull=False) & Q(due_on__gt=F("starts_on")),
            # Counted in 64 bits: days since a year typed wrongly would overflow 32.
            then=Cast(passed, BigIntegerField()) * Value(WHOLE) / whole,
        ),
        default=None,
        output_field=IntegerField(),
    )


def light_on(on: date) -> Any:
    """:func:`light` as an expression over tasks joined to their agreement."""
    behind = expected_on(on) - F("progress")
    days_left = DaysBetween(F("due_on"), _day(on))
    in_time = (
        Q(due_on__isnull=True) | Q(submitted_on__isnull=True) | Q(submitted_on__lte=F("due_on"))
    )
    return Case(
        When(status=COMPLETED, then=Value(Light.DONE)),
        When(status__in=RESTING, then=Value(None)),
        When(in_time & Q(status=SUBMITTED), then=Value(Light.ON_TRACK)),
        When(due_on__lt=on, then=Value(Light.OVERDUE)),
        When(_greater(behind, F("agreement__far_behind_percent") * 100), then=Value(Light.OVERDUE)),
        When(_greater(behind, F("agreement__behind_percent") * 100), then=Value(Light.AT_RISK)),
        When(
            Q(due_on__isnull=False)
            & ~_greater(days_left, F("agreement__due_soon_days"))
            & Q(progress__lt=F("agreement__nearly_done_percent") * 100),
            then=Value(Light.AT_RISK),
        ),
        When(Q(status__in=WAITING) & Q(progress=0), then=Value(Light.NOT_STARTED)),
        default=Value(Light.ON_TRACK),
        output_field=models.CharField(),
    )


def _day(on: date) -> Any:
    return Value(on, output_field=models.DateField())


def _greater(left: Any, right: Any) -> Any:
    return models.lookups.GreaterThan(left, right)
