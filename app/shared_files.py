"""The folder that the worker processes of one server share: metrics, and the table of rate limits.

Workers map its files into memory. A page without space on the disk would end a process by SIGBUS, without a message;
so all space is allocated beforehand, and a full disk is an error at the start. A file lock, which the system releases
when the server ends in any way, tells a folder in use from an abandoned one.
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
# By the names of prometheus_client: the size of all series of all routes, which a test adds up.
METRIC_BYTES = {
    "counter": 2 * 1024 * 1024,
    "histogram": 2 * 1024 * 1024,
    "gauge_livesum": 64 * 1024,
    "gauge_mostrecent": 64 * 1024,
}


@contextlib.contextmanager
def shared_folder() -> Iterator[Path]:
    """A new temporary folder, removed at the end; removes folders of killed servers too.

    Raises: OSError, where it cannot be made.
    """
    _remove_abandoned(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=PREFIX, ignore_cleanup_errors=True) as name:
        folder = Path(name)
        with (folder / LOCK).open("w") as lock:
            _take(lock)
            yield folder


def _remove_abandoned(parent: Path) -> None:
    for file in parent.glob(f"{PREFIX}*/{LOCK}"):
        with contextlib.suppress(OSError), file.open("r+") as lock:
            if _take(lock):
                shutil.rmtree(file.parent, ignore_errors=True)


def _take(lock: IO[str]) -> bool:
    """Whether this process now holds the lock of the file."""
    try:
        import fcntl  # noqa: PLC0415 - Windows has none: there, abandoned folders stay

        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (ImportError, OSError):
        return False
    return True


def allocate(file: IO[bytes], size: int) -> None:
    """Set the size of a file in bytes and allocate it on the disk. Raises: OSError, without space."""
    file.write(bytes(size))
    file.flush()


def allocate_metrics(folder: Path) -> None:
    """Make the metrics files of this process, all or none. Raises: OSError, where the disk is full."""
    made: list[Path] = []
    try:
        for kind, size in METRIC_BYTES.items():
            name = folder / f"{kind}_{os.getpid()}.db"
            with name.open("xb") as file:
                made.append(name)  # not earlier: counts of a dead worker with the same process id stay
                allocate(file, size)
    except OSError:
        for name in made:
            name.unlink(missing_ok=True)
        raise
