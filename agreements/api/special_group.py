"""Special cooperation groups and their members over the API."""

from functools import partial
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _
from django_filters import DateFilter
from rest_framework import serializers

from agreements.api.tasks import percent
from agreements.mechanisms import group_closing
from agreements.mechanisms.group_closing import Fate
from agreements.mechanisms.group_figures import COUNTS, LIGHTS, with_figures
from agreements.mechanisms.special_group import Status
from agreements.models import GroupMembership, SpecialGroup, Task
from governance import clock
from governance.access import closings_read, seen, visible_to
from governance.api.filters import CHOICES, DAYS, RelatedFilter, RowFilterSet
from governance.api.input import Day, Moment, StrictSerializer
from governance.api.resource import Resource
from governance.api.serializers import Attached, Computed, NounSerializer, Related
from governance.api.verbs import OnReason, verb


class ClosingTaskText(serializers.Serializer):
    """A task of the group as it stood when the group closed."""

    task = serializers.UUIDField(help_text=_("The id of the task."))
    light = serializers.CharField(allow_null=True, help_text=_("Its light on that day."))
    progress = serializers.CharField(help_text=_("Its progress on that day, in per cent."))
    fate = serializers.CharField(
        allow_null=True, help_text=_("What became of it; null: it was completed or cancelled.")
    )


def _closed(ids: list[int], user: Any) -> Any:
    """Those of the groups that are closed, as far as the user reads of their closing."""
    return closings_read(user, SpecialGroup.objects.filter(pk__in=ids, status=Status.CLOSED))


def closing_reports(ids: list[int], user: Any) -> dict[int, str]:
    """The closing reports of these groups, as far as the user reads them."""
    return dict(_closed(ids, user).values_list("pk", "closing_report"))


def closed_days(ids: list[int], user: Any) -> dict[int, str]:
    """The days on which these groups were closed, as far as the user reads them."""
    return dict(_closed(ids, user).values_list("pk", "status_since"))


def closing_tasks(ids: list[int], user: Any) -> dict[int, list[dict[str, Any]]]:
    """The tasks kept with the closing reports of these groups, as far as the user sees them."""
    kept = _closed(ids, user).filter(closing_state__isnull=False)
    states = dict(kept.values_list("pk", "closing_state"))
    shown = seen(user, Task, [task["id"] for state in states.values() for task in state["tasks"]])
    return {
        group: [
            {
                "task": task["id"],
                "light": task["light"],
                "progress": percent(task["progress"]),
                "fate": task["fate"],
            }
            for task in state["tasks"]
            if UUID(task["id"]) in shown
        ]
        for group, state in states.items()
    }


class LightCounts(serializers.Serializer):
    """A number of tasks for each light."""

    overdue = serializers.IntegerField(help_text=_("Past their date, or far behind."))
    at_risk = serializers.IntegerField(help_text=_("Behind, or due soon and not nearly done."))
    on_track = serializers.IntegerField(help_text=_("Going as planned."))
    not_started = serializers.IntegerField(help_text=_("Not begun, and not late yet."))
    done = serializers.IntegerField(help_text=_("Completed."))


def _figure(kind: Any, **about: Any) -> Any:
    return kind(read_only=True, **about)


class SpecialGroupSerializer(NounSerializer):
    """A group set up under an agreement."""

    tasks_by_light = Computed(
        LightCounts(),
        COUNTS,
        lambda *counts: dict(zip(LIGHTS, counts, strict=True)),
        help_text=_("How many of its tasks show each light today."),
    )
    members = _figure(serializers.IntegerField, help_text=_("How many members it has today."))
    open_tasks = _figure(serializers.IntegerField, help_text=_("How many of its tasks are open."))
    evidence_waiting = _figure(
        serializers.IntegerField, help_text=_("How many of its tasks wait for verification.")
    )
    next_due_on = _figure(
        serializers.DateField,
        allow_null=True,
        help_text=_("The nearest date of an open task; null: none ahead."),
    )
    next_milestone_on = _figure(
        serializers.DateField,
        allow_null=True,
        help_text=_("The nearest milestone of a phase it works in; null: none ahead."),
    )
    last_held_on = _figure(
        serializers.DateField, allow_null=True, help_text=_("When it met last; null: never yet.")
    )
    next_meeting_at = _figure(
        Moment, allow_null=True, help_text=_("When it meets next; null: no meeting is planned.")
    )
    closed_on = Attached(
        serializers.DateField(allow_null=True),
        closed_days,
        empty=lambda: None,
        help_text=_("The day on which it was closed; null: it is at work."),
    )
    closing_report = Attached(
        serializers.CharField(),
        closing_reports,
        empty=str,
        help_text=_("What was achieved of the mandate; empty while it is at work."),
    )
    closing_tasks = Attached(
        ClosingTaskText(many=True),
        closing_tasks,
        help_text=_("Its tasks as they stood when it closed, and what became of them."),
    )

    class Meta:
        model = SpecialGroup
        create_only = ("agreement",)
        fields = (
            "id",
            "agreement",
            "agreement_name",
            "article",
            "name",
            "name_zh",
            "topic",
            "topic_name",
            "mandate",
            "mandate_zh",
            "lead",
            "lead_name",
            "set_up_on",
            "sunset_on",
            "status",
            "members",
            "open_tasks",
            "tasks_by_light",
            "evidence_waiting",
            "next_due_on",
            "next_milestone_on",
            "last_held_on",
            "next_meeting_at",
            "closed_on",
            "closing_report",
            "closing_tasks",
            "source",
            "illustrative",
            "created_at",
            "changed_at",
        )


