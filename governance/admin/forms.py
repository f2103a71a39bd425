"""Forms that write through the domain, and show what the domain refused where it was typed.

Django's admin checks all forms of a page and then saves them. Saving means here: the noun is
entered, edited or removed, by whoever is signed in, and the noun itself checks its facts. What
it refuses is collected in :class:`NotWritten`; the page's transaction is rolled back, and the
page is built again from the same request with every refusal at its form and field.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, FieldDoesNotExist, ValidationError
from django.db import models
from django.forms.models import InlineForeignKeyField
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from unfold.forms import PaginationInlineFormSet

from governance.admin.history import readable
from governance.base import Noun
from governance.bilingual_pairs import name_in_order
from governance.lifecycle import Refused, Stale
from governance.present_names import PresentNames
from governance.record import Event, unit
from governance.wording import in_a_row, labelled

REFUSALS = (ValidationError, Refused, Stale)


class NotWritten(Exception):
    """What was refused of a posted page, by the prefix of form or formset ("": the page's own)."""

    def __init__(self, refusals: dict[str, Exception]) -> None:
        self.refusals = refusals
        super().__init__(", ".join(refusals))


class ReadVersion(forms.IntegerField):
    """The version that the page was read in. It is nothing that a person changes."""

    widget = forms.HiddenInput

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class Refusable(forms.BaseForm):
    """A form that can show what a verb refused."""

    # Forms are built at run time: what stands in these is known to Django alone.
    data: Any
    fields: dict[str, Any]
    files: Any
    initial: Any

    # Where the refusal of a fact is shown that the form asks for under another name.
    field_of: Mapping[str, str] = {}

    def show(self, refusal: Exception) -> None:
        """Add what was refused to the errors, each at its field or on top."""
        if isinstance(refusal, Stale):
            self.show_stale(refusal)
        elif isinstance(refusal, Refused):
            self.add_error(None, ValidationError(_refused(refusal), code=refusal.guard))
        elif isinstance(refusal, ValidationError):
            for name, errors in _by_field(refusal).items():
                place = self.field_of.get(name, name)
                if place in self.fields and not self.fields[place].disabled:
                    self.add_error(place, errors)
                else:
                    self.add_error(None, [self._named(name, error) for error in errors])

    def show_stale(self, stale: Stale) -> None:
        """Say who changed the object meanwhile; what was typed stays, and can be sent again."""
        if stale.current is None:
            self.add_error(
                None,
                ValidationError(
                    _(
                        "Somebody deleted this meanwhile. What you typed still stands here: "
                        "copy what you need."
                    ),
                    code="stale",
                ),
            )
            return
        self.add_error(None, ValidationError(_meanwhile(stale.current), code="stale"))
        self.data = self.data.copy()
        self.data[self.add_prefix("read_version")] = stale.current.version

    def _named(self, name: str, error: ValidationError) -> ValidationError:
        """An error of a fact that this form does not ask for, with the fact's name before it."""
        sentences = ValidationError(error).messages
        model = getattr(getattr(self, "_meta", None), "model", None)
        if model is not None and name != NON_FIELD_ERRORS and error.code != "overlap":
            try:
                label = capfirst(str(model._meta.get_field(name).verbose_name))
            except FieldDoesNotExist:
                label = ""
            if label:
                sentences = [labelled(label, sentence) for sentence in sentences]
        return ValidationError(in_a_row(sentences), code=error.code)


class NounForm(Refusable, forms.ModelForm):
    """The facts of one noun. :meth:`write` enters the noun, or edits what was changed of it."""

    read_version = ReadVersion(required=False, label="")

    # Set for the request by the admin that makes the form.
    refusals: Mapping[str, Exception] = {}
    user: Any = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name_in_order(self.fields)
        if self.instance.pk is not None:
            self.initial["read_version"] = self.instance.version
            self.initial |= {name: plainly(value) for name, value in self.initial.items()}
            self._keep_what_stands()

    def write(self, *, by: Any, **given: Any) -> None:
        """Enter the noun with these facts, or edit the changed ones. Raises as the noun does."""
        if self.instance.pk is None:
            entered = self.enter(by=by, **(self.facts() | given))
            # The page goes on with this instance: the inlines hang on it.
            self.instance.pk = entered.pk
            self.instance.refresh_from_db()
            self.instance._state.adding = False
            return
        changed = {name: value for name, value in self.facts().items() if self.is_changed(name)}
        if changed:
            version = self.cleaned_data["read_version"]
            self.instance.edit(by=by, version=version, **self.told(), **changed)

    def told(self) -> dict[str, Any]:
        """What an edit is told besides the facts: why they change, where the noun asks for it."""
        return {}

    def enter(self, *, by: Any, **facts: Any) -> Noun:
        """Enter the noun. A noun that is entered by a verb of its own says so here."""
        entered: Noun = self._meta.model.enter(by=by, **facts)
        return entered

    def facts(self) -> dict[str, Any]:
        """The facts that the form asks for, as typed."""
        editable = {
            field.name
            for field in (
                *self._meta.model._meta.concrete_fields,
                *self._meta.model._meta.many_to_many,
            )
            if field.editable and not field.primary_key
        }
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if name in editable and not isinstance(self.fields[name], InlineForeignKeyField)
        }

    def is_changed(self, name: str) -> bool:
        """Whether a fact was changed on the page."""
        return self.field_of.get(name, name) in self.changed_data

    def show_stale(self, stale: Stale) -> None:
        """Also mark the fields that somebody else changed, with what stands there now."""
        read = self.cleaned_data.get("read_version") or 0
        super().show_stale(stale)
        if stale.current is None:
            return
        later = Event.objects.of(stale.current).order_by("-sequence")
        theirs: set[str] = set()
        for event in later[: max(0, stale.current.version - read)]:
            theirs |= set(event.after or {})
        for name in theirs & set(self.changed_data) & set(self.fields):
            now = readable(type(stale.current), name, stale.current.facts().get(name))
            self.add_error(
                name, ValidationError(_("Now it says: %(value)s") % {"value": now}, code="stale")
            )

    def _keep_what_stands(self) -> None:
        """What is chosen already stays a choice, even one that the user could not choose anew."""
        for name, field in self.fields.items():
            key = getattr(self.instance, f"{name}_id", None)
            chosen_from = getattr(field, "queryset", None)
            if key is not None and chosen_from is not None:
                field.queryset = chosen_from | chosen_from.model._base_manager.filter(pk=key)

    def _post_clean(self) -> None:
        # The noun checks its facts when it is entered or edited, with locks taken; checking them
        # here as well would do it twice, and on an instance changed without a verb.
        refusal = self.refusals.get(self.prefix or "")
        if refusal is not None:
            self.show(refusal)

    def _save_m2m(self) -> None:
        """Nothing: relations are facts like the others, written by :meth:`write`."""


