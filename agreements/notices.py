"""Notices: the one way in which the system tells anybody anything.

What concerns a party goes to its liaison officer of that day, or to whoever stands in. A notice
is written in the transaction of what it tells of, and so is the mail that carries it, if its
reader wants mail. Pages, the API and mails all show the same notice, in their reader's language.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext, ngettext, override
from django.utils.translation import gettext_lazy as _

from actors.organization import Organization
from actors.person import Appointment, Person
from actors.user import MailPreference, User
from agreements import notice_words
from agreements.agreement import Agreement, Confidentiality
from agreements.mechanisms.liaison_officer import contacts_on
from agreements.notice_words import WORDS
from agreements.party import Party
from governance import clock
from governance.base import Noun, NounQuerySet
from governance.delivery.outbox import Attachment, Message, post_mail
from governance.lifecycle import Refusal, Refused
from governance.record import object_type, unit

__all__ = ["WORDS", "Notice", "NoticeQuerySet", "send_digests", "tell"]

# A digest does not go further back: who has just asked for one is not told the whole past.
DIGEST_REACHES_BACK = timedelta(days=7)


class NoticeQuerySet(NounQuerySet):
    def unread(self) -> Self:
        """Those that nobody they are for has opened yet. Twin: ``is_unread``."""
        return self.filter(read_at__isnull=True)

    def unacknowledged(self) -> Self:
        """Those whose receipt was not confirmed. Twin: ``is_acknowledged``, the other way round."""
        return self.filter(acknowledged_on__isnull=True)

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


@dataclass(frozen=True, slots=True)
class _Recipient:
    """Whom a notice is for: ``key`` tells the recipients of one occasion apart."""

    key: str
    party: Party | None = None
    organization: Organization | None = None
    person: Person | None = None


def tell(
    kind: str,
    *,
    by: Any,
    on: date,
    agreement: Agreement | None,
    about: Any,
    parties: Iterable[Party] = (),
    organizations: Iterable[Organization] = (),
    people: Iterable[Person] = (),
    once: str = "",
    attachments: Iterable[Attachment] = (),
    **params: Any,
) -> list[Notice]:
    """Tell parties, organizations and people something; what was told is returned.

    A party is told through whoever is in post for it on that day; one that has left, or may not
    see the agreement, is told nothing. With ``once`` a second call with the same key and
    recipient does nothing. ``params`` fill in the words of the kind: give nouns as they are (so
    that each reader has their name in their own language), days as days. ``attachments``: name,
    content, media type; a calendar file becomes an invitation.
    Raises KeyError for an unknown kind, and when its words speak of something that is not given.
    """
    kept = {
        name: notice_words.kept(value)
        for name, value in {"about": about, "agreement": agreement, **params}.items()
    }
    notice_words.subject(kind, kept), notice_words.sentence(kind, kept)
    attachments = list(attachments)
    told = []
    with unit():
        for recipient in _recipients(agreement, parties, organizations, people, on):
            key = f"{once}:{recipient.key}" if once else None
            if key is not None and Notice.objects.filter(once=key).exists():
                continue
            notice = Notice(
                agreement=agreement,
                party=recipient.party,
                organization=recipient.organization,
                person=recipient.person,
                kind=kind,
                about_type=object_type(about),
                about_id=about.public_id,
                params=kept,
                told_on=on,
                once=key,
            )
            notice.full_clean()
            notice.save(force_insert=True)
            notice.record("tell", by=by, on=on, after=notice.facts())
            _mail_at_once(notice, attachments)
            told.append(notice)
    return told


def _recipients(
    agreement: Agreement | None,
    parties: Iterable[Party],
    organizations: Iterable[Organization],
    people: Iterable[Person],
    on: date,
) -> Iterable[_Recipient]:
    """Each once, the parties first; nobody who may not know of the agreement."""
    told = [party for party in parties if _may_be_told(party, on)]
    in_post = contacts_on(told, on)
    for party in dict.fromkeys(told):
        contact = in_post.get(party.pk)
        yield _Recipient(
            key=str(party.public_id),
            party=party,
            organization=party.organization,
            person=contact.person if contact else None,
        )
    if agreement is None or _is_shown(agreement):
        for organization in dict.fromkeys(organizations):
            yield _Recipient(key=str(organization.public_id), organization=organization)
    for person in dict.fromkeys(people):
        yield _Recipient(key=str(person.public_id), person=person)


def _may_be_told(party: Party, on: date) -> bool:
    has_left = party.withdrawn_on is not None and party.withdrawn_on <= on
    return not has_left and _is_shown(party.agreement)


def _is_shown(agreement: Agreement) -> bool:
    """Whether its parties know of it at all: from the negotiation on, unless it is kept back."""
    return (
        agreement.negotiated_on is not None
        and agreement.confidentiality != Confidentiality.SECRETARIAT
    )


# Mail


def _mail_at_once(notice: Notice, attachments: list[Attachment]) -> None:
    """Write the mail for whoever wants it now: people without a sign-in know no other way."""
    sent = None
    at_once = {MailPreference.AT_ONCE}
    if notice.person is None:  # what is told to an organization as a whole is in no digest
        at_once.add(MailPreference.DAILY)
    for person, user in _readers(notice):
        wants_it = user is None or user.mail_preference in at_once
        address = person.email or (user.email if user else "")
        if not wants_it or not address:
            continue
        with override(_language(user)):
            sent = post_mail(
                address,
                notice.subject,
                _letter([notice], has_sign_in=user is not None),
                attachments=attachments,
                order_key=f"{address}:{notice.about_id}",
            )
    if sent is not None:
        notice.message, notice.mailed_on = sent, notice.told_on
        notice.save(update_fields=("message", "mailed_on"))


def _readers(notice: Notice) -> list[tuple[Person, User | None]]:
    """Who is written to, with their sign-in: nobody who was barred from signing in.

    An organization that is no party has no liaison officer: whoever signs in for it is told.
    """
    if notice.person is not None:
        user = User.objects.filter(person=notice.person).first()
        return [] if user is not None and not user.is_active else [(notice.person, user)]
    if notice.party_id is not None or notice.organization_id is None:
        return []
    posts = Appointment.objects.current(notice.told_on).filter(organization=notice.organization)
    users = User.objects.filter(is_active=True, person__in=posts.values("person"))
    return [(user.person, user) for user in users.select_related("person")]  # type: ignore[misc]


def _language(user: User | None) -> str:
    return (user.language if user else "") or settings.LANGUAGE_CODE


def _letter(notices: list[Notice], *, has_sign_in: bool) -> str:
    """The text of a mail: each thing told, its agreement, the way to it, and why one gets this."""
    parts = []
    for notice in notices:
        lines = [notice.sentence]
        agreement = notice_words.read(notice.params.get("agreement"))
        if agreement:
            lines.append(str(agreement))
        parts.append("\n".join([*lines, notice.link]))
    why = (
        gettext("How often you are written to is set in your profile: %(address)s")
        % {"address": f"{settings.PUBLIC_URL}/profile/"}
        if has_sign_in
        else gettext("You are written to because you act for a party of this agreement.")
    )
    return "\n\n".join([*parts, f"-- \n{gettext('Concord')} · {settings.PUBLIC_URL}\n{why}"]) + "\n"


def send_digests(on: date) -> int:
    """Write one mail to each person who wants one a day, of what they have not read or been sent.

    How many people were written to.
    """
    readers = User.objects.filter(
        mail_preference=MailPreference.DAILY, is_active=True, person__isnull=False
    )
    written = 0
    for user in readers.select_related("person"):
        with unit(), override(_language(user)):
            written += _send_digest(user, on)
    return written


def _send_digest(user: User, on: date) -> bool:
    person = user.person
    address = (person.email if person else "") or user.email
    unsent = (
        Notice.objects.unread()
        .filter(person=person, mailed_on__isnull=True)
        .filter(told_on__lte=on, told_on__gt=on - DIGEST_REACHES_BACK)
        .select_related("party__agreement")
        .select_for_update(of=("self",))
        .order_by("told_on", "pk")
    )
    news = [one for one in unsent if one.party is None or _may_be_told(one.party, on)]
    if not news or not address:
        return False
    heading = ngettext("%(number)s notification", "%(number)s notifications", len(news))
    message = post_mail(address, heading % {"number": len(news)}, _letter(news, has_sign_in=True))
    Notice.objects.filter(pk__in=[notice.pk for notice in news]).update(
        message=message, mailed_on=on
    )
    return True
