"""Working calendars in the back office: their days, and where those come from."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminIntegerFieldWidget

from actors.models import CalendarDay, WorkingCalendar
from actors.working_calendar import doubt
from governance import clock
from governance.admin.forms import NounForm
from governance.admin.nouns import NounTabular
from governance.admin.site import secretariat
from governance.admin.verbs import PlainVerb, VerbAdmin, VerbForm
from governance.wording import listed

WEEKDAYS = (
    (1, gettext_lazy("Monday")),
    (2, gettext_lazy("Tuesday")),
    (3, gettext_lazy("Wednesday")),
    (4, gettext_lazy("Thursday")),
    (5, gettext_lazy("Friday")),
    (6, gettext_lazy("Saturday")),
    (7, gettext_lazy("Sunday")),
)


class CalendarForm(NounForm):
    """A calendar whose weekend is ticked."""

    weekend = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Weekend"),
        choices=WEEKDAYS,
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class DayInline(NounTabular):
    """The days that are not as their day of the week says, the latest first."""

    model = CalendarDay
    fields = ("day", "kind", "name", "name_zh", "origin")
    readonly_fields = ("origin",)
    ordering = ("-day",)
    extra = 0
    verbose_name = gettext_lazy("day")
    verbose_name_plural = gettext_lazy("Days off and make-up working days")

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).order_by("-day")

    @display(description=gettext_lazy("from where"))
    def origin(self, obj: CalendarDay) -> str:
        if obj.pk is None:
            return "—"
        return _("by hand") if obj.by_hand else _("from the library")


class LoadForm(VerbForm):
    """Which years are taken from the library."""

    first_year = forms.IntegerField(
        label=gettext_lazy("First year"), widget=UnfoldAdminIntegerFieldWidget
    )
    last_year = forms.IntegerField(
        label=gettext_lazy("Last year"),
        required=False,
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=gettext_lazy("Empty: that one year."),
    )
    field_of = {"years": "first_year"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("first_year", clock.today().year)
        self.initial.setdefault("last_year", clock.today().year + 1)

    def clean(self) -> Any:
        said = super().clean() or self.cleaned_data
        first, last = said.get("first_year"), said.get("last_year")
        if first is not None and last is not None and last < first:
            self.add_error("last_year", _("The end lies before the start."))
        return said

    def details(self) -> dict[str, Any]:
        first = self.cleaned_data["first_year"]
        last = self.cleaned_data["last_year"] or first
        # The domain refuses more years than it takes: no need to write all of them down.
        return {"years": range(first, min(last, first + 99) + 1)}


class SettleForm(VerbForm):
    """Which year people have checked against the announcement."""

    year = forms.IntegerField(
        label=gettext_lazy("Year"),
        widget=UnfoldAdminIntegerFieldWidget,
        help_text=gettext_lazy("Its days stand here as they were announced."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        waiting = self.obj.provisional_years
        self.initial.setdefault("year", waiting[0] if waiting else clock.today().year)


@admin.register(WorkingCalendar, site=secretariat)
class WorkingCalendarAdmin(VerbAdmin):
    """Which days are worked, region by region."""

    form = CalendarForm
    list_display = ("calendar", "region", "country", "years", "waiting")
    list_filter = ("country",)
    list_select_related = ("region",)
    search_fields = ("name", "name_zh", "country")
    autocomplete_fields = ("region",)
    readonly_fields = ("years", "warning")
    _facts = (
        ("name", "name_zh"),
        "region",
        ("country", "subdivision"),
        "weekend",
        "announced_yearly",
    )
    add_fieldsets = ((None, {"fields": _facts}),)
    fieldsets = ((None, {"fields": ("years", "warning", *_facts)}),)
    inlines = (DayInline,)
    plain_verbs = (
        PlainVerb("load", gettext_lazy("Load days from the library")),
        PlainVerb("settle", gettext_lazy("Settle a year")),
    )
    verb_forms = {"load": LoadForm, "settle": SettleForm}

    def consequences(self, request: Any, obj: WorkingCalendar, verb: str) -> list[str]:
        if verb == "load":
            return [
                _(
                    "Days that stand by hand stay as they are; "
                    "the others are as the library has them."
                ),
                _(
                    "A year that is not announced yet is marked, "
                    "wherever a date is reckoned with it."
                ),
            ]
        return [
            _(
                "The year no longer counts as not announced, "
                "even where the library does not know it."
            )
        ]

    @display(description=gettext_lazy("name"), ordering="name")
    def calendar(self, obj: WorkingCalendar) -> str:
        return str(obj)

    @display(description=gettext_lazy("years loaded"))
    def years(self, obj: WorkingCalendar) -> str:
        return listed(str(year) for year in obj.loaded_years) or "—"

    @display(description=gettext_lazy("not announced yet"))
    def waiting(self, obj: WorkingCalendar) -> Any:
        if not obj.provisional_years:
            return "—"
        return format_html(
            '<span class="concord-mark">{}</span>',
            listed(str(year) for year in obj.provisional_years),
        )

    @display(description=gettext_lazy("warning"))
    def warning(self, obj: WorkingCalendar) -> str:
        return doubt(obj.provisional_years) or "—"
