"""The tree: looking it up, and adding to it."""

import pytest

from tests.conftest import Service

TEGAL = {"code": "33.76", "name": "Kota Tegal", "level": "city", "type": "kota", "parent": "33"}


async def codes(client, query: str) -> list[str]:
    return [area["code"] for area in (await client.get(f"/v1/areas?{query}")).json()["areas"]]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("level=city", ["33.74", "33.75"]),
        ("parent=33.74", ["33.74.01", "33.74.02"]),
        ("q=semarang", ["33.74", "33.74.01", "33.74.02"]),
        ("q=33.74.02", ["33.74.02", "33.74.02.1001"]),
        ("q=semarang&level=city", ["33.74"]),
        ("q=nowhere", []),
    ],
)
async def test_areas_are_found_by_what_is_known_of_them(client, query, expected):
    assert await codes(client, query) == expected


async def test_areas_come_page_by_page(client):
    found, cursor = [], ""
    while True:
        page = (await client.get(f"/v1/areas?limit=3{cursor}")).json()
        found += [area["code"] for area in page["areas"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert found == sorted(found)
    assert len(found) == 10


async def test_one_area_tells_the_way_to_it(client):
    body = (await client.get("/v1/areas/33.74.01")).json()
    assert body["parent"] == "33.74"
    assert [area["code"] for area in body["path"]] == ["ID", "33", "33.74"]
    assert (await client.get("/v1/areas/ID")).json()["path"] == []


@pytest.mark.parametrize("limit", ["0", "501", "x", "7.0", "+7"])
async def test_a_page_has_1_to_500_rows(client, limit):
    answer = await client.get("/v1/areas", params={"limit": limit})
    assert [error["pointer"] for error in answer.json()["errors"]] == ["#/query/limit"]


async def test_one_area_or_a_list_may_be_registered(officer, client):
    alone = await officer.post("/v1/areas", json=TEGAL)
    assert alone.status_code == 201
    assert alone.json()["areas"][0]["path"][-1]["code"] == "33"
    several = await officer.post(
        "/v1/areas",
        json=[
            {"code": "33.76.01", "name": "Tegal Barat", "level": "district", "parent_code": "33.76"},
            {
                "code": "33.76.01.1001",
                "name": "Kraton",
                "level": "village",
                "type": "kelurahan",
                "parent_code": "33.76.01",
            },
        ],
    )
    assert [area["level"] for area in several.json()["areas"]] == ["kecamatan", "kelurahan"]
    assert await codes(client, "parent=33.76") == ["33.76.01"]


async def test_registering_again_is_fine(officer, service):
    await officer.post("/v1/areas", json=TEGAL)
    before = service.node.board.position
    again = await officer.post("/v1/areas", json=TEGAL)
    assert (again.status_code, again.json()["areas"][0]["code"]) == (201, "33.76")
    assert service.node.board.position == before


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        ({**TEGAL, "parent": "99"}, ["#/parent"]),
        ([{**TEGAL, "parent": "99"}], ["#/0/parent"]),
        ({**TEGAL, "code": "33..76", "level": "town", "lat": 91}, ["#/code", "#/level", "#/lat"]),
        ([TEGAL, {"code": "33.77"}], ["#/1/name", "#/1/level"]),
        ({**TEGAL, "parent_code": "34"}, ["#"]),
        ({**TEGAL, "name": " "}, ["#/name"]),
        (7, ["#"]),
    ],
)
async def test_faults_point_into_what_was_sent(officer, body, pointers):
    answer = await officer.post("/v1/areas", json=body)
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == pointers


async def test_too_many_areas_are_refused_before_any_is_judged(officer):
    answer = await officer.post(
        "/v1/areas", content="[" + "1," * 100_000 + "1]", headers={"Content-Type": "application/json"}
    )
    assert [error["pointer"] for error in answer.json()["errors"]] == ["#"]


async def test_rw_are_added_by_number_or_the_first_so_many(officer, client):
    path = "/v1/areas/33.74.01.1001/rw"
    first = await officer.post(path, json={"count": 3})
    assert [area["code"][-3:] for area in first.json()["areas"]] == ["002", "003"]
    one = await officer.post(path, json={"number": 9})
    assert [area["name"] for area in one.json()["areas"]] == ["RW 09"]
    assert len(await codes(client, "parent=33.74.01.1001")) == 4


@pytest.mark.parametrize("body", [{}, {"count": 1, "number": 1}, {"count": 0}, {"number": 1000}, {"count": True}])
async def test_rw_have_numbers_from_1_to_999(officer, body):
    assert (await officer.post("/v1/areas/33.74.01.1001/rw", json=body)).status_code == 422


async def test_who_may_add_areas(service: Service, client):
    assert (await client.post("/v1/areas", json=TEGAL)).status_code == 401
    async with service.client(await service.key(area="33.74")) as district:
        assert (await district.post("/v1/areas", json=TEGAL)).status_code == 403
        assert (await district.post("/v1/areas/33.74.01.1001/rw", json={"count": 2})).status_code == 201
