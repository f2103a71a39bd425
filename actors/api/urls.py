"""The resources of actors, by their names in the API."""

from django.urls import path

from actors.api.me import Me
from actors.api.organization import Organizations
from actors.api.person import Appointments, People
from actors.api.region import Regions
from actors.api.working_calendar import WorkingCalendars

resources = {
    "organizations": Organizations,
    "regions": Regions,
    "people": People,
    "appointments": Appointments,
    "working-calendars": WorkingCalendars,
}
questions = [path("me/", Me.as_view(), name="me")]
