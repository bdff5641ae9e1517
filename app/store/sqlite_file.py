"""The file of an SQLite database: the same one for as long as this process runs."""

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy import make_url


class FileInTheWay(RuntimeError):
    """A new database cannot have this name; the sentence says why."""


class SqliteFile:
    """The file that was opened first.

    A connection keeps its file when another is put in its place, as a copy of the database may be: what it commits from
    then on is lost. A new connection would read the journal of the first file into the other. So neither is used until
    the first file is back or the process is started again.
    """

    def __init__(self) -> None:
        self._path: str | None = None
        self._identity: tuple[int, int] | None = None

    def opened(self, path: str) -> None:
        """A connection was made to the file at this path; empty for a database in memory."""
        if path and self._path is None:
            self._path, self._identity = path, _identity_of(path)
        self.check()

    def check(self) -> None:
        """Raises: OSError, when the file is gone or another one lies in its place."""
        if self._path is not None and _identity_of(self._path) != self._identity:
            raise OSError(f"{self._path} is another file than the one that was opened; stop this process and start it")


def _identity_of(path: str) -> tuple[int, int]:
    found = os.stat(path)  # noqa: PTH116 - at every use of a connection
    return found.st_dev, found.st_ino


@contextlib.contextmanager
def whole_or_not_at_all(url: str) -> Iterator[str]:
    """The URL of a new database, which gets its name after the block: an SQLite file that is there is whole.

    Another database is given as it is. Raises: FileInTheWay.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        yield url
        return
    file = Path(str(parsed.database)).absolute()
    # A journal of an earlier database would be read into the new one.
    if there := [each.name for each in _with_journals(file) if each.exists()]:
        raise FileInTheWay(f"{file.parent} has {' and '.join(there)} already. Move that away, with its node stopped.")
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
        file.hardlink_to(draft)  # unlike a rename it replaces nothing
        sync_folder(file.parent)
    except OSError as error:
        raise FileInTheWay(f"{file} cannot be written: {error.strerror}.") from error
    finally:
        _remove(draft)


def sync_folder(folder: Path) -> None:
    """Have the names in this folder on disk. Raises: OSError."""
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
    for each in _with_journals(file):
        each.unlink(missing_ok=True)