class SpecialGroupFilters(RowFilterSet):
    """Filters of groups; ``past_sunset_on`` gives those that should have closed by a day."""

    past_sunset_on = DateFilter(method="overdue")

    class Meta:
        model = SpecialGroup
        fields = {
            "agreement": ["exact"],
            "topic": ["exact"],
            "lead": ["exact"],
            "status": CHOICES,
            "sunset_on": DAYS,
        }

    def overdue(self, rows: Any, name: str, on: Any) -> Any:
        return rows.past_sunset(on)


class ExtendBody(OnReason):
    """Until when the group goes on."""

    sunset_on = Day(help_text=_("The new first day on which it is over."))


class FateInput(StrictSerializer):
    """What becomes of one open task."""

    task = Related(Task, help_text=_("An open task of the group."))
    fate = serializers.ChoiceField(
        choices=Fate.choices, help_text=_("Whether it stays, passes to the agreement or ends.")
    )


class CloseGroupBody(OnReason):
    """What was achieved of the mandate (``reason``), and what becomes of the open tasks."""

    tasks = FateInput(
        many=True,
        required=False,
        help_text=_("What becomes of open tasks; those left out stay where they are."),
    )


class SpecialGroups(Resource):
    """The special cooperation groups."""

    model = SpecialGroup
    serializer_class = SpecialGroupSerializer
    filterset_class = SpecialGroupFilters
    ordering_fields = (
        "created_at",
        "changed_at",
        "set_up_on",
        "sunset_on",
        "open_tasks",
        "evidence_waiting",
        "next_due_on",
        "last_held_on",
    )
    search_fields = ("name", "name_zh", "mandate", "mandate_zh")

    def annotated(self, rows: Any) -> Any:
        seen_by = partial(visible_to, self.request.user)
        return with_figures(rows, rows_of=seen_by, on=clock.today(), at=clock.now())

    extend = verb("extend", body=ExtendBody)
    close = verb("close", body=CloseGroupBody)

    def call(self, obj: Any, method: str, **facts: Any) -> None:
        if method != "close":
            return super().call(obj, method, **facts)
        fates = {one["task"]: one["fate"] for one in facts.pop("tasks", ())}
        group_closing.close(obj, fates=fates, **facts)
        return None


class GroupMembershipSerializer(NounSerializer):
    """An organization in a group during a period."""

    class Meta:
        model = GroupMembership
        create_only = ("group", "organization")
        fields = (
            "id",
            "group",
            "group_name",
            "organization",
            "organization_name",
            "joined_on",
            "left_on",
            "source",
            "illustrative",
            "created_at",
            "changed_at",
        )


class GroupMembershipFilters(RowFilterSet):
    """Filters of memberships; ``on`` gives those that hold that day."""

    agreement = RelatedFilter(field_name="group__agreement")
    on = DateFilter(method="holding")

    class Meta:
        model = GroupMembership
        fields = {"group": ["exact"], "organization": ["exact"]}

    def holding(self, rows: Any, name: str, on: Any) -> Any:
        return rows.current(on)


class GroupMemberships(Resource):
    """Who belongs to which group."""

    model = GroupMembership
    serializer_class = GroupMembershipSerializer
    filterset_class = GroupMembershipFilters

    leave = verb("leave", label=_("Record leaving"))
