"""Liaison appointments over the API, and the question which party has nobody."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django_filters import DateFilter
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from agreements.mechanisms.liaison_officer import uncovered, uncovered_soon
from agreements.models import Agreement, LiaisonAppointment, Party
from governance import access
from governance.api.filters import CHOICES, DAYS, RelatedFilter, RowFilterSet, refuse_parameters
from governance.api.questions import ON, day_asked
from governance.api.resource import Resource
from governance.api.serializers import Name, NounSerializer, Related
from governance.api.verbs import verb
from governance.base import bilingual


class LiaisonSerializer(NounSerializer):
    """A person who speaks for a party, from a day until a day."""

    agreement = Related(Agreement, source="party.agreement", read_only=True)
    agreement_name = Name("party__agreement", ("title", "title_zh"))
    organization_name = Name("party__organization", ("name", "name_zh"))

    class Meta:
        model = LiaisonAppointment
        create_only = ("party",)
        fields = (
            "id",
            "agreement",
            "agreement_name",
            "party",
            "organization_name",
            "person",
            "person_name",
            "rank",
            "article",
            "starts_on",
            "ends_on",
            "source",
            "illustrative",
            "created_at",
            "changed_at",
        )


class LiaisonFilters(RowFilterSet):
    """Filters of liaison appointments; ``on`` gives those in post that day."""

    agreement = RelatedFilter(field_name="party__agreement")
    organization = RelatedFilter(field_name="party__organization")
    on = DateFilter(method="in_post")

    class Meta:
        model = LiaisonAppointment
        fields = {
            "party": ["exact"],
            "person": ["exact"],
            "rank": CHOICES,
            "starts_on": DAYS,
            "ends_on": DAYS,
        }

    def in_post(self, rows: Any, name: str, on: Any) -> Any:
        return rows.current(on)


class LiaisonAppointments(Resource):
    """The liaison officers of the parties."""

    model = LiaisonAppointment
    serializer_class = LiaisonSerializer
    filterset_class = LiaisonFilters
    ordering_fields = ("created_at", "changed_at", "starts_on", "ends_on")

    relieve = verb("relieve", label=_("End appointment"))


class GapText(serializers.Serializer):
    """A party without a liaison officer."""

    party = serializers.UUIDField(help_text=_("The id of the party."))
    agreement = serializers.UUIDField(help_text=_("The id of its agreement."))
    agreement_name = serializers.CharField(help_text=_("The agreement's title."))
    organization = serializers.UUIDField(help_text=_("The id of the organization."))
    organization_name = serializers.CharField(help_text=_("The organization's name."))


class CoverageAnswer(serializers.Serializer):
    """Which parties have nobody, on a day and within thirty days."""

    on = serializers.DateField(help_text=_("The day asked about."))
    uncovered = GapText(many=True, help_text=_("Those who have nobody that day."))
    uncovered_soon = GapText(
        many=True, help_text=_("Those who will have nobody within thirty days.")
    )


class LiaisonCoverage(APIView):
    """Which party of which agreement has no liaison officer, that day or thirty days on."""

    family = "liaison-appointments"

    @extend_schema(parameters=[ON], responses=CoverageAnswer)
    def get(self, request: Request) -> Response:
        """The gaps on a day, and those to come within thirty days."""
        refuse_parameters(request, {"on"})
        on = day_asked(request)
        parties = access.visible_to(request.user, Party)
        return Response(
            {
                "on": on,
                "uncovered": _gaps(uncovered(parties, on)),
                "uncovered_soon": _gaps(uncovered_soon(parties, on)),
            }
        )


def _gaps(parties: Any) -> list[dict[str, Any]]:
    rows = parties.order_by("agreement__reference", "pk").values(
        "public_id",
        "agreement__public_id",
        "agreement__title",
        "agreement__title_zh",
        "organization__public_id",
        "organization__name",
        "organization__name_zh",
    )
    return [
        {
            "party": row["public_id"],
            "agreement": row["agreement__public_id"],
            "agreement_name": bilingual(row["agreement__title"], row["agreement__title_zh"]),
            "organization": row["organization__public_id"],
            "organization_name": bilingual(row["organization__name"], row["organization__name_zh"]),
        }
        for row in rows
    ]
