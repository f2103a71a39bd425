"""Attendance of a consultation: who took part, by what mandate, and whether that is a quorum.

Those who take part by right are the parties of the day, or the members of the group that meets;
of the parties, observers and implementing bodies do not count. Who was entered to join and has
neither signed nor approved is no party yet. Whoever else is invited is on the list too, and counts
for nothing.
"""

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from actors.organization import Organization
from actors.person import Person
from agreements.agreement import Agreement
from agreements.mechanisms.agenda_rules import approved_refusal
from agreements.mechanisms.consultation import Consultation
from agreements.mechanisms.regular_consultation import QuorumKind
from agreements.mechanisms.regular_consultation import Status as ConsultationStatus
from agreements.party import SIGNING_ROLES, Party
from governance.base import Noun, NounQuerySet, Sourced
from governance.lifecycle import Refusal, Refused
from governance.periods import CheckAt
from governance.record import refuse, unit
from governance.wording import detailed


class State(models.TextChoices):
    """How an organization took part."""

    PRESENT = "present", _("Present")
    REPRESENTED = "represented", _("Represented")
    EXCUSED = "excused", _("Excused")
    ABSENT = "absent", _("Absent")


MET = frozenset({ConsultationStatus.CONVENED, ConsultationStatus.CLOSED})


@dataclass(frozen=True, slots=True)
class Participant:
    """An organization that takes part by right; ``party`` is None for a mere group member."""

    organization: Organization
    party: Party | None
    counts: bool


@dataclass(frozen=True, slots=True)
class Quorum:
    """How many are needed (None: none is stated), how many are there, of how many that count."""

    required: int | None
    present: int
    of: int
    met: bool

    def kept(self) -> dict[str, Any]:
        """The figures as they are kept with a decision."""
        return asdict(self)


class AttendanceQuerySet(NounQuerySet):
    def of(self, consultation: Consultation) -> Self:
        """The list of one consultation, with the names it shows, in one query."""
        return (
            self.filter(consultation=consultation)
            .select_related("organization", "party", "person", "represented_by")
            .order_by("pk")
        )


class Attendance(Sourced, Noun):
    """How one organization took part in one consultation."""

    consultation = models.ForeignKey(
        Consultation,
        verbose_name=_("consultation"),
        on_delete=models.CASCADE,
        related_name="attendances",
    )
    organization = models.ForeignKey(
        Organization,
        verbose_name=_("organization"),
        on_delete=models.PROTECT,
        related_name="attendances",
    )
    party = models.ForeignKey(
        Party,
        verbose_name=_("party"),
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="attendances",
    )
    person = models.ForeignKey(
        Person,
        verbose_name=_("person"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="attendances",
    )
    name = models.CharField(
        _("name of the person"),
        max_length=200,
        blank=True,
        help_text=_("For somebody who is not in the list of people."),
    )
    state = models.CharField(_("attendance"), max_length=11, choices=State, default=State.PRESENT)
    mandate = models.CharField(
        _("mandate of the person"),
        max_length=300,
        blank=True,
        help_text=_("By what right the person speaks: the office held, or a letter of authority."),
    )
    represented_by = models.ForeignKey(
        Organization,
        verbose_name=_("represented by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Another organization that speaks for it, itself present."),
    )
    excuse = models.CharField(_("reason for the absence"), max_length=300, blank=True)

    named_by = ("organization", "consultation")
    objects = AttendanceQuerySet.as_manager()

    class Meta:
        verbose_name = _("attendance")
        verbose_name_plural = _("attendance")
        ordering = ("consultation", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("consultation", "organization"),
                name="attendance_once",
                violation_error_message=_("This organization is on the list already."),
            ),
            CheckAt(
                name="attendance_representation",
                field="represented_by",
                condition=Q(represented_by__isnull=True) | Q(state=State.REPRESENTED),
                violation_error_message=_("Only who is represented has somebody to do so."),
            ),
        )

    def __str__(self) -> str:
        return detailed(self.organization, self.consultation)

    def clean(self) -> None:
        super().clean()
        if self.represented_by is not None:
            if self.represented_by == self.organization:
                raise refuse("represented_by", _("An organization does not represent itself."))
            taking_part = {one.organization for one in participants(self.consultation)}
            if self.represented_by not in taking_part:
                raise refuse(
                    "represented_by", _("This organization does not take part in the consultation.")
                )
        elif self.state == State.REPRESENTED and not self.mandate.strip():
            raise refuse(
                "mandate", _("Say by whom it is represented, or by what mandate."), "required"
            )

    def record_scope(self) -> Agreement:
        return self.consultation.agreement

    # changes

    def _take_turn(self) -> None:
        """One at a time writes what belongs to a meeting; it is looked at as it then stands."""
        held = Consultation.hold(self.consultation_id)
        if held is not None:
            self.consultation = held
        super()._take_turn()

    def prepare(self, *, by: Any, on: date | None) -> None:
        """As a party of that day, if it is one. Raises Refused before the consultation's call."""
        self._take_turn()
        refusal = registration_refusal(self.consultation)
        if refusal is not None:
            raise Refused("create", refusal)
        rights = participants(self.consultation)
        self.party = next(
            (one.party for one in rights if one.organization == self.organization), None
        )

    def refuse_edit(self, facts: dict[str, Any]) -> None:
        """Once the minutes are approved the list is what it is."""
        refusal = registration_refusal(self.consultation)
        if refusal is not None:
            raise Refused("change", refusal)

    def removal_refusal(self) -> Refusal | None:
        return registration_refusal(self.consultation)

    @classmethod
    def register(
        cls,
        consultation: Consultation,
        organization: Organization,
        *,
        by: Any,
        on: date,
        **facts: Any,
    ) -> Self:
        """Enter how the organization takes part, or correct what is there."""
        with unit():
            consultation.lock()
            there = cls.objects.filter(consultation=consultation, organization=organization).first()
            if there is not None:
                return there.edit(by=by, **facts)
            return cls.enter(
                by=by,
                on=on,
                consultation=consultation,
                organization=organization,
                illustrative=facts.pop("illustrative", consultation.illustrative),
                **facts,
            )


