"""The layers around the application, each limit at it and one beyond."""

import asyncio
from typing import Any

import httpx2
import pytest
from fastapi.routing import iter_route_contexts
from starlette.types import ASGIApp, Receive, Scope, Send

from app.fastpath.cached_responses import CachedResponses
from app.middleware.limits import (
    HEADER_BYTES_MAX,
    HEADER_FIELDS_MAX,
    QUERY_BYTES_MAX,
    TARGET_BYTES_MAX,
    HeadAsGet,
    InFlight,
    LastResort,
    RequestLimits,
)
from app.observability import Observed
from app.protocols import protocol_at
from tests.conftest import Service

HOST = ("host", "h")


async def hello(_scope: Scope, _receive: Receive, send: Send) -> None:
    await answer(send, 200, b"application/json", b"{}")


async def answer(send: Send, status: int, kind: bytes, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind)]})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def around(app: ASGIApp, places: int = 200) -> ASGIApp:
    return Observed(LastResort(RequestLimits(InFlight(app, places))))


def client(app: ASGIApp, **how: Any) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=around(app, **how), raise_app_exceptions=True)
    return httpx2.AsyncClient(transport=transport, base_url="http://h")


def bare_headers(size: int, fields: int) -> list[tuple[str, str]]:
    """So many header fields, which take so many bytes together."""
    each = [HOST, *((f"x-{n:04d}", "") for n in range(fields - 2))]
    used = sum(len(name) + len(value) + 4 for name, value in each)
    return [*each, ("x-last", "v" * (size - used - len("x-last") - 4))]


async def ask(app: ASGIApp, path: str, headers: list[tuple[str, str]] | None = None) -> httpx2.Response:
    """One request with exactly these headers."""
    request = httpx2.Request("GET", f"http://h{path}")
    request.headers = httpx2.Headers(headers or [HOST])
    async with client(app) as c:
        return await c.send(request)


