"""The record as people read it: who, when, through which door, what became of what."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import formats, timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.record import Event

NOTHING = "—"
_VERBS = {
    "create": gettext_lazy("Entered"),
    "change": gettext_lazy("Changed"),
    "delete": gettext_lazy("Deleted"),
    "sign": gettext_lazy("Signature recorded"),
    "approve": gettext_lazy("Approval recorded"),
    "accede": gettext_lazy("Accession recorded"),
    "withdraw": gettext_lazy("Withdrawal recorded"),
    "confirm": gettext_lazy("Confirmed"),
    "relieve": gettext_lazy("Relieved"),
    "revoke": gettext_lazy("Revoked"),
    "reach": gettext_lazy("Reached"),
    "flag_for_reassignment": gettext_lazy("Needs another organization"),
    "change_role": gettext_lazy("Role changed"),
    "set_password": gettext_lazy("Password set"),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One fact, before and after."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One event in words."""

    event: Event
    verb: str
    kind: str
    differences: list[Difference]


def entries(events: Iterable[Event]) -> list[Entry]:
    """The events in words, in their order."""
    return [_entry(event) for event in events]


def verb_label(model: type[models.Model] | None, verb: str) -> str:
    """What a verb of a kind of object is called in its history."""
    lifecycle = getattr(model, "lifecycle", None)
    if lifecycle is not None and verb in lifecycle.transitions:
        return str(lifecycle.transitions[verb].label)
    return str(_VERBS.get(verb, capfirst(verb.replace("_", " "))))


def readable(model: type[models.Model] | None, name: str, value: Any) -> str:
    """A value of the record as people write it: labels for choices, days in their language."""
    if value is None or value == "" or value == []:
        return NOTHING
    field = _field(model, name)
    if field is not None and getattr(field, "choices", None):
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, dict):
        return str(value["name"]) if "name" in value else json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return ", ".join(readable(None, name, item) for item in value)
    if isinstance(value, str) and isinstance(field, models.DateTimeField):
        moment = datetime.fromisoformat(value).astimezone(timezone.get_default_timezone())
        return formats.date_format(moment, "DATETIME_FORMAT")
    if isinstance(value, str) and isinstance(field, models.DateField):
        return formats.date_format(date.fromisoformat(value), "DATE_FORMAT")
    return str(value)


def _entry(event: Event) -> Entry:
    try:
        model = apps.get_model(event.object_type)
    except (LookupError, ValueError):
        model = None
    before, after = event.before or {}, event.after or {}
    names = [*before, *(name for name in after if name not in before)]
    return Entry(
        event=event,
        verb=verb_label(model, event.verb),
        kind=str(model._meta.verbose_name) if model is not None else event.object_type,
        differences=[
            Difference(
                _label(model, name),
                readable(model, name, before.get(name)),
                readable(model, name, after.get(name)),
            )
            for name in names
            if before.get(name) not in (None, "", []) or after.get(name) not in (None, "", [])
        ],
    )


def _field(model: type[models.Model] | None, name: str) -> Any:
    if model is None:
        return None
    try:
        return model._meta.get_field(name)
    except FieldDoesNotExist:
        return None


def _label(model: type[models.Model] | None, name: str) -> str:
    field = _field(model, name)
    return (
        capfirst(str(field.verbose_name)) if field is not None else capfirst(name.replace("_", " "))
    )
