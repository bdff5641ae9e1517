"""The doors over real sockets: a client that hospitals run, requests byte for byte, a burst, and rubbish."""

import asyncio
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from bpjs import Bridging

from app.domain.signatures import signature
from tests.protocols.burst import AREA, HOSPITALS, ROOMS, add_hospitals, of_aplicares, of_sirs, send_all
from tests.protocols.raw import add, send_raw
from tests.serving import Serving, served

ROW = {"id_tt": "3", "ruang": "Melati", "jumlah": "12", "terpakai": "9"}
ROOM = {"kodekelas": "VIP", "koderuang": "RG01", "namaruang": "Ruang Anggrek", "kapasitas": "20", "tersedia": "10"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with served(tmp_path_factory.mktemp("doors"), "--seed", "semarang") as serving:
        yield serving


@pytest.fixture(scope="module")
def typed(server: Serving) -> dict[str, Any]:
    return add(server, 1)


def test_bpjs_bridging_unmodified_reads_creates_updates_and_deletes(typed: dict[str, Any]) -> None:
    protocol = typed["aplicares"]
    client = Bridging(
        {"host": protocol["base_url"], "consid": protocol["cons_id"], "secret": protocol["secret"]}, "aplicare"
    )
    ppk = protocol["kodeppk"]
    assert client.request("ref/kelas")["response"]["list"][1] == {"kodekelas": "VVP", "namakelas": "VVIP"}
    for path, message in [("create", "disimpan"), ("update", "diupdate"), ("update", "diupdate")]:
        answer = client.request(f"bed/{path}/{ppk}", "POST", ROOM)
        assert answer == {"metaData": {"code": 1, "message": f"Data berhasil {message}."}, "response": None}
    answer = client.request(f"bed/read/{ppk}/1/1")
    assert answer["metaData"] == {"code": 1, "message": "OK"}
    assert [(room["koderuang"], room["tersedia"]) for room in answer["response"]["list"]] == [("RG01", 10)]
    gone = {"kodekelas": "VIP", "koderuang": "RG01"}
    assert client.request(f"bed/delete/{ppk}", "POST", gone)["metaData"]["message"] == "Data berhasil dihapus."
    assert client.request(f"bed/read/{ppk}/1/10")["response"]["list"] == []
    assert client.request(f"bed/update/{ppk}", "POST", ROOM | {"tersedia": "x"})["metaData"]["code"] == 400
    wrong = Bridging({"host": protocol["base_url"], "consid": protocol["cons_id"], "secret": "x"}, "aplicare")
    assert wrong.request("ref/kelas")["metaData"]["code"] == 401


BODY = json.dumps(ROW)


@pytest.mark.parametrize(
    ("line", "more", "body"),
    [
        ("POST /fo/index.php/Fasyankes HTTP/1.1", "Content-Type: application/x-www-form-urlencoded", BODY),
        ("POST /fo/index.php/Fasyankes HTTP/1.1", "Content-Type: Application/x-www-form-urlencoded", BODY),
        ("PUT /fo/index.php/Fasyankes%5C HTTP/1.1", "Content-Type: application/json", BODY),
        ("PUT /fo/index.php/Fasyankes\\ HTTP/1.1", "Content-Type: application/json", BODY),
        ("PUT /fo/index.php/Fasyankes%20 HTTP/1.1", "Content-Type: application/json; charset=utf-8", BODY),
        ("PUT /fo/index.php/fasyankes HTTP/1.1", "X-Unused: 1", BODY),
        ("POST /fo/index.php/Fasyankes HTTP/1.0", "Content-Type: application/json", BODY),
        ("POST //fo/index.php//Fasyankes/ HTTP/1.1", "Content-Type: application/json", BODY),
        ("DELETE /fo/index.php/Fasyankes HTTP/1.1", "Content-Type: application/json", '{"id_t_tt": "1"}'),
        ("DELETE /fo/index.php/Fasyankes/900000009 HTTP/1.1", "X-Unused: 1", ""),
        ("GET /fo/index.php/Fasyankes HTTP/1.1", "Content-Type: application/json", "null"),
        ("GET /fo/index.php/Referensi/tempat_tidur HTTP/1.0", "Content-Type: application/json", "{}"),
    ],
)
@pytest.mark.parametrize("clock", ["seconds", "milliseconds", "comma", "none"])
def test_habits_of_sirs_clients_byte_for_byte(
    *, line: str, more: str, body: str, clock: str, server: Serving, typed: dict[str, Any]
) -> None:
    protocol, now = typed["sirs"], int(time.time())
    stamp = {"seconds": f"{now}", "milliseconds": f"{now}123", "comma": f"{now},5", "none": ""}[clock]
    head = f"{line}\r\nHost: x\r\nx-rs-id: {protocol['x_rs_id']} \r\nX-PASS: {protocol['x_pass']}\r\n{more}\r\n"
    head += f"X-timestamp: {stamp}\r\n" if stamp else ""
    head += f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    status, headers, answer = send_raw(server, head.encode() + body.encode())
    assert (status, headers["content-type"]) == (200, "application/json"), answer
    said = json.loads(answer)
    if not line.startswith("GET"):
        assert said["fasyankes"][0]["status"] == "200"
        # The first message makes another channel of this hospital count.
        assert all(text.startswith("channel_changed") for text in said["fasyankes"][0].get("warnings", []))


def test_habits_of_aplicares_clients_byte_for_byte(server: Serving, typed: dict[str, Any]) -> None:
    protocol, body = typed["aplicares"], json.dumps(ROOM)
    stamp = str(int(time.time()))
    signed = signature(protocol["secret"], protocol["cons_id"], stamp)
    for path in ("bed/update/1199r001/", "/bed/update/1199R001", "bed/create/1199R001"):
        for version, more in (("1.1", "user_key: abc"), ("1.0", "Content-Type: application/x-www-form-urlencoded")):
            head = f"POST /aplicaresws/rest/{path} HTTP/{version}\r\nHost: x\r\nX-Cons-ID: {protocol['cons_id']}\r\n"
            head += f"X-Timestamp: {stamp}\r\nX-Signature: {signed}\r\n{more}\r\n"
            head += f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
            status, _, answer = send_raw(server, (head + body).encode())
            assert (status, json.loads(answer)["metadata"]["code"]) == (200, 1), (path, answer)


def test_a_burst_of_all_hospitals_by_both_doors_is_answered_in_time_and_counted_once(tmp_path: Path) -> None:
    with served(tmp_path, "--seed", "semarang") as server:
        key = server.key()
        with httpx2.Client(base_url=server.url, headers={"Authorization": f"Bearer {key}"}, trust_env=False) as officer:
            hospitals = add_hospitals(officer)
            before = officer.get("/v1/position").json()["position"]

            async def burst() -> list[float]:
                work = [send_all(server.port, of_sirs(typed), b"telah disimpan") for typed in hospitals]
                work += [send_all(server.port, of_aplicares(typed), b"Data berhasil diupdate.") for typed in hospitals]
                return await asyncio.gather(*work)

            begun = time.perf_counter()
            slowest = max(asyncio.run(burst()))
            print(f"{HOSPITALS * ROOMS * 2} in {time.perf_counter() - begun:.2f} s, slowest answer {slowest:.2f} s")
            assert officer.get("/v1/position").json()["position"] - before == HOSPITALS * ROOMS * 2
            totals = officer.get(f"/v1/areas/{AREA}/capacity").json()["totals"]
            beds = HOSPITALS * ROOMS * 4
            assert [totals[name] for name in ("beds_total", "beds_occupied", "beds_available")] == [
                beds, beds // 4, beds * 3 // 4,
            ]  # fmt: skip
            for typed in hospitals[:3]:
                channels = officer.get(f"/v1/facilities/{typed['facility_id']}/channels").json()["channels"]
                assert [(c["channel"], len(c["lines"]), c["counting"]) for c in channels] == [
                    ("sirs", ROOMS, True), ("aplicares", ROOMS, False),
                ]  # fmt: skip
        assert server.run("verify").returncode == 0


# Rubbish.

SEEDS = 300


def rubbish(chance: random.Random) -> bytes:
    """Bytes that nobody should send, or nearly what they should."""
    shapes = [
        lambda: chance.randbytes(chance.randint(0, 300)),
        lambda: json.dumps(scrap(chance, 0)).encode(chance.choice(["utf-8", "utf-16", "cp1252"]), errors="replace"),
        lambda: json.dumps(ROW | {chance.choice([*ROW, "covid", "x"]): scrap(chance, 2)}).encode(),
        lambda: json.dumps(ROOM | {chance.choice([*ROOM, "tersediapria"]): scrap(chance, 2)}).encode(),
        lambda: b"[" * chance.randint(1, 60_000),
        lambda: b"a=1&" * chance.randint(1, 5_000),
        lambda: b'{"id_tt":"3","jumlah":' + b"9" * chance.randint(1, 6_000) + b',"terpakai":0}',
        lambda: b'{"ruang":"\\ud800\\u0000","id_tt":"\\udc00","jumlah":1,"terpakai":0,"koderuang":"\\u0000"}',
        lambda: b"<xml><data><kode_ruang>" + chance.randbytes(20).hex().encode() + b"</kode_ruang></data></xml>",
        lambda: b" " * 70_000,
    ]
    return chance.choice(shapes)()


def scrap(chance: random.Random, depth: int) -> Any:
    values = [None, True, -1, 1.5, 1e308, 10**30, "", " 7 ", "\u00e9\u2603", "x" * 400, "\ud83d", "0", "-0", "1e3", "٣"]
    if depth < 3 and chance.random() < 0.4:
        return {str(scrap(chance, 3)): scrap(chance, depth + 1) for _ in range(chance.randint(0, 4))}
    if depth < 3 and chance.random() < 0.3:
        return [scrap(chance, depth + 1) for _ in range(chance.randint(0, 4))]
    return chance.choice(values)


def fuzz(server: Serving, typed: dict[str, Any], cases: int, seed: int) -> None:
    chance = random.Random(seed)
    sirs, protocol = typed["sirs"], typed["aplicares"]
    with httpx2.Client(base_url=server.url, trust_env=False, timeout=30) as client:
        for _ in range(cases):
            stamp = chance.choice([str(int(time.time())), "", "x", "9" * 40, "1" * 5000, "-1", "1e9"])
            signed = signature(protocol["secret"], protocol["cons_id"], stamp)
            headers = {
                "X-rs-id": chance.choice([sirs["x_rs_id"], sirs["x_rs_id"], "", "\u00e9", "9" * 300]).encode(),
                "X-pass": chance.choice([sirs["x_pass"], sirs["x_pass"], "salah"]).encode(),
                "X-cons-id": chance.choice([protocol["cons_id"], protocol["cons_id"], "0", ""]).encode(),
                "X-timestamp": stamp.encode(),
                "X-signature": chance.choice([signed, signed, "%", "%ff%00", "\u00e9"]).encode(),
                "Content-Type": chance.choice(
                    ["application/json", "text/xml", "multipart/form-data", "\u00e9"]
                ).encode(),
            }
            path = chance.choice(
                [
                    "/fo/index.php/Fasyankes", "/fo/index.php/Fasyankes/%00", "/fo/index.php/Fasyankes/" + "9" * 900,
                    "/fo/", "/fo/index.php/Referensi/tempat_tidur", "/fo/index.php/Fasyankes?id_t_tt=%ff",
                    "/aplicaresws/rest/bed/update/1199R001", "/aplicaresws/rest/bed/create/1199R001",
                    "/aplicaresws/rest/bed/delete/1199R001", "/aplicaresws/rest/bed/read/1199R001/0/9999999999999999",
                    "/aplicaresws/rest/bed/update/%ff%00", "/aplicaresws", "/sirsservice/ranap",
                    "/sirsservice/sisrute/hapusdata/%00/%ff/1",
                ]
            )  # fmt: skip
            method = chance.choice(["GET", "POST", "POST", "PUT", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "LOCK"])
            body = rubbish(chance)
            answer = client.request(method, path, content=body, headers=headers)
            told = (method, path, body[:200], answer.status_code, answer.text[:300])
            assert answer.status_code < 500, told
            assert answer.headers["content-type"] == "application/json", told
            said = answer.json()
            if path.startswith("/fo"):
                [said] = [*said.values()][:1]
                assert isinstance(said, list), told
            elif path.startswith("/aplicaresws"):
                assert type(said["metadata"]["code"]) is int, told
            else:
                assert said["response"] in {"0", "1"}, told


def test_rubbish_is_told_in_the_envelope_and_never_500(server: Serving, typed: dict[str, Any]) -> None:
    fuzz(server, typed, SEEDS, seed=20210715)
    assert server.exceptions() == []
    assert server.run("verify").returncode == 0


@pytest.mark.slow
def test_much_rubbish(tmp_path: Path) -> None:
    with served(tmp_path, "--seed", "semarang") as server:
        typed = add(server, 1)
        for seed in range(20):
            fuzz(server, typed, 1_000, seed=seed)
        assert server.exceptions() == []
        assert server.run("verify").returncode == 0
