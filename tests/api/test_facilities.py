"""Facilities found below an area, and one with all that is said of it."""

from dataclasses import replace
from typing import Any

import pytest

from app.actions.submit_reports import submit_reports
from app.domain.channels import Channel
from app.domain.permissions import NATIONAL, Actor, Role
from tests.conftest import Clock, Service
from tests.factories import line, report

COMMAND = Actor("command", Role.command, NATIONAL)


@pytest.fixture(autouse=True)
async def reported(service: Service) -> None:
    await submit_reports(
        service.node,
        [
            report(line("icu"), line("icu", ward="X", beds_available=3), facility_id="rs-a"),
            report(line("ward_1", beds_total=8, beds_occupied=8), facility_id="rs-b"),
            report(line("icu", beds_total=7), facility_id="rs-a", channel=Channel.sirs),
        ],
        by=COMMAND,
    )


async def ids(client, query: str = "") -> list[str]:
    answer = await client.get(f"/v1/areas/33.74/facilities?{query}")
    assert answer.status_code == 200, answer.text
    return [row["facility_id"] for row in answer.json()["facilities"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["iso-c", "rs-a", "rs-b", "rw-d"]),
        ("kind=hospital", ["rs-a", "rs-b"]),
        ("bed_type=icu", ["rs-a"]),
        ("group=intensive,ward", ["rs-a", "rs-b"]),
        ("min_available=9", ["rs-a"]),
        ("min_available=10", []),
        ("freshness=never", ["iso-c", "rw-d"]),
        ("near=-6.96,110.41", ["rs-b", "rs-a", "rw-d", "iso-c"]),
        ("q=rumah sakit", ["rs-a", "rs-b"]),
        ("q=RSUD B", ["rs-b"]),
        ("q=3374001", ["rs-a"]),
        ("q=rw 1", ["rw-d"]),
        ("q=rs&kind=hospital&near=-6.96,110.41", ["rs-b", "rs-a"]),
    ],
)
async def test_facilities_are_found_by_what_is_asked(client, query, expected):
    assert await ids(client, query) == expected


async def test_a_facility_is_drawn_at_its_own_place_or_at_that_of_its_area(client):
    rows = {row["facility_id"]: row for row in (await client.get("/v1/areas/33.74/facilities")).json()["facilities"]}
    assert (rows["rs-a"]["location"], rows["rs-a"]["location_is"]) == ({"lat": -6.98, "lon": 110.42}, "facility")
    # Its kecamatan has no point; the city's is the next one.
    assert (rows["iso-c"]["location"], rows["iso-c"]["location_is"]) == ({"lat": -7.02, "lon": 110.39}, "area")
    assert (rows["iso-c"]["lat"], rows["iso-c"]["lon"]) == (None, None)
    alone = (await client.get("/v1/facilities/iso-c")).json()
    assert (alone["location"], alone["location_is"]) == (rows["iso-c"]["location"], "area")
    of_province = (await client.get("/v1/facilities/rs-e")).json()
    assert (of_province["location"], of_province["location_is"]) == ({"lat": -7.26, "lon": 110.2}, "area")


async def test_near_gives_distances_where_they_are_known(client):
    rows = (await client.get("/v1/areas/33.74/facilities?near=-6.96,110.41")).json()["facilities"]
    assert rows[0]["distance_km"] == 0
    assert 2 < rows[1]["distance_km"] < 3
    assert rows[3]["distance_km"] is None


