"""Planned changes of facilities over HTTP: shown everywhere, cancelled by their id, told by streams at their time."""

from collections.abc import Callable, Coroutine
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from app.domain.registry.planned_changes import PLANS_MAX
from app.runtime import planned_changes as module
from app.runtime.planned_changes import PlannedChanges
from tests.conftest import Clock, Service
from tests.factories import MORNING
from tests.sse import listening

ANY = {"If-Match": "*"}
LATER = "2026-11-23T12:00:00+07:00"
NEW = {"facility_id": "pkm-f", "kind": "clinic", "name": "Puskesmas F", "area_code": "33.74.01.1001"}
REPORT = {"observed_at": "2026-11-23T10:00:00+07:00", "lines": [{"bed_type": "icu", "beds_total": 10}]}
CITY = "/v1/areas/33.74/capacity"
Look = Callable[[], Coroutine[Any, Any, int]]


@pytest.fixture(autouse=True)
def by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test says when the node looks."""
    monkeypatch.setattr(module, "LOOK_SECONDS", 3600)


@pytest.fixture
def look(service: Service, clock: Clock) -> Look:
    """The time has come."""

    async def at_five() -> int:
        clock.now = MORNING + timedelta(hours=2)
        node = service.node
        return await PlannedChanges(node.board, node.write_queue, clock).carry_out_due()

    return at_five


async def test_a_planned_change_is_answered_with_the_facility_as_it_is(officer, client, look: Look):
    change = {
        "name": "RS Baru",
        "stale_after_hours": 1,
        "silent_after_hours": 2.5,
        "switches": ["sirs_status"],
        "phone": None,
        "reason": "new owner",
        "effective_at": LATER,
    }
    answer = await officer.patch("/v1/facilities/rs-a", json=change, headers=ANY)
    assert answer.status_code == 200
    shown = answer.json()
    assert (shown["name"], shown["stale_after_hours"]) == ("RS A", None)
    [planned] = shown["planned"]
    assert planned == {
        "plan_id": planned["plan_id"],
        "effective_at": "2026-11-23T05:00:00Z",
        "reason": "new owner",
        "changes": {
            "name": "RS Baru",
            "stale_after_hours": 1.0,
            "silent_after_hours": 2.5,
            "switches": ["sirs_status"],
            "phone": None,
        },
        "problem": None,
    }
    read = await client.get("/v1/facilities/rs-a")
    assert read.json()["planned"] == [planned]
    assert read.headers["etag"].startswith(answer.headers["etag"].rstrip('"'))
    listed = (await client.get("/v1/areas/33.74.01.1001/facilities")).json()["facilities"]
    assert [row["planned"] for row in listed if row["facility_id"] == "rs-a"] == [[planned]]
    feed = (await client.get("/v1/changes?wait=0")).text
    assert planned["plan_id"] in feed
    assert await look() == 1
    read = (await client.get("/v1/facilities/rs-a")).json()
    assert (read["name"], read["stale_after_hours"], read["switches"], read["planned"]) == (
        *("RS Baru", 1.0, ["sirs_status"]),
        [],
    )


@pytest.mark.parametrize("verb", ["close", "open"])
async def test_closing_and_opening_may_be_planned(officer, verb: str):
    answer = await officer.post(
        f"/v1/facilities/rs-a/{verb}", json={"effective_at": LATER, "reason": "rebuilding"}, headers=ANY
    )
    assert answer.json()["is_open"] is True
    assert [plan["changes"] for plan in answer.json()["planned"]] == [{"is_open": verb == "open"}]


async def test_a_plan_is_cancelled_by_its_id(officer, client, look: Look):
    shown = await officer.post("/v1/facilities/rs-a/close", json={"effective_at": LATER}, headers=ANY)
    path = f"/v1/facilities/rs-a/planned/{shown.json()['planned'][0]['plan_id']}"
    assert (await client.delete(path, headers=ANY)).status_code == 401
    assert (await officer.delete(path)).status_code == 428
    assert (await officer.delete(path, headers={"If-Match": '"2"'})).status_code == 412
    unknown = await officer.delete("/v1/facilities/rs-a/planned/x", headers=ANY)
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not-found")
    gone = await officer.delete(f"{path}?reason=postponed", headers={"If-Match": shown.headers["etag"]})
    assert (gone.status_code, gone.json()["planned"]) == (200, [])
    assert gone.headers["etag"] != shown.headers["etag"]
    assert (await officer.delete(path, headers=ANY)).status_code == 404
    assert await look() == 0
    assert (await client.get("/v1/facilities/rs-a")).json()["is_open"] is True


@pytest.mark.parametrize(
    ("change", "pointer", "why"),
    [
        ({"name": "N", "effective_at": "2032-01-01T00:00:00Z"}, "#/effective_at", "is more than 5 years ahead"),
        ({"effective_at": LATER}, "#/effective_at", "is in the future, but no field changes then"),
        ({"area_code": "99", "effective_at": LATER}, "#/area_code", "there is no area '99'"),
    ],
)
async def test_faults_of_a_plan_name_what_is_wrong(officer, change, pointer, why):
    answer = await officer.patch("/v1/facilities/rs-a", json=change, headers=ANY)
    assert answer.status_code == 422
    assert [(error["pointer"], error["detail"]) for error in answer.json()["errors"]] == [(pointer, why)]


async def test_a_facility_has_at_most_twenty_plans(officer):
    for _ in range(PLANS_MAX):
        answer = await officer.post("/v1/facilities/rs-a/close", json={"effective_at": LATER}, headers=ANY)
        assert answer.status_code == 200
    answer = await officer.post("/v1/facilities/rs-a/close", json={"effective_at": LATER}, headers=ANY)
    assert answer.status_code == 409
    assert answer.json()["detail"] == "rs-a already has 20 planned changes; cancel one of them first."


async def test_a_facility_may_be_registered_before_it_opens(officer, client, look: Look):
    answer = await officer.post("/v1/facilities", json={**NEW, "opened_at": LATER})
    assert answer.status_code == 201
    [shown] = answer.json()["facilities"]
    assert (shown["is_open"], shown["opened_at"]) == (False, "2026-11-23T05:00:00Z")
    assert [(plan["effective_at"], plan["changes"]) for plan in shown["planned"]] == [
        ("2026-11-23T05:00:00Z", {"is_open": True})
    ]
    assert (await client.get("/v1/facilities/pkm-f")).status_code == 200
    refused = await officer.post("/v1/facilities/pkm-f/reports", json=REPORT)
    assert (refused.status_code, refused.json()["code"]) == (410, "gone")
    assert refused.json()["detail"] == "This facility opens on 2026-11-23 at 05:00 UTC and accepts no reports before."
    listed = (await client.get("/v1/areas/33.74/facilities")).json()["facilities"]
    assert "pkm-f" not in [row["facility_id"] for row in listed]
    before = (await client.get(CITY)).json()["reporting"]["facilities"]
    await look()
    assert (await client.get("/v1/facilities/pkm-f")).json()["is_open"] is True
    assert (await client.get(CITY)).json()["reporting"]["facilities"] == before + 1
    assert (await officer.post("/v1/facilities/pkm-f/reports", json=REPORT)).status_code == 201


async def test_what_takes_effect_is_told_by_streams_and_the_feed(
    service: Service, officer: httpx2.AsyncClient, client: httpx2.AsyncClient, look: Look
):
    await officer.post("/v1/facilities/rs-a/reports", json=REPORT)
    await officer.patch("/v1/facilities/rs-a", json={"area_code": "33.75", "effective_at": LATER}, headers=ANY)
    position = service.node.board.position
    tag = (await client.get(CITY)).headers["etag"]
    async with (
        listening(service, "/v1/areas/33.74/stream") as city,
        listening(service, "/v1/areas/33.75/stream") as other,
        listening(service, "/v1/areas/33.74/stream?events=changes", Last_Event_ID=str(position)) as changes,
    ):
        assert (await city.next()).data["totals"]["beds_total"] == 10
        assert (await other.next()).data["totals"]["beds_total"] is None
        assert await look() == 1
        told = await city.next()
        assert (told.id, told.data["totals"]["beds_total"]) == (position + 1, None)
        assert (await other.next()).data["totals"]["beds_total"] == 10
        left = await changes.next()
        assert (left.name, left.id, left.data["facility_id"]) == ("left", position + 1, "rs-a")
    assert (await client.get(CITY)).headers["etag"] != tag
    assert '"area_code":"33.75"' in (await client.get(f"/v1/changes?wait=0&after={position}")).text


@pytest.mark.parametrize("opens", [True, False])
async def test_hospital_software_is_told_in_indonesian_when_it_may_report(
    service: Service, officer: httpx2.AsyncClient, client: httpx2.AsyncClient, *, opens: bool
):
    added = await officer.post("/v1/hospitals", json={"sirs": "3374001"})
    login = added.json()["sirs"]
    await officer.post("/v1/facilities/rs-a/close", headers=ANY)
    if opens:
        await officer.post("/v1/facilities/rs-a/open", json={"effective_at": LATER}, headers=ANY)
    headers = {"X-rs-id": login["x_rs_id"], "X-pass": login["x_pass"], "X-Timestamp": "1795402800"}
    answer = await client.get("/fo/index.php/Fasyankes", headers=headers)
    expected = "fasyankes ini baru dibuka pada 2026-11-23 05:00 UTC" if opens else "fasyankes ini sudah ditutup"
    assert expected in answer.text
