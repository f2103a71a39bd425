"""Table of contents of the actors."""

from actors.organization import Identifier, Organization
from actors.person import Appointment, Person
from actors.region import Region
from actors.user import User
from actors.working_calendar import CalendarDay, WorkingCalendar

__all__ = [
    "Appointment",
    "CalendarDay",
    "Identifier",
    "Organization",
    "Person",
    "Region",
    "User",
    "WorkingCalendar",
]
