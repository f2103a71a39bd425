"""The secretariat's day in a real browser: an agreement is logged on one page."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from actors.models import Organization, Person
from actors.organization import Kind
from actors.user import Role
from agreements.agreement import Status
from agreements.models import Agreement, ConsultationSeries, Indicator, Party, Rotation, Task
from tests.cast import enter_organization, enter_person, enter_user

ADD = "/secretariat/agreements/agreement/add/"


@pytest.fixture
def district(live_server: Any) -> Organization:
    return enter_organization("Alba District", name_zh="阿尔巴区")


@pytest.fixture
def company(live_server: Any) -> Organization:
    return enter_organization("Corva Ltd", Kind.ENTERPRISE)


@pytest.fixture
def desk(page: Page, sign_in: Any) -> Page:
    """The page of a secretariat officer."""
    sign_in(enter_user("officer", Role.SECRETARIAT))
    return page


def choose(page: Page, name: str, words: str) -> None:
    """Find an object by typing and take it."""
    page.locator(f"#id_{name} + .select2-container").click()
    page.locator(".select2-container--open .select2-search__field").fill(words)
    page.locator(".select2-results__option", has_text=words).first.click()
    expect(page.locator(f"#id_{name} + .select2-container")).to_contain_text(words)


def add_beside(page: Page, name: str, facts: dict[str, str], **choices: str) -> None:
    """Add what is missing through the “+” beside a choice, in its own window."""
    with page.expect_popup() as opened:
        page.locator(f"#add_id_{name}").click()
    window = opened.value
    for field, text in facts.items():
        window.locator(f"#id_{field}").fill(text)
    for field, value in choices.items():
        window.locator(f"#id_{field}").select_option(value)
    with window.expect_event("close"):
        window.locator("button[name=_save]").click()


def row(page: Page, prefix: str, number: int) -> Locator:
    """A row of an inline, opened when it is not there yet."""
    found = page.locator(f"#{prefix}-{number}, #id_{prefix}-{number}-id").first
    if page.locator(f"[name={prefix}-{number}-id]").count() == 0:
        page.locator(f"#{prefix}-group .add-row").click()
    expect(page.locator(f"[name={prefix}-{number}-id]")).to_have_count(1)
    return found


def test_an_agreement_is_logged_in_one_sitting(
    desk: Page, district: Organization, company: Organization
) -> None:
    enter_person("Ann Li", district)
    desk.goto(ADD)
    desk.locator("#id_title").fill("Clean air together")
    desk.locator("#id_kind").select_option("cooperation")
    desk.locator("#id_mode").select_option("public_private")

    choose(desk, "party_set-0-organization", "Alba District")
    choose(desk, "party_set-0-liaison_person", "Ann Li")
    choose(desk, "party_set-1-organization", "Corva Ltd")
    add_beside(desk, "party_set-1-liaison_person", {"name": "Cai Wu"})
    row(desk, "party_set", 2)
    add_beside(
        desk, "party_set-2-organization", {"name": "University of Dunes"}, kind=Kind.UNIVERSITY
    )
    add_beside(desk, "party_set-2-liaison_person", {"name": "Du Ming"})

    desk.locator("#id_rotations-0-length").fill("6")
    desk.locator("#id_rotations-0-starts_on").fill("2027-01-01")
    desk.locator("#id_series-0-times").fill("1")
    desk.locator("#id_series-0-cadence").select_option("quarter")

    for number, (lead, target) in enumerate(
        (("Alba District", "12"), ("Corva Ltd", "30.5"), ("University of Dunes", "4"))
    ):
        row(desk, "tasks", number)
        desk.locator(f"#id_tasks-{number}-title").fill(f"Task of {lead}")
        choose(desk, f"tasks-{number}-lead", lead)
        desk.locator(f"#id_tasks-{number}-starts_on").fill("2027-01-01")
        desk.locator(f"#id_tasks-{number}-due_on").fill("2027-12-31")
        desk.locator(f"#id_tasks-{number}-indicator_name").fill("Stations")
        desk.locator(f"#id_tasks-{number}-indicator_unit").fill("stations")
        desk.locator(f"#id_tasks-{number}-indicator_target").fill(target)
    desk.locator("#submit-row button[name=_save]").click()

    expect(desk).to_have_url(re.compile(r"/agreement/\d+/change/$"))
    expect(desk.get_by_role("link", name="Open negotiation")).to_be_visible()
    made = Agreement.objects.get()
    assert [str(party) for party in Party.objects.filter(agreement=made)] == [
        "Alba District",
        "Corva Ltd",
        "University of Dunes",
    ]
    assert set(Person.objects.filter(liaison_appointments__party__agreement=made)) == set(
        Person.objects.all()
    )
    rotation = Rotation.objects.get(agreement=made)
    assert rotation.seats.count() == 3 and rotation.terms.exists()
    assert ConsultationSeries.objects.get(agreement=made).cadence == "quarter"
    assert Task.objects.filter(agreement=made, lead__isnull=False).count() == 3
    assert Indicator.objects.filter(task__agreement=made, target__isnull=False).count() == 3

    desk.get_by_role("link", name="Open negotiation").click()
    desk.locator(".concord-verb button.concord-button-primary").click()

    expect(desk.locator(".concord-standing")).to_contain_text("In negotiation")
    made.refresh_from_db()
    assert made.status == Status.NEGOTIATING


def test_what_was_typed_stays_when_something_is_refused(desk: Page, district: Organization) -> None:
    desk.goto(ADD)
    desk.locator("#id_title").fill("Twice the same")
    desk.locator("#id_kind").select_option("cooperation")
    for number in (0, 1):
        choose(desk, f"party_set-{number}-organization", "Alba District")
    desk.locator("#submit-row button[name=_save]").click()

    expect(desk.get_by_text("already a party to the agreement")).to_be_visible()
    expect(desk.locator("#id_title")).to_have_value("Twice the same")
    expect(desk.locator("#id_party_set-1-organization + .select2-container")).to_contain_text(
        "Alba District"
    )
    assert not Agreement.objects.exists()


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_the_first_page_names_what_is_to_be_done(desk: Page, language: str) -> None:
    desk.goto("/secretariat/")

    expected = {"en": "Log an agreement", "zh-Hans": "登记协议"}[language]
    expect(desk.get_by_role("link", name=expected)).to_be_visible()
