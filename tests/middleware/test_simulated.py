"""Every response of a simulation says so; nothing else about it changes."""

import gzip
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from app.config import Settings
from app.main import create_app
from app.middleware.simulated import Simulated
from tests.conftest import Clock, Service
from tests.factories import build_world
from tests.sse import listening

REPORT = {"observed_at": "2026-11-23T10:00:00+07:00", "lines": [{"bed_type": "icu", "beds_total": 10}]}
PLAIN = {"Accept-Encoding": "identity"}


@pytest.fixture
async def simulation(settings: Settings, clock: Clock) -> AsyncIterator[Service]:
    """The app as a simulation, with the small world registered."""
    app = create_app(settings.model_copy(update={"simulated": True}), clock=clock)
    async with app.router.lifespan_context(app) as state:
        found = Service(app, dict(state))
        await build_world(found.node)
        yield found


@pytest.fixture
async def reader(simulation: Service) -> AsyncIterator[httpx2.AsyncClient]:
    async with simulation.client() as client:
        yield client


@pytest.mark.parametrize(
    "path",
    [
        "/v1/position",
        "/v1/bed-types",
        "/v1/areas/33.74/capacity",
        "/v1/areas/33.74/capacity/children?format=geojson",
        "/v1/areas/33.74/facilities",
        "/v1/facilities/rs-a",
        "/v1/areas/nowhere",
        "/v1/no-such-path",
        "/v1/areas/33.74/capacity?kind=palace",
    ],
)
async def test_every_document_says_so_and_is_else_the_same(
    reader: httpx2.AsyncClient, client: httpx2.AsyncClient, path: str
) -> None:
    answer, real = await reader.get(path, headers=PLAIN), await client.get(path, headers=PLAIN)
    assert answer.status_code == real.status_code
    assert answer.headers["balai-simulated"] == "true"
    assert int(answer.headers.get("content-length", len(answer.content))) == len(answer.content)
    document = answer.json()
    assert document.pop("simulated") is True
    assert document.keys() == real.json().keys()
    assert "balai-simulated" not in real.headers
    assert "simulated" not in real.json()


async def test_receipts_say_so_too(simulation: Service) -> None:
    async with simulation.client(await simulation.key(facility="rs-a")) as hospital:
        receipt = await hospital.post("/v1/facilities/rs-a/reports", json=REPORT)
        refused = await hospital.post("/v1/facilities/rs-a/reports", json={"lines": []})
    assert (receipt.status_code, receipt.json()["simulated"]) == (201, True)
    assert (refused.status_code, refused.json()["simulated"]) == (422, True)


async def test_compression_comes_after_the_mark(reader: httpx2.AsyncClient) -> None:
    async with reader.stream("GET", "/v1/bed-types", headers={"Accept-Encoding": "gzip"}) as answer:
        packed = b"".join([part async for part in answer.aiter_raw()])
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["vary"].count("Accept-Encoding") == 1
    assert int(answer.headers["content-length"]) == len(packed)
    assert json.loads(gzip.decompress(packed))["simulated"] is True


async def test_a_tag_of_the_simulation_gives_304_and_is_no_tag_of_a_real_installation(
    reader: httpx2.AsyncClient, client: httpx2.AsyncClient
) -> None:
    path = "/v1/areas/33.74/capacity"
    tag, real = (await reader.get(path)).headers["etag"], (await client.get(path)).headers["etag"]
    assert tag != real
    assert (await reader.get(path, headers={"If-None-Match": tag})).status_code == 304
    assert (await client.get(path, headers={"If-None-Match": tag})).status_code == 200


async def test_a_change_with_the_tag_of_the_simulation_is_accepted(simulation: Service) -> None:
    async with simulation.client(await simulation.key()) as officer:
        tag = (await officer.get("/v1/facilities/rs-a")).headers["etag"]
        changed = await officer.patch("/v1/facilities/rs-a", json={"name": "RS Baru"}, headers={"If-Match": tag})
    assert (changed.status_code, changed.json()["name"]) == (200, "RS Baru")


