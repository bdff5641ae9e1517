"""Who gets in: every request is counted once, and nobody holds what others need by sending slowly or waiting."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, MutableMapping
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.testing import capture_logs
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.api.http.strict_json import REPORT_BYTES_MAX
from app.domain.errors import Overloaded
from app.limits.arrival_queue import ArrivalQueue
from app.limits.rate_limits import Rates
from app.limits.request_bodies import LARGE_BYTES, read_body
from app.limits.slots import (
    ANONYMOUS_READS_MAX,
    BODIES_PER_CALLER,
    BODY_BYTES_IN_TOTAL,
    SLOT,
    SMALL_BODY_BYTES,
    TURN,
    Pool,
    Slot,
    next_turn,
    step_of_reading,
    waiting,
)
from app.limits.time_slices import TimeSlices
from app.middleware.limits import QUERY_BYTES_MAX, InFlight, LastResort
from app.middleware.rate_limits import RateLimits
from app.observability import Observed, ShedLines
from tests.conftest import Service
from tests.factories import MORNING

ROOT = Path(__file__).resolve().parents[2]
STRANGER = "203.0.113.1"


class Outside(Service):
    """The service as it is seen from another address, behind a proxy that it trusts where one is named."""

    host = STRANGER
    trusted = ""

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """What the server does with proxies, then the application."""
        app: Any = ProxyHeadersMiddleware(super().__call__, self.trusted)  # type: ignore[arg-type]
        await app({**scope, "client": (self.host, 4711)}, receive, send)


@pytest.fixture
def outside(service: Service) -> Outside:
    return Outside(service.app, {**service.state, "rates": Rates(clock=lambda: 1000.0)})


async def statuses(client: httpx2.AsyncClient, times: int, method: str, path: str, **how: Any) -> list[int]:
    return [(await client.request(method, path, **how)).status_code for _ in range(times)]


TOO_LONG = "?" + "q" * (QUERY_BYTES_MAX + 1)
ANYTHING = [
    ("GET", "/", 200),
    ("GET", "/docs", 200),
    ("GET", "/redoc/logo-mini.svg", 200),
    ("GET", "/docs/assets/favicon.png", 200),
    ("GET", "/docs/assets/nothing.js", 404),
    ("GET", "/openapi.json", 200),
    ("GET", "/metrics", 200),
    ("GET", "/problems/nothing", 404),
    ("GET", "/nowhere", 404),
    ("HEAD", "/nowhere", 404),
    ("POST", "/v1/position", 405),
    ("GET", "/v1/position" + TOO_LONG, 414),
    ("POST", "/v1/facilities/rs-a/reports", 401),
    ("POST", "/v1/reports", 401),
    ("DELETE", "/v1/keys/000000000000", 401),
    ("GET", "/fo/index.php/nowhere", 404),
    ("PATCH", "/sirsservice/nowhere", 404),
    ("PATCH", "/fo/index.php/Fasyankes", 405),
    ("GET", "/aplicaresws", 404),
    ("GET", "/aplicaresws/rest/ref/kelas", 401),
    ("POST", "/fo/index.php/Fasyankes" + TOO_LONG, 414),
]


@pytest.mark.parametrize(("method", "path", "status"), ANYTHING, ids=[f"{one[0]} {one[1][:40]}" for one in ANYTHING])
async def test_whatever_a_stranger_asks_is_counted_once(outside: Outside, method: str, path: str, status: int) -> None:
    async with outside.client() as client:
        assert await statuses(client, 22, method, path) == [status] * 20 + [429] * 2


async def test_a_key_pays_for_paths_that_are_not_there_too(outside: Outside) -> None:
    async with outside.client(await outside.key(facility="rs-a")) as client:
        assert await statuses(client, 52, "GET", "/nowhere") == [404] * 50 + [429] * 2


async def test_an_address_in_a_header_is_never_exempt(outside: Outside) -> None:
    outside.host, outside.trusted = "172.18.0.7", "172.16.0.0/12"
    async with outside.client() as client:
        found = await statuses(client, 22, "GET", "/v1/position", headers={"X-Forwarded-For": "127.0.0.1"})
    assert found == [200] * 20 + [429] * 2


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Real-IP", "Forwarded", "Via"])
async def test_a_proxy_on_this_machine_exempts_nobody(outside: Outside, header: str) -> None:
    outside.host = outside.trusted = "127.0.0.1"
    async with outside.client() as client:
        found = await statuses(client, 22, "GET", "/v1/position", headers={header: "203.0.113.9"})
        assert found == [200] * 20 + [429] * 2
        assert await statuses(client, 22, "GET", "/v1/position") == [200] * 22


def test_compose_trusts_its_own_network_and_no_other() -> None:
    text = (ROOT / "compose.yaml").read_text()
    subnet = r"\$\{BALAI_SUBNET:-[0-9.]+/28\}"
    assert re.search(rf"- subnet: {subnet}\n", text)
    assert re.search(rf"BALAI_TRUSTED_PROXIES:-127\.0\.0\.1,::1,{subnet}\}}\n", text)


@pytest.fixture
def lines() -> Iterator[list[MutableMapping[str, Any]]]:
    with capture_logs() as found:
        yield found


async def test_a_flood_does_not_fill_the_log(outside: Outside, lines: list[MutableMapping[str, Any]]) -> None:
    outside.host = "203.0.113.77"
    async with outside.client() as client:
        found = await statuses(client, 120, "GET", "/nowhere")
    assert found.count(429) == 100
    assert [line["status"] for line in lines if "status" in line].count(429) == 1


def test_the_next_line_says_how_many_were_left_out() -> None:
    shed = ShedLines(seconds=60)
    assert [shed.of("a", now) for now in (0, 1, 59)] == [0, None, None]
    assert [shed.of("b", 59), shed.of("a", 61), shed.of("a", 62)] == [0, 2, None]


async def test_documents_are_made_once_and_sent_compressed(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    async with service.client() as client:
        for path in ("/openapi.json", "/docs/assets/swagger-ui-bundle.js"):
            first = await client.get(path, headers={"Accept-Encoding": "gzip"})
            monkeypatch.setattr("zlib.compress", None)
            monkeypatch.setattr(service.app, "openapi", None)
            second = await client.get(path, headers={"Accept-Encoding": "gzip"})
            plain = await client.get(path, headers={"Accept-Encoding": "identity"})
            known = await client.get(path, headers={"If-None-Match": first.headers["etag"]})
            monkeypatch.undo()
            assert [one.headers.get("content-encoding") for one in (first, second, plain)] == ["gzip", "gzip", None]
            assert first.content == second.content == plain.content
            assert (known.status_code, known.content) == (304, b"")


# Slots and bodies: bare ASGI, so that a body can stay away.


class Sender:
    """One request whose body comes when the test says so."""

    def __init__(self, app: ASGIApp, path: str, key: str | None = None, *, host: str = STRANGER) -> None:
        self._messages: asyncio.Queue[Message] = asyncio.Queue()
        self.status: int | None = None
        self.asked = 0
        headers = [(b"host", b"h"), (b"content-type", b"application/json"), (b"transfer-encoding", b"chunked")]
        if key is not None:
            headers.append((b"authorization", f"Bearer {key}".encode()))
        scope = {"type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b""}
        self.task = asyncio.create_task(
            app(
                {**scope, "headers": headers, "client": (host, 1), "state": {"rates": Rates(), "slices": TimeSlices()}},
                self._receive,  # type: ignore[arg-type]
                self._send,  # type: ignore[arg-type]
            )
        )

    def send(self, part: bytes, *, is_last: bool = False) -> None:
        self._messages.put_nowait({"type": "http.request", "body": part, "more_body": not is_last})

    async def leave(self) -> None:
        """Hang up, and see the request end."""
        self._messages.put_nowait({"type": "http.disconnect"})
        await self.task

    async def _receive(self) -> Message:
        self.asked += 1
        return await self._messages.get()

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]


async def turns() -> None:
    """Let all have their turn who can go on."""
    for _ in range(20):
        await asyncio.sleep(0)


async def leave(senders: list[Sender]) -> None:
    for one in senders:
        await one.leave()


REPORT = b'{"observed_at": "%b", "lines": [{"bed_type": "ward_1", "beds_total": 9, "beds_occupied": 4}]}' % (
    MORNING.isoformat().encode()
)
PATHS = ["/v1/facilities/rs-a/reports", "/v1/reports"]


@pytest.mark.parametrize("path", PATHS)
async def test_a_stranger_is_refused_before_a_byte_of_the_body(service: Service, path: str) -> None:
    sender = Sender(service, path)  # type: ignore[arg-type]
    await asyncio.wait_for(sender.task, 5)
    assert (sender.status, sender.asked) == (401, 0)


@pytest.mark.parametrize("path", PATHS)
async def test_bodies_under_way_hold_no_slot(service: Service, path: str) -> None:
    key = await service.key(facility="rs-a")
    slow = [Sender(service, path, key) for _ in range(250)]  # type: ignore[arg-type]
    await turns()
    assert sum(one.asked > 0 for one in slow) <= BODIES_PER_CALLER
    async with service.client(await service.key(facility="rs-a")) as other:
        answer = await other.post(PATHS[0], content=REPORT, headers={"Content-Type": "application/json"})
        assert answer.status_code == 201
        assert (await other.get("/v1/position")).status_code == 200
    await leave(slow)


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """A route that reads a body and takes a while."""
    request = Request(scope, receive)
    status = 200
    try:
        if request.method != "GET":
            await read_body(request, bytes_max=BODY_BYTES_IN_TOTAL * 2, seconds_max=5)
        elif request.url.path == "/waiting":
            with waiting():
                await scope["go"].wait()
        elif request.url.path == "/slow":
            await scope["go"].wait()
    except Overloaded:
        status = 503
    await JSONResponse({}, status)(scope, receive, send)


class Small:
    """That route behind the layer, with few slots."""

    def __init__(self, places: int = 1) -> None:
        self.go = asyncio.Event()
        self.layer = InFlight(echo, places=places, protocol_slots=places)
        self._app = Observed(LastResort(self.layer))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app({**scope, "go": self.go, "state": {"rates": Rates(), "slices": TimeSlices()}}, receive, send)

    def client(self) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=self, raise_app_exceptions=True)  # type: ignore[arg-type]
        return httpx2.AsyncClient(transport=transport, base_url="http://h")


@pytest.fixture
async def small() -> AsyncIterator[Small]:
    yield (made := Small())
    assert made.layer.slots.free == dict.fromkeys(made.layer.slots.free, 1)
    assert made.layer.slots.body_bytes_left == BODY_BYTES_IN_TOTAL


async def test_reads_do_not_take_the_slots_of_writes(small: Small) -> None:
    async with small.client() as client:
        read = asyncio.create_task(client.get("/slow"))
        await turns()
        assert [(await client.get("/")).status_code for _ in range(2)] == [503, 503]
        assert (await client.post("/v1/facilities/rs-a/reports", content=b"{}")).status_code == 200
        assert (await client.put("/fo/index.php/Fasyankes", content=b"{}")).status_code == 200
        small.go.set()
        assert (await read).status_code == 200


async def test_strangers_do_not_take_the_slots_of_who_shows_a_key(small: Small) -> None:
    async def stranger(path: str) -> int:
        TURN.set(lambda: asyncio.sleep(0))
        return (await client.get(path)).status_code

    async with small.client() as client:
        read = asyncio.create_task(stranger("/slow"))
        await turns()
        assert await asyncio.create_task(stranger("/")) == 503
        assert (await client.get("/")).status_code == 200
        small.go.set()
        assert await read == 200


async def test_who_waits_holds_no_slot_and_few_may_wait(small: Small) -> None:
    async with small.client() as client:
        waits = asyncio.create_task(client.get("/waiting"))
        await turns()
        assert (await client.get("/")).status_code == 200
        assert (await client.get("/waiting")).status_code == 503
        small.go.set()
        assert (await waits).status_code == 200


async def test_a_fifth_body_waits_for_one_of_the_four(small: Small) -> None:
    five = [Sender(small, "/") for _ in range(BODIES_PER_CALLER + 1)]
    other = Sender(small, "/", host="203.0.113.2")
    await turns()
    assert [one.asked for one in [*five, other]] == [1] * BODIES_PER_CALLER + [0, 1]
    five[0].send(b"whole", is_last=True)
    await turns()
    assert (five[0].status, five[-1].asked) == (200, 1)
    await leave([*five[1:], other])


async def test_large_bodies_have_so_many_bytes_together_and_never_keep_out_a_small_one(small: Small) -> None:
    small.layer.slots.body_bytes_left = LARGE_BYTES  # of 32 MiB, which would take long to show if this failed
    large = Sender(small, "/")
    large.send(bytes(LARGE_BYTES + SMALL_BODY_BYTES))
    await turns()
    second = Sender(small, "/", host="203.0.113.2")
    second.send(bytes(SMALL_BODY_BYTES + 1))
    third = Sender(small, "/", host="203.0.113.3")
    third.send(bytes(SMALL_BODY_BYTES), is_last=True)
    await turns()
    assert (large.status, second.status, third.status) == (None, 503, 200)
    await leave([large, second])
    assert small.layer.slots.body_bytes_left == LARGE_BYTES
    small.layer.slots.body_bytes_left = BODY_BYTES_IN_TOTAL


async def test_strangers_begin_one_in_each_turn_of_the_loop() -> None:
    turns_of_the_loop, began = 0, []
    turns = ArrivalQueue(waiting_max=50)

    async def stranger() -> None:
        await turns.take()
        began.append(turns_of_the_loop)

    strangers = [asyncio.create_task(stranger()) for _ in range(50)]
    while not all(one.done() for one in strangers):
        turns_of_the_loop += 1
        await asyncio.sleep(0)
    assert len(set(began)) == 50


async def test_strangers_let_reports_go_first_but_not_for_ever() -> None:
    busy, turns = True, ArrivalQueue(waiting_max=50)
    strangers = [asyncio.create_task(turns.take(lambda: busy)) for _ in range(3)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not any(one.done() for one in strangers)
    await asyncio.wait_for(strangers[0], 5)  # a turn comes, however busy it is
    busy = False
    await asyncio.gather(*strangers)


async def test_only_so_many_strangers_wait_for_a_turn() -> None:
    turns = ArrivalQueue(waiting_max=1)
    first = asyncio.create_task(turns.take())
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await turns.take()
    await first
    await turns.take()


@pytest.mark.parametrize(
    ("header", "rests"), [({}, True), ({"X-Forwarded-For": "203.0.113.9"}, False)], ids=["own", "of a proxy"]
)
async def test_the_connection_of_who_is_refused_rests(outside: Outside, header: dict[str, str], rests: bool) -> None:
    rested: list[int] = []
    outside.state["slow_down"] = lambda: rested.append(1)
    async with outside.client() as client:
        await statuses(client, 22, "GET", "/nowhere", headers=header)
    assert len(rested) == (2 if rests else 0)


async def test_a_stranger_takes_a_turn_for_each_step_of_long_work(outside: Outside) -> None:
    steps: list[str] = []

    async def step() -> None:
        steps.append("waits")

    async def works(scope: Scope, receive: Receive, send: Send) -> None:
        await next_turn()
        steps.append("works")
        await JSONResponse({})(scope, receive, send)

    app = Observed(LastResort(RateLimits(works, waiting_max=9)))
    for key, waited in ((None, 2), (await outside.key(facility="rs-a"), 0)):
        steps.clear()
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(ArrivalQueue, "take_again", lambda _arrivals, _is_busy: step())
            async with Outside(app, outside.state).client(key) as client:
                assert (await client.get("/v1/changes")).status_code == 200
        assert steps == ["waits"] * waited + ["works"]


async def test_few_strangers_read_the_database_for_long_at_once(small: Small) -> None:
    slot = Slot(small.layer.slots, Pool.reads)
    SLOT.set(slot)
    TURN.set(lambda: asyncio.sleep(0))
    reading = most = 0

    async def stranger() -> None:
        nonlocal reading, most
        async with step_of_reading():
            reading += 1
            most = max(most, reading)
            await asyncio.sleep(0)
            reading -= 1

    await asyncio.gather(*(stranger() for _ in range(20)))
    assert most == ANONYMOUS_READS_MAX


@pytest.mark.parametrize(("size", "rounds"), [(LARGE_BYTES, 1), (LARGE_BYTES + 1, 5)])
async def test_of_large_bodies_that_came_at_once_one_begins_in_each_round_of_the_loop(size: int, rounds: int) -> None:
    """Five that begin in the same round keep everybody else waiting for all of them."""
    begun: list[int] = []
    now = 0
    slices = TimeSlices()

    async def receive() -> Message:
        return {"type": "http.request", "body": b"x" * size, "more_body": False}

    async def one() -> None:
        state = {"slices": slices, "rates": Rates()}
        scope = {"type": "http", "headers": [], "state": state, "client": ("127.0.0.1", 1)}
        await read_body(Request(scope, receive), bytes_max=size)
        begun.append(now)

    tasks = [asyncio.ensure_future(one()) for _ in range(5)]
    while len(begun) < 5:
        now += 1
        await asyncio.sleep(0)
    await asyncio.gather(*tasks)
    assert len(set(begun)) == rounds


async def test_the_connection_rests_after_a_body_that_is_too_large(service: Service) -> None:
    key = await service.key(facility="rs-a")
    rested: list[int] = []
    service.state["slow_down"] = lambda: rested.append(1)
    async with service.client(key) as client:
        large = b" " * (REPORT_BYTES_MAX + 1)
        answer = await client.post(PATHS[0], content=large, headers={"Content-Type": "application/json"})
    assert (answer.status_code, len(rested)) == (413, 1)
