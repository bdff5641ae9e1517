"""Long work in slices, so that no request waits for another one's search or file."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TypeVar

from app.slots import next_turn

Found = TypeVar("Found")
Written = TypeVar("Written")


class Turns:
    """All long work of one process: one slice after the other, of each caller in turn.

    Between two slices every request that is ready goes on: a report waits for one slice however many search.
    """

    def __init__(self) -> None:
        self._lock = asyncio.Lock()  # who waits for it gets it in order

    async def run(
        self, found: Iterator[Found | None], write: Callable[[Found], Written]
    ) -> AsyncIterator[list[Written]]:
        """What is found, each written out, in slices; `found` gives None at the end of each slice."""
        is_over = False
        while not is_over:
            async with self._lock:
                part, is_over = _slice(found, write)
                await asyncio.sleep(0)  # the lock is kept meanwhile: nobody else has a slice in this round of the loop
            if part:
                yield part
            await next_turn()


def _slice(found: Iterator[Found | None], write: Callable[[Found], Written]) -> tuple[list[Written], bool]:
    part: list[Written] = []
    for each in found:
        if each is None:
            return part, False
        part.append(write(each))
    return part, True


def at_most(found: Iterator[Found | None], limit: int) -> Iterator[Found | None]:
    """The first so many, and the pauses between them."""
    for each in found:
        yield each
        if each is not None:
            limit -= 1
            if not limit:
                return
