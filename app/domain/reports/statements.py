"""Statements about lines: what counts for one line, since when, and by which ledger entry."""

from datetime import datetime
from typing import NamedTuple

from app.domain.beds.counts import BedCount


class Moment(NamedTuple):
    """The order of statements: by the time of observation, ties by ledger position."""

    observed_at: datetime
    seq: int

    def not_after(self, at: datetime) -> "Moment":
        """This moment, or the same ledger position at time `at` if that is earlier."""
        return Moment(min(self.observed_at, at), self.seq)


class CurrentLine(NamedTuple):
    """The current statement about one line. `beds` is None if it closed the line; `details` as in `ReportLine`."""

    ward_name: str | None
    beds: BedCount | None
    moment: Moment
    recorded_at: datetime
    details: str | None = None
