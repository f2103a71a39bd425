"""Table of contents of the actors."""

from actors.organization import Identifier, Organization
from actors.person import Appointment, Person
from actors.region import Region
from actors.user import User

__all__ = ["Appointment", "Identifier", "Organization", "Person", "Region", "User"]
