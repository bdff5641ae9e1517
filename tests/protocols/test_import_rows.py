"""The ministry's listing taken over as it is: nulls anywhere, empty types, and rows that are years apart."""

from datetime import datetime, timedelta
from typing import Any

import httpx2
import pytest

from app.protocols.lenient_parsing import WIB
from tests.conftest import Clock, Service
from tests.field import field_json, needs_field
from tests.protocols.conftest import Software
from tests.protocols.test_real_rows import codes, lines_of

PATH = "/v1/hospitals/rs-a/rows"
COUNTS = (
    "jumlah_ruang", "jumlah", "terpakai_suspek", "terpakai_konfirmasi", "antrian", "prepare", "prepare_plan", "kosong",
    "terpakai_dbd", "terpakai_dbd_anak", "terpakai",
)  # fmt: skip


def row(row_id: Any, room: str | None, total: Any, occupied: Any, at: str | None, **more: Any) -> dict[str, Any]:
    """A row as the ministry lists it: texts and nulls."""
    said = {"id_tt": "5", "tt": "Kelas III", "ruang": room, "kode_siranap": "0005", **dict.fromkeys(COUNTS)}
    return said | {"jumlah": total, "terpakai": occupied, "covid": "0", "id_t_tt": row_id, "tglupdate": at} | more


def template(id_tt: str, none: Any = None) -> dict[str, Any]:
    """A bed type of which the hospital has no row."""
    return row(none, None, None, None, None, id_tt=id_tt)


async def take(officer: httpx2.AsyncClient, *rows: dict[str, Any]) -> dict[str, Any]:
    answer = await officer.post(PATH, json={"fasyankes": list(rows)})
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WIB)


async def test_each_row_has_its_own_date_and_empty_types_are_counted(
    officer: httpx2.AsyncClient,
    software: Software,
    service: Service,
    clock: Clock,
) -> None:
    said = await take(
        officer,
        row("52100011", "Cendana", "6", "4", "2024-11-03 08:15:40"),
        template("9"),
        row("52100027", "Melati", "14", "9", "2026-11-20 21:02:10"),
        template("37", "null"),
        template("50", "0"),
    )
    assert (said["rows"], said["empty_types"], said["without_id"]) == (2, ["9", "37", "50"], [])
    assert [(each["id_t_tt"], each["age_days"]) for each in said["older_than_30_days"]] == [("52100011", 750)]
    assert {(line.ward_code, line.observed_at) for line in lines_of(service)} == {
        ("52100011", at("2024-11-03 08:15:40")), ("52100027", at("2026-11-20 21:02:10")),
    }  # fmt: skip
    figures = service.node.board.figures(service.node.board.facility("rs-a"), clock())
    assert figures.observed_at == at("2026-11-20 21:02:10")  # taking over renews nothing
    assert "diupdate" in (await software.sirs("PUT", {"id_t_tt": "52100011", "terpakai": 5})).text


async def test_nulls_may_be_anywhere(
    officer: httpx2.AsyncClient,
    software: Software,
    service: Service,
) -> None:
    said = await take(
        officer,
        row("1001", None, "6", None, "2026-11-20 08:00:00"),
        row("1002", "B", None, "4", "2026-11-20 09:00:00", covid=None),
        row("1003", "C", None, None, "2026-11-20 10:00:00"),
        row("1004", "D", "5", "1", None, id_tt=None),
        row(1005, "E", 5, 1, "kemarin", tt=None, kode_siranap=None),
    )
    assert (said["rows"], said["undated"]) == (5, ["1004", "1005"])
    assert {line.ward_code for line in lines_of(service)} == {"1001", "1002", "1004", "1005"}
    later = await software.sirs("PUT", {"id_t_tt": "1003", "jumlah": 3, "terpakai": 1})
    assert later.json()["id_t_tt"] == "1003"  # its id is known, though it had no beds
    assert [row["id_tt"] for row in await software.sirs_rows()] == ["5"] * 5


async def test_a_listing_of_empty_types_alone_takes_over_nothing(
    officer: httpx2.AsyncClient,
    software: Software,
    service: Service,
) -> None:
    before = service.node.board.position
    said = await take(officer, *(template(str(id_tt)) for id_tt in range(1, 13)))
    assert (said["rows"], said["seq"], len(said["empty_types"])) == (0, None, 12)
    assert service.node.board.position == before


