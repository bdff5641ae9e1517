"""The write queue of one process: one transaction after the other, with the response sent after the commit.

Reports that arrive during a commit share the next one; there is no timer. Senders take turns, and the reports of a
large request are stored in parts, so that no sender waits for everything that another has sent. A separate task runs
the transactions: a client that disconnects may miss the response, but never leaves a transaction open.
"""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from app.board.board import Board
from app.domain.errors import NotFound, Refusal, Unauthenticated, Unavailable, Uncertain, WriteRejected
from app.domain.ledger import LedgerEntry
from app.domain.permissions import Actor
from app.domain.reports.clocks import CLOCK_EARLIEST
from app.domain.reports.plausibility import DEFAULT_SIZES, PlausibleSizes
from app.domain.reports.report import Report
from app.runtime.fair_queue import FairQueue
from app.runtime.ledger_follower import LedgerFollower
from app.runtime.queued_work import Answer, QueuedWork, Work, WorkPart, units_of
from app.runtime.record_reports import Submission, record_reports
from app.store import ledger
from app.store.database import Database, Transaction
from app.store.database_errors import is_database_rejection
from app.store.repositories import channel_states

# A thousand and more lines are stored in the time that promise P9 allows (docs/reliability.md).
UNITS_WAITING_MAX = 40_000
UNITS_PER_SENDER = 10_000
UNITS_PER_COMMIT = 2_500
# Per sender, however much it sends: the reports of others wait for the commit before theirs, and its next ones are
# parsed during the commit of the first (10 % more throughput on PostgreSQL than with 500). A bulk has thousands of
# units in the queue, so it gets less.
UNITS_PER_SENDER_PER_COMMIT = 250
UNITS_OF_BULKS_PER_COMMIT = 125

# Empty ones cost 0.1 ms together; with 1 instead, sixty clients got a fifth less throughput.
IDLE_ITERATIONS = 16

# A working database answers in milliseconds; a frozen one does not answer at all (docs/reliability.md, P8).
ANSWER_SECONDS_MAX = 2.5
ANSWER_SECONDS_PER_ROW = 0.01
# A report that violates a constraint needs a correction of this program, not just a moment's wait.
REFUSED_RETRY_SECONDS = 30

T = TypeVar("T")

log = logging.getLogger(__name__)


def seconds_for(rows: int) -> float:
    """How long a caller waits until so many reports, areas or facilities are stored."""
    return ANSWER_SECONDS_MAX + ANSWER_SECONDS_PER_ROW * rows


