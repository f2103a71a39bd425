"""Handover: at each boundary between two terms one convenor gives the office to the next.

A handover belongs to one boundary of a rotation whose holders differ. While it is open it follows
the rotation: when the boundary moves, so does the handover. Both sides sign it off, from the day
of the boundary on; then it stands, and the outgoing term is confirmed, so that no change of the
rotation can take its ground away.

What is handed over (``matters``) is worked out above, in ``handing_over``, and kept here.
"""

from datetime import date, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from actors.person import Person
from actors.working_calendar import calendar_for, doubt
from agreements.agreement import Agreement
from agreements.mechanisms.convenor_terms import ConvenorTerm, State
from governance.base import Noun, NounQuerySet, bilingual
from governance.lifecycle import Refusal, Refused
from governance.record import refuse, unit
from governance.wording import day_text, detailed
from governance.workdays import Calendar


class Side(models.TextChoices):
    """Who gives the office, and who takes it."""

    OUTGOING = "outgoing", _("Outgoing convenor")
    INCOMING = "incoming", _("Incoming convenor")


class HandoverQuerySet(NounQuerySet):
    def open(self) -> Self:
        """Those that a side has still to sign. Twin: ``is_open``."""
        return self.filter(Q(outgoing_signed_on__isnull=True) | Q(incoming_signed_on__isnull=True))

    def signed(self) -> Self:
        """Those that both sides have signed."""
        return self.filter(outgoing_signed_on__isnull=False, incoming_signed_on__isnull=False)

    def late(self, on: date) -> Self:
        """The open ones whose deadline has passed by the day ``on``. Twin: ``is_late``."""
        return self.open().filter(due_on__lt=on)


def _signed_on(verbose_name: Any) -> Any:
    return models.DateField(verbose_name, null=True, editable=False)


def _signed_by(verbose_name: Any) -> Any:
    return models.ForeignKey(
        Person,
        verbose_name=verbose_name,
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
    )


