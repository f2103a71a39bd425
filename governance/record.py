"""The record: every change is one event, in the same transaction, in one chain.

Events are append-only. Their sequence is the order of commits, because the head of the chain is
locked last before the commit and held through it. Each event carries the hash of the one before;
what is hashed are digests, so that a person's data can be erased from an event (leaving its
digest) and the chain still proves that nothing was moved, added or cut out. The head, or an
anchor of it kept outside the database, shows a cut tail.

All writes run inside :func:`unit`; :func:`record` outside of one is a programming error.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from governance import clock
from governance.wording import kept

GENESIS = "0" * 64


class Door(models.TextChoices):
    """Through which door a change came in."""

    BACK_OFFICE = "back_office", _("back office")
    PORTAL = "portal", _("portal")
    API = "api", _("API")
    COMMAND = "command", _("command line")


_door: ContextVar[str] = ContextVar("door", default=Door.COMMAND)


@contextmanager
def through(door: str) -> Iterator[None]:
    """Say through which door the changes within come."""
    token = _door.set(door)
    try:
        yield
    finally:
        _door.reset(token)


class EventQuerySet(models.QuerySet["Event"]):
    def of(self, obj: models.Model) -> "EventQuerySet":
        """The history of one object, oldest first."""
        return self.filter(
            object_type=object_type(obj),
            object_id=obj.public_id,  # type: ignore[attr-defined]
        ).order_by("sequence")


class Event(models.Model):
    """One change: who, when, through which door, what object, before and after."""

    sequence = models.BigIntegerField(_("sequence"), primary_key=True)
    recorded_at = models.DateTimeField(_("recorded at"))
    happened_on = models.DateField(_("happened on"), null=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    actor_name = models.CharField(_("by"), max_length=200, blank=True)
    door = models.CharField(_("door"), max_length=20, choices=Door)
    verb = models.CharField(_("verb"), max_length=40)
    object_type = models.CharField(_("kind of object"), max_length=60)
    object_id = models.UUIDField(_("object"))
    object_name = models.CharField(_("name"), max_length=300)
    scope_type = models.CharField(_("kind of scope"), max_length=60, blank=True)
    scope_id = models.UUIDField(_("scope"), null=True)
    reason = models.TextField(_("reason"), blank=True)
    before = models.JSONField(_("before"), null=True)
    after = models.JSONField(_("after"), null=True)
    salt = models.CharField(max_length=32, editable=False)
    content_digest = models.CharField(_("digest of the content"), max_length=64, editable=False)
    previous_hash = models.CharField(_("hash of the one before"), max_length=64, editable=False)
    hash = models.CharField(_("hash"), max_length=64, unique=True, editable=False)

    objects = EventQuerySet.as_manager()

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("record")
        ordering = ("-sequence",)
        indexes = (
            models.Index(fields=("object_type", "object_id", "sequence"), name="event_object"),
            models.Index(fields=("scope_type", "scope_id", "sequence"), name="event_scope"),
        )

    def __str__(self) -> str:
        return f"{self.sequence} {self.verb} {self.object_name}"


class ChainHead(models.Model):
    """The last link of the chain: one row, locked while events are appended."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    sequence = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default=GENESIS)

    def __str__(self) -> str:
        return f"{self.sequence}:{self.hash[:12]}"


@dataclass
class _Unit:
    depth: int = 0
    events: list[Event] = field(default_factory=list)


_unit: ContextVar[_Unit | None] = ContextVar("unit", default=None)


@contextmanager
def unit() -> Iterator[None]:
    """One transaction with its record: the outermost unit appends the events, then commits.

    A unit within a unit is a savepoint: when it fails, what it recorded goes with it.
    """
    current = _unit.get()
    if current is not None:
        mark = len(current.events)
        try:
            with transaction.atomic():
                yield
        except BaseException:
            del current.events[mark:]
            raise
        return
    current = _Unit()
    token = _unit.set(current)
    try:
        with transaction.atomic():
            yield
            if current.events:
                _append(current.events)
    finally:
        _unit.reset(token)


