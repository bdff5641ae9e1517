"""Parse areas and facilities from tables. Rows are validated here; the actions check how they fit the registry."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from app.cli.csv_rows import Faults, Row, read_rows, whole_number
from app.domain.beds.counts import COUNT_MAX
from app.domain.registry.area import AREA_CODE_LENGTH_MAX, LEVEL_SYNONYMS, Area, AreaLevel, is_area_code
from app.domain.registry.facility import (
    FACILITY_ID_PATTERN,
    IDENTIFIER_PATTERN,
    SYSTEM_PATTERN,
    Facility,
    FacilityKind,
)
from app.domain.reports.report import NAME_LENGTH_MAX
from app.protocols.field_values import is_empty

AREA_COLUMNS = ("code", "name", "level")
FACILITY_COLUMNS = ("facility_id", "kind", "name", "area_code")
WORD_LENGTH_MAX = 40

_DEGREES = re.compile(r"-?\d{1,3}(\.\d{1,15})?")
_GUARDED = {"'=", "'+", "'-", "'@"}
_LEVELS: dict[str, AreaLevel] = {**LEVEL_SYNONYMS, **{level.value: level for level in AreaLevel}}
_KINDS = {kind.value: kind for kind in FacilityKind}

Entry = TypeVar("Entry", Area, Facility)


def read_areas(path: Path) -> list[tuple[int, Area]]:
    """Read the areas of a file, each with its line number.

    Shape: `code,name,level,type,parent_code,lat,lon`; other columns are ignored. Levels may be given by their synonyms
        (regency, district, village).
    Raises: FileRefused, naming the first faults.
    """
    return _read_table(path, AREA_COLUMNS, _parse_area, lambda area: [area.code])


def read_facilities(path: Path) -> list[tuple[int, Facility]]:
    """Read the facilities of a file, each with its line number.

    Shape: `facility_id,kind,name,area_code,operated_by,lat,lon,phone,identifiers`, identifiers written as
        `sirs=3374015;bpjs=1199R001`; optionally `address`, `beds_stated` and `opened_at`; other columns are ignored.
    Raises: FileRefused, naming the first faults.
    """

    def names(facility: Facility) -> list[str]:
        return [
            facility.facility_id,
            *(f"{system}={value}" for system, value in facility.identifiers.items()),
        ]

    return _read_table(path, FACILITY_COLUMNS, _parse_facility, names)


def _read_table(
    path: Path,
    required: tuple[str, ...],
    build: Callable[[Row, list[str]], Entry | None],
    names: Callable[[Entry], list[str]],
) -> list[tuple[int, Entry]]:
    faults = Faults()
    found: list[tuple[int, Entry]] = []
    taken: dict[str, int] = {}
    for row in read_rows(path, faults, required=required):
        wrong: list[str] = []
        entry = build(row, wrong)
        if entry is not None:
            wrong += [f"{name} already appears on line {taken[name]}" for name in names(entry) if name in taken]
            taken.update((name, row.line) for name in names(entry) if name not in taken)
            found.append((row.line, entry))
        for why in wrong:
            faults.add(row.line, why)
    faults.check()
    return found


def _parse_area(row: Row, wrong: list[str]) -> Area | None:
    code, parent = row["code"], row["parent_code"] or None
    level = _LEVELS.get(row["level"])
    if level is None:
        wrong.append(f"level {row['level']!r} is not one of {', '.join(_LEVELS)}")
    if not is_area_code(code):
        wrong.append(f"code {code!r} is not 1 to {AREA_CODE_LENGTH_MAX} letters and digits with single dots between")
    if parent is not None and not is_area_code(parent):
        wrong.append(f"parent_code {parent!r} is not an area code")
    name = _parse_text(row, "name", NAME_LENGTH_MAX, wrong)
    type_ = _parse_text(row, "type", WORD_LENGTH_MAX, wrong) or str(level)
    if not name:
        wrong.append("name is empty")
    lat, lon = _parse_location(row, wrong)
    if wrong or level is None:
        return None
    return Area(code, name, level, type_, parent, lat, lon)


def _parse_facility(row: Row, wrong: list[str]) -> Facility | None:
    kind = _KINDS.get(row["kind"])
    if kind is None:
        wrong.append(f"kind {row['kind']!r} is not one of {', '.join(_KINDS)}")
    if not re.fullmatch(FACILITY_ID_PATTERN, row["facility_id"]):
        wrong.append(f"facility_id {row['facility_id']!r} is not 1 to 64 letters, digits, '.', '_' and '-'")
    if not is_area_code(row["area_code"]):
        wrong.append(f"area_code {row['area_code']!r} is not an area code")
    name = _parse_text(row, "name", NAME_LENGTH_MAX, wrong)
    if not name:
        wrong.append("name is empty")
    operated_by = _parse_text(row, "operated_by", WORD_LENGTH_MAX, wrong) or None
    phone = _parse_text(row, "phone", WORD_LENGTH_MAX, wrong) or None
    opened_at = _parse_time(row, "opened_at", wrong)
    stated = _optional_cell(row, "beds_stated")
    beds = whole_number(stated)
    if stated and (beds is None or not 0 <= beds <= COUNT_MAX):
        wrong.append(f"beds_stated {stated!r} is not a whole number from 0 to {COUNT_MAX}")
    identifiers = _parse_identifiers(_optional_cell(row, "identifiers"), wrong)
    lat, lon = _parse_location(row, wrong)
    if wrong or kind is None:
        return None
    return Facility(
        row["facility_id"],
        kind,
        name,
        row["area_code"],
        operated_by,
        lat,
        lon,
        phone,
        _optional_cell(row, "address") or None,
        identifiers,
        beds,
        opened_at=opened_at,
    )


def _optional_cell(row: Row, column: str) -> str:
    """Return the cell of an optional column; words that exports write for an empty value count as empty."""
    return "" if is_empty(row[column]) else row[column]


def _parse_text(row: Row, column: str, length_max: int, wrong: list[str]) -> str:
    # Our own exports prefix text that a spreadsheet would take for a formula with ', such as the +62 of a phone.
    cell = row[column] if column == "name" else _optional_cell(row, column)
    text = cell[1:] if cell[:2] in _GUARDED else cell
    if len(text) > length_max:
        wrong.append(f"{column} has {len(text)} characters; at most {length_max} are accepted")
    return text


def _parse_time(row: Row, column: str, wrong: list[str]) -> datetime | None:
    cell = _optional_cell(row, column)
    if not cell:
        return None
    try:
        moment = datetime.fromisoformat(cell)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    wrong.append(f"{column} {cell!r} is not a time with an offset, such as 2027-01-01T00:00:00+07:00")
    return None


def _parse_location(row: Row, wrong: list[str]) -> tuple[float | None, float | None]:
    lat, lon = _parse_degrees(row, "lat", 90, wrong), _parse_degrees(row, "lon", 180, wrong)
    if bool(_optional_cell(row, "lat")) != bool(_optional_cell(row, "lon")):
        wrong.append("lat and lon must be given together or not at all")
    return lat, lon


def _parse_degrees(row: Row, column: str, limit: int, wrong: list[str]) -> float | None:
    cell = _optional_cell(row, column)
    if not cell:
        return None
    if not _DEGREES.fullmatch(cell) or abs(float(cell)) > limit:
        wrong.append(f"{column} {cell!r} is not a number from -{limit} to {limit}")
        return None
    return float(cell)


def _parse_identifiers(cell: str, wrong: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in filter(None, map(str.strip, cell.split(";"))):
        system, _, value = map(str.strip, part.partition("="))
        if value and is_empty(value):
            continue  # a register that has no code for this facility
        if not re.fullmatch(SYSTEM_PATTERN, system) or not re.fullmatch(IDENTIFIER_PATTERN, value):
            wrong.append(f"identifier {part!r} is not written as system=value, such as sirs=3374015")
        elif system in found:
            wrong.append(f"identifiers contain {system} twice")
        found[system] = value
    return found
