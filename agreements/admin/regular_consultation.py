"""Regular consultation in the back office: what was promised, what is planned and was held."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSingleDateWidget, UnfoldAdminSplitDateTimeWidget

from agreements.admin.belonging import Belonging
from agreements.admin.names import of_agreement
from agreements.mechanisms.consultation_series import HORIZON_MONTHS
from agreements.mechanisms.regular_consultation import Status
from agreements.models import Consultation, ConsultationSeries
from governance import clock
from governance.admin.dashboard import COMING_DAYS, owing_series
from governance.admin.nouns import marked_name
from governance.admin.site import secretariat
from governance.admin.verbs import PlainVerb, VerbAdmin, VerbForm
from governance.periods import add_months, require_calendar_day


class OwedFilter(admin.SimpleListFilter):
    """Series that held less than they promised."""

    title = gettext_lazy("consultations owed")
    parameter_name = "owed"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("less held than promised"))]

    def queryset(self, request: Any, queryset: Any) -> Any:
        if self.value() != "yes":
            return queryset
        owing = owing_series(request.user, clock.today())
        return queryset.filter(pk__in=[found.series.pk for found in owing])


@admin.register(ConsultationSeries, site=secretariat)
class ConsultationSeriesAdmin(Belonging, VerbAdmin):
    """Promises to consult regularly."""

    neighbours = ("group", "article", "rotation")

    list_display = (
        marked_name,
        of_agreement,
        "level",
        "promise",
        "host_rule",
        "starts_on",
        "ends_on",
    )
    list_filter = ("level", "cadence", OwedFilter)
    list_select_related = ("agreement",)
    search_fields = (
        "name",
        "name_zh",
        "agreement__reference",
        "agreement__title",
        "agreement__title_zh",
    )
    autocomplete_fields = ("agreement", "group", "article", "host", "rotation")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("agreement", "group"),
                    ("name", "name_zh"),
                    ("level", "article"),
                    ("times", "cadence"),
                    ("starts_on", "ends_on"),
                    ("source", "illustrative"),
                )
            },
        ),
        (
            gettext_lazy("Dates by a rule"),
            {
                "description": gettext_lazy(
                    "Only where the text fixes the dates; a mere promise leaves this empty."
                ),
                "fields": (
                    ("rrule", "time_zone"),
                    ("starts_at", "duration_minutes"),
                    "on_holiday",
                ),
            },
        ),
        (
            gettext_lazy("Host and quorum"),
            {"fields": (("host_rule", "host", "rotation"), ("quorum", "quorum_kind"))},
        ),
    )
    plain_verbs = (PlainVerb("plan", gettext_lazy("Plan the coming consultations")),)

    @display(description=gettext_lazy("promised"))
    def promise(self, obj: ConsultationSeries) -> str:
        if obj.times and obj.cadence:
            return _("%(times)d per %(cadence)s") % {
                "times": obj.times,
                "cadence": obj.get_cadence_display(),
            }
        return obj.rule_in_words() or "—"

    def consequences(self, request: Any, obj: ConsultationSeries, verb: str) -> list[str]:
        today = clock.today()
        known = set(obj.occupied.values_list("rule_at", flat=True))
        moments = obj.occurrences(today, add_months(today, HORIZON_MONTHS))
        new = len([moment for moment in moments if moment not in known])
        return [
            ngettext(
                "%(count)d consultation will be entered for the year ahead.",
                "%(count)d consultations will be entered for the year ahead.",
                new,
            )
            % {"count": new}
        ]

    def perform(self, obj: ConsultationSeries, verb: str, **said: Any) -> None:
        obj.plan(by=said["by"], on=said["on"])


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


@admin.register(Consultation, site=secretariat)
class ConsultationAdmin(Belonging, VerbAdmin):
    """Single meetings, of a series or extraordinary."""

    neighbours = ("group", "series")

    list_display = (marked_name, "state", of_agreement, "starts_at", "host", "held_on")
    list_filter = ("status", WhenFilter, ("agreement", AutocompleteSelectFilter))
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
    verb_forms = {"close": CloseForm, "postpone": PostponeForm}

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

    def consequences(self, request: Any, obj: Consultation, verb: str) -> list[str]:
        if verb != "convene":
            return []
        host = obj.host_now()
        if host is None:
            return [_("Nobody is known to host it: it will be called without a host.")]
        return [_("%(host)s will host it, whatever the rotation says later.") % {"host": host}]
