"""The board: all areas added up at one ledger position.

`apply` moves it entry by entry and refuses a gap. What the clock changes between entries is in `app.board.ageing`.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime

from app.board.ageing import AgeingTotals
from app.board.area_totals import EPOCH
from app.board.facility.state import FacilityState
from app.board.recent_changes import RecentChange
from app.board.totals.sums import FACILITIES_MAX, LINES_PER_CHANNEL_MAX
from app.domain.beds.freshness import Thresholds
from app.domain.channels import Channel
from app.domain.ledger import (
    CHAIN_MARK_LENGTH,
    GENESIS,
    AreasRegistered,
    FacilitiesRegistered,
    KeysChanged,
    LedgerEntry,
    Position,
)
from app.domain.registry.area import Area
from app.domain.registry.facility import DEFAULT_THRESHOLDS, Facility, FacilityKind
from app.domain.reports.clocks import CLOCK_AHEAD_MAX
from app.domain.reports.lines import ChannelState, change
from app.domain.reports.report import Report
from app.domain.snapshot import RecentEntries, Snapshot

CHAINS_KEPT = 10_000  # ledger positions that clients may name without a database read


class LedgerHole(RuntimeError):
    """An entry does not follow the last one applied. The board stops rather than return wrong figures."""


class BoardFull(RuntimeError):
    """More facilities or lines than the sums can hold; see `app.board.totals.sums`. The board stops."""


class Board(AgeingTotals):
    """All areas, facilities, keys and totals of one installation, as of one ledger position."""

    def __init__(self, thresholds: Mapping[FacilityKind, Thresholds] = DEFAULT_THRESHOLDS) -> None:
        super().__init__(thresholds)
        self.rebuilds = 0  # how often the tables it was loaded from had been rebuilt by then
        self.registry_changes = 0  # entries that may change who may see what: areas, facilities, keys
        self.replaced_at = 0  # `changes` when everything was last reloaded
        self.rearranged_at = 0  # `changes` when an area last moved to another parent
        self._chains = deque([GENESIS[:CHAIN_MARK_LENGTH]], CHAINS_KEPT)  # of the last entries
        self._recorded_max: datetime | None = None  # no channel was recorded later

    def apply(self, entry: LedgerEntry) -> None:
        """Apply the next entry. Raises: LedgerHole, where it does not follow the last one."""
        if not self.is_next(entry):
            raise LedgerHole(f"entry {entry.position} after position {self.head}")
        if not self._has_clock or entry.recorded_at - self._now <= CLOCK_AHEAD_MAX:
            self._now = max(self._now, entry.recorded_at)
        self._bound(entry.recorded_at)
        at = min(entry.recorded_at, self._now)  # a wrong clock may have recorded it in the future
        match entry.matter:
            case Report() as report:
                self._apply_report(report, entry.seq, entry.recorded_at, at)
            case AreasRegistered(areas):
                self._put_areas(areas)
            case FacilitiesRegistered(facilities):
                for facility in facilities:
                    known = self._states.get(facility.facility_id)
                    before = known.facility if known else None
                    self._put_facility(facility, at)
                    self.recent_changes.add(
                        RecentChange(entry.seq, facility.facility_id, by_clock=False, before=before)
                    )
            case KeysChanged(credentials):
                self._put_credentials(credentials, entry.seq)
        self.registry_changes += not isinstance(entry.matter, Report)
        self.head = entry.position
        self._chains.append(entry.chain[:CHAIN_MARK_LENGTH])
        self.recorded_at = entry.recorded_at

    def is_next(self, entry: LedgerEntry) -> bool:
        """Whether this entry follows the last one, in the same history."""
        return entry.seq == self.position + 1 and self.head.is_at(entry.follows)

    def load(self, current: Snapshot) -> None:
        """Start from a snapshot instead of from the first entry."""
        self._now = current.recorded_at or EPOCH
        # Everything settles at `current.position`, as if that entry had changed it all.
        self.head = Position(current.position.seq - 1)
        self._put_areas(current.areas)
        # In order of ids each one is appended to the sorted lists.
        for facility in sorted(current.facilities, key=lambda facility: facility.facility_id):
            self._load_facility(facility, current)
        self._put_credentials(current.credentials)
        self.head, self.recorded_at, self.rebuilds = current.position, current.recorded_at, current.rebuilds
        recorded = [channel.recorded_at for state in self._states.values() for channel in state.channels.values()]
        self._recorded_max = max([at for at in recorded if at is not None], default=None)
        if current.changed.chains:
            self._chains = deque(current.changed.chains, CHAINS_KEPT)
        self._remember(current.changed)

    def replace(self, fresh: "Board") -> None:
        """Become `fresh`, which was loaded from the store: this board had read entries that the ledger does not have.

        At once, for every holder of this board. No version, mark or count of changes is used twice.
        """
        changes, mark, registry_changes = self.changes, self.recent_changes.mark, self.registry_changes
        vars(self).update(vars(fresh))
        for code in self._tree:
            node = self._tree.node(code)
            node.version += changes
            node.own_version += changes
        self.registry_changes = registry_changes + 1
        self.replaced_at = self.rearranged_at = changes + 1
        self.changes = max(self.replaced_at, changes + fresh.changes)
        self.recent_changes.mark += mark + 1  # earlier marks are invalid

    def _remember(self, changed: RecentEntries) -> None:
        """Rebuild the recent changes from the last entries and the times at which facilities turned stale."""
        begin = EPOCH if changed.at is None else changed.at
        turned = deque(
            sorted(
                (moment, facility_id)
                for facility_id, state in self._states.items()
                for moment in state.turns(self.thresholds)
                if begin < moment < self._now
            )
        )
        self.recent_changes.forget(changed.after)
        for seq, facility_id, at in changed.entries:
            while turned and turned[0][0] < at:
                self.recent_changes.add(RecentChange(seq - 1, turned.popleft()[1], by_clock=True))
            if facility_id is None:
                self.recent_changes.forget(seq)
            else:
                self.recent_changes.add(RecentChange(seq, facility_id, by_clock=False))
        for _, facility_id in turned:
            self.recent_changes.add(RecentChange(self.position, facility_id, by_clock=True))

    def chain_at(self, seq: int) -> str | None:
        """The prefix of the ledger's chain at one of the last entries; None for an older one."""
        back = self.position - seq
        return self._chains[-1 - back] if 0 <= back < len(self._chains) else None

    def place(self, seq: int) -> Position:
        """The position after one of the last entries; without its chain for an older one."""
        return Position(seq, self.chain_at(seq) or "")

    def contents(self) -> dict[str, dict[str, object]]:
        """Everything on this board, by kind and key, for comparing two boards."""
        return {
            "area": {code: self._tree.node(code).area for code in self._tree},
            "facility": {key: state.facility for key, state in self._states.items()},
            "key": dict(self._credentials),
            "channel": {
                f"{key} {channel}": current
                for key, state in self._states.items()
                for channel, current in state.channels.items()
            },
        }

    def _put_areas(self, areas: Iterable[Area]) -> None:
        has_moved = False
        for area in areas:
            known = area.code in self._tree
            has_moved = has_moved or (known and self._tree.node(area.code).area.parent != area.parent)
            if known and _point(self._tree.node(area.code).area) != _point(area):
                self._nearest.touch(self._tree.node(area.code).below)
            number = self._tree.node(area.code).number if known else self._sums.add_area()
            self._tree.put(area, number)
            self._touch(self._tree.path(area.code))
        if has_moved:
            self.rearranged_at = self.changes + 1
            self._add_up_again()
            # This entry moves facilities without naming them.
            self.recent_changes.forget(self.position + 1)

    def _load_facility(self, facility: Facility, current: Snapshot) -> None:
        state = self._new_state(facility, current.channels.get(facility.facility_id, {}))
        counting = current.counting.get(facility.facility_id)
        if counting is not None:
            # What the clock changed after the last entry about this facility is found out again.
            state.judge(counting.judged_at, self.thresholds)
            state.count_since(counting.since)
            state.advance_to(self._now, self.thresholds)
        state.judge(self._now, self.thresholds)
        if counting is None:
            state.count_since(None)
        self._add(state)

    def _put_facility(self, facility: Facility, now: datetime) -> None:
        state = self._states.get(facility.facility_id)
        if state is None:
            state = self._new_state(facility, {})
        else:
            self._catch_up(state, now)
            self._leave(state)
            for identifier in state.facility.identifiers.items():
                self._by_identifier.pop(identifier, None)
            self._index.remove(state.facility)
            state.facility = facility
        at = now if state.judged_at is None else max(now, state.judged_at)
        state.forget_judgement()  # the thresholds may be others
        state.judge(at, self.thresholds)
        state.note_counting(now, by_clock=False)
        self._add(state)

    def _new_state(self, facility: Facility, channels: dict[Channel, ChannelState]) -> FacilityState:
        if len(self._states) >= FACILITIES_MAX:
            raise BoardFull(f"more than {FACILITIES_MAX} facilities")
        state = self._states[facility.facility_id] = FacilityState(facility, channels)
        for channel in channels.values():
            _check_lines(facility.facility_id, channel)
        return state

    def _add(self, state: FacilityState) -> None:
        """Add a judged facility to the look-ups and to the sums of its areas."""
        for identifier in state.facility.identifiers.items():
            self._by_identifier[identifier] = state.facility.facility_id
        self._index.add(state.facility)
        self._put_plans(state.facility)
        self._await(state)
        self._enter(state)

    def _apply_report(self, report: Report, seq: int, recorded_at: datetime, now: datetime) -> None:
        state = self._states[report.facility_id]
        self._catch_up(state, now)
        before = state.as_it_is(report.channel)
        known = state.channels.get(report.channel, ChannelState())
        effect = change(known, report, seq=seq, recorded_at=recorded_at)
        is_another = state.take(report.channel, effect, now, self.thresholds)
        _check_lines(report.facility_id, state.channels.get(report.channel, ChannelState()))
        self._await(state)
        counts_alike = (state.counting_channel.channel, state.counting_channel.freshness) == (
            before.counting_channel.channel,
            before.counting_channel.freshness,
        )
        if not state.facility.is_open or (counts_alike and report.channel is not state.counting_channel.channel):
            self._touch(self._tree.path(state.facility.area_code), state)
        elif not counts_alike or not self._move_lines(state, before, effect):
            self._replace(state, before.contribution(self.thresholds), state.contribution(self.thresholds))
        self.recent_changes.add(
            RecentChange(seq, report.facility_id, by_clock=False, counting=state.counting_since if is_another else None)
        )

    def _bound(self, recorded_at: datetime) -> None:
        """Limit earlier entries to this recording time (`app.domain.reports.clocks`)."""
        if self._recorded_max is None or self._recorded_max - recorded_at <= CLOCK_AHEAD_MAX:
            self._recorded_max = max(recorded_at, self._recorded_max or recorded_at)
            return
        self._recorded_max = recorded_at + CLOCK_AHEAD_MAX
        for state in self._states.values():
            if [channel for channel in state.channels.values() if channel.limit_recorded_at(recorded_at)]:
                self._judge_again(state)

    def is_ahead(self, now: datetime) -> bool:
        """Whether an entry was recorded so far after `now` that a clock was or is wrong."""
        return self._recorded_max is not None and self._recorded_max - now > CLOCK_AHEAD_MAX


def _point(area: Area) -> tuple[float | None, float | None]:
    return area.lat, area.lon


def _check_lines(facility_id: str, channel: ChannelState) -> None:
    if len(channel.lines) > LINES_PER_CHANNEL_MAX:
        raise BoardFull(f"facility {facility_id} has {len(channel.lines)} lines on one channel")
