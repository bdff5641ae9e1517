"""PgBouncer: a URL of PostgreSQL that ends in `?pgbouncer=true` leads to it.

In transaction mode each transaction may run on another connection of the server. So nothing may be kept on one between
transactions: no prepared statements, no settings, no LISTEN, no lock of a session.
"""

from collections.abc import Mapping
from typing import Any

import asyncpg
from sqlalchemy import URL, Connection, event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine

FLAG = "pgbouncer"
_UNKNOWN_PARAMETER = "startup parameter"


class UnnamedPooler(RuntimeError):
    """There is a pooler before the database that its URL does not name."""

    def __init__(self) -> None:
        super().__init__(
            "Between this node and PostgreSQL there is a pooler, such as PgBouncer, which does not pass settings on. "
            f"Add ?{FLAG}=true to the URL of the database, or connect to PostgreSQL itself."
        )


def parse(url: str) -> tuple[URL, bool]:
    """The URL for the driver, and whether it leads to a pooler."""
    parsed = make_url(url)
    return parsed.difference_update_query([FLAG]), parsed.query.get(FLAG) in {"true", "1", "yes"}


def connect_args(*, is_pooled: bool) -> dict[str, Any]:
    """What keeps the driver from preparing statements that outlive a transaction, where it must not."""
    if not is_pooled:
        return {}
    # A statement without a name is the connection's only for the moment.
    return {
        "statement_cache_size": 0,
        "prepared_statement_cache_size": 0,
        "prepared_statement_name_func": str,
    }


def set_in_each_transaction(engine: AsyncEngine, settings: Mapping[str, str]) -> None:
    """Apply these settings of PostgreSQL at the beginning of each transaction, and for it alone: one round trip."""
    values = ", ".join(f"set_config('{name}', '{value}', true)" for name, value in settings.items())

    @event.listens_for(engine.sync_engine, "begin")
    def apply(connection: Connection) -> None:
        # By the driver: SQLAlchemy has not noted the transaction yet, and would begin another one.
        cursor = connection.connection.cursor()
        cursor.execute(f"SELECT {values}")
        cursor.close()


def is_refusal(error: BaseException | None) -> bool:
    """Whether a pooler did not let a connection begin, for it knows none of our settings."""
    return isinstance(error, asyncpg.ProtocolViolationError) and _UNKNOWN_PARAMETER in str(error)
