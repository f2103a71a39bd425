"""What needs a hand of meetings: minutes that nobody was sent, reservations, decisions at rest."""

from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from agreements.mechanisms.agenda_rules import Status as ItemStatus
from agreements.mechanisms.decisions import Standing
from agreements.mechanisms.minutes import MINUTES_DUE_DAYS, Stance, undelivered
from agreements.models import AgendaItem, Confirmation, Consultation, Decision, Minutes
from governance.access import visible_to
from governance.admin.dashboard_lines import (
    SHOWN,
    Line,
    Section,
    change_address,
    list_address,
    shown_day,
)
from governance.wording import in_a_row


def of_meetings(user: Any, today: date) -> list[Section]:
    """The sections about meetings."""
    return [
        _unanswered(user),
        _minutes_owed(user, today),
        _reserved(user),
        _decisions(user, Standing.NO_TASK, _("Decisions without a task")),
        _decisions(user, Standing.OPEN, _("Decisions being carried out")),
    ]


def _unanswered(user: Any) -> Section:
    waiting = (
        visible_to(user, AgendaItem)
        .filter(status=ItemStatus.PROPOSED, consultation__isnull=False)
        .select_related("consultation__series")
        .order_by("consultation__starts_at", "pk")
    )
    return Section(
        _("Proposals for an agenda without an answer"),
        [
            Line(str(item), str(item.consultation), change_address("agendaitem", item.pk))
            for item in waiting[:SHOWN]
        ],
        waiting.count(),
        list_address("agendaitem", waiting="answer"),
    )


def _minutes_owed(user: Any, today: date) -> Section:
    owed = (
        undelivered(visible_to(user, Consultation), today)
        .select_related("series", "agreement")
        .order_by("held_on", "pk")
    )
    return Section(
        _("Minutes not circulated %(days)s days after the consultation")
        % {"days": MINUTES_DUE_DAYS},
        [
            Line(
                str(one),
                _("held on %(day)s") % {"day": shown_day(one.held_on)},
                change_address("consultation", one.pk),
            )
            for one in owed[:SHOWN]
        ],
        owed.count(),
        list_address("consultation", minutes="owed"),
        late=True,
    )


def _reserved(user: Any) -> Section:
    words = Confirmation.objects.filter(
        minutes=OuterRef("pk"), sha256=OuterRef("sha256"), stance=Stance.RESERVED
    )
    found = (
        visible_to(user, Minutes)
        .filter(Exists(words))
        .select_related("consultation__series")
        .order_by("-circulated_on", "pk")
    )
    return Section(
        _("Minutes with reservations"),
        [
            Line(str(one.consultation), one.get_status_display(), change_address("minutes", one.pk))
            for one in found[:SHOWN]
        ],
        found.count(),
        list_address("minutes", reserved="yes"),
    )


def _decisions(user: Any, standing: Standing, title: str) -> Section:
    found = (
        visible_to(user, Decision)
        .with_standing()
        .filter(standing=standing)
        .select_related("agreement")
        .order_by("decided_on", "pk")
    )
    return Section(
        title,
        [
            Line(
                in_a_row([one, Truncator(one.wording).chars(60)]),
                _("decided on %(day)s") % {"day": shown_day(one.decided_on)},
                change_address("decision", one.pk),
            )
            for one in found[:SHOWN]
        ],
        found.count(),
        list_address("decision", standing=standing),
    )
