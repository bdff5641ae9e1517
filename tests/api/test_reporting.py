"""The list of calls: who is not fresh, since when, and how many beds are uncertain."""

import csv
import io
import json

import pytest

from app.actions.register_facilities import FacilityChange, change_facility, register_facilities
from app.actions.submit_reports import submit_reports
from app.board import overdue
from app.domain.channels import Channel
from app.domain.permissions import NATIONAL, OPERATOR, Actor, Role
from app.domain.registry.facility import Facility, FacilityKind
from tests.conftest import Clock, Service
from tests.factories import line, report

COMMAND = Actor("command", Role.command, NATIONAL)
CITY = "/v1/areas/33.74/reporting"


@pytest.fixture
async def client(service: Service, clock: Clock):
    """A reader of a city at noon: rs-a late, rw-d fresh, iso-c and rs-b never heard."""
    version = service.node.board.facility("rs-a").seq
    await change_facility(service.node, "rs-a", FacilityChange(phone="024 1"), by=COMMAND, reason="", if_match=version)
    told = [
        report(line("icu", beds_total=10, beds_occupied=4), line("ward_1", beds_occupied=3, beds_available=2)),
        report(line("isolation_bed", beds_total=6), facility_id="rw-d"),
    ]
    await submit_reports(service.node, told, by=COMMAND)
    clock.advance(hours=9)
    async with service.client() as reader:
        yield reader


async def test_it_lists_who_is_not_fresh_with_what_to_know_for_a_call(client, service):
    document = (await client.get(CITY)).json()
    assert document["area"]["code"] == "33.74"
    assert (document["position"], document["as_of"]) == (service.node.board.position, "2026-11-23T12:00:00Z")
    assert document["reporting"] == (await client.get("/v1/areas/33.74/capacity")).json()["reporting"]
    assert document["next_cursor"] is None
    first, *others = document["facilities"]
    assert first == {
        "facility": {"facility_id": "rs-a", "name": "RS A", "kind": "hospital", "area_code": "33.74.01.1001"},
        "freshness": "stale",
        "observed_at": "2026-11-23T03:00:00Z",
        "since": "2026-11-23T09:00:00Z",
        "beds_at_stake": 15,
        "contact": {"name": None, "phones": ["024 1"]},
    }
    assert [row["facility"]["facility_id"] for row in others] == ["iso-c", "rs-b"]
    for row in others:
        assert (row["freshness"], row["since"], row["beds_at_stake"], row["contact"]) == ("never", None, None, None)


async def test_it_follows_the_clock_and_reports(client, service, clock: Clock):
    await submit_reports(service.node, [report(minutes=9 * 60)], by=COMMAND)
    assert [row["facility"]["facility_id"] for row in (await client.get(CITY)).json()["facilities"]] == [
        "iso-c",
        "rs-b",
    ]
    clock.advance(days=32)
    rows = (await client.get(CITY)).json()["facilities"]
    assert [(row["facility"]["facility_id"], row["freshness"], row["beds_at_stake"]) for row in rows] == [
        ("rs-a", "lapsed", 15),
        ("rw-d", "lapsed", 6),
        ("iso-c", "never", None),
        ("rs-b", "never", None),
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?freshness=stale", ["rs-a"]),
        ("?freshness=silent,never", ["iso-c", "rs-b"]),
        ("?kind=hospital", ["rs-a", "rs-b"]),
        ("?kind=rw_hall", []),
        ("?sort=since", ["rs-a", "iso-c", "rs-b"]),
        ("?freshness=never&kind=isolation_site", ["iso-c"]),
    ],
)
async def test_filters_and_order(client, query, found):
    document = (await client.get(CITY + query)).json()
    assert [row["facility"]["facility_id"] for row in document["facilities"]] == found


async def test_with_kinds_the_counts_are_about_these_kinds(client):
    counts = (await client.get(CITY + "?kind=hospital&freshness=stale")).json()["reporting"]
    assert (counts["facilities"], counts["stale"], counts["never"]) == (2, 1, 1)


@pytest.mark.parametrize("few", [0, 2_000])
@pytest.mark.parametrize("sort", ["beds_at_stake", "since"])
async def test_pages_have_everyone_once_in_order(client, service, monkeypatch, few, sort):
    monkeypatch.setattr(overdue, "FEW", few)
    more = [Facility(f"h{n:02d}", FacilityKind.hospital, "H", "33.74.01", "city") for n in range(23)]
    await register_facilities(service.node, more, by=OPERATOR)
    told = [
        report(line("icu", beds_total=n % 5), facility_id=f"h{n:02d}", minutes=-60 * (n % 7), channel=Channel.native)
        for n in range(20)
    ]
    await submit_reports(service.node, told, by=COMMAND)
    whole = (await client.get(f"{CITY}?sort={sort}")).json()["facilities"]
    pages, cursor = [], ""
    while cursor is not None:
        page = (await client.get(f"{CITY}?sort={sort}&limit=4{cursor and '&cursor=' + cursor}")).json()
        pages += page["facilities"]
        cursor = page["next_cursor"]
    assert pages == whole
    assert len(whole) == 26
    keys = [(row[sort] is None, row[sort], row["facility"]["facility_id"]) for row in whole]
    known = [key for key in keys if not key[0]]
    if sort == "beds_at_stake":
        assert known == sorted(known, key=lambda key: (-key[1], key[2]))
    else:
        assert known == sorted(known)
    assert keys[len(known) :] == sorted(keys[len(known) :])


async def test_a_cursor_of_another_order_or_list_is_refused(client):
    cursor = (await client.get(CITY + "?limit=1")).json()["next_cursor"]
    for query in (f"?sort=since&cursor={cursor}", "?cursor=abc"):
        answer = await client.get(CITY + query)
        assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


@pytest.mark.parametrize("query", ["?freshness=fresh", "?sort=name", "?limit=0", "?limit=501", "?kind=x", "?x=1"])
async def test_what_it_does_not_know_is_refused(client, query):
    assert (await client.get(CITY + query)).status_code == 422


async def test_an_unknown_area_is_404(client):
    assert (await client.get("/v1/areas/99/reporting")).status_code == 404


async def test_files_have_all_rows(client):
    answer = await client.get(CITY + "?format=csv&limit=1")
    assert answer.headers["content-disposition"] == 'attachment; filename="reporting-33.74.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [row["facility_id"] for row in rows] == ["rs-a", "iso-c", "rs-b"]
    assert rows[0] == {
        "facility_id": "rs-a",
        "name": "RS A",
        "kind": "hospital",
        "area_code": "33.74.01.1001",
        "lat": "-6.98",
        "lon": "110.42",
        "freshness": "stale",
        "observed_at": "2026-11-23T03:00:00Z",
        "since": "2026-11-23T09:00:00Z",
        "beds_at_stake": "15",
        "contact_name": "",
        "phones": "024 1",
    }
    lines = (await client.get(CITY + "?format=ndjson")).text.splitlines()
    assert [json.loads(each)["facility_id"] for each in lines] == ["rs-a", "iso-c", "rs-b"]
    assert (await client.get(CITY + "?format=xlsx")).content.startswith(b"PK")
    features = (await client.get(CITY + "?format=geojson")).json()["features"]
    assert features[0]["geometry"]["coordinates"] == [110.42, -6.98]


async def test_a_closed_facility_is_not_called(client, officer):
    tag = (await client.get("/v1/facilities/rs-b")).headers["etag"]
    answer = await officer.post("/v1/facilities/rs-b/close", headers={"If-Match": tag}, json={})
    assert answer.status_code == 200
    assert "rs-b" not in (await client.get(CITY)).text
