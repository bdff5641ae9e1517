"""One set of migrations, on both databases: up from nothing, down to nothing, and the same as the models."""

import asyncio
import json
import sqlite3
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Inspector, inspect, text
from sqlalchemy.ext.asyncio import create_async_engine

from app.domain.beds.counts import AvailableIs, BedCount
from app.domain.channels import Channel
from app.domain.reports.lines import ChannelState, CurrentLine, Moment
from app.domain.reports.report import LineKey
from app.store.database import Database
from app.store.maintenance.migrate import NotMigrated, check_migrated, config, migrate
from app.store.models import Base
from app.store.repositories import channel_states
from tests.postgres import Cluster


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without any table, of either sort."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path / 'empty.db'}"
    postgres: Cluster = request.getfixturevalue("postgres")
    return postgres.create(f"e_{uuid.uuid4().hex}")


async def look(url: str, see: Any) -> Any:
    engine = create_async_engine(url)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(see)
    finally:
        await engine.dispose()


def tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names()) - {"alembic_version"}


def triggers(connection: Connection) -> set[str]:
    if connection.dialect.name == "sqlite":
        return set(connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")))
    found = set(connection.scalars(text("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")))
    return found | set(connection.scalars(text("SELECT proname FROM pg_proc WHERE prosrc LIKE '%append-only%'")))


def shape(connection: Connection) -> dict[str, Any]:
    """Everything that a database reports about its tables, in a fixed order."""
    inspector: Inspector = inspect(connection)
    return {
        table: {
            "columns": [
                (column["name"], str(column["type"]), column["nullable"], column["default"])
                for column in sorted(inspector.get_columns(table), key=lambda column: column["name"])
            ],
            "primary key": inspector.get_pk_constraint(table)["constrained_columns"],
            "foreign keys": sorted(
                (key["name"] or "", key["constrained_columns"], key["referred_table"], key["referred_columns"])
                for key in inspector.get_foreign_keys(table)
            ),
            "unique": sorted(
                (unique["name"] or "", unique["column_names"]) for unique in inspector.get_unique_constraints(table)
            ),
            "indexes": sorted(
                (index["name"] or "", index["column_names"], index["unique"]) for index in inspector.get_indexes(table)
            ),
            "checks": sorted(
                (check["name"] or "", " ".join(check["sqltext"].split()))
                for check in inspector.get_check_constraints(table)
            ),
        }
        for table in inspector.get_table_names()
        if table != "alembic_version"
    } | {"ids that are never used again": _autoincrement(connection)}


def _autoincrement(connection: Connection) -> set[str]:
    if connection.dialect.name != "sqlite":
        return set()
    return set(connection.scalars(text("SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'")))


async def test_up_from_empty_down_to_empty_and_up_again(empty_url: str) -> None:
    await migrate(empty_url)
    first, guarded = await look(empty_url, shape), await look(empty_url, triggers)
    assert set(first) >= set(Base.metadata.tables)
    assert len(first) == len(Base.metadata.tables) + 1
    assert guarded
    await migrate(empty_url)
    assert await look(empty_url, shape) == first
    await in_a_thread(command.downgrade, config(empty_url), "base")
    assert await look(empty_url, tables) == set()
    assert await look(empty_url, triggers) == set()
    await migrate(empty_url)
    assert (await look(empty_url, shape), await look(empty_url, triggers)) == (first, guarded)


async def test_migrations_equal_models(database_url: str) -> None:
    def differences(connection: Connection) -> list[Any]:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, Base.metadata))

    assert await look(database_url, differences) == []


async def test_migrations_make_the_very_constraints_of_the_models(empty_url: str) -> None:
    """Alembic's comparison is blind to CHECKs and to some names, so the made tables are compared themselves."""
    await look(empty_url, Base.metadata.create_all)
    made = await look(empty_url, shape)
    await look(empty_url, Base.metadata.drop_all)
    await migrate(empty_url)
    assert await look(empty_url, shape) == made


