"""Extension requests over the API: asking for a later date of a task, and the answer."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from agreements.models import Agreement, ExtensionRequest, Task
from governance import access, clock
from governance.api.filters import CHOICES, DAYS, RelatedFilter, RowFilterSet
from governance.api.input import Day
from governance.api.resource import Resource
from governance.api.serializers import NounSerializer, Related
from governance.api.verbs import OnReason, verb
from governance.lifecycle import require_past


class ExtensionRequestSerializer(NounSerializer):
    """An organization asks for a later date of a task."""

    agreement = Related(Agreement, source="task.agreement", read_only=True)

    class Meta:
        model = ExtensionRequest
        fields = (
            "id",
            "agreement",
            "task",
            "task_name",
            "asked_by",
            "asked_by_name",
            "asked_on",
            "was_due_on",
            "due_on",
            "cause",
            "reason",
            "status",
            "granted_due_on",
            "answered_on",
            "answer",
            "source",
            "illustrative",
            "created_at",
            "changed_at",
        )
        extra_kwargs = {
            "asked_by": {
                "required": False,
                "help_text": _("Left out: your organization, else the lead organization."),
            },
            "asked_on": {"required": False, "help_text": _("Today when left out.")},
        }


class ExtensionRequestFilters(RowFilterSet):
    """Filters of extension requests."""

    agreement = RelatedFilter(field_name="task__agreement")

    class Meta:
        model = ExtensionRequest
        fields = {
            "task": ["exact"],
            "asked_by": ["exact"],
            "status": CHOICES,
            "asked_on": DAYS,
            "due_on": DAYS,
        }


class GrantBody(OnReason):
    """The date that is granted."""

    due_on = Day(required=False, help_text=_("Left out: the day that was asked for."))


class ExtensionRequests(Resource):
    """Requests for more time, with their answers."""

    model = ExtensionRequest
    serializer_class = ExtensionRequestSerializer
    filterset_class = ExtensionRequestFilters
    ordering = "-asked_on"
    ordering_fields = ("asked_on", "due_on", "created_at", "changed_at")
    writes = ("create",)

    def enter_facts(self, facts: dict[str, Any]) -> ExtensionRequest:
        on = facts.pop("asked_on", None) or clock.today()
        require_past(on, clock.today(), at="asked_on")
        task: Task = facts.pop("task")
        asked_by = facts.pop("asked_by", None)
        if asked_by is None:
            asked_by = access.asks_for(self.request.user, task)
        return ExtensionRequest.ask(task, by=self.request.user, on=on, asked_by=asked_by, **facts)

    grant = verb("grant", body=GrantBody)
    refuse = verb("refuse")
    withdraw = verb("withdraw")