class Handover(Noun):
    """One boundary of a rotation, handed over by those before it to those behind it.

    ``boundary_on`` is the first day of the incoming term. A person who signed is None where the
    secretariat logged it. ``sides`` keeps the holders by name as long as the handover is open,
    and as they were once it is signed; ``matters`` is None until then.
    """

    rotation = models.ForeignKey(
        "agreements.Rotation",
        verbose_name=_("rotation"),
        on_delete=models.CASCADE,
        related_name="handovers",
    )
    outgoing = models.OneToOneField(
        ConvenorTerm,
        verbose_name=_("outgoing term"),
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="handover",
        error_messages={"unique": _("There is a handover of this term already.")},
    )
    incoming = models.ForeignKey(
        ConvenorTerm,
        verbose_name=_("incoming term"),
        null=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="handovers_taken",
    )
    boundary_on = models.DateField(
        _("boundary"), help_text=_("The first day of the incoming term.")
    )
    due_on = models.DateField(_("to be signed by"), editable=False)
    due_doubts = models.JSONField(_("years not announced yet"), default=list, editable=False)
    outgoing_note = models.TextField(_("note of the outgoing convenor"), blank=True, editable=False)
    incoming_note = models.TextField(_("note of the incoming convenor"), blank=True, editable=False)
    outgoing_signed_on = _signed_on(_("signed by the outgoing convenor on"))
    incoming_signed_on = _signed_on(_("signed by the incoming convenor on"))
    outgoing_signed_by = _signed_by(_("signed for the outgoing convenor by"))
    incoming_signed_by = _signed_by(_("signed for the incoming convenor by"))
    sides = models.JSONField(_("sides"), default=dict, editable=False)
    matters = models.JSONField(_("open matters"), null=True, editable=False)

    named_by = ("rotation",)
    objects = HandoverQuerySet.as_manager()

    class Meta:
        verbose_name = _("handover")
        verbose_name_plural = _("handovers")
        ordering = ("-boundary_on", "rotation", "id")
        indexes = (models.Index(fields=("due_on",), name="handover_due"),)

    def __str__(self) -> str:
        return detailed(self.rotation, day_text(self.boundary_on))

    def clean(self) -> None:
        super().clean()
        if self.rotation_id is not None and self.outgoing is None and self.is_open:
            raise refuse("boundary_on", _("No term of the rotation ends there."), "no_boundary")

    def record_scope(self) -> Agreement:
        return self.rotation.agreement

    def facts(self) -> dict[str, Any]:
        """The facts for the record: sides and matters by name, deadlines without their doubts."""
        facts = super().facts()
        del facts["due_doubts"]
        facts["sides"] = [one["name"] or one["name_zh"] for side in Side for one in self.of(side)]
        if self.matters is not None:
            facts["matters"] = [one["name"] or one["name_zh"] for one in self.matters]
        return facts

    # changes

    def prepare(self, *, by: Any, on: date | None) -> None:
        """Find the two terms of the boundary. Raises ValidationError where there is none."""
        if self.rotation_id is None or not isinstance(self.boundary_on, date):
            return
        found = _terms_at(self.rotation, self.boundary_on)
        if found is None:
            raise refuse(
                "boundary_on",
                _("On that day no convenor of this rotation gives the office to another one."),
                "no_boundary",
            )
        self._take(*found)

    def note(
        self,
        side: str,
        text: str,
        *,
        by: Any,
        on: date,
        reason: str = "",
        version: int | None = None,
    ) -> Self:
        """What a side has to say, until it signs. Raises Refused once it has."""
        with unit():
            self.lock(version)
            self._require(side, "note")
            before = self.facts()
            setattr(self, f"{side}_note", text.strip())
            if self.facts() != before:
                self.full_clean()
                self.put(by=by, verb="note", before=before, on=on, reason=reason)
        return self

    def sign(
        self,
        side: str,
        *,
        by: Any,
        on: date,
        matters: list[dict[str, Any]],
        note: str = "",
        reason: str = "",
        version: int | None = None,
    ) -> Self:
        """A side signs; with the second one the ``matters`` are kept and the term is confirmed.

        An empty ``note`` leaves the one that stands. Raises Refused, or ValidationError at ``on``
        for a day before the boundary.
        """
        with unit():
            self.lock(version)
            self._require(side, "sign_off")
            if on < self.boundary_on:
                raise refuse("on", self._before_the_boundary(), "before_the_boundary")
            before = self.facts()
            setattr(self, f"{side}_signed_on", on)
            setattr(self, f"{side}_signed_by", _signatory(by))
            if note.strip():
                setattr(self, f"{side}_note", note.strip())
            if not self.is_open:
                self.matters = matters
                if self.outgoing is not None and self.outgoing.state == State.PROJECTED:
                    self.outgoing.confirm(by=by, on=on, reason=reason)
            self.full_clean()
            self.put(by=by, verb="sign_off", before=before, on=on, reason=reason)
        return self

    def follow(self, *, on: date) -> bool:
        """Go with the boundary when the rotation has moved it; whether anything changed.

        Where the boundary is gone (nobody comes behind, or the same stay on) so is the handover.
        A side that somebody else takes has neither signed nor written anything yet.
        """
        with unit():
            self.lock()
            found = _terms_around(self)
            if found is None:
                gone: Any = _("There is no such boundary any more.")
                self.remove(by=None, reason=gone)
                return True
            before, sides, doubts = self.facts(), self.sides, self.due_doubts
            self._take(*found)
            for side in Side:
                if _keys(sides.get(side, [])) != _keys(self.of(side)):
                    self._unsign(side)
            if self.facts() == before and doubts == self.due_doubts:
                return False
            self.full_clean()
            self.put(by=None, verb="follow", before=before, on=on)
        return True

    def _take(self, outgoing: ConvenorTerm, incoming: ConvenorTerm) -> None:
        self.outgoing, self.incoming = outgoing, incoming
        self.boundary_on = incoming.starts_on
        self.sides = {
            str(Side.OUTGOING): _named(outgoing),
            str(Side.INCOMING): _named(incoming),
        }
        self.due_on, self.due_doubts = due(self.rotation, incoming)

    def _unsign(self, side: str) -> None:
        setattr(self, f"{side}_signed_on", None)
        setattr(self, f"{side}_signed_by", None)
        setattr(self, f"{side}_note", "")

    def _require(self, side: str, verb: str) -> None:
        if side not in Side.values:
            raise refuse("side", _("Give one of the two sides."), "invalid_choice")
        if self.signed_on(side) is not None:
            raise Refused(verb, Refusal("signed", _("This side has signed already.")))

    def _before_the_boundary(self) -> str:
        return _("It is signed off from %(day)s on, the first day of the incoming term.") % {
            "day": day_text(self.boundary_on)
        }

    # questions

    def refusal(self, verb: str, on: date) -> Refusal | None:
        """Why neither side can do it on that day; None when one of them can."""
        if verb in {"note", "sign_off"} and not self.is_open:
            return Refusal("signed", _("Both sides have signed."))
        if verb == "sign_off" and on < self.boundary_on:
            return Refusal("before_the_boundary", self._before_the_boundary())
        return None

    def removal_refusal(self) -> Refusal | None:
        if not self.is_open:
            return Refusal("signed", _("Both sides have signed."))
        return None

    @property
    def is_open(self) -> bool:
        """Whether a side has still to sign. The twin of ``open``."""
        return self.outgoing_signed_on is None or self.incoming_signed_on is None

    def is_late(self, on: date) -> bool:
        """Whether the deadline has passed unsigned. The twin of ``late``."""
        return self.is_open and self.due_on < on

    def signed_on(self, side: str) -> date | None:
        """When a side signed; None: not yet."""
        found: date | None = getattr(self, f"{side}_signed_on")
        return found

    def of(self, side: str) -> list[dict[str, Any]]:
        """The holders of a side: ``id``, ``name``, ``name_zh``."""
        found: list[dict[str, Any]] = self.sides.get(str(side), [])
        return found

    def names_of(self, side: str) -> list[str]:
        """The names of a side, in the reader's language."""
        return [bilingual(one["name"], one["name_zh"]) for one in self.of(side)]

    @property
    def due_warning(self) -> str:
        """Why the deadline may still move, in a sentence; empty when it will not."""
        return doubt(self.due_doubts) if self.is_open else ""


