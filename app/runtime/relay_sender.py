"""The relay to the ministry and the insurer: from a durable queue, in order, by one process at a time.

A hospital's message is stored here first; then, if its relay is on, the same message is sent to the upstream in the
settings, with the hospital's own account there. The relay never delays or changes our response to the hospital.
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
from app.domain.errors import Refusal, WriteRejected
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
LEASE = timedelta(seconds=30)  # after a process was killed, nobody sends for so long
BACKOFF_MAX = timedelta(minutes=15)
# A message that an upstream cannot process (5xx, or no receipt) is dropped after so many attempts.
ATTEMPTS_MAX = 12
# How long a hospital is skipped after a response could not be recorded, for a reason other than an outage.
ASIDE_SECONDS = 60.0

log = logging.getLogger(__name__)


def backoff(failures: int) -> timedelta:
    """How long to wait after so many consecutive failures: 2 s, doubled each time, with jitter."""
    seconds = min(BACKOFF_MAX.total_seconds(), 2.0 ** min(failures, 20))
    return timedelta(seconds=seconds * random.uniform(0.5, 1.5))  # noqa: S311 - jitter, not a secret


class Relay:
    """The queue of messages to relay, and one sender for each upstream."""

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
        """The workers that send, one per upstream."""
        return [sender.worker for sender in self._senders.values()]

    def has_upstream(self, channel: Channel) -> bool:
        """Whether the settings name an upstream for this channel."""
        return channel in self._senders

    async def send_on(self, requests: Sequence[RelayedRequest]) -> None:
        """Queue messages that change nothing here, such as the deletion of an unknown row. Raises: Unavailable."""

        async def enqueue(transaction: Transaction, _now: datetime) -> None:
            await relay.enqueue(transaction.connection, requests)

        await self._write_queue.change(enqueue, by=OPERATOR, seconds=None)
        self.wake()

    def wake(self) -> None:
        """Wake the senders: there is something in the queue."""
        for worker in self.workers:
            worker.wake()


class AgeLimit:
    """Determines which messages have waited too long, without expiring messages when the clock jumps ahead.

    The clock is trusted after it has run in step with this process's monotonic clock for as long as a message may
    wait: a message that is too old by it has then really waited that long.
    """

    def __init__(self, age_max: timedelta) -> None:
        self._age_max = age_max
        self._steady_since = self._offset = float("-inf")

    def oldest(self, now: datetime, monotonic: float) -> datetime | None:
        """The time before which messages are too old; None while the clock is not trusted."""
        offset = now.timestamp() - monotonic
        if offset - self._offset > CLOCK_AHEAD_MAX.total_seconds():
            self._steady_since = monotonic
        self._offset = offset
        is_trusted = monotonic - self._steady_since >= self._age_max.total_seconds()
        return now - self._age_max if is_trusted else None


class Sender:
    """Sends the queued messages of one upstream while it holds the lease, which only one process can.

    An error with one message, in sending it or in recording the response, affects only its facility.
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
        self._oldest: datetime | None = None  # older messages are dropped
        self._held_until = 0.0  # by the loop's clock, like all times that only this process uses
        self._unrecorded: dict[str, tuple[int, Answer]] = {}  # by facility: sent, but the response is not on disk yet
        self._skipped: dict[str, float] = {}  # facilities, and until when they are skipped
        self.backoff = backoff
        # A message under way at the end stays in the queue; it may have arrived, and is sent again, in order.
        self.worker = Worker(f"relay to {channel}", self._step, is_interruptible=True, finish=self._release_lease)

    async def _step(self) -> float:
        return 0 if await self._send_round() else LOOK_SECONDS

    async def _send_round(self) -> bool:
        """Send the oldest message of each facility that is due. Returns False if there was nothing to do.

        Raises: Unavailable, when a response cannot be recorded now.
        """
        self._oldest = self._age_limit.oldest(self._clock(), _clock())
        if not await self._acquire_lease():
            return False
        async with self._database.reading_newest() as connection:
            now, skipped = self._clock(), self._skipped_facilities()
            waiting = await relay.next_of_each(connection, self._channel, now, AT_ONCE, without=skipped)
        if self._oldest and any(queued.request.received_at < self._oldest for queued in waiting):
            await self._write_queue.change(self._drop_old, by=OPERATOR, seconds=None)
            return True
        errors = await asyncio.gather(*(self._deliver(queued) for queued in waiting), return_exceptions=True)
        for error in errors:
            if error is not None:
                raise error
        return bool(waiting)

    async def _deliver(self, queued: Queued) -> None:
        """Send one message and record the response. Raises: Unavailable; the message is then not sent again."""
        facility_id = queued.request.facility_id
        number, answer = self._unrecorded.get(facility_id, (None, None))
        if answer is None or number != queued.number:
            answer = await self._client.send(queued)
        self._unrecorded[facility_id] = queued.number, answer
        try:
            await self._record(queued, answer)
        except Exception as error:
            if isinstance(error, Refusal) and not isinstance(error, WriteRejected):
                raise
            log.exception("the upstream's response to a message of %s could not be recorded", facility_id)
            self._skipped[facility_id] = _clock() + ASIDE_SECONDS
        else:
            del self._unrecorded[facility_id]

    def _skipped_facilities(self) -> list[str]:
        self._skipped = {facility_id: until for facility_id, until in self._skipped.items() if until > _clock()}
        return list(self._skipped)

    async def _acquire_lease(self) -> bool:
        """Acquire or keep the lease of this upstream, and drop messages that are too old. Returns whether it is held.

        An empty queue acquires none.
        """
        if self._held_until - _clock() > LEASE.total_seconds() / 2:
            return True
        async with self._database.reading_newest() as connection:
            if not await relay.has_waiting(connection, self._channel):
                return False
        requested_at = _clock()

        async def acquire(transaction: Transaction, now: datetime) -> bool:
            if not await relay.lease(transaction.connection, self._channel, self._holder, LEASE):
                return False
            await self._drop_old(transaction, now)
            return True

        is_held = await self._write_queue.change(acquire, by=OPERATOR, seconds=None)
        if is_held:
            self._held_until = requested_at + LEASE.total_seconds()
        return is_held

    async def _drop_old(self, transaction: Transaction, _now: datetime) -> None:
        if self._oldest is not None:
            await relay.drop_older(transaction.connection, self._channel, self._oldest)

    async def _release_lease(self) -> None:
        """Release the lease, so that another process can send at once."""
        await self._client.close()

        async def release(transaction: Transaction, _now: datetime) -> None:
            await relay.release(transaction.connection, self._channel, self._holder)

        if self._held_until:
            with contextlib.suppress(Refusal):  # the lease expires by itself
                await self._write_queue.change(release, by=OPERATOR, seconds=None)

    async def _record(self, queued: Queued, answer: Answer) -> None:
        """Record the response: a finished message leaves the queue, a failed one waits for its next attempt."""

        async def record(transaction: Transaction, now: datetime) -> None:
            connection = transaction.connection
            place = queued.request.facility_id, queued.request.channel
            if answer.verdict is Verdict.failed:
                await self._record_failure(transaction, queued, answer, now)
                return
            values: dict[str, Any] = {"last_sent_at": now, "last_status": answer.status, "last_answer": answer.text}
            values |= {"failures": 0, "next_attempt_at": None}
            is_taken = answer.verdict is Verdict.taken
            await relay.remove(connection, [queued.number])
            await relay.change_account(connection, place, values, sent=int(is_taken), refused=int(not is_taken))

        await self._write_queue.change(record, by=OPERATOR, seconds=None)

    async def _record_failure(self, transaction: Transaction, queued: Queued, answer: Answer, now: datetime) -> None:
        connection = transaction.connection
        place = queued.request.facility_id, queued.request.channel
        is_given_up = answer.is_of_message and queued.attempts + 1 >= ATTEMPTS_MAX
        if is_given_up:
            await relay.remove(connection, [queued.number])
        else:
            await relay.count_attempt(connection, queued.number)
        failures = await relay.failures(connection, place) + 1
        wait = max(self.backoff(failures), answer.retry_after or timedelta())
        await relay.change_account(
            connection,
            place,
            {
                "failures": failures,
                "last_failure_at": now,
                "last_failure": answer.text,
                "next_attempt_at": now + wait,
            },
            dropped=int(is_given_up),
        )


def _clock() -> float:
    return asyncio.get_running_loop().time()
