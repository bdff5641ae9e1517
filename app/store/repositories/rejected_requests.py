"""Counters of requests that name a facility and show no valid credential."""

from collections.abc import Collection, Sequence

from sqlalchemy import RowMapping, Table, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.rejected_requests import RejectedRequests
from app.store.models import RejectedRequestsRow
from app.store.upsert import upsert

_REJECTED: Table = RejectedRequestsRow.__table__  # type: ignore[assignment]
_NEWEST_FIRST = (_REJECTED.c.hour.desc(), _REJECTED.c.last_at.desc(), _REJECTED.c.address)


async def add(connection: AsyncConnection, counted: Sequence[RejectedRequests]) -> None:
    """Add these to what is stored; inside a transaction that holds the ledger's lock, since it reads, then writes."""
    facilities = {each.facility_id for each in counted}
    hours = {each.hour for each in counted}
    query = select(_REJECTED).where(_REJECTED.c.facility_id.in_(facilities), _REJECTED.c.hour.in_(hours))
    stored = {_key(each): each for each in map(_rejected, (await connection.execute(query)).mappings())}
    rows: list[dict[str, object]] = []
    for each in counted:
        before = stored.get(_key(each))
        rows.append(
            {
                "facility_id": each.facility_id,
                "hour": each.hour,
                "address": each.address,
                "count": each.count + (before.count if before else 0),
                "last_at": max(each.last_at, before.last_at) if before else each.last_at,
            }
        )
    await upsert(connection, _REJECTED, rows)


async def last(connection: AsyncConnection, facility_id: str, *, limit: int) -> list[RejectedRequests]:
    """Those of a facility, newest hour first."""
    query = select(_REJECTED).where(_REJECTED.c.facility_id == facility_id).order_by(*_NEWEST_FIRST).limit(limit)
    return [_rejected(row) for row in (await connection.execute(query)).mappings()]


async def prune(connection: AsyncConnection, facilities: Collection[str], *, keep: int) -> None:
    """Drop all but the newest so many of each of these facilities."""
    of_them = _REJECTED.c.facility_id.in_(facilities)
    query = select(_REJECTED.c.facility_id).where(of_them).group_by(_REJECTED.c.facility_id)
    for facility_id in (await connection.scalars(query.having(func.count() > keep))).all():
        for old in (await last(connection, facility_id, limit=10 * keep))[keep:]:
            place = (
                _REJECTED.c.facility_id == facility_id,
                _REJECTED.c.hour == old.hour,
                _REJECTED.c.address == old.address,
            )
            await connection.execute(delete(_REJECTED).where(*place))


def _key(each: RejectedRequests) -> tuple[object, ...]:
    return each.facility_id, each.hour, each.address


def _rejected(row: RowMapping) -> RejectedRequests:
    return RejectedRequests(row["facility_id"], row["hour"], row["address"], row["count"], row["last_at"])
