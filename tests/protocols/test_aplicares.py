"""Aplicares as hospitals speak it: signatures, exact texts, rooms, and what the city sees of them."""

import json
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from app.runtime.secret_box import SecretBox
from tests.conftest import Service
from tests.protocols.conftest import Software, beds_of

ROOM: dict[str, Any] = {
    "kodekelas": "ISO", "koderuang": "ANG1", "namaruang": "Anggrek Isolasi", "kapasitas": "8", "tersedia": "3",
    "tersediapria": "3", "tersediawanita": "3", "tersediapriawanita": "3",
}  # fmt: skip


async def rooms(software: Software, path: str = "bed/read/1199R001/1/100") -> list[dict[str, Any]]:
    answer = await software.aplicares("GET", path)
    assert answer.status_code == 200, answer.text
    said = answer.json()
    assert said["metadata"] == {"code": 1, "message": "OK", "totalitems": len(said["response"]["list"])}
    found: list[dict[str, Any]] = said["response"]["list"]
    return found


async def test_a_room_is_created_updated_read_and_deleted_in_the_exact_words(
    software: Software, service: Service
) -> None:
    for path, message in [
        ("bed/create/1199R001", "Data berhasil disimpan."),
        ("bed/update/1199R001/", "Data berhasil diupdate."),
    ]:
        answer = await software.aplicares("POST", path, ROOM)
        assert answer.status_code == 200
        assert answer.text == f'{{"metadata":{{"code":1,"message":"{message}"}}}}'
    assert await rooms(software) == [
        {
            "kodekelas": "ISO", "namakelas": "RUANG ISOLASI", "koderuang": "ANG1", "namaruang": "Anggrek Isolasi",
            "kodeppk": "1199R001", "kapasitas": 8, "tersedia": 3, "tersediapria": 3, "tersediawanita": 3,
            "tersediapriawanita": 3, "rownumber": 1, "lastupdate": "2026-11-23 10:00:00",
        }
    ]  # fmt: skip
    assert await beds_of(service) == (8, 5, 3)
    gone = await software.aplicares("POST", "bed/delete/1199R001", {"kodekelas": "iso", "koderuang": "ANG1"})
    assert gone.text == '{"metadata":{"code":1,"message":"Data berhasil dihapus."}}'
    assert await rooms(software) == []


async def test_the_reference_table_has_all_classes(software: Software) -> None:
    answer = (await software.aplicares("GET", "ref/kelas/")).json()
    assert answer["metadata"] == {"code": 1, "message": "OK", "totalitems": 16}
    assert answer["response"]["list"][0] == {"kodekelas": "NON", "namakelas": "-"}


@pytest.mark.parametrize(
    ("ahead", "status", "odd"),
    [
        *((0, 200, False), (14, 200, True), (-14, 200, True), (16, 401, False), (7 * 60, 200, True)),
        *((8 * 60 + 10, 200, True), (9 * 60, 200, True), (10 * 60, 401, False), (-7 * 60, 401, False)),
    ],
)
async def test_the_time_must_be_within_a_quarter_of_an_hour_of_ours_or_of_a_zone(
    ahead: int, status: int, odd: bool, software: Software
) -> None:
    headers = software.aplicares_headers(software.timestamp(timedelta(minutes=ahead)))
    answer = await software.aplicares("POST", "bed/update/1199R001", ROOM, headers=headers)
    assert answer.status_code == status
    metadata = answer.json()["metadata"]
    if status == 401:
        assert "waktu server 1795402800" in metadata["message"]
    else:
        assert ("warnings" in metadata) is odd


