"""Statements by the drivers themselves, for what every report needs: SQLAlchemy took ten times the database's time.

They run on the connection of an SQLAlchemy transaction, and so inside it. Rows are written in sets: one statement and
one round trip for all rows of a table on PostgreSQL, one visit to the connection's thread on SQLite.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import chain
from typing import Any, TypeVar

import asyncpg
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

# Rows in one statement of SQLite, largest first: a statement for every number would be prepared over and over, and
# one for each row gives the interpreter's lock away and waits for it as often.
_ROWS_AT_ONCE = (64, 8, 1)
# On PostgreSQL, where it is for the others in this process: to encode them takes some milliseconds.
_ROWS_AT_ONCE_MAX = 2_000

T = TypeVar("T")
Row = Sequence[object]


async def on_sqlite(connection: AsyncConnection, work: Callable[[sqlite3.Connection], T]) -> T:
    """What `work` gives, which is done in the thread of this connection."""
    driver: Any = (await connection.get_raw_connection()).driver_connection
    # aiosqlite gives out its thread for single statements only.
    result: T = await driver._execute(work, driver._conn)  # noqa: SLF001
    return result


async def on_postgresql(connection: AsyncConnection) -> Any:
    """The driver's own connection (asyncpg), inside the transaction."""
    if not connection.in_transaction():
        raise RuntimeError("the driver would commit each statement by itself")
    return (await connection.get_raw_connection()).driver_connection


def stamp_for(connection: AsyncConnection) -> Callable[[datetime], object]:
    """What turns an aware time into what the driver writes: itself, or for SQLite the text that SQLAlchemy reads."""
    return _as_text if connection.dialect.name == "sqlite" else _as_utc


def _as_utc(at: datetime) -> datetime:
    return at.astimezone(UTC)


def _as_text(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


async def insert(connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> None:
    """Write new rows, with a value for every column of the table in its order; times as `stamp_for` makes them.

    Raises: SQLAlchemy's IntegrityError, as any other statement; what else the driver says is the driver's own.
    """
    await _write(connection, table, rows, replace=False)


async def upsert(connection: AsyncConnection, table: Table, rows: Sequence[Row]) -> None:
    """The same, but a row with the same primary key is replaced. No key comes twice in `rows`."""
    await _write(connection, table, rows, replace=True)


async def _write(connection: AsyncConnection, table: Table, rows: Sequence[Row], *, replace: bool) -> None:
    if not rows:
        return
    try:
        if connection.dialect.name == "sqlite":
            await on_sqlite(connection, lambda raw: _write_on_sqlite(raw, table, rows, replace=replace))
        else:
            raw, statement = await on_postgresql(connection), _unnesting(table, replace=replace)
            for start in range(0, len(rows), _ROWS_AT_ONCE_MAX):
                await raw.execute(statement, *zip(*rows[start : start + _ROWS_AT_ONCE_MAX], strict=True))
    except (sqlite3.IntegrityError, asyncpg.IntegrityConstraintViolationError) as broken:
        raise IntegrityError(f"writing {table.name}", None, broken) from broken


def _write_on_sqlite(raw: sqlite3.Connection, table: Table, rows: Sequence[Row], *, replace: bool) -> None:
    start = 0
    for size in _ROWS_AT_ONCE:
        statement = _of_values(table, size, replace=replace)
        while len(rows) - start >= size:
            raw.execute(statement, list(chain.from_iterable(rows[start : start + size])))
            start += size


@cache
def _of_values(table: Table, rows: int, *, replace: bool) -> str:
    row = f"({', '.join('?' for _ in table.columns)})"
    return f"{_into(table)} VALUES {', '.join([row] * rows)}{_replacing(table) if replace else ''}"


@cache
def _unnesting(table: Table, *, replace: bool) -> str:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    arrays = (f"${n}::{column.type.compile(dialect)}[]" for n, column in enumerate(table.columns, start=1))
    rows = f"SELECT * FROM unnest({', '.join(arrays)})"  # noqa: S608 - names of our own tables
    return f"{_into(table)} {rows}{_replacing(table) if replace else ''}"


def _into(table: Table) -> str:
    return f"INSERT INTO {table.name} ({_names(column.name for column in table.columns)})"


def _replacing(table: Table) -> str:
    others = [f'"{column.name}" = excluded."{column.name}"' for column in table.columns if not column.primary_key]
    return f" ON CONFLICT ({_names(table.primary_key.columns.keys())}) DO UPDATE SET {', '.join(others)}"


def _names(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
