"""Decisions as they are shown: one with all that follows from it, those of an agreement."""

from typing import Any

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from agreements.mechanisms.decisions import Effect, Standing
from agreements.models import Consultation, Decision, Task
from agreements.portal.agreement import AgreementPage
from governance.access import visible_to
from governance.portal.lists import Choice, ListPage
from governance.wording import day_text, in_a_row, labelled

# In which tone a standing is shown.
_TONES = {
    Standing.NO_TASK: "",
    Standing.OPEN: "warn",
    Standing.CARRIED_OUT: "good",
    Standing.REVOKED: "quiet",
}


def decision_path(decision: Decision, verb: str = "") -> str:
    """The address of a decision's page, or of one of its verbs."""
    if verb:
        return reverse("decision_verb", kwargs={"id": decision.public_id, "verb": verb})
    return reverse("decision", kwargs={"id": decision.public_id})


def decisions_of(user: Any, consultation: Consultation) -> list[Any]:
    """Those of one consultation, each with its tasks as far as the reader may see them."""
    found = visible_to(user, Decision).of(consultation).prefetch_related(None)
    return told(found.prefetch_related("positions__organization", _tasks_seen(user)))


def _tasks_seen(user: Any) -> Any:
    seen = visible_to(user, Task).select_related("lead", "agreement").order_by("number")
    return Prefetch("tasks", queryset=seen, to_attr="tasks_seen")


def told(decisions: Any) -> list[Any]:
    """The decisions, each with the words for how far it went and what it did to a task."""
    found = list(decisions)
    for one in found:
        one.how_far_name = Standing(one.standing).label
        one.how_far_tone = _TONES[Standing(one.standing)]
        one.effect_words = effect_words(one)
    return found


def effect_words(decision: Decision) -> Any:
    """What it did to a task that was there; empty where it did nothing to one."""
    match decision.effect:
        case Effect.RESCHEDULE if decision.task_due_on is not None:
            return _("New due date: %(day)s") % {"day": day_text(decision.task_due_on)}
        case Effect.ASSIGN if decision.task_lead is not None:
            return _("New lead organization: %(lead)s") % {"lead": decision.task_lead.label}
        case Effect.SUSPEND:
            return _("The task is suspended.")
        case Effect.RESUME:
            return _("The task goes on.")
        case Effect.CANCEL:
            return _("The task is cancelled.")
    return ""


def quorum_kept(decision: Decision) -> str:
    """By how many of how many it was taken; empty where that is not kept."""
    kept = decision.quorum
    if not kept:
        return ""
    there = ngettext(
        "%(present)s of %(of)s was there or represented.",
        "%(present)s of %(of)s were there or represented.",
        kept["present"],
    ) % {"present": kept["present"], "of": kept["of"]}
    if kept["required"] is None:
        return in_a_row([there, _("No quorum is stated.")])
    return in_a_row([there, _("Quorum: %(required)s.") % {"required": kept["required"]}])


class AgreementDecisions(AgreementPage, ListPage):
    """What the consultations of an agreement decided, and how far it has been carried out."""

    template_name = "portal/agreement_decisions.html"
    tab = "decisions"
    search_fields = ("text", "text_zh")
    orderings = {
        "-number": ("-year", "-number"),
        "number": ("year", "number"),
        "decided_on": ("decided_on", "year", "number"),
        "standing": ("standing", "-year", "-number"),
    }

    def rows(self) -> Any:
        return self.of(Decision).with_standing()

    def choices(self) -> list[Choice]:
        return [Choice("standing", _("How far"), Standing.choices, "standing")]

    def values(self, rows: Any) -> Any:
        return rows.select_related("consultation__series", "task", "task_lead").prefetch_related(
            _tasks_seen(self.request.user)
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        page = context["page"]
        page.object_list = told(page.object_list)
        return context


def position_words(decision: Any) -> list[str]:
    """What each party held, as one reads it out."""
    return [
        labelled(held.organization.label, held.get_stance_display())
        for held in decision.positions.all()
    ]