def registration_refusal(consultation: Consultation) -> Refusal | None:
    """Why nobody is put on the list now; None when it is open."""
    if consultation.status not in MET:
        return Refusal("not_convened", _("The consultation has not been called."))
    return approved_refusal(consultation)


def participants(consultation: Consultation) -> list[Participant]:
    """Who takes part by right on the day it meets, in the order of signature; at most two queries.

    The parties of that day, whoever was merely entered to join left out; where a group meets, its
    members of that day, each of whom counts.
    """
    day = consultation.meeting_day
    parties = list(
        consultation.agreement.party_set.current(day)
        .select_related("organization")
        .order_by(F("position").asc(nulls_last=True), "pk")
    )
    if consultation.group is None:
        return [
            Participant(party.organization, party, party.role in SIGNING_ROLES)
            for party in parties
            if not party.is_candidate
        ]
    own = {party.organization_id: party for party in parties}
    members = consultation.group.memberships.current(day).select_related("organization")
    return [
        Participant(member.organization, own.get(member.organization_id), True)
        for member in members.order_by("pk")
    ]


def quorum(consultation: Consultation, taking_part: list[Participant] | None = None) -> Quorum:
    """The quorum as it stands now: what the series asks for, and who is there.

    Whoever is represented counts as there, as long as the one who speaks for it is there itself.
    A share is rounded up: 50 % of five parties are three.
    """
    if taking_part is None:
        taking_part = participants(consultation)
    counting = {one.organization.pk for one in taking_part if one.counts}
    listed = list(
        Attendance.objects.filter(consultation=consultation).values_list(
            "organization_id", "state", "represented_by_id"
        )
    )
    there = {pk for pk, state, _by in listed if state == State.PRESENT}
    there |= {
        pk
        for pk, state, spoken_for_by in listed
        if state == State.REPRESENTED and (spoken_for_by is None or spoken_for_by in there)
    }
    present, of = len(there & counting), len(counting)
    required = _required(consultation, of)
    return Quorum(required, present, of, required is None or present >= required)


def _required(consultation: Consultation, of: int) -> int | None:
    series = consultation.series
    if series is None or series.quorum is None:
        return None
    if series.quorum_kind == QuorumKind.PERCENT:
        return -(-of * series.quorum // 100)
    return int(series.quorum)
