"""Statements about lines: what counts for one line, since when, and by which ledger entry."""

from datetime import datetime
from typing import NamedTuple

from app.domain.beds.counts import BedCount
from app.domain.reports.recent_values import Recent


class Moment(NamedTuple):
    """The order of statements: by the time of observation, ties by ledger position."""

    observed_at: datetime
    seq: int

    def not_after(self, at: datetime) -> "Moment":
        """This moment, or the same ledger position at time `at` if that is earlier."""
        return Moment(min(self.observed_at, at), self.seq)


class CurrentLine(NamedTuple):
    """The current statement about one line. `beds` is None if it closed the line; `details` as in `ReportLine`.

    `recent` is kept only if the line changed within an hour (`app.domain.reports.recent_values`); a closed line keeps
    its last counts there. Unlike all else it depends on the order in which reports arrived.
    """

    ward_name: str | None
    beds: BedCount | None
    moment: Moment
    recorded_at: datetime
    details: str | None = None
    recent: Recent | None = None

    @property
    def size_max(self) -> int | None:
        """The beds that it has, or had before it was closed or changed within the hour; None if that is unknown."""
        sizes = [] if self.beds is None else [self.beds.size]
        if self.recent is not None:
            total, occupied, available, *_ = self.recent
            sizes.append(max(occupied or 0, available or 0) if total is None else total)
        return max(sizes, default=None)

    @property
    def known_at(self) -> datetime:
        """The time as of which its figures are known, even if clocks were wrong: it decides freshness."""
        return min(self.moment.observed_at, self.recorded_at)

    def not_after(self, at: datetime) -> "CurrentLine":
        """The same line with every time after `at` replaced by it, and without recent values."""
        return self._replace(moment=self.moment.not_after(at), recorded_at=min(self.recorded_at, at), recent=None)
