"""Parties: organizations in an agreement, and what each of them did, and when.

The party and the body that signs for it are two things: a district may be the party and its
ecology bureau the signing body. A party's standing is computed from its acts, never typed in.
"""

from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from actors.organization import Organization
from actors.person import Person
from agreements.agreement import Agreement, Status
from agreements.entry_into_force import PartyActs
from governance.base import Noun, NounQuerySet, Sourced
from governance.lifecycle import Refusal, Refused
from governance.periods import NoOverlap, covers, in_order, on_day
from governance.record import refuse, unit
from governance.wording import day_text


class Role(models.TextChoices):
    """In which role an organization takes part."""

    LEAD = "lead", _("Lead party")
    PARTY = "party", _("Party")
    OBSERVER = "observer", _("Observer")
    IMPLEMENTING_BODY = "implementing_body", _("Implementing body")
    GUARANTOR = "guarantor", _("Guarantor")


SIGNING_ROLES = (Role.LEAD, Role.PARTY, Role.GUARANTOR)
# Who takes part in the mechanisms: has a seat, owes a liaison officer, counts for a quorum.
OWING = (Role.LEAD, Role.PARTY)
BEFORE_SIGNATURE = frozenset({Status.DRAFT, Status.NEGOTIATING})
JOINING = ("signed_on", "approved_on", "joined_on")
LEAVING = ("withdrawal_notified_on", "withdrawn_on")


class Standing(models.TextChoices):
    """What a party is on a day, by its acts."""

    EXPECTED = "expected", _("Has not signed")
    SIGNED = "signed", _("Signed")
    APPROVED = "approved", _("Approved")
    LEAVING = "leaving", _("Withdrawal notified")
    LEFT = "left", _("Left")


def no_categories() -> list[str]:
    """The categories of a party that has none."""
    return []


# Before the signature nobody has signed, and all who negotiate take part.
_BEFORE = Q(agreement__status__in=BEFORE_SIGNATURE)


class PartyQuerySet(NounQuerySet):
    def current(self, on: date) -> Self:
        """Those that belong on the day ``on``. Twin: ``is_current``."""
        return self.filter(on_day(on, start="joined_on", end="withdrawn_on"))

    def signing(self) -> Self:
        """Those that have to sign: not observers, nor bodies that only carry out."""
        return self.filter(role__in=SIGNING_ROLES)

    def taking_part(self, on: date) -> Self:
        """Those that have seats, owe a liaison officer and count for a quorum on the day ``on``.

        Who was entered to join and has neither signed nor joined yet does not. Twin:
        ``takes_part``.
        """
        acted = Q(signed_on__isnull=False) | Q(approved_on__isnull=False)
        return self.current(on).filter(acted | _BEFORE, role__in=OWING)

    def counting(self) -> Self:
        """Those whose acts count towards entry into force: observers never do."""
        return self.signing().select_related("organization")


