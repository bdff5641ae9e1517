"""The same bytes again: answered by the connection itself, as if they had been read."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.actions.keys import revoke_key
from app.actions.submit_reports import submit_reports
from app.domain.permissions import NATIONAL, Actor, Role
from app.fastpath.cached_responses import CachedResponses
from app.limits.rate_limits import Rate, Rates
from tests.conftest import Service
from tests.factories import line, report
from tests.server.test_http_protocol import DEADLINE, PATIENCE, Caller, calling, serving

ACTOR = Actor("sender", Role.command, NATIONAL)
PATH = "/v1/areas/33.74/capacity/children"
AGAIN = b"GET /v1/areas/33.74/capacity/children HTTP/1.1\r\nHost: h\r\n\r\n"


@dataclass
class Behind:
    """The service behind the connections: which paths came to be read, and on the long way."""

    service: Service
    read: list[str] = field(default_factory=list)
    long: list[str] = field(default_factory=list)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            scope["state"].update(self.service.state)
            for event in ("startup", "shutdown"):
                await receive()
                await send({"type": f"lifespan.{event}.complete"})
            return
        self.read.append(scope["path"])
        await CachedResponses(self._long)(scope, receive, send)

    async def _long(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.long.append(scope["path"])
        if scope["path"] == "/slow":
            await asyncio.sleep(DEADLINE)
        await self.service.app(scope, receive, send)


@pytest.fixture
async def behind(service: Service) -> Behind:
    await submit_reports(service.node, [report(), report(facility_id="rw-d")], by=ACTOR)
    return Behind(service)


@asynccontextmanager
async def connected(app: ASGIApp, **how: Any) -> AsyncIterator[Caller]:
    async with AsyncExitStack() as stack:
        port = await stack.enter_async_context(serving(app, **how))
        yield await stack.enter_async_context(calling(port))


@pytest.fixture
async def caller(behind: Behind) -> AsyncIterator[Caller]:
    async with connected(behind) as c:
        yield c


def request(*headers: str, path: str = PATH, version: str = "1.1") -> bytes:
    return "\r\n".join([f"GET {path} HTTP/{version}", "Host: h", *headers, "", ""]).encode()


async def ask(c: Caller, sent: bytes) -> tuple[list[bytes], bytes]:
    """The lines of the head, and the body; without what differs by its nature."""
    head, _, body = (await c.answer(sent)).partition(b"\r\n\r\n")
    own = (b"date", b"x-request-id")
    return sorted(x.partition(b":")[0] if x.startswith(own) else x for x in head.split(b"\r\n")), body


def status(raw: bytes) -> int:
    return int(raw[9:12])


@pytest.mark.parametrize("tag", [(), ("If-None-Match: *",)], ids=["200", "304"])
@pytest.mark.parametrize("coding", [(), ("Accept-Encoding: gzip",)], ids=["plain", "gzip"])
@pytest.mark.parametrize("path", [PATH, "/v1/areas/33.74/capacity?kind=hospital", "/v1/areas/33.74.01/capacity"])
async def test_all_three_ways_say_the_same(
    caller: Caller, behind: Behind, path: str, tag: tuple[str, ...], coding: tuple[str, ...]
) -> None:
    sent = request(*tag, *coding, path=path)
    long, ready, again = [await ask(caller, sent) for _ in range(3)]
    assert (len(behind.long), len(behind.read)) == (1, 2)
    assert long == ready == again


async def test_the_same_bytes_on_another_connection_are_known_too(behind: Behind) -> None:
    async with serving(behind) as port:
        for _ in range(3):
            async with calling(port) as c:
                await ask(c, AGAIN)
    assert len(behind.read) == 2


async def test_a_report_is_seen_at_once(caller: Caller, behind: Behind) -> None:
    before = [await ask(caller, AGAIN) for _ in range(3)][-1]
    more = report(line(beds_total=20, beds_occupied=1), facility_id="rs-b")
    await submit_reports(behind.service.node, [more], by=ACTOR)
    after = await ask(caller, AGAIN)
    assert len(behind.long) == 2
    assert before != after


async def test_a_revoked_key_is_refused_at_once(caller: Caller, behind: Behind) -> None:
    key = await behind.service.key()
    sent = request(f"Authorization: Bearer {key}")
    assert [status(await caller.answer(sent)) for _ in range(3)] == [200] * 3
    assert len(behind.read) == 2
    by = behind.service.node.board.credentials()[-1].actor
    await revoke_key(behind.service.node, key.split("_")[1], by=by)
    assert status(await caller.answer(sent)) == 401


async def test_requests_are_counted_by_the_callers_own_address(behind: Behind) -> None:
    behind.service.state["rates"] = Rates(public=Rate(1, 4), exempt=(), clock=lambda: 0.0)
    app = ProxyHeadersMiddleware(behind, trusted_hosts="127.0.0.1")  # type: ignore[arg-type]
    async with connected(app) as c:  # type: ignore[arg-type]
        for address in ("203.0.113.7", "203.0.113.8"):
            sent = request(f"X-Forwarded-For: {address}")
            assert [status(await c.answer(sent)) for _ in range(5)] == [200] * 4 + [429]
    assert len(behind.read) < 8


async def test_a_body_that_looks_like_a_known_request_is_a_body(caller: Caller, behind: Behind) -> None:
    for _ in range(2):
        await ask(caller, AGAIN)
    head = b"POST /v1/reports HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    await caller.say(head % len(AGAIN))
    await asyncio.sleep(DEADLINE / 6)
    assert status(await caller.answer(AGAIN)) == 401
    assert behind.read[-1] == "/v1/reports"
    assert status(await caller.answer(AGAIN)) == 200


@pytest.mark.parametrize("cut", [1, 20, len(AGAIN) - 1])
async def test_a_known_request_in_two_pieces_is_read(caller: Caller, behind: Behind, cut: int) -> None:
    for _ in range(2):
        whole = await ask(caller, AGAIN)
    await caller.say(AGAIN[:cut])
    await asyncio.sleep(DEADLINE / 6)
    assert await ask(caller, AGAIN[cut:]) == whole
    assert len(behind.read) == 3


async def test_a_known_request_within_the_head_of_another_is_no_request(caller: Caller) -> None:
    for _ in range(2):
        await ask(caller, AGAIN)
    await caller.say(b"GET /v1/position HTTP/1.1\r\nX-Half: ")
    await asyncio.sleep(DEADLINE / 6)
    answer = await caller.answer(AGAIN)
    assert b'"recorded_at"' in answer


async def test_answers_keep_the_order_of_requests(caller: Caller, behind: Behind) -> None:
    for _ in range(2):
        await ask(caller, AGAIN)
    await caller.say(request(path="/slow"))
    await asyncio.sleep(DEADLINE / 6)
    await caller.say(AGAIN)
    assert [status(await caller.answer()) for _ in range(2)] == [404, 200]
    await caller.say(AGAIN + AGAIN)
    assert [status(await caller.answer()) for _ in range(2)] == [200, 200]
    assert behind.long == [PATH, "/slow"]


async def test_an_offer_of_another_protocol_changes_nothing(caller: Caller) -> None:
    sent = request("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c")
    assert [status(await caller.answer(each)) for each in (sent, sent, sent, AGAIN, sent, AGAIN)] == [200] * 6


@pytest.mark.parametrize("sent", [request(version="1.0"), request("Connection: close")])
async def test_a_connection_that_ends_with_its_answer_ends(behind: Behind, sent: bytes) -> None:
    async with serving(behind) as port:
        for _ in range(4):
            async with calling(port) as c:
                await c.say(sent)
                assert b"connection: close" in await c.rest()
    assert len(behind.read) == 4


async def test_a_connection_is_idle_from_its_last_answer_on(behind: Behind) -> None:
    async with connected(behind, keep_alive_seconds=1) as c:
        began = monotonic()
        while monotonic() - began < 1.5:
            await ask(c, AGAIN)
            await asyncio.sleep(DEADLINE / 3)
        last = monotonic()
        assert await c.rest() == b""
        assert 0.8 < monotonic() - last < 2
    assert len(behind.read) == 2


async def test_a_new_connection_that_falls_silent_after_a_known_request_is_cut_as_idle(behind: Behind) -> None:
    async with serving(behind, keep_alive_seconds=1) as port:
        async with calling(port) as c:
            await ask(c, AGAIN)
            await ask(c, AGAIN)
        async with calling(port) as c:
            await ask(c, AGAIN)
            began = monotonic()
            assert await c.rest() == b""
            assert 0.8 < monotonic() - began < PATIENCE / 2
    assert len(behind.read) == 2


async def test_a_server_that_ends_closes_such_connections(behind: Behind) -> None:
    async with serving(behind) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        c = Caller(reader, writer)
        for _ in range(3):
            await ask(c, AGAIN)
        began = monotonic()
    assert monotonic() - began < 1.5
    assert await c.rest() == b""
    writer.close()


async def test_who_takes_no_answers_is_cut(behind: Behind) -> None:
    async def asking(c: Caller) -> None:
        while True:
            await c.say(AGAIN)
            await asyncio.sleep(0)

    async with connected(behind) as c:
        for _ in range(2):
            await ask(c, AGAIN)
        with pytest.raises(ConnectionError):
            await asyncio.wait_for(asking(c), PATIENCE)
