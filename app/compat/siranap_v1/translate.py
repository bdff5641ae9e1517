"""Cells of SIRANAP v1 read: XML, or the JSON that some software sends instead. Pure functions."""

from collections.abc import Mapping
from typing import Any

from app.compat.door import NotReadable
from app.compat.siranap_v1.xml import read_xml, too_many_cells
from app.compat.texts import unreadable_text
from app.domain.beds import COUNT_MAX
from app.domain.errors import Fault, InvalidInput
from app.domain.report import LINES_MAX
from app.domain.siranap_rows import Cell
from app.domain.tolerant import Unreadable, count_field, read_json, text_of

# Each as XML names it, and as JSON does.
TOTAL = ("total_TT", "total_tt")
USED = (("terpakai_male", "terpakaiMale"), ("terpakai_female", "terpakaiFemale"))
FREE = (("kosong_male", "kosongMale"), ("kosong_female", "kosongFemale"))
WAITING = ("waiting",)


def read_cells(body: bytes) -> list[Cell]:
    """The cells of a message.

    Raises: NotReadable, where it is neither; InvalidInput, naming every count that is none, or for too many cells.
    """
    try:
        said = _said(body)
    except Unreadable as unreadable:
        raise NotReadable(unreadable_text(unreadable)) from None
    if not said:
        raise InvalidInput(Fault("data", "diperlukan, satu atau lebih"))
    if len(said) > LINES_MAX:
        raise too_many_cells()
    return [_cell(each) for each in said]


def _said(body: bytes) -> list[Mapping[str, Any]]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("iso-8859-1")
    text = text.lstrip()  # a declaration of XML stands at the very beginning
    if not text.startswith(("{", "[", '"')):
        return read_xml(text)
    value = read_json(text)
    found = value if isinstance(value, list) else [value]
    return [each for each in found if isinstance(each, dict)]


def _cell(said: Mapping[str, Any]) -> Cell:
    names = (TOTAL, *USED, *FREE, WAITING)
    found = [count_field(next((said[name] for name in each if name in said), None), COUNT_MAX) for each in names]
    faults = [
        Fault(each[0], f"harus bilangan bulat dari 0 sampai {COUNT_MAX}")
        for each, count in zip(names, found, strict=True)
        if count == -1
    ]
    if found[0] is None:
        faults.append(Fault(TOTAL[0], "diperlukan, sebagai bilangan bulat 0 atau lebih"))
    if faults:
        raise InvalidInput(*faults)
    total, used_male, used_female, free_male, free_female, waiting = (count or 0 for count in found)
    return Cell(
        kode_ruang=text_of(said.get("kode_ruang")),
        tipe_pasien=text_of(said.get("tipe_pasien")),
        total=total,
        used=(used_male, used_female),
        free=(free_male, free_female),
        waiting=waiting,
    )
