"""Ledger entries in the change feed. They do not name the sender: people and keys are never public."""

import json
from dataclasses import asdict
from typing import Any

from app.api.schemas.facility import FacilityOut, registered
from app.domain.ledger import (
    AreasRegistered,
    FacilitiesRegistered,
    KeysChanged,
    LedgerEntry,
    OfNewerVersion,
    Position,
)
from app.domain.registry.area import Area
from app.domain.reports.report import Report, line_fields

_REPORT: dict[str, Any] = {
    "seq": 1842,
    "recorded_at": "2026-11-23T03:00:04.512000+00:00",
    "kind": "report",
    "facility_id": "rs-3374010",
    "channel": "native",
    "observed_at": "2026-11-23T03:00:00+00:00",
    "complete": False,
    "lines": [{"bed_type": "icu_ventilator", "ward_code": "ICU-1", "beds_total": 12, "beds_occupied": 9}],
}
ENTRIES_EXAMPLE = json.dumps(_REPORT) + '\n{"position": 1842, "position_token": "1842-9f3a21bc04de"}\n'


def entry_line(entry: LedgerEntry) -> str:
    """Encode one entry as a line of JSON; empty for entries that are not published (keys, entries of newer versions).

    Shape: `seq`, `recorded_at` and `kind`; a `report` has the fields and lines that were sent, `areas` and
    `facilities` the new registrations. A report with `redates` has no lines: every time on its channel that is later
    than its `observed_at` becomes that time. A report with `withdraws` voids the entry `of`, or corrects it with its
    own lines: without that entry, the older statements about its lines count again.
    """
    content: dict[str, Any] = {}
    match entry.matter:
        case Report() as report:
            content = {
                "kind": "report",
                "facility_id": report.facility_id,
                "channel": report.channel,
                "observed_at": report.observed_at.isoformat(),
                "complete": report.complete,
                "lines": [line_fields(line._replace(details=None)) for line in report.lines],
            }
            content |= {"redates": True} if report.redates else {}
            if report.confirms:
                lines = [
                    {"ward_code": key.ward_code, "bed_type": key.bed_type, "seq": seq}
                    for key, seq in sorted(report.confirms)
                ]
                content["confirms"] = lines
            if report.withdraws is not None:
                content["withdraws"] = {"of": report.withdraws.of, "reason": report.withdraws.reason}
            if report.implausible:
                content["implausible"] = [n for n, line in enumerate(report.lines) if line.key in report.implausible]
        case AreasRegistered(areas):
            content = {"kind": "areas", "areas": [_area_fields(area) for area in areas]}
        case FacilitiesRegistered(facilities):
            shown = [FacilityOut(**registered(facility)).model_dump(mode="json") for facility in facilities]
            content = {"kind": "facilities", "facilities": shown}
        case KeysChanged() | OfNewerVersion():
            return ""
    return _line({"seq": entry.seq, "recorded_at": entry.recorded_at.isoformat()} | content)


def _area_fields(area: Area) -> dict[str, Any]:
    return {name: value for name, value in asdict(area).items() if name != "more"}


def end_line(place: Position) -> str:
    """Encode the last line: the position reached, to send as `after` in the next request."""
    return _line({"position": place.seq, "position_token": str(place)})


def _line(content: dict[str, Any]) -> str:
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False) + "\n"
