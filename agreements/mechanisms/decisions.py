"""Decisions of consultations: numbered, with the quorum they were taken by and how far they went.

A decision is never deleted: what no longer holds is revoked, and its number stays.
"""

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Exists, Max, OuterRef
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from actors.organization import Organization
from agreements.agreement import Agreement
from agreements.mechanisms.agenda import AgendaItem
from agreements.mechanisms.agenda_rules import approved_refusal
from agreements.mechanisms.attendance import MET, participants, quorum
from agreements.mechanisms.consultation import Consultation
from agreements.party import Party
from agreements.tasks import OPEN as OPEN_TASKS
from agreements.tasks import Status as TaskStatus
from agreements.tasks import Task
from governance.base import LivingNoun, NounQuerySet, Sourced, bilingual
from governance.lifecycle import Lifecycle, Refusal, Refused, Transition
from governance.record import refuse


class Status(models.TextChoices):
    """Whether it still holds."""

    TAKEN = "taken", _("Taken")
    REVOKED = "revoked", _("Revoked")


class Stance(models.TextChoices):
    """What a party held of it."""

    FOR = "for", _("For")
    AGAINST = "against", _("Against")
    ABSTAINED = "abstained", _("Abstained")
    RESERVED = "reserved", _("Reserved its position")


class Effect(models.TextChoices):
    """What a decision does to a task that is there already."""

    SUSPEND = "suspend", _("Suspend task")
    RESUME = "resume", _("Resume task")
    CANCEL = "cancel", _("Cancel task")
    ASSIGN = "assign", _("Give task to another organization")
    RESCHEDULE = "reschedule", _("Set another date")


class Standing(models.TextChoices):
    """How far a decision has been carried out, by its tasks; cancelled ones do not count."""

    NO_TASK = "no_task", _("No task")
    OPEN = "open", _("Being carried out")
    CARRIED_OUT = "carried_out", _("Carried out")
    REVOKED = "revoked", _("Revoked")


class DecisionQuerySet(NounQuerySet):
    def of(self, consultation: Consultation) -> Self:
        """Those of one consultation with what a page shows of them, in few queries."""
        return (
            self.filter(consultation=consultation)
            .with_standing()
            .select_related("agenda_item", "task", "task_lead")
            .prefetch_related("positions__organization", "tasks__lead")
            .order_by("year", "number")
        )

    def with_standing(self) -> Self:
        """With ``standing`` for filters, sorting and columns. Twin: ``standing_now``."""
        tasks = Task.objects.filter(decision=OuterRef("pk"))
        return self.annotate(
            standing=models.Case(
                models.When(status=Status.REVOKED, then=models.Value(Standing.REVOKED.value)),
                models.When(
                    Exists(tasks.filter(status__in=OPEN_TASKS)),
                    then=models.Value(Standing.OPEN.value),
                ),
                models.When(
                    Exists(tasks.filter(status=TaskStatus.COMPLETED)),
                    then=models.Value(Standing.CARRIED_OUT.value),
                ),
                default=models.Value(Standing.NO_TASK.value),
                output_field=models.CharField(choices=Standing),
            )
        )

    def open(self) -> Self:
        """Those that still hold and have a task that is not done."""
        return self.with_standing().filter(standing=Standing.OPEN)