async def test_a_signature_may_be_a_second_beside_its_time_and_escaped_but_nothing_more(software: Software) -> None:
    now = software.timestamp()
    for signed, status in [(now, 200), (str(int(now) + 1), 200), (str(int(now) - 1), 200), (str(int(now) + 2), 401)]:
        answer = await software.aplicares("GET", "ref/kelas", headers=software.aplicares_headers(now, signed))
        assert answer.status_code == status
    headers = software.aplicares_headers()
    escaped = {**headers, "X-signature": quote(headers["X-signature"], safe="")}
    assert (await software.aplicares("GET", "ref/kelas", headers=escaped)).status_code == 200
    texts = set()
    for wrong in ({"X-cons-id": "1"}, {"X-signature": "x"}, {"X-cons-id": ""}, {"X-signature": "\u00e9"}):
        answer = await software.aplicares(
            "GET", "ref/kelas", headers={**headers, **{k: v.encode() for k, v in wrong.items()}}
        )
        assert answer.status_code == 401
        texts.add(answer.text)
    assert texts == {'{"metadata":{"code":401,"message":"Gagal: X-cons-id atau X-signature tidak sah"}}'}


async def test_one_signature_serves_many_requests(software: Software) -> None:
    headers = software.aplicares_headers()
    for _ in range(3):
        assert (await software.aplicares("GET", "ref/kelas", headers=headers)).status_code == 200


async def test_the_code_of_another_hospital_is_403_and_case_does_not_matter(software: Software) -> None:
    other = await software.aplicares("POST", "bed/update/1199R002", ROOM)
    assert (other.status_code, other.json()["metadata"]["code"]) == (403, 403)
    assert (await software.aplicares("POST", "bed/update/1199r001", ROOM)).status_code == 200
    assert (await rooms(software))[0]["kodeppk"] == "1199R001"


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ({**ROOM, "kodekelas": ""}, "kodekelas"),
        ({**ROOM, "koderuang": None}, "koderuang"),
        ({**ROOM, "kapasitas": "-1"}, "kapasitas"),
        ({**ROOM, "tersedia": "banyak"}, "tersedia"),
        ({**ROOM, "tersedia": ""}, "tersedia"),
        ({**ROOM, "koderuang": "x" * 51}, "koderuang"),
    ],
)
async def test_a_room_that_cannot_be_stored_is_code_0_and_names_the_field(
    said: dict[str, Any], names: str, software: Software, service: Service
) -> None:
    before = service.node.board.position
    answer = await software.aplicares("POST", "bed/create/1199R001", said)
    assert answer.status_code == 200
    assert answer.json()["metadata"]["code"] == 0
    assert answer.json()["metadata"]["message"].startswith(f"Gagal: {names}:")
    assert service.node.board.position == before


async def test_what_cannot_be_read_and_paths_that_are_none_stay_in_the_envelope(software: Software) -> None:
    headers = software.aplicares_headers()
    broken = await software.client.post("/aplicaresws/rest/bed/update/1199R001", content=b"{", headers=headers)
    assert (broken.status_code, broken.json()["metadata"]["code"]) == (200, 0)
    for method, path in [("PUT", "bed/updat/1199R001"), ("GET", "bed"), ("GET", ""), ("FOO", "x/y")]:
        unknown = await software.aplicares(method, path)
        assert unknown.json()["metadata"]["code"] == unknown.status_code == 404


async def test_reading_pages_from_any_row(software: Software) -> None:
    for code in ("C", "A", "B"):
        await software.aplicares("POST", "bed/create/1199R001", {**ROOM, "koderuang": code})
    await software.aplicares("POST", "bed/create/1199R001", {**ROOM, "kodekelas": "ICU", "koderuang": 7})
    for start, limit, found in [
        (0, 2, [1, 2]),
        (1, 2, [1, 2]),
        (3, 100, [3, 4]),
        (5, 1, []),
        (1, 0, []),
        (4, 5000, [4]),
    ]:
        assert [room["rownumber"] for room in await rooms(software, f"bed/read/1199R001/{start}/{limit}/")] == found
    assert [room["koderuang"] for room in await rooms(software)] == ["7", "A", "B", "C"]
    wrong = await software.aplicares("GET", "bed/read/1199R001/satu/5")
    assert wrong.json()["metadata"]["code"] == 0


