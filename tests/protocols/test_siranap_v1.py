"""SIRANAP v1 as older software speaks it: XML and JSON, men and women counted once, deletes in either order."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest

from app.domain.beds.counts import BedCount
from app.domain.channels import Channel
from app.domain.errors import InvalidInput
from app.domain.reports.lines import ChannelState, CurrentLine, Moment
from app.domain.reports.report import LineKey
from app.domain.reports.rows import ROWS_MAX, write_details
from app.domain.signatures import md5_of
from app.limits.time_slices import TimeSlices
from app.protocols.siranap_v1.rows import Cell, write_cells
from app.protocols.siranap_v1.xml import read_xml
from tests.conftest import Service
from tests.factories import MORNING
from tests.protocols.conftest import Software, beds_of

STORED = {"response": "1", "deskripsi": "Data berhasil disimpan"}


def xml(*cells: dict[str, Any]) -> bytes:
    said = "".join(f"<data>{''.join(f'<{n}>{v}</{n}>' for n, v in cell.items())}</data>" for cell in cells)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<xml>{said}</xml>'.encode()


def cell(total: int, used: tuple[int, int], free: tuple[int, int], kind: str = "0000") -> dict[str, Any]:
    return {
        "kode_ruang": "0003", "tipe_pasien": kind, "total_TT": total, "terpakai_male": used[0],
        "terpakai_female": used[1], "kosong_male": free[0], "kosong_female": free[1], "waiting": 2,
        "tgl_update": "2025-01-01 07:00:00.0",
    }  # fmt: skip


def headers(software: Software) -> dict[str, str]:
    code, password = software.secrets[Channel.siranap_v1]
    return {"X-rs-id": code, "X-pass": md5_of(password), "Content-Type": "application/xml; charset=ISO-8859-1"}


async def send(software: Software, body: bytes) -> dict[str, Any]:
    answer = await software.client.post("/sirsservice/ranap", content=body, headers=headers(software))
    assert answer.status_code == 200, answer.text
    said: dict[str, Any] = answer.json()
    return said


@pytest.mark.parametrize(
    ("one", "seen", "flagged"),
    [
        (cell(12, (4, 5), (1, 2)), (12, 9, 3), False),
        (cell(12, (9, 9), (3, 3)), (12, 9, 3), False),
        (cell(12, (9, 0), (3, 0)), (12, 9, 3), False),
        (cell(12, (1, 1), (2, 2)), (12, 8, 4), True),
        (cell(2, (1, 1), (2, 2)), (2, 0, 2), True),
    ],
)
async def test_men_and_women_are_counted_once(
    one: dict[str, Any], seen: tuple[int, int, int], flagged: bool, software: Software, service: Service
) -> None:
    said = await send(software, xml(one))
    assert said["response"] == "1"
    assert ("warnings" in said) is flagged
    assert await beds_of(service) == seen
    [line] = service.node.board.figures(service.node.board.facility("rs-a"), service.node.clock()).lines
    assert line.beds.queue is None  # `waiting` is often no queue


async def test_several_cells_come_in_one_message_by_their_kind(software: Software, service: Service) -> None:
    kinds = ("0000", "0019", "0024", "0027", "0029")
    assert await send(software, xml(*(cell(10, (5, 0), (5, 0), kind) for kind in kinds))) == STORED
    figures = service.node.board.figures(service.node.board.facility("rs-a"), service.node.clock())
    assert {line.bed_type for line in figures.lines} == {"ward_1", "isolation", "icu", "iccu", "hcu"}
    assert await beds_of(service) == (50, 25, 25)


async def test_json_is_taken_on_the_same_path(software: Software, service: Service) -> None:
    one = '{"kode_ruang":"0003","tipe_pasien":"0000","total_tt":"12","terpakaiMale":"4","terpakaiFemale":"5",'
    one += '"kosongMale":"1","kosongFemale":"2","waiting":"0","tgl_update":"x"}'
    assert await send(software, one.encode()) == STORED
    assert await send(software, f"[{one}]".encode()) == STORED
    assert await beds_of(service) == (12, 9, 3)


async def test_latin_text_is_read_where_it_is_no_utf_8(software: Software) -> None:
    assert (
        await send(software, xml(cell(1, (1, 0), (0, 0)) | {"catatan": "\u00e9"}).decode().encode("latin-1")) == STORED
    )


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_cell_is_deleted_by_its_address_and_swapped_codes_are_told(method: str, software: Software) -> None:
    await send(software, xml(cell(12, (4, 5), (1, 2)), cell(10, (5, 0), (5, 0), "0024")))
    path = "/sirsservice/sisrute/hapusdata/3374001/{}/{}"
    right = await software.client.request(method, path.format("0000", "0003"), headers=headers(software))
    assert right.json() == {"response": "1", "deskripsi": "Data berhasil dihapus"}
    swapped = await software.client.request(method, path.format("0003", "0024"), headers=headers(software))
    assert swapped.json()["warnings"][0].startswith("swapped_codes")
    nothing = await software.client.request(method, path.format("0003", "0024"), headers=headers(software))
    assert nothing.json() == right.json()
    other = await software.client.request(
        method, path.format("1", "2").replace("3374001", "9"), headers=headers(software)
    )
    assert (other.status_code, other.json()["response"]) == (403, "0")


BOMB = (
    b"""<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><xml><data><kode_ruang>&b;</kode_ruang></data></xml>"""
)


@pytest.mark.parametrize("body", [b"", b"<xml>", BOMB, b"{", b"[", b"kode_ruang=1"], ids=repr)
async def test_what_is_neither_xml_nor_json_is_400(body: bytes, software: Software) -> None:
    answer = await software.client.post("/sirsservice/ranap", content=body, headers=headers(software))
    assert answer.status_code == 400
    assert answer.json()["response"] == "0"
    assert answer.json()["deskripsi"].startswith("Gagal: ")


@pytest.mark.parametrize(
    ("one", "names"),
    [({"total_TT": "x"}, "total_TT"), ({"total_TT": "1.000"}, "total_TT"), ({"kode_ruang": ""}, "kode_ruang")],
)
async def test_a_cell_that_cannot_be_stored_is_told_by_its_field(
    one: dict[str, Any], names: str, software: Software, service: Service
) -> None:
    before = service.node.board.position
    said = await send(software, xml(cell(12, (4, 5), (1, 2)) | one))
    assert said == {"response": "0", "deskripsi": said["deskripsi"]}
    assert said["deskripsi"].startswith(f"Gagal: {names}:")
    assert service.node.board.position == before


async def test_the_password_itself_opens_nothing(software: Software) -> None:
    wrong = headers(software) | {"X-pass": software.secrets[Channel.siranap_v1][1]}
    answer = await software.client.post("/sirsservice/ranap", content=xml(), headers=wrong)
    assert (answer.status_code, answer.json()["response"]) == (401, "0")


@pytest.mark.parametrize(
    "body", [b"<data/>" * 513, b"<data><kode_ruang>1</kode_ruang></data>" * 1_000], ids=["513", "1000"]
)
async def test_reading_stops_at_the_cell_after_the_last_that_a_message_may_have(
    body: bytes, software: Software
) -> None:
    broken_later = b"<xml>" + body + b"</never>"
    answer = await software.client.post("/sirsservice/ranap", content=broken_later, headers=headers(software))
    assert answer.json() == {"response": "0", "deskripsi": "Gagal: data: paling banyak 512 dalam satu permintaan"}


async def test_a_body_has_at_most_64_kib(software: Software) -> None:
    at_limit = xml(cell(12, (4, 5), (1, 2))).ljust(64 * 1024)
    assert await send(software, at_limit) == STORED
    answer = await software.client.post("/sirsservice/ranap", content=at_limit + b" ", headers=headers(software))
    assert (answer.status_code, answer.json()["response"]) == (413, "0")


def largest() -> Iterator[bytes]:
    """The bodies of 64 KiB that take longest to read."""
    yield b"<xml>" + b"<data/>" * 9_000 + b"</xml>"
    yield b"<xml>" + b"<data>" * 10_000
    yield b"<xml><data>" + b"<a/>" * 16_000 + b"</data></xml>"
    yield b"<xml><data>" + b"<a>1</a>" * 8_000 + b"</data></xml>"
    yield b"<xml " + b" ".join(b'a%d=""' % n for n in range(5_000)) + b"/>"
    yield b"[" + b"{}," * 21_000 + b"{}]"
    yield b"[" * 65_000
    yield b"[" + b"1," * 32_000 + b"1]"


class Turns:
    """The longest step between two turns of the event loop, in seconds of processor time."""

    def __init__(self) -> None:
        self.longest = 0.0
        self._loop = asyncio.get_running_loop()
        self._next = self._loop.call_soon(self._turn, time.thread_time())

    def _turn(self, begun: float) -> None:
        self.longest = max(self.longest, time.thread_time() - begun)
        self._next = self._loop.call_soon(self._turn, time.thread_time())

    def stop(self) -> float:
        """The longest so far."""
        self._next.cancel()
        return self.longest


async def test_no_body_holds_the_event_loop(software: Software) -> None:
    await send(software, xml(cell(12, (4, 5), (1, 2))))  # the first request of a test prepares much
    for body in largest():
        assert len(body) <= 64 * 1024
        turns = Turns()
        answer = await software.client.post("/sirsservice/ranap", content=body, headers=headers(software))
        assert turns.stop() < 0.02, body[:20]
        assert answer.json()["response"] == "0"


async def test_text_in_pieces_and_elements_inside_elements_are_read_as_before() -> None:
    long = "x" * 10_000
    text = f"<xml><data><a>{long}</a><b>1<c>2</c>3</b><d/></data><e><data><a>&lt;</a></data></e></xml>"
    assert await read_xml(text, TimeSlices()) == [{"a": long, "b": "1", "d": ""}, {"a": "<"}]


@pytest.mark.parametrize(
    "base",
    ["/sirsservice", "//sirsservice", "/SirsService", "/sirsservice/sirsservice", "/sirsservice/", "/%73irsservice"],
)
async def test_head_never_deletes_however_its_path_is_written(base: str, software: Software, service: Service) -> None:
    await send(software, xml(cell(12, (4, 5), (1, 2))))
    before = service.node.board.position
    path = f"{base}/sisrute/hapusdata/3374001/0000/0003"
    answer = await software.client.head(path, headers=headers(software))
    assert answer.status_code in {404, 405}
    assert service.node.board.position == before
    assert (await software.client.get(path, headers=headers(software))).status_code in {200, 404}


def full_channel(rows: int, ended: int) -> ChannelState:
    """A channel with so many rows that are open, and so many that have ended."""
    state = ChannelState()
    for n in range(rows + ended):
        details = write_details({"kode_ruang": f"k{n}", "tipe_pasien": "1"})
        beds = BedCount(1, 1) if n < rows else None
        state.lines[LineKey(f"k{n}:1", "other")] = CurrentLine("x", beds, Moment(MORNING, n), MORNING, details)
    return state


def test_a_full_channel_takes_updates_and_no_message_passes_its_limit() -> None:
    state = full_channel(ROWS_MAX, 0)
    known = [Cell(f"k{n}", "1", 3, (1, 0), (2, 0)) for n in range(512)]
    assert len(write_cells(state, known, MORNING).lines) == 512
    nearly = full_channel(ROWS_MAX - 1, 0)
    new = [Cell(f"z{n}", "1", 3, (1, 0), (2, 0)) for n in range(2)]
    assert len(write_cells(nearly, new[:1], MORNING).lines) == 1
    with pytest.raises(InvalidInput):
        write_cells(nearly, new, MORNING)


def test_a_large_message_into_a_large_channel_takes_no_time() -> None:
    state = full_channel(1_400, 7_600)
    cells = [Cell(f"z{n}", "1", 3, (1, 0), (2, 0)) for n in range(512)]
    begun = time.thread_time()
    write_cells(state, cells, MORNING)
    assert time.thread_time() - begun < 0.1  # seconds; each cell alone looked through all rows: 4