class Decision(Sourced, LivingNoun):
    """What a consultation decided.

    Numbered within its agreement and year, without gaps. ``quorum`` keeps the figures by which
    it was taken. ``task`` with ``effect`` is the task that it changed.
    """

    agreement = models.ForeignKey(
        Agreement, verbose_name=_("agreement"), on_delete=models.CASCADE, related_name="decisions"
    )
    consultation = models.ForeignKey(
        Consultation,
        verbose_name=_("consultation"),
        on_delete=models.RESTRICT,
        related_name="decisions",
    )
    agenda_item = models.ForeignKey(
        AgendaItem,
        verbose_name=_("agenda item"),
        null=True,
        blank=True,
        on_delete=models.RESTRICT,
        related_name="decisions",
    )
    year = models.PositiveSmallIntegerField(_("year"), editable=False)
    number = models.PositiveIntegerField(_("number"), editable=False)
    text = models.TextField(_("text"), blank=True)
    text_zh = models.TextField(_("Chinese text"), blank=True)
    decided_on = models.DateField(_("decided on"))
    quorum = models.JSONField(_("quorum"), default=dict, editable=False)
    task = models.ForeignKey(
        Task,
        verbose_name=_("task changed"),
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="decisions_about",
    )
    effect = models.CharField(
        _("effect"), max_length=10, choices=Effect, blank=True, editable=False
    )
    task_due_on = models.DateField(_("new due date"), null=True, editable=False)
    task_lead = models.ForeignKey(
        Organization,
        verbose_name=_("new lead organization"),
        null=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )
    status = models.CharField(
        _("status"), max_length=8, choices=Status, default=Status.TAKEN, editable=False
    )

    objects = DecisionQuerySet.as_manager()

    lifecycle = Lifecycle(
        Status,
        (
            Transition(
                "revoke",
                _("Revoke decision"),
                frozenset({Status.TAKEN}),
                Status.REVOKED,
                needs_reason=True,
                danger=True,
            ),
        ),
    )

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        ordering = ("agreement", "year", "number")
        constraints = (
            models.UniqueConstraint(
                fields=("agreement", "year", "number"), name="decision_number_once"
            ),
        )
        indexes = (models.Index(fields=("consultation", "number"), name="decision_consultation"),)

    def __str__(self) -> str:
        return decision_name(self.year, self.number)

    def clean(self) -> None:
        super().clean()
        if not self.text.strip() and not self.text_zh.strip():
            raise refuse("text", _("Say what was decided, in English or in Chinese."), "required")
        item = self.agenda_item
        if item is not None and item.consultation_id != self.consultation_id:
            raise refuse("agenda_item", _("This item is on the agenda of another consultation."))

    def record_scope(self) -> Agreement:
        return self.agreement

    def facts(self) -> dict[str, Any]:
        """With what the parties held of it."""
        held = self.positions.select_related("organization") if self.pk else ()
        return super().facts() | {
            "positions": [
                {"organization": one.organization.name, "stance": one.stance, "note": one.note}
                for one in held
            ]
        }

    @classmethod
    def _own_facts(cls, facts: dict[str, Any]) -> dict[str, Any]:
        return {name: value for name, value in facts.items() if name != "positions"}

    def _state_of_facts(self) -> dict[str, Any]:
        held = self.positions.values_list("organization", "stance", "note")
        return super()._state_of_facts() | {"positions": list(held)}

    def _set_many(self, facts: dict[str, Any]) -> None:
        """The positions, of those who take part: {party or organization, stance, note}."""
        if "positions" not in facts:
            return
        rights = {one.organization.pk: one for one in participants(self.consultation)}
        self.positions.all().delete()
        for place, held in enumerate(facts["positions"] or ()):
            party = held.get("party")
            organization = held.get("organization") or (party and party.organization)
            right = rights.get(organization.pk) if organization else None
            if right is None or not right.counts:
                raise refuse(
                    f"positions.{place}", _("This organization has no voice in the consultation.")
                )
            if self.positions.filter(organization=organization).exists():
                raise refuse(f"positions.{place}", _("This organization stands here twice."))
            self.positions.create(
                organization=organization,
                party=right.party,
                stance=held["stance"],
                note=held.get("note") or "",
            )

    def prepare(self, *, by: Any, on: date | None) -> None:
        """Give it the next number of its year within the agreement, and keep the quorum.

        Raises Refused before the consultation was called, and without a quorum.
        """
        self.agreement = self.consultation.agreement
        number_turn(self.agreement)
        self._take_turn()
        refusal = decision_refusal(self.consultation)
        if refusal is not None:
            raise Refused("create", refusal)
        self.quorum = quorum(self.consultation).kept()
        self.year = self.decided_on.year
        last = Decision.objects.filter(agreement=self.agreement_id, year=self.year).aggregate(
            last=Max("number")
        )
        self.number = (last["last"] or 0) + 1

    def _take_turn(self) -> None:
        """One at a time writes what belongs to a meeting; it is looked at as it then stands."""
        held = Consultation.hold(self.consultation_id)
        if held is not None:
            self.consultation = held
        super()._take_turn()

    def refuse_edit(self, facts: dict[str, Any]) -> None:
        """Once the minutes are approved, only another decision changes it."""
        if self.status == Status.REVOKED:
            raise Refused("change", Refusal("revoked", _("This decision was revoked.")))
        refusal = approved_refusal(self.consultation)
        if refusal is not None:
            raise Refused("change", refusal)
        day = facts.get("decided_on")
        if day is not None and day.year != self.year:
            raise refuse("decided_on", _("Its number belongs to its year: that stays."))

    def removal_refusal(self) -> Refusal | None:
        return Refusal("numbered", _("A decision keeps its number: it is revoked, not deleted."))

    # changes

    def revoke(self, *, by: Any, on: date, reason: str = "", version: int | None = None) -> Self:
        """It no longer holds, with a reason. Its tasks stay until somebody cancels them."""
        return self.advance("revoke", by=by, on=on, reason=reason, version=version)

    # questions

    @property
    def reference(self) -> str:
        """Its year and number, the same in every language."""
        return f"{self.year}-{self.number}"

    def standing_now(self) -> Standing:
        """How far it has been carried out. The twin of ``with_standing``."""
        if self.status == Status.REVOKED:
            return Standing.REVOKED
        found = {task.status for task in self.tasks.all()}
        if found & set(OPEN_TASKS):
            return Standing.OPEN
        return Standing.CARRIED_OUT if TaskStatus.COMPLETED in found else Standing.NO_TASK

    @property
    def wording(self) -> str:
        """Its text in the reader's language."""
        return bilingual(self.text, self.text_zh)


