"""The file of an SQLite database: the same one for as long as this process runs."""

import os


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
