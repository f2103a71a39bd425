"""References: numbers issued per series and year, gapless and unique under concurrency.

The counter's row is locked until the transaction that uses the number commits, so that a number
is used if and only if it was given out. A number whose object was deleted stays shown as void.
"""

import re
from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance import clock

PATTERN = re.compile(r"^[A-Z]{2,4}-\d{4}-\d{4,}$")


class ReferenceSeries(models.Model):
    """The last number given out in one series and year."""

    prefix = models.CharField(_("series"), max_length=8)
    year = models.PositiveSmallIntegerField(_("year"))
    last = models.PositiveIntegerField(_("last number"), default=0)

    class Meta:
        verbose_name = _("reference series")
        verbose_name_plural = _("reference series")
        constraints = (
            models.UniqueConstraint(fields=("prefix", "year"), name="reference_series_once"),
        )

    def __str__(self) -> str:
        return f"{self.prefix}-{self.year}"


class VoidReference(models.Model):
    """A number that was given out and whose draft was deleted."""

    reference = models.CharField(_("reference"), max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=300)
    voided_at = models.DateTimeField(_("void since"), default=clock.now)
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("void reference")
        verbose_name_plural = _("void references")
        ordering = ("-reference",)

    def __str__(self) -> str:
        return self.reference


def issue(prefix: str, on: date) -> str:
    """The next reference of the year of ``on``: ``CA-2027-0001``. Inside a unit only."""
    series, _created = ReferenceSeries.objects.select_for_update().get_or_create(
        prefix=prefix, year=on.year
    )
    series.last += 1
    series.save(update_fields=("last",))
    return f"{prefix}-{on.year}-{series.last:04d}"


def looks_issued(reference: str) -> bool:
    """Whether a reference given by a caller could be mistaken for one of ours."""
    return bool(PATTERN.match(reference.strip().upper()))
