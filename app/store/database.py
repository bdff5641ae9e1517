"""The database: one engine to read, one lane to write, and the errors of both in our words.

Whatever is written goes through `transaction`, which takes the ledger's lock first: positions are given out in
commit order, without holes, in one process or many. Whatever is read together goes through `reading`, one snapshot.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event, make_url, text
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from app.domain.errors import Unavailable
from app.domain.ledger import LedgerEntry

# Reliability section 4, row "database". The busy time of SQLite is its lock wait.
POOL_WAIT_SECONDS = 2
STATEMENT_SECONDS = 5
LOCK_WAIT_SECONDS = 2
IDLE_IN_TRANSACTION_SECONDS = 10

LEDGER_LOCK = 0x62616C6169  # "balai": the advisory lock of the ledger's one writing lane

# What PostgreSQL says when it is not there, not ready, not writable or out of room: class 08 (connection), 28 and 3D
# (no such role, password or database: an operator mends that while we wait), 53
# (resources), 57P (shutdown, cancelled), 55P03 and 40 (locks), 25006 (a standby), 58 (input or output failed).
_PASSING_STATES = ("08", "28", "3D", "53", "57", "55P03", "40", "25006", "58")


class WeakDurability(RuntimeError):
    """The database would acknowledge what is not on disk."""


@dataclass(slots=True)
class Transaction:
    """A unit of work under way. `entries` are what it appends to the ledger, in order."""

    connection: AsyncConnection
    entries: list[LedgerEntry] = field(default_factory=list)


class Database:
    """One database, SQLite or PostgreSQL, by its URL (`sqlite+aiosqlite:///...`, `postgresql+asyncpg://...`)."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        if self.is_sqlite:
            self._writer = _sqlite_engine(url, begin="BEGIN IMMEDIATE", connections=1)
            self._reader = _sqlite_engine(url, begin="BEGIN", connections=4)
        else:
            self._writer = self._reader = _postgresql_engine(url)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """The one way to write: holds the ledger's lock, and has committed when it ends without an error.

        Raises: Unavailable, when the database cannot take it now; nothing is stored then.
        """
        async with in_our_words(), self._writer.connect() as connection, connection.begin():
            if not self.is_sqlite:
                await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LEDGER_LOCK})
            yield Transaction(connection)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """One snapshot: all that is read inside is of one moment. Raises: Unavailable."""
        async with in_our_words(), self._reader.connect() as connection:
            if not self.is_sqlite:
                await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            async with connection.begin():
                yield connection

    async def check_durability(self) -> None:
        """Read back what makes a commit durable. Raises: WeakDurability, naming what is off."""
        async with self.reading() as connection:
            if self.is_sqlite:
                found = {
                    "journal_mode": await connection.scalar(text("PRAGMA journal_mode")),
                    "synchronous": await connection.scalar(text("PRAGMA synchronous")),
                }
                wanted: dict[str, Any] = {"journal_mode": "wal", "synchronous": 2}
            else:
                names = ("fsync", "full_page_writes", "synchronous_commit")
                found = {name: await connection.scalar(text(f"SHOW {name}")) for name in names}
                wanted = {"fsync": "on", "full_page_writes": "on"}
                if found["synchronous_commit"] == "off":
                    wanted["synchronous_commit"] = "on"
        weak = [f"{name} is {found[name]}, must be {value}" for name, value in wanted.items() if found[name] != value]
        if weak:
            raise WeakDurability("; ".join(weak))

    async def close(self) -> None:
        """Give all connections back."""
        await self._writer.dispose()
        if self._reader is not self._writer:
            await self._reader.dispose()


def _sqlite_engine(url: str, *, begin: str, connections: int) -> AsyncEngine:
    engine = create_async_engine(
        url,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=POOL_WAIT_SECONDS,
        connect_args={"timeout": LOCK_WAIT_SECONDS},
    )

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        # The driver would begin transactions by itself, late and not for SELECT; we say BEGIN ourselves.
        connection.isolation_level = None
        cursor = connection.cursor()
        try:
            # recursive_triggers: without it INSERT OR REPLACE takes a row of the ledger away and asks no trigger.
            for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "recursive_triggers = ON"):
                cursor.execute(f"PRAGMA {pragma}")
            cursor.close()
        except BaseException:
            # The pool does not know this connection yet, and would leave its closing to the garbage collector.
            connection.close()
            raise

    @event.listens_for(engine.sync_engine, "begin")
    def begin_transaction(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


def _postgresql_engine(url: str) -> AsyncEngine:
    settings = {
        "application_name": "balai",
        "timezone": "UTC",
        "statement_timeout": f"{STATEMENT_SECONDS}s",
        "lock_timeout": f"{LOCK_WAIT_SECONDS}s",
        "idle_in_transaction_session_timeout": f"{IDLE_IN_TRANSACTION_SECONDS}s",
    }
    return create_async_engine(
        url,
        pool_size=5,
        max_overflow=5,
        pool_timeout=POOL_WAIT_SECONDS,
        pool_pre_ping=True,
        # command_timeout also ends the wait for a server that was frozen or cut off and sends nothing any more.
        connect_args={"server_settings": settings, "timeout": 2, "command_timeout": STATEMENT_SECONDS + 1},
    )


@asynccontextmanager
async def in_our_words() -> AsyncIterator[None]:
    """A database that cannot do it now is `Unavailable`; a broken rule or a mistake of ours stays what it is."""
    try:
        yield
    except IntegrityError:
        raise
    except (TimeoutError, InterfaceError, OperationalError, PoolTimeoutError, OSError) as error:
        raise Unavailable("The database does not answer. Nothing was stored; send it again in a moment.") from error
    except DBAPIError as error:
        state = getattr(error.driver_exception, "sqlstate", None) or ""
        if error.connection_invalidated or state.startswith(_PASSING_STATES):
            raise Unavailable("The database cannot do this now. Nothing was stored; send it again.") from error
        raise
