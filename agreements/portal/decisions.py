"""Decisions in the portal: recording one with all that follows from it, its page, its verbs."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from actors.models import Organization
from agreements.mechanisms.agenda_rules import ON_THE_AGENDA, approved_refusal
from agreements.mechanisms.attendance import Participant, State, participants
from agreements.mechanisms.deciding import decide
from agreements.mechanisms.decisions import Stance, Status, decision_refusal
from agreements.models import AgendaItem, Attendance, Consultation, Decision, Task
from agreements.portal.consultation_action import ConsultationAction, meeting_path
from agreements.portal.decision_forms import DecideForm, WordsForm, held
from agreements.portal.decisions_shown import decision_path, decisions_of, quorum_kept
from agreements.portal.regular_consultation import consultation_path, consultation_trail
from governance.access import actions, may, visible_to
from governance.lifecycle import Refusal
from governance.portal import history
from governance.portal.pages import ObjectPage
from governance.portal.verbs import ActionPage, VerbPage

_RELATED = (
    "agreement",
    "agenda_item",
    "consultation__series__host",
    "consultation__group",
    "consultation__host",
)


def _voices(consultation: Consultation) -> list[Participant]:
    return [one for one in participants(consultation) if one.counts]


class Decide(ConsultationAction):
    """Recording what was decided, with the tasks made from it."""

    label = _("Record decision")
    template_name = "portal/decide.html"
    form_class = DecideForm

    def role_refusal(self) -> Refusal | None:
        made = Decision(consultation=self.object, agreement=self.object.agreement)
        return may(self.request.user, "create", made)

    def state_refusal(self) -> Refusal | None:
        return decision_refusal(self.object)

    def initial(self) -> dict[str, Any]:
        held_on = self.object.held_on or self.object.day
        day = held_on if held_on is not None and held_on <= self.today else self.today
        return {"decided_on": day, "item": self._item_asked_for()}

    def _item_asked_for(self) -> AgendaItem | None:
        asked = self.request.GET.get("item", "")
        items = [one for one in self._items() if str(one.public_id) == asked] if asked else []
        return next(iter(items), None)

    def _items(self) -> Any:
        items = visible_to(self.request.user, AgendaItem).filter(consultation=self.object)
        return items.filter(status__in=ON_THE_AGENDA).order_by("number", "pk")

    def make_form(self, **given: Any) -> DecideForm:
        user, consultation = self.request.user, self.object
        tasks = visible_to(user, Task).open().filter(agreement=consultation.agreement_id)
        members = [one.organization.pk for one in participants(consultation)]
        sent = given.get("data") or given.get("initial") or {}
        rows = str(sent.get("rows") or "1")
        given.setdefault("initial", self.initial())
        return DecideForm(
            voices=_voices(consultation),
            items=self._items(),
            tasks=tasks.order_by("number"),
            leads=Organization.objects.filter(pk__in=members),
            rows=int(rows) if rows.isdecimal() else 1,
            **given,
        )

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """One button asks for room for another task: what was typed stays."""
        if "another" not in request.POST or self.role_refusal() is not None:
            return super().post(request, *args, **kwargs)
        typed: dict[str, Any] = dict(request.POST.items())
        rows = str(typed.get("rows") or "1")
        typed["rows"] = int(rows) + 1 if rows.isdecimal() else 2
        return self._page(self.make_form(initial=typed))

    @property
    def renamed(self) -> dict[str, str]:  # type: ignore[override]
        """The domain's names of the fields, as the form calls them."""
        return self.form.places()

    def perform(self, form: DecideForm) -> None:
        self.form = form
        said = form.cleaned_data
        self.made = decide(
            self.object,
            by=self.request.user,
            on=self.today,
            agenda_item=said["item"],
            decided_on=said["decided_on"],
            text=said["text"],
            text_zh=said["text_zh"],
            positions=self._positions(form),
            tasks=form.new_tasks(),
            task_effect=form.task_effect(),
        )

    def _positions(self, form: DecideForm) -> list[dict[str, Any]]:
        """What was said, and for who else was there what holds for everybody."""
        said = form.positions()
        if not form.cleaned_data["all_for"]:
            return said
        known = {one["organization"].pk for one in said}
        there = set(
            Attendance.objects.filter(
                consultation=self.object, state__in=(State.PRESENT, State.REPRESENTED)
            ).values_list("organization_id", flat=True)
        )
        others = [
            {"organization": one.organization, "stance": Stance.FOR, "note": ""}
            for one in form.voices
            if one.organization.pk in there - known
        ]
        return [*said, *others]

    def done(self) -> Any:
        return _("%(name)s is recorded, with what follows from it.") % {"name": self.made}

    def address(self) -> str:
        if self.object.status == "convened":
            return f"{meeting_path(self.object)}#decisions"
        return f"{consultation_path(self.object)}#decisions"


