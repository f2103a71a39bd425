"""Liaison officers: who speaks for a party of an agreement, from a day until a day."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from actors.person import Person
from agreements.agreement import Agreement, Status
from agreements.articles import Article
from agreements.party import Party
from governance import clock
from governance.base import Noun, NounQuerySet, Sourced
from governance.lifecycle import Refusal, Refused
from governance.periods import NoOverlap, covers, in_order, on_day, overlapping
from governance.record import refuse, unit
from governance.wording import noted

ALIVE = (Status.SIGNED, Status.IN_FORCE, Status.SUSPENDED)


class Rank(models.TextChoices):
    """Primary, or the deputy who stands in."""

    PRIMARY = "primary", _("Liaison officer")
    DEPUTY = "deputy", _("Deputy liaison officer")


class LiaisonQuerySet(NounQuerySet):
    def current(self, on: date) -> Self:
        """Those in post on the day ``on``. Twin: ``is_current``."""
        return self.filter(on_day(on))

    def at_work(self, on: date) -> Self:
        """Those in post and not absent on the day ``on``. Twin: ``is_at_work``."""
        away = LiaisonAbsence.objects.current(on).filter(appointment=OuterRef("pk"))
        return self.current(on).exclude(Exists(away))


class LiaisonAppointment(Sourced, Noun):
    """A party appoints a person as its liaison officer for an agreement.

    At most one primary per party on any day: a successor may be entered before the predecessor
    leaves, as long as their days do not overlap.
    """

    party = models.ForeignKey(
        Party,
        verbose_name=_("party"),
        on_delete=models.CASCADE,
        related_name="liaison_appointments",
    )
    person = models.ForeignKey(
        Person,
        verbose_name=_("person"),
        on_delete=models.PROTECT,
        related_name="liaison_appointments",
    )
    rank = models.CharField(_("rank"), max_length=8, choices=Rank, default=Rank.PRIMARY)
    article = models.ForeignKey(
        Article,
        verbose_name=_("article"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="liaison_appointments",
    )
    starts_on = models.DateField(
        _("from"), null=True, blank=True, help_text=_("Empty: not known since when.")
    )
    ends_on = models.DateField(
        _("until"), null=True, blank=True, help_text=_("The first day they are no longer in post.")
    )

    named_by = ("person", "party__organization")
    said_as_last_day = frozenset({"ends_on"})
    objects = LiaisonQuerySet.as_manager()

    class Meta:
        verbose_name = _("liaison officer")
        verbose_name_plural = _("liaison officers")
        ordering = ("party", "rank", "-starts_on", "id")
        constraints = (
            in_order("liaison_in_order"),
            NoOverlap(
                name="liaison_one_primary",
                keys=("party",),
                condition=Q(rank=Rank.PRIMARY),
                violation_error_message=_(
                    "The party has a liaison officer at that time: end that appointment first."
                ),
            ),
        )
        indexes = (models.Index(fields=("person", "ends_on"), name="liaison_person"),)

    def __str__(self) -> str:
        return noted(self.person, self.party)

    def clean(self) -> None:
        super().clean()
        if self.article is not None and self.article.agreement_id != self.party.agreement_id:
            raise ValidationError({"article": _("This article belongs to another agreement.")})

    def record_scope(self) -> Agreement:
        return self.party.agreement

    # changes

    def prepare(self, *, by: Any, on: date | None) -> None:
        """Nobody is named for a party that is gone, or goes at this moment. Raises Refused."""
        self._take_turn()
        party = Party.objects.select_related("agreement").get(pk=self.party.pk)
        refusal = self.naming_refusal(party, on or clock.day_of(self.created_at))
        if refusal is not None:
            raise Refused("create", refusal)

    def relieve(self, *, by: Any, on: date, reason: str = "", version: int | None = None) -> Self:
        """The appointment ends: ``on`` is the first day the person is no longer in post."""
        with unit():
            self.lock(version)
            refusal = self.refusal("relieve", on)
            if refusal is not None:
                raise Refused("relieve", refusal)
            if self.starts_on is not None and on <= self.starts_on:
                raise refuse("on", _("It cannot end before it began."), "dates_out_of_order")
            before = self.facts()
            self.ends_on = on
            self.full_clean()
            self.put(by=by, verb="relieve", before=before, on=on, reason=reason)
            self._end_absences(by=by, on=on, reason=reason)
        return self

    def _end_absences(self, *, by: Any, on: date, reason: str) -> None:
        """Whoever is no longer in post is not absent from it either."""
        for absence in self.absences.filter(
            overlapping(on, None, start="starts_on", end="ends_on")
        ):
            if absence.starts_on >= on:
                absence.remove(by=by, reason=reason)
            else:
                absence.come_back(by=by, on=on, reason=reason)

    def succeed(
        self,
        *,
        by: Any,
        on: date,
        person: Person,
        reason: str = "",
        version: int | None = None,
        **facts: Any,
    ) -> "LiaisonAppointment":
        """Another person takes over on ``on``, on which this appointment ends, in one act.

        One that ends before that day keeps its end: the gap between is shown, not hidden. Whoever
        was the party's deputy, or was to be, is that no longer: nobody stands in for themselves.
        Returns the successor's appointment.
        """
        with unit():
            self.lock(version)
            if self.refusal("relieve", on) is None:
                self.relieve(by=by, on=on, reason=reason)
            if self.rank == Rank.PRIMARY:
                end_as_deputy(self.party, person, by=by, on=on, reason=reason)
            return LiaisonAppointment.enter(
                by=by,
                on=on,
                reason=reason,
                **{"party": self.party, "rank": self.rank, "article": self.article, **facts},
                person=person,
                starts_on=on,
            )

    # questions

    @staticmethod
    def naming_refusal(party: Party, on: date) -> Refusal | None:
        """Why the party can name nobody on that day; None when it can."""
        over = party.agreement.over_refusal()
        if over is not None:
            return over
        if party.withdrawn_on is not None and party.withdrawn_on <= on:
            return Refusal("has_left", _("This party has left the agreement."))
        return None

    def refusal(self, verb: str, on: date) -> Refusal | None:
        """Why nobody can be relieved from that day; None when it is possible."""
        if verb == "succeed":
            return self.naming_refusal(self.party, on)
        if verb == "relieve" and self.ends_on is not None and self.ends_on <= on:
            return Refusal("ended", _("This appointment has ended already."))
        return None

    def is_current(self, on: date) -> bool:
        """Whether the person is in post on the day ``on``. The twin of ``current``."""
        return covers(self.starts_on, self.ends_on, on)

    def is_at_work(self, on: date) -> bool:
        """Whether the person is in post and not absent on the day ``on``. Twin: ``at_work``."""
        return self.is_current(on) and not any(away.is_current(on) for away in self.absences.all())


class AbsenceQuerySet(NounQuerySet):
    def current(self, on: date) -> Self:
        """Those that last on the day ``on``. Twin: ``is_current``."""
        return self.filter(on_day(on))


class LiaisonAbsence(Sourced, Noun):
    """A liaison officer is away for some days; the deputy in post stands in.

    Why somebody is away is nobody's business here: there is no field for it. An absence that has
    begun is ended; one that lies ahead can be withdrawn, which deletes it.
    """

    appointment = models.ForeignKey(
        LiaisonAppointment,
        verbose_name=_("liaison officer"),
        on_delete=models.CASCADE,
        related_name="absences",
    )
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(
        _("until"), null=True, blank=True, help_text=_("The first day back. Empty: not known yet.")
    )
    remark = models.CharField(
        _("remark"),
        max_length=300,
        blank=True,
        help_text=_("How they are reached meanwhile. All parties read it: leave out why."),
    )

    named_by = ("appointment__person", "appointment__party__organization")
    said_as_last_day = frozenset({"ends_on"})
    objects = AbsenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("absence")
        verbose_name_plural = _("absences")
        ordering = ("appointment", "starts_on", "id")
        constraints = (
            in_order("absence_in_order"),
            NoOverlap(
                name="absences_apart",
                keys=("appointment",),
                violation_error_message=_("An absence is entered for these days already."),
            ),
        )

    def __str__(self) -> str:
        return str(self.appointment)

    def clean(self) -> None:
        super().clean()
        if self.starts_on is None:
            return  # refused at its field
        # As it stands now: somebody may have relieved them since the page was opened.
        post = LiaisonAppointment.objects.get(pk=self.appointment.pk)
        if post.starts_on is not None and self.starts_on < post.starts_on:
            raise refuse("starts_on", _("They are not in post yet on that day."), "out_of_post")
        if post.ends_on is not None and self.starts_on >= post.ends_on:
            raise refuse("starts_on", _("They are no longer in post on that day."), "out_of_post")

    def record_scope(self) -> Agreement:
        return self.appointment.party.agreement

    # changes

    def come_back(self, *, by: Any, on: date, reason: str = "", version: int | None = None) -> Self:
        """They are back earlier or later than said: ``on`` is the first day back."""
        with unit():
            self.lock(version)
            refusal = self.refusal("come_back", on)
            if refusal is not None:
                raise Refused("come_back", refusal)
            if on <= self.starts_on:
                raise refuse("on", _("It cannot end before it began."), "dates_out_of_order")
            before = self.facts()
            self.ends_on = on
            self.full_clean()
            self.put(by=by, verb="come_back", before=before, on=on, reason=reason)
        return self

    def withdraw(self, *, by: Any, on: date, reason: str = "", version: int | None = None) -> None:
        """They are not away after all: it is deleted, as long as it has not begun by ``on``."""
        with unit():
            self.lock(version)
            refusal = self.refusal("withdraw", on)
            if refusal is not None:
                raise Refused("withdraw", refusal)
            self.remove(by=by, reason=reason)

    # questions

    def refusal(self, verb: str, on: date) -> Refusal | None:
        """Why the absence cannot end on that day, or be withdrawn any more; None when it can."""
        if verb == "withdraw" and self.starts_on <= on:
            return Refusal("begun", _("This absence has begun: record the return."))
        if verb == "come_back" and on < self.starts_on:
            return Refusal("not_begun", _("This absence is still to come: withdraw it."))
        if verb == "come_back" and self.ends_on is not None and self.ends_on <= on:
            return Refusal("ended", _("This absence has ended already."))
        return None

    def is_current(self, on: date) -> bool:
        """Whether it lasts on the day ``on``. The twin of ``current``."""
        return covers(self.starts_on, self.ends_on, on)


def end_as_deputy(
    party: Party,
    person: Person,
    *,
    by: Any,
    on: date,
    until: date | None = None,
    reason: str = "",
) -> None:
    """The person is nobody's deputy from ``on``, until ``until``: what lies behind that stays.

    A post that was to begin within these days is taken back. None: without an end.
    """
    posts = party.liaison_appointments.filter(
        overlapping(on, until, start="starts_on", end="ends_on"), person=person, rank=Rank.DEPUTY
    )
    for post in posts:
        if post.starts_on is not None and post.starts_on >= on:
            post.remove(by=by, reason=reason)
        else:
            post.relieve(by=by, on=on, reason=reason)


def contacts_on(parties: Iterable[Party], on: date) -> dict[int, LiaisonAppointment]:
    """Whom to tell what concerns each party on the day ``on``, by the party's key, in one query.

    The liaison officer in post, or the deputy who stands in while there is none or they are away.
    A party without an entry has nobody: a gap.
    """
    in_turn = (
        LiaisonAppointment.objects.at_work(on)
        .filter(party__in=[party.pk for party in parties])
        .select_related("person", "party")
        .order_by("-rank", "starts_on", "pk")  # the primary before the deputies
    )
    found: dict[int, LiaisonAppointment] = {}
    for appointment in in_turn:
        found.setdefault(appointment.party_id, appointment)
    return found


def contact_on(party: Party, on: date) -> LiaisonAppointment | None:
    """Whom to tell what concerns the party on the day ``on``; None: nobody is there."""
    return contacts_on([party], on).get(party.pk)
