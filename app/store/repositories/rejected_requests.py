"""Counters of requests that name a facility without a valid credential."""

from collections.abc import Collection, Sequence

from sqlalchemy import RowMapping, Table, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.rejected_requests import RejectedRequests
from app.store.models import RejectedRequestsRow
from app.store.upsert import upsert

_REJECTED: Table = RejectedRequestsRow.__table__  # type: ignore[assignment]
_NEWEST_FIRST = (_REJECTED.c.hour.desc(), _REJECTED.c.last_at.desc(), _REJECTED.c.address)


async def add(connection: AsyncConnection, counters: Sequence[RejectedRequests]) -> None:
    """Add these to the stored counters. The transaction must hold the ledger's lock, since this reads, then writes."""
    facilities = {counter.facility_id for counter in counters}
    hours = {counter.hour for counter in counters}
    query = select(_REJECTED).where(_REJECTED.c.facility_id.in_(facilities), _REJECTED.c.hour.in_(hours))
    stored = {_key(known): known for known in map(_rejected, (await connection.execute(query)).mappings())}
    rows: list[dict[str, object]] = []
    for counter in counters:
        before = stored.get(_key(counter))
        rows.append(
            {
                "facility_id": counter.facility_id,
                "hour": counter.hour,
                "address": counter.address,
                "count": counter.count + (before.count if before else 0),
                "last_at": max(counter.last_at, before.last_at) if before else counter.last_at,
            }
        )
    await upsert(connection, _REJECTED, rows)


async def last(connection: AsyncConnection, facility_id: str, *, limit: int) -> list[RejectedRequests]:
    """The counters of a facility, newest hour first."""
    query = select(_REJECTED).where(_REJECTED.c.facility_id == facility_id).order_by(*_NEWEST_FIRST).limit(limit)
    return [_rejected(row) for row in (await connection.execute(query)).mappings()]


async def prune(connection: AsyncConnection, facilities: Collection[str], *, keep: int) -> None:
    """Delete all but the newest `keep` counters of each of these facilities."""
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


def _key(counter: RejectedRequests) -> tuple[object, ...]:
    return counter.facility_id, counter.hour, counter.address


def _rejected(row: RowMapping) -> RejectedRequests:
    return RejectedRequests(row["facility_id"], row["hour"], row["address"], row["count"], row["last_at"])
