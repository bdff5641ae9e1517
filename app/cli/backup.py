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
    replace: Annotated[bool, typer.Option("--replace", help="An earlier backup in DEST makes room.")] = False,
) -> None:
    """Write all that is stored to a new folder, as of one moment, while the service runs.

    Either database restores it. The secret key is not in it: keep secret.key (or BALAI_SECRET_KEY) in another place.
    """
    settings = console.settings()
    with console.progress_to("Entries") as progress:
        made = console.run(back_up(console.database(settings), destination, replace=replace, progress=progress))
    console.out(str(made.position))
    key = f" It needs the secret key {made.secret_key_fingerprint}." if made.secret_key_fingerprint else ""
    console.note(f"{destination} has all up to entry {made.head:,}.{key}")


def restore(source: Annotated[Path, typer.Argument(metavar="SRC", help="A folder that `balai backup` made.")]) -> None:
    """Fill an empty database from a backup and verify it; ends with 1 if the database that was backed up differed.

    SQLite: there must be no balai.db in the data folder yet. PostgreSQL: an empty database, as the owner of its tables.
    """
    settings = console.settings()
    with console.progress_to("Rows") as progress:
        done = console.run(
            restore_from(settings.database, source, secret_keys=settings.secret_keys(), progress=progress)
        )
    console.out(*done.differences)
    console.note(f"Restored up to position {done.manifest.position}, backed up at {done.manifest.created_at}.")
    console.note(_secret_key(done))
    if done.differences:
        console.fail(f"{len(done.differences):,} differences, which were backed up. `balai rebuild` makes tables anew.")


def _secret_key(done: Restored) -> str:
    needed = done.manifest.secret_key_fingerprint
    if done.has_secret_key is None:
        return "Nothing in the backup needs a secret key."
    if done.has_secret_key:
        return f"The secret key here is the one that it needs ({needed})."
    return (
        f"The secret key {needed} is missing here: put it into secret.key or BALAI_SECRET_KEY before the start, or no "
        "hospital's password is known again."
    )
