"""Voids and corrections over HTTP: receipts, the list of reports, the change feed, and the words of refusals."""

import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from tests.conftest import Clock, Service

AT = "2026-11-23T10:00:00+07:00"
PATH = "/v1/facilities/rs-a/reports"


@pytest.fixture
async def hospital(service: Service) -> AsyncIterator[httpx2.AsyncClient]:
    async with service.client(await service.key(facility="rs-a")) as client:
        yield client


async def send(client: httpx2.AsyncClient, total: int, *, at: str = AT, **more: Any) -> int:
    lines = [{"bed_type": "icu", "beds_total": total, "beds_occupied": 1}]
    answer = await client.post(PATH, json={"observed_at": at, "lines": lines, **more})
    assert answer.status_code == 201, answer.text
    assert "of" not in answer.json()
    seq: int = answer.json()["seq"]
    return seq


async def beds(client: httpx2.AsyncClient) -> Any:
    return (await client.get("/v1/areas/33.74/capacity")).json()["totals"]["beds_total"]


async def test_a_typing_error_is_voided_and_the_city_is_right_again(hospital: httpx2.AsyncClient) -> None:
    await send(hospital, 5)
    wrong = await send(hospital, 90, at="2026-11-23T10:01:00+07:00")
    assert await beds(hospital) == 90
    answer = await hospital.post(f"{PATH}/{wrong}/void", json={"reason": "typing error"})
    assert answer.status_code == 201
    receipt = answer.json()
    assert (receipt["outcome"], receipt["of"], receipt["repeated"]) == ("void", wrong, False)
    assert receipt["observed_at"] == "2026-11-23T03:01:00Z"
    assert await beds(hospital) == 5
    facility = (await hospital.get("/v1/facilities/rs-a")).json()
    assert facility["lines"][0]["observed_at"] == "2026-11-23T03:00:00Z"


async def test_a_correction_keeps_the_time_unless_it_states_another(hospital: httpx2.AsyncClient) -> None:
    wrong = await send(hospital, 99)
    lines = [{"bed_type": "icu", "beds_total": 9, "beds_occupied": 1}]
    path = f"{PATH}/{wrong}/correct"
    answer = await hospital.post(path, json={"reason": "two digits", "report": {"lines": lines, "report_id": "c-1"}})
    assert answer.status_code == 201
    receipt = answer.json()
    assert (receipt["outcome"], receipt["of"], receipt["report_id"]) == ("correction", wrong, "c-1")
    assert receipt["observed_at"] == "2026-11-23T03:00:00Z"
    assert await beds(hospital) == 9
    moved = {"observed_at": "2026-11-23T09:59:00+07:00", "lines": lines}
    answer = await hospital.post(f"{PATH}/{receipt['seq']}/correct", json={"reason": "a minute early", "report": moved})
    assert answer.json()["observed_at"] == "2026-11-23T02:59:00Z"


async def test_the_list_of_reports_says_what_withdrew_them(hospital: httpx2.AsyncClient) -> None:
    first, wrong = await send(hospital, 1), await send(hospital, 2)
    done = (await hospital.post(f"{PATH}/{wrong}/void", json={"reason": "wrong hospital"})).json()["seq"]
    reports = (await hospital.get(PATH)).json()["reports"]
    assert [(one["seq"], one["outcome"], one["withdrawn_by"], one.get("of"), one.get("reason")) for one in reports] == [
        (done, "void", None, wrong, "wrong hospital"),
        (wrong, "applied", done, None, None),
        (first, "applied", None, None, None),
    ]
    page = (await hospital.get(f"{PATH}?limit=1")).json()
    older = (await hospital.get(f"{PATH}?limit=1&cursor={page['next_cursor']}")).json()
    assert older["reports"][0]["withdrawn_by"] == done


async def test_the_change_feed_names_what_is_withdrawn(hospital: httpx2.AsyncClient) -> None:
    wrong = await send(hospital, 1)
    lines = [{"bed_type": "icu", "beds_total": 2, "beds_occupied": 1}]
    await hospital.post(f"{PATH}/{wrong}/correct", json={"reason": "typo", "report": {"lines": lines}})
    feed = await hospital.get(f"/v1/changes?after={wrong}&wait=0")
    entry = json.loads(feed.text.splitlines()[0])
    assert entry["kind"] == "report"
    assert entry["withdraws"] == {"of": wrong, "reason": "typo"}
    assert entry["lines"][0]["beds_total"] == 2


