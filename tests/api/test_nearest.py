"""The nearest beds over HTTP: where from, what is shown, and what is not."""

import csv
import io

import pytest

from app.actions.register_areas import register_areas
from app.actions.register_facilities import register_facilities
from app.actions.submit_reports import submit_reports
from app.domain.permissions import NATIONAL, OPERATOR, Actor, Role
from app.domain.registry.area import Area, AreaLevel
from app.domain.registry.facility import Facility, FacilityKind
from app.main import create_app
from tests.conftest import Clock, Service
from tests.factories import build_world, line, report

COMMAND = Actor("command", Role.command, NATIONAL)
NEAREST = "/v1/beds/nearest"
HERE = f"{NEAREST}?lat=-6.98&lon=110.42"


async def tell(service: Service) -> None:
    told = [
        report(line("icu", beds_total=10, beds_occupied=4, queue=1), facility_id="rs-a"),
        report(line("icu", beds_total=10, beds_occupied=8, queue=2), facility_id="rs-b"),
        report(line("isolation_bed", beds_total=6), facility_id="iso-c"),
        report(line("icu", beds_total=5, beds_occupied=1), facility_id="rs-e"),
        report(line("icu", beds_total=5, beds_occupied=5), facility_id="rs-f"),
    ]
    more = Facility("rs-f", FacilityKind.hospital, "RS F", "33.74.01", "city", -6.99, 110.43, "024 6")
    await register_facilities(service.node, [more], by=OPERATOR)
    await submit_reports(service.node, told, by=COMMAND)


@pytest.fixture
async def client(service: Service):
    await tell(service)
    async with service.client() as reader:
        yield reader


def ids(document: dict, name: str) -> list[str]:
    return [row["facility"]["facility_id"] for row in document[name]]


async def test_three_lists_by_distance_say_where_to_go_and_why_not_nearer(client, service):
    document = (await client.get(HERE + "&bed_type=icu")).json()
    assert (document["position"], document["as_of"]) == (service.node.board.position, "2026-11-23T03:00:00Z")
    assert document["origin"] == {"lat": -6.98, "lon": 110.42}
    assert {name: ids(document, name) for name in ("beds", "full", "not_fresh")} == {
        "beds": ["rs-a", "rs-e"],
        "full": ["rs-f", "rs-b"],
        "not_fresh": [],
    }
    assert document["beds"][0] == {
        "facility": {
            "facility_id": "rs-a",
            "name": "RS A",
            "kind": "hospital",
            "area_code": "33.74.01.1001",
            "location": {"lat": -6.98, "lon": 110.42},
            "location_is": "facility",
        },
        "distance_km": 0.0,
        "beds_available": 6,
        "observed_at": "2026-11-23T03:00:00Z",
        "age_seconds": 0,
        "freshness": "fresh",
        "queue": 1,
        "phones": [],
    }
    assert [(row["reason"], row["phones"]) for row in document["full"]] == [("no_free_bed", ["024 6"]), ("queue", [])]


async def test_who_has_no_coordinates_stands_at_the_point_of_its_area(client):
    document = (await client.get(HERE + "&bed_type=icu")).json()
    far = document["beds"][1]["facility"]  # rs-e in 33.75, which has none either
    assert (far["location"], far["location_is"]) == ({"lat": -7.26, "lon": 110.2}, "area")


async def test_old_figures_are_never_among_the_beds(client, service, clock: Clock):
    clock.advance(hours=7)
    await submit_reports(
        service.node,
        [report(line("icu", beds_total=9, beds_occupied=8), facility_id="rs-b", minutes=7 * 60)],
        by=COMMAND,
    )
    document = (await client.get(HERE + "&group=intensive")).json()
    assert (ids(document, "beds"), ids(document, "full")) == (["rs-b"], [])
    assert [
        (row["facility"]["facility_id"], row["freshness"], row["age_seconds"]) for row in document["not_fresh"]
    ] == [
        ("rs-a", "stale", 7 * 3600),
        ("rs-f", "stale", 7 * 3600),
        ("rs-e", "stale", 7 * 3600),
    ]


@pytest.mark.parametrize(
    ("query", "beds"),
    [
        ("&bed_type=icu&min_available=5", ["rs-a"]),
        ("&bed_type=icu,ward_1", ["rs-a", "rs-e"]),
        ("&group=isolation", []),
        ("&kind=clinic", []),
        ("&kind=hospital,clinic&limit=1", ["rs-a"]),
        ("", ["rs-a", "rs-e"]),
    ],
)
async def test_filters(client, query, beds):
    assert ids((await client.get(HERE + query)).json(), "beds") == beds


async def test_fresh_lines_that_do_not_say_what_is_free_are_not_free(client):
    (row,) = (await client.get(HERE + "&group=isolation")).json()["full"]
    assert (row["facility"]["facility_id"], row["beds_available"], row["reason"]) == ("iso-c", None, "unknown")


