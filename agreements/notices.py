"""Notices: the one way in which the system tells anybody anything.

What concerns a party goes to its liaison officer of that day, or to whoever stands in. A notice
is written in the transaction of what it tells of, and so is the mail that carries it, if its
reader wants mail. Pages, the API and mails all show the same notice, in their reader's language.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError

from actors.organization import Organization
from actors.person import Person
from agreements import notice_words
from agreements.agreement import Agreement
from agreements.mechanisms.liaison_officer import contacts_on
from agreements.notice import Notice, NoticeQuerySet, is_shown, may_be_told
from agreements.notice_mail import Attachments, mail_at_once, send_digests
from agreements.notice_words import WORDS
from agreements.party import Party
from governance import clock
from governance.record import object_type, unit

__all__ = ["WORDS", "Notice", "NoticeQuerySet", "send_digests", "tell"]

# What is entered later than this was known to those whom it concerned: it is history, not news.
HISTORY_AFTER = timedelta(days=30)


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
    attachments: Attachments = (),
    **params: Any,
) -> list[Notice]:
    """Tell parties, organizations and people something; what was told is returned.

    A party is told through whoever is in post for it on that day; one that has left, or may not
    see the agreement, is told nothing. With ``once`` a second call with the same key and
    recipient does nothing; neither does one that logs what is long past. ``params`` fill in the
    words of the kind: give nouns as they are (so that each reader has their name in their own
    language), days as days. ``attachments``: name, content, media type, or what gives
    these for each person; a calendar file becomes an invitation.
    Raises KeyError for an unknown kind, and when its words speak of something that is not given.
    """
    kept = {
        name: notice_words.kept(value)
        for name, value in {"about": about, "agreement": agreement, **params}.items()
    }
    notice_words.subject(kind, kept), notice_words.sentence(kind, kept)
    files = attachments if callable(attachments) else list(attachments)
    told: list[Notice] = []
    if clock.today() - on > HISTORY_AFTER:
        return told
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
            if not _kept(notice):
                continue
            notice.record("tell", by=by, on=on, after=notice.facts())
            mail_at_once(notice, files)
            told.append(notice)
    return told


def _kept(notice: Notice) -> bool:
    """Save it; False when another run has told the same at this very moment."""
    try:
        with unit():
            notice.full_clean()
            notice.save(force_insert=True)
    except (IntegrityError, ValidationError):
        if notice.once is None or not Notice.objects.filter(once=notice.once).exists():
            raise
        return False
    return True


def _recipients(
    agreement: Agreement | None,
    parties: Iterable[Party],
    organizations: Iterable[Organization],
    people: Iterable[Person],
    on: date,
) -> Iterable[_Recipient]:
    """Each once, the parties first; nobody who may not know of the agreement."""
    told = [party for party in parties if may_be_told(party, on)]
    in_post = contacts_on(told, on)
    for party in dict.fromkeys(told):
        contact = in_post.get(party.pk)
        yield _Recipient(
            key=str(party.public_id),
            party=party,
            organization=party.organization,
            person=contact.person if contact else None,
        )
    if agreement is None or is_shown(agreement):
        for organization in dict.fromkeys(organizations):
            yield _Recipient(key=str(organization.public_id), organization=organization)
    for person in dict.fromkeys(people):
        yield _Recipient(key=str(person.public_id), person=person)
