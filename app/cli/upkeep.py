"""Verbs about the installation itself: `balai migrate`, `balai verify`, `balai openapi`."""

import json

from app.actions.verify import verify as differences_of
from app.cli import say
from app.config import Settings
from app.main import create_app
from app.store.database import Database
from app.store.migrate import migrate as run_migrations


def migrate() -> None:
    """Bring the database to the tables of this version."""
    settings = say.settings()
    say.run(migrate_database(settings))
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
