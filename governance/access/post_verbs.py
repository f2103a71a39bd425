"""What partners may do with handovers, their own liaison officers, notices and calendar feeds."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from actors.user import Role
from agreements.mechanisms.handover import Handover, Side
from agreements.models import TermHolder
from governance.access.reader import acts_for, own_organizations, registers
from governance.access.visible import left_on
from governance.lifecycle import Refusal


def feed_verb(user: Any, verb: str, feed: Any) -> Refusal | None:
    """Only whoever a feed belongs to gets its address; administrators revoke it too."""
    if isinstance(feed, type) or feed.user_id in {None, user.pk}:
        return None
    if verb == "revoke" and user.role == Role.ADMINISTRATOR:
        return None
    return Refusal("own_feed", _("Only for your own calendar feeds."))


def handover_sides(user: Any, handover: Handover) -> list[Side]:
    """For which sides of a handover the user may write and sign: the secretariat for both.

    Whoever has left the agreement signs nothing any more.
    """
    if registers(user):
        return list(Side)
    if user.role == Role.AUDITOR or left_on(user, handover.rotation.agreement_id) is not None:
        return []
    terms = {Side.OUTGOING: handover.outgoing_id, Side.INCOMING: handover.incoming_id}
    own = own_organizations(user)
    held = set(
        TermHolder.objects.filter(term__in=terms.values(), organization__in=own).values_list(
            "term_id", flat=True
        )
    )
    return [side for side, term in terms.items() if term in held]


def handover_verb(user: Any, verb: str, handover: Any) -> Refusal | None:
    """Each side writes its notes and signs, for itself."""
    if isinstance(handover, type) or verb not in {"note", "sign_off"}:
        return Refusal("secretariat_only", _("Only the secretariat does this."))
    if handover_sides(user, handover):
        return None
    return Refusal(
        "holders_only",
        _("Only the outgoing and the incoming convenor and the secretariat do this."),
    )


def attestation_verb(user: Any, verb: str, attestation: Any) -> Refusal | None:
    """Whoever is asked answers, or their organization."""
    if verb != "answer":
        return Refusal("secretariat_only", _("Only the secretariat does this."))
    if isinstance(attestation, type):
        return None
    post = attestation.appointment
    themselves = user.person_id is not None and post.person_id == user.person_id
    if themselves or acts_for(user, post.party.organization_id):
        return None
    return Refusal("own_party", _("Only for your own organization."))


_OWN_LIAISON = frozenset({"create", "relieve", "succeed"})


def liaison_verb(user: Any, verb: str, appointment: Any) -> Refusal | None:
    """A party names, relieves and replaces its own officers; the secretariat corrects."""
    if isinstance(appointment, type):
        return (
            None if verb == "create" else Refusal("own_party", _("Only for your own organization."))
        )
    if acts_for(user, appointment.party.organization_id) and verb in _OWN_LIAISON:
        return None
    return Refusal("own_party", _("Only for your own organization."))


def absence_verb(user: Any, verb: str, absence: Any) -> Refusal | None:
    """A party tells when its own officers are away."""
    if verb not in {"create", "come_back", "withdraw"}:
        return Refusal("secretariat_only", _("Only the secretariat does this."))
    if isinstance(absence, type) or acts_for(user, absence.appointment.party.organization_id):
        return None
    return Refusal("own_party", _("Only for your own organization."))


def notice_verb(user: Any, verb: str, notice: Any) -> Refusal | None:
    """A notice is read and acknowledged by whoever it is for, and by nobody for them."""
    if verb in {"read", "acknowledge"} and not isinstance(notice, type):
        theirs = notice.person_id is not None and notice.person_id == user.person_id
        if theirs or acts_for(user, notice.organization_id):
            return None
    return Refusal("recipient_only", _("Only whoever it is for does this."))