async def test_the_place_may_be_an_area_or_a_facility(client):
    document = (await client.get(f"{NEAREST}?area=33.74.01&bed_type=icu")).json()
    assert document["origin"] == {"lat": -7.02, "lon": 110.39}  # the kecamatan has none: that of the city
    for reference in ("rs-a", "sirs:3374001"):
        document = (await client.get(f"{NEAREST}?facility={reference}&bed_type=icu")).json()
        assert (document["origin"], ids(document, "beds")[0]) == ({"lat": -6.98, "lon": 110.42}, "rs-a")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("", "one place"),
        ("?bed_type=icu", "one place"),
        ("?lat=-6.98&lon=110.42&area=33.74", "one place"),
        ("?area=33.74&facility=rs-a", "one place"),
        ("?lat=-6.98", "go together"),
        ("?lon=110.42", "go together"),
        ("?area=ID", "no coordinates"),
        ("?lat=91&lon=0", "less than or equal to 90"),
        ("?lat=nan&lon=0", "degrees"),
        ("?lat=1e1&lon=0", "degrees"),
        ("?area=33.74&bed_type=icu&group=ward", "not both"),
        ("?area=33.74&bed_type=bunk", "not a bed type"),
        ("?area=33.74&min_available=0", "greater than or equal to 1"),
        ("?area=33.74&limit=101", "less than or equal to 100"),
        ("?area=33.74&x=1", "x"),
    ],
)
async def test_a_question_that_cannot_be_answered_says_what_to_send(client, query, words):
    answer = await client.get(NEAREST + query)
    assert answer.status_code == 422
    assert words in str(answer.json()["errors"])


@pytest.mark.parametrize("query", ["?area=99", "?facility=rs-z", "?facility=sirs:1"])
async def test_an_unknown_place_is_404(client, query):
    assert (await client.get(NEAREST + query)).status_code == 404


async def test_a_facility_without_any_coordinates_around_it_is_no_place(client, service):
    await register_areas(service.node, [Area("SG", "SG", AreaLevel.country, "country", None)], by=OPERATOR)
    await register_facilities(service.node, [Facility("rs-sg", FacilityKind.hospital, "S", "SG")], by=OPERATOR)
    answer = await client.get(f"{NEAREST}?facility=rs-sg")
    assert (answer.status_code, "no coordinates" in answer.text) == (422, True)


async def test_what_moves_or_closes_is_found_where_it_is(client, officer):
    for facility_id, path, body in (("rs-a", "/close", {}), ("rs-e", "", {"lat": -6.98, "lon": 110.42})):
        tag = (await client.get(f"/v1/facilities/{facility_id}")).headers["etag"]
        ask = officer.post if path else officer.patch
        answer = await ask(f"/v1/facilities/{facility_id}{path}", headers={"If-Match": tag}, json=body)
        assert answer.status_code == 200
    document = (await client.get(HERE + "&bed_type=icu")).json()
    assert [(row["facility"]["facility_id"], row["distance_km"]) for row in document["beds"]] == [("rs-e", 0.0)]
    assert "rs-a" not in str(document)


async def test_an_area_that_gets_a_point_moves_its_facilities(client, officer):
    area = {"code": "33.75", "name": "Kota Pekalongan", "level": "city", "type": "kota", "parent": "33"}
    answer = await officer.post("/v1/areas", json={**area, "lat": -6.98, "lon": 110.421})
    assert answer.status_code in {200, 201}
    rows = (await client.get(HERE + "&bed_type=icu")).json()["beds"]
    assert [(row["facility"]["facility_id"], row["distance_km"] < 0.2) for row in rows] == [
        ("rs-a", True),
        ("rs-e", True),
    ]


async def test_where_reading_needs_a_key_it_shows_what_the_key_covers(settings, clock):
    app = create_app(settings.model_copy(update={"public_read": False}), clock=clock)
    async with app.router.lifespan_context(app) as state:
        service = Service(app, dict(state))
        await build_world(service.node)
        await tell(service)
        async with service.client() as anonymous:
            assert (await anonymous.get(HERE)).status_code == 401
        async with service.client(await service.key(area="33.75")) as elsewhere:
            assert ids((await elsewhere.get(HERE + "&bed_type=icu")).json(), "beds") == ["rs-e"]
            assert (await elsewhere.get(f"{NEAREST}?area=33.74")).status_code == 404


async def test_as_a_table(client):
    answer = await client.get(HERE + "&bed_type=icu&format=csv")
    rows = list(csv.DictReader(io.StringIO(answer.text, newline="")))
    assert [(row["list"], row["facility_id"], row["beds_available"], row["reason"]) for row in rows] == [
        ("beds", "rs-a", "6", ""),
        ("beds", "rs-e", "4", ""),
        ("full", "rs-f", "0", "no_free_bed"),
        ("full", "rs-b", "2", "queue"),
    ]
    features = (await client.get(HERE + "&bed_type=icu&format=geojson")).json()["features"]
    assert features[0]["geometry"]["coordinates"] == [110.42, -6.98]