class DecisionPage(ObjectPage):
    """What was decided, by whom, and what became of it."""

    template_name = "portal/decision.html"
    section = "agreements"
    model = Decision
    related = _RELATED

    def trail(self) -> list[tuple[str, str]]:
        return decision_trail(self.request.user, self.object)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, decision = self.request.user, self.object
        shown = next(
            one for one in decisions_of(user, decision.consultation) if one.pk == decision.pk
        )
        listed = [one for one in actions(user, decision, self.today) if one["allowed"]]
        for action in listed:
            action["path"] = decision_path(decision, action["verb"])
        return super().get_context_data(
            decision=shown,
            consultation=decision.consultation,
            item=decision.agenda_item,
            positions=shown.positions.all(),
            task=shown.task
            if shown.task and visible_to(user, Task).filter(pk=shown.task.pk).exists()
            else None,
            quorum=quorum_kept(decision),
            steps=listed,
            may_edit=_edit_refusal(decision) is None and may(user, "change", decision) is None,
            history=history.entries(
                user, history.of_objects(user, decision).order_by("-sequence")[:20]
            ),
            **kwargs,
        )


def decision_trail(user: Any, decision: Decision) -> list[tuple[str, str]]:
    """The way up from a decision."""
    consultation = decision.consultation
    return [
        *consultation_trail(user, consultation),
        (consultation_path(consultation), str(consultation)),
    ]


def _edit_refusal(decision: Decision) -> Refusal | None:
    if decision.status == Status.REVOKED:
        return Refusal("revoked", _("This decision was revoked."))
    return approved_refusal(decision.consultation)


class EditDecision(ActionPage):
    """Putting a decision better, as long as the minutes are not approved."""

    section = "agreements"
    model = Decision
    related = _RELATED
    label = _("Change decision")
    template_name = "portal/decision_edit.html"
    form_class = WordsForm

    def role_refusal(self) -> Refusal | None:
        return may(self.request.user, "change", self.object)

    def state_refusal(self) -> Refusal | None:
        return _edit_refusal(self.object)

    def initial(self) -> dict[str, Any]:
        decision = self.object
        return {
            **super().initial(),
            "text": decision.text,
            "text_zh": decision.text_zh,
            "decided_on": decision.decided_on,
            **held(decision.positions.select_related("organization")),
        }

    def make_form(self, **given: Any) -> WordsForm:
        voices = _voices(self.object.consultation)
        return WordsForm(initial=self.initial(), voices=voices, **given)

    @property
    def renamed(self) -> dict[str, str]:  # type: ignore[override]
        """The domain's names of the fields, as the form calls them."""
        return self.form.places()

    def perform(self, form: WordsForm) -> None:
        self.form = form
        said = form.cleaned_data
        self.object.edit(
            by=self.request.user,
            version=said["version"],
            positions=form.positions(),
            **{name: said[name] for name in ("text", "text_zh", "decided_on")},
        )

    def done(self) -> Any:
        return _("%(name)s is changed.") % {"name": self.object}

    def address(self) -> str:
        return decision_path(self.object)

    def trail(self) -> list[tuple[str, str]]:
        return [*decision_trail(self.request.user, self.object), (self.address(), str(self.object))]


class DecisionVerb(VerbPage):
    """A verb of a decision."""

    section = "agreements"
    model = Decision
    related = _RELATED
    sentences = {"revoke": _("You revoked %(name)s. Its number stays, and so do its tasks.")}
    warnings = {"revoke": _("It no longer holds. Its tasks stay until somebody cancels them.")}

    def trail(self) -> list[tuple[str, str]]:
        return [*decision_trail(self.request.user, self.object), (self.address(), str(self.object))]

    def address(self) -> str:
        return decision_path(self.object)
