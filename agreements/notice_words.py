"""What notices say: a table of their kinds, put into words in the language of whoever reads.

A notice keeps what it tells of as plain data: days as ISO text, names in every language of the
installation. So the same notice reads English in one mail and Chinese on another's page.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Model
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from governance.wording import day_text, in_every_language, listed, noted

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}\S*")


@dataclass(frozen=True, slots=True)
class Words:
    """How a kind of notice is called, what its mail is headed, and the sentence it tells.

    They are filled in with what ``tell`` was given, and always with ``about`` (what it is about)
    and ``agreement``.
    """

    label: Any
    subject: Any
    sentence: Any


# Every kind of thing the system says. A noun that has something to say adds its kinds here.
WORDS: dict[str, Words] = {
    "announcement": Words(
        _("Message of the secretariat"),
        "%(subject)s",
        "%(text)s",
    ),
    "attestation": Words(
        _("Question to a liaison officer"),
        _("Are you still liaison officer of %(organization)s?"),
        _(
            "You are liaison officer of %(organization)s under “%(agreement)s”. "
            "Please say whether that is still so."
        ),
    ),
    "attestation_reminder": Words(
        _("Reminder to a liaison officer"),
        _("Still open: is %(officer)s liaison officer of %(organization)s?"),
        _(
            "%(officer)s was asked on %(asked_on)s whether they still are liaison officer of "
            "%(organization)s under “%(agreement)s”, and has not answered. "
            "Please answer, or name a successor."
        ),
    ),
    "officer_owed": Words(
        _("A liaison officer is owed"),
        _("%(organization)s owes a liaison officer"),
        _(
            "%(organization)s joined “%(agreement)s” on %(joined_on)s. "
            "Please name its liaison officer."
        ),
    ),
    "meetings_to_come": Words(
        _("Invitation to the coming consultations"),
        _("Consultations to come under “%(agreement)s”"),
        _("%(organization)s takes part in the coming consultations: %(meetings)s."),
    ),
    "group_sunset_near": Words(
        _("A group nears its sunset"),
        _("The group “%(about)s” ends on %(sunset_on)s"),
        _(
            "The group “%(about)s” ends on %(sunset_on)s; %(open_tasks)s of its tasks are open. "
            "It is to be closed with a report, or extended with a reason."
        ),
    ),
    "group_sunset_past": Words(
        _("A group is past its sunset"),
        _("The group “%(about)s” should have ended on %(sunset_on)s"),
        _(
            "The group “%(about)s” should have ended on %(sunset_on)s and is still at work; "
            "%(open_tasks)s of its tasks are open."
        ),
    ),
    "extension_asked": Words(
        _("More time asked for"),
        _("%(organization)s asks for more time: %(about)s"),
        _(
            "%(organization)s asks for more time for “%(about)s”, until %(until)s. "
            "Please answer. Reason: %(reason)s"
        ),
    ),
    "extension_granted": Words(
        _("More time granted"),
        _("More time granted: %(about)s"),
        _("“%(about)s” is now due on %(until)s: more time was granted."),
    ),
    "extension_refused": Words(
        _("More time refused"),
        _("More time refused: %(about)s"),
        _("“%(about)s” keeps its date: more time was refused. Reason: %(reason)s"),
    ),
    "handover_opened": Words(
        _("A handover is near"),
        _("Handover on %(boundary)s"),
        _(
            "On %(boundary)s %(outgoing)s hands the office of convenor over to %(incoming)s. "
            "The list of open matters is made; both sides sign it by %(due)s."
        ),
    ),
    "handover_late": Words(
        _("A handover is late"),
        _("Late: handover of %(boundary)s"),
        _(
            "The handover of %(boundary)s from %(outgoing)s to %(incoming)s was to be signed "
            "by %(due)s, and is not signed by both sides."
        ),
    ),
    "task_due": Words(
        _("A task is due"),
        _("Due on %(due)s: %(about)s"),
        _(
            "The task “%(about)s” is due on %(due)s. Reported so far: %(progress)s. "
            "Please report how far it is, or submit it."
        ),
    ),
    "task_late": Words(
        _("A task is overdue"),
        _("Overdue since %(due)s: %(about)s"),
        _(
            "The task “%(about)s” was due on %(due)s. Reported so far: %(progress)s. "
            "Please report what is missing and by when it is done."
        ),
    ),
    "task_late_convenor": Words(
        _("An overdue task, for the convenor"),
        _("To the convenor: overdue since %(due)s: %(about)s"),
        _(
            "The task “%(about)s” was due on %(due)s and is not done. Lead organization: %(lead)s. "
            "Reported so far: %(progress)s. As the convenor, please see to it."
        ),
    ),
    "task_on_agenda": Words(
        _("An overdue task comes before a consultation"),
        _("For the next consultation: %(about)s"),
        _(
            "The task “%(about)s” was due on %(due)s and is not done. It comes before the next "
            "consultation; please be ready to speak of it."
        ),
    ),
    "follow_up": Words(
        _("Follow-up notice"),
        _("Follow-up notice, answer by %(answer_by)s: %(about)s"),
        _(
            "About the task “%(about)s”: %(text)s Please confirm the receipt, and answer with a "
            "report by %(answer_by)s."
        ),
    ),
    "consultation_called": Words(
        _("Consultation called"),
        _("Invitation: %(about)s"),
        _("You are invited to “%(about)s” on %(when)s. Host: %(host)s."),
    ),
    "consultation_moved": Words(
        _("Consultation moved"),
        _("Day or place changed: %(about)s"),
        _("“%(about)s” is now on %(when)s. Place: %(place)s."),
    ),
    "consultation_postponed": Words(
        _("Consultation postponed"),
        _("Postponed: %(about)s"),
        _("“%(about)s” is put off to %(when)s. Reason: %(reason)s"),
    ),
    "consultation_cancelled": Words(
        _("Consultation cancelled"),
        _("Cancelled: %(about)s"),
        _("“%(about)s” on %(when)s will not take place. Reason: %(reason)s"),
    ),
    "proposal_accepted": Words(
        _("Proposal put on the agenda"),
        _("On the agenda: %(about)s"),
        _("Your proposal “%(about)s” is on the agenda of “%(consultation)s”."),
    ),
    "proposal_declined": Words(
        _("Proposal declined"),
        _("Not on the agenda: %(about)s"),
        _("Your proposal “%(about)s” was not put on the agenda. Reason: %(reason)s"),
    ),
    "minutes_circulated": Words(
        _("Minutes circulated"),
        _("Minutes to confirm: %(consultation)s"),
        _("The minutes of “%(consultation)s” wait for your confirmation."),
    ),
    "minutes_circulated_for_silence": Words(
        _("Minutes circulated, with a time for objections"),
        _("Minutes to confirm by %(until)s: %(consultation)s"),
        _(
            "The minutes of “%(consultation)s” wait for your confirmation. Without an objection "
            "by %(until)s they count as confirmed."
        ),
    ),
    "minutes_approved": Words(
        _("Minutes approved"),
        _("Minutes approved: %(consultation)s"),
        _("The minutes of “%(consultation)s” are approved."),
    ),
    "consultation_owed": Words(
        _("Consultation owed"),
        _("%(about)s: no date set yet"),
        _(
            "By %(last)s still owed under “%(about)s” and not planned yet: %(number)s. "
            "Please set a date."
        ),
    ),
    "consultation_missed": Words(
        _("Not held as promised"),
        _("%(about)s: not held as promised"),
        _("In the period that ended on %(last)s, not held under “%(about)s”: %(number)s."),
    ),
}


def kinds() -> list[tuple[str, Any]]:
    """The kinds of notices with what they are called, to choose from."""
    return [(kind, words.label) for kind, words in WORDS.items()]


def kept(value: Any) -> Any:
    """What a notice keeps of a value: its text in every language, a day, a moment or a number."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Model | Promise):
        return _in_every_language(value)
    if value is None or isinstance(value, bool | int | str | dict):
        return value
    if isinstance(value, Iterable):
        return [kept(one) for one in value]
    return str(value)


