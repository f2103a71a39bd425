"""The words of a rotation's rule: what its turns, its boundaries and its newcomers follow."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Basis(models.TextChoices):
    """Whether seats take turns, or each term's holder is decided."""

    ORDER = "order", _("Seats take turns")
    DECISION = "decision", _("Each holder is decided")


class Order(models.TextChoices):
    """What the order of turns follows."""

    AS_GIVEN = "as_given", _("As given")
    ALPHABETICAL = "alphabetical", _("Alphabetical by sort name")


class Unit(models.TextChoices):
    """In what the length of a term is counted."""

    DAY = "day", _("days")
    MONTH = "month", _("months")
    YEAR = "year", _("years")


class Boundaries(models.TextChoices):
    """What ends a term."""

    CALENDAR = "calendar", _("The calendar")
    EVENT = "event", _("A day set each time")


class OnAdmission(models.TextChoices):
    """Where a new seat takes its place."""

    END = "end", _("At the end")
    BY_ORDER = "by_order", _("By its sort name")
    ASK = "ask", _("Decided each time")
