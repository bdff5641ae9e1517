"""Long work in slices, so that no request waits for another one's search or export."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TypeVar

from app.limits.arrival_queue import PAUSE_SECONDS, PAUSES_MAX
from app.limits.slots import next_turn

Found = TypeVar("Found")
Written = TypeVar("Written")


class TimeSlices:
    """Runs all long work of one process in slices, one at a time, each caller in turn.

    Between two slices every ready request continues: a report waits for one slice, however many searches run.
    `is_busy` returns whether a report is being stored; slices then wait.
    """

    def __init__(self, is_busy: Callable[[], bool] = lambda: False) -> None:
        self._lock = asyncio.Lock()  # waiters acquire it in order
        self._is_busy = is_busy

    async def run(
        self, found: Iterator[Found | None], write: Callable[[Found], Written]
    ) -> AsyncIterator[list[Written]]:
        """The items of `found`, passed through `write`, in slices; `found` yields None at the end of a slice."""
        is_over = False
        while not is_over:
            async with self._lock:
                await self._give_way()
                part, is_over = _slice(found, write)
                await asyncio.sleep(0)  # with the lock held: one slice per turn of the loop
            if part:
                yield part
            await next_turn()

    async def steps(self, work: Iterator[None]) -> None:
        """Run work that yields at the end of each slice and returns nothing."""
        async for _ in self.run(work, lambda done: done):
            pass

    async def turn(self) -> None:
        """Wait until one slice of work may begin."""
        async with self._lock:
            await self._give_way()
            await asyncio.sleep(0)

    async def _give_way(self) -> None:
        for _ in range(PAUSES_MAX):
            if not self._is_busy():
                return
            await asyncio.sleep(PAUSE_SECONDS)


def _slice(found: Iterator[Found | None], write: Callable[[Found], Written]) -> tuple[list[Written], bool]:
    part: list[Written] = []
    for each in found:
        if each is None:
            return part, False
        part.append(write(each))
    return part, True


def at_most(found: Iterator[Found | None], limit: int) -> Iterator[Found | None]:
    """The first `limit` items, with the pauses between them."""
    for each in found:
        yield each
        if each is not None:
            limit -= 1
            if not limit:
                return
