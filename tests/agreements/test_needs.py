"""What needs a hand today: the same kinds for the back office and the API, each with its way."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from actors.models import Organization, User
from agreements.models import Agreement
from agreements.needs import needs
from agreements.tasks import Status
from governance import clock
from governance.access import visible_to
from governance.admin import dashboard
from tests.agreements.portal_scenes import Scene, furnish, signed_in
from tests.api_stage import Caller
from tests.cast import IN_FORCE, TODAY, enter_agreement, enter_task


@pytest.fixture
def scene(agreement: Agreement, alba: Organization, brook: Organization, officer: User) -> Scene:
    return furnish(agreement, alba, brook, by=officer)


def totals(user: User, on: date = TODAY) -> dict[str, int]:
    """The kinds of which there is something, with how many."""
    with clock.fixed(on):
        found = needs(on=on, at=clock.now(), rows_of=partial(visible_to, user))
    return {one.key: one.total for one in found if one.total}


def test_each_kind_is_counted(scene, officer, alba, brook):
    assert totals(officer) == {
        "tasks_overdue": 1,
        "liaison_missing": 1,
        "handovers_late": 1,
        "consultations_owed": 1,
        "proposals_unanswered": 1,
        "decisions_without_task": 1,
    }
    enter_task(scene.agreement, by=officer, status=Status.SUBMITTED, lead=alba)
    enter_task(scene.agreement, by=officer, status=Status.ACCEPTED, lead=alba, due_on=IN_FORCE)
    enter_agreement(alba, brook, by=officer)
    scene.agreement.refresh_from_db()
    scene.agreement.edit(by=officer, expires_on=TODAY + timedelta(days=90))
    found = totals(officer)
    assert (found["tasks_overdue"], found["tasks_to_verify"]) == (2, 1)
    assert found["agreements_expiring"] == 1
    assert totals(officer, TODAY - timedelta(days=1)).get("agreements_expiring") is None


def test_every_kind_has_its_list_in_the_back_office(scene, officer):
    keys = {one.key for one in needs(
        on=TODAY, at=clock.now(), rows_of=partial(visible_to, officer)
    )}  # fmt: skip
    assert keys == set(dashboard._LISTS)
    browser = signed_in(officer)
    for section in dashboard.sections(officer):
        assert browser.get(section.url).status_code == 200, section.title
        for line in section.lines:
            assert browser.get(line.url).status_code == 200, line.name


class TestApi:
    def ask(self, user: User) -> dict[str, Any]:
        answer = Caller(user).get("dashboard/")
        assert answer.status_code == 200
        found: dict[str, Any] = answer.json()
        return found

    def test_it_tells_each_kind_with_its_lines(self, scene, officer):
        found = self.ask(officer)
        assert found["on"] == str(TODAY)
        (late,) = [one for one in found["results"] if one["key"] == "handovers_late"]
        assert (late["total"], late["late"]) == (1, True)
        assert late["lines"] == [
            {
                "name": "Clean rivers",
                "says": "Brook District to Alba District, to be signed by 22 July 2026",
                "about_type": "agreements.handover",
                "about": str(scene.handover.public_id),
            }
        ]

    def test_it_counts_what_one_may_see(self, scene, stranger, alice):
        assert {one["total"] for one in self.ask(stranger)["results"]} == {0}
        seen = {one["key"]: one["total"] for one in self.ask(alice)["results"]}
        assert seen["liaison_missing"] == 1

    def test_it_costs_the_same_for_one_matter_and_for_three(self, scene, officer, alba):
        def queries() -> int:
            with CaptureQueriesContext(connection) as found:
                needs(on=TODAY, at=clock.now(), rows_of=partial(visible_to, officer))
            return len(found)

        enter_task(scene.agreement, by=officer, status=Status.SUBMITTED, lead=alba)
        first = queries()
        for _number in range(2):
            enter_task(scene.agreement, by=officer, status=Status.SUBMITTED, lead=alba)
        assert queries() == first
