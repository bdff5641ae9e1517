"""Figures that follow the clock: lines and channels age, and another channel may count from then on.

Between entries only the clock changes figures. The moment at which the next line or channel of a facility changes
waits in a heap and is applied before the next query, so that a query never scans facilities.
"""

import heapq
from collections.abc import Mapping
from datetime import datetime, timedelta

from app.board.area_totals import AreaTotals
from app.board.facility.state import FacilityState
from app.board.recent_changes import RecentChange, RecentChanges
from app.domain.beds.freshness import Thresholds
from app.domain.channels import CountingRecord
from app.domain.registry.facility import DEFAULT_THRESHOLDS, FacilityKind
from app.domain.reports.clocks import CLOCK_AHEAD_MAX

CLOCK_STEP = timedelta(seconds=1)  # a smaller step back is drift between two readings, not a clock that was set


class AgeingTotals(AreaTotals):
    """The totals of all areas at a time that advances."""

    def __init__(self, thresholds: Mapping[FacilityKind, Thresholds] = DEFAULT_THRESHOLDS) -> None:
        super().__init__(thresholds)
        self.recorded_at: datetime | None = None
        self.recent_changes = RecentChanges()
        self._deadlines: list[tuple[datetime, str]] = []
        self._has_clock = False  # whether `advance` sets the time; otherwise only entries do

    def advance(self, now: datetime) -> None:
        """Apply what time alone changes for the facilities whose deadline has come.

        If the clock was set back, judge every facility again.
        """
        self._has_clock = True
        if self.recorded_at is not None and self.recorded_at - now <= CLOCK_AHEAD_MAX:
            now = max(now, self.recorded_at)  # an entry of a node whose clock runs a little ahead is not in the future
        if self._now - now > CLOCK_STEP:
            self._now = now
            for state in self._states.values():
                self._judge_again(state)
            return
        self._now = max(self._now, now)
        while self._deadlines and self._deadlines[0][0] < self._now:
            at, facility_id = heapq.heappop(self._deadlines)
            state = self._states[facility_id]
            if state.deadline != at:
                continue  # it has waited for an earlier moment since
            state.deadline = None
            self._catch_up(state, self._now)
            self._await(state)

    def copy_state(self, facility_id: str, now: datetime) -> FacilityState:
        """A copy of a facility with its channels, judged at `now`, which can be changed without changing this board.

        Raises: NotFound.
        """
        state = self._state(facility_id)
        copy = state.as_it_is()
        copy.channels = {channel: known.copy() for channel, known in state.channels.items()}
        copy.advance_to(now, self.thresholds)
        return copy

    def judgement(self, facility_id: str) -> CountingRecord | None:
        """Since when a channel of this facility counts, and the time for which it was judged; None if it was not.

        Raises: NotFound.
        """
        state = self._state(facility_id)
        return None if state.judged_at is None else CountingRecord(state.counting_since, state.judged_at)

    def _catch_up(self, state: FacilityState, now: datetime) -> None:
        """Apply what time alone changes for one facility until `now`."""
        if (until := state.until) is None or until >= now:
            return
        before = state.as_it_is()
        if state.advance_to(now, self.thresholds):
            old, new = before.contribution(self.thresholds), state.contribution(self.thresholds)
            is_another = before.counting_since != state.counting_since
            if old != new or is_another or before.counting_channel.partial != state.counting_channel.partial:
                self._replace(state, old, new)
                counting = state.counting_since if is_another else None
                self.recent_changes.add(
                    RecentChange(self.position, state.facility.facility_id, by_clock=True, counting=counting)
                )
        self._await(state)

    def _judge_again(self, state: FacilityState) -> None:
        """Judge a facility from scratch, after a clock was set."""
        before = state.as_it_is()
        state.forget_judgement()
        state.judge(self._now, self.thresholds)
        state.note_counting(self._now, by_clock=True)
        old, new = before.contribution(self.thresholds), state.contribution(self.thresholds)
        # Another channel may add the same, as nothing, and still have other times.
        if old != new or before.counting_channel != state.counting_channel:
            self._replace(state, old, new)
            self.recent_changes.add(RecentChange(self.position, state.facility.facility_id, by_clock=True))
        self._overdue.put(state)  # its times may be others though its figures are the same
        self._await(state)

    def _await(self, state: FacilityState) -> None:
        """Have the clock look at this facility when its judgement ends."""
        until = state.until
        if until is not None and (state.deadline is None or until < state.deadline):
            state.deadline = until
            heapq.heappush(self._deadlines, (until, state.facility.facility_id))
