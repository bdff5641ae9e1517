"""Parse changes of facilities from tables: only the columns of the file change, and an empty cell changes nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.cli.csv_rows import Faults, Row, read_rows
from app.cli.registry_rows import (
    WORD_LENGTH_MAX,
    optional_cell,
    parse_area_code,
    parse_beds_stated,
    parse_facility_id,
    parse_identifiers,
    parse_kind,
    parse_location,
    parse_phone,
    parse_phones,
    parse_text,
)
from app.domain.registry.facility import split_identifier
from app.domain.registry.facility_change import FacilityChange
from app.domain.registry.facility_update import FacilityUpdate
from app.domain.reports.report import NAME_LENGTH_MAX

ADDRESS_LENGTH_MAX = 300

_PARSERS: dict[str, Callable[[Row, list[str]], object]] = {
    "kind": parse_kind,
    "name": lambda row, wrong: parse_text(row, "name", NAME_LENGTH_MAX, wrong),
    "area_code": parse_area_code,
    "operated_by": lambda row, wrong: parse_text(row, "operated_by", WORD_LENGTH_MAX, wrong),
    "phone": parse_phone,
    "address": lambda row, wrong: parse_text(row, "address", ADDRESS_LENGTH_MAX, wrong),
    "identifiers": lambda row, wrong: parse_identifiers(optional_cell(row, "identifiers"), wrong),
    "beds_stated": parse_beds_stated,
}
UPDATE_COLUMNS = (*_PARSERS, "lat", "lon", "contact_name", "phones")


def read_updates(path: Path) -> list[tuple[int, FacilityUpdate]]:
    """Read the changes in a file, each with its line number.

    Shape: `facility_id` (or an identifier, such as `sirs:3374015`) and any of UPDATE_COLUMNS; other columns are
        ignored. Without `phones`, those in `phone` are the contact's too.
    Raises: FileRefused, naming the first faults.
    """
    faults = Faults()
    found: list[tuple[int, FacilityUpdate]] = []
    lines: dict[str, int] = {}
    for row in read_rows(path, faults, required=("facility_id",)):
        if not found and not faults.count and not row.cells.keys() & set(UPDATE_COLUMNS):
            faults.add(1, f"the header line has nothing to change; besides facility_id: {', '.join(UPDATE_COLUMNS)}")
            break
        wrong: list[str] = []
        update = _parse_update(row, wrong)
        if (first := lines.setdefault(update.reference, row.line)) != row.line:
            wrong.append(f"{update.reference} already appears on line {first}")
        for why in wrong:
            faults.add(row.line, why)
        found.append((row.line, update))
    faults.check()
    return found


def _parse_update(row: Row, wrong: list[str]) -> FacilityUpdate:
    given: dict[str, Any] = {
        column: parse(row, wrong) for column, parse in _PARSERS.items() if optional_cell(row, column)
    }
    if optional_cell(row, "lat") or optional_cell(row, "lon"):
        given["lat"], given["lon"] = parse_location(row, wrong)
    column = "phones" if "phones" in row.cells else "phone"
    reference = row["facility_id"]
    return FacilityUpdate(
        reference if split_identifier(reference) else parse_facility_id(row, wrong),
        FacilityChange(**given),
        parse_text(row, "contact_name", NAME_LENGTH_MAX, wrong) or None,
        parse_phones(row, column, wrong) or None,
    )
