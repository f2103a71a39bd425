"""Supervision: the ladder of an agreement, what waits for an answer, and asking by hand."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from agreements.models import Escalation, Notice, SupervisionStep, Task
from agreements.portal.agreement import AgreementPage
from agreements.portal.supervision_shown import escalations_seen
from agreements.portal.tasks import task_path, task_trail
from agreements.supervising import SUPERVISED, follow_up_refusal, send_follow_up
from agreements.supervision import Action, ladder
from governance.access import may, oversees, own_organizations, visible_to
from governance.lifecycle import Refusal
from governance.portal.forms import DayField, VersionedForm
from governance.portal.verbs import ActionPage

# So many of the steps taken last are shown; the back office has them all.
LATELY = 30


class AgreementSupervision(AgreementPage):
    """What is done when a task falls due, what was done, and what still waits for an answer."""

    template_name = "portal/agreement_supervision.html"
    tab = "supervision"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = escalations_seen(self.request.user).filter(task__agreement=self.object)
        waiting = list(rows.unanswered().filter(task__in=self.of(Task).open()))
        others = rows.exclude(pk__in=[one.pk for one in waiting])
        for one in waiting:
            one.light = one.task.light(self.today)
            one.is_late = one.answer_by is not None and one.answer_by < self.today
        steps = list(self.of(SupervisionStep))
        return super().get_context_data(
            waiting=waiting,
            lately=list(others[:LATELY]),
            rungs=[(rung.when, Action(rung.action).label) for rung in ladder(steps)],
            is_own=bool(steps),
            is_supervised=self.object.status in SUPERVISED,
            unconfirmed=self._unconfirmed(),
            **kwargs,
        )

    def _unconfirmed(self) -> list[Any]:
        """Notices whose receipt nobody has confirmed for a week, of steps not answered yet."""
        user: Any = self.request.user
        steps = visible_to(user, Escalation).unanswered().filter(task__in=self.of(Task).open())
        rows = visible_to(user, Notice).filter(agreement=self.object, escalations__in=steps)
        chased = list(
            rows.to_chase(self.today)
            .distinct()
            .select_related("person", "organization")
            .order_by("told_on", "pk")
        )
        own = own_organizations(user)
        for notice in chased:
            mine = notice.is_addressed_to(user.person_id, own) or not oversees(user)
            notice.confirms = mine and may(user, "acknowledge", notice) is None
        return chased


class FollowUpForm(VersionedForm):
    """What is asked, and by when an answer is expected."""

    text = forms.CharField(
        label=_("What is asked"), max_length=5000, widget=forms.Textarea(attrs={"rows": 5})
    )
    answer_by = DayField(label=_("Answer expected by"))


class FollowUp(ActionPage):
    """Sending a follow-up notice about a task to its lead organization."""

    section = "agreements"
    model = Task
    related = ("agreement", "lead")
    label = _("Send a follow-up notice")
    form_class = FollowUpForm

    def role_refusal(self) -> Refusal | None:
        asked = Escalation(task=self.object, action=Action.FOLLOW_UP)
        return may(self.request.user, "create", asked)

    def state_refusal(self) -> Refusal | None:
        return follow_up_refusal(self.object)

    def version_read(self) -> int | None:
        return None

    def perform(self, form: FollowUpForm) -> None:
        send_follow_up(
            self.object,
            by=self.request.user,
            on=self.today,
            text=form.cleaned_data["text"],
            answer_by=form.cleaned_data["answer_by"],
        )

    def consequences(self) -> Any:
        if self.object.lead is None:
            return ""
        return _(
            "It goes to the liaison officer in post for %(lead)s today, who is asked to confirm "
            "its receipt. All parties can read it."
        ) % {"lead": self.object.lead.label}

    def done(self) -> Any:
        return _("The follow-up notice is sent. It waits for an answer by the day you set.")

    def address(self) -> str:
        return f"{task_path(self.object)}#supervision"

    def trail(self) -> list[tuple[str, str]]:
        up = task_trail(self.request.user, self.object)
        return [*up, (task_path(self.object), str(self.object))]
