"""What was done about tasks, as the pages show it."""

from typing import Any

from django.db.models import Prefetch
from django.urls import reverse

from agreements.models import Escalation, Notice, Task
from agreements.supervising import follow_up_refusal
from agreements.supervision import Action
from governance.access import may, visible_to


def escalations_seen(user: Any) -> Any:
    """What was done about tasks that the user sees, the newest first, with whom it told.

    A partner reads of the notices to its own organization alone.
    """
    told = visible_to(user, Notice).select_related("person", "organization").order_by("pk")
    rows = visible_to(user, Escalation)
    return (
        rows.select_related("task__agreement", "task__lead", "sent_by__person")
        .prefetch_related(Prefetch("notices", told, to_attr="told"))
        .order_by("-taken_on", "-pk")
    )


def may_follow_up(user: Any, task: Task) -> bool:
    """Whether the user may ask about the task by hand now."""
    refusal = may(user, "create", Escalation(task=task, action=Action.FOLLOW_UP))
    return refusal is None and follow_up_refusal(task) is None


def follow_up_path(task: Task) -> str:
    """The address of the page to ask about the task by hand."""
    return reverse("task_follow_up", kwargs={"id": task.public_id})
