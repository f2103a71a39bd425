"""People and their posts in the back office."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from actors.models import Appointment, Person
from governance.admin.nouns import NounAdmin, NounTabular, marked_name
from governance.admin.site import secretariat


class AppointmentInline(NounTabular):
    """The posts of a person, each from a day until a day."""

    model = Appointment
    fields = ("organization", "post", "post_zh", "starts_on", "ends_on")
    autocomplete_fields = ("organization",)
    last_days = {"ends_on": _("The last day on which it is held. Empty: still.")}
    extra = 1


@admin.register(Person, site=secretariat)
class PersonAdmin(NounAdmin):
    """Those who act for organizations."""

    list_display = (marked_name, "email", "phone")
    search_fields = (
        "name",
        "name_zh",
        "email",
        "appointments__organization__name",
        "appointments__organization__name_zh",
    )
    fieldsets = (
        (None, {"fields": (("name", "name_zh"), ("email", "phone"))}),
        (
            _("Source"),
            {"classes": ("collapse",), "fields": (("source", "illustrative"),)},
        ),
    )
    inlines = (AppointmentInline,)