async def test_what_stood_in_rows_of_lines_stands_after_them_and_back(empty_url: str) -> None:
    """The first version had a row for each line."""
    await in_a_thread(command.upgrade, config(empty_url), "4761e9b15fd0")
    at, to = "'2026-11-23 03:00:00+00:00'", "'2026-11-23 03:01:00.5+00:00'"
    statements = [
        "INSERT INTO areas VALUES ('ID', 'Indonesia', 'country', 'country', NULL, 0, NULL, NULL)",
        "INSERT INTO facilities (facility_id, kind, name, area_code, seq) VALUES ('rs-a', 'hospital', 'A', 'ID', 2)",
        f"INSERT INTO channels VALUES ('rs-a', 'sirs', {at}, 7, {to}, NULL, NULL)",
        f"INSERT INTO channels VALUES ('rs-a', 'native', {at}, 8, {to}, {at}, 8)",
        f"""INSERT INTO lines VALUES ('rs-a', 'sirs', 'A', 'icu', 'Angsa "1"', false,
        {at}, 7, {to}, 5, 3, 0, 2, NULL, NULL, 1, NULL, NULL, NULL, NULL, 'derived')""",
        f"INSERT INTO lines VALUES ('rs-a', 'sirs', '', 'burn', NULL, true, {at}, 7, {to}" + ", NULL" * 12 + ")",
    ]

    def fill(connection: Connection) -> None:
        for statement in statements:
            connection.exec_driver_sql(statement)

    def rows(connection: Connection) -> list[Any]:
        return [tuple(row) for row in connection.exec_driver_sql("SELECT * FROM lines ORDER BY bed_type")]

    await look(empty_url, fill)
    before = await look(empty_url, rows)
    await migrate(empty_url)
    database = Database(empty_url)
    async with database.reading() as connection:
        stands = (await channel_states.load_all(connection)).states
    await database.close()
    observed, recorded = datetime(2026, 11, 23, 3, tzinfo=UTC), datetime(2026, 11, 23, 3, 1, 0, 500_000, tzinfo=UTC)
    moment, beds = Moment(observed, 7), BedCount(5, 3, 0, 2, queue=1, available_is=AvailableIs.derived)
    assert stands["rs-a"] == {
        Channel.sirs: ChannelState(
            {
                LineKey("A", "icu"): CurrentLine('Angsa "1"', beds, moment, recorded),
                LineKey("", "burn"): CurrentLine(None, None, moment, recorded),
            },
            None,
            moment,
            recorded,
        ),
        Channel.native: ChannelState({}, Moment(observed, 8), Moment(observed, 8), recorded),
    }
    said = '[["A","icu","Angsa \\"1\\"","2026-11-23T03:00:00+00:00",7,"2026-11-23T03:01:00.5+00:00",'
    said += '[5,3,0,2,null,null,1,null,null,null,null,"derived"],"{\\"id_tt\\":\\"6\\"}"],'
    said += '["","burn",null,"2026-11-23T03:00:00+00:00",7,"2026-11-23T03:01:00.5+00:00",null]]'
    with_details = sa.text("UPDATE channels SET lines = :said WHERE channel = 'sirs'").bindparams(said=said)
    await look(empty_url, lambda connection: connection.execute(with_details))
    await in_a_thread(command.downgrade, config(empty_url), "4761e9b15fd0")
    assert [_told(row) for row in await look(empty_url, rows)] == [_told(row) for row in before]


def _told(row: tuple[Any, ...]) -> list[str]:
    """SQLite keeps times as they were written."""
    return [str(value).partition("+")[0].removesuffix(".000000").ljust(26, "0") for value in row]


