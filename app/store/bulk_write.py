"""Statements sent directly through the drivers, for the writes of every report: SQLAlchemy took ten times as long.

They run on the connection of an SQLAlchemy transaction, and so inside it. Rows are written in batches, those of several
tables together: every sender waits for each round trip, or each call in the thread of SQLite's connection.

SQLAlchemy Core in place of these statements was tried: 73 lines instead of 181, but 0.37 ms per report instead of 0.28
in batches of 30, the usual size.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import cache
from itertools import chain, count
from typing import Any, NamedTuple, TypeVar

import asyncpg
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.database import CHANNEL, Transaction

# Rows per statement on SQLite, largest first: a statement for every number of rows would have to be prepared each time,
# and one per row would release the interpreter's lock and wait for it again for each row.
_ROWS_AT_ONCE = (64, 8, 1)
# Rows per statement on PostgreSQL, limited for other tasks of this process: encoding them takes some milliseconds.
_ROWS_AT_ONCE_MAX = 2_000

T = TypeVar("T")
Row = Sequence[object]


async def on_sqlite(connection: AsyncConnection, work: Callable[[sqlite3.Connection], T]) -> T:
    """The result of `work`, which runs in the thread of this connection."""
    driver: Any = (await connection.get_raw_connection()).driver_connection
    # The public methods of aiosqlite run only single statements in its thread.
    result: T = await driver._execute(work, driver._conn)  # noqa: SLF001
    return result


async def on_postgresql(connection: AsyncConnection) -> Any:
    """The driver's own connection (asyncpg), inside the transaction. Raises: RuntimeError, outside of one."""
    if not connection.in_transaction():
        raise RuntimeError("outside a transaction the driver would commit each statement separately")
    return (await connection.get_raw_connection()).driver_connection


def stamp_for(connection: AsyncConnection) -> Callable[[datetime], str]:
    """A function that converts an aware time to the stored text: on SQLite the format that SQLAlchemy reads."""
    return _for_sqlite if connection.dialect.name == "sqlite" else _with_offset


def _with_offset(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(" ")


def _for_sqlite(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


class Writes:
    """Rows for several tables that are sent together: in one statement on PostgreSQL, in one thread call on SQLite.

    Shape: a row has a value for every column of its table, in order, and times as returned by `stamp`.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self.stamp = cache(stamp_for(connection))
        self._waiting: list[_Rows] = []

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        """Add new rows of a table."""
        self._waiting.append(_Rows(table, rows, replace=False))

    def upsert(self, table: Table, rows: Sequence[Row]) -> None:
        """Add rows that replace those with the same primary key. No key may occur twice."""
        self._waiting.append(_Rows(table, rows, replace=True))

    async def send(self, transaction: Transaction | None = None) -> None:
        """Write all added rows, with the notice of the transaction's last entry, if a transaction is given.

        Raises: SQLAlchemy's IntegrityError, like any other statement; other errors of the driver are not translated.
        """
        waiting, self._waiting = [batch for batch in self._waiting if batch.rows], []
        if not waiting:
            return
        try:
            if self.connection.dialect.name == "sqlite":
                await on_sqlite(self.connection, lambda raw: _write_on_sqlite(raw, waiting))
            else:
                position = str(transaction.entries[-1].seq) if transaction and transaction.entries else None
                await _write_on_postgresql(await on_postgresql(self.connection), waiting, position)
                if transaction:
                    transaction.is_announced = position is not None
        except (sqlite3.IntegrityError, asyncpg.IntegrityConstraintViolationError) as broken:
            statement = f"writing {', '.join(batch.table.name for batch in waiting)}"
            raise IntegrityError(statement, None, broken) from broken


class _Rows(NamedTuple):
    table: Table
    rows: Sequence[Row]
    replace: bool


async def _write_on_postgresql(raw: Any, waiting: Sequence[_Rows], position: str | None) -> None:
    while waiting:
        part = [batch._replace(rows=batch.rows[:_ROWS_AT_ONCE_MAX]) for batch in waiting]
        values = [_array_literal(column) for batch in part for column in zip(*batch.rows, strict=True)]
        rest = [batch._replace(rows=batch.rows[_ROWS_AT_ONCE_MAX:]) for batch in waiting]
        waiting = [batch for batch in rest if batch.rows]
        notifies = position is not None and not waiting
        statement = _unnest_statement(tuple((batch.table, batch.replace) for batch in part), notifies=notifies)
        await raw.execute(statement, *values, *([CHANNEL, position] if notifies else []))


def _array_literal(column: Sequence[object]) -> str:
    """A column as a PostgreSQL array literal: the driver's own encoding takes four times as long per value."""
    return "{" + ",".join([_TEXT_OF[type(value)](value) for value in column]) + "}"


def _quote(value: str) -> str:
    if "\\" in value or '"' in value:
        value = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{value}"'


class _TextOf(dict[type, Callable[[Any], str]]):
    """The functions that write values in an array literal, by type; enumerations are text."""

    def __missing__(self, kind: type) -> Callable[[Any], str]:
        if not issubclass(kind, str):
            raise TypeError(f"cannot write values of {kind}")
        self[kind] = _quote
        return _quote


_TEXT_OF = _TextOf({int: str, str: _quote, bool: str, float: repr, type(None): lambda _: "NULL"})


def _write_on_sqlite(raw: sqlite3.Connection, waiting: Sequence[_Rows]) -> None:
    for table, rows, replace in waiting:
        start = 0
        for size in _ROWS_AT_ONCE:
            statement = _values_statement(table, size, replace=replace)
            while len(rows) - start >= size:
                raw.execute(statement, list(chain.from_iterable(rows[start : start + size])))
                start += size


@cache
def _values_statement(table: Table, rows: int, *, replace: bool) -> str:
    row = f"({', '.join('?' for _ in table.columns)})"
    return f"{_insert_clause(table)} VALUES {', '.join([row] * rows)}{_conflict_clause(table) if replace else ''}"


@cache
def _unnest_statement(tables: tuple[tuple[Table, bool], ...], *, notifies: bool) -> str:
    """One statement that writes all tables: every part of WITH is executed, although its result is not used."""
    dialect, number = postgresql.dialect(), count(1)  # type: ignore[no-untyped-call]
    parts = []
    for table, replace in tables:
        arrays = ", ".join(f"${next(number)}::text::{column.type.compile(dialect)}[]" for column in table.columns)
        rows = f"SELECT * FROM unnest({arrays})"  # noqa: S608 - names of our own tables
        parts.append(f"{_insert_clause(table)} {rows}{_conflict_clause(table) if replace else ''}")
    named = ", ".join(f"part_{index} AS ({part})" for index, part in enumerate(parts))
    notice = f"pg_notify(${next(number)}, ${next(number)})" if notifies else "1"
    return f"WITH {named} SELECT {notice}"


def _insert_clause(table: Table) -> str:
    return f"INSERT INTO {table.name} ({_names(column.name for column in table.columns)})"


def _conflict_clause(table: Table) -> str:
    others = [f'"{column.name}" = excluded."{column.name}"' for column in table.columns if not column.primary_key]
    return f" ON CONFLICT ({_names(table.primary_key.columns.keys())}) DO UPDATE SET {', '.join(others)}"


def _names(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
