"""Tables as CSV (RFC 4180), XLSX, GeoJSON and NDJSON, written page by page.

No cell starts a formula. Text that would (= + - @, also full-width, tab, CR, NUL) is prefixed with ', also in XLSX,
which people save as CSV. Numbers stay numbers.
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

from app.api.exports.export_slots import ExportResponse, Exports
from app.api.http.formats import MEDIA_TYPES, Format
from app.limits.rate_limits import counted_as

Cell = str | int | float | datetime | None
Row = Mapping[str, Cell]
Pages = AsyncIterable[Sequence[Row]]

# Where a formula can start: at the start of the text, or after ; TAB or | if a spreadsheet splits cells there. Leading
# blanks do not protect, since many programs trim them, nor does a quotation mark, which is then not part of the cell.
# Some spreadsheets treat the full-width characters like the others.
_FORMULA = re.compile(r"(^|[;|\t])([\s\"]*?)(?=[=+\-@\t\r\n\x00\uff0b\uff0d\uff1d\uff20])")
CHUNK_BYTES = 64 * 1024

Done = TypeVar("Done")

_workers = anyio.CapacityLimiter(2)


def plain(value: Cell) -> str | int | float | None:
    """Convert a cell for output: times as text in UTC, no text that starts a formula."""
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
    """Send the rows as a file called `name` while they are read; XLSX is assembled first.

    Raises: Overloaded, if too many files are being made.
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
    """Yield the file in chunks of at least 64 KiB, to pass the middleware less often."""
    parts = {Format.csv: _csv, Format.xlsx: _xlsx, Format.geojson: _geojson, Format.ndjson: _ndjson}[wanted]
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
    """Wrap a small table as one page."""
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
    """Write GeoJSON: coordinates are lon, lat (RFC 7946); an unknown location is a feature without geometry."""
    yield b'{"type":"FeatureCollection","features":['
    between = ""
    async for page in pages:
        if page:
            yield (between + ",".join(map(_feature, page))).encode()
            between = ","
    yield b"]}"


async def _ndjson(columns: Sequence[str], pages: Pages) -> AsyncIterator[bytes]:
    """Write a JSON object per line."""
    async for page in pages:
        for row in page:
            document = {column: _json_value(row[column]) for column in columns}
            yield (json.dumps(document, ensure_ascii=False) + "\n").encode()


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
    # JSON has no formulas: text stays unchanged.
    return plain(value) if isinstance(value, datetime) else value


async def _xlsx(columns: Sequence[str], pages: Pages) -> AsyncIterator[bytes]:
    """Write rows to a temporary file in a thread, a few at a time, so that the event loop is never blocked."""

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
    """An XLSX file that is written to a folder, without its rows in memory."""

    def __init__(self, folder: str, columns: Sequence[str]) -> None:
        self._path = Path(folder) / "table.xlsx"
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "tmpdir": folder}
        self._book = Workbook(self._path, options)
        self._sheet = self._book.add_worksheet()
        self._sheet.freeze_panes(1, 0)
        self._sheet.write_row(0, 0, columns)
        self._rows = 1

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        """Append rows."""
        for row in rows:
            self._sheet.write_row(self._rows, 0, row)
            self._rows += 1

    def finish(self) -> BinaryIO:
        """Finish the file and open it for reading."""
        self._book.close()
        return self._path.open("rb")

    def abandon(self) -> None:
        """Prevent the library from writing the file on garbage collection, which would run on the event loop."""
        self._book.fileclosed = True
