"""What tasks ask for: as a row on the page of their agreement, when assigned, when reported on."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from actors.models import Organization
from agreements.date_changes import Cause, are_agreed
from agreements.indicators import DIGITS, PLACES
from agreements.models import Agreement, Indicator, Task
from governance.access import visible_to
from governance.admin.forms import NounForm, moved
from governance.admin.nouns import NounStacked
from governance.admin.verbs import VerbForm
from governance.admin.widgets import searched
from governance.record import refuse


class TaskRow(NounForm):
    """A task on the page of its agreement, with one indicator in the same row.

    Phase and article are named as they stand on that page, because they may be new there too.
    """

    indicator_name = forms.CharField(
        label=gettext_lazy("Indicator"),
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("What is counted. More indicators on the page of the task."),
    )
    indicator_unit = forms.CharField(
        label=gettext_lazy("Unit"), required=False, max_length=60, widget=UnfoldAdminTextInputWidget
    )
    indicator_target = forms.DecimalField(
        label=gettext_lazy("Target"),
        required=False,
        max_digits=DIGITS,
        decimal_places=PLACES,
        widget=UnfoldAdminDecimalFieldWidget,
    )
    phase_name = forms.CharField(
        label=gettext_lazy("Phase"),
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget(attrs={"list": "concord-phases", "autocomplete": "off"}),
        help_text=gettext_lazy("By its name above."),
    )
    article_number = forms.CharField(
        label=gettext_lazy("Article"),
        required=False,
        max_length=20,
        widget=UnfoldAdminTextInputWidget(
            attrs={"list": "concord-articles", "autocomplete": "off"}
        ),
        help_text=gettext_lazy("By its number above."),
    )

    def write(self, *, by: Any, **given: Any) -> None:
        agreement = given["agreement"]
        given["phase"] = self._phase(agreement)
        given["article"] = self._article(agreement)
        super().write(by=by, **given)
        said = self.cleaned_data
        if not (
            said["indicator_name"] or said["indicator_unit"] or said["indicator_target"] is not None
        ):
            return
        try:
            Indicator.enter(
                by=by,
                task=self.instance,
                name=said["indicator_name"],
                unit=said["indicator_unit"],
                target=said["indicator_target"],
            )
        except ValidationError as wrong:
            places = {"unit": "indicator_unit", "target": "indicator_target"}
            raise moved(wrong, places, "indicator_name") from wrong

    def _phase(self, agreement: Agreement) -> Any:
        named = self.cleaned_data["phase_name"].strip()
        if not named:
            return None
        found = agreement.phases.filter(Q(name__iexact=named) | Q(name_zh__iexact=named)).first()
        if found is None:
            raise refuse("phase_name", _("The agreement has no phase of this name."), "unknown")
        return found

    def _article(self, agreement: Agreement) -> Any:
        numbered = self.cleaned_data["article_number"].strip()
        if not numbered:
            return None
        found = agreement.articles.filter(number__iexact=numbered).first()
        if found is None:
            raise refuse(
                "article_number", _("The agreement has no article of this number."), "unknown"
            )
        return found


def cause_field(**kwargs: Any) -> forms.ChoiceField:
    """The cause for which an agreed date moves."""
    return forms.ChoiceField(
        label=gettext_lazy("Cause of a new date"),
        required=False,
        choices=[("", gettext_lazy("Please choose")), *Cause.choices],
        widget=UnfoldAdminSelectWidget,
        help_text=gettext_lazy("Asked for once the agreement has a baseline."),
        **kwargs,
    )


class TaskForm(NounForm):
    """The facts of a task; an agreed date moves only with a cause and a reason."""

    cause = cause_field()
    reason = forms.CharField(
        label=gettext_lazy("Reason for a new date"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )

    def told(self) -> dict[str, Any]:
        said = self.cleaned_data
        return {"cause": said.get("cause", ""), "reason": said.get("reason", "")}


class RescheduleForm(VerbForm):
    """Other dates for what is not done yet."""

    starts_on = forms.DateField(
        label=gettext_lazy("New first day"),
        required=False,
        widget=UnfoldAdminSingleDateWidget,
        help_text=gettext_lazy("Empty: as it is."),
    )
    due_on = forms.DateField(label=gettext_lazy("New due date"), widget=UnfoldAdminSingleDateWidget)
    cause = cause_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("due_on", self.obj.due_on)
        self.fields["cause"].required = are_agreed(self.obj)


class TaskInline(NounStacked):
    """New tasks of an agreement; those there already have a list of their own."""

    model = Task
    form = TaskRow
    section = gettext_lazy("What is to be done")
    verbose_name_plural = gettext_lazy("Tasks")
    autocomplete_fields = ("lead",)
    fields = (
        ("title", "title_zh"),
        ("lead", "starts_on", "due_on"),
        ("indicator_name", "indicator_unit", "indicator_target"),
        ("phase_name", "article_number"),
    )

    def get_extra(self, request: Any, obj: Any = None, **kwargs: Any) -> int:
        return 0 if obj else 1

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).none()


class AssignForm(VerbForm):
    """To whom the task goes."""

    lead = searched(
        Task,
        "lead",
        label=gettext_lazy("Lead organization"),
        help_text=gettext_lazy("Empty: the one already named."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lead"].queryset = visible_to(self.user, Organization)
        self.initial.setdefault("lead", self.obj.lead_id)


class SeveralFilesInput(UnfoldAdminFileFieldWidget):
    """A file input that takes several files."""

    allow_multiple_selected = True


class SeveralFiles(forms.FileField):
    """Any number of files."""

    widget = SeveralFilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        return [super(SeveralFiles, self).clean(file, initial) for file in data or ()]


class ReportForm(VerbForm):
    """What was done, in words and in numbers, with evidence."""

    reason = None
    text = forms.CharField(
        label=gettext_lazy("What was done"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
    )
    share = forms.IntegerField(
        label=gettext_lazy("Share done, in %"),
        required=False,
        min_value=0,
        max_value=100,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=gettext_lazy("Only where the task has no indicator with a target."),
    )
    files: Any = SeveralFiles(label=gettext_lazy("Evidence"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.measured = {
            f"values.{indicator.public_id}": indicator for indicator in self.obj.indicators.all()
        }
        for name, indicator in self.measured.items():
            self.fields[name] = forms.DecimalField(
                label=f"{indicator} ({indicator.unit})",
                required=False,
                max_digits=DIGITS,
                decimal_places=PLACES,
                widget=UnfoldAdminDecimalFieldWidget,
            )
        if any(indicator.target is not None for indicator in self.measured.values()):
            del self.fields["share"]
        self.order_fields(["on", *self.measured, "share", "text", "files"])

    def details(self) -> dict[str, Any]:
        said = self.cleaned_data
        values: list[tuple[Indicator, Decimal]] = [
            (indicator, said[name])
            for name, indicator in self.measured.items()
            if said.get(name) is not None
        ]
        return {
            "text": said["text"],
            "share": said.get("share"),
            "values": values,
            "files": said["files"],
        }
