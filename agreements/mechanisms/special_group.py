"""Special cooperation groups: a topic, a mandate, a lead, members over time, a sunset."""

from datetime import date, timedelta
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from actors.organization import Organization
from agreements.agreement import Agreement
from agreements.articles import Article
from agreements.content_area import ContentArea
from agreements.party import Party
from governance.base import LivingNoun, Noun, NounQuerySet, Sourced, bilingual, require_one_name
from governance.lifecycle import Lifecycle, Refusal, Refused, Transition
from governance.periods import NoOverlap, covers, in_order, on_day
from governance.record import refuse, unit

ALARM_DAYS = timedelta(days=30)
"""How long before its sunset those who lead a group are told."""


class Status(models.TextChoices):
    """Whether the group works."""

    ACTIVE = "active", _("At work")
    CLOSED = "closed", _("Closed")


def _has_sunset(group: "SpecialGroup", on: date) -> Refusal | None:
    if group.sunset_on is not None:
        return None
    return Refusal("no_sunset", _("This group has no sunset that could be put off."))


class SpecialGroupQuerySet(NounQuerySet):
    def active(self) -> Self:
        """Those at work."""
        return self.filter(status=Status.ACTIVE)

    def past_sunset(self, on: date) -> Self:
        """Those that should have been closed by the day ``on``. Twin: ``is_past_sunset``."""
        return self.active().filter(sunset_on__lte=on)

    def near_sunset(self, on: date) -> Self:
        """Those whose sunset comes within :data:`ALARM_DAYS` of the day ``on``."""
        return self.active().filter(sunset_on__gt=on, sunset_on__lte=on + ALARM_DAYS)

    def leaderless(self, on: date) -> Self:
        """Those whose lead has left the agreement, and the group with it, by the day ``on``.

        A lead that never was a party or a member may be anybody. Twin: ``lead_has_left``.
        """
        own = Party.objects.filter(
            agreement=OuterRef("agreement"), organization=OuterRef("lead")
        ).order_by()
        sat = GroupMembership.objects.filter(group=OuterRef("pk"), organization=OuterRef("lead"))
        belonged = Exists(own.filter(withdrawn_on__lte=on)) | Exists(sat.filter(left_on__lte=on))
        belongs = Exists(own.current(on)) | Exists(sat.current(on))
        return self.active().filter(belonged & ~belongs, lead__isnull=False)