class WriteQueue:
    """Queues work and runs it in turns, while `run` runs."""

    def __init__(
        self,
        database: Database,
        board: Board,
        follower: LedgerFollower,
        clock: Callable[[], datetime],
        sizes: PlausibleSizes = DEFAULT_SIZES,
    ) -> None:
        self._database = database
        self._board = board
        self._follower = follower
        self._clock = clock
        self._sizes = sizes
        self._queue = FairQueue[QueuedWork](UNITS_PER_SENDER, UNITS_WAITING_MAX)
        self._arrived = asyncio.Event()
        self._is_storing = False
        self._closing = False

    async def reports(self, submissions: Sequence[Submission], *, together: bool = False) -> list[Answer]:
        """A receipt or refusal for each report of one sender, after they are on disk and on the board.

        `together`: store them in one transaction, all or none.
        Raises: Overloaded, when too many already wait; Unavailable, when the database cannot store them; the first
            Refusal of any, when they are stored together.
        """
        units = sum(map(units_of, submissions))
        queued = QueuedWork(submissions[0].by.principal, submissions, together=together, units_left=units)
        answers: list[Answer] = await self._wait(queued, seconds_for(len(submissions)))
        return answers

    async def change(self, work: Work[T], *, by: Actor, seconds: float | None = ANSWER_SECONDS_MAX) -> T:
        """The result of `work`, after its transaction has committed and the board has applied it.

        `work` runs with the board at the ledger's end while nobody else writes: what it reads from the board is still
        true when it commits. `seconds` is how long the caller waits; None for no limit.
        Raises: Unauthenticated, when the key of `by` has been revoked, even just now by another process; Unavailable,
            when the database cannot store it; Uncertain, when that is not known; whatever `work` raises.
        """

        async def run_if_allowed(transaction: Transaction, now: datetime) -> T:
            self._check_key(by, now)
            return await work(transaction, now)

        result: T = await self._wait(QueuedWork(by.principal, work=run_if_allowed), seconds)
        return result

    def _check_key(self, by: Actor, now: datetime) -> None:
        if by.key is not None and ((key := self._board.credential(by.key)) is None or not key.is_valid(now)):
            raise Unauthenticated("This key was revoked or has expired.")

    async def run(self) -> None:
        """Run queued work until `close`; work that is in the queue then is still done."""
        if self._queue:  # an earlier run ended with an error
            self._arrived.set()
        while self._queue or not self._closing:
            await self._arrived.wait()
            self._arrived.clear()
            while self._queue:
                await self._collect()
                self._is_storing = True
                try:
                    await self._store(self._next_batch())
                finally:
                    self._is_storing = False

    async def _collect(self) -> None:
        """Let requests join that are being parsed now: a commit for the first one alone would make all others wait.

        Not a timer: it ends after some iterations of the event loop that add nothing. A request needs several of them
        from its first byte until it is in the queue.
        """
        units_before = idle = 0
        while idle < IDLE_ITERATIONS and self._queue.units < UNITS_PER_COMMIT:
            idle = idle + 1 if self._queue.units == units_before else 0
            units_before = self._queue.units
            await asyncio.sleep(0)

    def is_busy(self) -> bool:
        """Whether anything is being stored or waits in the queue."""
        return self._is_storing or bool(self._queue)

    def close(self) -> None:
        """Accept no new work, and end when the queue is empty."""
        self._closing = True
        self._arrived.set()

    async def _wait(self, queued: QueuedWork, seconds: float | None) -> Any:
        if self._closing:
            raise Unavailable("This node is shutting down; send it again.")
        self._queue.put(queued)
        self._arrived.set()
        try:
            async with asyncio.timeout(seconds):
                return await queued.done
        except TimeoutError:
            if self._queue.remove(queued) and not queued.taken:
                raise Unavailable("The database is busy. Nothing was stored; send it again in a moment.") from None
            raise Uncertain("The database is slow to answer. " + (Uncertain.__doc__ or "")) from None

    def _next_batch(self) -> list[WorkPart]:
        """The next work that needs its own transaction, or as many reports as fit in one, of all senders in turn."""
        first = self._queue.first()
        if first.work is not None or first.together:
            first.taken = len(first.reports)
            self._take(first, first.units_left)
            return [WorkPart(first, first.reports)]
        batch: list[WorkPart] = []
        cost, cost_by_sender = 0, Counter[str]()
        while self._queue and cost < UNITS_PER_COMMIT:
            queued = self._queue.first()
            limit = UNITS_OF_BULKS_PER_COMMIT if queued.is_bulk else UNITS_PER_SENDER_PER_COMMIT
            left = limit - cost_by_sender[queued.sender]
            if left <= 0 or queued.work is not None or queued.together:
                break
            reports: list[Submission] = []
            taken = 0
            while taken < left and queued.taken < len(queued.reports):
                reports.append(queued.reports[queued.taken])
                queued.taken += 1
                taken += self._cost(reports[-1])
            self._take(queued, sum(map(units_of, reports)))
            batch.append(WorkPart(queued, reports))
            cost_by_sender[queued.sender] += taken
            cost += taken
        return batch

    def _cost(self, submission: Submission) -> int:
        """Its units; a draft also costs units for the lines of its channel, which it reads and rewrites."""
        report, units = submission.report, units_of(submission)
        if not isinstance(report, Report):
            with contextlib.suppress(NotFound):
                units += len(self._board.channel_state(report.facility_id, report.channel).lines) // 8
        return units

    def _take(self, queued: QueuedWork, units: int) -> None:
        queued.units_left -= units
        self._queue.take(queued, units)

    async def _store(self, batch: list[WorkPart]) -> None:
        try:
            results = await self._commit(batch)
        except Unavailable as outage:
            for part in batch:
                part.refuse(outage)
            # Everything behind them is refused too: it would fail in the same way, and too late for its callers.
            behind = Unavailable(retry_after_seconds=outage.retry_after_seconds)
            for queued in self._queue.clear():
                WorkPart(queued).refuse(behind)
        except Refusal as refusal:
            for part in batch:
                part.refuse(refusal)
        except Exception as error:
            # The queue survives any error in a batch, and its senders get a response.
            log.exception("a batch failed and was rolled back")
            await self._store_separately(batch, error)
        else:
            for part, result in zip(batch, results, strict=True):
                if part.of.work is not None:
                    part.of.settle(result)
                else:
                    part.answer(result)

    async def _store_separately(self, batch: list[WorkPart], error: Exception) -> None:
        """Store the parts of a failed batch one by one, so that the one that causes the error fails alone."""
        if len(batch) > 1:
            for part in batch:
                await self._store([part])
            return
        [part] = batch
        refusal: Exception = error
        if is_database_rejection(error):
            refusal = WriteRejected(retry_after_seconds=REFUSED_RETRY_SECONDS)
        if len(part.of.reports) < 2 or part.of.together:
            part.refuse(refusal)
        elif len(part.reports) > 1:
            for submission in part.reports:
                await self._store([WorkPart(part.of, [submission])])
        else:  # the log has the error; the sender gets a refusal without details
            part.answer([refusal if isinstance(refusal, Refusal) else Refusal()])

    async def _commit(self, batch: list[WorkPart]) -> list[Any]:
        now = self._clock()
        if now < CLOCK_EARLIEST:
            raise Unavailable(f"The clock of this node says {now:%Y-%m-%d}, which is wrong. Nothing was stored.")
        async with self._database.transaction() as transaction:
            if (work := batch[0].of.work) is not None:
                await self._follower.bring_to(await ledger.head(transaction.connection), transaction)
                results: list[Any] = [await work(transaction, now)]
            else:
                together = [submission for part in batch for submission in part.reports]
                recorded = await record_reports(
                    transaction, together, now=now, board=self._board, follower=self._follower, sizes=self._sizes
                )
                answers = iter(recorded)
                results = [[next(answers) for _ in part.reports] for part in batch]
                if batch[0].of.together:
                    _raise_refusal(results[0])
            if transaction.entries and self._board.is_ahead(now):
                await channel_states.limit_recorded_at(transaction.connection, now)
        await self._publish(transaction.entries)
        return results

    async def _publish(self, entries: Sequence[LedgerEntry]) -> None:
        """Apply committed entries to the board; only now may the board, and through it any reader, see them.

        Whatever fails from here on, the batch is stored and its senders get receipts: it never runs again.
        """
        try:
            await self._follower.take(entries)
        except Exception as error:
            log.exception("stored, but the board could not apply it")
            self._follower.invalidate(error)
            with contextlib.suppress(Exception):  # senders may read it at once, so the board should have it first
                await self._follower.catch_up()


def _raise_refusal(answers: Sequence[Answer]) -> None:
    for answer in answers:
        if isinstance(answer, Refusal):
            raise answer
