"""The shape of a package: which sections it has, what their entries say, how they are known.

The sections stand in one table. From it follow the JSON Schema that is published and checked,
the references between entries, and the order in which they are loaded; what a member may hold
follows from the model's own field, so that form and table cannot drift apart.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db import models

from actors.organization import Identifier, Organization
from actors.person import Appointment, Person
from actors.region import Region
from agreements.agreement import Agreement
from agreements.articles import Article
from agreements.content_area import ContentArea
from agreements.entry_rule_schema import RULE_SCHEMA
from agreements.indicators import Indicator, Measurement
from agreements.mechanisms.liaison_officer import LiaisonAppointment
from agreements.mechanisms.regular_consultation import Consultation, ConsultationSeries
from agreements.mechanisms.rotating_convenor import Kind as ChangeKind
from agreements.mechanisms.rotating_convenor import Rotation, Seat, Unit
from agreements.mechanisms.special_group import GroupMembership, SpecialGroup
from agreements.party import Party
from agreements.tasks import Task
from agreements.timetable import Milestone, Phase
from governance.base import LivingNoun, Noun

Json = dict[str, Any]

DAY: Json = {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
MOMENT: Json = {
    "type": "string",
    "format": "date-time",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9]{2}:[0-9]{2})$",
}
TIME: Json = {"type": "string", "format": "time", "pattern": "^[0-9]{2}:[0-9]{2}(:[0-9]{2})?$"}
DECIMAL: Json = {
    "anyOf": [
        {"type": "number"},
        {"type": "string", "pattern": r"^-?[0-9]{1,18}(\.[0-9]{1,6})?$"},
    ]
}
TEXT: Json = {"type": "string", "maxLength": 20_000}
WORD: Json = {"type": "string", "minLength": 1, "maxLength": 300}
BOOLEAN: Json = {"type": "boolean"}
IDENTIFIER: Json = {
    "type": "object",
    "properties": {"scheme": WORD, "value": WORD},
    "required": ["scheme", "value"],
    "additionalProperties": False,
}


def unless_null(schema: Json) -> Json:
    """``schema``, or null for what is not known."""
    return {"anyOf": [schema, {"type": "null"}]}


def listed(schema: Json, most: int = 5_000) -> Json:
    """A list of such things."""
    return {"type": "array", "items": schema, "maxItems": most}


def members(properties: Json, required: tuple[str, ...] = ()) -> Json:
    """An object with these members and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


@dataclass(frozen=True, slots=True)
class Section:
    """One list of a package. ``within``: the field by which an entry belongs to what holds it.

    ``facts`` are fields of the model; ``more`` are members that are no fields of it; ``parts``
    are lists within each entry; ``verbs`` are what may be told of its life in ``acts``.
    """

    name: str
    model: type[Noun]
    facts: tuple[str, ...]
    within: str = ""
    required: tuple[str, ...] = ()
    parts: "tuple[Section, ...]" = ()
    verbs: tuple[str, ...] = ()
    more: Json = field(default_factory=dict)

    def field(self, name: str) -> Any:
        """The model's field of that name."""
        return self.model._meta.get_field(name)


def _verbs(model: type[LivingNoun], *further: str) -> tuple[str, ...]:
    named = (verb.replace("_", "-") for verb in model.lifecycle.transitions)
    return (*named, *further)


_SOURCED = ("source", "illustrative")
_NAMES = ("name", "name_zh")
_TITLES = ("title", "title_zh")

AGREEMENT = Section(
    "agreement",
    Agreement,
    (
        "reference",
        *_TITLES,
        "kind",
        "mode",
        "content_areas",
        "summary",
        "summary_zh",
        "parent",
        "confidentiality",
        "entry_into_force",
        "provisionally_applied_from",
        "implemented_on",
        "expires_on",
        "verification",
        "due_soon_days",
        "nearly_done_percent",
        "behind_percent",
        "far_behind_percent",
        *_SOURCED,
    ),
    verbs=_verbs(Agreement),
)

CHANGE: Json = members(
    {
        "kind": {"enum": list(ChangeKind.values)},
        "term_on": unless_null(DAY),
        "other_term_on": unless_null(DAY),
        "turns_ahead": {"type": "integer", "minimum": 1, "maximum": 1000},
        "other_turns_ahead": {"type": "integer", "minimum": 1, "maximum": 1000},
        "organization": WORD,
        "organizations": listed(WORD, 50),
        "ends_on": DAY,
        "realign": BOOLEAN,
        "on": DAY,
        "then": WORD,
        "effective_on": DAY,
        "after": WORD,
        "sort_name": TEXT,
        "seats": listed(WORD, 500),
        "first": WORD,
        "decided_by": WORD,
        "decided_on": DAY,
        "reason": TEXT,
    },
    ("kind",),
)

# Loaded in this order: whatever an entry refers to stands before it.
SHARED: tuple[Section, ...] = (
    Section("regions", Region, (*_NAMES, "scheme", "code", "parent")),
    Section("content_areas", ContentArea, (*_NAMES, "parent", *_SOURCED)),
    Section(
        "organizations",
        Organization,
        (
            *_NAMES,
            "short_name",
            "short_name_zh",
            "kind",
            "sector",
            "sector_reason",
            "region",
            "parent",
            *_SOURCED,
        ),
        parts=(
            Section(
                "identifiers",
                Identifier,
                ("scheme", "value"),
                within="organization",
                required=("scheme", "value"),
            ),
        ),
    ),
    Section(
        "people",
        Person,
        (*_NAMES, "email", "phone", *_SOURCED),
        parts=(
            Section(
                "appointments",
                Appointment,
                ("organization", "post", "post_zh", "starts_on", "ends_on"),
                within="person",
                required=("organization",),
            ),
        ),
    ),
)

