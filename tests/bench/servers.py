"""Servers to measure: the real service, and a bare Starlette route with the same bytes."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.ports import free_port

START_SECONDS_MAX = 120


@dataclass
class Server:
    """A server that answers. `started_in` is seconds from its start to its first good answer."""

    url: str
    pid: int
    started_in: float

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.url.rpartition(":")[2])

    @property
    def resident_mib(self) -> float:
        """Resident memory, in MiB."""
        return self._memory_mib("VmRSS:")

    @property
    def peak_mib(self) -> float:
        """The most resident memory since `reset_peak`, in MiB."""
        return self._memory_mib("VmHWM:")

    def reset_peak(self) -> None:
        """Measure the peak from now on."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def _memory_mib(self, name: str) -> float:
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(name)), 0.0)


@contextmanager
def starlette(body: Path) -> Iterator[Server]:
    """A Starlette app whose only route answers these bytes."""
    program = (
        "import sys, pathlib, uvicorn\n"
        "from starlette.applications import Starlette\n"
        "from starlette.responses import Response\n"
        "from starlette.routing import Route\n"
        "body = pathlib.Path(sys.argv[2]).read_bytes()\n"
        "async def constant(request): return Response(body, media_type='application/json')\n"
        "app = Starlette(routes=[Route('/constant', constant)])\n"
        "uvicorn.run(app, port=int(sys.argv[1]), loop='uvloop', http='httptools', access_log=False,"
        " log_level='warning')\n"
    )
    port = free_port()
    with _running([sys.executable, "-c", program, str(port), str(body)], port, "/constant") as server:
        yield server


@contextmanager
def balai(database_url: str, data_dir: Path, **environment: str) -> Iterator[Server]:
    """The real service, as `balai serve` starts it; its log goes to a file in `data_dir`."""
    port = free_port()
    settings = {"BALAI_DATABASE_URL": database_url, "BALAI_DATA_DIR": str(data_dir), **environment}
    command = [sys.executable, "-m", "app", "serve", "--port", str(port)]
    with (
        (data_dir / f"balai-{port}.log").open("ab") as log,
        _running(command, port, "/readyz", settings, log) as server,
    ):
        yield server


@contextmanager
def plain_app(target: str, ready: str, **environment: str) -> Iterator[Server]:
    """An application of our own (`module:name`) under uvicorn, one worker, without a log."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", target, "--port", str(port), "--loop", "uvloop", "--http", "httptools"]
    with _running([*command, "--no-access-log", "--log-level", "warning"], port, ready, environment) as server:
        yield server


@contextmanager
def _running(
    command: Sequence[str],
    port: int,
    ready: str,
    environment: dict[str, str] | None = None,
    log: IO[bytes] | None = None,
) -> Iterator[Server]:
    started = time.perf_counter()
    process = subprocess.Popen(command, env=os.environ | (environment or {}), stdout=subprocess.DEVNULL, stderr=log)
    url = f"http://127.0.0.1:{port}"
    try:
        while True:
            try:
                with urllib.request.urlopen(url + ready, timeout=START_SECONDS_MAX):
                    break
            except (urllib.error.URLError, ConnectionError):
                if process.poll() is not None or time.perf_counter() - started > START_SECONDS_MAX:
                    raise RuntimeError(f"{command} does not answer") from None
                time.sleep(0.01)
        yield Server(url, process.pid, time.perf_counter() - started)
    finally:
        process.terminate()
        process.wait(timeout=30)
