"""SIRS Online as hospitals speak it: envelopes, tolerance, identity of rows, and what the city sees of it."""

import json
from datetime import timedelta

import httpx2
import pytest

from app.domain.channels import Channel
from app.domain.text import is_printable
from tests.conftest import Clock, Service
from tests.protocols.conftest import SIRS, Software, beds_of

ROW = {
    "id_tt": "28", "ruang": "Anggrek Isolasi", "jumlah_ruang": "4", "jumlah": "8", "terpakai": 5,
    "terpakai_suspek": "2", "terpakai_konfirmasi": "3", "antrian": "0", "prepare": "0", "prepare_plan": "0", "covid": 1,
}  # fmt: skip


async def test_a_row_is_created_read_updated_in_part_and_deleted(software: Software, service: Service) -> None:
    created = await software.sirs("POST", ROW)
    assert created.status_code == 200
    assert created.headers["content-type"] == "application/json"
    assert created.text == (
        '{"fasyankes":[{"status":"200","message":"Data tempat tidur telah disimpan","id_t_tt":"900000001"}],'
        '"id_t_tt":"900000001"}'
    )
    assert await beds_of(service) == (8, 5, 3)
    updated = await software.sirs("PUT", {"id_t_tt": 900000001, "terpakai": 6, "jumlah_ruang": 4, "jumlah": 8})
    assert updated.json()["fasyankes"][0]["message"] == "Data tempat tidur telah diupdate"
    [row] = await software.sirs_rows()
    assert row == {
        "id_tt": "28", "tt": "Isolasi Tekanan Negatif", "ruang": "Anggrek Isolasi", "kode_siranap": "0061",
        "jumlah_ruang": "4", "jumlah": "8", "terpakai_suspek": "2", "terpakai_konfirmasi": "3", "antrian": "0",
        "prepare": "0", "prepare_plan": "0", "kosong": "2", "terpakai_dbd": "0", "terpakai_dbd_anak": "0",
        "terpakai": "6", "covid": "1", "id_t_tt": "900000001", "tglupdate": "2026-11-23 10:00:00",
    }  # fmt: skip
    deleted = await software.sirs("DELETE", {"id_t_tt": "900000001"})
    assert deleted.json()["fasyankes"][0]["message"] == "Data tempat tidur telah dihapus"
    assert await software.sirs_rows() == []


async def test_free_beds_beside_a_queue_are_told(software: Software) -> None:
    (told,) = (await software.sirs("POST", {**ROW, "antrian": 1})).json()["fasyankes"]
    assert told["status"] == "200"
    assert told["warnings"] == ["free_beside_queue: ada tempat tidur kosong padahal ada antrean (kosong 3, antrean 1)"]


async def test_the_reference_table_is_the_ministrys(software: Software) -> None:
    answer = await software.sirs("GET", path="/fo/index.php/Referensi/tempat_tidur")
    table = answer.json()["tempat_tidur"]
    assert len(table) == 32
    assert table[0] == {"kode_tt": "1", "nama_tt": "VVIP/ Super VIP"}


@pytest.mark.parametrize(
    "path",
    [
        f"{SIRS}/", f"{SIRS}%5C", f"{SIRS}%20", "/fo/index.php/fasyankes", "/fo/index.php/FASYANKES/",
        "/fo//index.php/Fasyankes", "/fo/index.php/fo/index.php/Fasyankes", "/fo/index.php/index.php/Fasyankes",
    ],
)  # fmt: skip
async def test_paths_as_clients_write_them_are_no_redirect(path: str, software: Software) -> None:
    answer = await software.sirs("PUT", ROW, path)
    assert answer.status_code == 200, answer.text
    assert "telah diupdate" in answer.text


