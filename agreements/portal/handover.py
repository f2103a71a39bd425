"""The page of a handover: the list of open matters, the notes, the signatures of both sides."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q
from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from actors.models import Organization
from agreements.mechanisms.handing_over import (
    MODELS,
    Matter,
    MatterKind,
    ReadableMatter,
    matters_of,
    open_now,
    readable,
    sign_off,
)
from agreements.mechanisms.handover import Side
from agreements.models import ConvenorTerm, Handover
from agreements.portal.agreement import agreement_path
from governance.access import handover_sides, may, visible_to
from governance.base import bilingual
from governance.kept_limits import matters_seen, named_seen
from governance.lifecycle import Refusal
from governance.portal import history
from governance.portal.forms import PastDayField, VersionedForm
from governance.portal.pages import ObjectPage
from governance.portal.verbs import ActionPage
from governance.wording import listed

RELATED = (
    "rotation__agreement",
    "rotation__group",
    "outgoing",
    "incoming",
    "outgoing_signed_by",
    "incoming_signed_by",
)
_PLACES = {
    MatterKind.TASK.value: "task",
    MatterKind.CONSULTATION.value: "consultation",
    MatterKind.MINUTES.value: "consultation",
}


_HEADINGS = {
    MatterKind.TASK.value: _("Tasks"),
    MatterKind.AGENDA_ITEM.value: _("Agenda items"),
    MatterKind.CONSULTATION.value: _("Consultations"),
    MatterKind.MINUTES.value: _("Minutes"),
}


def handover_path(handover: Handover, verb: str = "", side: str = "") -> str:
    """The address of a handover's page, or of what a side may do."""
    if not verb:
        return reverse("handover", kwargs={"id": handover.public_id})
    return reverse(f"handover_{verb}", kwargs={"id": handover.public_id, "side": side})


def side_names(user: Any, handovers: list[Handover]) -> None:
    """Give each handover ``outgoing_names`` and ``incoming_names``, as the reader may know them."""
    for side in Side:
        seen = named_seen(user, {one.pk: one.of(side) for one in handovers}, Organization)
        for one in handovers:
            names = [bilingual(holder["name"], holder["name_zh"]) for holder in seen[one.pk]]
            setattr(one, f"{side}_names", listed(names) or "–")


def _matters_seen(user: Any, matters: dict[int, list[Matter]]) -> dict[int, list[Matter]]:
    return matters_seen(user, matters, MODELS, Organization)


@dataclass(frozen=True, slots=True)
class SideShown:
    """One side of a handover as the page shows it."""

    side: Side
    names: str
    note: str
    signed_on: date | None
    signed_by: Any
    # The reader may write and sign for it, and it has not signed yet.
    waits: bool
    note_path: str
    sign_path: str


@dataclass(frozen=True, slots=True)
class MatterShown:
    """A matter with its page ("" where it has none), and whether it is open to this day."""

    matter: ReadableMatter
    path: str
    is_open: bool


class HandoverPage(ObjectPage):
    """What one convenor hands over to the next, fit to be laid before a meeting."""

    template_name = "portal/handover.html"
    section = "agreements"
    model = Handover
    related = RELATED

    def trail(self) -> list[tuple[str, str]]:
        agreement = self.object.rotation.agreement
        return [
            (reverse("agreement_list"), str(_("Agreements"))),
            (agreement_path(agreement), agreement.reference),
            (agreement_path(agreement, "rotation"), str(_("Rotation"))),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, handover = self.request.user, self.object
        side_names(user, [handover])
        own = handover_sides(user, handover)
        sides = [self._side(side, side in own) for side in Side]
        kept = _matters_seen(user, matters_of([handover], self.today))[handover.pk]
        still = open_now(kept) if handover.matters is not None else {one["id"] for one in kept}
        matters = [self._matter(readable(one), one["id"] in still) for one in kept]
        return super().get_context_data(
            handover=handover,
            agreement=handover.rotation.agreement,
            sides=sides,
            waiting=[side for side in sides if side.waits],
            may_sign=handover.refusal("sign_off", self.today) is None,
            late=handover.is_late(self.today),
            piles=[
                (heading, pile)
                for kind, heading in _HEADINGS.items()
                if (pile := [one for one in matters if one.matter.kind == kind])
            ],
            count=len(matters),
            passed_on=sum(one.is_open for one in matters),
            history=history.entries(
                user, history.of_objects(user, handover).order_by("-sequence")[:20]
            ),
            **kwargs,
        )

    def _side(self, side: Side, own: bool) -> SideShown:
        handover = self.object
        signed_on = handover.signed_on(side)
        return SideShown(
            side=side,
            names=getattr(handover, f"{side}_names"),
            note=getattr(handover, f"{side}_note"),
            signed_on=signed_on,
            signed_by=getattr(handover, f"{side}_signed_by"),
            waits=own and signed_on is None,
            note_path=handover_path(handover, "note", side),
            sign_path=handover_path(handover, "sign_off", side),
        )

    def _matter(self, matter: ReadableMatter, is_open: bool) -> MatterShown:
        place = _PLACES.get(matter.kind, "")
        path = reverse(place, kwargs={"id": matter.key}) if place else ""
        return MatterShown(matter, path, is_open)


class NoteForm(VersionedForm):
    """What a side has to say to the other one."""

    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("What the other side should know. Both sides and all parties read it."),
    )


