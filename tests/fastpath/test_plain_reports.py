"""Plain reports are answered before the framework, and as the route would answer them."""

import json
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from structlog.testing import capture_logs

from app.domain.message import Message
from app.fastpath import plain_reports
from app.fastpath.plain_reports import answer_plain
from tests.conftest import Service

AT = "2026-11-23T10:00:00+07:00"
ICU = '{"bed_type":"icu","beds_total":10,"beds_occupied":4}'


def said(lines: str = ICU, more: str = "", at: str = AT) -> bytes:
    return f'{{"observed_at":"{at}","lines":[{lines}]{more}}}'.encode()


PLAIN = [
    said(),
    said(f'{ICU},{{"bed_type":"hcu","ward_code":"A","ward_name":"HCU A","beds_available":null,"beds_occupied":7}}'),
    said('{"bed_type":"icu","beds_total":3,"beds_occupied":9,"queue":2}'),
    said('{"bed_type":"icu","beds_total":7.0,"beds_occupied":-0.0,"queue":1e1}'),
    said('{"bed_type":"icu","closed":true}', ',"complete":true'),
    said("", ',"complete":true', "2026-11-23T03:00:00Z"),
    said(more=',"report_id":null'),
    said().replace(b",", b" ,\n "),
]
NOT_PLAIN = [
    b"",
    b"{",
    b"[]",
    b"null",
    said().replace(b"icu", b"\\u0069cu"),
    said('{"bed_type":"icu","ward_name":"Ruang Én","beds_total":1}'),
    said('{"bed_type":"icu","beds_total":1,"beds_total":2}'),
    said('{"bed_type":"icu","beds_total":"7"}'),
    said('{"bed_type":"icu","beds_total":7.5}'),
    said('{"bed_type":"icu","beds_total":1e400}'),
    said('{"bed_type":"icu","beds_total":NaN}'),
    said('{"bed_type":"icu","beds_total":100001.0}'),
    b"\xef\xbb\xbf" + said(),
    said('{"bed_type":"icu","beds_total":true}'),
    said('{"bed_type":"icu","beds_total":-1}'),
    said('{"bed_type":"icu","beds_total":1000000}'),
    said('{"bed_type":"icu"}'),
    said('{"bed_type":"icu","beds_total":5,"beds_blocked":6}'),
    said('{"bed_type":"icu","closed":true,"beds_total":5}'),
    said('{"bed_type":"nothing","beds_total":5}'),
    said(f"{ICU},{ICU}"),
    said(""),
    said(at="2026-11-23"),
    said(at="2026-11-23T12:00:00+07:00"),
    said(at="2026-11-23T10:00:00"),
    said(more=',"colour":"red"'),
    said(more=',"report_id":"a b"'),
    said(more=',"report_id":""'),
    said() + b" " * 70_000,
    said() + b" " * 300_000,
]


async def ask(service: Service, monkeypatch: pytest.MonkeyPatch, body: bytes, *, plainly: bool, **how: Any) -> Any:
    """What is answered, without what differs each time, and whether the framework was spared."""
    taken = []

    async def answering(*what: Any) -> Any:
        answer = await answer_plain(*what) if plainly else None
        taken.append(answer is not None)
        return answer

    with monkeypatch.context() as patched:
        patched.setattr(plain_reports, "answer_plain", answering)
        headers = {"Content-Type": "application/json"} | how.get("headers", {})
        async with service.client(how.get("key")) as client:
            answer = await client.post(how.get("path", "/v1/facilities/rs-a/reports"), content=body, headers=headers)
    return answer, any(taken)


def without_chance(answer: httpx2.Response) -> tuple[int, dict[str, Any], dict[str, str]]:
    document = answer.json()
    for name in ("seq", "position_token", "report_id", "instance", "request_id"):
        document.pop(name, None)
    headers = {name: value for name, value in answer.headers.items() if name not in {"x-request-id", "content-length"}}
    return answer.status_code, document, headers


@pytest.mark.parametrize(("body", "is_plain"), [(b, True) for b in PLAIN] + [(b, False) for b in NOT_PLAIN])
async def test_both_ways_give_one_answer(
    service: Service, monkeypatch: pytest.MonkeyPatch, body: bytes, is_plain: bool
) -> None:
    key = await service.key(facility="rs-a")
    short, was_taken = await ask(service, monkeypatch, body, plainly=True, key=key)
    long, _ = await ask(service, monkeypatch, body, plainly=False, key=key)
    assert without_chance(short) == without_chance(long)
    assert was_taken is is_plain
    assert (short.status_code == 201) >= is_plain


