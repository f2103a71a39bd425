"""Tasks in the back office: with their indicators, their light, and the verbs of their flow."""

from datetime import date
from typing import Any

from django.contrib import admin
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from agreements import indicators
from agreements.admin.belonging import Belonging
from agreements.admin.names import of_agreement
from agreements.admin.task_dependencies import HoldsUpInline, WaitsForInline
from agreements.admin.task_forms import AssignForm, ReportForm, RescheduleForm, TaskForm
from agreements.models import DateChange, EvidenceRequirement, Indicator, Task
from agreements.progress import Light
from agreements.tasks import Status
from governance import clock
from governance.access import may
from governance.admin.nouns import KeptRows, NounTabular, marked_name
from governance.admin.site import secretariat
from governance.admin.verbs import VerbAdmin

_WHY = ("cause", "reason")
STATUS_LABELS = {
    Status.PLANNED: "",
    Status.ASSIGNED: "",
    Status.ACCEPTED: "info",
    Status.IN_PROGRESS: "info",
    Status.SUBMITTED: "warning",
    Status.RETURNED: "warning",
    Status.COMPLETED: "success",
    Status.SUSPENDED: "",
    Status.CANCELLED: "",
}


class LightFilter(admin.SimpleListFilter):
    """Tasks by their light today."""

    title = gettext_lazy("light")
    parameter_name = "light"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return list(Light.choices)

    def queryset(self, request: Any, queryset: Any) -> Any:
        return queryset.filter(light=self.value()) if self.value() else queryset


class IndicatorInline(NounTabular):
    """What quantifies the task."""

    model = Indicator
    fields = ("name", "unit", "baseline", "target", "direction", "aggregation", "weight")
    extra = 0
    show_change_link = True


class DateChangeRows(KeptRows):
    """When agreed dates of the task were moved, and why."""

    model = DateChange
    verbose_name_plural = gettext_lazy("Agreed dates that were moved")
    fields = readonly_fields = ("decided_on", "fact", "was", "became", "cause", "reason")
    ordering = ("-decided_on", "-id")


class EvidenceInline(NounTabular):
    """What is to be filed before the task is submitted."""

    model = EvidenceRequirement
    fields = ("kind", "number", "note", "note_zh")
    extra = 0


@admin.register(Task, site=secretariat)
class TaskAdmin(Belonging, VerbAdmin):
    """What is to be done, by whom and by when."""

    form = TaskForm
    neighbours = ("article", "decision", "group", "phase")

    list_display = (
        "name",
        "light_today",
        "state",
        "progress_today",
        "lead",
        "due_on",
        of_agreement,
    )
    list_filter = (
        LightFilter,
        "status",
        "priority",
        "needs_reassignment",
        ("agreement", AutocompleteSelectFilter),
    )
    list_select_related = ("agreement", "lead")
    search_fields = ("title", "title_zh", "agreement__reference", "lead__name", "lead__name_zh")
    autocomplete_fields = (
        "agreement",
        "lead",
        "cooperating",
        "responsible",
        "article",
        "decision",
        "group",
        "phase",
    )
    readonly_fields = ("light_today", "progress_today")
    fieldsets = (
        (
            gettext_lazy("What"),
            {
                "fields": (
                    "agreement",
                    ("title", "title_zh"),
                    ("description", "description_zh"),
                    ("article", "decision"),
                    ("phase", "group"),
                )
            },
        ),
        (
            gettext_lazy("Who"),
            {"fields": (("lead", "responsible"), "cooperating")},
        ),
        (
            gettext_lazy("When and how it stands"),
            {
                "fields": (
                    ("starts_on", "due_on"),
                    _WHY,
                    ("light_today", "progress_today"),
                )
            },
        ),
        (
            gettext_lazy("Weight and source"),
            {
                "classes": ("collapse",),
                "fields": (("priority", "weight"), ("source", "illustrative")),
            },
        ),
    )
    inlines = (IndicatorInline, EvidenceInline, WaitsForInline, HoldsUpInline, DateChangeRows)
    verb_forms = {"assign": AssignForm, "report": ReportForm, "reschedule": RescheduleForm}

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).with_light(clock.today())

    def get_inlines(self, request: Any, obj: Any) -> Any:
        """A new task belongs to no agreement yet, among whose tasks one could choose."""
        return self.inlines if obj is not None else (IndicatorInline,)

    @display(description=gettext_lazy("title"), ordering="title")
    def name(self, obj: Task) -> Any:
        return format_html("{} {}", obj.number, marked_name(obj))

    @display(description=gettext_lazy("light"), ordering="light")
    def light_today(self, obj: Task) -> Any:
        if obj.pk is None or obj.light is None:
            return "—"
        # The template escapes what it is given.
        return SafeString(
            render_to_string("governance/components/light.html", {"light": obj.light})
        )

    @display(description=gettext_lazy("progress"), ordering="progress")
    def progress_today(self, obj: Any) -> str:
        if obj.pk is None:
            return "—"
        done = _("%(done)d %%") % {"done": obj.progress // 100}
        if obj.expected is None or obj.light in {Light.DONE, Light.NOT_STARTED}:
            return done
        return _("%(done)s, %(expected)d %% expected") % {
            "done": done,
            "expected": obj.expected // 100,
        }

    @display(description=gettext_lazy("status"), label=STATUS_LABELS, ordering="status")
    def state(self, obj: Task) -> tuple[str, str]:
        return obj.status, obj.get_status_display()

    def verbs_of(self, request: Any, obj: Task, on: date) -> list[dict[str, Any]]:
        """The verbs of its flow, the report, and another date."""
        further = (
            ("report", _("Report progress"), obj.report_refusal(), False),
            ("reschedule", _("Set another date"), obj.reschedule_refusal(), True),
        )
        listed = super().verbs_of(request, obj, on)
        for verb, label, state, needs_reason in further:
            refusal = may(request.user, verb, obj) or state
            listed.append(
                {
                    "verb": verb,
                    "label": label,
                    "allowed": refusal is None,
                    "reason": str(refusal.sentence) if refusal else None,
                    "needs_reason": needs_reason,
                    "danger": False,
                }
            )
        return listed

    def get_fieldsets(self, request: Any, obj: Any = None) -> Any:
        """Why a date moves is asked where there is one."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is not None:
            return fieldsets
        return [
            (title, {**options, "fields": [one for one in options["fields"] if one != _WHY]})
            for title, options in fieldsets
        ]

    def perform(self, obj: Task, verb: str, **said: Any) -> None:
        if verb != "report":
            super().perform(obj, verb, **said)
            return
        said.pop("reason")
        indicators.report(obj, **said)

    def consequences(self, request: Any, obj: Task, verb: str) -> list[str]:
        if verb == "verify":
            return [_("The task counts as completed and whole from then on.")]
        if verb == "cancel":
            return [_("The task will not be done; it stays in the history.")]
        return []
