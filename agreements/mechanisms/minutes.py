"""Minutes of a consultation: every revision kept, circulated, and approved by the participants.

Whoever saves a text says on which revision it is based, so that nobody overwrites another. What
the participants confirm is one text, known by its digest: a later revision asks them again.
"""

import json
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from actors.organization import Organization
from agreements.agreement import Agreement
from agreements.mechanisms.attendance import MET, participants
from agreements.mechanisms.consultation import Consultation
from agreements.mechanisms.regular_consultation import Status as ConsultationStatus
from agreements.party import Party
from governance import clock
from governance.base import LivingNoun, NounQuerySet, Sourced, bilingual
from governance.lifecycle import Lifecycle, Refusal, Refused, Stale, Transition
from governance.record import refuse, unit

# After so many days a consultation without circulated minutes is a matter that is shown.
MINUTES_DUE_DAYS = 14


class Status(models.TextChoices):
    """Where minutes stand."""

    DRAFTED = "drafted", _("Drafted")
    CIRCULATED = "circulated", _("Circulated")
    APPROVED = "approved", _("Approved")


class Way(models.TextChoices):
    """How minutes were approved."""

    EXPRESSLY = "expressly", _("By the word of every participant")
    SILENCE = "silence", _("By silence")
    MEETING = "meeting", _("At a meeting")


class Stance(models.TextChoices):
    """What a participant said to the minutes."""

    CONFIRMED = "confirmed", _("Confirmed")
    RESERVED = "reserved", _("Confirmed with a reservation")
    SILENT = "silent", _("Raised no objection in time")


@dataclass(frozen=True, slots=True)
class Word:
    """What one participant said; ``stance`` None: nothing. ``matches``: to the text as it is."""

    organization: Organization
    party: Party | None
    stance: str | None = None
    note: str = ""
    confirmed_on: date | None = None
    sha256: str = ""
    matches: bool = False


def digest(text: str, text_zh: str) -> str:
    """The SHA-256 of both texts: of the JSON array [text, text_zh] in UTF-8, without spaces."""
    both = json.dumps([text, text_zh], ensure_ascii=False, separators=(",", ":"))
    return sha256(both.encode()).hexdigest()


def _plain(text: str) -> str:
    """The same letters and line ends, whatever machine they were typed on."""
    return unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").strip()


def _was_closed(minutes: "Minutes", on: date) -> Refusal | None:
    if minutes.consultation.status == ConsultationStatus.CLOSED:
        return None
    return Refusal("consultation_open", _("Close the consultation first."))


