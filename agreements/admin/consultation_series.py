"""Consultation series in the back office: what was promised, its dates, and whether it is kept."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from unfold.decorators import display
from unfold.widgets import (
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminSingleTimeWidget,
    UnfoldAdminTextInputWidget,
)

from agreements.admin.belonging import Belonging
from agreements.admin.names import of_agreement
from agreements.mechanisms.consultation_series import HORIZON_MONTHS
from agreements.mechanisms.held_as_promised import lately, reckoned
from agreements.mechanisms.promise_words import period_name
from agreements.mechanisms.series_preview import previewed
from agreements.models import ConsultationSeries
from agreements.needs import owing_series
from agreements.recurrence_form import RecurrenceFields, initial_of, initial_of_new
from governance import clock
from governance.access import visible_to
from governance.admin.forms import NounForm
from governance.admin.nouns import marked_name
from governance.admin.site import secretariat
from governance.admin.verbs import PlainVerb, VerbAdmin, VerbForm
from governance.periods import add_months
from governance.wording import day_text, listed, noted, separator

Change = Callable[..., Any]
ALL, FOLLOWING = "all", "following"
_WIDGETS: tuple[tuple[type[forms.Field], Any], ...] = (
    (forms.DateField, UnfoldAdminSingleDateWidget),
    (forms.TimeField, UnfoldAdminSingleTimeWidget),
    (forms.IntegerField, UnfoldAdminIntegerFieldWidget),
)


class Dressed(RecurrenceFields):
    """The dates as people say them, in the looks of the back office."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in Dressed.base_fields:
            self._dress(name, self.fields[name])

    def _dress(self, name: str, field: Any) -> None:
        if isinstance(field, forms.MultipleChoiceField):
            return
        if isinstance(field, forms.ChoiceField):
            offered: Any = field.choices
            field.widget = UnfoldAdminSelectWidget(choices=list(offered))
            return
        for kind, widget in _WIDGETS:
            if isinstance(field, kind):
                field.widget = widget()
                return
        field.widget = UnfoldAdminTextInputWidget()


