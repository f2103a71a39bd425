"""Changing a rotation from the portal: each kind of change a page, with its effect before it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from agreements.mechanisms.convenor_changes import Kind
from agreements.models import ConvenorTerm, Rotation, RotationChange
from agreements.portal.agreement import agreement_path
from agreements.portal.convenors import holder_names, holdings_seen
from agreements.rotation_questions import (
    MEANINGS,
    QUESTIONS,
    Choices,
    Question,
    compared,
    facts_of,
    field_of,
)
from governance.access import may, visible_to
from governance.lifecycle import Refusal, Refused
from governance.portal.forms import DayField, PastDayField, VerbForm, VersionedForm
from governance.portal.verbs import ActionPage
from governance.templatetags.words import day
from governance.wording import period_text


def rotation_path(rotation: Rotation) -> str:
    """The address of a rotation: its place on the page of its agreement."""
    return f"{agreement_path(rotation.agreement, 'rotation')}#rotation-{rotation.public_id}"


def change_path(rotation: Rotation, kind: str) -> str:
    """The address at which a change of this kind is made."""
    return reverse("change_rotation", kwargs={"id": rotation.public_id, "kind": kind})


def rotation_change_path(change: RotationChange) -> str:
    """The address of a recorded change: its place in the list of its rotation."""
    path = agreement_path(change.rotation.agreement, "rotation")
    return f"{path}#change-{change.public_id}"


def rotation_trail(rotation: Rotation) -> list[tuple[str, str]]:
    """The way up from a page about a rotation."""
    return [
        (reverse("agreement_list"), str(_("Agreements"))),
        (agreement_path(rotation.agreement), rotation.agreement.reference),
        (rotation_path(rotation), str(_("Rotation"))),
    ]


class ChangeForm(VersionedForm):
    """What the kind of change asks for, and who decided it, when and why."""

    def __init__(self, *args: Any, kind: str, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.choices = kind, choices
        for question in QUESTIONS[kind]:
            self.fields[question.name] = _field(question, choices)
        for name, label, place in choices.places() if kind == Kind.REORDER else ():
            self.fields[name] = forms.IntegerField(
                label=label,
                initial=place,
                min_value=1,
                required=False,
                widget=forms.NumberInput(attrs={"size": 4}),
            )
        self.fields["decided_by"] = forms.CharField(
            label=_("Decided by"),
            required=False,
            max_length=200,
            help_text=_("For example: the third regular consultation."),
        )
        self.fields["decided_on"] = PastDayField(label=_("Decided on"), required=False)
        self.fields["reason"] = forms.CharField(
            label=_("Reason"),
            required=False,
            max_length=5000,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text=_("Needed where the change reaches back into the past."),
        )

    def said(self) -> dict[str, Any]:
        """What was decided, as the rotation takes it."""
        told = self.cleaned_data
        return {
            "facts": facts_of(self.kind, told, self.choices),
            "decided_on": told["decided_on"],
            "reason": told["reason"],
        }


def _field(question: Question, choices: Choices) -> forms.Field:
    said: dict[str, Any] = {
        "label": question.label,
        "help_text": question.help_text,
        "required": question.required,
    }
    if question.shape == "day":
        return DayField(**said)
    if question.shape == "text":
        return forms.CharField(max_length=200, **said)
    if question.shape == "flag":
        return forms.BooleanField(**said)
    listed = choices.of(question.shape)
    if question.shape == "parties":
        return forms.MultipleChoiceField(
            choices=listed, widget=forms.CheckboxSelectMultiple, **said
        )
    return forms.ChoiceField(choices=listed, **said)


class RotationPage(ActionPage):
    """An act on a rotation; what stands against it is mostly one of its changes."""

    section = "agreements"

    def way_to(self, about: Any) -> str:
        return rotation_change_path(about) if isinstance(about, RotationChange) else ""


class ChangeRotation(RotationPage):
    """One kind of change: asked for, shown before and after, recorded."""

    template_name = "portal/rotation_change.html"
    model = Rotation
    related = ("agreement", "group")
    kind: Kind

    def find_object(self) -> Any:
        found = super().find_object()
        if self.kwargs["kind"] not in Kind.values:
            raise Http404
        self.kind = Kind(self.kwargs["kind"])
        self.label, self.renamed = self.kind.label, field_of(self.kind)  # type: ignore[misc]
        return found

    def role_refusal(self) -> Refusal | None:
        return may(self.request.user, "change", self.object)

    def state_refusal(self) -> Refusal | None:
        refusal: Refusal | None = self.object.refusal(self.kind, self.today)
        return refusal

    def initial(self) -> dict[str, Any]:
        asked = self.request.GET.get("term", "")
        return {**super().initial(), **({"term": asked} if asked else {})}

    def make_form(self, **given: Any) -> ChangeForm:
        choices = Choices(self.object, self.today)
        return ChangeForm(kind=self.kind, choices=choices, initial=self.initial(), **given)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Record the change if that is asked for; else show the terms before and after it."""
        refused = self._refused()
        if refused is not None or "record" in request.POST:
            return refused or super().post(request, *args, **kwargs)
        form = self.make_form(data=request.POST)
        if form.is_valid():
            try:
                before, after = self.object.preview(self.kind, on=self.today, **form.said())
            except ValidationError as wrong:
                form.take(wrong, self.renamed)
            except Refused as refusal:
                return self._page(form, refusal, status=409)
            else:
                self.extra_context = {"comparison": compared(before, after)}
                return self._page(form)
        return self._page(form, status=422)

    def perform(self, form: ChangeForm) -> None:
        self.object.change(
            self.kind,
            by=self.request.user,
            on=self.today,
            decided_by=form.cleaned_data["decided_by"],
            version=form.cleaned_data["version"],
            **form.said(),
        )

    def consequences(self) -> Any:
        return MEANINGS[self.kind]

    def done(self) -> Any:
        return _("“%(kind)s” is recorded. The terms are laid down anew.") % {
            "kind": self.kind.label
        }

    def address(self) -> str:
        return rotation_path(self.object)

    def trail(self) -> list[tuple[str, str]]:
        return rotation_trail(self.object)


