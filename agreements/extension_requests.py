"""Asking for more time: an organization asks for a later date, and whoever verifies answers.

A granted request gives its task the later date in the same transaction, with its reason; what
was refused or withdrawn is kept beside it.
"""

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from actors.organization import Organization
from agreements.agreement import Agreement, Verification
from agreements.date_changes import Cause
from agreements.mechanisms.convenor_terms import convenor_term
from agreements.notices import tell
from agreements.tasks import OPEN as OPEN_TASKS
from agreements.tasks import Status as TaskStatus
from agreements.tasks import Task
from governance.base import LivingNoun, NounQuerySet, Sourced
from governance.lifecycle import Lifecycle, Refusal, Refused, Transition, status_refusal
from governance.record import refuse, unit
from governance.wording import day_text, detailed, in_a_row

# While a task is in these somebody works on it, or is about to.
ASKABLE = (TaskStatus.ASSIGNED, TaskStatus.ACCEPTED, TaskStatus.IN_PROGRESS, TaskStatus.RETURNED)


class Status(models.TextChoices):
    """What became of a request."""

    ASKED = "asked", _("Waiting for an answer")
    GRANTED = "granted", _("Granted")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


def asking_refusal(task: Task) -> Refusal | None:
    """Why no more time can be asked for now; None when it can."""
    if task.status not in ASKABLE:
        return status_refusal(task)
    over = task.agreement.over_refusal()
    if over is not None:
        return over
    if task.due_on is None:
        return Refusal("no_due_date", _("The task has no date that could be put off."))
    if task.extension_requests.waiting().exists():
        return Refusal(
            "asked_already", _("More time was asked for already: it waits for an answer.")
        )
    return None


def _can_be_rescheduled(request: "ExtensionRequest", on: date) -> Refusal | None:
    return request.task.reschedule_refusal()


class ExtensionQuerySet(NounQuerySet):
    def waiting(self) -> Self:
        """Those that nobody has answered, for tasks that are still open. Twin: ``waits``."""
        return self.filter(status=Status.ASKED, task__status__in=OPEN_TASKS)


