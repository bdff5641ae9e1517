"""The engines of SQLAlchemy for both databases, with every setting that this program depends on."""

import sqlite3
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine.interfaces import IsolationLevel
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from app.store import pooler, writers
from app.store.sqlite_file import SqliteFile

# docs/limits.md. On SQLite the lock wait is the busy timeout.
POOL_WAIT_SECONDS = 2
STATEMENT_SECONDS = 5
STATEMENT_TIMEOUT = f"{STATEMENT_SECONDS}s"
LOCK_WAIT_SECONDS = 2
IDLE_IN_TRANSACTION_SECONDS = 10

JOURNAL_BYTES_MAX = 16 * 1024 * 1024  # of SQLite's journal after a checkpoint; it usually reaches 4 MiB in between

BEGIN_WRITING = "BEGIN IMMEDIATE"


def sqlite_engine(url: str, file: SqliteFile, *, begin: str, connections: int) -> AsyncEngine:
    """An engine with this many connections, whose transactions start with the statement `begin`."""
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
        # Only if one is open, which should not happen: the pool's own rollback would be a thread call every time.
        if connection.driver_connection.in_transaction:
            connection.rollback()

    @event.listens_for(engine.sync_engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        _prepare(connection, file)

    @event.listens_for(engine.sync_engine, "do_connect")
    @event.listens_for(engine.sync_engine, "checkout")
    def check_file(*_: object) -> None:
        file.check()

    @event.listens_for(engine.sync_engine, "begin")
    def begin_transaction(connection: Any) -> None:
        # In one call in the connection's thread; a cursor would need three.
        if begin == BEGIN_WRITING:
            connection.info[writers.READ] = connection.connection.dbapi_connection.run_async(_begin)
        else:
            connection.connection.dbapi_connection.run_async(lambda driver: driver.execute_fetchall(begin))

    return engine


def _prepare(connection: Any, file: SqliteFile) -> None:
    """Apply all settings to a new connection, and check its file."""
    # The driver would begin transactions itself, late and not for SELECT; we send BEGIN ourselves.
    connection.isolation_level = None
    cursor = connection.cursor()
    try:
        # recursive_triggers: without it INSERT OR REPLACE deletes a row of the ledger without firing a trigger.
        # journal_size_limit: a journal that grew while a snapshot was held is truncated afterwards.
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
        # The pool does not own this connection yet, and would leave closing it to the garbage collector.
        connection.close()
        raise


async def _begin(driver: Any) -> int:
    """Begin a writing transaction and return the lowest version that may write, in one thread call."""

    def begin(raw: sqlite3.Connection) -> int:
        raw.execute(BEGIN_WRITING)
        (writer_version,) = raw.execute(writers.READ).fetchone()
        return int(writer_version)

    # The public methods of aiosqlite run only single statements in its thread.
    return int(await driver._execute(begin, driver._conn))  # noqa: SLF001


def postgresql_engine(url: str, *, isolation_level: IsolationLevel | None = None, **more: str) -> AsyncEngine:
    """An engine with every relevant setting: the server's defaults may have been changed by an operator."""
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
        # It is part of each BEGIN.
        **({"isolation_level": isolation_level} if isolation_level else {}),
        pool_size=5,
        max_overflow=5,
        pool_timeout=POOL_WAIT_SECONDS,
        connect_args={
            "server_settings": at_start,
            "timeout": 2,
            # This also ends the wait for a server that is frozen or unreachable.
            "command_timeout": STATEMENT_SECONDS + 1,
            **pooler.connect_args(is_pooled=is_pooled),
        },
    )
    if is_pooled:
        pooler.set_in_each_transaction(engine, settings)

    @event.listens_for(engine.sync_engine, "checkout")
    def check_open(connection: Any, _record: object, _proxy: object) -> None:
        # If the server has closed the connection, the driver knows: a ping would be a round trip each time.
        if connection.driver_connection.is_closed():
            raise DisconnectionError

    return engine
