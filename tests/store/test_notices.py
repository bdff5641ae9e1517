"""Notices of commits: in order, after the commit, on a connection that is opened again when it is lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from sqlalchemy import make_url

from app.domain.ledger import KeysChanged
from app.runtime.worker import Worker
from app.store import ledger, notices
from app.store.database import Database
from app.store.notices import Notices
from tests.factories import MORNING
from tests.serving import eventually

pytestmark = [pytest.mark.postgres, pytest.mark.parametrize("database_url", ["postgres"], indirect=True)]


@dataclass
class Heard:
    """The positions that a listener received."""

    positions: list[int] = field(default_factory=list)
    turns: list[bool] = field(default_factory=list)

    async def until(self, *positions: int) -> None:
        """Wait until exactly these were received, in this order."""
        await eventually(lambda: len(self.positions) >= len(positions))
        assert self.positions == list(positions)

    async def until_begun(self, times: int) -> None:
        await eventually(lambda: self.turns.count(True) >= times)


def listener(url: str, heard: Heard) -> Notices:
    return Notices(
        url,
        heard=heard.positions.append,
        begun=lambda: heard.turns.append(True),
        ended=lambda: heard.turns.append(False),
    )


class Wire:
    """A connection to the server that can fail silently: nothing passes any more, without an error."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._alive = asyncio.Event()
        self._alive.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self.connections = 0

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        there = await asyncio.open_connection("127.0.0.1", self._port)
        for source, target in ((reader, there[1]), (there[0], writer)):
            self._tasks.add(asyncio.create_task(self._pass(source, target, self._alive)))

    def die(self) -> None:
        """What is connected now is dead; a new connection works."""
        self._alive.clear()
        self._alive = asyncio.Event()
        self._alive.set()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, alive: asyncio.Event) -> None:
        try:
            while data := await source.read(65536):
                await alive.wait()
                target.write(data)
        except OSError:
            pass
        finally:
            target.close()
            with suppress(OSError):
                await target.wait_closed()


@pytest.fixture
async def wire(database_url: str) -> AsyncIterator[tuple[Wire, str]]:
    """A wire to the database, and the URL that goes by it."""
    url = make_url(database_url)
    assert url.port is not None
    made = Wire(url.port)
    server = await asyncio.start_server(made.connect, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    yield made, url.set(port=port).render_as_string(hide_password=False)
    server.close()
    await made.close()


async def commit(database: Database) -> int:
    async with database.transaction() as transaction:
        entries = await ledger.append(transaction, [(KeysChanged(()), "k", None)], now=MORNING)
    return entries[0].seq


async def test_each_commit_is_told_by_its_position_and_a_rollback_by_nothing(database: Database) -> None:
    heard = Heard()
    ears = listener(database.url, heard)
    listening = Worker("notices", ears.listen, stop=ears.close)
    listening.start()
    await heard.until_begun(1)
    assert await commit(database) == 3
    await heard.until(3)

    async def roll_back() -> None:
        async with database.transaction() as transaction:
            await ledger.append(transaction, [(KeysChanged(()), "k", None)], now=MORNING)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await roll_back()
    async with database.transaction():
        pass
    assert await commit(database) == 4
    await heard.until(3, 4)
    await listening.close()
    assert heard.turns == [True]


async def test_a_connection_that_is_dead_without_a_word_is_noticed(
    database: Database, wire: tuple[Wire, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(notices, "HEARTBEAT_ANSWER_SECONDS", 1)
    way, url = wire
    heard = Heard()
    ears = listener(url, heard)
    listening = Worker("notices", ears.listen, stop=ears.close)
    listening.start()
    await heard.until_begun(1)
    way.die()
    await heard.until_begun(2)
    await commit(database)
    await heard.until(3)
    assert heard.turns[:3] == [True, False, True]
    assert way.connections >= 2  # more where the machine is so busy that a heartbeat comes late
    await listening.close()


async def test_a_server_that_is_not_there_is_tried_again_until_it_is_enough(database: Database) -> None:
    heard = Heard()
    ears = listener(make_url(database.url).set(port=9).render_as_string(hide_password=False), heard)
    listening = Worker("notices", ears.listen, stop=ears.close)
    listening.start()
    await eventually(lambda: len(heard.turns) >= 3)
    await listening.close()
    assert not any(heard.turns)
