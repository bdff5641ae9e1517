"""The last messages of each facility, kept for its own people: written beside the work, never in its way.

They wait in memory for up to a second. What was accepted is in the ledger by then; a note of a refusal may be lost
with the process.
"""

import asyncio
import logging
from collections import Counter, deque
from datetime import datetime

from app.domain.errors import NotTaken, Refusal
from app.domain.message import MESSAGES_KEPT, Message
from app.domain.permissions import OPERATOR
from app.runtime.worker import Worker
from app.runtime.write_queue import WriteQueue
from app.store.database import Database, Transaction
from app.store.repositories import messages

PRUNE_EVERY = 50
WAITING_MAX = 20_000
FLUSH_SECONDS = 1.0
AT_ONCE = 250  # reports wait while they are written: a few milliseconds

log = logging.getLogger(__name__)


class MessageLog:
    """Takes notes, and writes them down while its `worker` runs."""

    def __init__(self, database: Database, write_queue: WriteQueue) -> None:
        self._database = database
        self._write_queue = write_queue
        self._waiting: deque[Message] = deque(maxlen=WAITING_MAX)
        self._written: Counter[str] = Counter()
        self._writing = asyncio.Lock()
        self.worker = Worker("message log", self._step, finish=self.flush)

    def note(self, message: Message) -> None:
        """Keep this message."""
        self._waiting.append(message)

    async def last(self, facility_id: str, *, limit: int) -> list[Message]:
        """The newest messages of a facility, newest first, as far as this process and the database know."""
        await self.flush()
        async with self._database.reading() as connection:
            return await messages.last(connection, facility_id, limit=limit)

    async def flush(self) -> None:
        """Write down all that waits. Raises: Unavailable, and keeps it."""
        async with self._writing:  # whoever asks for the last ones waits for those that are just being written
            while self._waiting:
                await self._write([self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))])

    async def _step(self) -> float:
        await self.flush()
        return FLUSH_SECONDS

    async def _write(self, noted: list[Message]) -> None:
        facilities = Counter(message.facility_id for message in noted)
        crowded = [each for each, number in facilities.items() if self._written[each] + number >= PRUNE_EVERY]

        async def work(transaction: Transaction, _now: datetime) -> None:
            await messages.put(transaction.connection, noted)
            for facility_id in crowded:
                await messages.prune(transaction.connection, facility_id, keep=MESSAGES_KEPT)

        try:
            await self._write_queue.change(work, by=OPERATOR, seconds=None)
        except Exception as error:
            if isinstance(error, Refusal) and not isinstance(error, NotTaken):
                self._waiting.extendleft(reversed(noted))
                raise
            if len(noted) > 1:  # one of them is at fault: its neighbours do not suffer for it
                for message in noted:
                    await self._write([message])
            else:
                log.exception("a message of %s could not be written down and is lost", noted[0].facility_id)
            return
        self._written += facilities
        for facility_id in crowded:
            del self._written[facility_id]
