"""Limits of what requests hold while this process works on them: a slot, and the bytes of a large body.

A request takes its slot when the work begins: a GET at once, any other when its caller is authenticated and its body
complete. So no client holds a slot by sending slowly, and neither reads nor unauthenticated clients take the slots of
reports.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum

from app.domain.errors import Overloaded, RateLimited

# Limits: docs/limits.md, "bodies in progress".
BODIES_PER_CALLER = 4
BODY_BYTES_IN_TOTAL = 32 * 1024 * 1024
# The server buffers as much for each connection anyway. Only larger bodies count, so that a few of them never keep out
# the small ones of reports.
SMALL_BODY_BYTES = 64 * 1024

# Long database reads of unauthenticated clients: two at once, or their threads keep the interpreter from the one that
# stores reports.
ANONYMOUS_READS_MAX = 2
READING_WAIT_SECONDS_MAX = 2.0


class Pool(StrEnum):
    """Pools of slots, by kind of request."""

    reads = "reads"
    reads_of_strangers = "reads of strangers"
    writes = "writes"
    protocol_writes = "protocol writes"
    waiting = "waiting"


@dataclass(slots=True)
class Slots:
    """The free slots of one process, and the bodies being received."""

    free: dict[Pool, int]
    body_bytes_left: int = BODY_BYTES_IN_TOTAL
    anonymous_reads: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(ANONYMOUS_READS_MAX))
    _bodies_of: dict[str, "_Bodies"] = field(default_factory=dict)

    @asynccontextmanager
    async def body_of(self, caller: str, *, seconds_max: float) -> AsyncIterator[None]:
        """Hold a place while receiving a body; a fifth body of one caller waits for another one to complete.

        Raises: RateLimited, when it waited too long.
        """
        bodies = self._bodies_of.setdefault(caller, _Bodies())
        bodies.users += 1
        try:
            try:
                async with asyncio.timeout(seconds_max):
                    await bodies.turns.acquire()
            except TimeoutError:
                raise RateLimited(f"At most {BODIES_PER_CALLER} bodies of one caller are received at once.") from None
            try:
                yield
            finally:
                bodies.turns.release()
        finally:
            bodies.users -= 1
            if not bodies.users:
                del self._bodies_of[caller]


@dataclass(slots=True)
class _Bodies:
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(BODIES_PER_CALLER))
    users: int = 0


@dataclass(slots=True, eq=False)
class Slot:
    """What one request holds: a slot, and bytes of a large body."""

    slots: Slots
    pool: Pool
    _taken: bool = False
    _body_bytes: int = 0

    def take(self) -> None:
        """Take a slot, once. Raises: Overloaded, when none is free."""
        if not self._taken:
            _take(self.slots, self.pool)
            self._taken = True

    def give_back(self) -> None:
        """Return the slot: the work is done or paused."""
        if self._taken:
            self.slots.free[self.pool] += 1
            self._taken = False

    def hold_body(self, size: int) -> None:
        """Count a body of which `size` bytes have arrived, until `close`.

        Raises: Overloaded, when all large bodies together exceed their limit.
        """
        more = max(0, size - SMALL_BODY_BYTES) - self._body_bytes
        if more > self.slots.body_bytes_left:
            raise Overloaded
        if more > 0:
            self.slots.body_bytes_left -= more
            self._body_bytes += more

    def close(self) -> None:
        """Return everything: the request is over."""
        self.give_back()
        self.slots.body_bytes_left += self._body_bytes
        self._body_bytes = 0


# The slot of the current request; None outside the middleware that assigns slots.
SLOT: ContextVar[Slot | None] = ContextVar("slot", default=None)


# How an unauthenticated request waits for its next turn; None for all others.
TURN: ContextVar[Callable[[], Awaitable[None]] | None] = ContextVar("turn", default=None)


async def next_turn() -> None:
    """Between two steps of long work, let an unauthenticated request wait for its next turn."""
    if (wait := TURN.get()) is not None:
        await wait()


@asynccontextmanager
async def step_of_reading() -> AsyncIterator[None]:
    """Around each database read of long work: an unauthenticated request waits for its turn and a place.

    Raises: Overloaded, after two seconds without a place.
    """
    slot = SLOT.get()
    if slot is None or TURN.get() is None:
        yield
        return
    places = slot.slots.anonymous_reads
    try:
        async with asyncio.timeout(READING_WAIT_SECONDS_MAX):
            await places.acquire()
    except TimeoutError:
        raise Overloaded from None
    try:
        await next_turn()
        yield
    finally:
        places.release()


def take_slot() -> None:
    """Take the slot of the current request. Raises: Overloaded, when none is free."""
    if (slot := SLOT.get()) is not None:
        slot.take()


@contextmanager
def waiting() -> Iterator[None]:
    """Around a wait that needs no work here: release the slot meanwhile.

    Raises: Overloaded, when too many wait already, or when no slot is free afterwards.
    """
    slot = SLOT.get()
    if slot is None:
        yield
        return
    _take(slot.slots, Pool.waiting)
    slot.give_back()
    try:
        yield
    finally:
        slot.slots.free[Pool.waiting] += 1
    slot.take()


def _take(slots: Slots, pool: Pool) -> None:
    if slots.free[pool] <= 0:
        raise Overloaded
    slots.free[pool] -= 1
