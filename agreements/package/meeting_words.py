"""The acts of a consultation that a package may tell, and what each of them says."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from actors.organization import Organization
from actors.person import Person
from agreements.articles import Article
from agreements.mechanisms.attendance import State
from agreements.mechanisms.decisions import Stance as PositionStance
from agreements.mechanisms.minutes import Stance
from agreements.package.sections import DAY, TEXT, WORD, Json, listed, members
from agreements.timetable import Phase

LABELS: dict[str, Any] = {
    "propose": _("Propose agenda item"),
    "accept-item": _("Put on the agenda"),
    "decline-item": _("Decline proposal"),
    "discuss-item": _("Record as discussed"),
    "register": _("Register attendance"),
    "decide": _("Record decision"),
    "minute": _("Write minutes"),
    "circulate-minutes": _("Circulate minutes"),
    "confirm-minutes": _("Confirm minutes"),
    "approve-minutes": _("Record approval of minutes"),
}

_TASK: Json = members(
    {
        "title": TEXT,
        "title_zh": TEXT,
        "description": TEXT,
        "description_zh": TEXT,
        "lead": WORD,
        "cooperating": listed(WORD, 100),
        "article": WORD,
        "phase": WORD,
        "starts_on": DAY,
        "due_on": DAY,
    }
)
REFERENCES = {
    "proposed_by": Organization,
    "organization": Organization,
    "represented_by": Organization,
    "person": Person,
}
REFERENCES_OF_TASKS = {
    "lead": Organization,
    "article": Article,
    "phase": Phase,
}
DETAILS: Json = {
    "title": TEXT,
    "title_zh": TEXT,
    "explanation": TEXT,
    "explanation_zh": TEXT,
    "proposed_by": WORD,
    "item": WORD,
    "minutes_note": TEXT,
    "organization": WORD,
    "state": {"enum": list(State.values)},
    "person": WORD,
    "name": TEXT,
    "mandate": TEXT,
    "represented_by": WORD,
    "text": TEXT,
    "text_zh": TEXT,
    "positions": listed(
        members(
            {"organization": WORD, "stance": {"enum": list(PositionStance.values)}, "note": TEXT},
            ("organization", "stance"),
        ),
        100,
    ),
    "tasks": listed(_TASK, 50),
    "stance": {"enum": [Stance.CONFIRMED.value, Stance.RESERVED.value]},
    "note": TEXT,
}


def references_of_act(act: Json, pointer: str) -> Iterator[tuple[str, type[Model], Any]]:
    """All that an act of a consultation refers to: (pointer, model, word)."""
    for name, model in REFERENCES.items():
        if act.get(name):
            yield f"{pointer}/{name}", model, act[name]
    for place, held in enumerate(act.get("positions") or ()):
        yield f"{pointer}/positions/{place}/organization", Organization, held["organization"]
    for place, task in enumerate(act.get("tasks") or ()):
        where = f"{pointer}/tasks/{place}"
        for name, model in REFERENCES_OF_TASKS.items():
            if task.get(name):
                yield f"{where}/{name}", model, task[name]
        for number, word in enumerate(task.get("cooperating") or ()):
            yield f"{where}/cooperating/{number}", Organization, word
