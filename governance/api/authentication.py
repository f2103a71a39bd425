"""How a program signs in: ``Authorization: Bearer <token>``, never a token in the address."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import SAFE_METHODS, BasePermission

from governance import clock
from governance.tokens import Token


class TokenAuthentication(BaseAuthentication):
    """Signs in whoever shows a usable token."""

    def authenticate(self, request: Any) -> tuple[Any, Token] | None:
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"bearer":
            return None
        if len(parts) != 2:
            raise exceptions.AuthenticationFailed(
                _("Send the header “Authorization: Bearer <token>”.")
            )
        token = Token.opened_by(parts[1].decode("latin-1"), clock.now())
        if token is None:
            raise exceptions.AuthenticationFailed(_("This token is unknown, expired or revoked."))
        return token.user, token

    def authenticate_header(self, request: Any) -> str:
        return 'Bearer realm="concord"'


class SignedInWithinScope(BasePermission):
    """Somebody is signed in, and a token's scopes reach this family and this kind of request."""

    message = _("The scopes of this token do not reach that far.")

    def has_permission(self, request: Any, view: Any) -> bool:
        if not request.user or not request.user.is_authenticated:
            return False
        if not isinstance(request.auth, Token):
            return True
        kind = "read" if request.method in SAFE_METHODS else "write"
        return request.auth.allows(getattr(view, "family", ""), kind)
