"""Held rows, which wait until an officer assigns a bed type."""

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


async def put(connection: AsyncConnection, held: HeldRow) -> None:
    """Store a held row, and replace an earlier one with the same id."""
    row = {
        "facility_id": held.facility_id,
        "channel": str(held.channel),
        "row_id": held.row_id,
        "said": canonical(held.said),
        "received_at": held.received_at,
        "times": held.times,
    }
    await upsert(connection, _WAITING, [row])


async def of_facility(connection: AsyncConnection, facility_id: str, row_id: str | None = None) -> Sequence[HeldRow]:
    """The held rows of a facility, or the one with this id; those received first come first."""
    query = select(_WAITING).where(_WAITING.c.facility_id == facility_id)
    if row_id is not None:
        query = query.where(_WAITING.c.row_id == row_id)
    query = query.order_by(_WAITING.c.received_at, _WAITING.c.row_id)
    return [_held_row(row) for row in (await connection.execute(query)).mappings()]


async def count(connection: AsyncConnection, facility_id: str) -> int:
    """The number of held rows of a facility."""
    query = select(func.count()).select_from(_WAITING).where(_WAITING.c.facility_id == facility_id)
    return int((await connection.execute(query)).scalar_one())


async def drop(connection: AsyncConnection, held: HeldRow) -> bool:
    """Delete a held row. Returns False, and keeps it, if a newer message about it arrived since it was read."""
    is_unchanged = (
        _WAITING.c.facility_id == held.facility_id,
        _WAITING.c.channel == str(held.channel),
        _WAITING.c.row_id == held.row_id,
        _WAITING.c.times == held.times,
    )
    return (await connection.execute(delete(_WAITING).where(*is_unchanged))).rowcount > 0


def _held_row(row: RowMapping) -> HeldRow:
    return HeldRow(
        row["facility_id"],
        Channel.stored(row["channel"]),
        row["row_id"],
        json.loads(row["said"]),
        row["received_at"],
        row["times"],
    )
