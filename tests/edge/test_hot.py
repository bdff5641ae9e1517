"""The short way says what the long way says, byte for byte, and only while that is true."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from app.actions.keys import revoke_key
from app.actions.submit_reports import submit_reports
from app.domain.actor import NATIONAL, Actor, Role
from app.edge.hot import ReadyFirst
from tests.conftest import Clock, Service
from tests.factories import line, report

ACTOR = Actor("sender", Role.command, NATIONAL)
QUESTIONS = [
    "/v1/areas/33.74/capacity",
    "/v1/areas/33.74/capacity/children",
    "/v1/areas/ID/capacity?kind=hospital&fresh_only=true",
    "/v1/areas/33.74.01.1001.001/capacity",
]


class Short:
    """A client of the service with the short way before it; `long` counts what went on behind it."""

    def __init__(self, service: Service) -> None:
        self.long = 0

        async def counted(scope: dict[str, Any], receive: Any, send: Any) -> None:
            self.long += 1
            await service.app(scope, receive, send)

        first = ReadyFirst(counted)

        async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
            await first({**scope, "state": dict(service.state)}, receive, send)

        transport = httpx2.ASGITransport(app=app)
        self.client = httpx2.AsyncClient(transport=transport, base_url="http://testserver")


@pytest.fixture
async def short(service: Service) -> AsyncIterator[Short]:
    await submit_reports(service.node, [report(), report(facility_id="rw-d")], by=ACTOR)
    made = Short(service)
    async with made.client:
        yield made


def without_id(answer: httpx2.Response) -> set[tuple[str, str]]:
    return {pair for pair in answer.headers.items() if pair[0] != "x-request-id"}


@pytest.mark.parametrize("question", QUESTIONS)
async def test_both_ways_say_the_same(short: Short, question: str) -> None:
    long = await short.client.get(question)
    quick = await short.client.get(question)
    assert short.long == 1
    assert (quick.status_code, quick.content) == (200, long.content)
    assert without_id(quick) == without_id(long)
    assert quick.headers["x-request-id"] != long.headers["x-request-id"]
    tag = {"If-None-Match": long.headers["etag"]}
    unchanged = await short.client.get(question, headers=tag)
    assert (unchanged.status_code, unchanged.content, short.long) == (304, b"", 1)


async def test_position_and_time_are_those_of_now(short: Short, service: Service, clock: Clock) -> None:
    before = (await short.client.get("/v1/areas/33.74/capacity")).json()
    await submit_reports(service.node, [report(facility_id="rs-e")], by=ACTOR)  # in another city
    clock.advance(seconds=1)
    after = (await short.client.get("/v1/areas/33.74/capacity")).json()
    assert short.long == 1
    assert after["position"] == before["position"] + 1
    assert after["as_of"] > before["as_of"]
    assert after["totals"] == before["totals"]


async def test_a_report_below_makes_a_new_answer(short: Short, service: Service) -> None:
    first = await short.client.get("/v1/areas/33.74/capacity")
    more = report(line(beds_total=20, beds_occupied=1), facility_id="rs-b")
    await submit_reports(service.node, [more], by=ACTOR)
    second = await short.client.get("/v1/areas/33.74/capacity")
    assert short.long == 2
    assert second.json()["totals"]["beds_total"] == first.json()["totals"]["beds_total"] + 20


async def test_a_figure_that_turns_stale_makes_a_new_answer(short: Short, clock: Clock) -> None:
    assert (await short.client.get("/v1/areas/33.74/capacity")).json()["reporting"]["stale"] == 0
    clock.advance(hours=7)
    assert (await short.client.get("/v1/areas/33.74/capacity")).json()["reporting"]["stale"] == 1
    assert short.long == 2


async def test_a_key_that_was_revoked_or_is_none_goes_the_long_way_and_is_refused(
    short: Short, service: Service
) -> None:
    key = await service.key()
    headers = {"Authorization": f"Bearer {key}"}
    for _ in range(2):
        assert (await short.client.get("/v1/areas/33.74/capacity", headers=headers)).status_code == 200
    assert short.long == 1
    by = service.node.board.credentials()[-1].actor
    await revoke_key(service.node, key.split("_")[1], by=by)
    for wrong in (f"Bearer {key}", "Bearer nonsense", "Basic abc"):
        answer = await short.client.get("/v1/areas/33.74/capacity", headers={"Authorization": wrong})
        assert answer.status_code == 401


async def test_waiting_for_a_position_is_never_ready(short: Short) -> None:
    for _ in range(2):
        await short.client.get("/v1/areas/33.74/capacity?min_position=1")
    assert short.long == 2
