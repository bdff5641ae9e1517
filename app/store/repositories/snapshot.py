"""Reading the complete current state."""

from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.snapshot import Snapshot
from app.store import ledger
from app.store.repositories import channel_states, credentials, registry
from app.store.repositories.rebuilds import count_rebuilds


async def read_snapshot(connection: AsyncConnection) -> Snapshot:
    """The current state; `connection` must be one snapshot (`Database.reading`)."""
    last, channels = await ledger.head(connection), await channel_states.load_all(connection)
    return Snapshot(
        position=last,
        recorded_at=await ledger.recorded_at(connection, last.seq),
        areas=[placed.area for placed in (await registry.areas(connection)).values()],
        facilities=list((await registry.facilities(connection)).values()),
        credentials=await credentials.load_all(connection),
        channels=channels.states,
        counting=channels.counting,
        changed=await ledger.last_changed(connection),
        rebuilds=await count_rebuilds(connection),
    )
