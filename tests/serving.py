"""The real program in a process of its own, spoken to over a real socket; it can be killed and started again."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx2

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[1]
START_SECONDS_MAX = 60


@dataclass
class Serving:
    """`balai serve` and the other verbs, on one data folder or database."""

    folder: Path
    options: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    port: int = 0
    root: Path = ROOT  # the program's folder
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, always on the same port; returns when it is ready."""
        self.port = self.port or free_port()
        log = (self.folder / "serve.log").open("ab")
        command = [sys.executable, "-m", "app", "serve", "--port", str(self.port), *self.options]
        self.process = subprocess.Popen(
            command, env=self._env(), cwd=self.root, stdout=log, stderr=log, start_new_session=True
        )
        log.close()
        self.wait_until_ready()

    def wait_until_ready(self) -> None:
        """Until /readyz says so."""
        end = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < end:
            try:
                if httpx2.get(f"{self.url}/readyz", timeout=START_SECONDS_MAX, trust_env=False).status_code == 200:
                    return
            except httpx2.HTTPError:
                if self.process is None or self.process.poll() is not None:
                    break
            time.sleep(0.02)
        raise RuntimeError("it does not answer:\n" + (self.folder / "serve.log").read_text()[-3000:])

    def kill(self) -> None:
        """kill -9, of all its processes."""
        if self.process is not None:
            with suppress(ProcessLookupError):  # it may have ended by itself
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(timeout=30)
            self.process = None

    def stop(self) -> int:
        """Ask it to end; gives its exit code."""
        if self.process is None:
            return 0
        self.process.terminate()
        code = self.process.wait(timeout=30)
        self.process = None
        return code

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Another verb of the program on the same data."""
        command = [sys.executable, "-m", "app", *arguments]
        return subprocess.run(
            command, env=self._env(), cwd=self.root, capture_output=True, text=True, check=False, timeout=300
        )

    def exceptions(self) -> list[str]:
        """The tracebacks in its log."""
        lines = (self.folder / "serve.log").read_text(errors="replace").splitlines()
        return [json.loads(line)["exception"] for line in lines if '"exception":' in line]

    def key(self, *scope: str) -> str:
        """A new key; for everything unless something else is said."""
        done = self.run("key", "create", *(scope or ("--national",)))
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout.strip()

    def _env(self) -> dict[str, str]:
        # Not measured for coverage: it doubles the time of a start, and a killed process tells nothing anyway.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE_PROCESS")}
        return inherited | {"BALAI_DATA_DIR": str(self.folder)} | self.environment


@contextmanager
def served(folder: Path, *options: str, **environment: str) -> Iterator[Serving]:
    """A server that is ready, and gone after the block."""
    serving = Serving(folder, options, environment)
    try:
        serving.start()
        yield serving
    finally:
        serving.kill()


async def eventually(condition: Callable[[], bool], seconds: float = 5) -> None:
    """Until it is so. Raises: TimeoutError, when that takes longer."""
    async with asyncio.timeout(seconds):
        while True:
            if condition():
                return
            await asyncio.sleep(0.005)