def assert_problem(response: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    problem: dict[str, Any] = response.json()
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert (problem["status"], problem["code"]) == (status, code)
    assert problem["instance"] == response.headers["x-request-id"]
    return problem


async def test_a_target_may_be_as_long_as_the_limit_and_no_longer() -> None:
    at_limit = "/" + "a" * (TARGET_BYTES_MAX - 2)
    assert (await ask(hello, at_limit)).status_code == 200
    problem = assert_problem(await ask(hello, at_limit + "a"), 414, "too-large")
    assert str(TARGET_BYTES_MAX) in problem["detail"]
    assert str(TARGET_BYTES_MAX + 1) in problem["detail"]


async def test_a_query_may_be_as_long_as_the_limit_and_no_longer() -> None:
    at_limit = "/?" + "q" * QUERY_BYTES_MAX
    assert (await ask(hello, at_limit)).status_code == 200
    assert_problem(await ask(hello, at_limit + "q"), 414, "too-large")


async def test_headers_may_be_as_large_as_the_limit_and_no_larger() -> None:
    assert (await ask(hello, "/", bare_headers(HEADER_BYTES_MAX, 10))).status_code == 200
    assert_problem(await ask(hello, "/", bare_headers(HEADER_BYTES_MAX + 1, 10)), 431, "too-large")


async def test_headers_may_be_as_many_as_the_limit_and_no_more() -> None:
    assert (await ask(hello, "/", bare_headers(2_000, HEADER_FIELDS_MAX))).status_code == 200
    assert_problem(await ask(hello, "/", bare_headers(2_000, HEADER_FIELDS_MAX + 1)), 431, "too-large")


async def test_one_request_too_many_is_refused_at_once_and_a_place_comes_free_again() -> None:
    go = asyncio.Event()

    async def waiting(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/slow":
            await go.wait()
        await hello(scope, receive, send)

    async with client(waiting, places=2) as c:
        slow = [asyncio.create_task(c.get("/slow")) for _ in range(2)]
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        refused = await c.get("/quick")
        alive = await c.get("/healthz")
        go.set()
        done = await asyncio.gather(*slow)
        after = await c.get("/quick")
    assert_problem(refused, 503, "overloaded")
    assert int(refused.headers["retry-after"]) >= 1
    assert [r.status_code for r in [alive, *done, after]] == [200] * 4


async def test_a_failing_request_gives_its_place_back() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise ValueError

    async with client(broken, places=1) as c:
        assert [(await c.get("/")).status_code for _ in range(3)] == [500] * 3


async def test_every_answer_has_the_security_headers() -> None:
    for response in [await ask(hello, "/"), await ask(hello, "/?" + "q" * 3_000)]:
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["referrer-policy"] == "same-origin"
        assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
        assert "strict-transport-security" not in response.headers


@pytest.mark.parametrize(
    ("status", "code"), [(404, "not-found"), (413, "too-large"), (400, "malformed"), (500, "internal")]
)
async def test_a_refusal_in_bare_text_leaves_as_a_problem(status: int, code: str) -> None:
    async def bare(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, status, b"text/plain; charset=utf-8", b"Oh no")

    response = await ask(bare, "/")
    assert_problem(response, status, code)
    assert "Oh no" not in response.text


async def test_an_answer_in_text_that_is_no_refusal_is_left_alone() -> None:
    async def text(scope: Scope, receive: Receive, send: Send) -> None:
        await answer(send, 200, b"text/plain", b"metrics")

    assert (await ask(text, "/")).text == "metrics"


async def test_what_nobody_expected_is_a_problem_without_details() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("planted-secret")

    response = await ask(broken, "/")
    assert_problem(response, 500, "internal")
    assert "planted-secret" not in response.text
    assert "Traceback" not in response.text


async def test_what_breaks_in_the_middle_of_an_answer_is_not_glued_to_it() -> None:
    async def half(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await ask(half, "/")


@pytest.mark.parametrize("path", ["/healthz", "/v1/areas/33.74/capacity", "/v1/areas/99/capacity"])
async def test_head_is_get_without_the_body(client: httpx2.AsyncClient, path: str) -> None:
    head, get = await client.head(path), await client.get(path)
    assert head.status_code == get.status_code
    assert head.headers["content-type"] == get.headers["content-type"]


async def test_head_reaches_no_handler_that_may_change_something(service: Service) -> None:
    """Of ours, GET only reads. At foreign protocols it may delete: HEAD is answered by the routes that say so."""
    for context in iter_route_contexts(service.app.routes):
        path, methods = getattr(context, "path", ""), context.methods or set()
        if protocol_at(path) is not None and methods - {"GET", "HEAD"}:
            assert "HEAD" not in methods, path
    deleting = [c.path for c in iter_route_contexts(service.app.routes) if "hapusdata" in getattr(c, "path", "")]
    assert deleting
    reached: list[str] = []

    async def seen(scope: Scope, _receive: Receive, send: Send) -> None:
        reached.append(scope["method"])
        await answer(send, 200, b"text/html", b"")

    for path in (*deleting, "/v1/position"):
        async with client(HeadAsGet(seen)) as asking:
            await asking.head(path)
    assert reached == ["HEAD"] * len(deleting) + ["GET"]


@pytest.mark.parametrize(
    ("hosts", "version", "status"),
    [
        ([b"beds.example.go.id"], "1.1", 200),
        ([b"[::1]:8000"], "1.1", 200),
        ([], "1.0", 200),
        ([], "1.1", 400),
        ([b""], "1.1", 400),
        ([b"a", b"a"], "1.1", 400),
        ([b"a/b"], "1.1", 400),
        ([b"a@b"], "1.1", 400),
    ],
)
@pytest.mark.parametrize("path", ["/v1/areas/33.74/capacity", "/v1/position", "/fo/index.php/Referensi/tempat_tidur"])
async def test_a_request_has_one_host(
    service: Service, path: str, hosts: list[bytes], version: str, status: int
) -> None:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "http_version": version,
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", host) for host in hosts],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
    }
    app = CachedResponses(service) if service.state["fast_path"] else service
    for _ in range(2):  # the second time the answer is ready, and given before the framework
        sent.clear()
        await app(scope | {"state": dict(service.state)}, receive, send)
        expected = 401 if status == 200 and path.startswith("/fo") else status
        assert sent[0]["status"] == expected
