"""Requests for more time as pages show them: on their task, and among what waits for an answer."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from agreements.agreement import Verification
from agreements.models import ConvenorTerm, ExtensionRequest, Task
from governance.access import actions, oversees, own_organizations, registers, visible_to

ANSWERS = ("grant", "refuse")


def extension_path(asked: ExtensionRequest, verb: str) -> str:
    """The address of a verb of a request."""
    return reverse("extension_verb", kwargs={"id": asked.public_id, "verb": verb})


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as a page shows it, with what the reader may do with it now."""

    request: ExtensionRequest
    steps: list[dict[str, Any]]


def requests_of(user: Any, task: Task, on: date) -> list[Asked]:
    """What was asked for a task as far as the user sees it, the newest first."""
    rows = (
        visible_to(user, ExtensionRequest)
        .filter(task=task)
        .select_related("task__agreement", "task__lead", "asked_by", "answered_by__person")
        .order_by("-asked_on", "-pk")
    )
    return [Asked(asked, _possible(user, asked, on)) for asked in rows]


def _possible(user: Any, asked: ExtensionRequest, on: date) -> list[dict[str, Any]]:
    if not asked.waits:
        return []
    told = [one for one in actions(user, asked, on) if one["allowed"]]
    # The secretariat answers; what others asked is theirs to withdraw.
    shown = [one for one in told if one["verb"] in ANSWERS or not registers(user)]
    return [{**one, "path": extension_path(asked, one["verb"])} for one in shown]


def requests_to_answer(user: Any, on: date) -> QuerySet[Any]:
    """The requests that wait for the reader's answer, the longest waiting first."""
    own = own_organizations(user)
    waiting = visible_to(user, ExtensionRequest).waiting()
    if not registers(user):
        terms = visible_to(user, ConvenorTerm).current(on)
        convened = terms.filter(rotation__group__isnull=True, holders__in=own)
        waiting = waiting.filter(
            task__agreement__verification=Verification.CONVENOR,
            task__agreement__in=convened.values("rotation__agreement"),
        )
        if oversees(user):
            return waiting.none()
    return (
        waiting.exclude(Q(asked_by__in=own) | Q(task__lead__in=own))
        .select_related("task__agreement", "task__lead", "asked_by")
        .order_by("asked_on", "pk")
    )
