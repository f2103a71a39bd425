"""People and the posts they hold, from one day until another."""

from datetime import date
from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from actors.organization import Organization
from governance.base import Noun, NounQuerySet, Sourced, bilingual, require_one_name
from governance.periods import covers, in_order, on_day
from governance.wording import detailed


class Person(Sourced, Noun):
    """Somebody who acts for an organization. Contact details belong to the person."""

    name = models.CharField(pgettext_lazy("person", "name"), max_length=200, blank=True)
    name_zh = models.CharField(_("Chinese name"), max_length=100, blank=True)
    email = models.EmailField(_("office e-mail"), blank=True)
    phone = models.CharField(_("office telephone"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ("name", "name_zh", "id")

    def __str__(self) -> str:
        return bilingual(self.name, self.name_zh)

    def clean(self) -> None:
        super().clean()
        require_one_name(self.name, self.name_zh)


class AppointmentQuerySet(NounQuerySet):
    def current(self, on: date) -> Self:
        """Those held on the day ``on``."""
        return self.filter(on_day(on))


class Appointment(Noun):
    """A person holds a post in an organization during a period; an open end means still."""

    person = models.ForeignKey(
        Person, verbose_name=_("person"), on_delete=models.PROTECT, related_name="appointments"
    )
    organization = models.ForeignKey(
        Organization,
        verbose_name=_("organization"),
        on_delete=models.PROTECT,
        related_name="appointments",
    )
    post = models.CharField(_("post"), max_length=200, blank=True)
    post_zh = models.CharField(_("post in Chinese"), max_length=200, blank=True)
    starts_on = models.DateField(
        _("from"), null=True, blank=True, help_text=_("Empty: not known since when.")
    )
    ends_on = models.DateField(
        _("until"), null=True, blank=True, help_text=_("The first day it is no longer held.")
    )

    named_by = ("person",)
    said_as_last_day = frozenset({"ends_on"})
    objects = AppointmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        ordering = ("person", "-starts_on", "id")
        constraints = (in_order("appointment_in_order"),)
        indexes = (
            models.Index(fields=("organization", "ends_on"), name="appointment_organization"),
        )

    def __str__(self) -> str:
        return detailed(self.person, bilingual(self.post, self.post_zh))

    def record_scope(self) -> Organization:
        return self.organization

    def is_current(self, on: date) -> bool:
        """Whether it is held on the day ``on``. The twin of ``current``."""
        return covers(self.starts_on, self.ends_on, on)
