"""What the changes of a rotation ask for, kind by kind, and as which facts they are recorded."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from actors.models import Organization
from agreements.mechanisms.convenor_changes import Kind
from agreements.mechanisms.convenor_shown import names_of
from agreements.mechanisms.rotating_convenor import Rotation
from agreements.mechanisms.rotation_plan import Term
from governance import clock
from governance.admin.verbs import VerbForm
from governance.periods import add_months
from governance.wording import day_text, listed

PAST_MONTHS = 12
AHEAD_MONTHS = 60


def _day(label: Any, help_text: Any = "", *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label, help_text=help_text, required=required, widget=UnfoldAdminSingleDateWidget
    )


def _choice(label: Any, help_text: Any = "", *, required: bool = True) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, help_text=help_text, required=required, widget=UnfoldAdminSelectWidget
    )


class ChangeForm(VerbForm):
    """What every change asks for: who decided it, and when."""

    on = None
    field_of = {
        "term_on": "term",
        "turns_ahead": "term",
        "other_term_on": "other_term",
        "other_turns_ahead": "other_term",
        "on": "on_day",
    }
    kind: Kind
    decided_by = forms.CharField(
        label=gettext_lazy("Decided by"),
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=gettext_lazy("For example: the third regular consultation."),
    )
    decided_on = _day(gettext_lazy("Decided on"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        common = ("decided_by", "decided_on", "reason", "read_version")
        self.order_fields([*(name for name in self.fields if name not in common), *common])
        rotation: Rotation = self.obj
        terms = _terms_about(rotation, clock.today())
        self.turns = {_term_key(term, place): term.turn for place, term in terms}
        names = names_of(key for _place, term in terms for key in (*term.holders, term.turn or ""))
        listed = [
            (_term_key(term, place), _term_words(term, place, names)) for place, term in terms
        ]
        for name in ("term", "other_term"):
            if name in self.fields:
                self.fields[name].choices = [("", "—"), *listed]
        self.seats = [
            (str(seat.key), str(seat))
            for seat in rotation.seats.select_related("organization", "region")
        ]
        if "seat" in self.fields:
            self.fields["seat"].choices = [("", "—"), *self.seats]
        parties = _parties_of(rotation)
        for name in ("holder", "newcomer"):
            if name in self.fields:
                self.fields[name].choices = [
                    *([("", "—")] if name == "newcomer" else []),
                    *((str(party.public_id), str(party)) for party in parties),
                ]
        if "then" in self.fields:
            self.fields["then"].choices = [
                ("next", _("The next in order serves the remaining days")),
                ("vacant", _("It stays vacant")),
                *((str(party.public_id), str(party)) for party in parties),
            ]
        if "after" in self.fields:
            self.fields["after"].choices = [
                ("", _("As the rotation's rule says")),
                ("end", _("At the end")),
                ("by_order", _("By its sort name")),
                *((key, _("Behind %(seat)s") % {"seat": name}) for key, name in self.seats),
            ]

    def facts(self) -> dict[str, Any]:
        """The change as the contract names its facts."""
        said = self.cleaned_data
        facts: dict[str, Any] = {}
        for name, ahead in (("term", "turns_ahead"), ("other_term", "other_turns_ahead")):
            chosen = said.get(name) or ""
            if chosen.startswith("ahead:"):
                facts[ahead] = int(chosen.removeprefix("ahead:"))
            elif chosen:
                facts[f"{name}_on"] = chosen
        for name in ("ends_on", "effective_on", "on_day"):
            if said.get(name):
                facts["on" if name == "on_day" else name] = said[name].isoformat()
        for name in ("then", "after", "sort_name"):
            if said.get(name):
                facts[name] = said[name]
        if said.get("realign"):
            facts["realign"] = True
        for name in ("seat", "newcomer"):
            if said.get(name):
                facts["organization"] = said[name]
        return facts

    def details(self) -> dict[str, Any]:
        return {
            "facts": self.facts(),
            "decided_by": self.cleaned_data["decided_by"],
            "decided_on": self.cleaned_data["decided_on"],
        }


class SwapForm(ChangeForm):
    """The holders of two terms exchange; the turns stay."""

    kind = Kind.SWAP
    term = _choice(gettext_lazy("One term"))
    other_term = _choice(gettext_lazy("The other term"))


class AssignForm(ChangeForm):
    """Who holds one term; the order goes on as it was."""

    kind = Kind.ASSIGN
    field_of = ChangeForm.field_of | {"organization": "holder"}
    term = _choice(gettext_lazy("Term"))
    holder = forms.MultipleChoiceField(
        label=gettext_lazy("Holder"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("One, or several together."),
    )

    def facts(self) -> dict[str, Any]:
        return super().facts() | {"organizations": self.cleaned_data["holder"]}


class SkipForm(ChangeForm):
    """Whose turn it is passes; everybody behind moves up."""

    kind = Kind.SKIP
    field_of = ChangeForm.field_of | {"organization": "term"}
    term = _choice(gettext_lazy("The term to be passed over"))

    def facts(self) -> dict[str, Any]:
        return super().facts() | {"organization": self.turns.get(self.cleaned_data["term"])}


class ExtendForm(ChangeForm):
    """Another end of one term."""

    kind = Kind.EXTEND
    term = _choice(gettext_lazy("Term"))
    ends_on = _day(gettext_lazy("New end"), gettext_lazy("The first day it is over."))
    realign = forms.BooleanField(
        label=gettext_lazy("Only the next term gives or takes the difference"),
        required=False,
        widget=UnfoldBooleanWidget,
    )


class EndForm(ChangeForm):
    """A term ends on the day of an event; the next begins that day."""

    kind = Kind.END
    term = _choice(gettext_lazy("Term"))
    ends_on = _day(gettext_lazy("Ends on"), gettext_lazy("The first day it is over."))


class VacateForm(ChangeForm):
    """The holder leaves in mid-term."""

    kind = Kind.VACATE
    term = _choice(gettext_lazy("Term"))
    on_day = _day(gettext_lazy("Leaves on"), gettext_lazy("The first day without it."))
    then = _choice(gettext_lazy("Then"))


class AdmitForm(ChangeForm):
    """A new seat in the order."""

    kind = Kind.ADMIT
    field_of = ChangeForm.field_of | {"organization": "newcomer"}
    newcomer = _choice(gettext_lazy("Organization"), gettext_lazy("A party without a seat."))
    effective_on = _day(gettext_lazy("From"))
    after = _choice(gettext_lazy("Its place"), required=False)
    sort_name = forms.CharField(
        label=gettext_lazy("Sort name"),
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
    )


class WithdrawSeatForm(ChangeForm):
    """A seat leaves the order."""

    kind = Kind.WITHDRAW
    field_of = ChangeForm.field_of | {"organization": "seat"}
    seat = _choice(gettext_lazy("Seat"))
    effective_on = _day(gettext_lazy("From"))
    then = _choice(gettext_lazy("In its own term"))


class ReorderForm(ChangeForm):
    """A new order from a day on: each seat's place, empty for a seat that takes no further turn."""

    kind = Kind.REORDER
    effective_on = _day(
        gettext_lazy("From"),
        gettext_lazy("The first term that begins on this day or later follows the new order."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for place, (key, name) in enumerate(self.seats, 1):
            self.fields[f"place.{key}"] = forms.IntegerField(
                label=_("Place of %(seat)s") % {"seat": name},
                initial=place,
                min_value=1,
                required=False,
                widget=UnfoldAdminIntegerFieldWidget,
            )
        places = [f"place.{key}" for key, _name in self.seats]
        self.order_fields(["effective_on", *places])

    def facts(self) -> dict[str, Any]:
        organizations = {
            str(key) for key in self.obj.seats.values_list("organization__public_id", flat=True)
        }
        placed = sorted(
            (self.cleaned_data[f"place.{key}"], key)
            for key, _name in self.seats
            if self.cleaned_data.get(f"place.{key}")
        )
        return super().facts() | {
            "seats": [
                {"organization" if key in organizations else "region": key}
                for _place, key in placed
            ]
        }


FORMS: dict[str, type[ChangeForm]] = {
    form.kind.value: form
    for form in (
        SwapForm,
        AssignForm,
        SkipForm,
        ExtendForm,
        EndForm,
        VacateForm,
        AdmitForm,
        WithdrawSeatForm,
        ReorderForm,
    )
}


def _terms_about(rotation: Rotation, today: date) -> list[tuple[int, Term]]:
    """The terms of the past year and of the next five, with their places among the coming turns."""
    if rotation.starts_on is None or not rotation.length:
        return []
    terms = rotation.between(add_months(today, -PAST_MONTHS), add_months(today, AHEAD_MONTHS))
    numbered, ahead = [], 0
    for term in terms:
        if term.starts_on is None:
            ahead += 1
        numbered.append((ahead, term))
    return numbered


def _term_key(term: Term, ahead: int) -> str:
    return term.starts_on.isoformat() if term.starts_on else f"ahead:{ahead}"


def _term_words(term: Term, ahead: int, names: dict[str, str]) -> str:
    holders = listed(names.get(key, key) for key in term.holders) or _("nobody yet")
    if term.starts_on is None:
        return _("%(count)d turns ahead: %(holders)s") % {"count": ahead, "holders": holders}
    return _("from %(day)s: %(holders)s") % {
        "day": day_text(term.starts_on),
        "holders": holders,
    }


def _parties_of(rotation: Rotation) -> list[Organization]:
    """The organizations that can hold a term: the agreement's parties, or the group's members."""
    if rotation.group is not None:
        members = rotation.group.memberships.select_related("organization")
        return [membership.organization for membership in members]
    parties = rotation.agreement.party_set.select_related("organization")
    return [party.organization for party in parties]
