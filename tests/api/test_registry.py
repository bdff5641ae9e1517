"""What officers do with facilities."""

import pytest

from tests.conftest import Clock, Service

CLINIC = {
    "facility_id": "pkm-1",
    "kind": "clinic",
    "name": "Puskesmas Miroto",
    "area_code": "33.74.01.1001",
    "operated_by": "city",
    "lat": -6.98,
    "lon": 110.42,
    "identifiers": {"sirs": "9001", "bpjs": "1199R001"},
}


async def tag(client, facility_id: str = "rs-a") -> dict[str, str]:
    return {"If-Match": (await client.get(f"/v1/facilities/{facility_id}")).headers["etag"]}


async def test_one_facility_or_a_list_may_be_registered(officer, client):
    alone = await officer.post("/v1/facilities", json=CLINIC)
    assert alone.status_code == 201
    shown = alone.json()["facilities"][0]
    assert shown["identifiers"] == {"sirs": "9001", "bpjs": "1199R001"}
    assert shown["is_open"] is True
    listed = await officer.post(
        "/v1/facilities",
        json=[{"facility_id": "hall-2", "kind": "rw_hall", "name": "Balai", "area_code": "33.74.01.1001.001"}],
    )
    assert listed.status_code == 201
    assert (await client.get("/v1/facilities/bpjs:1199R001")).json()["facility_id"] == "pkm-1"


async def test_identifiers_may_be_text_as_in_tables(officer):
    body = {**CLINIC, "identifiers": " sirs=9001; bpjs=1199R001;"}
    shown = (await officer.post("/v1/facilities", json=body)).json()["facilities"][0]
    assert shown["identifiers"] == {"sirs": "9001", "bpjs": "1199R001"}


async def test_the_same_again_is_fine_and_something_else_is_a_conflict(officer):
    await officer.post("/v1/facilities", json=CLINIC)
    assert (await officer.post("/v1/facilities", json=CLINIC)).status_code == 201
    other = await officer.post("/v1/facilities", json={**CLINIC, "name": "Other"})
    taken = await officer.post("/v1/facilities", json={**CLINIC, "facility_id": "pkm-2"})
    assert other.status_code == taken.status_code == 409


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"facility_id": "a:b"}, ["#/facility_id"]),
        ({"kind": "hotel", "name": ""}, ["#/kind", "#/name"]),
        ({"area_code": "99"}, ["#/area_code"]),
        ({"identifiers": "sirs"}, ["#/identifiers"]),
        ({"identifiers": {"SIRS": "1"}}, ["#/identifiers/SIRS/[key]"]),
        ({"identifiers": {"sirs": 1}}, ["#/identifiers/sirs"]),
        ({"stale_after_hours": 2}, ["#"]),
        ({"stale_after_hours": 3, "silent_after_hours": 2}, ["#"]),
        ({"lat": None}, ["#/lat"]),
        ({"lat": True}, ["#/lat"]),
        ({"beds_stated": 1.5}, ["#/beds_stated"]),
        ({"colour": "red"}, ["#/colour"]),
        ({"contact": {"phones": ["118", "1-1", "x"]}}, ["#/contact/phones/2"]),
        ({"contact": {"phones": ["118"] * 6}}, ["#/contact/phones"]),
        ({"contact": {"name": " ", "phones": "118"}}, ["#/contact/name", "#/contact/phones"]),
        ({"contact": "118"}, ["#/contact"]),
    ],
)
async def test_faults_point_into_what_was_sent(officer, change, pointers):
    answer = await officer.post("/v1/facilities", json={**CLINIC, **change})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == pointers


