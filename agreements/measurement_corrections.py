"""Corrections of measurements: what was said before stays readable beside what counts now."""

from datetime import date
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from agreements.documents import Document
from governance import clock

# What a measurement said, and by whom and with what it was said.
SAID = ("as_of", "value", "note", "evidence", "report", "measured_by", "source")


class MeasurementCorrection(models.Model):
    """What a measurement said before it was corrected. Rows are added and never changed."""

    measurement = models.ForeignKey(
        "agreements.Measurement", on_delete=models.CASCADE, related_name="corrections"
    )
    as_of = models.DateField(_("as of"))
    value = models.DecimalField(_("value"), max_digits=15, decimal_places=4)
    note = models.TextField(_("note"), blank=True)
    source = models.CharField(max_length=300, blank=True)
    evidence = models.ForeignKey(
        Document, null=True, on_delete=models.SET_NULL, related_name="+", verbose_name=_("evidence")
    )
    report = models.ForeignKey(
        "agreements.ProgressReport", null=True, on_delete=models.SET_NULL, related_name="corrected"
    )
    measured_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("entered by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    corrected_on = models.DateField(_("corrected on"))
    corrected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("corrected by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("corrected value")
        verbose_name_plural = _("corrected values")
        ordering = ("measurement", "id")

    def __str__(self) -> str:
        return f"{self.value.normalize():f}"


def said(measurement: Any) -> dict[str, Any]:
    """What a measurement says now, as a correction would keep it."""
    return {name: getattr(measurement, name) for name in SAID}


def keep(
    measurement: Any, before: dict[str, Any], *, by: Any, on: date | None, reason: str
) -> None:
    """Keep what was said ``before``; call it within the unit of the correction."""
    MeasurementCorrection.objects.create(
        measurement=measurement,
        corrected_on=on or clock.day_of(measurement.changed_at),
        corrected_by=by,
        reason=reason,
        **before,
    )
