"""A consultation in a real browser, from the agenda to approved minutes and the task made by it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from actors.models import User
from actors.user import Role
from agreements.agreement import Status as AgreementStatus
from agreements.mechanisms.minutes import Status as MinutesStatus
from agreements.models import Consultation, Minutes, Task
from agreements.tasks import Status
from governance import clock
from tests.agreements.mechanisms.meetings import at, enter_series
from tests.cast import enter_agreement, enter_organization, enter_partner, enter_user

SignIn = Callable[[User], None]


@pytest.fixture
def meeting(transactional_db: None) -> Consultation:
    """Planned for today under Brook; both parties are needed. The server runs on the real clock."""
    officer = enter_user("officer", Role.SECRETARIAT)
    alba, brook = enter_organization("Alba"), enter_organization("Brook")
    enter_partner("alice", alba)
    enter_partner("bob", brook)
    agreement = enter_agreement(alba, brook, by=officer, status=AgreementStatus.IN_FORCE)
    series = enter_series(
        agreement, host_rule="fixed", host=brook, quorum_kind="percent", quorum=100
    )
    return Consultation.enter(
        by=officer,
        agreement=agreement,
        series=series,
        title="Spring meeting",
        starts_at=at(clock.today()),
        ends_at=at(clock.today()) + timedelta(hours=2),
    )


def test_from_the_agenda_to_approved_minutes_and_a_task(
    page: Page, meeting: Consultation, sign_in: SignIn
):
    alice, bob = User.objects.get(username="alice"), User.objects.get(username="bob")
    home = reverse("consultation", kwargs={"id": meeting.public_id})

    sign_in(alice)
    page.goto(home)
    page.get_by_role("link", name="Propose an agenda item").click()
    page.get_by_label("Title", exact=True).fill("Noise at night")
    page.get_by_role("button", name="Propose agenda item").click()
    expect(page.get_by_role("status")).to_contain_text("You proposed “Noise at night”.")

    sign_in(bob)
    page.goto(home)
    page.get_by_role("link", name="Answer proposals").click()
    page.get_by_role("button", name="Put on the agenda Noise at night").click()
    page.get_by_role("link", name="Call consultation").first.click()
    page.get_by_role("button", name="Call consultation").click()
    page.get_by_role("link", name="Run the meeting").click()

    quorum = page.locator("#quorum")
    expect(quorum).to_contain_text("0 of 2")
    page.evaluate("window.stayed = true")
    for name in ("Alba", "Brook"):
        page.get_by_role("group", name=name).get_by_role("button", name="Present").click()
        pressed = page.get_by_role("group", name=name).get_by_role("button", name="Present")
        expect(pressed).to_have_attribute("aria-pressed", "true")
    expect(quorum).to_contain_text("Quorum met: 2 needed.")
    assert page.evaluate("window.stayed") is True  # no page was loaded for it

    page.get_by_label("Note for the minutes").fill("It is loud.")
    page.get_by_role("button", name="Record decision").click()
    page.get_by_label("What is decided").fill("The clubs close at ten.")
    page.get_by_label("Everybody there was for it").check()
    page.get_by_label("What is to be done").fill("Tell the clubs")
    page.get_by_label("Lead organization", exact=False).first.select_option(label="Alba")
    page.get_by_role("button", name="Record decision").click()
    expect(page.get_by_role("status").first).to_contain_text("is recorded")
    page.get_by_role("link", name="Close consultation").click()
    page.get_by_role("button", name="Close consultation").click()

    page.get_by_role("link", name="Write the minutes").click()
    expect(page.get_by_label("Text", exact=True)).to_have_value(
        f"1. Noise at night\nIt is loud.\nDecision {clock.today().year}-1: The clubs close at ten."
    )
    page.get_by_role("button", name="Save the minutes").click()
    page.get_by_role("link", name="Circulate minutes").click()
    page.get_by_role("button", name="Circulate minutes").click()
    for user in (bob, alice):
        sign_in(user)
        page.goto("/")
        page.get_by_role("link", name="Confirm the minutes").click()
        page.get_by_role("button", name="Confirm the minutes").click()
    expect(page.get_by_role("status")).to_contain_text("the minutes are approved")
    assert Minutes.objects.get().status == MinutesStatus.APPROVED

    page.goto("/")
    expect(page.get_by_role("link", name="Tell the clubs")).to_be_visible()
    task: Any = Task.objects.get()
    assert (task.status, str(task.lead)) == (Status.ASSIGNED, "Alba")
    page.get_by_role("link", name="Tell the clubs").click()
    expect(page.get_by_role("link", name=str(task.decision))).to_be_visible()
