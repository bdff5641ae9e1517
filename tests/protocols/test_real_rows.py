"""Rows as real hospital software sends them: one test for each class of fault that was found in the field."""

from typing import Any

import httpx2
import pytest

from app.board.facility.figures import LineFigures
from tests.conftest import Clock, Service
from tests.field import field_json, field_requests, needs_field
from tests.protocols.conftest import Software, beds_of
from tests.protocols.test_aplicares import ROOM, rooms
from tests.protocols.test_siranap_v1 import cell, send, xml

ROW: dict[str, Any] = {"id_tt": "5", "ruang": "Kenanga", "jumlah": "12", "terpakai": "5", "covid": "0"}
UPDATE = "bed/update/1199R001"


def lines_of(service: Service) -> list[LineFigures]:
    return list(service.node.board.figures(service.node.board.facility("rs-a"), service.node.clock()).lines)


def codes(answer: httpx2.Response) -> list[str]:
    """The codes of the warnings of any of the three protocols."""
    said = answer.json()
    told = (said.get("fasyankes") or [{}])[0].get("warnings") or said.get("metadata", said).get("warnings") or []
    return [warning.partition(":")[0] for warning in told]


# An optional field never causes a row to be rejected.


@pytest.mark.parametrize(
    "value", ["null", "NULL", "NaN", "undefined", "-", "banyak", "-1", 1.5, [], {}, "1e3", True], ids=repr
)
async def test_an_optional_count_that_cannot_be_read_is_left_out_and_flagged(
    value: object, software: Software, service: Service
) -> None:
    for name in ("antrian", "prepare_plan", "terpakai_suspek", "jumlah_ruang", "terpakai_dbd"):
        await software.sirs("PUT", {**ROW, name: 2})
        answer = await software.sirs("PUT", {**ROW, name: value, "terpakai": "6"})
        [told] = answer.json()["fasyankes"]
        assert told["status"] == "200", told
        assert any(each.startswith("unreadable_value: ") and name in each for each in told["warnings"]), told
        assert await beds_of(service) == (12, 6, 6)
        [row] = await software.sirs_rows()
        assert row[name] == "2"  # left out: what was known stays
        await software.sirs("PUT", {**ROW, name: 0})


@pytest.mark.parametrize("value", ["ya", {}, "NaN", -3], ids=repr)
async def test_other_optional_fields_do_not_reject_a_row_either(value: object, software: Software) -> None:
    said = {**ROW, "covid": value, "id_t_tt": "bukan angka", "ruang": "x" * 300}
    answer = await software.sirs("POST", said)
    assert answer.json()["fasyankes"][0]["status"] == "200"
    assert codes(answer).count("unreadable_value") == 3
    [row] = await software.sirs_rows()
    assert (row["covid"], row["ruang"], row["id_t_tt"]) == ("0", "x" * 255, "900000001")


async def test_json_null_and_blank_are_nothing_and_no_oddity(software: Software) -> None:
    names = ("jumlah_ruang", "antrian", "prepare", "prepare_plan", "terpakai_dbd", "ruang", "id_t_tt")
    for empty in (None, "", "  "):
        answer = await software.sirs("POST", {**ROW, **dict.fromkeys(names, empty)})
        assert answer.json()["fasyankes"][0].get("warnings") is None


@pytest.mark.parametrize("split", ["-1", "null", "x", 2.5, None, [1]], ids=repr)
async def test_a_split_of_aplicares_never_rejects_a_room(split: object, software: Software, service: Service) -> None:
    answer = await software.aplicares("POST", UPDATE, {**ROOM, "tersediapria": split, "namaruang": "n" * 300})
    assert answer.json()["metadata"]["code"] == 1
    assert codes(answer).count("unreadable_value") == (1 if split is None else 2)
    assert await beds_of(service) == (8, 5, 3)


