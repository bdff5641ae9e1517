"""How often the tables have been made anew from the ledger: by this count running nodes notice it."""

from sqlalchemy.ext.asyncio import AsyncConnection

from app.store import bulk_write
from app.store.ledger import OtherHistory

_COUNT = "SELECT coalesce(max(number), 0) FROM rebuilds"


class TablesRebuilt(OtherHistory):
    """The tables were made anew from the ledger after they were read."""


async def check_not_rebuilt(connection: AsyncConnection, *, since: int) -> None:
    """Raises: TablesRebuilt, where that has happened more than `since` times; a replica may not know of the last."""
    if await count_rebuilds(connection) > since:
        raise TablesRebuilt("the tables were made anew from the ledger")


async def count_rebuilds(connection: AsyncConnection) -> int:
    """How often the tables have been made anew."""
    if connection.dialect.name == "sqlite":
        [found] = await bulk_write.on_sqlite(connection, lambda raw: raw.execute(_COUNT).fetchone())
    else:
        found = await (await bulk_write.on_postgresql(connection)).fetchval(_COUNT)
    return int(found)
