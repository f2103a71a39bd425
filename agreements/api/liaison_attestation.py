"""Attestations over the API: who was asked whether they still are liaison officer, and answered."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django_filters import DateFilter
from rest_framework import serializers

from agreements.models import Agreement, LiaisonAttestation
from governance.api.filters import DAYS, RelatedFilter, RowFilterSet
from governance.api.resource import Resource
from governance.api.serializers import Name, NounSerializer, Related
from governance.api.verbs import OnReason, verb


class AttestationSerializer(NounSerializer):
    """The question to a liaison officer, and the answer; ``still`` is null while it is open."""

    agreement = Related(Agreement, source="appointment.party.agreement", read_only=True)
    agreement_name = Name("appointment__party__agreement", ("title", "title_zh"))
    organization_name = Name("appointment__party__organization", ("name", "name_zh"))
    person_name = Name("appointment__person", ("name", "name_zh"))

    class Meta:
        model = LiaisonAttestation
        read_only_fields = ("appointment", "asked_on")
        fields = (
            "id",
            "agreement",
            "agreement_name",
            "appointment",
            "organization_name",
            "person_name",
            "asked_on",
            "reminded_on",
            "answered_on",
            "still",
            "created_at",
            "changed_at",
        )


class AttestationFilters(RowFilterSet):
    """Filters of attestations; ``to_chase_on`` gives those open that day, or without successor."""

    agreement = RelatedFilter(field_name="appointment__party__agreement")
    to_chase_on = DateFilter(method="open_on")

    class Meta:
        model = LiaisonAttestation
        fields = {
            "appointment": ["exact"],
            "asked_on": DAYS,
            "answered_on": DAYS,
            "still": ["exact", "isnull"],
        }

    def open_on(self, rows: Any, name: str, on: Any) -> Any:
        return rows.filter(pk__in=rows.to_chase(on).order_by().values("pk"))


class AnswerBody(OnReason):
    """Whether they still are liaison officer."""

    still = serializers.BooleanField(help_text=_("Whether they still are liaison officer."))


class LiaisonAttestations(Resource):
    """The half-yearly question to the liaison officers; the system asks it by itself."""

    model = LiaisonAttestation
    serializer_class = AttestationSerializer
    filterset_class = AttestationFilters
    ordering = "-asked_on"
    ordering_fields = ("asked_on", "answered_on", "created_at", "changed_at")
    writes = ()

    answer = verb("answer", label=_("Answer the question"), body=AnswerBody)