@pytest.mark.parametrize(
    ("odd", "seen"),
    [
        ({"terpakai_male": "x"}, (12, 9, 3)),
        ({"kosong_male": "null"}, (12, 9, 3)),
        ({"waiting": "-"}, (12, 9, 3)),
        ({"terpakai_male": "x", "kosong_female": "y"}, (12, None, None)),
        ({"kosong_male": "-13"}, (12, 9, 3)),
        ({"kosong_female": -(10**9)}, (12, 9, 3)),
        ({"kosong_male": "-7", "kosong_female": "-7"}, (12, 9, 3)),
        ({"kosong_male": "1.000"}, (12, 9, 3)),
    ],
)
async def test_a_cell_of_siranap_is_not_rejected_for_a_part_of_it(
    odd: dict[str, str], seen: tuple[int | None, ...], software: Software, service: Service
) -> None:
    said = await send(software, xml({**cell(12, (4, 5), (1, 2)), **odd}))
    assert said["response"] == "1"
    assert [each.split(":")[0] for each in said["warnings"]] == ["unreadable_value"] * len(odd)
    assert await beds_of(service) == seen


# Empty words are empty in every field, ids too.


@pytest.mark.parametrize(
    "none", ["0", 0, "null", "NULL", "NaN", "undefined", "-", "", " ", None, "00", -7, "-7", "abc"], ids=repr
)
async def test_an_id_that_is_no_positive_number_is_no_id(none: object, software: Software, service: Service) -> None:
    for room, beds in (("Satu", 10), ("Dua", 6), ("Tiga", 4)):
        said = {"id_t_tt": none, "id_tt": "4", "ruang": room, "jumlah": beds, "terpakai": 1}
        answer = await software.sirs("POST", said)
        assert "telah disimpan" in answer.text
    assert len({row["id_t_tt"] for row in await software.sirs_rows()}) == 3
    assert await beds_of(service) == (20, 3, 17)


@pytest.mark.parametrize("none", [None, "", "null", "-", " - ", "<nil>", r"\N", "#N/A", "None"], ids=repr)
async def test_a_room_named_by_a_word_for_nothing_has_no_name(
    none: str | None, software: Software, service: Service
) -> None:
    for method in ("POST", "PUT", "POST"):
        for room in (none, "Kenanga", ""):
            await software.sirs(method, {**ROW, "ruang": room})
    rows = await software.sirs_rows()
    assert [row["ruang"] for row in rows] == ["Kenanga", ""] or [row["ruang"] for row in rows] == ["", "Kenanga"]
    assert {line.ward_name for line in lines_of(service)} == {None, "Kenanga"}
    assert await beds_of(service) == (24, 10, 14)
    [named] = [row["id_t_tt"] for row in rows if row["ruang"]]
    await software.sirs("PUT", {"id_t_tt": named, "ruang": none, "terpakai": 6})  # an update takes no name away
    await software.sirs("DELETE", {"id_tt": "5", "ruang": none})
    assert [(row["ruang"], row["terpakai"]) for row in await software.sirs_rows()] == [("Kenanga", "6")]


async def test_words_for_nothing_are_empty_in_codes_and_names_of_rooms(software: Software, service: Service) -> None:
    await software.aplicares("POST", UPDATE, {**ROOM, "namaruang": "Anggrek"})
    for none in ("-", " null ", "<nil>", "#N/A"):
        await software.aplicares("POST", UPDATE, {**ROOM, "namaruang": none})
    assert {line.ward_name for line in lines_of(service)} == {"Anggrek"}
    for name in ("koderuang", "kodekelas"):
        refused = await software.aplicares("POST", UPDATE, {**ROOM, name: "undefined"})
        assert refused.json()["metadata"] == {"code": 0, "message": f"Gagal: {name}: diperlukan"}


async def test_free_beds_that_cannot_be_true_are_not_taken_as_free_where_nothing_else_was_sent(
    software: Software, service: Service
) -> None:
    one = {name: value for name, value in cell(12, (0, 0), (-13, 0)).items() if not name.startswith("terpakai")}
    assert (await send(software, xml(one)))["response"] == "1"
    assert await beds_of(service) == (12, None, None)


