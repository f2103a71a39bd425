"""The actors in the back office: regions, organizations, people, users, working calendars."""

from actors.admin import organizations, people, regions, users, working_calendars

__all__ = ["organizations", "people", "regions", "users", "working_calendars"]
