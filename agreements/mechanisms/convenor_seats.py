"""Seats: the places in the order of a rotation, of parties, group members or regions."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from actors.organization import Organization
from actors.region import Region
from agreements.agreement import Agreement
from agreements.mechanisms.rotation_plan import Seat as PlannedSeat
from agreements.party import Party
from governance import clock
from governance.base import Noun
from governance.periods import in_order
from governance.record import refuse, unit

_awaited: ContextVar[frozenset[int]] = ContextVar("awaited", default=frozenset())


@contextmanager
def awaiting_seats(rotation: Any) -> Iterator[None]:
    """While several seats are entered together, the rotation's terms wait for the last of them."""
    token = _awaited.set(_awaited.get() | {rotation.pk})
    try:
        yield
    finally:
        _awaited.reset(token)


def awaits_seats(rotation_id: int | None) -> bool:
    """Whether the terms of the rotation wait for more seats."""
    return rotation_id in _awaited.get()


def sorted_by(holder: Any) -> str:
    """The name by which an organization or a region is sorted where no other is given.

    Its primary one whatever the reader's language: an order is the same for all of them.
    """
    return str(holder.name or holder.name_zh)


def holder_of(facts: dict[str, Any]) -> tuple[Organization | None, Region | None]:
    """The organization or the region whose seat ``facts`` of a change describe, by its id."""
    organization, region = facts.get("organization"), facts.get("region")
    return (
        Organization.objects.filter(public_id=organization).first() if organization else None,
        Region.objects.filter(public_id=region).first() if region else None,
    )


def with_sort_name(facts: dict[str, Any]) -> dict[str, Any]:
    """A newcomer with the name by which its seat is sorted: its own, if no other is given."""
    if facts.get("sort_name"):
        return facts
    organization, region = holder_of(facts)
    newcomer = organization or region
    return facts if newcomer is None else {**facts, "sort_name": sorted_by(newcomer)}


class Seat(Noun):
    """A place in the order: of a party (a group's member), or of a region."""

    rotation = models.ForeignKey(
        "agreements.Rotation",
        verbose_name=_("rotation"),
        on_delete=models.CASCADE,
        related_name="seats",
    )
    position = models.PositiveSmallIntegerField(_("position"), default=1)
    organization = models.ForeignKey(
        Organization,
        verbose_name=_("organization"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="seats",
    )
    region = models.ForeignKey(
        Region,
        verbose_name=_("region"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="seats",
        help_text=_("Instead of an organization: the holder is then named each time."),
    )
    sort_name = models.CharField(_("sort name"), max_length=200, blank=True)
    joined_on = models.DateField(_("member from"), null=True, blank=True)
    left_on = models.DateField(_("member until"), null=True, blank=True)
    co_holders = models.ManyToManyField(
        Organization, verbose_name=_("co-holders"), blank=True, related_name="+"
    )
    admitted = models.BooleanField(default=False, editable=False)

    named_by = ("organization", "region")

    class Meta:
        verbose_name = _("seat")
        verbose_name_plural = _("seats")
        ordering = ("rotation", "position", "id")
        constraints = (
            in_order("seat_in_order", start="joined_on", end="left_on"),
            models.CheckConstraint(
                name="seat_of_one",
                condition=models.Q(organization__isnull=False, region__isnull=True)
                | models.Q(organization__isnull=True, region__isnull=False),
                violation_error_message=_("A seat belongs to an organization or to a region."),
            ),
            models.UniqueConstraint(
                fields=("rotation", "organization"),
                condition=models.Q(organization__isnull=False),
                name="seat_once",
                violation_error_message=_("This organization already has a seat here."),
            ),
            models.UniqueConstraint(
                fields=("rotation", "region"),
                condition=models.Q(region__isnull=False),
                name="seat_of_region_once",
                violation_error_message=_("This region already has a seat here."),
            ),
        )

    def __str__(self) -> str:
        return str(self.organization or self.region)

    def clean(self) -> None:
        super().clean()
        if self.organization is None:
            return
        if not self._may_sit(self.organization):
            raise refuse(
                "organization",
                _("Only a party of the agreement (or a member of the group) can have a seat."),
                "not_a_party",
            )

    def _may_sit(self, organization: Organization) -> bool:
        group = self.rotation.group
        if group is not None:
            return bool(group.memberships.filter(organization=organization).exists())
        return Party.objects.filter(
            agreement=self.rotation.agreement_id, organization=organization
        ).exists()

    def prepare(self, *, by: Any, on: date | None) -> None:
        """Refuse a seat outside of the days on which its organization is a party."""
        if self.organization is None or self.rotation.group is not None:
            return
        parties = Party.objects.filter(
            agreement=self.rotation.agreement_id, organization=self.organization
        )
        if parties.exists() and not any(self._lies_within(party) for party in parties):
            raise refuse(
                "organization",
                _("It is not a party to the agreement for all the days of this seat."),
                "outside_membership",
            )

    def _lies_within(self, party: Party) -> bool:
        """Whether it is a seat of that membership; a start that is not known does not count."""
        begins = (
            self.joined_on is None or party.joined_on is None or self.joined_on >= party.joined_on
        )
        ends = party.withdrawn_on is None or (
            self.left_on is not None and self.left_on <= party.withdrawn_on
        )
        return begins and ends

    def record_scope(self) -> Agreement:
        return self.rotation.agreement

    def follow_up(self, *, by: Any, on: date | None) -> None:
        """The terms follow the seats."""
        if not self.admitted and not awaits_seats(self.rotation_id):
            self.rotation.lay_down(on or clock.day_of(self.changed_at))

    def remove(self, *, by: Any, version: int | None = None, reason: str = "") -> None:
        """Take the seat out as if it had never been; one that leaves is withdrawn instead."""
        with unit():
            kept = self.rotation
            super().remove(by=by, version=version, reason=reason)
            if not awaits_seats(kept.pk):
                kept.lay_down(clock.day_of(kept.changed_at))

    @property
    def key(self) -> str:
        """The id by which the engine names the seat: its organization's, or its region's."""
        holder = self.organization or self.region
        assert holder is not None
        return str(holder.public_id)

    def planned(self) -> PlannedSeat:
        """The seat as plain data."""
        return PlannedSeat(
            key=self.key,
            organization=str(self.organization.public_id) if self.organization else None,
            region=str(self.region.public_id) if self.region else None,
            position=self.position,
            sort_name=self.sort_name or sorted_by(self.organization or self.region),
            joined_on=self.joined_on,
            left_on=self.left_on,
            co_holders=tuple(str(other.public_id) for other in self.co_holders.all()),
        )
