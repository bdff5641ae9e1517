"""Insert or replace rows, in the same way on both databases."""

from collections.abc import Sequence

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


async def upsert(connection: AsyncConnection, table: Table, rows: Sequence[dict[str, object]]) -> None:
    """Write complete rows; a row with the same primary key is replaced. No key may occur twice in `rows`."""
    if not rows:
        return
    insert = sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
    others = {column.name: insert.excluded[column.name] for column in table.columns if not column.primary_key}
    statement = insert.on_conflict_do_update(index_elements=table.primary_key, set_=others)
    await connection.execute(statement, list(rows))
