"""Changing a rotation from the portal in a real browser: the effect first, then the record."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page, expect

from actors.models import User
from actors.user import Role
from agreements.agreement import Status
from governance import clock
from tests.browser.conftest import PHONE
from tests.cast import enter_agreement, enter_organization, enter_rotation, enter_user


@pytest.fixture
def rotation(transactional_db: None) -> Any:
    """Whole years from the first of this one, on the real clock: Alba, Brook, Corva."""
    officer = enter_user("officer", Role.SECRETARIAT)
    members = [enter_organization(name) for name in ("Alba", "Brook", "Corva")]
    agreement = enter_agreement(*members, by=officer, status=Status.IN_FORCE)
    first = date(clock.today().year, 1, 1)
    return enter_rotation(
        agreement, *members, by=officer, on=clock.today(), starts_on=first, length=12
    )


@pytest.mark.parametrize("viewport", [(1280, 900), PHONE])
def test_a_swap_is_looked_at_and_then_recorded(
    page: Page, rotation: Any, sign_in: Callable[[User], None]
):
    sign_in(User.objects.get(username="officer"))
    address = reverse("agreement_rotation", kwargs={"id": rotation.agreement.public_id})
    page.goto(address)
    page.get_by_role("link", name="Swap two terms").click()
    next_year = rotation.starts_on.year + 1
    page.get_by_label("One term").select_option(f"{next_year}-01-01")
    page.get_by_label("The other term").select_option(f"{next_year + 1}-01-01")
    page.get_by_label("Decided by").fill("The third consultation")
    page.get_by_role("button", name="Show the terms before and after").click()

    changed = page.locator("tr.differs")
    expect(changed).to_have_count(2)
    expect(changed.first).to_contain_text("Corva")
    expect(page.get_by_label("Decided by")).to_have_value("The third consultation")
    assert not rotation.changes.exists()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()

    page.get_by_role("button", name="Record change").click()

    expect(page.get_by_role("status")).to_contain_text("is recorded")
    expect(page.locator("svg.ribbon .swap-head")).to_have_count(2)
    expect(page.locator("#rotation-" + str(rotation.public_id))).to_contain_text(
        "The third consultation"
    )
    served = [term.holders.get().name for term in rotation.terms.order_by("starts_on")[:3]]
    assert served == ["Alba", "Corva", "Brook"]
