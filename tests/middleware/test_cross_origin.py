"""Pages of other origins: who may read, what they see of an answer, and what a preflight says."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import httpx2
import pytest

from app.config import Settings, SettingsError, load_settings
from app.fastpath.cached_responses import CachedResponses
from app.main import create_app
from tests.conftest import Clock, Service
from tests.factories import build_world
from tests.fastpath.test_remembered_requests import Behind
from tests.server.test_http_protocol import calling, serving

PAGE = "https://dash.example.go.id"
OTHER = "https://other.example"
CITY = "/v1/areas/33.74/capacity"
EXPOSED = "ETag, Retry-After, X-Request-ID"

Opening = Callable[..., AbstractAsyncContextManager[Service]]


@pytest.fixture
def opening(settings: Settings, clock: Clock) -> Opening:
    """Starts the service with settings of the test's own."""

    @asynccontextmanager
    async def start(**changed: Any) -> AsyncIterator[Service]:
        chosen = Settings(_env_file=None, **(settings.model_dump(exclude_unset=True) | {"fast_path": True} | changed))  # type: ignore[call-arg]
        app = create_app(chosen, clock=clock)
        async with app.router.lifespan_context(app) as state:
            found = Service(CachedResponses(app), dict(state))
            await build_world(found.node)
            yield found

    return start


def preflight(method: str = "GET", headers: str = "if-none-match", origin: str = PAGE) -> dict[str, str]:
    return {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": headers,
    }


def cors(answer: httpx2.Response) -> tuple[str | None, str | None, bool]:
    headers = answer.headers
    return (
        headers.get("access-control-allow-origin"),
        headers.get("access-control-expose-headers"),
        "Origin" in headers.get("vary", ""),
    )


ANY, NONE = ("*", EXPOSED, False), (None, None, False)
LISTED, NOT_LISTED = (PAGE, EXPOSED, True), (None, None, True)


async def kinds_of_answers(service: Service, origin: str | None) -> list[httpx2.Response]:
    """One of each layer that answers: routes, the responses before them, 304, refusals of routes and of layers."""
    async with service.client() as client:
        if origin is not None:
            client.headers["Origin"] = origin
        answers = [await client.get(CITY), await client.get(CITY), await client.head(CITY)]
        tag = answers[0].headers.get("etag", "*")
        answers += [
            await client.get(CITY, headers={"If-None-Match": tag}),
            await client.get("/v1/areas/33.74/facilities?format=csv"),
            await client.get("/v1/areas/nowhere/capacity"),
            await client.get("/v1/nowhere"),
            await client.delete("/v1/position"),
            await client.get("/v1/position?" + "x" * 3000),
            await client.post("/v1/facilities/rs-a/reports", json={}),
        ]
        return answers


@pytest.mark.parametrize("origin", [PAGE, OTHER, "null", None])
async def test_where_reading_is_public_every_answer_is_for_any_page(opening: Opening, origin: str | None) -> None:
    async with opening() as service:
        answers = await kinds_of_answers(service, origin)
    assert [a.status_code for a in answers] == [200, 200, 200, 304, 200, 404, 404, 405, 414, 401]
    assert {cors(answer) for answer in answers} == {ANY}


@pytest.mark.parametrize("public_read", [True, False])
@pytest.mark.parametrize(("origin", "expected"), [(PAGE, LISTED), (OTHER, NOT_LISTED), (None, NOT_LISTED)])
async def test_listed_origins_alone_may_read(
    opening: Opening, origin: str | None, expected: object, *, public_read: bool
) -> None:
    async with opening(public_read=public_read, cors_origins=f"{PAGE}/, http://localhost:3000") as service:
        answers = await kinds_of_answers(service, origin)
    assert {cors(answer) for answer in answers} == {expected}


