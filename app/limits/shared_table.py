"""A fixed-size table of numbers by name, in memory shared by the worker processes of one machine.

There are no locks: a killed worker that holds a lock would stop all others. A cell is one aligned write of eight
bytes. Two workers that update the same name in the same microsecond lose one of the two updates, so a shared rate
limit may let a few requests too many pass; it never refuses one too many for that reason.
"""

import mmap
import os
from collections.abc import Callable
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path

from app.shared_files import allocate

# Room for 100,000 names with few collisions: 2 MiB.
SETS = 16_384
WAYS = 8
KEY_BYTES = 16
FILE_BYTES = KEY_BYTES + SETS * WAYS * 16


class SharedTable:
    """Numbers by name; 0 for a name that was not set.

    A name can be in one of eight cells; when all are taken it replaces the smallest number. Names are kept as keyed
    64-bit digests: without the key nobody can choose names that share a cell.
    """

    def __init__(self, file: Path) -> None:
        with file.open("r+b") as opened:
            memory = mmap.mmap(opened.fileno(), FILE_BYTES)
        self._digest = _digests(memory[:KEY_BYTES])
        cells = memoryview(memory)[KEY_BYTES:]
        self._names = cells[: SETS * WAYS * 8].cast("Q")
        self._numbers = cells[SETS * WAYS * 8 :].cast("d")

    def get(self, name: str) -> float:
        """The number of this name; 0 where none was set."""
        digest, first = self._digest(name)
        for cell in range(first, first + WAYS):
            if self._names[cell] == digest:
                return self._numbers[cell]
        return 0.0

    def put(self, name: str, number: float) -> None:
        """Set the number of this name."""
        digest, first = self._digest(name)
        smallest = first
        for cell in range(first, first + WAYS):
            if self._names[cell] == digest:
                self._numbers[cell] = number
                return
            if self._numbers[cell] < self._numbers[smallest]:
                smallest = cell
        # The number first: for a moment the old name has it, and that caller waits a little longer.
        self._numbers[smallest] = number
        self._names[smallest] = digest


def create(file: Path) -> None:
    """Make an empty table with its own key, for workers to open. Raises: OSError, without space."""
    with file.open("xb") as opened:
        allocate(opened, FILE_BYTES)
        opened.seek(0)
        opened.write(os.urandom(KEY_BYTES))


def _digests(key: bytes) -> Callable[[str], tuple[int, int]]:
    @lru_cache(65_536)
    def digest(name: str) -> tuple[int, int]:
        number = int.from_bytes(blake2b(name.encode(), digest_size=8, key=key).digest()) or 1
        return number, number % SETS * WAYS

    return digest
