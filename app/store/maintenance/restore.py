"""Writing a backup into an empty database: the tables of its version first, then the rows, then newer migrations."""

from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy import table as table_of
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from app.domain.ledger import Position
from app.store import ledger, pooler
from app.store.database import LEDGER_LOCK, in_our_words
from app.store.maintenance.migrate import INSUFFICIENT_PRIVILEGE, migrate
from app.store.maintenance.table_parts import SUFFIX, open_part
from app.store.models import LedgerRow

VERSIONS = "alembic_version"
# Columns that number their rows by themselves; on SQLite the rows say how far they are.
_NUMBERED = text(
    "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema()"
    " AND (is_identity = 'YES' OR column_default LIKE 'nextval(%')"
)


class NotRestored(RuntimeError):
    """The backup was not restored; the sentence says why."""


async def restore_tables(
    database_url: str,
    files: Sequence[Path],
    *,
    revision: str,
    head: Position,
    progress: Callable[[int], None],
) -> None:
    """Fill an empty database with these files, in this order: in one transaction, so with all of it or with nothing.

    `progress` gets each further number of rows. Raises: NotRestored, where the database has entries or tables of
    another version, or the ledger does not end at `head`; NotMigrated, Unavailable, UnreadablePart.
    """
    parsed, is_pooled = pooler.parse(database_url)
    engine = create_async_engine(parsed, hide_parameters=True, connect_args=pooler.connect_args(is_pooled=is_pooled))
    try:
        async with in_our_words():
            async with engine.connect() as connection:
                found = await connection.run_sync(_revision_of)
            if found is None:
                await migrate(database_url, revision)
            elif found != revision:
                raise NotRestored(
                    f"The database has tables of version {found}, and the backup is of version {revision}. "
                    "Give an empty database, without tables."
                )
            async with engine.begin() as connection:
                await _fill(connection, files, progress)
                if await ledger.head(connection) != head:
                    raise NotRestored("The ledger in the backup does not end where its manifest says.")
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != INSUFFICIENT_PRIVILEGE:
            raise
        raise NotRestored(
            "This role of the database may not write all tables. Restore as their owner, then run "
            "`balai migrate --grant-to` for the role of the service."
        ) from error
    finally:
        await engine.dispose()
    await migrate(database_url)


async def _fill(connection: AsyncConnection, files: Sequence[Path], progress: Callable[[int], None]) -> None:
    if connection.dialect.name == "postgresql":
        await connection.execute(text(f"SELECT pg_advisory_xact_lock({LEDGER_LOCK})"))
    if (await ledger.head(connection)).seq:
        raise NotRestored("The database has entries already; nothing was written. Give an empty database.")
    # What migrations, or a first start, have written where there are no entries yet.
    for name in reversed([file.name.removesuffix(SUFFIX) for file in files]):
        if name != LedgerRow.__tablename__:
            await connection.execute(table_of(name).delete())
    for file in files:
        with open_part(file) as part:
            for some in part.rows:
                await connection.execute(part.table.insert(), some)
                progress(len(some))
    if connection.dialect.name == "postgresql":
        await _number_on(connection)
    elif broken := (await connection.execute(text("PRAGMA foreign_key_check"))).all():
        raise NotRestored(f"The backup refers to rows that are not in it, first in table {broken[0].table}.")


async def _number_on(connection: AsyncConnection) -> None:
    """Further rows are numbered from behind those that were restored."""
    for table, column in (await connection.execute(_NUMBERED)).all():
        of = {"table": table, "column": column}
        highest = f'(SELECT max("{column}") FROM "{table}")'  # noqa: S608 - names of our own tables
        await connection.execute(
            text(f"SELECT setval(pg_get_serial_sequence(:table, :column), n) FROM {highest} AS last (n) WHERE n > 0"),  # noqa: S608
            of,
        )


def _revision_of(connection: Connection) -> str | None:
    if not inspect(connection).has_table(VERSIONS):
        return None
    found: str | None = connection.scalar(text(f"SELECT version_num FROM {VERSIONS}"))  # noqa: S608
    return found
