"""Readiness: whether this node has read the ledger to its end, as checked by load balancers and monitors.

The check needs no key. So concurrent checks share one read, its result is reused for a moment, and the read has its own
time limit: any number of probes costs the database at most four reads a second. No result is reused after the board was
found to be in another history.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from app.board.board import Board
from app.domain.errors import Refusal, Unavailable
from app.domain.reports.clocks import CLOCK_AHEAD_MAX
from app.runtime.ledger_follower import LedgerFollower
from app.store.database import Database

READ_SECONDS_MAX = 2.0  # shorter than a balancer waits
REUSE_SECONDS = 0.25


def clock_warning(board: Board, now: datetime) -> str | None:
    """The clock fault that the ledger reveals; None if there is none."""
    if board.recorded_at is None or board.recorded_at - now <= CLOCK_AHEAD_MAX:
        return None
    ahead = timedelta(seconds=int((board.recorded_at - now).total_seconds()))
    return (
        f"The newest entry of the ledger is {ahead} ahead of this node's clock: one of the clocks is or was wrong. "
        "See docs/operating.md, The clock is wrong."
    )


class Readiness:
    """Lets the follower read the ledger to its end, one read at a time. `clock` returns monotonic seconds."""

    def __init__(
        self, database: Database, follower: LedgerFollower, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._database, self._follower, self._clock = database, follower, clock
        self._reading: asyncio.Task[None] | None = None
        self._result: Refusal | None = None
        self._fresh_until = float("-inf")

    async def check(self) -> None:
        """Check readiness. Raises: Unavailable, when the ledger was not read in time or only newer nodes may write."""
        if self._clock() >= self._fresh_until or not self._follower.is_current:
            if self._reading is None or self._reading.done():
                self._reading = asyncio.create_task(self._read())
            # A client that disconnects must not cancel the read that others wait for.
            await asyncio.shield(self._reading)
        if self._result is not None:
            raise Unavailable(self._result.detail)

    async def close(self) -> None:
        """Wait for a read that is under way."""
        if self._reading is not None:
            await self._reading

    async def _read(self) -> None:
        try:
            async with asyncio.timeout(READ_SECONDS_MAX):
                await self._follower.catch_up()
                await self._database.check_may_write()
            self._result = None
        except TimeoutError:
            self._result = Unavailable("The database does not answer.")
        except Refusal as refusal:
            self._result = refusal
        self._fresh_until = self._clock() + REUSE_SECONDS
