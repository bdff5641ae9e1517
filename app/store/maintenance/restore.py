"""Writing a backup into an empty database: first the tables of its version, then the rows, then newer migrations."""

from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import table as table_of
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from app.domain.ledger import Position
from app.store import ledger, pooler
from app.store.database import LEDGER_LOCK
from app.store.database_errors import translate_errors
from app.store.maintenance.migrate import INSUFFICIENT_PRIVILEGE, migrate, revision_of
from app.store.maintenance.table_parts import SUFFIX, open_part
from app.store.models import LedgerRow

VERSIONS = "alembic_version"
# Columns with a sequence; SQLite continues from the highest number in the rows.
_NUMBERED = text(
    "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
    " AND (is_identity = 'YES' OR column_default LIKE 'nextval(%')"
)


class NotRestored(RuntimeError):
    """The backup was not restored; the message says why."""


async def restore_tables(
    database_url: str,
    files: Sequence[Path],
    *,
    revision: str,
    head: Position,
    progress: Callable[[int], None],
) -> None:
    """Fill an empty database with these files, in this order and in one transaction: all or nothing.

    `progress` is called with the number of rows of each batch.
    Raises: NotRestored, if the database has entries or tables of another version, or the ledger does not end at `head`;
        NotMigrated, Unavailable, UnreadablePart.
    """
    parsed, is_pooled = pooler.parse(database_url)
    engine = create_async_engine(parsed, hide_parameters=True, connect_args=pooler.connect_args(is_pooled=is_pooled))
    try:
        async with translate_errors():
            async with engine.connect() as connection:
                found = await connection.run_sync(revision_of)
            if found is None:
                await migrate(database_url, revision)
            elif found != revision:
                raise NotRestored(
                    f"The database has tables of version {found}, but the backup is of version {revision}. "
                    "Use an empty database without tables."
                )
            async with engine.begin() as connection:
                await _fill(connection, files, progress)
                if await ledger.head(connection) != head:
                    raise NotRestored("The ledger in the backup does not end at the position in its manifest.")
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != INSUFFICIENT_PRIVILEGE:
            raise
        raise NotRestored(
            "This database role may not write all tables. Restore as their owner, then run `balai migrate --grant-to` "
            "for the role of the service."
        ) from error
    finally:
        await engine.dispose()
    await migrate(database_url)


async def _fill(connection: AsyncConnection, files: Sequence[Path], progress: Callable[[int], None]) -> None:
    if connection.dialect.name == "postgresql":
        await connection.execute(text(f"SELECT pg_advisory_xact_lock({LEDGER_LOCK})"))
    if (await ledger.head(connection)).seq:
        raise NotRestored("The database already has entries; nothing was written. Use an empty database.")
    # Rows that migrations or a first start have written before there were entries.
    for name in reversed([file.name.removesuffix(SUFFIX) for file in files]):
        if name != LedgerRow.__tablename__:
            await connection.execute(table_of(name).delete())
    for file in files:
        with open_part(file) as part:
            for batch in part.rows:
                await connection.execute(part.table.insert(), batch)
                progress(len(batch))
    if connection.dialect.name == "postgresql":
        await _advance_sequences(connection)
    elif broken := (await connection.execute(text("PRAGMA foreign_key_check"))).all():
        raise NotRestored(f"The backup refers to rows that are not in it, first in table {broken[0].table}.")


async def _advance_sequences(connection: AsyncConnection) -> None:
    """Set the sequences so that new rows are numbered after the restored ones."""
    for table, column in (await connection.execute(_NUMBERED)).all():
        names = {"table": table, "column": column}
        highest = f'(SELECT max("{column}") FROM "{table}")'  # noqa: S608 - names of our own tables
        await connection.execute(
            text(f"SELECT setval(pg_get_serial_sequence(:table, :column), n) FROM {highest} AS last (n) WHERE n > 0"),  # noqa: S608
            names,
        )
