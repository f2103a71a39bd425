"""The resources of agreements, by their names in the API."""

from django.urls import path

from agreements.api.agenda import AgendaItems
from agreements.api.agreements import Agreements
from agreements.api.articles import Articles
from agreements.api.attendance import Attendances
from agreements.api.baselines import Baselines, DateChanges
from agreements.api.calendars import CalendarFeeds, Feed
from agreements.api.consultation_series import AllConsultationSeries
from agreements.api.content_area import ContentAreas
from agreements.api.convenor_terms import ConvenorTerms
from agreements.api.convenors import Convenors
from agreements.api.dashboard import Dashboard
from agreements.api.decisions import Decisions
from agreements.api.documents import Documents
from agreements.api.evidence import EvidenceRequirements
from agreements.api.extension_requests import ExtensionRequests
from agreements.api.handover import Handovers
from agreements.api.indicators import Indicators, Measurements, ProgressReports
from agreements.api.liaison_attestation import LiaisonAttestations
from agreements.api.liaison_officer import LiaisonAbsences, LiaisonAppointments, LiaisonCoverage
from agreements.api.minutes import AllMinutes, Confirmations
from agreements.api.notices import Notices
from agreements.api.package import AgreementImport
from agreements.api.party import Parties
from agreements.api.regular_consultation import Consultations
from agreements.api.reports import Bulletin
from agreements.api.rotating_convenor import Rotations
from agreements.api.special_group import GroupMemberships, SpecialGroups
from agreements.api.supervision import Escalations, SupervisionSteps
from agreements.api.task_dependencies import TaskDependencies
from agreements.api.tasks import Tasks
from agreements.api.timetable import Milestones, Phases

resources = {
    "agreements": Agreements,
    "parties": Parties,
    "articles": Articles,
    "documents": Documents,
    "content-areas": ContentAreas,
    "rotations": Rotations,
    "convenor-terms": ConvenorTerms,
    "handovers": Handovers,
    "liaison-appointments": LiaisonAppointments,
    "liaison-absences": LiaisonAbsences,
    "liaison-attestations": LiaisonAttestations,
    "calendar-feeds": CalendarFeeds,
    "consultation-series": AllConsultationSeries,
    "consultations": Consultations,
    "agenda-items": AgendaItems,
    "attendances": Attendances,
    "decisions": Decisions,
    "minutes": AllMinutes,
    "confirmations": Confirmations,
    "special-groups": SpecialGroups,
    "group-memberships": GroupMemberships,
    "notices": Notices,
    "phases": Phases,
    "milestones": Milestones,
    "tasks": Tasks,
    "supervision-steps": SupervisionSteps,
    "escalations": Escalations,
    "task-dependencies": TaskDependencies,
    "baselines": Baselines,
    "date-changes": DateChanges,
    "indicators": Indicators,
    "measurements": Measurements,
    "progress-reports": ProgressReports,
    "evidence-requirements": EvidenceRequirements,
    "extension-requests": ExtensionRequests,
}
questions = [
    path("dashboard/", Dashboard.as_view(), name="dashboard"),
    path("bulletin/", Bulletin.as_view(), name="bulletin"),
    path("calendars/<str:secret>.ics", Feed.as_view(), name="calendar"),
    path("agreements/import/", AgreementImport.as_view(), name="agreements-import"),
    path("convenors/", Convenors.as_view(), name="convenors"),
    path("liaison-coverage/", LiaisonCoverage.as_view(), name="liaison-coverage"),
]
