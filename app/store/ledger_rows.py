"""Rows of the ledger table: their values, their chain, and the entries and reports that they hold."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import RowMapping

from app.domain.ledger import LedgerEntry, Matter, Position
from app.domain.reports.report import Outcome, Report, ReportWarning, canonical
from app.store import ledger_json

# The columns of reports, as they are in an entry of another kind.
NO_REPORT = dict.fromkeys(("report_id", "facility_id", "channel", "observed_at", "digest"))
# Which lines of a report are implausible is stored as warnings: it was decided when the report was recorded.
IMPLAUSIBLE = "implausible"
_IMPLAUSIBLE = f'"{IMPLAUSIBLE}"'
_CHAINED = ("seq", "kind", "by", "report_id", "digest", "outcome", "warnings", "body")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome and warnings of a report when it was accepted; returned again whenever it is repeated."""

    outcome: Outcome
    warnings: tuple[ReportWarning, ...]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A report as it is recorded in the ledger."""

    position: Position
    recorded_at: datetime
    by: str
    digest: str
    report: Report
    verdict: Verdict

    @property
    def seq(self) -> int:
        """Its sequence number in the ledger."""
        return self.position.seq


def link(chain: str, row: RowMapping | Mapping[str, Any]) -> str:
    """The chain after this row: SHA-256 in hex over the chain before it and the values of the row."""
    values = [row[name] for name in _CHAINED] + [_instant(row["recorded_at"])]
    return hashlib.sha256(f"{chain}\n{canonical(values)}".encode()).hexdigest()


def row_of(seq: int, matter: Matter, by: str, verdict: Verdict | None, now: datetime) -> dict[str, Any]:
    """The values of a new row by column, without its chain."""
    row: dict[str, Any] = {
        "seq": seq,
        "kind": ledger_json.kind_of(matter),
        "recorded_at": now,
        "by": by,
        **NO_REPORT,
        "outcome": None,
        "warnings": None,
        "body": ledger_json.write(matter),
    }
    if isinstance(matter, Report) and verdict is not None:
        row |= report_columns(matter)
        row["outcome"] = str(verdict.outcome)
        if verdict.warnings:
            row["warnings"] = canonical([[w.code, w.line, w.detail] for w in verdict.warnings])
    return row


def report_columns(report: Report) -> dict[str, object]:
    """The values of the columns that repeat parts of a report's body."""
    return {
        "report_id": report.report_id,
        "facility_id": report.facility_id,
        "channel": str(report.channel),
        "observed_at": report.observed_at,
        "digest": report.digest(),
    }


def _instant(value: object) -> str:
    if not isinstance(value, datetime):
        raise TypeError("recorded_at must be a time")
    return value.astimezone(UTC).isoformat()


def entry_of(row: RowMapping, follows: str) -> LedgerEntry:
    """The entry in a row; `follows` is the chain before it. Raises: ValueError or KeyError, as `ledger_json.read`."""
    return LedgerEntry(row["seq"], row["recorded_at"], row["by"], _matter(row), follows, row["chain"])


def _matter(row: RowMapping) -> Matter:
    matter = ledger_json.read(row["kind"], row["body"], seq=row["seq"], report_id=row["report_id"])
    if isinstance(matter, Report) and row["warnings"] and _IMPLAUSIBLE in row["warnings"]:
        lines = {warning.line for warning in _warnings(row) if warning.code == IMPLAUSIBLE}
        keys = frozenset(line.key for n, line in enumerate(matter.lines) if n in lines)
        return replace(matter, implausible=keys)
    return matter


def _warnings(row: RowMapping) -> tuple[ReportWarning, ...]:
    return tuple(ReportWarning(*fields) for fields in json.loads(row["warnings"] or "[]"))


def recorded_of(row: RowMapping) -> Recorded:
    """The report in a row. Raises: TypeError, when the row is of another kind."""
    report = _matter(row)
    if not isinstance(report, Report):
        raise TypeError(f"entry {row['seq']} is not a report")
    verdict = Verdict(Outcome.stored(row["outcome"]), _warnings(row))
    return Recorded(Position(row["seq"], row["chain"]), row["recorded_at"], row["by"], row["digest"], report, verdict)
