"""Sending on to the ministry and the insurer: from a durable queue, in order, by one process at a time.

What a hospital tells us stands first; then, where its relay is on, the same message goes to the upstream that the
settings name, with the hospital's own account there. Nothing here delays or changes our answer to the hospital.
"""

import asyncio
import contextlib
import json
import logging
import random
import ssl
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx2

from app.actions.lane import Lane
from app.actions.vault import Vault
from app.domain.actor import OPERATOR
from app.domain.channels import Channel
from app.domain.errors import Refusal
from app.domain.proofs import signature
from app.domain.relay import Answer, Onward, Queued, Verdict, judge
from app.store import relay
from app.store.database import Database, Transaction

AT_ONCE = 20  # facilities
SEND_SECONDS_MAX = 10.0
LOOK_SECONDS = 1.0
ANSWER_BYTES_MAX = 64 * 1024
LEASE = timedelta(seconds=30)  # after a kill, so long nobody sends
BACKOFF_MAX = timedelta(minutes=15)
# One that an upstream cannot take (5xx, or no receipt) holds up its hospital so often, then the next have their turn.
ATTEMPTS_MAX = 12

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Upstreams:
    """Where to send on, by channel: https addresses without a path. Empty: the relay does nothing."""

    addresses: Mapping[Channel, str]
    age_max: timedelta = timedelta(hours=24)
    trust: ssl.SSLContext | None = None  # tests bring a certificate of their own


def backoff(failures: int) -> timedelta:
    """How long to wait after so many failures in a row: 2 s, doubled each time, with jitter."""
    seconds = min(BACKOFF_MAX.total_seconds(), 2.0 ** min(failures, 20))
    return timedelta(seconds=seconds * random.uniform(0.5, 1.5))  # noqa: S311 - chance, not a secret


