"""Forms of the portal: days, moments, files, and refusals of the domain at their fields."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext_lazy as _

from governance import bilingual_pairs, clock
from governance.last_day import LastDay
from governance.lifecycle import require_past
from governance.periods import require_calendar_day


class DayField(forms.DateField):
    """A day, chosen or typed."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    default_validators = [require_calendar_day]


class LastDayField(LastDay, DayField):
    """The last day of a period; what it gives is the first day behind it."""


class PastDayField(DayField):
    """A day that is not in the future: what is entered has happened."""

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        if day is not None:
            require_past(day, clock.today(), at=None)
        return day


class MomentField(forms.DateTimeField):
    """A day and a time, to the minute."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    default_validators = [require_calendar_day]


class NumberField(forms.DecimalField):
    """A number of up to four decimals; what was mistyped stays in its field."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "size": "12"})

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_digits=15, decimal_places=4, **kwargs)


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> list[Any]:
        given = data if isinstance(data, list | tuple) else [data] if data else []
        return [super(FilesField, self).clean(upload, initial) for upload in given]


class VersionedForm(forms.Form):
    """A form about an object, with the version it was opened on."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def order_fields(self, field_order: Any) -> None:
        """As asked, with the reader's own language first where a field stands in both."""
        super().order_fields(field_order)
        self.arrange()

    def arrange(self) -> None:
        """Put the fields of both languages in the reader's order, and name them."""
        self.fields = {name: self.fields[name] for name in bilingual_pairs.in_order(self.fields)}
        bilingual_pairs.name_in_order(self.fields)

    def renew(self, version: int | None) -> None:
        """Continue on a newer version of the object, with what was typed; None: it is gone."""
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        data[self.add_prefix("version")] = "" if version is None else str(version)
        self.data = data

    def take(self, refusal: ValidationError, fields: Mapping[str, str] | None = None) -> None:
        """Show a refusal of the domain at its fields; ``fields`` renames the domain's."""
        renamed = fields or {}
        for name, errors in self._by_field(refusal).items():
            shown = renamed.get(name, name)
            self.add_error(shown if shown in self.fields else None, errors)

    def ask_for_files_again(self) -> None:
        """Say at each field that held files that a browser does not keep them."""
        for name in set(self.files) & set(self.fields):
            self.add_error(name, _("Choose the files again: a browser does not keep them."))

    @staticmethod
    def _by_field(refusal: ValidationError) -> dict[str, Any]:
        if hasattr(refusal, "error_dict"):
            return dict(refusal.error_dict)
        return {NON_FIELD_ERRORS: refusal.error_list}


class VerbForm(VersionedForm):
    """What every verb takes: the day on which it happened, and a reason or a remark."""

    on = PastDayField(
        label=_("On which day"), help_text=_("Today, or the earlier day on which it happened.")
    )
    reason = forms.CharField(
        label=_("Remark"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def require_reason(self) -> None:
        """This verb is not possible without a reason."""
        self.fields["reason"].label = _("Reason")
        self.fields["reason"].required = True
        self.fields["reason"].error_messages["required"] = _("Please give a reason.")
