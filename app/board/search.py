"""Find facilities, such as the nearest with free beds or the silent ones, with pauses for other requests.

The board may move in a pause. What holds all the same:

- a facility appears at most once, and the order of the keys never goes back;
- a facility that is open, inside the area and fits the question the whole time appears, unless its coordinates are
  changed meanwhile;
- each row is read at one position, which is not before that at which the search began. Two rows may be of different
  positions.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import inf

from app.board.facility.figures import FacilityTotals, facility_totals
from app.board.facility.state import FacilityState
from app.board.grid import Place
from app.board.index import STEPS, FacilityIndex, Key
from app.board.names import NameKey
from app.board.totals.filtering import takes_type
from app.domain.beds.bed_types import BedGroup
from app.domain.beds.freshness import Freshness, Thresholds
from app.domain.capacity import Filters
from app.domain.registry.facility import FacilityKind
from app.domain.registry.location import Location
from app.domain.registry.names import NameQuery

# Work between two pauses, in steps of a microsecond or two: a facility looked at is one, adding it up and each of its
# lines are more, and so is a row, most of which is the work of the caller who writes it out.
WORK_MAX = 600
FIGURES_WORK, LINE_WORK, ROW_WORK = 8, 2, 60


@dataclass(frozen=True, slots=True)
class FacilityQuery:
    """Which facilities of an area to return; an empty set excludes none.

    Shape: `near` is (lat, lon) and sorts by distance; otherwise `q`, part of a name or identifier, sorts the best match
        first; without both the order is by facility id. `after` is the sort key of the last row seen. `group`,
        `bed_type` and `freshness` select lines: a facility is returned if it has such lines, and its figures and
        `min_available` are about them alone; `flagged` wants flagged ones.
    """

    kind: frozenset[FacilityKind] = frozenset()
    group: frozenset[BedGroup] = frozenset()
    bed_type: frozenset[str] = frozenset()
    freshness: frozenset[Freshness] = frozenset()
    min_available: int | None = None
    flagged: bool = False
    q: str | None = None
    near: Place | None = None
    after: Key | NameKey | None = None

    @property
    def lines(self) -> Filters:
        """The filters that select lines."""
        return Filters(group=self.group, bed_type=self.bed_type, freshness=self.freshness)


@dataclass(frozen=True, slots=True)
class FacilityRow:
    """A facility found, with its sort key.

    `distance_km` is rounded to metres; None without coordinates, or where nobody asked what is near.
    `location` is where to draw it.
    """

    key: Key | NameKey
    figures: FacilityTotals
    distance_km: float | None
    location: Location | None


def search(
    index: FacilityIndex,
    states: Mapping[str, FacilityState],
    defaults: Mapping[FacilityKind, Thresholds],
    code: str,
    wanted: FacilityQuery,
) -> Iterator[FacilityRow | None]:
    """All matching rows, by distance or id; None where the caller should pause."""
    work = 0
    returned: set[str] = set()
    for key in _keys(index, code, wanted):
        work += 1
        if key is not None and (facility_id := str(key[-1])) not in returned:
            state = states[facility_id]
            if index.is_inside(code, state.facility) and (not wanted.kind or state.facility.kind in wanted.kind):
                work += FIGURES_WORK + LINE_WORK * len(state.counting.lines)
                if (row := _row(index, state, defaults, key, wanted)) is not None:
                    returned.add(facility_id)
                    work += ROW_WORK
                    yield row
        if key is None or work >= WORK_MAX:
            work = 0
            yield None


def _keys(index: FacilityIndex, code: str, wanted: FacilityQuery) -> Iterator[Key | NameKey | None]:
    after = wanted.after
    if wanted.q is not None and wanted.near is None:
        return index.by_name(code, NameQuery.of(wanted.q), after if after and len(after) == 3 else None)
    known = after[:2] if after else None
    if wanted.near is None:
        return ((0.0, facility_id) for facility_id in index.by_id(code, known[1] if known else ""))
    by_distance = index.by_distance(code, wanted.near, known)
    return by_distance if wanted.q is None else _named(index, code, NameQuery.of(wanted.q), by_distance)


def _named(index: FacilityIndex, code: str, query: NameQuery, keys: Iterator[Key | None]) -> Iterator[Key | None]:
    """Those of `keys` that match; None where the caller may pause, also for each that does not match."""
    matching: set[str] = set()
    for part in index.matching(code, query):
        matching.update(part)
        yield None
    for n, key in enumerate(keys):
        if key is None or key[1] in matching:
            yield key
        elif n % STEPS == STEPS - 1:
            yield None


def _row(
    index: FacilityIndex,
    state: FacilityState,
    defaults: Mapping[FacilityKind, Thresholds],
    key: Key | NameKey,
    wanted: FacilityQuery,
) -> FacilityRow | None:
    """The row; None where its lines do not match."""
    if (wanted.group or wanted.bed_type) and not _has_line(state, wanted.lines):
        return None
    found = facility_totals(state, defaults, wanted.lines)
    if found is None:
        return None
    if wanted.flagged and not found.totals.flagged_lines:
        return None
    if wanted.min_available is not None and (found.totals.beds_available or 0) < wanted.min_available:
        return None
    is_far = wanted.near is None or key[0] == inf
    return FacilityRow(key, found, None if is_far else round(key[0], 3), index.location(state.facility))


def _has_line(state: FacilityState, wanted: Filters) -> bool:
    """Whether it states a wanted type, plausibly or not: a fifth of the cost of adding up the lines."""
    current = state.counting
    return any(
        line.beds is not None and takes_type(wanted, key.bed_type)
        for lines in (current.lines, current.implausible)
        for key, line in lines.items()
    )
