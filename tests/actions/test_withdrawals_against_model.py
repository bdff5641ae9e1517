"""Random reports, withdrawals and wrong clocks on one channel, against a model that only keeps a list.

The model adds up the reports that were not withdrawn, in the order of their moments, from scratch.
"""

import asyncio
import shutil
import uuid
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.actions.maintenance.verify import verify
from app.actions.redate import NothingToRedate, redate
from app.actions.submit_reports import submit_report
from app.actions.withdraw_reports import Correction, Withdrawing, withdraw_report
from app.board.board import Board
from app.domain.beds.counts import BedCount
from app.domain.channels import Channel
from app.domain.permissions import NATIONAL, OPERATOR, Actor, Role
from app.domain.reports.report import LineKey, Report
from app.domain.reports.withdrawal import NotWithdrawable
from app.runtime.node import Node, open_node
from app.store.repositories.snapshot import read_snapshot
from tests import strategies
from tests.conftest import Clock, entries_of
from tests.factories import MORNING, build_world
from tests.postgres import Cluster

OFFICER = Actor("officer", Role.command, NATIONAL)
NATIVE = Channel.native
TYPES = ("icu", "hcu")


def without_details(report: Report) -> Report:
    """As the native API takes it: only hospital software keeps details."""
    return replace(report, lines=tuple(line._replace(details=None) for line in report.lines))


reports = strategies.reports(bed_types=TYPES, minutes_max=4).map(without_details)
numbers = st.integers(0, 100)
moves = st.one_of(
    st.tuples(st.just("report"), reports),
    st.tuples(st.just("report"), reports),
    st.tuples(st.just("void"), numbers),
    st.tuples(st.just("correct"), numbers, reports, st.booleans()),
    st.tuples(st.just("wrong clock"), reports),
    st.tuples(st.just("other channel"), reports),
)


@dataclass
class Stated:
    """A report that was accepted; `at` is its time, as corrected since."""

    seq: int
    at: datetime
    report: Report
    is_withdrawn: bool = False


class Model:
    """All that was accepted on the channel, in order."""

    def __init__(self) -> None:
        self.stated: list[Stated] = []
        self.voids: set[int] = set()

    def hear(self, report: Report, seq: int, at: datetime) -> None:
        self.stated.append(Stated(seq, at, report))

    def find(self, seq: int) -> Stated:
        return next(each for each in self.stated if each.seq == seq)

    def counting(self) -> list[Stated]:
        return sorted((each for each in self.stated if not each.is_withdrawn), key=lambda each: (each.at, each.seq))

    def lines(self) -> dict[LineKey, tuple[BedCount, int]]:
        """The open lines, each with the report that states it."""
        found: dict[LineKey, tuple[BedCount, int]] = {}
        for each in self.counting():
            if each.report.complete:
                found.clear()
            for key, _, beds, _ in each.report.stated():
                found.pop(key, None)
                if beds is not None:
                    found[key] = beds, each.seq
        return found

    def newest(self) -> tuple[datetime, int] | None:
        return next(((each.at, each.seq) for each in reversed(self.counting())), None)


