"""Notices in the back office: what was told to whom, what reached nobody, what is unconfirmed."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from agreements.admin.names import shortened
from agreements.daily import DailyRun
from agreements.models import Notice
from governance import clock
from governance.admin.records import LookedAt
from governance.admin.site import secretariat
from governance.admin.verbs import PlainVerb, VerbAdmin
from governance.wording import detailed

_BREAK = mark_safe("<br>")  # between the lines of a cell
# An unconfirmed notice is chased after so long.
CHASED_AFTER = timedelta(days=7)


class StateFilter(admin.SimpleListFilter):
    """What has become of a notice."""

    title = _("what became of it")
    parameter_name = "state"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("undeliverable", _("nobody was in post, nobody has read it")),
            ("unread", _("not read yet")),
            ("unconfirmed", _("receipt not confirmed")),
            ("chase", _("to chase: unconfirmed for a week")),
        ]

    def queryset(self, request: Any, queryset: Any) -> Any:
        state = self.value()
        if state == "undeliverable":
            return queryset.undeliverable().unread()
        if state == "unread":
            return queryset.unread()
        if state in {"unconfirmed", "chase"}:
            queryset = queryset.unacknowledged()
        if state == "chase":
            return queryset.filter(told_on__lte=clock.today() - CHASED_AFTER)
        return queryset


@admin.register(Notice, site=secretariat)
class NoticeAdmin(VerbAdmin):
    """Everything the system has told; its receipt may be recorded for a party that says so."""

    list_display = (
        *("heading", "recipient", "of_agreement", "told_on"),
        *("mail", "read_at", "acknowledged_on"),
    )
    list_filter = ("kind", StateFilter, ("told_on", admin.DateFieldListFilter))
    list_select_related = ("person", "organization", "agreement", "message")
    search_fields = (
        *("person__name", "person__name_zh", "organization__name", "organization__name_zh"),
        *("agreement__reference", "agreement__title", "agreement__title_zh"),
    )
    fieldsets = (
        (None, {"fields": ("kind", "sentence", ("agreement", "party"), "recipient")}),
        (
            _("Delivery"),
            {"fields": (("told_on", "mail"), "read_at", ("acknowledged_on", "acknowledged_by"))},
        ),
    )
    readonly_fields = (
        *("kind", "sentence", "agreement", "party", "recipient", "told_on", "mail"),
        *("read_at", "acknowledged_on", "acknowledged_by"),
    )
    plain_verbs = (PlainVerb("acknowledge", _("Confirm receipt")),)

    def has_add_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    @display(description=_("heading"))
    def heading(self, obj: Notice) -> str:
        return obj.subject

    @display(description=_("text"))
    def sentence(self, obj: Notice) -> str:
        return obj.sentence

    @display(description=_("recipient"), ordering="organization__name")
    def recipient(self, obj: Notice) -> str:
        if obj.person is None:
            nobody = _("nobody was in post") if obj.is_undeliverable else ""
            return detailed(obj.organization.label if obj.organization else "", nobody)
        return detailed(obj.person, obj.organization.label if obj.organization else "")

    @display(description=_("agreement"), ordering="agreement__reference")
    def of_agreement(self, obj: Notice) -> str:
        return shortened(obj.agreement) if obj.agreement is not None else "—"

    @display(description=_("mail"))
    def mail(self, obj: Notice) -> Any:
        if obj.message is None:
            return "—"
        address = reverse("admin:governance_message_change", args=[obj.message.pk])
        return format_html('<a href="{}">{}</a>', address, obj.message.get_status_display())


@admin.register(DailyRun, site=secretariat)
class DailyRunAdmin(LookedAt):
    """The days, and what was done by itself on each."""

    list_display = ("day", "finished_at", "did", "failed_steps")
    fields = readonly_fields = ("day", "finished_at", "did", "failed_steps")

    @display(description=_("steps done"))
    def did(self, obj: DailyRun) -> Any:
        lines = format_html_join(
            _BREAK, "{}: {}", ((name, number) for name, number in obj.done.items())
        )
        return lines or "—"

    @display(description=_("steps that failed"))
    def failed_steps(self, obj: DailyRun) -> Any:
        lines = format_html_join(
            _BREAK, "{}: {}", ((name, error) for name, error in obj.failed.items())
        )
        return lines or "—"
