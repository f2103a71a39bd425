"""Tasks: the lists, the page of one task with its next step, and its verbs."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from agreements.extension_requests import asking_refusal
from agreements.models import (
    Agreement,
    DateChange,
    Decision,
    Document,
    EvidenceRequirement,
    ExtensionRequest,
    Phase,
    Task,
)
from agreements.portal.agreement import LIGHTS, AgreementPage, agreement_path
from agreements.portal.extension_requests_shown import Asked, requests_of
from agreements.portal.indicators import measured, reports_of
from agreements.portal.supervision_shown import (
    escalations_seen,
    follow_up_path,
    may_follow_up,
)
from agreements.portal.task_dependencies import standing
from agreements.progress import WHOLE, Light
from agreements.tasks import Status
from governance.access import actions, may, own_organizations, registers, visible_to
from governance.portal import history
from governance.portal.lists import Choice, ListPage
from governance.portal.pages import ObjectPage
from governance.portal.verbs import VerbPage
from governance.present_names import PresentNames
from governance.wording import in_the_readers

COLUMNS = (
    "public_id",
    "number",
    "title",
    "title_zh",
    "status",
    "light",
    "expected",
    "progress",
    "reported_share",
    "due_on",
    "illustrative",
    "article__number",
    "lead__name",
    "lead__name_zh",
    "lead__short_name",
    "lead__short_name_zh",
    "agreement__reference",
    "agreement__title",
    "agreement__title_zh",
)
# The most pressing light first; what rests (no light) last.
URGENCY = Case(
    *(When(light=light, then=Value(place)) for place, light in enumerate(LIGHTS)),
    default=Value(len(LIGHTS)),
    output_field=IntegerField(),
)


# What is done to a task on a page of its own, which is no verb of its life cycle.
_OWN_PAGES = {"report": "task_report", "ask-extension": "ask_extension"}


def task_path(task: Task, verb: str = "") -> str:
    """The address of a task's page, or of one of its verbs."""
    if not verb:
        return reverse("task", kwargs={"id": task.public_id})
    if verb in _OWN_PAGES:
        return reverse(_OWN_PAGES[verb], kwargs={"id": task.public_id})
    return reverse("task_verb", kwargs={"id": task.public_id, "verb": verb.replace("_", "-")})


