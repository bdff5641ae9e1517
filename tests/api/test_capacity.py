"""An area added up, over HTTP: filters, tags, waiting, and who may see it."""

import time
from dataclasses import replace

import pytest

from app.actions.submit_reports import submit_reports
from app.domain.permissions import NATIONAL, Actor, Role
from tests.conftest import Clock, Service
from tests.factories import line, report

COMMAND = Actor("command", Role.command, NATIONAL)


@pytest.fixture
async def reported(service: Service) -> Service:
    """A hospital and a hall have spoken."""
    await submit_reports(
        service.node,
        [
            report(line("icu"), line("ward_1", beds_total=20, beds_occupied=25), facility_id="rs-a"),
            report(line("isolation_bed", beds_total=5), facility_id="rw-d"),
        ],
        by=COMMAND,
    )
    return service


def without_totals(block: dict) -> dict:
    return {name: value for name, value in block.items() if name in {"group", "bed_type", "kind", "facilities"}}


async def test_the_document_is_the_contracts(reported, client):
    body = (await client.get("/v1/areas/33.74/capacity")).json()
    assert list(body) == [
        "area", "position", "as_of", "totals", "by_group", "by_bed_type", "by_kind", "reporting"
    ]  # fmt: skip
    assert body["area"] == {"code": "33.74", "name": "Kota Semarang", "level": "city", "type": "kota"}
    assert body["totals"] == {
        "beds_total": 35,
        "beds_occupied": 29,
        "beds_blocked": 0,
        "beds_available": 6,
        "occupancy": round(29 / 30, 4),
        "queue": None,
        "unknown_lines": 1,
        "facilities": 2,
        "flagged_lines": 1,
        "beds_available_without_total": 0,
        "fresh": {
            "beds_total": 35,
            "beds_occupied": 29,
            "beds_available": 6,
            "beds_blocked": 0,
            "queue": None,
            "occupancy": round(29 / 30, 4),
            "facilities": 2,
            "oldest_observed_at": "2026-11-23T03:00:00Z",
        },
        "oldest_observed_at": "2026-11-23T03:00:00Z",
        "newest_observed_at": "2026-11-23T03:00:00Z",
    }
    assert {block["group"] for block in body["by_group"]} == {"intensive", "ward", "isolation"}
    assert {block["bed_type"] for block in body["by_bed_type"]} == {"icu", "ward_1", "isolation_bed"}
    assert {block["kind"]: block["facilities"] for block in body["by_kind"]} == {
        "hospital": 2,
        "isolation_site": 1,
        "rw_hall": 1,
    }
    assert body["reporting"] == {
        "facilities": 4,
        "fresh": 2,
        "stale": 0,
        "silent": 0,
        "lapsed": 0,
        "never": 2,
        "completeness": 0.5,
        "oldest_observed_at": "2026-11-23T03:00:00Z",
        "newest_observed_at": "2026-11-23T03:00:00Z",
    }


@pytest.mark.parametrize(
    ("query", "total"),
    [
        ("kind=rw_hall", 5),
        ("kind=rw_hall,hospital", 35),
        ("kind=rw_hall&kind=hospital", 35),
        ("kind=clinic", None),
        ("group=intensive", 10),
        ("bed_type=icu,ward_1", 30),
        ("operated_by=rw", 5),
        ("group=intensive&kind=rw_hall", None),
        ("fresh_only=true", 35),
    ],
)
async def test_filters_leave_the_rest_out(reported, client, query, total):
    assert (await client.get(f"/v1/areas/33.74/capacity?{query}")).json()["totals"]["beds_total"] == total


async def test_fresh_only_leaves_old_figures_out(reported, client, clock: Clock):
    clock.advance(hours=10)
    everything = (await client.get("/v1/areas/33.74/capacity")).json()
    fresh = (await client.get("/v1/areas/33.74/capacity?fresh_only=true")).json()
    assert everything["totals"]["beds_total"] == 35
    assert everything["reporting"]["stale"] == 1
    assert fresh["totals"]["beds_total"] == 5


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("kind=hotel", "#/query/kind/0"),
        ("kind=", "#/query/kind/0"),
        ("bed_type=icu,none", "#/query/bed_type/1"),
        ("group=" + ",".join(["ward"] * 51), "#/query/group"),
        ("fresh_only=maybe", "#/query/fresh_only"),
        ("min_position=-1", "#/query/min_position"),
        ("min_position=1.0", "#/query/min_position"),
        ("min_position=" + "9" * 30, "#/query/min_position"),
        ("operated_by=%00", "#/query/operated_by/0"),
        ("at=2026-11-23T00:00:00Z", "#/query/at"),
    ],
)
async def test_a_filter_that_means_nothing_is_refused(client, query, pointer):
    answer = await client.get(f"/v1/areas/33.74/capacity?{query}")
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_fifty_values_are_taken(client):
    query = "bed_type=" + ",".join(["icu"] * 50)
    assert (await client.get(f"/v1/areas/33.74/capacity?{query}")).status_code == 200


@pytest.mark.parametrize("path", ["/v1/areas/33.74/capacity", "/v1/areas/33.74/capacity/children"])
async def test_an_area_that_did_not_change_is_304(reported, client, clock: Clock, path):
    first = await client.get(path)
    tag = first.headers["etag"]
    # Time passes, and something happens elsewhere: nothing of it concerns this city.
    clock.advance(minutes=1)
    await submit_reports(reported.node, [report(facility_id="rs-e")], by=COMMAND)
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        again = await client.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert (await client.get(path, headers={"If-None-Match": '"other"'})).status_code == 200