OWN: tuple[Section, ...] = (
    Section(
        "articles",
        Article,
        ("number", *_TITLES, "text", "text_zh", "position", *_SOURCED),
        within="agreement",
        required=("number",),
    ),
    Section(
        "parties",
        Party,
        (
            "organization",
            "role",
            "position",
            "signing_body",
            "signatory",
            "joined_on",
            "counts",
            "weight",
            "categories",
            *_SOURCED,
        ),
        within="agreement",
        required=("organization",),
        more={
            "signed_on": DAY,
            "approved_on": DAY,
            "acceded_on": DAY,
            "withdrawal": members(
                {"notified_on": DAY, "effective_on": DAY, "reason": TEXT}, ("notified_on",)
            ),
        },
    ),
    Section(
        "phases",
        Phase,
        (*_NAMES, "position", "starts_on", "ends_on", *_SOURCED),
        within="agreement",
    ),
    Section(
        "milestones",
        Milestone,
        ("phase", *_NAMES, "due_on", *_SOURCED),
        within="agreement",
        more={"reached_on": DAY},
    ),
    Section(
        "special_groups",
        SpecialGroup,
        (
            "article",
            *_NAMES,
            "topic",
            "mandate",
            "mandate_zh",
            "lead",
            "set_up_on",
            "sunset_on",
            *_SOURCED,
        ),
        within="agreement",
        verbs=_verbs(SpecialGroup),
        parts=(
            Section(
                "members",
                GroupMembership,
                ("organization", "joined_on", "left_on", *_SOURCED),
                within="group",
                required=("organization",),
            ),
        ),
    ),
    Section(
        "rotations",
        Rotation,
        (
            "group",
            "article",
            *_NAMES,
            "basis",
            "order",
            "reverse",
            "boundaries",
            "starts_on",
            "first",
            "on_admission",
            *_SOURCED,
        ),
        within="agreement",
        parts=(
            Section(
                "seats",
                Seat,
                (
                    "organization",
                    "region",
                    "position",
                    "sort_name",
                    "joined_on",
                    "left_on",
                    "co_holders",
                ),
                within="rotation",
            ),
        ),
        more={
            "term": unless_null(
                members(
                    {
                        "length": {"type": "integer", "minimum": 1, "maximum": 32_767},
                        "unit": {"enum": list(Unit.values)},
                    },
                    ("length", "unit"),
                )
            ),
            "changes": listed(CHANGE, 500),
            "confirmed": listed(DAY, 500),
        },
    ),
    Section(
        "liaison_appointments",
        LiaisonAppointment,
        ("party", "person", "rank", "article", "starts_on", "ends_on", *_SOURCED),
        within="",
        required=("party", "person"),
    ),
    Section(
        "consultation_series",
        ConsultationSeries,
        (
            "group",
            "article",
            *_NAMES,
            "level",
            "rrule",
            "time_zone",
            "starts_at",
            "duration_minutes",
            "times",
            "cadence",
            "starts_on",
            "ends_on",
            "host_rule",
            "host",
            "rotation",
            "quorum_kind",
            "quorum",
            *_SOURCED,
        ),
        within="agreement",
        more={"planned_from": DAY},
    ),
    Section(
        "consultations",
        Consultation,
        (
            "series",
            "group",
            *_TITLES,
            "starts_at",
            "ends_at",
            "place",
            "place_zh",
            "host",
            *_SOURCED,
        ),
        within="agreement",
        verbs=_verbs(Consultation),
        more={"day": DAY},
    ),
    Section(
        "tasks",
        Task,
        (
            *_TITLES,
            "description",
            "description_zh",
            "article",
            "group",
            "phase",
            "lead",
            "cooperating",
            "responsible",
            "starts_on",
            "due_on",
            "priority",
            "weight",
            *_SOURCED,
        ),
        within="agreement",
        verbs=_verbs(Task, "report"),
        parts=(
            Section(
                "indicators",
                Indicator,
                (
                    *_NAMES,
                    "position",
                    "unit",
                    "unit_zh",
                    "definition",
                    "baseline",
                    "target",
                    "lower",
                    "direction",
                    "aggregation",
                    "weight",
                    *_SOURCED,
                ),
                within="task",
                parts=(
                    Section(
                        "measurements",
                        Measurement,
                        ("as_of", "value", "note", *_SOURCED),
                        within="indicator",
                        required=("as_of", "value"),
                    ),
                ),
            ),
        ),
    ),
)

SECTIONS = (*SHARED, *OWN)
# In which section of a package an entry of that model is named.
SECTION_OF: dict[type[models.Model], str] = {section.model: section.name for section in SECTIONS}

_ACT_DETAILS: dict[type[Noun], Json] = {
    Agreement: {"all_parties": BOOLEAN, "superseded_by": WORD},
    Consultation: {
        "held_on": DAY,
        "starts_at": unless_null(MOMENT),
        "ends_at": unless_null(MOMENT),
    },
    Task: {
        "lead": WORD,
        "text": TEXT,
        "share": {"type": "integer", "minimum": 0, "maximum": 100},
        "values": {
            "type": "object",
            "maxProperties": 100,
            "additionalProperties": DECIMAL,
        },
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


def entries(data: Json, section: Section, pointer: str = "") -> Iterator[tuple[str, Json]]:
    """The entries of a section with their JSON pointers."""
    for place, entry in enumerate(data.get(section.name) or ()):
        yield f"{pointer}/{section.name}/{place}", entry
