"""The database: one engine to read, one lane to write, and the errors of both in our words.

Whatever is written goes through `transaction`, which takes the ledger's lock first: positions are given out in
commit order, without holes, in one process or many. Whatever is read together goes through `reading`, one snapshot.
"""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
from sqlalchemy import event, text
from sqlalchemy.engine.interfaces import IsolationLevel
from sqlalchemy.exc import (
    DBAPIError,
    DisconnectionError,
    IntegrityError,
    InterfaceError,
    OperationalError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from app.domain.errors import Refusal, Unavailable, Uncertain
from app.domain.ledger import LedgerEntry
from app.store import pooler, writers
from app.store.sqlite_file import SqliteFile

# Reliability section 4, row "database". The busy time of SQLite is its lock wait.
POOL_WAIT_SECONDS = 2
STATEMENT_SECONDS = 5
STATEMENT_TIMEOUT = f"{STATEMENT_SECONDS}s"
LOCK_WAIT_SECONDS = 2
LOCK_ANSWER_SECONDS = 2.4  # then it is not the lock that keeps it; promise P8 has 3 seconds
IDLE_IN_TRANSACTION_SECONDS = 10

JOURNAL_BYTES_MAX = 16 * 1024 * 1024  # of SQLite, kept between checkpoints; it has four between two of them

READ_ONLY_RETRY_SECONDS = 30  # a replica takes writes once it is promoted, which nobody does in a moment

LEDGER_LOCK = 0x62616C6169  # "balai": the advisory lock of the ledger's one writing lane
CHANNEL = "balai_ledger"  # where PostgreSQL tells, at each commit, how far the ledger reaches now

# What PostgreSQL says when it is not there, not ready, not writable or out of room: class 08 (connection), 28 and 3D
# (no such role, password or database: an operator mends that while we wait), 53
# (resources), 57P (shutdown, cancelled), 55P03 and 40 (locks), 58 (input or output failed).
_PASSING_STATES = ("08", "28", "3D", "53", "57", "55P03", "40", "58")
_STANDBY_STATE = "25006"
_LOST_STATES = ("08", "57")  # the connection or the server went away
_NOT_THERE = (
    TimeoutError,
    OSError,
    InterfaceError,
    OperationalError,
    PoolTimeoutError,
    asyncpg.InterfaceError,
    sqlite3.OperationalError,
)
_OF_DATABASE = (DBAPIError, asyncpg.PostgresError, sqlite3.DatabaseError)
_OF_STATEMENT = (ProgrammingError, asyncpg.SyntaxOrAccessError, sqlite3.ProgrammingError)
# The statements that write reports are few and always the same: planned once, by what is true of a large ledger, they
# take a third of the time.
_WRITER_SETTINGS = {"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off", "jit": "off"}
BEGIN_WRITING = "BEGIN IMMEDIATE"
_LOCK = f"SELECT pg_advisory_xact_lock({LEDGER_LOCK})"
_NOTIFY = text("SELECT pg_notify(:channel, :position)")
_HEAD = text("SELECT coalesce(max(seq), 0) FROM ledger")


log = logging.getLogger(__name__)


class WeakDurability(RuntimeError):
    """The database would acknowledge what is not on disk."""


@dataclass(slots=True)
class Transaction:
    """A unit of work under way. `entries` are what it appends to the ledger, in order."""

    connection: AsyncConnection
    entries: list[LedgerEntry] = field(default_factory=list)
    is_announced: bool = False  # PostgreSQL only: notice of the last entry was given together with it
    is_committed: bool = False


class Database:
    """One database, SQLite or PostgreSQL, by its URL (`sqlite+aiosqlite:///...`, `postgresql+asyncpg://...`).

    With `replica_url`, a streaming replica of it, most is read there. A replica may also stand alone, as `url`: then
    everything is read and nothing can be written.
    """

    def __init__(self, url: str, replica_url: str | None = None) -> None:
        self.url = url
        parsed, self.is_pooled = pooler.parse(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.has_replica = replica_url is not None
        self.announced = 0  # the last position of which this process itself gave notice
        if self.is_sqlite:
            file = SqliteFile()
            self._writer = _sqlite_engine(url, file, begin=BEGIN_WRITING, connections=1)
            self._newest = self._reader = _sqlite_engine(url, file, begin="BEGIN", connections=4)
        else:
            self._writer = _postgresql_engine(url, isolation_level="READ COMMITTED", **_WRITER_SETTINGS)
            self._newest = _postgresql_engine(url)
            self._reader = _postgresql_engine(replica_url) if replica_url else self._newest

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """The one way to write: holds the ledger's lock, and has committed when it ends without an error.

        Raises: Unavailable, when the database cannot take it now, and OutdatedNode, when only newer nodes may write;
            nothing is stored then. Uncertain, when it did not say at the very end whether it was stored.
        """
        transaction: Transaction | None = None
        try:
            async with in_our_words(), self._writer.connect() as connection:
                transaction = Transaction(connection)
                async with _committed(transaction):
                    if not self.is_sqlite:
                        await _lock(connection)
                    writers.check(await _writer_version(connection))
                    yield transaction
                    if transaction.entries and not self.is_sqlite:
                        await self._announce(transaction)
        except Exception:
            if transaction is not None and transaction.is_committed:
                # What is on disk is not told as refused, or it would be sent and stored again.
                log.exception("committed; the connection could not be given back")
                return
            self.announced = 0  # whoever gets that position in its stead, it is not ours
            raise
        except BaseException:
            self.announced = 0
            raise

    async def _announce(self, transaction: Transaction) -> None:
        """PostgreSQL delivers it at the commit, to all who listen; after a rollback nobody hears of it."""
        self.announced = transaction.entries[-1].seq
        if not transaction.is_announced:
            told = {"channel": CHANNEL, "position": str(self.announced)}
            await transaction.connection.execute(_NOTIFY, told)

    @asynccontextmanager
    async def reading(self, *, holding: int = 0) -> AsyncIterator[AsyncConnection]:
        """One snapshot: all that is read inside is of one moment. Raises: Unavailable.

        It is the replica's, where there is one, unless that has not come as far as the position `holding` yet: what
        a caller was told once he is told again.
        """
        async with _snapshot(self._reader) as connection:
            if not (self.has_replica and holding) or await connection.scalar(_HEAD) >= holding:
                yield connection
                return
        async with self.reading_newest() as connection:
            yield connection

    @asynccontextmanager
    async def reading_newest(self) -> AsyncIterator[AsyncConnection]:
        """One snapshot with all that was ever acknowledged: from where it was written. Raises: Unavailable."""
        async with _snapshot(self._newest) as connection:
            yield connection

    async def check_durability(self) -> None:
        """Read back what makes a commit durable. Raises: WeakDurability, naming what is off; UnnamedPooler."""
        async with self.reading_newest() as connection:
            if self.is_sqlite:
                found = {
                    "journal_mode": await connection.scalar(text("PRAGMA journal_mode")),
                    "synchronous": await connection.scalar(text("PRAGMA synchronous")),
                }
                wanted: dict[str, Any] = {"journal_mode": "wal", "synchronous": 2}
            else:
                if await connection.scalar(text("SHOW statement_timeout")) != STATEMENT_TIMEOUT:
                    raise pooler.UnnamedPooler
                names = ("fsync", "full_page_writes", "synchronous_commit")
                found = {name: await connection.scalar(text(f"SHOW {name}")) for name in names}
                wanted = {"fsync": "on", "full_page_writes": "on"}
                if found["synchronous_commit"] == "off":
                    wanted["synchronous_commit"] = "on"
        weak = [f"{name} is {found[name]}, must be {value}" for name, value in wanted.items() if found[name] != value]
        if weak:
            raise WeakDurability("; ".join(weak))

    async def check_may_write(self) -> None:
        """See that no newer version has taken the writing over. Raises: OutdatedNode, Unavailable."""
        async with self.reading_newest() as connection:
            writers.check(await connection.scalar(text(writers.READ)) or 0)

    async def close(self) -> None:
        """Give all connections back."""
        for engine in {self._writer, self._newest, self._reader}:
            await engine.dispose()


async def _writer_version(connection: AsyncConnection) -> int:
    if connection.dialect.name == "sqlite":
        return int(connection.info[writers.READ])
    driver: Any = (await connection.get_raw_connection()).driver_connection
    return int(await driver.fetchval(writers.READ))


async def _lock(connection: AsyncConnection) -> None:
    """Take the ledger's lock. Raises: TimeoutError, soon, where the server says nothing at all, frozen or cut off.

    Such a connection is given up, or the rollback would wait for its answer as well.
    """
    driver = (await connection.get_raw_connection()).driver_connection
    try:
        async with asyncio.timeout(LOCK_ANSWER_SECONDS):
            await connection.exec_driver_sql(_LOCK)
    except TimeoutError:
        if driver is not None:
            driver.terminate()
        raise


@asynccontextmanager
async def _committed(transaction: Transaction) -> AsyncIterator[None]:
    """A transaction. Raises: Uncertain, when it commits and the database does not say what became of it."""
    is_done = False
    try:
        async with transaction.connection.begin():
            yield
            is_done = True
    except Exception as error:
        if is_done and not _is_rolled_back(error):
            raise Uncertain from error
        raise
    transaction.is_committed = True


def _is_rolled_back(error: Exception) -> bool:
    """Whether a commit that failed with this error is known to have left nothing behind."""
    if isinstance(error, Refusal):
        return True
    cause = getattr(error, "driver_exception", error)
    if isinstance(cause, sqlite3.Error):
        return True  # it is in this process: what it did not report as done is rolled back with the connection
    state = getattr(cause, "sqlstate", None) or ""
    return bool(state) and not state.startswith(_LOST_STATES)


@asynccontextmanager
async def _snapshot(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    async with in_our_words(), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        async with connection.begin():
            yield connection


def _sqlite_engine(url: str, file: SqliteFile, *, begin: str, connections: int) -> AsyncEngine:
    engine = create_async_engine(
        url,
        hide_parameters=True,  # errors are logged, and parameters may be secret
        pool_size=connections,
        max_overflow=0,
        pool_timeout=POOL_WAIT_SECONDS,
        pool_reset_on_return=None,
        connect_args={"timeout": LOCK_WAIT_SECONDS},
    )

    @event.listens_for(engine.sync_engine, "reset")
    def end_transaction(connection: Any, _record: object, _state: object) -> None:
        # Only where one is open, which should not be: the pool's own rollback is a visit to the thread every time.
        if connection.driver_connection.in_transaction:
            connection.rollback()

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        # The driver would begin transactions by itself, late and not for SELECT; we say BEGIN ourselves.
        connection.isolation_level = None
        cursor = connection.cursor()
        try:
            # recursive_triggers: without it INSERT OR REPLACE takes a row of the ledger away and asks no trigger.
            # journal_size_limit: a journal that grew while a snapshot was held gives its room back afterwards.
            for pragma in (
                "journal_mode = WAL",
                "synchronous = FULL",
                "foreign_keys = ON",
                "recursive_triggers = ON",
                f"journal_size_limit = {JOURNAL_BYTES_MAX}",
            ):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.execute("PRAGMA database_list")
            file.opened(cursor.fetchone()[2])
            cursor.close()
        except BaseException:
            # The pool does not know this connection yet, and would leave its closing to the garbage collector.
            connection.close()
            raise

    @event.listens_for(engine.sync_engine, "do_connect")
    @event.listens_for(engine.sync_engine, "checkout")
    def check_file(*_: object) -> None:
        file.check()

    @event.listens_for(engine.sync_engine, "begin")
    def begin_transaction(connection: Any) -> None:
        # In one visit to the connection's thread; a cursor for it would take three.
        if begin == BEGIN_WRITING:
            connection.info[writers.READ] = connection.connection.dbapi_connection.run_async(_begin)
        else:
            connection.connection.dbapi_connection.run_async(lambda driver: driver.execute_fetchall(begin))

    return engine


async def _begin(driver: Any) -> int:
    """Begin to write, and give the lowest version that may, in one visit to the thread of this connection."""

    def begin(raw: sqlite3.Connection) -> int:
        raw.execute(BEGIN_WRITING)
        (writer_version,) = raw.execute(writers.READ).fetchone()
        return int(writer_version)

    # aiosqlite gives out its thread for single statements only.
    return int(await driver._execute(begin, driver._conn))  # noqa: SLF001


def _postgresql_engine(url: str, *, isolation_level: IsolationLevel | None = None, **more: str) -> AsyncEngine:
    """Nothing that matters here is left to the server's own defaults: an operator may have set others."""
    parsed, is_pooled = pooler.parse(url)
    settings = {
        "timezone": "UTC",
        "array_nulls": "on",  # rows are written as arrays (app/store/bulk_write.py)
        "statement_timeout": STATEMENT_TIMEOUT,
        "lock_timeout": f"{LOCK_WAIT_SECONDS}s",
        "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_SECONDS}s",
        **more,
    }
    at_start = {"application_name": "balai"} | ({} if is_pooled else settings)
    engine = create_async_engine(
        parsed,
        hide_parameters=True,  # errors are logged, and parameters may be secret
        # The chosen one is part of BEGIN, each time.
        **({"isolation_level": isolation_level} if isolation_level else {}),
        pool_size=5,
        max_overflow=5,
        pool_timeout=POOL_WAIT_SECONDS,
        connect_args={
            "server_settings": at_start,
            "timeout": 2,
            # It also ends the wait for a server that was frozen or cut off and sends nothing any more.
            "command_timeout": STATEMENT_SECONDS + 1,
            **pooler.connect_args(is_pooled=is_pooled),
        },
    )
    if is_pooled:
        pooler.set_in_each_transaction(engine, settings)

    @event.listens_for(engine.sync_engine, "checkout")
    def check_open(connection: Any, _record: object, _proxy: object) -> None:
        # A server that went away has closed its end, and the driver knows: asking it each time is a round trip.
        if connection.driver_connection.is_closed():
            raise DisconnectionError

    return engine


def is_of_database(error: Exception) -> bool:
    """Whether it was the database that refused, by a constraint or a trigger; a wrong statement is our own fault."""
    return isinstance(error, _OF_DATABASE) and not isinstance(error, _OF_STATEMENT)


@asynccontextmanager
async def in_our_words() -> AsyncIterator[None]:
    """A database that cannot do it now is `Unavailable`; a broken rule or a mistake of ours stays what it is."""
    try:
        yield
    except IntegrityError:
        raise
    except _NOT_THERE as error:
        raise Unavailable("The database does not answer. Nothing was stored; send it again in a moment.") from error
    except (DBAPIError, asyncpg.PostgresError) as error:
        if pooler.is_refusal(getattr(error, "driver_exception", error)):
            raise pooler.UnnamedPooler from error
        # Of SQLAlchemy, or of the driver itself (app/store/bulk_write.py).
        state = getattr(getattr(error, "driver_exception", error), "sqlstate", None) or ""
        if state == _STANDBY_STATE:
            raise Unavailable(
                "This node only reads: its database is a replica. Nothing was stored; send it to another node.",
                retry_after_seconds=READ_ONLY_RETRY_SECONDS,
            ) from error
        if getattr(error, "connection_invalidated", False) or state.startswith(_PASSING_STATES):
            raise Unavailable("The database cannot do this now. Nothing was stored; send it again.") from error
        raise
