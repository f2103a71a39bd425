"""To which agreement a noun belongs, and what dates it."""

from django.db.models import Model

from agreements.mechanisms.handover import Handover
from agreements.models import (
    AgendaItem,
    Article,
    Attendance,
    Baseline,
    Confirmation,
    Consultation,
    ConsultationSeries,
    ConvenorTerm,
    DateChange,
    Decision,
    Document,
    Escalation,
    EvidenceRequirement,
    ExtensionRequest,
    GroupMembership,
    Indicator,
    LiaisonAbsence,
    LiaisonAppointment,
    Measurement,
    Milestone,
    Minutes,
    Party,
    Phase,
    ProgressReport,
    Rotation,
    RotationChange,
    Seat,
    SpecialGroup,
    SupervisionStep,
    Task,
    TaskDependency,
)

# By which path a noun belongs to its agreement, and which of its fields dates it: a party that
# has left reads what was dated before its leaving.
BELONGS: dict[type[Model], tuple[str, str | None]] = {
    Party: ("agreement", "joined_on"),
    Article: ("agreement", None),
    Document: ("agreement", "dated_on"),
    Phase: ("agreement", "starts_on"),
    Milestone: ("agreement", "due_on"),
    Task: ("agreement", "starts_on"),
    DateChange: ("task__agreement", "decided_on"),
    Baseline: ("agreement", "taken_on"),
    TaskDependency: ("successor__agreement", "successor__starts_on"),
    Indicator: ("task__agreement", "task__starts_on"),
    Measurement: ("indicator__task__agreement", "as_of"),
    ProgressReport: ("task__agreement", "reported_on"),
    EvidenceRequirement: ("task__agreement", "task__starts_on"),
    ExtensionRequest: ("task__agreement", "asked_on"),
    SupervisionStep: ("agreement", None),
    Escalation: ("task__agreement", "taken_on"),
    Rotation: ("agreement", "starts_on"),
    Seat: ("rotation__agreement", "joined_on"),
    RotationChange: ("rotation__agreement", "decided_on"),
    ConvenorTerm: ("rotation__agreement", "starts_on"),
    Handover: ("rotation__agreement", "boundary_on"),
    LiaisonAppointment: ("party__agreement", "starts_on"),
    LiaisonAbsence: ("appointment__party__agreement", "starts_on"),
    ConsultationSeries: ("agreement", "starts_on"),
    Consultation: ("agreement", "starts_at__date"),
    AgendaItem: ("agreement", "consultation__starts_at__date"),
    Attendance: ("consultation__agreement", "consultation__starts_at__date"),
    Decision: ("agreement", "decided_on"),
    Minutes: ("consultation__agreement", "consultation__starts_at__date"),
    Confirmation: ("minutes__consultation__agreement", "confirmed_on"),
    SpecialGroup: ("agreement", "set_up_on"),
    GroupMembership: ("group__agreement", "joined_on"),
}


# A meeting that was held is dated by that day, whatever day it had been set for.
HELD_ON: dict[type[Model], str] = {
    Consultation: "held_on",
    AgendaItem: "consultation__held_on",
    Attendance: "consultation__held_on",
    Minutes: "consultation__held_on",
}

# Without a day of joining these were there from the start.
FROM_THE_START: frozenset[type[Model]] = frozenset({Party, Seat})


def goes_with_its_agreement(model: type[Model]) -> bool:
    """Whether all its rows exist for a party of the day."""
    return model in BELONGS and model is not Document
