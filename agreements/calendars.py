"""Calendars: feeds that calendar programs subscribe to, at secret addresses.

A feed belongs to the user who made it and shows what that user may see at the time of asking,
narrowed to themselves, to an organization or to an agreement. Its address carries 256 random
bits, is shown once and kept as a hash; a new one makes the old one worthless at once.
"""

import hashlib
import secrets
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from actors.organization import Organization
from agreements.agreement import Agreement
from governance import clock
from governance.base import Noun, NounQuerySet
from governance.lifecycle import Refusal, Refused
from governance.periods import CheckAt
from governance.record import refuse, unit


class About(models.TextChoices):
    """What a feed shows."""

    MINE = "mine", _("What concerns me")
    ORGANIZATION = "organization", _("An organization")
    AGREEMENT = "agreement", _("An agreement")


def digest(secret: str) -> str:
    """The hash under which an address is kept; its random bits need no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


class CalendarFeedQuerySet(NounQuerySet):
    def standing(self) -> Self:
        """Those that were not revoked. Twin: ``is_standing``."""
        return self.filter(revoked_at__isnull=True)


class CalendarFeed(Noun):
    """A calendar at a secret address: consultations, and what else was chosen."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("belongs to"),
        on_delete=models.CASCADE,
        related_name="calendar_feeds",
        editable=False,
    )
    about = models.CharField(_("shows"), max_length=12, choices=About, default=About.MINE)
    organization = models.ForeignKey(
        Organization,
        verbose_name=_("organization"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    agreement = models.ForeignKey(
        Agreement,
        verbose_name=_("agreement"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    with_terms = models.BooleanField(_("with the terms of convenors"), default=False)
    with_milestones = models.BooleanField(_("with milestones"), default=False)
    with_tasks = models.BooleanField(_("with the days on which tasks are due"), default=False)
    language = models.CharField(
        _("language"),
        max_length=10,
        blank=True,
        help_text=_("As in en or zh-hans. Empty: that of the installation."),
    )
    hash = models.CharField(max_length=64, unique=True, editable=False)
    addressed_at = models.DateTimeField(_("address made at"), editable=False)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, editable=False)
    used_on = models.DateField(_("last fetched on"), null=True, editable=False)

    secret_facts = frozenset({"hash", "used_on"})
    objects = CalendarFeedQuerySet.as_manager()

    class Meta:
        verbose_name = _("calendar feed")
        verbose_name_plural = _("calendar feeds")
        ordering = ("-created_at", "-id")
        constraints = (
            CheckAt(
                name="feed_about_one",
                field="about",
                condition=Q(about=About.MINE, organization=None, agreement=None)
                | Q(about=About.ORGANIZATION, organization__isnull=False, agreement=None)
                | Q(about=About.AGREEMENT, organization=None, agreement__isnull=False),
                violation_error_message=_("Name the organization or the agreement it shows."),
            ),
        )

    def __str__(self) -> str:
        return str(self.organization or self.agreement or About.MINE.label)

    def clean(self) -> None:
        super().clean()
        if self.language and self.language not in dict(settings.LANGUAGES):
            raise refuse("language", _("Concord does not speak this language."))

    # changes

    @classmethod
    def issue(cls, user: Any, *, by: Any, **facts: Any) -> tuple[Self, str]:
        """A new feed and the secret of its address; the secret is told this once and not kept."""
        secret = secrets.token_urlsafe(32)
        made = cls.enter(by=by, user=user, hash=digest(secret), addressed_at=clock.now(), **facts)
        return made, secret

    def rotate(self, *, by: Any, version: int | None = None) -> str:
        """A new secret address; the old one leads nowhere any more. Raises Refused when revoked."""
        secret = secrets.token_urlsafe(32)
        with unit():
            self.lock(version)
            self._require_standing("rotate")
            before = self.facts()
            self.hash, self.addressed_at = digest(secret), clock.now()
            self.put(by=by, verb="rotate", before=before)
        return secret

    def revoke(self, *, by: Any, version: int | None = None, **_said: Any) -> Self:
        """From this moment its address leads nowhere."""
        with unit():
            self.lock(version)
            self._require_standing("revoke")
            before = self.facts()
            self.revoked_at = clock.now()
            self.put(by=by, verb="revoke", before=before)
        return self

    def _require_standing(self, verb: str) -> None:
        if not self.is_standing:
            raise Refused(verb, _REVOKED)

    def refuse_edit(self, facts: dict[str, Any]) -> None:
        self._require_standing("change")

    # questions

    def refusal(self, verb: str, on: Any) -> Refusal | None:
        """Why the state does not allow a verb; None when it does."""
        return None if self.is_standing else _REVOKED

    @property
    def is_standing(self) -> bool:
        """Whether it was not revoked. The twin of ``standing``."""
        return self.revoked_at is None

    @classmethod
    def at(cls, secret: str) -> "CalendarFeed | None":
        """The feed of that address, with its user; None without one, or when the user is barred."""
        found = cls.objects.standing().filter(hash=digest(secret), user__is_active=True)
        feed = found.select_related("user__person", "organization", "agreement").first()
        today = clock.today()
        if feed is not None and feed.used_on != today:
            cls.objects.filter(pk=feed.pk).update(used_on=today)
        return feed


_REVOKED = Refusal("revoked", _("This calendar feed has been revoked already."))


def address_of(secret: str) -> str:
    """The address to which calendar programs subscribe."""
    return f"{settings.PUBLIC_URL}/api/v1/calendars/{secret}.ics"
