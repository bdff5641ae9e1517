"""Turns: requests of strangers begin one after the other, and not while something is being written."""

import asyncio
from collections import deque
from collections.abc import Callable

from app.domain.errors import Overloaded

# A stranger's turn is put off for as long at a time, and no longer in all, while a report is being stored.
PAUSE_SECONDS = 0.001
PAUSES_MAX = 10


class ArrivalQueue:
    """Lets one waiting request begin in each turn of the event loop, if `is_busy` does not say that others come first.

    Nearly all of what a request costs here is time of the event loop, spent in one go. Two hundred that begin in the
    same turn keep everybody else waiting for all of it; begun one by one, a report in its several steps waits for one
    request at each step, and with `is_busy` for one in all. It costs no throughput, and a request that waits for the
    database holds up nobody's turn. However busy it is, a hundred a second begin.
    """

    def __init__(self, waiting_max: int) -> None:
        self._waiting: deque[tuple[asyncio.Future[None], Callable[[], bool]]] = deque()
        self._waiting_max = waiting_max
        self._pauses = 0
        self._is_running = False

    async def take(self, is_busy: Callable[[], bool] = lambda: False) -> None:
        """Wait for the first turn. Raises: Overloaded, when too many wait already."""
        if len(self._waiting) >= self._waiting_max:
            raise Overloaded
        await self.take_again(is_busy)

    async def take_again(self, is_busy: Callable[[], bool] = lambda: False) -> None:
        """Wait for another turn, in the middle of the work."""
        loop = asyncio.get_running_loop()
        turn = loop.create_future()
        self._waiting.append((turn, is_busy))
        if not self._is_running:
            self._is_running = True
            loop.call_soon(self._give, loop)
        await turn

    def _give(self, loop: asyncio.AbstractEventLoop) -> None:
        while self._waiting and self._waiting[0][0].done():  # it has left
            self._waiting.popleft()
        if self._waiting and self._pauses < PAUSES_MAX and self._waiting[0][1]():
            self._pauses += 1
            loop.call_later(PAUSE_SECONDS, self._give, loop)
            return
        self._pauses = 0
        if self._waiting:
            self._waiting.popleft()[0].set_result(None)
        self._is_running = bool(self._waiting)
        if self._is_running:
            loop.call_soon(self._give, loop)