class TaskRows(ListPage):
    """What the lists of tasks have in common."""

    page_size = 50
    search_fields = ("title", "title_zh", "description", "description_zh")
    orderings = {
        "due": ("due_on", "number"),
        "number": ("agreement", "number"),
        "light": ("urgency", "due_on"),
        "progress": ("progress", "due_on"),
        "title": ("title", "title_zh"),
        "lead": ("lead__name", "lead__name_zh", "due_on"),
    }

    def choices(self) -> list[Choice]:
        return [
            Choice(
                "light",
                pgettext_lazy("traffic light", "Light"),
                [(light, Light(light).label) for light in LIGHTS],
                "light",
            ),
            Choice("status", _("Status"), Status.choices, "status"),
            Choice("lead", _("Lead organization"), self._leads(), "lead__public_id"),
        ]

    def _leads(self) -> list[tuple[str, str]]:
        leads = {
            str(task.lead.public_id): task.lead.label
            for task in self.rows().filter(lead__isnull=False).select_related("lead").only("lead")
        }
        return sorted(leads.items(), key=lambda lead: lead[1])

    def values(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.values(*COLUMNS)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        page = context["page"]
        page.object_list = self.shown(page.object_list)
        return context

    def shown(self, rows: Any) -> list[Any]:
        """The rows of a page, with what their cells say."""
        return [shown(row, self.today) for row in rows]


def shown(row: dict[str, Any], today: date) -> dict[str, Any]:
    """A row of a list of tasks, with what its cells say."""
    is_open = row["status"] not in {Status.COMPLETED, Status.CANCELLED}
    reported = row["progress"] > 0 or row["reported_share"] is not None
    return {
        **row,
        "status_name": Status(row["status"]).label,
        "reported": row["progress"] if reported else None,
        "is_late": is_open and row["due_on"] is not None and row["due_on"] < today,
        "is_open": is_open,
    }


class TaskList(TaskRows):
    """All tasks that exist for the reader; those of their own organization on request."""

    template_name = "portal/task_list.html"
    section = "my_work"

    def rows(self) -> QuerySet[Any]:
        rows = visible_to(self.request.user, Task).with_light(self.today)
        if self.request.GET.get("mine"):
            rows = rows.of(own_organizations(self.request.user))
        return rows.annotate(urgency=URGENCY)


class AgreementTasks(AgreementPage, TaskRows):
    """The tasks of an agreement."""

    template_name = "portal/agreement_tasks.html"
    tab = "tasks"

    def rows(self) -> QuerySet[Any]:
        return self.of(Task).with_light(self.today).annotate(urgency=URGENCY)

    def choices(self) -> list[Choice]:
        phases = [(str(phase.public_id), str(phase)) for phase in self.of(Phase)]
        chosen = super().choices()
        if phases:
            chosen.append(Choice("phase", _("Phase"), phases, "phase__public_id"))
        return chosen


@dataclass(frozen=True, slots=True)
class Step:
    """The one thing to do next: a verb, what it is called, and why now."""

    verb: str
    label: Any
    sentence: Any


REPORT = _("Report progress")


def next_step(user: Any, task: Task, on: date) -> Step | None:
    """What is asked of the reader for this task; None when nothing is."""
    for step in _steps(task):
        if step.verb == "report":
            refusal = may(user, "report", task) or task.report_refusal()
        else:
            refusal = may(user, step.verb, task) or task.refusal(step.verb, on)
        if refusal is None and not (registers(user) and step.verb in _OF_THE_LEAD):
            return step
    return None


_OF_THE_LEAD = frozenset({"accept", "start", "report", "submit"})


def _steps(task: Task) -> list[Step]:
    submit = Step(
        "submit",
        _("Submit for verification"),
        _("everything is reported as reached: submit it for verification."),
    )
    report = Step("report", REPORT, _("report how far it is, with numbers and evidence."))
    if task.status == Status.RETURNED:
        report = Step("report", REPORT, _("it was returned: report what was still missing."))
    return [
        Step("assign", _("Assign task"), _("assign it to its lead organization.")),
        Step("accept", _("Accept task"), _("read it, and accept it for your organization.")),
        Step("verify", _("Verify completion"), _("look at the reports and verify, or return it.")),
        *([submit] if task.progress == WHOLE else []),
        report,
    ]


def other_steps(user: Any, task: Task, on: date, first: Step | None) -> list[dict[str, Any]]:
    """Every other verb, possible or with its reason; none for whoever can do nothing here."""
    report = may(user, "report", task) or task.report_refusal()
    asking = may(user, "create", ExtensionRequest(task=task)) or asking_refusal(task)
    listed = [
        _told("report", REPORT, report),
        _told("ask-extension", _("Ask for more time"), asking),
        *actions(user, task, on),
    ]
    concerned = any(action["allowed"] for action in listed) or (
        may(user, "report", task) is None and not registers(user)
    )
    if not concerned:
        return []
    rest = [action for action in listed if first is None or action["verb"] != first.verb]
    for action in rest:
        action["path"] = task_path(task, action["verb"])
        action["at_once"] = action["verb"] in _AT_ONCE
    return sorted(rest, key=lambda action: (not action["allowed"], action["danger"]))


def _told(verb: str, label: Any, refusal: Any) -> dict[str, Any]:
    """What is done on a page of its own, told as the verbs of a life cycle are."""
    return {
        "verb": verb,
        "label": label,
        "allowed": refusal is None,
        "reason": str(refusal.sentence) if refusal else None,
        "danger": False,
    }


# These need neither a reason nor a look at what follows.
_AT_ONCE = frozenset({"accept", "start", "resume"})


class TaskPage(ObjectPage):
    """What, why, by when, how much of how much, evidence, what was said, and the next step."""

    template_name = "portal/task.html"
    section = "agreements"
    model = Task
    related = ("agreement", "article", "decision", "group", "phase", "lead", "responsible")

    def trail(self) -> list[tuple[str, str]]:
        return task_trail(self.request.user, self.object)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, task, today = self.request.user, self.object, self.today
        extensions = requests_of(user, task, today)
        step = _answer(extensions) or next_step(user, task, today)
        indicators = measured(user, task)
        events = history.of_objects(user, task).order_by("-sequence")
        return super().get_context_data(
            task=task,
            light=task.light(today),
            expected=task.expected(today),
            standing=standing(user, task, today, self.request.GET.get("slip", "")),
            is_open=task.status not in {Status.COMPLETED, Status.CANCELLED},
            is_late=task.status not in {Status.COMPLETED, Status.CANCELLED}
            and task.due_on is not None
            and task.due_on < today,
            step=step,
            step_path=_step_path(task, step),
            step_at_once=step is not None and step.verb in _AT_ONCE,
            steps=other_steps(user, task, today, step),
            waits_for=waits_for(user, task, extensions),
            indicators=indicators,
            has_progress=task.progress > 0 or task.reported_share is not None,
            reports=reports_of(user, task),
            extensions=extensions,
            checklist=checklist_of(user, task),
            evidence=visible_to(user, Document)
            .filter(task=task, reports__isnull=True)
            .select_related("filed_by"),
            cooperating=task.cooperating.all(),
            moves=visible_to(user, DateChange).filter(task=task).order_by("-pk"),
            agreement_path=_seen_path(user, task.agreement),
            decision=_seen_decision(user, task),
            escalations=escalations_seen(user).filter(task=task),
            follow_up_path=follow_up_path(task) if may_follow_up(user, task) else "",
            returned=_last_return(events) if task.status == Status.RETURNED else {},
            history=history.entries(user, events[:20]),
            **kwargs,
        )


def checklist_of(user: Any, task: Task) -> list[tuple[EvidenceRequirement, int]]:
    """The evidence that is wanted as far as the user sees it, each line with how many are filed."""
    wanted = list(visible_to(user, EvidenceRequirement).filter(task=task))
    if not wanted:
        return []
    filed = Counter(visible_to(user, Document).filter(task=task).values_list("kind", flat=True))
    return [(one, filed[one.kind]) for one in wanted]


def _answer(extensions: list[Asked]) -> Step | None:
    """To answer is what is asked of whoever may grant more time; None for everybody else."""
    if not any(step["verb"] == "grant" for one in extensions for step in one.steps):
        return None
    return Step(
        "answer",
        _("Answer the request"),
        _("more time is asked for: read the reasons, and answer."),
    )


def _step_path(task: Task, step: Step | None) -> str:
    if step is None:
        return ""
    return "#extensions" if step.verb == "answer" else task_path(task, step.verb)


def _seen_path(user: Any, agreement: Agreement) -> str:
    """The agreement's address; empty for a guest who sees the task alone."""
    seen = visible_to(user, Agreement).filter(pk=agreement.pk).exists()
    return agreement_path(agreement) if seen else ""


def _seen_decision(user: Any, task: Task) -> Decision | None:
    """The decision it was made from; None for a guest who sees the task alone."""
    decision = task.decision
    if decision is None or not visible_to(user, Decision).filter(pk=decision.pk).exists():
        return None
    return decision


def task_trail(user: Any, task: Task) -> list[tuple[str, str]]:
    """The way up from a task, as far as the reader may go."""
    if not _seen_path(user, task.agreement):
        return [(reverse("my_work"), str(_("My work")))]
    return [
        (reverse("agreement_list"), str(_("Agreements"))),
        (agreement_path(task.agreement), task.agreement.reference),
        (agreement_path(task.agreement, "tasks"), str(_("Tasks"))),
    ]


def _last_return(events: QuerySet[Any]) -> dict[str, Any]:
    """By whom, when and why the task was returned last."""
    event = events.filter(verb="return").first()
    if event is None:
        return {}
    who = PresentNames([event]).of_actor(event)
    return {"who": who, "at": event.recorded_at, "reason": in_the_readers(event.reason)}


def waits_for(user: Any, task: Task, extensions: list[Asked]) -> Any:
    """Whose move it is, when it is not the reader's; empty when there is nothing to say."""
    if task.status == Status.SUBMITTED and may(user, "verify", task) is not None:
        return _("Submitted: it waits for verification. %(who)s verifies tasks here.") % {
            "who": task.agreement.get_verification_display()
        }
    if task.status == Status.PLANNED and not registers(user):
        return _("Planned: the secretariat has not assigned it yet.")
    if task.status == Status.ASSIGNED and task.lead and may(user, "accept", task) is not None:
        return _("Assigned: it waits for %(lead)s to accept it.") % {"lead": task.lead.label}
    if any(one.request.waits for one in extensions):
        return _("More time was asked for: it waits for an answer.")
    return ""


class TaskVerb(VerbPage):
    """A verb of a task."""

    section = "agreements"
    model = Task
    related = ("agreement", "lead")
    template_name = "portal/task_verb.html"
    sentences = {
        "assign": _(
            "You assigned the task “%(name)s”. Its lead organization is asked to accept it."
        ),
        "accept": _("You accepted the task “%(name)s”. Report its progress here as it goes on."),
        "start": _("You started the task “%(name)s”. Report its progress here as it goes on."),
        "submit": _("You submitted the task “%(name)s”. It now waits for verification."),
        "verify": _("You verified the task “%(name)s”: it is completed."),
        "return": _("You returned the task “%(name)s”. Its lead organization reads your reason."),
        "suspend": _("You suspended the task “%(name)s”. It rests until somebody resumes it."),
        "resume": _("You resumed the task “%(name)s”. It goes on where it was suspended."),
        "cancel": _("You cancelled the task “%(name)s”. It stays in the history."),
    }
    warnings = {
        "accept": _("Your organization takes the task on, and reports on it here from now on."),
        "submit": _(
            "After this, nothing more can be reported until the task is verified or returned."
        ),
        "verify": _("The task counts as completed from then on. This cannot be taken back here."),
        "cancel": _("The task will not be done. A cancelled task cannot be taken up again."),
    }

    def trail(self) -> list[tuple[str, str]]:
        return [*task_trail(self.request.user, self.object), (self.address(), str(self.object))]

    def address(self) -> str:
        return task_path(self.object)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            task=self.object, indicators=measured(self.request.user, self.object), **kwargs
        )
