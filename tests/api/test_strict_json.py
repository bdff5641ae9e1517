"""What is taken for JSON, how much of it, and in which clothes."""

import json

import anyio
import pytest
from fastapi import Request

from app.api.http.strict_json import BULK_BYTES_MAX, DEPTH_MAX, MEMBERS_MAX, REPORT_BYTES_MAX, read_json
from app.domain.errors import Malformed, TooLarge
from app.limits.rate_limits import Rates
from app.limits.request_bodies import IncompleteBody, read_body

PATH = "/v1/facilities/rs-a/reports"
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": [{"c": 1, "c": 1}]}}',
        b"[NaN]",
        b"[Infinity]",
        b"[-Infinity]",
        b"[1e400]",
        b"[-1e400]",
        b"[" + b"1" * 5000 + b"]",
        b'["\\ud800"]',
        b'{"\\ud800": 1}',
        b'{"a\\u0000": 1}',
        b'{"\\ud800": 1, "\\ud800": 2}',
        b'["a\x00b"]',
        b"[" * (DEPTH_MAX + 1) + b"]" * (DEPTH_MAX + 1),
        b"[" * 100_000,
        b"\xef\xbb\xbf",
        b"\xef\xbb\xbf\xef\xbb\xbf[]",
        b"[] []",
        b"'a'",
    ],
)
def test_what_is_no_strict_json_is_malformed(body):
    with pytest.raises(Malformed) as refused:
        read_json(body)
    assert json.dumps(refused.value.detail).isascii()


@pytest.mark.parametrize(
    "text",
    [
        "[" * DEPTH_MAX + "]" * DEPTH_MAX,
        '{"a": [1, -2, 3.5, 1e3, true, null, "\\u00e9 \\ud83d\\ude00"]}',
        '[{"a": 1}, {"a": 2}]',
        "7",
        '"a"',
    ],
)
def test_other_json_is_read_as_ever(text):
    assert read_json(text) == json.loads(text)


def test_an_object_has_only_so_many_members():
    full = {str(number): 0 for number in range(MEMBERS_MAX)}
    assert read_json(json.dumps(full)) == full
    with pytest.raises(TooLarge):
        read_json(json.dumps(full | {"one more": 0}))


async def test_malformed_bodies_are_400_and_change_nothing(officer, service):
    before = service.node.board.position
    for body in (b"{", b'{"lines": [], "lines": []}', b"[NaN]", b""):
        answer = await officer.post(PATH, content=body, headers=JSON)
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed")
    assert service.node.board.position == before


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-ndjson"},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
async def test_other_formats_are_415(officer, headers):
    answer = await officer.post(PATH, content=b"{}", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported-media-type")
    assert "json" in answer.json()["detail"] or "uncompressed" in answer.json()["detail"]


async def test_utf_8_may_be_named(officer):
    headers = {"Content-Type": 'application/json; charset="UTF-8"'}
    assert (await officer.post(PATH, content=b"{}", headers=headers)).status_code == 422


@pytest.mark.parametrize(("path", "limit"), [(PATH, REPORT_BYTES_MAX), ("/v1/reports", BULK_BYTES_MAX)])
async def test_a_body_over_the_limit_is_413_chunked_or_not(officer, path, limit):
    async def chunks(size: int):
        for _ in range(size // 1024):
            yield b" " * 1024
        yield b" " * (size % 1024)

    at_limit = await officer.post(path, content=b" " * limit, headers=JSON)
    declared = await officer.post(path, content=b" " * (limit + 1), headers=JSON)
    chunked = await officer.post(path, content=chunks(limit + 1), headers=JSON)
    assert at_limit.status_code == 400
    for answer in (declared, chunked):
        assert (answer.status_code, answer.json()["code"]) == (413, "too-large")
        assert str(limit) in answer.json()["detail"]
        assert str(limit + 1) in answer.json()["detail"]
        assert answer.headers["connection"] == "close"


def request_of(*parts: bytes, delay: float = 0) -> Request:
    waiting = list(parts)

    async def receive():
        await anyio.sleep(delay)
        body = waiting.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(waiting)}

    return Request({"type": "http", "headers": [], "state": {"rates": Rates()}}, receive)


async def test_a_body_that_drips_is_cut():
    with pytest.raises(IncompleteBody):
        await read_body(request_of(b"[", b"1", b"]", delay=0.02), bytes_max=10, seconds_max=0.03)


async def test_a_body_is_counted_as_it_arrives():
    assert await read_body(request_of(b"12", b"34"), bytes_max=4) == b"1234"
    with pytest.raises(TooLarge):
        await read_body(request_of(b"12", b"34", b"5"), bytes_max=4)


async def test_a_client_that_leaves_is_no_error_of_ours():
    async def receive():
        return {"type": "http.disconnect"}

    with pytest.raises(IncompleteBody):
        await read_body(Request({"type": "http", "headers": []}, receive), bytes_max=4)


async def test_a_large_body_is_read_in_a_worker(officer):
    batch = [{"facility_id": "rs-a", "note": "x" * 1000} for _ in range(100)]
    answer = await officer.post("/v1/reports", json=batch)
    assert answer.json()["refused"] == 100


async def test_unknown_parameters_are_refused_by_name(officer, client):
    answer = await client.get("/v1/areas/33.74/capacity?at=2026-11-23T00:00:00Z&known_at=x")
    assert answer.status_code == 422
    assert [e["pointer"] for e in answer.json()["errors"]] == ["#/query/at", "#/query/known_at"]
    answer = await officer.post(PATH + "?dry_run=true&a%2Fb=1", json={})
    assert [e["pointer"] for e in answer.json()["errors"]] == ["#/query/dry_run", "#/query/a~1b"]


async def test_the_key_is_judged_before_the_body_is_read(client):
    answer = await client.post("/v1/reports", content=b"{", headers=JSON | {"Authorization": "Bearer wrong"})
    assert answer.status_code == 401
