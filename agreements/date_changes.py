"""Changes of agreed dates: what was, what became of it, why, and for which cause.

A date is agreed once the agreement has a baseline. From then on no door moves one without a
reason in words and a cause to count by; what was never known may be filled in without either.
"""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from agreements.agreement import Agreement
from governance import clock
from governance.base import Noun, NounQuerySet
from governance.lifecycle import Refusal
from governance.wording import detailed

Dates = dict[str, date | None]


class Cause(models.TextChoices):
    """Why agreed dates move, as reports count it."""

    APPROVAL = "approval", _("Approval or permit")
    FUNDING = "funding", _("Funding")
    COORDINATION = "coordination", _("Coordination between parties")
    DEPENDENCY = "dependency", _("Waiting for another task")
    SCOPE = "scope", _("Change of scope")
    CAPACITY = "capacity", _("Staff or means of the organization")
    FORCE_MAJEURE = "force_majeure", _("Force majeure")
    CORRECTION = "correction", _("Correction of an error")
    OTHER = "other", _("Other cause")


class Fact(models.TextChoices):
    """Which date of a task was moved."""

    STARTS_ON = "starts_on", _("starts on")
    DUE_ON = "due_on", _("due on")


class DateChangeQuerySet(NounQuerySet):
    def of_due_dates(self) -> "DateChangeQuerySet":
        """Those of the day on which a task is due, in the order in which they were made."""
        return self.filter(fact=Fact.DUE_ON).order_by("pk")


class DateChange(Noun):
    """One change of one agreed date of a task. Rows are added and never changed."""

    task = models.ForeignKey(
        "agreements.Task",
        verbose_name=_("task"),
        on_delete=models.CASCADE,
        related_name="date_changes",
        editable=False,
    )
    fact = models.CharField(_("date"), max_length=9, choices=Fact, editable=False)
    was = models.DateField(_("was"), null=True, editable=False)
    became = models.DateField(_("became"), null=True, editable=False)
    cause = models.CharField(_("cause"), max_length=13, choices=Cause, editable=False)
    reason = models.TextField(_("reason"), editable=False)
    decided_on = models.DateField(_("changed on"), editable=False)

    named_by = ("task",)
    objects = DateChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change of a date")
        verbose_name_plural = _("changes of dates")
        ordering = ("task", "id")
        indexes = (models.Index(fields=("decided_on", "id"), name="date_change_day"),)

    def __str__(self) -> str:
        return detailed(self.task, self.get_fact_display())

    def record_scope(self) -> Agreement:
        return self.task.agreement

    def removal_refusal(self) -> Refusal | None:
        return Refusal("kept", _("What was changed, and why, is kept."))

    # questions

    @property
    def days(self) -> int | None:
        """By how many days the date moved, earlier ones negative; None when one is not known."""
        if self.was is None or self.became is None:
            return None
        return (self.became - self.was).days


def dates_of(task: Any) -> Dates:
    """The dates of a task that can be agreed."""
    return {fact.value: getattr(task, fact.value) for fact in Fact}


def are_agreed(task: Any) -> bool:
    """Whether the dates of the task are agreed: its agreement has a baseline."""
    return bool(task.agreement.baselines.exists())


def keep(
    task: Any, was: Dates, *, by: Any, on: date | None, cause: str, reason: str
) -> list[DateChange]:
    """Keep what changed of a task's dates since they were ``was``; call it within the unit.

    Raises ValidationError at ``cause`` and ``reason`` when an agreed date moved without them.
    Without a baseline nothing is agreed, and a change is kept only where its cause is told.
    """
    moved = {name: (was[name], day) for name, day in dates_of(task).items() if day != was[name]}
    if not moved:
        return []
    agreed = are_agreed(task)
    known = set(DateChange.objects.filter(task=task).values_list("fact", flat=True))
    told = {name: pair for name, pair in moved.items() if pair[0] is not None or name in known}
    if not told or (not agreed and not cause):
        return []
    _require(cause, reason)
    return [
        DateChange.enter(
            by=by,
            reason=reason,
            task=task,
            fact=name,
            was=before,
            became=after,
            cause=cause,
            decided_on=on or clock.day_of(task.changed_at),
        )
        for name, (before, after) in told.items()
    ]


def _require(cause: str, reason: str) -> None:
    wrong = {}
    if not reason.strip():
        wrong["reason"] = ValidationError(
            _("An agreed date is moved with a reason: please give it."), code="required"
        )
    if cause not in Cause.values:
        wrong["cause"] = ValidationError(
            _("An agreed date is moved for a cause: please choose it."), code="required"
        )
    if wrong:
        raise ValidationError(wrong)
