"""Supervision in the back office: the ladder of an agreement, what was done, asking by hand."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminSingleDateWidget, UnfoldAdminTextareaWidget

from agreements.admin.names import shortened
from agreements.models import Escalation, SupervisionStep
from agreements.supervising import send_follow_up
from governance import clock
from governance.admin.forms import NounForm
from governance.admin.nouns import NounAdmin, NounTabular
from governance.admin.site import secretariat
from governance.wording import detailed, listed

_TOLD = ("notices__person", "notices__organization")


class StepInline(NounTabular):
    """The agreement's own ladder."""

    model = SupervisionStep
    fields = ("days", "in_working_days", "action")
    verbose_name_plural = _(
        "Steps of supervision. Without any: reminders 30 and 7 days before and on the day; overdue "
        "by 1 day the liaison officer, by 7 the convenor, by 14 the agenda"
    )


class AnswerFilter(admin.SimpleListFilter):
    """Whether something has come of it."""

    title = _("answer")
    parameter_name = "answered"

    def lookups(self, request: Any, model_admin: Any) -> list[tuple[str, Any]]:
        return [("no", _("waits for an answer")), ("yes", _("answered"))]

    def queryset(self, request: Any, queryset: Any) -> Any:
        if self.value() == "no":
            return queryset.unanswered()
        return queryset.filter(answered_on__isnull=False) if self.value() == "yes" else queryset


class FollowUpForm(NounForm):
    """A follow-up notice about a task, to the lead organization's liaison officer of today."""

    text = forms.CharField(
        label=_("What is asked"),
        max_length=5000,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 5}),
    )
    answer_by = forms.DateField(label=_("Answer expected by"), widget=UnfoldAdminSingleDateWidget)

    def enter(self, *, by: Any, **facts: Any) -> Escalation:
        """Send it."""
        return send_follow_up(
            facts["task"],
            by=by,
            on=clock.today(),
            text=facts["text"],
            answer_by=facts["answer_by"],
        )


@admin.register(Escalation, site=secretariat)
class EscalationAdmin(NounAdmin):
    """What was done about tasks; adding one is sending a follow-up notice."""

    form = FollowUpForm
    autocomplete_fields = ("task",)
    add_fieldsets = ((None, {"fields": ("task", "text", "answer_by")}),)
    list_display = ("task", "action", "taken_on", "due_on", "told", "what_came", "of_agreement")
    list_filter = (
        AnswerFilter,
        "action",
        ("task", AutocompleteSelectFilter),
        ("taken_on", admin.DateFieldListFilter),
    )
    list_select_related = ("task__agreement",)
    search_fields = ("task__title", "task__title_zh", "task__agreement__reference")
    fieldsets = (
        (None, {"fields": ("task", ("action", "when"), ("due_on", "taken_on"), "text")}),
        (_("What came of it"), {"fields": ("told", ("answer_by", "what_came"), "sent_by")}),
    )
    readonly_fields = (
        *("task", "action", "when", "due_on", "taken_on", "text"),
        *("told", "answer_by", "what_came", "sent_by"),
    )

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).prefetch_related(*_TOLD)

    def get_fieldsets(self, request: Any, obj: Any = None) -> Any:
        return self.add_fieldsets if obj is None else super().get_fieldsets(request, obj)

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        return super().get_readonly_fields(request, obj) if obj is not None else ()

    def has_change_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: Any, obj: Any = None) -> bool:
        return False

    @display(description=_("told"))
    def told(self, obj: Escalation) -> str:
        names = [notice.person or notice.organization for notice in obj.notices.all()]
        return listed(names) or "—"

    @display(description=_("answer"), ordering="answered_on")
    def what_came(self, obj: Escalation) -> Any:
        if obj.answered_on is not None:
            return detailed(obj.get_answer_display(), obj.answered_on.isoformat())
        return _("waits for an answer") if obj.is_unanswered else "—"

    @display(description=_("when"))
    def when(self, obj: Escalation) -> str:
        return obj.when or "—"

    @display(description=_("agreement"), ordering="task__agreement__reference")
    def of_agreement(self, obj: Escalation) -> str:
        return shortened(obj.task.agreement)
