"""Sending on to the ministry and the insurer: from a durable queue, in order, by one process at a time.

What a hospital tells us stands first; then, where its relay is on, the same message goes to the upstream that the
settings name, with the hospital's own account there. Nothing here delays or changes our answer to the hospital.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from app.domain.channels import Channel
from app.domain.errors import NotTaken, Refusal
from app.domain.permissions import OPERATOR
from app.domain.relay import Answer, Queued, RelayedRequest, Verdict
from app.domain.reports.clocks import CLOCK_AHEAD_MAX
from app.runtime.secret_box import SecretBox
from app.runtime.upstreams import UpstreamClient, Upstreams
from app.runtime.worker import Worker
from app.runtime.write_queue import WriteQueue
from app.store.database import Database, Transaction
from app.store.repositories import relay

AT_ONCE = 20  # facilities
SEND_SECONDS_MAX = 10.0
LOOK_SECONDS = 1.0
LEASE = timedelta(seconds=30)  # after a kill, so long nobody sends
BACKOFF_MAX = timedelta(minutes=15)
# One that an upstream cannot take (5xx, or no receipt) holds up its hospital so often, then the next have their turn.
ATTEMPTS_MAX = 12
# How long a hospital waits whose answer cannot be written down, for a reason that is no outage.
ASIDE_SECONDS = 60.0

log = logging.getLogger(__name__)


def backoff(failures: int) -> timedelta:
    """How long to wait after so many failures in a row: 2 s, doubled each time, with jitter."""
    seconds = min(BACKOFF_MAX.total_seconds(), 2.0 ** min(failures, 20))
    return timedelta(seconds=seconds * random.uniform(0.5, 1.5))  # noqa: S311 - chance, not a secret


class Relay:
    """The queue of messages to be sent on, and one sender for each upstream."""

    def __init__(
        self,
        upstreams: Upstreams,
        database: Database,
        write_queue: WriteQueue,
        secret_box: SecretBox,
        clock: Callable[[], datetime],
    ) -> None:
        self._write_queue = write_queue
        holder = str(uuid4())
        self._senders = {
            channel: Sender(
                channel,
                UpstreamClient(
                    address,
                    secret_box,
                    clock,
                    trust=upstreams.trust,
                    seconds_max=SEND_SECONDS_MAX,
                    connections_max=AT_ONCE,
                ),
                database,
                write_queue,
                clock,
                holder=holder,
                age_max=upstreams.age_max,
            )
            for channel, address in upstreams.addresses.items()
        }

    @property
    def workers(self) -> list[Worker]:
        """What sends, by upstream."""
        return [sender.worker for sender in self._senders.values()]

    def has_upstream(self, channel: Channel) -> bool:
        """Whether the settings say where this channel is sent on to."""
        return channel in self._senders

    async def send_on(self, onwards: Sequence[RelayedRequest]) -> None:
        """Put messages in the queue that change nothing here, such as the deletion of a row that is not known.

        Raises: Unavailable.
        """

        async def work(transaction: Transaction, _now: datetime) -> None:
            await relay.enqueue(transaction.connection, onwards)

        await self._write_queue.change(work, by=OPERATOR, seconds=None)
        self.wake()

    def wake(self) -> None:
        """There is something in the queue."""
        for worker in self.workers:
            worker.wake()


class AgeLimit:
    """Which messages have waited too long, where a clock that leaps ahead makes none old.

    The clock is believed once it has kept step with the monotonic clock of this process for as long as a message may
    wait: what is too old by it then has waited that long.
    """

    def __init__(self, age_max: timedelta) -> None:
        self._age_max = age_max
        self._even_since = self._offset = float("-inf")

    def oldest(self, now: datetime, monotonic: float) -> datetime | None:
        """The moment before which a message came too long ago; None while the clock cannot tell."""
        offset = now.timestamp() - monotonic
        if offset - self._offset > CLOCK_AHEAD_MAX.total_seconds():
            self._even_since = monotonic
        self._offset = offset
        is_believed = monotonic - self._even_since >= self._age_max.total_seconds()
        return now - self._age_max if is_believed else None


class Sender:
    """Sends what waits for one upstream, while no other process does.

    An error with one message, in sending or in writing down its answer, stays with its facility.
    """

    def __init__(
        self,
        channel: Channel,
        client: UpstreamClient,
        database: Database,
        write_queue: WriteQueue,
        clock: Callable[[], datetime],
        *,
        holder: str,
        age_max: timedelta,
    ) -> None:
        self._channel, self._client = channel, client
        self._database, self._write_queue, self._clock = database, write_queue, clock
        self._holder, self._age_limit = holder, AgeLimit(age_max)
        self._oldest: datetime | None = None  # what came before is dropped
        self._held_until = 0.0  # by the loop's clock, as all times of this process alone
        self._unrecorded: dict[str, tuple[int, Answer]] = {}  # by facility: sent, but its answer is not on disk yet
        self._aside: dict[str, float] = {}  # facilities, and until when they wait
        self.backoff = backoff
        # What is under way at the end stays in the queue; it may have arrived, and is sent again, in its order.
        self.worker = Worker(f"relay to {channel}", self._step, is_interruptible=True, finish=self._let_go)

    async def _step(self) -> float:
        return 0 if await self._round() else LOOK_SECONDS

    async def _round(self) -> bool:
        """Send the oldest message of each facility that may be tried now; False where there was nothing to do.

        Raises: Unavailable, when an answer cannot be written down now.
        """
        self._oldest = self._age_limit.oldest(self._clock(), _clock())
        if not await self._hold():
            return False
        async with self._database.reading_newest() as connection:
            now, aside = self._clock(), self._set_aside()
            waiting = await relay.next_of_each(connection, self._channel, now, AT_ONCE, without=aside)
        if self._oldest and any(queued.onward.received_at < self._oldest for queued in waiting):
            await self._write_queue.change(self._drop_old, by=OPERATOR, seconds=None)
            return True
        done = await asyncio.gather(*(self._deliver(queued) for queued in waiting), return_exceptions=True)
        for error in done:
            if error is not None:
                raise error
        return bool(waiting)

    async def _deliver(self, queued: Queued) -> None:
        """Send one message and write down what came back. Raises: Unavailable; then it is not sent again."""
        facility_id = queued.onward.facility_id
        number, answer = self._unrecorded.get(facility_id, (None, None))
        if answer is None or number != queued.number:
            answer = await self._client.send(queued)
        self._unrecorded[facility_id] = queued.number, answer
        try:
            await self._record(queued, answer)
        except Exception as error:
            if isinstance(error, Refusal) and not isinstance(error, NotTaken):
                raise
            log.exception("the answer to a message of %s could not be written down", facility_id)
            self._aside[facility_id] = _clock() + ASIDE_SECONDS
        else:
            del self._unrecorded[facility_id]

    def _set_aside(self) -> list[str]:
        self._aside = {facility_id: until for facility_id, until in self._aside.items() if until > _clock()}
        return list(self._aside)

    async def _hold(self) -> bool:
        """Have the right to send for long enough, while no other process has it; drop what is too old by then."""
        if self._held_until - _clock() > LEASE.total_seconds() / 2:
            return True
        async with self._database.reading_newest() as connection:
            if not await relay.is_anything(connection, self._channel):
                return False
        asked = _clock()

        async def work(transaction: Transaction, now: datetime) -> bool:
            if not await relay.lease(transaction.connection, self._channel, self._holder, LEASE):
                return False
            await self._drop_old(transaction, now)
            return True

        is_ours = await self._write_queue.change(work, by=OPERATOR, seconds=None)
        if is_ours:
            self._held_until = asked + LEASE.total_seconds()
        return is_ours

    async def _drop_old(self, transaction: Transaction, _now: datetime) -> None:
        if self._oldest is not None:
            await relay.drop_older(transaction.connection, self._channel, self._oldest)

    async def _let_go(self) -> None:
        """Let another process send at once."""
        await self._client.close()

        async def work(transaction: Transaction, _now: datetime) -> None:
            await relay.release(transaction.connection, self._channel, self._holder)

        if self._held_until:
            with contextlib.suppress(Refusal):  # it ends by itself
                await self._write_queue.change(work, by=OPERATOR, seconds=None)

    async def _record(self, queued: Queued, answer: Answer) -> None:
        """Write down what came back: what is done leaves the queue, what failed waits for its next attempt."""

        async def work(transaction: Transaction, now: datetime) -> None:
            connection = transaction.connection
            place = queued.onward.facility_id, queued.onward.channel
            if answer.verdict is Verdict.failed:
                await self._failed(transaction, queued, answer, now)
                return
            told: dict[str, Any] = {"last_sent_at": now, "last_status": answer.status, "last_answer": answer.told}
            told |= {"failures": 0, "next_attempt_at": None}
            is_taken = answer.verdict is Verdict.taken
            await relay.done(connection, [queued.number])
            await relay.change_account(connection, place, told, sent=int(is_taken), refused=int(not is_taken))

        await self._write_queue.change(work, by=OPERATOR, seconds=None)

    async def _failed(self, transaction: Transaction, queued: Queued, answer: Answer, now: datetime) -> None:
        connection = transaction.connection
        place = queued.onward.facility_id, queued.onward.channel
        is_given_up = answer.is_of_message and queued.attempts + 1 >= ATTEMPTS_MAX
        if is_given_up:
            await relay.done(connection, [queued.number])
        else:
            await relay.tried(connection, queued.number)
        failures = await relay.failures(connection, place) + 1
        wait = max(self.backoff(failures), answer.retry_after or timedelta())
        await relay.change_account(
            connection,
            place,
            {
                "failures": failures,
                "last_failure_at": now,
                "last_failure": answer.told,
                "next_attempt_at": now + wait,
            },
            dropped=int(is_given_up),
        )


def _clock() -> float:
    return asyncio.get_running_loop().time()
