"""The nearest beds: free and known to be free, full, or not known any more. See `app.board.offers`."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from app.board.facility.state import FacilityState
from app.board.grid import Place
from app.board.offers import ANY_BED, Need, Offer, Standing, offer_of, open_lines, standings, types_for
from app.board.quadtree import Found, Quadtree, Spot, by_distance
from app.domain.beds.freshness import Thresholds
from app.domain.registry.facility import Facility, FacilityKind

# Work between two pauses: facilities taken up, 10 to 50 microseconds each, and steps of a search, about 5 each.
TAKEN_UP_AT_ONCE = 50
STEPS = 300

_ALL_TYPES = types_for(frozenset({ANY_BED}))


class Shelf(NamedTuple):
    """Facilities that a query for one need treats alike."""

    need: Need
    kind: FacilityKind
    standing: Standing


@dataclass(frozen=True, slots=True)
class NearestQuery:
    """Which beds near a place (lat, lon). `kind` excludes none if empty; `limit` is for each of the three lists."""

    place: Place
    needs: frozenset[Need] = frozenset({ANY_BED})
    kind: frozenset[FacilityKind] = frozenset()
    min_available: int = 1
    limit: int = 10


class NearestRow(NamedTuple):
    """A facility found. `distance_km` is exact."""

    standing: Standing
    distance_km: float
    facility: Facility
    offer: Offer


class _Entry(NamedTuple):
    spot: Spot
    shelves: frozenset[Shelf]


_NO_SHELVES: frozenset[Shelf] = frozenset()


class NearestIndex:
    """The open facilities by place, once for every need that their open lines meet.

    A change of a facility is only noted; the next query takes it up. So reports cost nothing where nobody asks.
    A facility without open lines is not in it: nobody knows which beds it has.
    """

    def __init__(
        self,
        states: Mapping[str, FacilityState],
        defaults: Mapping[FacilityKind, Thresholds],
        place_of: Callable[[Facility], Place | None],
    ) -> None:
        self._states = states
        self._defaults = defaults
        self._place_of = place_of
        self._changed: dict[str, None] = {}
        self._entries: dict[str, _Entry] = {}
        self._trees: dict[Shelf, Quadtree] = {}
        self._combinations: dict[frozenset[Shelf], frozenset[Shelf]] = {}

    def touch(self, facility_ids: Iterable[str]) -> None:
        """Note that these facilities have changed, or their places."""
        for facility_id in facility_ids:
            self._changed[facility_id] = None

    def search(self, wanted: NearestQuery, may_see: Callable[[Facility], bool]) -> Iterator[NearestRow | None]:
        """The rows of each list in order of distance, equal distances by id; None where the caller should pause.

        Without a pause, which few queries need, all rows are of one position.
        """
        yield from self.take_up()
        needs, limit = wanted.needs, wanted.limit
        if len(needs) == 1 and wanted.min_available <= 1:
            for standing in Standing:
                rows = self._rows(self._shelves(wanted, standing), wanted, may_see)
                yield from _first({standing: limit}, rows)
        else:
            shelves = [shelf for standing in Standing for shelf in self._shelves(wanted, standing)]
            yield from _first(dict.fromkeys(Standing, limit), self._rows(shelves, wanted, may_see))

    def _rows(
        self, shelves: list[Shelf], wanted: NearestQuery, may_see: Callable[[Facility], bool]
    ) -> Iterator[NearestRow | None]:
        trees = [self._trees[shelf] for shelf in shelves]
        returned: set[str] = set()
        types = types_for(wanted.needs)
        for step, found in enumerate(by_distance(trees, wanted.place), start=1):
            if found is not None and found[1] not in returned and (row := self._row(found, wanted, types, may_see)):
                returned.add(found[1])
                yield row
            if step % STEPS == 0:
                yield None

    def _row(
        self, found: Found, wanted: NearestQuery, types: frozenset[str], may_see: Callable[[Facility], bool]
    ) -> NearestRow | None:
        distance, facility_id = found
        state = self._states[facility_id]
        lines = open_lines(state, self._defaults, types)
        if not lines or not may_see(state.facility):
            return None
        offer = offer_of(lines)
        return NearestRow(offer.standing(wanted.min_available), distance, state.facility, offer)

    def _shelves(self, wanted: NearestQuery, standing: Standing) -> list[Shelf]:
        kinds = wanted.kind or frozenset(FacilityKind)
        shelves = [Shelf(need, kind, standing) for need in wanted.needs for kind in kinds]
        return [shelf for shelf in shelves if shelf in self._trees]

    @property
    def waiting(self) -> int:
        """How many facilities have changed since the last query."""
        return len(self._changed)

    def take_up(self) -> Iterator[None]:
        """Take up what has changed since the last query; yields where the caller should pause."""
        taken = 0
        while self._changed:
            facility_id, _ = self._changed.popitem()
            self._put(facility_id, self._entry(self._states[facility_id]))
            taken += 1
            if taken % TAKEN_UP_AT_ONCE == 0:
                yield None

    def _entry(self, state: FacilityState) -> _Entry | None:
        lines = open_lines(state, self._defaults, _ALL_TYPES)
        place = self._place_of(state.facility) if lines else None
        if place is None:
            return None
        kind = state.facility.kind
        found = frozenset(Shelf(need, kind, standing) for need, standing in standings(lines))
        # Most halls share one combination.
        return _Entry(Spot.at(place), self._combinations.setdefault(found, found))

    def _put(self, facility_id: str, entry: _Entry | None) -> None:
        before = self._entries.get(facility_id)
        if before == entry:
            return
        is_there = before is not None and entry is not None and before.spot == entry.spot
        old = before.shelves if before else _NO_SHELVES
        new = entry.shelves if entry else _NO_SHELVES
        if before is not None:
            for shelf in old - new if is_there else old:
                self._trees[shelf].remove(facility_id, before.spot)
        if entry is None:
            del self._entries[facility_id]
            return
        for shelf in new - old if is_there else new:
            if shelf not in self._trees:
                self._trees[shelf] = Quadtree()
            self._trees[shelf].add(facility_id, entry.spot)
        self._entries[facility_id] = entry


def _first(wanted: dict[Standing, int], rows: Iterator[NearestRow | None]) -> Iterator[NearestRow | None]:
    """The first rows of each list, until all have as many as wanted."""
    for row in rows:
        if row is None:
            yield None
        elif wanted.get(row.standing, 0):
            wanted[row.standing] -= 1
            yield row
            if not any(wanted.values()):
                return
