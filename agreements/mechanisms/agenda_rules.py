"""The rules of an agenda: where an item stands, what it may do next, until when one proposes."""

from datetime import date, timedelta
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from actors.organization import Organization
from agreements.mechanisms.consultation import Consultation
from agreements.mechanisms.regular_consultation import TO_COME
from agreements.mechanisms.regular_consultation import Status as ConsultationStatus
from governance.lifecycle import Lifecycle, Refusal, Transition
from governance.wording import day_text


class Status(models.TextChoices):
    """Where an item stands."""

    PROPOSED = "proposed", _("Proposed")
    ACCEPTED = "accepted", _("On the agenda")
    DECLINED = "declined", _("Declined")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    DISCUSSED = "discussed", _("Discussed")
    DEFERRED = "deferred", _("Deferred")


class Origin(models.TextChoices):
    """Who brought an item up in the first place."""

    PARTY = "party", _("A party")
    SECRETARIAT = "secretariat", _("The secretariat")
    SYSTEM = "system", _("The system")


OPEN = (Status.PROPOSED, Status.ACCEPTED)
ON_THE_AGENDA = (Status.ACCEPTED, Status.DISCUSSED, Status.DEFERRED)


def still_to_come(item: Any, on: date) -> Refusal | None:
    """The agenda of what is over is closed."""
    if item.consultation is None:
        return Refusal("waiting", _("It waits until the next consultation is planned."))
    if item.consultation.status in TO_COME:
        return None
    return Refusal(
        f"consultation_{item.consultation.status}",
        _("The consultation is over: its agenda is closed."),
    )


def has_met(item: Any, on: date) -> Refusal | None:
    """A decision may be entered after the closing, when the item has been carried on already."""
    if item.consultation is None:
        return Refusal("waiting", _("It waits until the next consultation is planned."))
    if item.consultation.status not in {ConsultationStatus.CONVENED, ConsultationStatus.CLOSED}:
        return Refusal("not_convened", _("The consultation has not been called."))
    fixed = approved_refusal(item.consultation)
    if fixed is not None:
        return fixed
    following = item.carried_to
    if following is not None and following.status not in OPEN:
        return Refusal("taken_up_later", _("A later consultation has dealt with it already."))
    return None


def on_an_agenda(item: Any, on: date) -> Refusal | None:
    """What waits for a consultation cannot be sent on from one."""
    if item.consultation is not None:
        return None
    return Refusal("waiting", _("It waits until the next consultation is planned."))


def approved_refusal(consultation: Consultation) -> Refusal | None:
    """Whether the approved minutes have fixed what happened; None when they have not."""
    minutes = getattr(consultation, "minutes", None)
    if minutes is not None and minutes.is_approved:
        return Refusal("minutes_approved", _("The minutes are approved: it is kept as it is."))
    return None


def agenda_closes_on(consultation: Consultation) -> date | None:
    """The last day on which the parties propose; None where no cut-off is agreed."""
    days = consultation.series.agenda_cutoff_days if consultation.series is not None else None
    if days is None or consultation.day is None:
        return None
    return consultation.day - timedelta(days=days)


def proposal_refusal(
    consultation: Consultation, proposed_by: Organization | None, on: date, *, bound: bool = True
) -> Refusal | None:
    """Why nothing can be proposed for it on that day; None when it can."""
    if consultation.status not in TO_COME:
        return Refusal(
            f"consultation_{consultation.status}",
            _("The consultation is over: its agenda is closed."),
        )
    last = agenda_closes_on(consultation)
    if not bound or proposed_by is None or last is None or on <= last:
        return None
    if proposed_by == consultation.host_now():
        return None
    return Refusal(
        "cut_off",
        _("Proposals were possible until %(day)s; ask the host to add it.")
        % {"day": day_text(last)},
    )


LIFECYCLE = Lifecycle(
    Status,
    (
        Transition(
            "accept",
            _("Put on the agenda"),
            frozenset({Status.PROPOSED}),
            Status.ACCEPTED,
            (still_to_come,),
        ),
        Transition(
            "decline",
            _("Decline proposal"),
            frozenset({Status.PROPOSED}),
            Status.DECLINED,
            needs_reason=True,
        ),
        Transition(
            "withdraw", _("Withdraw proposal"), frozenset({Status.PROPOSED}), Status.WITHDRAWN
        ),
        Transition(
            "discuss",
            _("Record as discussed"),
            frozenset({Status.ACCEPTED, Status.DEFERRED}),
            Status.DISCUSSED,
            (has_met,),
        ),
        Transition(
            "defer",
            _("Defer to the next consultation"),
            frozenset(OPEN),
            Status.DEFERRED,
            (on_an_agenda,),
            needs_reason=True,
        ),
    ),
)
