"""Cells of SIRANAP v1 read: XML, or the JSON that some software sends instead. Pure functions."""

import json
from collections.abc import Iterable, Mapping
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from app.domain.beds import COUNT_MAX
from app.domain.errors import Fault, InvalidInput, Malformed
from app.domain.report import LINES_MAX
from app.domain.siranap_rows import Cell
from app.domain.tolerant import count_field, text_of

# Each as XML names it, and as JSON does.
TOTAL = ("total_TT", "total_tt")
USED = (("terpakai_male", "terpakaiMale"), ("terpakai_female", "terpakaiFemale"))
FREE = (("kosong_male", "kosongMale"), ("kosong_female", "kosongFemale"))
WAITING = ("waiting",)


def read_cells(body: bytes) -> list[Cell]:
    """The cells of a message. Raises: Malformed, where it is neither; InvalidInput, naming every count that is none."""
    cells = list(_said(body))
    if not cells:
        raise InvalidInput(Fault("data", "diperlukan, satu atau lebih"))
    if len(cells) > LINES_MAX:
        raise InvalidInput(Fault("data", f"paling banyak {LINES_MAX}, ini {len(cells)}"))
    return [_cell(said) for said in cells]


def _said(body: bytes) -> Iterable[Mapping[str, Any]]:
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("iso-8859-1")
    text = text.strip()
    if text.startswith(("{", "[")):
        return _of_json(text)
    try:
        root = fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError):
        raise Malformed("isi permintaan bukan XML (tanpa DTD) atau JSON") from None
    return [{part.tag: part.text for part in data} for data in root.iter("data")]


def _of_json(text: str) -> list[Mapping[str, Any]]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed("isi permintaan bukan XML (tanpa DTD) atau JSON") from None
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
