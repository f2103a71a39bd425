"""How much of how much: the indicators of a task, its reports, and reporting progress."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agreements import indicators, progress
from agreements.documents import ALLOWED, Kind
from agreements.models import (
    Document,
    Indicator,
    Measurement,
    MeasurementCorrection,
    ProgressReport,
    Task,
)
from agreements.progress import WHOLE, Aggregation, Direction
from agreements.tasks import Status
from governance.access import may, visible_to
from governance.lifecycle import Refusal
from governance.portal.forms import FilesField, NumberField, PastDayField, VersionedForm
from governance.portal.verbs import ActionPage
from governance.templatetags.words import day, number
from governance.wording import in_a_row, listed


@dataclass(frozen=True, slots=True)
class Measured:
    """An indicator with what was measured. ``value`` None: nothing; ``share`` None: no target."""

    indicator: Indicator
    value: Decimal | None
    as_of: date | None
    share: int | None
    illustrative: bool

    @property
    def unit(self) -> str:
        """The unit in the reader's language."""
        return self.indicator.unit_name

    @property
    def goal(self) -> Any:
        """The target in words; “Not known” without one."""
        indicator = self.indicator
        if indicator.target is None:
            return _("Not known")
        words = {"target": number(indicator.target), "unit": self.unit}
        if indicator.direction == Direction.DOWN:
            return _("down to %(target)s %(unit)s") % words
        if indicator.direction == Direction.WITHIN and indicator.lower is not None:
            words["lower"] = number(indicator.lower)
            return _("between %(lower)s and %(target)s %(unit)s") % words
        if indicator.direction == Direction.WITHIN:
            return _("at most %(target)s %(unit)s") % words
        return _("%(target)s %(unit)s") % words


def measured(user: Any, task: Task) -> list[Measured]:
    """The indicators of a task that exist for the user, each with its value and share."""
    values = visible_to(user, Measurement).order_by("as_of", "id")
    rows = (
        visible_to(user, Indicator)
        .filter(task=task)
        .order_by("position", "id")
        .prefetch_related(Prefetch("measurements", queryset=values, to_attr="values_seen"))
    )
    return [_measured(indicator) for indicator in rows]


def _measured(indicator: Any) -> Measured:
    dated = [(row.as_of, row.value) for row in indicator.values_seen]
    value = progress.aggregate(dated, indicator.aggregation)
    share = progress.attainment(
        value,
        direction=indicator.direction,
        baseline=indicator.baseline,
        target=indicator.target,
        lower=indicator.lower,
    )
    return Measured(
        indicator=indicator,
        value=value,
        as_of=dated[-1][0] if dated else None,
        share=share,
        illustrative=indicator.illustrative
        or any(row.illustrative for row in indicator.values_seen),
    )


def reports_of(user: Any, task: Task) -> Any:
    """The reports on a task, the newest first, each with the values and evidence it brought."""
    values = visible_to(user, Measurement).select_related("indicator")
    corrected = MeasurementCorrection.objects.filter(
        measurement__in=values.values("pk")
    ).select_related("measurement__indicator")
    return (
        visible_to(user, ProgressReport)
        .filter(task=task)
        .select_related("reported_by__person")
        .prefetch_related(
            Prefetch("measurements", queryset=values, to_attr="values_seen"),
            Prefetch("corrected", queryset=corrected, to_attr="corrected_seen"),
            Prefetch("evidence", queryset=visible_to(user, Document), to_attr="evidence_seen"),
        )
        .order_by("-reported_on", "-id")
    )


