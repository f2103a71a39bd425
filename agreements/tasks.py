"""Tasks: what is to be done, by whom and by when, and the flow from plan to verification."""

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Max, Q
from django.utils.translation import gettext_lazy as _

from actors.organization import Organization
from actors.person import Person
from agreements import date_changes
from agreements.agreement import Agreement
from agreements.articles import Article
from agreements.mechanisms.special_group import SpecialGroup
from agreements.progress import WHOLE, Light, Thresholds, expected_on, light_on
from agreements.progress import expected as expected_share
from agreements.progress import light as light_of
from agreements.task_rules import ANSWERING, LIFECYCLE, OPEN, REPORTABLE, Status
from agreements.timetable import Phase
from governance import clock
from governance.base import LivingNoun, NounQuerySet, Sourced, bilingual
from governance.lifecycle import Refusal, Refused, status_refusal
from governance.periods import CheckAt
from governance.record import plain, refuse, unit


class Priority(models.TextChoices):
    """How pressing a task is, apart from its date."""

    HIGH = "high", _("High")
    NORMAL = "normal", _("Normal")
    LOW = "low", _("Low")


class TaskQuerySet(NounQuerySet):
    def with_light(self, on: date) -> Self:
        """With ``expected`` and ``light`` on the day ``on``, for filters, sorting and columns."""
        return self.annotate(expected=expected_on(on), light=light_on(on))

    def open(self) -> Self:
        """Neither completed nor cancelled."""
        return self.filter(status__in=OPEN)

    def of(self, organizations: list[int]) -> Self:
        """Those that one of these organizations leads or helps with."""
        helping = self.model.cooperating.through.objects.filter(organization__in=organizations)
        return self.filter(Q(lead__in=organizations) | Q(pk__in=helping.values("task")))


