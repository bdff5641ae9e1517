"""The one way the board moves: entries of this node and of others, in order, and outages waited out."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from app.actions.keys import issue_key, revoke_key
from app.actions.register_areas import register_areas
from app.actions.register_facilities import FacilityChange, change_facility, register_facilities
from app.actions.submit_reports import submit_reports
from app.domain.errors import Unavailable
from app.domain.permissions import NATIONAL, OPERATOR, Actor
from app.domain.registry.area import Area, AreaLevel
from app.domain.registry.facility import Facility, FacilityKind
from app.domain.reports.report import Receipt
from app.runtime import ledger_follower
from app.runtime.ledger_follower import LedgerFollower
from app.runtime.node import Node, open_node
from app.store import ledger
from tests.conftest import Clock, on_postgresql, on_sqlite
from tests.factories import MORNING, line, report
from tests.postgres import Cluster
from tests.serving import eventually


@pytest.fixture
async def two(database_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch, node: Node) -> AsyncIterator[Node]:
    """Another node, which looks at the ledger all the time."""
    monkeypatch.setattr(ledger_follower, "POLL_SECONDS", 0.005)
    monkeypatch.setattr(ledger_follower, "TICK_SECONDS", 0.005)
    async with open_node(database_url=database_url, clock=clock) as opened:
        yield opened


async def test_two_nodes_on_one_database_follow_each_other(two: Node, node: Node, command: Actor) -> None:
    """Reports, areas, facilities and keys alike, written at both in turn."""
    await two.follower.wait_for(node.board.position, seconds=5)
    nodes = (node, two)
    for n in range(6):
        here, there = nodes[n % 2], nodes[1 - n % 2]
        (answer,) = await submit_reports(here, [report(line(f"ward_{n % 3 + 1}", beds_total=n), minutes=n)], by=command)
        assert isinstance(answer, Receipt)
        await there.follower.wait_for(answer.seq, seconds=5)
        assert there.board.roll_up("33.74", MORNING) == here.board.roll_up("33.74", MORNING)
    await register_areas(two, [Area("33.76", "Kota Baru", AreaLevel.city, "kota", "33")], by=command)
    await node.follower.wait_for(two.board.position, seconds=5)
    await register_facilities(node, [Facility("rs-f", FacilityKind.hospital, "RS F", "33.76")], by=command)
    await two.follower.wait_for(node.board.position, seconds=5)
    made, _ = await issue_key(two, scope=NATIONAL, by=OPERATOR)
    version = two.board.facility("rs-f").seq
    await change_facility(two, "rs-f", FacilityChange(area_code="33.74"), by=command, reason="moved", if_match=version)
    await revoke_key(node, made.prefix, by=OPERATOR)
    for one in nodes:
        await one.follower.wait_for(max(node.board.position, two.board.position), seconds=5)
    assert node.board.contents() == two.board.contents()
    for area in node.board.find_areas():
        assert node.board.roll_up(area.code, MORNING) == two.board.roll_up(area.code, MORNING)


async def test_both_may_write_at_once(two: Node, node: Node, command: Actor) -> None:
    said = [report(line(f"ward_{n % 3 + 1}", beds_total=n), minutes=n - 30) for n in range(30)]
    answers = await asyncio.gather(
        *(submit_reports((node, two)[n % 2], [one], by=command) for n, one in enumerate(said))
    )
    receipts = [answer for (answer,) in answers if isinstance(answer, Receipt)]
    assert sorted(receipt.seq for receipt in receipts) == list(range(4, 34))
    for one in (node, two):
        await one.follower.wait_for(33, seconds=5)
    assert node.board.contents() == two.board.contents()
    assert node.board.roll_up("ID", MORNING) == two.board.roll_up("ID", MORNING)


async def test_each_answers_for_its_own_reports_at_once_whatever_the_other_wrote_in_between(
    neighbour: Node, node: Node, command: Actor
) -> None:
    for n, one in enumerate((node, neighbour, neighbour, node)):
        (answer,) = await submit_reports(one, [report(line(beds_total=n), minutes=n)], by=command)
        assert isinstance(answer, Receipt)
        assert one.board.position >= answer.seq
        assert one.board.roll_up("33.74", MORNING).totals.beds_total == n


async def test_a_report_stored_after_the_snapshot_of_a_read_was_taken_is_no_other_history(
    node: Node, command: Actor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    snapshot = node.database.reading_newest

    @asynccontextmanager
    async def a_report_later() -> AsyncIterator[AsyncConnection]:
        async with snapshot() as connection:
            await ledger.head(connection)  # both databases take the snapshot with the first statement
            (answer,) = await submit_reports(node, [report(line())], by=command)
            assert isinstance(answer, Receipt)
            assert node.board.position == answer.seq
            yield connection

    monkeypatch.setattr(node.database, "reading_newest", a_report_later)
    await node.follower.catch_up()
    assert [record.getMessage() for record in caplog.records] == []


async def test_who_waits_for_a_position_is_answered_when_it_is_reached(node: Node, command: Actor) -> None:
    await node.follower.wait_for(node.board.position, seconds=0)
    waiting = asyncio.ensure_future(node.follower.wait_for(5, seconds=5))
    await submit_reports(node, [report()], by=command)
    await asyncio.sleep(0)
    assert not waiting.done()
    await submit_reports(node, [report()], by=command)
    await waiting


@on_sqlite
async def test_waiting_for_a_position_ends(node: Node) -> None:
    with pytest.raises(TimeoutError):
        await node.follower.wait_for(99, seconds=0)


@on_sqlite
async def test_a_long_ledger_is_read_in_parts(
    neighbour: Node, node: Node, command: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await submit_reports(node, [report(minutes=n - 9) for n in range(9)], by=command)
    real = ledger.read_after
    monkeypatch.setattr(ledger, "READ_BATCH", 2)
    monkeypatch.setattr(ledger, "read_after", lambda connection, place, **how: real(connection, place, 2, **how))
    await neighbour.follower.catch_up()
    assert neighbour.board.position == node.board.position == 12
    assert neighbour.board.contents() == node.board.contents()


@on_sqlite
async def test_an_outage_is_waited_out_and_said_once(
    two: Node, node: Node, command: Actor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = ledger.read_after

    async def gone(*_: object, **__: object) -> None:
        raise Unavailable

    with monkeypatch.context() as patched, caplog.at_level(logging.WARNING):
        patched.setattr(ledger, "read_after", gone)
        async with asyncio.timeout(5):
            while two.follower.answers:  # noqa: ASYNC110 - the follower finds out by itself
                await asyncio.sleep(0.01)
        (answer,) = await submit_reports(node, [report()], by=command)
        assert isinstance(answer, Receipt), "writing needs no reading on"
    assert sum("does not answer" in record.message for record in caplog.records) <= 2, "once by each node"
    assert ledger.read_after is real
    await two.follower.wait_for(answer.seq, seconds=5)
    assert two.follower.answers


async def test_the_clock_alone_moves_the_board_of_a_node_that_nobody_asks(
    two: Node, node: Node, command: Actor, clock: Clock
) -> None:
    (answer,) = await submit_reports(node, [report()], by=command)
    assert isinstance(answer, Receipt)
    await two.follower.wait_for(answer.seq, seconds=5)
    clock.advance(hours=7)
    for _ in range(1000):
        if two.board.now == clock.now:
            break
        await asyncio.to_thread(lambda: None)  # lets its follower go round
    assert two.board.now == MORNING + timedelta(hours=7)


@on_sqlite
async def test_a_node_that_closes_lets_a_look_at_the_ledger_end(
    node: Node, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off in the middle, it would leave its connection, and a thread, behind."""
    looking, go_on, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()
    real = ledger.read_after

    async def slow(connection: AsyncConnection, *how: Any, **more: Any) -> Any:
        if connection.engine is node.database._reader:
            return await real(connection, *how, **more)  # the other node, which looks by its own clock
        looking.set()
        await go_on.wait()
        found = await real(connection, *how, **more)
        ended.set()
        return found

    monkeypatch.setattr(ledger_follower, "POLL_SECONDS", 0)
    monkeypatch.setattr(ledger, "read_after", slow)
    async with open_node(database_url=node.database.url, clock=clock) as closing:
        await looking.wait()
        asyncio.get_running_loop().call_later(0.01, go_on.set)
    assert ended.is_set()
    assert closing.database._reader.pool.checkedout() == 0  # type: ignore[attr-defined]


