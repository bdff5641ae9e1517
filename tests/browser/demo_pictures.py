"""The pictures in the documents: pages of the demo, compressed as WebP by the browser itself."""

import base64
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from playwright.sync_api import Browser, Page, expect

QUALITY = 82
READY_SECONDS = 120


@dataclass(frozen=True)
class Picture:
    """A page of the demo. `height`: of what is shown of it."""

    name: str
    path: str
    width: int
    height: int
    theme: str = "light"
    locale: str = "en-GB"


PICTURES = (
    Picture("command-center", "/", 1920, 1080),
    Picture("kecamatan-dark", "/area/33.74.10", 1280, 960, theme="dark"),
    Picture("facility", "/facility/rs-3374342", 1280, 800),
    Picture("public-phone", "/publik?need=ward&area=33.74.10.1001", 360, 740),
)


def take_demo_pictures(browser: Browser, folder: Path) -> None:
    """Start a demo, wait until its first figures are there, and photograph each page."""
    with tempfile.TemporaryDirectory() as kept, _running_demo(Path(kept)) as url:
        for picture in PICTURES:
            context = browser.new_context(
                base_url=url,
                locale=picture.locale,
                timezone_id="Asia/Jakarta",
                viewport={"width": picture.width, "height": picture.height},
                color_scheme="dark" if picture.theme == "dark" else "light",
            )
            page = context.new_page()
            page.goto(picture.path)
            _wait(page)
            (folder / f"{picture.name}.webp").write_bytes(_compressed(page))
            context.close()


@contextmanager
def _running_demo(folder: Path) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    command = [sys.executable, "-m", "app", "demo", "--data-dir", str(folder / "demo"), "--port", str(port)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BALAI_")}
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen([*command, "--speed", "1"], env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            _wait_for_figures(url, process)
            yield url
        finally:
            process.terminate()


def _wait_for_figures(url: str, process: "subprocess.Popen[bytes]") -> None:
    """The simulator posts the present of every facility first; then the position rests."""
    last, since = -1, time.monotonic()
    deadline = since + READY_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "the demo does not start"
        try:
            position = int(httpx2.get(f"{url}/v1/position", trust_env=False).json()["position"])
        except httpx2.HTTPError:
            position = -1
        if position != last:
            last, since = position, time.monotonic()
        elif position > 300 and time.monotonic() - since > 5:
            return
        time.sleep(0.5)
    raise TimeoutError(f"no figures after {READY_SECONDS} s")


def _wait(page: Page) -> None:
    """Figures and map are drawn, and nothing has just changed."""
    expect(page.locator(".wait, .fresh-in")).to_have_count(0, timeout=20_000)
    if page.locator(".geo, .k-map").count():
        expect(page.locator(".leaflet-container path").first).to_be_visible()
    page.evaluate("document.fonts.ready.then(() => new Promise((done) => setTimeout(done, 1500)))")


def _compressed(page: Page) -> bytes:
    session = page.context.new_cdp_session(page)
    answer = session.send("Page.captureScreenshot", {"format": "webp", "quality": QUALITY})
    return base64.b64decode(answer["data"])
