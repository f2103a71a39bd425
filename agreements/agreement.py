"""The agreement and its life cycle.

draft → negotiating → signed → in force ⇄ suspended → ended (expired, terminated, superseded),
or abandoned before signature. Every verb takes the day on which it happened, so that the past
can be logged; dates and rules that nobody published are stored as unknown.
"""

from datetime import date
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agreements.content_area import ContentArea
from agreements.entry_into_force import Answer, Rule, RuleInvalid, answer
from governance import clock, references
from governance.base import LivingNoun, NounQuerySet, Sourced, bilingual, require_one_name
from governance.lifecycle import Lifecycle, Refusal, Refused, Transition
from governance.periods import CheckAt
from governance.record import refuse, unit
from governance.references import VoidReference
from governance.wording import day_text, labelled


class Kind(models.TextChoices):
    """What kind of instrument it is."""

    FRAMEWORK = "framework", _("Framework agreement")
    MEMORANDUM = "memorandum", _("Memorandum of understanding")
    COOPERATION = "cooperation", _("Cooperation agreement")
    CONTRACT = "contract", _("Contract")
    JOINT_ESTABLISHMENT = "joint_establishment", _("Joint establishment")
    ACTION_PLAN = "action_plan", _("Action plan")


class Mode(models.TextChoices):
    """How is governed: who cooperates with whom."""

    INTER_MUNICIPAL = "inter_municipal", _("Inter-municipal governments")
    DISTRICT_COUNTY = "district_county", _("District and county governments")
    PUBLIC_PRIVATE = "public_private", _("Public-private")
    INDUSTRY_UNIVERSITY_RESEARCH = (
        "industry_university_research",
        _("Industry-university-research"),
    )
    GOVERNMENT_UNIVERSITY = "government_university", _("Government-university")
    OTHER = "other", _("Other")


class Confidentiality(models.TextChoices):
    """Who may know of it at all."""

    PUBLIC = "public", _("Public")
    PARTIES = "parties", _("Parties")
    SECRETARIAT = "secretariat", _("Secretariat only")


class Status(models.TextChoices):
    """Where the agreement stands in its life."""

    DRAFT = "draft", _("Draft")
    NEGOTIATING = "negotiating", _("In negotiation")
    SIGNED = "signed", _("Signed")
    IN_FORCE = "in_force", _("In force")
    SUSPENDED = "suspended", _("Suspended")
    ENDED = "ended", _("Ended")
    ABANDONED = "abandoned", _("Abandoned")


# Nothing is done under these any more.
OVER = (Status.ENDED, Status.ABANDONED)


class Ending(models.TextChoices):
    """How an agreement ended."""

    EXPIRED = "expired", _("Expired")
    TERMINATED = "terminated", _("Terminated")
    SUPERSEDED = "superseded", _("Superseded")


class Verification(models.TextChoices):
    """Who verifies that a task is completed."""

    SECRETARIAT = "secretariat", _("The secretariat")
    CONVENOR = "convenor", _("The convenor of the day")


def _two_parties(agreement: "Agreement", on: date) -> Refusal | None:
    if agreement.party_set.signing().current(on).count() >= 2:
        return None
    return Refusal("two_parties", _("An agreement needs at least two parties before it is signed."))


def _rule_holds(agreement: "Agreement", on: date) -> Refusal | None:
    if not agreement.entry_into_force:
        return Refusal(
            "entry_rule_unknown",
            _("The rule of entry into force is not known: enter it first."),
        )
    found = agreement.entry_answer(on)
    if found.date is None:
        return Refusal("entry_rule_unmet", found.missing)
    if found.date > on:
        return Refusal(
            "entry_date_not_reached",
            _("By its rule it enters into force on %(day)s, not before.")
            % {"day": day_text(found.date)},
        )
    return None


def _has_reached_expiry(agreement: "Agreement", on: date) -> Refusal | None:
    if agreement.expires_on is None:
        return Refusal("no_expiry", _("No day of expiry is known."))
    if agreement.expires_on > on:
        return Refusal(
            "not_expired",
            _("It expires on %(day)s, not before.") % {"day": day_text(agreement.expires_on)},
        )
    return None


class AgreementQuerySet(NounQuerySet):
    def in_force(self, on: date) -> Self:
        """Those in force on the day ``on``, as far as is known. Twin: ``is_in_force``."""
        return self.filter(in_force_on__lte=on).filter(
            Q(ended_on__isnull=True) | Q(ended_on__gt=on)
        )


