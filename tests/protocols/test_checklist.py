"""The acceptance checklist of the specification (docs/protocols/): one test for each item."""

import json
import logging
from datetime import timedelta
from typing import Any

import pytest

from app.actions.hospitals import Hospital, add_hospital
from app.domain.channels import Channel
from app.domain.permissions import OPERATOR
from app.protocols.sirs.import_rows import import_rows
from app.runtime.row_ender import RowEnder
from tests.conftest import Clock, Service
from tests.protocols.conftest import SIRS, Software, beds_of
from tests.protocols.test_aplicares import ROOM, rooms
from tests.protocols.test_siranap_v1 import STORED, cell, send, xml

ROW: dict[str, Any] = {"id_tt": "3", "ruang": "Melati", "jumlah": "12", "terpakai": "9", "antrian": "2", "covid": "0"}


async def test_01_json_under_a_form_content_type_is_stored(software: Software, service: Service) -> None:
    headers = {**software.sirs_headers, "Content-Type": "application/x-www-form-urlencoded"}
    await software.client.post(SIRS, content=json.dumps(ROW).encode(), headers=headers)
    assert await beds_of(service) == (12, 9, 3)


async def test_02_stray_backslash_and_slash_are_served_without_redirect(software: Software) -> None:
    put = await software.sirs("PUT", ROW, f"{SIRS}%5C")
    update = await software.aplicares("POST", "bed/update/1199R001/", ROOM)
    assert (put.status_code, update.status_code) == (200, 200)
    assert "telah diupdate" in put.text
    assert update.json()["metadata"]["code"] == 1


async def test_03_a_partial_put_leaves_the_other_fields(software: Software) -> None:
    await software.sirs("POST", ROW)
    [before] = await software.sirs_rows()
    await software.sirs("PUT", {"id_t_tt": before["id_t_tt"], "terpakai": 10, "jumlah_ruang": 4, "jumlah": 12})
    [after] = await software.sirs_rows()
    assert after == before | {"terpakai": "10", "jumlah_ruang": "4", "kosong": "2"}


async def test_04_put_by_name_creates_then_updates_one_row(software: Software) -> None:
    await software.sirs("PUT", ROW)
    await software.sirs("PUT", {**ROW, "terpakai": "10"})
    assert [row["terpakai"] for row in await software.sirs_rows()] == ["10"]


async def test_05_three_identical_posts_are_one_row_and_one_id(software: Software, service: Service) -> None:
    ids = {(await software.sirs("POST", ROW)).json()["id_t_tt"] for _ in range(3)}
    assert len(ids) == 1
    assert len(await software.sirs_rows()) == 1
    assert await beds_of(service) == (12, 9, 3)


async def test_06_the_ministrys_ids_work_after_its_answer_was_imported(software: Software, service: Service) -> None:
    answer = {"fasyankes": [{**ROW, "id_t_tt": "34450001", "kosong": "3", "tglupdate": "2026-11-23 08:30:00"}]}
    imported = await import_rows(service.node, "rs-a", answer, by=OPERATOR)
    assert len(imported.rows) == 1
    assert await beds_of(service) == (12, 9, 3)
    [row] = await software.sirs_rows()
    assert row["tglupdate"] == "2026-11-23 08:30:00"
    updated = await software.sirs("PUT", {"id_t_tt": "34450001", "terpakai": 10})
    assert updated.json()["fasyankes"][0]["status"] == "200"
    assert await beds_of(service) == (12, 10, 2)


async def test_07_all_values_are_text_and_the_room_comes_back_byte_for_byte(software: Software) -> None:
    room = "Melati  \u00c9/'\"\\ \u2603 2"
    await software.sirs("POST", {**ROW, "ruang": room})
    [row] = await software.sirs_rows()
    assert all(isinstance(value, str) for value in row.values())
    assert row["ruang"] == room


