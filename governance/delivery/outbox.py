"""The outbox: what is to be sent is written in the transaction of the change that causes it.

A change that is rolled back sends nothing, and one that is committed is sent at least once: a
worker takes a message for a while (its lease), sends it and notes that it is sent. Killed in
between, the message falls free when the lease runs out and is sent again, under the same
Message-ID, by which the receiver knows it.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, Self
from urllib.parse import urlsplit
from uuid import uuid4

from django.conf import settings
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from governance import clock
from governance.base import LivingNoun, NounQuerySet
from governance.lifecycle import Lifecycle, Refusal, Transition

# What lies between two tries: eight tries in a little under 24 hours, then it is given up.
PAUSES = tuple(timedelta(minutes=minutes) for minutes in (0.5, 2, 10, 30, 2 * 60, 6 * 60, 15 * 60))
MOST_TRIES = len(PAUSES) + 1
# How long a worker may take over one message: longer than all the time-outs of one sending.
LEASE = timedelta(minutes=5)
# A queue whose oldest message is due for longer than this stands still.
OLD_AFTER = timedelta(minutes=15)
# A text sent is kept for so long, in case it has to be sent again; then only who, when, what about.
SENT_TEXT_KEPT_FOR = timedelta(days=7)
TEXT_KEPT_FOR = timedelta(days=30)
ROW_KEPT_FOR = timedelta(days=365)

Attachment = tuple[str, bytes, str]


class Channel(models.TextChoices):
    """How a message travels."""

    MAIL = "mail", _("E-mail")


class Status(models.TextChoices):
    """What has become of a message."""

    WAITING = "waiting", _("Waiting")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Given up")
    CANCELLED = "cancelled", _("Cancelled")


class MessageQuerySet(NounQuerySet):
    def due(self, at: datetime) -> Self:
        """Those that may be sent at that moment: due, held by no worker, first of their order."""
        before = self.model._base_manager.filter(
            order_key=OuterRef("order_key"), status=Status.WAITING, pk__lt=OuterRef("pk")
        )
        return (
            self.filter(status=Status.WAITING, due_at__lte=at)
            .filter(Q(leased_until__isnull=True) | Q(leased_until__lte=at))
            .filter(Q(order_key="") | ~Exists(before))
            .order_by("due_at", "pk")
        )

    def failed(self) -> Self:
        """Those that were given up."""
        return self.filter(status=Status.FAILED)

    def overdue(self, at: datetime) -> Self:
        """Those that should have been tried long ago: nobody empties the queue."""
        return self.filter(status=Status.WAITING, due_at__lte=at - OLD_AFTER)

    def claim(self, at: datetime) -> "Message | None":
        """The next message that is due, taken for this worker alone; None when there is none.

        The try is counted before it is made, so that a message that kills its worker is given up
        in the end like any other.
        """
        if not self.due(at).exists():  # a look takes no lock
            return None
        with transaction.atomic():
            message: Message | None = self.due(at).select_for_update(skip_locked=True).first()
            if message is None:
                return None
            if message.attempts >= MOST_TRIES:
                unfinished = str(_("The last try did not come to an end."))
                message.fail(at, message.last_error or unfinished)
                return self.claim(at)
            message._hold(until=at + LEASE)
            return message

    def forget(self, at: datetime) -> int:
        """Empty the texts that are no longer needed, and drop the oldest rows. How many of both."""
        over = self.exclude(status=Status.WAITING)
        sent = Q(status=Status.SENT, done_at__lte=at - SENT_TEXT_KEPT_FOR)
        text = ~Q(body="") & (sent | Q(created_at__lte=at - TEXT_KEPT_FOR))
        emptied = over.filter(text).update(body="", attachments=[])
        dropped, _of_what = over.filter(created_at__lte=at - ROW_KEPT_FOR).delete()
        return emptied + dropped


def _has_its_text(message: "Message", on: date) -> Refusal | None:
    if message.body:
        return None
    return Refusal("text_forgotten", _("Its text is no longer kept."))


def _not_under_way(message: "Message", on: date) -> Refusal | None:
    if message.leased_until is None or message.leased_until <= clock.actual():
        return None
    return Refusal("under_way", _("It is being sent at this moment."))


class Message(LivingNoun):
    """One message to one address.

    People's verbs go on record; the carrying does not, it stands here. ``claim`` tells the worker
    that holds the message from one whose lease has run out.
    """

    channel = models.CharField(
        _("channel"), max_length=10, choices=Channel, default=Channel.MAIL, editable=False
    )
    to = models.CharField(_("recipient"), max_length=320, editable=False)
    subject = models.CharField(_("subject"), max_length=300, editable=False)
    body = models.TextField(_("text"), blank=True, editable=False)
    attachments = models.JSONField(_("attachments"), default=list, editable=False)
    order_key = models.CharField(max_length=400, blank=True, editable=False)
    status = models.CharField(
        _("status"), max_length=9, choices=Status, default=Status.WAITING, editable=False
    )
    attempts = models.PositiveSmallIntegerField(_("tries"), default=0, editable=False)
    due_at = models.DateTimeField(_("next try"), default=clock.actual, editable=False)
    leased_until = models.DateTimeField(null=True, editable=False)
    claim = models.UUIDField(null=True, editable=False)
    last_error = models.TextField(_("what went wrong"), blank=True, editable=False)
    done_at = models.DateTimeField(_("sent or given up"), null=True, editable=False)

    secret_facts = frozenset(
        {
            *("to", "subject", "body", "attachments", "order_key"),
            *("attempts", "due_at", "leased_until", "claim", "last_error", "done_at"),
        }
    )
    objects = MessageQuerySet.as_manager()

    lifecycle = Lifecycle(
        Status,
        (
            Transition(
                "replay",
                _("Send again"),
                frozenset({Status.SENT, Status.FAILED, Status.CANCELLED}),
                Status.WAITING,
                (_has_its_text,),
            ),
            Transition(
                "cancel",
                _("Cancel sending"),
                frozenset({Status.WAITING, Status.FAILED}),
                Status.CANCELLED,
                (_not_under_way,),
                danger=True,
            ),
        ),
    )

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ("-created_at", "-id")
        indexes = (
            models.Index(
                fields=("due_at", "id"),
                condition=Q(status=Status.WAITING),
                name="message_due",
            ),
            models.Index(
                fields=("order_key", "id"),
                condition=Q(status=Status.WAITING),
                name="message_order",
            ),
            models.Index(fields=("status", "created_at"), name="message_status"),
        )

    def __str__(self) -> str:
        return self.subject

    # changes

    def replay(self, *, by: Any, on: date, reason: str = "", version: int | None = None) -> Self:
        """Send it once more, from now on with as many tries as a new one."""
        return self.advance(
            "replay",
            by=by,
            on=on,
            reason=reason,
            version=version,
            attempts=0,
            due_at=clock.actual(),
            leased_until=None,
            claim=None,
            done_at=None,
        )

    def cancel(self, *, by: Any, on: date, reason: str = "", version: int | None = None) -> Self:
        """It is not sent any more."""
        return self.advance("cancel", by=by, on=on, reason=reason, version=version)

    def _hold(self, *, until: datetime) -> None:
        """Taken for a worker, in the transaction that has locked the row."""
        self.claim, self.attempts, self.leased_until = uuid4(), self.attempts + 1, until
        self.save(update_fields=("claim", "attempts", "leased_until"))

    def _note(self, **facts: Any) -> bool:
        """Note how far the carrying has come, unless another worker or a person was quicker."""
        rows = type(self).objects.filter(pk=self.pk, claim=self.claim, status=Status.WAITING)
        return bool(rows.update(changed_at=clock.actual(), leased_until=None, **facts))

    def delivered(self, at: datetime) -> bool:
        """It has left; False when somebody else has settled it meanwhile."""
        return self._note(status=Status.SENT, done_at=at, last_error="")

    def fail(self, at: datetime, error: str, *, for_good: bool = False) -> bool:
        """This try failed: another after a pause, or it is given up. ``for_good``: at once."""
        if for_good or self.attempts >= MOST_TRIES:
            return self._note(status=Status.FAILED, done_at=at, last_error=error)
        return self._note(due_at=at + PAUSES[self.attempts - 1], last_error=error)

    # questions

    @property
    def message_id(self) -> str:
        """The name by which the receiver knows it, however often it is sent."""
        return f"<{self.public_id}@{urlsplit(settings.PUBLIC_URL).hostname}>"

    def files(self) -> list[Attachment]:
        """Its attachments: name, content, media type."""
        return [(one["name"], b64decode(one["content"]), one["type"]) for one in self.attachments]


def post_mail(
    to: str,
    subject: str,
    body: str,
    *,
    attachments: Iterable[Attachment] = (),
    order_key: str = "",
) -> Message:
    """Put a mail into the outbox, in the transaction of the change that causes it.

    Messages with the same ``order_key`` leave one after the other; an empty one waits for none.
    """
    message: Message = Message.objects.create(
        to=to,
        subject=" ".join(subject.split())[:300],
        body=body,
        attachments=[
            {"name": name, "type": media, "content": b64encode(content).decode()}
            for name, content, media in attachments
        ],
        order_key=order_key,
    )
    return message
