"""Consultations over the API."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from actors.models import Organization
from agreements.api.attendance import QuorumAnswer, quorum_answer
from agreements.mechanisms.consultation_hosts import hosts_of
from agreements.models import Consultation
from governance import access
from governance.api.filters import CHOICES, DAYS, RowFilterSet, refuse_parameters
from governance.api.input import Day, Moment
from governance.api.resource import Resource
from governance.api.serializers import Attached, NounSerializer
from governance.api.verbs import OnReason, verb


def _hosts_to_be(ids: list[int], user: Any) -> dict[int, Any]:
    """The host that each consultation has, or by its series' rule would have on its day."""
    found = Consultation.objects.filter(pk__in=ids).select_related(
        "host", "series__host", "series__rotation", "series__agreement", "agreement"
    )
    hosts = hosts_of(found)
    shown = access.seen(user, Organization, {host.public_id for host in hosts.values() if host})
    return {
        pk: {"organization": host.public_id, "name": str(host)}
        if host and host.public_id in shown
        else None
        for pk, host in hosts.items()
    }


class HostText(serializers.Serializer):
    """Who hosts, or will by the rule."""

    organization = serializers.UUIDField()
    name = serializers.CharField()


class ConsultationSerializer(NounSerializer):
    """One meeting."""

    host_now = Attached(HostText(allow_null=True), _hosts_to_be, empty=lambda: None)

    class Meta:
        model = Consultation
        create_only = ("agreement", "group", "series")
        fields = (
            "id",
            "agreement",
            "agreement_name",
            "group",
            "group_name",
            "series",
            "series_name",
            "title",
            "title_zh",
            "starts_at",
            "ends_at",
            "place",
            "place_zh",
            "host",
            "host_name",
            "host_now",
            "status",
            "held_on",
            "source",
            "illustrative",
            "created_at",
            "changed_at",
        )


class ConsultationFilters(RowFilterSet):
    """Filters of consultations."""

    class Meta:
        model = Consultation
        fields = {
            "agreement": ["exact"],
            "series": ["exact", "isnull"],
            "group": ["exact", "isnull"],
            "host": ["exact"],
            "status": CHOICES,
            "starts_at": ["lt", "lte", "gt", "gte", "isnull"],
            "held_on": DAYS,
        }


class CloseBody(OnReason):
    """The day on which it took place; left out: the day it was called for."""

    held_on = Day(required=False)


class PostponeBody(OnReason):
    """To when; left out: to a day still to be set."""

    starts_at = Moment(required=False, allow_null=True)
    ends_at = Moment(required=False, allow_null=True)


class MoveBody(OnReason):
    """When and where it is to be held; what is left out stays."""

    starts_at = Moment(required=False, help_text=_("When it begins."))
    ends_at = Moment(required=False, allow_null=True, help_text=_("When it ends."))
    place = serializers.CharField(required=False, allow_blank=True, max_length=200)
    place_zh = serializers.CharField(required=False, allow_blank=True, max_length=200)


class Consultations(Resource):
    """The meetings."""

    model = Consultation
    serializer_class = ConsultationSerializer
    filterset_class = ConsultationFilters
    ordering = "starts_at"
    ordering_fields = ("starts_at", "held_on", "created_at", "changed_at")
    search_fields = ("title", "title_zh", "place", "place_zh")

    move = verb("move", body=MoveBody)

    @extend_schema(responses=QuorumAnswer)
    @action(detail=True, methods=["get"])
    def quorum(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Who takes part by right, who of them is there, and whether that is a quorum."""
        consultation = self.get_object()
        refuse_parameters(request, set())
        return Response(quorum_answer(consultation))

    convene = verb("convene")
    close = verb("close", body=CloseBody)
    postpone = verb("postpone", body=PostponeBody)
    cancel = verb("cancel")
