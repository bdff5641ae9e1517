"""Verbs about the installation itself: `balai migrate`, `balai verify`, `balai rebuild`, `balai openapi`."""

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
        typer.Option(metavar="ROLE", help="PostgreSQL: give this role what the service needs, and no more."),
    ] = None,
    to: Annotated[
        str, typer.Option(metavar="REVISION", help="Only so far, or back so far; stop all nodes before going back.")
    ] = "head",
    plan: Annotated[bool, typer.Option("--plan", help="Only show which migrations would run.")] = False,
    sql: Annotated[bool, typer.Option("--sql", help="With --plan, PostgreSQL: show their statements.")] = False,
) -> None:
    """Bring the database to the tables of this version; as their owner, where the service has a role of its own.

    Going back deletes nothing that is stored: it is refused once something stands in what the newer version added.
    """
    settings = console.settings()
    if sql and not (plan and settings.database.startswith("postgresql")):
        console.fail("--sql is for --plan on PostgreSQL; SQLite copies tables, row by row.", code=console.WRONG_USAGE)
    if plan:
        console.run(_show_plan(console.database(settings), to, with_sql=sql))
        return
    if grant_to is not None and not settings.database.startswith("postgresql"):
        console.fail(
            "Only PostgreSQL has roles: set BALAI_DATABASE_URL, or leave --grant-to out.", code=console.WRONG_USAGE
        )
    console.run(migrate_database(settings, to))
    if grant_to is not None:
        console.run(roles.grant_to(settings.database, grant_to))
    here = "the version of this program" if to == "head" else f"version {to}; this program needs `balai migrate` first"
    console.note(f"The database is at {here}.")


async def _show_plan(url: str, to: str, *, with_sql: bool) -> None:
    steps = await plan_migrations(url, to)
    if with_sql:
        console.out(*(await sql_of_plan(url, steps)).splitlines())
        console.note("What a migration computes from rows that it reads is not in these statements.")
        return
    for step in steps:
        console.out(f"{step.revision}  {'back: ' if step.is_back else ''}{step.title}")
    if not steps:
        console.note("Nothing to do.")


async def migrate_database(settings: Settings, to: str = "head") -> None:
    """The same for `serve`."""
    _make_data_dir(settings)
    database = Database(settings.database)
    try:
        # A database that is not there is told in our words here, and in many others by the migrations.
        async with database.reading():
            pass
    finally:
        await database.close()
    await run_migrations(settings.database, to)


def _make_data_dir(settings: Settings) -> None:
    """The folder of the embedded database, for its owner alone."""
    if not settings.is_embedded:
        return
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        console.fail(f"The folder {settings.data_dir} cannot be made: {error.strerror}.")


def verify(
    at_least: Annotated[
        int, typer.Option(metavar="SEQ", min=0, help="A ledger that ends before this entry lacks something.")
    ] = 0,
    since: Annotated[
        str | None,
        typer.Option(
            metavar="POSITION",
            help="Check only entries after this position, which an earlier verification printed; `last`: the last one.",
        ),
    ] = None,
) -> None:
    """Recompute everything from the ledger and compare; prints each difference and ends with 1 if there is any.

    With --since, what older entries say is taken as verified, and how they lead to the tables is not checked.
    """
    settings = console.settings()
    url = console.database(settings)
    begin = START if since is None else _verified_before(settings, since)
    with console.progress_to("Entries") as progress:
        found = console.run(examine(url, since=begin, at_least=at_least, progress=progress))
    console.out(*found.differences)
    if found.differences:
        console.fail(f"{len(found.differences):,} differences.")
    console.note(_what_was_checked(found), f"Verified up to position {found.position}.")
    _keep_verified(settings, found.position)


def _what_was_checked(found: Verified) -> str:
    if found.is_whole:
        return f"No difference: tables and board are what the ledger says, all {found.position.seq:,} entries of it."
    new = found.position.seq - found.since.seq
    return (
        f"No difference in the {new:,} entries after {found.since}: their chain goes on from it, "
        "the tables hold what they say of areas and facilities, and each area is the sum of its parts. Not "
        "checked: older entries, and how they lead to the tables."
    )


def _verified_before(settings: Settings, since: str) -> Position:
    token = since
    if since == "last":
        try:
            token = _verified_file(settings).read_text(encoding="ascii").strip()
        except OSError:
            console.fail(f"There is no {_verified_file(settings)}: verify once without --since.")
    seq, _, chain = token.partition("-")
    position = read_position(f"{seq}-{chain[:CHAIN_MARK_LENGTH]}")
    if position is None or len(chain) < CHAIN_MARK_LENGTH:
        console.fail("--since takes a position such as 1842-9f3a21bc04de, or `last`.", code=console.WRONG_USAGE)
    return Position(position.seq, chain)


def _keep_verified(settings: Settings, position: Position) -> None:
    """For `--since last`; with the whole chain."""
    try:
        _verified_file(settings).write_text(f"{position.seq}-{position.chain}\n", encoding="ascii")
    except OSError as error:
        console.note(f"It is not kept for `--since last`: {_verified_file(settings)}: {error.strerror}.")


def _verified_file(settings: Settings) -> Path:
    return settings.data_dir / "verified"


def rebuild() -> None:
    """Make the tables that follow from the ledger anew from it alone; where `verify` names tables that differ.

    Messages, waiting rows and the relay's queue stay. Running nodes notice, and read everything again.
    """
    made = console.run(rebuild_tables(console.database(console.settings())))
    console.note(
        f"Made anew as of entry {made.position:,}. Areas: {made.areas:,}, facilities: {made.facilities:,}, "
        f"keys: {made.keys:,}, channels with reports: {made.channels:,}."
    )


def openapi() -> None:
    """Print the OpenAPI document of the API."""
    console.out(*json.dumps(create_app(Settings()).openapi(), ensure_ascii=False, indent=2).split("\n"))