@pytest.mark.parametrize("content_type", ["application/x-www-form-urlencoded", "Application/Json", "text/plain", None])
async def test_json_is_read_whatever_its_type_says(content_type: str | None, software: Software) -> None:
    headers = software.sirs_headers | ({"Content-Type": content_type} if content_type else {})
    for body in (json.dumps(ROW), "\ufeff" + json.dumps(ROW)):
        answer = await software.client.post(SIRS, content=body.encode(), headers=headers)
        assert "telah disimpan" in answer.text
    assert len(await software.sirs_rows()) == 1


async def test_a_form_and_windows_text_are_read_too(software: Software) -> None:
    form = await software.client.post(
        SIRS, data={"id_tt": "3", "jumlah": "4", "terpakai": "1"}, headers=software.sirs_headers
    )
    assert "telah disimpan" in form.text
    body = '{"id_tt":"3","ruang":"Ruang \u00e9","jumlah":4,"terpakai":1}'.encode("cp1252")
    answer = await software.client.post(SIRS, content=body, headers=software.sirs_headers)
    assert "telah disimpan" in answer.text
    assert {row["ruang"] for row in await software.sirs_rows()} == {"", "Ruang \u00e9"}


async def test_the_id_may_stand_in_path_or_query(software: Software) -> None:
    await software.sirs("POST", ROW)
    assert "diupdate" in (await software.sirs("POST", {"terpakai": 1}, f"{SIRS}/900000001")).text
    assert "diupdate" in (await software.sirs("PUT", {"terpakai": 2}, f"{SIRS}/900000001/")).text
    assert [row["terpakai"] for row in await software.sirs_rows()] == ["2"]
    answer = await software.client.delete(f"{SIRS}?id_t_tt=900000001", headers=software.sirs_headers)
    assert "dihapus" in answer.text
    assert await software.sirs_rows() == []


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ({**ROW, "jumlah": "-1"}, "jumlah"),
        ({**ROW, "terpakai": "lima"}, "terpakai"),
        ({**ROW, "jumlah": True}, "jumlah"),
        ({**ROW, "jumlah": 100_001}, "jumlah"),
        ({**ROW, "jumlah": ""}, "jumlah"),
        ({"ruang": "A", "jumlah": 1, "terpakai": 0}, "id_tt"),
        ({"id_tt": "3"}, "jumlah"),
    ],
)
async def test_a_row_that_cannot_be_stored_is_told_by_its_field_and_changes_nothing(
    said: dict[str, object], names: str, software: Software, service: Service
) -> None:
    before = service.node.board.position
    answer = await software.sirs("POST", said)
    assert answer.status_code == 200
    [row] = answer.json()["fasyankes"]
    assert row["status"] == "422"
    assert row["message"].startswith(f"Gagal: {names}:")
    assert service.node.board.position == before


@pytest.mark.parametrize("value", ["7", 7, "7.0", " 7 ", 7.0, "+7"], ids=repr)
async def test_counts_come_in_many_shapes(value: object, software: Software) -> None:
    await software.sirs("POST", {"id_tt": 3, "jumlah": value, "terpakai": 0, "antrian": None, "prepare": ""})
    [row] = await software.sirs_rows()
    assert (row["jumlah"], row["antrian"], row["prepare"]) == ("7", "0", "0")


@pytest.mark.parametrize("body", [b"", b"[1]", b"<xml/>", b"\xff\xfe\x00", b"{", b'"x"', b"null"])
async def test_what_is_neither_json_nor_a_form_is_400(body: bytes, software: Software) -> None:
    answer = await software.client.put(SIRS, content=body, headers=software.sirs_headers)
    assert answer.status_code == 400
    [told] = answer.json()["fasyankes"]
    assert told["status"] == "400"
    assert told["message"].startswith("Gagal: isi permintaan bukan JSON")