class ReportForm(VersionedForm):
    """A progress report: a value for each indicator, or the share done, words and evidence."""

    on = PastDayField(
        label=_("As of"), help_text=_("The day on which the figures were taken: today or earlier.")
    )
    text = forms.CharField(
        label=_("What was done, what is in the way"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 6}),
    )
    share = forms.IntegerField(
        label=_("Share done, in %"),
        required=False,
        min_value=0,
        max_value=100,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": "4"}),
        help_text=_("0 to 100. This task has no indicator with a target, so the share says it."),
    )
    evidence = FilesField(label=_("Evidence"), required=False)
    files_are = forms.ChoiceField(
        label=_("Kind of these files"),
        help_text=_("The checklist of the task counts by kind."),
        required=False,
    )

    def __init__(
        self, *args: Any, found: list[Measured], wanted: Sequence[Any] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(one.kind, one.get_kind_display()) for one in wanted]
        if any(kind != Kind.EVIDENCE for kind, _label in kinds):
            others = [] if Kind.EVIDENCE in dict(kinds) else [(Kind.EVIDENCE, Kind.EVIDENCE.label)]
            chosen: Any = self.fields["files_are"]
            chosen.choices = [*kinds, *others]
        else:
            del self.fields["files_are"]
        self.found = found
        for one in found:
            self.fields[_name(one.indicator)] = NumberField(
                label=_("%(indicator)s, in %(unit)s")
                % {"indicator": one.indicator, "unit": one.unit},
                required=False,
                help_text=_so_far(one),
            )
        if any(one.share is not None for one in found):
            del self.fields["share"]
        self.fields["evidence"].help_text = _(
            "Several files at once if need be: %(kinds)s; %(limit)s MB each at most."
        ) % {
            "kinds": listed(sorted(kind.removeprefix(".").upper() for kind in ALLOWED)),
            "limit": settings.MAX_UPLOAD_BYTES // 1024 // 1024,
        }

    @property
    def value_fields(self) -> list[Any]:
        """The bound fields of the indicators, in their order."""
        return [self[_name(one.indicator)] for one in self.found]

    def values(self) -> list[tuple[Indicator, Decimal]]:
        """What was given for the indicators; those left empty are not reported."""
        given = ((one.indicator, self.cleaned_data[_name(one.indicator)]) for one in self.found)
        return [(indicator, value) for indicator, value in given if value is not None]


def _name(indicator: Indicator) -> str:
    return f"value_{indicator.public_id.hex}"


# What a value means depends on how the values of several periods add up.
_MEANT = {
    Aggregation.SUM: _("Give only what was added since the last report: the values add up."),
    Aggregation.LATEST: _("Give the figure as it stands on that day."),
    Aggregation.AVERAGE: _("Give the value of this period: the average counts."),
    Aggregation.MAXIMUM: _("Give the value of this period: the greatest counts."),
}


def _so_far(one: Measured) -> Any:
    meant = _MEANT[Aggregation(one.indicator.aggregation)]
    return in_a_row((meant, _standing(one)))


def _standing(one: Measured) -> Any:
    if one.value is None:
        return _("Target: %(goal)s. Nothing reported so far.") % {"goal": one.goal}
    return _("Target: %(goal)s. So far: %(value)s (%(day)s).") % {
        "goal": one.goal,
        "value": number(one.value),
        "day": day(one.as_of),
    }


class Report(ActionPage):
    """Reporting progress on a task."""

    template_name = "portal/task_report.html"
    section = "agreements"
    model = Task
    related = ("agreement", "lead", "article")
    form_class = ReportForm
    label = _("Report progress")

    def role_refusal(self) -> Refusal | None:
        return may(self.request.user, "report", self.object)

    def state_refusal(self) -> Refusal | None:
        refusal: Refusal | None = self.object.report_refusal()
        return refusal

    def initial(self) -> dict[str, Any]:
        return {**super().initial(), "on": self.today}

    def make_form(self, **given: Any) -> ReportForm:
        self.found = measured(self.request.user, self.object)
        return ReportForm(
            initial=self.initial(),
            found=self.found,
            wanted=list(self.object.evidence_wanted.all()),
            **given,
        )

    @property
    def renamed(self) -> dict[str, str]:  # type: ignore[override]
        """The domain's names of the fields, as the form calls them."""
        values = {f"values.{one.indicator.public_id}": _name(one.indicator) for one in self.found}
        return {"reported_on": "on", "files": "evidence", **values}

    def perform(self, form: ReportForm) -> None:
        given = form.cleaned_data
        indicators.report(
            self.object,
            by=self.request.user,
            on=given["on"],
            text=given["text"],
            share=given.get("share"),
            values=form.values(),
            files=given["evidence"],
            files_are=given.get("files_are") or Kind.EVIDENCE,
            version=given["version"],
        )

    def done(self) -> Any:
        if self.object.progress == WHOLE and self.object.status != Status.COMPLETED:
            return _(
                "Your report on “%(name)s” is filed. Everything is reached: submit the task for "
                "verification when it is really done."
            ) % {"name": self.object}
        return _("Your report on “%(name)s” is filed: the task stands at %(percent)s%%.") % {
            "name": self.object,
            "percent": self.object.progress // 100,
        }

    def address(self) -> str:
        return reverse("task", kwargs={"id": self.object.public_id})

    def trail(self) -> list[tuple[str, str]]:
        return [(self.address(), str(self.object))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            task=self.object, light=self.object.light(self.today), **kwargs
        )
