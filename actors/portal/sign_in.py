"""Signing in: accounts are given by the secretariat; nobody signs up by themselves."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter


class SignInAdapter(DefaultAccountAdapter):
    """Closes the sign-up that is open by default."""

    def is_open_for_signup(self, request: Any) -> bool:
        return False
