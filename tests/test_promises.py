"""The big promises (docs/reliability.md, P2 to P6), as a game of random moves against a plain model.

The model is a list of what was acknowledged and the oracle that adds it up; the service is a node on a real database,
which crashes and starts again in between. After every move the two say the same.
"""

import asyncio
import contextlib
import shutil
import uuid
from collections.abc import Callable, Coroutine
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import event

from app.actions.keys import authenticate, issue_key
from app.actions.maintenance.verify import verify
from app.actions.register_areas import register_areas
from app.actions.register_facilities import FacilityChange, change_facility, register_facilities
from app.actions.submit_reports import submit_reports
from app.actions.withdraw_reports import Correction, Withdrawing, withdraw_report
from app.board.board import Board
from app.board.search import FacilityQuery
from app.domain.beds.bed_types import BedGroup
from app.domain.beds.freshness import Freshness
from app.domain.capacity import FRESH_ONLY, Filters
from app.domain.channels import Channel
from app.domain.errors import FacilityClosed, InvalidInput, Refusal, ReportConflict
from app.domain.ledger import START, LedgerEntry
from app.domain.permissions import NATIONAL, OPERATOR, Actor, Role
from app.domain.registry.area import Area, AreaLevel
from app.domain.registry.facility import Facility, FacilityKind
from app.domain.registry.planned_changes import PLANS_MAX
from app.domain.reports.report import CLOCK_AHEAD_MAX, Outcome, Receipt, Report, ReportLine
from app.domain.reports.withdrawal import NotWithdrawable
from app.runtime.node import Node, open_node
from app.runtime.planned_changes import PlannedChanges
from app.store import ledger
from app.store.bulk_write import Writes
from app.store.database import Database
from app.store.maintenance.migrate import migrate
from app.store.repositories.snapshot import read_snapshot
from tests import strategies
from tests.conftest import Clock
from tests.factories import MORNING, line, report
from tests.oracle import Said, World, is_late, late_lines
from tests.postgres import Cluster

T = TypeVar("T")

CITY, RWS = "33.74", ("33.74.01.1001.001", "33.74.01.1001.002", "33.74.02.1001.001")
AREAS = (
    Area("ID", "Indonesia", AreaLevel.country, "country", None),
    Area("33", "Jawa Tengah", AreaLevel.province, "provinsi", "ID"),
    Area(CITY, "Kota Semarang", AreaLevel.city, "kota", "33"),
    Area("33.74.01", "Semarang Tengah", AreaLevel.kecamatan, "kecamatan", CITY),
    Area("33.74.02", "Semarang Utara", AreaLevel.kecamatan, "kecamatan", CITY),
    Area("33.74.01.1001", "Miroto", AreaLevel.kelurahan, "kelurahan", "33.74.01"),
    Area("33.74.02.1001", "Bandarharjo", AreaLevel.kelurahan, "kelurahan", "33.74.02"),
    *(Area(code, f"RW {code[-2:]}", AreaLevel.rw, "rw", code[:-4]) for code in RWS),
)
SITES = tuple(
    Facility(f"site-{n}", FacilityKind.isolation_site, f"Rumah isolasi {n}", code, "rw") for n, code in enumerate(RWS)
)
IDS = tuple(site.facility_id for site in SITES)
SENDERS = tuple(Actor(f"k_{name}", Role.command, NATIONAL) for name in ("one", "two"))
OFFICER = SENDERS[0]

reports = strategies.reports(
    facility_ids=IDS,
    implausible=False,
    channels=(Channel.native, Channel.native, Channel.form),
    bed_types=("isolation_bed", "icu", "all_icu"),
    minutes_max=4,
)
earlier = st.integers(0, 1_000)
senders = st.sampled_from(SENDERS)


def without_details(lines: tuple[ReportLine, ...]) -> tuple[ReportLine, ...]:
    """As the native API takes them."""
    return tuple(line._replace(details=None) for line in lines)


class Crash(Exception):
    """The process ends here."""


