"""The addresses of the portal's pages about agreements."""

from typing import Any

from django.urls import path

from agreements.portal.agenda import EditItem, ItemVerb, MoveItem, NoteItem, Propose
from agreements.portal.agreement import AgreementList, History, Overview
from agreements.portal.articles import AgreementArticles
from agreements.portal.attendance import Invite, Register, SetState
from agreements.portal.baselines import AgreementBaselines, TakeBaseline
from agreements.portal.calendars import (
    CalendarPage,
    ConsultationFile,
    Feeds,
    RevokeFeed,
    RotateFeed,
)
from agreements.portal.consultation import ConsultationPage
from agreements.portal.consultation_series import EditSeries, Extraordinary, SetDate
from agreements.portal.decisions import Decide, DecisionPage, DecisionVerb, EditDecision
from agreements.portal.decisions_shown import AgreementDecisions
from agreements.portal.documents import AgreementDocuments, Download
from agreements.portal.extension_requests import AskExtension, ExtensionVerb
from agreements.portal.group_closing import GroupReport, GroupVerb
from agreements.portal.group_overview import GroupOverview
from agreements.portal.handover import HandoverPage, SidePage, SignOffPage
from agreements.portal.health import AgreementHealth
from agreements.portal.indicators import Report
from agreements.portal.ledger import LedgerFile, WorkLedger
from agreements.portal.liaison_absence import ComeBack, ReportAbsence, WithdrawAbsence
from agreements.portal.liaison_attestation import Attest, ChaseList
from agreements.portal.liaison_coverage import LiaisonCoverage
from agreements.portal.liaison_officer import Appoint, Relieve, Succeed
from agreements.portal.meeting import Meeting
from agreements.portal.membership import Accede, Withdraw
from agreements.portal.minutes import (
    AgendaSheet,
    ConfirmMinutes,
    MinutesPage,
    MinutesVerb,
    RevisionPage,
    WriteMinutes,
)
from agreements.portal.my_work import MyWork
from agreements.portal.new_series import NewSeries
from agreements.portal.notices import Acknowledge, Notifications, Open, ReadAll
from agreements.portal.party import AgreementParties
from agreements.portal.regular_consultation import AgreementConsultations, ConsultationVerb
from agreements.portal.reports import ReportFile, Reports
from agreements.portal.rotating_convenor import AgreementRotation
from agreements.portal.rotation_change import ChangeRotation, ConfirmTerm, RevokeChange
from agreements.portal.special_group import AgreementGroups, GroupPage, Join, Leave
from agreements.portal.supervision import AgreementSupervision, FollowUp
from agreements.portal.tasks import AgreementTasks, TaskList, TaskPage, TaskVerb
from agreements.portal.timetable import AgreementTimetable

TABS: dict[str, Any] = {
    "health": AgreementHealth,
    "tasks": AgreementTasks,
    "timetable": AgreementTimetable,
    "baselines": AgreementBaselines,
    "supervision": AgreementSupervision,
    "rotation": AgreementRotation,
    "consultations": AgreementConsultations,
    "decisions": AgreementDecisions,
    "groups": AgreementGroups,
    "articles": AgreementArticles,
    "documents": AgreementDocuments,
    "parties": AgreementParties,
    "history": History,
}

