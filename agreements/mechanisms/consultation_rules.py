"""The life of a consultation: from being planned to being held, put off or cancelled."""

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from agreements.mechanisms.regular_consultation import Status
from governance.lifecycle import Lifecycle, Refusal, Transition


def _has_date(consultation: Any, on: date) -> Refusal | None:
    if consultation.starts_at is not None:
        return None
    return Refusal("no_date", _("Set the day and the time first."))


LIFECYCLE = Lifecycle(
    Status,
    (
        Transition(
            "convene",
            _("Call consultation"),
            frozenset({Status.PLANNED, Status.POSTPONED}),
            Status.CONVENED,
            (_has_date,),
        ),
        Transition(
            "move",
            _("Set day and place"),
            frozenset({Status.PLANNED, Status.CONVENED, Status.POSTPONED}),
            None,
        ),
        Transition("close", _("Close consultation"), frozenset({Status.CONVENED}), Status.CLOSED),
        Transition(
            "postpone",
            _("Postpone consultation"),
            frozenset({Status.PLANNED, Status.CONVENED, Status.POSTPONED}),
            Status.POSTPONED,
            needs_reason=True,
        ),
        Transition(
            "cancel",
            _("Cancel consultation"),
            frozenset({Status.PLANNED, Status.CONVENED, Status.POSTPONED}),
            Status.CANCELLED,
            needs_reason=True,
            danger=True,
        ),
    ),
)
