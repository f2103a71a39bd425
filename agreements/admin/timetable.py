"""The roadmap in the back office: phases and milestones."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import AutocompleteSelectFilter

from agreements.admin.belonging import Belonging
from agreements.admin.names import of_agreement
from agreements.models import Milestone, Phase
from governance.admin.forms import NounForm
from governance.admin.nouns import NounAdmin, NounTabular, marked_name
from governance.admin.site import secretariat
from governance.admin.verbs import PlainVerb, VerbAdmin
from governance.base import Noun
from governance.lifecycle import Refusal


class MilestoneRow(NounForm):
    """A milestone entered on the page of its phase belongs to the phase's agreement."""

    def enter(self, *, by: Any, **facts: Any) -> Noun:
        return super().enter(by=by, agreement=facts["phase"].agreement, **facts)


class MilestoneInline(NounTabular):
    """The points that a phase leads to."""

    model = Milestone
    form = MilestoneRow
    fields = ("name", "name_zh", "due_on")


@admin.register(Phase, site=secretariat)
class PhaseAdmin(Belonging, NounAdmin):
    """The stretches of a roadmap."""

    list_display = (marked_name, of_agreement, "starts_on", "ends_on")
    list_filter = (("agreement", AutocompleteSelectFilter),)
    list_select_related = ("agreement",)
    search_fields = ("name", "name_zh")
    autocomplete_fields = ("agreement",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("agreement", "position"),
                    ("name", "name_zh"),
                    ("starts_on", "ends_on"),
                    ("source", "illustrative"),
                )
            },
        ),
    )
    inlines = (MilestoneInline,)


@admin.register(Milestone, site=secretariat)
class MilestoneAdmin(Belonging, VerbAdmin):
    """The points of a roadmap."""

    neighbours = ("phase",)

    list_display = (marked_name, of_agreement, "phase", "due_on", "reached_on")
    list_filter = (("agreement", AutocompleteSelectFilter),)
    list_select_related = ("agreement", "phase")
    search_fields = ("name", "name_zh")
    autocomplete_fields = ("agreement", "phase")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("agreement", "phase"),
                    ("name", "name_zh"),
                    ("due_on", "reached_on"),
                    ("source", "illustrative"),
                )
            },
        ),
    )
    plain_verbs = (PlainVerb("reach", gettext_lazy("Record that it is reached")),)

    def state_refusal(self, obj: Milestone, verb: str, on: Any) -> Refusal | None:
        if obj.reached_on is None:
            return None
        return Refusal("reached", _("This milestone has been reached already."))

    def perform(self, obj: Milestone, verb: str, **said: Any) -> None:
        obj.reach(by=said["by"], on=said["on"])
