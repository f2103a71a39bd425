"""The agenda in the portal: proposing, answering proposals, the order, the notes of the meeting."""

from typing import Any

from django import forms
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from actors.models import Organization
from agreements.mechanisms.agenda_rules import OPEN, Status, proposal_refusal
from agreements.mechanisms.regular_consultation import Status as ConsultationStatus
from agreements.models import AgendaItem, Consultation, Party, Task
from agreements.portal.agenda_shown import AT_THE_MEETING, item_path
from agreements.portal.consultation_action import ConsultationAction, meeting_path
from agreements.portal.regular_consultation import consultation_path, consultation_trail
from governance.access import hosts, may, registers, speaks_for, visible_to
from governance.lifecycle import Refusal
from governance.portal.forms import VersionedForm
from governance.portal.verbs import ActionPage, VerbPage

_RELATED = ("agreement", "consultation__series__host", "consultation__group", "consultation__host")


class ProposalForm(VersionedForm):
    """What is to be discussed, and why."""

    title = forms.CharField(label=_("Title"), required=False, max_length=300)
    title_zh = forms.CharField(
        label=_("Chinese title"),
        required=False,
        max_length=300,
        help_text=_("One of the two is enough."),
    )
    explanation = forms.CharField(
        label=_("Why, and what is to be decided"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    explanation_zh = forms.CharField(
        label=_("The same in Chinese"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    task: Any = forms.ModelChoiceField(
        label=_("Task"),
        queryset=None,
        required=False,
        empty_label=_("None"),
        help_text=_("When it is about a task: a decision can then change that task at once."),
    )

    def __init__(self, *args: Any, tasks: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["task"]
        chosen.queryset = tasks
        chosen.label_from_instance = _numbered


def _numbered(task: Task) -> str:
    return f"{task.number} · {task}"


class NewProposalForm(ProposalForm):
    """With who proposes, where there is a choice."""

    proposed_by = forms.ChoiceField(label=_("Proposed by"))
    accept = forms.BooleanField(
        label=_("Put it on the agenda at once"), required=False, initial=True
    )

    def __init__(
        self, *args: Any, proposers: list[tuple[str, str]], settles: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        chosen: Any = self.fields["proposed_by"]
        chosen.choices = proposers
        if len(proposers) == 1:
            chosen.widget = forms.HiddenInput()
            chosen.initial = proposers[0][0]
        if not settles:
            del self.fields["accept"]


class Propose(ConsultationAction):
    """Proposing an item for the agenda of a consultation still to come."""

    anchor = "agenda"
    label = _("Propose an agenda item")
    form_class = NewProposalForm
    template_name = "portal/agenda_propose.html"

    def check(self) -> None:
        super().check()
        user = self.request.user
        self.settles = registers(user) or hosts(user, self.object)
        if self.settles:
            self.label = _("Add an agenda item")
        if registers(user):
            parties = visible_to(user, Party).filter(agreement=self.object.agreement_id)
            current = parties.current(self.object.meeting_day).select_related("organization")
            self.own = [party.organization for party in current.order_by("position", "pk")]
        else:
            self.own = [one.organization for one in speaks_for(user, self.object)]

    def _proposal(self, organization: Organization | None) -> AgendaItem:
        return AgendaItem(
            consultation=self.object,
            agreement=self.object.agreement,
            proposed_by=organization,
        )

    def role_refusal(self) -> Refusal | None:
        whose = None if registers(self.request.user) else next(iter(self.own), None)
        return may(self.request.user, "create", self._proposal(whose))

    def state_refusal(self) -> Refusal | None:
        whose = None if self.settles else next(iter(self.own), None)
        return proposal_refusal(self.object, whose, self.today, bound=not self.settles)

    def initial(self) -> dict[str, Any]:
        given = visible_to(self.request.user, Task).filter(agreement=self.object.agreement_id)
        asked = self.request.GET.get("task", "")
        task = next((one for one in given if str(one.public_id) == asked), None) if asked else None
        return {"task": task, "title": task.title, "title_zh": task.title_zh} if task else {}

    def make_form(self, **given: Any) -> NewProposalForm:
        user = self.request.user
        proposers = [(str(one.public_id), one.label) for one in self.own]
        if registers(user):
            proposers.insert(0, ("secretariat", str(_("The secretariat"))))
        return NewProposalForm(
            initial=self.initial(),
            tasks=_open_tasks(user, self.object),
            proposers=proposers,
            settles=self.settles,
            **given,
        )

    def perform(self, form: NewProposalForm) -> None:
        user, said = self.request.user, dict(form.cleaned_data)
        said.pop("version")
        at_once, whose = said.pop("accept", False), said.pop("proposed_by")
        organization = next((one for one in self.own if str(one.public_id) == whose), None)
        self.made = AgendaItem.propose(
            self.object,
            by=user,
            on=self.today,
            bound=not self.settles,
            proposed_by=organization,
            **said,
        )
        if at_once:
            self.made.accept(by=user, on=self.today)

    def done(self) -> Any:
        if self.made.status == Status.ACCEPTED:
            return _("“%(name)s” is on the agenda.") % {"name": self.made}
        return _(
            "You proposed “%(name)s”. The host now takes it onto the agenda or declines it."
        ) % {"name": self.made}


def _open_tasks(user: Any, consultation: Consultation) -> Any:
    return (
        visible_to(user, Task).open().filter(agreement=consultation.agreement_id).order_by("number")
    )


# an item


class ItemAction(ActionPage):
    """Something done to an item of an agenda."""

    section = "agreements"
    model = AgendaItem
    related = _RELATED

    def trail(self) -> list[tuple[str, str]]:
        return item_trail(self.request.user, self.object)

    def address(self) -> str:
        return item_home(self.object)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(consultation=self.object.consultation, **kwargs)


def item_trail(user: Any, item: AgendaItem) -> list[tuple[str, str]]:
    """The way up from an item."""
    if item.consultation is None:
        return []
    return [
        *consultation_trail(user, item.consultation),
        (consultation_path(item.consultation), str(item.consultation)),
    ]


def item_home(item: AgendaItem) -> str:
    """Where one goes on after something was done to an item."""
    if item.consultation is not None:
        return f"{consultation_path(item.consultation)}#agenda"
    return reverse("agreement_consultations", kwargs={"id": item.agreement.public_id})


class EditItem(ItemAction):
    """Putting a proposal better."""

    label = _("Change agenda item")
    form_class = ProposalForm
    template_name = "portal/agenda_propose.html"

    def role_refusal(self) -> Refusal | None:
        return may(self.request.user, "change", self.object)

    def state_refusal(self) -> Refusal | None:
        if self.object.status in OPEN:
            return None
        return Refusal("settled", _("This item is settled: it is kept as it is."))

    def initial(self) -> dict[str, Any]:
        names = ("title", "title_zh", "explanation", "explanation_zh", "task")
        return {**super().initial(), **{name: getattr(self.object, name) for name in names}}

    def make_form(self, **given: Any) -> ProposalForm:
        tasks = visible_to(self.request.user, Task).filter(agreement=self.object.agreement_id)
        return ProposalForm(initial=self.initial(), tasks=tasks.order_by("number"), **given)

    def perform(self, form: ProposalForm) -> None:
        self.object.edit(by=self.request.user, **form.cleaned_data)

    def done(self) -> Any:
        return _("“%(name)s” is changed.") % {"name": self.object}


class PlaceForm(VersionedForm):
    """The place on the agenda, 1 being the first."""

    to = forms.IntegerField(
        label=_("Place on the agenda"),
        min_value=1,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "size": "4"}),
    )


class MoveItem(ItemAction):
    """Another place on the agenda; the others close up."""

    renamed = {"number": "to"}

    label = _("Move agenda item")
    form_class = PlaceForm

    def role_refusal(self) -> Refusal | None:
        return may(self.request.user, "move", self.object)

    def state_refusal(self) -> Refusal | None:
        refusal: Refusal | None = self.object.move_refusal()
        return refusal

    def initial(self) -> dict[str, Any]:
        return {**super().initial(), "to": self.object.number}

    def perform(self, form: PlaceForm) -> None:
        said = form.cleaned_data
        self.object.move(
            by=self.request.user, on=self.today, number=said["to"], version=said["version"]
        )

    def done(self) -> Any:
        return _("“%(name)s” is now item %(number)s.") % {
            "name": self.object,
            "number": self.object.number,
        }


class ItemVerb(VerbPage):
    """A verb of an item: answering a proposal, and what became of it at the meeting."""

    section = "agreements"
    model = AgendaItem
    related = _RELATED
    sentences = {
        "accept": _("“%(name)s” is on the agenda."),
        "decline": _("You declined “%(name)s”. Who proposed it reads your reason."),
        "withdraw": _("You withdrew “%(name)s”. It stays in the history."),
        "discuss": _("“%(name)s” is recorded as discussed."),
        "defer": _("“%(name)s” is deferred: it is proposed anew for the next consultation."),
    }
    warnings = {
        "decline": _("It is not put on the agenda. Your reason stands beside it."),
        "defer": _("It goes to the next consultation, with where it was raised first."),
    }

    def trail(self) -> list[tuple[str, str]]:
        return item_trail(self.request.user, self.object)

    def address(self) -> str:
        item = self.object
        if self.transition.verb in AT_THE_MEETING and item.consultation is not None:
            running = item.consultation.status == ConsultationStatus.CONVENED
            if running and may(self.request.user, "discuss", item) is None:
                return f"{meeting_path(item.consultation)}#item-{item.public_id}"
        return item_home(item)


class NoteForm(VersionedForm):
    """What was said of an item, for the minutes."""

    minutes_note = forms.CharField(
        label=_("Note for the minutes"),
        required=False,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class NoteItem(ItemAction):
    """Taking notes of an item at the meeting, and what is done with it next.

    The button says what: keep the note, record the item as discussed, or go on to a decision or a
    deferral, with the note kept.
    """

    label = _("Note for the minutes")
    form_class = NoteForm

    def role_refusal(self) -> Refusal | None:
        return may(self.request.user, "discuss", self.object)

    def state_refusal(self) -> Refusal | None:
        if self.object.status in {Status.ACCEPTED, Status.DISCUSSED}:
            return None
        return Refusal("not_on_agenda", _("It is not on the agenda."))

    def initial(self) -> dict[str, Any]:
        return {**super().initial(), "minutes_note": self.object.minutes_note}

    def perform(self, form: NoteForm) -> None:
        user = self.request.user
        if self.request.POST.get("do") == "discuss":
            self.object.discuss(by=user, on=self.today, **form.cleaned_data)
        else:
            self.object.edit(by=user, **form.cleaned_data)

    def go_on(self) -> HttpResponse:
        wanted = self.request.POST.get("do", "")
        if wanted == "decide":
            page = reverse("decide", kwargs={"id": self.object.consultation.public_id})
            return HttpResponseRedirect(f"{page}?item={self.object.public_id}")
        if wanted == "defer":
            return HttpResponseRedirect(item_path(self.object, "defer"))
        return super().go_on()

    def done(self) -> Any:
        if self.object.status == Status.DISCUSSED:
            return _("“%(name)s” is recorded as discussed.") % {"name": self.object}
        return _("Your note on “%(name)s” is kept.") % {"name": self.object}

    def address(self) -> str:
        return f"{meeting_path(self.object.consultation)}#item-{self.object.public_id}"
