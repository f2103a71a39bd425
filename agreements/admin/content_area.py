"""Content areas in the back office."""

from django.contrib import admin

from agreements.models import ContentArea
from governance.admin.nouns import NounAdmin, marked_name
from governance.admin.site import secretariat


@admin.register(ContentArea, site=secretariat)
class ContentAreaAdmin(NounAdmin):
    """What is governed, as a tree."""

    list_display = (marked_name, "name_zh", "parent")
    list_select_related = ("parent",)
    search_fields = ("name", "name_zh")
    autocomplete_fields = ("parent",)
    fieldsets = ((None, {"fields": (("name", "name_zh"), "parent", ("source", "illustrative"))}),)
