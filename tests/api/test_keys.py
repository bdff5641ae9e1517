"""Keys over HTTP: shown once, listed without secrets, rotated, revoked."""

import pytest

from tests.conftest import Service


async def test_a_new_key_opens_what_it_is_for(officer, service: Service):
    answer = await officer.post("/v1/keys", json={"scope": "facility:sirs:3374001", "name": "SIMRS A"})
    assert answer.status_code == 201
    assert answer.headers["cache-control"] == "no-store"
    made = answer.json()
    assert (made["scope"], made["role"], made["name"]) == ("facility:rs-a", "hospital", "SIMRS A")
    async with service.client(made["key"]) as hospital:
        assert (await hospital.get("/v1/facilities/rs-a/reports")).status_code == 200


async def test_the_list_never_holds_a_secret(officer):
    key = (await officer.post("/v1/keys", json={"scope": "national", "name": "x"})).json()["key"]
    first = await officer.get("/v1/keys?limit=1")
    second = await officer.get("/v1/keys", params={"cursor": first.json()["next_cursor"]})
    keys = first.json()["keys"] + second.json()["keys"]
    assert len(keys) == 2
    assert key.split("_", 2)[2] not in first.text + second.text
    assert all(set(each) == set(keys[0]) and "key" not in each for each in keys)


async def test_a_rotated_key_is_the_same_holder(officer, service: Service):
    old = (await officer.post("/v1/keys", json={"scope": "area:33.74", "name": "Dinkes"})).json()
    new = (await officer.post(f"/v1/keys/{old['prefix']}/rotate")).json()
    assert new["principal"] == old["principal"]
    assert (await officer.post(f"/v1/keys/{old['prefix']}/rotate")).status_code == 409
    revoked = await officer.delete(f"/v1/keys/{old['prefix']}")
    assert revoked.json()["revoked_at"] is not None
    async with service.client(old["key"]) as gone, service.client(new["key"]) as stays:
        assert (await gone.get("/v1/position")).status_code == 401
        assert (await stays.get("/v1/position")).status_code == 200


@pytest.mark.parametrize("scope", ["", "everything", "area:", "city:33.74", "facility", "national:1", "area:a\nb", 7])
async def test_a_scope_has_one_of_three_forms(officer, scope):
    answer = await officer.post("/v1/keys", json={"scope": scope, "name": "x"})
    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == ["#/scope"]


async def test_a_scope_that_is_not_there_is_404(officer):
    for scope in ("area:99", "facility:nobody"):
        assert (await officer.post("/v1/keys", json={"scope": scope, "name": "x"})).status_code == 404


async def test_a_key_never_reaches_further_than_its_maker(service: Service, client):
    assert (await client.get("/v1/keys")).status_code == 401
    async with service.client(await service.key(area="33.74")) as district:
        for scope, status in (("facility:rs-a", 201), ("facility:rs-e", 403), ("national", 403), ("area:33", 403)):
            answer = await district.post("/v1/keys", json={"scope": scope, "name": "x"})
            assert answer.status_code == status, scope
        assert {each["scope"] for each in (await district.get("/v1/keys")).json()["keys"]} == {
            "area:33.74", "facility:rs-a"
        }  # fmt: skip
    async with service.client(await service.key(facility="rs-a")) as hospital:
        assert (await hospital.get("/v1/keys")).status_code == 403