class Task(Sourced, LivingNoun):
    """One thing to be done under an agreement."""

    agreement = models.ForeignKey(
        Agreement, verbose_name=_("agreement"), on_delete=models.CASCADE, related_name="tasks"
    )
    number = models.PositiveIntegerField(_("number"), editable=False)
    title = models.CharField(_("title"), max_length=300, blank=True)
    title_zh = models.CharField(_("Chinese title"), max_length=300, blank=True)
    description = models.TextField(_("description"), blank=True)
    description_zh = models.TextField(_("Chinese description"), blank=True)
    article = models.ForeignKey(
        Article,
        verbose_name=_("article"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="tasks",
        help_text=_("The article it carries out."),
    )
    decision = models.ForeignKey(
        "agreements.Decision",
        verbose_name=_("decision"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="tasks",
        help_text=_("The decision it carries out."),
    )
    group = models.ForeignKey(
        SpecialGroup,
        verbose_name=_("special group"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="tasks",
    )
    phase = models.ForeignKey(
        Phase,
        verbose_name=_("phase"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="tasks",
    )
    lead = models.ForeignKey(
        Organization,
        verbose_name=_("lead organization"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="led_tasks",
    )
    cooperating = models.ManyToManyField(
        Organization,
        verbose_name=_("cooperating organizations"),
        blank=True,
        related_name="cooperated_tasks",
    )
    responsible = models.ForeignKey(
        Person,
        verbose_name=_("person responsible"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="tasks",
    )
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    priority = models.CharField(
        _("priority"), max_length=6, choices=Priority, default=Priority.NORMAL
    )
    weight = models.DecimalField(
        _("weight"),
        max_digits=8,
        decimal_places=2,
        default=Decimal(1),
        validators=[MinValueValidator(Decimal(0))],
    )
    status = models.CharField(
        _("status"), max_length=12, choices=Status, default=Status.PLANNED, editable=False
    )
    suspended_from = models.CharField(max_length=12, blank=True, editable=False)
    submitted_on = models.DateField(_("submitted on"), null=True, editable=False)
    completed_on = models.DateField(_("completed on"), null=True, editable=False)
    needs_reassignment = models.BooleanField(
        _("needs another organization"), default=False, editable=False
    )
    reported_share = models.PositiveSmallIntegerField(
        null=True, editable=False, validators=[MaxValueValidator(WHOLE)]
    )
    progress = models.PositiveSmallIntegerField(
        _("progress"), default=0, editable=False, validators=[MaxValueValidator(WHOLE)]
    )

    objects = TaskQuerySet.as_manager()

    lifecycle = LIFECYCLE

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        ordering = ("agreement", "number")
        constraints = (
            models.UniqueConstraint(fields=("agreement", "number"), name="task_number_once"),
            CheckAt(
                name="task_dates_in_order",
                field="due_on",
                condition=Q(starts_on__isnull=True)
                | Q(due_on__isnull=True)
                | Q(due_on__gte=F("starts_on")),
                violation_error_code="dates_out_of_order",
                violation_error_message=_("The task would be due before it starts."),
            ),
            models.CheckConstraint(
                name="task_progress_is_a_share", condition=Q(progress__lte=WHOLE)
            ),
        )
        indexes = (
            models.Index(fields=("due_on", "id"), name="task_due"),
            models.Index(fields=("status", "due_on"), name="task_status_due"),
            models.Index(fields=("lead", "status", "due_on"), name="task_lead_due"),
            models.Index(fields=("progress", "id"), name="task_progress"),
        )

    def __str__(self) -> str:
        return bilingual(self.title, self.title_zh)

    def clean(self) -> None:
        super().clean()
        if not self.title.strip() and not self.title_zh.strip():
            raise refuse("title", _("Give a title in English or in Chinese."), "required")
        for name in ("article", "decision", "group", "phase"):
            other = getattr(self, name)
            if other is not None and other.agreement_id != self.agreement_id:
                raise ValidationError({name: _("This belongs to another agreement.")})

    def prepare(self, *, by: Any, on: date | None) -> None:
        """Give it the next number within its agreement."""
        Agreement.objects.select_for_update().get(pk=self.agreement_id)
        last = Task.objects.filter(agreement=self.agreement_id).aggregate(last=Max("number"))
        self.number = (last["last"] or 0) + 1

    def record_scope(self) -> Agreement:
        return self.agreement

    def removal_refusal(self) -> Refusal | None:
        """Only what nobody has taken up can be deleted; the rest is cancelled."""
        if self.status != Status.PLANNED:
            return Refusal("not_planned", _("A task that was assigned is cancelled, not deleted."))
        return None

    # changes

    def put(
        self,
        *,
        by: Any,
        verb: str,
        before: dict[str, Any],
        on: date | None = None,
        reason: str = "",
    ) -> None:
        """Save and record a change; what was escalated may be answered by it."""
        super().put(by=by, verb=verb, before=before, on=on, reason=reason)
        answer = "new_date" if before["due_on"] != plain(self.due_on) else verb
        if answer in ANSWERING:
            self.escalations.answer(answer, by=by, on=on or clock.day_of(self.changed_at))

    def edit(
        self,
        *,
        by: Any,
        version: int | None = None,
        reason: str = "",
        cause: str = "",
        on: date | None = None,
        **facts: Any,
    ) -> Self:
        """Change facts; another lead organization answers the call for one.

        An agreed date moves only with a reason and a ``cause``; ``on``: the day of that.
        """
        if "lead" in facts and facts["lead"] != self.lead:
            facts["needs_reassignment"] = False
        with unit():
            self.lock(version)
            was = date_changes.dates_of(self)
            super().edit(by=by, reason=reason, **facts)
            date_changes.keep(self, was, by=by, on=on, cause=cause, reason=reason)
        return self

    def assign(
        self,
        *,
        by: Any,
        on: date,
        lead: Organization | None = None,
        reason: str = "",
        version: int | None = None,
    ) -> Self:
        """The task goes to its lead organization (``lead``, or the one already named).

        One that was taken up already goes to another only while it is flagged for that.
        """
        with unit():
            self.lock(version)
            before = self.facts()
            if lead is not None:
                self.lead = lead
            self._proceed(
                "assign", by=by, on=on, reason=reason, before=before, needs_reassignment=False
            )
        return self

    def accept(self, *, by: Any, on: date, reason: str = "", version: int | None = None) -> Self:
        """The lead organization takes it on."""
        return self.advance("accept", by=by, on=on, reason=reason, version=version)

    def start(self, *, by: Any, on: date, reason: str = "", version: int | None = None) -> Self:
        """Work has begun, or has been taken up again after a return."""
        return self.advance("start", by=by, on=on, reason=reason, version=version)

    def submit(self, *, by: Any, on: date, reason: str = "", version: int | None = None) -> Self:
        """Put forward as done, to be verified."""
        return self.advance("submit", by=by, on=on, reason=reason, version=version, submitted_on=on)

    def verify(self, *, by: Any, on: date, reason: str = "", version: int | None = None) -> Self:
        """Verified: the task is completed and counts as whole."""
        return self.advance(
            "verify",
            by=by,
            on=on,
            reason=reason,
            version=version,
            completed_on=on,
            progress=WHOLE,
        )

    def send_back(self, *, by: Any, on: date, reason: str = "", version: int | None = None) -> Self:
        """Returned with a reason: not done yet."""
        return self.advance(
            "return", by=by, on=on, reason=reason, version=version, submitted_on=None
        )

    def suspend(self, *, by: Any, on: date, reason: str = "", version: int | None = None) -> Self:
        """It rests, with a reason."""
        with unit():
            self.lock(version)
            return self.advance("suspend", by=by, on=on, reason=reason, suspended_from=self.status)

    def resume(self, *, by: Any, on: date, reason: str = "", version: int | None = None) -> Self:
        """It goes on where it was suspended."""
        with unit():
            self.lock(version)
            return self.advance(
                "resume",
                by=by,
                on=on,
                reason=reason,
                status=self.suspended_from,
                suspended_from="",
            )

    def cancel(self, *, by: Any, on: date, reason: str = "", version: int | None = None) -> Self:
        """It will not be done, with a reason."""
        return self.advance("cancel", by=by, on=on, reason=reason, version=version)

    def reschedule(
        self,
        *,
        by: Any,
        on: date,
        due_on: date,
        starts_on: date | None = None,
        cause: str = "",
        reason: str = "",
        version: int | None = None,
    ) -> Self:
        """Another date, with a reason, for what is not done yet; ``starts_on`` None: as it is.

        Once the agreement has a baseline the ``cause`` is told, too.
        """
        with unit():
            self.lock(version)
            refusal = self.reschedule_refusal()
            if refusal is not None:
                raise Refused("reschedule", refusal)
            if not reason.strip():
                raise refuse("reason", _("Please give a reason."), "required")
            before, was = self.facts(), date_changes.dates_of(self)
            self.due_on = due_on
            self.starts_on = starts_on or self.starts_on
            self.full_clean()
            self.put(by=by, verb="reschedule", before=before, on=on, reason=reason)
            date_changes.keep(self, was, by=by, on=on, cause=cause, reason=reason)
        return self

    def flag_for_reassignment(self, *, by: Any, on: date, reason: str) -> None:
        """Its organization is no longer there to do it."""
        with unit():
            self.lock()
            before = self.facts()
            self.needs_reassignment = True
            self.put(by=by, verb="flag_for_reassignment", before=before, on=on, reason=reason)

    def set_progress(self, share: int, *, reported_share: int | None) -> None:
        """Bring the kept summary in step; called where measurements and reports are made."""
        self.progress = share
        self.reported_share = reported_share
        Task.objects.filter(pk=self.pk).update(progress=share, reported_share=reported_share)

    def require_reportable(self) -> None:
        """Raise Refused unless progress can be reported now."""
        refusal = self.report_refusal()
        if refusal is not None:
            raise Refused("report", refusal)

    # questions

    @property
    def reference(self) -> str:
        """The agreement's reference and the task's number."""
        return f"{self.agreement.reference}/{self.number}"

    def report_refusal(self) -> Refusal | None:
        """Why progress cannot be reported now; None when it can."""
        if self.status not in REPORTABLE:
            return status_refusal(self)
        return self.agreement.over_refusal()

    def missing_evidence(self) -> list[tuple[Any, int]]:
        """The lines of its checklist that are not met yet, each with how many are filed."""
        wanted = list(self.evidence_wanted.all())
        if not wanted:
            return []
        filed = Counter(self.evidence.values_list("kind", flat=True))
        return [(one, filed[one.kind]) for one in wanted if filed[one.kind] < one.number]

    def reschedule_refusal(self) -> Refusal | None:
        """Why it cannot be given another date; None when it can."""
        if self.status not in OPEN:
            return status_refusal(self)
        return self.agreement.over_refusal()

    def expected(self, on: date) -> int | None:
        """Expected progress on the day ``on``, in hundredths of one per cent."""
        return expected_share(self.starts_on, self.due_on, on)

    def light(self, on: date) -> Light | None:
        """How it stands on the day ``on``. The twin of ``with_light``."""
        return light_of(
            status=self.status,
            progress=self.progress,
            starts_on=self.starts_on,
            due_on=self.due_on,
            submitted_on=self.submitted_on,
            on=on,
            thresholds=Thresholds(
                self.agreement.due_soon_days,
                self.agreement.nearly_done_percent,
                self.agreement.behind_percent,
                self.agreement.far_behind_percent,
            ),
        )
