"""The one way the board moves: it reads the ledger from where it stands. Live and replay are one path.

One rule holds for every read: it begins at the place up to which the board has read, the number of an entry and the
chain there. Where the ledger does not go through that place (a standby was promoted that had not come so far, or a
backup was restored), the board holds what never happened: it is loaded again from the store, and the node is not
ready until that is done. The same where the tables from which it was loaded have been made anew since.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any

from app.board.board import Board
from app.domain.errors import Overloaded, Unavailable
from app.domain.ledger import LedgerEntry, Position
from app.store import ledger
from app.store.database import Database, Transaction
from app.store.ledger import OtherHistory
from app.store.repositories.rebuilds import check_not_rebuilt
from app.store.repositories.snapshot import read_snapshot

# How often the clock is looked at, which turns figures stale, and, where notices of commits arrive (PostgreSQL), how
# often the ledger is looked at besides: a lost notice costs that much.
TICK_SECONDS = 0.5

# Where none arrive (SQLite, a replica alone, a connection that was cut): a look at the head costs 0.2 to 1 ms.
POLL_SECONDS = 0.1

# While a replica has not yet brought what was heard of.
REPLICA_POLL_SECONDS = 0.02

# A replica with a shorter ledger may lag, or its ledger was cut off: how often the database itself is asked.
NEWEST_SECONDS = 5.0

# A ledger that changed its history while it was loaded is loaded again at once, but not for ever.
LOADS_MAX = 3

# Then requests have their turn: an entry takes the board 0.1 to 0.4 ms.
ENTRIES_AT_A_STRETCH = 50

log = logging.getLogger(__name__)


class LedgerFollower:
    """Keeps one board at the head of one ledger, and lets others wait for a position."""

    def __init__(self, database: Database, board: Board) -> None:
        self._database = database
        self._board = board
        self._moved = asyncio.Event()
        self._changes_told = board.changes
        self._called = asyncio.Event()
        self._closing = asyncio.Event()
        self._is_listening = False
        self._newest_due = 0.0  # by the loop's clock: when a look has to be where the ledger is written
        self._heard = 0
        self._waiting = 0
        self._reading = asyncio.Lock()
        self._next_look: asyncio.Task[None] | None = None
        self._looks = set[asyncio.Task[None]]()
        self.answers = True  # whether the database answered when it was last asked
        self.is_current = True  # whether the board is, as far as is known, of the ledger's own history

    async def take(self, entries: Sequence[LedgerEntry]) -> None:
        """Let the board read entries that follow its last one, perhaps after some that it has read already.

        Others have their turn on the way, and may read some of the same entries: each is applied once all the same.
        Raises: OtherHistory, where they do not follow.
        """
        before = self._board.head
        for place, entry in enumerate(entries):
            if self._board.is_next(entry):
                self._board.apply(entry)
            elif not self._has(entry.position):
                raise OtherHistory(f"entry {entry.position} does not follow {self._board.head}")
            if place % ENTRIES_AT_A_STRETCH == ENTRIES_AT_A_STRETCH - 1:
                await asyncio.sleep(0)
        if self._board.head != before:
            self._tell()

    def _has(self, position: Position) -> bool:
        """Whether the board has read this entry; one that is too old to be compared is taken for the same."""
        return position.seq <= self._board.position and position.is_at(self._board.chain_at(position.seq) or "")

    async def catch_up(self) -> None:
        """Read the ledger to its very end, as it is where it is written; all who wait at one moment share a read.

        Afterwards the board is of the ledger's own history. Raises: Unavailable, when the database does not answer.
        """
        if self._next_look is None:
            self._next_look = look = asyncio.create_task(self._look_next())
            self._looks.add(look)
            look.add_done_callback(self._looked)
        await asyncio.shield(self._next_look)

    async def _look_next(self) -> None:
        async with self._reading:
            self._next_look = None  # whoever calls from here on may need what this read does not see any more
            await self._look(self._database.reading_newest)

    def _looked(self, look: "asyncio.Task[None]") -> None:
        self._looks.discard(look)
        if self._next_look is look:
            self._next_look = None
        if not look.cancelled():
            look.exception()  # its callers have it, those who did not leave

    async def bring_to(self, head: Position, transaction: Transaction) -> None:
        """Bring the board to the ledger's end, inside a transaction that keeps it there: `head` was read in it.

        Raises: Unavailable, where the board turns out to be of another history; it is loaded again then.
        """
        if not self.is_current:
            raise Unavailable(_LOADING)
        try:
            await check_not_rebuilt(transaction.connection, since=self._board.rebuilds)
            while self._board.position < head.seq:
                await self.take(await ledger.read_after(transaction.connection, self._board.head))
            self._check_is_at(head)
        except OtherHistory as differs:
            self.distrust(differs)
            raise Unavailable(_LOADING) from differs

    def _check_is_at(self, head: Position) -> None:
        if self._board.head != head:
            raise OtherHistory(f"the ledger ends at {head}, this node has read up to {self._board.head}")

    def distrust(self, why: Exception) -> None:
        """The board may hold what the ledger does not say: load it again, soon; until then the node is not ready."""
        if self.is_current:
            log.error("what this node has read is not what is stored; everything is read anew: %s", why)
        self.is_current = False
        self._called.set()

    async def _look_where_due(self) -> None:
        now = asyncio.get_running_loop().time()
        if now < self._newest_due or not self._database.has_replica:
            await self._look(self._database.reading)
            return
        self._newest_due = now + NEWEST_SECONDS
        await self._look(self._database.reading_newest)

    async def _look(self, reading: Callable[[], AbstractAsyncContextManager[Any]]) -> None:
        """Read on, and load everything where that cannot be; one at a time.

        Raises: Unavailable, also when the history changes again and again.
        """
        for _ in range(LOADS_MAX):
            if not self.is_current:
                await self._load()
                reading = self._database.reading_newest
            try:
                await self._read_on(reading)
                return
            except OtherHistory as differs:
                self.distrust(differs)
        raise Unavailable(_LOADING)

    async def _read_on(self, reading: Callable[[], AbstractAsyncContextManager[Any]]) -> None:
        may_lag = self._database.has_replica and reading == self._database.reading
        while True:
            # From before the snapshot: meanwhile the board may be brought to entries that the snapshot does not have.
            after, rebuilds = self._board.head, self._board.rebuilds
            async with reading() as connection:
                await check_not_rebuilt(connection, since=rebuilds)
                entries = await ledger.read_after(connection, after, may_lag=may_lag)
            await self.take(entries)
            if len(entries) < ledger.READ_BATCH:
                return

    async def _load(self) -> None:
        """Load the board from the store. It takes seconds where there is a whole country: others go on meanwhile."""
        async with self._database.reading_newest() as connection:
            current = await read_snapshot(connection)
        fresh = Board(self._board.thresholds)
        await asyncio.to_thread(fresh.load, current)
        self._board.replace(fresh)
        self._heard = min(self._heard, fresh.position)
        self.is_current = True
        log.warning("everything was read anew, up to %s", fresh.head)
        self._tell()

    async def wait_for(self, position: int, *, seconds: float, at_most: int | None = None) -> None:
        """Until the board has read up to `position`.

        Raises: TimeoutError, when that takes longer; Overloaded, at once, where `at_most` so many wait already.
        """
        if at_most is not None and self._waiting >= at_most:
            raise Overloaded("Too many wait here for a later position; ask again in a moment.")
        self._waiting += 1
        try:
            async with asyncio.timeout(seconds):
                while self._board.position < position:
                    await self._moved.wait()
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
        self._newest_due = 0.0  # it may be another server
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
        await asyncio.gather(*self._looks, return_exceptions=True)

    def close(self) -> None:
        """Look no more. A look that is under way ends first: cut off, it would leave its connection behind."""
        self._closing.set()
        self._called.set()

    async def _follow(self) -> None:
        while not await self._called_within(self._pause()):
            try:
                async with self._reading:
                    await self._look_where_due()
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


_LOADING = (
    "This node reads everything anew, since what is stored was restored or rebuilt. Nothing was stored; send it again."
)


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()