async def test_a_row_without_any_bed_type_is_told_and_the_others_are_taken_over(
    officer: httpx2.AsyncClient, software: Software
) -> None:
    nothing = {"id_tt": None, "tt": None, "kode_siranap": None}
    await take(officer, row("1001", "A", "6", "4", "2026-11-20 08:00:00"))
    said = await take(
        officer,
        row("1001", "A", "6", "5", "2026-11-20 09:00:00", **nothing),
        row("1002", "B", "5", "1", "2026-11-20 08:00:00", **nothing),
        row("1003", "C", "4", "1", "2026-11-20 08:00:00"),
    )
    assert (said["rows"], said["without_type"], said["without_id"]) == (2, ["1002"], [])
    assert [(row["id_t_tt"], row["terpakai"]) for row in await software.sirs_rows()] == [("1001", "5"), ("1003", "1")]


@pytest.mark.parametrize("none", [None, "0", "null", "abc", "900000055"], ids=repr)
async def test_a_row_with_beds_and_no_usable_id_is_told_and_not_taken_over(
    none: str | None,
    officer: httpx2.AsyncClient,
    software: Software,
    service: Service,
) -> None:
    said = await take(
        officer, row("1001", "A", "6", "4", "2026-11-20 08:00:00"), row(none, "B", "5", "1", "2026-11-20 08:00:00")
    )
    assert (said["rows"], said["without_id"]) == (1, [{"id_tt": "5", "ruang": "B"}])


async def test_a_row_and_the_one_that_replaced_it_stay_two_rows_and_are_flagged(
    officer: httpx2.AsyncClient,
    software: Software,
    service: Service,
) -> None:
    said = await take(
        officer,
        row("1009", "Kenanga", "7", "1", "2026-11-20 08:00:00"),
        row("1001", "Kenanga", "12", "5", "2024-11-03 08:15:40"),
    )
    assert [each["id_t_tt"] for each in said["flagged"]] == ["1009"]
    assert said["flagged"][0]["warnings"][0].startswith("same_name: ")
    assert sum(line.beds.beds_total or 0 for line in lines_of(service)) == 19
    for row_id, occupied in (("1001", 6), ("1009", 2)):
        answer = await software.sirs("PUT", {"id_t_tt": row_id, "terpakai": occupied})
        assert (answer.json()["id_t_tt"], codes(answer)) == (row_id, ["same_name"])


async def test_figures_that_are_newer_here_stay_and_those_of_the_listing_are_history(
    officer: httpx2.AsyncClient,
    software: Software,
    service: Service,
    clock: Clock,
) -> None:
    listing = row("1001", "A", "6", "4", "2026-11-20 08:00:00")
    await take(officer, listing)
    await software.sirs("PUT", {"id_t_tt": "1001", "terpakai": 5, "id_tt": "3"})
    clock.advance(hours=1)
    said = await take(officer, listing, row("1002", "B", "2", "1", "2026-11-20 08:00:00"))
    assert said["rows"] == 2
    [line] = [line for line in lines_of(service) if line.ward_code == "1001"]
    assert (line.bed_type, line.beds.beds_occupied) == ("ward_1", 5)
    assert line.observed_at == clock() - timedelta(hours=1)
    await software.sirs("DELETE", {"id_t_tt": "1002"})
    await take(officer, listing, row("1002", "B", "2", "1", "2026-11-20 08:00:00"))
    assert [row["id_t_tt"] for row in await software.sirs_rows()] == ["1001"]  # what was deleted since stays so


async def test_a_row_that_was_sent_by_name_goes_by_the_ministrys_id_and_is_no_newer_for_it(
    officer: httpx2.AsyncClient,
    software: Software,
    service: Service,
    clock: Clock,
) -> None:
    await software.sirs("POST", {"id_tt": "5", "ruang": "a", "jumlah": 6, "terpakai": 5})
    sent_at = clock()
    clock.advance(hours=2)
    said = await take(officer, row("1001", "A", "6", "4", "2026-11-20 08:00:00"))
    assert said["flagged"][0]["warnings"][0].startswith("id_replaced: ")
    [line] = lines_of(service)
    assert (line.ward_code, line.beds.beds_occupied, line.observed_at) == ("1001", 5, sent_at)
    assert (await software.sirs("PUT", {"id_t_tt": "900000001", "terpakai": 2})).json()["id_t_tt"] == "1001"


