"""Whether a user's role and organization allow a verb: the table of the rules, noun by noun."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from actors.models import User
from actors.user import Role
from agreements.mechanisms.handover import Handover
from agreements.models import (
    AgendaItem,
    Attendance,
    CalendarFeed,
    Confirmation,
    Consultation,
    Decision,
    Document,
    Escalation,
    ExtensionRequest,
    LiaisonAbsence,
    LiaisonAppointment,
    LiaisonAttestation,
    Measurement,
    Minutes,
    Notice,
    ProgressReport,
    Task,
)
from governance.access.meeting_verbs import (
    agenda_verb,
    attendance_verb,
    confirmation_verb,
    consultation_verb,
    of_the_host,
)
from governance.access.post_verbs import (
    absence_verb,
    attestation_verb,
    feed_verb,
    handover_verb,
    liaison_verb,
    notice_verb,
)
from governance.access.reader import registers
from governance.access.task_verbs import (
    escalation_verb,
    extension_verb,
    of_ones_own,
    task_part_verb,
    task_verb,
)
from governance.lifecycle import Refusal


def may(user: Any, verb: str, obj: Any) -> Refusal | None:
    """Why the user's role does not allow ``verb`` on ``obj`` (a row, or a model for ``create``).

    None when it does. The object is taken to be visible to the user.
    """
    if not user.is_authenticated or not user.is_active:
        return Refusal("sign_in", _("Please sign in."))
    model = obj if isinstance(obj, type) else type(obj)
    if user.role == Role.AUDITOR:
        return Refusal("auditor", _("An auditor reads everything and changes nothing."))
    if model is CalendarFeed:
        return feed_verb(user, verb, obj)
    if model is User:
        if user.role == Role.ADMINISTRATOR:
            return None
        return Refusal(
            "administrators_only", _("Only an administrator manages users and settings.")
        )
    if registers(user):
        return of_ones_own(user, verb, obj)
    rule = _PARTNER_MAY.get(model)
    if rule is None:
        return Refusal("secretariat_only", _("Only the secretariat does this."))
    return rule(user, verb, obj)


_PARTNER_MAY: dict[type[Model], Callable[[Any, str, Any], Refusal | None]] = {
    Task: task_verb,
    Consultation: consultation_verb,
    Handover: handover_verb,
    AgendaItem: agenda_verb,
    Attendance: attendance_verb,
    Decision: of_the_host,
    Minutes: of_the_host,
    Confirmation: confirmation_verb,
    LiaisonAppointment: liaison_verb,
    LiaisonAbsence: absence_verb,
    LiaisonAttestation: attestation_verb,
    Notice: notice_verb,
    ProgressReport: task_part_verb,
    ExtensionRequest: extension_verb,
    Measurement: task_part_verb,
    Document: task_part_verb,
    Escalation: escalation_verb,
}


def actions(user: Any, obj: Any, on: date) -> list[dict[str, Any]]:
    """What the user may do with ``obj`` on that day and, for the rest, why not.

    Each: ``verb``, ``label``, ``allowed``, ``reason`` (None when allowed), ``needs_reason``,
    ``danger``.
    """
    listed = []
    for transition in obj.lifecycle.transitions.values():
        refusal = may(user, transition.verb, obj) or obj.refusal(transition.verb, on)
        listed.append(
            {
                "verb": transition.verb.replace("_", "-"),
                "label": str(transition.label),
                "allowed": refusal is None,
                "reason": str(refusal.sentence) if refusal else None,
                "needs_reason": transition.needs_reason,
                "danger": transition.danger,
            }
        )
    return listed
