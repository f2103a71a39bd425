"""My work: what is asked of whom, in which order, and what waits for somebody else."""

import re
from datetime import date, timedelta

import pytest

from actors.models import Organization, User
from agreements.models import Agreement, Task
from agreements.tasks import Status
from governance import clock
from tests.agreements.portal_scenes import Scene, appoint, furnish, read, signed_in
from tests.cast import TODAY, enter_agreement, enter_partner, enter_task

SOON, FAR = TODAY + timedelta(days=5), TODAY + timedelta(days=300)


@pytest.fixture
def scene(
    agreement: Agreement, alba: Organization, brook: Organization, alice: User, officer: User
) -> Scene:
    return furnish(agreement, alba, brook, by=officer)


def piles(user: User) -> dict[str, list[str]]:
    """The titles of the tasks under each heading, in their order."""
    page = read(signed_in(user).get("/"))
    sections = re.findall(
        r'<section class="section" id="(\w+)">(.*?)</section>', page, flags=re.DOTALL
    )
    return {
        key: re.findall(r'class="row-link"[^>]*>([^<]+)<', body)
        for key, body in sections
        if key not in {"attestations", "handovers", "meetings", "receipts"}
    }


def test_work_is_sorted_by_what_is_asked(scene: Scene, alba: Organization, officer: User):
    def enter(title: str, status: str, due_on: date, starts_on: date = TODAY) -> Task:
        return enter_task(
            scene.agreement, by=officer, status=status, title=title, lead=alba,
            due_on=due_on, starts_on=min(starts_on, due_on),
        )  # fmt: skip

    enter("Planned", Status.PLANNED, FAR)
    enter("Late", Status.ACCEPTED, TODAY - timedelta(days=1))
    enter("Later", Status.IN_PROGRESS, TODAY - timedelta(days=9))
    enter("Due soon", Status.IN_PROGRESS, SOON)
    enter("Returned", Status.RETURNED, FAR)
    enter("Waiting", Status.SUBMITTED, FAR)
    enter("Going on", Status.IN_PROGRESS, FAR)
    enter("Done", Status.COMPLETED, FAR)
    enter("Cancelled", Status.CANCELLED, FAR)
    alice = User.objects.get(username="alice")
    assert piles(alice) == {
        "accept": ["Clean the river"],
        "returned": ["Returned"],
        "late": ["Later", "Late"],
        "risk": ["Due soon"],
        "going": ["Going on"],
        "waiting": ["Waiting"],
    }


def test_what_others_lead_is_apart_from_what_is_asked(scene: Scene, bob: User):
    assert piles(bob) == {"helping": ["Clean the river"]}


def test_the_convenor_of_the_day_is_asked_to_verify_the_tasks_of_others(
    scene: Scene, officer: User, alba: Organization, bob: User
):
    scene.agreement.refresh_from_db()
    scene.agreement.edit(by=officer, verification="convenor")
    enter_task(
        scene.agreement, by=officer, status=Status.SUBMITTED, title="Waiting", lead=alba,
        starts_on=TODAY, due_on=FAR,
    )  # fmt: skip
    assert piles(bob)["verify"] == ["Waiting"]
    assert "verify" not in piles(User.objects.get(username="alice"))


def test_the_secretariat_is_asked_to_verify_and_sees_the_work_in_all_agreements(
    scene: Scene, officer: User, alba: Organization
):
    enter_task(
        scene.agreement, by=officer, status=Status.SUBMITTED, title="Waiting", lead=alba,
        starts_on=TODAY, due_on=FAR,
    )  # fmt: skip
    assert piles(officer) == {"verify": ["Waiting"], "late": ["Clean the river"]}
    page = read(signed_in(officer).get("/"))
    assert "You see all agreements" in page


def test_the_auditor_sees_the_work_without_a_button_to_do_it(
    scene: Scene, officer: User, auditor: User, alba: Organization
):
    enter_task(
        scene.agreement, by=officer, status=Status.SUBMITTED, title="Waiting", lead=alba,
        starts_on=TODAY, due_on=FAR,
    )  # fmt: skip
    assert piles(auditor)["waiting"] == ["Waiting"]
    assert "button-primary" not in read(signed_in(auditor).get("/"))


def test_work_of_an_ended_agreement_is_no_longer_asked(
    alba: Organization, brook: Organization, alice: User, officer: User
):
    made = enter_agreement(alba, brook, by=officer, status="in_force")
    enter_task(made, by=officer, status=Status.ASSIGNED, lead=alba)
    assert "accept" in piles(alice)
    made.terminate(by=officer, on=TODAY, reason="Done")
    assert piles(alice) == {}


def test_beside_the_tasks_stand_turn_meetings_and_duties(scene: Scene, alice: User, bob: User):
    page = read(signed_in(alice).get("/"))
    for words in (
        "Your next term",
        "1 July 2027 to 31 December 2027",
        "Quarterly consultation",
        "Saturday 20 March 2027, 14:00",
        "Liaison officer of Alba District",
    ):
        assert words in page, words
    assert "You convene now" in read(signed_in(bob).get("/"))


def headline(user: User) -> str:
    """The line under the title: how much waits."""
    page = read(signed_in(user).get("/"))
    return " ".join(re.search(r'<p class="lead">(.*?)</p>', page, re.DOTALL)[1].split())


def test_the_headline_counts_everything_that_waits(
    scene: Scene, officer: User, alba: Organization, brook: Organization
):
    alice, bob = User.objects.get(username="alice"), enter_partner("bea", brook)
    shown = read(signed_in(alice).get("/"))
    # To accept, to attest, to sign, two meetings without minutes or a call, one receipt.
    counts = [int(number) for number in re.findall(r'<h2>[^<]+<span class="count">(\d+)', shown)]
    assert f"{sum(counts)} matters wait for you." in headline(alice)
    assert "Still liaison officer?" in shown and "Handovers to sign" in shown
    assert "Liaison officer to be named" in read(signed_in(bob).get("/"))
    before = int(headline(bob).split()[4])
    appoint(scene.agreement.party_set.get(organization=brook), brook, by=officer)
    assert int(headline(bob).split()[4]) == before - 1


def test_a_receipt_waits_a_week(scene: Scene, officer: User):
    alice = User.objects.get(username="alice")
    assert "Receipts to confirm" not in read(signed_in(alice).get("/"))
    with clock.fixed(TODAY + timedelta(days=7)):
        assert "Receipts to confirm" in read(signed_in(alice).get("/"))


def test_a_party_without_a_liaison_officer_is_asked_to_name_one(scene: Scene, bob: User):
    page = read(signed_in(bob).get("/"))
    assert "Liaison officer to be named" in page
    assert "Name officer" in page


def test_a_partner_without_a_post_is_told_why_nothing_is_asked(today: date):
    idle = User.objects.create_user("idle", role="partner")
    assert "You act for no organization today" in read(signed_in(idle).get("/"))
