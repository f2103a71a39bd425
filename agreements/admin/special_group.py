"""Special cooperation groups in the back office."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display

from agreements.admin.belonging import Belonging
from agreements.admin.names import of_agreement
from agreements.mechanisms.special_group import Status
from agreements.models import GroupMembership, SpecialGroup, Task
from governance import clock
from governance.access import visible_to
from governance.admin.nouns import NounTabular, marked_name
from governance.admin.site import secretariat
from governance.admin.verbs import VerbAdmin


class SunsetFilter(admin.SimpleListFilter):
    """Groups at work that should have been closed."""

    title = gettext_lazy("sunset")
    parameter_name = "sunset"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [("past", gettext_lazy("past its sunset"))]

    def queryset(self, request: Any, queryset: Any) -> Any:
        if self.value() != "past":
            return queryset
        return queryset.filter(status=Status.ACTIVE, sunset_on__lte=clock.today())


class MembershipInline(NounTabular):
    """Who belongs to the group, and since when."""

    model = GroupMembership
    fields = ("organization", "joined_on", "left_on")
    autocomplete_fields = ("organization",)
    extra = 1


@admin.register(SpecialGroup, site=secretariat)
class SpecialGroupAdmin(Belonging, VerbAdmin):
    """Groups set up under an agreement for one topic."""

    neighbours = ("article",)

    list_display = (marked_name, "state", of_agreement, "lead", "set_up_on", "sunset_on")
    list_filter = ("status", SunsetFilter, ("agreement", AutocompleteSelectFilter))
    list_select_related = ("agreement", "lead")
    search_fields = ("name", "name_zh", "agreement__reference")
    autocomplete_fields = ("agreement", "article", "topic", "lead")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "agreement",
                    ("name", "name_zh"),
                    ("topic", "lead"),
                    ("set_up_on", "sunset_on"),
                    ("mandate", "mandate_zh"),
                    "article",
                    ("source", "illustrative"),
                )
            },
        ),
    )
    inlines = (MembershipInline,)

    @display(
        description=gettext_lazy("status"),
        label={Status.ACTIVE: "success", Status.CLOSED: ""},
        ordering="status",
    )
    def state(self, obj: SpecialGroup) -> tuple[str, str]:
        return obj.status, obj.get_status_display()

    def consequences(self, request: Any, obj: SpecialGroup, verb: str) -> list[str]:
        open_tasks = visible_to(request.user, Task).open().filter(group=obj).count()
        listed = [_("The reason is kept as the group's closing report.")]
        if open_tasks:
            listed.append(_("%(count)d tasks of the group are still open.") % {"count": open_tasks})
        return listed
