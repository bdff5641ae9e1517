"""Totals of every area, and how they follow when a facility, its lines or its freshness change."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime

from app.board.facility import figures as figures_of
from app.board.facility.figures import FacilityFigures
from app.board.facility.judged_lines import Surroundings, with_freshness
from app.board.facility.state import NOTHING, Contribution, FacilityState, thresholds_of
from app.board.nearest import NearestIndex, NearestQuery, NearestRow
from app.board.overdue import OverdueIndex, OverdueQuery, OverdueRow
from app.board.registered import Registered
from app.board.search import FacilityQuery, FacilityRow, search
from app.board.totals.observation_spans import ObservationSpans, Span, Spans, merge
from app.board.totals.profiles import Profile, ProfileCounts
from app.board.totals.roll_up import Parts, add_up
from app.board.totals.sums import Sums
from app.board.tree import AreaNode
from app.domain.beds.bed_types import BED_TYPES
from app.domain.beds.counts import BedCount
from app.domain.beds.freshness import Freshness, Thresholds
from app.domain.capacity import NO_FILTERS, Capacity, Filters
from app.domain.ledger import GENESIS, Position
from app.domain.registry.facility import DEFAULT_THRESHOLDS, Facility, FacilityKind
from app.domain.reports.lines import Change

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Areas at this depth or above (country, province, city, kecamatan) count their facilities by profile; smaller ones look
# at each.
PROFILE_DEPTH = 4


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
        self._profiles = ProfileCounts()
        self._spans = ObservationSpans(self._tree, self._spans_of)
        self._overdue = OverdueIndex(self._index, self._states, thresholds)
        self._nearest = NearestIndex(self._states, thresholds, self._place_of)
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

    def unplaced(self, code: str, now: datetime, filters: Filters = NO_FILTERS) -> Capacity:
        """The same for the facilities placed in the area itself. Raises: NotFound."""
        node = self._tree.node(code)
        self.advance(now)
        return self._unplaced(node, filters)

    def figures(self, facility: Facility, now: datetime, lines: Filters = NO_FILTERS) -> FacilityFigures:
        """Current figures of one facility by channel, for the lines that `lines` selects."""
        self.advance(now)
        return figures_of.figures(self._states[facility.facility_id], self.thresholds, lines)

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
        return search(self._index, self._states, self.thresholds, code, wanted)

    def overdue(self, code: str, now: datetime, wanted: OverdueQuery) -> Iterator[OverdueRow | None]:
        """Open facilities inside the area that are not fresh, those to call first; see `app.board.overdue`.

        Yields None where the caller should let other requests run. Raises: NotFound.
        """
        self._tree.node(code)
        self.advance(now)
        return self._overdue.search(code, wanted)

    def nearest(
        self, now: datetime, wanted: NearestQuery, may_see: Callable[[Facility], bool] = lambda _: True
    ) -> Iterator[NearestRow | None]:
        """The nearest beds of each list, of facilities that the reader may see; see `app.board.nearest`.

        Yields None where the caller should let other requests run.
        """
        self.advance(now)
        return self._nearest.search(wanted, may_see)

    @property
    def unread(self) -> int:
        """How many facilities queries have yet to read, of those that were loaded or have changed."""
        roots = [self._tree.node(code) for code in self._tree.roots]
        return max(self._nearest.waiting, sum(len(root.below) for root in roots if not self._spans.are_read(root)))

    def prepare(self) -> Iterator[None]:
        """Read them, so that no query has to; yields where the caller should let other requests run."""
        for code in tuple(self._tree.roots):
            yield from self._spans.prepare(self._tree.node(code))
        yield from self._nearest.take_up()

    def _place_of(self, facility: Facility) -> tuple[float, float] | None:
        located = self.location(facility)
        return None if located is None else (located.lat, located.lon)

    def _enter(self, state: FacilityState) -> None:
        self._replace(state, NOTHING, state.contribution(self.thresholds))

    def _leave(self, state: FacilityState) -> None:
        self._replace(state, state.contribution(self.thresholds), NOTHING)

    def _replace(self, state: FacilityState, old: Contribution, new: Contribution) -> None:
        """Update the sums from what the facility added before to what it adds now."""
        path = self._tree.path(state.facility.area_code)
        areas = [node.number for node in path]
        for key in old.rows.keys() | new.rows.keys():
            before, after = old.rows.get(key, 0), new.rows.get(key, 0)
            if before != after:
                self._sums.add_lines(areas, key, after - before)
        if old.cell != new.cell:
            if old.cell is not None:
                self._sums.add_facilities(areas, old.cell, -1)
            if new.cell is not None:
                self._sums.add_facilities(areas, new.cell, +1)
        if old.profile != new.profile:
            if old.profile is not None:
                self._profiles.add(areas[:PROFILE_DEPTH], old.profile, -1)
            if new.profile is not None:
                self._profiles.add(areas[:PROFILE_DEPTH], new.profile, +1)
        self._touch(path, state)

    def _touch(self, path: list[AreaNode], state: FacilityState | None = None) -> None:
        """Invalidate what is cached for these areas, since a facility in the last one (or the areas) changed."""
        self.changes += 1
        # The position of the entry being applied; between entries the clock has outdated the current position.
        settled = self.position + 1
        for node in path:
            node.version = self.changes
            node.settled = settled
        path[-1].own_version, path[-1].own_settled = self.changes, settled
        if state is not None:
            self._spans.touch(path, state.facility.facility_id)
            self._overdue.put(state)
            self._nearest.touch((state.facility.facility_id,))

    def _capacity(self, node: AreaNode, filters: Filters) -> Capacity:
        parts = Parts(self._sums.counts_of(node.number), self._spans.of(node), self._profiles_of(node, filters))
        return add_up(node.area, parts, self._sums, filters, position=self.position, now=self._now)

    def _profiles_of(self, node: AreaNode, filters: Filters) -> Iterable[tuple[Profile, int]]:
        if not filters.selects_lines:
            return ()
        if len(self._tree.path(node.area.code)) <= PROFILE_DEPTH:
            return self._profiles.of(node.number).items()
        return [(self._states[facility_id].profile(self.thresholds), 1) for facility_id in node.below]

    def _unplaced(self, node: AreaNode, filters: Filters) -> Capacity:
        states = [self._states[facility_id] for facility_id in node.facilities]
        added = [state.contribution(self.thresholds) for state in states]
        number = self._sums.number
        counts = [(number(key), row) for each in added for key, row in each.rows.items()]
        counts += [(number(each.cell), 1) for each in added if each.cell is not None]
        parts = Parts(
            counts,
            merge(map(self._spans_of, node.facilities)),
            [(each.profile, 1) for each in added if each.profile is not None],
        )
        return add_up(node.area, parts, self._sums, filters, position=self.position, now=self._now)

    def _spans_of(self, facility_id: str) -> Spans:
        """The spans of one facility's lines, and its newest observation for its facility cell."""
        state = self._states[facility_id]
        at = state.observed_at
        if at is None or not state.facility.is_open:
            return {}
        spans: dict[int, Span] = {self._sums.number(state.facility_cell): (at, at)}
        for line in state.lines(self.thresholds):
            number = self._sums.number(state.cell_of(line.key.bed_type, line.freshness, line.inside, line.inside_fresh))
            observed_at = line.line.moment.observed_at
            known = spans.get(number)
            spans[number] = (
                (observed_at, observed_at)
                if known is None
                else (min(known[0], observed_at), max(known[1], observed_at))
            )
        return spans

    def _add_up_again(self) -> None:
        """Rebuild the sums from the facilities, after an area moved to another parent."""
        self._sums = Sums()
        self._profiles = ProfileCounts()
        self._spans.forget()
        for code in self._tree:
            self._tree.node(code).number = self._sums.add_area()
            self._touch([self._tree.node(code)])
        self._index.add_again()
        for state in self._states.values():
            self._enter(state)

    def _move_lines(self, state: FacilityState, before: FacilityState, effect: Change) -> bool:
        """Update the sums by a report that only changes counts; `before` is the facility as it was.

        Returns False, and changes nothing, if lines are added, removed, or are fresher than before: then the cells of
        other lines may change too.
        """
        lines, judged_at = before.counting.lines, before.judged_at
        if judged_at is None or not effect.only_sets_lines or before.counting.implausible:
            return False
        thresholds, channel = thresholds_of(state.facility, self.thresholds), state.counting_channel.freshness
        # All lines of one report have the same times.
        now = state.judged_at or judged_at  # the time for which all other lines are judged
        freshness = thresholds.judge_line(min(effect.moment.observed_at, effect.recorded_at), channel, now)
        old_before = judged_at - thresholds.silent_after
        moved: list[tuple[str, BedCount, BedCount]] = []
        for key, line in effect.set_lines.items():
            old = lines.get(key)
            if old is None or old.beds is None or line.beds is None or old.recent or line.recent:
                return False
            if old.moment.observed_at >= old_before and old.recorded_at >= old_before:
                before_freshness = channel
            else:
                before_freshness = thresholds.judge_line(old.known_at, channel, judged_at)
            if freshness is not before_freshness:
                return False
            if line.beds != old.beds and key.bed_type in BED_TYPES:
                moved.append((key.bed_type, old.beds, line.beds))
        path = self._tree.path(state.facility.area_code)
        if moved and freshness is not Freshness.lapsed:
            areas = [node.number for node in path]
            around = Surroundings(with_freshness(lines, channel, thresholds, judged_at))
            for bed_type, old_beds, beds in moved:
                row = around.row_of(beds, bed_type, state.facility)
                old_row = around.row_of(old_beds, bed_type, state.facility)
                cell = state.cell_of(bed_type, freshness, *around.of(bed_type, freshness))
                self._sums.add_lines(areas, cell, row - old_row)
        self._touch(path, state)
        return True
