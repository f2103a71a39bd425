"""What needs a hand in the machinery: mail that was given up, a queue or a daily run that rests."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from agreements.daily import DailyRun, step_word
from agreements.models import Notice
from governance import clock
from governance.access import visible_to
from governance.admin.dashboard_lines import SHOWN, Line, Section
from governance.delivery.outbox import Message, Status
from governance.wording import day_text, labelled, listed


def sections(user: Any) -> list[Section]:
    """What of it needs a hand today, as far as the user sees it."""
    today = clock.today()
    return [
        _undeliverable(user),
        _given_up(user),
        _standing_still(user),
        _daily(user, today),
    ]


def _undeliverable(user: Any) -> Section:
    lost = (
        visible_to(user, Notice)
        .undeliverable()
        .unread()
        .select_related("organization")
        .order_by("-told_on", "-pk")
    )
    return Section(
        _("Notices that reached no liaison officer"),
        [
            Line(
                notice.subject,
                str(notice.organization),
                _change("agreements_notice", notice.pk),
            )
            for notice in lost[:SHOWN]
        ],
        lost.count(),
        _list("agreements_notice", state="undeliverable"),
        late=True,
    )


def _given_up(user: Any) -> Section:
    failed = visible_to(user, Message).failed().order_by("-done_at", "-pk")
    return Section(
        _("Mail that could not be sent"),
        [
            Line(
                labelled(message.to, message.subject),
                message.last_error[:80],
                _change("governance_message", message.pk),
            )
            for message in failed[:SHOWN]
        ],
        failed.count(),
        _list("governance_message", status__exact=Status.FAILED),
        late=True,
    )


def _standing_still(user: Any) -> Section:
    waiting = visible_to(user, Message).overdue(clock.actual()).order_by("due_at", "pk")
    oldest = waiting.first()
    lines = []
    if oldest is not None:
        says = _("waits since %(day)s: is the worker running?")
        lines = [
            Line(
                oldest.subject,
                says % {"day": day_text(clock.day_of(oldest.due_at))},
                _change("governance_message", oldest.pk),
            )
        ]
    return Section(
        _("Mail that waits too long"),
        lines,
        waiting.count(),
        _list("governance_message", rests="yes"),
        late=True,
    )


def _daily(user: Any, today: date) -> Section:
    """The run of yesterday may still be the last; whatever is older is late."""
    runs = visible_to(user, DailyRun)
    failed = list(runs.exclude(failed={}).order_by("-day")[:SHOWN])
    lines = [
        Line(
            day_text(run.day),
            listed(step_word(step) for step in run.failed),
            _change("agreements_dailyrun", run.pk),
        )
        for run in failed
    ]
    last = runs.filter(finished_at__isnull=False).order_by("-day").first()
    if not failed and (last is None or last.day < today - timedelta(days=1)):
        never = _("It has never run.")
        says = _("last run for %(day)s") % {"day": day_text(last.day)} if last else never
        lines = [Line(_("Reminders and plans are not made"), says, _list("agreements_dailyrun"))]
    return Section(
        _("Daily runs that are late"), lines, len(lines), _list("agreements_dailyrun"), late=True
    )


def _list(name: str, **filters: Any) -> str:
    address = reverse(f"admin:{name}_changelist")
    return f"{address}?{urlencode(filters)}" if filters else address


def _change(name: str, key: int) -> str:
    return reverse(f"admin:{name}_change", args=[key])
