"""The notice: one thing told to one recipient, read by them, its receipt confirmed."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from actors.organization import Organization
from actors.person import Person
from agreements import notice_words
from agreements.agreement import Agreement, Confidentiality
from agreements.party import Party
from governance import clock
from governance.base import Noun, NounQuerySet
from governance.delivery.outbox import Message
from governance.lifecycle import Refusal, Refused
from governance.record import unit

# A notice whose receipt is not confirmed is chased after so long.
CHASED_AFTER = timedelta(days=7)


class NoticeQuerySet(NounQuerySet):
    def unread(self) -> Self:
        """Those that nobody they are for has opened yet. Twin: ``is_unread``."""
        return self.filter(read_at__isnull=True)

    def unacknowledged(self) -> Self:
        """Those whose receipt was not confirmed. Twin: ``is_acknowledged``, the other way round."""
        return self.filter(acknowledged_on__isnull=True)

    def to_chase(self, on: date) -> Self:
        """Those whose receipt nobody has confirmed for a week. Twin: ``is_to_chase``."""
        return self.unacknowledged().filter(told_on__lte=on - CHASED_AFTER)

    def undeliverable(self) -> Self:
        """Those for a party that had no liaison officer that day. Twin: ``is_undeliverable``."""
        return self.filter(party__isnull=False, person__isnull=True)

    def addressed_to(self, person: int | None, organizations: Iterable[int]) -> Self:
        """Those for this person, or for one of these organizations as a whole.

        Twin: ``is_addressed_to``.
        """
        whole = Q(person__isnull=True, organization__in=list(organizations))
        return self.filter(Q(person=person) | whole if person is not None else whole)


class Notice(Noun):
    """One thing that the system has to tell, to one recipient: a party, an organization, a person.

    ``person`` is who was in post that day or stood in; None: nobody was, and the notice stays
    with the organization as a whole. ``about`` is what it is about, wherever that noun lives.
    """

    agreement = models.ForeignKey(
        Agreement,
        verbose_name=_("agreement"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="notices",
    )
    party = models.ForeignKey(
        Party,
        verbose_name=_("party"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="notices",
    )
    organization = models.ForeignKey(
        Organization,
        verbose_name=_("organization"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="notices",
    )
    person = models.ForeignKey(
        Person,
        verbose_name=_("person"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="notices",
    )
    kind = models.CharField(_("kind"), max_length=40, choices=notice_words.kinds)
    about_type = models.CharField(_("kind of object"), max_length=60)
    about_id = models.UUIDField(_("object"))
    params = models.JSONField(_("what it tells of"), default=dict, blank=True)
    told_on = models.DateField(_("told on"))
    once = models.CharField(max_length=250, null=True, blank=True, unique=True, editable=False)
    message = models.ForeignKey(
        Message,
        verbose_name=_("mail"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="notices",
        editable=False,
    )
    mailed_on = models.DateField(_("mailed on"), null=True, editable=False)
    read_at = models.DateTimeField(_("read at"), null=True, editable=False)
    acknowledged_on = models.DateField(_("receipt confirmed on"), null=True, editable=False)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("receipt confirmed by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )

    # Its words are made of these; that it was told is on record, what it said stands here.
    secret_facts = frozenset({"params", "once", "message", "mailed_on", "read_at"})
    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        ordering = ("-told_on", "-id")
        indexes = (
            models.Index(
                fields=("person",), condition=Q(read_at__isnull=True), name="notice_person_unread"
            ),
            models.Index(
                fields=("organization",),
                condition=Q(read_at__isnull=True),
                name="notice_organization_unread",
            ),
            models.Index(fields=("told_on", "id"), name="notice_told_on"),
            models.Index(fields=("about_type", "about_id"), name="notice_about"),
        )

    def __str__(self) -> str:
        return self.subject

    # changes

    def read(
        self, *, by: Any, on: date | None = None, reason: str = "", version: int | None = None
    ) -> Self:
        """Opened by somebody it is for: it counts as unread no longer.

        Not on record, as reading a page is not; ``read_at`` shows the first time.
        """
        if self.read_at is None:
            self.read_at = clock.now()
            Notice.objects.unread().filter(pk=self.pk).update(
                read_at=self.read_at, changed_at=self.read_at, version=F("version") + 1
            )
            self.refresh_from_db(fields=("read_at", "changed_at", "version"))
        return self

    def acknowledge(
        self, *, by: Any, on: date, reason: str = "", version: int | None = None
    ) -> Self:
        """Its receipt is confirmed: received and read."""
        with unit():
            self.lock(version)
            refusal = self.refusal("acknowledge", on)
            if refusal is not None:
                raise Refused("acknowledge", refusal)
            before = self.facts()
            self.acknowledged_on, self.acknowledged_by = on, by
            self.read_at = self.read_at or clock.now()
            self.put(by=by, verb="acknowledge", before=before, on=on, reason=reason)
        return self

    # questions

    def refusal(self, verb: str, on: date) -> Refusal | None:
        """Why its receipt cannot be confirmed on that day; None when it can."""
        if verb != "acknowledge":
            return None
        if self.is_acknowledged:
            return Refusal("acknowledged", _("Its receipt has been confirmed already."))
        if on < self.told_on:
            return Refusal("not_told_yet", _("It had not been told by that day."))
        return None

    @property
    def subject(self) -> str:
        """Its heading, in the reader's language."""
        return notice_words.subject(self.kind, self.params)

    @property
    def sentence(self) -> str:
        """What it says, in the reader's language."""
        return notice_words.sentence(self.kind, self.params)

    @property
    def is_unread(self) -> bool:
        """Whether nobody it is for has opened it yet. The twin of ``unread``."""
        return self.read_at is None

    @property
    def is_acknowledged(self) -> bool:
        """Whether its receipt was confirmed. The twin of ``unacknowledged``."""
        return self.acknowledged_on is not None

    def is_to_chase(self, on: date) -> bool:
        """Whether nobody has confirmed its receipt for a week. The twin of ``to_chase``."""
        return not self.is_acknowledged and self.told_on <= on - CHASED_AFTER

    @property
    def is_undeliverable(self) -> bool:
        """Whether the party had nobody to tell. The twin of ``undeliverable``."""
        return self.party_id is not None and self.person_id is None

    def is_addressed_to(self, person: int | None, organizations: Iterable[int]) -> bool:
        """Whether it is for this person, or for one of these organizations as a whole."""
        if self.person_id is not None:
            return self.person_id == person
        return self.organization_id in set(organizations)

    @property
    def link(self) -> str:
        """The address that leads to what it is about, whoever may see that."""
        return f"{settings.PUBLIC_URL}/notices/{self.public_id}/"


def may_be_told(party: Party, on: date) -> bool:
    """Whether the party may still hear of its agreement on that day: it belongs, and may see it."""
    has_left = party.withdrawn_on is not None and party.withdrawn_on <= on
    return not has_left and is_shown(party.agreement)


def is_shown(agreement: Agreement) -> bool:
    """Whether its parties know of it at all: from the negotiation on, unless it is kept back."""
    return (
        agreement.negotiated_on is not None
        and agreement.confidentiality != Confidentiality.SECRETARIAT
    )
