"""Table of contents of the agreements."""

from agreements.agreement import Agreement
from agreements.articles import Article
from agreements.baselines import Baseline, BaselineTask
from agreements.calendars import CalendarFeed
from agreements.content_area import ContentArea
from agreements.daily import DailyRun
from agreements.date_changes import DateChange
from agreements.documents import Document
from agreements.evidence import EvidenceRequirement
from agreements.extension_requests import ExtensionRequest
from agreements.indicators import Indicator, Measurement, ProgressReport
from agreements.measurement_corrections import MeasurementCorrection
from agreements.mechanisms.agenda import AgendaItem
from agreements.mechanisms.attendance import Attendance
from agreements.mechanisms.confirmations import Confirmation
from agreements.mechanisms.consultation import Consultation
from agreements.mechanisms.consultation_series import ConsultationSeries
from agreements.mechanisms.convenor_changes import RotationChange
from agreements.mechanisms.convenor_seats import Seat
from agreements.mechanisms.convenor_terms import ConvenorTerm, TermHolder
from agreements.mechanisms.decisions import Decision, DecisionPosition
from agreements.mechanisms.handover import Handover
from agreements.mechanisms.liaison_attestation import LiaisonAttestation
from agreements.mechanisms.liaison_officer import LiaisonAbsence, LiaisonAppointment
from agreements.mechanisms.minutes import Minutes, MinutesRevision
from agreements.mechanisms.rotating_convenor import Rotation
from agreements.mechanisms.special_group import GroupMembership, SpecialGroup
from agreements.notices import Notice
from agreements.party import Party
from agreements.supervision import Escalation, SupervisionStep
from agreements.task_dependencies import TaskDependency
from agreements.tasks import Task
from agreements.timetable import Milestone, Phase

__all__ = [
    "AgendaItem",
    "Agreement",
    "Article",
    "Attendance",
    "Baseline",
    "BaselineTask",
    "CalendarFeed",
    "Confirmation",
    "Consultation",
    "ConsultationSeries",
    "ContentArea",
    "ConvenorTerm",
    "DailyRun",
    "DateChange",
    "Decision",
    "DecisionPosition",
    "Document",
    "Escalation",
    "EvidenceRequirement",
    "ExtensionRequest",
    "GroupMembership",
    "Handover",
    "Indicator",
    "LiaisonAbsence",
    "LiaisonAppointment",
    "LiaisonAttestation",
    "Measurement",
    "MeasurementCorrection",
    "Milestone",
    "Minutes",
    "MinutesRevision",
    "Notice",
    "Party",
    "Phase",
    "ProgressReport",
    "Rotation",
    "RotationChange",
    "Seat",
    "SpecialGroup",
    "SupervisionStep",
    "Task",
    "TaskDependency",
    "TermHolder",
]
