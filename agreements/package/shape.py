"""The JSON Schema of a package, published and checked.

What a member may hold follows from the field of the model that it is a fact of, so that the form
and the tables cannot drift apart.
"""

from functools import cache
from typing import Any

from django.db import models

from actors.organization import Organization
from agreements.agreement import Agreement
from agreements.baselines import Kind as BaselineKind
from agreements.date_changes import Cause
from agreements.entry_rule_schema import RULE_SCHEMA
from agreements.mechanisms.consultation import Consultation
from agreements.mechanisms.special_group import SpecialGroup
from agreements.package.meeting_words import DETAILS as MEETING_DETAILS
from agreements.package.sections import (
    AGREEMENT,
    BOOLEAN,
    DAY,
    DECIMAL,
    IDENTIFIER,
    MOMENT,
    SECTIONS,
    TEXT,
    TIME,
    WORD,
    Json,
    Section,
    listed,
    members,
    unless_null,
)
from agreements.tasks import Task
from governance.base import Noun

_ACT_DETAILS: dict[type[Noun], Json] = {
    Agreement: {
        "all_parties": BOOLEAN,
        "superseded_by": WORD,
        "kind": {"enum": list(BaselineKind.values)},
        "name": TEXT,
        "name_zh": TEXT,
        "approved_by": TEXT,
    },
    Consultation: {
        "held_on": DAY,
        "starts_at": unless_null(MOMENT),
        "ends_at": unless_null(MOMENT),
        **MEETING_DETAILS,
    },
    SpecialGroup: {"sunset_on": DAY},
    Task: {
        "lead": WORD,
        "asked_by": WORD,
        "text": TEXT,
        "share": {"type": "integer", "minimum": 0, "maximum": 100},
        "values": {
            "type": "object",
            "maxProperties": 100,
            "additionalProperties": DECIMAL,
        },
        "starts_on": DAY,
        "due_on": DAY,
        "cause": {"enum": list(Cause.values)},
    },
}


@cache
def schema() -> Json:
    """The JSON Schema (2020-12) of a package."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "One cooperation agreement as one package",
        **members(
            {
                "extends": WORD,
                "source": {"type": "string", "maxLength": 300},
                "illustrative": BOOLEAN,
                "agreement": _entry(AGREEMENT),
                **{section.name: listed(_entry(section)) for section in SECTIONS},
            }
        ),
        "anyOf": [{"required": ["agreement"]}, {"required": ["extends"]}],
    }


def _entry(section: Section) -> Json:
    properties: Json = {} if section is AGREEMENT else {"key": WORD}
    for name in section.facts:
        properties[name] = value_schema(section.field(name))
    properties |= section.more
    for part in section.parts:
        properties[part.name] = listed(_entry(part))
    if section.verbs:
        properties["acts"] = listed(_act(section), 500)
    return members(properties, section.required)


def _act(section: Section) -> Json:
    return members(
        {
            "verb": {"enum": list(section.verbs)},
            "on": DAY,
            "reason": TEXT,
            **_ACT_DETAILS.get(section.model, {}),
        },
        ("verb", "on"),
    )


def value_schema(model_field: Any) -> Json:
    """What a member may hold, by the model's field."""
    one = _plain_schema(model_field)
    return unless_null(one) if model_field.null else one


def _plain_schema(model_field: Any) -> Json:
    if model_field.is_relation:
        one = reference_schema(model_field.related_model)
        return listed(one, 1_000) if model_field.many_to_many else one
    if model_field.choices:
        values = [value for value, _label in model_field.flatchoices]
        return {"enum": [*values, ""] if model_field.blank else values}
    if model_field.name == "entry_into_force":
        return RULE_SCHEMA
    match model_field:
        case models.BooleanField():
            return BOOLEAN
        case models.DateTimeField():
            return MOMENT
        case models.DateField():
            return DAY
        case models.TimeField():
            return TIME
        case models.DecimalField():
            return DECIMAL
        case models.IntegerField():
            return {"type": "integer", "minimum": 0, "maximum": 32_767}
        case models.JSONField():
            return listed(WORD, 100)
        case models.CharField():
            return {"type": "string", "maxLength": model_field.max_length}
    return TEXT


def reference_schema(model: type[models.Model]) -> Json:
    """How an entry of that model is referred to: by key or name; organizations by number too."""
    if model is Organization:
        return {"anyOf": [WORD, IDENTIFIER]}
    return WORD
