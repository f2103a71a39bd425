"""Decisions over the API: recorded with their positions, their tasks and their effect at once."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django_filters import ChoiceFilter
from rest_framework import serializers

from actors.models import Organization
from agreements.api.tasks import task_reference
from agreements.date_changes import Cause
from agreements.mechanisms.deciding import decide
from agreements.mechanisms.decisions import Effect, Stance, Standing
from agreements.models import (
    Article,
    Decision,
    DecisionPosition,
    Party,
    Phase,
    SpecialGroup,
    Task,
)
from agreements.tasks import Priority
from agreements.tasks import Status as TaskStatus
from governance import access, clock
from governance.api.filters import CHOICES, DAYS, RowFilterSet, WordsFilter
from governance.api.input import Day, StrictSerializer
from governance.api.resource import Resource
from governance.api.serializers import (
    Attached,
    Computed,
    NounSerializer,
    Related,
    RelatedMany,
    grouped,
)
from governance.api.verbs import verb
from governance.base import bilingual


class QuorumText(serializers.Serializer):
    """The quorum as it stood when the decision was taken."""

    required = serializers.IntegerField(allow_null=True, help_text=_("Null: none is stated."))
    present = serializers.IntegerField(help_text=_("How many were there or represented."))
    of = serializers.IntegerField(help_text=_("How many count."))
    met = serializers.BooleanField(help_text=_("Whether there was a quorum."))


class PositionInput(StrictSerializer):
    """What a party held of it."""

    party = Related(
        Party,
        required=False,
        allow_null=True,
        help_text=_("The party, or name its organization."),
    )
    organization = Related(
        Organization, required=False, help_text=_("The organization, where it is no party.")
    )
    organization_name = serializers.CharField(read_only=True)
    stance = serializers.ChoiceField(choices=Stance.choices)
    note = serializers.CharField(required=False, allow_blank=True, max_length=20_000)


class PositionText(serializers.Serializer):
    """What a party held of it."""

    organization = serializers.UUIDField(help_text=_("The id of the organization."))
    organization_name = serializers.CharField(help_text=_("Its name, in the reader's language."))
    party = serializers.UUIDField(allow_null=True, help_text=_("Null: it is no party."))
    stance = serializers.ChoiceField(choices=Stance.choices)
    note = serializers.CharField()


class NewTask(StrictSerializer):
    """A task that the decision creates; it goes to its lead at once."""

    title = serializers.CharField(required=False, allow_blank=True, max_length=300)
    title_zh = serializers.CharField(required=False, allow_blank=True, max_length=300)
    description = serializers.CharField(required=False, allow_blank=True)
    description_zh = serializers.CharField(required=False, allow_blank=True)
    lead = Related(Organization, required=False, allow_null=True)
    cooperating = RelatedMany(Organization, required=False)
    group = Related(SpecialGroup, required=False, allow_null=True)
    article = Related(Article, required=False, allow_null=True)
    phase = Related(Phase, required=False, allow_null=True)
    starts_on = Day(required=False, allow_null=True)
    due_on = Day(required=False, allow_null=True)
    priority = serializers.ChoiceField(choices=Priority.choices, required=False)


class TaskOfDecision(serializers.Serializer):
    """A task that the decision created."""

    id = serializers.UUIDField()
    reference = serializers.CharField()
    title = serializers.CharField(help_text=_("Its title, in the reader's language."))
    status = serializers.ChoiceField(choices=TaskStatus.choices)


class TaskEffect(StrictSerializer):
    """What becomes of a task that is there."""

    verb = serializers.ChoiceField(choices=Effect.choices)
    task = Related(Task, required=False, help_text=_("Left out: the task of the agenda item."))
    lead = Related(Organization, required=False, help_text=_("assign: to whom it goes."))
    due_on = Day(required=False, help_text=_("reschedule: the new date."))
    cause = serializers.ChoiceField(
        choices=Cause.choices,
        required=False,
        help_text=_("reschedule: for which cause an agreed date moves."),
    )
    reason = serializers.CharField(required=False, allow_blank=True, max_length=2_000)


def _reference(year: int, number: int) -> str:
    return f"{year}-{number}"


def _positions(ids: list[int], user: Any) -> dict[int, list[Any]]:
    rows = list(
        DecisionPosition.objects.filter(decision__in=ids)
        .order_by("pk")
        .values(
            "decision_id",
            "organization__public_id",
            "organization__name",
            "organization__name_zh",
            "party__public_id",
            "stance",
            "note",
        )
    )
    parties = {row["party__public_id"] for row in rows} - {None}
    shown = parties if access.oversees(user) else access.seen(user, Party, parties)
    return grouped(
        (
            row["decision_id"],
            {
                "organization": row["organization__public_id"],
                "organization_name": bilingual(
                    row["organization__name"], row["organization__name_zh"]
                ),
                "party": row["party__public_id"] if row["party__public_id"] in shown else None,
                "stance": row["stance"],
                "note": row["note"],
            },
        )
        for row in rows
    )


def _tasks(ids: list[int], user: Any) -> dict[int, list[Any]]:
    """The tasks created, as far as they exist for the user."""
    rows = access.visible_to(user, Task).filter(decision__in=ids).order_by("number")
    columns = ("decision_id", "public_id", "agreement__reference", "number", "title", "title_zh")
    return grouped(
        (
            row["decision_id"],
            {
                "id": row["public_id"],
                "reference": task_reference(row["agreement__reference"], row["number"]),
                "title": bilingual(row["title"], row["title_zh"]),
                "status": row["status"],
            },
        )
        for row in rows.values(*columns, "status")
    )


class DecisionSerializer(NounSerializer):
    """What a consultation decided."""

    reference = Computed(
        serializers.CharField(),
        ("year", "number"),
        _reference,
        help_text=_("Its year and its number within the agreement: 2026-3."),
    )
    quorum = QuorumText(read_only=True)
    positions = Attached(PositionText(many=True), _positions)
    tasks = Attached(TaskOfDecision(many=True), _tasks)
    standing = serializers.ChoiceField(
        choices=Standing.choices,
        read_only=True,
        help_text=_("How far its tasks have carried it out."),
    )

    class Meta:
        model = Decision
        create_only = ("consultation", "agenda_item")
        fields = (
            "id",
            "reference",
            "agreement",
            "agreement_name",
            "consultation",
            "consultation_name",
            "agenda_item",
            "agenda_item_name",
            "year",
            "number",
            "text",
            "text_zh",
            "decided_on",
            "quorum",
            "positions",
            "tasks",
            "task",
            "task_name",
            "effect",
            "task_due_on",
            "task_lead",
            "task_lead_name",
            "standing",
            "status",
            "source",
            "illustrative",
            "created_at",
            "changed_at",
        )
        extra_kwargs = {
            "agreement": {"read_only": True},
            "decided_on": {
                "required": False,
                "help_text": _("Left out: the day on which the consultation was held."),
            },
        }


class DecisionInput(DecisionSerializer):
    """A decision with the positions, the tasks it creates and the one it changes."""

    positions = PositionInput(many=True, required=False, help_text=_("What the parties held."))
    tasks = NewTask(
        many=True, required=False, write_only=True, help_text=_("The tasks it creates.")
    )
    task_effect = TaskEffect(
        required=False,
        allow_null=True,
        write_only=True,
        help_text=_("What becomes of a task that is there."),
    )

    class Meta(DecisionSerializer.Meta):
        create_only = (*DecisionSerializer.Meta.create_only, "tasks", "task_effect")
        fields = (*DecisionSerializer.Meta.fields, "task_effect")


class DecisionFilters(RowFilterSet):
    """Filters of decisions; ``standing=open`` gives those still to be carried out."""

    standing = ChoiceFilter(field_name="standing", choices=Standing.choices)
    standing__in = WordsFilter(field_name="standing", lookup_expr="in", choices=Standing.choices)

    class Meta:
        model = Decision
        fields = {
            "agreement": ["exact"],
            "consultation": ["exact"],
            "agenda_item": ["exact", "isnull"],
            "task": ["exact", "isnull"],
            "year": ["exact"],
            "status": CHOICES,
            "decided_on": DAYS,
        }


class Decisions(Resource):
    """The decisions of the consultations."""

    model = Decision
    serializer_class = DecisionSerializer
    input_serializer_class = DecisionInput
    filterset_class = DecisionFilters
    ordering = "-decided_on"
    ordering_fields = ("decided_on", "number", "created_at", "changed_at")
    search_fields = ("text", "text_zh")
    writes = ("create", "change")

    def annotated(self, rows: Any) -> Any:
        return rows.with_standing()

    def enter_facts(self, facts: dict[str, Any]) -> Decision:
        consultation = facts.pop("consultation")
        return decide(consultation, by=self.request.user, on=clock.today(), **facts)

    revoke = verb("revoke")
