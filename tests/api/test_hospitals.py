"""Hospitals and their doors over the API: opened, rotated, closed; what came in, what waits, what differs."""

import httpx2
import pytest

from app.actions.hospitals import Hospital, add_hospital
from app.api.schemas.hospital import HOSPITAL_EXAMPLE
from app.domain.channels import Channel
from app.domain.permissions import OPERATOR
from tests.conftest import Clock, Service
from tests.protocols.conftest import SIRS, Software

ROW = {"id_tt": "3", "ruang": "Melati", "jumlah": "12", "terpakai": "9"}


@pytest.fixture
async def software(service: Service, clock: Clock, client: httpx2.AsyncClient) -> Software:
    doors = await add_hospital(service.node, Hospital("rs-a", bpjs="1199R001"), by=OPERATOR)
    return Software(client, clock, {door.channel: (door.login, door.secret) for door in doors.logins})


async def test_one_call_gives_what_to_type(officer: httpx2.AsyncClient, client: httpx2.AsyncClient) -> None:
    answer = await officer.post("/v1/hospitals", json=HOSPITAL_EXAMPLE)
    assert answer.status_code == 201, answer.text
    assert answer.headers["cache-control"] == "no-store"
    typed = answer.json()
    assert typed["facility_id"] == "rs-3374999"
    assert typed["sirs"]["base_url"] == "http://127.0.0.1:8000/fo/index.php"
    assert set(typed["sirs"]) == set(typed["siranap_v1"]) == {"base_url", "host_url", "x_rs_id", "x_pass"}
    assert set(typed["aplicares"]) == {"base_url", "host_url", "cons_id", "secret", "kodeppk"}
    headers = {"X-rs-id": typed["sirs"]["x_rs_id"], "X-pass": typed["sirs"]["x_pass"]}
    stored = await client.post(f"{typed['sirs']['base_url']}/Fasyankes", json=ROW, headers=headers)
    assert stored.json()["fasyankes"][0]["status"] == "200"
    again = await officer.post("/v1/hospitals", json=HOSPITAL_EXAMPLE)
    assert (again.status_code, again.json()["code"]) == (409, "conflict")


async def test_keys_of_doors_are_rotated_listed_and_revoked(
    officer: httpx2.AsyncClient, client: httpx2.AsyncClient
) -> None:
    old = (await officer.post("/v1/hospitals", json=HOSPITAL_EXAMPLE)).json()["sirs"]
    rotated = await officer.post("/v1/hospitals/rs-3374999/rotate", json={"channels": ["sirs"]})
    assert rotated.status_code == 201
    assert rotated.json()["aplicares"] is None
    new = rotated.json()["sirs"]
    keys = (await officer.get("/v1/keys")).json()["keys"]
    assert [key["channel"] for key in keys].count("sirs") == 2
    assert old["x_pass"] not in str(keys)
    revoked = await officer.post("/v1/hospitals/rs-3374999/revoke", json={"channels": ["sirs"]})
    assert len(revoked.json()["revoked"]) == 2
    for each in (old, new):
        headers = {"X-rs-id": each["x_rs_id"], "X-pass": each["x_pass"]}
        assert (await client.get(SIRS, headers=headers)).status_code == 401


async def test_doors_are_opened_by_officers_only(service: Service, officer: httpx2.AsyncClient) -> None:
    async with service.client(await service.key(area="33.74")) as district:
        short = {("area" if name == "area_code" else name): value for name, value in HOSPITAL_EXAMPLE.items()}
        for said in (HOSPITAL_EXAMPLE, short):
            assert (await district.post("/v1/hospitals", json=said)).status_code == 403
        assert (await district.post("/v1/hospitals", json={"facility_id": "rs-a"})).status_code == 201
    async with service.client(await service.key(facility="rs-a")) as hospital:
        for path in ("/v1/hospitals/rs-a/rotate", "/v1/hospitals/rs-a/revoke"):
            assert (await hospital.post(path)).status_code == 403
        rows = {"fasyankes": [{**ROW, "id_t_tt": "1"}]}
        assert (await hospital.post("/v1/hospitals/rs-a/rows", json=rows)).status_code == 403


