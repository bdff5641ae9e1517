"""Parse reports from a table of observations, in two layouts that their header lines distinguish.

Cells are sent unchanged: the server validates them, and its messages are shown.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.cli.csv_rows import Faults, FileRefused, Row, read_rows, whole_number
from app.domain.beds.counts import COUNT_FIELDS
from app.domain.reports.report import LINES_MAX, canonical

OWN_COLUMNS = ("facility_id", "observed_at", "bed_type")
SIRANAP_COLUMNS = ("reported_at", "seen_at", "facility_key", "bed_class", "vacant", "queue")

_BED_TYPE_OF_CLASS = {
    "igd_covid": "emergency_covid",
    "class_1": "ward_1",
    "class_2": "ward_2",
    "class_3": "ward_3",
}


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One report to send, as JSON text, and the lines of the file that it contains."""

    lines: tuple[int, ...]
    text: str


def read_reports(path: Path) -> list[Outgoing]:
    """Read the reports of a file, in its order.

    Each has a `report_id`: from the file, else derived from its content, so that a second replay repeats the first and
    changes nothing.
    Raises: FileRefused, also if the header line matches neither layout.
    """
    faults = Faults()
    rows = list(read_rows(path, faults))
    faults.check()
    columns = set(rows[0].cells) if rows else set(OWN_COLUMNS)
    if set(OWN_COLUMNS) <= columns:
        return list(_group_rows(rows))
    if set(SIRANAP_COLUMNS) <= columns:
        return [_to_outgoing([row], _build_siranap_report(row)) for row in rows]
    layouts = f"ours ({','.join(OWN_COLUMNS)}, then counts) or SIRANAP's ({','.join(SIRANAP_COLUMNS)})"
    raise FileRefused(f"line 1: the columns match neither layout: {layouts}")


def _group_rows(table: list[Row]) -> Iterator[Outgoing]:
    """Group consecutive rows of one report id (or one facility and time) into one report."""
    rows: list[Row] = []
    named: set[tuple[str, str]] = set()
    before = None
    for row in table:
        about = (row["facility_id"], row["observed_at"], row["report_id"])
        line = (row["ward_code"], row["bed_type"])
        if rows and (about != before or line in named or len(rows) == LINES_MAX):
            yield _to_outgoing(rows, _build_report(rows))
            rows, named = [], set()
        rows.append(row)
        named.add(line)
        before = about
    if rows:
        yield _to_outgoing(rows, _build_report(rows))


def _build_report(rows: list[Row]) -> dict[str, Any]:
    report = {key: rows[0][key] for key in ("facility_id", "observed_at", "report_id") if rows[0][key]}
    return report | {"lines": [_build_line(row) for row in rows]}


def _build_line(row: Row) -> dict[str, Any]:
    line: dict[str, Any] = {key: row[key] for key in ("bed_type", "ward_code", "ward_name") if row[key]}
    if row["closed"]:
        line["closed"] = row["closed"].lower() in {"true", "1", "yes"} or row["closed"]
    return line | _parse_counts({name: row[name] for name in COUNT_FIELDS})


def _build_siranap_report(row: Row) -> dict[str, Any]:
    """Build the report of one bed class of a hospital, as on the ministry's public page: free beds and queue, no total.

    If the page gave no age, the figure has the time at which it was seen: it was shown as true then.
    """
    return {
        "facility_id": f"rs-{row['facility_key']}",
        "observed_at": row["reported_at"] or row["seen_at"],
        "lines": [
            {"bed_type": _BED_TYPE_OF_CLASS.get(row["bed_class"], row["bed_class"])}
            | _parse_counts({"beds_available": row["vacant"], "queue": row["queue"]})
        ],
    }


def _parse_counts(cells: dict[str, str]) -> dict[str, int | str]:
    """Convert whole numbers, leave out empty cells, keep anything else as written."""
    numbers = {name: whole_number(cell) for name, cell in cells.items() if cell}
    return {name: cells[name] if number is None else number for name, number in numbers.items()}


def _to_outgoing(rows: list[Row], report: dict[str, Any]) -> Outgoing:
    if "report_id" not in report:
        report["report_id"] = "replay-" + hashlib.sha256(canonical(report).encode()).hexdigest()
    return Outgoing(tuple(row.line for row in rows), json.dumps(report, ensure_ascii=False))