async def test_a_change_names_only_what_changes(officer, client):
    headers = await tag(client)
    change = {
        "phone": "+62 24 8413476",
        "stale_after_hours": 1,
        "silent_after_hours": 2.5,
        "counting_channel": "sirs",
        "reason": "asked for",
    }
    answer = await officer.patch("/v1/facilities/rs-a", json=change, headers=headers)
    assert answer.status_code == 200
    body = answer.json()
    assert (body["phone"], body["name"]) == ("+62 24 8413476", "RS A")
    assert (body["stale_after_hours"], body["silent_after_hours"]) == (1, 2.5)
    assert body["pinned_channel"] == "sirs"
    assert answer.headers["etag"].startswith(f'"{body["version"]}-')
    assert answer.headers["etag"] != headers["If-Match"]
    # And null takes away.
    gone = {"phone": None, "stale_after_hours": None, "silent_after_hours": None}
    body = (await officer.patch("/v1/facilities/rs-a", json=gone, headers={"If-Match": "*"})).json()
    assert (body["phone"], body["stale_after_hours"], body["pinned_channel"]) == (None, None, "sirs")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"name": None}, "#/name"),
        ({"area_code": "99"}, "#/area_code"),
        ({"stale_after_hours": 1}, "#"),
        ({"effective_at": "2027-01-01T00:00:00Z"}, "#/effective_at"),
        ({"facility_id": "new"}, "#/facility_id"),
    ],
)
async def test_a_change_that_cannot_be_is_refused(officer, change, pointer):
    answer = await officer.patch("/v1/facilities/rs-a", json=change, headers={"If-Match": "*"})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_the_duty_desk_is_public_and_its_officer_changes_it(service: Service, officer, client):
    desk = {"name": "Posko", "phones": ["(024) 8413476", "+62 811 000"]}
    registered = await officer.post("/v1/facilities", json={**CLINIC, "contact": desk})
    assert registered.json()["facilities"][0]["contact"] == desk
    assert (await client.get("/v1/facilities/pkm-1")).json()["contact"] == desk
    assert (await client.get("/v1/facilities/rs-a")).json()["contact"] is None
    of_city = service.client(await service.key(area="33.74"))
    async with of_city:
        path, headers = "/v1/facilities/pkm-1", await tag(client, "pkm-1")
        only = {"contact": {"phones": ["118"]}}
        assert (await of_city.patch(path, json=only)).status_code == 428
        changed = await of_city.patch(path, json=only, headers=headers)
        assert changed.json()["contact"] == {"name": None, "phones": ["118"]}
        assert (await of_city.patch(path, json=only, headers=headers)).status_code == 412
        none = await of_city.patch(path, json={"contact": None}, headers={"If-Match": "*"})
        assert none.json()["contact"] is None
    empty = await officer.post("/v1/facilities", json={**CLINIC, "contact": {"phones": []}})
    assert empty.status_code == 201  # the same facility again: an empty contact is none


async def test_a_contact_may_be_changed_by_plan(officer, client):
    plan = {"contact": {"phones": ["118"]}, "effective_at": "2027-01-01T00:00:00Z"}
    planned = await officer.patch("/v1/facilities/rs-a", json=plan, headers={"If-Match": "*"})
    assert planned.json()["planned"][0]["changes"] == {"contact": {"name": None, "phones": ["118"]}}
    assert planned.json()["contact"] is None


async def test_nobodys_change_is_overwritten(officer, client):
    headers = await tag(client)
    assert (await officer.patch("/v1/facilities/rs-a", json={"name": "A"})).status_code == 428
    assert (await officer.patch("/v1/facilities/rs-a", json={"name": "A"}, headers=headers)).status_code == 200
    for stale in (headers["If-Match"], '"999999"', "no tag", 'W/"x"'):
        answer = await officer.patch("/v1/facilities/rs-a", json={"name": "B"}, headers={"If-Match": stale})
        assert (answer.status_code, answer.json()["code"]) == (412, "precondition-failed")


async def test_a_closed_facility_is_gone_until_it_opens(officer, client, service: Service, clock: Clock):
    report = {"observed_at": "2026-11-23T10:00:00+07:00", "lines": [{"bed_type": "icu", "beds_total": 3}]}
    closed = await officer.post("/v1/facilities/rs-a/close", json={"reason": "flood"}, headers=await tag(client))
    assert (closed.json()["is_open"], closed.json()["closed_at"]) == (False, "2026-11-23T03:00:00Z")
    answer = await officer.post("/v1/facilities/rs-a/reports", json=report)
    assert (answer.status_code, answer.json()["code"]) == (410, "gone")
    assert (await client.get("/v1/facilities/rs-a")).json()["is_open"] is False
    clock.advance(minutes=1)
    opened = await officer.post("/v1/facilities/rs-a/open", headers=await tag(client))
    assert opened.json()["is_open"] is True
    assert (await officer.post("/v1/facilities/rs-a/reports", json=report)).status_code == 201


async def test_who_may_change_what(service: Service, client):
    assert (await client.post("/v1/facilities", json=CLINIC)).status_code == 401
    async with service.client(await service.key(area="33.74")) as district:
        assert (await district.post("/v1/facilities", json=CLINIC)).status_code == 403
        headers = {"If-Match": "*"}
        renamed = await district.patch("/v1/facilities/rs-a", json={"name": "New"}, headers=headers)
        moved = await district.patch("/v1/facilities/rs-a", json={"area_code": "33.74"}, headers=headers)
        elsewhere = await district.patch("/v1/facilities/rs-e", json={"name": "New"}, headers=headers)
        unknown = await district.patch("/v1/facilities/nobody", json={"name": "New"}, headers=headers)
    assert [a.status_code for a in (renamed, moved, elsewhere, unknown)] == [200, 403, 403, 404]
    async with service.client(await service.key(facility="rs-a")) as hospital:
        answer = await hospital.post("/v1/facilities/rs-a/close", headers={"If-Match": "*"})
        assert answer.status_code == 403