class Relay:
    """Sends on what is in the queue, for as long as `run` runs."""

    def __init__(
        self, upstreams: Upstreams, database: Database, lane: Lane, vault: Vault, clock: Callable[[], datetime]
    ) -> None:
        self._upstreams = upstreams
        self._database = database
        self._lane = lane
        self._vault = vault
        self._clock = clock
        self._holder = str(uuid4())
        self._held_until: dict[Channel, datetime] = {}
        self._closing = asyncio.Event()
        self._called = asyncio.Event()
        self.backoff = backoff

    def has_upstream(self, channel: Channel) -> bool:
        """Whether the settings say where this channel is sent on to."""
        return channel in self._upstreams.addresses

    async def send_on(self, onwards: Sequence[Onward]) -> None:
        """Put messages in the queue that change nothing here, such as the deletion of a row that is not known.

        Raises: Unavailable.
        """

        async def work(transaction: Transaction, _now: datetime) -> None:
            await relay.enqueue(transaction.connection, onwards)

        await self._lane.change(work, by=OPERATOR)
        self.wake()

    def wake(self) -> None:
        """There is something in the queue."""
        self._called.set()

    async def run(self) -> None:
        """Send, until `close`."""
        if not self._upstreams.addresses:
            await self._closing.wait()
            return
        async with httpx2.AsyncClient(
            verify=self._upstreams.trust or True,
            follow_redirects=False,
            trust_env=False,
            timeout=SEND_SECONDS_MAX,
            limits=httpx2.Limits(max_connections=2 * AT_ONCE, max_keepalive_connections=AT_ONCE),
        ) as client:
            serving = asyncio.gather(*(self._serve(client, channel) for channel in self._upstreams.addresses))
            await self._closing.wait()
            # What is under way stays in the queue; it may have arrived, and is sent again, in its order.
            serving.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await serving
        with contextlib.suppress(Refusal):
            await self._let_go()

    def close(self) -> None:
        """End at once."""
        self._closing.set()

    async def _serve(self, client: httpx2.AsyncClient, channel: Channel) -> None:
        while True:
            try:
                if await self.round(client, channel):
                    continue
            except Refusal as refusal:
                log.warning("the relay could not work: %s", refusal.detail)
            except Exception:
                # It outlives whatever one round does; the queue is on disk.
                log.exception("a round of the relay failed")
            with contextlib.suppress(TimeoutError):
                self._called.clear()
                await asyncio.wait_for(self._called.wait(), LOOK_SECONDS)

    async def round(self, client: httpx2.AsyncClient, channel: Channel) -> bool:
        """Send the oldest message of each facility that may be tried now; False where there was nothing to do."""
        if not await self._hold(channel):
            return False
        async with self._database.reading_newest() as connection:
            waiting = await relay.next_of_each(connection, channel, self._clock(), AT_ONCE)
        if not waiting:
            return False
        answers = await asyncio.gather(*(self._send(client, queued) for queued in waiting))
        await self._record(list(zip(waiting, answers, strict=True)))
        return True

    async def _hold(self, channel: Channel) -> bool:
        """Have the right to send for long enough, while no other process has it; drop what is too old by then."""
        now = self._clock()
        if self._held_until.get(channel, now) - now > LEASE / 2:
            return True
        async with self._database.reading_newest() as connection:
            if not await relay.is_anything(connection, channel):
                return False

        async def work(transaction: Transaction, at: datetime) -> bool:
            connection = transaction.connection
            if not await relay.lease(connection, channel, self._holder, now=at, until=now + LEASE):
                return False
            await relay.drop_older(connection, channel, at - self._upstreams.age_max)
            return True

        is_ours = await self._lane.change(work, by=OPERATOR)
        if is_ours:
            self._held_until[channel] = now + LEASE
        return is_ours

    async def _let_go(self) -> None:
        """Let another process send at once."""

        async def work(transaction: Transaction, _now: datetime) -> None:
            await relay.release(transaction.connection, self._holder)

        if self._held_until:
            await self._lane.change(work, by=OPERATOR)

    async def _send(self, client: httpx2.AsyncClient, queued: Queued) -> Answer:
        onward = queued.onward
        try:
            headers = self._credentials(queued)
            if headers is None:
                return Answer(Verdict.refused, None, "no account with the upstream: deposit its credentials")
            url = self._upstreams.addresses[onward.channel] + onward.path
            async with asyncio.timeout(SEND_SECONDS_MAX):
                request = client.build_request(onward.method, url, content=onward.body, headers=headers)
                response = await client.send(request, stream=True)
                try:
                    body = await _beginning(response)
                finally:
                    await response.aclose()
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, OSError) as error:
            return Answer(Verdict.failed, None, f"{type(error).__name__}: {error}"[:200])
        except Refusal as refusal:
            return Answer(Verdict.failed, None, refusal.detail)
        return judge(onward.channel, response.status_code, body, response.headers.get("retry-after", ""))

    def _credentials(self, queued: Queued) -> dict[str, str] | None:
        """What the upstream wants to see; None without an account there. Raises: OtherKey."""
        if queued.account is None:
            return None
        account = json.loads(self._vault.unseal(queued.account))
        stamp = str(int(self._clock().timestamp()))
        headers = {"Content-Type": "application/json"}
        if queued.onward.channel is Channel.sirs:
            return headers | {"X-rs-id": account["x_rs_id"], "X-pass": account["x_pass"], "X-Timestamp": stamp}
        signed = signature(account["secret"], account["cons_id"], stamp)
        user_key = {"user_key": account["user_key"]} if account.get("user_key") else {}
        return headers | {"X-cons-id": account["cons_id"], "X-timestamp": stamp, "X-signature": signed} | user_key

    async def _record(self, rounds: Sequence[tuple[Queued, Answer]]) -> None:
        """Write down what came back: what is done leaves the queue, what failed waits for its next attempt."""

        async def work(transaction: Transaction, now: datetime) -> None:
            connection = transaction.connection
            for queued, answer in rounds:
                place = queued.onward.facility_id, queued.onward.channel
                told: dict[str, Any] = {"last_sent_at": now, "last_status": answer.status, "last_answer": answer.told}
                told |= {"failures": 0, "next_attempt_at": None}
                if answer.verdict is Verdict.taken:
                    await relay.done(connection, [queued.number])
                    await relay.change_account(connection, place, told, sent=1)
                elif answer.verdict is Verdict.refused:
                    await relay.done(connection, [queued.number])
                    await relay.change_account(connection, place, told, refused=1)
                else:
                    await self._failed(transaction, queued, answer, now)

        await self._lane.change(work, by=OPERATOR)

    async def _failed(self, transaction: Transaction, queued: Queued, answer: Answer, now: datetime) -> None:
        connection = transaction.connection
        place = queued.onward.facility_id, queued.onward.channel
        is_given_up = answer.status is not None and queued.attempts + 1 >= ATTEMPTS_MAX
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
                "last_failure": f"HTTP {answer.status}: {answer.told}" if answer.status else answer.told,
                "next_attempt_at": now + wait,
            },
            dropped=int(is_given_up),
        )


async def _beginning(response: httpx2.Response) -> bytes:
    body = b""
    async for part in response.aiter_bytes():
        body += part
        if len(body) > ANSWER_BYTES_MAX:
            break
    return body[:ANSWER_BYTES_MAX]
