"""Connections: raw sockets against the real server, with deadlines of tenths of a second."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

import pytest
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn import Config, Server

from app.limits.rate_limits import Rate, Rates
from app.middleware.limits import HEADER_BYTES_MAX, TARGET_BYTES_MAX
from app.middleware.rate_limits import pause_after_overload
from app.server.http_protocol import BoundedProtocol
from app.server.run import listen
from tests.serving import eventually

DEADLINE = 0.3
PATIENCE = 5.0  # far beyond the deadline: what takes so long was not cut
LARGE = b"x" * 8_000_000


class Hasty(BoundedProtocol):
    """The same with short deadlines."""

    head_seconds = DEADLINE
    stall_seconds = DEADLINE


class App:
    """A few ways to answer, and a note of how each ended."""

    def __init__(self) -> None:
        self.stopping = asyncio.Event()
        self.rates = Rates()
        self.seen: list[Scope] = []
        self.ended = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send, scope)
            return
        self.seen.append(scope)
        try:
            await getattr(self, scope["path"].strip("/") or "hello")(scope, receive, send)
        finally:
            self.ended.set()

    async def _live(self, receive: Receive, send: Send, scope: Scope) -> None:
        scope["state"]["stopping"] = self.stopping
        scope["state"]["rates"] = self.rates
        for event in ("startup", "shutdown"):
            await receive()
            await send({"type": f"lifespan.{event}.complete"})

    async def hello(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
        await send({"type": "http.response.body", "body": b"hello"})

    async def slow(self, scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(2 * DEADLINE)
        await self.hello(scope, receive, send)

    async def echo(self, _scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        while (message := await receive())["type"] == "http.request":
            body += message["body"]
            if not message["more_body"]:
                break
        length = str(len(body)).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
        await send({"type": "http.response.body", "body": body})

    async def large(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        length = str(len(LARGE)).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
        for start in range(0, len(LARGE), 100_000):
            part: Message = {"type": "http.response.body", "body": LARGE[start : start + 100_000]}
            await send({**part, "more_body": start + 100_000 < len(LARGE)})

    async def lump(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        length = str(len(LARGE)).encode()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
        await send({"type": "http.response.body", "body": LARGE})

    async def wait_for_the_end(self, _scope: Scope, receive: Receive, _send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    async def shed(self, scope: Scope, receive: Receive, send: Send) -> None:
        await JSONResponse({}, 429)(scope, receive, pause_after_overload(scope, send))

    async def stream(self, scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"begun", "more_body": True})
        await scope["state"]["stopping"].wait()
        await send({"type": "http.response.body", "body": b"ended"})


@asynccontextmanager
async def serving(app: ASGIApp, *, keep_alive_seconds: int = 60) -> AsyncIterator[int]:
    """The port of a server that runs in this loop."""
    config = Config(
        app,
        http=Hasty,
        ws="none",
        lifespan="on",
        log_config=None,
        timeout_keep_alive=keep_alive_seconds,
        timeout_graceful_shutdown=2,
    )
    server = Server(config)
    listener = listen("127.0.0.1", 0)
    port: int = listener.getsockname()[1]
    task = asyncio.create_task(server._serve([listener]))
    try:
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.005)
        yield port
    finally:
        server.should_exit = True
        await task


@pytest.fixture
async def app() -> App:
    return App()


@pytest.fixture
async def port(app: App) -> AsyncIterator[int]:
    async with serving(app) as port:
        yield port


class Caller:
    """A client that says exactly what it is told to."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def say(self, *parts: bytes) -> None:
        for part in parts:
            self.writer.write(part)
            await self.writer.drain()

    async def drip(self, part: bytes, every: float = DEADLINE / 6) -> float:
        """Repeat a few bytes until the connection is cut; gives the seconds that took."""
        began = monotonic()
        while monotonic() - began < PATIENCE:
            self.writer.write(part)
            try:
                if await asyncio.wait_for(self.reader.read(1), every) == b"":
                    break
            except TimeoutError:
                continue
            except ConnectionError:
                break
        return monotonic() - began

    async def rest(self) -> bytes:
        """All until the connection ends."""
        found = b""
        try:
            while part := await asyncio.wait_for(self.reader.read(65_536), PATIENCE):
                found += part
        except ConnectionError:
            pass
        return found

    async def answer(self, *parts: bytes) -> bytes:
        """One answer, after saying these parts; of no length where none is stated."""
        await self.say(*parts)
        head = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), PATIENCE)
        lines = head.lower().split(b"\r\n")
        length = next((int(x.split(b":")[1]) for x in lines if x.startswith(b"content-length")), 0)
        return head + await asyncio.wait_for(self.reader.readexactly(length), PATIENCE)


