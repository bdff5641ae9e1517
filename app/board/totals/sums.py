"""The sums of every area: rows that each report updates on its path to the root.

A row belongs to one area and one cell. A cell groups lines that every query treats alike, so a query with any
filters is a sum over a few cells and never reads a facility.

A row is one integer: counts side by side, 64 bits each. Adding rows, or replacing one figure by another, is then one
addition, in a sixth of the time of as many additions, and one call unpacks them all.

No count overflows into its neighbour:

- A reported count is at most COUNT_MAX (`BedCount.faults`), a derived one is at most the sum of three of them
  (`BedCount.completed`: occupied + available + blocked): one line adds at most 300,000 to a count of a row.
- A row is the sum over lines of the counting channels of different facilities, or a part of it, also where a query
  adds up rows of several cells: a line is in one cell.
- The board holds at most FACILITIES_MAX facilities and LINES_PER_CHANNEL_MAX lines for each of their channels, and
  stops (`BoardFull`) before it would hold more. Far fewer are accepted: `app.domain.reports.lines.OPEN_LINES_MAX`.

So each count is at most 1,000,000 x 240,000 x 300,000 = 7.2 x 10^16, and 2^64 is more than that. No count is negative:
only what was added before is subtracted.
"""

from collections.abc import Iterable, Iterator, Sequence
from struct import Struct
from typing import NamedTuple

from app.domain.beds.bed_types import BED_TYPES
from app.domain.beds.counts import COUNT_MAX, BedCount
from app.domain.beds.freshness import Freshness
from app.domain.registry.facility import FacilityKind


class FacilityCell(NamedTuple):
    """Facilities that count alike in the `reporting` block."""

    kind: FacilityKind
    operated_by: str | None
    freshness: Freshness


class LineCell(NamedTuple):
    """Lines that every query treats alike; `freshness` is that of the lines.

    `inside` are the containing bed types that the same facility reports on the same channel: in a sum that includes
    one of them, this line is left out, so that nothing is added to its own superset. `inside_fresh` are those of them
    of which a line is fresh, which matters to a sum of fresh lines; empty for lines that are not.
    """

    kind: FacilityKind
    operated_by: str | None
    freshness: Freshness
    bed_type: str
    inside: frozenset[str]
    inside_fresh: frozenset[str]


class Cell:
    """A line cell with its number and what queries ask of it, computed once."""

    __slots__ = ("bed_type", "group", "inside", "inside_fresh", "is_fresh", "key", "kind", "number")

    def __init__(self, key: LineCell, number: int) -> None:
        self.key = key
        self.number = number
        self.kind = key.kind
        self.bed_type = key.bed_type
        self.group = BED_TYPES[key.bed_type].group
        self.is_fresh = key.freshness is Freshness.fresh
        self.inside = key.inside
        self.inside_fresh = key.inside_fresh


Row = int

# The counts of a row, by place. `KNOWN_*` count the lines that state a count: a sum over none of them is None, not 0.
LINES, TOTAL, KNOWN_TOTAL, OCCUPIED, KNOWN_OCCUPIED, BLOCKED, AVAILABLE, KNOWN_AVAILABLE = range(8)
QUEUE, KNOWN_QUEUE, UNKNOWN, BOTH_TOTAL, BOTH_OCCUPIED, AVAILABLE_WITHOUT_TOTAL, FLAGGED = range(8, 15)
# Facilities that have such lines. Each is counted once: in its freshest cell of a type, of a group, and of all types.
FACILITIES_OF_TYPE, FACILITIES_OF_GROUP, FACILITIES = range(15, 18)
COUNTS = 18

_BITS = 64
_COUNTS = Struct(f"<{COUNTS}Q")
FACILITIES_MAX = 1_000_000
LINES_PER_CHANNEL_MAX = 240_000
if FACILITIES_MAX * LINES_PER_CHANNEL_MAX * 3 * COUNT_MAX >> _BITS:
    raise RuntimeError("a count of a row may overflow into its neighbour")
