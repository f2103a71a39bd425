"""Content areas over the API."""

from agreements.models import ContentArea
from governance.api.filters import RowFilterSet
from governance.api.resource import Resource
from governance.api.serializers import NounSerializer


class ContentAreaSerializer(NounSerializer):
    """A field of cooperation, in a tree."""

    class Meta:
        model = ContentArea
        fields = (
            "id",
            "name",
            "name_zh",
            "parent",
            "parent_name",
            "source",
            "illustrative",
            "created_at",
            "changed_at",
        )


class ContentAreaFilters(RowFilterSet):
    """Filters of content areas."""

    class Meta:
        model = ContentArea
        fields = {"parent": ["exact", "isnull"]}


class ContentAreas(Resource):
    """What is governed."""

    model = ContentArea
    serializer_class = ContentAreaSerializer
    filterset_class = ContentAreaFilters
    ordering = "name"
    ordering_fields = ("name", "created_at", "changed_at")
    search_fields = ("name", "name_zh")
