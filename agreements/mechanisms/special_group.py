"""Special cooperation groups: a topic, a mandate, a lead, members over time, a sunset."""

from datetime import date
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from actors.organization import Organization
from agreements.agreement import Agreement
from agreements.articles import Article
from agreements.content_area import ContentArea
from governance.base import LivingNoun, Noun, NounQuerySet, Sourced, bilingual, require_one_name
from governance.lifecycle import Lifecycle, Transition
from governance.periods import NoOverlap, covers, in_order, on_day


class Status(models.TextChoices):
    """Whether the group works."""

    ACTIVE = "active", _("At work")
    CLOSED = "closed", _("Closed")


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

    lifecycle = Lifecycle(
        Status,
        (
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

    def close(self, *, by: Any, on: date, reason: str = "", version: int | None = None) -> Self:
        """Its work is done; ``reason`` is the closing report against the mandate."""
        return self.advance(
            "close", by=by, on=on, reason=reason, version=version, closing_report=reason
        )

    # questions

    def is_past_sunset(self, on: date) -> bool:
        """Whether it should have been closed by the day ``on``."""
        return self.status == Status.ACTIVE and self.sunset_on is not None and self.sunset_on <= on


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

    def is_current(self, on: date) -> bool:
        """Whether it holds on the day ``on``. The twin of ``current``."""
        return covers(self.joined_on, self.left_on, on)