class Minutes(Sourced, LivingNoun):
    """What was said and agreed in one consultation; its text is that of the last revision."""

    consultation = models.OneToOneField(
        Consultation,
        verbose_name=_("consultation"),
        on_delete=models.CASCADE,
        related_name="minutes",
        error_messages={"unique": _("This consultation has its minutes already.")},
    )
    text = models.TextField(_("text"), blank=True)
    text_zh = models.TextField(_("Chinese text"), blank=True)
    revision = models.PositiveIntegerField(_("revision"), default=1, editable=False)
    sha256 = models.CharField(_("digest"), max_length=64, editable=False)
    circulated_on = models.DateField(_("circulated on"), null=True, editable=False)
    silence_until = models.DateField(
        _("objections until"), null=True, editable=False, help_text=_("The last day for them.")
    )
    approved_on = models.DateField(_("approved on"), null=True, editable=False)
    approved_by = models.CharField(
        _("approved"), max_length=9, choices=Way, blank=True, editable=False
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status, default=Status.DRAFTED, editable=False
    )

    named_by = ("consultation",)

    lifecycle = Lifecycle(
        Status,
        (
            Transition(
                "circulate", _("Circulate minutes"), frozenset({Status.DRAFTED}), Status.CIRCULATED
            ),
            Transition(
                "approve",
                _("Record approval of minutes"),
                frozenset({Status.DRAFTED, Status.CIRCULATED}),
                Status.APPROVED,
                (_was_closed,),
            ),
        ),
    )

    class Meta:
        verbose_name = _("minutes")
        verbose_name_plural = _("minutes")
        ordering = ("consultation",)
        indexes = (models.Index(fields=("status", "silence_until"), name="minutes_status"),)

    def __str__(self) -> str:
        return str(_("Minutes: %(consultation)s") % {"consultation": self.consultation})

    def clean(self) -> None:
        super().clean()
        if not self.text and not self.text_zh:
            raise refuse("text", _("Write the minutes in English or in Chinese."), "required")

    def record_scope(self) -> Agreement:
        return self.consultation.agreement

    def facts(self) -> dict[str, Any]:
        """Of the texts the digests: they stand whole in the revisions."""
        told = super().facts()
        for name in ("text", "text_zh"):
            told[name] = sha256(told[name].encode()).hexdigest() if told[name] else ""
        return told

    def _take_turn(self) -> None:
        """One at a time writes what belongs to a meeting."""
        Consultation.hold(self.consultation_id)
        super()._take_turn()

    def prepare(self, *, by: Any, on: date | None) -> None:
        """The first revision. Raises Refused before the consultation was called."""
        if self.consultation.status not in MET:
            raise Refused(
                "create", Refusal("not_convened", _("The consultation has not been called."))
            )
        self._take(self.text, self.text_zh)

    def follow_up(self, *, by: Any, on: date | None) -> None:
        """Keep the revision."""
        if not self.revisions.filter(number=self.revision).exists():
            self.revisions.create(
                number=self.revision,
                text=self.text,
                text_zh=self.text_zh,
                sha256=self.sha256,
                saved_by=by,
                saved_at=self.changed_at,
            )

    def removal_refusal(self) -> Refusal | None:
        """Only a draft that nobody was shown."""
        if self.status != Status.DRAFTED or self.confirmations.exists():
            return Refusal("circulated", _("Minutes that were circulated are kept."))
        return None

    # changes

    @classmethod
    def draft(
        cls,
        consultation: Consultation,
        *,
        by: Any,
        on: date,
        text: str = "",
        text_zh: str = "",
        based_on: int | None = None,
        **facts: Any,
    ) -> Self:
        """Write the minutes, or revise those that are there.

        ``based_on`` is the revision that the writer had before them; None: there was none.
        Raises Stale when another one was saved since: its ``current`` holds the other text.
        """
        with unit():
            consultation.lock()
            there = cls.objects.filter(consultation=consultation).first()
            if there is not None:
                return there.revise(
                    by=by, on=on, text=text, text_zh=text_zh, based_on=based_on or 0
                )
            return cls.enter(
                by=by,
                on=on,
                consultation=consultation,
                text=text,
                text_zh=text_zh,
                illustrative=facts.pop("illustrative", consultation.illustrative),
                **facts,
            )

    def revise(
        self,
        *,
        by: Any,
        on: date,
        text: str | None = None,
        text_zh: str | None = None,
        based_on: int | None = None,
        reason: str = "",
        version: int | None = None,
    ) -> Self:
        """Save another text; None leaves the one in that language.

        What was circulated before is a draft again: the participants are asked about this text.
        Raises Stale unless ``based_on`` (None: not said) is the last revision.
        """
        with unit():
            self.lock(version)
            if self.status == Status.APPROVED:
                raise Refused("revise", approved_refusal())
            if based_on is not None and based_on != self.revision:
                raise Stale(self)
            before = self.facts()
            changed = self._take(
                self.text if text is None else text, self.text_zh if text_zh is None else text_zh
            )
            if changed:
                self.revision += 1
                if self.status == Status.CIRCULATED:
                    self.status, self.status_since = Status.DRAFTED, on
                    self.circulated_on = self.silence_until = None
                self.full_clean()
                self.put(by=by, verb="revise", before=before, on=on, reason=reason)
                self.follow_up(by=by, on=on)
        return self

    def edit(self, *, by: Any, version: int | None = None, reason: str = "", **facts: Any) -> Self:
        """Change facts; a text becomes a revision."""
        with unit():
            self.lock(version)
            texts = {name: facts.pop(name) for name in ("text", "text_zh") if name in facts}
            based_on = facts.pop("based_on", None)
            if texts or based_on is not None:
                day = clock.day_of(clock.now())
                self.revise(by=by, on=day, based_on=based_on, reason=reason, **texts)
            return super().edit(by=by, reason=reason, **facts)

    def circulate(self, *, by: Any, on: date, reason: str = "", version: int | None = None) -> Self:
        """Sent to the participants, whose word is asked for; where so agreed, within a time."""
        with unit():
            self.lock(version)
            series = self.consultation.series
            days = series.minutes_silence_days if series is not None else None
            until = on + timedelta(days=days) if days is not None else None
            self.advance("circulate", by=by, on=on, reason=reason, circulated_on=on,
                         silence_until=until)  # fmt: skip
            self.consultation.tell(
                "minutes_circulated" if until is None else "minutes_circulated_for_silence",
                about=self,
                by=by,
                on=on,
                consultation=self.consultation,
                until=until,
            )
        return self

    def approve(
        self,
        *,
        by: Any,
        on: date,
        reason: str = "",
        way: Way = Way.MEETING,
        version: int | None = None,
    ) -> Self:
        """Approved, at a meeting unless said otherwise; the reservations stay with them."""
        with unit():
            self.advance(
                "approve",
                by=by,
                on=on,
                reason=reason,
                version=version,
                approved_on=on,
                approved_by=way,
            )
            self.consultation.tell(
                "minutes_approved", about=self, by=by, on=on, consultation=self.consultation
            )
        return self

    def _take(self, text: str, text_zh: str) -> bool:
        """Hold these texts; whether they are others than before."""
        self.text, self.text_zh = _plain(text), _plain(text_zh)
        before, self.sha256 = self.sha256, digest(self.text, self.text_zh)
        return before != self.sha256

    # questions

    @property
    def is_approved(self) -> bool:
        """Whether what happened in the consultation is fixed."""
        return self.status == Status.APPROVED

    @property
    def wording(self) -> str:
        """The text in the reader's language."""
        return bilingual(self.text, self.text_zh)

    def standing(self) -> list[Word]:
        """What each participant with a voice said, the word to this very text first."""
        given: dict[int, Any] = {}
        for one in self.confirmations.order_by("confirmed_on", "pk"):
            kept = given.get(one.organization_id)
            if kept is None or kept.sha256 != self.sha256:
                given[one.organization_id] = one
        return [
            _word(one.organization, one.party, given.get(one.organization.pk), self.sha256)
            for one in participants(self.consultation)
            if one.counts
        ]


