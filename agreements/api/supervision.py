"""Supervision over the API: the ladder of an agreement, and what was done about its tasks."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django_filters import BooleanFilter
from rest_framework import serializers

from agreements.api.tasks import task_reference
from agreements.models import Escalation, SupervisionStep
from agreements.supervising import send_follow_up
from governance import clock
from governance.api.filters import CHOICES, DAYS, RelatedFilter, RowFilterSet
from governance.api.resource import Resource
from governance.api.serializers import Computed, NounSerializer


class SupervisionStepSerializer(NounSerializer):
    """A step of an agreement's own ladder; without any, the usual ladder holds."""

    class Meta:
        model = SupervisionStep
        create_only = ("agreement",)
        fields = (
            "id",
            "agreement",
            "agreement_name",
            "days",
            "in_working_days",
            "action",
            "created_at",
            "changed_at",
        )


class SupervisionStepFilters(RowFilterSet):
    """Filters of steps of supervision."""

    class Meta:
        model = SupervisionStep
        fields = {"agreement": ["exact"], "action": CHOICES}


class SupervisionSteps(Resource):
    """The ladders that agreements state of their own."""

    model = SupervisionStep
    serializer_class = SupervisionStepSerializer
    filterset_class = SupervisionStepFilters
    ordering = "days"
    ordering_fields = ("days", "created_at", "changed_at")


class EscalationSerializer(NounSerializer):
    """What was done about a task; entered by hand it is a follow-up notice."""

    task_reference = Computed(
        serializers.CharField(), ("task__agreement__reference", "task__number"), task_reference
    )

    class Meta:
        model = Escalation
        create_only = ("task", "text", "answer_by")
        fields = (
            "id",
            "task",
            "task_name",
            "task_reference",
            "due_on",
            "days",
            "in_working_days",
            "action",
            "taken_on",
            "text",
            "answer_by",
            "answered_on",
            "answer",
            "created_at",
            "changed_at",
        )
        read_only_fields = ("due_on", "days", "in_working_days", "action", "taken_on")
        extra_kwargs = {
            "due_on": {"help_text": _("The due date it was about.")},
            "days": {"help_text": _("Which step of the ladder; null for what was done by hand.")},
            "text": {"required": True, "help_text": _("What is asked.")},
            "answer_by": {"required": True, "allow_null": False},
        }


class EscalationFilters(RowFilterSet):
    """Filters of escalations; ``unanswered`` takes true or false."""

    agreement = RelatedFilter(field_name="task__agreement")
    unanswered = BooleanFilter(method="without_answer")

    class Meta:
        model = Escalation
        fields = {
            "task": ["exact"],
            "action": CHOICES,
            "answer": CHOICES,
            "due_on": DAYS,
            "taken_on": DAYS,
            "answered_on": DAYS,
        }

    def without_answer(self, rows: Any, name: str, value: bool) -> Any:
        """Those that still wait for something to happen, or all the others."""
        waiting = rows.unanswered()
        return waiting if value else rows.exclude(pk__in=waiting.values("pk"))


class Escalations(Resource):
    """What was done about tasks: the steps of the ladders, and follow-up notices."""

    model = Escalation
    serializer_class = EscalationSerializer
    filterset_class = EscalationFilters
    ordering = "-taken_on"
    ordering_fields = ("taken_on", "due_on", "answered_on", "created_at", "changed_at")
    writes = ("create",)

    def enter_facts(self, facts: dict[str, Any]) -> Escalation:
        return send_follow_up(facts.pop("task"), by=self.request.user, on=clock.today(), **facts)
