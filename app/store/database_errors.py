"""Translating the errors of both databases and their drivers."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy.exc import DBAPIError, IntegrityError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from app.domain.errors import Unavailable
from app.store import pooler

READ_ONLY_RETRY_SECONDS = 30  # a replica accepts writes after it is promoted, which takes a while

# SQLSTATE classes that may pass: PostgreSQL is not available, not ready, not writable or out of resources. 08
# (connection), 28 and 3D (no such role, password or database: an operator corrects that while we wait), 53 (resources),
# 57P (shutdown, cancelled), 55P03 and 40 (locks), 58 (I/O error).
_PASSING_STATES = ("08", "28", "3D", "53", "57", "55P03", "40", "58")
_STANDBY_STATE = "25006"
_UNREACHABLE = (
    TimeoutError,
    OSError,
    InterfaceError,
    OperationalError,
    PoolTimeoutError,
    asyncpg.InterfaceError,
    sqlite3.OperationalError,
)
_DATABASE_ERRORS = (DBAPIError, asyncpg.PostgresError, sqlite3.DatabaseError)
_STATEMENT_ERRORS = (ProgrammingError, asyncpg.SyntaxOrAccessError, sqlite3.ProgrammingError)


def is_database_rejection(error: Exception) -> bool:
    """Whether the database rejected the data by a constraint or trigger; an invalid statement is our own fault."""
    return isinstance(error, _DATABASE_ERRORS) and not isinstance(error, _STATEMENT_ERRORS)


@asynccontextmanager
async def translate_errors() -> AsyncIterator[None]:
    """Translate errors that may pass to `Unavailable`; violated constraints and programming errors stay unchanged."""
    try:
        yield
    except IntegrityError:
        raise
    except _UNREACHABLE as error:
        raise Unavailable("The database does not answer. Nothing was stored; send it again in a moment.") from error
    except (DBAPIError, asyncpg.PostgresError) as error:
        if pooler.is_refusal(getattr(error, "driver_exception", error)):
            raise pooler.UnnamedPooler from error
        # An error of SQLAlchemy, or of the driver itself (app/store/bulk_write.py).
        state = getattr(getattr(error, "driver_exception", error), "sqlstate", None) or ""
        if state == _STANDBY_STATE:
            raise Unavailable(
                "This node only reads: its database is a replica. Nothing was stored; send it to another node.",
                retry_after_seconds=READ_ONLY_RETRY_SECONDS,
            ) from error
        if getattr(error, "connection_invalidated", False) or state.startswith(_PASSING_STATES):
            raise Unavailable("The database cannot process this now. Nothing was stored; send it again.") from error
        raise