def _in_every_language(value: Any) -> Any:
    texts = in_every_language(value)
    return texts if len(set(texts.values())) > 1 else texts[settings.LANGUAGE_CODE]


def read(value: Any) -> Any:
    """What was kept, as it stands in a sentence of the reader's language."""
    if isinstance(value, list):
        return listed(read(one) for one in value)
    if isinstance(value, dict):
        return value.get(get_language() or "") or value.get(settings.LANGUAGE_CODE, "")
    if isinstance(value, str) and _DAY.fullmatch(value):
        return day_text(date.fromisoformat(value))
    if isinstance(value, str) and _MOMENT.fullmatch(value):
        return _moment_text(datetime.fromisoformat(value))
    return value


def _moment_text(moment: datetime) -> str:
    """The day and the time where it was agreed; the offset, where that is not the house's."""
    text = date_format(moment, "DATETIME_FORMAT")
    at_home = moment.astimezone(ZoneInfo(settings.TIME_ZONE))
    return text if at_home.utcoffset() == moment.utcoffset() else noted(text, moment.tzname())


def subject(kind: str, params: dict[str, Any]) -> str:
    """The heading of a notice. Raises KeyError for one that was not told what it speaks of."""
    return _filled(WORDS[kind].subject, params)


def sentence(kind: str, params: dict[str, Any]) -> str:
    """The sentence of a notice. Raises KeyError as ``subject`` does."""
    return _filled(WORDS[kind].sentence, params)


def _filled(words: Any, params: dict[str, Any]) -> str:
    return str(words) % {name: read(value) for name, value in params.items()}
