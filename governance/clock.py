"""The only place that reads the clock.

Domain code is given its day (``on=``) or moment (``at=``); the doors ask here. A day is a day
of the installation's time zone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time

from django.utils import timezone

_fixed: ContextVar[datetime | None] = ContextVar("fixed_moment", default=None)


def now() -> datetime:
    """This moment, aware, in UTC."""
    return _fixed.get() or datetime.now(UTC)


def actual() -> datetime:
    """This moment by the machine's clock, even while the daily run plays a past day.

    For machinery alone: leases, queues and their pauses.
    """
    return datetime.now(UTC)


def today() -> date:
    """Today's date in the installation's time zone."""
    return day_of(now())


def day_of(moment: datetime) -> date:
    """The day on which a moment falls in the installation's time zone."""
    return timezone.localtime(moment, timezone.get_default_timezone()).date()


@contextmanager
def fixed(day: date) -> Iterator[None]:
    """Let the clock stand at noon of ``day``: for the daily run of a past date, and for tests."""
    moment = datetime.combine(day, time(12), tzinfo=timezone.get_default_timezone())
    token = _fixed.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _fixed.reset(token)
