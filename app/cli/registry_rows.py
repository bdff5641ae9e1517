"""Parse areas and facilities from tables. Rows are validated here; the actions check how they fit the registry."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from app.cli.csv_rows import Faults, Row, read_rows, whole_number
from app.domain.beds.counts import COUNT_MAX
from app.domain.registry.area import AREA_CODE_LENGTH_MAX, LEVEL_SYNONYMS, Area, AreaLevel, is_area_code
from app.domain.registry.contact import Contact, contact_faults, contact_or_none, split_phones
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
        `sirs=3374015;bpjs=1199R001`; optionally `contact_name`, `phones` (`024 8413476; +62 811 0000`), `address`,
        `beds_stated` and `opened_at`; other columns are ignored. Without `phones`, those in `phone` are the contact's.
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
    name = parse_text(row, "name", NAME_LENGTH_MAX, wrong)
    type_ = parse_text(row, "type", WORD_LENGTH_MAX, wrong) or str(level)
    if not name:
        wrong.append("name is empty")
    lat, lon = parse_location(row, wrong)
    if wrong or level is None:
        return None
    return Area(code, name, level, type_, parent, lat, lon)


def _parse_facility(row: Row, wrong: list[str]) -> Facility | None:
    kind = parse_kind(row, wrong)
    parse_facility_id(row, wrong)
    parse_area_code(row, wrong)
    name = parse_text(row, "name", NAME_LENGTH_MAX, wrong)
    if not name:
        wrong.append("name is empty")
    operated_by = parse_text(row, "operated_by", WORD_LENGTH_MAX, wrong) or None
    contact = _parse_contact(row, wrong)
    phone = parse_phone(row, wrong) or None
    opened_at = _parse_time(row, "opened_at", wrong)
    beds = parse_beds_stated(row, wrong)
    identifiers = parse_identifiers(optional_cell(row, "identifiers"), wrong)
    lat, lon = parse_location(row, wrong)
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
        optional_cell(row, "address") or None,
        identifiers,
        beds,
        opened_at=opened_at,
        contact=contact,
    )


def parse_kind(row: Row, wrong: list[str]) -> FacilityKind | None:
    """Return the kind of a facility; None, with a fault, if it is not one."""
    kind = _KINDS.get(row["kind"])
    if kind is None:
        wrong.append(f"kind {row['kind']!r} is not one of {', '.join(_KINDS)}")
    return kind


def parse_facility_id(row: Row, wrong: list[str]) -> str:
    """Return the id of a facility, with a fault if it has another form."""
    if not re.fullmatch(FACILITY_ID_PATTERN, row["facility_id"]):
        wrong.append(f"facility_id {row['facility_id']!r} is not 1 to 64 letters, digits, '.', '_' and '-'")
    return row["facility_id"]


def parse_area_code(row: Row, wrong: list[str]) -> str:
    """Return the code of a facility's area, with a fault if it has another form."""
    if not is_area_code(row["area_code"]):
        wrong.append(f"area_code {row['area_code']!r} is not an area code")
    return row["area_code"]


def parse_beds_stated(row: Row, wrong: list[str]) -> int | None:
    """Return the beds that a register states; None for an empty cell."""
    stated = optional_cell(row, "beds_stated")
    beds = whole_number(stated)
    if stated and (beds is None or not 0 <= beds <= COUNT_MAX):
        wrong.append(f"beds_stated {stated!r} is not a whole number from 0 to {COUNT_MAX}")
    return beds


def parse_phones(row: Row, column: str, wrong: list[str]) -> tuple[str, ...]:
    """Return the phone numbers in a cell, joined by `;`, with a fault for each that is not one."""
    phones = tuple(map(_unguarded, split_phones(optional_cell(row, column))))
    wrong += [f"{field}: {why}" for field, why in contact_faults(Contact(phones=phones))]
    return phones


def parse_phone(row: Row, wrong: list[str]) -> str:
    """Return the switchboard. Several numbers are those of the contact: the first one is the switchboard then."""
    if "phones" not in row.cells and len(phones := split_phones(optional_cell(row, "phone"))) > 1:
        return _unguarded(phones[0])
    return parse_text(row, "phone", WORD_LENGTH_MAX, wrong)


def _parse_contact(row: Row, wrong: list[str]) -> Contact | None:
    name = parse_text(row, "contact_name", NAME_LENGTH_MAX, wrong)
    if "phones" in row.cells:
        return contact_or_none(name, parse_phones(row, "phones", wrong))
    # Files from before there were contacts may have any text as `phone`.
    unusable: list[str] = []
    phones = parse_phones(row, "phone", unusable)
    return contact_or_none(name, () if unusable else phones)


def optional_cell(row: Row, column: str) -> str:
    """Return the cell of an optional column; words that exports write for an empty value count as empty."""
    return "" if is_empty(row[column]) else row[column]


def parse_text(row: Row, column: str, length_max: int, wrong: list[str]) -> str:
    """Return the text of a cell, with a fault if it is too long."""
    text = _unguarded(row[column] if column == "name" else optional_cell(row, column))
    if len(text) > length_max:
        wrong.append(f"{column} has {len(text)} characters; at most {length_max} are accepted")
    return text


def _unguarded(text: str) -> str:
    # Our own exports prefix text that a spreadsheet would take for a formula with ', such as the +62 of a phone.
    return text[1:] if text[:2] in _GUARDED else text


def _parse_time(row: Row, column: str, wrong: list[str]) -> datetime | None:
    cell = optional_cell(row, column)
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


def parse_location(row: Row, wrong: list[str]) -> tuple[float | None, float | None]:
    """Return the coordinates of a row, with a fault for each that is none, or if one is missing."""
    lat, lon = _parse_degrees(row, "lat", 90, wrong), _parse_degrees(row, "lon", 180, wrong)
    if bool(optional_cell(row, "lat")) != bool(optional_cell(row, "lon")):
        wrong.append("lat and lon must be given together or not at all")
    return lat, lon


def _parse_degrees(row: Row, column: str, limit: int, wrong: list[str]) -> float | None:
    cell = optional_cell(row, column)
    if not cell:
        return None
    if not _DEGREES.fullmatch(cell) or abs(float(cell)) > limit:
        wrong.append(f"{column} {cell!r} is not a number from -{limit} to {limit}")
        return None
    return float(cell)


def parse_identifiers(cell: str, wrong: list[str]) -> dict[str, str]:
    """Return the identifiers in a cell such as `sirs=3374015;bpjs=1199R001`, by system."""
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
