"""Attendance in the back office: the list on the page of its consultation."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from agreements.admin.belonging import Belonging
from agreements.mechanisms.attendance import State, registration_refusal
from agreements.models import Attendance
from governance import clock
from governance.admin.forms import NounForm
from governance.admin.nouns import NounAdmin, NounTabular
from governance.admin.site import secretariat

STATE_LABELS = {
    State.PRESENT: "success",
    State.REPRESENTED: "info",
    State.EXCUSED: "warning",
    State.ABSENT: "",
}


class AttendanceForm(NounForm):
    """How one organization took part."""

    def enter(self, *, by: Any, **facts: Any) -> Attendance:
        return Attendance.register(
            facts.pop("consultation"),
            facts.pop("organization"),
            by=by,
            on=clock.today(),
            **facts,
        )


class AttendanceInline(NounTabular):
    """Who took part; open from the call until the minutes are approved."""

    model = Attendance
    form = AttendanceForm
    section = gettext_lazy("Attendance")
    fields = ("organization", "state", "person", "name", "mandate", "represented_by", "excuse")
    autocomplete_fields = ("organization", "person", "represented_by")

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("organization", "person")

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and _is_open(obj)

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and _is_open(obj)

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and _is_open(obj)


def _is_open(consultation: Any) -> bool:
    return consultation is not None and registration_refusal(consultation) is None


@admin.register(Attendance, site=secretariat)
class AttendanceAdmin(Belonging, NounAdmin):
    """Who took part in what."""

    belongs_by = "consultation"
    form = AttendanceForm

    list_display = ("organization", "shown_state", "who", "mandate", "consultation")
    list_filter = ("state", ("organization", AutocompleteSelectFilter))
    list_select_related = ("organization", "person", "consultation__series")
    search_fields = ("organization__name", "organization__name_zh", "name", "mandate")
    autocomplete_fields = ("consultation", "organization", "person", "represented_by")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("consultation", "organization"),
                    ("state", "represented_by"),
                    ("person", "name"),
                    ("mandate", "excuse"),
                    ("source", "illustrative"),
                )
            },
        ),
    )

    @display(description=gettext_lazy("attendance"), label=STATE_LABELS, ordering="state")
    def shown_state(self, obj: Attendance) -> tuple[str, str]:
        return obj.state, obj.get_state_display()

    @display(description=gettext_lazy("person"))
    def who(self, obj: Attendance) -> str:
        return str(obj.person) if obj.person is not None else obj.name or "—"
