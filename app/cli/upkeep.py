"""Verbs about the installation itself: `balai migrate`, `balai verify`, `balai openapi`."""

import json
from typing import Annotated

import typer

from app.actions.verify import verify as differences_of
from app.cli import say
from app.config import Settings
from app.main import create_app
from app.store import roles
from app.store.database import Database
from app.store.migrate import migrate as run_migrations


def migrate(
    grant_to: Annotated[
        str | None,
        typer.Option(metavar="ROLE", help="PostgreSQL: give this role what the service needs, and no more."),
    ] = None,
) -> None:
    """Bring the database to the tables of this version; as their owner, where the service has a role of its own."""
    settings = say.settings()
    if grant_to is not None and not settings.database.startswith("postgresql"):
        say.fail("Only PostgreSQL has roles: set BALAI_DATABASE_URL, or leave --grant-to out.", code=say.WRONG_USAGE)
    say.run(migrate_database(settings))
    if grant_to is not None:
        say.run(roles.grant_to(settings.database, grant_to))
    say.note("The database is at the version of this program.")


async def migrate_database(settings: Settings) -> None:
    """The same for `serve`."""
    _make_data_dir(settings)
    database = Database(settings.database)
    try:
        # A database that is not there is told in our words here, and in many others by the migrations.
        async with database.reading():
            pass
    finally:
        await database.close()
    await run_migrations(settings.database)


def _make_data_dir(settings: Settings) -> None:
    """The folder of the embedded database, for its owner alone."""
    if not settings.is_embedded:
        return
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        say.fail(f"The folder {settings.data_dir} cannot be made: {error.strerror}.")


def verify() -> None:
    """Recompute everything from the ledger and compare; prints each difference and ends with 1 if there is any."""
    differences = say.run(differences_of(say.database(say.settings())))
    for difference in differences:
        say.out(difference)
    if differences:
        say.fail(f"{len(differences):,} differences.")
    say.note("No difference: tables and board are what the ledger says.")


def openapi() -> None:
    """Print the OpenAPI document of the API."""
    say.out(*json.dumps(create_app(Settings()).openapi(), ensure_ascii=False, indent=2).split("\n"))