class Game:
    """A node on a database, and the model."""

    def __init__(self, node: Node, clock: Clock) -> None:
        self.node, self.clock, self.model, self.number = node, clock, Model(), 0

    def new_id(self) -> str:
        self.number += 1
        return f"g{self.number}"

    async def play(self, move: tuple[Any, ...]) -> None:
        kind, *rest = move
        match kind:
            case "report":
                await self.report(replace(rest[0], report_id=self.new_id()))
            case "other channel":
                other = replace(rest[0], report_id=self.new_id(), channel=Channel.form)
                await submit_report(self.node, other, by=OFFICER)
            case "wrong clock":
                await self.wrong_clock(replace(rest[0], report_id=self.new_id()))
            case "void":
                await self.withdraw(rest[0], None, keeps_time=True)
            case "correct":
                await self.withdraw(rest[0], rest[1], keeps_time=rest[2])
        self.check()

    async def report(self, said: Report) -> None:
        receipt = await submit_report(self.node, said, by=OFFICER)
        self.model.hear(said, receipt.seq, said.observed_at)

    async def wrong_clock(self, said: Report) -> None:
        """The clock is an hour ahead for one report; then the channel is dated again."""
        self.clock.advance(hours=1)
        await self.report(replace(said, observed_at=said.observed_at + timedelta(hours=1)))
        self.clock.advance(hours=-1)
        try:
            receipt = await redate(self.node, "rs-a", NATIVE, by=OPERATOR)
        except NothingToRedate:
            return
        for each in self.model.stated:
            each.at = min(each.at, receipt.observed_at)

    async def withdraw(self, which: int, said: Report | None, *, keeps_time: bool) -> None:
        positions = [each.seq for each in self.model.stated] + sorted(self.model.voids)
        if not positions:
            return
        seq = positions[which % len(positions)]
        correction = None
        if said is not None:
            correction = Correction(said.lines, said.complete, None if keeps_time else said.observed_at)
        asked = Withdrawing(seq, "wrong", self.new_id(), correction)
        is_refused = seq in self.model.voids or self.model.find(seq).is_withdrawn
        try:
            receipt = await withdraw_report(self.node, "rs-a", asked, by=OFFICER)
        except NotWithdrawable:
            assert is_refused
            return
        assert not is_refused
        of = self.model.find(seq)
        of.is_withdrawn = True
        if said is None:
            self.model.voids.add(receipt.seq)
        else:
            self.model.hear(said, receipt.seq, of.at if keeps_time else said.observed_at)

    def check(self) -> None:
        state = self.node.board.channel_state("rs-a", NATIVE)
        found = {key: (line.beds, line.moment.seq) for key, line in state.lines.items() if line.beds is not None}
        assert found == self.model.lines()
        assert state.newest == self.model.newest()

    async def check_everywhere(self) -> None:
        """Live, loaded from the tables and replayed are the same, and `verify` agrees."""
        async with self.node.database.reading() as connection:
            current = await read_snapshot(connection)
        loaded, replayed = Board(), Board()
        loaded.load(current)
        for entry in await entries_of(self.node):
            replayed.apply(entry)
        assert loaded.contents() == self.node.board.contents() == replayed.contents()
        for area in self.node.board.find_areas():
            figures = [board.roll_up(area.code, self.clock.now) for board in (self.node.board, loaded)]
            assert figures[0].totals == figures[1].totals
            assert figures[0].reporting == figures[1].reporting
        assert await verify(self.node.database.url) == []


async def play(url: str, chosen: list[tuple[Any, ...]]) -> None:
    clock = Clock(MORNING + timedelta(minutes=10))
    async with AsyncExitStack() as stack:
        node = await stack.enter_async_context(open_node(database_url=url, clock=clock))
        await build_world(node)
        game = Game(node, clock)
        for move in chosen:
            await game.play(move)
        await game.check_everywhere()


def games(examples: int) -> Callable[[Any], Any]:
    checks = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
    return settings(max_examples=examples, deadline=None, suppress_health_check=checks)


@games(40)
@given(chosen=st.lists(moves, min_size=3, max_size=14))
def test_withdrawals_on_sqlite(sqlite_template: Path, tmp_path: Path, chosen: list[tuple[Any, ...]]) -> None:
    url = f"sqlite+aiosqlite:///{shutil.copy(sqlite_template, tmp_path / f'{uuid.uuid4().hex}.db')}"
    asyncio.run(play(url, chosen))


@pytest.mark.postgres
@games(8)
@given(chosen=st.lists(moves, min_size=6, max_size=14))
def test_withdrawals_on_postgresql(postgres: Cluster, postgres_template: str, chosen: list[tuple[Any, ...]]) -> None:
    asyncio.run(play(postgres.create(f"w_{uuid.uuid4().hex}", postgres_template), chosen))


@pytest.mark.slow
@games(2_000)
@given(chosen=st.lists(moves, min_size=3, max_size=25))
def test_withdrawals_at_length(sqlite_template: Path, tmp_path: Path, chosen: list[tuple[Any, ...]]) -> None:
    url = f"sqlite+aiosqlite:///{shutil.copy(sqlite_template, tmp_path / f'{uuid.uuid4().hex}.db')}"
    asyncio.run(play(url, chosen))
