"""The flow of a task: from being planned to being verified, and what stands against each step."""

from datetime import date
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from governance.lifecycle import Lifecycle, Refusal, Transition, status_refusal
from governance.wording import listed


class Status(models.TextChoices):
    """Where a task stands in its flow."""

    PLANNED = "planned", _("Planned")
    ASSIGNED = "assigned", _("Assigned")
    ACCEPTED = "accepted", _("Accepted")
    IN_PROGRESS = "in_progress", _("In progress")
    SUBMITTED = "submitted", _("Submitted")
    RETURNED = "returned", _("Returned")
    COMPLETED = "completed", _("Completed")
    SUSPENDED = "suspended", _("Suspended")
    CANCELLED = "cancelled", _("Cancelled")


OPEN = tuple(status for status in Status if status not in {Status.COMPLETED, Status.CANCELLED})
# The changes that answer what was escalated about a task.
ANSWERING = frozenset({"new_date", "submit", "verify", "suspend", "cancel"})
REPORTABLE = frozenset({Status.ACCEPTED, Status.IN_PROGRESS, Status.RETURNED})


def _open_to_assignment(task: Any, on: date) -> Refusal | None:
    if task.needs_reassignment or task.status in {Status.PLANNED, Status.ASSIGNED}:
        return None
    return status_refusal(task)


def _has_lead(task: Any, on: date) -> Refusal | None:
    if task.lead_id is not None:
        return None
    return Refusal("no_lead", _("Name the lead organization first."))


def _agreement_alive(task: Any, on: date) -> Refusal | None:
    refusal: Refusal | None = task.agreement.over_refusal()
    return refusal


def _evidence_filed(task: Any, on: date) -> Refusal | None:
    missing = task.missing_evidence()
    if not missing:
        return None
    told = listed(
        _("%(kind)s (%(filed)s of %(wanted)s filed)")
        % {"kind": one.get_kind_display(), "filed": filed, "wanted": one.number}
        for one, filed in missing
    )
    return Refusal("evidence_missing", _("Evidence is missing: %(kinds)s.") % {"kinds": told})


LIFECYCLE = Lifecycle(
    Status,
    (
        Transition(
            "assign",
            _("Assign task"),
            frozenset({Status.PLANNED, Status.ASSIGNED, *REPORTABLE}),
            Status.ASSIGNED,
            (_agreement_alive, _open_to_assignment, _has_lead),
        ),
        Transition(
            "accept",
            _("Accept task"),
            frozenset({Status.ASSIGNED}),
            Status.ACCEPTED,
            (_agreement_alive,),
        ),
        Transition(
            "start",
            _("Start task"),
            frozenset({Status.ACCEPTED, Status.RETURNED}),
            Status.IN_PROGRESS,
            (_agreement_alive,),
        ),
        Transition(
            "submit",
            _("Submit for verification"),
            frozenset({Status.ACCEPTED, Status.IN_PROGRESS, Status.RETURNED}),
            Status.SUBMITTED,
            (_agreement_alive, _evidence_filed),
        ),
        Transition(
            "verify", _("Verify completion"), frozenset({Status.SUBMITTED}), Status.COMPLETED
        ),
        Transition(
            "return",
            _("Return task"),
            frozenset({Status.SUBMITTED}),
            Status.RETURNED,
            needs_reason=True,
            method="send_back",
        ),
        Transition(
            "suspend",
            _("Suspend task"),
            frozenset(
                {
                    Status.PLANNED,
                    Status.ASSIGNED,
                    Status.ACCEPTED,
                    Status.IN_PROGRESS,
                    Status.RETURNED,
                }
            ),
            Status.SUSPENDED,
            needs_reason=True,
        ),
        Transition(
            "resume",
            _("Resume task"),
            frozenset({Status.SUSPENDED}),
            None,
            (_agreement_alive,),
        ),
        Transition(
            "cancel",
            _("Cancel task"),
            frozenset(set(Status) - {Status.COMPLETED, Status.CANCELLED}),
            Status.CANCELLED,
            needs_reason=True,
            danger=True,
        ),
    ),
)
