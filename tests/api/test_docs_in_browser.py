"""The documentation pages as a browser sees them."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import ConsoleMessage, Page, Request

from app.config import Settings
from app.main import create_app
from tests.browser.chromium import NEEDS_BROWSER, fresh_page, served_in_thread

pytestmark = NEEDS_BROWSER


@pytest.fixture
def page() -> Iterator[Page]:
    with fresh_page() as opened:
        yield opened


@pytest.fixture
def address(settings: Settings) -> Iterator[str]:
    """A server of this test's own."""
    with served_in_thread(create_app(settings)) as url:
        yield url


@pytest.mark.parametrize(("path", "content"), [("/docs", ".opblock"), ("/redoc", "h5")])
def test_a_page_works_without_complaint_and_without_another_host(
    page: Page, address: str, path: str, content: str
) -> None:
    asked: list[str] = []
    complaints: list[str] = []

    def on_request(request: Request) -> None:
        asked.append(request.url)

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    page.on("request", on_request)
    page.on("console", on_console)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(address + path)
    page.wait_for_selector(content)
    page.wait_for_load_state("networkidle")
    assert complaints == []
    assert [url for url in asked if not url.removeprefix("blob:").startswith(address)] == []
