"""Migrating a database to the tables of this version. The migrations themselves are in the folder `migrations`."""

import asyncio
import io
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import Script, ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.database import Database
from app.store.database_errors import translate_errors
from app.store.maintenance.append_only import missing_triggers
from app.store.maintenance.migration_guard import MigrationRefused
from app.store.maintenance.schema_check import schema_differences, unreadable_tables

ROOT = Path(__file__).resolve().parents[3]
INSUFFICIENT_PRIVILEGE = "42501"

# Downgrading further is refused: older tables cannot hold what hospital software has sent since.
OLDEST_TO_GO_BACK_TO = "c41f0a6be2d7"


class NotMigrated(RuntimeError):
    """The tables of the database are not those that this version needs. Run: balai migrate."""


class OlderDatabase(NotMigrated):
    """The database belongs to an older version: migrations are due."""


class NewerDatabase(NotMigrated):
    """A newer version of this program has migrated the database."""


@dataclass(frozen=True, slots=True)
class Step:
    """A migration that would run; `is_back` for a downgrade. `title` is the first line of its docstring."""

    revision: str
    title: str
    is_back: bool


def config(url: str) -> Config:
    """Alembic's configuration for one database."""
    alembic = Config(str(ROOT / "alembic.ini"))
    alembic.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return alembic


async def migrate(url: str, to: str = "head") -> None:
    """Run all due migrations, or those up or down to this revision. Does nothing if none is due.

    A downgrade deletes no stored data: it is possible until something is written that only the newer tables can hold.
    Stop all nodes first.
    Raises: NotMigrated, if the role of this URL may not run them, or if the tables differ from the models afterwards;
        NewerDatabase; MigrationRefused; Unavailable.
    """
    steps = await plan(url, to)
    is_back = bool(steps) and steps[0].is_back
    alembic = config(url)
    alembic.attributes["keeps_data"] = is_back
    try:
        async with translate_errors():
            await asyncio.to_thread(command.downgrade if is_back else command.upgrade, alembic, _revision(to))
    except IntegrityError as error:
        raise MigrationRefused("A migration was rolled back: the stored data does not fit the new tables.") from error
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != INSUFFICIENT_PRIVILEGE:
            raise
        raise NotMigrated(
            "Migrations are due, but this database role may not run them. Run `balai migrate` as the owner of the "
            "tables, with --grant-to for the role of the service."
        ) from error
    if _revision(to) == newest():
        await _read(url, check_tables)


async def plan(url: str, to: str = "head") -> list[Step]:
    """The migrations that `migrate` would run, in order. Raises: NotMigrated, NewerDatabase, Unavailable."""
    wanted = _revision(to)
    found = await _read(url, lambda connection: connection.run_sync(revision_of))
    _check_known(found)
    chain = [script.revision for script in _chain()]
    here, there = -1 if found is None else chain.index(found), chain.index(wanted)
    if there < here and there < chain.index(OLDEST_TO_GO_BACK_TO):
        raise NotMigrated(f"Going back to {wanted} would delete data: the oldest possible is {OLDEST_TO_GO_BACK_TO}.")
    titles = {script.revision: script.doc.partition("\n")[0] for script in _chain()}
    if there < here:
        return [Step(revision, titles[revision], is_back=True) for revision in reversed(chain[there + 1 : here + 1])]
    return [Step(revision, titles[revision], is_back=False) for revision in chain[here + 1 : there + 1]]


async def sql_of_plan(url: str, steps: list[Step]) -> str:
    """The SQL of these steps on PostgreSQL, without what a migration computes from rows that it reads."""
    if not steps:
        return ""
    chain = ["base", *(script.revision for script in _chain())]
    alembic = config(url)
    before = [chain[chain.index(step.revision) - 1] for step in steps]
    with closing(io.StringIO()) as written:
        alembic.output_buffer = written
        if steps[0].is_back:
            await asyncio.to_thread(command.downgrade, alembic, f"{steps[0].revision}:{before[-1]}", sql=True)
        else:
            await asyncio.to_thread(command.upgrade, alembic, f"{before[0]}:{steps[-1].revision}", sql=True)
        return written.getvalue()


async def check_migrated(connection: AsyncConnection) -> None:
    """Check that a node can start. Raises: NotMigrated, as `check_tables`, and if the ledger could be edited."""
    await check_tables(connection)
    missing = await connection.run_sync(missing_triggers)
    if missing:
        raise NotMigrated(
            f"The ledger could be edited: its triggers {' and '.join(missing)} are missing. Run: balai migrate"
        )


async def check_tables(connection: AsyncConnection) -> None:
    """Check the tables. Raises: NotMigrated, if they are not those of this program; OlderDatabase, NewerDatabase."""
    found = await connection.run_sync(revision_of)
    _check_known(found)
    if found != newest():
        raise (NotMigrated if found is None else OlderDatabase)(
            f"The database is at version {found or 'none'}, this program needs {newest()}. Run: balai migrate"
        )
    differences = await connection.run_sync(schema_differences)
    if differences:
        raise NotMigrated(
            f"The database is marked as version {found}, but its tables differ: {'; '.join(differences)}. "
            "No migration repairs this: create what is missing by hand, or restore a backup."
        )
    unreadable = await connection.run_sync(unreadable_tables)
    if unreadable:
        raise NotMigrated(
            f"This database role may not read table {' and '.join(unreadable)}. Run `balai migrate` as the owner of "
            "the tables, with --grant-to for this role."
        )


def newest() -> str:
    """The revision that this program needs."""
    return _chain()[-1].revision


def is_known(revision: str) -> bool:
    """Whether this program knows this version of the tables; it does not know newer ones."""
    return any(script.revision == revision for script in _chain())


def _check_known(found: str | None) -> None:
    if found is not None and not is_known(found):
        raise NewerDatabase(
            f"The database is at version {found}, which this program does not know: a newer version of Balai has "
            "migrated it. Run that version, or restore a backup from before."
        )


def _revision(to: str) -> str:
    """The revision with this name or prefix. Raises: NotMigrated, if there is none, or more than one."""
    found = [script.revision for script in _chain() if to == "head" or script.revision.startswith(to)]
    if to == "head":
        return found[-1]
    if len(found) != 1:
        raise NotMigrated(f"There is no version {to!r} of the tables; `balai migrate --plan` lists those that are due.")
    return found[0]


@cache
def _chain() -> list[Script]:
    """All migrations, the oldest first."""
    return list(reversed(list(ScriptDirectory(str(ROOT / "migrations")).walk_revisions())))


def revision_of(connection: Connection) -> str | None:
    """The schema revision of this database; None where it was never migrated."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


async def _read(url: str, query: Any) -> Any:
    database = Database(url)
    try:
        async with database.reading_newest() as connection:
            return await query(connection)
    finally:
        await database.close()
