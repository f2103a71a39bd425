"""The record as people read it: who, when, through which door, what became of what."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.utils import formats, timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from governance.last_day import ONE_DAY
from governance.present_names import PresentNames, model_of
from governance.record import Event
from governance.verb_words import verb_word
from governance.wording import day_text, listed

NOTHING = "—"


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
    actor: str
    verb: str
    kind: str
    name: str
    differences: list[Difference]


def entries(events: Iterable[Event]) -> list[Entry]:
    """The events in words, in their order, with the names that are true now."""
    found = list(events)
    names = PresentNames(found)
    return [_entry(event, names) for event in found]


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
        return listed(readable(None, name, item) for item in value)
    if isinstance(value, str) and isinstance(field, models.DateTimeField):
        moment = datetime.fromisoformat(value).astimezone(timezone.get_default_timezone())
        return formats.date_format(moment, "DATETIME_FORMAT")
    if isinstance(value, str) and isinstance(field, models.DateField):
        day = date.fromisoformat(value)
        is_last = name in getattr(model, "said_as_last_day", ())
        return day_text(day - ONE_DAY if is_last else day)
    return str(value)


def _entry(event: Event, names: PresentNames) -> Entry:
    model = model_of(event)
    before, after = names.in_facts(event.before) or {}, names.in_facts(event.after) or {}
    told = [*before, *(name for name in after if name not in before)]
    return Entry(
        event=event,
        actor=names.of_actor(event) or _("The system"),
        verb=capfirst(verb_word(event.verb, event.object_type)),
        kind=str(model._meta.verbose_name) if model is not None else event.object_type,
        name=names.of(event),
        differences=[
            Difference(
                _label(model, name),
                readable(model, name, before.get(name)),
                readable(model, name, after.get(name)),
            )
            for name in told
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
    if field is None:
        return capfirst(name.replace("_", " "))
    # Rows that came and went with an object are called what many of their kind are called.
    rows = field.related_model._meta.verbose_name_plural if field.auto_created else ""
    return capfirst(str(rows or field.verbose_name))
