"""The checklists of evidence over the API."""

from typing import Any

from django.db.models import Count, F, Q
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from agreements.models import Agreement, Document, EvidenceRequirement
from governance.access import visible_to
from governance.api.filters import CHOICES, RelatedFilter, RowFilterSet
from governance.api.resource import Resource
from governance.api.serializers import NounSerializer, Related


class EvidenceRequirementSerializer(NounSerializer):
    """So many documents of a kind are to be filed before a task is submitted."""

    agreement = Related(Agreement, source="task.agreement", read_only=True)
    filed = serializers.IntegerField(read_only=True, help_text=_("How many are filed so far."))

    class Meta:
        model = EvidenceRequirement
        create_only = ("task",)
        fields = (
            "id",
            "agreement",
            "task",
            "task_name",
            "kind",
            "number",
            "filed",
            "note",
            "note_zh",
            "source",
            "illustrative",
            "created_at",
            "changed_at",
        )


class EvidenceRequirementFilters(RowFilterSet):
    """Filters of checklists."""

    agreement = RelatedFilter(field_name="task__agreement")

    class Meta:
        model = EvidenceRequirement
        fields = {"task": ["exact"], "kind": CHOICES}


class EvidenceRequirements(Resource):
    """What the tasks ask for as evidence."""

    model = EvidenceRequirement
    serializer_class = EvidenceRequirementSerializer
    filterset_class = EvidenceRequirementFilters

    def annotated(self, rows: Any) -> Any:
        seen = visible_to(self.request.user, Document).values("pk")
        of_the_kind = Q(task__evidence__kind=F("kind"), task__evidence__in=seen)
        return rows.annotate(filed=Count("task__evidence", filter=of_the_kind))
