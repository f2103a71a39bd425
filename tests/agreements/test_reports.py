"""Reports: each figure names its tasks, a past period is told as it stood, at each door."""

import builtins
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from actors.models import Organization, User
from agreements import indicators
from agreements.models import Agreement, ConsultationSeries, Indicator, Task
from agreements.reports import Kind, Report, bulletin_agreements, report, usual_period
from agreements.tasks import Status
from governance import clock
from governance.access import visible_to
from tests.agreements.portal_scenes import read, signed_in
from tests.agreements.test_health import held
from tests.api_stage import Caller
from tests.cast import SIGNED, TODAY, enter_agreement, enter_rotation, enter_task

FIRST, LAST = date(2026, 10, 1), date(2026, 12, 31)
WITHIN, LATER = date(2026, 11, 15), date(2027, 1, 20)


def ask(agreement: Agreement, user: User, first: date = FIRST, last: date = LAST) -> Report:
    return report(
        agreement, first=first, last=last, today=TODAY, at=clock.now(),
        rows_of=partial(visible_to, user),
    )  # fmt: skip


def numbers(found: Report) -> dict[str, list[int]]:
    """The figures by their keys, each as the numbers of its tasks."""
    return {
        one.key: [entry.task.number for entry in one.entries] for one in (*found.stock, *found.flow)
    }


def finish(task: Task, by: Any, on: date) -> None:
    with clock.fixed(on):
        for verb in ("start", "submit", "verify"):
            task.refresh_from_db()
            getattr(task, verb)(by=by, on=on)


@pytest.fixture
def tasks(agreement: Agreement, alba: Organization, brook: Organization, officer: User) -> Any:
    """Done in the period, done after it and late, measured and running, cancelled."""

    def enter(lead: Organization, due_on: date | None, status: str = Status.ACCEPTED) -> Task:
        return enter_task(
            agreement, by=officer, status=status, lead=lead, starts_on=SIGNED, due_on=due_on
        )

    made = [
        enter(alba, WITHIN + timedelta(days=5)),
        enter(alba, date(2026, 12, 1)),
        enter(brook, date(2027, 3, 20)),
        enter(brook, None, Status.CANCELLED),
    ]
    finish(made[0], officer, WITHIN)
    finish(made[1], officer, LATER)
    Indicator.enter(by=officer, task=made[2], name="Trees", unit="1", target=Decimal(40))
    for on, value in ((date(2026, 9, 1), 4), (WITHIN, 20), (LATER, 40)):
        with clock.fixed(on):
            made[2].refresh_from_db()
            values = [(made[2].indicators.get(), Decimal(value))]
            indicators.report(made[2], by=officer, on=on, text=f"{value}.", values=values)
    return made


class TestFigures:
    def test_each_names_the_tasks_it_counts(self, agreement, tasks, officer):
        found = numbers(ask(agreement, officer))
        assert found["tasks"] == [1, 2, 3]
        assert found["resting"] == [4]
        assert found["completed"] == [1]
        assert found["reported"] == [3]
        assert found["due"] == [1, 2]
        assert found["missed"] == [2]
        assert found["overdue"] == [2] and found["done"] == [1]

    def test_a_past_period_is_told_as_it_stood(self, agreement, tasks, officer):
        then, now = ask(agreement, officer), ask(agreement, officer, last=TODAY)
        assert [one.task.number for one in then.late] == [2]
        assert then.late[0].days_late == 30
        assert now.late == ()
        assert numbers(now)["completed"] == [1, 2]

    def test_quantities_tell_before_and_after(self, agreement, tasks, officer):
        (found,) = ask(agreement, officer).quantities
        assert (found.before, found.value, found.attainment) == (4, 20, 5000)

    def test_progress_is_told_with_where_it_came_from(self, agreement, tasks, officer):
        found = ask(agreement, officer)
        assert (found.before, found.standing.progress) == (333, 5000)
        assert "progress was 50%, after 3% when the period began" in found.summary

    def test_parties_stand_with_their_own_tasks(self, agreement, tasks, officer):
        found = [
            (str(one.organization), [entry.task.number for entry in one.entries], one.late)
            for one in ask(agreement, officer).parties
        ]
        assert found == [("Alba District", [1, 2], 1), ("Brook District", [3, 4], 0)]

    def test_a_moved_date_is_told_with_its_cause(self, agreement, tasks, officer):
        task = tasks[2]
        with clock.fixed(WITHIN):
            task.refresh_from_db()
            task.reschedule(
                by=officer, on=WITHIN, due_on=date(2027, 4, 20), reason="Frost",
                cause="force_majeure",
            )  # fmt: skip
        found = ask(agreement, officer)
        assert [(one.days, one.cause) for one in found.moved] == [(31, "force_majeure")]
        assert numbers(found)["moved"] == [3]

    def test_what_comes_next_lies_within_a_time_as_long(self, agreement, tasks, officer):
        assert [one.entry.task.number for one in ask(agreement, officer).coming] == [3]

    def test_numbers_in_a_row_are_told_as_one_run(self, agreement, tasks, officer):
        stock = {one.key: one for one in ask(agreement, officer).stock}
        told = [
            (run.first.task.number, run.last and run.last.task.number)
            for run in stock["tasks"].runs
        ]
        assert told == [(1, 3)]
        assert [run.last for run in stock["overdue"].runs] == [None]

    def test_an_agreement_without_tasks_says_so(self, agreement, officer):
        assert "No task stands" in ask(agreement, officer).summary


