"""The sums of every area: rows that each report updates on its path to the root.

A row belongs to one area and one cell. A cell groups lines that every query treats alike, so a query with any
filters is a sum over a few cells and never reads a facility.

A row is one integer: thirteen counts side by side, 56 bits each. Adding rows, or replacing one figure by another, is
then one addition, in a sixth of the time of thirteen.

No count overflows into its neighbour:

- A reported count is at most COUNT_MAX (`BedCount.faults`), a derived one is at most the sum of three of them
  (`BedCount.completed`: occupied + available + blocked): one line adds at most 300,000 to a count of a row.
- A row is the sum over lines of the counting channels of different facilities, or a part of it, also where a query
  adds up rows of several cells: a line is in one cell.
- The board holds at most FACILITIES_MAX facilities and LINES_PER_CHANNEL_MAX lines for each of their channels, and
  stops (`BoardFull`) before it would hold more. Far fewer are accepted: `app.domain.reports.lines.OPEN_LINES_MAX`.

So each count is at most 1,000,000 x 240,000 x 300,000 = 7.2 x 10^16, and 2^56 is more than that. No count is negative:
only what was added before is subtracted.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from app.domain.beds.counts import COUNT_MAX, BedCount
from app.domain.beds.freshness import Freshness
from app.domain.capacity import Totals
from app.domain.registry.facility import FacilityKind


class FacilityCell(NamedTuple):
    """Facilities that count alike in the `reporting` block."""

    kind: FacilityKind
    operated_by: str | None
    freshness: Freshness


class LineCell(NamedTuple):
    """Lines that every query treats alike.

    `inside` are the containing bed types that the same facility reports on the same channel: in a sum that includes
    one of them, this line is left out, so that nothing is added to its own superset.
    """

    facility: FacilityCell
    bed_type: str
    inside: frozenset[str]


Row = int

# The counts of a row, by place. `KNOWN_*` count the lines that state a count: a sum over none of them is None, not 0.
LINES, TOTAL, KNOWN_TOTAL, OCCUPIED, KNOWN_OCCUPIED, BLOCKED, AVAILABLE, KNOWN_AVAILABLE = range(8)
QUEUE, KNOWN_QUEUE, UNKNOWN, BOTH_TOTAL, BOTH_OCCUPIED = range(8, 13)
_BITS = 56
_MASK = (1 << _BITS) - 1
FACILITIES_MAX = 1_000_000
LINES_PER_CHANNEL_MAX = 240_000
if FACILITIES_MAX * LINES_PER_CHANNEL_MAX * 3 * COUNT_MAX > _MASK:
    raise RuntimeError("a count of a row may overflow into its neighbour")
_ONE = [1 << _BITS * place for place in range(13)]
_LINE, _BLOCKED, _UNKNOWN = _ONE[LINES], _ONE[BLOCKED], _ONE[UNKNOWN]
_TOTAL, _KNOWN_TOTAL, _BOTH_TOTAL = _ONE[TOTAL], _ONE[KNOWN_TOTAL], _ONE[BOTH_TOTAL]
_OCCUPIED, _KNOWN_OCCUPIED, _BOTH_OCCUPIED = _ONE[OCCUPIED], _ONE[KNOWN_OCCUPIED], _ONE[BOTH_OCCUPIED]
_AVAILABLE, _KNOWN_AVAILABLE = _ONE[AVAILABLE], _ONE[KNOWN_AVAILABLE]
_QUEUE, _KNOWN_QUEUE = _ONE[QUEUE], _ONE[KNOWN_QUEUE]


def row_of(beds: BedCount) -> Row:
    """One line as a row."""
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
    if occupied is not None:
        row += occupied * _OCCUPIED + _KNOWN_OCCUPIED
    if available is not None:
        row += available * _AVAILABLE + _KNOWN_AVAILABLE
    if queue is not None:
        row += queue * _QUEUE + _KNOWN_QUEUE
    return row + _UNKNOWN if beds.is_unknown else row


def totals(row: Row) -> Totals:
    """A row as totals of the API."""

    def count(place: int) -> int:
        return row >> _BITS * place & _MASK

    both = count(BOTH_TOTAL)
    return Totals(
        beds_total=count(TOTAL) if count(KNOWN_TOTAL) else None,
        beds_occupied=count(OCCUPIED) if count(KNOWN_OCCUPIED) else None,
        beds_blocked=count(BLOCKED) if count(LINES) else None,
        beds_available=count(AVAILABLE) if count(KNOWN_AVAILABLE) else None,
        occupancy=round(count(BOTH_OCCUPIED) / both, 4) if both else None,
        queue=count(QUEUE) if count(KNOWN_QUEUE) else None,
        unknown_lines=count(UNKNOWN),
    )


class Sums:
    """The rows of all areas, and the number of facilities of each cell inside each.

    Areas and cells are small integers here. One mapping per area holds both: a line cell's number leads to its row,
    a facility cell's number, which is negative, to how many there are; this halves the mappings, of which a country
    needs 90,000.
    """

    def __init__(self) -> None:
        self._of_area: list[dict[int, Row] | None] = []
        self._line_cells: list[LineCell] = []
        self._facility_cells: list[FacilityCell] = []
        self._numbers: dict[LineCell | FacilityCell, int] = {}

    def add_area(self) -> int:
        """Add an area; returns its number."""
        self._of_area.append(None)
        return len(self._of_area) - 1

    def add_lines(self, areas: Sequence[int], cell: LineCell, change: Row) -> None:
        """Add to the row of the cell in each of these areas; remove a row without lines."""
        self._add(areas, self._number(cell), change)

    def add_facilities(self, areas: Sequence[int], cell: FacilityCell, change: int) -> None:
        """Count facilities in (or with a negative change out of) each of these areas."""
        self._add(areas, self._number(cell), change)

    def lines_of(self, area: int) -> Iterator[tuple[LineCell, Row]]:
        """The rows of one area."""
        for number, row in (self._of_area[area] or {}).items():
            if number >= 0:
                yield self._line_cells[number], row

    def facilities_of(self, area: int) -> Iterator[tuple[FacilityCell, int]]:
        """The number of facilities of each cell inside one area."""
        for number, count in (self._of_area[area] or {}).items():
            if number < 0:
                yield self._facility_cells[-number - 1], count

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

    def _number(self, cell: LineCell | FacilityCell) -> int:
        number = self._numbers.get(cell)
        if number is None:
            if isinstance(cell, LineCell):
                self._line_cells.append(cell)
                number = len(self._line_cells) - 1
            else:
                self._facility_cells.append(cell)
                number = -len(self._facility_cells)
            self._numbers[cell] = number
        return number
