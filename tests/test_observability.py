"""Request ids, access lines, route templates and figures, by way of the whole application."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator, MutableMapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import APIRouter, FastAPI
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route
from starlette.types import Receive, Scope, Send
from structlog.testing import capture_logs

from app.domain.text import is_printable
from app.observability import NO_ROUTE, route_template
from tests.conftest import Service

ROOT = Path(__file__).resolve().parents[1]
Lines = list[MutableMapping[str, Any]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    with capture_logs() as found:
        yield found


async def test_each_answer_has_an_id_of_its_own(client: httpx2.AsyncClient) -> None:
    ids = {(await client.get("/v1/position")).headers["x-request-id"] for _ in range(3)}
    assert len(ids) == 3
    assert all(re.fullmatch(r"[0-9a-f]{32}", one) for one in ids)


async def test_a_callers_id_is_taken_over_into_answer_problem_and_log(client: httpx2.AsyncClient, lines: Lines) -> None:
    response = await client.get("/v1/areas/nowhere", headers={"X-Request-Id": "gateway-7.a_B"})
    assert response.headers["x-request-id"] == response.json()["instance"] == "gateway-7.a_B"
    assert lines[-1]["request_id"] == "gateway-7.a_B"


@pytest.mark.parametrize("given", ["", "a b", "a" * 65, "x\u00e9", "a,b", "<script>"])
async def test_an_id_of_another_form_is_replaced(client: httpx2.AsyncClient, given: str) -> None:
    response = await client.get("/v1/position", headers={"X-Request-Id": given.encode()})  # type: ignore[dict-item]
    assert re.fullmatch(r"[0-9a-f]{32}", response.headers["x-request-id"])


async def test_a_line_names_route_status_and_time_and_no_secret(client: httpx2.AsyncClient, lines: Lines) -> None:
    secret = "planted-secret"
    await client.get(f"/v1/areas/33.74/capacity?key={secret}", headers={"X-Other": secret, "Cookie": secret})
    await client.post("/v1/facilities/rs-a/reports", headers={"Authorization": f"Bearer {secret}"}, content=secret)
    assert [(line["method"], line["route"]) for line in lines if "route" in line] == [
        ("GET", "/v1/areas/{code}/capacity"),
        ("POST", "/v1/facilities/{facility_id}/reports"),
    ]
    assert all(line["ms"] >= 0 for line in lines)
    assert secret not in repr(lines)


async def test_a_denial_is_a_warning_that_names_who_was_denied(service: Service, lines: Lines) -> None:
    key = await service.key(facility="rs-a")
    async with service.client(key) as hospital:
        allowed = await hospital.get("/v1/facilities/rs-a/reports")
        denied = await hospital.post("/v1/areas", json=[])
    assert (allowed.status_code, denied.status_code) == (200, 403)
    first, second = (line for line in lines if "route" in line)
    assert (first["event"], first["log_level"]) == ("request", "info")
    assert (second["event"], second["log_level"]) == ("denied", "warning")
    assert first["principal"] == second["principal"]
    assert second["principal"].startswith("k_")


async def test_a_path_that_is_nowhere_is_told_cut_short_and_on_one_line(
    client: httpx2.AsyncClient, lines: Lines
) -> None:
    await client.get("/nowhere%0Aforged line/" + "x/" * 500)
    assert lines[-1]["route"] == NO_ROUTE
    assert lines[-1]["path"].startswith("/nowhere%0Aforged")
    assert len(lines[-1]["path"]) == 200


def template_app() -> FastAPI:
    app = FastAPI()
    inner, outer = APIRouter(prefix="/wards"), APIRouter(prefix="/v1/houses/{house}")

    @inner.get("/{ward}")
    async def read_ward(house: str, ward: str) -> None: ...

    @app.get("/direct/{thing}")
    async def read_direct(thing: str) -> None: ...

    async def plain(_request: object) -> JSONResponse:
        return JSONResponse({})

    outer.include_router(inner)
    app.include_router(outer, prefix="/base")
    app.router.routes.append(Route("/plain", plain))
    app.router.routes.append(Mount("/files", Starlette(routes=[Route("/{name}", plain)])))
    return app


@pytest.mark.parametrize(
    ("path", "template"),
    [
        ("/base/v1/houses/7/wards/8", "/base/v1/houses/{house}/wards/{ward}"),
        ("/direct/9", "/direct/{thing}"),
        ("/plain", "/plain"),
        ("/files/some.css", "/files/{path}"),
        ("/nowhere", NO_ROUTE),
        ("/openapi.json", "/openapi.json"),
    ],
)
async def test_the_template_holds_the_prefix_of_every_router(path: str, template: str) -> None:
    """Read from an internal place of FastAPI: this test tells when it moves."""
    seen: list[Scope] = []
    app = template_app()

    async def looking(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)
        await app(scope, receive, send)

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app=looking), base_url="http://h") as c:
        await c.get(path)
    assert route_template(seen[0]) == template


async def test_figures_are_counted_by_template_and_tell_the_position(service: Service) -> None:
    async with service.client() as c:
        for code in ("33.74", "33", "ID"):
            await c.get(f"/v1/areas/{code}/capacity")
        await c.request("BREW", "/v1/position")
        text = (await c.get("/metrics")).text
    counted = 'balai_http_requests_total{method="GET",route="/v1/areas/{code}/capacity",status="200"}'
    assert re.search(re.escape(counted) + r" [1-9]", text)
    assert 'method="other"' in text
    assert "BREW" not in text
    assert f"balai_board_position {float(service.node.board.position)}" in text


async def test_head_is_told_by_its_route(client: httpx2.AsyncClient, lines: Lines) -> None:
    for path in ("/v1/areas/33.74/capacity", "/v1/position", "/nowhere"):
        await client.head(path)
    assert [(line["method"], line["route"], line["status"]) for line in lines if "route" in line] == [
        ("HEAD", "/v1/areas/{code}/capacity", 200),
        ("HEAD", "/v1/position", 200),
        ("HEAD", NO_ROUTE, 404),
    ]


async def test_a_key_in_a_path_that_is_nowhere_is_left_out(service: Service, lines: Lines) -> None:
    key = await service.key(facility="rs-a")
    prefix, secret = key.split("_", 2)[1:]
    paths = [f"/nowhere/{key}/x", f"/v1/{secret}", f"/nowhere%2F{key.replace('b', '%62')}", f"/nowhere/{secret[:30]}"]
    async with service.client() as client:
        for path in paths:
            await client.get(path)
    told = [line["path"] for line in lines if line.get("route") == NO_ROUTE]
    assert told[0] == f"/nowhere/balai_{prefix}_***/x"
    assert len(told) == len(paths)
    assert not any(secret[:24] in path for path in told)


async def test_a_private_installation_tells_strangers_no_position(service: Service) -> None:
    private = {**service.state, "node": replace(service.node, public_read=False)}
    hidden = Service(service.app, private)
    async with hidden.client() as client:
        assert (await client.get("/readyz")).json() == {"status": "ready"}
        assert (await client.get("/metrics")).status_code == 401
    async with hidden.client(await service.key(facility="rs-a")) as known:
        assert "balai_board_position" in (await known.get("/metrics")).text


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_no_line_of_the_log_holds_what_a_terminal_would_obey(log_format: str) -> None:
    program = f"""
