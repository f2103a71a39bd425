"""A consultation and a group: their pages, and what host and secretariat do there."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from actors.models import Organization, User
from agreements.mechanisms.regular_consultation import Status
from agreements.models import Agreement, Consultation
from tests.agreements.mechanisms.meetings import at
from tests.agreements.portal_scenes import Scene, furnish, read, signed_in
from tests.cast import TODAY


@pytest.fixture
def scene(
    agreement: Agreement, alba: Organization, brook: Organization, alice: User, officer: User
) -> Scene:
    return furnish(agreement, alba, brook, by=officer)


def do(user: User, consultation: Consultation, verb: str, **data: object) -> str:
    path = reverse("consultation_verb", kwargs={"id": consultation.public_id, "verb": verb})
    return read(signed_in(user).post(path, {"on": "2027-03-01", **data}, follow=True))


def page_of(user: User, consultation: Consultation) -> str:
    path = reverse("consultation", kwargs={"id": consultation.public_id})
    return read(signed_in(user).get(path))


def test_the_page_says_when_where_and_who_hosts_by_the_rotation(scene: Scene, alice: User):
    page = page_of(alice, scene.consultation)
    for words in (
        "Saturday 20 March 2027, 14:00",
        "Town hall",
        "Brook District",
        "by the rotation, until the consultation is called",
        "at least once per quarter",
    ):
        assert words in page, words


def test_the_host_calls_closes_and_the_others_read(scene: Scene, alice: User, bob: User):
    assert "Your next step" not in page_of(alice, scene.consultation)
    assert "Call consultation" in page_of(bob, scene.consultation)
    assert "You called “Quarterly consultation”." in do(bob, scene.consultation, "convene")
    scene.consultation.refresh_from_db()
    assert str(scene.consultation.host) == "Brook District"
    page = do(bob, scene.consultation, "close", held_on="2027-03-01")
    assert "it counts as held" in page
    scene.consultation.refresh_from_db()
    assert scene.consultation.status == Status.CLOSED


@pytest.mark.parametrize(
    ("day", "early"), [(date(2027, 3, 20), True), (TODAY, False), (date(2027, 2, 27), False)]
)
def test_closing_before_its_day_is_warned_of(scene: Scene, bob: User, day: date, early: bool):
    scene.consultation.move(by=None, on=date(2027, 2, 1), starts_at=at(day))
    scene.consultation.convene(by=None, on=date(2027, 2, 1))
    path = reverse(
        "consultation_verb", kwargs={"id": scene.consultation.public_id, "verb": "close"}
    )
    page = read(signed_in(bob).get(path))
    assert ("It is set for 20 March 2027, which is still to come." in page) is early
    assert "What is still open on the agenda goes to the next consultation." in page


def test_a_partner_who_does_not_host_is_refused(scene: Scene, alice: User):
    path = reverse(
        "consultation_verb", kwargs={"id": scene.consultation.public_id, "verb": "convene"}
    )
    assert signed_in(alice).post(path, {"on": "2027-03-01"}).status_code == 403


def test_a_new_time_is_meant_in_the_zone_of_the_series(scene: Scene, bob: User):
    do(
        bob,
        scene.consultation,
        "postpone",
        reason="Flood",
        starts_at="2027-04-02T09:30",
        ends_at="2027-04-02T11:00",
    )
    scene.consultation.refresh_from_db()
    assert scene.consultation.status == Status.POSTPONED
    assert scene.consultation.starts_at == datetime(2027, 4, 2, 1, 30, tzinfo=UTC)


def test_a_postponement_without_reason_or_with_an_end_alone_is_refused_at_its_fields(
    scene: Scene, bob: User
):
    page = do(bob, scene.consultation, "postpone", ends_at="2027-04-02T11:00")
    assert "Please give a reason." in page
    assert "Give the beginning too." in page
    assert 'value="2027-04-02T11:00"' in page


def test_the_group_page_shows_mandate_members_and_tasks(scene: Scene, bob: User):
    page = read(signed_in(bob).get(reverse("group", kwargs={"id": scene.group.public_id})))
    for words in ("Keep it clean.", "Alba District", "Clean the river", "None agreed"):
        assert words in page, words


def test_the_secretariat_closes_a_group_with_its_report(scene: Scene, officer: User, bob: User):
    path = reverse("group_verb", kwargs={"id": scene.group.public_id, "verb": "close"})
    assert signed_in(bob).post(path, {"on": "2027-03-01", "reason": "Clean."}).status_code == 403
    said = {"on": "2027-03-01", "reason": "Clean.", f"task_{scene.task.public_id.hex}": "keep"}
    page = read(signed_in(officer).post(path, said, follow=True))
    assert "Your closing report stays with it." in page
    assert "Closing report" in page