async def test_a_required_count_that_a_newer_listing_lacks_keeps_its_figure_and_its_time(
    officer: httpx2.AsyncClient,
    software: Software,
    service: Service,
    clock: Clock,
) -> None:
    """An old figure never looks fresh by it: under its id, and where a row that was sent by name gets one."""
    await take(officer, row("1001", "A", "10", "5", "2026-11-16 08:00:00"))
    said = await take(officer, row("1001", "A", "10", None, "2026-11-22 08:00:00"))
    assert "count_missing" in str(said["flagged"])
    [line] = lines_of(service)
    assert (line.beds.beds_occupied, line.observed_at) == (5, at("2026-11-16 08:00:00"))
    await software.sirs("POST", {"id_tt": "5", "ruang": "b", "jumlah": 6, "terpakai": 4})
    sent_at = clock()
    clock.advance(hours=2)
    await take(officer, row("1002", "B", "6", None, f"{clock().astimezone(WIB):%Y-%m-%d %H:%M:%S}"))
    [line] = [line for line in lines_of(service) if line.ward_code == "1002"]
    assert (line.beds.beds_occupied, line.observed_at) == (4, sent_at)


async def test_all_rows_or_none(
    officer: httpx2.AsyncClient,
    software: Software,
    service: Service,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.domain.reports.rows.ROWS_MAX", 3)
    await software.sirs("POST", {"id_tt": "5", "ruang": "x", "jumlah": 6, "terpakai": 5})
    before = service.node.board.position
    rows = [row(str(1001 + n), f"R{n}", "6", "4", "2026-11-20 08:00:00") for n in range(3)]
    answer = await officer.post(PATH, json={"fasyankes": rows})
    assert answer.status_code == 422
    assert service.node.board.position == before
    assert (await take(officer, *rows[:2]))["rows"] == 2


async def test_a_row_that_an_officer_drops_ends_at_its_own_date_and_stays_dropped(
    officer: httpx2.AsyncClient, software: Software, service: Service, clock: Clock
) -> None:
    listing = (
        row("1001", "A", "6", "4", "2024-11-03 08:15:40"),
        row("1002", "B", "2", "1", "2026-11-20 08:00:00"),
    )
    await take(officer, *listing)
    dropped = await officer.delete(f"{PATH}/1001")
    again = await officer.delete(f"{PATH}/1001")
    assert (dropped.status_code, dropped.json()["id_t_tt"], again.status_code) == (200, "1001", 404)
    assert [line.ward_code for line in lines_of(service)] == ["1002"]
    figures = service.node.board.figures(service.node.board.facility("rs-a"), clock())
    assert figures.observed_at == at("2026-11-20 08:00:00")
    await take(officer, *listing)
    assert [line.ward_code for line in lines_of(service)] == ["1002"]
    back = await software.sirs("PUT", {"id_t_tt": "1001", "jumlah": 5, "terpakai": 1})
    assert back.json()["id_t_tt"] == "1001"
    assert len(lines_of(service)) == 2


async def test_only_officers_drop_rows(service: Service, officer: httpx2.AsyncClient, software: Software) -> None:
    await take(officer, row("1001", "A", "6", "4", "2024-11-03 08:15:40"))
    async with service.client(await service.key(facility="rs-a")) as hospital:
        assert (await hospital.delete(f"{PATH}/1001")).status_code == 403
    assert (await officer.delete(f"{PATH}/9")).status_code == 404
    assert len(lines_of(service)) == 1


@needs_field
async def test_the_collected_listing(
    officer: httpx2.AsyncClient,
    software: Software,
    service: Service,
) -> None:
    said = (await officer.post(PATH, json=field_json("ministry_answer.json"))).json()
    assert (said["rows"], said["empty_types"]) == (2, ["9", "37", "50"])
    assert sorted(line.observed_at for line in lines_of(service)) == [
        at("2024-11-03 08:15:40"), at("2026-06-20 21:02:10"),
    ]  # fmt: skip
    assert len(said["older_than_30_days"]) == 2


@needs_field
async def test_the_collected_listing_of_two_ids_with_one_name(
    officer: httpx2.AsyncClient,
    software: Software,
    service: Service,
) -> None:
    said = (await officer.post(PATH, json=field_json("two_ids_one_name.json"))).json()
    assert said["rows"] == 2
    assert [each["warnings"][0].partition(":")[0] for each in said["flagged"]] == ["same_name"]
    assert sum(line.beds.beds_total or 0 for line in lines_of(service)) == 19
