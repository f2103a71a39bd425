"""The outbox in the back office: what waits, what was sent, what was given up and why."""

from typing import Any

from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from governance import clock
from governance.admin.site import secretariat
from governance.admin.verbs import VerbAdmin, VerbForm
from governance.delivery.outbox import Message, Status

_LABELS = {
    Status.WAITING: "info",
    Status.SENT: "success",
    Status.FAILED: "danger",
    Status.CANCELLED: "warning",
}


class RestsFilter(admin.SimpleListFilter):
    """Those that should have been tried long ago."""

    title = _("should have been sent")
    parameter_name = "rests"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("long ago"))]

    def queryset(self, request: Any, queryset: Any) -> Any:
        return queryset.overdue(clock.actual()) if self.value() == "yes" else queryset


class OnlyReason(VerbForm):
    """Sending again and cancelling happen now."""

    on = None


@admin.register(Message, site=secretariat)
class MessageAdmin(VerbAdmin):
    """Messages to the world: written by the system, sent again or cancelled by people."""

    list_display = ("subject", "to", "state", "attempts", "created_at", "next_try", "wrong")
    list_filter = ("status", RestsFilter, ("created_at", admin.DateFieldListFilter))
    search_fields = ("subject", "to", "last_error")
    fieldsets = (
        (None, {"fields": (("to", "channel"), "subject", "body", "files")}),
        (
            _("Delivery"),
            {"fields": (("status", "attempts"), ("due_at", "done_at"), "last_error", "created_at")},
        ),
    )
    readonly_fields = (
        *("to", "channel", "subject", "body", "files", "status", "attempts"),
        *("due_at", "done_at", "last_error", "created_at"),
    )
    verb_forms = {"replay": OnlyReason, "cancel": OnlyReason}

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def perform(self, obj: Message, verb: str, **said: Any) -> None:
        super().perform(obj, verb, **{**said, "on": clock.today()})

    @display(description=_("status"), label=_LABELS, ordering="status")
    def state(self, obj: Message) -> tuple[str, str]:
        return obj.status, obj.get_status_display()

    @display(description=_("next try"), ordering="due_at")
    def next_try(self, obj: Message) -> Any:
        return obj.due_at if obj.status == Status.WAITING else None

    @display(description=_("what went wrong"))
    def wrong(self, obj: Message) -> str:
        return obj.last_error[:120] or "—"

    @display(description=_("attachments"))
    def files(self, obj: Message) -> Any:
        names = format_html_join(", ", "{}", ((one["name"],) for one in obj.attachments))
        return names or "—"
