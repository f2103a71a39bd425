"""Meetings in the back office: agenda and attendance in one sitting, verbs, what needs a hand."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from actors.models import Organization, User
from agreements.mechanisms.agenda_rules import Status as ItemStatus
from agreements.mechanisms.deciding import decide
from agreements.mechanisms.minutes import Stance
from agreements.models import (
    AgendaItem,
    Agreement,
    Attendance,
    Confirmation,
    Consultation,
    Decision,
    Minutes,
)
from governance import clock
from tests.agreements.mechanisms.meetings import attend, enter_meeting, enter_series, propose
from tests.cast import TODAY
from tests.typed import errors, typed


@pytest.fixture
def meeting(agreement: Agreement) -> Consultation:
    series = enter_series(agreement, agenda_cutoff_days=90)
    return enter_meeting(series, TODAY, title="Spring meeting").convene(by=None, on=TODAY)


@pytest.fixture
def desk(client: Client, officer: User) -> Client:
    client.force_login(officer)
    return client


def address(obj: Any, page: str = "change", *more: Any) -> str:
    name = f"admin:agreements_{obj._meta.model_name}_{page}"
    args = () if page in {"changelist", "add"} else (obj.pk, *more)
    return reverse(name, args=args)


def page_of(desk: Client, path: str) -> str:
    answer = desk.get(path)
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_agenda_and_attendance_are_entered_on_the_page_of_the_consultation(
    desk: Client, meeting: Consultation, alba: Organization
):
    form = typed(desk.get(address(meeting)))
    form |= {
        "agenda_items-TOTAL_FORMS": "1",
        "agenda_items-0-title": "Noise",
        "agenda_items-0-proposed_by": str(alba.pk),
        "attendances-TOTAL_FORMS": "1",
        "attendances-0-organization": str(alba.pk),
        "attendances-0-state": "excused",
        "attendances-0-excuse": "Flood",
    }
    answer = desk.post(address(meeting), form)
    assert answer.status_code == 302, errors(answer)
    item, row = AgendaItem.objects.get(), Attendance.objects.get()
    assert (item.title, item.proposed_by, item.status) == ("Noise", alba, ItemStatus.PROPOSED)
    assert (row.state, row.excuse) == ("excused", "Flood")


def test_before_the_call_there_is_no_list_to_fill(desk: Client, agreement: Agreement):
    planned = enter_meeting(enter_series(agreement), TODAY)
    page = page_of(desk, address(planned))
    assert "agenda_items-TOTAL_FORMS" in page
    assert "attendances-0-organization" not in page


def test_a_proposal_is_answered_with_a_button_and_a_reason(desk: Client, meeting: Consultation):
    item = propose(meeting)
    assert "Put on the agenda" in page_of(desk, address(item))
    path = address(item, "verb", "decline")
    assert desk.post(path, {"on": str(TODAY), "read_version": "1"}).status_code == 200
    said = {"on": str(TODAY), "reason": "Too late", "read_version": "1"}
    assert desk.post(path, said).status_code == 302
    item.refresh_from_db()
    assert item.status == ItemStatus.DECLINED


def test_a_decision_is_entered_and_found_by_how_far_it_went(desk: Client, meeting: Consultation):
    made_by = Decision(consultation=meeting)
    form = typed(desk.get(address(made_by, "add")))
    form |= {"consultation": str(meeting.pk), "text": "Close at ten.", "decided_on": str(TODAY)}
    answer = desk.post(address(made_by, "add"), form)
    assert answer.status_code == 302, errors(answer)
    made = Decision.objects.get()
    assert made.quorum["met"] and made.number == 1
    assert "Close at ten." in page_of(desk, address(made, "changelist") + "?standing=no_task")
    assert "Close at ten." not in page_of(desk, address(made, "changelist") + "?standing=open")
    assert "Decision 2027-1" in page_of(desk, address(made))


def test_decisions_are_sorted_by_year_and_number(desk: Client, meeting: Consultation):
    for place in range(1, 11):
        day = TODAY.replace(year=2026) if place == 5 else TODAY
        decide(meeting, by=None, on=TODAY, decided_on=day, text=f"Words {place}.")
    for column, order in (("0", range(9)), ("-0", reversed(range(9)))):
        page = page_of(desk, address(Decision(), "changelist") + f"?o={column}")
        found = [page.index(f"Decision 2027-{number}<") for number in range(1, 10)]
        first = page.index("Decision 2026-1<")
        assert [sorted(found).index(place) for place in found] == list(order)
        assert first < min(found) if column == "0" else first > max(found)


@pytest.mark.parametrize("column", ["1", "2", "-3", "4.-0", "6", "9", "x", ""])
def test_decisions_are_shown_whatever_they_are_sorted_by(
    desk: Client, meeting: Consultation, column: str
):
    decide(meeting, by=None, on=TODAY, text="Close at ten.")
    assert "Close at ten." in page_of(desk, address(Decision(), "changelist") + f"?o={column}")


def test_the_text_of_minutes_becomes_a_revision_that_nobody_changes(
    desk: Client, meeting: Consultation
):
    minutes = Minutes.draft(meeting, by=None, on=TODAY, text="Loud.")
    form = typed(desk.get(address(minutes)))
    answer = desk.post(address(minutes), form | {"text": "Very loud."})
    assert answer.status_code == 302, errors(answer)
    minutes.refresh_from_db()
    assert (minutes.revision, minutes.text) == (2, "Very loud.")
    page = page_of(desk, address(minutes))
    assert "Loud." in page and "revisions-0-text" not in page


def test_the_secretariat_adds_the_word_of_a_party(
    desk: Client, meeting: Consultation, alba: Organization
):
    minutes = Minutes.draft(meeting, by=None, on=TODAY, text="Loud.").circulate(by=None, on=TODAY)
    form = typed(desk.get(address(minutes))) | {
        "confirmations-TOTAL_FORMS": "1",
        "confirmations-0-organization": str(alba.pk),
        "confirmations-0-stance": "reserved",
        "confirmations-0-note": "Not that loud.",
    }
    answer = desk.post(address(minutes), form)
    assert answer.status_code == 302, errors(answer)
    assert Confirmation.objects.get().note == "Not that loud."
    assert "Spring meeting" in page_of(desk, address(minutes, "changelist") + "?reserved=yes")


@pytest.mark.parametrize("kind", [AgendaItem, Attendance, Decision, Minutes])
def test_every_list_opens_for_auditors_too(
    client: Client, auditor: User, meeting: Consultation, alba: Organization, kind: Any
):
    propose(meeting)
    attend(meeting, alba)
    decide(meeting, by=None, on=TODAY, text="Close at ten.")
    Minutes.draft(meeting, by=None, on=TODAY, text="Loud.")
    client.force_login(auditor)
    one = kind.objects.get()
    page_of(client, address(one, "changelist"))
    page_of(client, address(one))


def test_the_first_page_names_what_meetings_leave_open(
    desk: Client, agreement: Agreement, meeting: Consultation, alba: Organization
):
    propose(meeting, "Noise at night")
    decide(meeting, by=None, on=TODAY, text="Close at ten.")
    meeting.close(by=None, on=TODAY)
    minutes = Minutes.draft(meeting, by=None, on=TODAY, text="Loud.").circulate(by=None, on=TODAY)
    Confirmation.give(minutes, alba, by=None, on=TODAY, stance=Stance.RESERVED, note="No")
    old = enter_meeting(meeting.series, date(2027, 2, 1), title="Winter meeting")
    old.convene(by=None, on=date(2027, 1, 20)).close(by=None, on=date(2027, 2, 1))
    coming = enter_meeting(meeting.series, TODAY + timedelta(days=5), title="Next meeting")
    propose(coming, "Still to answer")
    assert clock.today() == TODAY
    page = page_of(desk, "/secretariat/")
    for words in (
        "Proposals for an agenda without an answer",
        "Still to answer",
        "Winter meeting",
        "Minutes with reservations",
        "Decisions without a task",
        "Decision 2027-1",
    ):
        assert words in page, words