@pytest.mark.parametrize(
    "how",
    [
        {"key": None},
        {"key": "balai_000000000000_" + "x" * 43},
        {"path": "/v1/facilities/rs-b/reports"},
        {"path": "/v1/facilities/rs-z/reports"},
        {"path": "/v1/facilities/sirs:3374001/reports"},
        {"path": "/v1/facilities/rs-a/reports?x=1"},
        {"path": "/v1/facilities/rs-a/reports/"},
        {"headers": {"Idempotency-Key": '"once"'}},
        {"headers": {"Idempotency-Key": "not good"}},
        {"headers": {"Content-Type": "application/json; charset=utf-8"}},
        {"headers": {"Content-Type": "text/plain"}},
        {"headers": {"Content-Encoding": "gzip"}},
    ],
    ids=str,
)
async def test_whoever_asks_however_both_ways_give_one_answer(
    service: Service, monkeypatch: pytest.MonkeyPatch, how: dict[str, Any]
) -> None:
    how = {"key": await service.key(facility="rs-a")} | how
    first, _ = await ask(service, monkeypatch, said(), plainly=False, **how)
    short, _ = await ask(service, monkeypatch, said(), plainly=True, **how)
    long, _ = await ask(service, monkeypatch, said(), plainly=False, **how)
    assert without_chance(short) == without_chance(long)
    assert first.status_code in {short.status_code, 201}


async def test_a_repetition_and_a_conflict_are_told_either_way(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, again = await service.key(facility="rs-a"), said(more=',"report_id":"r-1"')
    first, _ = await ask(service, monkeypatch, again, plainly=True, key=key)
    for plainly in (True, False):
        answer, _ = await ask(service, monkeypatch, again, plainly=plainly, key=key)
        assert (answer.status_code, answer.json()) == (200, first.json() | {"repeated": True})
        answer, _ = await ask(service, monkeypatch, again.replace(b"10,", b"11,"), plainly=plainly, key=key)
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-key-reused")


WHATEVER = {
    "accepted": (said(), {}),
    "flagged": (said('{"bed_type":"icu","beds_total":3,"beds_occupied":9}'), {}),
    "invalid": (said('{"bed_type":"icu"}'), {}),
    "not JSON": (b"{", {}),
    "too large": (said() + b" " * 300_000, {}),
    "another's": (said(), {"path": "/v1/facilities/rs-b/reports"}),
    "nowhere": (said(), {"path": "/v1/facilities/rs-z/reports"}),
    "compressed": (said(), {"headers": {"Content-Encoding": "gzip"}}),
    "wrong id": (said(), {"headers": {"Idempotency-Key": "not good"}}),
    "no key": (said(), {"key": None}),
    "unknown key": (said(), {"key": "balai_000000000000_" + "x" * 43}),
}


@pytest.mark.parametrize("what", WHATEVER)
async def test_whatever_else_the_route_does_with_a_request_is_done_on_both_ways(
    service: Service, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """Its message, its log line, its place in the metrics, whom it is charged to, whose request it is."""
    body, how = WHATEVER[what]
    how = {"key": await service.key(facility="rs-a")} | how
    found = []
    for plainly in (True, False):
        await service.node.messages.flush()
        noted: list[Message] = []
        charged: list[object] = []
        counted: list[object] = []
        with monkeypatch.context() as patched, capture_logs() as lines:
            patched.setattr(service.node.messages, "add", noted.append)
            patched.setattr("app.dependencies.spend", lambda *who, c=charged: c.append(who))
            patched.setattr("app.observability.count", lambda *one, c=counted: c.append(one[:3]))
            await ask(service, monkeypatch, body, plainly=plainly, **how)
        messages = [replace(each, request_id="", seq=each.seq and 1) for each in noted]
        told = [{name: value for name, value in line.items() if name not in {"ms", "request_id"}} for line in lines]
        found.append((messages, charged, counted, told))
    assert found[0] == found[1]
    assert len(found[0][0]) == (what not in {"no key", "unknown key"})


async def test_a_report_is_counted_and_limited_once(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    key = await service.key(facility="rs-a")
    spent = []
    monkeypatch.setattr("app.dependencies.spend", lambda *who: spent.append(who))
    for body in (said(), said('{"bed_type":"icu"}')):
        await ask(service, monkeypatch, body, plainly=True, key=key)
    assert len(spent) == 2
    async with service.client() as client:
        text = (await client.get("/metrics")).text
    for status in (201, 422):
        series = f'route="/v1/facilities/{{facility_id}}/reports",status="{status}"'
        assert series in text, json.dumps(text[:2000])
