"""One table as one compressed file: the same format for both databases, and readable by any program.

The first line contains the table and its columns with their types; each further line is one row, a JSON list. Texts are
written exactly as they are stored: the ledger's chain is computed over them.
"""

import base64
import gzip
import json
import os
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import IO, Any

from sqlalchemy import BigInteger, Boolean, Column, Double, LargeBinary, Table, Text, column, table
from sqlalchemy.sql.expression import TableClause
from sqlalchemy.types import TypeEngine

from app.store.models import UtcDateTime

SUFFIX = ".jsonl.gz"
ROWS_AT_ONCE = 2_000
_LEVEL = 3  # of gzip: 6 takes twice the time for a tenth less space

_TYPES: dict[str, TypeEngine[Any]] = {
    "boolean": Boolean(),
    "bytes": LargeBinary(),
    "float": Double(),
    "integer": BigInteger(),
    "text": Text(),
    "time": UtcDateTime(),
}
_NAMES = {bool: "boolean", bytes: "bytes", float: "float", int: "integer", str: "text"}
_WRITE: dict[str, Callable[[Any], object]] = {
    "bytes": lambda value: base64.b64encode(value).decode(),
    "time": lambda value: value.astimezone(UTC).isoformat(),
}
_READ: dict[str, Callable[[Any], object]] = {"bytes": base64.b64decode, "time": datetime.fromisoformat}

_FORMAT_ERRORS = (EOFError, KeyError, TypeError, ValueError, gzip.BadGzipFile, zlib.error)

Row = Sequence[Any]


class UnreadablePart(RuntimeError):
    """This file was not written by `write_part`."""


@dataclass(frozen=True, slots=True)
class Part:
    """An open file of rows: the table that they belong to, and the rows by column, in batches."""

    table: TableClause
    rows: Iterator[list[dict[str, Any]]]


async def write_part(file: Path, of: Table, rows: AsyncIterator[Sequence[Row]]) -> int:
    """Write rows that have a value for every column of the table. Returns their number; the file is then on disk.

    Only its owner can read it. Raises: FileExistsError; OSError, when the disk is full.
    """
    columns = [(column.name, _type_name(column)) for column in of.columns]
    writers = [(index, _WRITE[kind]) for index, (_, kind) in enumerate(columns) if kind in _WRITE]
    count = 0
    with _new_file(file) as raw:
        with gzip.GzipFile(filename="", mode="wb", compresslevel=_LEVEL, fileobj=raw, mtime=0) as packed:
            packed.write(_line({"table": of.name, "columns": columns}))
            async for batch in rows:
                packed.write(b"".join(_line(_convert(row, writers)) for row in batch))
                count += len(batch)
        raw.flush()
        os.fsync(raw.fileno())
    return count


def _new_file(file: Path) -> IO[bytes]:
    return open(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")  # noqa: PTH123 - with this mode


@contextmanager
def open_part(file: Path) -> Iterator[Part]:
    """The rows of a file, which is open during the block. Raises: UnreadablePart, also inside the block."""
    with gzip.open(file, "rt", encoding="utf-8", newline="\n") as lines:
        try:
            head = json.loads(lines.readline())
            columns = [(str(name), str(kind)) for name, kind in head["columns"]]
            described = table(str(head["table"]), *(column(name, _TYPES[kind]) for name, kind in columns))
        except _FORMAT_ERRORS as error:
            raise UnreadablePart(f"{file.name} cannot be read: {error}") from error
        yield Part(described, _rows(file, lines, columns))


def _rows(file: Path, lines: Iterator[str], columns: Sequence[tuple[str, str]]) -> Iterator[list[dict[str, Any]]]:
    names = [name for name, _ in columns]
    readers = [(name, _READ[kind]) for name, kind in columns if kind in _READ]
    try:
        while batch := [dict(zip(names, json.loads(line), strict=True)) for line in islice(lines, ROWS_AT_ONCE)]:
            for row in batch:
                for name, read in readers:
                    if row[name] is not None:
                        row[name] = read(row[name])
            yield batch
    except _FORMAT_ERRORS as error:
        raise UnreadablePart(f"{file.name} cannot be read: {error}") from error


def _convert(row: Row, writers: Sequence[tuple[int, Callable[[Any], object]]]) -> list[object]:
    values = list(row)
    for index, write in writers:
        if values[index] is not None:
            values[index] = write(values[index])
    return values


def _line(document: object) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _type_name(of: Column[Any]) -> str:
    return "time" if isinstance(of.type, UtcDateTime) else _NAMES[of.type.python_type]
