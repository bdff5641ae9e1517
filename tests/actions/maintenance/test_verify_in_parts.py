"""Verify reads a ledger in parts: while nodes write, with a journal that stays small, and on from an earlier end."""

import os
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import make_url, text

from app.actions.maintenance import verify as verifying
from app.actions.maintenance.verify import examine, verify
from app.actions.submit_reports import submit_reports
from app.domain.ledger import Position
from app.domain.permissions import Actor
from app.runtime.node import Node
from app.store import ledger
from tests.conftest import on_sqlite
from tests.factories import line, report


@pytest.fixture
async def long_ledger(node: Node, command: Actor) -> AsyncIterator[Node]:
    """Two hundred reports, which `verify` reads in ten parts."""
    await submit_reports(node, [report(minutes=-number) for number in range(200)], by=command)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ledger, "READ_BATCH", 20)
        patched.setattr(verifying.ledger.audit, "__defaults__", (20,))
        yield node


def writing_meanwhile(node: Node, command: Actor, monkeypatch: pytest.MonkeyPatch, *, reports: int, noise: int) -> None:
    """At each of the first parts that are read, other connections write so many reports and bytes of messages."""
    real, parts = ledger.audit, iter(range(10))

    async def audit(*arguments: object) -> object:
        if next(parts, None) is not None:
            await submit_reports(node, [report(minutes=1) for _ in range(reports)], by=command)
            async with node.database.transaction() as transaction:
                await transaction.connection.execute(text("CREATE TABLE IF NOT EXISTS noise (bytes TEXT)"))
                await transaction.connection.execute(text("INSERT INTO noise VALUES (:x)"), {"x": "x" * noise})
        return await real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(ledger, "audit", audit)


@on_sqlite
async def test_the_journal_stays_small_while_a_large_ledger_is_verified(
    long_ledger: Node, command: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One snapshot for all of it would keep every page that was written meanwhile: 10 times 4 MB."""
    writing_meanwhile(long_ledger, command, monkeypatch, reports=1, noise=4 * 2**20)
    assert await verify(long_ledger.database.url) == []
    assert os.path.getsize(f"{make_url(long_ledger.database.url).database}-wal") < 20 * 2**20  # noqa: ASYNC240, PTH202


async def test_what_is_written_meanwhile_is_no_difference(
    long_ledger: Node, command: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing_meanwhile(long_ledger, command, monkeypatch, reports=3, noise=1)
    told: list[tuple[int, int]] = []
    found = await examine(long_ledger.database.url, progress=lambda *done: told.append(done))
    assert found.differences == []
    assert found.position == long_ledger.board.head
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1] == (found.position.seq, found.position.seq)


async def test_a_ledger_that_ends_too_early_is_a_difference(long_ledger: Node) -> None:
    end = long_ledger.board.position
    assert (await examine(long_ledger.database.url, at_least=end)).differences == []
    (said,) = (await examine(long_ledger.database.url, at_least=end + 1)).differences
    assert said == f"ledger: it ends with entry {end}, but must reach entry {end + 1}"


async def edit(node: Node, *statements: str) -> None:
    disarm = "DROP TRIGGER IF EXISTS ledger_no_update"
    if not node.database.is_sqlite:
        disarm = "ALTER TABLE ledger DISABLE TRIGGER USER"
    async with node.database.transaction() as transaction:
        for statement in (disarm, *statements):
            await transaction.connection.exec_driver_sql(statement)


MORE_BEDS = "UPDATE ledger SET body = replace(body, '\"beds_total\":10', '\"beds_total\":11') WHERE seq = "


async def test_since_an_earlier_end_only_later_entries_are_checked(long_ledger: Node, command: Actor) -> None:
    url, before = long_ledger.database.url, long_ledger.board.head
    await submit_reports(long_ledger, [report(line("hcu"), minutes=1) for _ in range(50)], by=command)
    found = await examine(url, since=Position(before.seq, before.chain[:12]))
    assert (found.differences, found.position, found.is_whole) == ([], long_ledger.board.head, False)
    await edit(long_ledger, MORE_BEDS + "20")
    assert (await examine(url, since=before)).differences == []
    assert (await examine(url)).differences != []
    await edit(long_ledger, MORE_BEDS + str(before.seq + 5))
    (said,) = (await examine(url, since=before)).differences
    assert said.startswith(f"ledger: position {before.seq + 5} was edited")


async def test_since_a_place_of_another_history_is_a_difference(long_ledger: Node) -> None:
    end = long_ledger.board.position
    for place in (Position(end, "0" * 12), Position(end + 1, "0" * 12)):
        (said,) = (await examine(long_ledger.database.url, since=place)).differences
        assert said.startswith(f"ledger: it does not contain {place}")


async def test_since_an_earlier_end_the_tables_hold_what_was_said_of_facilities(
    long_ledger: Node,
) -> None:
    await edit(long_ledger, "UPDATE facilities SET name = 'Another' WHERE facility_id = 'rs-b'")
    async with long_ledger.database.reading() as connection:
        first = (await ledger.audit(connection, Position(0, ledger.GENESIS)))[0][0].position
    found = (await examine(long_ledger.database.url, since=first)).differences
    assert [said.partition(":")[0] for said in found] == ["facility rs-b"]