async def test_08_who_deletes_all_it_does_not_know_touches_nobody_elses_rows(
    software: Software, service: Service
) -> None:
    other = await add_hospital(service.node, Hospital("rs-b", sirs="3374002"), by=OPERATOR)
    neighbour = Software(software.client, software.clock, {d.channel: (d.login, d.secret) for d in other.logins})
    await neighbour.sirs("POST", ROW)
    await software.aplicares("POST", "bed/create/1199R001", ROOM)
    key = await service.key(facility="rs-a")
    said = {"observed_at": service.node.clock().isoformat(), "lines": [{"bed_type": "icu", "beds_total": 5}]}
    async with service.client(key) as native:
        assert (await native.post("/v1/facilities/rs-a/reports", json=said)).status_code == 201
    await software.sirs("POST", ROW)
    for row in await software.sirs_rows():
        await software.sirs("DELETE", {"id_t_tt": row["id_t_tt"]})
    for row_id in ("900000001", "ISO:ANG1", ""):
        await software.sirs("DELETE", {"id_t_tt": row_id, "id_tt": "3", "ruang": "Melati"})
    assert await software.sirs_rows() == []
    assert len(await neighbour.sirs_rows()) == 1
    assert len(await rooms(software)) == 1
    channels = {
        c.channel: c
        for c in service.node.board.figures(service.node.board.facility("rs-a"), service.node.clock()).channels
    }
    assert channels[Channel.native].totals.beds_total == 5


async def test_09_successes_pass_the_text_contract(software: Software) -> None:
    told = [
        (await software.sirs("POST", ROW), "telah disimpan"),
        (await software.sirs("PUT", ROW), "telah diupdate"),
        (await software.sirs("DELETE", {"id_tt": "3", "ruang": "Melati"}), "telah dihapus"),
    ]
    for answer, words in told:
        [row] = answer.json()["fasyankes"]
        assert (row["status"], answer.status_code) == ("200", 200)
        assert words in row["message"]
        assert not [bad for bad in ("gagal", "error", "tidak ditemukan") if bad in row["message"].lower()]
        assert "POST" not in row["message"]
    exact = [
        (await software.aplicares("GET", "ref/kelas"), "OK"),
        (await software.aplicares("POST", "bed/create/1199R001", ROOM), "Data berhasil disimpan."),
        (await software.aplicares("POST", "bed/update/1199R001", ROOM), "Data berhasil diupdate."),
        (await software.aplicares("GET", "bed/read/1199R001/1/9"), "OK"),
        (await software.aplicares("POST", "bed/delete/1199R001", ROOM), "Data berhasil dihapus."),
    ]
    assert [answer.json()["metadata"]["message"] for answer, _ in exact] == [words for _, words in exact]


async def test_10_clocks_of_sirs_are_accepted_and_flagged(software: Software, service: Service) -> None:
    now = software.timestamp()
    for stamp in (now + "000", now + ",5", software.timestamp(timedelta(hours=7))):
        answer = await software.sirs("POST", ROW, headers={"X-Timestamp": stamp})
        assert answer.json()["fasyankes"][0]["status"] == "200"
    last, *_ = await service.node.messages.last("rs-a", limit=10)
    assert (last.outcome, last.clock_skew_seconds) == ("flagged", 7 * 3600)
    assert "clock_skew" in (last.detail or "")


async def test_11_signatures_and_envelopes_of_aplicares(software: Software) -> None:
    now = software.timestamp()
    for ahead, status in ((1, 200), (2, 401)):
        headers = software.aplicares_headers(now, str(int(now) + ahead))
        assert "user_key" not in headers
        answer = await software.aplicares("POST", "bed/create/1199R001", ROOM, headers=headers)
        assert answer.status_code == status
    for path in ("create", "update", "delete"):
        said = (await software.aplicares("POST", f"bed/{path}/1199R001", ROOM)).json()
        assert set(said) == {"metadata"}
        assert type(said["metadata"]["code"]) is int


async def test_12_aplicares_creates_what_is_updated_and_deletes_what_is_not_there(software: Software) -> None:
    gone = await software.aplicares("POST", "bed/delete/1199R001", {"kodekelas": "VIP", "koderuang": "X"})
    assert gone.json()["metadata"]["code"] == 1
    made = await software.aplicares("POST", "bed/update/1199R001", ROOM)
    assert made.json()["metadata"]["code"] == 1
    assert len(await rooms(software)) == 1


async def test_13_a_split_that_repeats_the_total_counts_once(software: Software, service: Service) -> None:
    await software.aplicares("POST", "bed/update/1199R001", ROOM)
    assert await beds_of(service) == (8, 5, 3)


async def test_14_men_and_women_that_repeat_the_total_count_once(software: Software, service: Service) -> None:
    assert await send(software, xml(cell(12, (9, 9), (3, 3)))) == STORED
    assert await beds_of(service) == (12, 9, 3)


