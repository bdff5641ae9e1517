"""The database: one snapshot to read, one transaction at a time to write, and translated errors."""

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.errors import Unavailable, Uncertain
from app.domain.ledger import START, KeysChanged
from app.domain.reports.report import Outcome
from app.store import engines, ledger
from app.store.database import Database, WeakDurability
from app.store.ledger_rows import Verdict
from app.store.maintenance.migrate import migrate
from tests.factories import MORNING, report
from tests.postgres import Cluster, cluster
from tests.store.conftest import on_sqlite


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same waits as ever, only shorter."""
    monkeypatch.setattr(engines, "LOCK_WAIT_SECONDS", 0.1)
    monkeypatch.setattr(engines, "STATEMENT_SECONDS", 0.5)
    monkeypatch.setattr(engines, "POOL_WAIT_SECONDS", 0.1)


@pytest.fixture
async def opened(database_url: str, impatient: None) -> AsyncIterator[Database]:
    found = Database(database_url)
    yield found
    await found.close()


async def write(database: Database) -> int:
    async with database.transaction() as transaction:
        entries = await ledger.append(transaction, [(report(), "k", Verdict(Outcome.applied, ()))], now=MORNING)
    return entries[0].seq


async def read(database: Database) -> int:
    async with database.reading() as connection:
        return (await ledger.head(connection)).seq


async def check_outage(database: Database) -> None:
    """Neither reads nor writes, and says so."""
    with pytest.raises(Unavailable) as refused:
        await write(database)
    assert refused.value.retry_after_seconds > 0
    with pytest.raises(Unavailable):
        await read(database)


async def test_a_reader_sees_one_moment_however_often_it_looks(opened: Database) -> None:
    await write(opened)
    async with opened.reading() as connection:
        before = await ledger.head(connection)
        await write(opened)
        assert await ledger.head(connection) == before
    assert await read(opened) == 2


@pytest.mark.postgres
@pytest.mark.parametrize("level", ["repeatable read", "serializable", "read committed"])
async def test_writers_see_what_was_committed_before_them_whatever_the_server_s_default_is(
    postgres: Cluster, postgres_url: str, level: str
) -> None:
    """Each waits for the lock and then reads the head: with a snapshot from before the lock it would be too old."""
    postgres.sql(f"ALTER DATABASE \"{postgres_url.rsplit('/', 1)[1]}\" SET default_transaction_isolation = '{level}'")
    nodes = [Database(postgres_url) for _ in range(3)]
    try:
        written = await asyncio.gather(*(write(nodes[n % 3]) for n in range(24)))
        assert sorted(written) == list(range(1, 25))
    finally:
        for one in nodes:
            await one.close()


@pytest.mark.postgres
async def test_what_is_not_said_stays_unsaid_whatever_the_server_s_defaults_are(
    postgres: Cluster, postgres_url: str
) -> None:
    """With `array_nulls` off the server reads NULL in an array as a text of four letters."""
    postgres.sql(f'ALTER DATABASE "{postgres_url.rsplit("/", 1)[1]}" SET array_nulls = off')
    one = Database(postgres_url)
    try:
        async with one.transaction() as transaction:
            keys = KeysChanged(())
            written = await ledger.append(transaction, [(keys, "k", None)], now=MORNING)
        async with one.reading() as connection:
            assert await ledger.read_after(connection, START) == written
            assert await connection.scalar(text("SELECT count(report_id) FROM ledger")) == 0
    finally:
        await one.close()


@on_sqlite
async def test_nothing_is_written_to_a_file_that_is_no_longer_the_database(opened: Database, tmp_path: Path) -> None:
    """Who restores a copy under a running node would lose all that the node acknowledges from then on."""
    await write(opened)
    file = opened.url.partition("///")[2]
    aside, restored = str(tmp_path / "aside.db"), str(tmp_path / "restored.db")
    with closing(sqlite3.connect(file)) as old, closing(sqlite3.connect(restored)) as new:
        old.backup(new)
    shutil.move(file, aside)
    await check_outage(opened)
    shutil.move(restored, file)
    for _ in range(2):  # not by a new connection either: the journal that lies beside it is the other file's
        await check_outage(opened)
    shutil.move(file, restored)
    shutil.move(aside, file)
    assert await write(opened) == await read(opened) == 2


async def test_an_error_after_the_commit_is_not_told_as_rolled_back(
    opened: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = AsyncConnection.close

    async def failing(connection: AsyncConnection) -> None:
        await real(connection)
        raise OSError("the connection could not be given back")

    with monkeypatch.context() as patched:
        patched.setattr(AsyncConnection, "close", failing)
        assert await write(opened) == 1
    assert await read(opened) == 1


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
@pytest.mark.parametrize("error", [TimeoutError(), OSError("cut off"), asyncpg.AdminShutdownError("going down")])
async def test_a_commit_whose_end_nobody_saw_is_uncertain(
    opened: Database, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    dialect = opened._writer.sync_engine.dialect
    real = dialect.do_commit

    def lost(connection: Any) -> None:
        real(connection)
        raise error

    monkeypatch.setattr(dialect, "do_commit", lost)
    with pytest.raises(Uncertain):
        await write(opened)
    monkeypatch.undo()
    assert await read(opened) == 1


async def test_nothing_is_visible_before_the_commit(opened: Database) -> None:
    async with opened.transaction() as transaction:
        await ledger.append(transaction, [(report(), "k", Verdict(Outcome.applied, ()))], now=MORNING)
        assert await read(opened) == 0
    assert await read(opened) == 1


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_reader_cannot_write(opened: Database) -> None:
    async def try_it() -> None:
        async with opened.reading() as connection:
            await connection.execute(text("DELETE FROM channels"))

    with pytest.raises(Unavailable):
        await try_it()


async def test_who_cannot_get_the_lane_in_time_is_told_so(database_url: str, opened: Database) -> None:
    other = Database(database_url)
    async with other.transaction():
        with pytest.raises(Unavailable):
            await write(opened)
        assert await read(opened) == 0
    assert await write(opened) == 1
    await other.close()


async def test_who_cannot_get_a_connection_in_time_is_told_so(opened: Database) -> None:
    async def hold(left: int) -> None:
        if left:
            async with opened.reading():
                await hold(left - 1)
        else:
            await read(opened)

    with pytest.raises(Unavailable):
        await hold(10)
    assert await read(opened) == 0


@pytest.mark.postgres
@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_who_loses_the_database_at_the_commit_is_not_told_that_nothing_was_stored(
    opened: Database, postgres: Cluster
) -> None:
    async def lose() -> None:
        async with opened.transaction() as transaction:
            pid = await transaction.connection.scalar(text("SELECT pg_backend_pid()"))
            await ledger.append(transaction, [(report(), "k", Verdict(Outcome.applied, ()))], now=MORNING)

            @event.listens_for(opened._writer.sync_engine, "commit", once=True)
            def cut(_connection: object) -> None:
                postgres.sql(f"SELECT pg_terminate_backend({pid})")

    with pytest.raises(Uncertain):
        await lose()
    assert await write(opened) == 1


async def test_a_mistake_of_ours_is_not_called_an_outage(opened: Database) -> None:
    async def mistake() -> None:
        async with opened.transaction():
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await mistake()


@on_sqlite
async def test_a_full_disk_is_an_outage_for_writers_only(opened: Database) -> None:
    async with opened.transaction() as transaction:
        pages = await transaction.connection.scalar(text("PRAGMA page_count"))
        await transaction.connection.execute(text(f"PRAGMA max_page_count = {pages}"))

    async def fill() -> None:
        for _ in range(100):
            await write(opened)

    with pytest.raises(Unavailable):
        await fill()
    before = await read(opened)
    async with opened.transaction() as transaction:
        await transaction.connection.execute(text("PRAGMA max_page_count = 1000000"))
    assert await write(opened) == before + 1


async def test_a_folder_that_is_not_there_is_an_outage(tmp_path: Path) -> None:
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'nowhere' / 'balai.db'}")
    await check_outage(database)
    await database.close()


async def test_a_file_that_is_no_database_is_not_taken_for_one(tmp_path: Path) -> None:
    (tmp_path / "text.db").write_text("not a database" * 1000)
    database = Database(f"sqlite+aiosqlite:///{tmp_path / 'text.db'}")
    with pytest.raises(Exception, match="not a database"):
        await read(database)
    await database.close()


async def test_a_server_that_is_not_there_is_an_outage() -> None:
    database = Database("postgresql+asyncpg://balai@127.0.0.1:9/balai")
    await check_outage(database)
    await database.close()


@pytest.mark.postgres
async def test_a_server_that_stops_is_an_outage_and_all_is_well_when_it_is_back() -> None:
    with cluster() as server:  # of its own: one that holds hundreds of databases takes long to recover
        url = server.create("balai")
        await migrate(url)
        database = Database(url)
        assert await write(database) == 1
        server.stop()
        await check_outage(database)
        server.start()
        assert await write(database) == 2
        assert await read(database) == 2
        await database.close()


@pytest.mark.postgres
async def test_a_connection_that_is_cut_in_the_middle_is_an_outage_and_stores_nothing(
    postgres: Cluster, postgres_url: str
) -> None:
    database = Database(postgres_url)

    async def cut_off() -> None:
        async with database.transaction() as transaction:
            await ledger.append(transaction, [(report(), "k", Verdict(Outcome.applied, ()))], now=MORNING)
            pid = await transaction.connection.scalar(text("SELECT pg_backend_pid()"))
            postgres.sql(f"SELECT pg_terminate_backend({pid}, 5000)")

    with pytest.raises(Unavailable):
        await cut_off()
    assert await read(database) == 0
    assert await write(database) == 1
    await database.close()


async def test_a_database_as_we_open_it_is_durable(opened: Database) -> None:
    await opened.check_durability()


@on_sqlite
@pytest.mark.parametrize(
    ("pragma", "said"),
    [
        ("synchronous = OFF", "synchronous is 0"),
        ("synchronous = NORMAL", "synchronous is 1"),
        ("journal_mode = DELETE", "journal_mode is delete"),
        ("journal_mode = MEMORY", "journal_mode is memory"),
    ],
)
async def test_sqlite_with_weaker_settings_is_refused(opened: Database, pragma: str, said: str) -> None:
    for engine in (opened._reader, opened._writer):

        @event.listens_for(engine.sync_engine, "connect")
        def weaken(connection: sqlite3.Connection, _record: object) -> None:
            connection.execute(f"PRAGMA {pragma}").close()

    with pytest.raises(WeakDurability, match=said):
        await opened.check_durability()


@pytest.mark.postgres
async def test_postgresql_that_answers_before_the_disk_does_is_refused(postgres: Cluster, postgres_url: str) -> None:
    name = postgres_url.rsplit("/", 1)[1]
    postgres.sql(f'ALTER DATABASE "{name}" SET synchronous_commit = off')
    database = Database(postgres_url)
    with pytest.raises(WeakDurability, match="synchronous_commit is off"):
        await database.check_durability()
    await database.close()


@contextmanager
def weak(server: Cluster, setting: str) -> Iterator[None]:
    """The whole server with one of its safeguards off."""
    server.sql(f"ALTER SYSTEM SET {setting} = off")
    try:
        wait_for(server, setting, "off")
        yield
    finally:
        server.sql(f"ALTER SYSTEM RESET {setting}")
        wait_for(server, setting, "on")


def wait_for(server: Cluster, setting: str, value: str) -> None:
    server.sql("SELECT pg_reload_conf()")
    for _ in range(200):
        if server.sql(f"SHOW {setting}").strip() == value:
            return
    raise AssertionError(f"{setting} did not become {value}")


@pytest.mark.postgres
@pytest.mark.parametrize("setting", ["fsync", "full_page_writes"])
async def test_postgresql_that_does_not_sync_is_refused(postgres: Cluster, postgres_url: str, setting: str) -> None:
    database = Database(postgres_url)
    with weak(postgres, setting), pytest.raises(WeakDurability, match=f"{setting} is off"):
        await database.check_durability()
    await database.close()
    await database.check_durability()
    await database.close()


@pytest.mark.parametrize("way", ["reading", "reading_newest", "transaction"])
async def test_an_error_shows_the_statement_and_none_of_its_values(way: str, database: Database) -> None:
    async def fail() -> None:
        async with getattr(database, way)() as opened:
            connection = opened.connection if way == "transaction" else opened
            await connection.execute(text("SELECT * FROM no_such_table WHERE a = :a"), {"a": "sandi-rahasia"})

    with pytest.raises(Exception) as shown:  # noqa: PT011 - each database has its own
        await fail()
    told = f"{shown.value} {shown.value.__cause__}"
    assert "no_such_table" in told
    assert "sandi-rahasia" not in told
