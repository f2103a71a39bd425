"""The roadmap: phases and milestones of an agreement."""

from datetime import date
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from agreements.agreement import Agreement
from governance.base import Noun, Sourced, bilingual, require_one_name
from governance.periods import in_order
from governance.record import unit


class Phase(Sourced, Noun):
    """A stretch of the roadmap; dates may be unknown."""

    agreement = models.ForeignKey(
        Agreement, verbose_name=_("agreement"), on_delete=models.CASCADE, related_name="phases"
    )
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    name = models.CharField(_("name"), max_length=200, blank=True)
    name_zh = models.CharField(_("Chinese name"), max_length=200, blank=True)
    starts_on = models.DateField(_("from"), null=True, blank=True)
    ends_on = models.DateField(
        _("until"),
        null=True,
        blank=True,
        help_text=_("The first day that is no longer part of it."),
    )

    class Meta:
        verbose_name = _("phase")
        verbose_name_plural = _("phases")
        ordering = ("agreement", "position", "id")
        constraints = (in_order("phase_in_order"),)

    def __str__(self) -> str:
        return bilingual(self.name, self.name_zh)

    def clean(self) -> None:
        super().clean()
        require_one_name(self.name, self.name_zh)

    def record_scope(self) -> Agreement:
        return self.agreement


class Milestone(Sourced, Noun):
    """A point of the roadmap that is reached on a day."""

    agreement = models.ForeignKey(
        Agreement, verbose_name=_("agreement"), on_delete=models.CASCADE, related_name="milestones"
    )
    phase = models.ForeignKey(
        Phase,
        verbose_name=_("phase"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="milestones",
    )
    name = models.CharField(_("name"), max_length=200, blank=True)
    name_zh = models.CharField(_("Chinese name"), max_length=200, blank=True)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    reached_on = models.DateField(_("reached on"), null=True, blank=True)

    class Meta:
        verbose_name = _("milestone")
        verbose_name_plural = _("milestones")
        ordering = ("agreement", "due_on", "id")
        indexes = (models.Index(fields=("agreement", "due_on"), name="milestone_due"),)

    def __str__(self) -> str:
        return bilingual(self.name, self.name_zh)

    def clean(self) -> None:
        super().clean()
        require_one_name(self.name, self.name_zh)
        if self.phase is not None and self.phase.agreement_id != self.agreement_id:
            raise ValidationError({"phase": _("This phase belongs to another agreement.")})

    def record_scope(self) -> Agreement:
        return self.agreement

    def reach(self, *, by: Any, on: date) -> Self:
        """The milestone was reached on that day."""
        with unit():
            self.lock()
            before = self.facts()
            self.reached_on = on
            self.full_clean()
            self.put(by=by, verb="reach", before=before, on=on)
        return self
