"""The record over the API: the change feed, in the order of commits."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance import access
from governance.api.filters import refuse_parameters
from governance.record import Event

PAGE = 500


class EventText(serializers.Serializer):
    """One change: what happened to which object; read the object for what it is now."""

    sequence = serializers.IntegerField()
    recorded_at = serializers.DateTimeField()
    happened_on = serializers.DateField(allow_null=True)
    door = serializers.CharField()
    verb = serializers.CharField()
    object_type = serializers.CharField()
    object_id = serializers.UUIDField()
    scope_type = serializers.CharField()
    scope_id = serializers.UUIDField(allow_null=True)


class EventPage(serializers.Serializer):
    """A stretch of the feed; ask again ``after`` the cursor given."""

    after = serializers.IntegerField()
    results = EventText(many=True)


class Events(APIView):
    """The change feed: gap-free, in the order of commits."""

    family = "events"

    @extend_schema(
        parameters=[
            OpenApiParameter("after", OpenApiTypes.INT64, description="The cursor last given.")
        ],
        responses=EventPage,
    )
    def get(self, request: Request, *args: Any) -> Response:
        """Up to 500 changes behind the cursor, of objects that the caller may see."""
        refuse_parameters(request, {"after"})
        after = _cursor(request.query_params.get("after", "0"))
        rows = list(
            access.visible_to(request.user, Event)
            .filter(sequence__gt=after)
            .order_by("sequence")
            .values(
                "sequence",
                "recorded_at",
                "happened_on",
                "door",
                "verb",
                "object_type",
                "object_id",
                "scope_type",
                "scope_id",
            )[:PAGE]
        )
        return Response({"after": rows[-1]["sequence"] if rows else after, "results": rows})


def _cursor(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 19):
        raise ValidationError(
            {"after": [ErrorDetail(str(_("Give the cursor as it was given.")), code="invalid")]}
        )
    return int(text)
