"""One browser for all tests of a process, and a page that tolerates no error and no request to another host."""

import os
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from tests.browser.chromium import LAUNCH_ARGUMENTS
from tests.browser.city import City, SeededFolder, make_seeded_folder, running_city


@pytest.fixture(scope="session")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> SeededFolder:
    """The seeded city, made once."""
    folder = tmp_path_factory.mktemp("seeded")
    with ThreadPoolExecutor() as elsewhere:  # Playwright's event loop may run in this thread
        return elsewhere.submit(make_seeded_folder, folder).result()


@pytest.fixture
def city(seeded: SeededFolder, tmp_path: Path) -> Iterator[City]:
    """The seeded city behind a server of this test's own."""
    with running_city(seeded, tmp_path / "city") as running:
        yield running


@pytest.fixture(scope="session")
def chromium_address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A browser for all tests of this process; gives the address of its control port."""
    profile = tmp_path_factory.mktemp("chromium")
    command = [
        os.environ["BALAI_TEST_BROWSER"],
        "--headless",
        "--remote-debugging-port=0",
        f"--user-data-dir={profile}",
    ]
    with subprocess.Popen([*command, *LAUNCH_ARGUMENTS], stderr=subprocess.DEVNULL) as process:
        port_file = profile / "DevToolsActivePort"
        while not (port_file.exists() and port_file.read_text().strip()):
            assert process.poll() is None, "the browser does not start"
            time.sleep(0.02)
        yield f"http://127.0.0.1:{port_file.read_text().split()[0]}"
        process.terminate()


@pytest.fixture
def chromium(chromium_address: str) -> Iterator[Browser]:
    """The browser, through a connection of this test's own.

    Playwright's event loop would otherwise stay in this thread, and asynchronous tests could not run in it.
    """
    with sync_playwright() as playwright:
        yield playwright.chromium.connect_over_cdp(chromium_address)


class Watch:
    """What a browser context complains about, and which hosts it asks."""

    def __init__(self, context: BrowserContext) -> None:
        self.complaints: list[str] = []
        self.urls: list[str] = []
        self.is_offline_expected = False
        context.on("request", self._on_request)
        context.on("console", self._on_console)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))

    def _on_request(self, request: Request) -> None:
        self.urls.append(request.url)

    def _on_console(self, message: ConsoleMessage) -> None:
        # A browser reports each request that a cut connection fails; the test cuts it on purpose.
        if message.type == "error" and not (self.is_offline_expected and "Failed to load resource" in message.text):
            self.complaints.append(message.text)

    def check(self, address: str) -> None:
        """No complaint, and no request to another host."""
        assert self.complaints == []
        own = (address, "data:", "blob:")
        assert [url for url in self.urls if not url.startswith(own)] == []


@pytest.fixture
def options() -> dict[str, Any]:
    """Options of the browser context; a test may override them by parametrizing this fixture."""
    return {}


@pytest.fixture
def watch(chromium: Browser, city: City, options: dict[str, Any]) -> Iterator[tuple[BrowserContext, Watch]]:
    """A browser context in Indonesian, checked at the end."""
    chosen = {"locale": "id-ID", "timezone_id": "Asia/Jakarta", "viewport": {"width": 1280, "height": 800}}
    context = chromium.new_context(base_url=city.url, **{**chosen, **options})
    watching = Watch(context)
    yield context, watching
    context.close()
    watching.check(city.url)


@pytest.fixture
def page(watch: tuple[BrowserContext, Watch]) -> Page:
    """A page of that context."""
    return watch[0].new_page()
