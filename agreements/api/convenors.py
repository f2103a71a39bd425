"""Who convenes on a day, over all agreements."""

from datetime import date
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from actors.models import Organization
from agreements.api.convenor_terms import readable_terms
from agreements.models import Agreement, ConvenorTerm, Rotation, TermHolder
from governance import access
from governance.api.filters import refuse_parameters
from governance.api.questions import ON, day_asked
from governance.api.serializers import grouped
from governance.base import bilingual


class ConvenorText(serializers.Serializer):
    """The term of one agreement that holds the day."""

    agreement = serializers.UUIDField()
    agreement_reference = serializers.CharField()
    agreement_name = serializers.CharField()
    term = serializers.UUIDField(allow_null=True)
    holders = serializers.ListField(child=serializers.UUIDField())
    holder_names = serializers.ListField(child=serializers.CharField())
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(allow_null=True)
    state = serializers.CharField()


class ConvenorsAnswer(serializers.Serializer):
    """Who convenes each agreement on a day."""

    on = serializers.DateField()
    results = ConvenorText(many=True)


class Convenors(APIView):
    """Who convenes on a day, over all agreements one may see."""

    family = "rotations"

    @extend_schema(parameters=[ON], responses=ConvenorsAnswer)
    def get(self, request: Request, *args: Any) -> Response:
        """The terms of the agreements' own rotations that hold the day; at most 10,000."""
        refuse_parameters(request, {"on"})
        on = day_asked(request)
        rows = list(
            access.visible_to(request.user, ConvenorTerm)
            .convening(on)
            .filter(rotation__group__isnull=True)
            .order_by("rotation__agreement__reference", "pk")
            .values(
                "pk",
                "public_id",
                "starts_on",
                "ends_on",
                "state",
                "rotation__agreement__public_id",
                "rotation__agreement__reference",
                "rotation__agreement__title",
                "rotation__agreement__title_zh",
            )[:10_000]
        )
        holders = grouped(
            (term, (key, bilingual(name, name_zh)))
            for term, key, name, name_zh in TermHolder.objects.filter(
                term__in=[row["pk"] for row in rows],
                organization__in=access.visible_to(request.user, Organization).values("pk"),
            )
            .order_by("position")
            .values_list(
                "term_id",
                "organization__public_id",
                "organization__name",
                "organization__name_zh",
            )
        )
        told = [_shown(row, holders) for row in rows]
        return Response({"on": on, "results": told + _computed(request.user, on)})


def _computed(user: Any, on: date) -> list[dict[str, Any]]:
    """The terms of a day further ahead than they are stored: worked out one rotation at a time."""
    far = (
        access.visible_to(user, Rotation)
        .filter(group__isnull=True, laid_until__lt=on, length__isnull=False)
        .exclude(agreement__ended_on__lte=on)
        .exclude(pk__in=ConvenorTerm.objects.current(on).values("rotation"))
        .select_related("agreement", "first")
        .order_by("agreement__reference", "pk")
    )
    found = []
    for rotation in far:
        terms = [term for term in rotation.between(on, on) if term.starts_on is not None]
        for term in readable_terms(user, rotation, terms, on):
            told = {name: term[name] for name in ("holders", "holder_names", "state")}
            told |= {name: term[name] for name in ("starts_on", "ends_on")}
            found.append({**_agreement(rotation.agreement), "term": None, **told})
    return found


def _agreement(agreement: Agreement) -> dict[str, Any]:
    return {
        "agreement": agreement.public_id,
        "agreement_reference": agreement.reference,
        "agreement_name": str(agreement),
    }


def _shown(row: dict[str, Any], holders: dict[int, list[Any]]) -> dict[str, Any]:
    mine = holders.get(row["pk"], [])
    return {
        "agreement": row["rotation__agreement__public_id"],
        "agreement_reference": row["rotation__agreement__reference"],
        "agreement_name": bilingual(
            row["rotation__agreement__title"], row["rotation__agreement__title_zh"]
        ),
        "term": row["public_id"],
        "holders": [key for key, _name in mine],
        "holder_names": [name for _key, name in mine],
        "starts_on": row["starts_on"],
        "ends_on": row["ends_on"],
        "state": row["state"],
    }