async def test_a_body_too_large_and_a_path_unknown_are_told_in_the_envelope(software: Software) -> None:
    large = await software.client.post(SIRS, content=b" " * 70_000, headers=software.sirs_headers)
    assert (large.status_code, large.json()["fasyankes"][0]["status"]) == (413, "413")
    for method in ("GET", "POST", "PATCH", "FOO"):
        unknown = await software.sirs(method, path="/fo/index.php/Fasyankes/sdm/1")
        staff = await software.sirs(method, ROW, path="/fo/index.php/Fasyankes/sdm")
        assert (staff.status_code, "Gagal" in staff.text) == (404, True), method
        assert unknown.status_code == 404, method
        assert "Gagal" in unknown.json()["fasyankes"][0]["message"]


async def test_a_closed_hospital_is_told_so(software: Software, service: Service) -> None:
    from app.actions.register_facilities import FacilityChange, change_facility
    from app.domain.permissions import NATIONAL, Actor, Role

    seq = service.node.board.facility("rs-a").seq
    officer = Actor("k", Role.command, NATIONAL)
    await change_facility(service.node, "rs-a", FacilityChange(is_open=False), by=officer, reason="", if_match=seq)
    answer = await software.sirs("POST", ROW)
    assert answer.status_code == 403
    assert "ditutup" in answer.text


async def test_rooms_are_compared_folded_and_told_as_sent(software: Software) -> None:
    await software.sirs("POST", {**ROW, "ruang": "  Anggrek  Isolasi \u00c9 "})
    again = await software.sirs("POST", {**ROW, "ruang": "anggrek isolasi \u00e9"})
    assert again.json()["id_t_tt"] == "900000001"
    [row] = await software.sirs_rows()
    assert row["ruang"] == "anggrek isolasi \u00e9"
    await software.sirs("POST", {**ROW, "ruang": "Anggrek  Isolasi"})
    assert [row["ruang"] for row in await software.sirs_rows()] == ["Anggrek  Isolasi", "anggrek isolasi \u00e9"]


async def test_an_unknown_id_with_a_bed_type_becomes_the_rows_id(software: Software) -> None:
    answer = await software.sirs("PUT", {**ROW, "id_t_tt": "34450001"})
    assert answer.json()["id_t_tt"] == "34450001"
    assert "diupdate" in (await software.sirs("PUT", {"id_t_tt": "34450001", "terpakai": 1})).text


async def test_a_row_that_takes_the_name_of_another_stays_a_row_of_its_own(
    software: Software, service: Service
) -> None:
    await software.sirs("POST", ROW)
    await software.sirs("POST", {**ROW, "ruang": "Melati", "jumlah": 4, "terpakai": 1})
    renamed = await software.sirs("PUT", {"id_t_tt": "900000002", "ruang": "Anggrek Isolasi"})
    assert renamed.json()["id_t_tt"] == "900000002"
    assert any(each.startswith("same_name: ") for each in renamed.json()["fasyankes"][0]["warnings"])
    assert await beds_of(service) == (12, 6, 6)
    await software.sirs("PUT", {"id_t_tt": "900000002", "terpakai": 2})
    assert [(row["id_t_tt"], row["terpakai"]) for row in await software.sirs_rows()] == [
        ("900000001", "5"), ("900000002", "2"),
    ]  # fmt: skip


async def test_a_row_that_changes_its_bed_type_is_counted_once(software: Software, service: Service) -> None:
    await software.sirs("POST", ROW)
    await software.sirs("PUT", {"id_t_tt": "900000001", "id_tt": "12"})
    assert [row["tt"] for row in await software.sirs_rows()] == ["Isolasi"]
    assert await beds_of(service) == (8, 5, 3)


