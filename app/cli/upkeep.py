"""Maintenance: `balai migrate`, `balai verify`, `balai rebuild`, `balai openapi`."""

import json
from pathlib import Path
from typing import Annotated

import typer

from app.actions.maintenance.rebuild import rebuild as rebuild_tables
from app.actions.maintenance.verify import Verified, examine
from app.cli import console
from app.config import Settings
from app.domain.ledger import CHAIN_MARK_LENGTH, START, Position, read_position
from app.main import create_app
from app.store.database import Database
from app.store.maintenance import roles
from app.store.maintenance.migrate import migrate as run_migrations
from app.store.maintenance.migrate import plan as plan_migrations
from app.store.maintenance.migrate import sql_of_plan


def migrate(
    grant_to: Annotated[
        str | None,
        typer.Option(metavar="ROLE", help="PostgreSQL: grant this role exactly the privileges that the service needs."),
    ] = None,
    to: Annotated[
        str,
        typer.Option(
            metavar="REVISION", help="Migrate only up, or back, to this revision; stop all nodes before going back."
        ),
    ] = "head",
    plan: Annotated[bool, typer.Option("--plan", help="Only list the migrations that would run.")] = False,
    sql: Annotated[bool, typer.Option("--sql", help="With --plan, PostgreSQL: print their statements.")] = False,
) -> None:
    """Migrate the database to this version; run as the owner of the tables if the service has its own role.

    Going back deletes no data: it is refused once there is data in what the newer version added.
    """
    settings = console.settings()
    if sql and not (plan and settings.database.startswith("postgresql")):
        console.fail("--sql requires --plan and PostgreSQL; SQLite copies tables row by row.", code=console.WRONG_USAGE)
    if plan:
        console.run(_show_plan(console.database(settings), to, with_sql=sql))
        return
    if grant_to is not None and not settings.database.startswith("postgresql"):
        console.fail("Only PostgreSQL has roles: set BALAI_DATABASE_URL, or omit --grant-to.", code=console.WRONG_USAGE)
    console.run(migrate_database(settings, to))
    if grant_to is not None:
        console.run(roles.grant_to(settings.database, grant_to))
    here = "the version of this program" if to == "head" else f"version {to}; this program needs `balai migrate` first"
    console.note(f"The database is at {here}.")


async def _show_plan(url: str, to: str, *, with_sql: bool) -> None:
    steps = await plan_migrations(url, to)
    if with_sql:
        console.out(*(await sql_of_plan(url, steps)).splitlines())
        console.note("These statements do not include values that a migration computes from rows.")
        return
    for step in steps:
        console.out(f"{step.revision}  {'back: ' if step.is_back else ''}{step.title}")
    if not steps:
        console.note("Nothing to do.")


async def migrate_database(settings: Settings, to: str = "head") -> None:
    """Create the data folder if needed, check the connection, and migrate."""
    _make_data_dir(settings)
    database = Database(settings.database)
    try:
        # Report a missing database with our own message; that of the migrations is longer and harder to read.
        async with database.reading():
            pass
    finally:
        await database.close()
    await run_migrations(settings.database, to)


def _make_data_dir(settings: Settings) -> None:
    """Create the folder of the embedded database, accessible only to its owner."""
    if not settings.is_embedded:
        return
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        console.fail(f"The folder {settings.data_dir} cannot be created: {error.strerror}.")


def verify(
    at_least: Annotated[
        int, typer.Option(metavar="SEQ", min=0, help="Report a difference if the ledger ends before this entry.")
    ] = 0,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="POSITION",
            help="Check only entries after this position of an earlier verification; `last`: the most recent one.",
        ),
    ] = None,
) -> None:
    """Recompute everything from the ledger and compare; prints each difference and exits with 1 if there are any.

    With --since, older entries count as verified, and the tables are not checked against them.
    """
    settings = console.settings()
    url = console.database(settings)
    begin = START if since is None else _read_verified(settings, since)
    with console.progress_to("Entries") as progress:
        found = console.run(examine(url, since=begin, at_least=at_least, progress=progress))
    console.out(*found.differences)
    if found.differences:
        console.fail(f"{len(found.differences):,} differences.")
    console.note(_describe_verified(found), f"Verified up to position {found.position}.")
    _store_verified(settings, found.position)


def _describe_verified(found: Verified) -> str:
    if found.is_whole:
        return f"No difference: tables and board match all {found.position.seq:,} entries of the ledger."
    new = found.position.seq - found.since.seq
    return (
        f"No difference in the {new:,} entries after {found.since}: their chain continues from it, "
        "the tables match their areas and facilities, and each area is the sum of its parts. Not "
        "checked: older entries, and the tables against them."
    )


def _read_verified(settings: Settings, since: str) -> Position:
    token = since
    if since == "last":
        try:
            token = _verified_file(settings).read_text(encoding="ascii").strip()
        except OSError:
            console.fail(f"{_verified_file(settings)} does not exist: verify once without --since.")
    seq, _, chain = token.partition("-")
    position = read_position(f"{seq}-{chain[:CHAIN_MARK_LENGTH]}")
    if position is None or len(chain) < CHAIN_MARK_LENGTH:
        console.fail("--since needs a position such as 1842-9f3a21bc04de, or `last`.", code=console.WRONG_USAGE)
    return Position(position.seq, chain)


def _store_verified(settings: Settings, position: Position) -> None:
    """Store the position with its whole chain hash for `--since last`."""
    try:
        _verified_file(settings).write_text(f"{position.seq}-{position.chain}\n", encoding="ascii")
    except OSError as error:
        console.note(f"The position cannot be stored for `--since last`: {_verified_file(settings)}: {error.strerror}.")


def _verified_file(settings: Settings) -> Path:
    return settings.data_dir / "verified"


def rebuild() -> None:
    """Recreate all tables that are derived from the ledger; use it if `verify` reports differences in tables.

    Messages, held rows and the relay queue stay. Running nodes notice and reload everything.
    """
    made = console.run(rebuild_tables(console.database(console.settings())))
    console.note(
        f"Recreated as of entry {made.position:,}. Areas: {made.areas:,}, facilities: {made.facilities:,}, "
        f"keys: {made.keys:,}, channels with reports: {made.channels:,}."
    )


def openapi() -> None:
    """Print the OpenAPI document of the API."""
    console.out(*json.dumps(create_app(Settings()).openapi(), ensure_ascii=False, indent=2).split("\n"))
