"""The database: transactions for writing, snapshots for reading.

All writes go through `transaction`, which takes the ledger's lock first: positions are assigned in commit order,
without gaps, in one process or many. Consistent reads go through `reading`, which is one snapshot.
"""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from app.domain.errors import Refusal, Uncertain
from app.domain.ledger import LedgerEntry
from app.store import pooler, writers
from app.store.database_errors import translate_errors
from app.store.engines import BEGIN_WRITING, STATEMENT_TIMEOUT, postgresql_engine, sqlite_engine
from app.store.sqlite_file import SqliteFile

LOCK_ANSWER_SECONDS = 2.4  # longer than the lock wait: the server hangs. Promise P8 allows 3 seconds
LEDGER_LOCK = 0x62616C6169  # "balai": the advisory lock that a transaction holds to append to the ledger
CHANNEL = "balai_ledger"  # the channel on which PostgreSQL announces the ledger's end at each commit

_LOST_STATES = ("08", "57")  # the connection or the server was lost
# The statements that write reports are few and always the same: planned once, for a large ledger, they take a third of
# the time.
_WRITER_SETTINGS = {"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off", "jit": "off"}
_LOCK = f"SELECT pg_advisory_xact_lock({LEDGER_LOCK})"
_NOTIFY = text("SELECT pg_notify(:channel, :position)")
_HEAD = text("SELECT coalesce(max(seq), 0) FROM ledger")


log = logging.getLogger(__name__)


class WeakDurability(RuntimeError):
    """The database would acknowledge commits that are not on disk."""


@dataclass(slots=True)
class Transaction:
    """A unit of work in progress. `entries` are those that it appends to the ledger, in order."""

    connection: AsyncConnection
    entries: list[LedgerEntry] = field(default_factory=list)
    is_announced: bool = False  # PostgreSQL only: the notice of the last entry was sent together with it
    is_committed: bool = False


class Database:
    """One database, SQLite or PostgreSQL, by its URL (`sqlite+aiosqlite:///...`, `postgresql+asyncpg://...`).

    With `replica_url`, a streaming replica of it, most reads go there. A replica can also be used alone, as `url`: then
    nothing can be written.
    """

    def __init__(self, url: str, replica_url: str | None = None) -> None:
        self.url = url
        parsed, self.is_pooled = pooler.parse(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self.has_replica = replica_url is not None
        self.announced = 0  # the last position that this process itself announced
        if self.is_sqlite:
            file = SqliteFile()
            self._writer = sqlite_engine(url, file, begin=BEGIN_WRITING, connections=1)
            self._newest = self._reader = sqlite_engine(url, file, begin="BEGIN", connections=4)
        else:
            self._writer = postgresql_engine(url, isolation_level="READ COMMITTED", **_WRITER_SETTINGS)
            self._newest = postgresql_engine(url)
            self._reader = postgresql_engine(replica_url) if replica_url else self._newest

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """The only way to write: holds the ledger's lock, and has committed when it ends without an error.

        Raises: Unavailable, when the database cannot store it now, and OutdatedNode, when only newer nodes may write;
            then nothing is stored. Uncertain, when the database did not confirm the commit.
        """
        transaction: Transaction | None = None
        try:
            async with translate_errors(), self._writer.connect() as connection:
                transaction = Transaction(connection)
                async with _commit_at_end(transaction):
                    if not self.is_sqlite:
                        await _lock(connection)
                    writers.check(await _writer_version(connection))
                    yield transaction
                    if transaction.entries and not self.is_sqlite:
                        await self._announce(transaction)
        except Exception:
            if transaction is not None and transaction.is_committed:
                # A stored report must not be refused, or it would be sent and stored again.
                log.exception("committed; the connection could not be returned to the pool")
                return
            self.announced = 0  # another transaction may get that position
            raise
        except BaseException:
            self.announced = 0
            raise

    async def _announce(self, transaction: Transaction) -> None:
        """Announce the last entry. PostgreSQL delivers the notice to all listeners at the commit, never otherwise."""
        self.announced = transaction.entries[-1].seq
        if not transaction.is_announced:
            values = {"channel": CHANNEL, "position": str(self.announced)}
            await transaction.connection.execute(_NOTIFY, values)

    @asynccontextmanager
    async def reading(self, *, holding: int = 0) -> AsyncIterator[AsyncConnection]:
        """One snapshot: all reads inside it see the same moment. Raises: Unavailable.

        It is the replica's, if there is one and it has reached the position `holding`: a caller never sees an older
        state than before.
        """
        async with _snapshot(self._reader) as connection:
            if not (self.has_replica and holding) or await connection.scalar(_HEAD) >= holding:
                yield connection
                return
        async with self.reading_newest() as connection:
            yield connection

    @asynccontextmanager
    async def reading_newest(self) -> AsyncIterator[AsyncConnection]:
        """One snapshot of the primary database, with everything that was ever acknowledged. Raises: Unavailable."""
        async with _snapshot(self._newest) as connection:
            yield connection

    async def check_durability(self) -> None:
        """Check that commits are durable. Raises: WeakDurability, naming the wrong settings; UnnamedPooler."""
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
        """Check that this version may still write. Raises: OutdatedNode, Unavailable."""
        async with self.reading_newest() as connection:
            writers.check(await connection.scalar(text(writers.READ)) or 0)

    async def close(self) -> None:
        """Close all connections."""
        for engine in {self._writer, self._newest, self._reader}:
            await engine.dispose()


async def _writer_version(connection: AsyncConnection) -> int:
    if connection.dialect.name == "sqlite":
        return int(connection.info[writers.READ])
    driver: Any = (await connection.get_raw_connection()).driver_connection
    return int(await driver.fetchval(writers.READ))


async def _lock(connection: AsyncConnection) -> None:
    """Take the ledger's lock. Raises: TimeoutError, soon, if the server is frozen or unreachable and does not answer.

    Such a connection is terminated, or the rollback would wait for an answer as well.
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
async def _commit_at_end(transaction: Transaction) -> AsyncIterator[None]:
    """Begin and commit a transaction. Raises: Uncertain, when the database does not confirm or reject the commit."""
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
    """Whether a commit that failed with this error certainly stored nothing."""
    if isinstance(error, Refusal):
        return True
    cause = getattr(error, "driver_exception", error)
    if isinstance(cause, sqlite3.Error):
        return True  # it runs in this process: an unconfirmed commit is rolled back with the connection
    state = getattr(cause, "sqlstate", None) or ""
    return bool(state) and not state.startswith(_LOST_STATES)


@asynccontextmanager
async def _snapshot(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    async with translate_errors(), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        async with connection.begin():
            yield connection
