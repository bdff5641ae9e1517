"""Tables: CSV (RFC 4180), XLSX and GeoJSON, written page by page.

No cell begins a formula. A text that would (= + - @, also in full width, tab, CR, NUL) gets a ' before it, also in
XLSX, from where people save as CSV. Numbers stay numbers.
"""

import csv
import io
import json
import re
import tempfile
from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

import anyio
import anyio.to_thread
from fastapi import Request, Response
from xlsxwriter import Workbook

from app.api.http.export_slots import ExportResponse, Exports
from app.api.http.formats import MEDIA_TYPES, Format
from app.rate_limits import counted_as

Cell = str | int | float | datetime | None
Row = Mapping[str, Cell]
Pages = AsyncIterable[Sequence[Row]]

# Where a formula begins: in front, or where a spreadsheet that was told to split at ; TAB or | begins a cell. Blanks
# before it do not help, since many trim them, nor a quotation mark, which belongs to no cell then. The full-width
# letters are for spreadsheets that read them as the others.
_FORMULA = re.compile(r"(^|[;|\t])([\s\"]*?)(?=[=+\-@\t\r\n\x00\uff0b\uff0d\uff1d\uff20])")
CHUNK_BYTES = 64 * 1024

Done = TypeVar("Done")

_workers = anyio.CapacityLimiter(2)


def plain(value: Cell) -> str | int | float | None:
    """A cell as it is written: moments as text in UTC, no text that begins a formula."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, str):
        return _FORMULA.sub(r"\1\2'", value)
    return value


async def table_response(
    request: Request,
    wanted: Format,
    name: str,
    columns: Sequence[str],
    pages: Pages,
    *,
    headers: Mapping[str, str],
) -> Response:
    """The rows as a file called `name`, sent as they are read; XLSX is put together first.

    Raises: Overloaded, where too many files are being made.
    """
    exports: Exports = request.state["exports"]
    host = request.client.host if request.client else None
    place = await exports.take(counted_as(request.state["actor"], host))
    disposition = f'attachment; filename="{name}.{wanted}"'
    response = ExportResponse(
        table_body(wanted, columns, pages),
        media_type=MEDIA_TYPES[wanted],
        headers={**headers, "content-disposition": disposition},
    )
    response.place = place
    return response


async def table_body(wanted: Format, columns: Sequence[str], pages: Pages) -> AsyncIterator[bytes]:
    """The bytes of the file, in pieces that are worth their way through all layers."""
    parts = {Format.csv: _csv, Format.xlsx: _xlsx, Format.geojson: _geojson}[wanted]
    waiting: list[bytes] = []
    size = 0
    async for part in parts(columns, pages):
        waiting.append(part)
        size += len(part)
        if size >= CHUNK_BYTES:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)


async def one_page(rows: Sequence[Row]) -> AsyncIterator[Sequence[Row]]:
    """A table that is small enough to be made at once."""
    yield rows


async def _csv(columns: Sequence[str], pages: Pages) -> AsyncIterator[bytes]:
    yield _csv_lines([columns])
    async for page in pages:
        yield _csv_lines([[plain(row[column]) for column in columns] for row in page])


def _csv_lines(rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode()


async def _geojson(_columns: Sequence[str], pages: Pages) -> AsyncIterator[bytes]:
    """Coordinates are lon, lat (RFC 7946); a place that is not known is a feature without geometry."""
    yield b'{"type":"FeatureCollection","features":['
    between = ""
    async for page in pages:
        if page:
            yield (between + ",".join(map(_feature, page))).encode()
            between = ","
    yield b"]}"


def _feature(row: Row) -> str:
    lat, lon = row["lat"], row["lon"]
    is_known = lat is not None and lon is not None
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [lon, lat]} if is_known else None,
        "properties": {column: _json_value(value) for column, value in row.items()},
    }
    return json.dumps(feature, ensure_ascii=False)


def _json_value(value: Cell) -> Any:
    # JSON has no formulas: a text stays as it is.
    return plain(value) if isinstance(value, datetime) else value


async def _xlsx(columns: Sequence[str], pages: Pages) -> AsyncIterator[bytes]:
    """Rows go to a temporary file as they come, on a thread, a few at a time: it never keeps the loop from its work."""

    async def run(work: Callable[..., Done], *args: object) -> Done:
        return await anyio.to_thread.run_sync(work, *args, limiter=_workers)

    with tempfile.TemporaryDirectory(prefix="balai-export-") as folder:
        book = await run(_Workbook, folder, columns)
        try:
            async for page in pages:
                await run(book.write, [[plain(row[column]) for column in columns] for row in page])
            with await run(book.finish) as file:
                while chunk := await run(file.read, CHUNK_BYTES):
                    yield chunk
        finally:
            book.abandon()


class _Workbook:
    """An XLSX file being written, with its rows in a folder and not in memory."""

    def __init__(self, folder: str, columns: Sequence[str]) -> None:
        self._path = Path(folder) / "table.xlsx"
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "tmpdir": folder}
        self._book = Workbook(self._path, options)
        self._sheet = self._book.add_worksheet()
        self._sheet.freeze_panes(1, 0)
        self._sheet.write_row(0, 0, columns)
        self._rows = 1

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Some more rows."""
        for row in rows:
            self._sheet.write_row(self._rows, 0, row)
            self._rows += 1

    def finish(self) -> BinaryIO:
        """The whole file, to be read."""
        self._book.close()
        return self._path.open("rb")

    def abandon(self) -> None:
        """Let the library not write the file when it forgets the book, which would be on the loop's own thread."""
        self._book.fileclosed = True
