"""Who is asking."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from actors.models import Organization
from actors.user import Role
from governance import access
from governance.api.filters import refuse_parameters
from governance.tokens import Token


class OrganizationName(serializers.Serializer):
    """An organization by id and name."""

    id = serializers.UUIDField()
    name = serializers.CharField()


class MeText(serializers.Serializer):
    """The user, the role, and the organizations acted for today."""

    id = serializers.UUIDField()
    username = serializers.CharField()
    name = serializers.CharField()
    role = serializers.ChoiceField(choices=Role.choices)
    scopes = serializers.ListField(child=serializers.CharField(), allow_null=True)
    organizations = OrganizationName(many=True)


class Me(APIView):
    """Who is asking."""

    family = "me"

    @extend_schema(responses=MeText)
    def get(self, request: Request, *args: Any) -> Response:
        """The user behind the session or the token; ``scopes`` null for a session."""
        refuse_parameters(request, set())
        user: Any = request.user
        own = access.visible_to(user, Organization).filter(pk__in=access.own_organizations(user))
        return Response(
            {
                "id": user.public_id,
                "username": user.username,
                "name": str(user),
                "role": user.role,
                "scopes": request.auth.scopes if isinstance(request.auth, Token) else None,
                "organizations": [{"id": one.public_id, "name": str(one)} for one in own],
            }
        )