async def test_the_ministrys_rows_are_taken_over_whole_or_not_at_all(
    software: Software, officer: httpx2.AsyncClient, service: Service
) -> None:
    await software.sirs("POST", ROW)
    before = service.node.board.position
    wrong = {"fasyankes": [{**ROW, "id_t_tt": "34450001"}, {**ROW, "id_t_tt": "", "jumlah": "x"}]}
    refused = await officer.post("/v1/hospitals/rs-a/rows", json=wrong)
    assert refused.status_code == 422
    assert [fault["pointer"] for fault in refused.json()["errors"]] == ["#/fasyankes/1/jumlah"]
    for nothing in ({}, {"fasyankes": []}, {"fasyankes": [1]}, {"fasyankes": "x"}):
        assert (await officer.post("/v1/hospitals/rs-a/rows", json=nothing)).status_code == 422
    assert service.node.board.position == before
    rows = {
        "fasyankes": [{**ROW, "id_t_tt": "34450001", "terpakai": "1"}, {**ROW, "id_t_tt": "34450002", "id_tt": "5"}]
    }
    taken = await officer.post("/v1/hospitals/rs-a/rows", json=rows)
    assert taken.json()["rows"] == 2
    # The row that was here goes by the ministry's id now, with the counts that it had.
    assert [(row["id_t_tt"], row["terpakai"]) for row in await software.sirs_rows()] == [
        ("34450001", "9"), ("34450002", "9"),
    ]  # fmt: skip
    assert service.node.board.roll_up("33.74", service.node.clock()).totals.beds_total == 24
    assert (await software.sirs("PUT", {"id_t_tt": "900000001", "terpakai": 2})).json()["id_t_tt"] == "34450001"


async def test_a_row_that_nobody_can_place_waits_and_is_completed_in_one_step(
    software: Software, officer: httpx2.AsyncClient, service: Service, clock: Clock
) -> None:
    for occupied in (1, 2):
        answer = await software.sirs(
            "PUT", {"id_t_tt": "34450001", "terpakai": occupied, "jumlah": 8, "ruang": "Mawar"}
        )
        [told] = answer.json()["fasyankes"]
        assert (answer.status_code, told["status"]) == (200, "404")
        assert told["message"] == "Gagal: id_t_tt 34450001 tidak ditemukan; laporan disimpan untuk dipetakan petugas"
    assert service.node.board.roll_up("33.74", clock()).totals.beds_total is None
    [row] = (await officer.get("/v1/facilities/rs-a/waiting")).json()["waiting"]
    assert (row["row_id"], row["times"], row["said"]["counts"]) == ("34450001", 2, {"jumlah": 8, "terpakai": 2})
    wrong = await officer.post("/v1/facilities/rs-a/waiting/34450001", json={"id_tt": "13"})
    assert wrong.status_code == 422
    clock.advance(hours=2)
    done = await officer.post("/v1/facilities/rs-a/waiting/34450001", json={"id_tt": "24"})
    assert done.status_code == 200, done.text
    assert (await officer.get("/v1/facilities/rs-a/waiting")).json()["waiting"] == []
    assert (await officer.post("/v1/facilities/rs-a/waiting/34450001", json={"id_tt": "24"})).status_code == 404
    [line] = service.node.board.figures(service.node.board.facility("rs-a"), clock()).lines
    assert (line.bed_type, line.ward_name, line.beds.beds_occupied) == ("icu_negative_pressure_ventilator", "Mawar", 2)
    assert (clock() - line.observed_at).total_seconds() == 7200  # as old as it is
    assert "diupdate" in (await software.sirs("PUT", {"id_t_tt": "34450001", "terpakai": 3})).text


async def test_the_last_messages_tell_what_became_of_each(
    software: Software, officer: httpx2.AsyncClient, service: Service
) -> None:
    await software.sirs("POST", ROW)
    await software.sirs("POST", {**ROW, "terpakai": 13})
    await software.sirs("POST", {**ROW, "jumlah": "x"})
    await software.sirs("GET")
    await software.client.post(SIRS, json=ROW, headers={**software.sirs_headers, "X-pass": "salah"})
    await software.aplicares("GET", "ref/kelas", headers=software.aplicares_headers("1"))
    answer = (await officer.get("/v1/facilities/rs-a/messages")).json()
    found = answer["messages"]
    assert [(each["address"], each["count"]) for each in answer["rejected"]] == [("127.0.0.1", 1)]
    assert [(each["channel"], each["request"], each["outcome"], each["status"]) for each in found] == [
        ("aplicares", "GET /aplicaresws/rest/ref/kelas", "refused", 401),
        ("sirs", f"GET {SIRS}", "accepted", 200),
        ("sirs", f"POST {SIRS}", "refused", 200),
        ("sirs", f"POST {SIRS}", "flagged", 200),
        ("sirs", f"POST {SIRS}", "accepted", 200),
    ]
    assert "waktu server" in found[0]["detail"]
    assert found[2]["detail"].startswith("jumlah: ")
    assert (
        found[3]["detail"]
        == "over_capacity: tempat tidur terisi lebih banyak daripada kapasitas (terisi 13, kapasitas 12)"
    )
    assert found[4]["seq"] == service.node.board.position - 1
    assert {each["address"] for each in found} == {"127.0.0.1"}
    async with service.client(await service.key(facility="rs-b")) as other:
        assert (await other.get("/v1/facilities/rs-a/messages")).status_code == 403
    async with service.client(await service.key(facility="rs-a")) as own:
        assert len((await own.get("/v1/facilities/rs-a/messages?limit=2")).json()["messages"]) == 2


