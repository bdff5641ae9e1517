"""Reporting in, one and many, and paging back."""

import json
from typing import Any

import pytest

from app.domain.reports.report import LINES_MAX
from tests.conftest import Clock, Service

MORNING = "2026-11-23T10:00:00+07:00"


def wire(*lines: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A report as a client writes it."""
    one = {"bed_type": "icu", "beds_total": 10, "beds_occupied": 4}
    return {"observed_at": MORNING, "lines": list(lines) or [one], **fields}


def pointers(answer: Any) -> list[str]:
    return [error["pointer"] for error in answer.json()["errors"]]


@pytest.fixture
async def hospital(service: Service):
    async with service.client(await service.key(facility="rs-a")) as client:
        yield client


async def test_a_report_gets_a_receipt_and_is_in_the_sum_at_once(hospital, client):
    answer = await hospital.post("/v1/facilities/rs-a/reports", json=wire(report_id="r-1"))
    assert answer.status_code == 201
    receipt = answer.json()
    assert receipt == {
        "seq": receipt["seq"],
        "report_id": "r-1",
        "facility_id": "rs-a",
        "observed_at": "2026-11-23T03:00:00Z",
        "recorded_at": "2026-11-23T03:00:00Z",
        "repeated": False,
        "outcome": "applied",
        "warnings": [],
        "position_token": receipt["position_token"],
    }
    city = (await client.get(f"/v1/areas/33.74/capacity?min_position={receipt['seq']}")).json()
    assert city["totals"]["beds_available"] == 6


async def test_a_facility_may_be_named_by_its_code_in_another_system(hospital):
    answer = await hospital.post("/v1/facilities/sirs:3374001/reports", json=wire())
    assert answer.json()["facility_id"] == "rs-a"


async def test_a_retry_gets_the_first_receipt_again(hospital):
    first = await hospital.post("/v1/facilities/rs-a/reports", json=wire(report_id="r-1"))
    again = await hospital.post("/v1/facilities/rs-a/reports", json=wire(report_id="r-1"))
    assert again.status_code == 200
    assert again.json() == first.json() | {"repeated": True}


async def test_the_same_id_with_other_content_is_refused(hospital):
    await hospital.post("/v1/facilities/rs-a/reports", json=wire(report_id="r-1"))
    answer = await hospital.post("/v1/facilities/rs-a/reports", json=wire(report_id="r-1", complete=True))
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency-key-reused")


@pytest.mark.parametrize("header", ["key-1", '"key-1"'])
async def test_the_idempotency_key_serves_as_report_id(hospital, header):
    headers = {"Idempotency-Key": header}
    first = await hospital.post("/v1/facilities/rs-a/reports", json=wire(), headers=headers)
    again = await hospital.post("/v1/facilities/rs-a/reports", json=wire(), headers=headers)
    assert first.json()["report_id"] == "key-1"
    assert again.json()["repeated"] is True


async def test_without_any_id_each_report_is_its_own(hospital):
    ids = {(await hospital.post("/v1/facilities/rs-a/reports", json=wire())).json()["report_id"] for _ in range(2)}
    assert len(ids) == 2


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        ({"Idempotency-Key": "a b"}, {}),
        ({"Idempotency-Key": "x" * 129}, {}),
        ({"Idempotency-Key": "one"}, {"report_id": "two"}),
        ({}, {"report_id": "a b"}),
        ({}, {"report_id": ""}),
    ],
)
async def test_an_id_of_a_wrong_form_is_told_as_such(hospital, headers, fields):
    answer = await hospital.post("/v1/facilities/rs-a/reports", json=wire(**fields), headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency-key-invalid")


async def test_every_fault_is_named_at_once(hospital):
    answer = await hospital.post(
        "/v1/facilities/rs-a/reports",
        json={
            "report_id": "a b",
            "observed_at": "2026-11-23T10:00:00",
            "complete": 1,
            "unknown": None,
            "lines": [
                {"bed_type": "no_such", "beds_total": "7", "beds_occupied": -1},
                {"bed_type": "icu", "beds_total": True, "queue": 7.5},
                {"bed_type": "icu", "beds_total": 3, "beds_blocked": 4, "beds_available": 5},
                {"bed_type": "hcu", "beds_total": 3, "closed": True},
                {"bed_type": "picu"},
                {"bed_type": "nicu", "ward_name": "a\nb", "beds_total": 100_001},
                5,
                {"beds_total": 1},
            ],
        },
    )
    assert answer.status_code == 422
    assert sorted(pointers(answer)) == sorted(
        [
            "#/report_id",
            "#/observed_at",
            "#/complete",
            "#/unknown",
            "#/lines/0/bed_type",
            "#/lines/0/beds_total",
            "#/lines/0/beds_occupied",
            "#/lines/1/beds_total",
            "#/lines/1/queue",
            "#/lines/2",
            "#/lines/2/beds_blocked",
            "#/lines/2/beds_available",
            "#/lines/3/closed",
            "#/lines/4",
            "#/lines/5/ward_name",
            "#/lines/5/beds_total",
            "#/lines/6",
            "#/lines/7/bed_type",
        ]
    )


async def test_a_count_that_cannot_be_read_is_not_also_called_missing(hospital):
    answer = await hospital.post("/v1/facilities/rs-a/reports", json=wire({"bed_type": "icu", "beds_total": "7"}))
    assert pointers(answer) == ["#/lines/0/beds_total"]


@pytest.mark.parametrize(
    ("observed_at", "why"),
    [
        (1_700_000_000, "must be text"),
        ("1700000001", "must be text"),
        ("2026-11-23", "must be text"),
        ("2026-11-23T10:00:00", "offset"),
        ("2026-11-23T11:00:00+07:00", "future"),
        ("0001-01-01T00:00:00+14:00", "calendar"),
        ("2026-13-23T10:00:00Z", "month"),
    ],
)
async def test_a_moment_that_cannot_be_is_refused(hospital, observed_at, why):
    answer = await hospital.post("/v1/facilities/rs-a/reports", json=wire(observed_at=observed_at))
    assert pointers(answer) == ["#/observed_at"]
    assert why in answer.json()["errors"][0]["detail"]


async def test_five_minutes_ahead_is_a_warning(hospital):
    answer = await hospital.post("/v1/facilities/rs-a/reports", json=wire(observed_at="2026-11-23T10:05:00+07:00"))
    assert [warning["code"] for warning in answer.json()["warnings"]] == ["clock_ahead"]


async def test_the_clock_of_the_request_is_the_nodes(hospital, clock: Clock):
    clock.advance(hours=2)
    answer = await hospital.post("/v1/facilities/rs-a/reports", json=wire(observed_at="2026-11-23T12:00:00+07:00"))
    assert answer.status_code == 201


async def test_a_report_has_at_most_512_lines(hospital):
    def lines(number: int) -> list[dict[str, Any]]:
        return [{"bed_type": "icu", "ward_code": str(n), "beds_total": 1} for n in range(number)]

    full = await hospital.post("/v1/facilities/rs-a/reports", json=wire(*lines(LINES_MAX)))
    over = await hospital.post("/v1/facilities/rs-a/reports", json=wire(*lines(LINES_MAX + 1)))
    assert (full.status_code, over.status_code) == (201, 422)
    assert pointers(over) == ["#/lines"]


async def test_saying_nothing_is_refused_unless_it_is_complete(hospital):
    nothing = await hospital.post("/v1/facilities/rs-a/reports", json=wire() | {"lines": []})
    all_gone = await hospital.post("/v1/facilities/rs-a/reports", json=wire(complete=True) | {"lines": []})
    assert pointers(nothing) == ["#/lines"]
    assert all_gone.status_code == 201


async def test_a_closed_line_leaves_the_sum(hospital, client):
    await hospital.post("/v1/facilities/rs-a/reports", json=wire())
    await hospital.post("/v1/facilities/rs-a/reports", json=wire({"bed_type": "icu", "closed": True}))
    assert (await client.get("/v1/areas/33.74/capacity")).json()["totals"]["beds_total"] is None


async def test_null_counts_are_unknown_and_not_zero(hospital, client):
    line = {"bed_type": "icu", "beds_total": None, "beds_occupied": None, "beds_available": 3, "queue": None}
    assert (await hospital.post("/v1/facilities/rs-a/reports", json=wire(line))).status_code == 201
    [shown] = (await client.get("/v1/facilities/rs-a")).json()["lines"]
    assert (shown["beds_total"], shown["beds_available"], shown["queue"]) == (None, 3, None)


async def test_who_may_report_for_whom(service: Service, client):
    path = "/v1/facilities/rs-b/reports"
    assert (await client.post(path, json=wire())).status_code == 401
    async with service.client(await service.key(facility="rs-a")) as other:
        assert (await other.post(path, json=wire())).status_code == 403
        assert (await other.post("/v1/facilities/nobody/reports", json=wire())).status_code == 404
    async with service.client(await service.key(area="33.74")) as district:
        assert (await district.post(path, json=wire())).status_code == 201


# Many at once.


def many() -> list[Any]:
    return [
        wire(facility_id="rs-a", report_id="a"),
        wire(facility_id="nobody"),
        wire(facility_id="rs-b", report_id="b", lines=[{"bed_type": "icu", "beds_total": "7"}]),
        wire(facility_id="sirs:3374001", report_id="a"),
        7,
        wire(facility_id="rs-b", report_id="late", observed_at="2026-11-20T10:00:00+07:00"),
    ]


def check_many(body: dict[str, Any]) -> None:
    assert [result["status"] for result in body["results"]] == [201, 404, 422, 200, 422, 201]
    assert [body[count] for count in ("accepted", "late", "repeated", "refused")] == [3, 0, 1, 3]
    assert body["results"][2]["errors"][0]["pointer"] == "#/lines/0/beds_total"
    assert body["results"][1]["code"] == "not-found"


async def test_each_of_many_reports_is_judged_alone(officer):
    answer = await officer.post("/v1/reports", json=many())
    assert answer.status_code == 200
    check_many(answer.json())


async def test_many_reports_may_come_line_by_line(officer):
    text = "\r\n".join(map(json.dumps, many())) + "\n\n"
    answer = await officer.post("/v1/reports", content=text, headers={"Content-Type": "application/x-ndjson"})
    check_many(answer.json())


async def test_a_line_that_is_no_json_is_refused_in_its_place(officer):
    text = json.dumps(wire(facility_id="rs-a")) + '\n{"a":1,"a":2}\n{'
    answer = await officer.post("/v1/reports", content=text, headers={"Content-Type": "application/x-ndjson"})
    assert [result["status"] for result in answer.json()["results"]] == [201, 400, 400]


async def test_a_late_report_counts_as_accepted(officer):
    await officer.post("/v1/reports", json=[wire(facility_id="rs-a")])
    older = wire(facility_id="rs-a", observed_at="2026-11-23T09:00:00+07:00")
    body = (await officer.post("/v1/reports", json=[older])).json()
    assert (body["accepted"], body["late"], body["refused"]) == (1, 1, 0)


async def test_an_idempotency_key_makes_a_whole_batch_repeatable(officer):
    batch = [wire(facility_id="rs-a"), wire(facility_id="rs-b")]
    first = await officer.post("/v1/reports", json=batch, headers={"Idempotency-Key": "batch"})
    again = await officer.post("/v1/reports", json=batch, headers={"Idempotency-Key": "batch"})
    assert first.json()["repeated"] == 0
    assert again.json()["repeated"] == 2


async def test_a_batch_has_at_most_1000_reports(officer):
    over = await officer.post("/v1/reports", json=[1] * 1001)
    assert (over.status_code, over.json()["code"]) == (413, "too-large")
    assert "1001" in over.json()["detail"]


async def test_a_batch_is_a_list(officer):
    answer = await officer.post("/v1/reports", json=wire(facility_id="rs-a"))
    assert (answer.status_code, pointers(answer)) == (422, ["#"])


# Paging back.


async def test_reports_are_listed_newest_first_page_by_page(hospital, clock: Clock):
    for number in range(3):
        clock.advance(minutes=1)
        await hospital.post("/v1/facilities/rs-a/reports", json=wire(report_id=f"r{number}"))
    first = (await hospital.get("/v1/facilities/rs-a/reports?limit=2")).json()
    second = (await hospital.get(f"/v1/facilities/rs-a/reports?limit=2&cursor={first['next_cursor']}")).json()
    assert [r["report_id"] for r in first["reports"] + second["reports"]] == ["r2", "r1", "r0"]
    assert second["next_cursor"] is None
    assert first["reports"][0]["channel"] == "native"
    assert first["reports"][0]["lines"] == [
        {"bed_type": "icu", "ward_code": "", "beds_total": 10, "beds_occupied": 4, "beds_blocked": 0}
    ]


async def test_history_is_for_the_facility_and_its_officers(service: Service, client):
    path = "/v1/facilities/rs-a/reports"
    assert (await client.get(path)).status_code == 401
    async with service.client(await service.key(facility="rs-b")) as other:
        assert (await other.get(path)).status_code == 403
    async with service.client(await service.key(area="33.74")) as district:
        assert (await district.get(path)).status_code == 200


@pytest.mark.parametrize("cursor", ["zzz", "WyJ4Il0", "WzFd" * 100, "Wy0xXQ", "WzFlNDAwXQ", "é"])
async def test_a_cursor_of_another_list_is_refused(hospital, cursor):
    answer = await hospital.get("/v1/facilities/rs-a/reports", params={"cursor": cursor})
    assert answer.status_code == 400


@pytest.mark.parametrize("unseen", ["\x1b[2J", "\x9b", "\u202e", "\u2066", "\u200b", "\u200f", "\u2028", "\U000e0041"])
async def test_a_name_with_characters_that_no_screen_shows_is_refused_and_named(unseen: str, service: Service) -> None:
    said = {
        "observed_at": service.node.clock().isoformat(),
        "lines": [{"bed_type": "icu", "ward_name": f"ICU {unseen}", "beds_total": 5}],
    }
    async with service.client(await service.key(facility="rs-a")) as hospital:
        answer = await hospital.post("/v1/facilities/rs-a/reports", json=said)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "#/lines/0/ward_name"
