"""Answers of the routes, compressed: which, and that they stay what they were."""

import asyncio

import httpx2
import pytest
from starlette.types import Message, Receive, Scope, Send

from app.middleware.compression import Compression
from tests.conftest import Service

GZIP = {"Accept-Encoding": "gzip"}
PLAIN = {"Accept-Encoding": "identity"}


@pytest.mark.parametrize(
    "path",
    [
        "/v1/areas/33.74/capacity/children?format=csv",
        "/v1/areas/33.74/capacity/children?format=geojson",
        "/v1/areas/33.74/facilities",
        "/v1/bed-types",
        "/openapi.json",
    ],
)
async def test_what_is_large_is_compressed_for_who_takes_it(client: httpx2.AsyncClient, path: str) -> None:
    plain, packed = await client.get(path, headers=PLAIN), await client.get(path, headers=GZIP)
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    for answer in (plain, packed):
        assert answer.headers["vary"].count("Accept-Encoding") == 1
    assert packed.headers.get("etag") == plain.headers.get("etag")


@pytest.mark.parametrize("path", ["/v1/position", "/v1/areas/nowhere", "/v1/areas/33.74/capacity/children?format=xlsx"])
async def test_what_is_small_or_packed_already_is_left_alone(client: httpx2.AsyncClient, path: str) -> None:
    assert "content-encoding" not in (await client.get(path, headers=GZIP)).headers


async def test_a_refusal_of_gzip_is_obeyed(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/v1/bed-types", headers={"Accept-Encoding": "gzip;q=0, br"})
    assert "content-encoding" not in answer.headers
    assert "Accept-Encoding" in answer.headers["vary"]


async def test_head_tells_what_get_would(client: httpx2.AsyncClient) -> None:
    path = "/v1/bed-types"
    get, head = await client.get(path, headers=GZIP), await client.head(path, headers=GZIP)
    assert head.headers["content-length"] == get.headers["content-length"]
    assert head.headers["content-encoding"] == "gzip"


async def test_304_varies_by_what_200_does(service: Service, client: httpx2.AsyncClient) -> None:
    path = "/v1/areas/33.74/capacity"
    full = await client.get(path, headers=GZIP)
    unchanged = await client.get(path, headers={**GZIP, "If-None-Match": full.headers["etag"]})
    assert unchanged.status_code == 304
    assert unchanged.headers["vary"] == full.headers["vary"]


async def test_a_stream_of_events_passes_at_once_and_as_it_is() -> None:
    sent: list[Message] = []
    more = asyncio.Event()

    async def stream(_scope: Scope, _receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"text/event-stream; charset=utf-8")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await more.wait()
        for part in (b"x" * 2_000, b""):
            await send({"type": "http.response.body", "body": part, "more_body": bool(part)})

    async def keep(message: Message) -> None:
        sent.append(message)

    async def nothing() -> Message:
        return {"type": "http.request"}

    scope = {"type": "http", "headers": [(b"accept-encoding", b"gzip")]}
    task = asyncio.create_task(Compression(stream)(scope, nothing, keep))
    await asyncio.sleep(0)
    assert [message["type"] for message in sent] == ["http.response.start"]
    more.set()
    await task
    assert [message["body"] for message in sent[1:]] == [b"x" * 2_000, b""]
    assert sent[0]["headers"] == [(b"content-type", b"text/event-stream; charset=utf-8")]
