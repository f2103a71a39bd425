"""Liaison officers in the back office."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from agreements.admin.belonging import Belonging
from agreements.admin.names import shortened
from agreements.models import LiaisonAppointment
from governance import clock
from governance.admin.nouns import marked_name
from governance.admin.site import secretariat
from governance.admin.verbs import PlainVerb, VerbAdmin, VerbForm
from governance.periods import on_day


class InPostFilter(admin.SimpleListFilter):
    """Those in post today."""

    title = gettext_lazy("in post")
    parameter_name = "in_post"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [("today", gettext_lazy("today"))]

    def queryset(self, request: Any, queryset: Any) -> Any:
        return queryset.filter(on_day(clock.today())) if self.value() == "today" else queryset


class RelieveForm(VerbForm):
    """From when the person is no longer in post, which may be known ahead."""

    foresees = True


@admin.register(LiaisonAppointment, site=secretariat)
class LiaisonAppointmentAdmin(Belonging, VerbAdmin):
    """Who speaks for a party, from a day until a day."""

    belongs_by = "party"
    neighbours = ("article",)

    list_display = ("officer", "party", "agreement", "rank", "starts_on", "ends_on")
    list_filter = ("rank", InPostFilter)
    list_select_related = ("person", "party__organization", "party__agreement")
    search_fields = (
        "person__name",
        "person__name_zh",
        "party__organization__name",
        "party__organization__name_zh",
        "party__agreement__reference",
    )
    autocomplete_fields = ("party", "person", "article")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "party",
                    ("person", "rank"),
                    ("starts_on", "ends_on"),
                    "article",
                    ("source", "illustrative"),
                )
            },
        ),
    )
    plain_verbs = (PlainVerb("relieve", gettext_lazy("Relieve liaison officer")),)
    verb_forms = {"relieve": RelieveForm}

    def consequences(self, request: Any, obj: LiaisonAppointment, verb: str) -> list[str]:
        return [
            _("The day given is the first one on which %(person)s is no longer in post.")
            % {"person": obj.person}
        ]

    @display(description=gettext_lazy("person"), ordering="person__name")
    def officer(self, obj: LiaisonAppointment) -> Any:
        return marked_name(obj)

    @display(description=gettext_lazy("agreement"))
    def agreement(self, obj: LiaisonAppointment) -> str:
        return shortened(obj.party.agreement)
