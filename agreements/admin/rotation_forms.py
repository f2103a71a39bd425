"""The forms of the changes of a rotation in the back office, one for each kind."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from agreements.mechanisms.convenor_changes import Kind
from agreements.rotation_questions import MEANINGS, QUESTIONS, Choices, Question, facts_of, field_of
from governance import clock
from governance.admin.verbs import VerbForm


class ChangeForm(VerbForm):
    """What every change asks for: who decided it, and when."""

    on = None
    kind: Kind
    decided_by = forms.CharField(
        label=gettext_lazy("Decided by"),
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("For example: the third regular consultation."),
    )
    decided_on = forms.DateField(
        label=gettext_lazy("Decided on"), required=False, widget=UnfoldAdminSingleDateWidget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.field_of = field_of(self.kind)
        self.choices = Choices(self.obj, clock.today())
        common = list(self.fields)
        for question in QUESTIONS[self.kind]:
            self.fields[question.name] = _field(question, self.choices)
        for name, label, place in self.choices.places() if self.kind == Kind.REORDER else ():
            self.fields[name] = forms.IntegerField(
                label=label,
                initial=place,
                min_value=1,
                required=False,
                widget=UnfoldAdminIntegerFieldWidget,
            )
        asked = [name for name in self.fields if name not in common]
        self.order_fields([*asked, "decided_by", "decided_on", "reason", "read_version"])

    def facts(self) -> dict[str, Any]:
        """The change as the contract names its facts."""
        return facts_of(self.kind, self.cleaned_data, self.choices)

    def details(self) -> dict[str, Any]:
        return {
            "facts": self.facts(),
            "decided_by": self.cleaned_data["decided_by"],
            "decided_on": self.cleaned_data["decided_on"],
        }


def _field(question: Question, choices: Choices) -> forms.Field:
    said: dict[str, Any] = {
        "label": question.label,
        "help_text": question.help_text,
        "required": question.required,
    }
    if question.shape == "day":
        return forms.DateField(widget=UnfoldAdminSingleDateWidget, **said)
    if question.shape == "text":
        return forms.CharField(max_length=200, widget=UnfoldAdminTextInputWidget, **said)
    if question.shape == "flag":
        return forms.BooleanField(widget=UnfoldBooleanWidget, **said)
    listed = choices.of(question.shape)
    if question.shape == "parties":
        return forms.MultipleChoiceField(
            choices=listed, widget=forms.CheckboxSelectMultiple, **said
        )
    return forms.ChoiceField(choices=listed, widget=UnfoldAdminSelectWidget, **said)


FORMS: dict[str, type[ChangeForm]] = {
    kind.value: type(f"{kind.name.title()}Form", (ChangeForm,), {"kind": kind, "__doc__": meaning})
    for kind, meaning in ((Kind(kind), str(MEANINGS[kind])) for kind in QUESTIONS)
}