class MinutesRevision(models.Model):
    """One saved text of minutes. Rows are added and never changed."""

    minutes = models.ForeignKey(Minutes, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    text_zh = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ("minutes", "number")
        constraints = (
            models.UniqueConstraint(fields=("minutes", "number"), name="revision_number_once"),
        )

    def __str__(self) -> str:
        return f"{self.minutes} {self.number}"


def _word(organization: Organization, party: Party | None, given: Any, current: str) -> Word:
    if given is None:
        return Word(organization, party)
    return Word(
        organization,
        party,
        stance=given.stance,
        note=given.note,
        confirmed_on=given.confirmed_on,
        sha256=given.sha256,
        matches=given.sha256 == current,
    )


def approved_refusal() -> Refusal:
    """Why approved minutes do not change."""
    return Refusal("approved", _("The minutes are approved: they are kept as they are."))


def undelivered(
    consultations: NounQuerySet, on: date, *, after_days: int = MINUTES_DUE_DAYS
) -> Any:
    """Those held more than ``after_days`` before ``on`` whose minutes nobody has been sent."""
    sent = Minutes.objects.filter(
        consultation=OuterRef("pk"), status__in=(Status.CIRCULATED, Status.APPROVED)
    )
    return consultations.filter(
        status=ConsultationStatus.CLOSED, held_on__lt=on - timedelta(days=after_days)
    ).filter(~Exists(sent))
