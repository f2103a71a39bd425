"""Tokens by which programs sign in: random, stored hashed, scoped, expiring, revoked at once."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from governance import clock
from governance.base import Noun, NounQuerySet
from governance.record import refuse, unit

PREFIX = "cnc_"
SCOPES = ("read", "write")
USE_NOTED_EVERY = timedelta(hours=1)


def default_scopes() -> list[str]:
    """What a token may do when nothing else was said: read and write."""
    return list(SCOPES)


def digest(key: str) -> str:
    """The hash under which a token is stored; its 256 random bits need no salt."""
    return hashlib.sha256(key.encode()).hexdigest()


class TokenQuerySet(NounQuerySet):
    def usable(self, at: datetime) -> Self:
        """Neither revoked nor expired at that moment."""
        return self.filter(revoked_at__isnull=True, expires_at__gt=at)


class Token(Noun):
    """A program's key to the API, acting for a user.

    ``scopes`` are ``read`` and ``write``, for everything, or with a resource family in front,
    such as ``tasks:write``.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("acts for"),
        on_delete=models.CASCADE,
        related_name="tokens",
    )
    name = models.CharField(_("what it is for"), max_length=100, blank=True)
    start = models.CharField(_("begins with"), max_length=12, editable=False)
    hash = models.CharField(max_length=64, unique=True, editable=False)
    scopes = models.JSONField(_("scopes"), default=default_scopes)
    expires_at = models.DateTimeField(_("expires at"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, editable=False)
    used_at = models.DateTimeField(_("last used"), null=True, editable=False)

    secret_facts = frozenset({"hash", "used_at"})
    objects = TokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("token")
        verbose_name_plural = _("tokens")
        ordering = ("-created_at",)

    def __str__(self) -> str:
        return f"{self.start}… {self.name}".strip()

    def clean(self) -> None:
        super().clean()
        for scope in self.scopes or ():
            if not isinstance(scope, str) or scope.rpartition(":")[2] not in SCOPES:
                raise refuse(
                    "scopes", _("A scope is read or write, or a family such as tasks:read.")
                )

    @classmethod
    def issue(
        cls, user: Any, *, by: Any, scopes: Iterable[str] = SCOPES, days: int = 90, name: str = ""
    ) -> tuple[Self, str]:
        """A new token and its key; the key is shown this once and not kept."""
        key = PREFIX + secrets.token_urlsafe(32)
        token = cls.enter(
            by=by,
            user=user,
            name=name,
            start=key[:10],
            hash=digest(key),
            scopes=sorted(set(scopes)),
            expires_at=clock.now() + timedelta(days=days),
        )
        return token, key

    def revoke(self, *, by: Any) -> None:
        """From this moment it opens nothing."""
        with unit():
            self.lock()
            before = self.facts()
            self.revoked_at = self.revoked_at or clock.now()
            self.put(by=by, verb="revoke", before=before)

    def allows(self, family: str, kind: str) -> bool:
        """Whether it may ``read`` or ``write`` the resources of a family."""
        return kind in self.scopes or f"{family}:{kind}" in self.scopes

    @classmethod
    def opened_by(cls, key: str, at: datetime) -> "Token | None":
        """The usable token of that key, with its user, its use noted; None without one."""
        token = (
            cls.objects.usable(at)
            .filter(hash=digest(key), user__is_active=True)
            .select_related("user__person", "user__organization")
            .first()
        )
        if token is not None and (token.used_at is None or at - token.used_at > USE_NOTED_EVERY):
            cls.objects.filter(pk=token.pk).update(used_at=at)
        return token