async def test_what_an_update_does_not_name_stays(software: Software) -> None:
    await software.aplicares("POST", "bed/create/1199R001", ROOM)
    short = {name: ROOM[name] for name in ("kodekelas", "koderuang", "kapasitas")}
    await software.aplicares("POST", "bed/update/1199R001", {**short, "tersedia": 1})
    [room] = await rooms(software)
    assert (room["namaruang"], room["tersedia"], room["tersediapria"]) == ("Anggrek Isolasi", 1, 0)


@pytest.mark.parametrize(
    ("split", "known"),
    [((3, 3, 3), (None, None)), ((0, 0, 0), (None, None)), ((2, 1, 0), (2, 1)), ((0, 0, 3), (0, 0))],
)
async def test_the_split_is_known_only_where_it_adds_up(
    split: tuple[int, int, int], known: tuple[int | None, int | None], software: Software, service: Service
) -> None:
    names = ("tersediapria", "tersediawanita", "tersediapriawanita")
    await software.aplicares("POST", "bed/update/1199R001", {**ROOM, **dict(zip(names, split, strict=True))})
    [line] = service.node.board.figures(service.node.board.facility("rs-a"), service.node.clock()).lines
    assert (line.beds.available_male, line.beds.available_female) == known


@pytest.mark.parametrize(
    ("said", "flag", "seen"),
    [({**ROOM, "tersedia": 9}, "total_mismatch", (8, 0, 8)), ({**ROOM, "kodekelas": "XYZ"}, "unknown_code", (8, 5, 3))],
)
async def test_what_is_odd_is_stored_and_flagged(
    said: dict[str, Any], flag: str, seen: tuple[int, int, int], software: Software, service: Service
) -> None:
    metadata = (await software.aplicares("POST", "bed/update/1199R001", said)).json()["metadata"]
    assert metadata["code"] == 1
    assert metadata["message"] == "Data berhasil diupdate."
    assert metadata["warnings"][0].startswith(flag)
    assert await beds_of(service) == seen
    assert str((await rooms(software))[0]["tersedia"]) == str(said["tersedia"])


async def test_json_is_read_whatever_its_type_says(software: Software) -> None:
    headers = {**software.aplicares_headers(), "Content-Type": "Application/x-www-form-urlencoded", "user_key": "x"}
    for path in ("/aplicaresws//rest/bed/update/1199R001/", "/aplicaresws/rest/rest/bed/update/1199R001"):
        answer = await software.client.post(path, content=json.dumps(ROOM).encode(), headers=headers)
        assert answer.json()["metadata"]["code"] == 1


async def test_a_strict_hospital_hears_what_it_would_hear_nationally(
    software: Software, officer: httpx2.AsyncClient
) -> None:
    await officer.patch("/v1/facilities/rs-a", json={"switches": ["aplicares_strict"]}, headers={"If-Match": "*"})
    told = [
        (await software.aplicares("POST", f"bed/{path}/1199R001", ROOM)).json()["metadata"]
        for path in ("update", "create", "create", "update", "delete", "update")
    ]
    assert [each["code"] for each in told] == [0, 1, 0, 1, 1, 0]
    assert told[0]["message"] == "Data tidak ada di database"


async def test_a_hospital_may_be_held_to_utc(software: Software, officer: httpx2.AsyncClient) -> None:
    await officer.patch("/v1/facilities/rs-a", json={"switches": ["aplicares_utc"]}, headers={"If-Match": "*"})
    headers = software.aplicares_headers(software.timestamp(timedelta(hours=7)))
    assert (await software.aplicares("GET", "ref/kelas", headers=headers)).status_code == 401


async def test_a_key_that_cannot_be_read_here_is_our_trouble_and_told_in_their_words(
    software: Software, service: Service
) -> None:
    object.__setattr__(service.node, "secret_box", SecretBox(["another key, of another node altogether"]))
    answer = await software.aplicares("GET", "ref/kelas")
    assert answer.status_code == answer.json()["metadata"]["code"] == 503
    assert answer.json()["metadata"]["message"] == "Gagal: layanan belum siap; kirim lagi sebentar lagi"
    assert int(answer.headers["retry-after"]) > 0
