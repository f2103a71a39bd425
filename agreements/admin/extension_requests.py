"""Extension requests in the back office: what was asked, and the answer."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSingleDateWidget

from agreements.admin.belonging import Belonging
from agreements.admin.names import shortened
from agreements.extension_requests import Status
from agreements.models import ExtensionRequest
from governance import clock
from governance.admin.forms import NounForm
from governance.admin.site import secretariat
from governance.admin.verbs import VerbAdmin, VerbForm
from governance.lifecycle import require_past
from governance.periods import require_calendar_day
from governance.wording import day_text

STATUS_LABELS = {
    Status.ASKED: "warning",
    Status.GRANTED: "success",
    Status.REFUSED: "",
    Status.WITHDRAWN: "",
}


class RequestForm(NounForm):
    """A request that reached the secretariat on paper."""

    def clean_asked_on(self) -> Any:
        """The day, which has come already."""
        on = self.cleaned_data["asked_on"]
        require_past(on, clock.today(), at=None)
        return on

    def enter(self, *, by: Any, **facts: Any) -> ExtensionRequest:
        return ExtensionRequest.ask(facts.pop("task"), by=by, on=facts.pop("asked_on"), **facts)


class GrantForm(VerbForm):
    """The date that is granted."""

    due_on = forms.DateField(
        label=gettext_lazy("New due date"),
        required=False,
        widget=UnfoldAdminSingleDateWidget,
        help_text=gettext_lazy("Empty: the day that was asked for."),
        validators=[require_calendar_day],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("due_on", self.obj.due_on)
        self.order_fields(["due_on", "on", "reason"])


@admin.register(ExtensionRequest, site=secretariat)
class ExtensionRequestAdmin(Belonging, VerbAdmin):
    """Requests for more time."""

    belongs_by = "task"
    form = RequestForm

    list_display = ("task", "state", "asked_by", "asked_on", "was_due_on", "due_on", "agreement")
    list_filter = ("status", "asked_on", ("task__agreement", AutocompleteSelectFilter))
    list_select_related = ("task__agreement", "asked_by")
    search_fields = (
        "task__title",
        "task__title_zh",
        "task__agreement__reference",
        "asked_by__name",
        "asked_by__name_zh",
        "reason",
    )
    autocomplete_fields = ("task", "asked_by")
    add_fieldsets = (
        (None, {"fields": ("task", ("asked_by", "asked_on"), ("due_on", "cause"), "reason")}),
    )
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "task",
                    ("asked_by", "asked_on"),
                    ("was_due_on", "due_on"),
                    "cause",
                    "reason",
                )
            },
        ),
        (
            gettext_lazy("Answer"),
            {"fields": (("answered_on", "granted_due_on"), "answer", "answered_by")},
        ),
        (
            gettext_lazy("Where this is stated"),
            {"classes": ("collapse",), "fields": (("source", "illustrative"),)},
        ),
    )
    verb_forms = {"grant": GrantForm}

    def get_fieldsets(self, request: Any, obj: Any = None) -> Any:
        return self.add_fieldsets if obj is None else super().get_fieldsets(request, obj)

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        """What was asked stays as it was asked; it is answered with the buttons."""
        return obj is None and super().has_change_permission(request)

    def get_form(self, request: Any, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        if obj is None:
            form.base_fields["asked_by"].required = False
            form.base_fields["asked_by"].help_text = _("Empty: the lead organization.")
            form.base_fields["asked_on"].initial = clock.today()
        return form

    def consequences(self, request: Any, obj: ExtensionRequest, verb: str) -> list[str]:
        if verb != "grant":
            return []
        return [
            _("The task, due on %(day)s now, is then due on the later day.")
            % {"day": day_text(obj.task.due_on or obj.was_due_on)},
            _("Who asked is told."),
        ]

    @display(description=gettext_lazy("status"), label=STATUS_LABELS, ordering="status")
    def state(self, obj: ExtensionRequest) -> tuple[str, str]:
        return obj.status, obj.get_status_display()

    @display(description=gettext_lazy("agreement"), ordering="task__agreement__reference")
    def agreement(self, obj: ExtensionRequest) -> str:
        return shortened(obj.task.agreement)
