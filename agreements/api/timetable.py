"""Phases and milestones over the API."""

from agreements.models import Milestone, Phase
from governance.api.filters import DAYS, RowFilterSet
from governance.api.resource import Resource
from governance.api.serializers import NounSerializer


class PhaseSerializer(NounSerializer):
    """A stretch of the roadmap."""

    class Meta:
        model = Phase
        create_only = ("agreement",)
        fields = (
            "id",
            "agreement",
            "agreement_name",
            "position",
            "name",
            "name_zh",
            "starts_on",
            "ends_on",
            "source",
            "illustrative",
            "created_at",
            "changed_at",
        )


class PhaseFilters(RowFilterSet):
    """Filters of phases."""

    class Meta:
        model = Phase
        fields = {"agreement": ["exact"], "starts_on": DAYS, "ends_on": DAYS}


class Phases(Resource):
    """The phases of the roadmaps."""

    model = Phase
    serializer_class = PhaseSerializer
    filterset_class = PhaseFilters
    ordering = "position"
    ordering_fields = ("position", "starts_on", "ends_on", "created_at", "changed_at")


class MilestoneSerializer(NounSerializer):
    """A point of the roadmap."""

    class Meta:
        model = Milestone
        create_only = ("agreement",)
        fields = (
            "id",
            "agreement",
            "agreement_name",
            "phase",
            "phase_name",
            "name",
            "name_zh",
            "due_on",
            "reached_on",
            "source",
            "illustrative",
            "created_at",
            "changed_at",
        )


class MilestoneFilters(RowFilterSet):
    """Filters of milestones."""

    class Meta:
        model = Milestone
        fields = {
            "agreement": ["exact"],
            "phase": ["exact"],
            "due_on": DAYS,
            "reached_on": DAYS,
        }


class Milestones(Resource):
    """The milestones of the roadmaps."""

    model = Milestone
    serializer_class = MilestoneSerializer
    filterset_class = MilestoneFilters
    ordering = "due_on"
    ordering_fields = ("due_on", "reached_on", "created_at", "changed_at")
