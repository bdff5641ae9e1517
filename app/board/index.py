"""Iterate over the open facilities of an area by id or distance, while the registry may change."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from heapq import heapify, heappop, heappush
from math import inf

from app.board.facility.state import FacilityState
from app.board.grid import Cell, Grid, Place, distance_km, place_of
from app.board.names import NameIndex, NameKey
from app.board.tree import Tree
from app.domain.registry.facility import Facility
from app.domain.registry.location import Location, location_of
from app.domain.registry.names import NameQuery

# (distance in km, facility id): the sort key. The distance is 0 in order of ids, infinite without coordinates.
Key = tuple[float, str]
# Areas with at most so many facilities are searched directly: a cell of the grid may hold as many of other areas.
FEW = 2_000
# Steps of about a microsecond between two points where the caller may pause.
STEPS = 256


class FacilityIndex:
    """The open facilities by area and place. `changes` counts additions and removals."""

    def __init__(self, tree: Tree, states: Mapping[str, FacilityState]) -> None:
        self._tree = tree
        self._states = states
        self._grid = Grid()
        self._names = NameIndex()
        self.changes = 0

    def add(self, facility: Facility) -> None:
        """Add a facility; only an open one is found."""
        if facility.is_open:
            self.changes += 1
            self._tree.add_facility(facility.area_code, facility.facility_id)
            self._grid.add(facility)
            self._names.add(facility)

    def remove(self, facility: Facility) -> None:
        """Remove a facility, given as it was added."""
        if facility.is_open:
            self.changes += 1
            self._tree.remove_facility(facility.area_code, facility.facility_id)
            self._grid.remove(facility)
            self._names.remove(facility)

    def add_again(self) -> None:
        """Rebuild from the facilities, after an area moved to another parent."""
        self.changes += 1
        self._tree.clear_facilities()
        for facility_id in sorted(self._states):  # in this order each is appended
            facility = self._states[facility_id].facility
            if facility.is_open:
                self._tree.add_facility(facility.area_code, facility_id)

    def by_id(self, code: str, after: str) -> Iterator[str]:
        """The ids after `after`, in order; additions and removals take effect while iterating."""
        changes, place, ids = -1, 0, self._tree.node(code).below
        while True:
            if self.changes != changes:
                changes, place = self.changes, bisect_right(ids, after)
            if place >= len(ids):
                return
            after = ids[place]
            place += 1
            yield after

    def by_distance(self, code: str, place: Place, after: Key | None) -> Iterator[Key | None]:
        """Keys after `after`, nearest first, then those without coordinates by id; None where the caller may pause."""
        beyond = -1.0 if after is None else after[0]
        if beyond < inf:
            yield from self._located(code, place, after or (beyond, ""))
        for n, facility_id in enumerate(self.by_id(code, after[1] if after is not None and beyond == inf else "")):
            if n % STEPS == STEPS - 1:
                yield None
            if place_of(self._states[facility_id].facility) is None:
                yield inf, facility_id

    def by_name(self, code: str, query: NameQuery, after: NameKey | None) -> Iterator[NameKey | None]:
        """Keys after `after`, best match first; None where the caller may pause."""
        return self._names.best(tuple(self._tree.node(code).below), query, after)

    def matching(self, code: str, query: NameQuery) -> Iterator[list[str]]:
        """The ids of all that match, in parts; the caller may pause after each."""
        return self._names.matching(tuple(self._tree.node(code).below), query)

    def _located(self, code: str, place: Place, after: Key) -> Iterator[Key | None]:
        """Open cells nearest first; hold back a facility until no unopened cell can contain a nearer one."""
        cells: list[tuple[float, Cell | None]] = []
        if len(self._tree.node(code).below) <= FEW:
            cells.append((0.0, None))  # the whole area as one cell
        else:
            for n, around in enumerate(self._grid.around(place, after[0])):
                if n % STEPS == STEPS - 1:
                    yield None
                cells.append(around)
            heapify(cells)
        found: list[Key] = []
        while cells or found:
            if found and not (cells and cells[0][0] <= found[0][0]):
                key = heappop(found)
                if self._distance(place, key[1]) == key[0]:
                    yield key
                continue
            cell = heappop(cells)[1]
            ids = tuple(self._tree.node(code).below) if cell is None else self._grid.ids(cell)
            for n, facility_id in enumerate(ids):
                if n % STEPS == STEPS - 1:
                    yield None
                key = (self._distance(place, facility_id), facility_id)
                if after < key < (inf, "") and self.is_inside(code, self._states[facility_id].facility):
                    heappush(found, key)
            yield None

    def _distance(self, place: Place, facility_id: str) -> float:
        there = place_of(self._states[facility_id].facility)
        return inf if there is None else distance_km(place, there)

    def location(self, facility: Facility) -> Location | None:
        """Where to draw a facility; None if neither it nor an area around it has coordinates."""
        return location_of(facility, self._tree.upward(facility.area_code))

    def is_inside(self, code: str, facility: Facility) -> bool:
        """Whether the facility is open and inside the area now."""
        return facility.is_open and self._tree.is_inside(facility.area_code, code)