def record(
    obj: models.Model,
    verb: str,
    *,
    by: Any,
    on: date | None = None,
    reason: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Put one event on record. ``by`` is a user, or None for what the system does by itself.

    ``obj`` may name the agreement or organization it belongs to with ``record_scope()``. A
    ``reason`` that the system states by itself is given as lazy words, and kept in every language.
    Raises RuntimeError outside of :func:`unit`.
    """
    current = _unit.get()
    if current is None:
        raise RuntimeError("record() outside of unit(): the event must share the transaction")
    scope = obj.record_scope() if hasattr(obj, "record_scope") else None
    current.events.append(
        Event(
            recorded_at=clock.now(),
            happened_on=on,
            actor=by,
            actor_name=str(by)[:200] if by is not None else "",
            door=_door.get(),
            verb=verb,
            object_type=object_type(obj),
            object_id=obj.public_id,  # type: ignore[attr-defined]
            object_name=str(obj)[:300],
            scope_type=object_type(scope) if scope is not None else "",
            scope_id=scope.public_id if scope is not None else None,
            reason=kept(reason),
            before=plain(before),
            after=plain(after),
        )
    )


def object_type(obj: Any) -> str:
    """The name of a kind of object on record: ``agreements.task``."""
    return str(obj._meta.label_lower)


def plain(value: Any) -> Any:
    """``value`` in what JSON can hold: days and ids as text, decimals as text."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, models.Model):
        return {"id": str(value.public_id), "name": str(value)}  # type: ignore[attr-defined]
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, UUID):
        return str(value)
    if value is None or isinstance(value, str | int | bool):
        return value
    return str(value)


def _append(events: list[Event]) -> None:
    head, _created = ChainHead.objects.select_for_update().get_or_create(pk=1)
    for event in events:
        event.sequence = head.sequence + 1
        event.salt = secrets.token_hex(16)
        event.content_digest = content_digest(event)
        event.previous_hash = head.hash
        event.hash = link_hash(event)
        head.sequence, head.hash = event.sequence, event.hash
    Event.objects.bulk_create(events)
    head.save(update_fields=("sequence", "hash"))


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def content_digest(event: Event) -> str:
    """The digest of what may be erased later: who it was, the names, the values, the reason.

    Keyed with the event's own random salt, so that an erased name cannot be found by guessing.
    """
    erasable = [event.actor_name, event.object_name, event.reason, event.before, event.after]
    return hmac.new(event.salt.encode(), _canonical(erasable), hashlib.sha256).hexdigest()


def link_hash(event: Event) -> str:
    """The hash of one link: its fixed fields, the digest of its content, the link before."""
    link = [
        event.sequence,
        event.recorded_at.isoformat(),
        event.happened_on.isoformat() if event.happened_on else None,
        event.actor_id,
        event.door,
        event.verb,
        event.object_type,
        str(event.object_id),
        event.scope_type,
        str(event.scope_id) if event.scope_id else None,
        event.content_digest,
        event.previous_hash,
    ]
    return hashlib.sha256(_canonical(link)).hexdigest()


def _is_erased(event: Event) -> bool:
    """Whether nothing is left of what may be erased; what is left must match its digest."""
    left = (event.actor_name, event.object_name, event.reason, event.before, event.after)
    return not event.salt and not any(left)


def broken_links() -> Iterator[str]:
    """What is wrong with the chain, a sentence each; nothing when it is whole."""
    previous, expected = GENESIS, 1
    for event in Event.objects.order_by("sequence").iterator(chunk_size=2000):
        if event.sequence != expected:
            yield f"event {expected} is missing"
            expected = event.sequence
        if event.previous_hash != previous:
            yield f"event {event.sequence} does not follow the one before it"
        if not _is_erased(event) and event.content_digest != content_digest(event):
            yield f"the content of event {event.sequence} was changed"
        if event.hash != link_hash(event):
            yield f"event {event.sequence} was changed"
        previous, expected = event.hash, expected + 1
    head = ChainHead.objects.filter(pk=1).first()
    last = expected - 1
    if (head.sequence if head else 0) != last or (head and head.hash != previous):
        yield "the end of the chain was cut or added to"


def refuse(field_name: str, sentence: Any, code: str = "invalid") -> ValidationError:
    """A refusal at one field, ready to be raised."""
    return ValidationError({field_name: ValidationError(sentence, code=code)})