class NewSeriesForm(Dressed, NounForm):
    """All that a new series states, its dates as people say them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial |= initial_of_new(clock.today(), settings.TIME_ZONE)

    def facts(self) -> dict[str, Any]:
        return {**super().facts(), **self.dates(ConsultationSeries())}


class DatesForm(Dressed, VerbForm):
    """The dates as people say them, and from when on they hold."""

    scope = forms.ChoiceField(
        label=gettext_lazy("This holds for"),
        choices=(
            (ALL, gettext_lazy("all coming consultations")),
            (FOLLOWING, gettext_lazy("those from a day on: a new series continues this one")),
        ),
        initial=ALL,
        widget=UnfoldAdminSelectWidget,
    )
    since = forms.DateField(
        label=gettext_lazy("From which day on"),
        required=False,
        widget=UnfoldAdminSingleDateWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.update(initial_of(self.obj))

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if given.get("scope") == FOLLOWING and not given.get("since"):
            self.add_error("since", ValidationError(_("This is needed here."), code="required"))
        return given

    def details(self) -> dict[str, Any]:
        """The change that the form says, to be made on a series."""
        facts = self.dates(self.obj)
        if self.cleaned_data["scope"] == ALL:

            def edit(series: Any, *, by: Any, on: Any, **said: Any) -> None:
                series.edit(by=by, **said, **facts)

            return {"change": edit}
        facts["starts_on"] = self.first_from(self.cleaned_data["since"])
        if facts["rrule"] == self.obj.rrule:
            facts.pop("rrule")

        def split(series: Any, **said: Any) -> None:
            series.split(**said, **facts)

        return {"change": split}


_SAID: dict[str, Any] = {
    "description": gettext_lazy(
        "By fixed dates: fill in what the unit asks for. Where only a number per period was "
        "promised, the host sets each date."
    ),
    "fields": (
        "way",
        ("starts_on", "starts_at"),
        ("every", "unit"),
        ("how", "place", "weekday"),
        ("day", "month"),
        "weekdays",
        "months",
        ("ends", "until", "count"),
        "rrule",
        ("time_zone", "duration_minutes"),
        "on_holiday",
    ),
}


class OwedFilter(admin.SimpleListFilter):
    """Series that held less than they promised."""

    title = gettext_lazy("consultations owed")
    parameter_name = "owed"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", gettext_lazy("less held than promised"))]

    def queryset(self, request: Any, queryset: Any) -> Any:
        if self.value() != "yes":
            return queryset
        owing = owing_series(partial(visible_to, request.user), clock.today())
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
            {
                "fields": (
                    ("host_rule", "host", "rotation"),
                    ("quorum", "quorum_kind"),
                    ("agenda_cutoff_days", "minutes_silence_days"),
                )
            },
        ),
    )
    plain_verbs = (
        PlainVerb("set-dates", gettext_lazy("Change the dates")),
        PlainVerb("plan", gettext_lazy("Plan the coming consultations")),
    )
    verb_forms = {"set-dates": DatesForm}

    @display(description=gettext_lazy("promised"))
    def promise(self, obj: ConsultationSeries) -> str:
        if obj.times and obj.cadence:
            return _("%(times)d per %(cadence)s") % {
                "times": obj.times,
                "cadence": obj.get_cadence_display(),
            }
        return obj.rule_in_words() or "—"

    @display(description=gettext_lazy("held as promised"))
    def kept(self, obj: ConsultationSeries) -> str:
        today = clock.today()
        found = reckoned([obj], *lately(today), today)[obj.pk]
        if found is None:
            return _("not known how often")
        held = _("%(held)d of %(due)d in the last twelve months") % {
            "held": found.held,
            "due": found.promised,
        }
        owing = [one for one in found.periods if one.owed]
        if owing:
            names = listed(period_name(obj.cadence, one.starts_on) for one in owing)
            held = noted(held, _("too few: %(periods)s") % {"periods": names})
        if found.running is None or not found.owed:
            return held
        last = day_text(found.running.ends_on - timedelta(days=1))
        return f"{held}{separator()}" + _("%(owed)d still owed by %(day)s") % {
            "owed": found.owed,
            "day": last,
        }

    @display(description=gettext_lazy("when"))
    def when(self, obj: ConsultationSeries) -> str:
        return obj.rule_in_words() or "—"

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        return (*super().get_readonly_fields(request, obj), "when", "kept", "continues")

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is None:
            kwargs["form"] = NewSeriesForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request: Any, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None:
            (_first, what), _by_rule, *others = fieldsets
            kept = [name for name in what["fields"] if name != ("starts_on", "ends_on")]
            return [
                (None, {**what, "fields": [*kept, "ends_on"]}),
                (gettext_lazy("Dates"), _SAID),
                *others,
            ]
        shown = {"fields": (("when", "kept"), "continues")}
        return (*fieldsets, (gettext_lazy("How it stands"), shown))

    def consequences(self, request: Any, obj: ConsultationSeries, verb: str) -> list[str]:
        if verb != "plan":
            return []
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
        if verb == "plan":
            obj.plan(by=said["by"], on=said["on"])
            return
        change: Change = said.pop("change")
        change(obj, **said)

    def can_preview(self, verb: str) -> bool:
        return verb == "set_dates"

    def preview(self, obj: ConsultationSeries, verb: str, form: Any) -> dict[str, Any]:
        """The coming consultations before and after."""
        change: Change = form.details()["change"]
        moves = previewed(obj, lambda one: change(one, by=form.user, on=clock.today()), clock.now())

        def told(moment: Any) -> str:
            return date_format(moment.astimezone(obj.zone), "DATETIME_FORMAT") if moment else ""

        rows = [
            {
                "before": told(one.before),
                "after": told(one.after),
                "differs": one.before != one.after,
            }
            for one in moves
        ]
        return {"rows": rows, "caption": _("The consultations before and after")}
