"""Backups: `balai backup`, `balai restore`."""

from pathlib import Path
from typing import Annotated

import typer

from app.actions.maintenance.backup import back_up
from app.actions.maintenance.restore import Restored
from app.actions.maintenance.restore import restore as restore_from
from app.cli import console


def backup(
    destination: Annotated[Path, typer.Argument(metavar="DEST", help="A new folder.")],
    replace: Annotated[bool, typer.Option("--replace", help="Replace an earlier backup in DEST.")] = False,
) -> None:
    """Write a consistent copy of all stored data to a new folder, while the service runs.

    Restore it to either kind of database. It excludes the secret key: keep secret.key (or BALAI_SECRET_KEY) elsewhere.
    """
    settings = console.settings()
    with console.progress_to("Entries") as progress:
        made = console.run(back_up(console.database(settings), destination, replace=replace, progress=progress))
    console.out(str(made.position))
    key = f" It requires the secret key {made.secret_key_fingerprint}." if made.secret_key_fingerprint else ""
    console.note(f"{destination} contains everything up to entry {made.head:,}.{key}")


def restore(source: Annotated[Path, typer.Argument(metavar="SRC", help="A folder written by `balai backup`.")]) -> None:
    """Restore a backup into an empty database and verify it; exits with 1 if the backup itself has differences.

    SQLite: the data folder must not contain a balai.db. PostgreSQL: an empty database, as the owner of its tables.
    """
    settings = console.settings()
    with console.progress_to("Rows") as progress:
        done = console.run(
            restore_from(settings.database, source, secret_keys=settings.secret_keys(), progress=progress)
        )
    console.out(*done.differences)
    console.note(f"Restored up to position {done.manifest.position}, backed up at {done.manifest.created_at}.")
    console.note(_describe_secret_key(done))
    if done.differences:
        console.fail(f"{len(done.differences):,} differences are in the backup. `balai rebuild` recreates the tables.")


def _describe_secret_key(done: Restored) -> str:
    needed = done.manifest.secret_key_fingerprint
    if done.has_secret_key is None:
        return "Nothing in the backup requires a secret key."
    if done.has_secret_key:
        return f"The secret key here is the required one ({needed})."
    return (
        f"The secret key {needed} is missing here: put it into secret.key or BALAI_SECRET_KEY before the start, or no "
        "hospital's password will work again."
    )
