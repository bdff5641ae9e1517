"""The message log: the last messages of each facility, stored in the background for the facility's staff.

Messages wait in memory for up to a second. Accepted reports are in the ledger by then; the record of a refusal may be
lost if the process ends.
"""

import asyncio
import logging
from collections import Counter, deque
from datetime import datetime

from app.domain.errors import Refusal, WriteRejected
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
    """Collects messages, and stores them while its `worker` runs."""

    def __init__(self, database: Database, write_queue: WriteQueue) -> None:
        self._database = database
        self._write_queue = write_queue
        self._waiting: deque[Message] = deque(maxlen=WAITING_MAX)
        self._written: Counter[str] = Counter()
        self._writing = asyncio.Lock()
        self.worker = Worker("message log", self._step, finish=self.flush)

    def add(self, message: Message) -> None:
        """Add a message, to be stored within about a second. The oldest is dropped if too many wait."""
        self._waiting.append(message)

    async def last(self, facility_id: str, *, limit: int) -> list[Message]:
        """The last messages of a facility, newest first, from this process and the database. Raises: Unavailable."""
        await self.flush()
        async with self._database.reading() as connection:
            return await messages.last(connection, facility_id, limit=limit)

    async def flush(self) -> None:
        """Store all waiting messages. Raises: Unavailable; unstored messages keep waiting."""
        async with self._writing:  # `last` also waits for messages that are being stored
            while self._waiting:
                await self._write([self._waiting.popleft() for _ in range(min(AT_ONCE, len(self._waiting)))])

    async def _step(self) -> float:
        await self.flush()
        return FLUSH_SECONDS

    async def _write(self, batch: list[Message]) -> None:
        facilities = Counter(message.facility_id for message in batch)
        to_prune = [name for name, number in facilities.items() if self._written[name] + number >= PRUNE_EVERY]

        async def store(transaction: Transaction, _now: datetime) -> None:
            await messages.put(transaction.connection, batch)
            for facility_id in to_prune:
                await messages.prune(transaction.connection, facility_id, keep=MESSAGES_KEPT)

        try:
            await self._write_queue.change(store, by=OPERATOR, seconds=None)
        except Exception as error:
            if isinstance(error, Refusal) and not isinstance(error, WriteRejected):
                self._waiting.extendleft(reversed(batch))
                raise
            if len(batch) > 1:  # one of them causes the error: store the others without it
                for message in batch:
                    await self._write([message])
            else:
                log.exception("a message of %s could not be stored and is lost", batch[0].facility_id)
            return
        self._written += facilities
        for facility_id in to_prune:
            del self._written[facility_id]
