"""Convenor terms: the stored stretches of days, with whose turn it is and who serves."""

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from actors.organization import Organization
from actors.person import Person
from agreements.agreement import Agreement
from agreements.mechanisms.convenor_seats import Seat
from agreements.mechanisms.rotation_plan import Term
from governance.base import Noun, NounQuerySet
from governance.lifecycle import Refusal, Refused
from governance.periods import NoOverlap, covers, in_order, on_day
from governance.record import unit
from governance.wording import day_text, detailed


class State(models.TextChoices):
    """How firm a term is."""

    CONFIRMED = "confirmed", _("Confirmed")
    PROJECTED = "projected", _("Projected")
    UNDECIDED = "undecided", _("Not decided yet")
    VACANT = "vacant", _("Vacant")


class TermQuerySet(NounQuerySet):
    def current(self, on: date) -> Self:
        """The terms that hold the day ``on``. Twin: ``is_current``."""
        return self.filter(on_day(on))

    def convening(self, on: date) -> Self:
        """The current terms of agreements that have not ended by then: nobody convenes after."""
        alive = Q(rotation__agreement__ended_on__isnull=True) | Q(
            rotation__agreement__ended_on__gt=on
        )
        return self.current(on).filter(alive)


class ConvenorTerm(Noun):
    """A stretch of days with the seat whose turn it is and those who serve it."""

    rotation = models.ForeignKey(
        "agreements.Rotation",
        verbose_name=_("rotation"),
        on_delete=models.CASCADE,
        related_name="terms",
    )
    seat = models.ForeignKey(
        Seat,
        verbose_name=_("turn"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="terms",
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    expected_ends_on = models.DateField(_("expected until"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PROJECTED)
    person = models.ForeignKey(
        Person,
        verbose_name=_("convenor in person"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="convenor_terms",
    )
    shaped_by = models.JSONField(default=list, editable=False)
    holders = models.ManyToManyField(
        Organization, through="TermHolder", verbose_name=_("holders"), related_name="convenor_terms"
    )

    named_by = ("rotation",)
    objects = TermQuerySet.as_manager()

    class Meta:
        verbose_name = _("convenor term")
        verbose_name_plural = _("convenor terms")
        ordering = ("rotation", "starts_on")
        constraints = (
            in_order("term_in_order"),
            NoOverlap(
                name="terms_apart",
                keys=("rotation",),
                violation_error_message=_("Two terms of one rotation would overlap."),
            ),
        )
        indexes = (models.Index(fields=("ends_on", "starts_on"), name="term_days"),)

    def __str__(self) -> str:
        return detailed(self.rotation, day_text(self.starts_on))

    def record_scope(self) -> Agreement:
        return self.rotation.agreement

    # changes

    def confirm(self, *, by: Any, on: date, reason: str = "", version: int | None = None) -> Self:
        """From now on no change may alter this term, but to end or extend it in time."""
        with unit():
            self.lock(version)
            refusal = self.refusal("confirm", on)
            if refusal is not None:
                raise Refused("confirm", refusal)
            before = self.facts()
            self.state = State.CONFIRMED
            self.put(by=by, verb="confirm", before=before, on=on, reason=reason)
        return self

    def take(self, term: Term, seats: dict[str, Seat]) -> None:
        """Become the computed ``term``, not saved yet."""
        if self.pk is not None:
            self.version += 1
            if self.holder_keys() != list(term.holders):
                self.person = None  # who convened did so for those who served
        self.seat = seats.get(term.turn or "")
        self.ends_on = term.ends_on
        self.expected_ends_on = term.expected_ends_on
        self.state = term.state
        self.shaped_by = list(term.changes)

    # questions

    def refusal(self, verb: str, on: date) -> Refusal | None:
        """Why the term cannot be confirmed; None when it can."""
        if self.state == State.CONFIRMED:
            return Refusal("confirmed", _("This term is confirmed already."))
        if self.state in {State.UNDECIDED, State.VACANT}:
            return Refusal("no_holder", _("Nobody holds this term yet."))
        return None

    def is_current(self, on: date) -> bool:
        """Whether the term holds the day ``on``. The twin of ``current``."""
        return covers(self.starts_on, self.ends_on, on)

    def holder_keys(self) -> list[str]:
        """The ids of those who serve it, in their order."""
        return [str(held.organization.public_id) for held in self.holdings.all()]

    def planned(self) -> Term:
        """The term as plain data."""
        return Term(
            starts_on=self.starts_on,
            ends_on=self.ends_on,
            expected_ends_on=self.expected_ends_on,
            turn=self.seat.key if self.seat else None,
            holders=tuple(self.holder_keys()),
            state=self.state,  # type: ignore[arg-type]
            changes=tuple(self.shaped_by),
        )


class TermHolder(models.Model):
    """An organization serves a term, in its place among several."""

    term = models.ForeignKey(ConvenorTerm, on_delete=models.CASCADE, related_name="holdings")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("position", "id")
        constraints = (
            models.UniqueConstraint(fields=("term", "organization"), name="holder_once"),
        )

    def __str__(self) -> str:
        return str(self.organization)


def convenor_term(agreement: Agreement, on: date) -> ConvenorTerm | None:
    """The term of the agreement's own rotation that holds the day ``on``; None without one."""
    return (
        ConvenorTerm.objects.convening(on)
        .filter(rotation__agreement=agreement, rotation__group__isnull=True)
        .select_related("rotation", "seat__organization", "seat__region", "person")
        .prefetch_related("holdings__organization")
        .order_by("rotation_id", "starts_on")
        .first()
    )


def first_holder(term: ConvenorTerm | None) -> Organization | None:
    """The first who holds that term; None while nobody does."""
    if term is None:
        return None
    held = next(iter(term.holdings.all()), None)
    return held.organization if held else None
