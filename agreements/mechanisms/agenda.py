"""The agenda of a consultation: what is proposed for it, taken onto it, and carried on.

What a consultation leaves open goes to the next one of its line as a new item that knows where
it was raised first and how often it was deferred; the agenda of the old one stays whole.
"""

from datetime import date
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from actors.organization import Organization
from agreements.agreement import Agreement
from agreements.mechanisms.agenda_lines import AgendaQuerySet
from agreements.mechanisms.agenda_rules import (
    LIFECYCLE,
    ON_THE_AGENDA,
    OPEN,
    Origin,
    Status,
    approved_refusal,
    proposal_refusal,
    still_to_come,
)
from agreements.mechanisms.consultation import Consultation
from agreements.mechanisms.consultation_series import ConsultationSeries
from agreements.mechanisms.regular_consultation import Status as ConsultationStatus
from agreements.mechanisms.special_group import SpecialGroup
from agreements.party import Party
from agreements.tasks import Task
from governance.base import LivingNoun, Sourced, bilingual
from governance.lifecycle import Refusal, Refused
from governance.record import refuse, unit

# Relations to what an item is about; all of them are carried over with it.
SUBJECTS = ("task", "about_group", "about_party", "decision")


class AgendaItem(Sourced, LivingNoun):
    """One matter for a consultation.

    ``number`` is its place among what was taken onto the agenda; None before. ``key`` names the
    matter for what the system proposes by itself, so that it does so once per consultation.
    """

    agreement = models.ForeignKey(
        Agreement, verbose_name=_("agreement"), on_delete=models.CASCADE,
        related_name="agenda_items",
    )  # fmt: skip
    consultation = models.ForeignKey(
        Consultation,
        verbose_name=_("consultation"),
        null=True,
        blank=True,
        on_delete=models.RESTRICT,
        related_name="agenda_items",
        help_text=_("Empty: it waits until the next one is planned."),
    )
    series = models.ForeignKey(
        ConsultationSeries,
        verbose_name=_("consultation series"),
        null=True,
        editable=False,
        on_delete=models.RESTRICT,
        related_name="agenda_items",
    )
    number = models.PositiveSmallIntegerField(_("place"), null=True, editable=False)
    title = models.CharField(_("title"), max_length=300, blank=True)
    title_zh = models.CharField(_("Chinese title"), max_length=300, blank=True)
    explanation = models.TextField(_("explanation"), blank=True)
    explanation_zh = models.TextField(_("Chinese explanation"), blank=True)
    proposed_by = models.ForeignKey(
        Organization,
        verbose_name=_("proposed by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="agenda_items",
        help_text=_("Empty: the secretariat."),
    )
    origin = models.CharField(
        _("brought up by"), max_length=11, choices=Origin, default=Origin.PARTY, editable=False
    )
    key = models.CharField(max_length=120, blank=True, editable=False)
    task = models.ForeignKey(
        Task,
        verbose_name=_("task"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="agenda_items",
        help_text=_("The task it is about."),
    )
    about_group = models.ForeignKey(
        SpecialGroup,
        verbose_name=_("special group"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="agenda_items",
    )
    about_party = models.ForeignKey(
        Party,
        verbose_name=_("party"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="agenda_items",
    )
    decision = models.ForeignKey(
        "agreements.Decision",
        verbose_name=_("decision"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="agenda_items_about",
        help_text=_("The earlier decision it is about."),
    )
    carried_from = models.OneToOneField(
        "self",
        verbose_name=_("carried over from"),
        null=True,
        editable=False,
        on_delete=models.RESTRICT,
        related_name="carried_on",
    )
    raised_at = models.ForeignKey(
        Consultation,
        verbose_name=_("first raised at"),
        null=True,
        editable=False,
        on_delete=models.RESTRICT,
        related_name="+",
    )
    times_deferred = models.PositiveSmallIntegerField(
        _("times deferred"), default=0, editable=False
    )
    minutes_note = models.TextField(_("note for the minutes"), blank=True)
    status = models.CharField(
        _("status"), max_length=9, choices=Status, default=Status.PROPOSED, editable=False
    )

    objects = AgendaQuerySet.as_manager()

    lifecycle = LIFECYCLE

    class Meta:
        verbose_name = _("agenda item")
        verbose_name_plural = _("agenda items")
        # By the column: a joined order cannot be locked where there is no consultation.
        ordering = ("consultation_id", "number", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("consultation", "key"),
                condition=~Q(key=""),
                name="agenda_matter_once",
                violation_error_message=_("This matter is on the agenda already."),
            ),
            models.CheckConstraint(
                name="agenda_party_proposes",
                condition=~Q(origin=Origin.PARTY) | Q(proposed_by__isnull=False),
            ),
        )
        indexes = (
            models.Index(fields=("consultation", "status", "number"), name="agenda_consultation"),
            models.Index(fields=("agreement", "status"), name="agenda_agreement"),
        )

    def __str__(self) -> str:
        return bilingual(self.title, self.title_zh)

    def clean(self) -> None:
        super().clean()
        if not self.title.strip() and not self.title_zh.strip():
            raise refuse("title", _("Give a title in English or in Chinese."), "required")
        if self.consultation is None and self.series is None and self.carried_from is None:
            raise refuse("consultation", _("Say for which consultation."), "required")
        for name in ("consultation", *SUBJECTS):
            other = getattr(self, name)
            if other is not None and other.agreement_id != self.agreement_id:
                raise ValidationError({name: _("This belongs to another agreement.")})

    def record_scope(self) -> Agreement:
        return self.agreement

    def prepare(self, *, by: Any, on: date | None) -> None:
        """Its line follows from its consultation; whoever brought it up, from who proposes."""
        if self.consultation is not None:
            self.agreement = self.consultation.agreement
            self.series = self.consultation.series
        if self.origin == Origin.PARTY and self.proposed_by is None:
            self.origin = Origin.SECRETARIAT

    def refuse_edit(self, facts: dict[str, Any]) -> None:
        """What is settled stays as it was; what was said of it can be put better."""
        if self.status in OPEN:
            return
        if self.status == Status.DISCUSSED and set(facts) <= {"minutes_note"}:
            fixed = approved_refusal(self.consultation) if self.consultation else None
            if fixed is not None:
                raise Refused("change", fixed)
            return
        raise Refused("change", Refusal("settled", _("This item is settled: it is kept as it is.")))

    def removal_refusal(self) -> Refusal | None:
        """Proposals are withdrawn or declined; they go only with a consultation never called."""
        planned = self.consultation is None or (
            self.consultation.status == ConsultationStatus.PLANNED
        )
        if planned and self.status not in ON_THE_AGENDA:
            return None
        return Refusal("on_agenda", _("An agenda item is declined or withdrawn, not deleted."))

    # changes

    @classmethod
    def propose(
        cls, consultation: Consultation, *, by: Any, on: date, bound: bool = True, **facts: Any
    ) -> Self:
        """Propose a matter for the agenda of a consultation still to come.

        ``bound``: whether the cut-off of the series holds for whoever enters it; it never does
        for the host, nor for an item of nobody's. Raises Refused, ValidationError.
        """
        with unit():
            consultation.lock()
            refusal = proposal_refusal(consultation, facts.get("proposed_by"), on, bound=bound)
            if refusal is not None:
                raise Refused("create", refusal)
            return cls.enter(
                by=by,
                on=on,
                agreement=consultation.agreement,
                consultation=consultation,
                illustrative=facts.pop("illustrative", consultation.illustrative),
                **facts,
            )

    def accept(self, *, by: Any, on: date, reason: str = "", version: int | None = None) -> Self:
        """Taken onto the agenda, behind what stands there."""
        with unit():
            self._take_agenda()
            self.advance(
                "accept",
                by=by,
                on=on,
                reason=reason,
                version=version,
                number=self._neighbours().last_place() + 1,
            )
            self._tell_proposer("proposal_accepted", by=by, on=on)
        return self

    def decline(self, *, by: Any, on: date, reason: str = "", version: int | None = None) -> Self:
        """Not taken onto the agenda, with a reason."""
        with unit():
            self.advance("decline", by=by, on=on, reason=reason, version=version)
            self._tell_proposer("proposal_declined", by=by, on=on, reason=reason)
        return self

    def withdraw(self, *, by: Any, on: date, reason: str = "", version: int | None = None) -> Self:
        """Whoever proposed it no longer does."""
        return self.advance("withdraw", by=by, on=on, reason=reason, version=version)

    def discuss(
        self,
        *,
        by: Any,
        on: date,
        minutes_note: str | None = None,
        reason: str = "",
        version: int | None = None,
    ) -> Self:
        """It was dealt with. What had been carried on from it is withdrawn."""
        facts: dict[str, Any] = {} if minutes_note is None else {"minutes_note": minutes_note}
        with unit():
            self.lock(version)
            following = self.carried_to
            self.advance("discuss", by=by, on=on, reason=reason, **facts)
            if following is not None:
                following.drop(by=by, on=on, reason=_("Dealt with by the consultation before."))
        return self

    def defer(self, *, by: Any, on: date, reason: str = "", version: int | None = None) -> Self:
        """Sent on to the next consultation of the line, where it is proposed anew."""
        with unit():
            self.advance("defer", by=by, on=on, reason=reason, version=version)
            if not self.agreement.is_over:
                self._carry_on(by=by, on=on)
        return self

    def move(
        self, number: int, *, by: Any, on: date, reason: str = "", version: int | None = None
    ) -> Self:
        """Take the place ``number`` on the agenda, 1 being the first; the others close up."""
        with unit():
            self._take_agenda()
            self.lock(version)
            refusal = self.move_refusal()
            if refusal is not None:
                raise Refused("move", refusal)
            assert self.number is not None
            before, place = self.facts(), max(1, min(number, self._neighbours().last_place()))
            others = self._neighbours()
            if place < self.number:
                others = others.filter(number__gte=place, number__lt=self.number)
                others.update(number=F("number") + 1)
            elif place > self.number:
                others = others.filter(number__gt=self.number, number__lte=place)
                others.update(number=F("number") - 1)
            else:
                return self
            self.number = place
            self.put(by=by, verb="move", before=before, on=on, reason=reason)
        return self

    def place(self, consultation: Consultation | None, *, by: Any, on: date | None = None) -> None:
        """Put before a consultation; None: it waits for one. A matter already there is enough."""
        with unit():
            self.lock()
            if consultation is not None and self._is_there(consultation):
                day = on or consultation.meeting_day
                self.drop(by=by, on=day, reason=_("The next consultation has this already."))
                return
            before = self.facts()
            self.consultation, self.number = consultation, None
            self.status = Status.PROPOSED
            self.full_clean()
            self.put(by=by, verb="place", before=before, on=on)

    def drop(self, *, by: Any, on: date, reason: Any) -> None:
        """Its reason is gone: an open item is withdrawn, whether it was accepted or not."""
        with unit():
            self._take_agenda()
            self.lock()
            if self.status not in OPEN:
                return
            before = self.facts()
            self.status, self.status_since, self.number = Status.WITHDRAWN, on, None
            self.put(by=by, verb="withdraw", before=before, on=on, reason=reason)
            self._neighbours().close_up()

    def _tell_proposer(self, kind: str, *, by: Any, on: date, **params: Any) -> None:
        """What became of its proposal, unless the host settles its own."""
        consultation, proposer = self.consultation, self.proposed_by
        if consultation is None or proposer is None or proposer == consultation.host_now():
            return
        consultation.tell(
            kind, about=self, by=by, on=on, only=proposer, consultation=consultation, **params
        )

    def _carry_on(self, *, by: Any, on: date) -> None:
        assert self.consultation is not None
        following = self.consultation.following()
        if following is not None and self._is_there(following):
            return
        AgendaItem.enter(
            by=by,
            on=on,
            agreement=self.agreement,
            consultation=following,
            series=self.consultation.series,
            carried_from=self,
            raised_at=self.raised_at or self.consultation,
            times_deferred=self.times_deferred + 1,
            **{
                name: getattr(self, name)
                for name in (
                    *("title", "title_zh", "explanation", "explanation_zh", "key"),
                    *("proposed_by", "origin", "source", "illustrative", *SUBJECTS),
                )
            },
        )

    def _is_there(self, consultation: Consultation) -> bool:
        """Whether the system has put the same matter before that consultation already."""
        return bool(self.key) and consultation.agenda_items.filter(key=self.key).exists()

    def _take_agenda(self) -> None:
        """One at a time gives places on an agenda."""
        Consultation.hold(self.consultation_id)

    def _neighbours(self) -> Any:
        return AgendaItem.objects.filter(consultation=self.consultation_id)

    # questions

    @property
    def is_open(self) -> bool:
        """Whether it is neither settled nor sent on. The twin of ``open``."""
        return self.status in OPEN

    @property
    def carried_to(self) -> "AgendaItem | None":
        """What was carried on from it; None unless it was deferred."""
        return getattr(self, "carried_on", None) if self.pk else None

    def move_refusal(self) -> Refusal | None:
        """Why it cannot take another place; None when it can."""
        if self.number is None:
            return Refusal("not_on_agenda", _("Only what is on the agenda has a place there."))
        return still_to_come(self, date.min)
