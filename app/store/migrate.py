"""Bringing a database to the tables of this version. The migrations themselves stand beside the package."""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from app.store.database import in_our_words

ROOT = Path(__file__).resolve().parents[2]
INSUFFICIENT_PRIVILEGE = "42501"


class NotMigrated(RuntimeError):
    """The database has other tables than this version needs. Run: balai migrate."""


def config(url: str) -> Config:
    """Alembic's configuration for one database."""
    made = Config(str(ROOT / "alembic.ini"))
    made.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return made


async def migrate(url: str, to: str = "head") -> None:
    """Run every migration that is due, or those to this revision; none is nothing to do.

    Raises: NotMigrated, where the role of this URL may not run them; Unavailable.
    """
    try:
        async with in_our_words():
            await asyncio.to_thread(command.upgrade, config(url), to)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) != INSUFFICIENT_PRIVILEGE:
            raise
        raise NotMigrated(
            "Migrations are due, and this role of the database may not run them. Run `balai migrate` as the owner of "
            "the tables, with --grant-to for the role of the service."
        ) from error


async def check_migrated(connection: AsyncConnection) -> None:
    """Raises: NotMigrated, when the tables are of an older or a newer version."""
    newest = ScriptDirectory(str(ROOT / "migrations")).get_current_head()
    tables = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
    found = None
    if "alembic_version" in tables:
        found = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    if found != newest:
        raise NotMigrated(
            f"The database is at version {found or 'none'}, this program needs {newest}. Run: balai migrate"
        )
