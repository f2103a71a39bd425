"""Implementation health: what makes a mechanism alive, what is counted, what is wrong and whose."""

from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from actors.models import Organization, User
from agreements.health import Health, State, health, tally
from agreements.mechanisms.handing_over import sign_off
from agreements.mechanisms.handover import Side
from agreements.models import Agreement, Consultation, ConsultationSeries, Indicator, SpecialGroup
from agreements.tasks import Status
from agreements.what_is_wrong import matters
from governance import clock
from governance.access import visible_to
from tests.agreements.portal_scenes import Scene, appoint, furnish, read, signed_in
from tests.api_stage import Caller
from tests.cast import IN_FORCE, SIGNED, TODAY, enter_agreement, enter_rotation, enter_task


def ask(agreement: Agreement, user: User, on: date = TODAY) -> Health:
    agreement.refresh_from_db()
    return health(agreement, on=on, at=clock.now(), rows_of=partial(visible_to, user))


def states(found: Health) -> dict[str, State]:
    return {one.key: one.state for one in found.mechanisms}


def kinds(agreement: Agreement, user: User) -> dict[str, list[str]]:
    """What is wrong, by its kind, with who can mend it."""
    found = matters(agreement, on=TODAY, at=clock.now(), rows_of=partial(visible_to, user))
    return {one.kind: [str(by) for by in one.menders] for one in found}


class TestMechanisms:
    def test_what_was_never_set_up_is_not_in_place(self, agreement, officer):
        assert set(states(ask(agreement, officer)).values()) == {State.ABSENT}

    def test_what_works_is_alive(self, agreement, officer, alba, brook):
        enter_rotation(agreement, alba, brook, by=officer)
        for party in agreement.party_set.all():
            appoint(party, party.organization, by=officer)
        ConsultationSeries.enter(by=officer, agreement=agreement, name="Talks")
        held(agreement, officer, date(2027, 1, 20))
        SpecialGroup.enter(by=officer, agreement=agreement, name="Water", lead=alba)
        assert set(states(ask(agreement, officer)).values()) == {State.ALIVE}

    def test_a_rotation_in_which_nobody_convenes_sleeps(self, agreement, officer, alba, brook):
        enter_rotation(agreement, alba, brook, by=officer, starts_on=date(2027, 7, 1))
        assert states(ask(agreement, officer))["rotating_convenor"] == State.DORMANT

    def test_one_party_without_an_officer_is_enough(self, agreement, officer, alba):
        appoint(agreement.party_set.get(organization=alba), alba, by=officer)
        found = ask(agreement, officer)
        assert states(found)["liaison_officer"] == State.DORMANT
        assert (found.covered, len(found.covers)) == (1, 2)

    def test_a_promise_not_kept_lets_consultation_sleep(self, agreement, officer):
        ConsultationSeries.enter(
            by=officer, agreement=agreement, name="Talks", times=1, cadence="quarter"
        )
        found = ask(agreement, officer)
        assert states(found)["regular_consultation"] == State.DORMANT
        assert found.promised is not None
        assert (found.promised.held, found.promised.missed) == (0, found.promised.promised)

    @pytest.mark.parametrize("sunset", [TODAY - timedelta(days=1), TODAY])
    def test_a_group_past_its_sunset_sleeps(self, agreement, officer, sunset):
        SpecialGroup.enter(by=officer, agreement=agreement, name="Water", sunset_on=sunset)
        assert states(ask(agreement, officer))["special_cooperation"] == State.DORMANT


def held(agreement: Agreement, by: Any, day: date) -> Consultation:
    """A consultation that was called and closed on that day."""
    with clock.fixed(day):
        made = Consultation.enter(by=by, agreement=agreement, title="Talk", starts_at=clock.now())
        made.convene(by=by, on=day)
        made.close(by=by, on=day)
    return made


class TestTasks:
    def test_they_are_counted_by_light_and_those_with_a_target(self, agreement, officer, alba):
        late = enter_task(
            agreement, by=officer, status=Status.ACCEPTED, lead=alba, due_on=TODAY - timedelta(1)
        )
        Indicator.enter(by=officer, task=late, name="Trees", unit="1", target=Decimal(5))
        enter_task(agreement, by=officer, status=Status.COMPLETED, lead=alba)
        enter_task(agreement, by=officer, status=Status.CANCELLED, lead=alba)
        found = ask(agreement, officer).tasks
        assert {light: number for light, number in found.lights.items() if number} == {
            "overdue": 1,
            "done": 1,
        }
        assert (found.resting, found.counted, found.quantified) == (1, 2, 1)
        assert found.progress == 5000

    def test_progress_is_weighted_and_leaves_out_what_was_cancelled(self):
        rows = [
            ("done", "completed", Decimal(3), 10_000, None, True),
            ("on_track", "in_progress", Decimal(1), 2_000, 4_000, False),
            (None, "cancelled", Decimal(9), 0, 10_000, False),
        ]
        found = tally(rows)
        assert (found.progress, found.expected) == (8_000, 4_000)

    def test_without_a_task_nothing_is_claimed(self):
        found = tally([])
        assert (found.counted, found.progress, found.expected) == (0, None, None)


