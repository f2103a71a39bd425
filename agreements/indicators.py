"""Indicators quantify a task; measurements and reports say how far it is.

Every change of an indicator, a measurement or a report brings the task's kept progress in step,
in the same transaction (:func:`refresh`).
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files import File
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from agreements import measurement_corrections, progress
from agreements.agreement import Agreement
from agreements.documents import Document
from agreements.documents import Kind as DocumentKind
from agreements.progress import Aggregation, Direction
from agreements.tasks import Status, Task
from governance import clock
from governance.base import Noun, Sourced, bilingual, require_one_name
from governance.record import refuse, unit
from governance.wording import day_text, detailed

# SQLite keeps fifteen significant digits of a decimal.
DIGITS, PLACES = 15, 4


class Indicator(Sourced, Noun):
    """What is counted for a task: unit, definition, baseline, target."""

    task = models.ForeignKey(
        Task, verbose_name=_("task"), on_delete=models.CASCADE, related_name="indicators"
    )
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    name = models.CharField(_("name"), max_length=200, blank=True)
    name_zh = models.CharField(_("Chinese name"), max_length=200, blank=True)
    unit = models.CharField(_("unit"), max_length=60, help_text=_("For example km, %, projects."))
    unit_zh = models.CharField(_("unit in Chinese"), max_length=60, blank=True)
    definition = models.TextField(_("definition"), blank=True, help_text=_("What exactly counts."))
    baseline = models.DecimalField(
        _("baseline"),
        null=True,
        blank=True,
        help_text=_("Empty: counted from zero."),
        max_digits=DIGITS,
        decimal_places=PLACES,
    )
    target = models.DecimalField(
        _("target"),
        null=True,
        blank=True,
        help_text=_("Empty: not known. For “keep within limits”: the upper limit."),
        max_digits=DIGITS,
        decimal_places=PLACES,
    )
    lower = models.DecimalField(
        _("lower limit"),
        null=True,
        blank=True,
        help_text=_("Only for “keep within limits”."),
        max_digits=DIGITS,
        decimal_places=PLACES,
    )
    direction = models.CharField(
        _("direction"), max_length=6, choices=Direction, default=Direction.UP
    )
    aggregation = models.CharField(
        _("periods add up by"), max_length=8, choices=Aggregation, default=Aggregation.LATEST
    )
    weight = models.DecimalField(
        _("weight"),
        max_digits=8,
        decimal_places=2,
        default=Decimal(1),
        validators=[MinValueValidator(Decimal(0))],
    )

    class Meta:
        verbose_name = _("indicator")
        verbose_name_plural = _("indicators")
        ordering = ("task", "position", "id")

    def __str__(self) -> str:
        return bilingual(self.name, self.name_zh)

    def clean(self) -> None:
        super().clean()
        require_one_name(self.name, self.name_zh)
        if self.lower is not None and self.direction != Direction.WITHIN:
            raise ValidationError({"lower": _("Only “keep within limits” has a lower limit.")})
        if self.lower is not None and self.target is not None and self.lower > self.target:
            raise ValidationError({"lower": _("The lower limit lies above the upper one.")})

    def record_scope(self) -> Agreement:
        return self.task.agreement

    def follow_up(self, *, by: Any, on: date | None) -> None:
        """The task's progress follows."""
        refresh(self.task)

    def remove(self, *, by: Any, version: int | None = None, reason: str = "") -> None:
        """Delete it with its measurements; the task's progress follows."""
        with unit():
            task = self.task
            super().remove(by=by, version=version, reason=reason)
            refresh(task)

    # questions

    @property
    def unit_name(self) -> str:
        """The unit in the reader's language."""
        return bilingual(self.unit, self.unit_zh)

    def value(self) -> Decimal | None:
        """What has been measured so far, added up over the periods; None when nothing was."""
        measured = sorted((one.as_of, one.value) for one in self.measurements.all())
        return progress.aggregate(measured, self.aggregation)

    def attainment(self) -> int | None:
        """How much of the way is done, in hundredths of one per cent; None without a target."""
        return progress.attainment(
            self.value(),
            direction=self.direction,
            baseline=self.baseline,
            target=self.target,
            lower=self.lower,
        )


