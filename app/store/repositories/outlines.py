"""The outlines of areas, as they were last imported."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.registry.outline import Outline
from app.store.models import OutlineImportRow, OutlineRow
from app.store.upsert import upsert

_IMPORTS: Table = OutlineImportRow.__table__  # type: ignore[assignment]
_OUTLINES: Table = OutlineRow.__table__  # type: ignore[assignment]
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class StoredOutline:
    """The outline of an area: its GeoJSON geometry, a place inside (lat, lon), and whom to name as its source."""

    code: str
    geometry: str
    inner_point: tuple[float, float]
    attribution: str | None

    def outline(self) -> Outline:
        """The outline itself."""
        geometry = json.loads(self.geometry)
        parts = geometry["coordinates"]
        return Outline(self.code, parts if geometry["type"] == "MultiPolygon" else [parts])


async def newest_import(connection: AsyncConnection) -> int:
    """The number of imports so far."""
    return int((await connection.execute(select(func.coalesce(func.max(_IMPORTS.c.number), 0)))).scalar_one())


async def codes(connection: AsyncConnection) -> list[str]:
    """The areas that have an outline, in order."""
    return list(await connection.scalars(select(_OUTLINES.c.code).order_by(_OUTLINES.c.code)))


async def outlines(connection: AsyncConnection, wanted: Collection[str]) -> list[StoredOutline]:
    """The outlines of these areas; those that have none are absent."""
    ordered = sorted(wanted)
    query = select(_OUTLINES, _IMPORTS.c.attribution).join(_IMPORTS, _IMPORTS.c.number == _OUTLINES.c.import_number)
    found: list[StoredOutline] = []
    for start in range(0, len(ordered), _AT_ONCE):
        part = query.where(_OUTLINES.c.code.in_(ordered[start : start + _AT_ONCE]))
        found += [
            StoredOutline(row["code"], row["geometry"], (row["lat"], row["lon"]), row["attribution"])
            for row in (await connection.execute(part)).mappings()
        ]
    return found


async def put_outlines(
    connection: AsyncConnection, found: Sequence[Outline], *, attribution: str | None, now: datetime
) -> None:
    """Write the outlines of one import; those of other areas stay."""
    number = await newest_import(connection) + 1
    await connection.execute(_IMPORTS.insert(), {"number": number, "imported_at": now, "attribution": attribution})
    for start in range(0, len(found), _AT_ONCE):
        await upsert(connection, _OUTLINES, [_row(outline, number) for outline in found[start : start + _AT_ONCE]])


def _row(outline: Outline, number: int) -> dict[str, object]:
    lat, lon = outline.inner_point()
    geometry = json.dumps(outline.geometry, separators=(",", ":"))
    return {"code": outline.code, "import_number": number, "geometry": geometry, "lat": lat, "lon": lon}
