"""The sections of a package: which there are, and what their entries say.

They stand in one table. From it follow the JSON Schema that is published and checked, the
references between entries, and the order in which they are loaded.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from actors.organization import Identifier, Organization
from actors.person import Appointment, Person
from actors.region import Region
from agreements.agreement import Agreement
from agreements.articles import Article
from agreements.content_area import ContentArea
from agreements.date_changes import Cause
from agreements.evidence import EvidenceRequirement
from agreements.indicators import Indicator, Measurement
from agreements.mechanisms.consultation import Consultation
from agreements.mechanisms.consultation_series import ConsultationSeries
from agreements.mechanisms.convenor_changes import Kind as ChangeKind
from agreements.mechanisms.convenor_rule import Unit
from agreements.mechanisms.convenor_seats import Seat
from agreements.mechanisms.liaison_attestation import LiaisonAttestation
from agreements.mechanisms.liaison_officer import LiaisonAbsence, LiaisonAppointment
from agreements.mechanisms.rotating_convenor import Rotation
from agreements.mechanisms.special_group import GroupMembership, SpecialGroup
from agreements.party import Party
from agreements.supervision import SupervisionStep
from agreements.task_dependencies import TaskDependency
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
    are lists within each entry; ``verbs`` are what may be told of its life in ``acts``; ``told``
    are those of ``more`` that say why the facts of an entry that is there already change.
    """

    name: str
    model: type[Noun]
    facts: tuple[str, ...]
    within: str = ""
    required: tuple[str, ...] = ()
    parts: "tuple[Section, ...]" = ()
    verbs: tuple[str, ...] = ()
    more: Json = field(default_factory=dict)
    told: tuple[str, ...] = ()

    def field(self, name: str) -> Any:
        """The model's field of that name."""
        return self.model._meta.get_field(name)


def _verbs(model: type[LivingNoun], *further: str) -> tuple[str, ...]:
    named = (verb.replace("_", "-") for verb in model.lifecycle.transitions)
    return (*named, *further)


def _facts(*groups: str) -> tuple[str, ...]:
    return tuple(" ".join(groups).split())


_SOURCED = "source illustrative"
_NAMES = "name name_zh"
_TITLES = "title title_zh"

