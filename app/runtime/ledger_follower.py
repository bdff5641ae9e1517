"""Keeping the board up to date by reading the ledger. Live updates and replay use the same code path.

Every read starts at the board's position: the number of an entry and the chain there. If the ledger does not contain
that position (a standby that lagged behind was promoted, or a backup was restored), the board contains entries that no
longer exist: it is loaded again from the store, and the node is not ready until that is done. The same applies if the
tables from which the board was loaded have been rebuilt since.
"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any

from app.board.board import Board
from app.domain.errors import Overloaded, Unavailable
from app.domain.ledger import LedgerEntry, Position
from app.runtime.worker import set_within
from app.store import ledger
from app.store.database import Database, Transaction
from app.store.ledger import OtherHistory
from app.store.repositories.rebuilds import check_not_rebuilt
from app.store.repositories.snapshot import read_snapshot

# The interval at which the clock makes figures stale, and at which the ledger is polled if commit notices arrive
# (PostgreSQL): a lost notice delays an update by so much.
TICK_SECONDS = 0.5

# The polling interval without notices (SQLite, a replica alone, a lost connection): reading the head costs 0.2 to 1 ms.
POLL_SECONDS = 0.1

# The polling interval while a replica lags behind an announced position.
REPLICA_POLL_SECONDS = 0.02

# A replica with a shorter ledger may lag, or its ledger was truncated: how often the primary database is read instead.
NEWEST_SECONDS = 5.0

# A ledger that changes its history while it is loaded is loaded again at once, at most so many times.
LOADS_MAX = 3

# After so many entries the event loop runs other tasks: an entry takes the board 0.1 to 0.4 ms.
ENTRIES_PER_YIELD = 50

log = logging.getLogger(__name__)


class LedgerFollower:
    """Keeps one board at the head of one ledger, and lets callers wait for a position."""

    def __init__(self, database: Database, board: Board) -> None:
        self._database = database
        self._board = board
        self._moved = asyncio.Event()
        self._changes_notified = board.changes
        self._called = asyncio.Event()
        self._closing = asyncio.Event()
        self._is_listening = False
        self._newest_due = 0.0  # by the loop's clock: when the next read has to be from the primary database
        self._announced = 0
        self._waiting = 0
        self._reading = asyncio.Lock()
        self._next_read: asyncio.Task[None] | None = None
        self._reads = set[asyncio.Task[None]]()
        self.answers = True  # whether the database responded to the last read
        self.is_current = True  # whether the board is in the ledger's own history, as far as is known

    async def take(self, entries: Sequence[LedgerEntry]) -> None:
        """Apply entries that follow the board's position; entries that it has already read may come first.

        Other tasks run in between and may apply some of the same entries: each is still applied once.
        Raises: OtherHistory, if they do not follow.
        """
        before = self._board.head
        for number, entry in enumerate(entries):
            if self._board.is_next(entry):
                self._board.apply(entry)
            elif not self._has(entry.position):
                raise OtherHistory(f"entry {entry.position} does not follow {self._board.head}")
            if number % ENTRIES_PER_YIELD == ENTRIES_PER_YIELD - 1:
                await asyncio.sleep(0)
        if self._board.head != before:
            self._notify()

    def _has(self, position: Position) -> bool:
        """Whether the board has read this entry; one too old to compare is assumed to be the same."""
        return position.seq <= self._board.position and position.is_at(self._board.chain_at(position.seq) or "")

    async def catch_up(self) -> None:
        """Read the primary database's ledger to its end; callers that wait at the same moment share one read.

        Afterwards the board is in the ledger's own history. Raises: Unavailable, when the database does not respond.
        """
        if self._next_read is None:
            self._next_read = read = asyncio.create_task(self._read_next())
            self._reads.add(read)
            read.add_done_callback(self._discard_read)
        await asyncio.shield(self._next_read)

    async def _read_next(self) -> None:
        async with self._reading:
            self._next_read = None  # later callers may need entries that this read does not see
            await self._read(self._database.reading_newest)

    def _discard_read(self, read: "asyncio.Task[None]") -> None:
        self._reads.discard(read)
        if self._next_read is read:
            self._next_read = None
        if not read.cancelled():
            read.exception()  # mark it as retrieved: all callers may have been cancelled

    async def bring_to(self, head: Position, transaction: Transaction) -> None:
        """Bring the board to the ledger's end `head`, which was read in this transaction and cannot move during it.

        Raises: Unavailable, if the board is in another history; it is then loaded again.
        """
        if not self.is_current:
            raise Unavailable(_LOADING)
        try:
            await check_not_rebuilt(transaction.connection, since=self._board.rebuilds)
            while self._board.position < head.seq:
                await self.take(await ledger.read_after(transaction.connection, self._board.head))
            self._check_is_at(head)
        except OtherHistory as differs:
            self.invalidate(differs)
            raise Unavailable(_LOADING) from differs

    def _check_is_at(self, head: Position) -> None:
        if self._board.head != head:
            raise OtherHistory(f"the ledger ends at {head}, this node has read up to {self._board.head}")

    def invalidate(self, why: Exception) -> None:
        """Have the board loaded again, since it may differ from the ledger; until then the node is not ready."""
        if self.is_current:
            log.error("the board of this node differs from the database; it is loaded again: %s", why)
        self.is_current = False
        self._called.set()

    async def _read_where_due(self) -> None:
        now = asyncio.get_running_loop().time()
        if now < self._newest_due or not self._database.has_replica:
            await self._read(self._database.reading)
            return
        self._newest_due = now + NEWEST_SECONDS
        await self._read(self._database.reading_newest)

    async def _read(self, reading: Callable[[], AbstractAsyncContextManager[Any]]) -> None:
        """Read new entries, or load everything again if that is not possible. The caller holds `_reading`.

        Raises: Unavailable, also when the history changes repeatedly.
        """
        for _ in range(LOADS_MAX):
            if not self.is_current:
                await self._load()
                reading = self._database.reading_newest
            try:
                await self._read_entries(reading)
                return
            except OtherHistory as differs:
                self.invalidate(differs)
        raise Unavailable(_LOADING)

    async def _read_entries(self, reading: Callable[[], AbstractAsyncContextManager[Any]]) -> None:
        may_lag = self._database.has_replica and reading == self._database.reading
        while True:
            # Taken before the snapshot: meanwhile the board may reach entries that are not in the snapshot.
            after, rebuilds = self._board.head, self._board.rebuilds
            async with reading() as connection:
                await check_not_rebuilt(connection, since=rebuilds)
                entries = await ledger.read_after(connection, after, may_lag=may_lag)
            await self.take(entries)
            if len(entries) < ledger.READ_BATCH:
                return

    async def _load(self) -> None:
        """Load the board from the store. For a whole country this takes seconds: other tasks run meanwhile."""
        async with self._database.reading_newest() as connection:
            current = await read_snapshot(connection)
        fresh = Board(self._board.thresholds)
        await asyncio.to_thread(fresh.load, current)
        self._board.replace(fresh)
        self._announced = min(self._announced, fresh.position)
        self.is_current = True
        log.warning("the board was loaded again, up to %s", fresh.head)
        self._notify()

    async def wait_for(self, position: int, *, seconds: float, at_most: int | None = None) -> None:
        """Wait until the board has read up to `position`, for at most `seconds`.

        Raises: TimeoutError, when that takes longer; Overloaded, at once, when `at_most` callers already wait.
        """
        if at_most is not None and self._waiting >= at_most:
            raise Overloaded("Too many requests wait here for a later position; send it again in a moment.")
        self._waiting += 1
        try:
            async with asyncio.timeout(seconds):
                while self._board.position < position:
                    await self._moved.wait()
        finally:
            self._waiting -= 1

    async def moved(self) -> None:
        """Wait until an entry was read, or the clock changed a figure."""
        await self._moved.wait()

    def on_notice(self, position: int) -> None:
        """Handle a notice that the ledger reached `position`. The write queue applies this process's own entries."""
        if position != self._database.announced:
            self._announced = max(self._announced, position)
            if self._announced > self._board.position:
                self._called.set()

    def notices_begun(self) -> None:
        """Handle the start of notices: read at once what was written before."""
        self._is_listening = True
        self._newest_due = 0.0  # it may be another server
        self._called.set()

    def notices_ended(self) -> None:
        """Handle the end of notices: poll from now on."""
        self._is_listening = False
        self._called.set()

    async def run(self, clock: Callable[[], datetime]) -> None:
        """Read the entries of other processes and advance the board's clock, until `close`; retry during an outage."""
        async with asyncio.TaskGroup() as both:
            both.create_task(self._follow())
            both.create_task(self._keep_time(clock))
        await asyncio.gather(*self._reads, return_exceptions=True)

    def close(self) -> None:
        """End `run`. A read under way ends first: if it were cancelled, it would leave its connection behind."""
        self._closing.set()
        self._called.set()

    async def _follow(self) -> None:
        while not await self._wait_for_call(self._pause()):
            try:
                async with self._reading:
                    await self._read_where_due()
                self.answers = True
            except Unavailable as outage:
                if self.answers:
                    log.warning("the database does not answer: %s", outage.__cause__)
                self.answers = False
            except Exception:
                # No known cause. The board keeps its position, and the readiness check fails.
                log.exception("the ledger cannot be read")
                self.answers = False
            if self._announced <= self._board.position:
                self._called.clear()  # this read already covers calls that came meanwhile

    async def _keep_time(self, clock: Callable[[], datetime]) -> None:
        """Advance the board's clock, independently of reading: a slow database must not keep figures fresh."""
        while not await set_within(self._closing, TICK_SECONDS):
            self._board.advance(clock())
            if self._board.changes != self._changes_notified:
                self._notify()

    def _pause(self) -> float:
        if not self._is_listening and self.answers:
            return POLL_SECONDS
        if self._database.has_replica and self._announced > self._board.position:
            return REPLICA_POLL_SECONDS
        return TICK_SECONDS

    async def _wait_for_call(self, seconds: float) -> bool:
        """Wait for a call, at most `seconds`. Returns whether the follower is closing."""
        if not self._closing.is_set():
            await set_within(self._called, seconds)
            self._called.clear()
        return self._closing.is_set()

    def _notify(self) -> None:
        self._changes_notified = self._board.changes
        self._moved.set()
        self._moved = asyncio.Event()


_LOADING = (
    "This node loads everything again, since the database was restored or rebuilt. Nothing was stored; send it again."
)
