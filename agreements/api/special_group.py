"""Special cooperation groups and their members over the API."""

from typing import Any

from django_filters import DateFilter

from agreements.models import GroupMembership, SpecialGroup
from governance.api.filters import CHOICES, DAYS, RelatedFilter, RowFilterSet
from governance.api.resource import Resource
from governance.api.serializers import NounSerializer
from governance.api.verbs import verb


class SpecialGroupSerializer(NounSerializer):
    """A group set up under an agreement."""

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
            "closing_report",
            "source",
            "illustrative",
            "created_at",
            "changed_at",
        )


class SpecialGroupFilters(RowFilterSet):
    """Filters of groups."""

    class Meta:
        model = SpecialGroup
        fields = {
            "agreement": ["exact"],
            "topic": ["exact"],
            "lead": ["exact"],
            "status": CHOICES,
            "sunset_on": DAYS,
        }


class SpecialGroups(Resource):
    """The special cooperation groups."""

    model = SpecialGroup
    serializer_class = SpecialGroupSerializer
    filterset_class = SpecialGroupFilters
    ordering_fields = ("created_at", "changed_at", "set_up_on", "sunset_on")
    search_fields = ("name", "name_zh", "mandate", "mandate_zh")

    close = verb("close")


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
