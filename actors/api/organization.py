"""Organizations over the API."""

from typing import Any

from rest_framework import serializers

from actors.models import Identifier, Organization
from actors.organization import Scheme
from governance import access, clock
from governance.api.filters import CHOICES, RelatedFilter, RowFilterSet
from governance.api.input import StrictSerializer
from governance.api.resource import Resource
from governance.api.serializers import Attached, NounSerializer, grouped


def _identifiers(ids: list[int], user: Any) -> dict[int, list[dict[str, str]]]:
    rows = (
        access.visible_to(user, Identifier)
        .filter(organization__in=ids)
        .order_by("scheme", "value")
        .values_list("organization_id", "scheme", "value")
    )
    return grouped((owner, {"scheme": scheme, "value": value}) for owner, scheme, value in rows)


class IdentifierText(StrictSerializer):
    """A number in a register."""

    scheme = serializers.ChoiceField(choices=Scheme.choices)
    value = serializers.CharField(max_length=200)

    def to_internal_value(self, data: Any) -> Any:
        """Whole even within a partial change: what is missing is refused."""
        found = super().to_internal_value(data)
        required = str(serializers.Field.default_error_messages["required"])
        missing: dict[Any, Any] = {
            name: [serializers.ErrorDetail(required, code="required")]
            for name in self.fields
            if name not in found
        }
        if missing:
            raise serializers.ValidationError(missing)
        return found


SHARED = (
    "id",
    "name",
    "name_zh",
    "short_name",
    "short_name_zh",
    "kind",
    "sector",
    "region",
    "region_name",
    "parent",
    "parent_name",
    "identifiers",
    "illustrative",
    "created_at",
    "changed_at",
)


class OrganizationSerializer(NounSerializer):
    """A body that takes part in agreements, as the secretariat reads and writes it."""

    identifiers = Attached(IdentifierText(many=True), _identifiers)

    class Meta:
        model = Organization
        fields = (*SHARED, "sector_reason", "source", "notes")


class OrganizationInput(OrganizationSerializer):
    """An organization with its identifiers, entered at once."""

    identifiers = serializers.ListField(child=IdentifierText(), required=False, write_only=True)


class OrganizationForPartners(NounSerializer):
    """An organization as partners read it."""

    identifiers = Attached(IdentifierText(many=True), _identifiers)

    class Meta:
        model = Organization
        fields = SHARED


class OrganizationFilters(RowFilterSet):
    """Filters of organizations."""

    region = RelatedFilter(field_name="region")

    class Meta:
        model = Organization
        fields = {
            "sector": CHOICES,
            "kind": CHOICES,
            "parent": ["exact", "isnull"],
            "illustrative": ["exact"],
        }


class Organizations(Resource):
    """Who takes part."""

    model = Organization
    serializer_class = OrganizationSerializer
    input_serializer_class = OrganizationInput
    partner_serializer_class = OrganizationForPartners
    filterset_class = OrganizationFilters
    ordering = "name"
    ordering_fields = ("name", "name_zh", "created_at", "changed_at")
    search_fields = ("name", "name_zh", "short_name", "short_name_zh")

    def unstated(self, serializer: NounSerializer) -> dict[str, Any]:
        return {**super().unstated(serializer), "identifiers": []}

    def enter_facts(self, facts: dict[str, Any]) -> Organization:
        identifiers = facts.pop("identifiers", None)
        return Organization.enter_identified(
            by=self.request.user, on=clock.today(), identifiers=identifiers or (), **facts
        )

    def edit_facts(self, obj: Any, version: int | None, facts: dict[str, Any]) -> None:
        identifiers = facts.pop("identifiers", None)
        obj.edit_identified(by=self.request.user, version=version, identifiers=identifiers, **facts)