class Promises(RuleBasedStateMachine):
    """A node and a model of it. `new_database` gives the URL of an empty, migrated database."""

    def __init__(self, new_database: Callable[[], str]) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.life = AsyncExitStack()
        self.clock = Clock(MORNING)
        self.url = new_database()
        self.world = World()
        self.entries: list[LedgerEntry] = []
        self.receipts: dict[tuple[str, str], tuple[Report, Receipt]] = {}
        self.late: list[int] = []
        self.is_open = dict.fromkeys(IDS, True)
        self.plans: list[tuple[datetime, str, bool]] = []
        self.is_after_closing = False
        self.numbers = 0
        self.seen = 0

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.runner.run(work)

    def start(self) -> None:
        self.node: Node = self.run(self.life.enter_async_context(open_node(database_url=self.url, clock=self.clock)))

    def stop(self) -> None:
        self.run(self.life.aclose())

    def teardown(self) -> None:
        try:
            self.what_is_stored_is_what_was_acknowledged()
            assert self.run(verify(self.url)) == []
        finally:
            self.stop()
            self.runner.close()

    @initialize()
    def begin(self) -> None:
        self.start()
        self.run(register_areas(self.node, AREAS, by=OPERATOR))
        self.run(register_facilities(self.node, SITES, by=OPERATOR))
        self.read_registry()

    def read_registry(self) -> None:
        """Take over registry entries as they are: this game is about reports."""
        for entry in self.run(self.stored())[len(self.entries) :]:
            assert not isinstance(entry.matter, Report)
            self.hear(entry)

    async def stored(self) -> list[LedgerEntry]:
        async with self.node.database.reading() as connection:
            # The chain is what `verify` checks; the model has none.
            return [replace(entry, follows="", chain="") for entry in await ledger.read_after(connection, START)]

    def hear(self, entry: LedgerEntry) -> None:
        assert entry.seq == len(self.entries) + 1
        self.entries.append(entry)
        self.world.hear(entry)

    def new_id(self) -> str:
        self.numbers += 1
        return f"r{self.numbers}"

    # What the model expects.

    def expect(self, said: Report, by: Actor) -> Receipt | type[Refusal]:
        """The answer to a report, which the model takes in if it is accepted."""
        now = self.clock.now
        if said.observed_at - now > CLOCK_AHEAD_MAX:
            return InvalidInput
        if known := self.receipts.get((by.principal, said.report_id)):
            before, receipt = known
            return replace(receipt, repeated=True) if before == said else ReportConflict
        facility = self.world.facilities[said.facility_id]
        if not facility.is_open and not facility.was_open_at(said.observed_at):
            return FacilityClosed
        new = Said(said, len(self.entries) + 1)
        before_it = self.world.said.get((said.facility_id, said.channel), [])
        outcome = Outcome.late if is_late(before_it, new) or not facility.is_open else Outcome.applied
        self.is_after_closing = not facility.is_open and not is_late(before_it, new)
        receipt = Receipt(new.seq, said.report_id, said.facility_id, said.observed_at, now, False, outcome, (), "")
        self.receipts[by.principal, said.report_id] = said, receipt
        self.late = late_lines(before_it, new)
        self.hear(LedgerEntry(new.seq, now, by.principal, said, "", ""))
        return receipt

    def check(self, answer: Receipt | Refusal, expected: Receipt | type[Refusal]) -> None:
        if isinstance(expected, Receipt):
            assert isinstance(answer, Receipt), answer
            # Its warnings are the domain's business; here only which lines it calls late.
            assert replace(answer, warnings=(), position_token="") == expected
            assert answer.position_token.startswith(f"{answer.seq}-")
            if not expected.repeated:
                late = [*self.late, None] if self.is_after_closing else self.late
                assert [w.line for w in answer.warnings if w.code == "late"] == late
        else:
            assert type(answer) is expected

    def submit(self, said: Report, by: Actor) -> None:
        (answer,) = self.run(submit_reports(self.node, [said], by=by))
        self.check(answer, self.expect(said, by))

    # The moves.

    @rule(said=reports, by=senders)
    def a_report(self, said: Report, by: Actor) -> None:
        self.submit(replace(said, report_id=self.new_id()), by)

    @rule(said=st.lists(reports, min_size=2, max_size=3), by=senders)
    def several_reports_at_once(self, said: list[Report], by: Actor) -> None:
        together = [replace(one, report_id=self.new_id()) for one in said]
        together.append(together[0])
        answers = self.run(submit_reports(self.node, together, by=by))
        for one, answer in zip(together, answers, strict=True):
            self.check(answer, self.expect(one, by))

    def pick(self, number: int) -> tuple[tuple[str, str], Report] | None:
        if not self.receipts:
            return None
        key = sorted(self.receipts)[number % len(self.receipts)]
        return key, self.receipts[key][0]

    def sender(self, principal: str) -> Actor:
        return next(actor for actor in SENDERS if actor.principal == principal)

    @rule(which=earlier)
    def the_same_report_again(self, which: int) -> None:
        if found := self.pick(which):
            (principal, _), said = found
            self.submit(said, self.sender(principal))

    @rule(which=earlier, said=reports)
    def another_report_with_the_same_id(self, which: int, said: Report) -> None:
        if found := self.pick(which):
            (principal, report_id), _ = found
            self.submit(replace(said, report_id=report_id), self.sender(principal))

    @rule(which=earlier, by=senders)
    def the_same_report_by_whoever(self, which: int, by: Actor) -> None:
        if found := self.pick(which):
            self.submit(found[1], by)

    @rule(which=earlier, said=reports, by=senders)
    def another_report_of_the_same_moment(self, which: int, said: Report, by: Actor) -> None:
        if found := self.pick(which):
            other = found[1]
            self.submit(
                replace(
                    said,
                    report_id=self.new_id(),
                    observed_at=other.observed_at,
                    facility_id=other.facility_id,
                    channel=other.channel,
                ),
                by,
            )

    @rule(which=earlier, said=st.none() | reports, crashes=st.booleans())
    def a_report_is_voided_or_corrected(self, which: int, said: Report | None, crashes: bool) -> None:
        """The same request again returns the first receipt, also after a crash between commit and board."""
        before = [entry for entry in self.entries if isinstance(entry.matter, Report)]
        if not before:
            return
        entry = before[which % len(before)]
        assert isinstance(entry.matter, Report)
        correction = said and Correction(without_details(said.lines), said.complete)
        asked = Withdrawing(entry.seq, "wrong", self.new_id(), correction)
        has_rows = any(line.details is not None for line in entry.matter.lines)
        taken = {e.matter.withdraws.of for e in self.entries if isinstance(e.matter, Report) and e.matter.withdraws}
        is_refused = entry.seq in taken or entry.matter.is_void or (has_rows and said is not None)
        withdraw = partial(withdraw_report, self.node, entry.matter.facility_id, asked, by=OFFICER)
        if is_refused:
            with pytest.raises(NotWithdrawable):
                self.run(withdraw())
            return

        def crash(_entries: object) -> bool:
            raise Crash

        with pytest.MonkeyPatch.context() as patched:
            if crashes:
                patched.setattr(self.node.follower, "take", crash)
            receipt = self.run(withdraw())
        assert (receipt.of, receipt.repeated) == (entry.seq, False)
        if crashes:
            self.a_restart()
        again = self.run(withdraw_report(self.node, entry.matter.facility_id, asked, by=OFFICER))
        assert (again.seq, again.repeated) == (receipt.seq, True)
        self.hear(self.run(self.stored())[-1])

    @rule(which=st.sampled_from(IDS))
    def a_facility_closes_or_opens(self, which: str) -> None:
        facility = self.node.board.facility(which)
        change = FacilityChange(is_open=not facility.is_open)
        self.run(change_facility(self.node, which, change, by=OFFICER, reason="", if_match=facility.seq))
        self.is_open[which] = not facility.is_open
        self.read_registry()

    @rule(which=st.sampled_from(IDS), minutes=st.sampled_from((1, 5, 60, 24 * 60)), opens=st.booleans())
    def a_facility_plans_to_close_or_open(self, which: str, minutes: int, *, opens: bool) -> None:
        facility, at = self.node.board.facility(which), self.clock.now + timedelta(minutes=minutes)
        if len(facility.planned) < PLANS_MAX:
            self.run(
                change_facility(
                    self.node,
                    which,
                    FacilityChange(is_open=opens),
                    by=OFFICER,
                    reason="",
                    if_match=facility.seq,
                    effective_at=at,
                )
            )
            self.plans.append((at, which, opens))
            self.read_registry()

    def what_is_planned_takes_effect(self) -> None:
        """After the clock has moved, or a start: each plan once, in the order of their times."""
        self.run(PlannedChanges(self.node.board, self.node.write_queue, self.clock).carry_out_due())
        self.plans.sort(key=lambda plan: plan[0])
        while self.plans and self.plans[0][0] <= self.clock.now:
            _, which, self.is_open[which] = self.plans.pop(0)
        self.read_registry()
        for which in IDS:
            assert self.node.board.facility(which).is_open == self.is_open[which]

    @rule(by=st.sampled_from((-60, -1, 1, 60, 25 * 60, 80 * 60)))
    def the_clock_jumps(self, by: int) -> None:
        self.clock.advance(minutes=by)
        self.what_is_planned_takes_effect()

    @rule()
    def a_restart(self) -> None:
        self.stop()
        self.start()

    @rule(minutes=st.sampled_from((2, 90, 25 * 60)))
    def a_sleep(self, minutes: int) -> None:
        self.stop()
        self.clock.advance(minutes=minutes)
        self.start()
        self.what_is_planned_takes_effect()

    @rule(said=reports, by=senders)
    def a_crash_after_the_commit_and_a_retry(self, said: Report, by: Actor) -> None:
        """The board could not read it; the sender is told the truth, and it is there once."""
        said = replace(said, report_id=self.new_id())

        def crash(_entries: object) -> bool:
            raise Crash

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(self.node.follower, "take", crash)
            (answer,) = self.run(submit_reports(self.node, [said], by=by))
        self.check(answer, self.expect(said, by))
        self.a_restart()
        self.every_area_is_what_was_acknowledged()
        self.submit(said, by)

    @rule(said=reports, by=senders)
    def a_crash_before_the_commit_and_a_retry(self, said: Report, by: Actor) -> None:
        """All or nothing: what was written before it is gone."""
        said = replace(said, report_id=self.new_id())
        real = Writes.send

        async def crash(*how: Any) -> None:
            await real(*how)
            raise Crash

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(Writes, "send", crash)
            with contextlib.suppress(Crash):
                (answer,) = self.run(submit_reports(self.node, [said], by=by))
                assert isinstance(answer, Refusal)
        self.a_restart()
        self.every_area_is_what_was_acknowledged()
        self.submit(said, by)

    @rule()
    def everything_is_read_again_from_the_ledger(self) -> None:
        """Replay equals live."""
        replayed = Board()
        for entry in self.run(self.stored()):
            replayed.apply(entry)
        assert replayed.contents() == self.node.board.contents()
        now = self.world.turn_to(self.clock.now)
        for area in AREAS:
            assert replace(replayed.roll_up(area.code, now), as_of=now) == self.node.board.roll_up(area.code, now)

    @rule()
    def what_is_stored_is_what_was_acknowledged(self) -> None:
        assert self.run(self.stored()) == self.entries

    # What holds after every move.

    @invariant()
    def every_area_is_what_was_acknowledged(self) -> None:
        board = self.node.board
        assert board.position == len(self.entries) >= self.seen
        self.seen = board.position
        if self.world.now is not None and board.now != self.world.now:
            self.world.now = board.now  # a restart forgets a drift of the clock
        for area in AREAS:
            assert board.roll_up(area.code, self.clock.now) == self.world.capacity(area.code, self.clock.now)

    @invariant()
    def the_city_is_the_sum_of_its_rw(self) -> None:
        board, now = self.node.board, self.clock.now
        city = board.roll_up(CITY, now).totals
        for name in ("beds_total", "beds_occupied", "beds_blocked", "beds_available", "queue"):
            parts = [value for code in RWS if (value := getattr(board.roll_up(code, now).totals, name)) is not None]
            assert getattr(city, name) == (sum(parts) if parts else None)


