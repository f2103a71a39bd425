"""Regions over the API."""

from actors.models import Region
from governance.api.filters import CHOICES, RowFilterSet
from governance.api.resource import Resource
from governance.api.serializers import NounSerializer


class RegionSerializer(NounSerializer):
    """An administrative division."""

    class Meta:
        model = Region
        fields = (
            "id",
            "name",
            "name_zh",
            "scheme",
            "code",
            "parent",
            "parent_name",
            "created_at",
            "changed_at",
        )


class RegionFilters(RowFilterSet):
    """Filters of regions."""

    class Meta:
        model = Region
        fields = {"scheme": CHOICES, "code": ["exact"], "parent": ["exact", "isnull"]}


class Regions(Resource):
    """Administrative divisions, in a tree."""

    model = Region
    serializer_class = RegionSerializer
    filterset_class = RegionFilters
    ordering = "code"
    ordering_fields = ("code", "name", "created_at", "changed_at")
    search_fields = ("name", "name_zh", "code")
