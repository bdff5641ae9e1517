"""What a request holds while this process works on it: a slot, and the bytes of a large body. All are limited.

A request takes its slot when the work begins: a GET at once, any other when its caller is known and its body is
complete. So nobody holds a slot by sending slowly, and what reports need is never taken by reads or by strangers.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from enum import StrEnum

from app.domain.errors import Overloaded, RateLimited

# Reliability section 4, `bodies in progress`.
BODIES_PER_CALLER = 4
BODY_BYTES_IN_TOTAL = 32 * 1024 * 1024
# The server holds as much for each connection anyway. Only what goes beyond counts, so that a few large bodies never
# keep out the small ones that reports are.
SMALL_BODY_BYTES = 64 * 1024

# Reads of the database by strangers that go on for long: two at once, or their threads keep the interpreter from the
# one that stores reports.
STRANGERS_READING = 2
READING_WAIT_SECONDS_MAX = 2.0


class Pool(StrEnum):
    """Requests that take slots from the same stock."""

    reads = "reads"
    reads_of_strangers = "reads of strangers"
    writes = "writes"
    protocol_writes = "protocol writes"
    waiting = "waiting"


@dataclass(slots=True)
class Slots:
    """The free slots of one process, and the bodies that are being received."""

    free: dict[Pool, int]
    body_bytes_left: int = BODY_BYTES_IN_TOTAL
    strangers_reading: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(STRANGERS_READING))
    _bodies_of: dict[str, "_Bodies"] = field(default_factory=dict)

    @asynccontextmanager
    async def body_of(self, caller: str, *, seconds_max: float) -> AsyncIterator[None]:
        """Around receiving one body; a fifth of the same caller waits for one of the others to be complete.

        Raises: RateLimited, when it waited so long in vain.
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
    """What one request holds."""

    slots: Slots
    pool: Pool
    _taken: bool = False
    _body_bytes: int = 0

    def take(self) -> None:
        """Begin the work; nothing where it began already. Raises: Overloaded, when no slot is free."""
        if not self._taken:
            _take(self.slots, self.pool)
            self._taken = True

    def give_back(self) -> None:
        """The work is done, or goes on later."""
        if self._taken:
            self.slots.free[self.pool] += 1
            self._taken = False

    def hold_body(self, size: int) -> None:
        """Account for a body of which `size` bytes have arrived, until `close`.

        Raises: Overloaded, when large bodies take more than there is for all of them.
        """
        more = max(0, size - SMALL_BODY_BYTES) - self._body_bytes
        if more > self.slots.body_bytes_left:
            raise Overloaded
        if more > 0:
            self.slots.body_bytes_left -= more
            self._body_bytes += more

    def close(self) -> None:
        """The request is over."""
        self.give_back()
        self.slots.body_bytes_left += self._body_bytes
        self._body_bytes = 0


# The slot of the request that is being answered; none outside the layer that gives them out.
SLOT: ContextVar[Slot | None] = ContextVar("slot", default=None)


# How a request whose credential is not known waits for its next turn; none for all others.
TURN: ContextVar[Callable[[], Awaitable[None]] | None] = ContextVar("turn", default=None)


async def next_turn() -> None:
    """Between two steps of long work: a stranger's request waits until it is its turn again."""
    if (wait := TURN.get()) is not None:
        await wait()


@asynccontextmanager
async def step_of_reading() -> AsyncIterator[None]:
    """Around each step of long work that reads the database; a stranger's request waits for its turn and its place.

    Raises: Overloaded, when it waited two seconds for a place.
    """
    slot = SLOT.get()
    if slot is None or TURN.get() is None:
        yield
        return
    places = slot.slots.strangers_reading
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
    """Begin the work on the current request. Raises: Overloaded, when this process has too much of it."""
    if (slot := SLOT.get()) is not None:
        slot.take()


@contextmanager
def waiting() -> Iterator[None]:
    """Around a wait for something that is nobody's work here: others may have the slot meanwhile.

    Raises: Overloaded, when too many wait already, or when there is no slot to go on with.
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