class DecisionPosition(models.Model):
    """What one party, or member of the group that met, held of a decision."""

    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, related_name="positions")
    organization = models.ForeignKey(Organization, on_delete=models.PROTECT, related_name="+")
    party = models.ForeignKey(Party, null=True, on_delete=models.SET_NULL, related_name="+")
    stance = models.CharField(_("stance"), max_length=9, choices=Stance)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        ordering = ("decision", "id")
        constraints = (
            models.UniqueConstraint(fields=("decision", "organization"), name="position_once"),
        )

    def __str__(self) -> str:
        return f"{self.organization}: {self.get_stance_display()}"


def number_turn(agreement: Agreement) -> None:
    """Wait for whoever gives a number within the agreement; rows that only point to it do not."""
    Agreement.objects.select_for_update(no_key=True).order_by().filter(pk=agreement.pk).first()


def decision_name(year: int, number: int) -> str:
    """What a decision is called: 2026-3, in Chinese 〔2026〕3号."""
    if (get_language() or "").startswith("zh"):
        return f"〔{year}〕{number}号"
    return gettext("Decision %(reference)s") % {"reference": f"{year}-{number}"}


def decision_refusal(consultation: Consultation) -> Refusal | None:
    """Why the consultation can decide nothing now; None when it can."""
    if consultation.status not in MET:
        return Refusal("not_convened", _("The consultation has not been called."))
    refusal = approved_refusal(consultation)
    if refusal is not None:
        return refusal
    found = quorum(consultation)
    if not found.met:
        return Refusal(
            "no_quorum",
            _("There is no quorum: %(present)s of the %(required)s needed are there.")
            % {"present": found.present, "required": found.required},
        )
    return None
