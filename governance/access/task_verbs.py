"""What partners may do with tasks and with what is reported on them."""

from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from actors.models import Organization
from agreements.agreement import Verification
from agreements.models import ExtensionRequest, Measurement, ProgressReport, Task
from governance import clock
from governance.access.reader import acts_for, is_convenor, own_organizations
from governance.access.visible import left_on
from governance.lifecycle import Refusal


def task_verb(user: Any, verb: str, task: Any) -> Refusal | None:
    """The lead carries it out, all its organizations report, and whoever verifies judges."""
    if verb in {"accept", "start", "submit"}:
        if acts_for(user, task.lead_id) and left_on(user, task.agreement_id) is None:
            return None
        return Refusal("lead_only", _("Only the lead organization does this."))
    if verb == "report":
        if works_on(user, task):
            return None
        return Refusal("not_on_task", _("Only the organizations of this task report on it."))
    if verb in {"verify", "return"}:
        return _may_judge(user, verb, task, task)
    return Refusal("secretariat_only", _("Only the secretariat does this."))


def works_on(user: Any, task: Task) -> bool:
    """Whether the user acts for the task's lead or for one of its cooperating organizations.

    Whoever has left the agreement works on none of its tasks.
    """
    if left_on(user, task.agreement_id) is not None:
        return False
    own = own_organizations(user)
    return acts_for(user, task.lead_id) or task.cooperating.filter(pk__in=own).exists()


def of_ones_own(user: Any, verb: str, obj: Any) -> Refusal | None:
    """Nobody judges what their own organization leads or asks for, officers neither."""
    if verb in {"verify", "return"} and isinstance(obj, Task) and acts_for(user, obj.lead_id):
        return Refusal("own_task", _("Nobody verifies the task of their own organization."))
    if verb in {"grant", "refuse"} and isinstance(obj, ExtensionRequest):
        own = acts_for(user, obj.asked_by_id) or acts_for(user, obj.task.lead_id)
        if own:
            return Refusal(
                "own_request", _("Nobody answers the request of their own organization.")
            )
    return None


# Who judges under an agreement: the words for the secretariat and for the convenor.
_JUDGES: dict[type[Model], tuple[Any, Any]] = {
    Task: (
        _("Under this agreement the secretariat verifies."),
        _("Under this agreement the convenor of the day verifies."),
    ),
    ExtensionRequest: (
        _("Under this agreement the secretariat answers."),
        _("Under this agreement the convenor of the day answers."),
    ),
}


def _may_judge(user: Any, verb: str, obj: Any, task: Task) -> Refusal | None:
    """Tasks are verified, and requests for more time answered, by whom the agreement says."""
    by_secretariat, by_convenor = _JUDGES[type(obj)]
    if task.agreement.verification != Verification.CONVENOR:
        return Refusal("secretariat_only", by_secretariat)
    own = of_ones_own(user, verb, obj)
    if own is not None or is_convenor(user, task.agreement, clock.today()):
        return own
    return Refusal("convenor_only", by_convenor)


def asks_for(user: Any, task: Task) -> Organization | None:
    """For which organization of the task the user would ask for more time: the lead before others.

    None: for none.
    """
    own = own_organizations(user)
    if left_on(user, task.agreement_id) is not None:
        return None
    if task.lead_id in own:
        return task.lead
    return task.cooperating.filter(pk__in=own).order_by("pk").first()


def extension_verb(user: Any, verb: str, asked: Any) -> Refusal | None:
    """The task's organizations ask, and withdraw what they asked; whoever verifies answers."""
    if isinstance(asked, type):
        if verb == "create":
            return None
        return Refusal("secretariat_only", _("Only the secretariat does this."))
    if verb == "create":
        own = asked.asked_by_id is None or acts_for(user, asked.asked_by_id)
        if own and works_on(user, asked.task):
            return None
        return Refusal("not_on_task", _("Only the organizations of this task ask for more time."))
    if verb == "withdraw":
        if acts_for(user, asked.asked_by_id) and works_on(user, asked.task):
            return None
        return Refusal("asker_only", _("Only who asked withdraws the request."))
    if verb in {"grant", "refuse"}:
        return _may_judge(user, verb, asked, asked.task)
    return Refusal("secretariat_only", _("Only the secretariat does this."))


def task_part_verb(user: Any, verb: str, part: Any) -> Refusal | None:
    """Reports, measurements and evidence: filed by the task's organizations, changed by nobody."""
    if verb == "create":
        if isinstance(part, type):
            return None
        task = part.indicator.task if isinstance(part, Measurement) else part.task
        if task is None or not works_on(user, task):
            return Refusal("not_on_task", _("Only the organizations of this task report on it."))
        # A report asks the task itself.
        return None if isinstance(part, ProgressReport) else task.report_refusal()
    return Refusal("secretariat_only", _("Only the secretariat does this."))


def escalation_verb(user: Any, verb: str, escalation: Any) -> Refusal | None:
    """A follow-up notice is sent by the convenor of the day too; the ladder climbs by itself."""
    if verb == "create" and (
        isinstance(escalation, type) or is_convenor(user, escalation.task.agreement, clock.today())
    ):
        return None
    return Refusal("convenor_only", _("Only the secretariat and the convenor of the day do this."))
