"""The board: all areas added up at one ledger position.

It moves by `apply` alone, entry by entry, and refuses a hole. Between entries only the clock changes figures: a
facility that has been quiet for long enough turns stale. Those moments wait in a heap and are applied before the
next answer, so that an answer never scans facilities.
"""

import heapq
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from app.board import facilities as figures_of
from app.board.facilities import FacilityFigures
from app.board.facility_state import FacilityState, Lines, reported_around, reported_types, rows_of, thresholds_of
from app.board.index import FacilityIndex
from app.board.recent_changes import RecentChange, RecentChanges
from app.board.roll_up import Extremes, add_up, widen
from app.board.search import FacilityQuery, FacilityRow, search
from app.board.sums import FACILITIES_MAX, LINES_PER_CHANNEL_MAX, FacilityCell, LineCell, Row, Sums, row_of
from app.board.tree import AreaNode, Tree
from app.domain.beds.freshness import Thresholds
from app.domain.capacity import NO_FILTERS, Capacity, Filters
from app.domain.channels import Channel, in_order
from app.domain.errors import NotFound
from app.domain.ledger import (
    CHAIN_MARK_LENGTH,
    GENESIS,
    AreasRegistered,
    FacilitiesRegistered,
    KeysChanged,
    LedgerEntry,
    Position,
)
from app.domain.permissions import Credential, Target
from app.domain.registry.area import Area, AreaLevel
from app.domain.registry.facility import DEFAULT_THRESHOLDS, Facility, FacilityKind, split_identifier
from app.domain.reports.clocks import CLOCK_AHEAD_MAX
from app.domain.reports.lines import Change, ChannelState, change
from app.domain.reports.report import Report
from app.domain.snapshot import RecentEntries, Snapshot

CLOCK_STEP = timedelta(seconds=1)  # smaller steps back are drift between two readings, not a clock that was set
CHAINS_KEPT = 10_000  # places of the ledger that clients may name without the database being asked
_DAWN = datetime(1970, 1, 1, tzinfo=UTC)


class LedgerHole(RuntimeError):
    """The board was given an entry that does not follow its last one. It stops rather than answer wrong."""


class BoardFull(RuntimeError):
    """More than the sums can hold. It stops rather than answer wrong; see `app.board.sums`."""


