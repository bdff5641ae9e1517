"""CSV files with a header line, plain or gzipped, parsed strictly and within limits.

A caller checks the faults of all rows before it uses any: a file is accepted completely or not at all.
"""

import csv
import gzip
import itertools
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from app.domain.text import is_printable

ROWS_MAX = 200_000
COLUMNS_MAX = 64
CELL_LENGTH_MAX = 1_000
LINE_BYTES_MAX = 4 * COLUMNS_MAX * CELL_LENGTH_MAX
BYTES_MAX = 256 * 1024 * 1024
FAULTS_SHOWN = 20

# Not with three zeros: 1.000 may be one or one thousand.
_WHOLE = re.compile(r"(-?[0-9]{1,15})(?:\.0{1,2})?")


class FileRefused(Exception):
    """A file is refused as a whole. The message has a sentence for each of the first faults.

    `rows` is the number of rows with faults.
    """

    def __init__(self, message: str, rows: int = 0) -> None:
        super().__init__(message)
        self.rows = rows


class _Unreadable(Exception):
    """Parsing stops here: the line and the reason."""


class Faults:
    """Collects the faults of a file by line."""

    def __init__(self) -> None:
        self.count = 0
        self._lines: set[int] = set()
        self._sentences: list[str] = []

    def add(self, line: int | None, why: str) -> None:
        """Add a fault; only the first `FAULTS_SHOWN` keep their text."""
        self.count += 1
        if line is not None:
            self._lines.add(line)
        if len(self._sentences) < FAULTS_SHOWN:
            self._sentences.append(f"line {line}: {why}" if line else why)

    def check(self) -> None:
        """Check for faults. Raises: FileRefused, if there are any."""
        if self.count > len(self._sentences):
            raise FileRefused("\n".join([*self._sentences, f"... {self.count:,} faults in all"]), len(self._lines))
        if self.count:
            raise FileRefused("\n".join(self._sentences), len(self._lines))


@dataclass(frozen=True, slots=True)
class Row:
    """One record: the number of its first line, and its cells by column, stripped."""

    line: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        """Return the cell, or an empty text if the file has no such column."""
        return self.cells.get(column, "")


def whole_number(cell: str) -> int | None:
    """Return the number in a cell, also if a spreadsheet wrote it as `12.0`; None if it is not a whole number."""
    found = _WHOLE.fullmatch(cell)
    return int(found[1]) if found else None


def read_rows(path: Path, faults: Faults, *, required: Sequence[str] = ()) -> Iterator[Row]:
    """Yield the valid rows of the file, in its order; add its faults to `faults`, for the caller to check.

    Faults: it cannot be opened, is not UTF-8 text or not CSV, lacks a column; rows of another length than the header,
        control characters, or anything over the limits above.
    """
    columns: list[str] = []
    try:
        with _open(path) as file:
            for line, cells in _records(file):
                if not columns:
                    columns = _header(line, cells, required)
                    continue
                if wrong := _cell_faults_of(columns, cells):
                    for why in wrong:
                        faults.add(line, why)
                else:
                    yield Row(line, dict(zip(columns, cells, strict=True)))
        if not columns:
            faults.add(None, f"{path} is empty; its first line must name the columns.")
    except _Unreadable as end:
        faults.add(*end.args)
    except (zlib.error, EOFError, gzip.BadGzipFile):
        faults.add(None, f"{path} is a damaged gzip file.")
    except OSError as error:
        faults.add(None, f"{path} cannot be read: {error.strerror}.")


def _open(path: Path) -> BinaryIO:
    with path.open("rb") as file:
        is_gzip = file.read(2) == b"\x1f\x8b"
    return cast(BinaryIO, gzip.open(path)) if is_gzip else path.open("rb")


def _records(file: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    lines = _lines(file)
    head = []
    for text in lines:
        head.append(text)
        if text.strip():
            break
    reader = csv.reader(itertools.chain(head, lines), strict=True, delimiter=_delimiter_of("".join(head)))
    begins = 1
    count = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise _Unreadable(begins, f"this is not CSV ({error})") from None
        if cells:
            count += 1
            if count > ROWS_MAX + 1:  # and the header line
                raise _Unreadable(begins, f"the file has more than {ROWS_MAX:,} rows")
            yield begins, [cell.strip() for cell in cells]
        begins = reader.line_num + 1


def _delimiter_of(header: str) -> str:
    """What separates the columns: a comma, or a semicolon or tab as spreadsheets write where commas are decimal."""
    if "," not in header:
        for other in (";", "\t"):
            if other in header:
                return other
    return ","


def _lines(file: BinaryIO) -> Iterator[str]:
    """Yield lines as text, never reading more of a line than the limit."""
    size = 0
    number = 0
    while raw := file.readline(LINE_BYTES_MAX + 1):
        number += 1
        size += len(raw)
        if len(raw) > LINE_BYTES_MAX:
            raise _Unreadable(number, f"has more than {LINE_BYTES_MAX:,} bytes")
        if size > BYTES_MAX:
            raise _Unreadable(number, f"the file has more than {BYTES_MAX // 1024**2} MiB of text")
        try:
            yield raw.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError:
            raise _Unreadable(number, "this is not UTF-8 text; save the file as UTF-8") from None


def _header(line: int, cells: list[str], required: Sequence[str]) -> list[str]:
    if len(cells) > COLUMNS_MAX:
        raise _Unreadable(line, f"has {len(cells)} columns; at most {COLUMNS_MAX} are accepted")
    if missing := [column for column in required if column not in cells]:
        raise _Unreadable(line, f"the header line lacks {', '.join(missing)}")
    if repeated := sorted({column for column in cells if cells.count(column) > 1}):
        raise _Unreadable(line, f"the header line names twice: {', '.join(repeated)}")
    return cells


def _cell_faults_of(columns: list[str], cells: list[str]) -> list[str]:
    if len(cells) != len(columns):
        return [f"has {len(cells)} cells, the header line has {len(columns)}"]
    found = ((column, _cell_fault(cell)) for column, cell in zip(columns, cells, strict=True))
    return [f"{column}: {why}" for column, why in found if why]


def _cell_fault(cell: str) -> str | None:
    if len(cell) > CELL_LENGTH_MAX:
        return f"has {len(cell)} characters; at most {CELL_LENGTH_MAX:,} are accepted"
    if not is_printable(cell):
        return "contains a line break, or a control, direction or zero-width character"
    return None