async def test_deleting_by_name_and_only_what_is_meant(software: Software) -> None:
    for room in ("A", "B", ""):
        await software.sirs("POST", {"id_tt": 3, "ruang": room, "jumlah": 4, "terpakai": 1})
    several = await software.sirs("DELETE", {"id_tt": "3"})
    assert several.status_code == 200
    assert several.json()["fasyankes"][0]["status"] == "409"
    assert "dihapus" in (await software.sirs("DELETE", {"id_tt": "3", "ruang": "a "})).text
    assert "dihapus" in (await software.sirs("DELETE", {"id_tt": "3", "ruang": ""})).text
    assert [row["ruang"] for row in await software.sirs_rows()] == ["B"]
    assert "dihapus" in (await software.sirs("DELETE", {"id_tt": 3})).text
    assert await software.sirs_rows() == []
    for nothing in ({"id_t_tt": "1"}, {"id_tt": "3"}, {"id_tt": "9", "ruang": "x"}):
        assert "dihapus" in (await software.sirs("DELETE", nothing)).text
    assert (await software.sirs("DELETE", {"ruang": "x"})).json()["fasyankes"][0]["status"] == "422"


async def test_covid_decides_between_rows_of_one_room(software: Software) -> None:
    plain = {"id_tt": 28, "ruang": "A", "jumlah": 4, "terpakai": 1}
    await software.sirs("POST", {**plain, "covid": 1})
    assert (await software.sirs("PUT", plain)).json()["id_t_tt"] == "900000001"
    assert (await software.sirs("POST", {**plain, "covid": 0})).json()["id_t_tt"] == "900000002"
    assert [row["covid"] for row in await software.sirs_rows()] == ["1", "0"]
    await software.sirs("POST", {**plain, "ruang": "B"})
    await software.sirs("POST", {**plain, "id_tt": 30})
    shown = (await software.client.get("/v1/facilities/rs-a")).json()["lines"]
    told = {(line["ward_code"], line["covid"]) for line in shown}
    assert told == {("900000001", True), ("900000002", False), ("900000003", None), ("900000004", True)}


@pytest.mark.parametrize(
    ("said", "flag"),
    [
        ({**ROW, "terpakai": 9}, "over_capacity"),
        ({**ROW, "id_tt": 13}, "unknown_code"),
        ({**ROW, "covid": 0}, "split_mismatch"),
        ({**ROW, "terpakai_suspek": 0}, "split_mismatch"),
        ({"id_tt": 28, "jumlah": 4, "terpakai": 1}, "covid_unknown"),
    ],
)
async def test_what_is_odd_is_stored_and_flagged(said: dict[str, object], flag: str, software: Software) -> None:
    answer = await software.sirs("POST", said)
    [told] = answer.json()["fasyankes"]
    assert told["status"] == "200"
    assert any(warning.startswith(f"{flag}: ") for warning in told["warnings"])
    assert not [word for word in ("gagal", "error", "tidak ditemukan", "post") if word in answer.text.lower()]
    assert len(await software.sirs_rows()) == 1


async def test_a_wrong_clock_is_told_and_refuses_nothing(software: Software) -> None:
    for timestamp, flag in [
        (software.timestamp() + "000", None),
        (software.timestamp() + ",5", None),
        (software.timestamp(timedelta(hours=7)), "clock_skew"),
        ("kemarin", "clock_unreadable"),
        ("", None),
    ]:
        [told] = (await software.sirs("POST", ROW, headers={"X-Timestamp": timestamp})).json()["fasyankes"]
        assert told["status"] == "200"
        assert bool(flag) == ("warnings" in told and any(str(flag) in warning for warning in told["warnings"]))


async def test_errors_of_reading_are_json_in_the_message(software: Software) -> None:
    wrong = {**software.sirs_headers, "X-pass": "salah"}
    answer = await software.client.get(SIRS, headers=wrong)
    [told] = answer.json()["fasyankes"]
    assert json.loads(told["message"]) == {"response": "Gagal: X-rs-id atau X-pass tidak sah"}
    reference = await software.client.get("/fo/index.php/Referensi/tempat_tidur", headers=wrong)
    assert reference.json()["tempat_tidur"][0]["status"] == "401"


