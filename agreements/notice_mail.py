"""The mail that carries notices: at once, or gathered into one a day, as its reader wishes."""

from collections.abc import Callable, Iterable
from datetime import date, timedelta

from django.conf import settings
from django.utils.translation import gettext, ngettext, override

from actors.person import Appointment, Person
from actors.user import MailPreference, User
from agreements import notice_words
from agreements.notice import Notice, may_be_told
from governance.delivery.outbox import Attachment, post_mail
from governance.record import unit

# A digest does not go further back: who has just asked for one is not told the whole past.
DIGEST_REACHES_BACK = timedelta(days=7)

# The files of a mail, or what gives each person their own.
Attachments = Iterable[Attachment] | Callable[[Person], Iterable[Attachment]]


def mail_at_once(notice: Notice, files: Attachments) -> None:
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
                attachments=files(person) if callable(files) else files,
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
    news = [one for one in unsent if one.party is None or may_be_told(one.party, on)]
    if not news or not address:
        return False
    heading = ngettext("%(number)s notification", "%(number)s notifications", len(news))
    message = post_mail(address, heading % {"number": len(news)}, _letter(news, has_sign_in=True))
    Notice.objects.filter(pk__in=[notice.pk for notice in news]).update(
        message=message, mailed_on=on
    )
    return True
