"""Consultations: one meeting each, as it is planned, called and held.

The host follows the rotation until a consultation is convened; then it is kept.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, Self
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from actors.organization import Organization
from agreements.agreement import Agreement
from agreements.mechanisms.consultation_rules import LIFECYCLE
from agreements.mechanisms.consultation_series import ConsultationSeries
from agreements.mechanisms.convenor_terms import convenor_term, first_holder
from agreements.mechanisms.invitations import invitation, was_called
from agreements.mechanisms.regular_consultation import TO_COME, Status
from agreements.mechanisms.special_group import SpecialGroup
from agreements.notices import Notice, tell
from governance import clock
from governance.base import LivingNoun, Noun, NounQuerySet, Sourced, bilingual
from governance.lifecycle import Refusal
from governance.periods import CheckAt
from governance.record import refuse, unit

# Told in the language of whoever reads it.
_in_words: Any = lazy(bilingual, str)
# What was entered so long after it happened is told to nobody any more.
NEWS = timedelta(days=7)


class ConsultationQuerySet(NounQuerySet):
    def coming(self, at: datetime) -> Self:
        """Those still to be held from the moment ``at``, the nearest first."""
        return self.filter(status__in=TO_COME, starts_at__gte=at).order_by("starts_at")

    def in_line(self, series: ConsultationSeries | None, group: SpecialGroup | None) -> Self:
        """Those of the series; without one, those of the group, or of the agreement itself."""
        return self.filter(series=series) if series is not None else self.filter(group=group)


class Consultation(Sourced, LivingNoun):
    """One meeting. An extraordinary one belongs to no series."""

    agreement = models.ForeignKey(
        Agreement,
        verbose_name=_("agreement"),
        on_delete=models.CASCADE,
        related_name="consultations",
    )
    group = models.ForeignKey(
        SpecialGroup,
        verbose_name=_("special group"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="consultations",
    )
    series = models.ForeignKey(
        ConsultationSeries,
        verbose_name=_("series"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="consultations",
        help_text=_("Empty: an extraordinary consultation."),
    )
    title = models.CharField(_("title"), max_length=300, blank=True)
    title_zh = models.CharField(_("Chinese title"), max_length=300, blank=True)
    # Its place in the rule, by which it is known however it is moved; None outside of a rule.
    rule_at = models.DateTimeField(_("place in the rule"), null=True, editable=False)
    # Where the rule put it: beginning at another moment, it was moved by somebody.
    placed_at = models.DateTimeField(_("placed at"), null=True, editable=False)
    starts_at = models.DateTimeField(_("begins"), null=True, blank=True)
    ends_at = models.DateTimeField(_("ends"), null=True, blank=True)
    place = models.CharField(_("place"), max_length=200, blank=True)
    place_zh = models.CharField(_("place in Chinese"), max_length=200, blank=True)
    host = models.ForeignKey(
        Organization,
        verbose_name=_("host"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="hosted_consultations",
        help_text=_("Empty: whoever the series says, until it is convened."),
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status, default=Status.PLANNED, editable=False
    )
    held_on = models.DateField(_("held on"), null=True, editable=False)

    named_by = ("series",)
    objects = ConsultationQuerySet.as_manager()

    lifecycle = LIFECYCLE

    class Meta:
        verbose_name = _("consultation")
        verbose_name_plural = _("consultations")
        ordering = ("starts_at", "id")
        constraints = (
            CheckAt(
                name="consultation_in_order",
                field="ends_at",
                condition=Q(starts_at__isnull=True)
                | Q(ends_at__isnull=True)
                | Q(ends_at__gt=models.F("starts_at")),
                violation_error_code="dates_out_of_order",
                violation_error_message=_("The end must come after the start."),
            ),
            models.UniqueConstraint(
                fields=("series", "rule_at"),
                condition=Q(rule_at__isnull=False),
                name="consultation_occurrence_once",
            ),
        )
        indexes = (
            models.Index(fields=("agreement", "starts_at"), name="consultation_agreement"),
            models.Index(fields=("status", "starts_at"), name="consultation_status"),
        )

    def __str__(self) -> str:
        return bilingual(self.title, self.title_zh) or str(self.series or _("Consultation"))

    def clean(self) -> None:
        super().clean()
        for name in ("group", "series"):
            other = getattr(self, name)
            if other is not None and other.agreement_id != self.agreement_id:
                raise ValidationError({name: _("This belongs to another agreement.")})

    def record_scope(self) -> Agreement:
        return self.agreement

    @classmethod
    def hold(cls, key: int | None) -> Self | None:
        """Its row, taken for this transaction: what belongs to a meeting is written in turn.

        Whoever writes attendance, minutes, decisions or proposals takes it before their own row;
        whoever takes the agreement too, takes that first.
        """
        found: Self | None = cls.objects.select_for_update().order_by().filter(pk=key).first()
        return found

    def removal_refusal(self) -> Refusal | None:
        """Only what nobody was called to can be deleted; the rest is cancelled."""
        if self.status != Status.PLANNED:
            return Refusal(
                "not_planned", _("A consultation that was called is cancelled, not deleted.")
            )
        return None

    # changes

    def follow_up(self, *, by: Any, on: date | None) -> None:
        """What waits for the next of its line comes onto its agenda."""
        day = on or clock.day_of(self.changed_at)
        if self.status in TO_COME and (self.day is None or self.day >= day):
            self.agreement.agenda_items.join(self, by=by, on=day)

    def remove(self, *, by: Any, version: int | None = None, reason: str = "") -> None:
        """Delete it; what was proposed for it goes to the next of its line."""
        with unit():
            self.lock(version)
            self.agenda_items.release(self, by=by)
            super().remove(by=by, reason=reason)

    def convene(self, *, by: Any, on: date, reason: str = "", version: int | None = None) -> Self:
        """Called: from now on the host no longer follows the rotation. The parties are told."""
        with unit():
            self.lock(version)
            self.advance("convene", by=by, on=on, reason=reason, host=self.host_now())
            self.tell(
                "consultation_called",
                by=by,
                on=on,
                host=self.host or _("not decided yet"),
                attachments=invitation(self),
            )
        return self

    def move(
        self, *, by: Any, on: date, reason: str = "", version: int | None = None, **facts: Any
    ) -> Self:
        """Only this one: at another moment (``starts_at``, ``ends_at``), at another place.

        It stays the consultation that it is, in the place that the rule gave it. Without a new
        end it lasts as long as before.
        """
        with unit():
            self.lock(version)
            begins = facts.get("starts_at", self.starts_at)
            if begins is None:
                raise refuse("starts_at", _("Set the day and the time first."), "required")
            if "ends_at" not in facts and self.starts_at and self.ends_at:
                facts["ends_at"] = begins + (self.ends_at - self.starts_at)
            self.advance("move", by=by, on=on, reason=reason, **facts)
            if was_called(self):
                known = bool(self.place or self.place_zh)
                self.tell(
                    "consultation_moved",
                    by=by,
                    on=on,
                    place=_in_words(self.place, self.place_zh) if known else _("not known yet"),
                    attachments=invitation(self),
                )
        return self

    def close(
        self,
        *,
        by: Any,
        on: date,
        held_on: date | None = None,
        reason: str = "",
        version: int | None = None,
    ) -> Self:
        """It took place, on ``held_on`` or on the day it was called for."""
        with unit():
            self.lock(version)
            held = held_on or (self.day if self.day and self.day <= on else on)
            if held > on:
                raise refuse("held_on", _("It cannot be closed before it was held."))
            self.advance("close", by=by, on=on, reason=reason, held_on=held)
            self.agenda_items.carry_over(
                by=by, on=on, reason=_("Not reached before the consultation was closed.")
            )
        return self

    def postpone(
        self,
        *,
        by: Any,
        on: date,
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
        reason: str = "",
        version: int | None = None,
    ) -> Self:
        """Put off, with a reason: to another moment, or to one still to be set (None)."""
        with unit():
            self.lock(version)
            was = self.starts_at
            to: dict[str, Any] = {"starts_at": starts_at, "ends_at": ends_at}
            self.advance("postpone", by=by, on=on, reason=reason, **to)
            files = invitation(self, was) if was_called(self) else ()
            self.tell("consultation_postponed", by=by, on=on, reason=reason, attachments=files)
        return self

    def cancel(self, *, by: Any, on: date, reason: str = "", version: int | None = None) -> Self:
        """It will not take place, with a reason; its agenda goes to the next of its line."""
        with unit():
            self.advance("cancel", by=by, on=on, reason=reason, version=version)
            files = invitation(self) if was_called(self) else ()
            self.tell("consultation_cancelled", by=by, on=on, reason=reason, attachments=files)
            self.agenda_items.carry_over(by=by, on=on, reason=reason)
        return self

    def tell(
        self,
        kind: str,
        *,
        by: Any,
        on: date,
        about: Noun | None = None,
        only: Organization | None = None,
        **params: Any,
    ) -> list[Notice]:
        """Tell those who take part by right: the parties of the day, or the group's members.

        ``only``: just that one of them. What is entered long after it happened is no news, unless
        the meeting is still to come.
        """
        subject = about or self
        entered = clock.day_of(subject.changed_at)
        if entered - on > NEWS and not (self.status in TO_COME and self.day and self.day > entered):
            return []
        parties = list(self.agreement.party_set.current(self.meeting_day))
        guests: list[Organization] = []
        if self.group is None:
            parties = [party for party in parties if not party.is_candidate]
        else:
            members = self.group.memberships.current(self.meeting_day)
            own = {one.organization for one in members.select_related("organization")}
            parties = [party for party in parties if party.organization in own]
            guests = sorted(own - {party.organization for party in parties}, key=lambda one: one.pk)
        if only is not None:
            parties = [party for party in parties if party.organization == only]
            guests = [guest for guest in guests if guest == only]
        when = self.starts_at.astimezone(self.zone) if self.starts_at else None
        return tell(
            kind,
            by=by,
            on=on,
            agreement=self.agreement,
            about=subject,
            parties=parties,
            organizations=guests,
            when=when or _("a day still to be set"),
            **params,
        )

    def follow_rule(
        self,
        series: ConsultationSeries,
        moment: datetime | None,
        placing: Callable[[datetime], datetime],
        *,
        by: Any,
    ) -> bool:
        """Take the place ``moment`` in the rule of the series; None: it has none there any more.

        Where nobody moved it and it is only planned, it is held then. Whether anything changed.
        """
        if moment is None:
            goes = self.is_as_planned and self.removal_refusal() is None
            if goes:
                self.remove(by=by)
            return goes
        was = (self.rule_at, self.starts_at, self.ends_at)
        with unit():
            self.lock()
            before = self.facts()
            self.rule_at = moment
            if self.status == Status.PLANNED and self.placed_at == self.starts_at:
                self._place(series, placing(moment))
            changed = was != (self.rule_at, self.starts_at, self.ends_at)
            if changed:
                self.full_clean()
                self.put(by=by, verb="change", before=before)
        return changed

    def _place(self, series: ConsultationSeries, moment: datetime) -> None:
        """Hold it where the rule puts it, as long as the series says.

        An end that was set for this one alone stays as far from the beginning as it was.
        """
        lasts = None
        if self.starts_at is not None and self.ends_at is not None:
            lasts = self.ends_at - self.starts_at
        if lasts == (series.lasted or series.duration):
            lasts = series.duration
        self.starts_at = self.placed_at = moment
        self.ends_at = moment + lasts if lasts is not None else None

    # questions

    @property
    def is_as_planned(self) -> bool:
        """Whether it is only planned, and nobody has said anything about it yet."""
        said = (self.title, self.title_zh, self.place, self.place_zh, self.host_id)
        moved = self.starts_at != self.placed_at
        return self.status == Status.PLANNED and not moved and not any(said)

    def following(self) -> "Consultation | None":
        """The next one to come in the same line; None when none is planned."""
        later = Consultation.objects.filter(agreement=self.agreement_id, status__in=TO_COME)
        if self.starts_at is not None:
            later = later.filter(Q(starts_at__gt=self.starts_at) | Q(starts_at__isnull=True))
        return (
            later.in_line(self.series, self.group)
            .exclude(pk=self.pk)
            .order_by(F("starts_at").asc(nulls_last=True), "pk")
            .first()
        )

    @property
    def zone(self) -> ZoneInfo:
        """The time zone in which it was agreed."""
        return ZoneInfo(self.series.time_zone if self.series else settings.TIME_ZONE)

    @property
    def day(self) -> date | None:
        """The local day for which it is set; None while no date is set."""
        return self.starts_at.astimezone(self.zone).date() if self.starts_at else None

    @property
    def meeting_day(self) -> date:
        """The day whose parties meet: held on, set for, or else the day of its last change."""
        return self.held_on or self.day or clock.day_of(self.changed_at)

    def host_now(self) -> Organization | None:
        """Its host: the one set or kept, else whoever the series' rule gives for its day."""
        return self.host_on(self.day)

    def host_on(self, day: date | None) -> Organization | None:
        """Who hosts it if it is held on that day; ``day`` None: it is not set."""
        if self.host is not None:
            return self.host
        if self.series is not None:
            return self.series.host_on(day)
        return first_holder(convenor_term(self.agreement, day)) if day else None
