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
from governance.wording import side_by_side

# A digest does not go further back: who has just asked for one is not told the whole past.
DIGEST_REACHES_BACK = timedelta(days=7)

# Between the same letter in one language and in the other.
_BETWEEN = "\n\n* * *\n\n"

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
        languages = _languages(user)
        with override(languages[0]):
            enclosed = files(person) if callable(files) else files
        sent = post_mail(
            address,
            side_by_side(_in_each(languages, lambda: notice.subject)),
            _letter([notice], languages, has_sign_in=user is not None),
            attachments=enclosed,
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


def _languages(user: User | None) -> list[str]:
    """In which languages one is written to: one's own, the house's where none was chosen.

    Nobody has asked a person without a sign-in: they get all of them, the house's first.
    """
    if user is not None:
        return [user.language or settings.LANGUAGE_CODE]
    others = (language for language, _name in settings.LANGUAGES)
    return list(dict.fromkeys([settings.LANGUAGE_CODE, *others]))


def _in_each(languages: list[str], words: Callable[[], str]) -> list[str]:
    """The words in each of the languages, what is the same in several only once."""
    said = []
    for language in languages:
        with override(language):
            said.append(words())
    return list(dict.fromkeys(said))


def _letter(notices: list[Notice], languages: list[str], *, has_sign_in: bool) -> str:
    """The text of a mail, in each language; then, below the line, why one gets this."""
    texts = _in_each(languages, lambda: _text(notices))
    signed = _in_each(languages, lambda: f"{gettext('Concord')} · {settings.PUBLIC_URL}")
    why = _in_each(languages, lambda: _why(has_sign_in=has_sign_in))
    foot = "\n".join(["-- ", *signed, *why])
    return "\n\n".join([_BETWEEN.join(texts), foot]) + "\n"


def _text(notices: list[Notice]) -> str:
    """Each thing told, its agreement, the way to it."""
    parts = []
    for notice in notices:
        lines = [notice.sentence]
        agreement = notice_words.read(notice.params.get("agreement"))
        if agreement:
            lines.append(str(agreement))
        parts.append("\n".join([*lines, notice.link]))
    return "\n\n".join(parts)


def _why(*, has_sign_in: bool) -> str:
    if has_sign_in:
        return gettext("How often you are written to is set in your profile: %(address)s") % {
            "address": f"{settings.PUBLIC_URL}/profile/"
        }
    return gettext("You are written to because you act for a party of this agreement.")


def send_digests(on: date) -> int:
    """Write one mail to each person who wants one a day, of what they have not read or been sent.

    How many people were written to.
    """
    readers = User.objects.filter(
        mail_preference=MailPreference.DAILY, is_active=True, person__isnull=False
    )
    written = 0
    for user in readers.select_related("person"):
        with unit():
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
    languages = _languages(user)
    with override(languages[0]):
        heading = ngettext("%(number)s notification", "%(number)s notifications", len(news))
        subject = heading % {"number": len(news)}
    message = post_mail(address, subject, _letter(news, languages, has_sign_in=True))
    Notice.objects.filter(pk__in=[notice.pk for notice in news]).update(
        message=message, mailed_on=on
    )
    return True