async def test_a_repeated_request_returns_the_first_receipt(hospital: httpx2.AsyncClient) -> None:
    wrong = await send(hospital, 1)
    headers = {"Idempotency-Key": "void-1"}
    path, body = f"{PATH}/{wrong}/void", {"reason": "typo"}
    first = await hospital.post(path, json=body, headers=headers)
    again = await hospital.post(path, json=body, headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json() | {"repeated": True}
    other = await hospital.post(path, json={"reason": "another"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")
    twice = await hospital.post(path, json=body)
    assert (twice.status_code, twice.json()["code"]) == (409, "conflict")
    assert f"by entry {first.json()['seq']}" in twice.json()["detail"]


async def test_an_unknown_report_is_404_in_the_same_words_as_one_of_another_facility(
    service: Service, hospital: httpx2.AsyncClient, officer: httpx2.AsyncClient
) -> None:
    line = {"bed_type": "icu", "beds_total": 5}
    other = await officer.post("/v1/facilities/rs-b/reports", json={"observed_at": AT, "lines": [line]})
    details = set()
    for seq in (1, other.json()["seq"], 10_000):
        answer = await hospital.post(f"{PATH}/{seq}/void", json={"reason": "x"})
        assert answer.status_code == 404
        details.add(answer.json()["detail"])
    assert len(details) == 1
    assert "no report with this number" in details.pop()


@pytest.mark.parametrize(
    ("path", "body", "pointers"),
    [
        ("void", {}, {"#/reason"}),
        ("void", {"reason": ""}, {"#/reason"}),
        ("void", {"reason": " "}, {"#/reason"}),
        ("void", {"reason": "x" * 1001}, {"#/reason"}),
        ("void", {"reason": "x", "report": {}}, {"#/report"}),
        ("correct", {"reason": "x"}, {"#/report"}),
        ("correct", {"reason": "x", "report": {"lines": []}}, {"#/report/lines"}),
        (
            "correct",
            {"reason": "", "report": {"observed_at": "2026-11-23T12:00:00+07:00", "lines": [{"bed_type": "bed"}]}},
            {"#/reason", "#/report/observed_at", "#/report/lines/0", "#/report/lines/0/bed_type"},
        ),
    ],
)
async def test_every_fault_is_named(
    hospital: httpx2.AsyncClient, path: str, body: dict[str, Any], pointers: set[str]
) -> None:
    wrong = await send(hospital, 1)
    answer = await hospital.post(f"{PATH}/{wrong}/{path}", json=body)
    assert answer.status_code == 422, answer.text
    assert {fault["pointer"] for fault in answer.json()["errors"]} == pointers
    assert await beds(hospital) == 1


async def test_a_report_id_of_the_wrong_form_is_told_as_for_a_report(hospital: httpx2.AsyncClient) -> None:
    wrong = await send(hospital, 1)
    report = {"report_id": "not an id", "lines": [{"bed_type": "icu", "beds_total": 2}]}
    answer = await hospital.post(f"{PATH}/{wrong}/correct", json={"reason": "x", "report": report})
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency-key-invalid")
    headers = {"Idempotency-Key": "not an id"}
    answer = await hospital.post(f"{PATH}/{wrong}/void", json={"reason": "x"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency-key-invalid")


@pytest.mark.parametrize("seq", ["0", "-1", "x", "1.5", str(2**63)])
async def test_a_path_without_a_position_is_refused(hospital: httpx2.AsyncClient, seq: str) -> None:
    answer = await hospital.post(f"{PATH}/{seq}/void", json={"reason": "x"})
    assert answer.status_code in (404, 422)
    assert answer.headers["content-type"] == "application/problem+json"


async def test_after_a_day_an_officer_is_needed(
    service: Service, hospital: httpx2.AsyncClient, officer: httpx2.AsyncClient, clock: Clock
) -> None:
    wrong = await send(hospital, 1)
    clock.advance(hours=25)
    refused = await hospital.post(f"{PATH}/{wrong}/void", json={"reason": "x"})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert "Ask the officer of your area" in refused.json()["detail"]
    assert (await officer.post(f"{PATH}/{wrong}/void", json={"reason": "x"})).status_code == 201


async def test_the_officers_list_of_messages_has_them(hospital: httpx2.AsyncClient) -> None:
    wrong = await send(hospital, 1)
    done = (await hospital.post(f"{PATH}/{wrong}/void", json={"reason": "x"})).json()["seq"]
    [newest, *_] = (await hospital.get("/v1/facilities/rs-a/messages")).json()["messages"]
    assert newest["seq"] == done


async def test_a_report_of_before_the_closing_is_late_and_one_after_it_is_refused(
    hospital: httpx2.AsyncClient, officer: httpx2.AsyncClient, clock: Clock
) -> None:
    clock.advance(hours=1)
    known = await officer.get("/v1/facilities/rs-a")
    closed = await officer.post(
        "/v1/facilities/rs-a/close", json={"reason": "x"}, headers={"If-Match": known.headers["ETag"]}
    )
    assert closed.status_code == 200, closed.text
    lines = [{"bed_type": "icu", "beds_total": 5, "beds_occupied": 1}]
    late = await hospital.post(PATH, json={"observed_at": AT, "lines": lines})
    assert (late.status_code, late.json()["outcome"]) == (201, "late")
    assert await beds(hospital) is None
    after = await hospital.post(PATH, json={"observed_at": "2026-11-23T11:00:00+07:00", "lines": lines})
    assert (after.status_code, after.json()["code"]) == (410, "gone")
