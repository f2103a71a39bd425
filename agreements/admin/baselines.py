"""Baselines in the back office: taken, looked at, and never changed."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from agreements.admin.names import of_agreement
from agreements.baselines import Kind
from agreements.models import Baseline, BaselineTask, DateChange
from agreements.slippage import promised_words
from governance import clock
from governance.admin.forms import NounForm
from governance.admin.nouns import KeptRows, NounAdmin, ReadOnlyAdmin
from governance.admin.site import secretariat
from governance.base import Noun
from governance.wording import listed


class BaselineForm(NounForm):
    """What a new baseline is called, and who approved it."""

    def enter(self, *, by: Any, **facts: Any) -> Noun:
        return Baseline.enter(by=by, on=clock.today(), **facts)


class BaselineTaskRows(KeptRows):
    """The tasks as they were kept, those deleted since too."""

    model = BaselineTask
    verbose_name_plural = _("Tasks as agreed")
    fields = readonly_fields = (
        "number",
        "called",
        "lead",
        "starts_on",
        "due_on",
        "weight",
        "aims",
        "is_there",
    )

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("lead")

    @display(description=_("title"))
    def called(self, obj: BaselineTask) -> str:
        return str(obj)

    @display(description=_("targets"))
    def aims(self, obj: BaselineTask) -> str:
        return listed(promised_words(obj)) or "—"

    @display(description=_("still there"), boolean=True)
    def is_there(self, obj: BaselineTask) -> bool:
        return obj.task_id is not None


@admin.register(Baseline, site=secretariat)
class BaselineAdmin(NounAdmin):
    """The timetables as signed and as revised."""

    form = BaselineForm
    list_display = ("__str__", of_agreement, "kind", "taken_on", "task_count", "approved_by")
    list_filter = ("kind", ("agreement", AutocompleteSelectFilter))
    list_select_related = ("agreement",)
    search_fields = ("name", "name_zh", "agreement__reference")
    autocomplete_fields = ("agreement",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("agreement", "kind"),
                    ("name", "name_zh"),
                    ("taken_on", "approved_by"),
                    "reason",
                    ("source", "illustrative"),
                )
            },
        ),
    )

    def get_inlines(self, request: Any, obj: Any) -> Any:
        return (BaselineTaskRows,) if obj is not None else ()

    def get_changeform_initial_data(self, request: Any) -> dict[str, Any]:
        return {"kind": Kind.REVISION, **super().get_changeform_initial_data(request)}

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False


@admin.register(DateChange, site=secretariat)
class DateChangeAdmin(ReadOnlyAdmin):
    """The agreed dates that were moved, and why; they are moved on the page of the task."""

    list_display = ("task", "fact", "was", "became", "cause", "decided_on")
    list_filter = ("cause", "fact", ("task__agreement", AutocompleteSelectFilter))
    list_select_related = ("task",)
    search_fields = ("task__title", "task__title_zh", "reason", "task__agreement__reference")
    fields = ("task", "fact", "was", "became", "cause", "reason", "decided_on")
