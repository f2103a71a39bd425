"""Agreements in the back office, with all that hangs on them."""

from agreements.admin import (
    agreement,
    articles,
    calendars,
    consultation_series,
    content_area,
    documents,
    handover,
    indicators,
    liaison_officer,
    notices,
    parties,
    regular_consultation,
    rotating_convenor,
    special_group,
    tasks,
    timetable,
)

__all__ = [
    "agreement",
    "articles",
    "calendars",
    "consultation_series",
    "content_area",
    "documents",
    "handover",
    "indicators",
    "liaison_officer",
    "notices",
    "parties",
    "regular_consultation",
    "rotating_convenor",
    "special_group",
    "tasks",
    "timetable",
]
