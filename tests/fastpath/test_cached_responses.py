"""The short way says what the long way says, byte for byte, and only while that is true."""

import gzip
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import httpx2
import pytest

from app.actions.keys import issue_key, revoke_key
from app.actions.submit_reports import submit_reports
from app.domain.permissions import NATIONAL, OPERATOR, Actor, Role
from app.fastpath.cached_responses import REQUEST_BYTES_MAX, REQUESTS_MAX, Asked, CachedResponses, FastPath
from app.limits.rate_limits import Rate, Rates
from tests.conftest import Clock, Service
from tests.factories import line, report

ACTOR = Actor("sender", Role.command, NATIONAL)
QUESTIONS = [
    "/v1/areas/33.74/capacity",
    "/v1/areas/33.74/capacity/children",
    "/v1/areas/33.74/capacity/children?kind=hospital,rw_hall",
    "/v1/areas/ID/capacity?kind=hospital&fresh_only=true",
    "/v1/areas/33.74.01.1001.001/capacity",
]
WISHES: list[dict[str, str]] = [
    {},
    {"Accept-Encoding": "gzip"},
    {"Accept-Encoding": "br, gzip;q=0.5, *;q=0"},
    {"Accept-Encoding": "gzip;q=0"},
    {"Accept-Encoding": "gzip;q=0.5, identity"},
    {"Accept-Encoding": "gzip", "Accept": "application/json"},
    {"If-None-Match": "*"},
    {"If-None-Match": "*", "Accept-Encoding": "gzip"},
    {"If-None-Match": '"another"'},
]


class Short:
    """A client of the service with the short way before it; `long` counts what went on behind it."""

    def __init__(self, service: Service) -> None:
        self.long = 0

        async def counted(scope: dict[str, Any], receive: Any, send: Any) -> None:
            self.long += 1
            await service.app(scope, receive, send)

        first = CachedResponses(counted)

        async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
            await first({**scope, "state": dict(service.state)}, receive, send)

        transport = httpx2.ASGITransport(app=app)
        self.client = httpx2.AsyncClient(transport=transport, base_url="http://testserver")
        self.client.headers.pop("Accept-Encoding")

    async def raw(self, question: str, headers: dict[str, str]) -> tuple[int, set[tuple[bytes, bytes]], bytes]:
        """Status, headers and the bytes that were sent; the request's own id left out."""
        async with self.client.stream("GET", question, headers=headers) as answer:
            body = b"".join([part async for part in answer.aiter_raw()])
        return answer.status_code, {pair for pair in answer.headers.raw if pair[0] != b"x-request-id"}, body


@pytest.fixture
async def short(service: Service) -> AsyncIterator[Short]:
    await submit_reports(service.node, [report(), report(facility_id="rw-d")], by=ACTOR)
    made = Short(service)
    async with made.client:
        yield made