@pytest.mark.parametrize("count", ["1.000", "1,000", " 12.000 "])
async def test_a_count_that_may_be_a_thousand_is_rejected_or_left_out_and_never_one(
    count: str, software: Software, service: Service
) -> None:
    await software.sirs("POST", ROW)
    refused = await software.sirs("POST", {**ROW, "jumlah": count})
    assert refused.json()["fasyankes"][0]["message"].startswith("Gagal: jumlah: ")
    assert codes(await software.sirs("POST", {**ROW, "antrian": count})) == ["unreadable_value"]
    refused = await software.aplicares("POST", UPDATE, {**ROOM, "kapasitas": count})
    assert refused.json()["metadata"]["message"].startswith("Gagal: kapasitas: ")
    assert codes(await software.aplicares("POST", UPDATE, {**ROOM, "tersediapria": count})) == ["unreadable_value"]
    assert "disimpan" in (await software.sirs("POST", {**ROW, "jumlah": "7.0", "terpakai": "7,00"})).text
    assert await beds_of(service) == (7, 7, 0)


async def test_a_bed_type_that_is_too_long_for_a_code_counts_as_other(software: Software, service: Service) -> None:
    answer = await software.sirs("POST", {**ROW, "id_tt": "k" * 300})
    assert codes(answer) == ["unknown_code", "unreadable_value"]
    assert [line.bed_type for line in lines_of(service)] == ["other"]


# Negative free beds are an overfull ward.


@pytest.mark.parametrize(
    ("free", "seen"), [(-2, (10, 12, 0)), ("-2", (10, 12, 0)), (-10, (10, 20, 0)), (0, (10, 10, 0))], ids=repr
)
async def test_negative_free_beds_are_an_overfull_room(
    free: object, seen: tuple[int, int, int], software: Software, service: Service
) -> None:
    said = {**ROOM, "kapasitas": 10, "tersedia": 3}
    await software.aplicares("POST", UPDATE, said)
    answer = await software.aplicares("POST", UPDATE, {**said, "tersedia": free})
    assert answer.json()["metadata"]["code"] == 1
    assert codes(answer) == (["over_capacity"] if free else [])
    assert await beds_of(service) == seen
    assert (await rooms(software))[0]["tersedia"] == 0


@pytest.mark.parametrize("free", [-11, "-11", -(10**9), "x", True], ids=repr)
async def test_what_is_less_than_minus_the_capacity_is_no_count(
    free: object, software: Software, service: Service
) -> None:
    said = {**ROOM, "kapasitas": 10, "tersedia": 3}
    await software.aplicares("POST", UPDATE, said)
    refused = await software.aplicares("POST", UPDATE, {**said, "tersedia": free})
    assert refused.json()["metadata"]["code"] == 0
    assert refused.json()["metadata"]["message"].startswith("Gagal: tersedia: ")
    assert await beds_of(service) == (10, 7, 3)


@pytest.mark.parametrize(
    "one",
    [cell(10, (12, 0), (-2, 0)), cell(10, (12, 12), (-2, -2)), cell(10, (6, 6), (-1, -1)), cell(10, (0, 0), (-2, 0))],
)
async def test_a_ward_of_siranap_may_be_overfull_too(one: dict[str, Any], software: Software, service: Service) -> None:
    said = await send(software, xml(one))
    assert said["response"] == "1"
    assert any(each.startswith("over_capacity") for each in said["warnings"])
    assert await beds_of(service) == (10, 12, 0)


async def test_sirs_has_its_overfull_wards_by_the_count_of_patients(software: Software, service: Service) -> None:
    answer = await software.sirs("PUT", {**ROW, "jumlah": 10, "terpakai": 12})
    assert codes(answer) == ["over_capacity"]
    assert await beds_of(service) == (10, 12, 0)


# A required count that is null on an update keeps the old figure and its old time.


