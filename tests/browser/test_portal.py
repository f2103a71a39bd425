"""The portal in a real browser: signing in, accepting, reporting; both languages; a phone."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Page, expect

from actors.models import Organization, User
from actors.user import Role
from agreements.agreement import Status as AgreementStatus
from agreements.models import Agreement, Task
from agreements.tasks import Status
from governance import clock
from tests.agreements.portal_scenes import LISTS, Scene, addresses_of, furnish
from tests.browser.conftest import DESKTOP
from tests.cast import enter_agreement, enter_organization, enter_partner, enter_user

SignIn = Callable[[User], None]


@pytest.fixture
def people(transactional_db: None) -> dict[str, Any]:
    """The server runs on the real clock, so this play does too."""
    alba, brook = (
        enter_organization("Alba District", name_zh="阿尔巴区"),
        enter_organization("Brook"),
    )
    return {
        "officer": enter_user("officer", Role.SECRETARIAT),
        "alba": alba,
        "brook": brook,
        "alice": enter_partner("alice", alba),
    }


@pytest.fixture
def scene(people: dict[str, Any]) -> Scene:
    alba: Organization = people["alba"]
    officer: User = people["officer"]
    agreement: Agreement = enter_agreement(
        alba, people["brook"], by=officer, status=AgreementStatus.IN_FORCE
    )
    made = furnish(agreement, alba, people["brook"], by=officer)
    made.task.edit(
        by=officer,
        starts_on=clock.today() - timedelta(days=10),
        due_on=clock.today() + timedelta(days=200),
    )
    return made


def pages(scene: Scene) -> list[str]:
    """Every page that is read, without downloads."""
    objects = [
        reverse(name, kwargs=kwargs)
        for name, kwargs in addresses_of(scene).values()
        if name not in {"document", "consultation_file"}
    ]
    return [*(reverse(name) for name in LISTS), *objects]


def test_a_partner_signs_in_accepts_and_reports(
    page: Page, scene: Scene, people: dict[str, Any], tmp_path: Path
):
    alice: User = people["alice"]
    alice.set_password("a long enough password")
    alice.save()
    page.goto("/")
    page.get_by_label("User name or email address").fill("alice")
    page.get_by_label("Password").fill("a long enough password")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="My work")).to_be_visible()

    page.get_by_role("link", name="Accept task").click()
    page.get_by_role("button", name="Accept task").click()
    expect(page.get_by_role("status")).to_contain_text("You accepted the task")

    page.get_by_role("link", name="Report progress").first.click()
    evidence = tmp_path / "photographs.pdf"
    evidence.write_bytes(b"%PDF-1.7\n1 0 obj\n%%EOF\n")
    page.get_by_label("Clean banks, in km").fill("ten")
    page.get_by_label("What was done").fill("The first stretch is clean.")
    page.get_by_role("button", name="File report").click()
    expect(page.get_by_role("alert")).to_contain_text("Clean banks")
    expect(page.get_by_label("What was done")).to_have_value("The first stretch is clean.")

    page.get_by_label("Clean banks, in km").fill("21")
    page.get_by_label("Evidence").set_input_files(evidence)
    page.get_by_role("button", name="File report").click()
    expect(page.get_by_role("status")).to_contain_text("the task stands at 50%")
    task = Task.objects.get()
    assert task.status == Status.IN_PROGRESS
    with page.expect_download() as download:
        page.get_by_role("link", name="photographs.pdf").click()
    assert download.value.path().read_bytes() == evidence.read_bytes()


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
@pytest.mark.parametrize("viewport", [DESKTOP, (360, 740)])
def test_no_page_is_wider_than_the_screen(
    page: Page, scene: Scene, sign_in: SignIn, people: dict[str, Any]
):
    sign_in(people["alice"])
    for address in pages(scene):
        page.goto(address)
        too_wide = page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert too_wide == 0, address


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_pages_have_no_fault_that_axe_finds(
    page: Page, scene: Scene, sign_in: SignIn, people: dict[str, Any]
):
    sign_in(people["alice"])
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
    for address in pages(scene):
        page.goto(address)
        found = Axe().run(page, options=rules).response["violations"]
        told = [(fault["id"], [node["html"][:160] for node in fault["nodes"]]) for fault in found]
        assert told == [], address


def test_everything_works_without_a_script(
    browser: Any, live_server: Any, scene: Scene, people: dict[str, Any]
):
    people["alice"].set_password("a long enough password")
    people["alice"].save()
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/account/login/")
    page.fill("[name=login]", "alice")
    page.fill("[name=password]", "a long enough password")
    page.click("form.form button")
    page.goto(reverse("task", kwargs={"id": scene.task.public_id}))
    page.click(".next-step .button-primary")
    assert "You accepted the task" in page.inner_text(".messages")
    page.goto(reverse("agreement_tasks", kwargs={"id": scene.agreement.public_id}))
    page.select_option("[name=status]", "accepted")
    page.click("form.filters button")
    assert "status=accepted" in page.url
    assert "Clean the river" in page.inner_text("table")
    context.close()


def test_a_group_is_closed_with_its_report(
    page: Page, sign_in: SignIn, people: dict[str, Any], scene: Scene
):
    sign_in(people["officer"])
    page.goto(reverse("group_overview"))
    page.get_by_role("link", name="Water group").click()
    page.get_by_role("link", name="Close group").click()
    expect(page.get_by_text("Keep it clean.")).to_be_visible()
    page.get_by_label("What was achieved of the mandate").fill("The river is clean.")
    page.get_by_role("button", name="Close group").click()
    expect(page.get_by_role("alert")).to_contain_text("Say what becomes of this task.")
    page.get_by_label("Passes to the agreement").check()
    page.get_by_role("button", name="Close group").click()
    expect(page.get_by_role("status")).to_contain_text("Your closing report stays with it.")
    page.get_by_role("link", name="The whole report, ready for print").click()
    expect(page.get_by_role("heading", name="What was achieved")).to_be_visible()
    expect(page.get_by_role("cell", name="Passes to the agreement")).to_be_visible()