class SignForm(NoteForm):
    """The day of the signature, and the note that goes with it."""

    on = PastDayField(
        label=_("Signed on"), help_text=_("Today, or the earlier day on which it happened.")
    )
    field_order = ("on", "note")


class SidePage(ActionPage):
    """What one side does: writing its note, or signing."""

    section = "agreements"
    model = Handover
    related = RELATED
    form_class = NoteForm
    verb = "note"
    label = _("Write a note")

    def find_object(self) -> Any:
        found = super().find_object()
        if self.kwargs["side"] not in Side.values:
            raise Http404
        self.side = Side(self.kwargs["side"])
        return found

    def trail(self) -> list[tuple[str, str]]:
        agreement = self.object.rotation.agreement
        return [
            (agreement_path(agreement), agreement.reference),
            (agreement_path(agreement, "rotation"), str(_("Rotation"))),
            (self.address(), str(_("Handover list"))),
        ]

    def role_refusal(self) -> Refusal | None:
        refusal = may(self.request.user, self.verb, self.object)
        if refusal is None and self.side not in handover_sides(self.request.user, self.object):
            return Refusal("other_side", _("Each side signs for itself."))
        return refusal

    def state_refusal(self) -> Refusal | None:
        if self.object.signed_on(self.side) is not None:
            return Refusal("signed", _("This side has signed already."))
        refusal: Refusal | None = self.object.refusal(self.verb, self.today)
        return refusal

    def initial(self) -> dict[str, Any]:
        note = getattr(self.object, f"{self.side}_note")
        return {**super().initial(), "note": note, "on": self.today}

    def perform(self, form: Any) -> None:
        said = form.cleaned_data
        self.object.note(
            self.side,
            said["note"],
            by=self.request.user,
            on=self.today,
            version=said["version"],
        )

    def done(self) -> Any:
        return _("Your note is kept with the handover.")

    def address(self) -> str:
        return handover_path(self.object)


class SignOffPage(SidePage):
    """A side signs the list."""

    form_class = SignForm
    verb = "sign_off"
    label = _("Sign off the handover")

    def consequences(self) -> Any:
        return _(
            "You sign as the %(side)s. When both sides have signed, the list is kept as it is "
            "that day, and what is open passes on to the incoming convenor."
        ) % {"side": self.side.label.lower()}

    def perform(self, form: Any) -> None:
        said = form.cleaned_data
        sign_off(
            self.object,
            self.side,
            by=self.request.user,
            on=said["on"],
            note=said["note"],
            version=said["version"],
        )

    def done(self) -> Any:
        if self.object.is_open:
            return _("You signed the handover. The other side has still to sign.")
        return _("Both sides have signed: the handover is complete.")


def handovers_waiting(user: Any, own: list[int], today: date) -> list[Any]:
    """The open handovers that a side of the reader's has still to sign, the nearest first."""
    outgoing = Q(outgoing__holders__in=own, outgoing_signed_on__isnull=True)
    incoming = Q(incoming__holders__in=own, incoming_signed_on__isnull=True)
    waiting = (
        visible_to(user, Handover)
        .open()
        .filter(outgoing | incoming)
        .select_related(*RELATED)
        .order_by("boundary_on", "pk")
        .distinct()
    )
    found = list(waiting) if own else []
    side_names(user, found)
    for one in found:
        one.late = one.is_late(today)
        one.may_sign = one.refusal("sign_off", today) is None
    return found


def taken_over(user: Any, terms: list[ConvenorTerm]) -> dict[int, tuple[Handover, int]]:
    """What each of these terms took over: the signed handover, and how much of it is open."""
    signed = visible_to(user, Handover).signed().filter(incoming__in=terms)
    handovers = {one.incoming_id: one for one in signed}
    seen = _matters_seen(user, {one.pk: one.matters or [] for one in handovers.values()})
    still = open_now(matter for matters in seen.values() for matter in matters)
    return {
        term: (handover, sum(one["id"] in still for one in seen[handover.pk]))
        for term, handover in handovers.items()
    }
