"""Confirmations of minutes: the participants' own word to one text, and approval by it.

A word names the text by its digest. Minutes are approved with the last word that was missing, or
by silence where that is agreed; reservations stay with them.
"""

from datetime import date
from typing import Any, Self

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from actors.organization import Organization
from agreements.agreement import Agreement
from agreements.mechanisms.attendance import participants
from agreements.mechanisms.minutes import Minutes, Stance, Status, Way, approved_refusal
from agreements.mechanisms.regular_consultation import Status as ConsultationStatus
from agreements.party import Party
from governance.base import Noun, Sourced
from governance.lifecycle import Refusal, Refused
from governance.record import refuse, unit


class Confirmation(Sourced, Noun):
    """What a participant said to one text of the minutes, known by its digest."""

    minutes = models.ForeignKey(
        Minutes, verbose_name=_("minutes"), on_delete=models.CASCADE, related_name="confirmations"
    )
    organization = models.ForeignKey(
        Organization,
        verbose_name=_("organization"),
        on_delete=models.PROTECT,
        related_name="confirmations",
    )
    party = models.ForeignKey(
        Party,
        verbose_name=_("party"),
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="confirmations",
    )
    sha256 = models.CharField(
        _("digest"),
        max_length=64,
        validators=[RegexValidator(r"^[0-9a-f]{64}\Z", _("Give a SHA-256 in hexadecimal."))],
        help_text=_("Of the text that is confirmed."),
    )
    stance = models.CharField(_("stance"), max_length=9, choices=Stance, default=Stance.CONFIRMED)
    note = models.TextField(_("reservation"), blank=True)
    confirmed_on = models.DateField(_("confirmed on"))

    named_by = ("organization", "minutes__consultation")

    class Meta:
        verbose_name = _("confirmation")
        verbose_name_plural = _("confirmations")
        ordering = ("minutes", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("minutes", "organization", "sha256"), name="confirmation_once"
            ),
        )

    def __str__(self) -> str:
        return f"{self.organization} – {self.minutes}"

    def clean(self) -> None:
        super().clean()
        if self.stance == Stance.RESERVED and not self.note.strip():
            raise refuse("note", _("Say what the reservation is."), "required")

    def record_scope(self) -> Agreement:
        return self.minutes.consultation.agreement

    def removal_refusal(self) -> Refusal | None:
        return Refusal("given", _("A word once given is changed, not deleted."))

    @classmethod
    def give(
        cls,
        minutes: Minutes,
        organization: Organization,
        *,
        by: Any,
        on: date,
        stance: str = Stance.CONFIRMED,
        note: str = "",
        sha256: str = "",
        **facts: Any,
    ) -> Self:
        """A participant confirms the text with that digest (empty: as it is), or reserves.

        A word to another text counts for nothing and shows as a mismatch. With the last word
        that was missing the minutes are approved. Raises Refused unless they are circulated.
        """
        with unit():
            minutes.lock()
            refusal = confirmation_refusal(minutes)
            if refusal is not None:
                raise Refused("create", refusal)
            rights = {one.organization.pk: one for one in participants(minutes.consultation)}
            right = rights.get(organization.pk)
            if right is None or not right.counts:
                raise refuse(
                    "organization", _("This organization has no voice in the consultation.")
                )
            if stance == Stance.SILENT:
                raise refuse("stance", _("Silence is kept by the system alone."))
            said: dict[str, Any] = {
                "stance": stance,
                "note": note,
                "confirmed_on": on,
            }
            meant = sha256.lower() or minutes.sha256
            made = cls.objects.filter(
                minutes=minutes, organization=organization, sha256=meant
            ).first()
            if made is not None:
                made.edit(by=by, **said)
            else:
                made = cls.enter(
                    by=by,
                    on=on,
                    minutes=minutes,
                    organization=organization,
                    party=right.party,
                    sha256=meant,
                    illustrative=facts.pop("illustrative", minutes.illustrative),
                    **said,
                    **facts,
                )
            settle(minutes, by=by, on=on)
        return made

    @property
    def matches(self) -> bool:
        """Whether it is a word to the text as it is now."""
        return self.sha256 == self.minutes.sha256


def confirmation_refusal(minutes: Minutes) -> Refusal | None:
    """Why nobody can give a word to them now; None when it can be given."""
    if minutes.status == Status.APPROVED:
        return approved_refusal()
    if minutes.status != Status.CIRCULATED:
        return Refusal("not_circulated", _("The minutes have not been circulated yet."))
    return None


def settle(minutes: Minutes, *, by: Any, on: date) -> bool:
    """Approve them if every participant has given its word, or its time to do so is over.

    Whether they are approved now.
    """
    with unit():
        minutes.lock()
        if minutes.refusal("approve", on) is not None or minutes.status != Status.CIRCULATED:
            return False
        words = minutes.standing()
        silent = [word for word in words if word.stance is None or not word.matches]
        if not words:
            return False
        if silent and (minutes.silence_until is None or on <= minutes.silence_until):
            return False
        day = max(on, minutes.status_since or on)
        for word in silent:
            Confirmation.enter(
                by=None,
                on=day,
                minutes=minutes,
                organization=word.organization,
                party=word.party,
                sha256=minutes.sha256,
                stance=Stance.SILENT,
                confirmed_on=day,
                illustrative=minutes.illustrative,
            )
        minutes.approve(by=by, on=day, way=Way.SILENCE if silent else Way.EXPRESSLY)
    return True


def settle_minutes(on: date) -> int:
    """Approve what has every word, or whose time for objections is over. How many were."""
    waiting = Minutes.objects.filter(
        status=Status.CIRCULATED, consultation__status=ConsultationStatus.CLOSED
    )
    return sum(settle(one, by=None, on=on) for one in waiting.order_by("pk"))