def test_mechanisms_are_told_for_the_period(agreement, alba, brook, officer):
    enter_rotation(agreement, alba, brook, by=officer)
    ConsultationSeries.enter(
        by=officer, agreement=agreement, name="Talks", times=1, cadence="quarter"
    )
    held(agreement, officer, WITHIN)
    held(agreement, officer, LATER)
    found = ask(agreement, officer)
    assert [one.held_on for one in found.meetings] == [WITHIN]
    assert [str(one.holdings.all()[0].organization) for one in found.terms] == ["Brook District"]
    assert found.promised is not None and found.promised.promised == 1
    assert [str(one.party.organization) for one in found.uncovered] == [str(alba), str(brook)]


@pytest.mark.parametrize(
    ("kind", "today", "first", "last"),
    [
        ("implementation", TODAY, date(2027, 1, 1), TODAY),
        ("bulletin", TODAY, date(2026, 10, 1), date(2026, 12, 31)),
        ("bulletin", date(2027, 6, 30), date(2027, 1, 1), date(2027, 3, 31)),
        ("bulletin", date(2027, 7, 1), date(2027, 4, 1), date(2027, 6, 30)),
    ],
)
def test_the_usual_period(kind, today, first, last):
    assert usual_period(kind, today) == (first, last)


def test_a_bulletin_speaks_of_what_was_signed_and_alive_at_its_end(agreement, alba, brook, officer):
    enter_agreement(alba, brook, by=officer, status="negotiating")
    ended = enter_agreement(alba, brook, by=officer, status="ended")
    seen = visible_to(officer, Agreement)
    assert list(bulletin_agreements(seen, LAST)) == [agreement]
    assert list(bulletin_agreements(seen, date(2026, 11, 30))) == [agreement, ended]


def test_it_costs_the_same_for_few_tasks_and_for_many(agreement, tasks, officer, alba):
    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            ask(agreement, officer)
        return len(found)

    first = queries()
    for _number in range(3):
        enter_task(agreement, by=officer, status=Status.ACCEPTED, lead=alba, due_on=LATER)
    assert queries() == first