import logging, structlog
from app.observability import configure_logging
configure_logging({log_format!r})
bad = "A\\x1b[2J\\x9b\\r\\nFORGED\\u202e\\u200b"
structlog.get_logger().info(bad, path=bad)
logging.getLogger("other").error("%s", bad)
try:
    raise ValueError(bad)
except ValueError:
    structlog.get_logger().exception("failed")
    logging.getLogger("other").exception("failed")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, cwd=ROOT)
    text = done.stderr.decode()
    assert text.count("FORGED") >= 5
    assert is_printable(text.replace("\n", "").replace("\t", "")), ascii(text)
    if log_format == "json":
        assert not any(line.startswith("FORGED") for line in text.splitlines())


async def test_a_key_is_never_the_id_of_a_request(service: Service) -> None:
    key = await service.key(facility="rs-a")
    async with service.client(key) as client:
        answer = await client.get("/v1/facilities/rs-a", headers={"X-Request-ID": key})
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["x-request-id"])


def test_no_line_is_written_for_each_connection_that_does_not_speak_http() -> None:
    program = """
import logging
from app.observability import configure_logging
configure_logging("json")
for text in ("Invalid HTTP request received.", "another"):
    logging.getLogger("uvicorn.error").warning(text)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert [json.loads(line)["event"] for line in done.stderr.splitlines()] == ["another"]


async def test_all_who_ask_for_the_figures_while_they_are_written_share_the_next_time(
    client: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = []
    monkeypatch.setattr("app.middleware.metrics.generate_latest", lambda _registry: times.append(1) or b"figures")
    texts = await asyncio.gather(*(client.get("/metrics") for _ in range(40)))
    assert {text.text for text in texts} == {"figures"}
    assert len(times) < 10
