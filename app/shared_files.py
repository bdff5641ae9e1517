"""The folder in which the worker processes of one server count together: metrics, and the table of rate limits.

They map its files into memory. A page that the disk has no room for would end a process by SIGBUS, without a word: so
room for all of it is taken beforehand, and a full disk is an error at the start. A lock that the system lets go of when
the server ends, however it ends, tells a folder in use from one that was left behind.
"""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

PREFIX = "balai-shared-"
LOCK = "lock"
# As prometheus_client names them, and what all series of all routes take: a test adds them up.
METRIC_BYTES = {
    "counter": 2 * 1024 * 1024,
    "histogram": 2 * 1024 * 1024,
    "gauge_livesum": 64 * 1024,
    "gauge_mostrecent": 64 * 1024,
}


@contextlib.contextmanager
def shared_folder() -> Iterator[Path]:
    """A new folder among the temporary files, removed at the end; those of servers that were killed are removed too.

    Raises: OSError, where it cannot be made.
    """
    _remove_left_behind(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with (folder / LOCK).open("w") as lock:
            _take(lock)
            yield folder


def _remove_left_behind(parent: Path) -> None:
    for file in parent.glob(f"{PREFIX}*/{LOCK}"):
        with contextlib.suppress(OSError), file.open("r+") as lock:
            if _take(lock):
                shutil.rmtree(file.parent, ignore_errors=True)


def _take(lock: IO[str]) -> bool:
    """Whether the lock of this file is ours now."""
    try:
        import fcntl  # noqa: PLC0415 - Windows has none: there, folders that were left behind stay

        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (ImportError, OSError):
        return False
    return True


def allocate(file: IO[bytes], size: int) -> None:
    """Give the file this size in bytes, with room on the disk for all of it. Raises: OSError, where there is none."""
    file.write(bytes(size))
    file.flush()


def allocate_metrics(folder: Path) -> None:
    """Make the files that this process counts in. Raises: OSError, where the disk is full; then there are none."""
    made: list[Path] = []
    try:
        for kind, size in METRIC_BYTES.items():
            name = folder / f"{kind}_{os.getpid()}.db"
            with name.open("xb") as file:
                made.append(name)  # not before: what a dead worker with this number has counted stays
                allocate(file, size)
    except OSError:
        for name in made:
            name.unlink(missing_ok=True)
        raise
