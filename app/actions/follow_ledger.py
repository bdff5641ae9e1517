"""The one way the board moves: it reads the ledger from where it stands. Live and replay are one path."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any

from app.board.board import Board
from app.domain.errors import Overloaded, Unavailable
from app.domain.ledger import LedgerEntry
from app.store import ledger
from app.store.database import Database

# How often the clock is looked at, which turns figures stale, and, where notices of commits arrive (PostgreSQL), how
# often the ledger is looked at besides: a lost notice costs that much.
TICK_SECONDS = 0.5

# Where none arrive (SQLite, a replica alone, a connection that was cut): a look at the head costs 0.2 to 1 ms.
POLL_SECONDS = 0.1

# While a replica has not yet brought what was heard of.
REPLICA_POLL_SECONDS = 0.02

# Then requests have their turn: an entry takes the board 0.1 to 0.4 ms.
ENTRIES_AT_A_STRETCH = 50

log = logging.getLogger(__name__)


class Follower:
    """Keeps one board at the head of one ledger, and lets others wait for a position."""

    def __init__(self, database: Database, board: Board) -> None:
        self._database = database
        self._board = board
        self._moved = asyncio.Event()
        self._changes_told = board.changes
        self._called = asyncio.Event()
        self._closing = asyncio.Event()
        self._is_listening = False
        self._heard = 0
        self._waiting = 0
        self.answers = True  # whether the database answered when it was last asked

    async def take(self, committed: Sequence[LedgerEntry]) -> bool:
        """Read entries that this process has just committed; False where others came in between.

        Others have their turn on the way, and may read some of the same entries: each is applied once all the same.
        """
        if committed and committed[0].seq > self._board.position + 1:
            return False
        before = self._board.position
        for place, entry in enumerate(committed):
            if entry.seq == self._board.position + 1:
                self._board.apply(entry)
            if place % ENTRIES_AT_A_STRETCH == ENTRIES_AT_A_STRETCH - 1:
                await asyncio.sleep(0)
        if self._board.position != before:
            self._tell()
        return True

    async def catch_up(self) -> None:
        """Read the ledger to its very end, as it is where it is written.

        Raises: Unavailable, when the database does not answer.
        """
        await self._read_on(self._database.reading_newest)

    async def _read_on(self, reading: Callable[[], AbstractAsyncContextManager[Any]]) -> None:
        while True:
            async with reading() as connection:
                entries = await ledger.read_after(connection, self._board.position)
            await self.take(entries)
            if len(entries) < ledger.READ_BATCH:
                return

    async def wait_for(self, position: int, *, seconds: float, at_most: int | None = None) -> None:
        """Until the board has read up to `position`.

        Raises: Unavailable, when that takes longer; Overloaded, at once, where `at_most` so many wait already.
        """
        if at_most is not None and self._waiting >= at_most:
            raise Overloaded("Too many wait here for a later position; ask again in a moment.")
        self._waiting += 1
        try:
            async with asyncio.timeout(seconds):
                while self._board.position < position:
                    await self._moved.wait()
        except TimeoutError:
            here = self._board.position
            raise Unavailable(f"This node has read the ledger up to {here}, not yet to {position}.") from None
        finally:
            self._waiting -= 1

    async def moved(self) -> None:
        """Until an entry was read, or the clock moved a figure."""
        await self._moved.wait()

    def hear(self, position: int) -> None:
        """The ledger reaches this far now. What this process wrote itself its lane brings to the board."""
        if position != self._database.announced:
            self._heard = max(self._heard, position)
            if self._heard > self._board.position:
                self._called.set()

    def notices_begun(self) -> None:
        """From now on notices arrive; what was not heard until now is looked for at once."""
        self._is_listening = True
        self._called.set()

    def notices_ended(self) -> None:
        """None may arrive from now on: look by the clock."""
        self._is_listening = False
        self._called.set()

    async def run(self, clock: Callable[[], datetime]) -> None:
        """Read others' entries, and let the clock move figures, until `close`; an outage is waited out."""
        async with asyncio.TaskGroup() as both:
            both.create_task(self._follow())
            both.create_task(self._keep_time(clock))

    def close(self) -> None:
        """Look no more. A look that is under way ends first: cut off, it would leave its connection behind."""
        self._closing.set()
        self._called.set()

    async def _follow(self) -> None:
        while not await self._called_within(self._pause()):
            try:
                await self._read_on(self._database.reading)
                self.answers = True
            except Unavailable as outage:
                if self.answers:
                    log.warning("the database does not answer: %s", outage.__cause__)
                self.answers = False
            except Exception:
                # Nothing that is known to happen. The board stays where it is, and readiness says so.
                log.exception("the ledger cannot be followed")
                self.answers = False
            if self._heard <= self._board.position:
                self._called.clear()  # this look has found already what was called for meanwhile

    async def _keep_time(self, clock: Callable[[], datetime]) -> None:
        """Apart from reading: a database that answers late must not keep figures fresh."""
        while not await _set_within(self._closing, TICK_SECONDS):
            self._board.advance(clock())
            if self._board.changes != self._changes_told:
                self._tell()

    def _pause(self) -> float:
        if not self._is_listening and self.answers:
            return POLL_SECONDS
        if self._database.has_replica and self._heard > self._board.position:
            return REPLICA_POLL_SECONDS
        return TICK_SECONDS

    async def _called_within(self, seconds: float) -> bool:
        """Wait for a call, or so long; whether that was to close."""
        if not self._closing.is_set():
            await _set_within(self._called, seconds)
            self._called.clear()
        return self._closing.is_set()

    def _tell(self) -> None:
        self._changes_told = self._board.changes
        self._moved.set()
        self._moved = asyncio.Event()


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()