async def test_15_deleting_all_and_posting_all_leaves_no_gap(
    software: Software, service: Service, clock: Clock
) -> None:
    said = [{**ROW, "ruang": room} for room in ("A", "B", "C")]
    ids = [(await software.sirs("POST", row)).json()["id_t_tt"] for row in said]
    seen = {await beds_of(service)}
    ender = RowEnder(service.node.board, service.node.write_queue, clock)
    for row_id in ids:
        clock.advance(minutes=1)
        await software.sirs("DELETE", {"id_t_tt": row_id})
        seen.add(await beds_of(service))
        await ender.end_rows()
    assert await software.sirs_rows() == []
    clock.advance(minutes=20)
    await ender.end_rows()
    for row in said:
        await software.sirs("POST", row)
        seen.add(await beds_of(service))
    clock.advance(minutes=31)
    await ender.end_rows()
    assert {*seen, await beds_of(service)} == {(36, 27, 9)}
    assert [row["id_t_tt"] for row in await software.sirs_rows()] == ids


async def test_15b_what_is_not_posted_again_ends_as_of_its_deletion(
    software: Software, service: Service, clock: Clock
) -> None:
    for room in ("A", "B"):
        await software.sirs("POST", {**ROW, "ruang": room})
    clock.advance(minutes=5)
    deleted_at = clock()
    await software.sirs("DELETE", {"id_tt": "3", "ruang": "A"})
    clock.advance(minutes=31)
    ender = RowEnder(service.node.board, service.node.write_queue, clock)
    assert (await ender.end_rows(), await ender.end_rows()) == (1, 0)
    assert await beds_of(service) == (12, 9, 3)
    figures = service.node.board.figures(service.node.board.facility("rs-a"), clock())
    assert figures.observed_at == deleted_at  # nobody spoke since
    short = {name: ROW[name] for name in ("id_tt", "jumlah")} | {"ruang": "A"}
    assert (await software.sirs("POST", short)).json()["fasyankes"][0]["status"] == "422"  # old counts hold no more
    again = await software.sirs("POST", {**ROW, "ruang": "A"})
    assert again.json()["id_t_tt"] == "900000001"  # the same row, after a gap
    assert await beds_of(service) == (24, 18, 6)


@pytest.mark.parametrize(
    ("said", "flag"), [({"terpakai": "13"}, "over_capacity"), ({"id_tt": "13"}, "unknown_code")], ids=["over", "13"]
)
async def test_16_what_is_odd_in_sirs_is_stored_and_flagged(
    said: dict[str, str], flag: str, software: Software, service: Service
) -> None:
    answer = await software.sirs("POST", ROW | said)
    [row] = answer.json()["fasyankes"]
    assert (answer.status_code, row["status"]) == (200, "200")
    assert flag in row["warnings"][0]
    assert (await beds_of(service))[0] == 12


async def test_16b_an_unknown_class_of_aplicares_is_stored_and_flagged(software: Software, service: Service) -> None:
    answer = await software.aplicares("POST", "bed/create/1199R001", {**ROOM, "kodekelas": "XYZ"})
    assert (answer.status_code, answer.json()["metadata"]["code"]) == (200, 1)
    assert "unknown_code" in answer.json()["metadata"]["warnings"][0]
    assert await beds_of(service) == (8, 5, 3)


async def test_17_a_wrong_password_is_401_like_an_unknown_hospital_and_nothing_secret_is_logged(
    software: Software, service: Service, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = {**software.sirs_headers, "X-pass": "sandi-yang-salah"}
    unknown = {**wrong, "X-rs-id": "9999999"}
    answers = [await software.client.post(SIRS, json=ROW, headers=headers) for headers in (wrong, unknown)]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert answers[0].content == answers[1].content
    assert answers[0].json() == {"fasyankes": [{"status": "401", "message": "Gagal: X-rs-id atau X-pass tidak sah"}]}
    await software.sirs("POST", ROW)
    headers = software.aplicares_headers()
    await software.aplicares("POST", "bed/create/1199R001", ROOM, headers=headers | {"user_key": "kunci-rahasia"})
    kept = repr(await service.node.messages.last("rs-a", limit=50))
    told = capfd.readouterr()
    secrets = ["sandi-yang-salah", "kunci-rahasia", headers["X-signature"], *(s for _, s in software.secrets.values())]
    for secret in secrets:
        assert secret not in told.out + told.err + caplog.text + kept
    # ... and the route is, so that lines and figures of a door can be told from others.
    assert "/fo/index.php/Fasyankes" in told.out + told.err + caplog.text