ONE = [1 << _BITS * place for place in range(COUNTS)]
# The counts of facilities alone: those of lines that a sum leaves out because a containing type has them.
FACILITY_COUNTS = sum(
    ((1 << _BITS) - 1) * ONE[place] for place in (FACILITIES_OF_TYPE, FACILITIES_OF_GROUP, FACILITIES)
)
FLAGGED_LINE = ONE[FLAGGED]
_LINE, _BLOCKED, _UNKNOWN = ONE[LINES], ONE[BLOCKED], ONE[UNKNOWN]
_TOTAL, _KNOWN_TOTAL, _BOTH_TOTAL = ONE[TOTAL], ONE[KNOWN_TOTAL], ONE[BOTH_TOTAL]
_OCCUPIED, _KNOWN_OCCUPIED, _BOTH_OCCUPIED = ONE[OCCUPIED], ONE[KNOWN_OCCUPIED], ONE[BOTH_OCCUPIED]
_AVAILABLE, _KNOWN_AVAILABLE = ONE[AVAILABLE], ONE[KNOWN_AVAILABLE]
_WITHOUT_TOTAL = ONE[AVAILABLE_WITHOUT_TOTAL]
_QUEUE, _KNOWN_QUEUE = ONE[QUEUE], ONE[KNOWN_QUEUE]


def row_of(beds: BedCount) -> Row:
    """One line as a row, without flags and without its facility."""
    total, occupied, blocked, available, queue = (
        beds.beds_total,
        beds.beds_occupied,
        beds.beds_blocked,
        beds.beds_available,
        beds.queue,
    )
    row = _LINE + blocked * _BLOCKED
    if total is not None:
        row += total * _TOTAL + _KNOWN_TOTAL
        if occupied is not None:
            row += total * _BOTH_TOTAL + occupied * _BOTH_OCCUPIED
    elif available is not None:
        row += available * _WITHOUT_TOTAL
    if occupied is not None:
        row += occupied * _OCCUPIED + _KNOWN_OCCUPIED
    if available is not None:
        row += available * _AVAILABLE + _KNOWN_AVAILABLE
    if queue is not None:
        row += queue * _QUEUE + _KNOWN_QUEUE
    return row + _UNKNOWN if beds.is_unknown else row


def counts_of(row: Row) -> tuple[int, ...]:
    """The counts of a row, by place."""
    return _COUNTS.unpack(row.to_bytes(_COUNTS.size, "little"))


class Sums:
    """The rows of all areas, and the number of facilities of each cell inside each.

    Areas and cells are small integers here. One mapping per area holds both: a line cell's number leads to its row,
    a facility cell's number, which is negative, to how many there are; this halves the mappings, of which a country
    needs 90,000.
    """

    def __init__(self) -> None:
        self._of_area: list[dict[int, Row] | None] = []
        self._line_cells: list[Cell] = []
        self._facility_cells: list[FacilityCell] = []
        self._numbers: dict[LineCell | FacilityCell, int] = {}

    def add_area(self) -> int:
        """Add an area; returns its number."""
        self._of_area.append(None)
        return len(self._of_area) - 1

    def add_lines(self, areas: Sequence[int], key: LineCell, change: Row) -> None:
        """Add to the row of the cell in each of these areas; remove a row without lines."""
        self._add(areas, self.number(key), change)

    def add_facilities(self, areas: Sequence[int], key: FacilityCell, change: int) -> None:
        """Count facilities in (or with a negative change out of) each of these areas."""
        self._add(areas, self.number(key), change)

    def counts_of(self, area: int) -> Iterable[tuple[int, int]]:
        """The row by the number of each line cell, and how many facilities by that of each facility cell."""
        return (self._of_area[area] or {}).items()

    def facilities_of(self, area: int) -> Iterator[tuple[FacilityCell, int]]:
        """The number of facilities of each cell inside one area."""
        for number, count in self.counts_of(area):
            if number < 0:
                yield self._facility_cells[-number - 1], count

    def cell(self, number: int) -> Cell:
        """The line cell with this number."""
        return self._line_cells[number]

    def facility_cell(self, number: int) -> FacilityCell:
        """The facility cell with this (negative) number."""
        return self._facility_cells[-number - 1]

    def number(self, key: LineCell | FacilityCell) -> int:
        """The number of a cell: of lines 0, 1, 2, ..., of facilities -1, -2, ..."""
        number = self._numbers.get(key)
        if number is None:
            if isinstance(key, LineCell):
                number = len(self._line_cells)
                self._line_cells.append(Cell(key, number))
            else:
                self._facility_cells.append(key)
                number = -len(self._facility_cells)
            self._numbers[key] = number
        return number

    def _add(self, areas: Sequence[int], number: int, change: int) -> None:
        for area in areas:
            mapping = self._of_area[area]
            if mapping is None:
                mapping = self._of_area[area] = {}
            value = mapping.get(number, 0) + change
            if value:
                mapping[number] = value
            else:
                mapping.pop(number, None)
