"""Rewriting the tables that are derived from the ledger; `app.store.repositories.rebuilds` counts the rebuilds.

All other tables are kept (messages, held rows, the relay's queue and accounts, counters), except rows about facilities
that are not in the ledger.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Table, delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.permissions import Credential
from app.domain.registry.area_changes import PlacedArea
from app.domain.registry.facility import Facility
from app.store.bulk_write import Writes
from app.store.database import Transaction
from app.store.models import AreaRow, Base, ChannelRow, CredentialRow, FacilityRow, IdentifierRow, RebuildRow
from app.store.repositories import channel_states, credentials, registry
from app.store.repositories.channel_states import ChannelKey, StoredChannel

_AREAS: Table = AreaRow.__table__  # type: ignore[assignment]
_FACILITIES: Table = FacilityRow.__table__  # type: ignore[assignment]
_REBUILDS: Table = RebuildRow.__table__  # type: ignore[assignment]
_REWRITTEN = (ChannelRow, IdentifierRow, CredentialRow)
# Reading back and comparing a country takes seconds, and the server ends an idle transaction.
_IDLE = text("SET LOCAL idle_in_transaction_session_timeout = '5min'")
_DELETED_AT_ONCE = 500


async def replace_tables(
    transaction: Transaction,
    *,
    areas: Sequence[PlacedArea],
    facilities: Sequence[Facility],
    keys: Sequence[Credential],
    channels: Mapping[ChannelKey, StoredChannel],
    now: datetime,
    position: int,
) -> None:
    """Write exactly this state to the tables; `areas` are parents first, `position` is the ledger's end.

    Areas and facilities are updated in place, since other tables refer to them.
    """
    connection = transaction.connection
    if connection.dialect.name == "postgresql":
        await connection.execute(_IDLE)
    for rows in _REWRITTEN:
        await connection.execute(delete(rows))
    await registry.put_areas(connection, areas)
    await registry.put_facilities(connection, facilities)
    await _delete_facilities_except(connection, {facility.facility_id for facility in facilities})
    await _delete_areas_except(connection, {placed.area.code for placed in areas})
    for key in keys:
        await credentials.put(connection, key)
    writes = Writes(connection)
    channel_states.save(writes, channels)
    await writes.send()
    number = (await connection.execute(select(func.coalesce(func.max(_REBUILDS.c.number), 0)))).scalar_one() + 1
    await connection.execute(_REBUILDS.insert(), {"number": number, "position": position, "rebuilt_at": now})


async def _delete_facilities_except(connection: AsyncConnection, known: set[str]) -> None:
    found = set(await connection.scalars(select(_FACILITIES.c.facility_id)))
    references = [
        column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if any(key.references(_FACILITIES) for key in column.foreign_keys)
    ]
    for batch in _batches(found - known):
        for column in [*references, _FACILITIES.c.facility_id]:
            await connection.execute(delete(column.table).where(column.in_(batch)))


async def _delete_areas_except(connection: AsyncConnection, known: set[str]) -> None:
    found = set(await connection.scalars(select(_AREAS.c.code)))
    for batch in _batches(found - known):
        await connection.execute(update(_AREAS).where(_AREAS.c.code.in_(batch)).values(parent=None))
    for batch in _batches(found - known):
        await connection.execute(delete(_AREAS).where(_AREAS.c.code.in_(batch)))


def _batches(ids: set[str]) -> list[list[str]]:
    ordered = sorted(ids)
    return [ordered[start : start + _DELETED_AT_ONCE] for start in range(0, len(ordered), _DELETED_AT_ONCE)]
