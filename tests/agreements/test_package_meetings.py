"""A package tells of consultations, from agenda to minutes; and told twice, once."""

from copy import deepcopy
from typing import Any

import pytest

from agreements import package
from agreements.mechanisms.decisions import Standing
from agreements.models import AgendaItem, Attendance, Confirmation, Decision, Minutes, Task
from governance.models import Event
from tests.cast import TODAY

pytestmark = pytest.mark.django_db

ACTS: list[dict[str, Any]] = [
    {"verb": "propose", "on": "2026-09-01", "title": "One list", "proposed_by": "lower"},
    {"verb": "propose", "on": "2026-09-01", "title": "A logo", "proposed_by": "lower"},
    {"verb": "propose", "on": "2026-09-02", "title_zh": "演练"},
    {"verb": "convene", "on": "2026-09-03"},
    {"verb": "accept-item", "on": "2026-09-04", "item": "One list"},
    {"verb": "accept-item", "on": "2026-09-04", "item": "演练"},
    {"verb": "decline-item", "on": "2026-09-04", "item": "A logo", "reason": "Later."},
    {"verb": "register", "on": "2026-09-24", "organization": "upper", "mandate": "Mayor"},
    {
        "verb": "register",
        "on": "2026-09-24",
        "organization": "lower",
        "state": "represented",
        "represented_by": "upper",
    },
    {"verb": "discuss-item", "on": "2026-09-24", "item": "演练", "minutes_note": "Soon."},
    {
        "verb": "decide",
        "on": "2026-09-24",
        "item": "One list",
        "text": "There is one list.",
        "positions": [{"organization": "lower", "stance": "reserved", "note": "Who pays?"}],
        "tasks": [
            {"title": "Draft it", "lead": "upper", "cooperating": ["lower"], "due_on": "2026-12-01"}
        ],
    },
    {"verb": "close", "on": "2026-09-24"},
    {"verb": "minute", "on": "2026-09-25", "text": "All said."},
    {"verb": "circulate-minutes", "on": "2026-09-26"},
    {
        "verb": "confirm-minutes",
        "on": "2026-09-27",
        "organization": "lower",
        "stance": "reserved",
        "note": "Who pays?",
    },
    {"verb": "approve-minutes", "on": "2026-09-28"},
]
PACKAGE: dict[str, Any] = {
    "illustrative": True,
    "organizations": [
        {"key": "upper", "name": "Upper District", "kind": "government"},
        {"key": "lower", "name": "Lower District", "kind": "government"},
    ],
    "agreement": {
        "title": "Agreement on the River",
        "kind": "cooperation",
        "entry_into_force": {
            "all_of": [{"type": "all", "act": "signed"}],
            "delay": {"kind": "on_trigger"},
        },
        "acts": [
            {"verb": "negotiate", "on": "2026-01-10"},
            {"verb": "sign", "on": "2026-02-01", "all_parties": True},
            {"verb": "bring-into-force", "on": "2026-02-01"},
        ],
    },
    "parties": [{"organization": "upper"}, {"organization": "lower"}],
    "consultations": [
        {"title": "Talks", "starts_at": "2026-09-24T10:00:00+08:00", "host": "upper", "acts": ACTS}
    ],
}


def test_a_consultation_is_told_from_its_agenda_to_its_minutes(officer: Any) -> None:
    package.load(PACKAGE, by=officer, on=TODAY)
    items = {str(item): item.status for item in AgendaItem.objects.all()}
    assert items == {"One list": "discussed", "A logo": "declined", "演练": "discussed"}
    assert {one.state for one in Attendance.objects.all()} == {"present", "represented"}
    (decision,) = Decision.objects.all()
    assert (decision.reference, decision.standing_now()) == ("2026-1", Standing.OPEN)
    assert decision.quorum["present"] == 2 and decision.illustrative
    (task,) = Task.objects.all()
    assert (task.decision, str(task.lead), task.status) == (decision, "Upper District", "assigned")
    (minutes,) = Minutes.objects.all()
    assert (minutes.status, minutes.approved_by) == ("approved", "meeting")
    assert Confirmation.objects.get().note == "Who pays?"


def test_told_again_it_adds_nothing(officer: Any) -> None:
    package.load(PACKAGE, by=officer, on=TODAY)
    counted = Event.objects.count()
    plan = package.load(PACKAGE, by=officer, on=TODAY)
    assert {step.verb for step in plan.steps} == {"leave"}
    assert Event.objects.count() == counted


@pytest.mark.parametrize(
    ("act", "change", "pointer"),
    [
        (0, {"proposed_by": "nobody"}, "/proposed_by"),
        (4, {"item": "Unknown"}, "/item"),
        (7, {"organization": "nobody"}, "/organization"),
        (
            10,
            {"positions": [{"organization": "nobody", "stance": "for"}]},
            "/positions/0/organization",
        ),
        (10, {"tasks": [{"title": "x", "lead": "nobody"}]}, "/tasks/0/lead"),
        (10, {"tasks": [{"title": " "}]}, "/tasks.0.title"),
    ],
)
def test_what_cannot_be_is_told_at_its_place(
    officer: Any, act: int, change: dict[str, Any], pointer: str
) -> None:
    wrong = deepcopy(PACKAGE)
    wrong["consultations"][0]["acts"][act] |= change
    with pytest.raises(package.PackageInvalid) as refused:
        package.load(wrong, by=officer, on=TODAY)
    paths = [problem.path for problem in refused.value.problems]
    assert f"/consultations/0/acts/{act}{pointer}" in paths, paths