async def test_many_requests_are_let_in_and_then_slowed_down(software: Software, service: Service) -> None:
    from app.limits.rate_limits import Rates

    service.state["rates"] = Rates(exempt=(), clock=lambda: 0.0)
    answers = [await software.sirs("PUT", ROW) for _ in range(301)]
    assert [answer.status_code for answer in answers] == [200] * 300 + [429]
    assert answers[-1].json()["fasyankes"][0]["status"] == "429"
    assert int(answers[-1].headers["retry-after"]) >= 1


async def test_every_report_renews_freshness(software: Software, service: Service, clock: Clock) -> None:
    await software.sirs("POST", ROW)
    clock.advance(hours=7)
    await software.sirs("POST", ROW)
    assert service.node.board.figures(service.node.board.facility("rs-a"), clock()).observed_at == clock()


async def test_a_hospital_may_have_its_row_failures_as_http_statuses(
    software: Software, officer: httpx2.AsyncClient
) -> None:
    changed = await officer.patch("/v1/facilities/rs-a", json={"switches": ["sirs_status"]}, headers={"If-Match": "*"})
    assert changed.json()["switches"] == ["sirs_status"]
    for said, method, status in [
        ({"id_t_tt": "1", "terpakai": 1}, "PUT", 404),
        ({**ROW, "jumlah": "x"}, "PUT", 422),
    ]:
        answer = await software.sirs(method, said)
        assert (answer.status_code, answer.json()["fasyankes"][0]["status"]) == (status, str(status))


async def test_a_password_in_a_path_is_in_no_list(software: Software, service: Service) -> None:
    secret = software.secrets[Channel.sirs][1]
    await software.sirs("GET", path=f"/fo/index.php/{secret}")
    await software.sirs("GET", path="/fo/index.php/Fasyankes/" + secret.replace(secret[0], f"%{ord(secret[0]):02x}"))
    kept = await service.node.messages.last("rs-a", limit=2)
    assert len(kept) == 2
    assert secret not in repr(kept)
    assert "***" in kept[0].request


async def test_a_room_is_told_back_byte_for_byte_and_shown_to_others_without_what_no_screen_shows(
    software: Software, service: Service, officer: httpx2.AsyncClient
) -> None:
    room = "Melati\x1b[2J\u202eA\u200b\tB\nC"
    stored = await software.sirs("POST", {**ROW, "ruang": room})
    assert stored.json()["fasyankes"][0]["status"] == "200"
    assert [row["ruang"] for row in await software.sirs_rows()] == [room]
    [line] = service.node.board.channel_state("rs-a", Channel.sirs).lines.values()
    assert line.ward_name == "Melati [2JA B C"


async def test_a_code_with_characters_that_no_screen_shows_is_stored_without_them_and_flagged(
    software: Software, service: Service
) -> None:
    answer = await software.sirs("POST", {**ROW, "id_tt": "9\x1b9\u202e"})
    told = answer.json()["fasyankes"][0]
    assert told["status"] == "200"
    assert any(warning.startswith("unreadable_value: id_tt") for warning in told["warnings"])
    assert is_printable(answer.json()["fasyankes"][0]["warnings"][0])
    [row] = await software.sirs_rows()
    assert row["id_tt"] == "9 9"


async def test_officers_see_the_room_of_a_waiting_row_without_what_no_screen_shows_and_it_is_stored_as_it_came(
    software: Software, officer: httpx2.AsyncClient
) -> None:
    room = "Melati\x1b[2J\u202eA"
    await software.sirs("PUT", {"id_t_tt": "34450001", "ruang": room, "jumlah": 4, "terpakai": 1})
    [waiting] = (await officer.get("/v1/facilities/rs-a/waiting")).json()["waiting"]
    assert waiting["said"]["ruang"] == "Melati [2JA"
    done = await officer.post("/v1/facilities/rs-a/waiting/34450001", json={"id_tt": "3"})
    assert done.status_code == 200, done.text
    assert [row["ruang"] for row in await software.sirs_rows()] == [room]
