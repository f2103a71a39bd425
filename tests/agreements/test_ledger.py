"""The work ledger: tasks as they stood on a day, on the page and as a workbook."""

from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from actors.models import Organization, User
from agreements import indicators
from agreements.ledger import Entry, ledger
from agreements.models import Agreement, Indicator, Task
from agreements.progress import Light
from agreements.tasks import Status
from governance import clock
from governance.access import visible_to
from tests.agreements.portal_scenes import read, signed_in
from tests.cast import SIGNED, TODAY, enter_agreement, enter_task

BEFORE, THEN, LATER = date(2026, 9, 30), date(2026, 10, 15), date(2026, 12, 15)


def ask(user: User, on: date = TODAY) -> list[Entry]:
    tasks = visible_to(user, Task).order_by("agreement", "number")
    return ledger(tasks, on=on, today=TODAY, rows_of=partial(visible_to, user))


@pytest.fixture
def task(agreement: Agreement, alba: Organization, officer: User) -> Task:
    """Accepted, due at the end of 2026, with a target of 40."""
    made = enter_task(
        agreement, by=officer, status=Status.ACCEPTED, lead=alba, title="Plant trees",
        starts_on=SIGNED, due_on=date(2026, 12, 31),
    )  # fmt: skip
    Indicator.enter(by=officer, task=made, name="Trees", unit="1000", target=Decimal(40))
    return made


def tell(task: Task, by: Any, on: date, value: int, text: str = "") -> None:
    with clock.fixed(on):
        task.refresh_from_db()
        values = [(task.indicators.get(), Decimal(value))]
        indicators.report(task, by=by, on=on, text=text, values=values)


class TestAsOf:
    def test_today_it_says_what_the_task_says(self, task, officer, alba, agreement):
        tell(task, officer, THEN, 10)
        for status in Status:
            enter_task(agreement, by=officer, status=status, lead=alba, due_on=LATER)
        for entry in ask(officer):
            kept = Task.objects.get(pk=entry.task.pk)
            assert entry.task.progress == kept.progress
            assert (entry.light, entry.expected) == (kept.light(TODAY), kept.expected(TODAY))

    def test_what_came_later_is_left_out(self, task, officer):
        tell(task, officer, THEN, 10, "Ten.")
        tell(task, officer, LATER, 40, "All.")
        with clock.fixed(LATER):
            task.refresh_from_db()
            task.submit(by=officer, on=LATER)
            task.verify(by=officer, on=LATER)
        (entry,) = ask(officer, on=THEN)
        assert (entry.task.status, entry.task.progress) == (Status.IN_PROGRESS, 2500)
        assert [one.text for one in entry.reports] == ["Ten."]
        assert entry.figures[0].value == 10
        (entry,) = ask(officer, on=BEFORE)
        assert (entry.task.status, entry.has_word) == (Status.ACCEPTED, False)
        (entry,) = ask(officer)
        assert (entry.light, entry.task.progress) == (Light.DONE, 10_000)

    def test_a_date_moved_later_stands_as_it_stood(self, task, officer):
        with clock.fixed(LATER):
            task.refresh_from_db()
            task.reschedule(by=officer, on=LATER, due_on=date(2027, 6, 30), reason="Frost")
        (then,), (now,) = ask(officer, on=THEN), ask(officer)
        assert (then.task.due_on, now.task.due_on) == (date(2026, 12, 31), date(2027, 6, 30))
        assert Task.objects.get(pk=task.pk).due_on == date(2027, 6, 30)

    def test_days_late_count_until_it_is_done(self, task, officer):
        (entry,) = ask(officer, on=date(2027, 1, 10))
        assert (entry.light, entry.days_late) == (Light.OVERDUE, 10)
        (entry,) = ask(officer, on=date(2026, 12, 31))
        assert entry.days_late == 0

    def test_it_costs_the_same_for_one_task_and_for_three(self, task, officer, alba, agreement):
        def queries() -> int:
            with CaptureQueriesContext(connection) as found:
                ask(officer, on=THEN)
            return len(found)

        first = queries()
        for _number in range(2):
            enter_task(agreement, by=officer, status=Status.ACCEPTED, lead=alba)
        assert queries() == first


class TestPage:
    def test_it_shows_target_value_and_last_report(self, task, officer, alice):
        tell(task, officer, THEN, 10, "Ten thousand stand.")
        page = read(signed_in(alice).get("/ledger/"))
        for words in ("Plant trees", "10 / 40 1000", "Ten thousand stand.", "60 days late"):
            assert words in page, words

    def test_filters_stay_in_the_address_and_narrow_the_workbook_too(
        self, task, officer, alba, brook, agreement
    ):
        other = enter_agreement(alba, brook, by=officer, status="in_force", title="Clean air")
        enter_task(other, by=officer, title="Count smoke", lead=brook)
        browser, query = signed_in(officer), f"?agreement={other.public_id}"
        page = read(browser.get(f"/ledger/{query}"))
        assert "Count smoke" in page and "Plant trees" not in page
        assert f"/ledger/xlsx/{query}" in page
        rows = sheet(browser.get(f"/ledger/xlsx/{query}"))
        assert [row[3] for row in rows[3:]] == ["Count smoke"]
        assert "Clean air" in rows[1][0]

    def test_a_partner_reads_no_tasks_but_their_own_agreements(self, task, stranger, alice):
        assert "Plant trees" not in read(signed_in(stranger).get("/ledger/"))
        assert len(sheet(signed_in(stranger).get("/ledger/xlsx/"))) == 3
        assert len(sheet(signed_in(alice).get("/ledger/xlsx/"))) == 4


def sheet(answer: Any) -> list[tuple[Any, ...]]:
    """The values of the first sheet, row by row."""
    assert answer.status_code == 200
    return list(load_workbook(BytesIO(answer.content)).worksheets[0].values)


def test_a_workbook_holds_days_shares_and_links_and_no_formula(task, officer, agreement):
    tell(task, officer, THEN, 10)
    enter_task(agreement, by=officer, title='=HYPERLINK("http://evil.example")')
    answer = signed_in(officer).get("/ledger/xlsx/")
    page = load_workbook(BytesIO(answer.content)).worksheets[0]
    head = [cell.value for cell in page[3]]
    row = dict(zip(head, page[4], strict=True))
    assert row["Due on"].value.date() == date(2026, 12, 31)
    assert (row["Progress"].value, row["Progress"].number_format) == (0.25, "0%")
    assert row["Reference"].hyperlink.target.endswith(f"/tasks/{task.public_id}/")
    assert row["Reached"].value == "Trees 10 1000"
    formula = page[5][head.index("Task")]
    assert (formula.data_type, formula.value[:2]) == ("s", "'=")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="ledger-{TODAY}.xlsx"'
    assert timedelta(days=row["Days late"].value) == TODAY - date(2026, 12, 31)