@pytest.mark.parametrize("null", [None, "", "null", "NaN"], ids=repr)
async def test_a_required_count_without_a_value_keeps_its_figure_and_time(
    null: object, software: Software, service: Service, clock: Clock
) -> None:
    await software.sirs("PUT", ROW)
    await software.aplicares("POST", UPDATE, ROOM)
    await send(software, xml(cell(12, (4, 5), (1, 2))))
    before = clock()
    clock.advance(hours=3)
    answers = [
        await software.sirs("PUT", {"id_t_tt": "900000001", "jumlah": "12", "terpakai": null}),
        await software.sirs("POST", {**ROW, "jumlah": null, "terpakai": null}),
        await software.aplicares("POST", UPDATE, {**ROOM, "tersedia": null}),
        await software.aplicares("POST", "bed/create/1199R001", {**ROOM, "kapasitas": null, "tersedia": null}),
    ]
    for answer in answers:
        assert "count_missing" in codes(answer), answer.text
    said = await send(software, xml({**cell(12, (1, 1), (9, 9)), "total_TT": "" if null is None else null}))
    assert said["warnings"][0].startswith("count_missing")
    figures = service.node.board.figures(service.node.board.facility("rs-a"), clock())
    assert [channel.observed_at for channel in figures.channels] == [before] * 3
    totals = [(each.totals.beds_total, each.totals.beds_occupied) for each in figures.channels]
    assert totals == [(12, 5), (8, 5), (12, 9)]
    fresh = await software.sirs("PUT", {"id_t_tt": "900000001", "terpakai": 7})
    assert codes(fresh) == []
    assert lines_of(service)[0].observed_at == clock()


async def test_one_cell_without_a_total_leaves_the_others_of_its_message_new(
    software: Software, service: Service, clock: Clock
) -> None:
    cells = [cell(12, (4, 5), (1, 2)), cell(10, (5, 0), (5, 0), "0024")]
    await send(software, xml(*cells))
    before = clock()
    clock.advance(hours=1)
    said = await send(software, xml({**cells[0], "total_TT": "null"}, cell(10, (6, 0), (4, 0), "0024")))
    assert len(said["warnings"]) == 1
    assert {(line.bed_type, line.observed_at) for line in lines_of(service)} == {("ward_1", before), ("icu", clock())}
    assert await beds_of(service) == (22, 15, 7)


async def test_a_new_row_needs_its_counts(software: Software) -> None:
    assert (await software.sirs("POST", {**ROW, "terpakai": "null"})).json()["fasyankes"][0]["status"] == "422"
    room = (await software.aplicares("POST", UPDATE, {**ROOM, "tersedia": None})).json()["metadata"]
    assert (room["code"], room["message"].split(":")[1]) == (0, " tersedia")
    said = await send(software, xml({**cell(12, (4, 5), (1, 2)), "total_TT": ""}))
    assert said["response"] == "0"


# Ids take precedence over names.


async def test_two_ids_with_one_name_stay_two_rows_and_never_alternate(software: Software, service: Service) -> None:
    for row_id, beds in (("52200001", 12), ("52200002", 7)):
        await software.sirs("PUT", {**ROW, "id_t_tt": row_id, "jumlah": beds, "terpakai": 1})
    for occupied in (2, 3):
        for row_id in ("52200001", "52200002"):
            answer = await software.sirs("PUT", {**ROW, "id_t_tt": row_id, "jumlah": None, "terpakai": occupied})
            assert answer.json()["id_t_tt"] == row_id
            assert "same_name" in codes(answer)
        assert [(row["id_t_tt"], row["jumlah"], row["terpakai"]) for row in await software.sirs_rows()] == [
            ("52200001", "12", str(occupied)), ("52200002", "7", str(occupied)),
        ]  # fmt: skip
    by_name = [(await software.sirs("PUT", ROW)).json()["id_t_tt"] for _ in range(3)]
    assert set(by_name) == {"52200001"}  # always the same one
    assert await beds_of(service) == (19, 8, 11)


async def test_a_new_id_takes_the_place_of_a_row_of_its_name_that_was_deleted_just_now(
    software: Software, service: Service, clock: Clock
) -> None:
    await software.sirs("PUT", {**ROW, "id_t_tt": "52200001"})
    await software.sirs("DELETE", {"id_t_tt": "52200001"})
    clock.advance(minutes=1)
    answer = await software.sirs("POST", {**ROW, "id_t_tt": "52200009"})
    assert codes(answer) == []
    assert await beds_of(service) == (12, 5, 7)
    assert [row["id_t_tt"] for row in await software.sirs_rows()] == ["52200009"]


