"""Every roll-up of every area, after every step, against a plain second computation."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from app.board.board import Board
from app.domain.beds.bed_types import BedGroup
from app.domain.beds.freshness import Thresholds, hours
from app.domain.capacity import FRESH_ONLY, NO_FILTERS, Capacity, Filters, Totals
from app.domain.channels import Channel
from app.domain.ledger import AreasRegistered, FacilitiesRegistered, LedgerEntry, Matter
from app.domain.registry.area import AREA_DEPTH_MAX, Area, AreaLevel
from app.domain.registry.facility import Facility, FacilityKind
from app.domain.reports.lines import ChannelState
from app.domain.reports.report import Report
from app.domain.snapshot import RecentEntries, Snapshot
from tests import strategies
from tests.factories import MORNING, entry_after
from tests.oracle import World

OPERATORS = (None, "city", "rw")
KINDS = tuple(FacilityKind)
TICK = timedelta(microseconds=1)
# Whole hours, so that ages meet the limits of 6, 24 and 72 hours exactly; a tick then passes them.
FORWARD = (TICK, timedelta(hours=1), timedelta(hours=6), timedelta(hours=18), timedelta(hours=48), timedelta(days=27))
BACK = (timedelta(milliseconds=900), timedelta(hours=1), timedelta(hours=24))

some = st.integers(0, 1_000_000)
filters = st.builds(
    Filters,
    kind=st.frozensets(st.sampled_from(KINDS), max_size=2),
    operated_by=st.frozensets(st.sampled_from(("city", "rw", "private")), max_size=2),
    group=st.frozensets(st.sampled_from(BedGroup), max_size=2),
    bed_type=st.frozensets(st.sampled_from(strategies.BED_TYPES), max_size=3),
    freshness=st.sampled_from((frozenset(), FRESH_ONLY)),
)


class BoardMachine(RuleBasedStateMachine):
    """A growing country, told to a board and to the oracle."""

    def __init__(self) -> None:
        super().__init__()
        self.board, self.world = Board(), World()
        self.entries: list[LedgerEntry] = []
        self.now = MORNING
        self.kept: dict[str, tuple[int, Capacity]] = {}

    def record(self, matter: Matter) -> None:
        entry = entry_after(self.board.head, matter, at=self.now)
        self.entries.append(entry)
        self.board.apply(entry)
        self.world.hear(entry)

    @initialize(depth=st.integers(1, AREA_DEPTH_MAX), number=st.integers(1, 4), where=some)
    def begin_with_a_few_areas_and_facilities(self, depth: int, number: int, where: int) -> None:
        areas = [Area("A00", "A00", AreaLevel.country, "country", None)]
        for n in range(1, depth):
            areas.append(Area(f"A{n:02d}", f"A{n:02d}", AreaLevel.rw, "", areas[-1].code))
        self.record(AreasRegistered(tuple(areas)))
        for n in range(number):
            facility = Facility(f"f{n}", KINDS[n], f"f{n}", areas[(where + n) % depth].code, OPERATORS[n % 3])
            self.record(FacilitiesRegistered((facility,), self.now, ""))

    def pick(self, among: Iterable[str], number: int) -> str:
        sorted_ = sorted(among)
        return sorted_[number % len(sorted_)]

    @rule(below=some, deep=st.booleans())
    def add_an_area(self, below: int, deep: bool) -> None:
        room = [code for code in self.world.areas if len(self.world.path(code)) < AREA_DEPTH_MAX]
        # The newest are the deepest: a tree that only grew at random would stay flat.
        parent = max(room) if deep else self.pick(room, below)
        code = f"A{len(self.world.areas):02d}"
        self.record(AreasRegistered((Area(code, code, AreaLevel.rw, "", parent),)))

    @rule(which=some, where=some)
    def move_an_area(self, which: int, where: int) -> None:
        if len(self.world.areas) == 1:
            return
        code = self.pick(self.world.areas.keys() - {"A00"}, which)
        below = [other for other in self.world.areas if code in self.world.path(other)]
        height = max(len(self.world.path(other)) for other in below) - len(self.world.path(code)) + 1
        room = [o for o in self.world.areas if o not in below and len(self.world.path(o)) + height <= AREA_DEPTH_MAX]
        moved = replace(self.world.areas[code], parent=self.pick(room, where), name=f"moved {len(self.entries)}")
        self.record(AreasRegistered((moved,)))

    @rule(where=some, kind=st.sampled_from(KINDS), operator=st.sampled_from(OPERATORS))
    def add_a_facility(self, where: int, kind: FacilityKind, operator: str | None) -> None:
        name = f"f{len(self.world.facilities)}"
        facility = Facility(name, kind, name, self.pick(self.world.areas, where), operator)
        self.record(FacilitiesRegistered((facility,), self.now, ""))

    def change(self, which: int, **fields: object) -> None:
        facility = self.world.facilities[self.pick(self.world.facilities, which)]
        self.record(FacilitiesRegistered((replace(facility, seq=0, **fields),), self.now, ""))  # type: ignore[arg-type]

    @rule(which=some, where=some)
    def move_a_facility(self, which: int, where: int) -> None:
        self.change(which, area_code=self.pick(self.world.areas, where))

    @rule(which=some)
    def close_or_open_a_facility(self, which: int) -> None:
        facility = self.world.facilities[self.pick(self.world.facilities, which)]
        self.change(which, closed_at=self.now if facility.is_open else None)

    @rule(
        which=some,
        kind=st.sampled_from(KINDS),
        operator=st.sampled_from(OPERATORS),
        pinned=st.none() | st.sampled_from(strategies.CHANNELS),
        thresholds=st.none() | st.sampled_from((hours(1, 1), hours(6, 18), hours(100, 200))),
    )
    def tend_a_facility(
        self,
        which: int,
        kind: FacilityKind,
        operator: str | None,
        pinned: Channel | None,
        thresholds: Thresholds | None,
    ) -> None:
        self.change(which, kind=kind, operated_by=operator, counting_channel=pinned, thresholds=thresholds)

    # Twice, so that there are more reports than anything else.
    @rule(which=some, said=strategies.reports(channels=strategies.CHANNELS), age=st.sampled_from((0, 5, 6, 24)))
    def report(self, which: int, said: Report, age: int) -> None:
        facility_id = self.pick(self.world.facilities, which)
        observed_at = self.now - timedelta(hours=age) + (said.observed_at - MORNING)
        self.record(replace(said, facility_id=facility_id, observed_at=observed_at))

    @rule(which=some, said=strategies.reports())
    def report_by_the_native_channel(self, which: int, said: Report) -> None:
        self.report(which, said, 0)

    @rule(by=st.sampled_from(FORWARD))
    def time_passes(self, by: timedelta) -> None:
        self.now += by

    @rule(by=st.sampled_from(BACK))
    def the_clock_is_set_back(self, by: timedelta) -> None:
        self.now -= by

    @rule(asked=filters)
    def ask_with_filters(self, asked: Filters) -> None:
        for code in self.world.areas:
            assert self.board.roll_up(code, self.now, asked) == self.world.capacity(code, self.now, asked)
        self.check_parts(asked)

    @rule()
    def start_anew_from_what_stands_and_from_the_first_entry(self) -> None:
        """`load` gives the same board as reading the whole ledger."""
        newest = max(entry.recorded_at for entry in self.entries)
        last = self.entries[-1].recorded_at
        drifted = any(timedelta() < at - self.now <= timedelta(seconds=1) for at in (newest, last))
        if drifted or (
            self.world.now != self.now and not self.world.now == max(self.now, newest) == max(self.now, last)
        ):
            return  # a drift of less than a second backwards, which a new board does not remember
        loaded, replayed = Board(), Board()
        for entry in self.entries:
            replayed.apply(entry)
        loaded.load(what_stands(self.board))
        for board in (loaded, replayed):
            assert board.contents() == self.board.contents()
            assert (board.position, board.recorded_at) == (self.board.position, self.board.recorded_at)
            for code in self.world.areas:
                assert board.roll_up(code, self.now) == self.board.roll_up(code, self.now)
        self.board = loaded
        self.kept.clear()

    @invariant()
    def every_area_is_the_sum_of_what_stands_inside(self) -> None:
        for code in self.world.areas:
            assert self.board.roll_up(code, self.now) == self.world.capacity(code, self.now)

    @invariant()
    def an_answer_changes_only_with_the_version_of_its_area(self) -> None:
        """So that an answer may be kept ready: but for its position and its time it is the same as before."""
        for code in self.world.areas:
            said = self.board.roll_up(code, self.now)
            now = self.board.version(code), replace(said, position=0, as_of=MORNING)
            before = self.kept.get(code, now)
            assert before[0] != now[0] or before == now
            self.kept[code] = now

    @invariant()
    def every_area_is_the_sum_of_its_parts(self) -> None:
        self.check_parts(NO_FILTERS)

    def check_parts(self, asked: Filters) -> None:
        for code in self.world.areas:
            whole = self.board.roll_up(code, self.now, asked)
            children, unplaced = self.board.children(code, self.now, asked)
            below = [other for other in sorted(self.world.areas) if self.world.areas[other].parent == code]
            assert [child.area.code for child in children] == below
            standing_here = [f for f in self.world.inside(code) if f.area_code == code]
            assert unplaced == self.world.over(self.world.areas[code], standing_here, self.now, asked)
            parts = [*children, unplaced]
            assert add(part.totals for part in parts) == add([whole.totals])
            for name in ("facilities", "fresh", "stale", "silent", "lapsed", "never"):
                assert sum(getattr(part.reporting, name) for part in parts) == getattr(whole.reporting, name)


def what_stands(board: Board) -> Snapshot:
    """All that a board holds, as a store would read it: areas parents first."""
    contents = board.contents()
    channels: dict[str, dict[Channel, ChannelState]] = {}
    for key, said in contents["channel"].items():
        facility_id, channel = key.split()
        assert isinstance(said, ChannelState)
        copied = ChannelState(dict(said.lines), said.complete, said.newest, said.recorded_at, said.implausible)
        channels.setdefault(facility_id, {})[Channel(channel)] = copied
    areas = [area for area in contents["area"].values() if isinstance(area, Area)]
    areas.sort(key=lambda area: len(board.path(area.code)))
    facilities = [facility for facility in contents["facility"].values() if isinstance(facility, Facility)]
    return Snapshot(
        board.head, board.recorded_at, areas, facilities, board.credentials(), channels, RecentEntries(0, None, [], [])
    )


NOT_ADDED = {"occupancy", "oldest_observed_at", "newest_observed_at", "fresh"}


def add(parts: Iterable[Totals]) -> dict[str, int | None]:
    """The counts of several totals, added; None where none has one."""
    parts = list(parts)
    sums: dict[str, int | None] = {}
    for name in Totals._fields:
        if name in NOT_ADDED:
            continue
        known = [value for part in parts if (value := getattr(part, name)) is not None]
        sums[name] = sum(known) if known else None
    return sums


TestBoard = BoardMachine.TestCase
TestBoard.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


@pytest.mark.slow
class TestBoardAtLength(BoardMachine.TestCase):  # type: ignore[misc,name-defined]
    settings = settings(max_examples=2_000, stateful_step_count=60, deadline=None)
