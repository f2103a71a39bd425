"""Seats: the places in the order of a rotation, of parties, group members or regions."""

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
        if not self.admitted and not self.rotation.awaits_seats:
            self.rotation.lay_down(on or clock.day_of(self.changed_at))

    def remove(self, *, by: Any, version: int | None = None, reason: str = "") -> None:
        """Take the seat out as if it had never been; one that leaves is withdrawn instead."""
        with unit():
            kept = self.rotation
            super().remove(by=by, version=version, reason=reason)
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
            sort_name=self.sort_name or str(self),
            joined_on=self.joined_on,
            left_on=self.left_on,
            co_holders=tuple(str(other.public_id) for other in self.co_holders.all()),
        )
