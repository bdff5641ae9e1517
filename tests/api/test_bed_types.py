"""The vocabulary: bed types, and the groups in both languages."""

from app.domain.beds.bed_types import BED_TYPES, BedGroup


async def test_every_group_has_a_name_in_both_languages(client):
    body = (await client.get("/v1/bed-types")).json()
    assert {one["group"] for one in body["bed_types"]} <= {one["code"] for one in body["groups"]}
    assert {one["code"] for one in body["groups"] if not one["kinds"]} == set(BedGroup)
    assert [one["name"] for one in body["groups"][:2]] == [
        {"id": "Intensif (ICU)", "en": "Intensive (ICU)"},
        {"id": "Isolasi", "en": "Isolation"},
    ]
    assert len(body["bed_types"]) == len(BED_TYPES)


async def test_halls_are_a_row_of_their_own_by_kind(client):
    last = (await client.get("/v1/bed-types")).json()["groups"][-1]
    assert last == {
        "code": "halls",
        "name": {"id": "Balai & isolasi terpusat", "en": "Halls & isolation sites"},
        "kinds": ["isolation_site", "rw_hall"],
    }