async def test_ids_that_we_issue_come_from_those_that_we_issued(software: Software, service: Service) -> None:
    await software.sirs("PUT", {**ROW, "id_t_tt": "999999999999", "jumlah": 10})
    for room in ("B", "C", "D"):
        await software.sirs("POST", {**ROW, "ruang": room, "jumlah": 10})
    ids = [row["id_t_tt"] for row in await software.sirs_rows()]
    assert len(set(ids)) == 4
    assert set(ids) >= {"900000001", "900000002", "900000003"}
    assert await beds_of(service) == (40, 20, 20)


async def test_an_id_is_never_issued_twice_whatever_became_of_its_row(
    software: Software, service: Service, clock: Clock
) -> None:
    from app.runtime.row_ender import RowEnder

    seen = set()
    for room in range(4):
        answer = await software.sirs("POST", {**ROW, "ruang": f"R{room}"})
        seen.add(answer.json()["id_t_tt"])
        await software.sirs("DELETE", {"id_t_tt": answer.json()["id_t_tt"]})
        clock.advance(minutes=31)
        await RowEnder(service.node.board, service.node.write_queue, clock).end_rows()
    assert len(seen) == 4


async def test_an_unknown_id_of_our_own_range_is_no_id(software: Software, officer: httpx2.AsyncClient) -> None:
    made = await software.sirs("PUT", {**ROW, "id_t_tt": "900000777"})
    assert made.json()["id_t_tt"] == "900000001"
    again = await software.sirs("PUT", {**ROW, "id_t_tt": "900000777", "terpakai": 6})
    assert again.json()["id_t_tt"] == "900000001"
    nameless = await software.sirs("PUT", {"id_t_tt": "900000777", "terpakai": 6})
    [told] = nameless.json()["fasyankes"]
    assert (told["status"], "tidak ditemukan" in told["message"]) == ("404", True)
    assert (await officer.get("/v1/facilities/rs-a/waiting")).json()["waiting"] == []


# Two classes under one key overwrite each other.


async def test_rows_whose_capacity_goes_to_and_fro_within_seconds_are_flagged(software: Software, clock: Clock) -> None:
    seen = []
    for beds in (12, 6, 12, 6):
        clock.advance(seconds=2)
        sirs = await software.sirs("PUT", {**ROW, "id_t_tt": "52200001", "jumlah": beds})
        room = await software.aplicares("POST", UPDATE, {**ROOM, "kapasitas": beds, "tersedia": 1})
        assert codes(sirs) == codes(room)
        seen += codes(sirs)
        same = await software.sirs("PUT", {**ROW, "id_t_tt": "52200001", "jumlah": beds, "terpakai": 4})
        assert codes(same) == []
    assert seen == ["values_alternate"] * 2
    clock.advance(hours=1)
    assert codes(await software.sirs("PUT", {**ROW, "id_t_tt": "52200001", "jumlah": 12})) == ["values_alternate"]


async def test_a_capacity_that_changes_for_good_is_not_flagged(software: Software, clock: Clock) -> None:
    for beds in (12, 6, 12, 6, 7, 7, 6):
        clock.advance(hours=1)
        assert codes(await software.sirs("PUT", {**ROW, "jumlah": beds})) == []
        assert codes(await software.aplicares("POST", UPDATE, {**ROOM, "kapasitas": beds})) == []


# Classes by name, and the class codes of the older protocol.


@pytest.mark.parametrize(
    ("name", "bed_type"),
    [
        ("VVIP", "ward_vvip"), ("NICU", "nicu"), ("KELAS III", "ward_3"), ("kelas 3", "ward_3"), ("Kls.2", "ward_2"),
        ("RUANG BERSALIN", "delivery"), ("ICU Dengan Ventilator", "icu_ventilator"), ("-", "other"),
        ("KRIS", "ward_kris"), (" - ", "other"), ("\u2013", "other"), ("PICU", "picu"), ("Isolasi", "isolation"),
        ("IGD / UGD", "emergency"), ("ICCU / ICVCU", "iccu"),
    ],
)  # fmt: skip
async def test_a_class_sent_by_its_name_is_stored_as_that_class(
    name: str, bed_type: str, software: Software, service: Service
) -> None:
    answer = await software.aplicares("POST", UPDATE, {**ROOM, "kodekelas": name})
    assert answer.json()["metadata"] == {"code": 1, "message": "Data berhasil diupdate."}
    assert [line.bed_type for line in lines_of(service)] == [bed_type]
    gone = await software.aplicares("POST", "bed/delete/1199R001", {"kodekelas": name, "koderuang": "ANG1"})
    assert gone.json()["metadata"]["code"] == 1
    assert await rooms(software) == []