AGREEMENT = Section(
    "agreement",
    Agreement,
    _facts(
        "reference",
        _TITLES,
        "kind mode content_areas summary summary_zh parent confidentiality "
        "entry_into_force provisionally_applied_from implemented_on expires_on "
        "verification attest_every_months due_soon_days nearly_done_percent behind_percent "
        "far_behind_percent",
        _SOURCED,
    ),
    verbs=_verbs(Agreement, "take-baseline"),
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

HANDOVER: Json = members(
    {
        "boundary_on": DAY,
        "outgoing_note": TEXT,
        "incoming_note": TEXT,
        "outgoing_signed_on": DAY,
        "incoming_signed_on": DAY,
    },
    ("boundary_on",),
)

# Loaded in this order: whatever an entry refers to stands before it.
SHARED: tuple[Section, ...] = (
    Section("regions", Region, _facts(_NAMES, "scheme code parent")),
    Section("content_areas", ContentArea, _facts(_NAMES, "parent", _SOURCED)),
    Section(
        "organizations",
        Organization,
        _facts(
            _NAMES, "short_name short_name_zh kind sector sector_reason region parent", _SOURCED
        ),
        parts=(
            Section(
                "identifiers",
                Identifier,
                ("scheme", "value"),
                within="organization",
                required=(
                    "scheme",
                    "value",
                ),
            ),
        ),
    ),
    Section(
        "people",
        Person,
        _facts(_NAMES, "email phone", _SOURCED),
        parts=(
            Section(
                "appointments",
                Appointment,
                _facts("organization post post_zh starts_on ends_on"),
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
        _facts("number", _TITLES, "text text_zh position", _SOURCED),
        within="agreement",
        required=("number",),
    ),
    Section(
        "parties",
        Party,
        _facts(
            "organization role position signing_body signatory joined_on counts weight categories",
            _SOURCED,
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
        _facts(_NAMES, "position starts_on ends_on", _SOURCED),
        within="agreement",
    ),
    Section(
        "milestones",
        Milestone,
        _facts("phase", _NAMES, "due_on", _SOURCED),
        within="agreement",
        more={"reached_on": DAY},
    ),
    Section(
        "supervision_steps",
        SupervisionStep,
        _facts("days in_working_days action"),
        within="agreement",
        required=("days", "action"),
    ),
    Section(
        "special_groups",
        SpecialGroup,
        _facts("article", _NAMES, "topic mandate mandate_zh lead set_up_on sunset_on", _SOURCED),
        within="agreement",
        verbs=_verbs(SpecialGroup),
        parts=(
            Section(
                "members",
                GroupMembership,
                _facts("organization joined_on left_on", _SOURCED),
                within="group",
                required=("organization",),
            ),
        ),
    ),
    Section(
        "rotations",
        Rotation,
        _facts(
            "group article",
            _NAMES,
            "basis order reverse boundaries starts_on first on_admission",
            "handover_days handover_in_working_days handover_opens_days",
            _SOURCED,
        ),
        within="agreement",
        parts=(
            Section(
                "seats",
                Seat,
                _facts("organization region position sort_name joined_on left_on co_holders"),
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
            "handovers": listed(HANDOVER, 500),
        },
    ),
    Section(
        "liaison_appointments",
        LiaisonAppointment,
        _facts("party person rank article starts_on ends_on", _SOURCED),
        within="",
        required=(
            "party",
            "person",
        ),
        parts=(
            Section(
                "absences",
                LiaisonAbsence,
                _facts("starts_on ends_on remark", _SOURCED),
                within="appointment",
                required=("starts_on",),
            ),
            Section(
                "attestations",
                LiaisonAttestation,
                _facts("asked_on"),
                within="appointment",
                required=("asked_on",),
            ),
        ),
    ),
    Section(
        "consultation_series",
        ConsultationSeries,
        _facts(
            "group article",
            _NAMES,
            "level rrule time_zone starts_at on_holiday duration_minutes times cadence starts_on "
            "ends_on host_rule host rotation quorum_kind quorum agenda_cutoff_days "
            "minutes_silence_days",
            _SOURCED,
        ),
        within="agreement",
        more={"planned_from": DAY},
    ),
    Section(
        "consultations",
        Consultation,
        _facts("series group", _TITLES, "starts_at ends_at place place_zh host", _SOURCED),
        within="agreement",
        verbs=_verbs(
            Consultation,
            *("propose", "accept-item", "decline-item", "discuss-item", "register", "decide"),
            *("minute", "circulate-minutes", "confirm-minutes", "approve-minutes"),
        ),
        more={"day": DAY},
    ),
    Section(
        "tasks",
        Task,
        _facts(
            _TITLES,
            "description description_zh article group phase lead cooperating responsible "
            "starts_on due_on priority weight",
            _SOURCED,
        ),
        within="agreement",
        verbs=_verbs(
            Task,
            *("report", "reschedule"),
            *("ask-extension", "grant-extension", "refuse-extension", "withdraw-extension"),
        ),
        more={"cause": {"enum": list(Cause.values)}, "reason": TEXT},
        told=("cause", "reason"),
        parts=(
            Section(
                "evidence_wanted",
                EvidenceRequirement,
                _facts("kind number note note_zh", _SOURCED),
                within="task",
                required=("kind",),
            ),
            Section(
                "indicators",
                Indicator,
                _facts(
                    _NAMES,
                    "position unit unit_zh definition baseline target lower direction aggregation "
                    "weight",
                    _SOURCED,
                ),
                within="task",
                parts=(
                    Section(
                        "measurements",
                        Measurement,
                        _facts("as_of value note", _SOURCED),
                        within="indicator",
                        required=(
                            "as_of",
                            "value",
                        ),
                    ),
                ),
            ),
        ),
    ),
    # Behind all tasks: each may wait for any other.
    Section(
        "task_dependencies",
        TaskDependency,
        _facts("predecessor successor lag lag_unit", _SOURCED),
        within="",
        required=("predecessor", "successor"),
    ),
)

SECTIONS = (*SHARED, *OWN)
# In which section of a package an entry of that model is named.
SECTION_OF: dict[type[models.Model], str] = {section.model: section.name for section in SECTIONS}


def entries(data: Json, section: Section, pointer: str = "") -> Iterator[tuple[str, Json]]:
    """The entries of a section with their JSON pointers."""
    for place, entry in enumerate(data.get(section.name) or ()):
        yield f"{pointer}/{section.name}/{place}", entry
