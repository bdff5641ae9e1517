"""The number of rebuilds of the tables from the ledger, by which running nodes detect a rebuild."""

from sqlalchemy.ext.asyncio import AsyncConnection

from app.store import bulk_write
from app.store.ledger import OtherHistory

_COUNT = "SELECT coalesce(max(number), 0) FROM rebuilds"


class TablesRebuilt(OtherHistory):
    """The tables were rebuilt from the ledger after they were read."""


async def check_not_rebuilt(connection: AsyncConnection, *, since: int) -> None:
    """Raises: TablesRebuilt, if there were more than `since` rebuilds; a replica may not have the last one yet."""
    if await count_rebuilds(connection) > since:
        raise TablesRebuilt("the tables were rebuilt from the ledger")


async def count_rebuilds(connection: AsyncConnection) -> int:
    """The number of rebuilds so far."""
    if connection.dialect.name == "sqlite":
        [found] = await bulk_write.on_sqlite(connection, lambda raw: raw.execute(_COUNT).fetchone())
    else:
        found = await (await bulk_write.on_postgresql(connection)).fetchval(_COUNT)
    return int(found)
