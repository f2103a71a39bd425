"""Special cooperation groups in the back office."""

from functools import partial
from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminSingleDateWidget

from agreements.admin.belonging import Belonging
from agreements.admin.names import of_agreement
from agreements.mechanisms import group_closing
from agreements.mechanisms.group_closing import Fate, open_tasks
from agreements.mechanisms.group_figures import with_figures
from agreements.mechanisms.special_group import Status
from agreements.models import GroupMembership, SpecialGroup, Task
from governance import clock
from governance.access import visible_to
from governance.admin.nouns import NounTabular, marked_name
from governance.admin.site import secretariat
from governance.admin.verbs import VerbAdmin, VerbForm


class SunsetFilter(admin.SimpleListFilter):
    """Groups at work that should have been closed."""

    title = gettext_lazy("sunset")
    parameter_name = "sunset"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("past", gettext_lazy("past its sunset")),
            ("near", gettext_lazy("within 30 days")),
        ]

    def queryset(self, request: Any, queryset: Any) -> Any:
        if self.value() == "near":
            return queryset.near_sunset(clock.today())
        return queryset.past_sunset(clock.today()) if self.value() == "past" else queryset


class MembershipInline(NounTabular):
    """Who belongs to the group, and since when."""

    model = GroupMembership
    fields = ("organization", "joined_on", "left_on")
    last_days = {"left_on": gettext_lazy("The last day of its membership.")}
    autocomplete_fields = ("organization",)
    extra = 1


class ExtendForm(VerbForm):
    """Until when the group goes on."""

    sunset_on = forms.DateField(
        label=gettext_lazy("New sunset"),
        widget=UnfoldAdminSingleDateWidget,
        help_text=gettext_lazy("The first day it is over."),
    )


class CloseForm(VerbForm):
    """The closing report, and what becomes of each open task."""

    def __init__(self, *args: Any, obj: SpecialGroup, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, obj=obj, user=user, **kwargs)
        self.fields["reason"].label = gettext_lazy("What was achieved of the mandate")
        self.fields["reason"].help_text = gettext_lazy("It is kept as the closing report.")
        tasks = visible_to(user, Task).filter(pk__in=open_tasks(obj).values("pk"))
        self.tasks = {
            f"task_{task.pk}": task for task in tasks.select_related("lead").order_by("number")
        }
        for name, task in self.tasks.items():
            self.fields[name] = forms.ChoiceField(
                label=_("No. %(number)s: %(task)s") % {"number": task.number, "task": task},
                choices=[("", _("Please choose")), *Fate.choices],
                widget=UnfoldAdminSelectWidget,
                help_text=_("Still open, led by %(lead)s. What becomes of it?")
                % {"lead": task.lead or _("nobody yet")},
            )

    def details(self) -> dict[str, Any]:
        return {"fates": {task: self.cleaned_data[name] for name, task in self.tasks.items()}}


@admin.register(SpecialGroup, site=secretariat)
class SpecialGroupAdmin(Belonging, VerbAdmin):
    """Groups set up under an agreement for one topic."""

    neighbours = ("article",)

    list_display = (
        marked_name,
        "state",
        of_agreement,
        "lead",
        "late",
        "waiting",
        "next_step",
        "last_meeting",
        "sunset_on",
    )
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
    verb_forms = {"extend": ExtendForm, "close": CloseForm}

    def get_queryset(self, request: Any) -> Any:
        return with_figures(
            super().get_queryset(request),
            rows_of=partial(visible_to, request.user),
            on=clock.today(),
            at=clock.now(),
        )

    @display(description=gettext_lazy("overdue tasks"), ordering="tasks_overdue")
    def late(self, obj: Any) -> int:
        return int(obj.tasks_overdue)

    @display(description=gettext_lazy("evidence waiting"), ordering="evidence_waiting")
    def waiting(self, obj: Any) -> int:
        return int(obj.evidence_waiting)

    @display(description=gettext_lazy("next step"), ordering="next_step_on")
    def next_step(self, obj: Any) -> Any:
        return obj.next_step_on

    @display(description=gettext_lazy("last meeting"), ordering="last_held_on")
    def last_meeting(self, obj: Any) -> Any:
        return obj.last_held_on

    @display(
        description=gettext_lazy("status"),
        label={Status.ACTIVE: "success", Status.CLOSED: ""},
        ordering="status",
    )
    def state(self, obj: SpecialGroup) -> tuple[str, str]:
        return obj.status, obj.get_status_display()

    def next_verb(self, obj: SpecialGroup, allowed: list[dict[str, Any]]) -> str:
        """A group has no next step but at its end: then it goes on, or is closed."""
        return super().next_verb(obj, allowed) if obj.is_past_sunset(clock.today()) else ""

    def perform(self, obj: SpecialGroup, verb: str, **said: Any) -> None:
        """Closing concerns more than the group: its tasks and its meetings."""
        if verb == "close":
            group_closing.close(obj, **said)
        else:
            super().perform(obj, verb, **said)

    def consequences(self, request: Any, obj: SpecialGroup, verb: str) -> list[str]:
        if verb == "extend":
            return [_("The sunset before and the reason stay in the group's history.")]
        open_tasks = visible_to(request.user, Task).open().filter(group=obj).count()
        listed = [_("The reason is kept as the group's closing report.")]
        if open_tasks:
            listed.append(_("%(count)d tasks of the group are still open.") % {"count": open_tasks})
        listed.append(
            _(
                "The group's work ends: its coming meetings are cancelled, its memberships and "
                "its own convenor's terms end."
            )
        )
        return listed