class ExtensionRequest(Sourced, LivingNoun):
    """An organization asks for a later date of a task.

    ``was_due_on`` is the date that stood when it asked; ``granted_due_on`` the one it was given,
    which may lie before the one it asked for. None: not granted.
    """

    task = models.ForeignKey(
        Task, verbose_name=_("task"), on_delete=models.CASCADE, related_name="extension_requests"
    )
    asked_by = models.ForeignKey(
        Organization,
        verbose_name=_("asked by"),
        on_delete=models.PROTECT,
        related_name="extension_requests",
    )
    asked_on = models.DateField(_("requested on"))
    was_due_on = models.DateField(_("due until then"), editable=False)
    due_on = models.DateField(_("asked until"))
    cause = models.CharField(
        _("cause"),
        max_length=13,
        choices=Cause,
        default=Cause.OTHER,
        help_text=_("For which cause the date would move."),
    )
    reason = models.TextField(_("reason"))
    status = models.CharField(
        _("status"), max_length=9, choices=Status, default=Status.ASKED, editable=False
    )
    granted_due_on = models.DateField(_("granted until"), null=True, editable=False)
    answered_on = models.DateField(_("answered on"), null=True, editable=False)
    answer = models.TextField(_("answer"), blank=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("answered by"),
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )

    named_by = ("task",)
    objects = ExtensionQuerySet.as_manager()

    lifecycle = Lifecycle(
        Status,
        (
            Transition(
                "grant",
                _("Grant extension"),
                frozenset({Status.ASKED}),
                Status.GRANTED,
                (_can_be_rescheduled,),
            ),
            Transition(
                "refuse",
                _("Refuse extension"),
                frozenset({Status.ASKED}),
                Status.REFUSED,
                needs_reason=True,
            ),
            Transition(
                "withdraw", _("Withdraw request"), frozenset({Status.ASKED}), Status.WITHDRAWN
            ),
        ),
    )

    class Meta:
        verbose_name = _("extension request")
        verbose_name_plural = _("extension requests")
        ordering = ("task", "-asked_on", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("task",),
                condition=Q(status=Status.ASKED),
                name="extension_asked_once",
                violation_error_message=_(
                    "More time was asked for already: it waits for an answer."
                ),
            ),
        )
        indexes = (models.Index(fields=("status", "asked_on"), name="extension_waiting"),)

    def __str__(self) -> str:
        return detailed(self.task, _("until %(day)s") % {"day": day_text(self.due_on)})

    def clean(self) -> None:
        super().clean()
        if not self.reason.strip():
            raise refuse("reason", _("Please give a reason."), "required")
        if self.was_due_on is None or self.due_on is None:
            return
        if self.due_on <= self.was_due_on:
            raise refuse("due_on", _later_than(self.was_due_on), "dates_out_of_order")

    def record_scope(self) -> Agreement:
        return self.task.agreement

    def prepare(self, *, by: Any, on: date | None) -> None:
        """Keep the date that stands when it is asked."""
        if self.task.due_on is not None:
            self.was_due_on = self.task.due_on
        self.status_since = self.asked_on

    def refuse_edit(self, facts: dict[str, Any]) -> None:
        """What was asked stays as it was asked."""
        raise Refused(
            "change",
            Refusal("asked", _("A request is not changed: withdraw it, and ask again.")),
        )

    def removal_refusal(self) -> Refusal | None:
        """Granted or refused, it is kept."""
        return Refusal("kept", _("A request is kept: it can be withdrawn, not deleted."))

    # changes

    @classmethod
    def ask(
        cls,
        task: Task,
        *,
        by: Any,
        on: date,
        due_on: date,
        reason: str,
        cause: str = Cause.OTHER,
        asked_by: Organization | None = None,
        version: int | None = None,
        **facts: Any,
    ) -> Self:
        """Ask for a later date of a task; ``asked_by`` is its lead organization by default.

        Whoever answers is told, and what was escalated about the task is answered. Raises
        Refused when the task is not one to be put off, ValidationError at
        ``due_on``, ``reason`` or ``asked_by``.
        """
        with unit():
            task.lock(version)
            refusal = asking_refusal(task)
            if refusal is not None:
                raise Refused("create", refusal)
            whose = asked_by or task.lead
            if whose is None or not _is_of(task, whose):
                raise refuse(
                    "asked_by", _("Only the organizations of this task ask for more time.")
                )
            made = cls.enter(
                by=by,
                on=on,
                reason=reason,
                task=task,
                asked_by=whose,
                asked_on=on,
                due_on=due_on,
                cause=cause,
                illustrative=facts.pop("illustrative", task.illustrative),
                **facts,
            )
            task.escalations.answer("extension", by=by, on=on)
            made._tell_who_answers(by=by, on=on)
        return made

    def grant(
        self,
        *,
        by: Any,
        on: date,
        due_on: date | None = None,
        reason: str = "",
        version: int | None = None,
    ) -> Self:
        """The task is due later: on the day asked for, or on another (``due_on``)."""
        with unit():
            self.lock(version)
            self.lifecycle.require("grant", self, on, reason)
            task, day, before = self.task, due_on or self.due_on, self.facts()
            if task.due_on is not None and day <= task.due_on:
                raise refuse("due_on", _later_than(task.due_on), "dates_out_of_order")
            self._answer("grant", by=by, on=on, reason=reason, before=before, granted_due_on=day)
            why = in_a_row([self.reason, reason]) if reason.strip() else self.reason
            task.reschedule(by=by, on=on, due_on=day, cause=self.cause, reason=why)
            self._tell_askers("extension_granted", by=by, on=on, until=day)
        return self

    def refuse(self, *, by: Any, on: date, reason: str = "", version: int | None = None) -> Self:
        """The date stays, with a reason."""
        with unit():
            self.lock(version)
            self._answer("refuse", by=by, on=on, reason=reason, before=self.facts())
            self._tell_askers("extension_refused", by=by, on=on, reason=reason)
        return self

    def withdraw(self, *, by: Any, on: date, reason: str = "", version: int | None = None) -> Self:
        """Whoever asked does so no longer."""
        return self.advance("withdraw", by=by, on=on, reason=reason, version=version)

    def _answer(
        self, verb: str, *, by: Any, on: date, reason: str, before: dict[str, Any], **facts: Any
    ) -> None:
        self._proceed(
            verb,
            by=by,
            on=on,
            reason=reason,
            before=before,
            answered_on=on,
            answered_by=by,
            answer=reason,
            **facts,
        )

    def _tell_who_answers(self, *, by: Any, on: date) -> None:
        """The convenor of the day where it verifies what is not its own; else the officer."""
        agreement, parties = self.task.agreement, []
        if agreement.verification == Verification.CONVENOR:
            term = convenor_term(agreement, on)
            holders = {held.organization_id for held in term.holdings.all()} if term else set()
            current = agreement.party_set.current(on).select_related("organization")
            parties = [
                party
                for party in current
                if party.organization_id in holders - {self.task.lead_id, self.asked_by_id}
            ]
        officer = agreement.officer
        people = [officer.person] if not parties and officer and officer.person else []
        tell(
            "extension_asked",
            by=by,
            on=on,
            agreement=agreement,
            about=self.task,
            parties=parties,
            people=people,
            organization=self.asked_by,
            until=self.due_on,
            reason=self.reason,
        )

    def _tell_askers(self, kind: str, *, by: Any, on: date, **said: Any) -> None:
        """Whoever asked, and the lead organization if that is another."""
        agreement = self.task.agreement
        lead = self.task.lead or self.asked_by
        concerned = {self.asked_by_id: self.asked_by, lead.pk: lead}
        current = agreement.party_set.current(on).filter(organization__in=concerned)
        parties = list(current.select_related("organization"))
        guests = set(concerned) - {party.organization_id for party in parties}
        tell(
            kind,
            by=by,
            on=on,
            agreement=agreement,
            about=self.task,
            parties=parties,
            organizations=[concerned[pk] for pk in sorted(guests)],
            **said,
        )

    # questions

    @property
    def waits(self) -> bool:
        """Whether it waits for an answer. The twin of ``waiting``."""
        return self.status == Status.ASKED and self.task.status in OPEN_TASKS


def _later_than(day: date) -> Any:
    return _("The task is due on %(day)s already: give a later day.") % {"day": day_text(day)}


def _is_of(task: Task, organization: Organization) -> bool:
    """Whether the organization leads the task or helps with it."""
    return organization.pk == task.lead_id or task.cooperating.filter(pk=organization.pk).exists()
