"""The timetable in the portal: the picture, the table beside it, and a task's place in both."""

import re

import pytest
from django.urls import reverse

from agreements.portal.gantt import cut
from tests.agreements.plans import day, enter_plan
from tests.agreements.portal_scenes import read, signed_in
from tests.cast import again


@pytest.fixture
def tasks(officer, agreement, alba):
    return enter_plan(agreement, alba, by=officer)


def timetable(user, agreement, query=""):
    address = reverse("agreement_timetable", kwargs={"id": agreement.public_id})
    answer = signed_in(again(user)).get(address + query)
    assert answer.status_code == 200
    return read(answer)


def page_of(user, task, query=""):
    address = reverse("task", kwargs={"id": task.public_id})
    return read(signed_in(again(user)).get(address + query))


def table_of(page):
    """The titles of the tasks in the table, in their order."""
    return re.findall(r'<a class="row-link"[^>]*>([^<]+)</a>', page)


def test_the_picture_draws_bars_arrows_and_the_critical_path(alice, agreement, tasks):
    page = timetable(alice, agreement)
    assert page.count('class="gantt-row"') == 3
    assert page.count('class="critical-frame"') == 2
    assert page.count('<path class="link link-critical" d="M') == 2  # one is in the legend
    assert page.count('<path class="link" d="M') == 2
    assert 'class="milestone"' in page and 'class="today"' in page
    assert "First phase" in page and "Opening" in page


def test_the_table_says_the_same_in_words(alice, agreement, tasks):
    page = timetable(alice, agreement)
    assert table_of(page) == ["Survey", "Plan", "Build"]
    assert "none: critical" in page and "5 days" in page
    assert "As things stand all will be done by <strong>21 March 2027</strong>, as agreed." in page


def test_what_is_late_says_by_how_much(officer, alice, agreement, tasks):
    tasks["Survey"].edit(by=officer, starts_on=day(-30), due_on=day(-20))
    page = timetable(alice, agreement)
    assert "20 days later" in page
    assert 'class="bar-late"' in page


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("?critical=1", ["Survey", "Build"]),
        ("?ordering=-slack", ["Plan", "Survey", "Build"]),
        ("?ordering=title", ["Build", "Plan", "Survey"]),
        ("?ordering=-due", ["Build", "Survey", "Plan"]),
        ("?ordering=-forecast&critical=1", ["Build", "Survey"]),
        ("?ordering=light", ["Survey", "Plan", "Build"]),
        ("?light=done", []),
        ("?ordering=x&light=x&critical=x", ["Survey", "Plan", "Build"]),
    ],
)
def test_it_is_narrowed_and_put_in_order_by_the_address(alice, agreement, tasks, query, titles):
    assert sorted(table_of(timetable(alice, agreement, query))) == sorted(titles)
    if "light=" not in query or "x" in query:
        assert table_of(timetable(alice, agreement, query)) == titles


def test_a_task_says_its_slack_what_it_waits_for_and_what_it_holds_up(alice, tasks):
    plan = page_of(alice, tasks["Plan"])
    assert "It may end 5 days later, by 10 March 2027, without moving the end." in plan
    build = page_of(alice, tasks["Build"])
    assert "On the critical path: any slip moves the end." in build
    assert "Survey" in build and "Plan" in build


def test_a_task_says_what_a_slip_of_it_moves(alice, tasks):
    page = page_of(alice, tasks["Plan"], "?slip=8")
    assert "this slip moves the end by 3 days, to 24 March 2027." in page
    assert "Build (3 days)" in page
    assert "this slip does not move the end." in page_of(alice, tasks["Plan"], "?slip=5")
    assert "this slip" not in page_of(alice, tasks["Plan"], "?slip=-1")
    assert "this slip" not in page_of(alice, tasks["Plan"], "?slip=99999")


def test_a_guest_on_one_task_learns_nothing_of_the_timetable(officer, cora, corva, tasks):
    tasks["Build"].edit(by=officer, cooperating=[corva])
    page = page_of(cora, tasks["Build"], "?slip=3")
    assert "Build" in page
    assert "In the timetable" not in page
    assert "Survey" not in page


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Short", "Short"),
        ("A title that is long", "A title tha…"),
        ("推进沿江生态治理工程", "推进沿江生…"),
    ],
)
def test_a_label_is_cut_to_what_fits(text, shown):
    assert cut(text, 90) == shown
