"""Attestation: every half-year each liaison officer is asked whether they still are the one.

Lists of contacts rot in silence. Whoever does not answer is reminded, their organization too, and
stands on the list of those to be chased. A “no” asks for a successor; it ends nothing by itself.
"""

from datetime import date, timedelta
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agreements.agreement import Agreement, Confidentiality
from agreements.mechanisms.liaison_officer import ALIVE, LiaisonAppointment
from agreements.notices import tell
from governance import clock
from governance.base import Noun, NounQuerySet
from governance.lifecycle import Refusal, Refused
from governance.periods import add_months, on_day
from governance.record import unit
from governance.wording import noted

REMIND_AFTER = timedelta(days=14)


class AttestationQuerySet(NounQuerySet):
    def waiting(self, on: date) -> Self:
        """Those without an answer whose officer is in post on the day ``on``. Twin: ``waits``."""
        return self.filter(answered_on__isnull=True).filter(_in_post(on))

    def denied(self, on: date) -> Self:
        """Those answered with a no while nobody has ended the appointment. Twin: ``is_denied``."""
        return self.filter(still=False, appointment__ends_on__isnull=True).filter(_in_post(on))

    def to_chase(self, on: date) -> Self:
        """Those that somebody has to see to, the longest open first."""
        return (self.waiting(on) | self.denied(on)).order_by("asked_on", "pk")


def _in_post(on: date) -> Q:
    return on_day(on, start="appointment__starts_on", end="appointment__ends_on")


class LiaisonAttestation(Noun):
    """A liaison officer is asked on a day whether they still are the one, and answers."""

    appointment = models.ForeignKey(
        LiaisonAppointment,
        verbose_name=_("liaison officer"),
        on_delete=models.CASCADE,
        related_name="attestations",
    )
    asked_on = models.DateField(_("asked on"))
    reminded_on = models.DateField(_("reminded on"), null=True, editable=False)
    answered_on = models.DateField(_("answered on"), null=True, editable=False)
    still = models.BooleanField(_("still in post"), null=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("answered by"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )

    named_by = ("appointment__person", "appointment__party__organization")
    objects = AttestationQuerySet.as_manager()

    class Meta:
        verbose_name = _("attestation")
        verbose_name_plural = _("attestations")
        ordering = ("-asked_on", "-id")
        constraints = (
            models.UniqueConstraint(
                fields=("appointment",),
                condition=Q(answered_on__isnull=True),
                name="attestation_asked_once",
                violation_error_message=_("This officer has been asked already."),
            ),
        )
        indexes = (models.Index(fields=("answered_on", "asked_on"), name="attestation_open"),)

    def __str__(self) -> str:
        return noted(self.appointment, self.asked_on.year)

    def record_scope(self) -> Agreement:
        return self.appointment.party.agreement

    # changes

    def answer(
        self, *, by: Any, on: date, still: bool, reason: str = "", version: int | None = None
    ) -> Self:
        """The officer, or their organization, says whether they still are the one."""
        with unit():
            self.lock(version)
            refusal = self.refusal("answer", on)
            if refusal is not None:
                raise Refused("answer", refusal)
            before = self.facts()
            self.answered_on, self.still, self.answered_by = on, still, by
            self.put(by=by, verb="answer", before=before, on=on, reason=reason)
        return self

    # questions

    def refusal(self, verb: str, on: date) -> Refusal | None:
        """Why it cannot be answered on that day; None when it can."""
        if self.answered_on is not None:
            return Refusal("answered", _("This has been answered already."))
        if on < self.asked_on:
            return Refusal("not_asked_yet", _("It had not been asked by that day."))
        return None

    def waits(self, on: date) -> bool:
        """Whether its answer is missing on the day ``on``. The twin of ``waiting``."""
        return self.answered_on is None and self.appointment.is_current(on)

    def is_denied(self, on: date) -> bool:
        """Whether a no still waits for a successor. The twin of ``denied``."""
        post = self.appointment
        return self.still is False and post.ends_on is None and post.is_current(on)


def ask_officers(on: date) -> int:
    """Ask whoever has not been asked for as long as their agreement says. How many were asked.

    Counted from the last time they were asked, else from the day they took up the post; where
    that is not known, from the day they were entered.
    """
    posts = (
        LiaisonAppointment.objects.current(on)
        .filter(
            party__agreement__status__in=ALIVE, party__agreement__attest_every_months__isnull=False
        )
        .exclude(party__agreement__confidentiality=Confidentiality.SECRETARIAT)
        .exclude(attestations__answered_on__isnull=True, attestations__isnull=False)
        .annotate(last_asked_on=models.Max("attestations__asked_on"))
        .select_related("party__agreement", "person")
        .order_by("pk")
    )
    asked = 0
    for post in posts:
        since = post.last_asked_on or post.starts_on or clock.day_of(post.created_at)
        if add_months(since, post.party.agreement.attest_every_months) <= on:
            asked += _ask(post, on)
    return asked


def _ask(post: LiaisonAppointment, on: date) -> bool:
    with unit():
        post.lock()
        asked = post.attestations.filter(Q(answered_on__isnull=True) | Q(asked_on=on))
        if asked.exists() or not post.is_current(on):
            return False  # another run was quicker, or they have been relieved meanwhile
        attestation = LiaisonAttestation.enter(by=None, on=on, appointment=post, asked_on=on)
        tell(
            "attestation",
            by=None,
            on=on,
            agreement=post.party.agreement,
            about=attestation,
            people=[post.person],
            once=f"attestation:{attestation.public_id}",
            organization=post.party.organization,
        )
    return True


def remind_officers(on: date) -> int:
    """Remind whoever has not answered for a fortnight, and their organization. How many."""
    reminded = 0
    late = Q(reminded_on__isnull=True, asked_on__lte=on - REMIND_AFTER) | Q(
        reminded_on__lte=on - REMIND_AFTER
    )
    for attestation in LiaisonAttestation.objects.waiting(on).filter(late).order_by("pk"):
        with unit():
            attestation.lock()
            if not attestation.waits(on) or attestation.reminded_on == on:
                continue
            before = attestation.facts()
            attestation.reminded_on = on
            attestation.put(by=None, verb="remind", before=before, on=on)
            party = attestation.appointment.party
            tell(
                "attestation_reminder",
                by=None,
                on=on,
                agreement=party.agreement,
                about=attestation,
                people=[attestation.appointment.person],
                organizations=[party.organization],
                once=f"attestation:{attestation.public_id}:{on.isoformat()}",
                officer=attestation.appointment.person,
                organization=party.organization,
                asked_on=attestation.asked_on,
            )
            reminded += 1
    return reminded
