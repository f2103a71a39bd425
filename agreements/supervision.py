"""Supervision: the ladder of steps about a task that is to be done by a day, and what was taken.

An agreement states its own ladder, or the usual one holds. What is done about one task is an
escalation: a step of the ladder, taken by itself and once for each date, or a follow-up notice
that somebody sends by hand. Whatever moves the task on answers it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Self

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from agreements.agreement import Agreement
from agreements.notice import Notice
from agreements.tasks import Task
from governance.base import Noun, NounQuerySet
from governance.periods import CheckAt
from governance.record import refuse
from governance.wording import detailed
from governance.workdays import Calendar

FARTHEST_DAYS = 365


class Action(models.TextChoices):
    """What is done about a task."""

    REMIND = "remind", _("Remind the lead organization")
    LIAISON = "liaison", _("Urge the lead organization's liaison officer")
    CONVENOR = "convenor", _("Tell the convenor")
    AGENDA = "agenda", _("Put it before the next consultation")
    FOLLOW_UP = "follow_up", _("Follow-up notice")


def of_a_ladder() -> list[tuple[str, Any]]:
    """What a step of a ladder may do; the rest is done by hand."""
    return [(action.value, action.label) for action in Action if action != Action.FOLLOW_UP]


class Answer(models.TextChoices):
    """What came of an escalation."""

    REPORT = "report", _("Progress reported")
    SUBMIT = "submit", _("Submitted for verification")
    EXTENSION = "extension", _("Extension asked for")
    NEW_DATE = "new_date", _("Given another date")
    VERIFY = "verify", _("Completed")
    SUSPEND = "suspend", _("Suspended")
    CANCEL = "cancel", _("Cancelled")


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a ladder: so many days from the due date (before it: negative), and what then.

    Working days are counted behind the due date; nought is that day or the next working one.
    """

    days: int
    action: str
    in_working_days: bool = False

    def day(self, due_on: date, calendar: Calendar) -> date:
        """The day on which the step is to be taken for something due on ``due_on``."""
        if self.in_working_days:
            return calendar.add_working_days(due_on, self.days)
        return due_on + timedelta(days=self.days)

    @property
    def when(self) -> str:
        """The day in words, from the due date."""
        if self.days == 0:
            return str(_("on the day it is due"))
        number = abs(self.days)
        if self.in_working_days:
            words = (
                ngettext("%(number)s working day before", "%(number)s working days before", number)
                if self.days < 0
                else ngettext(
                    "%(number)s working day overdue", "%(number)s working days overdue", number
                )
            )
        else:
            words = (
                ngettext("%(number)s day before", "%(number)s days before", number)
                if self.days < 0
                else ngettext("%(number)s day overdue", "%(number)s days overdue", number)
            )
        return words % {"number": number}


# Where an agreement states no ladder of its own.
USUAL = (
    Rung(-30, Action.REMIND),
    Rung(-7, Action.REMIND),
    Rung(0, Action.REMIND),
    Rung(1, Action.LIAISON),
    Rung(7, Action.CONVENOR),
    Rung(14, Action.AGENDA),
)


class SupervisionStep(Noun):
    """A step of an agreement's own ladder, which takes the place of the usual one as a whole."""

    agreement = models.ForeignKey(
        Agreement,
        verbose_name=_("agreement"),
        on_delete=models.CASCADE,
        related_name="supervision_steps",
    )
    days = models.SmallIntegerField(
        _("days from the due date"),
        validators=[MinValueValidator(-FARTHEST_DAYS), MaxValueValidator(FARTHEST_DAYS)],
        help_text=_("Negative: before it. 0: on the day. Positive: so many days overdue."),
    )
    in_working_days = models.BooleanField(_("in working days"), default=False)
    action = models.CharField(_("what is done"), max_length=10, choices=of_a_ladder)

    named_by = ("agreement",)

    class Meta:
        verbose_name = _("step of supervision")
        verbose_name_plural = _("steps of supervision")
        ordering = ("agreement", "days", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("agreement", "days", "in_working_days", "action"),
                name="supervision_step_once",
                violation_error_message=_("This step is on the ladder already."),
            ),
            CheckAt(
                name="supervision_overdue_first",
                field="days",
                condition=Q(action=Action.REMIND) | Q(days__gt=0),
                violation_error_code="not_overdue",
                violation_error_message=_(
                    "Before the due date and on the day itself, the lead organization is reminded; "
                    "the other steps are for what is overdue."
                ),
            ),
        )

    def __str__(self) -> str:
        return detailed(self.rung.when, self.get_action_display())

    def record_scope(self) -> Agreement:
        return self.agreement

    # questions

    @property
    def rung(self) -> Rung:
        """The step as plain data."""
        return Rung(self.days, self.action, self.in_working_days)


