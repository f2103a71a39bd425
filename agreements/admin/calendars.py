"""Calendar feeds in the back office: listed, and revoked."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from agreements.models import CalendarFeed
from governance.admin.site import secretariat
from governance.admin.verbs import PlainVerb, VerbAdmin, VerbForm


class RevokeForm(VerbForm):
    """Revoking asks for nothing: it holds from this moment."""

    on = None
    reason = None


@admin.register(CalendarFeed, site=secretariat)
class CalendarFeedAdmin(VerbAdmin):
    """Feeds at secret addresses: one's own, and for an administrator everybody's.

    They are made in the portal, where their address is shown once.
    """

    list_display = ("name", "user", "about", "addressed_at", "used_on", "revoked_at")
    list_filter = ("about",)
    list_select_related = ("user__person", "organization", "agreement")
    search_fields = ("user__username", "agreement__reference", "organization__name")
    fields = (
        ("user", "about"),
        ("organization", "agreement"),
        ("with_terms", "with_milestones", "with_tasks"),
        ("addressed_at", "used_on", "revoked_at"),
    )
    readonly_fields = ("user", "addressed_at", "used_on", "revoked_at")
    plain_verbs = (PlainVerb("revoke", gettext_lazy("Revoke"), danger=True),)
    verb_forms = {"revoke": RevokeForm}

    @display(description=gettext_lazy("calendar feed"))
    def name(self, obj: CalendarFeed) -> str:
        return str(obj)

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def perform(self, obj: Any, verb: str, **said: Any) -> None:
        obj.revoke(by=said["by"], version=said["version"])