class Agreement(Sourced, LivingNoun):
    """A cooperation agreement between parties."""

    reference = models.CharField(
        _("reference"),
        max_length=40,
        unique=True,
        blank=True,
        help_text=_("Leave empty to let the system issue the next number."),
        error_messages={"unique": _("This reference is already taken.")},
    )
    title = models.CharField(_("title"), max_length=300, blank=True)
    title_zh = models.CharField(_("Chinese title"), max_length=300, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    mode = models.CharField(_("mode"), max_length=30, choices=Mode, default=Mode.OTHER)
    content_areas = models.ManyToManyField(
        ContentArea, verbose_name=_("content areas"), blank=True, related_name="agreements"
    )
    summary = models.TextField(_("summary"), blank=True)
    summary_zh = models.TextField(_("Chinese summary"), blank=True)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("concluded under"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="concluded_under_it",
        help_text=_("The framework agreement, if there is one."),
    )
    confidentiality = models.CharField(
        _("who may read it"),
        max_length=12,
        choices=Confidentiality,
        default=Confidentiality.PARTIES,
    )
    officer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("officer in charge"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    status = models.CharField(
        _("status"), max_length=12, choices=Status, default=Status.DRAFT, editable=False
    )
    ending = models.CharField(
        _("ended by"), max_length=12, choices=Ending, blank=True, editable=False
    )
    # A draft that was abandoned has none, and so stays hidden from those it names.
    negotiated_on = models.DateField(_("negotiated since"), null=True, editable=False)
    signed_on = models.DateField(_("signed on"), null=True, editable=False)
    in_force_on = models.DateField(_("in force since"), null=True, editable=False)
    ended_on = models.DateField(_("ended on"), null=True, editable=False)
    superseded_by = models.ForeignKey(
        "self",
        verbose_name=_("superseded by"),
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="supersedes",
    )
    entry_into_force = models.JSONField(
        _("rule of entry into force"),
        null=True,
        blank=True,
        help_text=_("Empty: the rule is not known."),
    )
    provisionally_applied_from = models.DateField(
        _("provisionally applied from"), null=True, blank=True
    )
    implemented_on = models.DateField(_("implemented on"), null=True, blank=True)
    expires_on = models.DateField(
        _("expires on"), null=True, blank=True, help_text=_("Empty: open-ended or not known.")
    )
    attest_every_months = models.PositiveSmallIntegerField(
        _("liaison officers attest every … months"),
        null=True,
        blank=True,
        default=6,
        validators=[MinValueValidator(1), MaxValueValidator(120)],
        help_text=_("Each officer is asked whether they still are the one. Empty: never."),
    )
    verification = models.CharField(
        _("who verifies tasks"),
        max_length=12,
        choices=Verification,
        default=Verification.SECRETARIAT,
    )
    due_soon_days = models.PositiveSmallIntegerField(
        _("a task is due soon from … days before"), default=14
    )
    nearly_done_percent = models.PositiveSmallIntegerField(
        _("nearly done from … %"), default=90, validators=[MaxValueValidator(100)]
    )
    behind_percent = models.PositiveSmallIntegerField(
        _("behind by more than … percentage points"),
        default=15,
        validators=[MaxValueValidator(100)],
    )
    far_behind_percent = models.PositiveSmallIntegerField(
        _("far behind by more than … percentage points"),
        default=50,
        validators=[MaxValueValidator(100)],
    )
    notes = models.TextField(
        _("notes of the secretariat"), blank=True, help_text=_("Partners never see these notes.")
    )

    secret_facts = frozenset({"notes"})
    objects = AgreementQuerySet.as_manager()

    lifecycle = Lifecycle(
        Status,
        (
            Transition(
                "negotiate", _("Open negotiation"), frozenset({Status.DRAFT}), Status.NEGOTIATING
            ),
            Transition(
                "sign",
                _("Record signature"),
                frozenset({Status.NEGOTIATING}),
                Status.SIGNED,
                (_two_parties,),
            ),
            Transition(
                "bring_into_force",
                _("Bring into force"),
                frozenset({Status.SIGNED}),
                Status.IN_FORCE,
                (_rule_holds,),
            ),
            Transition(
                "suspend",
                _("Suspend agreement"),
                frozenset({Status.IN_FORCE}),
                Status.SUSPENDED,
                needs_reason=True,
                danger=True,
            ),
            Transition(
                "resume", _("Resume agreement"), frozenset({Status.SUSPENDED}), Status.IN_FORCE
            ),
            Transition(
                "expire",
                _("Record expiry"),
                frozenset({Status.IN_FORCE, Status.SUSPENDED}),
                Status.ENDED,
                (_has_reached_expiry,),
                danger=True,
            ),
            Transition(
                "terminate",
                _("Terminate agreement"),
                frozenset({Status.SIGNED, Status.IN_FORCE, Status.SUSPENDED}),
                Status.ENDED,
                needs_reason=True,
                danger=True,
            ),
            Transition(
                "supersede",
                _("Record supersession"),
                frozenset({Status.SIGNED, Status.IN_FORCE, Status.SUSPENDED}),
                Status.ENDED,
                danger=True,
            ),
            Transition(
                "abandon",
                _("Abandon agreement"),
                frozenset({Status.DRAFT, Status.NEGOTIATING}),
                Status.ABANDONED,
                needs_reason=True,
                danger=True,
            ),
        ),
    )

    class Meta:
        verbose_name = _("agreement")
        verbose_name_plural = _("agreements")
        ordering = ("-reference",)
        constraints = (
            CheckAt(
                name="agreement_in_force_has_date",
                field="in_force_on",
                condition=~Q(status=Status.IN_FORCE) | Q(in_force_on__isnull=False),
                violation_error_message=_("An agreement in force has a day of entry into force."),
            ),
            CheckAt(
                name="agreement_ended_has_how",
                field="ending",
                condition=(Q(status=Status.ENDED) & ~Q(ending="") & Q(ended_on__isnull=False))
                | (~Q(status=Status.ENDED) & Q(ending="")),
                violation_error_message=_("An ended agreement says how and when it ended."),
            ),
            CheckAt(
                name="agreement_expires_after_it_began",
                field="expires_on",
                condition=Q(expires_on__isnull=True)
                | (
                    (Q(signed_on__isnull=True) | Q(expires_on__gt=F("signed_on")))
                    & (Q(in_force_on__isnull=True) | Q(expires_on__gt=F("in_force_on")))
                ),
                violation_error_code="dates_out_of_order",
                violation_error_message=_(
                    "It cannot expire before it was signed and entered into force."
                ),
            ),
            CheckAt(
                name="agreement_ends_after_it_began",
                field="ended_on",
                condition=Q(in_force_on__isnull=True)
                | Q(ended_on__isnull=True)
                | Q(ended_on__gte=F("in_force_on")),
                violation_error_code="dates_out_of_order",
                violation_error_message=_("It cannot end before it entered into force."),
            ),
            CheckAt(
                name="agreement_thresholds_in_order",
                field="far_behind_percent",
                condition=Q(far_behind_percent__gte=F("behind_percent")),
                violation_error_message=_("“Far behind” must not be less than “behind”."),
            ),
        )
        indexes = (
            models.Index(fields=("status", "in_force_on"), name="agreement_status"),
            models.Index(fields=("in_force_on", "ended_on"), name="agreement_in_force"),
            models.Index(fields=("kind", "mode"), name="agreement_kind_mode"),
            models.Index(fields=("confidentiality",), name="agreement_confidentiality"),
        )

    def __str__(self) -> str:
        return bilingual(self.title, self.title_zh)

    def clean(self) -> None:
        super().clean()
        try:
            require_one_name(self.title, self.title_zh)
        except ValidationError:
            raise refuse("title", _("Give a title in English or in Chinese."), "required") from None
        if self.pk is not None:
            self._refuse_circle(Agreement.objects.all())
        try:
            Rule.from_json(self.entry_into_force)
        except RuleInvalid as wrong:
            raise ValidationError(
                {
                    "entry_into_force": [
                        ValidationError(labelled(path, sentence) if path else sentence, code=code)
                        for path, code, sentence in wrong.errors
                    ]
                }
            ) from wrong

    def _refuse_circle(self, rows: AgreementQuerySet) -> None:
        above, seen = self.parent_id, set[int]()
        while above is not None and above not in seen:
            if above == self.pk:
                raise refuse("parent", _("An agreement cannot be concluded under itself."), "cycle")
            seen.add(above)
            above = rows.values_list("parent", flat=True).get(pk=above)

    def prepare(self, *, by: Any, on: date | None) -> None:
        """Give it the next reference of the year, or check the one it brings."""
        self.reference = self.reference.strip()
        if not self.reference:
            self.reference = references.issue("CA", on or clock.day_of(self.created_at))
        elif references.looks_issued(self.reference):
            raise refuse(
                "reference",
                _("The system issues such references itself: leave it empty, or use another form."),
                "reserved",
            )

    def follow_up(self, *, by: Any, on: date | None) -> None:
        """Judge what it stands under once more, while nobody else can change it."""
        self._refuse_circle(Agreement.objects.select_for_update())

    # changes

    def negotiate(self, *, by: Any, on: date, reason: str = "", version: int | None = None) -> Self:
        """The parties have begun to negotiate: from now on they see it."""
        return self.advance(
            "negotiate", by=by, on=on, reason=reason, version=version, negotiated_on=on
        )

    def sign(
        self,
        *,
        by: Any,
        on: date,
        reason: str = "",
        version: int | None = None,
        all_parties: bool = False,
    ) -> Self:
        """The text was signed on that day; with ``all_parties`` by every party that had not yet."""
        with unit():
            if all_parties:
                unsigned = self.party_set.signing().current(on).filter(signed_on__isnull=True)
                for party in unsigned:
                    party.sign(by=by, on=on)
            return self.advance("sign", by=by, on=on, reason=reason, version=version, signed_on=on)

    def bring_into_force(
        self, *, by: Any, on: date, reason: str = "", version: int | None = None
    ) -> Self:
        """Its rule holds: it is in force from the day that the rule gives."""
        with unit():
            self.lock(version)
            self.lifecycle.require("bring_into_force", self, on, reason)
            day = self.entry_answer(on).date
            return self.advance("bring_into_force", by=by, on=on, reason=reason, in_force_on=day)

    def suspend(self, *, by: Any, on: date, reason: str = "", version: int | None = None) -> Self:
        """It rests, with a reason, until it is resumed."""
        return self.advance("suspend", by=by, on=on, reason=reason, version=version)

    def resume(self, *, by: Any, on: date, reason: str = "", version: int | None = None) -> Self:
        """It is in force again."""
        return self.advance("resume", by=by, on=on, reason=reason, version=version)

    def expire(self, *, by: Any, on: date, reason: str = "", version: int | None = None) -> Self:
        """Its term is over: it ended on its day of expiry."""
        return self.advance(
            "expire",
            by=by,
            on=on,
            reason=reason,
            version=version,
            ending=Ending.EXPIRED,
            ended_on=self.expires_on,
        )

    def terminate(self, *, by: Any, on: date, reason: str = "", version: int | None = None) -> Self:
        """It was ended before its term, with a reason."""
        return self.advance(
            "terminate",
            by=by,
            on=on,
            reason=reason,
            version=version,
            ending=Ending.TERMINATED,
            ended_on=on,
        )

    def supersede(
        self,
        *,
        by: Any,
        on: date,
        superseded_by: "Agreement | None",
        reason: str = "",
        version: int | None = None,
    ) -> Self:
        """Another agreement has taken its place."""
        if superseded_by is None or superseded_by.pk == self.pk:
            raise refuse("superseded_by", _("Name the agreement that takes its place."), "required")
        return self.advance(
            "supersede",
            by=by,
            on=on,
            reason=reason,
            version=version,
            ending=Ending.SUPERSEDED,
            ended_on=on,
            superseded_by=superseded_by,
        )

    def abandon(self, *, by: Any, on: date, reason: str = "", version: int | None = None) -> Self:
        """It was given up before signature, with a reason."""
        return self.advance("abandon", by=by, on=on, reason=reason, version=version)

    def removal_refusal(self) -> Refusal | None:
        """Only drafts can be deleted; their number stays shown as void."""
        if self.status != Status.DRAFT:
            return Refusal("not_a_draft", _("Only a draft can be deleted."))
        return None

    def remove(self, *, by: Any, version: int | None = None, reason: str = "") -> None:
        """Delete a draft with all that belongs to it; its number is kept as void."""
        with unit():
            void = VoidReference(reference=self.reference, title=str(self), reason=reason)
            super().remove(by=by, version=version, reason=reason)
            if references.looks_issued(void.reference):
                void.save()

    def refuse_edit(self, facts: dict[str, Any]) -> None:
        """An issued reference stays; what has ended or was abandoned is closed."""
        if "reference" in facts and facts["reference"] != self.reference:
            raise Refused("change", Refusal("reference_fixed", _("A reference cannot be changed.")))
        if self.is_over:
            raise Refused(
                "change",
                Refusal(
                    "closed", _("This agreement is closed: its facts can no longer be changed.")
                ),
            )

    # questions

    @property
    def is_over(self) -> bool:
        """Ended or abandoned."""
        return self.status in OVER

    def over_refusal(self) -> Refusal | None:
        """Why nothing new begins under it; None as long as it is not over."""
        return Refusal("agreement_over", _("The agreement is closed.")) if self.is_over else None

    def is_in_force(self, on: date) -> bool:
        """Whether it is in force on the day ``on``. The twin of ``in_force``."""
        return (
            self.in_force_on is not None
            and self.in_force_on <= on
            and (self.ended_on is None or self.ended_on > on)
        )

    def entry_answer(self, on: date | None, parties: Any = None) -> Answer:
        """The day of entry into force, or what is still missing, explained party by party.

        ``parties``: those of its parties that are regarded; None: all.
        """
        rule = Rule.from_json(self.entry_into_force)
        regarded = self.party_set.all() if parties is None else parties
        return answer(rule, [party.acts() for party in regarded.counting()], on=on)

    def record_scope(self) -> "Agreement":
        return self
