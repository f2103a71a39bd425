"""Organizations in the back office, with their identifiers."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from actors.models import Identifier, Organization
from governance.admin.nouns import NounAdmin, NounTabular, marked_name
from governance.admin.site import secretariat
from governance.base import bilingual


class IdentifierInline(NounTabular):
    """The numbers that registers gave the organization."""

    model = Identifier
    fields = ("scheme", "value")
    extra = 1


@admin.register(Organization, site=secretariat)
class OrganizationAdmin(NounAdmin):
    """Who can be a party, sign, or lead a task."""

    list_display = (marked_name, "short", "kind", "sector", "region", "parent")
    list_filter = ("sector", "kind")
    list_select_related = ("region", "parent")
    search_fields = ("name", "name_zh", "short_name", "short_name_zh", "identifiers__value")
    autocomplete_fields = ("parent", "region")
    fieldsets = (
        (
            _("Name"),
            {"fields": (("name", "name_zh"), ("short_name", "short_name_zh"))},
        ),
        (_("What it is"), {"fields": ("kind", ("sector", "sector_reason"))}),
        (_("Where it belongs"), {"fields": (("parent", "region"),)}),
        (
            _("Notes and source"),
            {"classes": ("collapse",), "fields": ("notes", ("source", "illustrative"))},
        ),
    )
    inlines = (IdentifierInline,)

    @display(description=_("short name"), ordering="short_name")
    def short(self, obj: Organization) -> str:
        return bilingual(obj.short_name, obj.short_name_zh)
