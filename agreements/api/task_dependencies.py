"""Dependencies between tasks over the API."""

from agreements.models import Agreement, TaskDependency
from governance.api.filters import CHOICES, RelatedFilter, RowFilterSet
from governance.api.resource import Resource
from governance.api.serializers import NounSerializer, Related


class TaskDependencySerializer(NounSerializer):
    """The successor begins when the predecessor is over and the lag has passed."""

    agreement = Related(Agreement, source="successor.agreement", read_only=True)

    class Meta:
        model = TaskDependency
        create_only = ("predecessor", "successor")
        fields = (
            "id",
            "agreement",
            "predecessor",
            "predecessor_name",
            "successor",
            "successor_name",
            "lag",
            "lag_unit",
            "source",
            "illustrative",
            "created_at",
            "changed_at",
        )


class TaskDependencyFilters(RowFilterSet):
    """Filters of dependencies."""

    agreement = RelatedFilter(field_name="successor__agreement")

    class Meta:
        model = TaskDependency
        fields = {"predecessor": ["exact"], "successor": ["exact"], "lag_unit": CHOICES}


class TaskDependencies(Resource):
    """Which task waits for which: finish to start, with a lag in days or working days."""

    model = TaskDependency
    serializer_class = TaskDependencySerializer
    filterset_class = TaskDependencyFilters
    ordering_fields = ("created_at", "changed_at")
