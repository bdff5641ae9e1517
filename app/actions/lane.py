"""The writing lane of one process: one transaction after the other, each answered after its commit.

Reports that arrive while a commit is under way share the next one; there is no timer. The work is done by a task of
its own, so that a client who goes away may lose the answer, but never leaves a transaction open.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from app.actions.follow_ledger import Follower
from app.actions.record_reports import Submission, record_reports
from app.board.board import Board
from app.domain.actor import Actor
from app.domain.errors import NotTaken, Overloaded, Refusal, Unauthenticated, Unavailable, Uncertain
from app.domain.ledger import LedgerEntry
from app.domain.report import Receipt
from app.store import ledger
from app.store.database import Database, Transaction, is_of_database

REPORTS_WAITING_MAX = 4_000
REPORTS_PER_COMMIT = 1_000

# A database that takes reports answers in milliseconds; one that is frozen says nothing for long (reliability, P8).
ANSWER_SECONDS_MAX = 2.5
ANSWER_SECONDS_PER_ROW = 0.01
# A rule of the tables that a report broke is mended by us, not by a moment's wait.
REFUSED_RETRY_SECONDS = 30

T = TypeVar("T")
Answer = Receipt | Refusal
Work = Callable[[Transaction, datetime], Awaitable[T]]

log = logging.getLogger(__name__)


def seconds_for(rows: int) -> float:
    """How long a caller waits for so many reports, areas or facilities to be stored."""
    return ANSWER_SECONDS_MAX + ANSWER_SECONDS_PER_ROW * rows


@dataclass(slots=True, eq=False)
class _Waiting:
    """Work in the queue: reports, or one change that wants a transaction of its own."""

    done: asyncio.Future[Any]
    reports: Sequence[Submission] = ()
    work: Work[Any] | None = None
    alone: bool = False  # it shared a transaction that failed


class Lane:
    """Takes work in order and does it, for as long as `run` runs."""

    def __init__(self, database: Database, board: Board, follower: Follower, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._board = board
        self._follower = follower
        self._clock = clock
        self._queue: deque[_Waiting] = deque()
        self._reports_waiting = 0
        self._arrived = asyncio.Event()
        self._closing = False

    async def reports(self, submissions: Sequence[Submission]) -> list[Answer]:
        """One answer each, once they are on disk and on the board.

        Raises: Overloaded, when too many wait already; Unavailable, when the database cannot take them.
        """
        if self._reports_waiting + len(submissions) > REPORTS_WAITING_MAX:
            raise Overloaded
        self._reports_waiting += len(submissions)
        answers: list[Answer] = await self._wait(
            _Waiting(_future(), reports=submissions),
            seconds_for(len(submissions)),
        )
        return answers

    async def change(self, work: Work[T], *, by: Actor, seconds: float | None = ANSWER_SECONDS_MAX) -> T:
        """What `work` gives, once its transaction has committed and the board has read it.

        `work` is done with the board at the ledger's end, where nobody else writes: what it finds on the board still
        holds when it commits. `seconds` is how long the caller waits; None for as long as it takes.
        Raises: Unauthenticated, when the key of `by` has been revoked, perhaps a moment ago by another process;
            Unavailable, when the database cannot take it; Uncertain, when that is not known.
        """

        async def allowed(transaction: Transaction, now: datetime) -> T:
            self._check_key(by, now)
            return await work(transaction, now)

        result: T = await self._wait(_Waiting(_future(), work=allowed), seconds)
        return result

    def _check_key(self, by: Actor, now: datetime) -> None:
        if by.key is not None and ((key := self._board.credential(by.key)) is None or not key.is_valid(now)):
            raise Unauthenticated("This key was revoked or has expired.")

    async def run(self) -> None:
        """Do what waits, until `close`; what is in the queue then is still done."""
        while self._queue or not self._closing:
            await self._arrived.wait()
            self._arrived.clear()
            while self._queue:
                await self._gather()
                await self._do(self._next())

    async def _gather(self) -> None:
        """Let those in whose reports are being read just now: a commit for the first alone would keep all waiting.

        Not a timer: it ends with the first turn of the loop that brings nothing new.
        """
        waiting = 0
        while waiting < self._reports_waiting < REPORTS_PER_COMMIT:
            waiting = self._reports_waiting
            await asyncio.sleep(0)

    def close(self) -> None:
        """Take no new work, and end when the queue is empty."""
        self._closing = True
        self._arrived.set()

    async def _wait(self, waiting: _Waiting, seconds: float | None) -> Any:
        if self._closing:
            raise Unavailable("This node is shutting down; send it again.")
        self._queue.append(waiting)
        self._arrived.set()
        try:
            async with asyncio.timeout(seconds):
                return await waiting.done
        except TimeoutError:
            if waiting in self._queue:
                self._queue.remove(waiting)
                self._reports_waiting -= len(waiting.reports)
                raise Unavailable("The database is busy. Nothing was stored; send it again in a moment.") from None
            raise Uncertain("The database is slow to answer. " + (Uncertain.__doc__ or "")) from None

    def _next(self) -> list[_Waiting]:
        """The next change alone, or as many reports as one transaction takes."""
        batch = [self._take()]
        size = len(batch[0].reports)
        while _may_share(batch[0]) and self._queue and _may_share(self._queue[0]):
            size += len(self._queue[0].reports)
            if size > REPORTS_PER_COMMIT:
                break
            batch.append(self._take())
        return batch

    def _take(self) -> _Waiting:
        waiting = self._queue.popleft()
        self._reports_waiting -= len(waiting.reports)
        return waiting

    async def _do(self, batch: list[_Waiting]) -> None:
        try:
            results = await self._commit(batch)
        except Unavailable as outage:
            _refuse(batch, outage)
            # Those behind them are told too: their own turn would end the same, and their answer come too late.
            behind = Unavailable(retry_after_seconds=outage.retry_after_seconds)
            _refuse([self._take() for _ in range(len(self._queue))], behind)
        except Refusal as refusal:
            _refuse(batch, refusal)
        except Exception as error:
            # The lane outlives whatever one batch does; its senders are told.
            log.exception("a batch failed and was rolled back")
            if len(batch) > 1:
                # One of them is at fault: its neighbours do not suffer for it.
                self._put_back(batch)
            elif len(batch[0].reports) > 1:
                await self._one_by_one(batch[0])
            elif is_of_database(error):
                _refuse(batch, NotTaken(retry_after_seconds=REFUSED_RETRY_SECONDS))
            else:
                _refuse(batch, error)
        else:
            for waiting, result in zip(batch, results, strict=True):
                if not waiting.done.done():
                    waiting.done.set_result(result)

    def _put_back(self, batch: list[_Waiting]) -> None:
        """Each has its turn again, alone and before all others."""
        for waiting in reversed(batch):
            waiting.alone = True
            self._queue.appendleft(waiting)
            self._reports_waiting += len(waiting.reports)

    async def _one_by_one(self, many: _Waiting) -> None:
        """Reports that came in one request, each judged alone."""
        answers: list[Answer] = []
        for submission in many.reports:
            one = _Waiting(_future(), reports=[submission], alone=True)
            await self._do([one])
            try:
                answers += await one.done
            except Refusal as refusal:
                answers.append(refusal)
            except Exception:  # noqa: BLE001 - it is in the log; outside it is a refusal without details
                answers.append(Refusal())
        if not many.done.done():
            many.done.set_result(answers)

    async def _commit(self, batch: list[_Waiting]) -> list[Any]:
        now = self._clock()
        async with self._database.transaction() as transaction:
            if (work := batch[0].work) is not None:
                await self._follower.bring_to(await ledger.head(transaction.connection), transaction)
                results: list[Any] = [await work(transaction, now)]
            else:
                together = [submission for waiting in batch for submission in waiting.reports]
                answers = iter(
                    await record_reports(transaction, together, now=now, board=self._board, follower=self._follower)
                )
                results = [[next(answers) for _ in waiting.reports] for waiting in batch]
        await self._publish(transaction.entries)
        return results

    async def _publish(self, entries: Sequence[LedgerEntry]) -> None:
        """Committed: only now may the board, and through it anyone else, know.

        Whatever goes wrong from here on, the batch is stored and its senders are told so: it never runs again.
        """
        try:
            await self._follower.take(entries)
        except Exception as error:
            log.exception("stored, but the board could not read it")
            self._follower.distrust(error)
            with contextlib.suppress(Exception):  # who is told reads it at once, so the board should have it first
                await self._follower.catch_up()


def _may_share(waiting: _Waiting) -> bool:
    return waiting.work is None and not waiting.alone


def _refuse(batch: list[_Waiting], error: Exception) -> None:
    for waiting in batch:
        if not waiting.done.done():
            waiting.done.set_exception(error)


def _future() -> asyncio.Future[Any]:
    return asyncio.get_running_loop().create_future()
