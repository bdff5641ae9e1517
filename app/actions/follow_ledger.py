"""The one way the board moves: it reads the ledger from where it stands. Live and replay are one path."""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime

from app.board.board import Board
from app.domain.errors import Unavailable
from app.domain.ledger import LedgerEntry
from app.store import ledger
from app.store.database import Database

# Other processes' entries are seen at the latest after this long: a look at the head costs 0.2 ms.
POLL_SECONDS = 0.5

# As many of the last entries are kept for who tells of them; whoever is further behind reads the ledger itself.
ENTRIES_KEPT = 256

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
        self._closing = asyncio.Event()
        self.recent: deque[LedgerEntry] = deque(maxlen=ENTRIES_KEPT)
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
                self.recent.append(entry)
            if place % ENTRIES_AT_A_STRETCH == ENTRIES_AT_A_STRETCH - 1:
                await asyncio.sleep(0)
        if self._board.position != before:
            self._tell()
        return True

    async def catch_up(self) -> None:
        """Read the ledger to its end. Raises: Unavailable, when the database does not answer."""
        while True:
            async with self._database.reading() as connection:
                entries = await ledger.read_after(connection, self._board.position)
            await self.take(entries)
            if len(entries) < ledger.READ_BATCH:
                return

    async def wait_for(self, position: int, *, seconds: float) -> None:
        """Until the board has read up to `position`. Raises: Unavailable, when that takes longer."""
        try:
            async with asyncio.timeout(seconds):
                while self._board.position < position:
                    await self._moved.wait()
        except TimeoutError:
            here = self._board.position
            raise Unavailable(f"This node has read the ledger up to {here}, not yet to {position}.") from None

    async def moved(self) -> None:
        """Until an entry was read, or the clock moved a figure."""
        await self._moved.wait()

    async def run(self, clock: Callable[[], datetime]) -> None:
        """Look for others' entries until `close`; an outage is waited out."""
        while not await self._closes_within(POLL_SECONDS):
            try:
                await self.catch_up()
                self.answers = True
            except Unavailable as outage:
                if self.answers:
                    log.warning("the database does not answer: %s", outage.__cause__)
                self.answers = False
            except Exception:
                # Nothing that is known to happen. The board stays where it is, and readiness says so.
                log.exception("the ledger cannot be followed")
                self.answers = False
            self._board.advance(clock())
            if self._board.changes != self._changes_told:
                self._tell()

    def close(self) -> None:
        """Look no more. A look that is under way ends first: cut off, it would leave its connection behind."""
        self._closing.set()

    def _tell(self) -> None:
        self._changes_told = self._board.changes
        self._moved.set()
        self._moved = asyncio.Event()

    async def _closes_within(self, seconds: float) -> bool:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closing.wait()
        return self._closing.is_set()