class Measurement(Sourced, Noun):
    """A value of an indicator as of a day, with its evidence."""

    indicator = models.ForeignKey(
        Indicator,
        verbose_name=_("indicator"),
        on_delete=models.CASCADE,
        related_name="measurements",
    )
    as_of = models.DateField(_("as of"))
    value = models.DecimalField(_("value"), max_digits=DIGITS, decimal_places=PLACES)
    note = models.TextField(_("note"), blank=True)
    evidence = models.ForeignKey(
        Document,
        verbose_name=_("evidence"),
        null=True,
        blank=True,
        on_delete=models.RESTRICT,
        related_name="measurements",
    )
    report = models.ForeignKey(
        "agreements.ProgressReport",
        verbose_name=_("progress report"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.CASCADE,
        related_name="measurements",
    )
    measured_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("entered by"),
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )

    named_by = ("indicator",)

    class Meta:
        verbose_name = _("measurement")
        verbose_name_plural = _("measurements")
        ordering = ("indicator", "-as_of", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("indicator", "as_of"),
                name="measurement_day_once",
                violation_error_message=_(
                    "There is already a value for this day: correct that one."
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.value.normalize():f} {self.indicator.unit_name}"

    def clean(self) -> None:
        super().clean()
        if self.evidence is not None and self.evidence.task_id != self.indicator.task_id:
            raise ValidationError({"evidence": _("This evidence was filed for another task.")})
        if self.as_of is not None and self.as_of > clock.today():
            raise ValidationError({"as_of": _("What has not happened yet cannot be measured.")})

    def record_scope(self) -> Agreement:
        return self.indicator.task.agreement

    def prepare(self, *, by: Any, on: date | None) -> None:
        """Remember who entered it."""
        self.measured_by = by

    def follow_up(self, *, by: Any, on: date | None) -> None:
        """The task's progress follows."""
        refresh(self.indicator.task)

    def edit(
        self,
        *,
        by: Any,
        version: int | None = None,
        reason: str = "",
        on: date | None = None,
        **facts: Any,
    ) -> Self:
        """Change facts; where another value or day is stated, what was said before is kept."""
        with unit():
            self.lock(version)
            before = measurement_corrections.said(self)
            corrects = any(
                name in facts and facts[name] != before[name] for name in ("value", "as_of")
            )
            if corrects:
                facts["measured_by"] = by
            super().edit(by=by, reason=reason, **facts)
            if corrects:
                measurement_corrections.keep(self, before, by=by, on=on, reason=reason)
        return self

    def correct(
        self,
        *,
        by: Any,
        on: date,
        value: Decimal,
        reason: str = "",
        version: int | None = None,
        **facts: Any,
    ) -> Self:
        """Another value than was said before, with a reason; the old one stays readable.

        ``facts`` may state another day, note, evidence or source, too.
        """
        if not reason.strip():
            raise refuse("reason", _("Please give a reason."), "required")
        return self.edit(by=by, on=on, version=version, reason=reason, value=value, **facts)

    def remove(self, *, by: Any, version: int | None = None, reason: str = "") -> None:
        """Delete it; the task's progress follows."""
        with unit():
            task = self.indicator.task
            super().remove(by=by, version=version, reason=reason)
            refresh(task)


class ProgressReport(Sourced, Noun):
    """What an organization reported of a task on a day."""

    task = models.ForeignKey(
        Task, verbose_name=_("task"), on_delete=models.CASCADE, related_name="reports"
    )
    reported_on = models.DateField(_("reported on"))
    share = models.PositiveSmallIntegerField(
        _("share done, in %"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(100)],
        help_text=_("Only where the task has no indicator with a target."),
    )
    text = models.TextField(_("what was done"), blank=True)
    evidence = models.ManyToManyField(
        Document, verbose_name=_("evidence"), blank=True, related_name="reports"
    )
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("reported by"),
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )

    named_by = ("task",)

    class Meta:
        verbose_name = _("progress report")
        verbose_name_plural = _("progress reports")
        ordering = ("task", "-reported_on", "-id")

    def __str__(self) -> str:
        return detailed(self.task, day_text(self.reported_on))

    def record_scope(self) -> Agreement:
        return self.task.agreement

    def prepare(self, *, by: Any, on: date | None) -> None:
        """Remember who reported."""
        self.reported_by = by

    def follow_up(self, *, by: Any, on: date | None) -> None:
        """The task's progress follows; what was escalated about it is answered."""
        refresh(self.task)
        self.task.escalations.answer("report", by=by, on=self.reported_on)