async def test_a_room_whose_class_was_not_known_before_is_counted_once(
    software: Software, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:
        before.setattr("app.protocols.aplicares.rows.bed_type_named", lambda name: None)
        await software.aplicares("POST", UPDATE, {**ROOM, "kodekelas": "VVIP"})
    assert [line.bed_type for line in lines_of(service)] == ["other"]
    await software.aplicares("POST", UPDATE, {**ROOM, "kodekelas": "VVIP"})
    assert [line.bed_type for line in lines_of(service)] == ["ward_vvip"]
    assert await beds_of(service) == (8, 5, 3)


async def test_every_bed_type_has_the_class_code_that_the_ministry_shows(software: Software) -> None:
    wanted = {
        "1": "0001", "5": "0005", "6": "0008", "7": "0008", "11": "0008", "12": "0007", "14": "0008", "24": "0057",
        "28": "0061", "34": "0067", "36": "0068", "40": "0072", "50": "0073", "52": "0075", "13": "",
    }  # fmt: skip
    for id_tt in wanted:
        await software.sirs("POST", {**ROW, "id_tt": id_tt})
    assert {row["id_tt"]: row["kode_siranap"] for row in await software.sirs_rows()} == wanted
    read = await software.sirs("POST", {"kode_siranap": "0069", "ruang": "IGD", "jumlah": 4, "terpakai": 0})
    assert "disimpan" in read.text
    assert {row["id_tt"] for row in await software.sirs_rows()} == {*wanted, "37"}


# The same with the inputs that were collected.


@needs_field
async def test_the_collected_requests_of_sirs(
    software: Software, service: Service, officer: httpx2.AsyncClient
) -> None:
    requests = field_requests("sirs")
    assert len(requests) >= 5

    async def sent(request: dict[str, str]) -> httpx2.Response:
        headers = {**software.sirs_headers, "Content-Type": "application/json"}
        body = request["body"].encode()
        answer = await software.client.request(request["method"], request["path"], content=body, headers=headers)
        assert answer.json()["fasyankes"][0]["status"] == "200", (request, answer.text)
        return answer

    for place, request in enumerate(requests):
        if "52200001" in request["body"]:
            imported = await officer.post("/v1/hospitals/rs-a/rows", json=field_json("two_ids_one_name.json"))
            assert imported.status_code == 200
        answer = await sent(request)
        if place == 0:
            assert codes(answer) == ["unreadable_value"]
            assert "antrian: " in answer.text
            assert await beds_of(service) == (5, 3, 2)
    beds = {row["id_t_tt"]: (row["jumlah"], row["terpakai"]) for row in await software.sirs_rows()}
    assert (beds["52200001"], beds["52200002"]) == (("12", "6"), ("7", "2"))
    assert sorted(beds.values()) == [("10", "1"), ("12", "6"), ("5", "3"), ("6", "1"), ("7", "2")]


@needs_field
async def test_the_collected_requests_of_aplicares(software: Software, service: Service) -> None:
    seen = {"M1": (10, 12), "I1": (8, 6), "V1": (2, 1)}
    for request in field_requests("aplicares"):
        if not any(f'"koderuang":"{code}"' in request["body"] for code in seen):
            continue
        path = request["path"].replace("{ppk}", "1199R001")
        headers = software.aplicares_headers()
        answer = await software.client.request(
            request["method"], path, content=request["body"].encode(), headers=headers
        )
        assert answer.json()["metadata"]["code"] == 1, request
    lines = {line.ward_code.partition(":")[2]: line for line in lines_of(service)}
    assert {code: (line.beds.beds_total, line.beds.beds_occupied) for code, line in lines.items()} == seen
    assert lines["V1"].bed_type == "ward_vvip"
