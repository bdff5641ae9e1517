"""Reading all tables as of one moment while the database is written to.

All tables except the ledger are read in one snapshot, which also determines the ledger's end. Entries up to there never
change, so they are read afterwards in short snapshots: a snapshot held for minutes would let SQLite's journal grow.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Row, Table, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from app.domain.ledger import START, Position
from app.store import ledger
from app.store.database import Database
from app.store.ledger import EditedLedger
from app.store.maintenance.migrate import check_migrated
from app.store.maintenance.table_parts import ROWS_AT_ONCE, SUFFIX, write_part
from app.store.models import AreaRow, Base, LedgerRow
from app.store.repositories import secret_keys

_LEDGER: Table = LedgerRow.__table__  # type: ignore[assignment]
_AREAS: Table = AreaRow.__table__  # type: ignore[assignment]


Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Copied:
    """The written files. Shape: `parts` maps file names to their numbers of rows, in the order of restoring."""

    store: str
    revision: str
    head: Position
    secret_key_fingerprint: str | None
    parts: dict[str, int]


async def copy_tables(database_url: str, folder: Path, progress: Progress) -> Copied:
    """Write every table to a file in this folder; `progress` is called with the entries written and their total.

    Raises: NotMigrated, Unavailable; EditedLedger, if the ledger's history changed meanwhile; OSError.
    """
    database = Database(database_url)
    parts: dict[str, int] = {}
    try:
        async with database.reading_newest() as connection:
            await check_migrated(connection)
            head = await ledger.head(connection)
            revision = await connection.scalar(text("SELECT version_num FROM alembic_version"))
            keys = await secret_keys.known(connection)
            for table in Base.metadata.sorted_tables:
                if table is not _LEDGER:
                    file = folder / f"{table.name}{SUFFIX}"
                    parts[file.name] = await write_part(file, table, _rows(connection, table))
        file = folder / f"{_LEDGER.name}{SUFFIX}"
        parts[file.name] = await write_part(file, _LEDGER, _entries(database, head, progress))
    finally:
        await database.close()
    store = "sqlite" if database.is_sqlite else "postgresql"
    return Copied(store, str(revision), head, keys[0] if keys else None, parts)


async def _rows(connection: AsyncConnection, table: Table) -> AsyncIterator[Sequence[Row[Any]]]:
    # Parents first, since rows are restored in this order.
    order = [table.c.depth] if table is _AREAS else []
    query = select(table).order_by(*order, *table.primary_key.columns)
    async for batch in (await connection.stream(query)).partitions(ROWS_AT_ONCE):
        yield batch


async def _entries(database: Database, head: Position, progress: Progress) -> AsyncIterator[Sequence[Row[Any]]]:
    here = START
    query = select(_LEDGER).order_by(_LEDGER.c.seq).limit(ROWS_AT_ONCE)
    while here.seq < head.seq:
        after = query.where(_LEDGER.c.seq > here.seq, _LEDGER.c.seq <= head.seq)
        async with database.reading_newest() as connection:
            batch = (await connection.execute(after)).all()
        if [row.seq for row in batch] != list(range(here.seq + 1, here.seq + 1 + len(batch))) or not batch:
            raise EditedLedger(f"position {here.seq + 1} or one of the next is missing")
        here = Position(batch[-1].seq, batch[-1].chain)
        yield batch
        progress(here.seq, head.seq)
    if here != head:
        raise EditedLedger(f"entry {head.seq} has changed since the backup began")