class TestDoors:
    QUERY = f"from={FIRST}&to={LAST}"

    def test_the_page_leads_from_each_figure_to_its_tasks(self, agreement, tasks, alice):
        page = read(signed_in(alice).get(f"/reports/?agreement={agreement.public_id}&{self.QUERY}"))
        assert f'<a href="#task-{tasks[0].public_id}">1</a>–' in page
        assert f'id="task-{tasks[0].public_id}"' in page
        assert "1 October 2026 to 31 December 2026" in page

    @pytest.mark.parametrize(
        ("form", "kind", "begins"),
        [
            ("pdf", "application/pdf", b"%PDF"),
            ("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK"),
            ("html", "text/html; charset=utf-8", b"<!DOCTYPE html>"),
        ],
    )
    def test_portal_and_api_hand_out_the_same_files(
        self, agreement, tasks, alice, form, kind, begins
    ):
        query = f"agreement={agreement.public_id}&{self.QUERY}"
        portal = signed_in(alice).get(f"/reports/{form}/?{query}")
        api = Caller(alice).get(f"agreements/{agreement.public_id}/report/?as={form}&{self.QUERY}")
        for answer in (portal, api):
            assert (answer.status_code, answer.headers["Content-Type"]) == (200, kind)
            assert answer.content.lstrip().startswith(begins)

    def test_the_workbook_holds_every_part(self, agreement, tasks, officer):
        answer = Caller(officer).get(
            f"agreements/{agreement.public_id}/report/?as=xlsx&{self.QUERY}"
        )
        book = load_workbook(BytesIO(answer.content))
        assert book.sheetnames == [
            "Figures", "By lead organization", "Late and at risk", "Quantities", "Dates moved",
            "Meetings held", "Decisions", "What comes next", "Work ledger",
        ]  # fmt: skip
        figures = {row[1]: (row[2], row[3]) for row in book["Figures"].values if row[1]}
        assert figures["Fell due"] == (2, "1, 2")

    def test_a_bulletin_is_over_all_that_one_may_see(self, agreement, tasks, alice, stranger):
        assert "Clean rivers" in Caller(alice).get("bulletin/").content.decode()
        assert "Clean rivers" not in Caller(stranger).get("bulletin/").content.decode()
        assert "Clean rivers" not in read(signed_in(stranger).get("/reports/?kind=bulletin"))

    def test_for_a_stranger_there_is_no_report(self, agreement, stranger):
        assert Caller(stranger).get(f"agreements/{agreement.public_id}/report/").status_code == 404
        page = read(signed_in(stranger).get(f"/reports/?agreement={agreement.public_id}"))
        assert "Clean rivers" not in page

    def test_whoever_left_reads_up_to_their_leaving(self, agreement, tasks, alice, alba, officer):
        party = agreement.party_set.get(organization=alba)
        day = date(2026, 12, 1)
        with clock.fixed(day):
            party.withdraw(by=officer, on=day, effective_on=day)
        page = Caller(alice).get(f"agreements/{agreement.public_id}/report/").content.decode()
        assert "30 November 2026" in page

    @pytest.mark.parametrize(
        ("query", "at"),
        [
            ("as=docx", "as"),
            ("kind=poem", "kind"),
            ("to=2999-01-01", "to"),
            ("from=2027-02-01&to=2027-01-01", "to"),
            ("from=yesterday", "from"),
            ("on=2027-01-01", "on"),
        ],
    )
    def test_what_is_not_understood_is_refused_at_its_name(self, agreement, officer, query, at):
        answer = Caller(officer).get(f"agreements/{agreement.public_id}/report/?{query}")
        assert answer.status_code == 400
        assert [one["pointer"] for one in answer.json()["errors"]] == [f"/{at}"]

    @pytest.mark.parametrize("path", ["/reports/pdf/", "/reports/xlsx/", "/ledger/xlsx/"])
    def test_files_are_for_whoever_is_signed_in(self, agreement, path):
        answer = Client().get(f"{path}?agreement={agreement.public_id}")
        assert (answer.status_code, answer.url.split("?")[0]) == (302, "/account/login/")

    def test_there_are_no_other_files(self, agreement, officer):
        path = f"/reports/docx/?agreement={agreement.public_id}"
        assert signed_in(officer).get(path).status_code == 404

    def test_a_report_without_its_agreement_asks_for_it(self, officer):
        page = read(signed_in(officer).get(f"/reports/?kind={Kind.IMPLEMENTATION}"))
        assert "A report is about one agreement: choose it." in page

    def test_without_pango_a_sentence_says_so(self, agreement, officer, monkeypatch):
        real = builtins.__import__

        def without(name: str, *args: Any, **kwargs: Any) -> Any:
            if name == "weasyprint":
                raise OSError("cannot load library 'libpango-1.0-0'")
            return real(name, *args, **kwargs)

        monkeypatch.setattr(builtins, "__import__", without)
        path = f"agreements/{agreement.public_id}/report/?as=pdf"
        answer = Caller(officer).get(path)
        assert answer.status_code == 501
        assert "the system library Pango is missing" in answer.json()["detail"]
        browser = signed_in(officer)
        page = browser.get(f"/reports/pdf/?agreement={agreement.public_id}", follow=True)
        assert "the system library Pango is missing" in read(page)
