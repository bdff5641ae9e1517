"""Statements by the drivers themselves, for what every report needs: SQLAlchemy took ten times the database's time.

They run on the connection of an SQLAlchemy transaction, and so inside it. Rows are written in sets, those of several
tables together: each round trip, or visit to the thread of SQLite's connection, is time that every sender waits.
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


def stamp_for(connection: AsyncConnection) -> Callable[[datetime], str]:
    """What turns an aware time into the text that is written: for SQLite the one that SQLAlchemy reads there."""
    return _for_sqlite if connection.dialect.name == "sqlite" else _with_offset


def _with_offset(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(" ")


def _for_sqlite(at: datetime) -> str:
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


class Writes:
    """Rows for several tables, which are sent together: one statement on PostgreSQL, one visit on SQLite.

    A row has a value for every column of its table, in their order, and times as `stamp` makes them.
    """

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection
        self.stamp = cache(stamp_for(connection))
        self._waiting: list[_Rows] = []

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        """New rows."""
        self._waiting.append(_Rows(table, rows, replace=False))

    def upsert(self, table: Table, rows: Sequence[Row]) -> None:
        """Rows that take the place of those with the same primary key. No key comes twice."""
        self._waiting.append(_Rows(table, rows, replace=True))

    async def send(self, transaction: Transaction | None = None) -> None:
        """Write all that waits; with the notice of the transaction's last entry, where that is given.

        Raises: SQLAlchemy's IntegrityError, as any other statement; what else the driver says is the driver's own.
        """
        waiting, self._waiting = [each for each in self._waiting if each.rows], []
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
            told = f"writing {', '.join(each.table.name for each in waiting)}"
            raise IntegrityError(told, None, broken) from broken


class _Rows(NamedTuple):
    table: Table
    rows: Sequence[Row]
    replace: bool


async def _write_on_postgresql(raw: Any, waiting: Sequence[_Rows], position: str | None) -> None:
    while waiting:
        now = [each._replace(rows=each.rows[:_ROWS_AT_ONCE_MAX]) for each in waiting]
        values = [_array(column) for each in now for column in zip(*each.rows, strict=True)]
        rest = [each._replace(rows=each.rows[_ROWS_AT_ONCE_MAX:]) for each in waiting]
        waiting = [each for each in rest if each.rows]
        is_told = position is not None and not waiting
        statement = _unnesting(tuple((each.table, each.replace) for each in now), is_told=is_told)
        await raw.execute(statement, *values, *([CHANNEL, position] if is_told else []))


def _array(column: Sequence[object]) -> str:
    """A column as PostgreSQL writes an array: the driver's own way looks at each value four times as long."""
    return "{" + ",".join([_TEXT_OF[type(value)](value) for value in column]) + "}"


def _quoted(value: str) -> str:
    if "\\" in value or '"' in value:
        value = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{value}"'


class _TextOf(dict[type, Callable[[Any], str]]):
    """How a value stands in an array, by its type; enumerations are text."""

    def __missing__(self, kind: type) -> Callable[[Any], str]:
        if not issubclass(kind, str):
            raise TypeError(f"no way to write {kind}")
        self[kind] = _quoted
        return _quoted


_TEXT_OF = _TextOf({int: str, str: _quoted, bool: str, float: repr, type(None): lambda _: "NULL"})


def _write_on_sqlite(raw: sqlite3.Connection, waiting: Sequence[_Rows]) -> None:
    for table, rows, replace in waiting:
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
def _unnesting(tables: tuple[tuple[Table, bool], ...], *, is_told: bool) -> str:
    """One statement that writes them all: every part of WITH is done, though nobody asks for what it gives."""
    dialect, number = postgresql.dialect(), count(1)  # type: ignore[no-untyped-call]
    parts = []
    for table, replace in tables:
        arrays = ", ".join(f"${next(number)}::text::{column.type.compile(dialect)}[]" for column in table.columns)
        rows = f"SELECT * FROM unnest({arrays})"  # noqa: S608 - names of our own tables
        parts.append(f"{_into(table)} {rows}{_replacing(table) if replace else ''}")
    named = ", ".join(f"part_{place} AS ({part})" for place, part in enumerate(parts))
    notice = f"pg_notify(${next(number)}, ${next(number)})" if is_told else "1"
    return f"WITH {named} SELECT {notice}"


def _into(table: Table) -> str:
    return f"INSERT INTO {table.name} ({_names(column.name for column in table.columns)})"


def _replacing(table: Table) -> str:
    others = [f'"{column.name}" = excluded."{column.name}"' for column in table.columns if not column.primary_key]
    return f" ON CONFLICT ({_names(table.primary_key.columns.keys())}) DO UPDATE SET {', '.join(others)}"


def _names(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