async def test_only_the_last_messages_are_kept(software: Software, service: Service) -> None:
    for _ in range(6):
        for _ in range(50):
            await software.sirs("PUT", {})
        await service.node.messages.flush()
    assert len(await service.node.messages.last("rs-a", limit=1000)) == 200


async def test_doors_are_compared_and_an_officer_chooses_the_one_that_counts(
    software: Software, officer: httpx2.AsyncClient, client: httpx2.AsyncClient, clock: Clock
) -> None:
    await software.sirs("POST", ROW)
    room = {"kodekelas": "ICU", "koderuang": "A", "namaruang": "A", "kapasitas": 5, "tersedia": 1}
    clock.advance(minutes=10)
    await software.aplicares("POST", "bed/create/1199R001", room)
    found = (await client.get("/v1/facilities/rs-a/channels")).json()
    assert found["counting_channel"] == "sirs"
    sirs, aplicares = found["channels"]
    assert (sirs["age_seconds"], sirs["differences"]) == (600, [])
    told = aplicares["differences"]
    assert [(each["group"], each["said"]["beds_total"], each["counting"]["beds_total"]) for each in told] == [
        (None, 5, 12), ("ward", None, 12), ("intensive", 5, None),
    ]  # fmt: skip
    await officer.patch("/v1/facilities/rs-a", json={"counting_channel": "aplicares"}, headers={"If-Match": "*"})
    pinned = (await client.get("/v1/facilities/rs-a/channels")).json()
    assert (pinned["counting_channel"], pinned["pinned_channel"]) == ("aplicares", "aplicares")
    assert (await client.get("/v1/areas/33.74/capacity")).json()["totals"]["beds_total"] == 5
    never = (await client.get("/v1/facilities/rs-b/channels")).json()
    assert (never["counting_channel"], never["channels"]) == (None, [])


async def test_without_a_word_the_first_fresh_door_counts(
    software: Software, client: httpx2.AsyncClient, clock: Clock
) -> None:
    await software.sirs("POST", ROW)
    room = {"kodekelas": "ICU", "koderuang": "A", "namaruang": "A", "kapasitas": 5, "tersedia": 1}
    await software.aplicares("POST", "bed/create/1199R001", room)
    assert (await client.get("/v1/facilities/rs-a/channels")).json()["counting_channel"] == Channel.sirs
    clock.advance(hours=7)
    await software.aplicares("POST", "bed/create/1199R001", room)
    assert (await client.get("/v1/facilities/rs-a/channels")).json()["counting_channel"] == Channel.aplicares
    await software.sirs("POST", ROW)
    assert (await client.get("/v1/facilities/rs-a/channels")).json()["counting_channel"] == Channel.sirs


async def test_reports_by_our_own_door_are_among_the_messages(service: Service, clock: Clock) -> None:
    line = {"bed_type": "icu", "beds_total": 5, "beds_occupied": 2}
    said = {"observed_at": clock().isoformat(), "lines": [line]}
    path = "/v1/facilities/rs-a/reports"
    async with service.client(await service.key(facility="rs-a")) as own:
        assert (await own.post(path, json=said)).status_code == 201
        assert (await own.post(path, json={**said, "lines": [{**line, "beds_occupied": 6}]})).status_code == 201
        assert (await own.post(path, json={**said, "lines": [{**line, "bed_type": "sofa"}]})).status_code == 422
        assert (await own.post(path, content=b"{")).status_code == 415
        bulk = [
            {**said, "facility_id": "rs-a"},
            {**said, "facility_id": "rs-a", "lines": [{**line, "beds_total": 9999999}]},
        ]
        await own.post("/v1/reports", json=bulk)
        async with service.client(await service.key(facility="rs-b")) as other:
            assert (await other.post(path, json=said)).status_code == 403
        found = (await own.get("/v1/facilities/rs-a/messages")).json()["messages"]
    assert [(each["channel"], each["outcome"], each["status"]) for each in reversed(found)] == [
        ("native", "accepted", 201), ("native", "flagged", 201), ("native", "refused", 422),
        ("native", "refused", 415), ("native", "accepted", 201), ("native", "refused", 422),
    ]  # fmt: skip
    assert "sofa" in found[3]["detail"]


@pytest.mark.parametrize(
    ("host", "address"),
    [("localhost:8123", "http://localhost:8123"), ("evil.example", "http://127.0.0.1:8000")],
)
async def test_the_address_to_type_never_comes_from_a_strange_host_header(
    officer: httpx2.AsyncClient, host: str, address: str
) -> None:
    typed = (await officer.post("/v1/hospitals", json=HOSPITAL_EXAMPLE, headers={"Host": host})).json()
    assert typed["sirs"]["host_url"] == address
