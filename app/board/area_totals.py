"""Totals of every area, and how they follow when a facility, its lines or its freshness change."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from app.board import facilities as figures_of
from app.board.facilities import FacilityFigures
from app.board.facility_state import FacilityState, Lines, reported_around, reported_types, rows_of, thresholds_of
from app.board.registered import Registered
from app.board.roll_up import Extremes, add_up, widen
from app.board.search import FacilityQuery, FacilityRow, search
from app.board.sums import FacilityCell, LineCell, Row, Sums, row_of
from app.board.tree import AreaNode
from app.domain.beds.freshness import Thresholds
from app.domain.capacity import NO_FILTERS, Capacity, Filters
from app.domain.ledger import GENESIS, Position
from app.domain.registry.facility import DEFAULT_THRESHOLDS, Facility, FacilityKind
from app.domain.reports.lines import Change

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class AreaTotals(Registered):
    """The registered facilities, added up for each area.

    Queries read rows that are already summed; they never scan facilities. `changes` counts every change of a figure.
    """

    def __init__(self, thresholds: Mapping[FacilityKind, Thresholds] = DEFAULT_THRESHOLDS) -> None:
        super().__init__()
        self.thresholds = thresholds
        self.head = Position(0, GENESIS)
        self.changes = 0
        self._sums = Sums()
        self._extremes: dict[str, Extremes] = {}
        self._now = EPOCH

    @property
    def position(self) -> int:
        """The `seq` of the last entry applied."""
        return self.head.seq

    @property
    def now(self) -> datetime:
        """The time that totals are valid for: of the last `advance`, or of a later entry."""
        return self._now

    def advance(self, now: datetime) -> None:
        """Bring all judgements of freshness to this time. `Board` knows which facilities that concerns."""
        raise NotImplementedError

    def roll_up(self, code: str, now: datetime, filters: Filters = NO_FILTERS) -> Capacity:
        """Total beds of every facility inside the area, as known to this board.

        Shape: a bed type that nobody reported is absent, not zero.
        Raises: NotFound, when the registry has no such area.
        """
        node = self._tree.node(code)
        self.advance(now)
        return self._capacity(node, filters)

    def children(self, code: str, now: datetime, filters: Filters = NO_FILTERS) -> tuple[list[Capacity], Capacity]:
        """The same for each child area, by code, and for facilities placed in the area itself."""
        node = self._tree.node(code)
        self.advance(now)
        children = [self._capacity(self._tree.node(child), filters) for child in node.children]
        return children, self._unplaced(node, filters)

    def figures(self, facility: Facility, now: datetime, lines: Filters = NO_FILTERS) -> FacilityFigures:
        """Current figures of one facility by channel, for the lines that `lines` selects."""
        self.advance(now)
        return self._figures(self._states[facility.facility_id], lines)

    def count_facilities(self, code: str, kinds: frozenset[FacilityKind] = frozenset()) -> int:
        """The number of open facilities of these kinds inside the area. Raises: NotFound."""
        cells = self._sums.facilities_of(self._tree.node(code).number)
        return sum(count for cell, count in cells if not kinds or cell.kind in kinds)

    def search(self, code: str, now: datetime, wanted: FacilityQuery) -> Iterator[FacilityRow | None]:
        """Matching open facilities inside the area, by distance or id; see `app.board.search`.

        Yields None every millisecond or two, where the caller should let other requests run. Raises: NotFound.
        """
        self._tree.node(code)
        self.advance(now)
        return search(self._index, self._states, code, wanted)

    def _enter(self, state: FacilityState) -> None:
        self._shift(state, {}, None)

    def _leave(self, state: FacilityState) -> None:
        self._replace(state, state.rows(), state.facility_cell if state.facility.is_open else None, {}, None)

    def _shift(self, state: FacilityState, rows: dict[LineCell, Row], cell: FacilityCell | None) -> None:
        """Update the sums from what the facility added before to what it adds now."""
        is_open = state.facility.is_open
        self._replace(state, rows, cell if is_open else None, state.rows(), state.facility_cell if is_open else None)

    def _replace(
        self,
        state: FacilityState,
        old_rows: dict[LineCell, Row],
        old_cell: FacilityCell | None,
        new_rows: dict[LineCell, Row],
        new_cell: FacilityCell | None,
    ) -> None:
        path = self._tree.path(state.facility.area_code)
        areas = [node.number for node in path]
        for line_cell in old_rows.keys() | new_rows.keys():
            old, new = old_rows.get(line_cell, 0), new_rows.get(line_cell, 0)
            if old != new:
                self._sums.add_lines(areas, line_cell, new - old)
        if old_cell != new_cell:
            if old_cell is not None:
                self._sums.add_facilities(areas, old_cell, -1)
            if new_cell is not None:
                self._sums.add_facilities(areas, new_cell, +1)
        self._touch(path)

    def _touch(self, path: Iterable[AreaNode]) -> None:
        """Invalidate what is cached for these areas."""
        self.changes += 1
        # The position of the entry being applied; between entries the clock has outdated the current position.
        settled = self.position + 1
        for node in path:
            node.version = self.changes
            node.settled = settled
            self._extremes.pop(node.area.code, None)

    def _capacity(self, node: AreaNode, filters: Filters) -> Capacity:
        return add_up(
            node.area,
            self._sums.lines_of(node.number),
            self._sums.facilities_of(node.number),
            self._span(node),
            filters,
            position=self.position,
            now=self._now,
        )

    def _unplaced(self, node: AreaNode, filters: Filters) -> Capacity:
        states = [self._states[facility_id] for facility_id in node.facilities]
        return add_up(
            node.area,
            ((cell, row) for state in states for cell, row in state.rows().items()),
            ((state.facility_cell, 1) for state in states),
            self._span_of(states),
            filters,
            position=self.position,
            now=self._now,
        )

    def _span(self, node: AreaNode) -> Extremes:
        """Oldest and newest observation below an area, cached until something on its path changes."""
        known = self._extremes.get(node.area.code)
        if known is None:
            known = self._span_of(self._states[facility_id] for facility_id in node.facilities)
            for child in node.children:
                below = self._tree.node(child)
                if any(True for _ in self._sums.facilities_of(below.number)):
                    for cell, span in self._span(below).items():
                        widen(known, cell, *span)
            self._extremes[node.area.code] = known
        return known

    @staticmethod
    def _span_of(states: Iterable[FacilityState]) -> Extremes:
        extremes: Extremes = {}
        for state in states:
            if (at := state.observed_at) is not None:
                widen(extremes, (state.facility.kind, state.facility.operated_by), at, at)
        return extremes

    def _figures(self, state: FacilityState, lines: Filters) -> FacilityFigures:
        return figures_of.figures(state, thresholds_of(state.facility, self.thresholds), self._now, lines)

    def _add_up_again(self) -> None:
        """Rebuild the sums from the facilities, after an area moved to another parent."""
        self._sums = Sums()
        self._extremes.clear()
        for code in self._tree:
            self._tree.node(code).number = self._sums.add_area()
            self._touch([self._tree.node(code)])
        self._index.add_again()
        for state in self._states.values():
            self._enter(state)

    def _move_lines(self, state: FacilityState, before: Lines, effect: Change | None) -> None:
        """Update the sums from the lines before a report to those after it, where the cell is unchanged."""
        path = self._tree.path(state.facility.area_code)
        if effect is not None:
            pairs = [(key, before.get(key), line) for key, line in effect.set_lines.items()]
            if effect.ended or not all(old and old.beds and line.beds for _, old, line in pairs):
                # Lines are added or removed, and with them perhaps types that contain others.
                self._shift(state, rows_of(state.facility_cell, before), state.facility_cell)
                return
            areas, cell, reported = [node.number for node in path], state.facility_cell, reported_types(before)
            for key, old, line in pairs:
                if key.bed_type in reported and old and old.beds and line.beds and old.beds != line.beds:
                    place = LineCell(cell, key.bed_type, reported_around(key.bed_type, reported))
                    self._sums.add_lines(areas, place, row_of(line.beds) - row_of(old.beds))
        self._touch(path)