class TestWhatIsWrong:
    def test_an_agreement_without_anything(self, agreement, officer):
        assert set(kinds(agreement, officer)) == {"no_rotation", "no_liaison_officer"}

    def test_late_tasks_are_mended_by_those_who_lead_them(self, agreement, officer, alba, brook):
        for lead in (alba, brook, alba):
            enter_task(agreement, by=officer, status=Status.ACCEPTED, lead=lead, due_on=IN_FORCE)
        assert kinds(agreement, officer)["tasks_overdue"] == ["Alba District", "Brook District"]

    def test_a_late_handover_is_mended_by_those_who_have_not_signed(
        self, agreement, officer, alba, brook
    ):
        scene = furnish(agreement, alba, brook, by=officer)
        assert kinds(agreement, officer)["handover_late"] == ["Brook District", "Alba District"]
        sign_off(scene.handover, Side.OUTGOING, by=officer, on=date(2026, 7, 2))
        assert kinds(agreement, officer)["handover_late"] == ["Alba District"]

    def test_a_gap_is_mended_by_the_party(self, agreement, officer, alba):
        appoint(agreement.party_set.get(organization=alba), alba, by=officer)
        assert kinds(agreement, officer)["liaison_missing"] == ["Brook District"]

    def test_a_broken_promise_is_mended_by_the_host(self, agreement, officer, alba, brook):
        enter_rotation(agreement, alba, brook, by=officer)
        ConsultationSeries.enter(
            by=officer, agreement=agreement, name="Talks", times=1, cadence="quarter"
        )
        assert kinds(agreement, officer)["consultation_missed"] == ["Alba District"]

    def test_minutes_that_nobody_was_sent(self, agreement, officer):
        held(agreement, officer, date(2026, 12, 1))
        assert kinds(agreement, officer)["minutes_owed"] == []

    @pytest.mark.parametrize("status", ["draft", "negotiating", "ended", "abandoned"])
    def test_nothing_is_wrong_with_what_is_not_alive(self, alba, brook, officer, status):
        made = enter_agreement(alba, brook, by=officer, status=status)
        assert kinds(made, officer) == {}


@pytest.fixture
def scene(agreement: Agreement, alba: Organization, brook: Organization, officer: User) -> Scene:
    return furnish(agreement, alba, brook, by=officer)


class TestDoors:
    def test_the_page_names_who_can_mend_what_is_wrong(self, scene, alice):
        page = read(signed_in(alice).get(f"/agreements/{scene.agreement.public_id}/health/"))
        for words in ("The four mechanisms", "Brook District has no liaison officer.",
                      "Brook District, the secretariat", "Clean the river"):  # fmt: skip
            assert words in page, words

    def test_the_api_tells_the_same(self, scene, alice):
        answer = Caller(alice).get(f"agreements/{scene.agreement.public_id}/health/").json()
        assert answer["on"] == str(TODAY)
        assert [one["mechanism"] for one in answer["mechanisms"]] == [
            "rotating_convenor",
            "liaison_officer",
            "regular_consultation",
            "special_cooperation",
        ]
        assert answer["liaison_coverage"] == {"parties": 2, "covered": 1}
        assert answer["tasks"]["quantified"] == 1
        missing = next(one for one in answer["matters"] if one["kind"] == "liaison_missing")
        assert [by["name"] for by in missing["menders"]] == ["Brook District"]

    def test_a_stranger_finds_nothing(self, scene, stranger):
        path = f"agreements/{scene.agreement.public_id}/health/"
        assert signed_in(stranger).get(f"/{path}").status_code == 404
        assert Caller(stranger).get(path).status_code == 404

    def test_whoever_left_reads_how_it_stood_on_their_last_day(self, scene, alice, alba, officer):
        scene.party.refresh_from_db()
        with clock.fixed(date(2027, 1, 10)):
            scene.party.withdraw(by=officer, on=date(2027, 1, 10), effective_on=date(2027, 1, 10))
        answer = Caller(alice).get(f"agreements/{scene.agreement.public_id}/health/").json()
        assert answer["on"] == "2027-01-09"

    def test_it_costs_the_same_for_one_task_and_for_many(self, scene, officer, alba):
        def queries() -> int:
            with CaptureQueriesContext(
                connection,
            ) as found:
                ask(scene.agreement, officer)
            return len(found)

        first = queries()
        for number in range(3):
            enter_task(
                scene.agreement, by=officer, status=Status.ACCEPTED, lead=alba, due_on=SIGNED,
                title=f"Task {number}",
            )  # fmt: skip
        assert queries() == first
