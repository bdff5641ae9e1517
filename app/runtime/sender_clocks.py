"""Replay protection for hospital software whose clock runs in local time.

An Aplicares signature covers only a time, and is valid while that time is about now. Software that sends local time as
UTC signs a time 7 to 9 hours ahead, which is accepted; when that time comes, anyone who copied the signature could use
it again. So the number of hours that a key's software is ahead is stored with the key, in the ledger, and the times
that it signed ahead are stored until they have passed. A signature with fewer hours ahead than the key's is accepted
only if it was not used before: after its clock is corrected, software creates new signatures.

All nodes share both. Times signed in the last second may be lost if the process ends.
"""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from app.board.board import Board
from app.domain.errors import Refusal, Unauthenticated
from app.domain.ledger import KeysChanged
from app.domain.permissions import OPERATOR, Credential
from app.runtime.worker import Worker
from app.runtime.write_queue import WriteQueue
from app.store import ledger
from app.store.database import Database, Transaction
from app.store.repositories import credentials, signed_times
from app.store.repositories.signed_times import SignedTime

STORE_SECONDS = 1.0
AT_ONCE = 250  # reports wait while they are written: a few milliseconds
WINDOW = timedelta(minutes=15)  # how far a time may be off, docs/protocols/aplicares.md
# A key whose software is still ahead on one machine keeps its hours, whatever another machine of that hospital sends.
IN_USE = timedelta(hours=1)


class UsedSignature(Unauthenticated):
    """The signature was already used, when the sender's clock was further ahead."""

    language = "id"


class SenderClocks:
    """Accepts or refuses signatures by the known clock of their key; stores used times while its `worker` runs."""

    def __init__(self, database: Database, board: Board, write_queue: WriteQueue) -> None:
        self._database, self._board, self._write_queue = database, board, write_queue
        self._waiting = set[SignedTime]()
        self._storing = asyncio.Lock()
        self.worker = Worker("times signed ahead", self._step, finish=self.flush)

    async def take(self, key: Credential, signed_at: int, hours: int, now: datetime) -> None:
        """Accept a signature of this key, and record its use.

        Units: `signed_at` is Unix time in seconds; `hours` is the number of hours by which it is ahead of our clock.
        Raises: UsedSignature; Unavailable.
        """
        known, time = key.clock_hours, SignedTime(key.prefix, signed_at)
        if hours < known and await self._was_used(time):
            raise UsedSignature(
                f"X-timestamp {signed_at} sudah dipakai saat jam pengirim {known} jam lebih maju; kirim waktu sekarang"
            )
        if hours > 0:
            self._waiting.add(time)
        if hours > known or (hours < known and not await self._is_in_use(key, now)):
            await self._store_hours(key, hours)

    async def flush(self) -> None:
        """Store all waiting times. Raises: Unavailable; unstored times keep waiting."""
        async with self._storing:
            waiting, self._waiting = list(self._waiting), set()
            while waiting:
                try:
                    await self._store(waiting[:AT_ONCE])
                except Refusal:
                    self._waiting.update(waiting)
                    raise
                del waiting[:AT_ONCE]

    async def _step(self) -> float:
        await self.flush()
        return STORE_SECONDS

    async def _store(self, times: list[SignedTime]) -> None:
        async def store(transaction: Transaction, now: datetime) -> None:
            await signed_times.put(transaction.connection, times)
            await signed_times.prune(transaction.connection, before=int((now - 2 * WINDOW).timestamp()))

        await self._write_queue.change(store, by=OPERATOR)

    async def _was_used(self, time: SignedTime) -> bool:
        await self.flush()
        async with self._database.reading_newest() as connection:
            return await signed_times.has(connection, time)

    async def _is_in_use(self, key: Credential, now: datetime) -> bool:
        """Whether software of this key was as far ahead within the last hour."""
        since = now + timedelta(hours=key.clock_hours) - WINDOW - IN_USE
        async with self._database.reading_newest() as connection:
            newest = await signed_times.newest(connection, key.prefix)
        return newest is not None and newest >= since.timestamp()

    async def _store_hours(self, key: Credential, hours: int) -> None:
        async def store(transaction: Transaction, now: datetime) -> None:
            known = self._board.credential(key.prefix)
            if known is None or not known.is_same_key(key) or known.clock_hours == hours:
                return
            changed = replace(known, clock_hours=hours)
            matter = KeysChanged((replace(changed, seq=0),))
            await ledger.append(transaction, [(matter, key.actor.principal, None)], now=now)
            await credentials.put(transaction.connection, changed)

        await self._write_queue.change(store, by=key.actor)
