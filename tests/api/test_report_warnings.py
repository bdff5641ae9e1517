"""Warnings of receipts through the HTTP API: known values that are lost, figures that look wrong, halls."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from app.actions.maintenance.verify import verify
from app.config import Settings
from app.main import create_app
from tests.conftest import Clock, Service
from tests.factories import MORNING

PATH = "/v1/facilities/rs-a/reports"


def wire(*lines: dict[str, Any], minutes: float = 0, **fields: Any) -> dict[str, Any]:
    return {"observed_at": (MORNING + timedelta(minutes=minutes - 60)).isoformat(), "lines": list(lines), **fields}


def beds(bed_type: str = "hcu", total: int | None = 10, occupied: int | None = 4, **more: Any) -> dict[str, Any]:
    return {"bed_type": bed_type, "beds_total": total, "beds_occupied": occupied, **more}


async def send(client: Any, *lines: dict[str, Any], path: str = PATH, **how: Any) -> list[tuple[str, int | None]]:
    """The codes of the warnings, with their lines."""
    answer = await client.post(path, json=wire(*lines, **how))
    assert answer.status_code == 201, answer.text
    return [(warning["code"], warning["line"]) for warning in answer.json()["warnings"]]


async def test_a_count_that_is_no_longer_stated_is_told_by_name(officer: Any, client: Any) -> None:
    assert await send(officer, beds(queue=2, occupied=10), beds("ward_1")) == []
    answer = await officer.post(PATH, json=wire(beds("ward_1"), beds(occupied=10), minutes=1))
    (warning,) = answer.json()["warnings"]
    assert (warning["code"], warning["line"]) == ("count_dropped", 1)
    assert "queue" in warning["detail"]
    shown = (await client.get("/v1/facilities/rs-a")).json()["lines"]
    assert {line["bed_type"]: line.get("queue") for line in shown} == {"hcu": None, "ward_1": None}


async def test_known_beds_that_become_unknown_or_are_closed_are_a_jump(officer: Any) -> None:
    await send(officer, beds(total=40), beds("ward_1", 30), beds("ward_2", 20), beds("ward_3", 9))
    assert await send(officer, beds(total=None), {"bed_type": "ward_1", "closed": True}, minutes=1) == [
        ("capacity_jump", 0),
        ("count_dropped", 0),
        ("capacity_jump", 1),
    ]
    assert await send(officer, beds("ward_3", 9), minutes=2, complete=True) == [("capacity_jump", None)]


async def test_two_senders_under_one_name_are_noticed_also_after_a_restart(
    officer: Any, national_key: str, settings: Settings, clock: Clock
) -> None:
    told = []
    for number in range(4):
        told += await send(officer, beds(occupied=(4, 7)[number % 2]), minutes=number)
        clock.advance(minutes=1)
    assert told == []
    app = create_app(settings, clock=clock)
    async with app.router.lifespan_context(app) as state:
        again = Service(app, dict(state))
        async with again.client(national_key) as client:
            assert await send(client, beds(occupied=4), minutes=4) == [("values_alternate", 0)]
        assert await verify(settings.database_url) == []


async def test_a_database_whose_lines_were_stored_by_an_earlier_version_verifies(
    officer: Any, service: Service, settings: Settings
) -> None:
    for number in range(3):
        await send(officer, beds(occupied=(4, 7)[number % 2]), minutes=number)
    async with service.node.database.transaction() as transaction:
        stored = await transaction.connection.scalar(text("SELECT lines FROM channels"))
        earlier = json.dumps([line[:7] for line in json.loads(stored)])
        assert earlier != stored
        await transaction.connection.execute(text("UPDATE channels SET lines = :lines"), {"lines": earlier})
    assert await verify(settings.database_url) == []


async def test_figures_that_look_wrong_are_told(officer: Any) -> None:
    assert await send(
        officer,
        beds("icu", 9, 4, queue=1),
        beds("icu_ventilator", 9, 9),
        beds("ward_1", 9, 10),
        beds("ward_2", 9, 4, beds_available=6, occupied_confirmed=5),
    ) == [
        ("free_beside_queue", 0),
        ("may_overlap", 0),
        ("may_overlap", 1),
        ("over_capacity", 2),
        ("split_mismatch", 3),
        ("total_mismatch", 3),
    ]
    path = "/v1/facilities/iso-c/reports"
    assert await send(officer, beds("icu_ventilator"), path=path) == [("unusual_bed_type", 0)]


async def test_a_line_above_the_registered_beds_is_told(officer: Any) -> None:
    facility = await officer.get("/v1/facilities/rs-a")
    headers = {"If-Match": facility.headers["etag"]}
    changed = await officer.patch("/v1/facilities/rs-a", json={"beds_stated": 100.0}, headers=headers)
    assert changed.json()["beds_stated"] == 100
    assert await send(officer, beds(total=126), beds("ward_1", 125)) == [("above_stated", 0)]


HALL = "/v1/facilities/rw-d/reports"


async def test_a_hall_reports_beds_of_group_isolation_only(officer: Any, client: Any) -> None:
    answer = await officer.post(HALL, json=wire(beds("isolation_bed"), beds("icu"), beds("ward_1"), report_id="r"))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert [error["pointer"] for error in answer.json()["errors"]] == ["#/lines/1/bed_type", "#/lines/2/bed_type"]
    assert "isolation" in answer.json()["errors"][0]["detail"]
    assert (await client.get("/v1/facilities/rw-d")).json()["lines"] == []
    assert await send(officer, beds("isolation_bed"), {"bed_type": "icu", "closed": True}, path=HALL) == []


async def test_in_a_bulk_the_hall_alone_is_refused(officer: Any) -> None:
    reports = [{"facility_id": one, **wire(beds("icu"))} for one in ("rw-d", "rs-a")]
    answer = (await officer.post("/v1/reports", json=reports)).json()
    assert [result["status"] for result in answer["results"]] == [422, 201]
    assert answer["results"][0]["errors"][0]["pointer"] == "#/lines/0/bed_type"


# Whole numbers, and a byte order mark.

BOM = b"\xef\xbb\xbf"
JSON = {"Content-Type": "application/json"}
NDJSON = {"Content-Type": "application/x-ndjson"}


@pytest.mark.parametrize("count", ["12", "12.0", "1.2e1", "120e-1"])
@pytest.mark.parametrize("name", ["ICU", "ICU \u00e9"])  # with and without the fast path
async def test_a_whole_number_may_be_written_with_a_fraction(officer: Any, client: Any, count: str, name: str) -> None:
    line = f'{{"bed_type": "hcu", "ward_name": "{name}", "beds_total": {count}, "beds_occupied": 0.0}}'
    body = f'{{"observed_at": "{MORNING.isoformat()}", "report_id": "r", "lines": [{line}]}}'
    first = await officer.post(PATH, content=body.encode(), headers=JSON)
    assert first.status_code == 201, first.text
    again = await officer.post(PATH, content=body.replace(count, "12", 1).encode(), headers=JSON)
    assert (again.status_code, again.json()["repeated"]) == (200, True)
    bulk = await officer.post("/v1/reports", content=body.replace('{"', '{"facility_id": "rs-a", "', 1), headers=NDJSON)
    assert bulk.json()["repeated"] == 1
    (shown,) = (await client.get("/v1/facilities/rs-a")).json()["lines"]
    assert (shown["beds_total"], shown["beds_occupied"]) == (12, 0)
    assert '"beds_total":12,' in (await client.get("/v1/facilities/rs-a")).text


@pytest.mark.parametrize("count", ["12.5", '"12"', "true", "1e400", "NaN", "-1.0", "100001.0", "1e300", "[]"])
async def test_what_is_no_count_is_refused(officer: Any, count: str) -> None:
    body = f'{{"observed_at": "{MORNING.isoformat()}", "lines": [{{"bed_type": "hcu", "beds_total": {count}}}]}}'
    answer = await officer.post(PATH, content=body, headers=JSON)
    assert answer.status_code == (400 if count in {"1e400", "NaN"} else 422), answer.text
    bulk = await officer.post("/v1/reports", content=body.replace('{"', '{"facility_id": "rs-a", "', 1), headers=NDJSON)
    assert bulk.json()["refused"] == 1


async def test_a_byte_order_mark_is_removed_on_every_route(officer: Any) -> None:
    report = json.dumps(wire(beds())).encode()
    assert (await officer.post(PATH, content=BOM + report, headers=JSON)).status_code == 201
    many = json.dumps({"facility_id": "rs-a", **wire(beds())}).encode()
    for body, headers in ((b"[" + many + b"]", JSON), (many + b"\n" + many, NDJSON)):
        answer = await officer.post("/v1/reports", content=BOM + body, headers=headers)
        assert answer.json()["refused"] == 0, answer.text
    area = b'{"code": "33.74.03", "name": "X", "level": "kecamatan", "type": "kecamatan", "parent": "33.74"}'
    assert (await officer.post("/v1/areas", content=BOM + area, headers=JSON)).status_code in {200, 201}


async def test_openapi_still_says_integer(client: Any) -> None:
    schemas = (await client.get("/openapi.json")).json()["components"]["schemas"]
    assert {"type": "integer", "minimum": 0, "maximum": 100_000}.items() <= schemas["LineIn"]["properties"]["queue"][
        "anyOf"
    ][0].items()


async def test_names_tell_a_part_from_its_whole(client: Any) -> None:
    names = {one["code"]: one["name"] for one in (await client.get("/v1/bed-types")).json()["bed_types"]}
    assert names["icu"] == {"id": "ICU, ventilator tidak disebut", "en": "ICU, ventilator not stated"}
