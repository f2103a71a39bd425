"""Regions in the back office."""

from django.contrib import admin

from actors.models import Region
from governance.admin.nouns import NounAdmin, marked_name
from governance.admin.site import secretariat


@admin.register(Region, site=secretariat)
class RegionAdmin(NounAdmin):
    """Administrative divisions with their official codes."""

    list_display = (marked_name, "scheme", "code", "parent")
    list_filter = ("scheme",)
    list_select_related = ("parent",)
    search_fields = ("name", "name_zh", "code")
    autocomplete_fields = ("parent",)
    fieldsets = ((None, {"fields": (("name", "name_zh"), ("scheme", "code"), "parent")}),)