class NounFormSet(PaginationInlineFormSet):
    """The rows of an inline, each written through its noun."""

    def write(self, *, by: Any) -> dict[str, Exception]:
        """Remove, edit and enter the rows; what was refused, by the prefix of the row."""
        refused: dict[str, Exception] = {}
        deleted = self.deleted_forms if self.can_delete else []
        for form in self.initial_forms:
            if form in deleted:
                try:
                    form.instance.remove(by=by, version=_read_version(form))
                except REFUSALS as refusal:
                    refused[self.prefix] = refusal
        place = len(self.initial_forms)
        for form in self.forms:
            if form in deleted or not form.has_changed():
                continue
            given: dict[str, Any] = {}
            if form.instance.pk is None:
                place += 1
                given[self.fk.name] = self.instance
                if _gives_position(self.model) and not form.cleaned_data.get("position"):
                    given["position"] = place
            try:
                with unit():
                    form.write(by=by, **given)
            except REFUSALS as refusal:
                refused[form.prefix] = refusal
        return refused

    def clean(self) -> None:
        super().clean()
        refusal = self.form.refusals.get(self.prefix)
        if isinstance(refusal, Stale):
            raise ValidationError(
                _("A row was changed by somebody else meanwhile: it was not deleted.")
            )
        if refusal is not None:
            raise ValidationError(getattr(refusal, "messages", None) or str(refusal))


class KeptFormSet(PaginationInlineFormSet):
    """The rows of an inline that are looked at only."""

    def write(self, *, by: Any) -> dict[str, Exception]:
        """Nothing: nobody changes them."""
        return {}


def plainly(value: Any) -> Any:
    """A number without the noughts that its column adds; everything else as it is."""
    if not isinstance(value, Decimal):
        return value
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def moved(refusal: ValidationError, places: Mapping[str, str], otherwise: str) -> ValidationError:
    """A refusal of a noun that a row enters besides its own, told at the fields of that row."""
    by_place: dict[str, list[ValidationError]] = {}
    for name, errors in _by_field(refusal).items():
        by_place.setdefault(places.get(name, otherwise), []).extend(errors)
    return ValidationError(by_place)


def _read_version(form: forms.ModelForm) -> int | None:
    """The version a row to be deleted was read in; such a row is not validated."""
    sent = str(form["read_version"].value())
    return int(sent) if sent.isdecimal() else None


def _gives_position(model: type[models.Model]) -> bool:
    return any(field.name == "position" for field in model._meta.concrete_fields)


def _by_field(refusal: ValidationError) -> dict[str, list[ValidationError]]:
    if hasattr(refusal, "error_dict"):
        return dict(refusal.error_dict)
    return {NON_FIELD_ERRORS: refusal.error_list}


def _meanwhile(current: Any) -> str:
    """Who changed it last, and when."""
    last = Event.objects.of(current).order_by("-sequence").first()
    if last is None:
        return _("This was changed while you were writing: please compare, then save again.")
    moment = last.recorded_at.astimezone(timezone.get_default_timezone())
    return _(
        "%(who)s changed this on %(when)s, while you were writing. Nothing you typed is lost: "
        "please compare, then save again."
    ) % {
        "who": PresentNames([last]).of_actor(last) or _("The system"),
        "when": formats.date_format(moment, "DATETIME_FORMAT"),
    }


def _refused(refused: Refused) -> str:
    """The refusal, with a way to what stands against it."""
    about = refused.about
    if about is None:
        return str(refused)
    path = reverse(
        f"admin:{about._meta.app_label}_{about._meta.model_name}_change", args=(about.pk,)
    )
    label = _("Go to “%(name)s”") % {"name": about}
    return format_html('{} <a class="concord-link" href="{}">{}</a>', str(refused), path, label)
