"""Regular consultation: the words in which series and consultations are stated.

A series (``consultation_series``) is the promise to consult regularly; a consultation
(``consultation``) is one meeting, as it is planned and held.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Status(models.TextChoices):
    """Where a consultation stands."""

    PLANNED = "planned", _("Planned")
    CONVENED = "convened", _("Convened")
    POSTPONED = "postponed", _("Postponed")
    CLOSED = "closed", _("Held")
    CANCELLED = "cancelled", _("Cancelled")


TO_COME = (Status.PLANNED, Status.CONVENED, Status.POSTPONED)


class Level(models.TextChoices):
    """Who meets."""

    LEADERS = "leaders", _("Leaders")
    LIAISON_OFFICERS = "liaison_officers", _("Liaison officers")
    WORKING = "working", _("Working level")


class HostRule(models.TextChoices):
    """Who hosts."""

    CONVENOR = "convenor", _("The convenor of the day")
    FIXED = "fixed", _("Always the same organization")
    ROTATION = "rotation", _("A rotation of its own")


class Cadence(models.TextChoices):
    """The period in which at least a number of consultations is promised."""

    MONTH = "month", _("month")
    QUARTER = "quarter", _("quarter")
    HALF_YEAR = "half_year", _("half year")
    YEAR = "year", _("year")


class OnHoliday(models.TextChoices):
    """What becomes of an occurrence on a day that is not worked."""

    KEEP = "keep", _("it stays on that day")
    NEXT = "next", _("it moves to the next working day")
    PREVIOUS = "previous", _("it moves to the working day before")


# What is wrong with a recurrence rule (see mechanisms.occurrences), in words.
RULE_PROBLEMS = {
    "not_one": _("Give one rule alone, without a start; it begins with FREQ=."),
    "within_a_day": _("At most once a day: the time of day stands in its own field."),
    "no_step": _("An interval is at least 1."),
    "no_rule": _("This is not a recurrence rule of RFC 5545."),
    "no_day": _("This rule never yields a day."),
}


class QuorumKind(models.TextChoices):
    """How a quorum is stated."""

    NUMBER = "number", _("number of parties")
    PERCENT = "percent", _("per cent of the parties")
