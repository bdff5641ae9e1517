"""A ledger that was cut off and went on otherwise, under a node that was not restarted: nothing of before is shown."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncConnection

from app.actions.keys import authenticate, issue_key, revoke_key
from app.actions.read_changes import check_reached, reach, read_entries
from app.actions.submit_reports import submit_reports
from app.domain.errors import Expired, Unauthenticated, Unavailable
from app.domain.ledger import Position
from app.domain.permissions import NATIONAL, OPERATOR, Actor
from app.domain.reports.report import Receipt
from app.runtime.ledger_follower import LedgerFollower
from app.runtime.node import Node, open_node
from app.store import ledger
from tests.backup import Backup
from tests.conftest import Clock, on_sqlite
from tests.factories import MORNING, line, report
from tests.serving import eventually

pytestmark = pytest.mark.usefixtures("no_polling")


@pytest.fixture
def backup(node: Node, tmp_path: Path) -> Backup:
    """Of the small world, before anything was reported."""
    return Backup(node.database.url, tmp_path / "backup.db")


async def say(node: Node, by: Actor, beds: int, minutes: int = 0) -> Receipt:
    [answer] = await submit_reports(node, [report(line(beds_total=beds), minutes=minutes)], by=by)
    assert isinstance(answer, Receipt)
    return answer


def beds(node: Node) -> int | None:
    return node.board.roll_up("33.74", MORNING).totals.beds_total


def is_same(node: Node, other: Node) -> bool:
    return (node.board.head, node.board.contents()) == (other.board.head, other.board.contents())


@on_sqlite
@pytest.mark.parametrize("written_since", [0, 1, 3, 6])
async def test_a_node_that_was_ahead_holds_nothing_that_the_surviving_ledger_does_not(
    node: Node, backup: Backup, clock: Clock, written_since: int
) -> None:
    """Whether the new ledger is shorter than the lost one, as long, or longer."""
    _, lost_key = await issue_key(node, scope=NATIONAL, by=OPERATOR)
    lost = [await say(node, await authenticate(node, lost_key), 40 + n, n - 9) for n in range(3)]
    backup.restore()
    async with open_node(database_url=node.database.url, clock=clock) as survivor:
        _, key = await issue_key(survivor, scope=NATIONAL, by=OPERATOR)
        for n in range(written_since):
            await say(survivor, await authenticate(survivor, key), 10 + n, n - 9)
        assert beds(node) == 42, "nobody has looked yet"
        await node.follower.catch_up()
        assert node.follower.is_current
        assert is_same(node, survivor)
        with pytest.raises(Unauthenticated):
            await authenticate(node, lost_key)
        for receipt in lost:
            place = Position(receipt.seq, receipt.position_token.partition("-")[2])
            with pytest.raises(Expired):
                await check_reached(node, place)
            with pytest.raises((Expired, Unavailable)):
                await reach(node, place)
        assert (await say(node, await authenticate(node, key), 77)).seq == survivor.board.position + 1
        await survivor.follower.catch_up()
        assert is_same(node, survivor)


@on_sqlite
@pytest.mark.parametrize("write", ["a report", "a change"])
async def test_who_writes_first_finds_out_and_is_told_to_send_it_again(
    node: Node, backup: Backup, tmp_path: Path, write: str
) -> None:
    """Judged by what was lost it would be stored where it does not belong."""

    async def send() -> None:
        if write == "a report":
            await say(node, command, 30, 1)
        else:
            await issue_key(node, scope=NATIONAL, by=command)

    command = await authenticate(node, await new_key(node))
    kept = Backup(node.database.url, tmp_path / "kept.db")
    await say(node, command, 20)
    kept.restore()
    with pytest.raises(Unavailable):
        await send()
    await eventually(lambda: node.follower.is_current)
    assert beds(node) is None
    await send()


@on_sqlite
async def test_a_key_that_is_revoked_after_the_restore_is_revoked_here_too(node: Node, tmp_path: Path) -> None:
    made, key = await issue_key(node, scope=NATIONAL, by=OPERATOR)
    kept = Backup(node.database.url, tmp_path / "kept.db")
    await say(node, await authenticate(node, key), 10)
    kept.restore()
    with pytest.raises(Unavailable):
        await revoke_key(node, made.prefix, by=OPERATOR)
    await eventually(lambda: node.follower.is_current)
    await revoke_key(node, made.prefix, by=OPERATOR)
    with pytest.raises(Unauthenticated):
        await authenticate(node, key)


@on_sqlite
async def test_while_everything_is_read_anew_the_node_is_not_ready_and_takes_nothing(
    node: Node, backup: Backup, command: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await say(node, command, 20)
    backup.restore()
    real, go_on = LedgerFollower._load, asyncio.Event()

    async def slow(follower: LedgerFollower) -> None:
        await go_on.wait()
        await real(follower)

    monkeypatch.setattr(LedgerFollower, "_load", slow)
    ready = asyncio.ensure_future(node.follower.catch_up())
    try:
        await eventually(lambda: not node.follower.is_current)
        with pytest.raises(Unavailable, match="loads everything again"):
            await submit_reports(node, [report()], by=command)
        assert not ready.done()
    finally:
        go_on.set()
    await ready
    assert (node.follower.is_current, beds(node)) == (True, None)


@on_sqlite
async def test_a_node_that_was_ready_a_moment_ago_is_not_as_soon_as_it_finds_out(
    node: Node, backup: Backup, command: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await say(node, command, 20)
    await node.readiness.check()
    backup.restore()
    go_on = asyncio.Event()
    monkeypatch.setattr(LedgerFollower, "_load", lambda _: go_on.wait())
    monkeypatch.setattr("app.runtime.readiness.READ_SECONDS_MAX", 0.05)
    try:
        with pytest.raises(Unavailable, match="loads everything again"):
            await say(node, command, 30, 1)
        with pytest.raises(Unavailable, match="does not answer"):
            await node.readiness.check()
    finally:
        monkeypatch.undo()
        go_on.set()
    await node.readiness.check()
    assert beds(node) is None


@on_sqlite
async def test_versions_and_marks_of_before_never_come_again(node: Node, backup: Backup, command: Actor) -> None:
    """Cached responses and the positions of streams are outdated in every area and in the recent changes."""
    await say(node, command, 20)
    board = node.board
    versions = {area.code: board.version(area.code) for area in board.find_areas()}
    changes, mark = board.changes, board.recent_changes.mark
    backup.restore()
    await node.follower.catch_up()
    assert all(board.version(code) > max(changes, before) for code, before in versions.items())
    assert board.changes >= max(board.version(code) for code in versions)
    assert changes < board.replaced_at <= board.changes
    assert board.recent_changes.since(mark) is None


@on_sqlite
async def test_the_feed_reads_on_in_one_history_only(node: Node, backup: Backup, command: Actor) -> None:
    """Also from a place that is too old for this node to remember its chain."""
    for n in range(4):
        await say(node, command, 20 + n, n)
    head, lost = node.board.head, node.board.place(5)
    assert [entry.seq for entry in await read_entries(node, after=lost, limit=9)] == list(range(6, head.seq + 1))
    backup.restore()
    await node.follower.catch_up()
    command = await authenticate(node, (await issue_key(node, scope=NATIONAL, by=OPERATOR))[1])
    for n in range(9):
        await say(node, command, 50 + n, n - 20)
    assert [entry.seq for entry in await read_entries(node, after=Position(9), limit=2)] == [10, 11]
    for forgotten in (False, True):
        if forgotten:
            node.board._chains.clear()
        for place in (lost, head):
            with pytest.raises(Expired):
                await check_reached(node, place)
            with pytest.raises(Expired):
                await read_entries(node, after=place, limit=9)
        await check_reached(node, Position(9))


@on_sqlite
async def test_all_who_ask_at_one_moment_share_a_read_that_begins_after_it(
    node: Node, neighbour: Node, command: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, reads, go_on = ledger.read_after, 0, asyncio.Event()

    async def counted(*how: Any, **more: Any) -> Any:
        nonlocal reads
        reads += 1
        found = await real(*how, **more)
        if reads == 1:
            await go_on.wait()
        return found

    holder = await authenticate(neighbour, await new_key(neighbour))
    monkeypatch.setattr(ledger, "read_after", counted)
    first = asyncio.ensure_future(node.follower.catch_up())
    try:
        await eventually(lambda: reads == 1)
        receipt = await say(neighbour, holder, 10)
        others = [asyncio.ensure_future(node.follower.catch_up()) for _ in range(50)]
        await asyncio.sleep(0)
        others[7].cancel()
    finally:
        go_on.set()
    await first
    await asyncio.gather(*others, return_exceptions=True)
    assert node.board.position == receipt.seq, "they see what was written before they asked"
    assert reads == 2


async def new_key(node: Node) -> str:
    return (await issue_key(node, scope=NATIONAL, by=OPERATOR))[1]


@on_sqlite
async def test_a_history_that_changes_while_it_is_loaded_is_loaded_again(
    node: Node, backup: Backup, command: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A waiting caller gets the last history, or a refusal to retry later; never an internal error."""
    real, loads = LedgerFollower._load, 0

    async def restored_again(follower: LedgerFollower) -> None:
        nonlocal loads
        loads += 1
        await real(follower)
        if loads <= times:
            follower._board.head = Position(follower._board.position, "f" * 64)

    monkeypatch.setattr(LedgerFollower, "_load", restored_again)
    times = 1
    await say(node, command, 20)
    backup.restore()
    await node.follower.catch_up()
    assert (loads, node.follower.is_current, beds(node)) == (2, True, None)
    times = 99
    node.follower.invalidate(RuntimeError("restored"))
    with pytest.raises(Unavailable):
        await node.follower.catch_up()
    times = 0
    await node.follower.catch_up()
    assert node.follower.is_current


@on_sqlite
async def test_who_reads_a_ledger_with_a_missing_entry_is_not_told_to_begin_again(node: Node, command: Actor) -> None:
    """Its reader would come to the same place again and again, without a pause."""
    for minutes in range(3):
        await say(node, command, 20, minutes - 5)
    async with node.database.transaction() as transaction:
        for name in await names_of_triggers(transaction.connection):
            await transaction.connection.exec_driver_sql(f"DROP TRIGGER {name}")
        await transaction.connection.exec_driver_sql(f"DELETE FROM ledger WHERE seq = {node.board.position - 1}")
    with pytest.raises(Unavailable, match="is missing"):
        await read_entries(node, after=Position(0), limit=100)


async def names_of_triggers(connection: AsyncConnection) -> list[str]:
    query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'ledger'"
    return [name for (name,) in await connection.exec_driver_sql(query)]
