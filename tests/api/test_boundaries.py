"""Outlines over HTTP: GeoJSON of one level, which clients may keep for a while."""

from dataclasses import replace

import httpx2
import pytest

from app.actions.import_boundaries import import_boundaries
from app.actions.register_areas import register_areas
from app.api.routes import boundaries
from app.config import Settings
from app.domain.permissions import OPERATOR
from app.main import create_app
from tests.actions.test_import_boundaries import file_of
from tests.conftest import Clock, Service

CITY = "/v1/areas/33.74/boundaries"


@pytest.fixture(autouse=True)
async def imported(service: Service) -> None:
    await import_boundaries(
        service.node, file_of("33", "33.74", "33.74.01", "33.74.01.1001", "33.75", attribution="Me"), by=OPERATOR
    )


async def codes(client: httpx2.AsyncClient, path: str) -> list[str]:
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return [feature["properties"]["code"] for feature in answer.json()["features"]]


async def test_the_children_are_outlined_where_they_have_one(client):
    answer = await client.get(CITY)
    assert answer.headers["content-type"] == "application/geo+json"
    body = answer.json()
    assert (body["type"], body["level"], body["attribution"]) == ("FeatureCollection", "kecamatan", "Me")
    assert body["area"] == {"code": "33.74", "name": "Kota Semarang", "level": "city", "type": "kota"}
    [feature] = body["features"]
    assert feature["geometry"]["type"] == "Polygon"
    assert feature["properties"]["code"] == "33.74.01"
    assert feature["properties"]["name"] == "Semarang Tengah"


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("33/boundaries", ["33.74", "33.75"]),
        ("33/boundaries?level=province", ["33"]),
        ("33.74/boundaries?level=city", ["33.74"]),
        ("33.74/boundaries?level=kelurahan", ["33.74.01.1001"]),
        ("33.74/boundaries?level=province", []),
        ("33.74.02/boundaries", []),
        ("33.75/boundaries", ["33.75"]),
    ],
)
async def test_any_level_inside_the_area_may_be_asked_for(client, path: str, expected: list[str]):
    assert await codes(client, f"/v1/areas/{path}") == expected


async def test_the_label_is_the_registered_point_if_it_is_inside(service: Service, client):
    async def label() -> dict[str, float]:
        [feature] = (await client.get("/v1/areas/33.74/boundaries?level=city")).json()["features"]
        return feature["properties"]["label"]

    # The triangle has its right angle at 110, -7; the city is registered at -7.02, below it.
    outside = await label()
    assert -7 < outside["lat"] < -6
    assert 110 < outside["lon"] < 111
    city = service.node.board.area("33.74")
    await register_areas(service.node, [replace(city, lat=-6.9, lon=110.2)], by=OPERATOR)
    assert await label() == {"lat": -6.9, "lon": 110.2}


async def test_a_copy_is_good_for_a_while_and_then_asked_for_by_its_etag(service: Service, client):
    first = await client.get(CITY)
    assert first.headers["cache-control"] == "public, max-age=300"
    again = await client.get(CITY, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    await import_boundaries(service.node, file_of("33.74.01", west=100.0), by=OPERATOR)
    newer = await client.get(CITY, headers={"If-None-Match": first.headers["etag"]})
    assert newer.status_code == 200
    assert newer.headers["etag"] != first.headers["etag"]


async def test_where_reading_needs_a_key_no_shared_cache_keeps_them(settings: Settings, clock: Clock):
    app = create_app(settings.model_copy(update={"public_read": False}), clock=clock)
    async with app.router.lifespan_context(app) as state:
        service = Service(app, dict(state))
        key = await service.key(area="33.74")
        async with service.client() as stranger, service.client(key) as officer:
            assert (await stranger.get(CITY)).status_code == 401
            answer = await officer.get(CITY)
            assert answer.headers["cache-control"] == "private, max-age=300"


async def test_too_much_at_once_is_refused_with_what_to_do(client, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(boundaries, "OUTLINES_MAX", 1)
    answer = await client.get("/v1/areas/33/boundaries")
    assert (answer.status_code, answer.json()["code"]) == (413, "too-large")
    assert "smaller area" in answer.json()["detail"]
    monkeypatch.setattr(boundaries, "BODY_BYTES_MAX", 10)
    assert (await client.get(CITY)).status_code == 413


async def test_the_documentation_has_its_schema_as_geojson(client):
    described = (await client.get("/openapi.json")).json()["paths"]["/v1/areas/{code}/boundaries"]["get"]["responses"]
    content = described["200"]["content"]
    assert list(content) == ["application/geo+json"]
    assert content["application/geo+json"]["schema"] == {"$ref": "#/components/schemas/BoundariesOut"}


async def test_an_unknown_area_or_level_is_refused(client):
    assert (await client.get("/v1/areas/99/boundaries")).status_code == 404
    assert (await client.get(f"{CITY}?level=town")).status_code == 422