class RevokeForm(VersionedForm):
    """Why a change is taken back."""

    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed where the change has taken effect."),
    )


class RevokeChange(RotationPage):
    """Taking a recorded change back, with the terms before and after that."""

    template_name = "portal/rotation_revoke.html"
    model = RotationChange
    related = ("rotation__agreement", "rotation__group")
    label = _("Revoke change")
    form_class = RevokeForm
    danger = True

    def role_refusal(self) -> Refusal | None:
        return may(self.request.user, "change", self.object.rotation)

    def state_refusal(self) -> Refusal | None:
        try:
            before, after = self.object.rotation.preview_revocation(self.object, on=self.today)
        except Refused as refused:
            return Refusal(refused.guard, refused.sentence, refused.about)
        self.extra_context = {"comparison": compared(before, after)}
        return None

    def perform(self, form: RevokeForm) -> None:
        self.object.rotation.revoke(
            self.object, by=self.request.user, on=self.today, reason=form.cleaned_data["reason"]
        )

    def consequences(self) -> Any:
        return _("The terms are laid down as if the change had not been made.")

    def done(self) -> Any:
        return _("“%(change)s” is revoked. The terms are laid down anew.") % {"change": self.object}

    def address(self) -> str:
        return rotation_path(self.object.rotation)

    def trail(self) -> list[tuple[str, str]]:
        return rotation_trail(self.object.rotation)


class ConfirmTerm(RotationPage):
    """Confirming that a term is as it is laid down."""

    model = ConvenorTerm
    related = ("rotation__agreement", "rotation__group")
    label = _("Confirm term")
    form_class = VerbForm

    def find_object(self) -> Any:
        found = super().find_object()
        rows = visible_to(self.request.user, ConvenorTerm)
        seen = rows.prefetch_related(holdings_seen(self.request.user)).get(pk=found.pk)
        self.holders = holder_names(seen)
        return found

    def role_refusal(self) -> Refusal | None:
        return may(self.request.user, "confirm", self.object)

    def state_refusal(self) -> Refusal | None:
        refusal: Refusal | None = self.object.refusal("confirm", self.today)
        return refusal

    def initial(self) -> dict[str, Any]:
        return {**super().initial(), "on": self.today}

    def perform(self, form: VerbForm) -> None:
        self.object.confirm(by=self.request.user, **form.cleaned_data)

    def consequences(self) -> Any:
        return _(
            "%(holders)s will convene: %(days)s. From then on no change may alter this term, but "
            "to end or extend it in time."
        ) % {
            "holders": self.holders,
            "days": period_text(self.object.starts_on, self.object.ends_on),
        }

    def done(self) -> Any:
        return _("The term from %(day)s is confirmed.") % {"day": day(self.object.starts_on)}

    def address(self) -> str:
        return rotation_path(self.object.rotation)

    def trail(self) -> list[tuple[str, str]]:
        return rotation_trail(self.object.rotation)