def ladder(steps: Iterable[SupervisionStep]) -> tuple[Rung, ...]:
    """The ladder of an agreement that states these steps: the usual one when it states none."""
    own = tuple(step.rung for step in steps)
    return tuple(sorted(own, key=lambda rung: rung.days)) or USUAL


class EscalationQuerySet(NounQuerySet):
    def unanswered(self) -> Self:
        """Those that still wait for something to happen. Twin: ``is_unanswered``.

        A reminder asks for nothing yet.
        """
        return self.filter(answered_on__isnull=True).exclude(action=Action.REMIND)

    def answer(self, how: str, *, by: Any, on: date) -> None:
        """Note on those that nothing has answered yet what does so now."""
        for escalation in self.filter(answered_on__isnull=True):
            before = escalation.facts()
            escalation.answered_on = max(on, escalation.taken_on)
            escalation.answer = how
            escalation.put(by=by, verb="answer", before=before, on=on)


class Escalation(Noun):
    """What was done about a task on a day: a step of the ladder, or a follow-up notice by hand.

    ``due_on`` is the date it was about: another date begins the ladder anew. ``days`` is None for
    what was done by hand, ``answered_on`` as long as nothing has come of it.
    """

    task = models.ForeignKey(
        Task, verbose_name=_("task"), on_delete=models.CASCADE, related_name="escalations"
    )
    due_on = models.DateField(_("about the date"), null=True, blank=True)
    days = models.SmallIntegerField(_("days from the due date"), null=True, blank=True)
    in_working_days = models.BooleanField(_("in working days"), default=False)
    action = models.CharField(_("step taken"), max_length=10, choices=Action)
    taken_on = models.DateField(_("done on"))
    text = models.TextField(_("text"), blank=True, max_length=5000)
    answer_by = models.DateField(_("answer expected by"), null=True, blank=True)
    sent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("sent by"),
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    notices = models.ManyToManyField(
        Notice, verbose_name=_("notices"), blank=True, related_name="escalations"
    )
    answered_on = models.DateField(_("answered on"), null=True, editable=False)
    answer = models.CharField(
        _("answered by"), max_length=10, choices=Answer, blank=True, editable=False
    )

    named_by = ("task",)
    objects = EscalationQuerySet.as_manager()

    class Meta:
        verbose_name = _("escalation")
        verbose_name_plural = _("escalations")
        ordering = ("-taken_on", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("task", "due_on", "days", "in_working_days", "action"),
                condition=Q(days__isnull=False),
                name="escalation_once",
                violation_error_message=_("This step has been taken already."),
            ),
            models.CheckConstraint(
                name="escalation_by_ladder_or_hand",
                condition=Q(action=Action.FOLLOW_UP, days__isnull=True)
                | (~Q(action=Action.FOLLOW_UP) & Q(days__isnull=False, due_on__isnull=False)),
            ),
        )
        indexes = (
            models.Index(
                fields=("task",), condition=Q(answered_on__isnull=True), name="escalation_open"
            ),
            models.Index(fields=("taken_on", "id"), name="escalation_taken"),
        )

    def __str__(self) -> str:
        return detailed(self.get_action_display(), self.task)

    def clean(self) -> None:
        super().clean()
        if self.action != Action.FOLLOW_UP:
            return
        if not self.text.strip():
            raise refuse("text", _("Say what is asked."), "required")
        if self.answer_by is None:
            raise refuse("answer_by", _("Say by when an answer is expected."), "required")
        if self.answer_by < self.taken_on:
            raise refuse(
                "answer_by", _("An answer cannot be expected before it is asked."), "out_of_order"
            )

    def record_scope(self) -> Agreement:
        return self.task.agreement

    def prepare(self, *, by: Any, on: date | None) -> None:
        """Remember who sent it; None: the system by itself."""
        self.sent_by = by

    # questions

    @property
    def is_unanswered(self) -> bool:
        """Whether it still waits for something to happen. The twin of ``unanswered``."""
        return self.answered_on is None and self.action != Action.REMIND

    @property
    def when(self) -> str:
        """When the step was due in words; empty for what was done by hand."""
        if self.days is None:
            return ""
        return Rung(self.days, self.action, self.in_working_days).when
