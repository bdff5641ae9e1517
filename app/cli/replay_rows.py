"""Reports out of a table of observations, in two layouts that their header lines tell apart.

Cells are passed on as they are: whether they can be true is the server's to judge, and its words are shown.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.cli.csv_rows import Faults, FileRefused, Row, read_rows
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
_WHOLE = re.compile(r"-?\d{1,15}")


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One report to be sent, as JSON text, and the lines of the file that it holds."""

    lines: tuple[int, ...]
    text: str


def read_reports(path: Path) -> list[Outgoing]:
    """The reports of a file, in its order.

    Each has a `report_id`: the file's own, else one derived from what it says, so that a second replay repeats the
    first and changes nothing.
    Raises: FileRefused, also when the header line is of neither layout.
    """
    faults = Faults()
    rows = list(read_rows(path, faults))
    faults.check()
    columns = set(rows[0].cells) if rows else set(OWN_COLUMNS)
    if set(OWN_COLUMNS) <= columns:
        return list(_own(rows))
    if set(SIRANAP_COLUMNS) <= columns:
        return [_outgoing([row], _siranap(row)) for row in rows]
    layouts = f"ours ({','.join(OWN_COLUMNS)}, then counts) or SIRANAP's ({','.join(SIRANAP_COLUMNS)})"
    raise FileRefused(f"line 1: the columns are of neither known layout: {layouts}")


def _own(table: list[Row]) -> Iterator[Outgoing]:
    """Rows that follow each other and name one report (or one facility and moment) are the lines of one report."""
    rows: list[Row] = []
    named: set[tuple[str, str]] = set()
    before = None
    for row in table:
        about = (row["facility_id"], row["observed_at"], row["report_id"])
        line = (row["ward_code"], row["bed_type"])
        if rows and (about != before or line in named or len(rows) == LINES_MAX):
            yield _outgoing(rows, _own_report(rows))
            rows, named = [], set()
        rows.append(row)
        named.add(line)
        before = about
    if rows:
        yield _outgoing(rows, _own_report(rows))


def _own_report(rows: list[Row]) -> dict[str, Any]:
    report = {key: rows[0][key] for key in ("facility_id", "observed_at", "report_id") if rows[0][key]}
    return report | {"lines": [_own_line(row) for row in rows]}


def _own_line(row: Row) -> dict[str, Any]:
    line: dict[str, Any] = {key: row[key] for key in ("bed_type", "ward_code", "ward_name") if row[key]}
    if row["closed"]:
        line["closed"] = row["closed"].lower() in {"true", "1", "yes"} or row["closed"]
    return line | _counts({name: row[name] for name in COUNT_FIELDS})


def _siranap(row: Row) -> dict[str, Any]:
    """One bed class of one hospital, as the ministry's public page showed it: free beds and queue, no total.

    Where the page gave no age, the figure counts from when it was seen: it was shown as true at that moment.
    """
    return {
        "facility_id": f"rs-{row['facility_key']}",
        "observed_at": row["reported_at"] or row["seen_at"],
        "lines": [
            {"bed_type": _BED_TYPE_OF_CLASS.get(row["bed_class"], row["bed_class"])}
            | _counts({"beds_available": row["vacant"], "queue": row["queue"]})
        ],
    }


def _counts(cells: dict[str, str]) -> dict[str, int | str]:
    """Whole numbers as such, empty cells left out, anything else as it is written."""
    return {name: int(cell) if _WHOLE.fullmatch(cell) else cell for name, cell in cells.items() if cell}


def _outgoing(rows: list[Row], report: dict[str, Any]) -> Outgoing:
    if "report_id" not in report:
        report["report_id"] = "replay-" + hashlib.sha256(canonical(report).encode()).hexdigest()
    return Outgoing(tuple(row.line for row in rows), json.dumps(report, ensure_ascii=False))
