"""What the page of an agreement asks for: friendly where the fact behind it is not."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminRadioSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
)

from agreements import signing
from agreements.agreement import Status
from governance import clock
from governance.admin.forms import NounForm
from governance.admin.widgets import RuleField
from governance.lifecycle import Refused
from governance.record import refuse

UNKNOWN, ALL_SIGNED, FIXED, OTHER = "unknown", "all_signed", "fixed", "other"
_ALL_SIGNED: dict[str, Any] = {
    "all_of": [{"type": "all", "act": "signed"}],
    "delay": {"kind": "on_trigger"},
}


def _fixed(day: date) -> dict[str, Any]:
    return {"all_of": [], "delay": {"kind": "fixed_date", "date": day.isoformat()}}


def _fixed_day(rule: Any) -> date | None:
    """The day of a rule that says no more than a day."""
    try:
        day = date.fromisoformat(rule["delay"]["date"])
    except (KeyError, TypeError, ValueError):
        return None
    return day if rule == _fixed(day) else None


class AgreementForm(NounForm):
    """The facts of an agreement; how it enters into force as a choice in plain words."""

    entry_kind = forms.ChoiceField(
        label=gettext_lazy("It enters into force"),
        choices=(
            (UNKNOWN, gettext_lazy("Not known")),
            (ALL_SIGNED, gettext_lazy("When all parties have signed")),
            (FIXED, gettext_lazy("On a fixed date")),
            (OTHER, gettext_lazy("By another rule (as JSON)")),
        ),
        initial=UNKNOWN,
        widget=UnfoldAdminRadioSelectWidget,
    )
    entry_on = forms.DateField(
        label=gettext_lazy("Fixed date"),
        required=False,
        widget=UnfoldAdminSingleDateWidget,
        help_text=gettext_lazy("Only for a fixed date."),
    )
    entry_json = RuleField(
        label=gettext_lazy("Another rule"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 4}),
        help_text=gettext_lazy("As the programming interface describes it: entry_into_force."),
    )
    field_of = {"entry_into_force": "entry_json"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rule = self.instance.entry_into_force if self.instance.pk is not None else None
        self.initial |= _entry_initial(rule)

    def clean(self) -> dict[str, Any]:
        """A fixed date needs the date, another rule the rule."""
        said = super().clean() or {}
        if said.get("entry_kind") == FIXED and said.get("entry_on") is None:
            self.add_error("entry_on", ValidationError(_("Give the date."), code="required"))
        if said.get("entry_kind") == OTHER and not said.get("entry_json"):
            self.add_error("entry_json", ValidationError(_("Give the rule."), code="required"))
        return said

    def facts(self) -> dict[str, Any]:
        return super().facts() | {"entry_into_force": self._rule()}

    def is_changed(self, name: str) -> bool:
        if name == "entry_into_force":
            return bool({"entry_kind", "entry_on", "entry_json"} & set(self.changed_data))
        return super().is_changed(name)

    def _rule(self) -> Any:
        said = self.cleaned_data
        if said["entry_kind"] == ALL_SIGNED:
            return _ALL_SIGNED
        if said["entry_kind"] == FIXED:
            return _fixed(said["entry_on"])
        if said["entry_kind"] == OTHER:
            return said["entry_json"]
        return None


def _entry_initial(rule: Any) -> dict[str, Any]:
    if not rule:
        return {"entry_kind": UNKNOWN}
    if rule == _ALL_SIGNED:
        return {"entry_kind": ALL_SIGNED}
    day = _fixed_day(rule)
    if day is not None:
        return {"entry_kind": FIXED, "entry_on": day}
    return {"entry_kind": OTHER, "entry_json": rule}


class NewAgreementForm(AgreementForm):
    """An agreement that is being logged, possibly long after it was signed."""

    stands = forms.ChoiceField(
        label=gettext_lazy("Where it stands"),
        choices=(
            (Status.DRAFT, gettext_lazy("A draft")),
            (Status.NEGOTIATING, gettext_lazy("In negotiation: the parties see it")),
            (Status.SIGNED, gettext_lazy("Signed")),
            (Status.IN_FORCE, gettext_lazy("Signed and in force")),
        ),
        initial=Status.DRAFT,
        widget=UnfoldAdminRadioSelectWidget,
    )
    was_signed_on = forms.DateField(
        label=gettext_lazy("Signed on"),
        required=False,
        widget=UnfoldAdminSingleDateWidget,
        help_text=gettext_lazy("By every party below that has no date of its own."),
    )

    def clean(self) -> dict[str, Any]:
        """What was signed was signed on a day."""
        said = super().clean()
        signed = said.get("stands") in {Status.SIGNED, Status.IN_FORCE}
        if signed and said.get("was_signed_on") is None:
            self.add_error("was_signed_on", ValidationError(_("Give the date."), code="required"))
        return said

    def bring_to_where_it_stands(self, *, by: Any) -> None:
        """Go through the verbs that lead there, on their days, once the parties are in.

        Raises ValidationError at ``stands`` with the sentence of the guard that refuses.
        """
        said = self.cleaned_data
        today = clock.today()
        day = said.get("was_signed_on") or today
        try:
            if said["stands"] != Status.DRAFT:
                self.instance.negotiate(by=by, on=day)
            if said["stands"] in {Status.SIGNED, Status.IN_FORCE}:
                signing.sign(self.instance, by=by, on=day, all_parties=True)
            if said["stands"] == Status.IN_FORCE:
                self.instance.bring_into_force(by=by, on=max(today, day))
        except Refused as refused:
            raise refuse("stands", refused.sentence, refused.guard) from refused