class Board:
    """All areas, facilities, keys and figures of one installation, as of one ledger position."""

    def __init__(self, thresholds: Mapping[FacilityKind, Thresholds] = DEFAULT_THRESHOLDS) -> None:
        self.thresholds = thresholds
        self.head = Position(0, GENESIS)
        self.recorded_at: datetime | None = None
        self.rebuilds = 0  # how often the tables from which it was loaded had been made anew until then
        self._tree = Tree()
        self._sums = Sums()
        self._states: dict[str, FacilityState] = {}
        self._index = FacilityIndex(self._tree, self._states)
        self._by_identifier: dict[tuple[str, str], str] = {}
        self._credentials: dict[str, Credential] = {}
        self._doors: dict[tuple[str, Channel], set[str]] = {}  # prefixes, by facility and channel
        self._chains = deque([GENESIS[:CHAIN_MARK_LENGTH]], CHAINS_KEPT)  # at the last entries
        self._deadlines: list[tuple[datetime, str]] = []
        self._extremes: dict[str, Extremes] = {}
        self.recent_changes = RecentChanges()
        self.changes = 0  # counts whatever moved a figure, entries and the clock alike
        self.registry_changes = 0  # counts entries that may change who may see what: areas, facilities, keys
        self.replaced_at = 0  # `changes` when all of it was last read anew
        self._now = _DAWN
        self._has_clock = False  # whether `advance` says what time it is; else entries alone do
        self._recorded_max: datetime | None = None  # no channel was recorded later

    @property
    def position(self) -> int:
        """The `seq` of the last entry that it has read."""
        return self.head.seq

    # Moving: what the ledger says, and what the clock does.

    def apply(self, entry: LedgerEntry) -> None:
        """Read one more entry. Raises: LedgerHole, when it is not the next one of this history."""
        if not self.is_next(entry):
            raise LedgerHole(f"entry {entry.position} after position {self.head}")
        if not self._has_clock or entry.recorded_at - self._now <= CLOCK_AHEAD_MAX:
            self._now = max(self._now, entry.recorded_at)
        self._bound(entry.recorded_at)
        match entry.matter:
            case Report() as report:
                self._apply_report(report, entry.seq, entry.recorded_at)
            case AreasRegistered(areas):
                self._put_areas(areas)
            case FacilitiesRegistered(facilities):
                for facility in facilities:
                    known = self._states.get(facility.facility_id)
                    before = known.facility if known else None
                    self._put_facility(facility)
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
        """Start from what stands instead of from the first entry."""
        self._now = current.recorded_at or _DAWN
        # What is put settles at `current.position`, as if its entry said it all.
        self.head = Position(current.position.seq - 1)
        self._put_areas(current.areas)
        # In order of ids each one is put at the end of the sorted lists.
        for facility in sorted(current.facilities, key=lambda facility: facility.facility_id):
            self._put_facility(facility, current.channels.get(facility.facility_id))
        self._put_credentials(current.credentials)
        self.head, self.recorded_at, self.rebuilds = current.position, current.recorded_at, current.rebuilds
        recorded = [channel.recorded_at for state in self._states.values() for channel in state.channels.values()]
        self._recorded_max = max([at for at in recorded if at is not None], default=None)
        if current.changed.chains:
            self._chains = deque(current.changed.chains, CHAINS_KEPT)
        self._remember(current.changed)

    def replace(self, fresh: "Board") -> None:
        """Become `fresh`, which was loaded from the store: this board had read entries that the ledger does not have.

        All at once for whoever holds this board. No version, mark or count of changes comes a second time.
        """
        changes, mark, registry_changes = self.changes, self.recent_changes.mark, self.registry_changes
        vars(self).update(vars(fresh))
        for code in self._tree:
            self._tree.node(code).version += changes
        self.registry_changes = registry_changes + 1
        self.replaced_at = changes + 1
        self.changes = max(self.replaced_at, changes + fresh.changes)
        self.recent_changes.mark += mark + 1  # marks of before are forgotten

    def _remember(self, changed: RecentEntries) -> None:
        """Whom the last entries, and time between them, have changed; with the last position that it may have had."""
        begin = _DAWN if changed.at is None else changed.at
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

    def advance(self, now: datetime) -> None:
        """Let facilities turn stale or silent whose time has come.

        A clock that was set back is followed back: every judgement is made again.
        """
        self._has_clock = True
        if self.recorded_at is not None and self.recorded_at - now <= CLOCK_AHEAD_MAX:
            now = max(now, self.recorded_at)  # an entry of a node whose clock runs a little ahead is not in the future
        if self._now - now > CLOCK_STEP:
            self._now = now
            for state in self._states.values():
                self._move(state)
            return
        self._now = max(self._now, now)
        while self._deadlines and self._deadlines[0][0] < self._now:
            _, facility_id = heapq.heappop(self._deadlines)
            state = self._states[facility_id]
            state.deadline = None
            self._move(state)

    # Looking up.

    def area(self, code: str) -> Area:
        """Raises: NotFound, when the registry has no such area."""
        return self._tree.node(code).area

    def path(self, code: str) -> tuple[Area, ...]:
        """The area and its ancestors, root first. Raises: NotFound."""
        return tuple(node.area for node in self._tree.path(code))

    def find_areas(
        self,
        *,
        parent: str | None = None,
        level: AreaLevel | None = None,
        q: str | None = None,
        after: str | None = None,
        limit: int = 500,
    ) -> list[Area]:
        """Areas by code; `q` is part of a name, or the beginning of a code. Raises: NotFound, for the parent."""
        return self._tree.find(parent=parent, level=level, q=q, after=after, limit=limit)

    def facility(self, reference: str) -> Facility:
        """By id, or by identifier as `sirs:3374010`; closed ones too. Raises: NotFound."""
        return self._state(reference).facility

    def facilities(self) -> list[Facility]:
        """All of them, closed ones too."""
        return [state.facility for state in self._states.values()]

    def copy_channel_state(self, facility_id: str, channel: Channel) -> ChannelState:
        """What stands for a facility on one channel, as a copy; empty where it never spoke. Raises: NotFound."""
        known = self._state(facility_id).channels.get(channel)
        return ChannelState() if known is None else known.copy()

    def channel_state(self, facility_id: str, channel: Channel) -> ChannelState:
        """The same itself, only to be looked at. Raises: NotFound."""
        return self._state(facility_id).channels.get(channel) or ChannelState()

    def area_target(self, code: str) -> Target:
        """The area as a target of rights. Raises: NotFound."""
        return Target(tuple(node.area.code for node in self._tree.path(code)))

    def target(self, facility: Facility) -> Target:
        """The facility as a target of rights."""
        return Target(self.area_target(facility.area_code).path, facility.facility_id)

    def credential(self, prefix: str) -> Credential | None:
        """The key with this public prefix."""
        return self._credentials.get(prefix)

    def channels(self, facility_id: str) -> list[Channel]:
        """The channels on which a facility ever spoke, in their order. Raises: NotFound."""
        return in_order(self._state(facility_id).channels)

    def keys_of_channel(self, facility_id: str, channel: Channel) -> list[Credential]:
        """The keys of this facility for this door, in order of their making; those that open nothing any more too."""
        keys = [self._credentials[prefix] for prefix in self._doors.get((facility_id, channel), ())]
        return sorted(keys, key=lambda key: (key.seq, key.prefix))

    def channels_with_keys(self) -> list[tuple[str, Channel]]:
        """Facilities and the channels for which they ever had a key."""
        return list(self._doors)

    def credentials(self) -> list[Credential]:
        """All keys, in order of their making."""
        return sorted(self._credentials.values(), key=lambda c: (c.seq, c.prefix))

    def chain_at(self, seq: int) -> str | None:
        """The beginning of the ledger's chain at one of the last entries; None where that is not kept."""
        back = self.position - seq
        return self._chains[-1 - back] if 0 <= back < len(self._chains) else None

    def place(self, seq: int) -> Position:
        """The place after one of the last entries; a bare number for an older one."""
        return Position(seq, self.chain_at(seq) or "")

    def version(self, code: str) -> int:
        """A number that changes whenever an answer about this area would. Raises: NotFound."""
        return self._tree.node(code).version

    def settled(self, code: str) -> int:
        """The position from which on an answer about this area says what it says now. Raises: NotFound."""
        return self._tree.node(code).settled

    @property
    def now(self) -> datetime:
        """The time that answers are given for: of the last `advance`, or of a later entry."""
        return self._now

    # Adding up.

    def roll_up(self, code: str, now: datetime, filters: Filters = NO_FILTERS) -> Capacity:
        """Beds of every facility inside the area, added up, as this board knows them.

        Shape: a bed type that nobody named is absent, not zero.
        Raises: NotFound, when the registry has no such area.
        """
        node = self._tree.node(code)
        self.advance(now)
        return self._capacity(node, filters)

    def children(self, code: str, now: datetime, filters: Filters = NO_FILTERS) -> tuple[list[Capacity], Capacity]:
        """The same for each child area, in order of their codes, and for what stands in the area itself."""
        node = self._tree.node(code)
        self.advance(now)
        children = [self._capacity(self._tree.node(child), filters) for child in node.children]
        return children, self._unplaced(node, filters)

    def figures(self, facility: Facility, now: datetime, lines: Filters = NO_FILTERS) -> FacilityFigures:
        """What one facility says now, by every channel, in the lines that are asked for."""
        self.advance(now)
        return self._figures(self._states[facility.facility_id], lines)

    def count_facilities(self, code: str, kinds: frozenset[FacilityKind] = frozenset()) -> int:
        """How many open facilities of these kinds are inside the area. Raises: NotFound."""
        cells = self._sums.facilities_of(self._tree.node(code).number)
        return sum(count for cell, count in cells if not kinds or cell.kind in kinds)

    @property
    def facilities_known(self) -> int:
        """How many facilities there are, open or closed."""
        return len(self._states)

    def search(self, code: str, now: datetime, wanted: FacilityQuery) -> Iterator[FacilityRow | None]:
        """Open facilities inside the area that fit, in order of distance or id, as `app.board.search` says.

        None among them is where to let others have their turn, after a millisecond or two. Raises: NotFound.
        """
        self._tree.node(code)
        self.advance(now)
        return search(self._index, self._states, code, wanted)

    def contents(self) -> dict[str, dict[str, object]]:
        """All that this board holds, by word and key, for comparing one board with another."""
        return {
            "area": {code: self._tree.node(code).area for code in self._tree},
            "facility": {key: state.facility for key, state in self._states.items()},
            "key": dict(self._credentials),
            "channel": {
                f"{key} {channel}": said
                for key, state in self._states.items()
                for channel, said in state.channels.items()
            },
        }

    # What is inside.

    def _state(self, reference: str) -> FacilityState:
        identifier = split_identifier(reference)
        facility_id = reference if identifier is None else self._by_identifier.get(identifier, "")
        try:
            return self._states[facility_id]
        except KeyError:
            raise NotFound(f"There is no facility {reference!r}.") from None

    def _put_credentials(self, credentials: Iterable[Credential], seq: int | None = None) -> None:
        """Keys as they are from now on; `seq` is the entry that says so, which makes those that are new."""
        for credential in credentials:
            if seq is not None:
                known = self._credentials.get(credential.prefix)
                is_change = known is not None and known.is_same_key(credential)
                credential = replace(credential, seq=known.seq if known and is_change else seq)  # noqa: PLW2901
            self._credentials[credential.prefix] = credential
            if credential.channel is not None and (facility_id := credential.actor.scope.id) is not None:
                self._doors.setdefault((facility_id, credential.channel), set()).add(credential.prefix)

    def _put_areas(self, areas: Iterable[Area]) -> None:
        uprooted = False
        for area in areas:
            known = area.code in self._tree
            uprooted = uprooted or (known and self._tree.node(area.code).area.parent != area.parent)
            number = self._tree.node(area.code).number if known else self._sums.add_area()
            self._tree.put(area, number)
            self._touch(self._tree.path(area.code))
        if uprooted:
            self._add_up_again()
            self.recent_changes.forget(
                self.position + 1
            )  # by this entry, facilities went elsewhere without one of their own

    def _add_up_again(self) -> None:
        """From the facilities anew, after an area went to another parent."""
        self._sums = Sums()
        self._extremes.clear()
        for code in self._tree:
            self._tree.node(code).number = self._sums.add_area()
            self._touch([self._tree.node(code)])
        self._index.add_again()
        for state in self._states.values():
            self._enter(state)

    def _put_facility(self, facility: Facility, channels: dict[Channel, ChannelState] | None = None) -> None:
        state = self._states.get(facility.facility_id)
        if state is None:
            if len(self._states) >= FACILITIES_MAX:
                raise BoardFull(f"more than {FACILITIES_MAX} facilities")
            state = self._states[facility.facility_id] = FacilityState(facility, channels or {})
            for channel in state.channels.values():
                _check_lines(facility.facility_id, channel)
        else:
            self._leave(state)
            for identifier in state.facility.identifiers.items():
                self._by_identifier.pop(identifier, None)
            self._index.remove(state.facility)
            state.facility = facility
        for identifier in facility.identifiers.items():
            self._by_identifier[identifier] = facility.facility_id
        self._index.add(facility)
        self._judge(state)
        self._enter(state)

    def _apply_report(self, report: Report, seq: int, recorded_at: datetime) -> None:
        state = self._states[report.facility_id]
        channel = state.channels.setdefault(report.channel, ChannelState())
        counting_channel, cell = state.counting_channel, state.facility_cell
        counted = state.counting.lines.copy()
        effect = change(channel, report, seq=seq, recorded_at=recorded_at)
        effect.apply_to(channel)
        _check_lines(report.facility_id, channel)
        self._judge(state)
        if not state.facility.is_open:
            self._touch(self._tree.path(state.facility.area_code))
        elif (
            state.counting_channel.channel is counting_channel.channel
            and state.counting_channel.freshness is counting_channel.freshness
        ):
            self._move_lines(state, counted, effect if counting_channel.channel is report.channel else None)
        else:
            self._shift(state, rows_of(cell, counted), cell)
        self.recent_changes.add(RecentChange(seq, report.facility_id, by_clock=False))

    def _bound(self, recorded_at: datetime) -> None:
        """An entry was recorded at this time: those before it were not recorded later (`app.domain.reports.clocks`)."""
        if self._recorded_max is None or self._recorded_max - recorded_at <= CLOCK_AHEAD_MAX:
            self._recorded_max = max(recorded_at, self._recorded_max or recorded_at)
            return
        self._recorded_max = recorded_at + CLOCK_AHEAD_MAX
        for state in self._states.values():
            if [channel for channel in state.channels.values() if channel.bound(recorded_at)]:
                self._move(state)

    def is_ahead(self, now: datetime) -> bool:
        """Whether an entry was recorded so long after `now` that a clock was or is wrong."""
        return self._recorded_max is not None and self._recorded_max - now > CLOCK_AHEAD_MAX

    def _move_lines(self, state: FacilityState, before: Lines, effect: Change | None) -> None:
        """Bring the sums from lines to those that a report left, where the facility counts among the same as before."""
        path = self._tree.path(state.facility.area_code)
        if effect is not None:
            pairs = [(key, before.get(key), line) for key, line in effect.set_lines.items()]
            if effect.ended or not all(old and old.beds and line.beds for _, old, line in pairs):
                # Lines come or go, and with them perhaps what contains others.
                self._shift(state, rows_of(state.facility_cell, before), state.facility_cell)
                return
            areas, cell, reported = [node.number for node in path], state.facility_cell, reported_types(before)
            for key, old, line in pairs:
                if key.bed_type in reported and old and old.beds and line.beds and old.beds != line.beds:
                    place = LineCell(cell, key.bed_type, reported_around(key.bed_type, reported))
                    self._sums.add_lines(areas, place, row_of(line.beds) - row_of(old.beds))
        self._touch(path)

    def _move(self, state: FacilityState) -> None:
        """Judge a facility again, after time has passed, and carry it over to its new cells."""
        counting_channel, before = state.counting_channel, (state.rows(), state.facility_cell)
        self._judge(state)
        if (state.counting_channel.channel, state.counting_channel.freshness) != (
            counting_channel.channel,
            counting_channel.freshness,
        ):
            self._shift(state, *before)
            self.recent_changes.add(RecentChange(self.position, state.facility.facility_id, by_clock=True))

    def _judge(self, state: FacilityState) -> None:
        state.judge(self._now, self.thresholds)
        until = state.counting_channel.until
        if until is not None and (state.deadline is None or until < state.deadline):
            state.deadline = until
            heapq.heappush(self._deadlines, (until, state.facility.facility_id))

    def _enter(self, state: FacilityState) -> None:
        self._shift(state, {}, None)

    def _leave(self, state: FacilityState) -> None:
        self._replace(state, state.rows(), state.facility_cell if state.facility.is_open else None, {}, None)

    def _shift(self, state: FacilityState, rows: dict[LineCell, Row], cell: FacilityCell | None) -> None:
        """Bring the sums from what the facility added before to what it adds now."""
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
        """Whatever was kept ready for these areas is old now."""
        self.changes += 1
        # That of the entry that is being applied; between entries the clock has made what this position says old.
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
        """Oldest and newest observation below an area, kept until something on the way to it moves."""
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


def _check_lines(facility_id: str, channel: ChannelState) -> None:
    if len(channel.lines) > LINES_PER_CHANNEL_MAX:
        raise BoardFull(f"facility {facility_id} has {len(channel.lines)} lines on one channel")