def play(new_database: Callable[[], str], examples: int, steps: int) -> None:
    run_state_machine_as_test(
        lambda: Promises(new_database),
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )


@pytest.fixture
def new_sqlite(sqlite_template: Path, tmp_path: Path) -> Callable[[], str]:
    return lambda: f"sqlite+aiosqlite:///{shutil.copy(sqlite_template, tmp_path / f'{uuid.uuid4().hex}.db')}"


@pytest.fixture
def new_postgres(postgres: Cluster, postgres_template: str) -> Callable[[], str]:
    return lambda: postgres.create(f"p_{uuid.uuid4().hex}", postgres_template)


def test_the_promises_on_sqlite(new_sqlite: Callable[[], str]) -> None:
    play(new_sqlite, examples=25, steps=25)


@pytest.mark.postgres
def test_the_promises_on_postgresql(new_postgres: Callable[[], str]) -> None:
    play(new_postgres, examples=6, steps=20)


@pytest.mark.slow
def test_the_promises_at_length_on_sqlite(new_sqlite: Callable[[], str]) -> None:
    """Before a release: 2,000 games of 60 moves."""
    play(new_sqlite, examples=2_000, steps=60)


@pytest.mark.slow
@pytest.mark.postgres
def test_the_promises_at_length_on_postgresql(new_postgres: Callable[[], str]) -> None:
    play(new_postgres, examples=200, steps=40)


