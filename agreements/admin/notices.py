"""Notices in the back office: what was told to whom, what reached nobody, what is unconfirmed."""

from typing import Any

from django import forms
from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import mark_safe
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from agreements.admin.names import shortened
from agreements.daily import DailyRun, step_word
from agreements.models import Notice
from agreements.notices import tell
from governance import clock
from governance.admin.forms import NounForm
from governance.admin.records import LookedAt
from governance.admin.site import secretariat
from governance.admin.verbs import PlainVerb, VerbAdmin
from governance.record import refuse
from governance.wording import detailed, labelled

_BREAK = mark_safe("<br>")  # between the lines of a cell


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
        if state == "unconfirmed":
            return queryset.unacknowledged()
        if state == "chase":
            return queryset.to_chase(clock.today())
        return queryset


class AnnouncementForm(NounForm):
    """A message of the secretariat to all parties of an agreement, through who is in post today."""

    subject = forms.CharField(
        label=_("Heading"), max_length=200, required=False, widget=UnfoldAdminTextInputWidget
    )
    subject_zh = forms.CharField(
        label=_("Chinese heading"),
        max_length=200,
        required=False,
        widget=UnfoldAdminTextInputWidget,
    )
    text = forms.CharField(
        label=_("Text"),
        max_length=5000,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5}),
    )
    text_zh = forms.CharField(
        label=_("Chinese text"),
        max_length=5000,
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "agreement" in self.fields:
            self.fields["agreement"].required = True

    def clean(self) -> dict[str, Any]:
        """Each in one language at least; a reader of the other is shown what there is."""
        given = super().clean() or {}
        for name in ("subject", "text"):
            if not given.get(name) and not given.get(f"{name}_zh"):
                self.add_error(name, _("Write it in English or in Chinese."))
        return given

    def enter(self, *, by: Any, **facts: Any) -> Notice:
        """Tell every party of the day; the first notice stands for them all."""
        agreement, today = facts["agreement"], clock.today()
        told = tell(
            "announcement",
            by=by,
            on=today,
            agreement=agreement,
            about=agreement,
            parties=agreement.party_set.current(today).order_by("position", "pk"),
            subject=self._in_both("subject"),
            text=self._in_both("text"),
        )
        if not told:
            raise refuse("agreement", _("It has no party that could be told today."), "nobody")
        return told[0]

    def _in_both(self, name: str) -> dict[str, str]:
        english, chinese = self.cleaned_data[name], self.cleaned_data[f"{name}_zh"]
        return {"en": english or chinese, "zh-hans": chinese or english}


@admin.register(Notice, site=secretariat)
class NoticeAdmin(VerbAdmin):
    """Everything the system has told; its receipt may be recorded for a party that says so.

    Adding one is writing to the parties of an agreement.
    """

    form = AnnouncementForm
    autocomplete_fields = ("agreement",)
    add_fieldsets = (
        (
            None,
            {"fields": ("agreement", ("subject", "subject_zh"), ("text", "text_zh"))},
        ),
    )
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

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        return super().get_readonly_fields(request, obj) if obj is not None else ()

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
            _BREAK, "{}", ((labelled(step_word(key), did),) for key, did in obj.done.items())
        )
        return lines or "—"

    @display(description=_("steps that failed"))
    def failed_steps(self, obj: DailyRun) -> Any:
        lines = format_html_join(
            _BREAK, "{}", ((labelled(step_word(key), why),) for key, why in obj.failed.items())
        )
        return lines or "—"
