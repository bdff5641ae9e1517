"""Listening to streams: what came in as events, from the app without a socket or from a real server."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx2

WAIT_SECONDS = 15.0


@dataclass
class Event:
    """One event; `id` is the ledger entry that its id names, None where the stream said none, `token` all of it."""

    name: str
    id: int | None
    data: Any
    token: str = field(default="", compare=False)


@dataclass
class Ear:
    """One listener. `status`, `headers` and raw `body` are what came so far; a paused one takes nothing."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    ended: bool = False
    taking: asyncio.Event = field(default_factory=asyncio.Event)
    leaving: asyncio.Event = field(default_factory=asyncio.Event)
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _read: int = 0

    def __post_init__(self) -> None:
        self.taking.set()

    @property
    def events(self) -> list[Event]:
        """All events that came."""
        return [event for block in self.body.decode().split("\n\n")[:-1] if (event := _event(block))]

    async def next(self) -> Event:
        """The next event, which comes soon."""
        async with asyncio.timeout(WAIT_SECONDS):
            while len(self.events) <= self._read:
                self._arrived.clear()
                await self._arrived.wait()
        self._read += 1
        return self.events[self._read - 1]

    async def until_ended(self) -> None:
        """Until the server has ended it."""
        async with asyncio.timeout(WAIT_SECONDS):
            while not self.ended:
                self._arrived.clear()
                await self._arrived.wait()

    async def until_begun(self) -> None:
        """Until its head and first bytes are there."""
        async with asyncio.timeout(WAIT_SECONDS):
            while not self.body and not self.ended:
                self._arrived.clear()
                await self._arrived.wait()

    def heard(self, data: bytes, *, ended: bool = False) -> None:
        """More came in."""
        self.body += data
        self.ended = self.ended or ended
        self._arrived.set()


def _event(block: str) -> Event | None:
    fields = dict(line.split(": ", 1) for line in block.split("\n") if not line.startswith(":"))
    if "event" not in fields:
        return None
    token = fields.get("id", "")
    return Event(fields["event"], int(token.partition("-")[0]) if token else None, json.loads(fields["data"]), token)


@asynccontextmanager
async def listening(
    app: Any, path: str, *, key: str | None = None, host: str = "127.0.0.1", method: str = "GET", **headers: str
) -> AsyncIterator[Ear]:
    """Listen to the app itself; `ear.taking.clear()` lets its connection fill up."""
    ear = Ear()
    path, _, query = path.partition("?")
    said = {"host": "testserver"} | {name.replace("_", "-"): value for name, value in headers.items()}
    said |= {"authorization": f"Bearer {key}"} if key else {}
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode()) for name, value in said.items()],
        "client": (host, 40_000),
        "server": ("testserver", 80),
    }
    asked = False

    async def receive() -> dict[str, Any]:
        nonlocal asked
        if not asked:
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        if not ear.ended:
            await ear.leaving.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if not ear.taking.is_set():
            await ear.taking.wait()
        if message["type"] == "http.response.start":
            ear.status = message["status"]
            ear.headers = {name.decode(): value.decode() for name, value in message["headers"]}
        else:
            ended = not message.get("more_body", False)
            ear.heard(message["body"], ended=ended)
            if ended:
                ear.leaving.set()

    call = asyncio.create_task(app(scope, receive, send))
    try:
        await ear.until_begun()
        yield ear
    finally:
        ear.leaving.set()
        ear.taking.set()
        await call


@asynccontextmanager
async def listening_at(url: str, path: str, **headers: str) -> AsyncIterator[Ear]:
    """Listen to a real server."""
    ear = Ear()
    said = {name.replace("_", "-"): value for name, value in headers.items()}

    async def read() -> None:
        try:
            async with (
                httpx2.AsyncClient(base_url=url, timeout=None, trust_env=False) as client,
                client.stream("GET", path, headers=said) as answer,
            ):
                ear.status, ear.headers = answer.status_code, dict(answer.headers)
                async for data in answer.aiter_raw():
                    ear.heard(data)
        except httpx2.HTTPError:
            pass  # cut off, by a test that kills servers
        finally:
            ear.heard(b"", ended=True)

    reading = asyncio.create_task(read())
    try:
        await ear.until_begun()
        yield ear
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
