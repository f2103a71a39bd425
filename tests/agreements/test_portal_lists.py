"""Lists of the portal: constant numbers of queries; search, filters and order in the address."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from actors.models import Appointment, Organization, Person, User
from agreements.agreement import Kind, Status
from agreements.models import (
    Agreement,
    Article,
    Consultation,
    Document,
    GroupMembership,
    Indicator,
    Milestone,
    ProgressReport,
    SpecialGroup,
    Task,
)
from agreements.tasks import Status as TaskStatus
from tests.agreements.portal_scenes import Scene, appoint, furnish, pdf, read, signed_in
from tests.cast import TODAY, enter_agreement, enter_organization, enter_party, enter_task

Add = Callable[["Stage", int], Any]


class Stage:
    """What a row of a list is made from."""

    def __init__(
        self, scene: Scene, officer: User, alba: Organization, brook: Organization
    ) -> None:
        self.scene, self.officer, self.alba, self.brook = scene, officer, alba, brook

    @property
    def agreement(self) -> Agreement:
        return self.scene.agreement


@pytest.fixture
def stage(
    agreement: Agreement, alba: Organization, brook: Organization, alice: User, officer: User
) -> Stage:
    return Stage(furnish(agreement, alba, brook, by=officer), officer, alba, brook)


def another_agreement(stage: Stage, number: int) -> Agreement:
    return enter_agreement(
        stage.alba, stage.brook, by=stage.officer, status=Status.IN_FORCE, title=f"Air {number}"
    )


def another_task(stage: Stage, number: int) -> Task:
    return enter_task(
        stage.agreement,
        by=stage.officer,
        status=TaskStatus.ACCEPTED,
        title=f"Task {number}",
        lead=stage.alba,
        cooperating=[stage.brook],
        article=stage.scene.task.article,
        phase=stage.scene.task.phase,
        group=stage.scene.group,
        due_on=TODAY + timedelta(days=number),
    )


def another_consultation(stage: Stage, number: int) -> Consultation:
    return Consultation.enter(
        by=stage.officer,
        agreement=stage.agreement,
        series=stage.scene.consultation.series,
        starts_at=datetime(2027, 4, number, 6, tzinfo=UTC),
    )


def another_group(stage: Stage, number: int) -> SpecialGroup:
    return SpecialGroup.enter(
        by=stage.officer, agreement=stage.agreement, name=f"Group {number}", lead=stage.alba
    )


def another_article(stage: Stage, number: int) -> Article:
    return Article.enter(
        by=stage.officer, agreement=stage.agreement, number=f"9.{number}", title="More"
    )


def another_document(stage: Stage, number: int) -> Document:
    return Document.file(
        pdf(f"annex-{number}.pdf"),
        by=stage.officer,
        agreement=stage.agreement,
        kind="annex",
        task=stage.scene.task,
    )


def another_party(stage: Stage, number: int) -> Any:
    organization = enter_organization(f"District {number}")
    party = enter_party(stage.agreement, organization, signing_body=stage.alba)
    return appoint(party, organization, by=stage.officer)


def another_milestone(stage: Stage, number: int) -> Milestone:
    return Milestone.enter(
        by=stage.officer,
        agreement=stage.agreement,
        name=f"Milestone {number}",
        due_on=TODAY + timedelta(days=number),
    )


def another_report(stage: Stage, number: int) -> ProgressReport:
    made = ProgressReport.enter(
        by=stage.officer, task=stage.scene.task, reported_on=TODAY, text=f"Report {number}"
    )
    made.evidence.add(another_document(stage, 10 + number))
    return made


def another_indicator(stage: Stage, number: int) -> Indicator:
    return Indicator.enter(by=stage.officer, task=stage.scene.task, name=f"Fish {number}", unit="t")


def another_member(stage: Stage, number: int) -> GroupMembership:
    return GroupMembership.enter(
        by=stage.officer,
        group=stage.scene.group,
        organization=enter_organization(f"Member {number}"),
    )


def another_colleague(stage: Stage, number: int) -> Appointment:
    person = Person.enter(by=None, name=f"Colleague {number}")
    return Appointment.enter(by=None, person=person, organization=stage.alba, post="Clerk")


def another_change(stage: Stage, number: int) -> Task:
    return stage.scene.task.edit(by=stage.officer, description=f"Words {number}")


def of_agreement(name: str) -> Callable[[Stage], str]:
    return lambda stage: reverse(name, kwargs={"id": stage.agreement.public_id})


def of_task(stage: Stage) -> str:
    return reverse("task", kwargs={"id": stage.scene.task.public_id})


def of_group(stage: Stage) -> str:
    return reverse("group", kwargs={"id": stage.scene.group.public_id})


def plain(name: str) -> Callable[[Stage], str]:
    return lambda _stage: reverse(name)


LISTS: dict[str, tuple[Callable[[Stage], str], Add]] = {
    "my work, tasks": (plain("my_work"), another_task),
    "my work, meetings": (plain("my_work"), another_consultation),
    "my work, agreements": (plain("my_work"), another_agreement),
    "agreements": (plain("agreement_list"), another_agreement),
    "all tasks": (plain("task_list"), another_task),
    "overview, tasks": (of_agreement("agreement"), another_task),
    "overview, parties": (of_agreement("agreement"), another_party),
    "tasks": (of_agreement("agreement_tasks"), another_task),
    "timetable": (of_agreement("agreement_timetable"), another_task),
    "timetable, milestones": (of_agreement("agreement_timetable"), another_milestone),
    "consultations": (of_agreement("agreement_consultations"), another_consultation),
    "groups": (of_agreement("agreement_groups"), another_group),
    "articles": (of_agreement("agreement_articles"), another_article),
    "documents": (of_agreement("agreement_documents"), another_document),
    "parties": (of_agreement("agreement_parties"), another_party),
    "history": (of_agreement("agreement_history"), another_change),
    "task, reports": (of_task, another_report),
    "task, indicators": (of_task, another_indicator),
    "group, members": (of_group, another_member),
    "group, tasks": (of_group, another_task),
    "my organization, people": (plain("my_organization"), another_colleague),
    "my organization, agreements": (plain("my_organization"), another_agreement),
}


def queries_of(client: Client, address: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(address)
        read(answer)
    assert answer.status_code == 200
    return [query["sql"] for query in captured]


@pytest.mark.parametrize("name", LISTS)
def test_three_rows_cost_no_more_queries_than_one(stage: Stage, alice: User, name: str):
    address, add = LISTS[name]
    add(stage, 1)
    client = signed_in(alice)
    with_one = queries_of(client, address(stage))
    for number in (2, 3):
        add(stage, number)
    with_three = queries_of(client, address(stage))
    # Fewer is possible: the newest events may then be of fewer kinds, each looked up at once.
    assert len(with_three) <= len(with_one)


def titles(page: str) -> list[str]:
    return re.findall(r'class="row-link"[^>]*>([^<]+)<', page)


@pytest.fixture
def three(stage: Stage) -> Stage:
    """Beside the furnished agreement two more, one of another kind in negotiation."""
    enter_agreement(
        stage.alba, stage.brook, by=stage.officer, status=Status.IN_FORCE, title="Air quality",
        title_zh="空气质量",
    )  # fmt: skip
    enter_agreement(
        stage.alba,
        stage.brook,
        by=stage.officer,
        status=Status.NEGOTIATING,
        title="Bus lines",
        kind=Kind.CONTRACT,
    )
    return stage


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"search": "air"}, ["Air quality"]),
        ({"search": "空气"}, ["Air quality"]),
        ({"search": "air bus"}, []),
        ({"status": "negotiating"}, ["Bus lines"]),
        ({"kind": "contract", "status": "in_force"}, []),
        ({"ordering": "title"}, ["Air quality", "Bus lines", "Clean rivers"]),
        ({"ordering": "-title"}, ["Clean rivers", "Bus lines", "Air quality"]),
        ({"ordering": "title", "status": "no such"}, ["Air quality", "Bus lines", "Clean rivers"]),
        ({"ordering": "officer__password", "kind": "contract"}, ["Bus lines"]),
        ({"ordering": "title", "page": "x"}, ["Air quality", "Bus lines", "Clean rivers"]),
    ],
)
def test_agreements_are_searched_filtered_and_ordered_by_the_address(
    three: Stage, alice: User, asked: dict[str, str], found: list[str]
):
    page = read(signed_in(alice).get(reverse("agreement_list"), asked))
    assert titles(page) == found


def test_the_filter_of_the_address_is_shown_chosen(three: Stage, alice: User):
    page = read(signed_in(alice).get(reverse("agreement_list"), {"status": "negotiating"}))
    assert '<option value="negotiating" selected>' in page
    assert "Clear filters" in page


def test_tasks_are_filtered_by_light_lead_and_phase(stage: Stage, alice: User):
    enter_task(
        stage.agreement,
        by=stage.officer,
        status=TaskStatus.ACCEPTED,
        title="Early task",
        lead=stage.brook,
        starts_on=TODAY,
        due_on=date(2027, 12, 1),
    )
    client = signed_in(alice)
    address = reverse("agreement_tasks", kwargs={"id": stage.agreement.public_id})
    assert titles(read(client.get(address, {"light": "not_started"}))) == ["Early task"]
    by_lead = client.get(address, {"lead": str(stage.alba.public_id)})
    assert titles(read(by_lead)) == ["Clean the river"]
    phase = stage.scene.task.phase
    assert phase is not None
    assert titles(read(client.get(address, {"phase": str(phase.public_id)}))) == ["Clean the river"]


def test_a_filter_by_what_one_may_not_see_chooses_nothing(
    stage: Stage, alice: User, dunes: Organization
):
    address = reverse("agreement_tasks", kwargs={"id": stage.agreement.public_id})
    page = read(signed_in(alice).get(address, {"lead": str(dunes.public_id)}))
    assert titles(page) == ["Clean the river"]
