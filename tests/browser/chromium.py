"""A real browser for tests: Chromium without anything that calls home, on pages of the test's own."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Page, sync_playwright

NEEDS_BROWSER = [
    pytest.mark.browser,
    pytest.mark.skipif("BALAI_TEST_BROWSER" not in os.environ, reason="BALAI_TEST_BROWSER names no browser"),
]

# Nothing that calls home, and no sandbox, which a container does not allow.
LAUNCH_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def fresh_page() -> Iterator[Page]:
    """A fresh page. Not the fixture of pytest-playwright, whose way of defining it pytest 9 warns of."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["BALAI_TEST_BROWSER"], args=LAUNCH_ARGUMENTS)
        yield browser.new_page()
        browser.close()


@contextmanager
def served_in_thread(app: Any, **options: Any) -> Iterator[str]:
    """A server of this application in a thread of its own; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, **options))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join()


class _EmptyPage(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        body = b"<!doctype html><title>A dashboard</title>"
        self.send_response(200)
        self.send_header("content-type", "text/html")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@contextmanager
def another_origin() -> Iterator[str]:
    """A server with an empty page; gives its origin."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _EmptyPage) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()
