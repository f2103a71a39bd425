"""The description of the API in a browser: from local files, under our own security policy."""

from typing import Any

from playwright.sync_api import Page, expect


def test_the_description_can_be_read(page: Page, live_server: Any) -> None:
    page.goto(f"{live_server.url}/api/docs/")
    expect(page.locator(".info .title")).to_contain_text("Concord API", timeout=30_000)
    page.get_by_role("link", name="agreements", exact=True).click()
    operation = page.locator(".opblock-post", has_text="Enter agreements")
    operation.locator(".opblock-summary-control").click()
    expect(operation.get_by_text("Clean rivers").first).to_be_visible()
    expect(operation.get_by_text("Nobody is signed in").first).to_be_visible()
