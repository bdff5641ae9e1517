"""Blocks of a capacity document: all lines of one group, type or kind added up, and the fresh ones among them."""

from datetime import datetime
from typing import NamedTuple

from app.board.totals.observation_spans import Span
from app.board.totals.sums import (
    AVAILABLE,
    AVAILABLE_WITHOUT_TOTAL,
    BLOCKED,
    BOTH_OCCUPIED,
    BOTH_TOTAL,
    FACILITIES,
    FLAGGED,
    KNOWN_AVAILABLE,
    KNOWN_OCCUPIED,
    KNOWN_QUEUE,
    KNOWN_TOTAL,
    LINES,
    OCCUPIED,
    QUEUE,
    TOTAL,
    UNKNOWN,
    Row,
    counts_of,
)
from app.domain.capacity import FreshTotals, Totals


class FacilityCounts(NamedTuple):
    """The number of facilities with lines in a block, and with fresh lines in it."""

    all: int
    fresh: int


class Block:
    """The rows and observations of one block of a capacity document, while it is added up."""

    __slots__ = ("fresh", "fresh_oldest", "newest", "oldest", "row")

    def __init__(self) -> None:
        self.row: Row = 0
        self.fresh: Row = 0
        self.oldest: datetime | None = None
        self.newest: datetime | None = None
        self.fresh_oldest: datetime | None = None

    def add(self, row: Row, span: Span | None) -> None:
        """Add lines that count here. Without `span` they add flags only, since nothing plausible is known of them."""
        self.row += row
        if span is not None:
            if self.oldest is None or span[0] < self.oldest:
                self.oldest = span[0]
            if self.newest is None or span[1] > self.newest:
                self.newest = span[1]

    def add_fresh(self, row: Row, span: Span | None) -> None:
        """Add fresh lines to the fresh part."""
        self.fresh += row
        if span is not None and (self.fresh_oldest is None or span[0] < self.fresh_oldest):
            self.fresh_oldest = span[0]

    def include(self, other: "Block") -> None:
        """Add everything of another block."""
        self.row += other.row
        self.fresh += other.fresh
        if other.oldest is not None and other.newest is not None:
            self.add(0, (other.oldest, other.newest))
        if other.fresh_oldest is not None:
            self.add_fresh(0, (other.fresh_oldest, other.fresh_oldest))

    @property
    def fresh_facilities(self) -> int:
        """The number of facilities with fresh lines, in a block of lines of all types."""
        return counts_of(self.fresh)[FACILITIES]

    def totals(self, facilities: FacilityCounts | int) -> Totals:
        """The block as totals of the API. `facilities` are its facilities, or the place in a row that counts them."""
        counts = counts_of(self.row)
        fresh = counts if self.fresh == self.row else counts_of(self.fresh)
        both, fresh_both = counts[BOTH_TOTAL], fresh[BOTH_TOTAL]
        if isinstance(facilities, int):
            facilities = FacilityCounts(counts[facilities], fresh[facilities])
        return Totals(
            beds_total=counts[TOTAL] if counts[KNOWN_TOTAL] else None,
            beds_occupied=counts[OCCUPIED] if counts[KNOWN_OCCUPIED] else None,
            beds_blocked=counts[BLOCKED] if counts[LINES] else None,
            beds_available=counts[AVAILABLE] if counts[KNOWN_AVAILABLE] else None,
            occupancy=round(counts[BOTH_OCCUPIED] / both, 4) if both else None,
            queue=counts[QUEUE] if counts[KNOWN_QUEUE] else None,
            unknown_lines=counts[UNKNOWN],
            facilities=facilities.all,
            flagged_lines=counts[FLAGGED],
            beds_available_without_total=counts[AVAILABLE_WITHOUT_TOTAL],
            oldest_observed_at=self.oldest,
            newest_observed_at=self.newest,
            fresh=FreshTotals(
                beds_total=fresh[TOTAL] if fresh[KNOWN_TOTAL] else None,
                beds_occupied=fresh[OCCUPIED] if fresh[KNOWN_OCCUPIED] else None,
                beds_available=fresh[AVAILABLE] if fresh[KNOWN_AVAILABLE] else None,
                beds_blocked=fresh[BLOCKED] if fresh[LINES] else None,
                queue=fresh[QUEUE] if fresh[KNOWN_QUEUE] else None,
                occupancy=round(fresh[BOTH_OCCUPIED] / fresh_both, 4) if fresh_both else None,
                facilities=facilities.fresh,
                oldest_observed_at=self.fresh_oldest,
            ),
        )
