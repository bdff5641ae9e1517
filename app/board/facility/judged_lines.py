"""The lines of one channel with their freshness, and what they add up to."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from app.board.totals.profiles import TypesByFreshness
from app.board.totals.sums import (
    FACILITIES,
    FACILITIES_OF_GROUP,
    FACILITIES_OF_TYPE,
    FLAGGED_LINE,
    ONE,
    LineCell,
    Row,
    row_of,
)
from app.domain.beds.bed_types import BED_TYPES, BedGroup, containing
from app.domain.beds.counts import BedCount
from app.domain.beds.freshness import FRESHNESS_ORDER, Freshness, Thresholds
from app.domain.registry.facility import Facility
from app.domain.reports.flags import flags_of
from app.domain.reports.recent_values import alternates
from app.domain.reports.report import LineKey
from app.domain.reports.statements import CurrentLine

Lines = Mapping[LineKey, CurrentLine]
OpenLine = tuple[LineKey, CurrentLine, BedCount, Freshness]

NONE_CONTAIN: frozenset[str] = frozenset()
_IMPLAUSIBLE = ("implausible",)
_ALTERNATING = ("values_alternate",)


class JudgedLine(NamedTuple):
    """An open line with its freshness, the containing types that are reported beside it, and its flags.

    Lapsed lines contain nothing.
    """

    key: LineKey
    line: CurrentLine
    beds: BedCount
    freshness: Freshness
    inside: frozenset[str]
    inside_fresh: frozenset[str]
    flags: tuple[str, ...]


class Surroundings:
    """The bed types that some open lines report, and those of which a line is fresh. Lapsed lines contain nothing."""

    __slots__ = ("fresh", "reported")

    def __init__(self, lines: Iterable[OpenLine]) -> None:
        self.reported: set[str] = set()
        self.fresh: set[str] = set()
        for key, _, _, freshness in lines:
            if freshness is not Freshness.lapsed:
                self.reported.add(key.bed_type)
                if freshness is Freshness.fresh:
                    self.fresh.add(key.bed_type)

    def of(self, bed_type: str, freshness: Freshness) -> tuple[frozenset[str], frozenset[str]]:
        """The reported types that contain a line of this type and freshness, and the fresh ones of them."""
        if freshness is Freshness.lapsed:
            return NONE_CONTAIN, NONE_CONTAIN
        inside = reported_around(bed_type, self.reported)
        return inside, (inside & self.fresh if inside and freshness is Freshness.fresh else NONE_CONTAIN)

    def flags(self, beds: BedCount, bed_type: str, facility: Facility) -> tuple[str, ...]:
        """The flags of a line with these counts."""
        return flags_of(bed_type, beds, kind=facility.kind, beds_stated=facility.beds_stated, reported=self.reported)

    def row_of(self, beds: BedCount, bed_type: str, facility: Facility) -> Row:
        """A line with these counts as a row, without its facility."""
        row = row_of(beds)
        return row + FLAGGED_LINE if self.flags(beds, bed_type, facility) else row


def with_freshness(lines: Lines, channel: Freshness, thresholds: Thresholds, now: datetime) -> list[OpenLine]:
    """The open lines of a channel that is this fresh at `now`, each with its own freshness.

    A bed type that only a newer version knows counts nowhere: nobody here knows what contains it.
    """
    old_before = now - thresholds.silent_after
    found: list[OpenLine] = []
    for key, line in lines.items():
        if line.beds is None or key.bed_type not in BED_TYPES:
            continue
        freshness = channel
        if line.moment.observed_at < old_before or line.recorded_at < old_before:
            freshness = thresholds.judge_line(line.known_at, channel, now)
        found.append((key, line, line.beds, freshness))
    return found


def judge_lines(found: list[OpenLine], implausible: Lines, facility: Facility) -> list[JudgedLine]:
    """The same lines with containing types and flags."""
    around = Surroundings(found)
    judged: list[JudgedLine] = []
    for key, line, beds, freshness in found:
        flags = around.flags(beds, key.bed_type, facility)
        if line.recent is not None and alternates(line.recent, line.moment.observed_at):
            flags += _ALTERNATING
        if key in implausible:
            flags += _IMPLAUSIBLE
        judged.append(JudgedLine(key, line, beds, freshness, *around.of(key.bed_type, freshness), flags))
    return judged


def rows_of(lines: Iterable[JudgedLine], facility: Facility) -> dict[LineCell, Row]:
    """The rows that these lines add up to; lapsed lines add nothing.

    The facility is counted once in its freshest cell of each type, of each group and of all types.
    """
    rows: dict[LineCell, Row] = {}
    kind, operated_by = facility.kind, facility.operated_by
    for line in lines:
        if line.freshness is Freshness.lapsed:
            continue
        cell = LineCell(kind, operated_by, line.freshness, line.key.bed_type, line.inside, line.inside_fresh)
        rows[cell] = rows.get(cell, 0) + row_of_line(line)
    if rows:
        # Sorted by what identifies a cell within a facility, so that the same lines in another order choose the same.
        types: set[str] = set()
        groups: set[BedGroup] = set()
        for n, cell in enumerate(sorted(rows, key=_by_freshness)):
            group = BED_TYPES[cell.bed_type].group
            counted = ONE[FACILITIES] if n == 0 else 0
            if group not in groups:
                groups.add(group)
                counted += ONE[FACILITIES_OF_GROUP]
            if cell.bed_type not in types:
                types.add(cell.bed_type)
                counted += ONE[FACILITIES_OF_TYPE]
            if counted:
                rows[cell] += counted
    return rows


def _by_freshness(cell: LineCell) -> tuple[int, str]:
    return FRESHNESS_ORDER[cell.freshness], cell.bed_type


def row_of_line(line: JudgedLine) -> Row:
    """One line as a row, without its facility."""
    row = row_of(line.beds)
    return row + FLAGGED_LINE if line.flags else row


def types_of(lines: Iterable[JudgedLine]) -> TypesByFreshness:
    """The bed types of these lines, each with its best freshness."""
    best: dict[str, Freshness] = {}
    for line in lines:
        known = best.get(line.key.bed_type)
        if known is None or FRESHNESS_ORDER[line.freshness] < FRESHNESS_ORDER[known]:
            best[line.key.bed_type] = line.freshness
    return frozenset(best.items())


def reported_around(bed_type: str, reported: set[str]) -> frozenset[str]:
    """The reported types that contain this one."""
    around = [other for other in containing(bed_type) if other in reported]
    return frozenset(around) if around else NONE_CONTAIN
