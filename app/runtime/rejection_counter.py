"""Counts requests without a valid credential per facility, address and hour, and stores the counters periodically.

One transaction stores the counts of ten seconds, however many requests they cover. Counts of the last seconds may be
lost if the process ends.
"""

import asyncio
from datetime import datetime

from app.domain.errors import Refusal
from app.domain.permissions import OPERATOR
from app.domain.rejected_requests import OTHER_ADDRESSES, RejectedRequests
from app.runtime.worker import Worker
from app.runtime.write_queue import WriteQueue
from app.store.database import Database, Transaction
from app.store.repositories import rejected_requests

STORE_SECONDS = 10.0
REJECTIONS_KEPT = 100  # counters per facility: two days of two addresses that keep trying
ADDRESSES_MAX = 20  # separate counters per facility between two transactions
COUNTERS_MAX = 1_000  # ... and for all facilities; beyond that, one counter per facility (`OTHER_ADDRESSES`)
AT_ONCE = 250  # reports wait while they are written: a few milliseconds

Key = tuple[str, datetime, str]


class RejectionCounter:
    """Counts in memory, and stores the counters while its `worker` runs."""

    def __init__(self, database: Database, write_queue: WriteQueue) -> None:
        self._database, self._write_queue = database, write_queue
        self._counted: dict[Key, RejectedRequests] = {}
        self._addresses: dict[str, int] = {}
        self._storing = asyncio.Lock()
        self.worker = Worker("counters of rejected requests", self._step, finish=self.flush)

    def count(self, facility_id: str, address: str, now: datetime) -> None:
        """Count one request that named this facility."""
        key = (facility_id, now.replace(minute=0, second=0, microsecond=0), address)
        if key not in self._counted:
            if self._addresses.get(facility_id, 0) >= ADDRESSES_MAX or len(self._counted) >= COUNTERS_MAX:
                key = (*key[:2], OTHER_ADDRESSES)
            else:
                self._addresses[facility_id] = self._addresses.get(facility_id, 0) + 1
        self._add(key, 1, now)

    async def last(self, facility_id: str) -> list[RejectedRequests]:
        """The counters of a facility, newest hour first, from this process and the database.

        Raises: Unavailable.
        """
        await self.flush()
        async with self._database.reading() as connection:
            return await rejected_requests.last(connection, facility_id, limit=REJECTIONS_KEPT)

    async def flush(self) -> None:
        """Store all counters. Raises: Unavailable; unstored counters are kept."""
        async with self._storing:
            # Requests counted meanwhile wait for the next flush: a persistent client must not prolong this one.
            waiting, self._counted = list(self._counted.values()), {}
            self._addresses.clear()
            while waiting:
                try:
                    await self._store(waiting[:AT_ONCE])
                except Refusal:
                    for counter in waiting:
                        self._add((counter.facility_id, counter.hour, counter.address), counter.count, counter.last_at)
                    raise
                del waiting[:AT_ONCE]

    async def _store(self, counters: list[RejectedRequests]) -> None:
        async def store(transaction: Transaction, _now: datetime) -> None:
            await rejected_requests.add(transaction.connection, counters)
            facilities = {counter.facility_id for counter in counters}
            await rejected_requests.prune(transaction.connection, facilities, keep=REJECTIONS_KEPT)

        await self._write_queue.change(store, by=OPERATOR)

    async def _step(self) -> float:
        await self.flush()
        return STORE_SECONDS

    def _add(self, key: Key, count: int, at: datetime) -> None:
        before = self._counted.get(key)
        if before is not None:
            count, at = count + before.count, max(at, before.last_at)
        self._counted[key] = RejectedRequests(*key, count, at)
