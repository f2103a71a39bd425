"""A real browser on a real server: ``page`` is a fresh visitor of ``live_server``.

``language`` ("en" or "zh-Hans") and ``viewport`` (width, height) are fixtures to parametrize.
A test fails when the server breaks (5xx), or when a page raises an error in its script, is
stopped by its own security policy, or asks anything of another host.
"""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Response,
    Route,
    sync_playwright,
)

from tests.machine import chromium

DESKTOP = (1280, 900)
PHONE = (390, 844)
ACCEPT_LANGUAGE = {"en": "en", "zh-Hans": "zh-Hans,zh;q=0.9"}
ICU_LOCALE = {"en": "en-GB", "zh-Hans": "zh-CN"}
ARGUMENTS = [
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_itemcollected(item: pytest.Item) -> None:
    """Everything in this folder needs the browser."""
    item.add_marker("browser")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the whole run; a missing one is a failure, never a skip."""
    try:
        program = chromium.require()
    except chromium.NoBrowser as missing:
        pytest.exit(str(missing), returncode=1)
    arguments = [*ARGUMENTS, "--no-sandbox"] if os.geteuid() == 0 else ARGUMENTS
    # Playwright's event loop runs in this thread; the tests' own use of the database is not
    # asynchronous for all that.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        with sync_playwright() as playwright:
            launched = playwright.chromium.launch(executable_path=program, args=arguments)
            yield launched
            launched.close()
    finally:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def language() -> str:
    return "en"


@pytest.fixture
def viewport() -> tuple[int, int]:
    return DESKTOP


@pytest.fixture
def context(
    browser: Browser, live_server: Any, language: str, viewport: tuple[int, int]
) -> Iterator[BrowserContext]:
    """A visitor without cookies, for whom nothing but ``live_server`` can be reached."""
    context = browser.new_context(
        base_url=live_server.url,
        locale=ICU_LOCALE[language],
        timezone_id=settings.TIME_ZONE,
        viewport={"width": viewport[0], "height": viewport[1]},
        extra_http_headers={"Accept-Language": ACCEPT_LANGUAGE[language]},
    )
    context.set_default_timeout(10_000)
    faults: list[str] = []

    def keep_inside(route: Route) -> None:
        if route.request.url.startswith((live_server.url, "data:", "blob:")):
            route.continue_()
        else:
            faults.append(f"request to {route.request.url}")
            route.abort()

    def hear(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            faults.append(message.text)

    def look(response: Response) -> None:
        if response.status >= 500:
            faults.append(f"{response.status} from {response.url}")

    context.route("**/*", keep_inside)
    context.on("response", look)
    context.on("console", hear)
    context.on("weberror", lambda error: faults.append(str(error.error)))
    yield context
    context.close()
    assert faults == []


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


@pytest.fixture
def sign_in(context: BrowserContext, live_server: Any) -> Callable[[Any], None]:
    """Gives the visitor the session of a user, without the sign-in page."""

    def with_session_of(user: Any) -> None:
        client = Client()
        client.force_login(user)
        session = client.cookies[settings.SESSION_COOKIE_NAME]
        context.add_cookies([{"name": session.key, "value": session.value, "url": live_server.url}])

    return with_session_of
