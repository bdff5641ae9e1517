"""Parse cells of SIRANAP v1 from messages: XML, or the JSON that some software sends instead."""

from collections.abc import Mapping
from typing import Any

from app.domain.beds.counts import COUNT_MAX
from app.domain.errors import Fault, InvalidInput
from app.domain.reports.report import LINES_MAX
from app.limits.time_slices import TimeSlices
from app.protocols.field_values import FieldReader
from app.protocols.lenient_parsing import Unreadable, read_json
from app.protocols.protocol import NotReadable
from app.protocols.siranap_v1.rows import FREE, TOTAL, Cell
from app.protocols.siranap_v1.xml import read_xml, too_many_cells
from app.protocols.texts import unreadable_text

_Halves = tuple[int | None, int | None]
_NONE: _Halves = (None, None)
_HALVES = (
    (("terpakai_male", "terpakai_female"), 0),
    (FREE, -COUNT_MAX),  # below 0 if a ward is overfull
)
# Each field by its name in XML and in JSON.
_NAMES = (
    ("kode_ruang", "kode_ruang"), ("tipe_pasien", "tipe_pasien"), ("total_TT", "total_tt"),
    ("terpakai_male", "terpakaiMale"), ("terpakai_female", "terpakaiFemale"), ("kosong_male", "kosongMale"),
    ("kosong_female", "kosongFemale"), ("waiting", "waiting"),
)  # fmt: skip


async def read_cells(body: bytes, slices: TimeSlices) -> list[Cell]:
    """Parse the cells of a message.

    Raises: NotReadable, if it is neither XML nor JSON; InvalidInput, naming every required count that cannot be read,
        or for too many cells.
    """
    try:
        sent = await _parse(body, slices)
    except Unreadable as unreadable:
        raise NotReadable(unreadable_text(unreadable)) from None
    if not sent:
        raise InvalidInput(Fault("data", "diperlukan, satu atau lebih"))
    if len(sent) > LINES_MAX:
        raise too_many_cells()
    return [_read_cell(members) for members in sent]


async def _parse(body: bytes, slices: TimeSlices) -> list[Mapping[str, Any]]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("iso-8859-1")
    text = text.lstrip()  # an XML declaration must be the first thing in the text
    if not text.startswith(("{", "[", '"')):
        return await read_xml(text, slices)
    value = read_json(text)
    found = value if isinstance(value, list) else [value]
    return [members for members in found if isinstance(members, dict)]


def _read_cell(sent: Mapping[str, Any]) -> Cell:
    named = {xml: sent[xml] if xml in sent else sent[json_] for xml, json_ in _NAMES if xml in sent or json_ in sent}
    reader = FieldReader(named)
    total = reader.required(TOTAL)
    used, free = (
        _read_halves(reader, names, least) if named.keys() & set(names) else _NONE for names, least in _HALVES
    )
    waiting = reader.optional("waiting")
    reader.check()
    return Cell(
        kode_ruang=reader.text("kode_ruang"),
        tipe_pasien=reader.text("tipe_pasien"),
        total=total,
        used=used,
        free=free,
        waiting=waiting,
        oddities=reader.oddities,
    )


def _read_halves(reader: FieldReader, names: tuple[str, str], least: int) -> _Halves:
    """Read the counts of men and of women: 0 if only the other was sent, None if it could not be read."""
    men, women = ((reader.optional(name, least=least), reader.is_left_out(name)) for name in names)
    return (None if men[1] else men[0] or 0), (None if women[1] else women[0] or 0)
