"""The sidebar of the back office."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _


def groups(request: Any) -> list[dict[str, Any]]:
    """The groups of links, in the order in which one works."""
    return [
        {"items": [_item(_("What needs a hand today"), "today", "index")]},
        _group(
            _("Agreements"),
            _item(_("Agreements"), "handshake", "agreements_agreement"),
            _item(_("Parties"), "groups", "agreements_party"),
            _item(_("Articles"), "article", "agreements_article"),
            _item(_("Documents"), "description", "agreements_document"),
            _item(_("Content areas"), "category", "agreements_contentarea"),
        ),
        _group(
            _("Mechanisms"),
            _item(_("Rotating convenor"), "autorenew", "agreements_rotation"),
            _item(_("Convenor terms"), "date_range", "agreements_convenorterm"),
            _item(_("Handovers"), "move_up", "agreements_handover"),
            _item(_("Liaison officers"), "contact_phone", "agreements_liaisonappointment"),
            _item(_("Attestations"), "how_to_reg", "agreements_liaisonattestation"),
            _item(_("Regular consultation"), "event_repeat", "agreements_consultationseries"),
            _item(_("Consultations"), "event", "agreements_consultation"),
            _item(_("Agenda items"), "list_alt", "agreements_agendaitem"),
            _item(_("Decisions"), "gavel", "agreements_decision"),
            _item(_("Minutes"), "summarize", "agreements_minutes"),
            _item(_("Special cooperation groups"), "diversity_3", "agreements_specialgroup"),
        ),
        _group(
            _("Roadmap and tasks"),
            _item(_("Tasks"), "task_alt", "agreements_task"),
            _item(_("Extension requests"), "more_time", "agreements_extensionrequest"),
            _item(_("Supervision"), "notification_important", "agreements_escalation"),
            _item(_("Indicators"), "monitoring", "agreements_indicator"),
            _item(_("Phases"), "timeline", "agreements_phase"),
            _item(_("Milestones"), "flag", "agreements_milestone"),
            _item(_("Baselines"), "history_toggle_off", "agreements_baseline"),
        ),
        _group(
            _("Reports"),
            _page(_("Reports and bulletins"), "summarize", "reports"),
            _page(_("Work ledger"), "table_chart", "ledger"),
        ),
        _group(
            _("Actors"),
            _item(_("Organizations"), "corporate_fare", "actors_organization"),
            _item(_("People"), "person", "actors_person"),
            _item(_("Regions"), "map", "actors_region"),
            _item(_("Working calendars"), "calendar_month", "actors_workingcalendar"),
        ),
        _group(
            _("Notices and mail"),
            _item(_("Notices"), "notifications", "agreements_notice"),
            _item(_("Outbox"), "outbox", "governance_message"),
            _item(_("Daily runs"), "schedule", "agreements_dailyrun"),
        ),
        _group(
            _("Record and settings"),
            _item(_("Record"), "history", "governance_event"),
            _item(_("Void references"), "block", "governance_voidreference"),
            _item(_("Users"), "manage_accounts", "actors_user"),
            _item(_("Tokens"), "key", "governance_token"),
            _item(_("Calendar feeds"), "calendar_month", "agreements_calendarfeed"),
        ),
    ]


def _group(title: str, *items: dict[str, Any]) -> dict[str, Any]:
    return {"title": title, "separator": True, "collapsible": False, "items": list(items)}


def _page(title: str, icon: str, name: str) -> dict[str, Any]:
    """A page of the portal that the secretariat works with."""
    return {"title": title, "icon": icon, "link": reverse(name)}


def _item(title: str, icon: str, name: str) -> dict[str, Any]:
    page = "index" if name == "index" else f"{name}_changelist"
    return {"title": title, "icon": icon, "link": reverse(f"admin:{page}")}
