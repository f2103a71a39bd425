"""Baselines: the timetable as it was signed, and as it stood at each approved revision.

A baseline copies what was promised into rows of its own, so that what is moved, handed on or
deleted later can still be held against it. Nothing of it is ever changed.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import models
from django.db.models import Max, Prefetch, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from actors.organization import Organization
from agreements.agreement import Agreement
from agreements.indicators import Indicator
from agreements.tasks import Status as TaskStatus
from agreements.tasks import Task
from governance import clock
from governance.base import Noun, NounQuerySet, Sourced, bilingual
from governance.lifecycle import Refusal, Refused
from governance.record import plain, refuse
from governance.wording import day_text, detailed


class Kind(models.TextChoices):
    """What a baseline keeps."""

    AS_SIGNED = "as_signed", _("As signed")
    REVISION = "revision", _("Approved revision")


class BaselineQuerySet(NounQuerySet):
    def of(self, agreement: Agreement) -> "BaselineQuerySet":
        """Those of an agreement, in the order in which they were taken."""
        return self.filter(agreement=agreement).order_by("number")


class Baseline(Sourced, Noun):
    """The timetable of an agreement as it was agreed on a day."""

    agreement = models.ForeignKey(
        Agreement, verbose_name=_("agreement"), on_delete=models.CASCADE, related_name="baselines"
    )
    number = models.PositiveIntegerField(_("number"), editable=False)
    kind = models.CharField(_("kind"), max_length=9, choices=Kind, default=Kind.REVISION)
    name = models.CharField(
        _("name"), max_length=200, blank=True, help_text=_("For example “Mid-term revision”.")
    )
    name_zh = models.CharField(_("Chinese name"), max_length=200, blank=True)
    taken_on = models.DateField(
        _("agreed on"),
        blank=True,
        help_text=_("The day on which this timetable was agreed; as signed: that of signature."),
    )
    reason = models.TextField(_("reason"), blank=True, help_text=_("Why it was revised."))
    approved_by = models.CharField(
        _("approved by"),
        max_length=300,
        blank=True,
        help_text=_("The body or the meeting that approved it."),
    )
    task_count = models.PositiveIntegerField(_("number of tasks"), editable=False, default=0)

    named_by = ("agreement",)
    objects = BaselineQuerySet.as_manager()

    class Meta:
        verbose_name = _("timetable baseline")
        verbose_name_plural = _("timetable baselines")
        ordering = ("agreement", "number")
        constraints = (
            models.UniqueConstraint(fields=("agreement", "number"), name="baseline_number_once"),
            models.UniqueConstraint(
                fields=("agreement",),
                condition=Q(kind=Kind.AS_SIGNED),
                name="baseline_as_signed_once",
                violation_error_message=_("The timetable as signed is kept already."),
            ),
        )

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        super().clean()
        if self.taken_on is not None and self.taken_on > clock.day_of(self.created_at):
            raise refuse(
                "taken_on", _("What is agreed in the future is kept when it is agreed."), "future"
            )
        if self.kind == Kind.REVISION:
            for name, sentence in (
                ("reason", _("Say why the timetable was revised.")),
                ("approved_by", _("Say who approved the revision.")),
            ):
                if not getattr(self, name).strip():
                    raise refuse(name, sentence, "required")
        self._require_order()

    def _require_order(self) -> None:
        before = Baseline.objects.of(self.agreement).exclude(pk=self.pk).last()
        if before is None or self.taken_on is None:
            return
        if self.kind == Kind.AS_SIGNED:
            raise refuse("kind", _("Only the first baseline can be the one as signed."))
        if self.taken_on < before.taken_on:
            raise refuse(
                "taken_on",
                _("The baseline before was agreed on %(day)s: give that day or a later one.")
                % {"day": day_text(before.taken_on)},
                "dates_out_of_order",
            )

    def prepare(self, *, by: Any, on: date | None) -> None:
        """Give it the next number within its agreement; the day of signature where none is told.

        Raises Refused before the signature, and where there is no task to keep.
        """
        # Whoever changes or adds a task meanwhile waits, or is seen.
        locked = Agreement.objects.select_for_update().get(pk=self.agreement_id)
        self._tasks = list(planned_tasks(locked).select_for_update(of=("self",)))
        refusal = baseline_refusal(locked, self._tasks)
        if refusal is not None:
            raise Refused("create", refusal)
        if self.taken_on is None:
            self.taken_on = locked.signed_on if self.kind == Kind.AS_SIGNED else on
        last = Baseline.objects.filter(agreement=locked).aggregate(last=Max("number"))
        self.number = (last["last"] or 0) + 1
        self.task_count = len(self._tasks)

    def follow_up(self, *, by: Any, on: date | None) -> None:
        """Copy the tasks as they stand."""
        BaselineTask.objects.bulk_create(_row(self, task) for task in self._tasks)

    def record_scope(self) -> Agreement:
        return self.agreement

    def refuse_edit(self, facts: dict[str, Any]) -> None:
        raise Refused("change", _KEPT)

    def removal_refusal(self) -> Refusal | None:
        return _KEPT

    # questions

    @property
    def label(self) -> str:
        """What it is called: its number, its kind, and its name where it has one."""
        called = gettext("Baseline %(number)s: %(kind)s") % {
            "number": self.number,
            "kind": self.get_kind_display(),
        }
        return detailed(called, bilingual(self.name, self.name_zh))


class BaselineTask(models.Model):
    """One task as a baseline keeps it. ``task`` None: it was deleted since."""

    baseline = models.ForeignKey(Baseline, on_delete=models.CASCADE, related_name="rows")
    task = models.ForeignKey(Task, null=True, on_delete=models.SET_NULL, related_name="+")
    number = models.PositiveIntegerField(_("number"))
    title = models.CharField(_("title"), max_length=300, blank=True)
    title_zh = models.CharField(_("Chinese title"), max_length=300, blank=True)
    lead = models.ForeignKey(
        Organization,
        verbose_name=_("lead organization"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    phase_name = models.CharField(_("phase"), max_length=200, blank=True)
    phase_name_zh = models.CharField(max_length=200, blank=True)
    starts_on = models.DateField(_("starts on"), null=True)
    due_on = models.DateField(_("due on"), null=True)
    weight = models.DecimalField(_("weight"), max_digits=8, decimal_places=2)
    # The targets of its indicators: name, unit, baseline, target, lower, direction.
    targets = models.JSONField(default=list)
    # The last change of its dates that this baseline takes for agreed (its key); 0: none.
    changes_seen = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("task of a baseline")
        verbose_name_plural = _("tasks of baselines")
        ordering = ("baseline", "number")
        constraints = (
            models.UniqueConstraint(fields=("baseline", "number"), name="baseline_task_once"),
        )

    def __str__(self) -> str:
        return bilingual(self.title, self.title_zh)


_KEPT = Refusal("kept", _("A baseline is kept as it was taken: take a new one instead."))


def planned_tasks(agreement: Agreement) -> Any:
    """The tasks that a baseline taken now would keep: all but the cancelled ones."""
    return (
        Task.objects.filter(agreement=agreement)
        .exclude(status=TaskStatus.CANCELLED)
        .order_by("number")
        .select_related("phase", "lead")
        .prefetch_related(
            Prefetch("indicators", Indicator.objects.order_by("position", "id")), "date_changes"
        )
    )


def baseline_refusal(agreement: Agreement, tasks: Iterable[Task] | None = None) -> Refusal | None:
    """Why no baseline can be taken of an agreement now; None when one can."""
    if agreement.signed_on is None:
        return Refusal("not_signed", _("Nothing is agreed before the agreement is signed."))
    there = planned_tasks(agreement).exists() if tasks is None else any(True for _one in tasks)
    if not there:
        return Refusal("no_tasks", _("There is no task yet that a baseline could keep."))
    return None


def take_as_signed(agreement: Agreement, *, by: Any, on: date) -> Baseline | None:
    """Keep the timetable as signed; None where it is kept already, or where no task is there.

    Tasks of an agreement that is logged late are often entered after its signature: the baseline
    is then taken by hand once they are in.
    """
    if Baseline.objects.of(agreement).exists() or baseline_refusal(agreement) is not None:
        return None
    return Baseline.enter(
        by=by,
        on=on,
        agreement=agreement,
        kind=Kind.AS_SIGNED,
        illustrative=agreement.illustrative,
    )


def _row(baseline: Baseline, task: Task) -> BaselineTask:
    return BaselineTask(
        baseline=baseline,
        task=task,
        number=task.number,
        title=task.title,
        title_zh=task.title_zh,
        lead=task.lead,
        phase_name=task.phase.name if task.phase else "",
        phase_name_zh=task.phase.name_zh if task.phase else "",
        starts_on=task.starts_on,
        due_on=task.due_on,
        weight=task.weight,
        targets=[_target(indicator) for indicator in task.indicators.all()],
        changes_seen=max((change.pk for change in task.date_changes.all()), default=0),
    )


_TARGET = ("name", "name_zh", "unit", "unit_zh", "baseline", "target", "lower", "direction")


def _target(indicator: Indicator) -> dict[str, Any]:
    kept = {name: plain(getattr(indicator, name)) for name in _TARGET}
    return {"indicator": str(indicator.public_id), **kept}


@dataclass(frozen=True, slots=True)
class Shadow:
    """The dates that a baseline promised, for a picture of the timetable.

    ``dates``: start and due day by the key of the task; ``gone``: rows of tasks deleted since.
    """

    baseline: Baseline
    dates: dict[int, tuple[date | None, date | None]] = field(default_factory=dict)
    gone: list[BaselineTask] = field(default_factory=list)


def shadow(baselines: Any, *, newest: bool = False) -> Shadow | None:
    """What the first of these baselines promised, or the ``newest``; None without any.

    ``baselines``: those of one agreement that exist for the reader. Two queries.
    """
    found = baselines.order_by("-number" if newest else "number").first()
    if found is None:
        return None
    rows = list(found.rows.all())
    return Shadow(
        found,
        {row.task_id: (row.starts_on, row.due_on) for row in rows if row.task_id is not None},
        [row for row in rows if row.task_id is None],
    )
