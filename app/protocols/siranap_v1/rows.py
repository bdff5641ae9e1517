"""Cells of SIRANAP v1: what a message changes. Rules: `docs/protocols/siranap-v1.md`.

A cell is a class (`kode_ruang`) and a kind of ward (`tipe_pasien`), despite their names. Counts of men and women must
not be added blindly: some software sends the ward's total in both.
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
from app.protocols.siranap_v1.codes import CLASSES, KINDS, TYPE_OF_KIND

CODE_LENGTH_MAX = 16
TOTAL = "total_TT"
FREE = ("kosong_male", "kosong_female")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as sent: `used` and `free` are the counts of men, then of women.

    `total` is None if it was sent empty or not at all; a half is None if it could not be read or neither half was sent;
    `free` is below 0 if the ward is overfull.
    """

    kode_ruang: str
    tipe_pasien: str
    total: int | None
    used: tuple[int | None, int | None]
    free: tuple[int | None, int | None]
    waiting: int | None = None
    oddities: Oddities = NOTHING_ODD

    @property
    def codes(self) -> "Codes":
        """The key of the cell; 3 and 0003 are the same code."""
        return _pad_code(self.kode_ruang), _pad_code(self.tipe_pasien)


Codes = tuple[str, str]


def write_cells(state: ChannelState, cells: list[Cell], _now: datetime) -> Written:
    """Create or update these cells; of two with the same codes the last counts.

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
            written, row_warnings = _write_cell(
                _drop_impossible(cell, cell.total), cell.total, found[codes], place=len(lines)
            )
            lines += written
            warnings += row_warnings
        elif known is not None and known.is_shown:
            kept.append(known)
            warnings += cell.oddities._replace(missing=(TOTAL,)).warnings(None)
        else:
            raise InvalidInput(is_required(TOTAL))
    if lines:
        return Written(lines[0].ward_code, tuple(lines), tuple(warnings))
    same = restated(kept[0], kept[0].details)  # nothing is new: repeat one line unchanged, at its own time
    return Written(same.ward_code, (same,), tuple(warnings), kept[0].line.moment.observed_at)


def _rows_by_codes(state: ChannelState) -> dict[Codes, list[Row]]:
    """Group the rows by cell, open ones first, then newest first. Only older stored data has several rows per cell."""
    found: dict[Codes, list[Row]] = {}
    for row in rows_of(state):
        codes = _pad_code(row.details["kode_ruang"]), _pad_code(row.details["tipe_pasien"])
        found.setdefault(codes, []).append(row)
    for same in found.values():
        same.sort(key=lambda row: (row.line.beds is not None, row.line.moment), reverse=True)
    return found


def _drop_impossible(cell: Cell, total: int) -> Cell:
    """Return the cell without impossible free beds: below minus the total, each or together."""
    least = max(-total, total - COUNT_MAX)
    halves = dict(zip(FREE, cell.free, strict=True))
    unusable = {name: half for name, half in halves.items() if half is not None and half < least}
    rest = {name: half for name, half in halves.items() if half is not None and name not in unusable}
    if sum(rest.values()) < least:
        unusable |= {name: half for name, half in rest.items() if half < 0}
    if not unusable:
        return cell
    men, women = (None if name in unusable else half for name, half in halves.items())
    left_out = (*cell.oddities.left_out, *((name, str(half)) for name, half in unusable.items()))
    return replace(cell, free=(men, women), oddities=cell.oddities._replace(left_out=left_out))


def _write_cell(
    cell: Cell, total: int, known: Sequence[Row], *, place: int
) -> tuple[list[ReportLine], list[ReportWarning]]:
    beds, is_plain = _derive_beds(cell, total)
    warnings = cell.oddities.warnings(place)
    if not is_plain:
        detail = f"used {cell.used} and free {cell.free} of men and women do not make up {total}"
        warnings.append(ReportWarning("total_mismatch", place, detail, {TOTAL: total}))
    if _class_of(cell.kode_ruang) is None or _pad_code(cell.tipe_pasien) not in KINDS:
        detail = f"kode_ruang {cell.kode_ruang} or tipe_pasien {cell.tipe_pasien} is not known"
        codes = {"kode_ruang": cell.kode_ruang, "tipe_pasien": cell.tipe_pasien}
        warnings.append(ReportWarning("unknown_code", place, detail, codes))
    key, before = _key_of(*cell.codes), next(iter(known), None)
    if before is not None:  # older rows are stored with their codes as sent
        key = key._replace(ward_code=before.row_id)
    details = {"kode_ruang": cell.kode_ruang, "tipe_pasien": cell.tipe_pasien, "waiting": cell.waiting}
    name = _name_cell(cell.kode_ruang, cell.tipe_pasien)
    line = ReportLine(key.bed_type, key.ward_code, name, beds, write_details(details))
    doubles = [ended(row) for row in known[1:] if row.line.beds is not None and row.key != key]
    return [line, *close_previous_line(before, key.bed_type), *doubles], warnings


def delete_cell(state: ChannelState, kode_ruang: str, tipe_pasien: str, now: datetime) -> Written:
    """Delete a cell, also if its codes are swapped, as one client does. Raises: NothingToDelete, InvalidInput."""
    _check(kode_ruang, tipe_pasien)
    rows = _rows_by_codes(state)
    for place, (class_, kind) in enumerate([(kode_ruang, tipe_pasien), (tipe_pasien, kode_ruang)]):
        shown = [row for row in rows.get((_pad_code(class_), _pad_code(kind)), []) if row.is_shown]
        if not shown:
            continue
        detail = f"deleted kode_ruang {class_}, tipe_pasien {kind}: they were swapped"
        swapped = (ReportWarning("swapped_codes", 0, detail),) if place else ()
        return Written(shown[0].row_id, tuple(restated(row, deleted(row.details, now)) for row in shown), swapped)
    raise NothingToDelete


def _derive_beds(cell: Cell, total: int) -> tuple[BedCount, bool]:
    """Return the beds of a cell, and whether its figures are consistent."""
    (u1, u2), (f1, f2) = cell.used, cell.free
    if f1 is None or f2 is None:
        if u1 is None or u2 is None:
            return BedCount(total), True
        return BedCount(total, u1 + u2 if u1 + u2 <= total else max(u1, u2)), True
    is_split = f1 >= 0 and f2 >= 0
    if u1 is not None and u2 is not None:
        if u1 + u2 + f1 + f2 == total:
            beds = _beds_with_free(total, f1 + f2)._replace(beds_occupied=u1 + u2)
            return beds._replace(available_male=f1, available_female=f2) if is_split else beds, True
        if max(u1, u2) + max(f1, f2) == total:
            return _beds_with_free(total, max(f1, f2))._replace(beds_occupied=max(u1, u2)), True
    return _beds_with_free(total, min(total, f1 + f2)), u1 is None or u2 is None


def _beds_with_free(total: int, free: int) -> BedCount:
    """Return beds with this many free; a negative number means that many patients more than beds."""
    return BedCount(total, total - free if free < 0 else None, beds_available=max(free, 0))


def _check(kode_ruang: str, tipe_pasien: str) -> None:
    for name, value in (("kode_ruang", kode_ruang), ("tipe_pasien", tipe_pasien)):
        if not value or len(value) > CODE_LENGTH_MAX:
            raise InvalidInput(Fault(name, "diperlukan" if not value else f"paling panjang {CODE_LENGTH_MAX} karakter"))


def _key_of(kode_ruang: str, tipe_pasien: str) -> LineKey:
    _, of_class = _class_of(kode_ruang) or ("", "other")
    return LineKey(
        f"{_pad_code(kode_ruang)}:{_pad_code(tipe_pasien)}", TYPE_OF_KIND.get(_pad_code(tipe_pasien), of_class)
    )


def _class_of(kode_ruang: str) -> tuple[str, str] | None:
    """Return name and bed type of a class: by its code, or by an unambiguous name; None if unknown."""
    if (known := CLASSES.get(_pad_code(kode_ruang))) is not None:
        return known
    bed_type = bed_type_named(kode_ruang)
    return None if bed_type is None else (kode_ruang, bed_type)


def _pad_code(code: str) -> str:
    """Return a code in the form of the tables: 3, 3.0 and 00003 are 0003."""
    number = whole_number(code)
    return code if number is None or number < 0 else f"{number:04}"


def _name_cell(kode_ruang: str, tipe_pasien: str) -> str:
    class_name, _ = _class_of(kode_ruang) or (kode_ruang, "")
    return f"{class_name}, {KINDS.get(_pad_code(tipe_pasien), tipe_pasien)}"
