"""What partners may do with tasks and with what is reported on them."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from agreements.agreement import Verification
from agreements.models import Measurement, ProgressReport, Task
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
        return _may_verify(user, task)
    return Refusal("secretariat_only", _("Only the secretariat does this."))


def works_on(user: Any, task: Task) -> bool:
    """Whether the user acts for the task's lead or for one of its cooperating organizations.

    Whoever has left the agreement works on none of its tasks.
    """
    if left_on(user, task.agreement_id) is not None:
        return False
    own = own_organizations(user)
    return acts_for(user, task.lead_id) or task.cooperating.filter(pk__in=own).exists()


def _may_verify(user: Any, task: Task) -> Refusal | None:
    if task.agreement.verification != Verification.CONVENOR:
        return Refusal("secretariat_only", _("Under this agreement the secretariat verifies."))
    if acts_for(user, task.lead_id):
        return Refusal("own_task", _("Nobody verifies the task of their own organization."))
    if is_convenor(user, task.agreement, clock.today()):
        return None
    return Refusal("convenor_only", _("Under this agreement the convenor of the day verifies."))


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
