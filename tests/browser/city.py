"""The seeded city behind the real server, with a clock set by hand, for pages in a real browser."""

import asyncio
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import uvicorn

from app.actions.keys import issue_key
from app.cli.registry import seed_semarang
from app.config import Settings
from app.domain.permissions import NATIONAL, OPERATOR
from app.main import create_app
from app.runtime.node import open_node
from app.store.maintenance.migrate import migrate

SECRET_KEY = "0123456789abcdef" * 4


class RunningClock:
    """The real time plus an offset. Pages know the time from the header `Date`, which is always the real one."""

    def __init__(self) -> None:
        self.offset = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.offset

    def advance(self, **how: float) -> None:
        """Let so many hours, minutes or seconds pass for the server."""
        self.offset += timedelta(**how)


@dataclass(frozen=True)
class SeededFolder:
    """A data folder with Semarang's registry and a key for everything, to be copied."""

    path: Path
    key: str


def make_seeded_folder(path: Path) -> SeededFolder:
    """Migrate and seed a new folder. Takes about two seconds."""
    url = f"sqlite+aiosqlite:///{path / 'balai.db'}"

    async def seed() -> str:
        await migrate(url)
        async with open_node(database_url=url, secret_keys=[SECRET_KEY]) as node:
            await seed_semarang(node)
            return (await issue_key(node, scope=NATIONAL, by=OPERATOR, name="test"))[1]

    return SeededFolder(path, asyncio.run(seed()))


@dataclass
class City:
    """A running server of the seeded city."""

    url: str
    clock: RunningClock
    client: httpx2.Client
    server: "StoppableServer"

    def report(self, facility: str, *lines: dict[str, Any], observed_at: datetime | None = None) -> dict[str, Any]:
        """Send a report as another client would; gives its receipt."""
        body = {"observed_at": (observed_at or self.clock()).isoformat(), "lines": list(lines)}
        answer = self.client.post(f"/v1/facilities/{facility}/reports", json=body)
        assert answer.status_code == 201, answer.text
        receipt: dict[str, Any] = answer.json()
        return receipt

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        """Read a document, without a key."""
        answer = httpx2.get(self.url + path, params=params, trust_env=False)
        answer.raise_for_status()
        document: dict[str, Any] = answer.json()
        return document


class StoppableServer:
    """The server in a thread; it can be stopped and started again on the same port, with the same data."""

    def __init__(self, make_app: Any, port: int = 0) -> None:
        self.make_app, self.port = make_app, port
        self.running: tuple[uvicorn.Server, threading.Thread] | None = None

    def start(self) -> None:
        """Listen, and return when it is ready."""
        listener = socket.create_server(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        config = uvicorn.Config(self.make_app(), log_config=None, timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started and thread.is_alive():
            time.sleep(0.01)
        self.running = server, thread

    def stop(self) -> None:
        """End it, with all its connections."""
        if self.running is not None:
            server, thread = self.running
            server.should_exit = True
            thread.join()
            self.running = None


@contextmanager
def running_city(seeded: SeededFolder, folder: Path, **settings: Any) -> Iterator[City]:
    """The seeded city on a copy of that folder."""
    shutil.copytree(seeded.path, folder)
    chosen = Settings(
        _env_file=None,  # type: ignore[call-arg]
        database_url=f"sqlite+aiosqlite:///{folder / 'balai.db'}",
        data_dir=folder,
        secret_key=SECRET_KEY,
        rate_exempt="127.0.0.0/8",
        **settings,
    )
    clock = RunningClock()
    server = StoppableServer(lambda: create_app(chosen, clock=clock))
    server.start()
    url = f"http://127.0.0.1:{server.port}"
    headers = {"Authorization": f"Bearer {seeded.key}"}
    try:
        with httpx2.Client(base_url=url, headers=headers, trust_env=False) as client:
            yield City(url, clock, client, server)
    finally:
        server.stop()
