"""The rotating convenor: an order of seats, the terms it yields, and every change to them.

The arithmetic is in ``rotation`` (pure); here are the rows. Seats and changes are facts; terms
are laid down from them ten years ahead, projected ones anew at every change, confirmed ones
never. Who convenes on a day is one indexed query.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from actors.organization import Organization
from agreements.agreement import Agreement
from agreements.articles import Article
from agreements.mechanisms import rotation
from agreements.mechanisms.convenor_binding import bound_change, revocable, seat_newcomers
from agreements.mechanisms.convenor_changes import Kind, RotationChange, stated
from agreements.mechanisms.convenor_laying import lay
from agreements.mechanisms.convenor_rule import Basis, Boundaries, OnAdmission, Order, Unit
from agreements.mechanisms.convenor_seats import awaits_seats
from agreements.mechanisms.convenor_terms import State
from agreements.mechanisms.handover import follow_boundaries
from agreements.mechanisms.rotation_order import SeatOrder
from agreements.mechanisms.rotation_plan import RotationPlan, Term
from agreements.mechanisms.special_group import SpecialGroup
from governance import clock
from governance.base import Noun, Sourced, bilingual
from governance.lifecycle import Refusal
from governance.periods import add_months, covers
from governance.record import refuse, unit

HORIZON_MONTHS = 120
# How much of the horizon may have passed before terms are laid down behind the last.
SLACK_MONTHS = 12
# So many are laid down at most: a term of one day each would be nearly thirty years of them.
MOST_TERMS = 10_000
_DAYS_OF = {"day": 1, "month": 28, "year": 365}


class Rotation(Sourced, Noun):
    """The rule by which the convenor rotates.

    Without a length, a first day or seats there are no terms yet.
    """

    agreement = models.ForeignKey(
        Agreement, verbose_name=_("agreement"), on_delete=models.CASCADE, related_name="rotations"
    )
    group = models.ForeignKey(
        SpecialGroup,
        verbose_name=_("special group"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="rotations",
        help_text=_("Empty: the agreement's own convenor."),
    )
    article = models.ForeignKey(
        Article,
        verbose_name=_("article"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="rotations",
    )
    name = models.CharField(_("name"), max_length=200, blank=True)
    name_zh = models.CharField(_("Chinese name"), max_length=200, blank=True)
    basis = models.CharField(_("basis"), max_length=8, choices=Basis, default=Basis.ORDER)
    order = models.CharField(_("order"), max_length=12, choices=Order, default=Order.AS_GIVEN)
    reverse = models.BooleanField(_("in reverse"), default=False)
    length = models.PositiveSmallIntegerField(
        _("length of a term"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
        help_text=_("Empty: not known."),
    )
    unit = models.CharField(_("counted in"), max_length=5, choices=Unit, default=Unit.MONTH)
    boundaries = models.CharField(
        _("a term ends by"), max_length=8, choices=Boundaries, default=Boundaries.CALENDAR
    )
    starts_on = models.DateField(
        _("first day"), null=True, blank=True, help_text=_("Empty: not known.")
    )
    first = models.ForeignKey(
        Organization,
        verbose_name=_("first turn"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Empty: the first in the order."),
    )
    on_admission = models.CharField(
        _("a new seat goes"), max_length=8, choices=OnAdmission, default=OnAdmission.END
    )
    handover_days = models.PositiveSmallIntegerField(
        _("handover within"),
        default=15,
        validators=[MaxValueValidator(366)],
        help_text=_("So many days after the boundary both sides have signed the handover off."),
    )
    handover_in_working_days = models.BooleanField(
        _("counted in working days"),
        default=True,
        help_text=_("By the working calendar of the region of whoever comes in."),
    )
    handover_opens_days = models.PositiveSmallIntegerField(
        _("handover opens before"),
        default=30,
        validators=[MaxValueValidator(366)],
        help_text=_("So many days before the boundary its list of open matters is made."),
    )
    laid_until = models.DateField(null=True, editable=False)

    class Meta:
        verbose_name = _("rotation")
        verbose_name_plural = _("rotations")
        ordering = ("agreement", "id")

    def __str__(self) -> str:
        return bilingual(self.name, self.name_zh) or str(_("Convenor"))

    def clean(self) -> None:
        super().clean()
        if self.group is not None and self.group.agreement_id != self.agreement_id:
            raise ValidationError({"group": _("This group belongs to another agreement.")})
        if self.article is not None and self.article.agreement_id != self.agreement_id:
            raise ValidationError({"article": _("This article belongs to another agreement.")})
        if self.length and self.starts_on is not None:
            ahead = add_months(clock.today(), HORIZON_MONTHS)
            shortest = self.length * _DAYS_OF[self.unit]
            if (ahead - self.starts_on).days // shortest > MOST_TERMS:
                raise refuse("starts_on", _("That would be too many terms."), "too_many")

    def record_scope(self) -> Agreement:
        return self.agreement

    def facts(self) -> dict[str, Any]:
        """The rule; how far it is laid down is housekeeping."""
        return {name: value for name, value in super().facts().items() if name != "laid_until"}

    def follow_up(self, *, by: Any, on: date | None) -> None:
        """The terms follow the rule."""
        if not awaits_seats(self.pk):
            self.lay_down(on or clock.day_of(self.changed_at))

    # changes

    def lay_down(self, on: date, *, judged: bool = False) -> None:
        """Store the terms up to ten years behind ``on`` or today: projected ones anew.

        Confirmed ones are kept. A stored term keeps its id as long as a term begins on the same
        day; behind the end of the agreement or of the group none begins any more. ``judged``: a
        change that was found to spare the confirmed terms, or may alter one; otherwise Refused is
        raised when one would be altered.
        """
        plan = self.plan()
        until = _horizon(max(on, clock.today(), self.starts_on or on))
        wanted = rotation.terms(plan, self.starts_on or on, until) if plan.yields_terms else []
        over = self.over_on
        dated = {
            term.starts_on: term
            for term in wanted
            if term.starts_on is not None
            and (over is None or term.starts_on < over or term.state == "confirmed")
        }
        lay(self, dated, judged=judged)
        follow_boundaries(self, on=on)
        Rotation.objects.filter(pk=self.pk).update(laid_until=until)

    def change(
        self,
        kind: str,
        *,
        by: Any,
        on: date,
        facts: dict[str, Any],
        decided_by: str = "",
        decided_on: date | None = None,
        reason: str = "",
        version: int | None = None,
    ) -> "RotationChange":
        """Record a change (``facts`` as the kind takes them) and lay the terms down anew.

        A change dated before ``on`` is a correction and needs a reason. Raises Refused naming
        what stands against it, ValidationError at a field.
        """
        facts = stated(kind, facts)
        with unit():
            self.lock(version)
            bound = bound_change(self, kind, facts, on=on, decided_on=decided_on, reason=reason)
            made = RotationChange.enter(
                by=by,
                on=decided_on or on,
                rotation=self,
                kind=kind,
                terms_of_change=facts,
                binding=dict(bound.binding),
                decided_by=decided_by,
                decided_on=decided_on,
                reason=reason,
            )
            seat_newcomers(self, kind, facts, by=by, on=on)
            self.lay_down(on, judged=True)
            self.touch()
        return made

    def preview(
        self, kind: str, *, on: date, facts: dict[str, Any], decided_on: date | None, reason: str
    ) -> tuple[list[Term], list[Term]]:
        """The terms before and after such a change, stored nowhere. Raises like ``change``."""
        plan = self.plan()
        facts = stated(kind, facts)
        bound = bound_change(self, kind, facts, on=on, decided_on=decided_on, reason=reason)
        until = _horizon(max(on, self.starts_on or on))
        after = replace(plan, changes=(*plan.changes, bound))
        start = self.starts_on or on
        return (
            rotation.terms(plan, start, until, today=on),
            rotation.terms(after, start, until, today=on),
        )

    def revoke(self, change: "RotationChange", *, by: Any, on: date, reason: str = "") -> None:
        """Take a change back: the terms are laid down as if it had not been made.

        It needs a reason where the change has taken effect by then. Raises Refused.
        """
        with unit():
            self.lock()
            change.lock()
            revocable(self, change, on)
            own_on = change.planned().own_on
            if own_on is not None and own_on <= on and not reason.strip():
                raise refuse("reason", _("A correction of the past needs a reason."), "required")
            before = change.facts()
            change.revoked_on, change.revoked_by = on, by
            change.revocation_reason = reason.strip()
            change.put(by=by, verb="revoke", before=before, on=on, reason=reason)
            self.lay_down(on, judged=True)
            self.touch()

    def preview_revocation(
        self, change: "RotationChange", *, on: date
    ) -> tuple[list[Term], list[Term]]:
        """The terms before and after taking the change back. Raises Refused like ``revoke``."""
        plan = revocable(self, change, on)
        others = tuple(other for other in plan.changes if other.id != str(change.public_id))
        start = self.starts_on or on
        until = _horizon(max(on, start))
        return (
            rotation.terms(plan, start, until, today=on),
            rotation.terms(replace(plan, changes=others), start, until, today=on),
        )

    # questions

    def refusal(self, verb: str, on: date) -> Refusal | None:
        """Why no change of the kind ``verb`` makes sense here, whatever it says; None: one may."""
        if self.starts_on is None or not self.length:
            return Refusal(
                "no_terms", _("There are no terms yet: length and first day are missing.")
            )
        if verb == Kind.END and self.boundaries != Boundaries.EVENT:
            return Refusal("only_by_event", _("The terms of this rotation follow the calendar."))
        if verb in {Kind.SKIP, Kind.REORDER} and self.basis != Basis.ORDER:
            return Refusal(
                "only_by_order", _("This rotation has no order: each holder is decided.")
            )
        return None

    @property
    def over_on(self) -> date | None:
        """The first day on which nobody convenes any more: the agreement's or the group's end."""
        closed_on = self.group.closed_on if self.group is not None else None
        ends = [day for day in (self.agreement.ended_on, closed_on) if day is not None]
        return min(ends, default=None)

    def plan(self) -> RotationPlan:
        """Everything the terms follow from, as plain data."""
        seats = self.seats.filter(admitted=False).select_related("organization", "region")
        changes = self.changes.filter(revoked_on__isnull=True).order_by("number")
        return RotationPlan(
            basis=self.basis,  # type: ignore[arg-type]
            order=self.order,  # type: ignore[arg-type]
            reverse=self.reverse,
            length=self.length,
            unit=self.unit,  # type: ignore[arg-type]
            boundaries=self.boundaries,  # type: ignore[arg-type]
            starts_on=self.starts_on,
            first=str(self.first.public_id) if self.first else None,
            on_admission=self.on_admission,  # type: ignore[arg-type]
            seats=tuple(seat.planned() for seat in seats.prefetch_related("co_holders")),
            changes=tuple(change.planned() for change in changes),
            confirmed=tuple(
                term.planned()
                for term in self.terms.filter(state=State.CONFIRMED)
                .select_related("seat__organization", "seat__region")
                .prefetch_related("holdings__organization")
            ),
        )

    def is_member(self, organization: Organization, day: date) -> bool:
        """Whether the organization's seat belongs to the order up to the day before ``day``."""
        place = SeatOrder(self.plan()).place_on(str(organization.public_id), day)
        return place is not None and (place.joined_on is None or place.joined_on < day)

    def between(
        self, start: date, end: date, *, as_of: date | None = None, today: date | None = None
    ) -> list[Term]:
        """The computed terms that overlap ``start``…``end``, both days included.

        ``as_of``: by the changes decided up to that day. ``today``: the day before which an
        overdue open term foresees no turn. Nobody convenes behind :attr:`over_on`.
        """
        found = rotation.terms(self.plan(), start, end, as_of, today=today)
        over = self.over_on
        return found if over is None else [*_cut(found, over)]

    def around(self, on: date) -> tuple[Term | None, Term | None, Term | None]:
        """The term before the one that holds ``on``, that one, and the next one to come."""
        if self.starts_on is None or not self.plan().yields_terms:
            return None, None, None
        until = _horizon(max(on, self.starts_on))
        found = self.between(self.starts_on, until, today=on)
        before = [term for term in found if term.ends_on is not None and term.ends_on <= on]
        current = [
            term
            for term in found
            if term.starts_on is not None and covers(term.starts_on, term.ends_on, on)
        ]
        later = [term for term in found if term.starts_on is None or term.starts_on > on]
        return (
            before[-1] if before else None,
            current[0] if current else None,
            later[0] if later else None,
        )


def extend_rotations(on: date) -> int:
    """Lay down further the rotations whose laid terms end within nine of the ten years ahead.

    A step of the daily run; how many rotations were laid down.
    """
    near = add_months(on, HORIZON_MONTHS - SLACK_MONTHS)
    short = list(Rotation.objects.filter(laid_until__lt=near, agreement__ended_on__isnull=True))
    for one in short:
        with unit():
            one.lock()
            one.lay_down(on)
    return len(short)


def _cut(terms: Iterable[Term], over: date) -> Iterator[Term]:
    """The terms that begin before the day ``over``, none of them lasting beyond it."""
    for term in terms:
        if term.starts_on is None or term.starts_on >= over:
            continue
        if term.ends_on is None or term.ends_on > over:
            yield replace(term, ends_on=over, expected_ends_on=None)
        else:
            yield term


def _horizon(day: date) -> date:
    """Up to when terms are laid down, seen from a day; at most the calendar's last."""
    years = HORIZON_MONTHS // 12
    return add_months(day, HORIZON_MONTHS) if day.year + years < date.max.year else date.max
