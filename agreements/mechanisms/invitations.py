"""Invitations: a consultation as an entry of calendars, and what those who take part are told.

Whoever is called gets an invitation by mail, which their calendar program puts in; a new day or
place updates it, a cancellation takes it out. One consultation is one entry for ever: its UID
stays, its SEQUENCE is the version of the consultation and grows with each change. Each invitation
names its one recipient and nobody else's address; the answer to it goes nowhere, since who
attends is registered here.
"""

from collections.abc import Callable
from datetime import date, datetime
from email.utils import parseaddr
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from actors.organization import Organization
from actors.person import Person
from agreements.mechanisms.regular_consultation import Status
from agreements.notices import Notice
from governance.base import bilingual
from governance.delivery.outbox import Attachment
from governance.ics import MEDIA, Entry, calendar_file
from governance.wording import labelled

STATUS = {
    Status.PLANNED: "TENTATIVE",
    Status.POSTPONED: "TENTATIVE",
    Status.CONVENED: "CONFIRMED",
    Status.CLOSED: "CONFIRMED",
    Status.CANCELLED: "CANCELLED",
}
_CALLED = "consultation_called"


def uid_of(noun: Any) -> str:
    """The name by which calendar programs know it, for ever."""
    return f"{noun.public_id}@{urlsplit(settings.PUBLIC_URL).hostname}"


def entry_of(consultation: Any, host: Organization | None, **other: Any) -> Entry:
    """A consultation that has a date as an entry; ``other`` replaces facts of the entry."""
    begins, ends = in_calendar(consultation)
    facts: dict[str, Any] = {
        "uid": uid_of(consultation),
        "summary": str(consultation),
        "starts": begins,
        "ends": ends,
        "zone": consultation.zone.key,
        "changed_at": consultation.changed_at,
        "sequence": consultation.version,
        "status": STATUS[consultation.status],
        "location": bilingual(consultation.place, consultation.place_zh),
        "description": description(consultation, host),
        "url": f"{settings.PUBLIC_URL}/consultations/{consultation.public_id}/",
    }
    return Entry(**{**facts, **other})


def in_calendar(consultation: Any) -> tuple[datetime | date | None, datetime | None]:
    """When it begins and ends in a calendar: once held, at its time of the day it was held on.

    A mere day where no time is known; None while no day is set.
    """
    if consultation.held_on is None or consultation.held_on == consultation.day:
        return consultation.starts_at, consultation.ends_at
    if consultation.starts_at is None:
        return consultation.held_on, None
    time_of_day = consultation.starts_at.astimezone(consultation.zone).time()
    begins = datetime.combine(consultation.held_on, time_of_day, tzinfo=consultation.zone)
    if consultation.ends_at is None:
        return begins, None
    return begins, begins + (consultation.ends_at - consultation.starts_at)


def description(consultation: Any, host: Organization | None) -> str:
    """What an entry says beneath its name: the agreement, the host, the state."""
    lines = [f"{consultation.agreement} ({consultation.agreement.reference})"]
    if host is not None:
        lines.append(labelled(_("Host"), host))
    lines.append(labelled(_("Status"), consultation.get_status_display()))
    return "\n".join(lines)


def was_called(consultation: Any) -> bool:
    """Whether anybody was called to it already."""
    return Notice.objects.filter(about_id=consultation.public_id, kind=_CALLED).exists()


def invitation(
    consultation: Any, was: datetime | None = None
) -> Callable[[Person], list[Attachment]]:
    """For each person the file that puts it into their calendar, moves it there or takes it out.

    ``was`` is when it was to begin, where that is not set any more. Of what lies behind (it was
    entered later) there is none.
    """
    begins = consultation.starts_at or was
    gone = consultation.status == Status.CANCELLED or consultation.starts_at is None
    host = consultation.host_now()
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]

    def file_for(person: Person) -> list[Attachment]:
        if begins is None or begins < consultation.changed_at or not person.email:
            return []
        facts: dict[str, Any] = {"status": "CANCELLED"} if gone else {}
        if consultation.starts_at is None:
            facts |= {"starts": begins, "ends": None}
        entry = entry_of(
            consultation,
            host,
            organizer=(str(host or consultation.agreement), sender),
            people=((str(person), person.email),),
            **facts,
        )
        method = "CANCEL" if gone else "REQUEST"
        file = calendar_file([entry], method=method)
        return [("invitation.ics", file, f"{MEDIA}; method={method}")]

    return file_for