def with_measurements(ids: Sequence[int]) -> models.QuerySet[Indicator]:
    """These indicators with their measurements, in two queries."""
    return Indicator.objects.filter(pk__in=ids).prefetch_related("measurements")


def report(
    task: Task,
    *,
    by: Any,
    on: date,
    text: str = "",
    share: int | None = None,
    values: Sequence[tuple[Indicator, Decimal]] = (),
    files: Sequence[File] = (),
    files_are: str = DocumentKind.EVIDENCE,
    documents: Sequence[Document] = (),
    version: int | None = None,
) -> ProgressReport:
    """Report progress: words, a share or measured values as of ``on``, and evidence, at once.

    ``files`` are filed as evidence, or as the kind ``files_are``; ``documents`` is evidence filed
    before. The first report on an accepted task begins it. Nothing is kept when any part is
    refused. Raises Refused when the task cannot be reported on, ValidationError at ``text``,
    ``share``, ``files``, ``evidence`` or ``values.<indicator id>``.
    """
    with unit():
        task.lock(version)
        task.require_reportable()
        if any(document.task_id != task.pk for document in documents):
            raise refuse("evidence", _("This evidence was filed for another task."))
        if any(indicator.task_id != task.pk for indicator, _value in values):
            raise refuse("values", _("This indicator belongs to another task."))
        if not text.strip() and share is None and not values and not files and not documents:
            raise refuse(
                "text", _("Say what was done, give a number or attach evidence."), "required"
            )
        if task.status != Status.IN_PROGRESS:
            # A report may speak of a day before the acceptance; the start cannot lie there.
            task.start(by=by, on=max(on, task.status_since or on))
        evidence = [*documents, *_file_evidence(task, files, files_are, by=by, on=on)]
        made = ProgressReport.enter(
            by=by,
            on=on,
            task=task,
            reported_on=on,
            share=share,
            text=text,
            evidence=evidence,
            illustrative=task.illustrative,
        )
        for indicator, value in values:
            _measure(indicator, value, report=made, by=by, on=on)
    task.refresh_from_db()
    return made


def _file_evidence(
    task: Task, files: Sequence[File], kind: str, *, by: Any, on: date
) -> list[Document]:
    return [
        Document.file(
            upload,
            by=by,
            on=on,
            field="files",
            agreement=task.agreement,
            task=task,
            kind=kind,
            dated_on=on,
        )
        for upload in files
    ]


def _measure(
    indicator: Indicator, value: Decimal, *, report: ProgressReport, by: Any, on: date
) -> None:
    """Enter the value of that day, or correct the one that is there."""
    earlier = indicator.measurements.filter(as_of=on).first()
    try:
        if earlier is not None:
            earlier.edit(by=by, on=on, value=value, report=report)
        else:
            Measurement.enter(
                by=by,
                on=on,
                indicator=indicator,
                as_of=on,
                value=value,
                report=report,
                illustrative=report.illustrative,
            )
    except ValidationError as wrong:
        raise ValidationError({f"values.{indicator.public_id}": wrong.messages}) from wrong


def refresh(task: Task) -> None:
    """Bring the kept progress of a task in step with its indicators and reports.

    Weighted attainment of the indicators that have a target; where there is none, the share
    last reported; nothing reported is nothing done; a completed task is whole.
    """
    task = Task.objects.select_for_update().get(pk=task.pk)
    last = (
        task.reports.filter(share__isnull=False)
        .order_by("-reported_on", "-id")
        .values_list("share", flat=True)
        .first()
    )
    reported = last * 100 if last is not None else None
    shares = [
        (indicator.weight, indicator.attainment())
        for indicator in task.indicators.prefetch_related("measurements")
    ]
    share = progress.done(task.status, progress.weighted(shares), reported)
    task.set_progress(share, reported_share=reported)
