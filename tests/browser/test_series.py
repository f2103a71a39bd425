"""The dates of a series in a real browser: said as people say them, looked at, changed."""

import re
from collections.abc import Callable
from datetime import time, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from actors.models import User
from actors.user import Role
from agreements.agreement import Status as AgreementStatus
from agreements.models import Consultation, ConsultationSeries
from governance import clock
from tests.cast import (
    enter_agreement,
    enter_organization,
    enter_partner,
    enter_rotation,
    enter_user,
)

SignIn = Callable[[User], None]


@pytest.fixture
def scene(transactional_db: None) -> dict[str, Any]:
    """Alba convenes; the series meets on the second Tuesday of each quarter."""
    officer = enter_user("officer", Role.SECRETARIAT)
    alba = enter_organization("Alba District")
    brook = enter_organization("Brook District")
    alice = enter_partner("alice", alba)
    agreement = enter_agreement(alba, brook, by=officer, status=AgreementStatus.IN_FORCE)
    enter_rotation(agreement, alba, by=officer)
    series = ConsultationSeries.enter(
        by=officer,
        agreement=agreement,
        name="Quarterly consultation",
        rrule="FREQ=MONTHLY;BYMONTH=1,4,7,10;BYDAY=2TU",
        starts_on=clock.today().replace(day=1, month=1),
        starts_at=time(14),
    )
    return {"officer": officer, "alice": alice, "agreement": agreement, "series": series}


def test_dates_are_changed_as_people_say_them(page: Page, sign_in: SignIn, scene: Any) -> None:
    sign_in(scene["officer"])
    page.goto(f"/agreements/{scene['agreement'].public_id}/consultations/")
    expect(page.get_by_text("every 2nd Tuesday of the quarter, 14:00 Beijing time")).to_be_visible()
    page.get_by_role("link", name="Change the dates").click()
    expect(page.get_by_label("Rule", exact=True)).to_be_hidden()
    page.get_by_label("Which one").select_option("last")
    page.get_by_label("Day of the week", exact=True).select_option("Thursday")
    page.get_by_label("In which month of the quarter or half-year").select_option("as it comes")
    page.get_by_role("button", name="Show what moves").click()
    expect(page.locator("#preview tbody tr").first).to_be_visible()
    page.get_by_role("button", name="Change the dates").click()
    page.wait_for_url("**/consultations/")
    told = "every last Thursday of the quarter, 14:00 Beijing time"
    expect(page.get_by_text(told)).to_be_visible()


def test_the_host_sets_a_date_and_subscribes(page: Page, sign_in: SignIn, scene: Any) -> None:
    sign_in(scene["alice"])
    page.goto(f"/agreements/{scene['agreement'].public_id}/consultations/")
    page.get_by_role("link", name="Set a date").click()
    day = clock.today() + timedelta(days=20)
    page.get_by_label("Begins").fill(f"{day}T09:30")
    page.get_by_label("Place").fill("Town hall")
    page.get_by_role("button", name="Set a date").click()
    page.wait_for_url(re.compile(r"/consultations/[0-9a-f-]{36}/$"))
    expect(page.get_by_text("Town hall").first).to_be_visible()
    assert Consultation.objects.get(place="Town hall").series == scene["series"]
    page.goto("/calendar/feeds/")
    page.get_by_role("button", name="Make the address").click()
    address = page.locator(".feed-address").inner_text()
    answer = page.request.get(f"/api/{address.partition('/api/')[2]}")
    assert answer.text().startswith("BEGIN:VCALENDAR") and "Town hall" in answer.text()
