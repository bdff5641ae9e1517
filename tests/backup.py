"""A restored backup, as an operator makes one: the database goes back while a node is using it."""

import sqlite3
from contextlib import closing
from pathlib import Path


class Backup:
    """A copy of the database, which can be brought back under the feet of those who use it."""

    def __init__(self, url: str, copy: Path) -> None:
        self._file, self._copy = url.partition("///")[2], copy
        self._from_to(self._file, copy)

    def restore(self) -> None:
        self._from_to(self._copy, self._file)

    @staticmethod
    def _from_to(source: str | Path, target: str | Path) -> None:
        with closing(sqlite3.connect(source)) as old, closing(sqlite3.connect(target)) as new:
            old.backup(new)