async def test_readers_see_no_half_report(node: Node) -> None:
    """Each report says the same number twice; whoever reads in between sees it twice or not at all."""
    by = Actor("k", Role.command, NATIONAL)
    reader = Database(node.database.url)
    writing = asyncio.ensure_future(
        _each_after_the_other(
            node,
            [report(line("icu", beds_total=n), line("hcu", beds_total=n), minutes=n - 40) for n in range(40)],
            by,
        )
    )
    seen: list[int] = []
    while not writing.done():
        async with reader.reading() as connection:
            current = await read_snapshot(connection)
        if channels := current.channels.get("rs-a"):
            icu, hcu = channels[Channel.native].lines.values()
            assert icu.beds == hcu.beds
            assert icu.moment.seq == hcu.moment.seq == current.position.seq
        figures = node.board.figures(node.board.facility("rs-a"), MORNING)
        assert len({one.beds for one in figures.lines}) <= 1
        seen.append(current.position.seq)
    await writing
    await reader.close()
    assert seen == sorted(seen)
    assert len(set(seen)) > 3


async def _each_after_the_other(node: Node, reports: list[Report], by: Actor) -> None:
    for one in reports:
        (answer,) = await submit_reports(node, [one], by=by)
        assert isinstance(answer, Receipt)


async def test_no_question_to_the_board_makes_sql(node: Node) -> None:
    _, key = await issue_key(node, scope=NATIONAL, by=OPERATOR)
    by = await authenticate(node, key)
    await submit_reports(node, [report(), report(line("isolation_bed"), facility_id="rw-d")], by=by)
    taken: list[object] = []
    for engine in {node.database._writer, node.database._reader}:
        # Whoever speaks to the database takes a connection for it, by SQLAlchemy or by the driver alone.
        event.listen(engine.sync_engine, "checkout", lambda connection, *_: taken.append(connection))

    board, now = node.board, node.clock() + timedelta(hours=7)
    for filters in (Filters(), Filters(freshness=FRESH_ONLY), Filters(group=frozenset({BedGroup.intensive}))):
        for area in board.find_areas():
            board.roll_up(area.code, now, filters)
            board.children(area.code, now, filters)
    for query in (
        FacilityQuery(),
        FacilityQuery(near=(-7.0, 110.4), min_available=1),
        FacilityQuery(freshness=frozenset({Freshness.stale}), bed_type=frozenset({"icu"})),
    ):
        list(board.search("ID", now, query))
    facility = board.facility("sirs:3374001")
    board.figures(facility, now)
    board.target(facility)
    board.path("33.74.01.1001")
    board.find_areas(parent="33", q="semarang", level=AreaLevel.city)
    board.credentials()
    assert await authenticate(node, key) == by
    await node.follower.wait_for(board.position, seconds=0)
    assert taken == []
    await submit_reports(node, [report()], by=by)
    assert taken, "the counter counts"


async def test_migrating_again_changes_nothing_that_is_stored(node: Node) -> None:
    await submit_reports(node, [report()], by=Actor("k", Role.command, NATIONAL))
    before = node.board.contents()
    await migrate(node.database.url)
    assert await verify(node.database.url) == []
    async with open_node(database_url=node.database.url, clock=node.clock) as other:
        assert other.board.contents() == before