class Party(Sourced, Noun):
    """One period of an organization's membership in an agreement."""

    agreement = models.ForeignKey(Agreement, verbose_name=_("agreement"), on_delete=models.CASCADE)
    organization = models.ForeignKey(
        Organization,
        verbose_name=_("organization"),
        on_delete=models.PROTECT,
        related_name="memberships",
    )
    role = models.CharField(_("role"), max_length=20, choices=Role, default=Role.PARTY)
    position = models.PositiveSmallIntegerField(
        _("place in the order of signature"), null=True, blank=True
    )
    signing_body = models.ForeignKey(
        Organization,
        verbose_name=_("signing body"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="signed_for",
        help_text=_("The body that signs for the party, when it is another one."),
    )
    signatory = models.ForeignKey(
        Person,
        verbose_name=_("signatory"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="signatures",
    )
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    approved_on = models.DateField(
        _("approved on"), null=True, blank=True, help_text=_("Ratification, approval, acceptance.")
    )
    joined_on = models.DateField(
        _("joined on"), null=True, blank=True, help_text=_("Empty: a party from the start.")
    )
    withdrawal_notified_on = models.DateField(_("withdrawal notified on"), null=True, blank=True)
    withdrawn_on = models.DateField(
        _("left on"), null=True, blank=True, help_text=_("The first day it is no longer a party.")
    )
    counts = models.BooleanField(_("counts towards entry into force"), default=True)
    weight = models.DecimalField(_("weight"), max_digits=15, decimal_places=4, default=Decimal(1))
    categories = models.JSONField(_("categories"), default=no_categories, blank=True)

    named_by = ("organization",)
    objects = PartyQuerySet.as_manager()

    class Meta:
        verbose_name = _("party")
        verbose_name_plural = _("parties")
        ordering = ("agreement", "position", "id")
        constraints = (
            in_order("party_in_order", start="joined_on", end="withdrawn_on"),
            NoOverlap(
                name="party_periods_apart",
                keys=("agreement", "organization"),
                start="joined_on",
                end="withdrawn_on",
                violation_error_message=_(
                    "This organization is already a party to the agreement at that time."
                ),
            ),
        )
        indexes = (models.Index(fields=("organization", "agreement"), name="party_organization"),)

    def __str__(self) -> str:
        return str(self.organization)

    def clean(self) -> None:
        super().clean()
        if self.weight is not None and self.weight < 0:
            raise ValidationError({"weight": _("A weight cannot be negative.")})
        if not isinstance(self.categories, list) or not all(
            isinstance(word, str) for word in self.categories
        ):
            raise ValidationError({"categories": _("Give a list of words.")})

    def record_scope(self) -> Agreement:
        return self.agreement

    def refuse_edit(self, facts: dict[str, Any]) -> None:
        """A withdrawal has consequences: its days are set by the act alone.

        A day of signature or approval that was entered wrongly is corrected, on record.
        """
        if any(name in facts and facts[name] != getattr(self, name) for name in LEAVING):
            raise Refused(
                "change",
                Refusal("acts_fixed", _("A withdrawal is recorded as an act, not edited.")),
            )

    def removal_refusal(self) -> Refusal | None:
        """Only before signature, and while neither a seat nor a task rests on it."""
        if self.agreement.status not in BEFORE_SIGNATURE:
            return Refusal(
                "not_removable",
                _("Once the agreement is signed a party withdraws: it is not deleted."),
            )
        own = self.organization
        if own.seats.filter(rotation__agreement=self.agreement_id, rotation__group=None).exists():
            return Refusal("still_needed", _("It has a seat in a rotation: delete that first."))
        if self.agreement.tasks.of([own.pk]).exists():
            return Refusal("still_needed", _("It works on a task: name another one there first."))
        return None

    # changes

    def sign(
        self,
        *,
        by: Any,
        on: date,
        signing_body: Organization | None = None,
        signatory: Person | None = None,
        reason: str = "",
        version: int | None = None,
    ) -> Self:
        """The party signed, itself or through a signing body, by the hand of a person."""
        facts: dict[str, Any] = {"signed_on": on}
        if signing_body is not None:
            facts["signing_body"] = signing_body
        if signatory is not None:
            facts["signatory"] = signatory
        return self._act("sign", by=by, on=on, reason=reason, version=version, **facts)

    def approve(self, *, by: Any, on: date, reason: str = "", version: int | None = None) -> Self:
        """The party ratified, approved or accepted the agreement."""
        return self._act("approve", by=by, on=on, reason=reason, version=version, approved_on=on)

    def accede(self, *, by: Any, on: date, reason: str = "", version: int | None = None) -> Self:
        """The organization joined later: one act that stands for signature and approval."""
        return self._act(
            "accede",
            by=by,
            on=on,
            reason=reason,
            version=version,
            joined_on=on,
            signed_on=on,
            approved_on=on,
        )

    def withdraw(
        self,
        *,
        by: Any,
        on: date,
        effective_on: date,
        reason: str = "",
        version: int | None = None,
    ) -> Self:
        """The party notified its withdrawal on ``on``; it leaves on ``effective_on``.

        Raises ValidationError at ``on`` or ``effective_on`` for days before those that the
        agreement's rule gives.
        """
        if effective_on < on:
            raise refuse(
                "effective_on", _("A withdrawal cannot take effect before it is notified.")
            )
        with unit():
            self.lock(version)
            self._keep_to_rule(on, effective_on)
            return self._act(
                "withdraw",
                by=by,
                on=on,
                reason=reason,
                version=None,
                withdrawal_notified_on=on,
                withdrawn_on=effective_on,
            )

    def _keep_to_rule(self, on: date, effective_on: date) -> None:
        """Refuse a notice, or a leaving, before the day from which the agreement allows it."""
        found = self.agreement.entry_answer(on)
        own = (one for one in found.parties if one.party == str(self.public_id))
        entered_on = next((one.in_force_on for one in own), None)
        earliest = found.rule.earliest_notice_on(entered_on)
        if earliest is not None and on < earliest:
            raise refuse(
                "on",
                _("By the agreement's rule notice can be given from %(day)s.")
                % {"day": day_text(earliest)},
                "too_early",
            )
        leaves_on = found.rule.withdrawal_effective_on(on)
        if leaves_on is not None and effective_on < leaves_on:
            raise refuse(
                "effective_on",
                _("By the agreement's rule this notice takes effect on %(day)s, not before.")
                % {"day": day_text(leaves_on)},
                "too_early",
            )

    def _act(
        self, verb: str, *, by: Any, on: date, reason: str, version: int | None, **facts: Any
    ) -> Self:
        with unit():
            self.lock(version)
            refusal = self.refusal(verb, on)
            if refusal is not None:
                raise Refused(verb, refusal)
            before = self.facts()
            for name, value in facts.items():
                setattr(self, name, value)
            self.full_clean()
            self.put(by=by, verb=verb, before=before, on=on, reason=reason)
        return self

    # questions

    def is_current(self, on: date) -> bool:
        """Whether it belongs on the day ``on``. The twin of ``current``."""
        return covers(self.joined_on, self.withdrawn_on, on)

    def takes_part(self, on: date) -> bool:
        """Whether it takes part in the mechanisms on the day ``on``. Twin: ``taking_part``."""
        return self.is_current(on) and self.role in OWING and not self.is_candidate

    @property
    def is_candidate(self) -> bool:
        """Entered to join an agreement that the others have signed, and has not done so yet."""
        acted = self.signed_on is not None or self.approved_on is not None
        signs = self.role in SIGNING_ROLES
        return signs and not acted and self.agreement.status not in BEFORE_SIGNATURE

    def standing(self, on: date) -> Standing:
        """What the party is on the day ``on``, by its acts up to then."""
        if self.withdrawn_on is not None and self.withdrawn_on <= on:
            return Standing.LEFT
        if self.withdrawal_notified_on is not None and self.withdrawal_notified_on <= on:
            return Standing.LEAVING
        if self.approved_on is not None and self.approved_on <= on:
            return Standing.APPROVED
        if self.signed_on is not None and self.signed_on <= on:
            return Standing.SIGNED
        return Standing.EXPECTED

    def refusal(self, verb: str, on: date) -> Refusal | None:
        """Why the party cannot do this now; None when it can."""
        if self.withdrawn_on is not None and self.withdrawn_on <= on:
            return Refusal("has_left", _("This party has left the agreement."))
        checks = {
            "sign": self._cannot_sign,
            "approve": self._cannot_approve,
            "accede": self._cannot_accede,
            "withdraw": self._cannot_withdraw,
        }
        return checks[verb]()

    def _cannot_sign(self) -> Refusal | None:
        if self.role == Role.OBSERVER:
            return Refusal("observer", _("An observer does not sign."))
        if self.signed_on is not None:
            return Refusal("already_signed", _("This party has signed already."))
        over = self.agreement.over_refusal()
        if over is not None:
            return over
        if self.agreement.status == Status.DRAFT:
            return Refusal("draft", _("A draft cannot be signed: open the negotiation first."))
        return None

    def _cannot_approve(self) -> Refusal | None:
        if self.role == Role.OBSERVER:
            return Refusal("observer", _("An observer does not approve."))
        if self.approved_on is not None:
            return Refusal("already_approved", _("This party has approved already."))
        over = self.agreement.over_refusal()
        if over is not None:
            return over
        if self.agreement.status in BEFORE_SIGNATURE:
            return Refusal("not_signed", _("The agreement has not been signed yet."))
        return None

    def _cannot_accede(self) -> Refusal | None:
        if self.signed_on is not None or self.approved_on is not None:
            return Refusal("already_party", _("It has signed or joined already."))
        if self.agreement.status not in {Status.SIGNED, Status.IN_FORCE, Status.SUSPENDED}:
            return Refusal(
                "not_open", _("One can join an agreement from its signature until its end.")
            )
        return None

    def _cannot_withdraw(self) -> Refusal | None:
        if self.withdrawal_notified_on is not None:
            return Refusal("already_leaving", _("Its withdrawal has been notified already."))
        return self.agreement.over_refusal()

    def acts(self) -> PartyActs:
        """What it did, as plain data for the rule of entry into force."""
        return PartyActs(
            key=str(self.public_id),
            name=str(self.organization),
            counts=self.counts,
            weight=self.weight,
            categories=tuple(self.categories),
            joined_on=self.joined_on,
            signed_on=self.signed_on,
            approved_on=self.approved_on,
            withdrawal_notified_on=self.withdrawal_notified_on,
            withdrawn_on=self.withdrawn_on,
        )


def parties_among(organizations: list[int]) -> Q:
    """The party rows in which one of these organizations takes part or signs."""
    return Q(organization__in=organizations) | Q(signing_body__in=organizations)
