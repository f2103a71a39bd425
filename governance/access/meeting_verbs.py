"""What the host and those who take part may do with consultations and what belongs to them."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _

from agreements.mechanisms.agenda_rules import Status as ItemStatus
from agreements.mechanisms.attendance import Participant, participants
from agreements.mechanisms.convenor_terms import convenor_term, first_holder
from agreements.mechanisms.regular_consultation import Status as ConsultationStatus
from governance import clock
from governance.access.reader import acts_for, is_convenor, own_organizations
from governance.access.visible import left_on
from governance.lifecycle import Refusal


def _asked_once(consultation: Any, question: str, user: Any, ask: Callable[[], Any]) -> Any:
    """The answer, kept on the consultation as long as it stands as it is.

    A page asks the same of each item of an agenda and of each line of a list.
    """
    kept: dict[Any, Any] = consultation.__dict__.setdefault("_answers", {})
    key = (question, user.pk, consultation.version, clock.today())
    if key not in kept:
        kept[key] = ask()
    return kept[key]


def hosts(user: Any, consultation: Any) -> bool:
    """Whether the user acts for the consultation's host, or for the convenor of its day."""

    def ask() -> bool:
        if left_on(user, consultation.agreement_id) is not None:
            return False
        host = consultation.host_now()
        if host is not None and acts_for(user, host.pk):
            return True
        day = consultation.day or clock.today()
        return consultation.group_id is None and is_convenor(user, consultation.agreement, day)

    return bool(_asked_once(consultation, "hosts", user, ask))


def speaks_for(user: Any, consultation: Any) -> list[Participant]:
    """Those who take part by right and for whom the user speaks, as they do or sign for them."""

    def ask() -> list[Participant]:
        own = own_organizations(user)
        if not own or left_on(user, consultation.agreement_id) is not None:
            return []
        return [
            one
            for one in participants(consultation)
            if one.organization.pk in own or (one.party and one.party.signing_body_id in own)
        ]

    return list(_asked_once(consultation, "speaks_for", user, ask))


def _speaks_for_it(user: Any, consultation: Any, organization_id: int | None) -> bool:
    return any(one.organization.pk == organization_id for one in speaks_for(user, consultation))


_HOST_ONLY = Refusal(
    "host_only", _("Only the secretariat or the host of the consultation does this.")
)


_OWN_WORD_ONLY = Refusal(
    "participants_only", _("Only who takes part in the consultation does this, for itself.")
)


def consultation_verb(user: Any, verb: str, consultation: Any) -> Refusal | None:
    """The host calls it, holds it and sets its date; a new date the convenor of today too."""
    if isinstance(consultation, type):
        return None if verb == "create" else _HOST_ONLY
    if verb not in {"create", "move", "convene", "close", "postpone", "cancel"}:
        return _HOST_ONLY
    if verb == "create":
        return None if _may_plan(user, consultation) else _HOST_ONLY
    return None if hosts(user, consultation) else _HOST_ONLY


def agenda_verb(user: Any, verb: str, item: Any) -> Refusal | None:
    """Parties propose, put better and withdraw what is theirs; the host settles the agenda.

    What the host took onto the agenda is its text: nobody else changes it behind its back.
    """
    if isinstance(item, type):
        return None if verb == "create" else _HOST_ONLY
    consultation = item.consultation
    if consultation is None:
        own = verb == "withdraw" and acts_for(user, item.proposed_by_id)
        return None if own else _HOST_ONLY
    its_own = verb in {"create", "withdraw"} or (
        verb == "change" and item.status != ItemStatus.ACCEPTED
    )
    if its_own and _speaks_for_it(user, consultation, item.proposed_by_id):
        return None
    if verb == "withdraw":
        return Refusal("proposer_only", _("Only who proposed it withdraws it."))
    if verb != "delete" and hosts(user, consultation):
        return None
    return _OWN_WORD_ONLY if verb == "create" else _HOST_ONLY


def attendance_verb(user: Any, verb: str, attendance: Any) -> Refusal | None:
    """Each registers itself until the closing; the host keeps the whole list."""
    if isinstance(attendance, type):
        return None if verb == "create" else _HOST_ONLY
    consultation = attendance.consultation
    if hosts(user, consultation):
        return None
    if not _speaks_for_it(user, consultation, attendance.organization_id):
        return _OWN_WORD_ONLY
    if verb == "delete" or consultation.status == ConsultationStatus.CLOSED:
        return _HOST_ONLY
    return None


def of_the_host(user: Any, verb: str, part: Any) -> Refusal | None:
    """Decisions and minutes: kept by whoever hosts."""
    if isinstance(part, type):
        return None if verb == "create" else _HOST_ONLY
    if verb != "delete" and hosts(user, part.consultation):
        return None
    return _HOST_ONLY


def _may_plan(user: Any, consultation: Any) -> bool:
    """Whether the user acts for whoever hosts such a one by its rule, on its day or today.

    Whom it names as its host says nothing of that: anybody could name themselves.
    """
    if left_on(user, consultation.agreement_id) is not None:
        return False
    today = clock.today()
    for day in dict.fromkeys((consultation.day or today, today)):
        if consultation.series is not None:
            host = consultation.series.host_on(day)
        else:
            host = first_holder(convenor_term(consultation.agreement, day))
        if host is not None and acts_for(user, host.pk):
            return True
        if consultation.group_id is None and is_convenor(user, consultation.agreement, day):
            return True
    return False


def confirmation_verb(user: Any, verb: str, confirmation: Any) -> Refusal | None:
    """Each gives its own word, and nobody another's."""
    if verb != "create":
        return _OWN_WORD_ONLY
    if isinstance(confirmation, type):
        return None
    consultation = confirmation.minutes.consultation
    own = _speaks_for_it(user, consultation, confirmation.organization_id)
    return None if own else _OWN_WORD_ONLY
