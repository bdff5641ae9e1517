"""The documentation pages as a browser sees them."""

import os
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from playwright.sync_api import ConsoleMessage, Page, Request, sync_playwright

from app.config import Settings
from app.main import create_app

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif("BALAI_TEST_BROWSER" not in os.environ, reason="BALAI_TEST_BROWSER names no browser"),
]


@pytest.fixture
def page() -> Iterator[Page]:
    """A fresh page. Not the fixture of pytest-playwright, whose way of defining it pytest 9 warns of."""
    flags = "no-sandbox disable-gpu disable-quic no-first-run disable-background-networking"
    args = [f"--{flag}" for flag in [*flags.split(), "disable-component-update", "disable-sync"]]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["BALAI_TEST_BROWSER"], args=args)
        yield browser.new_page()
        browser.close()


@pytest.fixture
def address(settings: Settings) -> Iterator[str]:
    """A server of this test's own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(create_app(settings), log_config=None))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


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
