"""Cells of SIRANAP v1: what a message leaves. Rules: `protocols/indonesia.md` 2.9 and 5.3.

A cell is a class (`kode_ruang`) and a kind of ward (`tipe_pasien`); the names mislead. Men and women are not to be
added blindly: some software sends the ward's total in both.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from app.domain.beds.counts import COUNT_MAX, BedCount
from app.domain.errors import Fault, InvalidInput
from app.domain.reports.lines import ChannelState
from app.domain.reports.report import LineKey, ReportLine, ReportWarning
from app.domain.reports.rows import (
    NothingToDelete,
    Row,
    Written,
    check_row_limit,
    close_previous_line,
    deleted,
    ended,
    restated,
    rows_of,
    write_details,
)
from app.protocols.class_names import bed_type_named
from app.protocols.field_values import NOTHING_ODD, Oddities, is_required, whole_number

CODE_LENGTH_MAX = 16
TOTAL = "total_TT"
FREE = ("kosong_male", "kosong_female")
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
    """A cell as a message says it: `used` and `free` are those of men, then of women.

    `total` is None where it was sent empty or not at all; a half is None where it could not be read or neither half
    was sent, and `free` is below 0 where the ward is overfull.
    """

    kode_ruang: str
    tipe_pasien: str
    total: int | None
    used: tuple[int | None, int | None]
    free: tuple[int | None, int | None]
    waiting: int | None = None
    odd: Oddities = NOTHING_ODD

    @property
    def codes(self) -> "Codes":
        """Which cell it is: 3 and 0003 are one code."""
        return _padded(self.kode_ruang), _padded(self.tipe_pasien)


Codes = tuple[str, str]


def write_cells(state: ChannelState, cells: list[Cell], _now: datetime) -> Written:
    """Create or update these cells; of two about one cell the last counts.

    A known cell without a total keeps its figures and their time.
    Raises: InvalidInput, naming the field.
    """
    for cell in cells:
        _check(cell.kode_ruang, cell.tipe_pasien)
    last = {cell.codes: cell for cell in cells}
    lines: list[ReportLine] = []
    warnings: list[ReportWarning] = []
    kept: list[Row] = []
    rows = _rows_by_codes(state)
    found = {codes: rows.get(codes, []) for codes in last}
    check_row_limit(state, adding=sum(not known or known[0].line.beds is None for known in found.values()))
    for codes, cell in last.items():
        known = next(iter(found[codes]), None)
        if cell.total is not None:
            written, odd = _written(_usable(cell, cell.total), cell.total, found[codes], place=len(lines))
            lines += written
            warnings += odd
        elif known is not None and known.is_shown:
            kept.append(known)
            warnings += cell.odd._replace(missing=(TOTAL,)).warnings(None)
        else:
            raise InvalidInput(is_required(TOTAL))
    if lines:
        return Written(lines[0].ward_code, tuple(lines), tuple(warnings))
    same = restated(kept[0], kept[0].details)  # nothing is new: one line as it stands, at its own time
    return Written(same.ward_code, (same,), tuple(warnings), kept[0].line.moment.observed_at)


def _rows_by_codes(state: ChannelState) -> dict[Codes, list[Row]]:
    """The rows of each cell, open ones first and the newest first. A cell has one, but for those stored before."""
    found: dict[Codes, list[Row]] = {}
    for row in rows_of(state):
        codes = _padded(row.details["kode_ruang"]), _padded(row.details["tipe_pasien"])
        found.setdefault(codes, []).append(row)
    for same in found.values():
        same.sort(key=lambda row: (row.line.beds is not None, row.line.moment), reverse=True)
    return found


def _usable(cell: Cell, total: int) -> Cell:
    """The cell without free beds that cannot be true: below minus the total, each or together."""
    least = max(-total, total - COUNT_MAX)
    halves = dict(zip(FREE, cell.free, strict=True))
    unusable = {name: half for name, half in halves.items() if half is not None and half < least}
    rest = {name: half for name, half in halves.items() if half is not None and name not in unusable}
    if sum(rest.values()) < least:
        unusable |= {name: half for name, half in rest.items() if half < 0}
    if not unusable:
        return cell
    men, women = (None if name in unusable else half for name, half in halves.items())
    left_out = (*cell.odd.left_out, *((name, str(half)) for name, half in unusable.items()))
    return replace(cell, free=(men, women), odd=cell.odd._replace(left_out=left_out))


def _written(
    cell: Cell, total: int, known: Sequence[Row], *, place: int
) -> tuple[list[ReportLine], list[ReportWarning]]:
    beds, is_plain = _beds(cell, total)
    odd = cell.odd.warnings(place)
    if not is_plain:
        told = f"used {cell.used} and free {cell.free} of men and women do not make up {total}"
        odd.append(ReportWarning("total_mismatch", place, told, {TOTAL: total}))
    if _class_of(cell.kode_ruang) is None or _padded(cell.tipe_pasien) not in KINDS:
        told = f"kode_ruang {cell.kode_ruang} or tipe_pasien {cell.tipe_pasien} is not known"
        codes = {"kode_ruang": cell.kode_ruang, "tipe_pasien": cell.tipe_pasien}
        odd.append(ReportWarning("unknown_code", place, told, codes))
    key, before = _key(*cell.codes), next(iter(known), None)
    if before is not None:  # which was stored with its codes as they were written
        key = key._replace(ward_code=before.row_id)
    details = {"kode_ruang": cell.kode_ruang, "tipe_pasien": cell.tipe_pasien, "waiting": cell.waiting}
    name = _name(cell.kode_ruang, cell.tipe_pasien)
    line = ReportLine(key.bed_type, key.ward_code, name, beds, write_details(details))
    doubles = [ended(row) for row in known[1:] if row.line.beds is not None and row.key != key]
    return [line, *close_previous_line(before, key.bed_type), *doubles], odd


def delete_cell(state: ChannelState, kode_ruang: str, tipe_pasien: str, now: datetime) -> Written:
    """Delete a cell; one client swaps the two codes. Raises: NothingToDelete, InvalidInput."""
    _check(kode_ruang, tipe_pasien)
    rows = _rows_by_codes(state)
    for place, (class_, kind) in enumerate([(kode_ruang, tipe_pasien), (tipe_pasien, kode_ruang)]):
        shown = [row for row in rows.get((_padded(class_), _padded(kind)), []) if row.is_shown]
        if not shown:
            continue
        told = f"deleted kode_ruang {class_}, tipe_pasien {kind}: they were swapped"
        swapped = (ReportWarning("swapped_codes", 0, told),) if place else ()
        return Written(shown[0].row_id, tuple(restated(row, deleted(row.details, now)) for row in shown), swapped)
    raise NothingToDelete


def _beds(cell: Cell, total: int) -> tuple[BedCount, bool]:
    """The beds of a cell, and whether its figures agree."""
    (u1, u2), (f1, f2) = cell.used, cell.free
    if f1 is None or f2 is None:
        if u1 is None or u2 is None:
            return BedCount(total), True
        return BedCount(total, u1 + u2 if u1 + u2 <= total else max(u1, u2)), True
    is_split = f1 >= 0 and f2 >= 0
    if u1 is not None and u2 is not None:
        if u1 + u2 + f1 + f2 == total:
            beds = _with_free(total, f1 + f2)._replace(beds_occupied=u1 + u2)
            return beds._replace(available_male=f1, available_female=f2) if is_split else beds, True
        if max(u1, u2) + max(f1, f2) == total:
            return _with_free(total, max(f1, f2))._replace(beds_occupied=max(u1, u2)), True
    return _with_free(total, min(total, f1 + f2)), u1 is None or u2 is None


def _with_free(total: int, free: int) -> BedCount:
    """So many beds with so many free; below 0 that many more are occupied than exist."""
    return BedCount(total, total - free if free < 0 else None, beds_available=max(free, 0))


def _check(kode_ruang: str, tipe_pasien: str) -> None:
    for name, value in (("kode_ruang", kode_ruang), ("tipe_pasien", tipe_pasien)):
        if not value or len(value) > CODE_LENGTH_MAX:
            raise InvalidInput(Fault(name, "diperlukan" if not value else f"paling panjang {CODE_LENGTH_MAX} karakter"))


def _key(kode_ruang: str, tipe_pasien: str) -> LineKey:
    _, of_class = _class_of(kode_ruang) or ("", "other")
    return LineKey(f"{_padded(kode_ruang)}:{_padded(tipe_pasien)}", TYPE_OF_KIND.get(_padded(tipe_pasien), of_class))


def _class_of(kode_ruang: str) -> tuple[str, str] | None:
    """Name and bed type of a class: by its code, or by a name that can mean only one bed type."""
    if (known := CLASSES.get(_padded(kode_ruang))) is not None:
        return known
    bed_type = bed_type_named(kode_ruang)
    return None if bed_type is None else (kode_ruang, bed_type)


def _padded(code: str) -> str:
    """A code as the tables have it: 3, 3.0 and 00003 are 0003."""
    number = whole_number(code)
    return code if number is None or number < 0 else f"{number:04}"


def _name(kode_ruang: str, tipe_pasien: str) -> str:
    class_name, _ = _class_of(kode_ruang) or (kode_ruang, "")
    return f"{class_name}, {KINDS.get(_padded(tipe_pasien), tipe_pasien)}"