@asynccontextmanager
async def calling(port: int) -> AsyncIterator[Caller]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Caller(reader, writer)
    finally:
        writer.transport.abort()
        await asyncio.sleep(0)


def problem_of(raw: bytes) -> dict[str, Any]:
    head, _, body = raw.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head.lower()
    problem: dict[str, Any] = json.loads(body)
    assert head.startswith(b"HTTP/1.1 %d " % problem["status"])
    return problem


async def test_a_whole_request_is_answered_and_the_connection_kept(port: int) -> None:
    async with calling(port) as c:
        for _ in range(3):
            await c.say(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
            assert (await c.answer()).endswith(b"hello")


async def test_a_connection_that_says_nothing_is_cut(port: int) -> None:
    async with calling(port) as c:
        began = monotonic()
        assert await c.rest() == b""
        assert monotonic() - began < PATIENCE / 2


@pytest.mark.parametrize("begin", [b"GET /", b"GET / HTTP/1.1\r\nHost: h\r\nX-Slow: ", b"GET / HTTP/1.1\r\n"])
async def test_a_head_that_drips_is_cut_at_the_deadline(port: int, begin: bytes) -> None:
    async with calling(port) as c:
        await c.say(begin)
        assert DEADLINE * 0.5 < await c.drip(b"T") < PATIENCE / 2


async def test_empty_lines_between_requests_do_not_hold_a_connection(port: int) -> None:
    async with calling(port) as c:
        await c.say(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        await c.answer()
        assert await c.drip(b"\r\n") < PATIENCE / 2


async def test_a_slow_answer_cuts_nobody_who_sent_two_requests_at_once(port: int) -> None:
    async with calling(port) as c:
        await c.say(b"GET /slow HTTP/1.1\r\nHost: h\r\n\r\nGET /slow HTTP/1.1\r\nHost: h\r\n\r\nGET / HTT")
        assert (await c.answer()).endswith(b"hello")
        assert (await c.answer()).endswith(b"hello")


async def test_an_endless_address_is_refused_before_it_ends(port: int, app: App) -> None:
    async with calling(port) as c:
        await c.say(b"GET /", b"a" * (TARGET_BYTES_MAX + HEADER_BYTES_MAX))
        assert problem_of(await c.rest())["status"] == 414
    assert app.seen == []


async def test_endless_headers_are_refused_before_they_end(port: int, app: App) -> None:
    async with calling(port) as c:
        await c.say(b"GET / HTTP/1.1\r\nHost: h\r\nX-A: ", b"a" * (TARGET_BYTES_MAX + HEADER_BYTES_MAX))
        problem = problem_of(await c.rest())
        assert (problem["status"], problem["code"]) == (431, "too-large")
    assert app.seen == []


async def test_more_fields_than_anyone_needs_take_no_memory(port: int, app: App) -> None:
    async with calling(port) as c:
        await c.say(b"GET / HTTP/1.1\r\nHost: h\r\n" + b"a:\r\n" * 3_000 + b"\r\n")
        await c.answer()
    assert len(app.seen[0]["headers"]) == Hasty.fields_max


@pytest.mark.parametrize(
    "noise", [b"\x16\x03\x01\x02\x00", b"GET / HTTP/9\r\n\r\n", b"GET / HTTP/1.1\r\nA B: c\r\n\r\n"]
)
async def test_what_is_not_http_gets_a_problem(port: int, noise: bytes) -> None:
    async with calling(port) as c:
        await c.say(noise)
        problem = problem_of(await c.rest())
        assert (problem["status"], problem["code"]) == (400, "malformed")


async def test_a_broken_body_gets_one_answer_and_the_route_hears_that_the_client_is_gone(port: int, app: App) -> None:
    async with calling(port) as c:
        await c.say(b"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n")
        await asyncio.sleep(0.05)
        await c.say(b"no number\r\n")
        assert problem_of(await c.rest())["status"] == 400
    await asyncio.wait_for(app.ended.wait(), PATIENCE)


async def test_chunks_of_one_byte_are_slow_but_allowed(port: int) -> None:
    async with calling(port) as c:
        head = b"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        await c.say(head, b"1\r\nx\r\n" * 20_000, b"0\r\n\r\n")
        assert (await c.answer()).endswith(b"\r\n\r\n" + b"x" * 20_000)


async def test_endless_trailers_are_cut(port: int) -> None:
    async with calling(port) as c:
        await c.say(b"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-T: ")
        assert await c.drip(b"t" * 5_000, every=0.01) < PATIENCE / 2


async def test_trailers_do_not_become_headers(port: int, app: App) -> None:
    async with calling(port) as c:
        head = b"POST /echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
        await c.say(head, b"1\r\nx\r\n0\r\nAuthorization: Bearer late\r\n\r\n")
        await c.answer()
    assert [name for name, _ in app.seen[0]["headers"]] == [b"host", b"transfer-encoding"]


async def test_a_body_that_nobody_reads_any_more_has_its_deadline_too(port: int) -> None:
    async with calling(port) as c:
        await c.say(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n")
        await c.answer()
        assert await c.drip(b"x") < PATIENCE / 2


async def test_after_such_a_body_the_connection_does_not_idle_for_ever(port: int) -> None:
    async with calling(port) as c:
        await c.say(b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n")
        await c.answer()
        await c.say(b"abc")
        assert await c.rest() == b""


async def test_a_reader_that_stalls_is_cut_and_the_route_ends(port: int, app: App) -> None:
    with socket.socket() as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        raw.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(raw, ("127.0.0.1", port))
        await loop.sock_sendall(raw, b"GET /large HTTP/1.1\r\nHost: h\r\n\r\n")
        await asyncio.wait_for(app.ended.wait(), PATIENCE)


@pytest.mark.parametrize("is_pipelined", [True, False])
async def test_no_request_begins_before_its_client_took_the_last_answer(
    port: int, app: App, is_pipelined: bool
) -> None:
    request = b"GET /lump HTTP/1.1\r\nHost: h\r\n\r\n"
    with socket.socket() as raw:
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        raw.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(raw, ("127.0.0.1", port))
        await loop.sock_sendall(raw, 2 * request if is_pipelined else request)
        await asyncio.wait_for(app.ended.wait(), PATIENCE)
        if not is_pipelined:
            await loop.sock_sendall(raw, request)
        await asyncio.sleep(DEADLINE / 6)
        assert len(app.seen) == 1
        size = 0
        while size < 2 * len(LARGE):
            part = len(await asyncio.wait_for(loop.sock_recv(raw, 1_000_000), PATIENCE))
            assert part
            size += part
    assert len(app.seen) == 2


async def test_a_request_with_others_behind_it_hears_that_its_client_left(port: int, app: App) -> None:
    async with calling(port) as c:
        await c.say(b"GET /wait_for_the_end HTTP/1.1\r\nHost: h\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n")
        await eventually(lambda: bool(app.seen))
    await asyncio.wait_for(app.ended.wait(), PATIENCE)


async def test_what_was_sent_ahead_of_a_refusal_for_want_of_room_is_not_begun(port: int, app: App) -> None:
    async with calling(port) as c:
        await c.say(b"GET /shed HTTP/1.1\r\nHost: h\r\n\r\n" + 2 * b"GET / HTTP/1.1\r\nHost: h\r\n\r\n")
        assert (await c.rest()).count(b"HTTP/1.1") == 1
    assert len(app.seen) == 1


async def test_an_address_that_sends_much_that_is_no_request_gets_no_answers(port: int, app: App) -> None:
    app.rates.protocol, app.rates.exempt = Rate(0.001, 2), ()
    answers = []
    for _ in range(3):
        async with calling(port) as c:
            await c.say(b"\x00\r\n\r\n")
            answers.append(bool(await c.rest()))
    assert answers == [True, True, False]


async def test_a_reader_that_is_slow_gets_all_of_it(port: int) -> None:
    async with calling(port) as c:
        await c.say(b"GET /large HTTP/1.1\r\nHost: h\r\n\r\n")
        size = 0
        while size < len(LARGE):
            size += len(await asyncio.wait_for(c.reader.read(1_000_000), PATIENCE))
            await asyncio.sleep(DEADLINE / 20)
        assert size >= len(LARGE)


async def test_a_client_that_offers_another_protocol_is_answered_in_this_one(port: int) -> None:
    async with calling(port) as c:
        await c.say(b"GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n\r\n")
        assert (await c.answer()).endswith(b"hello")


async def test_streams_end_when_the_server_does(app: App) -> None:
    async with serving(app) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        c = Caller(reader, writer)
        await c.say(b"GET /stream HTTP/1.1\r\nHost: h\r\n\r\n")
        await asyncio.wait_for(reader.readuntil(b"begun"), PATIENCE)
        began = monotonic()
    assert monotonic() - began < 1.5, "the server waited for its patience to end"
    assert b"ended" in await c.rest()
    writer.close()