async def test_a_private_installation_is_closed_to_other_origins(opening: Opening) -> None:
    async with opening(public_read=False) as service:
        answers = await kinds_of_answers(service, PAGE)
        async with service.client() as client:
            asked = await client.options(CITY, headers=preflight())
    assert {cors(answer) for answer in [*answers, asked]} == {NONE}
    assert asked.status_code == 405


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (preflight(), 200),
        (preflight("HEAD", "last-event-id, x-request-id"), 200),
        (preflight("GET", "authorization"), 400),
        (preflight("POST", "content-type"), 400),
        (preflight("DELETE"), 400),
    ],
)
async def test_where_reading_is_public_a_preflight_allows_reading_without_a_key(
    opening: Opening, asked: dict[str, str], status: int
) -> None:
    async with opening() as service, service.client() as client:
        answer = await client.options(CITY, headers=asked)
    assert answer.status_code == status
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-allow-methods"] == "GET, HEAD"
    assert "Authorization" not in answer.headers["access-control-allow-headers"]
    assert int(answer.headers["access-control-max-age"]) >= 600
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("public_read", [True, False])
async def test_listed_origins_may_send_a_key_and_write(opening: Opening, *, public_read: bool) -> None:
    async with opening(public_read=public_read, cors_origins=PAGE) as service, service.client() as client:
        for method, headers in {
            "GET": "authorization",
            "POST": "authorization, content-type, idempotency-key",
            "PATCH": "authorization, content-type, if-match",
            "DELETE": "authorization",
        }.items():
            answer = await client.options(CITY, headers=preflight(method, headers))
            assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, PAGE)
            refused = await client.options(CITY, headers=preflight(method, headers, OTHER))
            assert refused.status_code == 400
            assert "access-control-allow-origin" not in refused.headers


async def test_preflights_cost_no_rate_and_no_place(opening: Opening) -> None:
    slow = {"rate_public": "0.01/2", "rate_exempt": ()}
    async with opening(**slow, in_flight_max=1) as service, service.client() as client:
        asked = [(await client.options("/v1/position", headers=preflight())).status_code for _ in range(30)]
        read = [await client.get("/v1/position", headers={"Origin": PAGE}) for _ in range(3)]
    assert asked == [200] * 30
    assert [answer.status_code for answer in read] == [200, 200, 429]
    assert {cors(answer) for answer in read} == {ANY}
    assert "retry-after" in read[-1].headers


@pytest.mark.parametrize(("origins", "origin", "expected"), [((), PAGE, b"*"), ((PAGE,), PAGE, PAGE.encode())])
async def test_the_connections_own_answers_are_readable_too(
    opening: Opening, origins: tuple[str, ...], origin: str, expected: bytes
) -> None:
    request = f"GET {CITY} HTTP/1.1\r\nHost: h\r\nOrigin: {origin}\r\n"
    async with opening(cors_origins=",".join(origins)) as service:
        behind = Behind(service)
        service.app = service.app.app  # `Behind` has the layer of its own
        async with serving(behind) as port, calling(port) as caller:
            for _ in range(3):
                answer = await caller.answer(request.encode() + b"\r\n")
                assert b"access-control-allow-origin: " + expected + b"\r\n" in answer.lower()
                assert b"access-control-expose-headers: " in answer
            assert len(behind.read) < 3  # the last came from the connection
            assert len(behind.long) == 1
            answer = await caller.answer(request.encode() + b"X-Long: " + b"x" * 30_000 + b"\r\n\r\n")
            assert answer.startswith(b"HTTP/1.1 431")
            assert b"access-control-allow-origin: " + expected + b"\r\n" in answer.lower()
            assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "too-large"


@pytest.mark.parametrize("origins", ["*", "dash.example.go.id", "https://a.example/x", "ftp://a.example", "null"])
def test_what_is_no_origin_stops_the_start_with_a_sentence(origins: str) -> None:
    with pytest.raises(SettingsError, match=r"BALAI_CORS_ORIGINS=.* write origins"):
        load_settings(cors_origins=origins)


def test_origins_are_read_as_browsers_write_them() -> None:
    chosen = load_settings(cors_origins="HTTPS://Dash.example:443/, http://[::1]:3000")
    assert chosen.cors_origins == ("https://dash.example", "http://[::1]:3000")
