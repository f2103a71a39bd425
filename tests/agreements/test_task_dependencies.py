"""Dependencies: between two tasks of one agreement, once, and never round in a circle."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from agreements import package
from agreements.agreement import Status
from agreements.models import Task, TaskDependency
from agreements.schedule import LagUnit, Link
from agreements.task_dependencies import LONGEST_LAG, lag_words
from governance import access
from governance.lifecycle import Refused
from governance.record import Event
from tests.api_stage import Caller
from tests.cast import SIGNED, TODAY, again, enter_agreement, enter_task


@pytest.fixture
def tasks(officer, agreement, alba):
    """Survey, Plan, Build and Open."""
    return [
        enter_task(agreement, by=officer, lead=alba, title=title)
        for title in ("Survey", "Plan", "Build", "Open")
    ]


def depend(first, then, **facts):
    return TaskDependency.enter(by=None, predecessor=first, successor=then, **facts)


def sentence(refused):
    return " ".join(refused.value.messages)


# what it is


def test_it_goes_on_record_under_the_agreement(officer, agreement, tasks):
    made = TaskDependency.enter(by=officer, predecessor=tasks[0], successor=tasks[1], lag=3)
    event = Event.objects.of(made).get()
    assert (event.verb, event.scope_id) == ("create", agreement.public_id)
    assert (made.lag, made.lag_unit, str(made)) == (3, LagUnit.DAYS, "Survey → Plan")


def test_the_schedule_reads_them_as_links(agreement, tasks):
    survey, plan, build, _open = tasks
    depend(survey, plan)
    depend(plan, build, lag=5, lag_unit=LagUnit.WORKING_DAYS)
    assert TaskDependency.objects.of(agreement).links() == [
        Link(survey.pk, plan.pk),
        Link(plan.pk, build.pk, 5, LagUnit.WORKING_DAYS),
    ]


@pytest.mark.parametrize(
    ("lag", "unit", "words"),
    [
        (0, "days", ""),
        (1, "days", "after 1 day"),
        (5, "working_days", "after 5 working days"),
        (-3, "days", "overlapping by 3 days"),
    ],
)
def test_a_lag_has_words(lag, unit, words):
    assert lag_words(lag, unit) == words


def test_what_a_deleted_task_waited_for_goes_with_it(officer, tasks):
    depend(tasks[0], tasks[1])
    tasks[1].remove(by=officer)
    assert not TaskDependency.objects.exists()


# what is refused


def test_a_circle_is_refused_and_named_task_by_task(tasks):
    survey, plan, build, opening = tasks
    depend(survey, plan)
    depend(plan, build)
    depend(build, opening)
    with pytest.raises(ValidationError) as refused:
        depend(build, survey)
    assert sentence(refused) == (
        "These tasks would wait for each other in a circle: "
        "No. 1 “Survey” → No. 2 “Plan” → No. 3 “Build” → No. 1 “Survey”."
    )
    assert refused.value.error_dict["predecessor"][0].code == "circle"


def test_two_that_wait_for_each_other_are_a_circle(tasks):
    depend(tasks[0], tasks[1])
    with pytest.raises(ValidationError) as refused:
        depend(tasks[1], tasks[0])
    assert "No. 1 “Survey” → No. 2 “Plan” → No. 1 “Survey”" in sentence(refused)


def test_a_change_that_would_close_a_circle_is_refused_too(officer, tasks):
    survey, plan, build, _open = tasks
    depend(survey, plan)
    link = depend(plan, build)
    with pytest.raises(ValidationError):
        link.edit(by=officer, successor=survey)
    link.refresh_from_db()
    assert link.successor == build


def test_changing_the_lag_of_a_link_does_not_find_itself(officer, tasks):
    link = depend(tasks[0], tasks[1])
    assert link.edit(by=officer, lag=2, lag_unit=LagUnit.WORKING_DAYS).lag == 2


def test_no_task_waits_for_itself(tasks):
    with pytest.raises(ValidationError) as refused:
        depend(tasks[0], tasks[0])
    assert sentence(refused) == "A task cannot wait for itself."


def test_one_waits_for_another_only_once(tasks):
    depend(tasks[0], tasks[1])
    with pytest.raises(ValidationError) as refused:
        depend(tasks[0], tasks[1], lag=4)
    assert sentence(refused) == "The one waits for the other already."


def test_tasks_of_two_agreements_do_not_wait_for_each_other(officer, tasks, alba, brook):
    elsewhere = enter_task(
        enter_agreement(alba, brook, by=officer, status=Status.IN_FORCE, title="Other"), by=officer
    )
    with pytest.raises(ValidationError) as refused:
        depend(elsewhere, tasks[0])
    assert sentence(refused) == "This belongs to another agreement."
    with pytest.raises(Refused):
        depend(tasks[0], tasks[1]).edit(by=officer, predecessor=elsewhere)


@pytest.mark.parametrize("lag", [LONGEST_LAG + 1, -LONGEST_LAG - 1])
def test_a_lag_of_more_than_ten_years_is_a_mistake(tasks, lag):
    with pytest.raises(ValidationError) as refused:
        depend(tasks[0], tasks[1], lag=lag)
    assert "lag" in refused.value.error_dict


# who sees it and who writes it


def test_the_parties_see_it_and_the_secretariat_writes_it(officer, alice, stranger, tasks):
    made = depend(tasks[0], tasks[1])
    rows = access.visible_to
    assert rows(alice, TaskDependency).get() == made
    assert not rows(stranger, TaskDependency).exists()
    assert access.may(officer, "create", TaskDependency) is None
    assert access.may(alice, "create", TaskDependency).guard == "secretariat_only"


def test_a_guest_on_one_of_the_two_tasks_learns_nothing_of_the_other(officer, cora, corva, tasks):
    tasks[1].edit(by=officer, cooperating=[corva])
    made = depend(tasks[0], tasks[1])
    assert list(access.visible_to(cora, Task)) == [tasks[1]]
    assert not access.visible_to(cora, TaskDependency).exists()
    tasks[0].edit(by=officer, cooperating=[corva])
    assert access.visible_to(again(cora), TaskDependency).get() == made


def test_who_left_reads_those_between_tasks_that_began_before(officer, agreement, alba, alice):
    old, older, new = (
        enter_task(agreement, by=officer, title=title, starts_on=day)
        for title, day in (
            ("Old", SIGNED),
            ("Older", SIGNED),
            ("New", TODAY - timedelta(days=1)),
        )
    )
    seen, hidden = depend(older, old), depend(old, new)
    assert access.visible_to(alice, TaskDependency).count() == 2
    agreement.party_set.filter(organization=alba).update(withdrawn_on=TODAY - timedelta(days=9))
    assert list(access.visible_to(again(alice), TaskDependency)) == [seen]
    assert hidden not in access.visible_to(again(alice), TaskDependency)


# over the API


def test_the_api_enters_lists_and_changes_it(officer, agreement, tasks):
    asks = Caller(officer)
    answer = asks.post(
        "task-dependencies/",
        {
            "predecessor": str(tasks[0].public_id),
            "successor": str(tasks[1].public_id),
            "lag": 5,
            "lag_unit": "working_days",
        },
    )
    assert answer.status_code == 201
    made = answer.json()
    assert (made["predecessor_name"], made["successor_name"]) == ("Survey", "Plan")
    assert made["agreement"] == str(agreement.public_id)
    listed = asks.get(f"task-dependencies/?agreement={agreement.public_id}").json()["results"]
    assert [one["id"] for one in listed] == [made["id"]]
    path = f"task-dependencies/{made['id']}/"
    assert asks.patch(path, {"lag": 1}, **{"If-Match": "*"}).json()["lag"] == 1
    assert asks.ask("delete", path, **{"If-Match": "*"}).status_code == 204


def test_the_api_names_the_circle_at_the_predecessor(officer, tasks):
    depend(tasks[0], tasks[1])
    answer = Caller(officer).post(
        "task-dependencies/",
        {"predecessor": str(tasks[1].public_id), "successor": str(tasks[0].public_id)},
    )
    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("/predecessor", "circle")
    assert "No. 1 “Survey” → No. 2 “Plan” → No. 1 “Survey”" in error["message"]


# in a package


def test_a_package_tells_of_them_whatever_the_order_and_twice_alike(officer):
    told = {
        "organizations": [
            {"key": "upper", "name": "Upper", "kind": "government"},
            {"key": "lower", "name": "Lower", "kind": "government"},
        ],
        "agreement": {"title": "River", "kind": "cooperation"},
        "parties": [{"organization": "upper"}, {"organization": "lower"}],
        "tasks": [{"key": "b", "title": "Build"}, {"key": "a", "title": "Survey"}],
        "task_dependencies": [{"predecessor": "a", "successor": "Build", "lag": 2}],
    }
    loaded = package.load(told, by=officer, on=TODAY)
    made = TaskDependency.objects.get()
    assert (made.predecessor.title, made.successor.title, made.lag) == ("Survey", "Build", 2)
    told["task_dependencies"][0] |= {"lag": 4, "lag_unit": "working_days"}
    package.load(told, by=officer, on=TODAY)
    made.refresh_from_db()
    assert (made.lag, made.lag_unit) == (4, LagUnit.WORKING_DAYS)
    assert TaskDependency.objects.of(loaded.agreement).count() == 1


def test_a_package_that_tells_of_a_circle_is_refused_at_the_place(officer):
    told = {
        "agreement": {"title": "River", "kind": "cooperation"},
        "tasks": [{"title": "Build"}, {"title": "Survey"}],
        "task_dependencies": [
            {"predecessor": "Survey", "successor": "Build"},
            {"predecessor": "Build", "successor": "Survey"},
        ],
    }
    with pytest.raises(package.PackageInvalid) as refused:
        package.load(told, by=officer, on=TODAY)
    (problem,) = refused.value.problems
    assert problem.path == "/task_dependencies/1/predecessor"
    assert "in a circle" in problem.reason


# in the back office


def page_of(task):
    return f"/secretariat/agreements/task/{task.pk}/change/"


def test_a_tasks_page_offers_the_other_tasks_of_its_agreement_by_number(
    officer, client, tasks, alba, brook
):
    other = enter_agreement(alba, brook, by=officer, status=Status.IN_FORCE, title="Other")
    enter_task(other, by=officer, title="Elsewhere")
    client.force_login(officer)
    page = client.get(page_of(tasks[0])).content.decode()
    assert "No. 2 “Plan”" in page and "Elsewhere" not in page


def test_a_tasks_page_costs_the_same_with_one_dependency_and_with_three(
    officer, client, tasks, django_assert_max_num_queries
):
    client.force_login(officer)
    depend(tasks[0], tasks[3])
    client.get(page_of(tasks[3]))
    with django_assert_max_num_queries(100) as few:
        client.get(page_of(tasks[3]))
    depend(tasks[1], tasks[3])
    depend(tasks[2], tasks[3])
    with django_assert_max_num_queries(len(few)):
        client.get(page_of(tasks[3]))
