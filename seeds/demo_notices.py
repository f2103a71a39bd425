"""What the system has told the parties of the demonstration, so that its pages are not empty."""

from datetime import date, timedelta
from typing import Any

from actors.models import User
from agreements.models import Agreement, Consultation, Task
from agreements.notices import tell
from agreements.supervising import supervise
from governance import clock
from governance.delivery.outbox import Message, Status

Words = dict[str, str]

# Heading and text in both languages, and how many days ago it was told.
DIRECTORY = (
    {"en": "Please check the list of liaison officers", "zh-hans": "请核对联络员名册"},
    {
        "en": "The list of liaison officers has been brought up to date. Please check the "
        "entries of your organization, and name a deputy if you have none.",
        "zh-hans": "联络员名册已更新，请核对本单位信息；尚未指定副联络员的，请及时指定。",
    },
    timedelta(days=6),
)
PAPERS = (
    {"en": "Papers for the coming consultation", "zh-hans": "请报送会商材料"},
    {
        "en": "Please send your papers for the coming consultation to its host a week ahead.",
        "zh-hans": "请于会商召开一周前将材料报送承办单位。",
    },
    timedelta(days=1),
)
PROGRESS = (
    {"en": "Report on your progress", "zh-hans": "请报送工作进展"},
    {
        "en": "Please report by the end of the month how far this task has come.",
        "zh-hans": "请于月底前报送本任务的进展情况。",
    },
    timedelta(),
)

SUPERVISED_DAYS = 28


def tell_the_parties(today: date) -> None:
    """A few messages of the secretariat, one of them confirmed. Twice is like once."""
    agreement = Agreement.objects.filter(parent=None, party__isnull=False).order_by("pk").first()
    if agreement is None:
        return
    meeting = Consultation.objects.filter(agreement=agreement).order_by("starts_at").last()
    task = Task.objects.open().filter(agreement=agreement, lead__isnull=False).first()
    parties = agreement.party_set.current(today).order_by("position")
    _say(DIRECTORY, agreement, agreement, parties, today)
    _say(PAPERS, agreement, meeting or agreement, parties, today)
    if task is not None:
        _say(PROGRESS, agreement, task, parties.filter(organization=task.lead), today)
    _call_off_mail(agreement, today)


def supervise_lately(today: date) -> None:
    """The steps of the ladder that were due in the last weeks, each taken on its day."""
    for back in range(SUPERVISED_DAYS, -1, -1):
        day = today - timedelta(days=back)
        with clock.fixed(day):
            supervise(day)


def _call_off_mail(agreement: Agreement, today: date) -> None:
    """The people of the demonstration are made up: nothing is sent to them."""
    waiting = Message.objects.filter(
        notices__agreement=agreement, status=Status.WAITING, to__endswith=".example.org"
    )
    for message in waiting.distinct():
        message.cancel(by=None, on=today, reason="Made up for the demonstration.")


def keep_the_mail(today: date) -> None:
    """Nothing is sent to the people of the demonstration, who are made up.

    Their addresses lie in a domain that is reserved for examples (RFC 2606).
    """
    for message in Message.objects.filter(status=Status.WAITING, to__endswith=".example.org"):
        message.cancel(by=None, on=today, reason="Made up for the demonstration.")


def _say(
    what: tuple[Words, Words, timedelta],
    agreement: Agreement,
    about: Any,
    parties: Any,
    today: date,
) -> None:
    subject, text, ago = what
    told = tell(
        "announcement",
        by=None,
        on=today - ago,
        agreement=agreement,
        about=about,
        parties=parties,
        once=f"demonstration:{subject['en']}",
        subject=subject,
        text=text,
    )
    for notice in told:
        reader = User.objects.filter(person=notice.person, person__isnull=False).first()
        if what is DIRECTORY and reader is not None:
            notice.acknowledge(by=reader, on=today - ago + timedelta(days=1))
