"""The facilities that are not fresh, in the order in which an officer calls them."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from math import floor, inf
from typing import NamedTuple

from app.board.facility.judged_lines import reported_around
from app.board.facility.state import FacilityState, thresholds_of
from app.board.index import FacilityIndex, Key
from app.domain.beds.bed_types import BED_TYPES
from app.domain.beds.freshness import Freshness, Thresholds
from app.domain.registry.facility import Facility, FacilityKind

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Of areas with at most so many facilities the overdue ones are sorted for each query: it takes 2 ms.
FEW = 2_000
# Facilities looked at between two pauses: about a microsecond each.
STEPS = 600


class OverdueOrder(StrEnum):
    """What comes first: most beds at stake, or not fresh for the longest time."""

    beds_at_stake = "beds_at_stake"
    since = "since"


@dataclass(frozen=True, slots=True)
class OverdueQuery:
    """Which facilities that are not fresh to return; an empty set excludes none. `after` is the key of the last one."""

    order: OverdueOrder = OverdueOrder.beds_at_stake
    freshness: frozenset[Freshness] = frozenset()
    kind: frozenset[FacilityKind] = frozenset()
    after: Key | None = None


class Overdue(NamedTuple):
    """How a facility is not fresh.

    `since` is when it stopped being fresh; None if it never reported. `beds_at_stake` are the beds of the lines of its
    counting channel, which are all not fresh, without those inside a containing type; None if no line states how many.
    """

    freshness: Freshness
    since: datetime | None
    beds_at_stake: int | None

    def rank(self, order: OverdueOrder) -> float:
        """The place in an order, unknown ones last. Exact: microseconds since 1970 are below 2^53."""
        if order is OverdueOrder.since:
            return inf if self.since is None else float((self.since - EPOCH) // timedelta(microseconds=1))
        return inf if self.beds_at_stake is None else float(-self.beds_at_stake)


class OverdueRow(NamedTuple):
    """A facility found, with its sort key."""

    key: Key
    facility: Facility
    observed_at: datetime | None
    overdue: Overdue


class _Ranking:
    """Keys in one order, in sorted buckets of ranks: one long list would take too long to insert into."""

    def __init__(self, width: float) -> None:
        self._width = width
        self._buckets: dict[float, list[Key]] = {}
        self._sorted: list[float] | None = []

    def add(self, key: Key) -> None:
        bucket = self._buckets.get(number := self._number(key[0]))
        if bucket is None:
            self._buckets[number] = [key]
            self._sorted = None
        elif bucket[-1] < key:
            bucket.append(key)
        else:
            insort(bucket, key)

    def remove(self, key: Key) -> None:
        bucket = self._buckets[number := self._number(key[0])]
        del bucket[bisect_left(bucket, key)]
        if not bucket:
            del self._buckets[number]
            self._sorted = None

    def next(self, after: Key) -> Key | None:
        """The first key after this one."""
        if self._sorted is None:
            self._sorted = sorted(self._buckets)
        for place in range(bisect_left(self._sorted, self._number(after[0])), len(self._sorted)):
            bucket = self._buckets[self._sorted[place]]
            found = bisect_right(bucket, after)
            if found < len(bucket):
                return bucket[found]
        return None

    def _number(self, rank: float) -> float:
        return floor(rank / self._width) if -inf < rank < inf else rank


class OverdueIndex:
    """The open facilities that are not fresh, ranked; kept up to date by `put`."""

    def __init__(
        self,
        index: FacilityIndex,
        states: Mapping[str, FacilityState],
        defaults: Mapping[FacilityKind, Thresholds],
    ) -> None:
        self._index = index
        self._states = states
        self._defaults = defaults
        self._known: dict[str, Overdue] = {}
        self._rankings = {OverdueOrder.beds_at_stake: _Ranking(1), OverdueOrder.since: _Ranking(3.6e9)}  # an hour

    def put(self, state: FacilityState) -> None:
        """Take a facility as it is judged now."""
        facility_id = state.facility.facility_id
        before, now = self._known.get(facility_id), overdue(state, self._defaults)
        if before == now:
            return
        for order, ranking in self._rankings.items():
            old, new = before and before.rank(order), now and now.rank(order)
            if old != new:
                if old is not None:
                    ranking.remove((old, facility_id))
                if new is not None:
                    ranking.add((new, facility_id))
        if now is None:
            del self._known[facility_id]
        else:
            self._known[facility_id] = now

    def search(self, code: str, wanted: OverdueQuery) -> Iterator[OverdueRow | None]:
        """The facilities inside an area that are not fresh; None where the caller should pause.

        The board may move in a pause. A facility appears at most once, and the order never goes back; one that fits
        and keeps its key the whole time appears.
        """
        returned: set[str] = set()
        for step, key in enumerate(self._keys(code, wanted), start=1):
            if key[1] not in returned and (row := self._row(code, key, wanted)) is not None:
                returned.add(key[1])
                yield row
            if step % STEPS == 0:
                yield None

    def _row(self, code: str, key: Key, wanted: OverdueQuery) -> OverdueRow | None:
        """The row of a key, if it is still one and fits."""
        known, state = self._known.get(key[1]), self._states[key[1]]
        facility = state.facility
        if (
            known is None
            or known.rank(wanted.order) != key[0]
            or (wanted.freshness and known.freshness not in wanted.freshness)
            or (wanted.kind and facility.kind not in wanted.kind)
            or not self._index.is_inside(code, facility)
        ):
            return None
        return OverdueRow(key, facility, state.observed_at, known)

    def _keys(self, code: str, wanted: OverdueQuery) -> Iterator[Key]:
        ids = self._index.ids(code)
        if len(ids) > FEW:
            key: Key | None = wanted.after or (-inf, "")
            while key is not None and (key := self._rankings[wanted.order].next(key)) is not None:
                yield key
            return
        there = [(known.rank(wanted.order), each) for each in ids if (known := self._known.get(each)) is not None]
        yield from sorted(key for key in there if wanted.after is None or key > wanted.after)


def overdue(state: FacilityState, defaults: Mapping[FacilityKind, Thresholds]) -> Overdue | None:
    """How a facility is not fresh, as judged last; None if it is fresh or closed."""
    freshness = state.counting_channel.freshness
    if freshness is Freshness.fresh or not state.facility.is_open:
        return None
    current, limits = state.counting, thresholds_of(state.facility, defaults)
    heard_at = current.last_received_at
    if heard_at is None:
        return Overdue(freshness, None, None)
    since = heard_at + limits.stale_after
    lines = [(key, line) for key, line in current.lines.items() if line.beds is not None and key.bed_type in BED_TYPES]
    if freshness is Freshness.lapsed and lines:  # a later report may have said nothing about any line
        since = min(since, max(line.known_at for _, line in lines) + limits.lapsed_after)
    types = {key.bed_type for key, _ in lines}
    beds = [
        line.beds.beds_total
        for key, line in lines
        if line.beds is not None and line.beds.beds_total is not None and not reported_around(key.bed_type, types)
    ]
    return Overdue(freshness, since, sum(beds) if beds else None)
