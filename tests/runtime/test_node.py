"""Starting and stopping: a node that cannot keep its promises does not start."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import event, text

from app.actions.submit_reports import submit_reports
from app.domain.beds.freshness import hours
from app.domain.errors import Unavailable
from app.domain.permissions import NATIONAL, Actor, Role
from app.domain.registry.facility import FacilityKind
from app.runtime.node import Node, open_node
from app.store import database as database_module
from app.store.database import WeakDurability
from app.store.maintenance.migrate import NotMigrated
from tests.conftest import Clock, on_sqlite
from tests.factories import MORNING, build_world, report


async def start(url: str, clock: Clock) -> None:
    async with open_node(database_url=url, clock=clock):
        pass


async def test_a_node_begins_where_the_last_one_ended(
    node: Node, database_url: str, clock: Clock, command: Actor
) -> None:
    await submit_reports(node, [report(), report(facility_id="rs-b", minutes=1)], by=command)
    async with open_node(database_url=database_url, clock=clock) as other:
        assert other.board.contents() == node.board.contents()
        assert (other.board.position, other.board.recorded_at) == (node.board.position, node.board.recorded_at)
        assert other.board.roll_up("ID", MORNING) == node.board.roll_up("ID", MORNING)


@on_sqlite
async def test_limits_are_a_setting_of_the_node(database_url: str, clock: Clock, node: Node, command: Actor) -> None:
    await submit_reports(node, [report()], by=command)
    async with open_node(
        database_url=database_url, clock=clock, thresholds={FacilityKind.hospital: hours(1, 2)}
    ) as other:
        clock.advance(hours=3)
        assert other.board.roll_up("ID", clock.now).reporting.silent == 1


async def test_a_database_without_tables_is_refused(tmp_path: Path, clock: Clock) -> None:
    with pytest.raises(NotMigrated):
        await start(f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}", clock)


async def test_a_database_of_a_newer_version_is_refused(sqlite_url: str, clock: Clock) -> None:
    database = database_module.Database(sqlite_url)
    async with database.transaction() as transaction:
        await transaction.connection.execute(text("UPDATE alembic_version SET version_num = 'newer'"))
    await database.close()
    with pytest.raises(NotMigrated):
        await start(sqlite_url, clock)


async def test_a_database_that_does_not_sync_is_refused(
    sqlite_url: str, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = database_module.sqlite_engine

    def weakened(*how: object, **more: object) -> object:
        engine = real(*how, **more)  # type: ignore[arg-type]
        event.listen(engine.sync_engine, "connect", lambda c, _: c.execute("PRAGMA synchronous = OFF").close())
        return engine

    monkeypatch.setattr(database_module, "sqlite_engine", weakened)
    with pytest.raises(WeakDurability):
        await start(sqlite_url, clock)


async def test_a_database_that_is_not_there_is_an_outage(tmp_path: Path, clock: Clock) -> None:
    with pytest.raises(Unavailable):
        await start(f"sqlite+aiosqlite:///{tmp_path / 'nowhere' / 'balai.db'}", clock)


async def test_what_was_acknowledged_is_in_the_files_at_that_moment(
    sqlite_url: str, clock: Clock, tmp_path: Path
) -> None:
    """A copy of the files as they are when the answer leaves, without any closing, holds the report."""
    async with open_node(database_url=sqlite_url, clock=clock) as node:
        await build_world(node)
        by = Actor("k", Role.command, NATIONAL)
        for n in range(3):
            await submit_reports(node, [report(minutes=n)], by=by)
            copy = tmp_path / f"copy-{n}"
            copy.mkdir()
            for name in ("balai.db", "balai.db-wal"):
                shutil.copy(tmp_path / name, copy / name)
            async with open_node(database_url=f"sqlite+aiosqlite:///{copy / 'balai.db'}", clock=clock) as other:
                assert other.board.position == node.board.position
                assert other.board.contents() == node.board.contents()