class SpecialGroup(Sourced, LivingNoun):
    """A special cooperation group set up under an agreement."""

    agreement = models.ForeignKey(
        Agreement,
        verbose_name=_("agreement"),
        on_delete=models.CASCADE,
        related_name="special_groups",
    )
    article = models.ForeignKey(
        Article,
        verbose_name=_("article"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="special_groups",
    )
    name = models.CharField(_("name"), max_length=200, blank=True)
    name_zh = models.CharField(_("Chinese name"), max_length=200, blank=True)
    topic = models.ForeignKey(
        ContentArea,
        verbose_name=_("topic"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="special_groups",
    )
    mandate = models.TextField(_("mandate"), blank=True)
    mandate_zh = models.TextField(_("Chinese mandate"), blank=True)
    lead = models.ForeignKey(
        Organization,
        verbose_name=_("lead organization"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="led_groups",
        help_text=_("Empty: not known."),
    )
    set_up_on = models.DateField(_("set up on"), null=True, blank=True)
    sunset_on = models.DateField(
        _("sunset on"), null=True, blank=True, help_text=_("The first day it is over. Empty: none.")
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status, default=Status.ACTIVE, editable=False
    )
    closing_report = models.TextField(_("closing report"), blank=True, editable=False)
    # Names tasks that not everybody sees who sees the group; their fates are on record with them.
    closing_state = models.JSONField(_("state at the close"), null=True, editable=False)

    objects = SpecialGroupQuerySet.as_manager()

    secret_facts = frozenset({"closing_state"})

    lifecycle = Lifecycle(
        Status,
        (
            Transition(
                "extend",
                _("Extend group"),
                frozenset({Status.ACTIVE}),
                None,
                (_has_sunset,),
                needs_reason=True,
            ),
            Transition(
                "close",
                _("Close group"),
                frozenset({Status.ACTIVE}),
                Status.CLOSED,
                needs_reason=True,
                danger=True,
            ),
        ),
    )

    class Meta:
        verbose_name = _("special cooperation group")
        verbose_name_plural = _("special cooperation groups")
        ordering = ("agreement", "name", "id")
        constraints = (in_order("group_in_order", start="set_up_on", end="sunset_on"),)

    def __str__(self) -> str:
        return bilingual(self.name, self.name_zh)

    def clean(self) -> None:
        super().clean()
        require_one_name(self.name, self.name_zh)
        if self.article is not None and self.article.agreement_id != self.agreement_id:
            raise ValidationError({"article": _("This article belongs to another agreement.")})

    def record_scope(self) -> Noun:
        return self.agreement

    # changes

    def extend(
        self,
        *,
        by: Any,
        on: date,
        sunset_on: date | None = None,
        reason: str = "",
        version: int | None = None,
    ) -> Self:
        """Its sunset is put off, with a reason, to a later day that is still to come."""
        with unit():
            self.lock(version)
            self.lifecycle.require("extend", self, on, reason)
            if sunset_on is None or sunset_on <= max(on, self.sunset_on or on):
                raise refuse(
                    "sunset_on",
                    _("Give a day after the present sunset that is still to come."),
                    "dates_out_of_order",
                )
            before = self.facts()
            self.sunset_on = sunset_on
            self.full_clean()
            self.put(by=by, verb="extend", before=before, on=on, reason=reason)
        return self

    def close(
        self,
        *,
        by: Any,
        on: date,
        reason: str = "",
        state: dict[str, Any] | None = None,
        version: int | None = None,
    ) -> Self:
        """Its work is done; ``reason`` is the closing report against the mandate.

        ``state`` is what it was measured against, kept as it stood: see ``group_closing``.
        """
        return self.advance(
            "close",
            by=by,
            on=on,
            reason=reason,
            version=version,
            closing_report=reason,
            closing_state=state,
        )

    # questions

    @property
    def is_active(self) -> bool:
        """Whether it is at work. The twin of ``active``."""
        return self.status == Status.ACTIVE

    @property
    def closed_on(self) -> date | None:
        """The day on which its work ended; None while it is at work."""
        return self.status_since if self.status == Status.CLOSED else None

    def is_past_sunset(self, on: date) -> bool:
        """Whether it should have been closed by the day ``on``. The twin of ``past_sunset``."""
        return self.status == Status.ACTIVE and self.sunset_on is not None and self.sunset_on <= on

    def is_near_sunset(self, on: date) -> bool:
        """Whether its sunset comes within :data:`ALARM_DAYS`. The twin of ``near_sunset``."""
        return (
            self.status == Status.ACTIVE
            and self.sunset_on is not None
            and on < self.sunset_on <= on + ALARM_DAYS
        )

    def lead_has_left(self, on: date) -> bool:
        """Whether its lead has left the agreement and the group. The twin of ``leaderless``."""
        return SpecialGroup.objects.filter(pk=self.pk).leaderless(on).exists()


class MembershipQuerySet(NounQuerySet):
    def current(self, on: date) -> Self:
        """Those that hold on the day ``on``. Twin: ``is_current``."""
        return self.filter(on_day(on, start="joined_on", end="left_on"))


class GroupMembership(Sourced, Noun):
    """An organization belongs to a group during a period; it need not be a party."""

    group = models.ForeignKey(
        SpecialGroup, verbose_name=_("group"), on_delete=models.CASCADE, related_name="memberships"
    )
    organization = models.ForeignKey(
        Organization,
        verbose_name=_("organization"),
        on_delete=models.PROTECT,
        related_name="group_memberships",
    )
    joined_on = models.DateField(_("from"), null=True, blank=True)
    left_on = models.DateField(_("until"), null=True, blank=True)

    named_by = ("organization", "group")
    said_as_last_day = frozenset({"left_on"})
    objects = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("group membership")
        verbose_name_plural = _("group memberships")
        ordering = ("group", "id")
        constraints = (
            in_order("membership_in_order", start="joined_on", end="left_on"),
            NoOverlap(
                name="membership_periods_apart",
                keys=("group", "organization"),
                start="joined_on",
                end="left_on",
                violation_error_message=_("It is already a member of the group at that time."),
            ),
        )

    def __str__(self) -> str:
        return f"{self.organization} – {self.group}"

    def record_scope(self) -> Noun:
        return self.group.agreement

    # changes

    def prepare(self, *, by: Any, on: date | None) -> None:
        """Nobody joins a group from the day on which it was closed. Raises Refused.

        Who was a member before, entered afterwards, left with the group at the latest.
        """
        self._take_turn()
        closed_on = SpecialGroup.objects.get(pk=self.group.pk).closed_on
        if closed_on is not None and self.joined_on is not None and self.joined_on >= closed_on:
            raise Refused("create", Refusal("group_closed", _("The group is closed.")))
        if closed_on is not None and (self.left_on is None or self.left_on > closed_on):
            self.left_on = closed_on

    def leave(self, *, by: Any, on: date, reason: str = "", version: int | None = None) -> Self:
        """The membership ends: ``on`` is the first day it is no longer a member."""
        with unit():
            self.lock(version)
            refusal = self.refusal("leave", on)
            if refusal is not None:
                raise Refused("leave", refusal)
            if self.joined_on is not None and on <= self.joined_on:
                raise refuse("on", _("It cannot end before it began."), "dates_out_of_order")
            before = self.facts()
            self.left_on = on
            self.full_clean()
            self.put(by=by, verb="leave", before=before, on=on, reason=reason)
        return self

    # questions

    def refusal(self, verb: str, on: date) -> Refusal | None:
        """Why it cannot leave on that day; None when it can."""
        if verb == "leave" and self.left_on is not None and self.left_on <= on:
            return Refusal("ended", _("It has left this group already."))
        return None

    def is_current(self, on: date) -> bool:
        """Whether it holds on the day ``on``. The twin of ``current``."""
        return covers(self.joined_on, self.left_on, on)
