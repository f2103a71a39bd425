"""Baselines and changes of agreed dates over the API, and slippage as a question."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request

from agreements.api.tasks import task_reference
from agreements.baselines import Kind
from agreements.date_changes import Cause
from agreements.models import Agreement, Baseline, BaselineTask, DateChange, Task
from agreements.slippage import Fate, Line, Slippage, slippage
from governance import access, clock
from governance.api.filters import CHOICES, DAYS, RelatedFilter, RowFilterSet
from governance.api.resource import Resource
from governance.api.serializers import (
    Attached,
    Computed,
    NounSerializer,
    Related,
    decimal_text,
    grouped,
)
from governance.base import bilingual


class TargetText(serializers.Serializer):
    """A target as it was agreed; decimals are text."""

    indicator = serializers.UUIDField(help_text=_("The id of the indicator, there or not."))
    name = serializers.CharField(allow_blank=True)
    name_zh = serializers.CharField(allow_blank=True)
    unit = serializers.CharField()
    unit_zh = serializers.CharField(allow_blank=True)
    baseline = serializers.CharField(allow_null=True)
    target = serializers.CharField(allow_null=True)
    lower = serializers.CharField(allow_null=True)
    direction = serializers.CharField()


class KeptTask(serializers.Serializer):
    """A task as the baseline keeps it."""

    task = serializers.UUIDField(
        allow_null=True, help_text=_("Null: deleted since, or not for the reader to see.")
    )
    number = serializers.IntegerField()
    title = serializers.CharField(allow_blank=True)
    title_zh = serializers.CharField(allow_blank=True)
    lead = serializers.UUIDField(allow_null=True)
    lead_name = serializers.CharField(allow_null=True)
    phase = serializers.CharField(help_text=_("The name of its phase, in the reader's language."))
    starts_on = serializers.DateField(allow_null=True)
    due_on = serializers.DateField(allow_null=True)
    weight = serializers.CharField()
    targets = TargetText(many=True)


def _kept(ids: list[int], user: Any) -> dict[int, list[Any]]:
    rows = list(
        BaselineTask.objects.filter(baseline__in=ids)
        .order_by("baseline", "number")
        .select_related("task", "lead")
        .only(
            *("baseline_id", "number", "title", "title_zh", "phase_name", "phase_name_zh"),
            *("starts_on", "due_on", "weight", "targets"),
            *("task__public_id", "lead__public_id", "lead__name", "lead__name_zh"),
        )
    )
    tasks = {row.task.public_id for row in rows if row.task is not None}
    shown = tasks if access.oversees(user) else access.seen(user, Task, tasks)
    return grouped((row.baseline_id, _kept_task(row, shown)) for row in rows)


def _kept_task(row: BaselineTask, shown: Any) -> dict[str, Any]:
    visible = row.task is not None and row.task.public_id in shown
    return {
        "task": row.task.public_id if row.task is not None and visible else None,
        "number": row.number,
        "title": row.title,
        "title_zh": row.title_zh,
        "lead": row.lead.public_id if row.lead else None,
        "lead_name": bilingual(row.lead.name, row.lead.name_zh) if row.lead else None,
        "phase": bilingual(row.phase_name, row.phase_name_zh),
        "starts_on": row.starts_on,
        "due_on": row.due_on,
        "weight": decimal_text(row.weight),
        "targets": row.targets,
    }


class BaselineSerializer(NounSerializer):
    """The timetable of an agreement as it was agreed on a day."""

    tasks = Attached(KeptTask(many=True), _kept)

    class Meta:
        model = Baseline
        create_only = (
            "agreement",
            "kind",
            "name",
            "name_zh",
            "taken_on",
            "reason",
            "approved_by",
        )
        fields = (
            "id",
            "agreement",
            "agreement_name",
            "number",
            "kind",
            "name",
            "name_zh",
            "taken_on",
            "reason",
            "approved_by",
            "task_count",
            "tasks",
            "source",
            "illustrative",
            "created_at",
            "changed_at",
        )


class BaselineFilters(RowFilterSet):
    """Filters of baselines."""

    class Meta:
        model = Baseline
        fields = {"agreement": ["exact"], "kind": CHOICES, "taken_on": DAYS}


class Baselines(Resource):
    """The timetables as signed, and as revised with approval; none is ever changed."""

    model = Baseline
    serializer_class = BaselineSerializer
    filterset_class = BaselineFilters
    ordering = "-taken_on"
    ordering_fields = ("taken_on", "number", "created_at", "changed_at")
    writes = ("create",)


class DateChangeSerializer(NounSerializer):
    """An agreed date that was moved, and why."""

    agreement = Related(Agreement, source="task.agreement", read_only=True)
    task_reference = Computed(
        serializers.CharField(), ("task__agreement__reference", "task__number"), task_reference
    )

    class Meta:
        model = DateChange
        fields = (
            "id",
            "agreement",
            "task",
            "task_name",
            "task_reference",
            "fact",
            "was",
            "became",
            "cause",
            "reason",
            "decided_on",
            "created_at",
            "changed_at",
        )


class DateChangeFilters(RowFilterSet):
    """Filters of changes of dates."""

    agreement = RelatedFilter(field_name="task__agreement")

    class Meta:
        model = DateChange
        fields = {"task": ["exact"], "cause": CHOICES, "fact": CHOICES, "decided_on": DAYS}


class DateChanges(Resource):
    """The changes of agreed dates; they are made where the dates are."""

    model = DateChange
    serializer_class = DateChangeSerializer
    filterset_class = DateChangeFilters
    ordering = "-decided_on"
    ordering_fields = ("decided_on", "created_at", "changed_at")
    writes = ()


# slippage

BASELINE = OpenApiParameter(
    "baseline",
    OpenApiTypes.STR,
    description="The number of the baseline, or `first` (as a rule: as signed) or `newest`.",
)


class BaselineNamed(serializers.Serializer):
    """Against which baseline it is measured."""

    id = serializers.UUIDField()
    number = serializers.IntegerField()
    name = serializers.CharField(help_text=_("What it is called, in the reader's language."))
    kind = serializers.ChoiceField(choices=Kind.choices)
    taken_on = serializers.DateField()


class DaysOfCause(serializers.Serializer):
    """Days for one cause."""

    cause = serializers.ChoiceField(
        choices=Cause.choices, allow_null=True, help_text=_("Null: late without a new date.")
    )
    label = serializers.CharField()
    tasks = serializers.IntegerField(help_text=_("How many tasks it concerns."))
    days = serializers.IntegerField()


class SlippedTask(serializers.Serializer):
    """One task against the baseline; days later count up, earlier ones down."""

    task = serializers.UUIDField(allow_null=True, help_text=_("Null: deleted since."))
    number = serializers.IntegerField()
    title = serializers.CharField()
    fate = serializers.ChoiceField(choices=Fate.choices)
    lead = serializers.UUIDField(allow_null=True)
    lead_name = serializers.CharField(allow_null=True)
    promised = serializers.DateField(allow_null=True, help_text=_("Due by the baseline."))
    due_on = serializers.DateField(allow_null=True, help_text=_("Due now."))
    completed_on = serializers.DateField(allow_null=True)
    slip = serializers.IntegerField(
        allow_null=True,
        help_text=_("By how many days it ended, or will end at the earliest, after its day."),
    )
    moved = serializers.IntegerField(help_text=_("Of these, by a change of the agreed date."))
    unagreed = serializers.IntegerField(help_text=_("Of these, without one."))


class SlippageOfParty(serializers.Serializer):
    """What slipped for the organization that leads."""

    organization = serializers.UUIDField(allow_null=True)
    name = serializers.CharField(allow_null=True)
    tasks = serializers.IntegerField()
    slipped = serializers.IntegerField()
    days = serializers.IntegerField()
    longest = serializers.IntegerField()


class SlippageAnswer(serializers.Serializer):
    """How far the timetable has slipped from a baseline."""

    on = serializers.DateField(
        help_text=_("The day: today, or the last one of a reader who has left.")
    )
    baseline = BaselineNamed(allow_null=True, help_text=_("Null: there is none."))
    slipped = serializers.IntegerField(help_text=_("How many tasks end later than agreed."))
    days = serializers.IntegerField(help_text=_("Their days, added up."))
    tasks = SlippedTask(many=True)
    parties = SlippageOfParty(many=True)
    causes = DaysOfCause(many=True)


def baseline_asked(request: Request, baselines: Any) -> Baseline | None:
    """The baseline that is asked for; None where there is none at all. Raises ValidationError."""
    wanted = request.query_params.get("baseline", "") or "first"
    if wanted in {"first", "newest"}:
        found: Baseline | None = baselines.order_by(
            "number" if wanted == "first" else "-number"
        ).first()
        return found
    chosen: Baseline | None = None
    if wanted.isascii() and wanted.isdecimal() and len(wanted) < 9:
        chosen = baselines.filter(number=int(wanted)).first()
    if chosen is None:
        sentence = _("Give the number of a baseline of this agreement, first or newest.")
        raise ValidationError({"baseline": [ErrorDetail(str(sentence), code="invalid")]})
    return chosen


def slippage_answer(user: Any, agreement: Agreement, request: Request) -> dict[str, Any]:
    """Slippage as far as it exists for the user, who has left: as it stood on the last day."""
    found = access.visible_to(user, Baseline).filter(agreement=agreement)
    baseline = baseline_asked(request, found)
    today = clock.today()
    on = access.day_read(user, agreement, today) or today
    if baseline is None:
        return {
            "on": on,
            "baseline": None,
            "slipped": 0,
            "days": 0,
            **{name: [] for name in ("tasks", "parties", "causes")},
        }
    answer = slippage(
        baseline,
        on,
        tasks=access.visible_to(user, Task),
        changes=access.visible_to(user, DateChange),
    )
    return _told(answer)


def _told(answer: Slippage) -> dict[str, Any]:
    baseline = answer.baseline
    return {
        "on": answer.on,
        "baseline": {
            "id": baseline.public_id,
            "number": baseline.number,
            "name": baseline.label,
            "kind": baseline.kind,
            "taken_on": baseline.taken_on,
        },
        "slipped": len(answer.slipped),
        "days": answer.days,
        "tasks": [_line(line) for line in answer.lines],
        "parties": [
            {
                "organization": share.organization.public_id if share.organization else None,
                "name": str(share.organization) if share.organization else None,
                "tasks": share.tasks,
                "slipped": len(share.slipped),
                "days": share.days,
                "longest": share.longest,
            }
            for share in answer.by_party()
        ],
        "causes": [
            {
                "cause": reason.cause or None,
                "label": str(reason.label),
                "tasks": len(reason.lines),
                "days": reason.days,
            }
            for reason in answer.by_cause()
        ],
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "task": line.task.public_id if line.task else None,
        "number": line.number,
        "title": line.title,
        "fate": line.fate,
        "lead": line.lead.public_id if line.lead else None,
        "lead_name": str(line.lead) if line.lead else None,
        "promised": line.promised,
        "due_on": line.due_on,
        "completed_on": line.completed_on,
        "slip": line.slip,
        "moved": line.moved,
        "unagreed": line.unagreed,
    }