async def test_what_waits_to_be_sent_on_stays_and_what_was_kept_of_failures_is_gone(
    empty_url: str, tmp_path: Path
) -> None:
    await in_a_thread(command.upgrade, config(empty_url), "c41f0a6be2d7")
    at = "'2026-11-23 03:00:00+00:00'"
    statements = [
        "INSERT INTO areas VALUES ('ID', 'Indonesia', 'country', 'country', NULL, 0, NULL, NULL)",
        "INSERT INTO facilities (facility_id, kind, name, area_code, seq) VALUES ('rs-a', 'hospital', 'A', 'ID', 2)",
        f"""INSERT INTO relay_accounts VALUES ('rs-a', 'sirs', 's', 1, 2, 3, {at}, 200, 'x-pass: sandi-lama', 4, {at},
        'Illegal header value sandi-lama', {at})""",
        *(
            f"INSERT INTO relay_queue VALUES ({number}, 'rs-a', 'sirs', 'A', 'PUT', '/', '{{}}', {at}, 1)"
            for number in (3, 7)
        ),
    ]

    def fill(connection: Connection) -> None:
        for statement in statements:
            connection.exec_driver_sql(statement)

    def rows(connection: Connection) -> tuple[Any, ...]:
        account = connection.exec_driver_sql(
            "SELECT sealed, sent, refused, dropped, last_answer, failures, last_failure FROM relay_accounts"
        )
        queue = connection.exec_driver_sql("SELECT id, attempts FROM relay_queue ORDER BY id")
        return tuple(account.one()), [tuple(row) for row in queue]

    await look(empty_url, fill)
    for step in (command.upgrade, command.downgrade, command.upgrade):
        await in_a_thread(step, config(empty_url), "d5a27c9e1b40" if step is command.upgrade else "-1")
        assert await look(empty_url, rows) == (("s", 1, 2, 3, None, 4, None), [(3, 1), (7, 1)])
    for file in tmp_path.glob("empty.db*"):  # noqa: ASYNC240 - a few pages
        assert b"sandi-lama" not in file.read_bytes()


async def test_keys_that_were_issued_before_get_the_position_of_the_entry_that_issued_them(empty_url: str) -> None:
    """Not of the one that revoked them; a prefix that was issued again has the second one's."""
    await in_a_thread(command.upgrade, config(empty_url), "e5a94d17c2b8")
    at = "'2026-11-23 03:00:00+00:00'"

    def key(prefix: str, created: str, revoked: str | None = None) -> dict[str, str | None]:
        return {"prefix": prefix, "digest": prefix, "created_at": created, "revoked_at": revoked}

    entries = [
        [key("old", "1")],
        [key("consumer", "1"), key("other", "1")],
        [key("consumer", "1", "2")],
        [key("old", "1", "3")],
        [key("consumer", "4")],
    ]

    def fill(connection: Connection) -> None:
        for seq, keys in enumerate(entries, start=1):
            body = json.dumps({"credentials": keys})
            connection.execute(
                text(
                    'INSERT INTO ledger (seq, kind, recorded_at, "by", body, chain)'
                    f" VALUES (:seq, 'keys', {at}, 'operator', :body, :chain)"
                ),
                {"seq": seq, "body": body, "chain": str(seq)},
            )
        for prefix in ("old", "consumer", "other"):
            connection.exec_driver_sql(
                "INSERT INTO credentials (prefix, digest, principal, role, scope_kind, name, created_at, created_by)"
                f" VALUES ('{prefix}', '{prefix}', 'k', 'command', 'national', '', {at}, 'operator')"
            )

    def positions(connection: Connection) -> dict[str, int]:
        return {row.prefix: row.seq for row in connection.execute(text("SELECT prefix, seq FROM credentials"))}

    await look(empty_url, fill)
    await in_a_thread(command.upgrade, config(empty_url), "5c3f0d8a71e2")
    assert await look(empty_url, positions) == {"old": 1, "consumer": 5, "other": 2}
    await in_a_thread(command.downgrade, config(empty_url), "-1")


async def test_a_database_of_another_version_is_told_from_ours(empty_url: str) -> None:
    async def check() -> None:
        database = Database(empty_url)
        try:
            async with database.reading() as connection:
                await check_migrated(connection)
        finally:
            await database.close()

    with pytest.raises(NotMigrated, match="version none"):
        await check()
    await migrate(empty_url)
    await check()
    await look(empty_url, lambda connection: connection.execute(text("UPDATE alembic_version SET version_num = 'x'")))
    with pytest.raises(NotMigrated, match="version x"):
        await check()


async def test_a_migration_leaves_sqlite_in_write_ahead_mode(tmp_path: Path) -> None:
    await migrate(f"sqlite+aiosqlite:///{tmp_path / 'new.db'}")
    with sqlite3.connect(tmp_path / "new.db") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    connection.close()


async def in_a_thread(work: Any, *arguments: Any) -> None:
    """Alembic runs a loop of its own."""
    await asyncio.to_thread(work, *arguments)