def with_key(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


@pytest.mark.parametrize("wish", WISHES, ids=str)
@pytest.mark.parametrize("question", QUESTIONS)
async def test_both_ways_say_the_same(short: Short, question: str, wish: dict[str, str]) -> None:
    long = await short.raw(question, wish)
    quick = await short.raw(question, wish)
    again = await short.raw(question, wish)
    assert short.long == 1
    assert quick == long
    assert again == long


async def test_each_answer_has_an_id_of_its_own_or_the_callers(short: Short) -> None:
    ids = [(await short.client.get(QUESTIONS[0])).headers["x-request-id"] for _ in range(3)]
    assert len(set(ids)) == 3
    given = await short.client.get(QUESTIONS[0], headers={"X-Request-Id": "gateway-7"})
    assert given.headers["x-request-id"] == "gateway-7"
    assert short.long == 1


async def test_a_tag_from_the_long_way_is_known_on_the_short_one(short: Short) -> None:
    tag = (await short.client.get(QUESTIONS[0])).headers["etag"]
    unchanged = await short.client.get(QUESTIONS[0], headers={"If-None-Match": tag})
    assert (unchanged.status_code, unchanged.content, short.long) == (304, b"", 1)


async def test_compressed_is_the_same_and_smaller(short: Short) -> None:
    question = QUESTIONS[1]
    plain = (await short.raw(question, {}))[2]
    _, headers, packed = await short.raw(question, {"Accept-Encoding": "gzip"})
    assert short.long == 1
    assert (b"content-encoding", b"gzip") in headers
    assert gzip.decompress(packed) == plain
    assert len(packed) < len(plain) / 2


async def test_position_and_time_are_those_of_now(short: Short, service: Service, clock: Clock) -> None:
    before = (await short.client.get("/v1/areas/33.74/capacity")).json()
    await submit_reports(service.node, [report(facility_id="rs-e")], by=ACTOR)  # in another city
    clock.advance(seconds=1)
    after = (await short.client.get("/v1/areas/33.74/capacity")).json()
    assert short.long == 1
    assert after["position"] == before["position"] + 1
    assert after["as_of"] > before["as_of"]
    assert after["totals"] == before["totals"]


@pytest.mark.parametrize("wish", [{}, {"Accept-Encoding": "gzip"}], ids=str)
async def test_a_report_below_makes_a_new_answer(short: Short, service: Service, wish: dict[str, str]) -> None:
    first = await short.client.get("/v1/areas/33.74/capacity", headers=wish)
    await short.client.get("/v1/areas/33.74/capacity", headers=wish)
    more = report(line(beds_total=20, beds_occupied=1), facility_id="rs-b")
    await submit_reports(service.node, [more], by=ACTOR)
    second = await short.client.get("/v1/areas/33.74/capacity", headers=wish)
    assert short.long == 2
    assert second.json()["totals"]["beds_total"] == first.json()["totals"]["beds_total"] + 20


async def test_a_facility_that_closes_makes_a_new_answer(short: Short, service: Service) -> None:
    first = await short.client.get("/v1/areas/33.74/capacity")
    async with service.client(await service.key()) as officer:
        found = await officer.get("/v1/facilities/rs-a")
        tag = {"If-Match": found.headers["etag"]}
        assert (
            await officer.post("/v1/facilities/rs-a/close", json={"reason": "flood"}, headers=tag)
        ).status_code == 200
    second = await short.client.get("/v1/areas/33.74/capacity")
    assert short.long == 2
    assert second.json()["reporting"]["facilities"] == first.json()["reporting"]["facilities"] - 1


async def test_a_figure_that_turns_stale_makes_a_new_answer(short: Short, clock: Clock) -> None:
    assert (await short.client.get("/v1/areas/33.74/capacity")).json()["reporting"]["stale"] == 0
    clock.advance(hours=7)
    assert (await short.client.get("/v1/areas/33.74/capacity")).json()["reporting"]["stale"] == 1
    assert short.long == 2


async def test_a_clock_that_was_set_back_is_followed(short: Short, clock: Clock) -> None:
    clock.advance(hours=7)
    assert (await short.client.get("/v1/areas/33.74/capacity")).json()["reporting"]["stale"] == 1
    clock.advance(hours=-6)
    assert (await short.client.get("/v1/areas/33.74/capacity")).json()["reporting"]["stale"] == 0


async def test_a_key_that_was_revoked_or_is_none_goes_the_long_way_and_is_refused(
    short: Short, service: Service
) -> None:
    key = await service.key()
    for _ in range(2):
        assert (await short.client.get("/v1/areas/33.74/capacity", headers=with_key(key))).status_code == 200
    assert short.long == 1
    by = service.node.board.credentials()[-1].actor
    await revoke_key(service.node, key.split("_")[1], by=by)
    for wrong in (f"Bearer {key}", "Bearer nonsense", "Basic abc"):
        answer = await short.client.get("/v1/areas/33.74/capacity", headers={"Authorization": wrong})
        assert answer.status_code == 401
    assert short.long == 4


async def test_a_key_opens_nothing_from_the_moment_of_its_end(short: Short, service: Service, clock: Clock) -> None:
    end = clock() + timedelta(milliseconds=500)
    _, key = await issue_key(service.node, scope=NATIONAL, by=OPERATOR, expires_at=end)
    for _ in range(2):
        assert (await short.client.get("/v1/areas/33.74/capacity", headers=with_key(key))).status_code == 200
    clock.advance(milliseconds=500)
    assert (await short.client.get("/v1/areas/33.74/capacity", headers=with_key(key))).status_code == 401
    assert short.long == 2


async def test_figures_that_are_not_public_are_for_those_who_may_read_them(short: Short, service: Service) -> None:
    service.state["node"] = replace(service.node, public_read=False)
    inside, outside = await service.key(area="33.74"), await service.key(area="33.75")
    asked: list[tuple[dict[str, str], int]] = [(with_key(inside), 200), (with_key(outside), 404), ({}, 401)]
    for headers, status in 2 * asked:
        assert (await short.client.get("/v1/areas/33.74/capacity", headers=headers)).status_code == status
    assert short.long == 1 + 2 + 2, "an answer that is ready is not for everybody"


async def test_both_ways_spend_the_same_allowance(short: Short, service: Service) -> None:
    service.state["rates"] = Rates(public=Rate(1, 3), exempt=(ip_network("192.0.2.0/24"),), clock=lambda: 0.0)
    statuses = [(await short.client.get("/v1/areas/33.74/capacity")).status_code for _ in range(5)]
    assert statuses == [200, 200, 200, 429, 429]
    assert short.long == 3


@pytest.mark.parametrize(
    "headers",
    [
        [(b"accept", b"application/json"), (b"accept", b"text/csv")],
        [(b"a%d" % n, b"") for n in range(65)],
        [(b"cookie", b"x" * 17_000)],
    ],
    ids=["twice", "many", "long"],
)
async def test_what_is_not_plain_goes_the_long_way(short: Short, headers: list[tuple[bytes, bytes]]) -> None:
    await short.client.get(QUESTIONS[1])
    await short.client.get(QUESTIONS[1], headers=httpx2.Headers(headers))
    assert short.long == 2


async def test_waiting_for_a_position_is_never_ready(short: Short) -> None:
    for _ in range(2):
        await short.client.get("/v1/areas/33.74/capacity?min_position=1")
    assert short.long == 2


def asked(path: str = "/v1/areas/33/capacity", method: str = "GET") -> Asked | None:
    scope = {"type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b""}
    return Asked.of({**scope, "headers": [(b"host", b"h")], "client": None})


@pytest.mark.parametrize(("path", "method"), [("/v1/areas/33/capacity", "HEAD"), ("/v1/facilities/rs-a", "GET")])
def test_only_readers_of_areas_ask_here(path: str, method: str) -> None:
    assert asked(path, method) is None


def test_only_so_many_requests_are_remembered() -> None:
    short, one = FastPath(), asked()
    assert one is not None
    for number in range(REQUESTS_MAX + 1):
        short.remember((None, b"%d" % number), one)
    assert short.recall((None, b"0")) is None
    assert short.recall((None, b"1")) is one
    short.remember((None, b"x" * (REQUEST_BYTES_MAX + 1)), one)
    assert short.recall((None, b"x" * (REQUEST_BYTES_MAX + 1))) is None
