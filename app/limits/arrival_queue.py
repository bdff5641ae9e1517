"""Arrival queue: anonymous requests start one at a time, and not while a report is being stored."""

import asyncio
from collections import deque
from collections.abc import Callable

from app.domain.errors import Overloaded

# While a report is being stored, other work (here, and in `app.limits.time_slices`) is delayed by this long, at most
# this many times.
PAUSE_SECONDS = 0.001
PAUSES_MAX = 10


class ArrivalQueue:
    """Starts one waiting request per iteration of the event loop, unless `is_busy` gives priority to others.

    Nearly all of the cost of a request is event loop time, spent without a break. Two hundred requests that start in
    the same iteration delay all others for the whole of it. Started one by one, they delay a report by one request at
    each of its steps, and with `is_busy` by one in total. This costs no throughput, and a request that waits for the
    database does not block the queue. However busy the process is, a hundred requests a second start.
    """

    def __init__(self, waiting_max: int) -> None:
        self._waiting: deque[tuple[asyncio.Future[None], Callable[[], bool]]] = deque()
        self._waiting_max = waiting_max
        self._pauses = 0
        self._is_running = False

    async def take(self, is_busy: Callable[[], bool] = lambda: False) -> None:
        """Wait for the first turn. Raises: Overloaded, if too many requests wait already."""
        if len(self._waiting) >= self._waiting_max:
            raise Overloaded
        await self.take_again(is_busy)

    async def take_again(self, is_busy: Callable[[], bool] = lambda: False) -> None:
        """Wait for another turn while a request is processed."""
        loop = asyncio.get_running_loop()
        turn = loop.create_future()
        self._waiting.append((turn, is_busy))
        if not self._is_running:
            self._is_running = True
            loop.call_soon(self._release_next, loop)
        await turn

    def _release_next(self, loop: asyncio.AbstractEventLoop) -> None:
        while self._waiting and self._waiting[0][0].done():  # it was cancelled
            self._waiting.popleft()
        if self._waiting and self._pauses < PAUSES_MAX and self._waiting[0][1]():
            self._pauses += 1
            loop.call_later(PAUSE_SECONDS, self._release_next, loop)
            return
        self._pauses = 0
        if self._waiting:
            self._waiting.popleft()[0].set_result(None)
        self._is_running = bool(self._waiting)
        if self._is_running:
            loop.call_soon(self._release_next, loop)
