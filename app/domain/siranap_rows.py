"""Cells of SIRANAP v1: what a message leaves. Rules: `protocols/indonesia.md` 2.9 and 5.3.

A cell is a class (`kode_ruang`) and a kind of ward (`tipe_pasien`); the names mislead. Men and women are not to be
added blindly: some software sends the ward's total in both.
"""

from dataclasses import dataclass
from datetime import datetime

from app.domain.beds import BedCount
from app.domain.errors import Fault, InvalidInput
from app.domain.lines import ChannelState
from app.domain.report import LineKey, ReportLine, ReportWarning
from app.domain.rows import (
    NothingToDelete,
    Written,
    check_room,
    deleted,
    read_details,
    write_details,
)

CODE_LENGTH_MAX = 16
CLASSES = {
    "0001": ("Super VIP", "ward_vvip"),
    "0002": ("VIP", "ward_vip"),
    "0003": ("Kelas 1", "ward_1"),
    "0004": ("Kelas 2", "ward_2"),
    "0005": ("Kelas 3", "ward_3"),
    "0006": ("Intermediate", "intermediate"),
    "0007": ("Isolasi", "isolation"),
    "0008": ("Rawat Khusus", "other"),
    "0009": ("Stroke Care Unit", "other"),
}
KINDS = {
    "0000": "Umum", "0001": "Anak", "0002": "Anak (Luka Bakar)", "0003": "Penyakit Dalam", "0004": "Kebidanan",
    "0005": "Kandungan", "0006": "Bedah", "0007": "Kanker", "0008": "Mata", "0009": "THT", "0010": "Paru",
    "0011": "Jantung", "0012": "Orthopedi", "0013": "Kulit dan Kelamin", "0014": "Saraf", "0015": "Jiwa",
    "0016": "Infeksi", "0017": "Luka Bakar", "0018": "NAPZA", "0019": "Isolasi Air Borne", "0020": "Isolasi TB MDR",
    "0021": "Kulit dan Kelamin", "0022": "Isolasi Imunitas menurun", "0023": "Isolasi Radioaktif", "0024": "ICU/RICU",
    "0025": "NICU", "0026": "PICU", "0027": "CVCU/ICCU", "0029": "HCU", "0030": "Kedokteran Nuklir",
}  # fmt: skip
# Where the kind says more than the class.
TYPE_OF_KIND = {
    **dict.fromkeys(("0019", "0020", "0022", "0023"), "isolation"),
    "0024": "icu",
    "0025": "nicu",
    "0026": "picu",
    "0027": "iccu",
    "0029": "hcu",
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as a message says it: `used` and `free` are those of men, then of women."""

    kode_ruang: str
    tipe_pasien: str
    total: int
    used: tuple[int, int]
    free: tuple[int, int]
    waiting: int | None = None


def write_cells(state: ChannelState, cells: list[Cell], _now: datetime) -> Written:
    """Create or update these cells; of two about one cell the last counts. Raises: InvalidInput."""
    for cell in cells:
        _check(cell.kode_ruang, cell.tipe_pasien)
        check_room(state)
    last = {(cell.kode_ruang, cell.tipe_pasien): cell for cell in cells}
    lines, warnings = [], []
    for place, cell in enumerate(last.values()):
        beds, is_plain = _beds(cell)
        if not is_plain:
            told = f"used {cell.used} and free {cell.free} of men and women do not make up {cell.total}"
            warnings.append(ReportWarning("total_mismatch", place, told, {"total_TT": cell.total}))
        if cell.kode_ruang not in CLASSES or cell.tipe_pasien not in KINDS:
            told = f"kode_ruang {cell.kode_ruang} or tipe_pasien {cell.tipe_pasien} is not known"
            codes = {"kode_ruang": cell.kode_ruang, "tipe_pasien": cell.tipe_pasien}
            warnings.append(ReportWarning("unknown_code", place, told, codes))
        key = _key(cell.kode_ruang, cell.tipe_pasien)
        details = {"kode_ruang": cell.kode_ruang, "tipe_pasien": cell.tipe_pasien, "waiting": cell.waiting}
        lines.append(
            ReportLine(
                key.bed_type, key.ward_code, _name(cell.kode_ruang, cell.tipe_pasien), beds, write_details(details)
            )
        )
    return Written(lines[-1].ward_code, tuple(lines), tuple(warnings))


def delete_cell(state: ChannelState, kode_ruang: str, tipe_pasien: str, now: datetime) -> Written:
    """Delete a cell; one client swaps the two codes. Raises: NothingToDelete, InvalidInput."""
    _check(kode_ruang, tipe_pasien)
    for place, (class_, kind) in enumerate([(kode_ruang, tipe_pasien), (tipe_pasien, kode_ruang)]):
        key = _key(class_, kind)
        line = state.lines.get(key)
        if line is None or line.beds is None or line.details is None:
            continue
        details = read_details(line.details)
        if "deleted_at" in details:
            continue
        swapped = ReportWarning(
            "swapped_codes", 0, f"deleted kode_ruang {class_}, tipe_pasien {kind}: they were swapped"
        )
        beds = line.beds._replace(available_is=None)
        ending = ReportLine(key.bed_type, key.ward_code, line.ward_name, beds, write_details(deleted(details, now)))
        return Written(key.ward_code, (ending,), (swapped,) if place else ())
    raise NothingToDelete


def _beds(cell: Cell) -> tuple[BedCount, bool]:
    """The beds of a cell, and whether its figures agree."""
    (u1, u2), (f1, f2), total = cell.used, cell.free, cell.total
    if u1 + u2 + f1 + f2 == total:
        return BedCount(total, u1 + u2, beds_available=f1 + f2, available_male=f1, available_female=f2), True
    if max(u1, u2) + max(f1, f2) == total:
        return BedCount(total, max(u1, u2), beds_available=max(f1, f2)), True
    return BedCount(total, beds_available=min(total, f1 + f2)), False


def _check(kode_ruang: str, tipe_pasien: str) -> None:
    for name, value in (("kode_ruang", kode_ruang), ("tipe_pasien", tipe_pasien)):
        if not value or len(value) > CODE_LENGTH_MAX:
            raise InvalidInput(Fault(name, "diperlukan" if not value else f"paling panjang {CODE_LENGTH_MAX} karakter"))


def _key(kode_ruang: str, tipe_pasien: str) -> LineKey:
    _, of_class = CLASSES.get(kode_ruang, ("", "other"))
    return LineKey(f"{kode_ruang}:{tipe_pasien}", TYPE_OF_KIND.get(tipe_pasien, of_class))


def _name(kode_ruang: str, tipe_pasien: str) -> str:
    return f"{CLASSES.get(kode_ruang, (kode_ruang, ''))[0]}, {KINDS.get(tipe_pasien, tipe_pasien)}"
