"""Scenes of consultations for the tests: a series, its meetings, and who is there."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from agreements.mechanisms.agenda import AgendaItem
from agreements.mechanisms.attendance import Attendance, State
from agreements.mechanisms.consultation import Consultation
from agreements.mechanisms.consultation_series import ConsultationSeries
from tests.cast import TODAY

ZONE = ZoneInfo("Asia/Shanghai")
FIRST, SECOND, THIRD = date(2027, 3, 9), date(2027, 6, 8), date(2027, 9, 14)


def at(day: date) -> datetime:
    """Ten in the morning of that day, in Shanghai."""
    return datetime(day.year, day.month, day.day, 10, tzinfo=ZONE)


def enter_series(agreement: Any, **facts: Any) -> ConsultationSeries:
    """A mere cadence: its dates are set by hand."""
    return ConsultationSeries.enter(by=None, agreement=agreement, **{"name": "Leaders", **facts})


def enter_meeting(series: Any, day: date | None, *, on: date = TODAY, **facts: Any) -> Consultation:
    return Consultation.enter(
        by=None,
        on=on,
        agreement=series.agreement,
        group=series.group,
        series=series,
        starts_at=at(day) if day else None,
        ends_at=at(day) + timedelta(hours=2) if day else None,
        **facts,
    )


def propose(consultation: Any, title: str = "Noise at night", **facts: Any) -> AgendaItem:
    """A proposal of nobody's, unless ``proposed_by`` says whose."""
    return AgendaItem.propose(consultation, by=None, on=TODAY, title=title, **facts)


def attend(consultation: Any, *organizations: Any, state: str = State.PRESENT, **facts: Any) -> Any:
    """Put the organizations on the list; the row of the last one."""
    made = None
    for organization in organizations:
        made = Attendance.register(
            consultation, organization, by=None, on=TODAY, state=state, **facts
        )
    return made
