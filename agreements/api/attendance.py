"""Attendance over the API, and the question whether there is a quorum."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from agreements.mechanisms.attendance import State, participants, quorum
from agreements.models import Attendance, Consultation
from governance.api.filters import CHOICES, RelatedFilter, RowFilterSet
from governance.api.resource import Resource
from governance.api.serializers import NounSerializer


class AttendanceSerializer(NounSerializer):
    """How an organization took part in a consultation."""

    class Meta:
        model = Attendance
        create_only = ("consultation", "organization")
        fields = (
            "id",
            "consultation",
            "consultation_name",
            "organization",
            "organization_name",
            "party",
            "person",
            "person_name",
            "name",
            "state",
            "mandate",
            "represented_by",
            "represented_by_name",
            "excuse",
            "source",
            "illustrative",
            "created_at",
            "changed_at",
        )


class AttendanceFilters(RowFilterSet):
    """Filters of attendance."""

    agreement = RelatedFilter(field_name="consultation__agreement")

    class Meta:
        model = Attendance
        fields = {
            "consultation": ["exact"],
            "organization": ["exact"],
            "state": CHOICES,
        }


class Attendances(Resource):
    """Who took part in which consultation, and by what mandate."""

    model = Attendance
    serializer_class = AttendanceSerializer
    filterset_class = AttendanceFilters
    ordering_fields = ("created_at", "changed_at")


class ParticipantText(serializers.Serializer):
    """One that takes part by right, and how it did."""

    organization = serializers.UUIDField(help_text=_("The id of the organization."))
    organization_name = serializers.CharField(help_text=_("Its name, in the reader's language."))
    counts = serializers.BooleanField(help_text=_("Whether it counts for the quorum."))
    state = serializers.ChoiceField(
        choices=State.choices, allow_null=True, help_text=_("Null: not on the list yet.")
    )


class QuorumAnswer(serializers.Serializer):
    """Whether enough of those that count are there."""

    required = serializers.IntegerField(
        allow_null=True, help_text=_("How many are needed; null: no quorum is stated.")
    )
    present = serializers.IntegerField(help_text=_("How many are there or represented."))
    of = serializers.IntegerField(help_text=_("How many count."))
    met = serializers.BooleanField(help_text=_("Whether there is a quorum."))
    participants = ParticipantText(many=True, help_text=_("Who takes part by right."))


def quorum_answer(consultation: Consultation) -> dict[str, Any]:
    """The quorum as it stands, with those who take part by right."""
    taking_part = participants(consultation)
    states = dict(
        Attendance.objects.filter(consultation=consultation).values_list("organization", "state")
    )
    return quorum(consultation, taking_part).kept() | {
        "participants": [
            {
                "organization": one.organization.public_id,
                "organization_name": str(one.organization),
                "counts": one.counts,
                "state": states.get(one.organization.pk),
            }
            for one in taking_part
        ]
    }