@pytest.fixture
def only_notices(monkeypatch: pytest.MonkeyPatch) -> None:
    """No node looks by the clock: what it hears of is all it knows."""
    monkeypatch.setattr(ledger_follower, "POLL_SECONDS", 3600)
    monkeypatch.setattr(ledger_follower, "TICK_SECONDS", 3600)


async def hears(one: Node) -> Node:
    """The same, once its notices arrive."""
    await eventually(lambda: one.follower._is_listening)
    return one


@on_postgresql
@pytest.mark.usefixtures("only_notices")
async def test_a_commit_wakes_the_others_and_not_its_own_node(
    node: Node, database_url: str, clock: Clock, command: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await hears(node)
    looks: list[int] = []
    real = node.follower._read_entries

    async def counted(reading: Any) -> None:
        looks.append(node.board.position)
        await real(reading)

    async with open_node(database_url=database_url, clock=clock) as other:
        await hears(other)
        await asyncio.sleep(0.05)  # both have looked once, as their notices began
        monkeypatch.setattr(node.follower, "_read_entries", counted)
        for n in range(20):
            (answer,) = await submit_reports(node, [report(minutes=n - 30)], by=command)
            assert isinstance(answer, Receipt)
            await other.follower.wait_for(answer.seq, seconds=5)
        assert not looks, "its own entries are on its board without being read"
        (answer,) = await submit_reports(other, [report()], by=command)
        assert isinstance(answer, Receipt)
        await node.follower.wait_for(answer.seq, seconds=5)
        assert looks == [answer.seq - 1]


@on_postgresql
@pytest.mark.usefixtures("only_notices")
async def test_a_node_whose_notices_were_cut_hears_again_and_finds_what_it_missed(
    node: Node, database_url: str, clock: Clock, command: Actor, postgres: Cluster
) -> None:
    async with open_node(database_url=database_url, clock=clock) as other:
        for n in range(5):
            await hears(other)
            postgres.sql(
                "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity "
                f"WHERE application_name = 'balai listen' AND datname = '{database_url.rsplit('/', 1)[1]}'"
            )
            (answer,) = await submit_reports(node, [report(minutes=n - 30)], by=command)
            assert isinstance(answer, Receipt)
            await other.follower.wait_for(answer.seq, seconds=5)
        assert other.board.contents() == node.board.contents()


@on_postgresql
async def test_a_lost_notice_costs_a_moment_and_no_figure(
    node: Node, database_url: str, clock: Clock, command: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LedgerFollower, "on_notice", lambda *_: None)
    async with open_node(database_url=database_url, clock=clock) as other:
        await hears(other)
        for n in range(3):
            (answer,) = await submit_reports(node, [report(line(beds_total=n), minutes=n)], by=command)
            assert isinstance(answer, Receipt)
            await other.follower.wait_for(answer.seq, seconds=1)
            assert other.board.roll_up("33.74", MORNING).totals.beds_total == n
