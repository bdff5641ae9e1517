"""Sums of every area, kept ready: flat integer rows that a report moves on the way to the root.

A row belongs to one area and one cell. A cell gathers lines that every question treats alike, so that a question
with any filters is a sum over a few cells and never looks at a facility. Rows are flat because one integer array of
the whole country takes a quarter of the memory of as many lists.
"""

from array import array
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from app.domain.beds import BedCount
from app.domain.capacity import Totals
from app.domain.facility import FacilityKind
from app.domain.freshness import Freshness


class FacilityCell(NamedTuple):
    """Facilities that count alike in the `reporting` block."""

    kind: FacilityKind
    operated_by: str | None
    freshness: Freshness


class LineCell(NamedTuple):
    """Lines that every question treats alike.

    `inside` are the containing bed types that the same facility reports on the same channel: in a sum that takes
    one of them in, this line is left out, so that nothing is added to its own superset.
    """

    facility: FacilityCell
    bed_type: str
    inside: frozenset[str]


Vector = tuple[int, ...]
Changes = list[tuple[int, int]]  # (column, what to add): a report moves two or three columns of thirteen

# Columns of a row. `known_*` count the lines that state a count: a sum over none of them is None, not 0.
LINES, TOTAL, KNOWN_TOTAL, OCCUPIED, KNOWN_OCCUPIED, BLOCKED, AVAILABLE, KNOWN_AVAILABLE = range(8)
QUEUE, KNOWN_QUEUE, UNKNOWN, BOTH_TOTAL, BOTH_OCCUPIED = range(8, 13)
WIDTH = 13
ZERO: Vector = (0,) * WIDTH
_COLUMNS = range(WIDTH)


def vector(beds: BedCount) -> Vector:
    """One line as a row."""
    total, occupied, available, queue = beds.beds_total, beds.beds_occupied, beds.beds_available, beds.queue
    both = total is not None and occupied is not None
    return (
        1,
        total or 0,
        total is not None,
        occupied or 0,
        occupied is not None,
        beds.beds_blocked,
        available or 0,
        available is not None,
        queue or 0,
        queue is not None,
        beds.is_unknown,
        (total or 0) if both else 0,
        (occupied or 0) if both else 0,
    )


def add(left: Sequence[int], right: Sequence[int]) -> Vector:
    """Two rows as one."""
    return tuple(map(int.__add__, left, right))


def difference(new: Sequence[int], old: Sequence[int]) -> Changes:
    """What has to be added to `old` to make it `new`."""
    return [
        (column, after - before) for column, after, before in zip(_COLUMNS, new, old, strict=True) if after != before
    ]


def totals(row: Sequence[int]) -> Totals:
    """A row in the words of the contract."""
    return Totals(
        beds_total=row[TOTAL] if row[KNOWN_TOTAL] else None,
        beds_occupied=row[OCCUPIED] if row[KNOWN_OCCUPIED] else None,
        beds_blocked=row[BLOCKED] if row[LINES] else None,
        beds_available=row[AVAILABLE] if row[KNOWN_AVAILABLE] else None,
        occupancy=round(row[BOTH_OCCUPIED] / row[BOTH_TOTAL], 4) if row[BOTH_TOTAL] else None,
        queue=row[QUEUE] if row[KNOWN_QUEUE] else None,
        unknown_lines=row[UNKNOWN],
    )


class Sums:
    """The rows of all areas, and how many facilities of each cell stand inside each.

    Areas and cells are small integers here. One mapping per area holds both: a line cell's number leads to the
    place of its row, a facility cell's number, kept negative, to the count itself; this halves the mappings, of
    which a country needs 90,000.
    """

    def __init__(self) -> None:
        self._rows = array("q")
        self._free: list[int] = []
        self._of_area: list[dict[int, int] | None] = []
        self._line_cells: list[LineCell] = []
        self._facility_cells: list[FacilityCell] = []
        self._numbers: dict[LineCell | FacilityCell, int] = {}

    def add_area(self) -> int:
        """Room for one more area; gives its number."""
        self._of_area.append(None)
        return len(self._of_area) - 1

    def add_lines(self, areas: Sequence[int], cell: LineCell, changes: Changes) -> None:
        """Add to the cell in each of these areas; a row without lines is given back."""
        number = self._number(cell)
        rows = self._rows
        for area in areas:
            mapping = self._mapping(area)
            place = mapping.get(number)
            if place is None:
                place = mapping[number] = self._new_row()
            for column, value in changes:
                rows[place + column] += value
            if not rows[place + LINES]:
                self._give_back(mapping.pop(number))

    def add_facilities(self, areas: Sequence[int], cell: FacilityCell, delta: int) -> None:
        """Count facilities in (or with a negative delta out of) each of these areas."""
        number = self._number(cell)
        for area in areas:
            mapping = self._mapping(area)
            count = mapping.get(number, 0) + delta
            if count:
                mapping[number] = count
            else:
                mapping.pop(number, None)

    def lines_of(self, area: int) -> Iterator[tuple[LineCell, Sequence[int]]]:
        """The rows of one area."""
        for number, place in (self._of_area[area] or {}).items():
            if number >= 0:
                yield self._line_cells[number], self._rows[place : place + WIDTH]

    def facilities_of(self, area: int) -> Iterator[tuple[FacilityCell, int]]:
        """How many facilities of each cell stand inside one area."""
        for number, count in (self._of_area[area] or {}).items():
            if number < 0:
                yield self._facility_cells[-number - 1], count

    def _mapping(self, area: int) -> dict[int, int]:
        mapping = self._of_area[area]
        if mapping is None:
            mapping = self._of_area[area] = {}
        return mapping

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

    def _new_row(self) -> int:
        if self._free:
            return self._free.pop()
        self._rows.extend(ZERO)
        return len(self._rows) - WIDTH

    def _give_back(self, place: int) -> None:
        self._rows[place : place + WIDTH] = array("q", ZERO)
        self._free.append(place)