@pytest.mark.parametrize("query", ["limit=1", "limit=3", "limit=1&near=-6.96,110.41", "limit=1&q=r"])
async def test_pages_are_the_whole_list_once(client, query):
    found, cursor = [], ""
    while cursor is not None:
        path = f"/v1/areas/33.74/facilities?{query}" + (f"&cursor={cursor}" if cursor else "")
        body = (await client.get(path)).json()
        found += [row["facility_id"] for row in body["facilities"]]
        cursor = body["next_cursor"]
    assert sorted(found) == ["iso-c", "rs-a", "rs-b", "rw-d"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("near=1", "#/query/near"),
        ("near=91,0", "#/query/near"),
        ("near=nan,0", "#/query/near"),
        ("near=a,b", "#/query/near"),
        ("min_available=-1", "#/query/min_available"),
        ("freshness=new", "#/query/freshness/0"),
        ("colour=red", "#/query/colour"),
    ],
)
async def test_a_question_that_means_nothing_is_refused(client, query, pointer):
    answer = await client.get(f"/v1/areas/33.74/facilities?{query}")
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_a_cursor_of_another_list_is_refused(client):
    other = (await client.get("/v1/areas?limit=1")).json()["next_cursor"]
    assert (await client.get("/v1/areas/33.74/facilities", params={"cursor": other})).status_code == 400


async def test_one_facility_shows_every_door_and_adds_none(client):
    body = (await client.get("/v1/facilities/sirs:3374001")).json()
    assert body["facility_id"] == "rs-a"
    assert [area["code"] for area in body["path"]][-1] == body["area"]["code"] == "33.74.01.1001"
    assert (body["counting_channel"], body["pinned_channel"]) == ("native", None)
    assert [(c["channel"], c["counting"], c["totals"]["beds_total"]) for c in body["channels"]] == [
        ("native", True, 10),
        ("sirs", False, 7),
    ]
    assert [
        (shown["ward_code"], shown["beds_available"], shown["available_is"], shown["beds_total"])
        for shown in body["lines"]
    ] == [("", 6, "derived", 10), ("X", 3, "reported", None)]
    assert {shown["freshness"] for shown in body["lines"]} == {"fresh"}


async def test_figures_grow_old(client, clock: Clock):
    clock.advance(hours=7)
    body = (await client.get("/v1/facilities/rs-a")).json()
    assert body["freshness"] == body["lines"][0]["freshness"] == "stale"


async def test_who_never_spoke_has_no_figures(client):
    body = (await client.get("/v1/facilities/iso-c")).json()
    assert (body["freshness"], body["observed_at"], body["lines"], body["channels"]) == ("never", None, [], [])
    assert body["totals"]["beds_total"] is None


async def test_the_lines_of_a_facility_come_in_pages_that_join_and_the_sums_have_them_all(service: Service, client):
    """Every channel in the same pages, so that they can be compared line by line."""
    wards = [line("ward_1", ward=f"W{n:02d}", beds_total=1, beds_occupied=0) for n in range(9)]
    said = [
        report(*wards, facility_id="rs-b", channel=channel, complete=True) for channel in (Channel.native, Channel.sirs)
    ]
    await submit_reports(service.node, [said[0], replace(said[1], lines=said[1].lines[::2])], by=COMMAND)
    whole = (await client.get("/v1/facilities/rs-b")).json()
    assert (len(whole["lines"]), whole["next_lines_cursor"]) == (9, None)
    pages: list[dict[str, Any]] = []
    query = {"lines_limit": 4}
    while True:
        pages.append((await client.get("/v1/facilities/rs-b", params=query)).json())
        assert pages[-1]["totals"]["beds_total"] == 9
        if pages[-1]["next_lines_cursor"] is None:
            break
        query = {"lines_limit": 4, "lines_cursor": pages[-1]["next_lines_cursor"]}
    assert [len(page["lines"]) for page in pages] == [4, 4, 1]
    assert [each for page in pages for each in page["lines"]] == whole["lines"]
    for place, channel in enumerate(whole["channels"]):
        assert [each for page in pages for each in page["channels"][place]["lines"]] == channel["lines"]
        assert {page["channels"][place]["totals"]["beds_total"] for page in pages} == {channel["totals"]["beds_total"]}
    assert (await client.get("/v1/facilities/rs-b?lines_cursor=x")).status_code == 400
    assert (await client.get("/v1/facilities/rs-b?lines_limit=501")).status_code == 422
