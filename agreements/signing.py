"""Signing an agreement: its signature and the timetable as signed, in one transaction."""

from datetime import date
from typing import Any

from agreements import baselines
from agreements.agreement import Agreement
from governance.record import unit


def sign(agreement: Agreement, *, by: Any, on: date, **details: Any) -> Agreement:
    """Record the signature and keep the timetable as signed. Raises what the verb raises."""
    with unit():
        agreement.sign(by=by, on=on, **details)
        baselines.take_as_signed(agreement, by=by, on=on)
    return agreement
