"""The first page of the back office: what needs a hand today, each line with its way there."""

from collections.abc import Callable
from functools import partial
from typing import Any

from agreements.extension_requests import Status as ExtensionStatus
from agreements.needs import Need, needs
from agreements.progress import Light
from agreements.tasks import Status as TaskStatus
from governance import clock
from governance.access import visible_to
from governance.admin.dashboard_lines import (
    Line,
    Section,
    add_address,
    change_address,
    list_address,
)


def sections(user: Any) -> list[Section]:
    """Everything the user sees that needs a hand today."""
    found = needs(on=clock.today(), at=clock.now(), rows_of=partial(visible_to, user))
    return [_section(need) for need in found]


def _section(need: Need) -> Section:
    noun, filters = _LISTS[need.key]
    way = _WAYS.get(need.key, _to_its_page)
    lines = [Line(one.name, one.says, way(one.about)) for one in need.lines]
    return Section(need.title, lines, need.total, list_address(noun, **filters), need.late)


def _to_its_page(about: Any) -> str:
    return change_address(about._meta.model_name, about.pk)


def _to_its_overdue_tasks(about: Any) -> str:
    return list_address("task", light=Light.OVERDUE, agreement__id__exact=about.pk)


def _to_naming_an_officer(about: Any) -> str:
    return add_address("liaisonappointment", party=about.pk)


# Where lines lead that do not lead to the page of what they are about.
_WAYS: dict[str, Callable[[Any], str]] = {
    "tasks_overdue": _to_its_overdue_tasks,
    "liaison_missing": _to_naming_an_officer,
    "liaison_missing_soon": _to_naming_an_officer,
}
# The list, narrowed, that holds all matters of a kind.
_LISTS: dict[str, tuple[str, dict[str, Any]]] = {
    "tasks_overdue": ("task", {"light": Light.OVERDUE}),
    "tasks_to_verify": ("task", {"status__exact": TaskStatus.SUBMITTED}),
    "extensions_to_answer": ("extensionrequest", {"status__exact": ExtensionStatus.ASKED}),
    "tasks_to_reassign": ("task", {"needs_reassignment__exact": 1}),
    "agreements_expiring": ("agreement", {"expiring": "yes"}),
    "liaison_missing": ("party", {"covered": "no"}),
    "liaison_missing_soon": ("party", {"covered": "soon"}),
    "handovers_late": ("handover", {"standing": "late"}),
    "handovers_near": ("convenorterm", {"when": "ending"}),
    "consultations_coming": ("consultation", {"when": "coming"}),
    "consultations_owed": ("consultationseries", {"owed": "yes"}),
    "proposals_unanswered": ("agendaitem", {"waiting": "answer"}),
    "minutes_owed": ("consultation", {"minutes": "owed"}),
    "minutes_reserved": ("minutes", {"reserved": "yes"}),
    "decisions_without_task": ("decision", {"standing": "no_task"}),
    "decisions_open": ("decision", {"standing": "open"}),
    "groups_past_sunset": ("specialgroup", {"sunset": "past"}),
    "groups_near_sunset": ("specialgroup", {"sunset": "near"}),
    "attestations_unanswered": ("liaisonattestation", {"chase": "open"}),
    "drafts_idle": ("agreement", {"idle": "yes"}),
}
