"""The timetable over the API: phases, tasks, the critical path, slack, the forecast, a slip."""

from datetime import date

import pytest

from agreements.models import TaskDependency
from agreements.tasks import Status
from tests.agreements.plans import day, enter_plan
from tests.api_stage import ABSENT, Caller
from tests.cast import TODAY, again, enter_task


@pytest.fixture
def tasks(officer, agreement, alba):
    return enter_plan(agreement, alba, by=officer)


def ask(user, agreement, query=""):
    return Caller(again(user)).get(f"agreements/{agreement.public_id}/timetable/{query}")


def told(user, agreement, query=""):
    answer = ask(user, agreement, query)
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_it_tells_the_critical_path_the_slack_and_the_forecast(alice, agreement, tasks):
    answer = told(alice, agreement)
    ids = {title: str(task.public_id) for title, task in tasks.items()}
    assert answer["critical_path"] == [ids["Survey"], ids["Build"]]
    assert (answer["due_on"], answer["forecast_on"]) == (str(day(20)), str(day(20)))
    rows = {row["name"]: row for row in answer["tasks"]}
    slack = {name: (row["slack"], row["free_slack"]) for name, row in rows.items()}
    assert slack == {"Survey": (0, 0), "Plan": (5, 5), "Build": (0, 0)}
    assert [name for name, row in rows.items() if row["critical"]] == ["Survey", "Build"]
    assert rows["Plan"]["late_finish"] == str(day(9))
    assert [
        (one["predecessor"], one["holds"]) for one in rows["Build"]["waits_for"]
    ] == [(ids["Survey"], True), (ids["Plan"], False)]  # fmt: skip
    assert [(one["name"], one["forecast_on"]) for one in answer["phases"]] == [
        ("First phase", str(day(20)))
    ]
    assert [one["name"] for one in answer["milestones"]] == ["Opening"]
    assert answer["slip"] is None


def test_what_is_late_moves_the_forecast(officer, alice, agreement, tasks):
    tasks["Survey"].edit(by=officer, starts_on=day(-30), due_on=day(-20))
    tasks["Plan"].cancel(by=officer, on=TODAY, reason="Not needed")
    rows = {row["name"]: row for row in told(alice, agreement)["tasks"]}
    assert rows["Survey"]["forecast_on"] == str(TODAY)
    assert rows["Plan"]["forecast_on"] is None
    assert rows["Survey"]["slack"] == 9


def test_a_slip_moves_the_end_by_what_is_left_behind_the_slack(alice, agreement, tasks):
    plan = tasks["Plan"].public_id
    slip = told(alice, agreement, f"?slip={plan}&days=8")["slip"]
    assert (slip["task"], slip["days"], slip["moves_end_by"]) == (str(plan), 8, 3)
    assert slip["forecast_on"] == str(day(23))
    assert slip["moved"] == [{"id": str(tasks["Build"].public_id), "days": 3}]
    assert told(alice, agreement, f"?slip={plan}&days=5")["slip"]["moves_end_by"] == 0


def test_the_tasks_can_be_narrowed_and_put_in_order(alice, agreement, tasks):
    def names(query):
        return [row["name"] for row in told(alice, agreement, query)["tasks"]]

    assert names("?critical=true") == ["Survey", "Build"]
    assert names("?ordering=-slack") == ["Plan", "Survey", "Build"]
    assert names("?light=done") == []


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("?critical=x", "critical"),
        ("?light=blue", "light"),
        ("?ordering=lead", "ordering"),
        ("?days=3", "slip"),
        (f"?slip={ABSENT}&days=3", "slip"),
        ("?slip=x&days=3", "slip"),
        ("?slip={plan}", "days"),
        ("?slip={plan}&days=0", "days"),
        ("?slip={plan}&days=99999", "days"),
        ("?slip={plan}&days=²", "days"),
        ("?on=2027-01-01", "on"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_the_parameter(alice, agreement, tasks, query, pointer):
    answer = ask(alice, agreement, query.format(plan=tasks["Plan"].public_id))
    assert answer.status_code == 400
    assert pointer in str(answer.json()["errors"])


def test_what_is_over_does_not_slip(officer, alice, agreement, alba):
    facts = {"lead": alba, "due_on": date(2027, 1, 1)}
    done = enter_task(agreement, by=officer, status=Status.COMPLETED, **facts)
    assert ask(alice, agreement, f"?slip={done.public_id}&days=3").status_code == 400


def test_a_stranger_learns_nothing(stranger, agreement, tasks):
    assert ask(stranger, agreement).status_code == 404


def test_it_costs_the_same_with_one_task_and_with_three(
    officer, alice, agreement, django_assert_max_num_queries, tasks
):
    with django_assert_max_num_queries(40) as few:
        told(alice, agreement)
    for number in range(3):
        more = enter_task(agreement, by=officer, title=f"More {number}", due_on=day(9))
        TaskDependency.enter(by=officer, predecessor=more, successor=tasks["Build"])
    with django_assert_max_num_queries(len(few)):
        told(alice, agreement)