async def test_the_tag_changes_with_a_figure_and_with_freshness(reported, client, clock: Clock):
    path = "/v1/areas/33.74/capacity"
    tags = [(await client.get(path)).headers["etag"]]
    await submit_reports(reported.node, [report(line(beds_total=10, beds_occupied=5), minutes=1)], by=COMMAND)
    tags.append((await client.get(path)).headers["etag"])
    clock.advance(hours=7)
    tags.append((await client.get(path)).headers["etag"])
    tags.append((await client.get(path + "/children")).headers["etag"])
    tags.append((await client.get(path + "/children?format=csv")).headers["etag"])
    assert len(set(tags)) == 5


async def test_children_and_unplaced_add_up_to_the_area(reported, client):
    await submit_reports(reported.node, [report(facility_id="iso-c")], by=COMMAND)
    body = (await client.get("/v1/areas/33.74.01/capacity/children")).json()
    whole = (await client.get("/v1/areas/33.74.01/capacity")).json()
    assert [child["area"]["code"] for child in body["children"]] == ["33.74.01.1001", "33.74.01.1002"]
    assert body["unplaced"]["totals"]["beds_total"] == 10
    parts = [*body["children"], body["unplaced"]]
    assert sum(part["totals"]["beds_total"] or 0 for part in parts) == whole["totals"]["beds_total"]
    assert body["position"] == whole["position"] == body["children"][0]["position"]


async def test_an_unknown_area_is_404(client):
    for path in ("", "/capacity", "/capacity/children", "/facilities"):
        assert (await client.get(f"/v1/areas/99.99{path}")).status_code == 404


async def test_a_position_beyond_the_ledger_is_503_at_once_with_when_to_come_back(client):
    """Who waits for what was never written would hold the place of somebody else."""
    started = time.monotonic()
    answer = await client.get("/v1/areas/33.74/capacity?min_position=999")
    assert time.monotonic() - started < 1
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert int(answer.headers["retry-after"]) >= 1


async def test_the_position_is_that_of_the_last_receipt(reported, client):
    body = (await client.get("/v1/position")).json()
    assert body == {
        "position": reported.node.board.position,
        "position_token": str(reported.node.board.head),
        "recorded_at": "2026-11-23T03:00:00Z",
    }


@pytest.mark.parametrize("path", ["/capacity", "/capacity/children", "/facilities"])
async def test_a_position_is_of_one_history(reported, client, path):
    """A token names more than a number: that of a history which was cut off is told apart, and nobody waits for it."""
    head = reported.node.board.head
    for token, status in ((str(head), 200), (str(head.seq), 200), (f"{head.seq}-{'0' * 12}", 410), ("0", 200)):
        answer = await client.get(f"/v1/areas/33.74{path}?min_position={token}")
        assert answer.status_code == status, answer.text
    for token in (f"{head.seq}-0", f"{head.seq}-{'g' * 12}", "-1", "1.0", "9" * 30, str(2**63)):
        assert (await client.get(f"/v1/areas/33.74{path}?min_position={token}")).status_code == 422, token


async def test_reading_makes_no_sql(reported, client, monkeypatch):
    def forbidden(*_: object) -> None:
        raise AssertionError("a read path asked the database")

    monkeypatch.setattr(type(reported.node.database), "reading", forbidden)
    monkeypatch.setattr(type(reported.node.database), "transaction", forbidden)
    for path in (
        "/v1/areas",
        "/v1/areas/33.74",
        "/v1/areas/33.74/capacity",
        "/v1/areas/33.74/capacity/children",
        "/v1/areas/33.74/capacity/children?format=xlsx",
        "/v1/areas/33.74/facilities",
        "/v1/areas/33.74/facilities?format=csv",
        "/v1/facilities/rs-a",
        "/v1/position",
        "/v1/bed-types",
    ):
        assert (await client.get(path)).status_code == 200, path
    monkeypatch.undo()


# Where figures are not public.


@pytest.fixture
async def private(reported: Service) -> Service:
    """The same service, closed to the public."""
    state = {**reported.state, "node": replace(reported.node, public_read=False)}
    return Service(reported.app, state)


PRIVATE_PATHS = [
    "/v1/areas/33.74/capacity",
    "/v1/areas/33.74/capacity/children",
    "/v1/areas/33.74/facilities",
    "/v1/facilities/rs-a",
]


async def test_without_a_key_nothing_is_told_not_even_what_exists(private):
    async with private.client() as client:
        for path in [
            *PRIVATE_PATHS,
            "/v1/areas",
            "/v1/areas/33.74",
            "/v1/areas/99",
            "/v1/facilities/nobody",
            "/v1/position",
        ]:
            assert (await client.get(path)).status_code == 401, path


async def test_a_key_sees_its_own_area_and_no_other(private):
    async with private.client(await private.key(area="33.74")) as district:
        for path in PRIVATE_PATHS:
            assert (await district.get(path)).status_code == 200, path
        hidden = await district.get("/v1/facilities/rs-e")
        unknown = await district.get("/v1/facilities/nobody")
        assert (await district.get("/v1/areas/33/capacity")).status_code == 404
    assert hidden.status_code == unknown.status_code == 404
    assert {**hidden.json(), "instance": ""} == {**unknown.json(), "instance": ""}


async def test_a_hospital_sees_itself(private):
    async with private.client(await private.key(facility="rs-a")) as hospital:
        assert (await hospital.get("/v1/facilities/rs-a")).status_code == 200
        assert (await hospital.get("/v1/facilities/rs-b")).status_code == 404
        assert (await hospital.get("/v1/areas/33.74/capacity")).status_code == 404
        assert (await hospital.get("/v1/areas/33.74")).status_code == 200