async def test_head_tells_no_wrong_length(reader: httpx2.AsyncClient) -> None:
    head = await reader.head("/v1/bed-types", headers=PLAIN)
    assert (head.status_code, head.content) == (200, b"")
    assert "content-length" not in head.headers
    assert head.headers["balai-simulated"] == "true"


async def test_each_event_of_a_stream_says_so(simulation: Service, clock: Clock) -> None:
    async with listening(simulation, "/v1/areas/33.74/stream") as ear:
        first = await ear.next()
        async with simulation.client(await simulation.key(facility="rs-a")) as hospital:
            await hospital.post("/v1/facilities/rs-a/reports", json=REPORT)
        second = await ear.next()
    assert [first.data["simulated"], second.data["simulated"]] == [True, True]
    assert second.data["totals"]["beds_total"] == 10


async def test_each_line_of_ndjson_says_so(reader: httpx2.AsyncClient) -> None:
    for path in ("/v1/changes?wait=0", "/v1/areas/33.74/facilities?format=ndjson"):
        lines = (await reader.get(path)).text.splitlines()
        assert len(lines) > 1
        assert all(json.loads(line)["simulated"] is True for line in lines)


@pytest.mark.parametrize("name", ["csv", "xlsx"])
async def test_files_say_so_in_their_name(reader: httpx2.AsyncClient, name: str) -> None:
    answer = await reader.get(f"/v1/areas/33.74/facilities?format={name}")
    assert 'filename="simulated-' in answer.headers["content-disposition"]
    assert answer.headers["balai-simulated"] == "true"


async def test_other_paths_keep_their_bodies(reader: httpx2.AsyncClient, client: httpx2.AsyncClient) -> None:
    for path in ("/openapi.json", "/healthz", "/fo/index.php/Fasyankes"):
        answer, real = await reader.get(path), await client.get(path)
        assert answer.content == real.content
        assert answer.headers["balai-simulated"] == "true"


def _answering(*parts: bytes, media_type: str, length: int | None = None) -> Any:
    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        headers = [(b"content-type", media_type.encode())]
        if length is not None:
            headers.append((b"content-length", str(length).encode()))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        for place, part in enumerate(parts, start=1):
            await send({"type": "http.response.body", "body": part, "more_body": place < len(parts)})

    return app


async def _get(app: Any) -> httpx2.Response:
    transport = httpx2.ASGITransport(app=Simulated(app))
    async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
        return await client.get("/v1/x")


@pytest.mark.parametrize(
    ("parts", "marked"),
    [
        ((b"{}",), b'{"simulated":true}'),
        ((b'{"a":1}',), b'{"simulated":true,"a":1}'),
        ((b"{", b"}"), b'{"simulated":true}'),
        ((b"{", b'"a":1', b"}"), b'{"simulated":true,"a":1}'),
        ((b'{"simulated":true,"a":1}',), b'{"simulated":true,"a":1}'),
        ((b"[1]",), b"[1]"),
        ((b"1",), b"1"),
        ((b"",), b""),
    ],
)
async def test_an_object_is_marked_in_whatever_parts_it_comes(parts: tuple[bytes, ...], marked: bytes) -> None:
    app = _answering(*parts, media_type="application/json", length=sum(map(len, parts)))
    answer = await _get(app)
    assert answer.content == marked
    assert int(answer.headers["content-length"]) == len(marked)


@pytest.mark.parametrize(
    ("media_type", "parts", "marked"),
    [
        ("text/event-stream", (b": hello\n\n", b'event: x\ndata: {"a":1}\n\n'), b'data: {"simulated":true,"a":1}\n\n'),
        ("text/event-stream; charset=utf-8", (b"data: {}\n\n",), b'data: {"simulated":true}\n\n'),
        (
            "application/x-ndjson",
            (b'{"a":', b'{"b":1}}\n{}\n'),
            b'{"simulated":true,"a":{"b":1}}\n{"simulated":true}\n',
        ),
    ],
)
async def test_lines_are_marked_where_they_begin(media_type: str, parts: tuple[bytes, ...], marked: bytes) -> None:
    answer = await _get(_answering(*parts, media_type=media_type))
    assert answer.content.endswith(marked)
    assert answer.content.count(b"simulated") == marked.count(b"simulated")