urlpatterns: list[Any] = [
    path("", MyWork.as_view(), name="my_work"),
    path("agreements/", AgreementList.as_view(), name="agreement_list"),
    path("agreements/<uuid:id>/", Overview.as_view(), name="agreement"),
    *(
        path(f"agreements/<uuid:id>/{tab}/", page.as_view(), name=f"agreement_{tab}")
        for tab, page in TABS.items()
    ),
    path("notices/", Notifications.as_view(), name="notifications"),
    path("notices/read/", ReadAll.as_view(), name="read_notifications"),
    path("notices/<uuid:id>/", Open.as_view(), name="open_notification"),
    path("notices/<uuid:id>/acknowledge/", Acknowledge.as_view(), name="acknowledge_notification"),
    path("ledger/", WorkLedger.as_view(), name="ledger"),
    path("ledger/xlsx/", LedgerFile.as_view(), name="ledger_file"),
    path("reports/", Reports.as_view(), name="reports"),
    path("reports/<slug:form>/", ReportFile.as_view(), name="report_file"),
    path("tasks/", TaskList.as_view(), name="task_list"),
    path("tasks/<uuid:id>/", TaskPage.as_view(), name="task"),
    path("tasks/<uuid:id>/report/", Report.as_view(), name="task_report"),
    path("tasks/<uuid:id>/extension/", AskExtension.as_view(), name="ask_extension"),
    path(
        "extension-requests/<uuid:id>/<slug:verb>/",
        ExtensionVerb.as_view(),
        name="extension_verb",
    ),
    path("tasks/<uuid:id>/follow-up/", FollowUp.as_view(), name="task_follow_up"),
    path("tasks/<uuid:id>/<slug:verb>/", TaskVerb.as_view(), name="task_verb"),
    path("documents/<uuid:id>/", Download.as_view(), name="document"),
    path("handovers/<uuid:id>/", HandoverPage.as_view(), name="handover"),
    path("handovers/<uuid:id>/note/<slug:side>/", SidePage.as_view(), name="handover_note"),
    path(
        "handovers/<uuid:id>/sign-off/<slug:side>/", SignOffPage.as_view(), name="handover_sign_off"
    ),
    path("consultations/<uuid:id>/", ConsultationPage.as_view(), name="consultation"),
    path("consultations/<uuid:id>/agenda/", AgendaSheet.as_view(), name="agenda_sheet"),
    path("consultations/<uuid:id>/minutes/", MinutesPage.as_view(), name="minutes"),
    path("consultations/<uuid:id>/minutes/write/", WriteMinutes.as_view(), name="minutes_write"),
    path(
        "consultations/<uuid:id>/minutes/revisions/<int:number>/",
        RevisionPage.as_view(),
        name="minutes_revision",
    ),
    path("minutes/<uuid:id>/confirm/", ConfirmMinutes.as_view(), name="minutes_confirm"),
    path("minutes/<uuid:id>/<slug:verb>/", MinutesVerb.as_view(), name="minutes_verb"),
    path("consultations/<uuid:id>/meeting/", Meeting.as_view(), name="meeting"),
    path("consultations/<uuid:id>/propose/", Propose.as_view(), name="propose"),
    path("consultations/<uuid:id>/decide/", Decide.as_view(), name="decide"),
    path("consultations/<uuid:id>/attendance/", Invite.as_view(), name="invite"),
    path(
        "consultations/<uuid:id>/attendance/<uuid:organization>/",
        Register.as_view(),
        name="attendance",
    ),
    path(
        "consultations/<uuid:id>/attendance/<uuid:organization>/state/",
        SetState.as_view(),
        name="attendance_state",
    ),
    path(
        "consultations/<uuid:id>/calendar.ics",
        ConsultationFile.as_view(),
        name="consultation_file",
    ),
    path(
        "consultations/<uuid:id>/<slug:verb>/", ConsultationVerb.as_view(), name="consultation_verb"
    ),
    path("groups/", GroupOverview.as_view(), name="group_overview"),
    path("consultation-series/<uuid:id>/dates/", EditSeries.as_view(), name="series_dates"),
    path("consultation-series/<uuid:id>/set-a-date/", SetDate.as_view(), name="set_date"),
    path("agreements/<uuid:id>/consultations/series/", NewSeries.as_view(), name="new_series"),
    path(
        "agreements/<uuid:id>/consultations/extraordinary/",
        Extraordinary.as_view(),
        name="extraordinary_consultation",
    ),
    path("agreements/<uuid:id>/baselines/take/", TakeBaseline.as_view(), name="take_baseline"),
    path("calendar/", CalendarPage.as_view(), name="calendar"),
    path("calendar/feeds/", Feeds.as_view(), name="calendar_feeds"),
    path("calendar/feeds/<uuid:id>/address/", RotateFeed.as_view(), name="rotate_feed"),
    path("calendar/feeds/<uuid:id>/revoke/", RevokeFeed.as_view(), name="revoke_feed"),
    path("rotations/<uuid:id>/<slug:kind>/", ChangeRotation.as_view(), name="change_rotation"),
    path(
        "rotation-changes/<uuid:id>/revoke/",
        RevokeChange.as_view(),
        name="revoke_rotation_change",
    ),
    path("convenor-terms/<uuid:id>/confirm/", ConfirmTerm.as_view(), name="confirm_term"),
    path("agenda-items/<uuid:id>/edit/", EditItem.as_view(), name="agenda_item_edit"),
    path("agenda-items/<uuid:id>/move/", MoveItem.as_view(), name="agenda_item_move"),
    path("agenda-items/<uuid:id>/note/", NoteItem.as_view(), name="agenda_item_note"),
    path("agenda-items/<uuid:id>/<slug:verb>/", ItemVerb.as_view(), name="agenda_item_verb"),
    path("decisions/<uuid:id>/", DecisionPage.as_view(), name="decision"),
    path("decisions/<uuid:id>/edit/", EditDecision.as_view(), name="decision_edit"),
    path("decisions/<uuid:id>/<slug:verb>/", DecisionVerb.as_view(), name="decision_verb"),
    path("groups/<uuid:id>/", GroupPage.as_view(), name="group"),
    path("groups/<uuid:id>/members/", Join.as_view(), name="join_group"),
    path("group-memberships/<uuid:id>/leave/", Leave.as_view(), name="leave_group"),
    path("groups/<uuid:id>/closing-report/", GroupReport.as_view(), name="group_report"),
    path("groups/<uuid:id>/<slug:verb>/", GroupVerb.as_view(), name="group_verb"),
    path("liaison-coverage/", LiaisonCoverage.as_view(), name="liaison_coverage"),
    path("liaison-officers/<uuid:id>/successor/", Succeed.as_view(), name="succeed_officer"),
    path("liaison-officers/<uuid:id>/absence/", ReportAbsence.as_view(), name="report_absence"),
    path("liaison-absences/<uuid:id>/return/", ComeBack.as_view(), name="come_back"),
    path(
        "liaison-absences/<uuid:id>/withdraw/", WithdrawAbsence.as_view(), name="withdraw_absence"
    ),
    path("parties/<uuid:id>/accede/", Accede.as_view(), name="accede"),
    path("parties/<uuid:id>/withdraw/", Withdraw.as_view(), name="withdraw"),
    path("liaison-attestations/", ChaseList.as_view(), name="attestation_list"),
    path("liaison-attestations/<uuid:id>/", Attest.as_view(), name="attest"),
    path("parties/<uuid:id>/liaison-officer/", Appoint.as_view(), name="appoint_liaison_officer"),
    path("liaison-officers/<uuid:id>/relieve/", Relieve.as_view(), name="relieve_liaison_officer"),
]
