"""The requests for more time that a package tells among the acts of a task."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from actors.organization import Organization
from agreements.date_changes import Cause
from agreements.extension_requests import ExtensionRequest, Status
from agreements.tasks import Task

LABELS: dict[str, Any] = {
    "ask-extension": _("Ask for more time"),
    "grant-extension": _("Grant extension"),
    "refuse-extension": _("Refuse extension"),
    "withdraw-extension": _("Withdraw request"),
}
_LEADS_TO = {"grant": Status.GRANTED, "refuse": Status.REFUSED, "withdraw": Status.WITHDRAWN}


def told_first(row: Any, facts: dict[str, Any]) -> dict[str, Any]:
    """The facts without the date that a task had before it was given more time.

    A package tells the date that was agreed first, and then the requests that moved it.
    """
    if not isinstance(row, Task) or "due_on" not in facts:
        return facts
    moved = row.extension_requests.filter(status=Status.GRANTED, was_due_on=facts["due_on"])
    if not moved.exists():
        return facts
    return {name: value for name, value in facts.items() if name != "due_on"}


def extension_act(
    task: Task,
    act: dict[str, Any],
    *,
    by: Any,
    on: date,
    find: Callable[[type[Organization], str], Organization],
) -> Callable[[], bool]:
    """What an act does; performed, it returns False when it is on record already."""
    due_on = date.fromisoformat(act["due_on"]) if act.get("due_on") else None
    verb, reason = act["verb"].removesuffix("-extension"), act.get("reason", "")
    requests = ExtensionRequest.objects.filter(task=task)

    def ask() -> bool:
        if due_on is None:
            raise ValidationError({"due_on": _("Give the new date.")})
        if requests.filter(asked_on=on, due_on=due_on).exists():
            return False
        asked_by = find(Organization, act["asked_by"]) if act.get("asked_by") else None
        task.refresh_from_db()
        ExtensionRequest.ask(
            task,
            by=by,
            on=on,
            due_on=due_on,
            reason=reason,
            cause=act.get("cause", Cause.OTHER),
            asked_by=asked_by,
        )
        return True

    def answer() -> bool:
        done = requests.filter(status=_LEADS_TO[verb], status_since=on)
        if done.exists():
            return False
        asked = requests.filter(status=Status.ASKED).first()
        if asked is None:
            raise ValidationError({"verb": _("No request for more time waits for an answer.")})
        told = {"due_on": due_on} if verb == "grant" else {}
        getattr(asked, verb)(by=by, on=on, reason=reason, **told)
        return True

    return ask if verb == "ask" else answer
