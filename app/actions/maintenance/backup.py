"""Backup: a folder with every table as of one moment, written while nodes keep writing.

The format is the same for both databases, and each can restore a backup of the other. The secret key is not included:
sealed values in the backup need the key whose fingerprint the manifest names. The folder gets its final name after
everything is on disk, so a folder with a manifest and its final name is complete, even if the program was killed.
"""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from importlib import metadata
from pathlib import Path

from app.actions.maintenance.backup_manifest import MANIFEST, Manifest, Part, digest_of, write_manifest
from app.runtime.node import utc_now
from app.store.maintenance.backup import copy_tables
from app.store.maintenance.migrate import OlderDatabase
from app.store.sqlite_file import sync_folder

PARTIAL = ".partial"  # suffix of a folder that is being written, or was when its writer was killed
REPLACED = ".replaced"  # suffix of an earlier backup, until the new one has its final name


class NotBackedUp(RuntimeError):
    """No backup was made; the message says why."""


async def back_up(
    database_url: str,
    destination: Path,
    *,
    replace: bool = False,
    progress: Callable[[int, int], None] = lambda _, __: None,
    clock: Callable[[], datetime] = utc_now,
) -> Manifest:
    """Write a backup to this folder, which must not exist; with `replace` an earlier backup there is replaced.

    It contains everything that was acknowledged before the start. `progress` is called with the number of entries
    written and their total.
    Raises: NotBackedUp, NotMigrated, Unavailable; EditedLedger, if entries are missing.
    """
    _check_free(destination, replace=replace)
    try:
        with _partial(destination) as folder:
            created_at = clock()
            copied = await copy_tables(database_url, folder, progress)
            manifest = Manifest(
                program_version=_program_version(),
                schema_revision=copied.revision,
                store=copied.store,
                head=copied.head.seq,
                chain=copied.head.chain,
                created_at=created_at.isoformat(timespec="seconds"),
                secret_key_fingerprint=copied.secret_key_fingerprint,
                parts=tuple(Part(file, rows, digest_of(folder / file)) for file, rows in copied.parts.items()),
            )
            _write(folder / MANIFEST, write_manifest(manifest))
            sync_folder(folder)
            _put_in_place(folder, destination, replace=replace)
    except OlderDatabase as older:
        raise NotBackedUp(
            "Nothing was backed up: the database belongs to an older version than this program. Run `balai migrate` "
            "first, then `balai backup` again. For a backup from before the migration, use the previous version."
        ) from older
    except OSError as error:
        raise NotBackedUp(f"{error.filename or destination} cannot be written: {error.strerror}.") from error
    return manifest


def _program_version() -> str:
    with contextlib.suppress(metadata.PackageNotFoundError):
        return metadata.version("balai")
    return "unknown"  # an image contains only the program's files, without package metadata


def _check_free(destination: Path, *, replace: bool) -> None:
    if not destination.exists():
        return
    if not replace:
        raise NotBackedUp(f"{destination} already exists. Choose another name, or --replace it.")
    if not (destination / MANIFEST).is_file():
        raise NotBackedUp(f"{destination} is not a backup, and is not replaced.")


@contextlib.contextmanager
def _partial(destination: Path) -> Iterator[Path]:
    """A folder to write to, readable by its owner only; removed after the block unless it was renamed."""
    folder = destination.with_name(destination.name + PARTIAL)
    destination.parent.mkdir(parents=True, exist_ok=True)
    if folder.exists():
        with _locked(folder):
            shutil.rmtree(folder)  # its writer was killed
    folder.mkdir(mode=0o700)
    try:
        with _locked(folder):
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Lock this folder as its only writer. Raises: NotBackedUp, if another process holds the lock."""
    try:
        import fcntl  # noqa: PLC0415 - not on Windows: there the operator must not run two backups to one folder
    except ImportError:
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise NotBackedUp(f"Another backup is being written to {folder}.") from None
    finally:
        os.close(handle)


def _write(file: Path, text: str) -> None:
    with open(os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as written:  # noqa: PTH123
        written.write(text)
        written.flush()
        os.fsync(written.fileno())


def _put_in_place(folder: Path, destination: Path, *, replace: bool) -> None:
    old = destination.with_name(destination.name + REPLACED)
    if replace and destination.exists():
        if old.exists():
            shutil.rmtree(old)
        destination.rename(old)
    # A rename replaces only an empty folder, so nothing that appeared meanwhile is lost.
    folder.rename(destination)
    sync_folder(destination.parent)
    if old.exists() and replace:
        shutil.rmtree(old)
