"""Clocks of hospital software that run in local time, and the signatures that such software has used.

A signature of Aplicares covers a time and nothing else, and is good for as long as that time is about now. Software
that takes local time for UTC signs a time 7 to 9 hours ahead, which is let in; when that time has come, whoever copied
the signature could show it again. So the hours that the software of a key is ahead are kept with the key, in the
ledger, and the times that it signed ahead are remembered until they have passed. A signature is taken with fewer hours
than the key had before only if it was not used before: a clock that was set right makes new ones.

Several nodes share both. What was signed in the last second may be lost with the process.
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
WINDOW = timedelta(minutes=15)  # how far a time may be off, `protocols/indonesia.md` 3.2
# A key whose software still runs ahead somewhere keeps its hours, whatever another machine of that hospital does.
IN_USE = timedelta(hours=1)


class UsedSignature(Unauthenticated):
    """The signature was used before, by a clock that was further ahead."""

    language = "id"


class SenderClocks:
    """Judges signatures by what is known of their key's clock; stores what it remembers while its `worker` runs."""

    def __init__(self, database: Database, board: Board, write_queue: WriteQueue) -> None:
        self._database, self._board, self._write_queue = database, board, write_queue
        self._waiting = set[SignedTime]()
        self._storing = asyncio.Lock()
        self.worker = Worker("times signed ahead", self._step, finish=self.flush)

    async def take(self, key: Credential, signed_at: int, hours: int, now: datetime) -> None:
        """Take a signature of this key over the second `signed_at` (Unix time), so many hours ahead of our clock.

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
            await self._learn(key, hours)

    async def flush(self) -> None:
        """Store all that is remembered. Raises: Unavailable, and keeps it."""
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
        async def work(transaction: Transaction, now: datetime) -> None:
            await signed_times.put(transaction.connection, times)
            await signed_times.prune(transaction.connection, before=int((now - 2 * WINDOW).timestamp()))

        await self._write_queue.change(work, by=OPERATOR)

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

    async def _learn(self, key: Credential, hours: int) -> None:
        async def work(transaction: Transaction, now: datetime) -> None:
            known = self._board.credential(key.prefix)
            if known is None or not known.is_same_key(key) or known.clock_hours == hours:
                return
            changed = replace(known, clock_hours=hours)
            matter = KeysChanged((replace(changed, seq=0),))
            await ledger.append(transaction, [(matter, key.actor.principal, None)], now=now)
            await credentials.put(transaction.connection, changed)

        await self._write_queue.change(work, by=key.actor)
