"""Consultations in the back office: what is planned and was held."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminSingleDateWidget,
    UnfoldAdminSplitDateTimeWidget,
    UnfoldAdminTextInputWidget,
)

from agreements.admin.agenda import AgendaInline
from agreements.admin.attendance import AttendanceInline
from agreements.admin.belonging import Belonging
from agreements.admin.names import of_agreement
from agreements.mechanisms.meeting_days import doubts_about
from agreements.mechanisms.minutes import undelivered
from agreements.mechanisms.regular_consultation import Status
from agreements.models import Consultation
from agreements.needs import COMING_DAYS
from governance import clock
from governance.admin.nouns import marked_name
from governance.admin.site import secretariat
from governance.admin.verbs import VerbAdmin, VerbForm
from governance.periods import require_calendar_day
from governance.wording import in_a_row


class WhenFilter(admin.SimpleListFilter):
    """Consultations of the next days."""

    title = gettext_lazy("when")
    parameter_name = "when"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("coming", gettext_lazy("within 14 days")),
            ("past", gettext_lazy("past, not closed")),
        ]

    def queryset(self, request: Any, queryset: Any) -> Any:
        now = clock.now()
        standing = queryset.filter(status__in=(Status.PLANNED, Status.CONVENED))
        if self.value() == "coming":
            until = clock.today() + timedelta(days=COMING_DAYS)
            return standing.filter(starts_at__gte=now, starts_at__date__lte=until)
        if self.value() == "past":
            return standing.filter(starts_at__lt=now)
        return queryset


class MoveForm(VerbForm):
    """When and where this one is to be held; what is left empty stays."""

    starts_at = forms.SplitDateTimeField(
        label=gettext_lazy("Begins"),
        required=False,
        widget=UnfoldAdminSplitDateTimeWidget,
        validators=[require_calendar_day],
    )
    ends_at = forms.SplitDateTimeField(
        label=gettext_lazy("Ends"),
        required=False,
        widget=UnfoldAdminSplitDateTimeWidget,
        validators=[require_calendar_day],
    )
    place = forms.CharField(
        label=gettext_lazy("Place"),
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
    )
    place_zh = forms.CharField(
        label=gettext_lazy("Place in Chinese"),
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
    )

    def details(self) -> dict[str, Any]:
        return {name: value for name, value in super().details().items() if value}


class CloseForm(VerbForm):
    """The day on which it was held, when that was another one than it was called for."""

    held_on = forms.DateField(
        label=gettext_lazy("Held on"),
        required=False,
        widget=UnfoldAdminSingleDateWidget,
        validators=[require_calendar_day],
        help_text=gettext_lazy("Empty: on the day it was called for."),
    )


class PostponeForm(VerbForm):
    """The new date, when it is known."""

    starts_at = forms.SplitDateTimeField(
        label=gettext_lazy("New beginning"),
        required=False,
        widget=UnfoldAdminSplitDateTimeWidget,
        validators=[require_calendar_day],
        help_text=gettext_lazy("Empty: still to be set."),
    )
    ends_at = forms.SplitDateTimeField(
        label=gettext_lazy("New end"),
        required=False,
        widget=UnfoldAdminSplitDateTimeWidget,
        validators=[require_calendar_day],
    )


class MinutesFilter(admin.SimpleListFilter):
    """Consultations that were held and whose minutes nobody was sent in time."""

    title = gettext_lazy("minutes")
    parameter_name = "minutes"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [("owed", gettext_lazy("not circulated in time"))]

    def queryset(self, request: Any, queryset: Any) -> Any:
        return undelivered(queryset, clock.today()) if self.value() == "owed" else queryset


@admin.register(Consultation, site=secretariat)
class ConsultationAdmin(Belonging, VerbAdmin):
    """Single meetings, of a series or extraordinary."""

    neighbours = ("group", "series")

    list_display = (marked_name, "state", of_agreement, "starts_at", "host", "held_on")
    list_filter = ("status", WhenFilter, MinutesFilter, ("agreement", AutocompleteSelectFilter))
    list_select_related = ("agreement", "series", "host")
    search_fields = ("title", "title_zh", "place", "place_zh", "agreement__reference")
    autocomplete_fields = ("agreement", "group", "series", "host")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("agreement", "series", "group"),
                    ("title", "title_zh"),
                    ("starts_at", "ends_at"),
                    ("place", "place_zh"),
                    "host",
                    ("source", "illustrative"),
                )
            },
        ),
    )
    verb_forms = {"move": MoveForm, "close": CloseForm, "postpone": PostponeForm}
    inlines = (AgendaInline, AttendanceInline)

    @display(
        description=gettext_lazy("status"),
        label={
            Status.PLANNED: "",
            Status.CONVENED: "info",
            Status.POSTPONED: "warning",
            Status.CLOSED: "success",
            Status.CANCELLED: "",
        },
        ordering="status",
    )
    def state(self, obj: Consultation) -> tuple[str, str]:
        return obj.status, obj.get_status_display()

    def next_verb(self, obj: Consultation, allowed: list[dict[str, Any]]) -> str:
        """Calling it, then closing it; its day and place may be set at any time."""
        possible = {action["verb"] for action in allowed}
        return next((verb for verb in ("convene", "close") if verb in possible), "")

    def save_model(self, request: Any, obj: Consultation, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "starts_at" in form.changed_data and obj.day is not None:
            for doubt in doubts_about(obj, obj.day):
                messages.warning(request, doubt)

    def done_sentence(self, obj: Consultation, action: dict[str, Any]) -> str:
        """With what speaks against the day that was set."""
        said = super().done_sentence(obj, action)
        if action["verb"] not in {"move", "postpone"} or obj.day is None:
            return said
        return in_a_row([said, *doubts_about(obj, obj.day)])

    def consequences(self, request: Any, obj: Consultation, verb: str) -> list[str]:
        if verb in {"close", "cancel"}:
            left = obj.agenda_items.open().count()
            return [_("What is open goes to the next one: %(count)d.") % {"count": left}]
        if verb != "convene":
            return []
        host = obj.host_now()
        if host is None:
            return [_("Nobody is known to host it: it will be called without a host.")]
        return [_("%(host)s will host it, whatever the rotation says later.") % {"host": host}]
