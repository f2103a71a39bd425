"""The actors in the back office: regions, organizations, people, users."""

from actors.admin import organizations, people, regions, users

__all__ = ["organizations", "people", "regions", "users"]
