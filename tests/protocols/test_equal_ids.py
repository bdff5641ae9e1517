"""Ids and codes that are equal as numbers name one row, however their sender writes them, in every operation."""

from typing import Any

import httpx2
import pytest

from app.domain.beds.counts import BedCount
from app.domain.channels import Channel
from app.domain.reports.lines import ChannelState, CurrentLine, Moment
from app.domain.reports.report import LineKey
from app.domain.reports.rows import write_details
from app.protocols.siranap_v1.rows import Cell, delete_cell, write_cells
from app.protocols.sirs.listing_rows import take_over
from app.protocols.sirs.message import SirsRow
from app.protocols.sirs.row_ids import SirsRows
from app.protocols.sirs.rows import delete_row, write_row
from tests.conftest import Service
from tests.factories import MORNING
from tests.protocols.conftest import SIRS, Software, beds_of
from tests.protocols.test_import_rows import row, take
from tests.protocols.test_real_rows import ROW, codes
from tests.protocols.test_siranap_v1 import cell, headers, send, xml

SPELLINGS: list[Any] = ["52200001", "0052200001", " 0052200001 ", 52200001, "52200001.0", "00052200001,0"]


@pytest.mark.parametrize("first", SPELLINGS, ids=repr)
async def test_an_id_of_sirs_is_a_number_in_every_operation(
    first: Any, software: Software, service: Service, officer: httpx2.AsyncClient
) -> None:
    await software.sirs("PUT", {**ROW, "id_t_tt": first})
    for method in ("PUT", "POST"):
        for row_id in SPELLINGS:
            answer = await software.sirs(method, {"id_t_tt": row_id, "terpakai": 6})
            assert (answer.json()["id_t_tt"], codes(answer)) == ("52200001", [])
    await software.sirs("PUT", {"terpakai": 4}, f"{SIRS}/0052200001")
    said = await take(officer, row("052200001", "Kenanga", "12", "5", "2020-11-20 08:00:00"))
    assert (said["rows"], [row["outcome"] for row in said["flagged"]]) == (1, ["late"])
    assert [row["id_t_tt"] for row in await software.sirs_rows()] == ["52200001"]
    assert await beds_of(service) == (12, 4, 8)
    for path, sent in ((f"{SIRS}/00052200001", None), (SIRS, {"id_t_tt": "0052200001"})):
        assert "dihapus" in (await software.sirs("DELETE", sent, path)).text
        assert await software.sirs_rows() == []
        await software.sirs("PUT", {**ROW, "id_t_tt": first})
    dropped = await officer.delete("/v1/hospitals/rs-a/rows/0052200001")
    assert dropped.status_code == 200, dropped.text
    assert await software.sirs_rows() == []


async def test_an_unknown_id_waits_once_however_it_is_written(software: Software, officer: httpx2.AsyncClient) -> None:
    for row_id in SPELLINGS:
        await software.sirs("PUT", {"id_t_tt": row_id, "jumlah": 12, "terpakai": 5})
    path = "/v1/facilities/rs-a/waiting"
    [waits] = (await officer.get(path)).json()["waiting"]
    assert (waits["row_id"], waits["times"]) == ("52200001", len(SPELLINGS))
    done = await officer.post(f"{path}/0052200001", json={"id_tt": "5"})
    assert done.status_code in {200, 201}, done.text
    assert [row["id_t_tt"] for row in await software.sirs_rows()] == ["52200001"]


async def test_a_cell_of_siranap_goes_by_its_codes_as_numbers(software: Software, service: Service) -> None:
    spelled = [("0003", "0000"), ("3", "0"), (" 03 ", "00"), ("3.0", "0,0")]
    for class_, kind in spelled:
        said = await send(software, xml({**cell(12, (4, 5), (1, 2), kind), "kode_ruang": class_}))
        assert said["response"] == "1"
        assert "warnings" not in said
    assert await beds_of(service) == (12, 9, 3)
    twice = xml(*({**cell(12, (4, 5), (1, 2), kind), "kode_ruang": class_} for class_, kind in spelled))
    await send(software, twice)
    assert await beds_of(service) == (12, 9, 3)
    path = "/sirsservice/sisrute/hapusdata/3374001/0/003"
    gone = await software.client.request("POST", path, headers=headers(software))
    assert gone.json() == {"response": "1", "deskripsi": "Data berhasil dihapus"}
    [line] = service.node.board.channel_state("rs-a", Channel.siranap_v1).lines.values()
    assert "deleted_at" in (line.details or "")


def stored_before(*ids: str, bed_type: str = "ward_3", **details: str) -> ChannelState:
    """A channel with these rows, as they were stored while each spelling was a row of its own."""
    return ChannelState(
        {
            LineKey(row_id, bed_type): CurrentLine(
                "Kenanga",
                BedCount(12, 5).completed(),
                Moment(MORNING, place),
                MORNING,
                write_details(details or {"id_tt": "5", "ruang": "Kenanga", "jumlah": 12, "terpakai": 5}),
            )
            for place, row_id in enumerate(ids, start=1)
        }
    )


@pytest.mark.parametrize("sent", ["52200001", "0052200001"])
def test_rows_that_were_stored_twice_become_one(sent: str) -> None:
    state = stored_before("0052200001", "52200001")
    said = SirsRow("52200001", "5", "Kenanga", counts={"jumlah": 12, "terpakai": 6})
    for written in (write_row(state, said, MORNING, is_post=False), take_over(state, said, MORNING, MORNING)):
        assert [(line.ward_code, line.beds is None) for line in written.lines] == [
            ("52200001", False), ("0052200001", True),
        ]  # fmt: skip
        assert "id_replaced" in [warning.code for warning in written.warnings]
        assert "same_name" not in [warning.code for warning in written.warnings]
    gone = delete_row(state, SirsRow(sent.lstrip("0")), MORNING)
    assert len(gone.lines) == 2
    one = stored_before("0052200001")
    assert write_row(one, said, MORNING, is_post=False).row_id == "0052200001"  # its row goes on
    found = SirsRows(one, MORNING).with_id("52200001")
    assert found is not None


def test_cells_that_were_stored_twice_become_one() -> None:
    codes = {"kode_ruang": "3", "tipe_pasien": "0"}
    state = stored_before("3:0", "0003:0000", bed_type="ward_1", **codes)
    written = write_cells(state, [Cell("0003", "0000", 12, (4, 5), (1, 2))], MORNING)
    assert [(line.ward_code, line.beds is None) for line in written.lines] == [("0003:0000", False), ("3:0", True)]
    assert len(delete_cell(state, "3", "0", MORNING).lines) == 2
