"""The short way sends the files of pages like the route, with fewer headers; everything else goes on."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from app.fastpath.page_files import PageFiles
from app.web import static_files
from tests.conftest import Service

FILE = static_files.url("js/base/format.js")
LEFT_OUT = {b"x-request-id", b"access-control-allow-origin", b"access-control-expose-headers"}


class Short:
    """A client with the short way before the service; `long` counts what went on behind it."""

    def __init__(self, service: Service, *, is_short: bool = True) -> None:
        self.long = 0

        async def counted(scope: dict[str, Any], receive: Any, send: Any) -> None:
            self.long += 1
            await service(scope, receive, send)

        transport = httpx2.ASGITransport(PageFiles(counted) if is_short else counted)
        self.client = httpx2.AsyncClient(transport=transport, base_url="http://balai.test")

    async def raw(self, path: str, **options: Any) -> tuple[int, set[tuple[bytes, bytes]], bytes]:
        """Status, headers without those that are left out, and the bytes that were sent."""
        async with self.client.stream(options.pop("method", "GET"), path, **options) as answer:
            body = b"".join([part async for part in answer.aiter_raw()])
        return answer.status_code, {pair for pair in answer.headers.raw if pair[0] not in LEFT_OUT}, body


@pytest.fixture
async def short(service: Service) -> AsyncIterator[Short]:
    made = Short(service)
    async with made.client:
        yield made


@pytest.mark.parametrize(
    "headers", [{}, {"Accept-Encoding": "gzip"}, {"Accept-Encoding": "gzip;q=0"}, {"If-None-Match": "*"}], ids=str
)
async def test_both_ways_say_the_same(short, service, headers):
    await short.client.get(FILE)  # the route compresses a file when it is asked for the first time
    before = short.long
    quick = await short.raw(FILE, headers=headers)
    assert short.long == before
    long = Short(service, is_short=False)
    assert quick == await long.raw(FILE, headers=headers)
    assert long.long == 1
    assert quick[0] == (304 if "If-None-Match" in headers else 200)
    assert (b"x-content-type-options", b"nosniff") in quick[1]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", FILE),
        ("GET", FILE.replace(static_files.DIGEST, "0" * 16)),
        ("GET", FILE + "x"),
        ("GET", f"{FILE}?{'x' * 3_000}"),
        ("GET", static_files.url("vendor/manifest.json")),
    ],
)
async def test_all_else_goes_on(short, method, path):
    await short.client.get(FILE)
    before = short.long
    await short.raw(path, method=method)
    assert short.long == before + 1
