"""Tables: CSV (RFC 4180), XLSX and GeoJSON, written page by page.

No cell begins a formula. A text that would (= + - @, tab, CR, NUL) gets a ' before it, also in XLSX, from where
people save as CSV. Numbers stay numbers.
"""

import csv
import io
import json
from collections.abc import AsyncIterable, AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import anyio
import anyio.to_thread
from fastapi import Response
from fastapi.responses import StreamingResponse
from xlsxwriter import Workbook

from app.api.formats import MEDIA_TYPES, Format

Cell = str | int | float | datetime | None
Row = Mapping[str, Cell]
Pages = AsyncIterable[Sequence[Row]]

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")
_workers = anyio.CapacityLimiter(2)


def plain(value: Cell) -> str | int | float | None:
    """A cell as it is written: moments as text in UTC, no text that begins a formula."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, str):
        return "'" + value if value.startswith(_FORMULA) else str(value)
    return value


async def table_response(
    wanted: Format, name: str, columns: Sequence[str], pages: Pages, *, headers: Mapping[str, str]
) -> Response:
    """The rows as a file called `name`. XLSX is put together first, the others are sent as they are read."""
    headers = {**headers, "content-disposition": f'attachment; filename="{name}.{wanted}"'}
    media_type = MEDIA_TYPES[wanted]
    if wanted is Format.xlsx:
        return Response(await _xlsx(columns, pages), media_type=media_type, headers=headers)
    if wanted is Format.csv:
        return StreamingResponse(_csv(columns, pages), media_type=media_type, headers=headers)
    return StreamingResponse(_geojson(pages), media_type=media_type, headers=headers)


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


async def _geojson(pages: Pages) -> AsyncIterator[bytes]:
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


async def _xlsx(columns: Sequence[str], pages: Pages) -> bytes:
    rows = [[plain(row[column]) for column in columns] async for page in pages for row in page]
    return await anyio.to_thread.run_sync(_workbook, columns, rows, limiter=_workers)


def _workbook(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> bytes:
    file = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with Workbook(file, options) as book:
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        sheet.write_row(0, 0, columns)
        for number, row in enumerate(rows, start=1):
            sheet.write_row(number, 0, row)
    return file.getvalue()
