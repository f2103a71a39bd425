"""Handing over in a real browser: both sides look through the list and sign it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from actors.models import User
from actors.user import Role
from agreements.agreement import Status
from agreements.models import Handover
from governance import clock
from tests.cast import (
    enter_agreement,
    enter_organization,
    enter_partner,
    enter_rotation,
    enter_task,
    enter_user,
)

SignIn = Callable[[User], None]


@pytest.fixture
def people(transactional_db: None) -> dict[str, Any]:
    """Alba hands over to Brook; the server runs on the real clock, so the boundary is today."""
    officer = enter_user("officer", Role.SECRETARIAT)
    alba, brook = enter_organization("Alba District"), enter_organization("Brook District")
    agreement = enter_agreement(alba, brook, by=officer, status=Status.IN_FORCE)
    today = clock.today()
    rotation = enter_rotation(
        agreement, alba, brook, by=officer, length=30, unit="day",
        starts_on=today - timedelta(days=30),
    )  # fmt: skip
    enter_task(agreement, by=officer, title="Clean the river", lead=alba)
    Handover.enter(by=officer, on=today, rotation=rotation, boundary_on=today)
    return {"alice": enter_partner("alice", alba), "bob": enter_partner("bob", brook)}


def test_both_sides_sign_and_what_is_open_passes_on(
    page: Page, sign_in: SignIn, people: dict[str, Any]
):
    sign_in(people["alice"])
    page.goto("/")
    page.get_by_role("link", name="Sign off").click()
    expect(page.get_by_role("heading", name="Handover list")).to_be_visible()
    expect(page.get_by_role("link", name="Clean the river")).to_be_visible()
    assert Axe().run(page).violations_count == 0
    page.get_by_role("link", name="Sign off").click()
    page.get_by_label("Note").fill("The bank at the mill needs care.")
    page.get_by_role("button", name="Sign off the handover").click()
    expect(page.get_by_role("status")).to_contain_text("The other side has still to sign.")

    sign_in(people["bob"])
    page.goto("/")
    page.get_by_role("link", name="Sign off").click()
    expect(page.get_by_text("The bank at the mill needs care.")).to_be_visible()
    page.get_by_role("link", name="Sign off").click()
    page.get_by_role("button", name="Sign off the handover").click()
    expect(page.get_by_role("status")).to_contain_text("the handover is complete")
    expect(page.get_by_text("1 matter is still open")).to_be_visible()
    page.goto("/")
    expect(page.get_by_role("link", name="Taken over: 1 matter still open")).to_be_visible()
    assert not Handover.objects.get().is_open
