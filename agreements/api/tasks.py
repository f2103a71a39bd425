"""Tasks over the API."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter
from rest_framework import serializers

from actors.models import Organization
from agreements.date_changes import Cause
from agreements.models import Task
from agreements.progress import Light
from governance import clock
from governance.api.filters import CHOICES, DAYS, RelatedFilter, RowFilterSet, WordsFilter
from governance.api.input import Day
from governance.api.resource import Resource
from governance.api.serializers import Computed, NounSerializer, Related, decimal_text
from governance.api.verbs import OnReason, verb


def percent(share: int | None) -> str | None:
    """A share counted in hundredths of one per cent, in per cent."""
    return None if share is None else decimal_text(Decimal(share) / 100)


def task_reference(reference: str | None, number: int | None) -> str | None:
    """A task's reference: its agreement's, and its number."""
    return None if reference is None else f"{reference}/{number}"


class TaskSerializer(NounSerializer):
    """What is to be done, by whom, by when, and how it stands today."""

    reference = Computed(
        serializers.CharField(), ("agreement__reference", "number"), task_reference
    )
    progress = Computed(
        serializers.DecimalField(max_digits=5, decimal_places=2),
        ("progress",),
        percent,
        help_text=_("In per cent."),
    )
    expected_progress = Computed(
        serializers.DecimalField(max_digits=5, decimal_places=2, allow_null=True),
        ("expected",),
        percent,
        help_text=_("The share of the time that has passed, in per cent."),
    )
    light = serializers.ChoiceField(choices=Light.choices, read_only=True, allow_null=True)
    cause = serializers.ChoiceField(
        choices=Cause.choices,
        required=False,
        write_only=True,
        help_text=_("For which cause an agreed date is moved."),
    )
    reason = serializers.CharField(
        required=False,
        allow_blank=True,
        write_only=True,
        max_length=5_000,
        help_text=_("Why it is changed; an agreed date moves only with a reason and a cause."),
    )

    class Meta:
        model = Task
        create_only = ("agreement",)
        fields = (
            "id",
            "reference",
            "agreement",
            "agreement_name",
            "title",
            "title_zh",
            "description",
            "description_zh",
            "article",
            "article_name",
            "decision",
            "group",
            "group_name",
            "phase",
            "phase_name",
            "lead",
            "lead_name",
            "cooperating",
            "responsible",
            "responsible_name",
            "starts_on",
            "due_on",
            "priority",
            "weight",
            "status",
            "light",
            "progress",
            "expected_progress",
            "submitted_on",
            "completed_on",
            "needs_reassignment",
            "source",
            "illustrative",
            "cause",
            "reason",
            "created_at",
            "changed_at",
        )


class TaskFilters(RowFilterSet):
    """Filters of tasks."""

    light = ChoiceFilter(choices=Light.choices)
    light__in = WordsFilter(field_name="light", lookup_expr="in", choices=Light.choices)
    cooperating = RelatedFilter(field_name="cooperating", distinct=True)

    class Meta:
        model = Task
        fields = {
            "agreement": ["exact"],
            "lead": ["exact", "isnull"],
            "group": ["exact"],
            "phase": ["exact"],
            "article": ["exact"],
            "decision": ["exact", "isnull"],
            "status": CHOICES,
            "priority": CHOICES,
            "starts_on": DAYS,
            "due_on": DAYS,
            "needs_reassignment": ["exact"],
            "illustrative": ["exact"],
        }


class AssignBody(OnReason):
    """To whom the task goes; left out: to the lead organization already named."""

    lead = Related(Organization, required=False)


class RescheduleBody(OnReason):
    """The new dates, and why an agreed date moves."""

    due_on = Day(help_text=_("The new day on which it is due."))
    starts_on = Day(required=False, help_text=_("The new first day; left out: as it is."))
    cause = serializers.ChoiceField(
        choices=Cause.choices,
        required=False,
        help_text=_("Asked for once the agreement has a baseline."),
    )


class Tasks(Resource):
    """What is to be done under the agreements."""

    model = Task
    serializer_class = TaskSerializer
    filterset_class = TaskFilters
    ordering = "due_on"
    ordering_fields = (
        "due_on",
        "starts_on",
        "progress",
        "light",
        "status",
        "created_at",
        "changed_at",
    )
    search_fields = ("title", "title_zh", "description", "description_zh")

    def annotated(self, rows: Any) -> Any:
        return rows.with_light(clock.today())

    def enter_facts(self, facts: dict[str, Any]) -> Task:
        facts.pop("cause", None)
        return super().enter_facts(facts)

    assign = verb("assign", body=AssignBody)
    accept = verb("accept")
    start = verb("start")
    submit = verb("submit")
    verify = verb("verify")
    send_back = verb("return", method="send_back")
    reschedule = verb("reschedule", body=RescheduleBody, label=_("Set another date"))
    suspend = verb("suspend")
    resume = verb("resume")
    cancel = verb("cancel")