def due(rotation: Any, incoming: ConvenorTerm) -> tuple[date, list[int]]:
    """By when a handover is to be signed, and the years that make this day uncertain.

    Working days are those of the region of whoever comes in; of the installation where it is in
    none, and from Monday to Friday where there is no calendar at all.
    """
    number, start = rotation.handover_days, incoming.starts_on
    if not rotation.handover_in_working_days:
        return start + timedelta(days=number), []
    first = incoming.holdings.select_related("organization__region").first()
    calendar = calendar_for(first.organization if first is not None else None)
    if calendar is None:
        return Calendar().add_working_days(start, number), []
    found = calendar.as_days().add_working_days(start, number)
    years = range(start.year, found.year + 1)
    return found, [year for year in years if not calendar.is_known(year)]


def follow_boundaries(rotation: Any, *, on: date) -> None:
    """Let the open handovers of a rotation go with its boundaries, after its terms were laid."""
    for handover in Handover.objects.open().filter(rotation=rotation).order_by("boundary_on"):
        handover.follow(on=on)


def boundaries(rotation: Any, start: date, end: date) -> list[date]:
    """The days from ``start`` to ``end`` on which a convenor gives the office to another one."""
    terms = rotation.terms.filter(starts_on__gte=start, starts_on__lte=end).order_by("starts_on")
    return [term.starts_on for term in terms if _terms_at(rotation, term.starts_on) is not None]


def _terms_at(rotation: Any, boundary: date) -> tuple[ConvenorTerm, ConvenorTerm] | None:
    """The two terms that meet on that day, where both have holders and these differ."""
    terms = rotation.terms.filter(Q(ends_on=boundary) | Q(starts_on=boundary))
    return _differing(list(terms.prefetch_related("holdings__organization").order_by("starts_on")))


def _terms_around(handover: Handover) -> tuple[ConvenorTerm, ConvenorTerm] | None:
    """The two terms between which an open handover lies now: the outgoing one keeps its row.

    Where even that is gone it is the term that holds the day before the boundary.
    """
    outgoing = handover.outgoing
    if outgoing is None:
        outgoing = (
            handover.rotation.terms.current(handover.boundary_on - timedelta(days=1))
            .filter(handover__isnull=True)
            .first()
        )
    if outgoing is None or outgoing.ends_on is None:
        return None
    return _terms_at(handover.rotation, outgoing.ends_on)


def _differing(terms: list[ConvenorTerm]) -> tuple[ConvenorTerm, ConvenorTerm] | None:
    if len(terms) != 2:
        return None
    outgoing, incoming = terms
    gives, takes = set(outgoing.holder_keys()), set(incoming.holder_keys())
    return (outgoing, incoming) if gives and takes and gives != takes else None


def _named(term: ConvenorTerm) -> list[dict[str, Any]]:
    holders = [held.organization for held in term.holdings.all()]
    return [{"id": str(one.public_id), "name": one.name, "name_zh": one.name_zh} for one in holders]


def _keys(holders: list[dict[str, Any]]) -> set[str]:
    return {one["id"] for one in holders}


def _signatory(by: Any) -> Person | None:
    """Who signed: a person of the side. What the secretariat logs was signed on paper."""
    return None if by is None or by.is_secretariat else by.person
