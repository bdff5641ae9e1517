"""Every refusal of a request with a facility's key is among its messages, once; whatever the path, method or body."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from app.actions.hospitals import Hospital, add_hospital
from app.actions.keys import issue_key
from app.config import Settings
from app.domain.channels import Channel
from app.domain.errors import Unavailable
from app.domain.message import Message, MessageOutcome
from app.domain.permissions import OPERATOR, Scope, ScopeKind
from app.fastpath.cached_responses import CachedResponses, FastPath
from app.limits.rate_limits import Rate, Rates
from app.runtime.node import open_node
from tests.conftest import SECRET_KEY, Clock, Service

JSON = {"Content-Type": "application/json"}
NDJSON = {"Content-Type": "application/x-ndjson"}
LONG = "y" * 3000
REPORT = b'{"observed_at":"2026-11-23T10:00:00+07:00","lines":[{"bed_type":"icu","beds_total":5}]}'


@pytest.fixture
async def own(service: Service) -> AsyncIterator[httpx2.AsyncClient]:
    """A client with the key of rs-a."""
    async with service.client(await service.key(facility="rs-a")) as client:
        yield client


async def messages(service: Service, facility_id: str = "rs-a") -> list[Message]:
    """Those of a facility, oldest first."""
    return (await service.node.messages.last(facility_id, limit=200))[::-1]


def told(answer: httpx2.Response) -> str:
    """The problem document in one line."""
    document: dict[str, Any] = answer.json()
    faults = [f"{fault['pointer']}: {fault['detail']}" for fault in document.get("errors", ())]
    return "; ".join(faults) or str(document["detail"])


REFUSED: list[tuple[int, str, dict[str, Any]]] = [
    (404, "GET /v1/nothing", {}),
    (404, "GET /nothing/at/all", {}),
    (404, "HEAD /v1/nothing", {}),
    (404, "POST /v1/facilities/rs-a/report", {"content": b"{}", "headers": JSON}),
    (404, "GET /v1/areas/", {}),
    (404, "GET /v1/facilities/rs-z", {}),
    (404, "POST /v1/facilities/rs-z/reports", {"content": REPORT, "headers": JSON}),
    (404, "GET /v1/areas/33.74%0A/capacity", {}),
    (405, "PUT /v1/reports", {"content": b"[]", "headers": JSON}),
    (405, "DELETE /v1/position", {}),
    (405, "LAPOR /v1/facilities/rs-a/reports", {}),
    (400, "GET /v1/position", {"headers": {"Host": "a b"}}),
    (403, "POST /v1/facilities/rs-b/reports", {"content": REPORT, "headers": JSON}),
    (403, "GET /v1/facilities/rs-b/messages", {}),
    (403, "GET /v1/keys", {}),
    (406, "GET /v1/areas/33.74/capacity/children", {"headers": {"Accept": "image/png"}}),
    (410, "GET /v1/changes", {"params": {"after": "9-aaaaaaaaaaaa"}}),
    (413, "POST /v1/reports", {"content": b" " * 3_000_000, "headers": JSON}),
    (413, "POST /v1/facilities/rs-a/reports", {"content": b" " * 300_000, "headers": JSON}),
    (414, "GET /v1/position", {"params": {"x": LONG}}),
    (414, f"GET /v1/{LONG}{LONG}", {}),
    (415, "POST /v1/reports", {"content": b"[]", "headers": {"Content-Type": "text/plain"}}),
    (415, "POST /v1/facilities/rs-a/reports", {"content": b"{}"}),
    (400, "POST /v1/reports", {"content": b"[{", "headers": JSON}),
    (400, "POST /v1/facilities/rs-a/reports", {"content": b'{"observed_at', "headers": JSON}),
    (422, "POST /v1/reports", {"content": b"{}", "headers": JSON}),
    (422, "GET /v1/facilities/rs-a/messages", {"params": {"limit": "x"}}),
    (403, "PATCH /v1/facilities/rs-a", {"content": b'{"name":"RS"}', "headers": JSON | {"If-Match": "*"}}),
    (431, "GET /v1/position", {"headers": {"X-Long": LONG * 6}}),
]


@pytest.mark.parametrize(("status", "line", "how"), REFUSED, ids=lambda each: str(each)[:60])
async def test_what_is_refused_is_noted_once_as_it_was_told(
    service: Service, own: httpx2.AsyncClient, status: int, line: str, how: dict[str, Any]
) -> None:
    method, path = line.split()
    answer = await own.request(method, path, **how)
    assert answer.status_code == status, answer.text
    [noted] = await messages(service)
    assert (noted.channel, noted.outcome, noted.status) == (Channel.native, MessageOutcome.refused, status)
    assert noted.request_id == answer.headers["x-request-id"]
    assert noted.detail is not None
    if method != "HEAD":
        assert noted.detail == told(answer)[:500]
    if len(line) < 200:
        assert noted.request == line


async def test_what_is_no_refusal_of_a_facility_is_not_noted(
    service: Service, own: httpx2.AsyncClient, officer: httpx2.AsyncClient, client: httpx2.AsyncClient
) -> None:
    for path in ("/v1/areas/33.74/capacity", "/v1/facilities/rs-a", "/healthz", "/readyz", "/v1/bed-types"):
        assert (await own.get(path)).status_code == 200
    for path in ("/healthz", "/readyz"):
        assert (await own.post(path)).status_code == 405
    for other in (officer, client):
        assert (await other.get("/v1/facilities/rs-a/nothing")).status_code == 404
    assert (await own.get("/v1/position", headers={"Authorization": "Bearer wrong"})).status_code == 401
    assert await messages(service) == []


async def test_who_is_told_to_wait_is_not_noted(
    service: Service, own: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise Unavailable

    with monkeypatch.context() as patched:
        patched.setattr("app.api.routes.inbox.facility_for", lambda *_: (_ for _ in ()).throw(Unavailable()))
        assert (await own.get("/v1/facilities/rs-a/messages")).status_code == 503
        patched.setattr("app.actions.submit_reports.submit_reports", away)
        said = {"observed_at": "2026-11-23T10:00:00+07:00", "lines": [{"bed_type": "icu", "beds_total": 1}]}
        assert (await own.post("/v1/facilities/rs-a/reports", json=said)).status_code == 503
    assert await messages(service) == []
    service.state["rates"] = Rates(facility_key=Rate(1, 2), exempt=(), clock=lambda: 0.0)
    statuses = [(await own.get("/v1/nothing")).status_code for _ in range(10)]
    assert statuses == [404] * 2 + [429] * 8
    assert [each.status for each in await messages(service)] == [404, 404]


async def test_a_fault_of_ours_is_noted(
    service: Service, own: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.api.routes.inbox.facility_for", lambda *_: 1 / 0)
    answer = await own.get("/v1/facilities/rs-a/messages")
    [noted] = await messages(service)
    assert (answer.status_code, noted.status, noted.detail) == (500, 500, told(answer))


async def test_no_secret_is_noted(service: Service, own: httpx2.AsyncClient) -> None:
    key = await service.key(facility="rs-b")
    await own.get(f"/v1/{key}")
    await own.get(f"/v1/position?{key}=1")
    await own.post("/v1/facilities/rs-a/reports", json={key: 1})
    await own.request(f"GET{key}", "/v1/position")
    noted = await messages(service)
    assert len(noted) == 4
    assert key.split("_")[2] not in repr(noted)
    assert noted[0].request == f"GET /v1/balai_{key.split('_')[1]}_***"


# A key that this process does not know yet.


async def test_a_key_of_another_node_is_noted_where_it_is_first_used(
    service: Service, settings: Settings, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_node(database_url=settings.database, secret_keys=[SECRET_KEY], clock=clock) as other:
        for line in ("GET /v1/nothing", "PUT /v1/reports", f"GET /v1/position?x={LONG}"):
            async with service.node.follower._reading:  # what is heard of the new entry waits
                _, key = await issue_key(other, scope=Scope(ScopeKind.facility, "rs-a"), by=OPERATOR)
                assert service.node.board.credential(key.split("_")[1]) is None
            async with service.client(key) as client:
                answer = await client.request(*line.split())
            [*_, noted] = await messages(service)
            assert (noted.request_id, noted.status) == (answer.headers["x-request-id"], answer.status_code)
    assert len(await messages(service)) == 3


async def test_unknown_keys_are_counted_before_they_are_looked_up(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, catch_up = [], service.node.follower.catch_up

    async def counted() -> None:
        read.append(1)
        await catch_up()

    monkeypatch.setattr(service.node.follower, "catch_up", counted)
    service.state["rates"] = Rates(public=Rate(1, 3), exempt=(), clock=lambda: 0.0)
    async with service.client(f"balai_000000000000_{'x' * 43}") as client:
        statuses = [(await client.get(path)).status_code for path in ("/v1/position", *["/v1/nothing"] * 9)]
    assert statuses == [401, 404, 404] + [429] * 7
    assert len(read) == 3
    service.state["rates"] = Rates()
    for header in ("Bearer wrong", "Basic eDp5", ""):
        async with service.client() as client:
            await client.get("/v1/nothing", headers={"Authorization": header})
    assert len(read) == 3


# Reports of many.


def row(clock: Clock, facility_id: object = "rs-a", **more: Any) -> dict[str, Any]:
    line = {"bed_type": "icu", "beds_total": 5, "beds_occupied": 2}
    observed_at = (clock() - timedelta(minutes=1)).isoformat()
    return {"facility_id": facility_id, "observed_at": observed_at, "lines": [line], **more}


@pytest.mark.parametrize("kind", [JSON, NDJSON], ids=["array", "lines"])
async def test_each_faulty_report_of_many_is_noted(
    service: Service, own: httpx2.AsyncClient, clock: Clock, kind: dict[str, str]
) -> None:
    rows = [row(clock), row(clock, lines=7), row(clock, "rs-b"), row(clock, "rs-z"), row(clock, 1), "text", None]
    if kind is NDJSON:
        body = b"\n".join([*(json.dumps(each).encode() for each in rows), b"{"])
    else:
        body = json.dumps(rows).encode()
    results = (await own.post("/v1/reports", content=body, headers=kind)).json()["results"]
    noted = await messages(service)
    assert [each.status for each in noted] == [each["status"] for each in results]
    assert [each.outcome for each in noted] == ["accepted"] + ["refused"] * (len(results) - 1)
    assert noted[1].detail == "#/lines: must be a list"
    assert await messages(service, "rs-b") == []


async def test_what_an_officer_sends_is_noted_for_the_facility_that_it_names(service: Service, clock: Clock) -> None:
    rows = [row(clock, lines=7), row(clock, "rs-e", lines=7), row(clock, "rs-z", lines=7), row(clock, None)]
    async with service.client(await service.key(area="33.74")) as officer:
        assert (await officer.post("/v1/reports", json=rows)).json()["refused"] == 4
        assert (await officer.post("/v1/facilities/rs-a/reports", content=b"{", headers=JSON)).status_code == 400
        assert (await officer.post("/v1/facilities/rs-a/reports", content=b"{")).status_code == 415
    assert [each.status for each in await messages(service)] == [422, 400, 415]
    assert await messages(service, "rs-e") == []  # in another city


# Beside other ways in.


async def test_what_the_fast_path_does_not_answer_is_noted_once(service: Service) -> None:
    service.state["fast_path"] = FastPath()
    key = await service.key(facility="rs-a")
    first = CachedResponses(service.app)

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await first({**scope, "state": dict(service.state)}, receive, send)

    transport = httpx2.ASGITransport(app=app)
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx2.AsyncClient(transport=transport, base_url="http://testserver", headers=headers) as client:
        assert (await client.get("/v1/areas/33.74/capacity")).status_code == 200
        assert (await client.get("/v1/areas/99/capacity")).status_code == 404
    assert [each.request for each in await messages(service)] == ["GET /v1/areas/99/capacity"]


async def test_with_a_credential_of_a_protocol_beside_the_key_it_is_noted_once(service: Service) -> None:
    doors = await add_hospital(service.node, Hospital("rs-a", sirs="3374001"), by=OPERATOR)
    password = doors.settings_for("http://testserver")["sirs"]["x_pass"]
    async with service.client(await service.key(facility="rs-a")) as own:
        for known in (password, "salah"):
            answer = await own.get("/v1/nothing", headers={"X-rs-id": "3374001", "X-pass": known})
            assert answer.headers["content-type"] == "application/problem+json"
    assert [(each.channel, each.status) for each in await messages(service)] == [(Channel.native, 404)] * 2


async def test_a_key_of_ours_at_a_protocol_s_path_is_noted(service: Service, own: httpx2.AsyncClient) -> None:
    assert (await own.put("/fo/index.php/Fasyankes", json={})).status_code == 401
    assert (await own.get("/fo/index.php/nothing")).status_code == 404
    assert [(each.channel, each.status) for each in await messages(service)] == [
        (Channel.sirs, 401),
        (Channel.sirs, 404),
    ]
