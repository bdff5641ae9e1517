"""PgBouncer, which is used when a PostgreSQL URL ends in `?pgbouncer=true`.

In transaction mode each transaction may run on a different connection of the server. So a connection keeps no state
between transactions: no prepared statements, no settings, no LISTEN, no session locks.
"""

from collections.abc import Mapping
from typing import Any

import asyncpg
from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine

FLAG = "pgbouncer"
_UNKNOWN_PARAMETER = "startup parameter"


class UnnamedPooler(RuntimeError):
    """The database is behind a pooler that its URL does not declare."""

    def __init__(self) -> None:
        super().__init__(
            "There is a pooler, such as PgBouncer, between this node and PostgreSQL, and it does not pass on settings. "
            f"Add ?{FLAG}=true to the URL of the database, or connect to PostgreSQL directly."
        )


def parse(url: str) -> tuple[URL, bool]:
    """The URL for the driver, and whether it is that of a pooler."""
    parsed = make_url(url)
    return parsed.difference_update_query([FLAG]), parsed.query.get(FLAG) in {"true", "1", "yes"}


def connect_args(*, is_pooled: bool) -> dict[str, Any]:
    """The arguments that keep the driver from preparing statements that outlive a transaction; empty if not pooled."""
    if not is_pooled:
        return {}
    # An unnamed statement does not outlive its use.
    return {
        "statement_cache_size": 0,
        "prepared_statement_cache_size": 0,
        "prepared_statement_name_func": str,
    }


def set_in_each_transaction(engine: AsyncEngine, settings: Mapping[str, str]) -> None:
    """Apply these PostgreSQL settings at the start of each transaction, for that transaction only: one round trip."""
    values = ", ".join(f"set_config('{name}', '{value}', true)" for name, value in settings.items())

    @event.listens_for(engine.sync_engine, "begin")
    def apply(connection: Connection) -> None:
        # Through the driver: SQLAlchemy has not registered the transaction yet, and would begin another one.
        cursor = connection.connection.cursor()
        cursor.execute(f"SELECT {values}")
        cursor.close()


def is_refusal(error: BaseException | None) -> bool:
    """Whether a pooler refused a connection because it does not support our settings."""
    return isinstance(error, asyncpg.ProtocolViolationError) and _UNKNOWN_PARAMETER in str(error)
