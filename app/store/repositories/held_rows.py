"""Rows that a door could not place."""

import json
from collections.abc import Sequence

from sqlalchemy import RowMapping, Table, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.channels import Channel
from app.domain.held_rows import HeldRow
from app.domain.reports.report import canonical
from app.store.models import WaitingRow
from app.store.upsert import upsert

_WAITING: Table = WaitingRow.__table__  # type: ignore[assignment]


async def put(connection: AsyncConnection, waiting: HeldRow) -> None:
    """Keep it in the place of what was said of the same row before."""
    row = {
        "facility_id": waiting.facility_id,
        "channel": str(waiting.channel),
        "row_id": waiting.row_id,
        "said": canonical(waiting.said),
        "received_at": waiting.received_at,
        "times": waiting.times,
    }
    await upsert(connection, _WAITING, [row])


async def of_facility(connection: AsyncConnection, facility_id: str, row_id: str | None = None) -> Sequence[HeldRow]:
    """Those of a facility, or the one of this id, longest known first."""
    query = select(_WAITING).where(_WAITING.c.facility_id == facility_id)
    if row_id is not None:
        query = query.where(_WAITING.c.row_id == row_id)
    query = query.order_by(_WAITING.c.received_at, _WAITING.c.row_id)
    return [_waiting(row) for row in (await connection.execute(query)).mappings()]


async def count(connection: AsyncConnection, facility_id: str) -> int:
    """How many there are of a facility."""
    query = select(func.count()).select_from(_WAITING).where(_WAITING.c.facility_id == facility_id)
    return int((await connection.execute(query)).scalar_one())


async def drop(connection: AsyncConnection, waiting: HeldRow) -> bool:
    """It is placed, or not wanted; False where more has been said of the row since this was read, which stays."""
    said = (
        _WAITING.c.facility_id == waiting.facility_id,
        _WAITING.c.channel == str(waiting.channel),
        _WAITING.c.row_id == waiting.row_id,
        _WAITING.c.times == waiting.times,
    )
    return (await connection.execute(delete(_WAITING).where(*said))).rowcount > 0


def _waiting(row: RowMapping) -> HeldRow:
    return HeldRow(
        row["facility_id"],
        Channel.stored(row["channel"]),
        row["row_id"],
        json.loads(row["said"]),
        row["received_at"],
        row["times"],
    )
