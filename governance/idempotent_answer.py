"""Answers kept for a day, so that a request sent again is answered again and done once.

A key is first claimed, in a transaction of its own; the answer is kept in the very transaction of
the change. Killed before the commit, nothing happened and the claim runs out; killed behind it,
the answer is there to be given again.
"""

from datetime import timedelta
from typing import Any, Self
from uuid import uuid4

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext_lazy as _

from governance import clock

KEPT_FOR = timedelta(hours=24)
# How long a request may be under way before its key may be claimed by another.
CLAIMED_FOR = timedelta(minutes=5)


class KeyReused(Exception):
    """The key was used for another request."""


class InFlight(Exception):
    """The first request with this key has not been answered yet."""


class ClaimLost(Exception):
    """Another request has taken the key over meanwhile: this one must change nothing."""


class IdempotentAnswer(models.Model):
    """One key of one caller: what was asked with it, and what was answered."""

    caller = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    request_digest = models.CharField(max_length=64)
    claim = models.UUIDField(default=uuid4)
    claimed_at = models.DateTimeField(default=clock.now, db_index=True)
    status = models.PositiveSmallIntegerField(null=True)
    headers = models.JSONField(default=dict)
    body = models.TextField(default="")

    class Meta:
        verbose_name = _("kept answer")
        verbose_name_plural = _("kept answers")
        constraints = (
            models.UniqueConstraint(fields=("caller", "key"), name="idempotent_answer_once"),
        )

    def __str__(self) -> str:
        return self.key

    @classmethod
    def claimed(cls, caller: str, key: str, request_digest: str) -> Self:
        """The key, claimed for this request, or with the answer that it was given before.

        Forgets what is older than :data:`KEPT_FOR`. Raises KeyReused or InFlight.
        """
        now = clock.now()
        cls.objects.filter(claimed_at__lt=now - KEPT_FOR).delete()
        facts = {"caller": caller, "key": key, "request_digest": request_digest}
        try:
            with transaction.atomic():
                return cls.objects.create(claimed_at=now, **facts)
        except IntegrityError:
            return cls._taken_over(now=now, **facts)

    @classmethod
    def _taken_over(cls, *, caller: str, key: str, request_digest: str, now: Any) -> Self:
        with transaction.atomic():
            kept = cls.objects.select_for_update().filter(caller=caller, key=key).first()
            if kept is None:  # let go just now: the next try will find it free
                raise InFlight
            if kept.request_digest != request_digest:
                raise KeyReused
            if kept.is_answered:
                return kept
            if kept.claimed_at > now - CLAIMED_FOR:
                raise InFlight
            kept.claim, kept.claimed_at = uuid4(), now
            kept.save(update_fields=("claim", "claimed_at"))
            return kept

    @property
    def is_answered(self) -> bool:
        """Whether there is an answer to give again."""
        return self.status is not None

    def keep(self, status: int, headers: dict[str, str], body: str) -> None:
        """Keep the answer, in the transaction of the change. Raises ClaimLost."""
        kept = self._mine().update(status=status, headers=headers, body=body)
        if not kept:
            raise ClaimLost

    def let_go(self) -> None:
        """Nothing was changed: the key is free again."""
        self._mine().filter(status=None).delete()

    def _mine(self) -> models.QuerySet["IdempotentAnswer"]:
        return IdempotentAnswer.objects.filter(pk=self.pk, claim=self.claim)
