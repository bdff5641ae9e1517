"""The file of an SQLite database: detecting that it was replaced, and creating one atomically."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url


class FileInTheWay(RuntimeError):
    """A new database cannot have this name; the message says why."""


class SqliteFile:
    """The file that was opened first; the process must use no other.

    If the file is replaced, for example by a copy of the database, an open connection keeps the old file, and what it
    commits is lost; a new connection would apply the journal of the old file to the new one. So neither is used until
    the first file is back or the process is restarted.
    """

    def __init__(self) -> None:
        self._path: str | None = None
        self._identity: tuple[int, int] | None = None

    def opened(self, path: str) -> None:
        """Register a new connection to the file at this path, empty for a database in memory. Raises: as `check`."""
        if path and self._path is None:
            self._path, self._identity = path, _identity_of(path)
        self.check()

    def check(self) -> None:
        """Check that it is still the same file. Raises: OSError, when it is missing or was replaced."""
        if self._path is not None and _identity_of(self._path) != self._identity:
            raise OSError(f"{self._path} is not the file that was opened; restart this process")


def _identity_of(path: str) -> tuple[int, int]:
    found = os.stat(path)  # noqa: PTH116 - faster, and called at every use of a connection
    return found.st_dev, found.st_ino


@contextlib.contextmanager
def create_atomically(url: str) -> Iterator[str]:
    """The URL of a draft of a new SQLite database, which gets its final name after the block, once it is complete.

    Any other URL is returned unchanged. Raises: FileInTheWay.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        yield url
        return
    file = Path(str(parsed.database)).absolute()
    # The journal of an earlier database would be applied to the new one.
    if existing := [path.name for path in _with_journals(file) if path.exists()]:
        raise FileInTheWay(f"{file.parent} already has {' and '.join(existing)}. Stop its node and move it away.")
    draft = file.with_name(file.name + ".restoring")
    _remove(draft)
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield parsed.set(database=str(draft)).render_as_string(hide_password=False)
        with closing(sqlite3.connect(draft)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        with draft.open("rb+") as written:
            os.fsync(written.fileno())
        file.hardlink_to(draft)  # unlike a rename, it replaces nothing
        sync_folder(file.parent)
    except OSError as error:
        raise FileInTheWay(f"{file} cannot be written: {error.strerror}.") from error
    finally:
        _remove(draft)


def sync_folder(folder: Path) -> None:
    """Flush the file names in this folder to disk. Raises: OSError."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _with_journals(file: Path) -> list[Path]:
    return [file, *(file.with_name(file.name + ending) for ending in ("-wal", "-shm", "-journal"))]


def _remove(file: Path) -> None:
    for path in _with_journals(file):
        path.unlink(missing_ok=True)
