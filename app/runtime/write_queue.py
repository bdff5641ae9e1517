"""The writing lane of one process: one transaction after the other, each answered after its commit.

Reports that arrive while a commit is under way share the next one; there is no timer. Senders take turns, and many
reports of one request are stored in parts, so that nobody waits for all that another has sent. The work is done by a
task of its own: a client who goes away may lose the answer, but never leaves a transaction open.
"""

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from app.board.board import Board
from app.domain.errors import NotFound, NotTaken, Refusal, Unauthenticated, Unavailable, Uncertain
from app.domain.ledger import LedgerEntry
from app.domain.permissions import Actor
from app.domain.reports.clocks import CLOCK_EARLIEST
from app.domain.reports.report import Receipt, Report
from app.runtime.fair_queue import FairQueue
from app.runtime.ledger_follower import LedgerFollower
from app.runtime.record_reports import Submission, record_reports
from app.store import ledger
from app.store.database import Database, Transaction, is_of_database
from app.store.repositories import channel_states

# Units of work are lines, more or less: what else a report costs is that of some lines, and one that is made from what
# stands writes all lines of its channel. A thousand and more lines are stored in the time that P9 allows.
REPORT_UNITS = 4
DRAFT_UNITS = 10
UNITS_WAITING_MAX = 40_000
UNITS_PER_SENDER = 10_000
UNITS_PER_COMMIT = 2_500
# Of one sender, however much it sends: the reports of others wait for the commit before theirs. A bulk has thousands of
# units waiting, so it gets less.
UNITS_PER_SENDER_PER_COMMIT = 500
UNITS_OF_BULKS_PER_COMMIT = 125

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
    """Work in the queue: reports, or one change that wants a transaction of its own.

    Reports `together` are stored in one transaction, all or none.
    """

    sender: str
    done: asyncio.Future[Any]
    reports: Sequence[Submission] = ()
    work: Work[Any] | None = None
    together: bool = False
    taken: int = 0  # reports that are being stored, or are
    answers: list[Answer] = field(default_factory=list)
    units_left: int = DRAFT_UNITS


@dataclass(slots=True, eq=False)
class _Part:
    """What one transaction takes of it."""

    of: _Waiting
    reports: Sequence[Submission] = ()

    def answer(self, answers: Sequence[Answer]) -> None:
        """These reports were stored or refused; with the last of them the request is answered."""
        self.of.answers += answers
        if len(self.of.answers) == len(self.of.reports):
            _settle(self.of, self.of.answers)

    def refuse(self, error: Exception) -> None:
        """Nothing of this part was stored, and nothing of the rest will be."""
        waiting = self.of
        if not waiting.answers or not isinstance(error, Refusal):
            _fail(waiting, error)
            return
        _settle(waiting, [*waiting.answers, *[error] * (len(waiting.reports) - len(waiting.answers))])


class WriteQueue:
    """Takes work in turns and does it, for as long as `run` runs."""

    def __init__(
        self, database: Database, board: Board, follower: LedgerFollower, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._board = board
        self._follower = follower
        self._clock = clock
        self._queue = FairQueue[_Waiting](UNITS_PER_SENDER, UNITS_WAITING_MAX)
        self._arrived = asyncio.Event()
        self._is_storing = False
        self._closing = False

    async def reports(self, submissions: Sequence[Submission], *, together: bool = False) -> list[Answer]:
        """One answer each, once they are on disk and on the board. They are all of one sender.

        `together`: in one transaction, all or none.
        Raises: Overloaded, when too many wait already; Unavailable, when the database cannot take them; the first
            refusal of any, where they are stored together.
        """
        units = sum(map(_units, submissions))
        waiting = _Waiting(submissions[0].by.principal, _future(), submissions, together=together, units_left=units)
        answers: list[Answer] = await self._wait(waiting, seconds_for(len(submissions)))
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

        result: T = await self._wait(_Waiting(by.principal, _future(), work=allowed), seconds)
        return result

    def _check_key(self, by: Actor, now: datetime) -> None:
        if by.key is not None and ((key := self._board.credential(by.key)) is None or not key.is_valid(now)):
            raise Unauthenticated("This key was revoked or has expired.")

    async def run(self) -> None:
        """Do what waits, until `close`; what is in the queue then is still done."""
        if self._queue:  # it ran before, and ended by an error
            self._arrived.set()
        while self._queue or not self._closing:
            await self._arrived.wait()
            self._arrived.clear()
            while self._queue:
                await self._gather()
                self._is_storing = True
                try:
                    await self._do(self._next())
                finally:
                    self._is_storing = False

    async def _gather(self) -> None:
        """Let those in whose reports are being read just now: a commit for the first alone would keep all waiting.

        Not a timer: it ends with the first turn of the loop that brings nothing new.
        """
        waiting = 0
        while waiting < self._queue.units < UNITS_PER_COMMIT:
            waiting = self._queue.units
            await asyncio.sleep(0)

    def is_busy(self) -> bool:
        """Whether anything is being stored, or waits for it."""
        return self._is_storing or bool(self._queue)

    def close(self) -> None:
        """Take no new work, and end when the queue is empty."""
        self._closing = True
        self._arrived.set()

    async def _wait(self, waiting: _Waiting, seconds: float | None) -> Any:
        if self._closing:
            raise Unavailable("This node is shutting down; send it again.")
        self._queue.put(waiting)
        self._arrived.set()
        try:
            async with asyncio.timeout(seconds):
                return await waiting.done
        except TimeoutError:
            if self._queue.remove(waiting) and not waiting.taken:
                raise Unavailable("The database is busy. Nothing was stored; send it again in a moment.") from None
            raise Uncertain("The database is slow to answer. " + (Uncertain.__doc__ or "")) from None

    def _next(self) -> list[_Part]:
        """The next piece that needs its own transaction, or as many reports as one takes, of all senders in turn."""
        first = self._queue.first()
        if first.work is not None or first.together:
            first.taken = len(first.reports)
            self._take(first, first.units_left)
            return [_Part(first, first.reports)]
        batch: list[_Part] = []
        cost, cost_of = 0, Counter[str]()
        while self._queue and cost < UNITS_PER_COMMIT:
            waiting = self._queue.first()
            most = UNITS_PER_SENDER_PER_COMMIT if len(waiting.reports) == 1 else UNITS_OF_BULKS_PER_COMMIT
            left = most - cost_of[waiting.sender]
            if left <= 0 or waiting.work is not None or waiting.together:
                break
            reports: list[Submission] = []
            taken = 0
            while taken < left and waiting.taken < len(waiting.reports):
                reports.append(waiting.reports[waiting.taken])
                waiting.taken += 1
                taken += self._cost(reports[-1])
            self._take(waiting, sum(map(_units, reports)))
            batch.append(_Part(waiting, reports))
            cost_of[waiting.sender] += taken
            cost += taken
        return batch

    def _cost(self, submission: Submission) -> int:
        """Its units; for a draft also those of the lines of its channel, which are read and written with it."""
        report = submission.report
        if isinstance(report, Report):
            return _units(submission)
        with contextlib.suppress(NotFound):
            return DRAFT_UNITS + len(self._board.channel_state(report.facility_id, report.channel).lines) // 4
        return DRAFT_UNITS

    def _take(self, waiting: _Waiting, units: int) -> None:
        waiting.units_left -= units
        self._queue.took(waiting, units)

    async def _do(self, batch: list[_Part]) -> None:
        try:
            results = await self._commit(batch)
        except Unavailable as outage:
            for part in batch:
                part.refuse(outage)
            # Those behind them are told too: their own turn would end the same, and their answer come too late.
            behind = Unavailable(retry_after_seconds=outage.retry_after_seconds)
            for waiting in self._queue.clear():
                _Part(waiting).refuse(behind)
        except Refusal as refusal:
            for part in batch:
                part.refuse(refusal)
        except Exception as error:
            # The lane outlives whatever one batch does; its senders are told.
            log.exception("a batch failed and was rolled back")
            await self._do_apart(batch, error)
        else:
            for part, result in zip(batch, results, strict=True):
                if part.of.work is not None:
                    _settle(part.of, result)
                else:
                    part.answer(result)

    async def _do_apart(self, batch: list[_Part], error: Exception) -> None:
        """One of them is at fault: its neighbours do not suffer for it."""
        if len(batch) > 1:
            for part in batch:
                await self._do([part])
            return
        [part] = batch
        refusal: Exception = error
        if is_of_database(error):
            refusal = NotTaken(retry_after_seconds=REFUSED_RETRY_SECONDS)
        if len(part.of.reports) < 2 or part.of.together:
            part.refuse(refusal)
        elif len(part.reports) > 1:
            for submission in part.reports:
                await self._do([_Part(part.of, [submission])])
        else:  # it is in the log; outside it is a refusal without details
            part.answer([refusal if isinstance(refusal, Refusal) else Refusal()])

    async def _commit(self, batch: list[_Part]) -> list[Any]:
        now = self._clock()
        if now < CLOCK_EARLIEST:
            raise Unavailable(f"The clock of this node says {now:%Y-%m-%d}, which is wrong. Nothing was stored.")
        async with self._database.transaction() as transaction:
            if (work := batch[0].of.work) is not None:
                await self._follower.bring_to(await ledger.head(transaction.connection), transaction)
                results: list[Any] = [await work(transaction, now)]
            else:
                together = [submission for part in batch for submission in part.reports]
                answers = iter(
                    await record_reports(transaction, together, now=now, board=self._board, follower=self._follower)
                )
                results = [[next(answers) for _ in part.reports] for part in batch]
                if batch[0].of.together:
                    _raise_refusal(results[0])
            if transaction.entries and self._board.is_ahead(now):
                await channel_states.bound(transaction.connection, now)
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


def _raise_refusal(answers: Sequence[Answer]) -> None:
    for answer in answers:
        if isinstance(answer, Refusal):
            raise answer


def _units(submission: Submission) -> int:
    report = submission.report
    return REPORT_UNITS + len(report.lines) if isinstance(report, Report) else DRAFT_UNITS


def _settle(waiting: _Waiting, result: object) -> None:
    if not waiting.done.done():
        waiting.done.set_result(result)


def _fail(waiting: _Waiting, error: Exception) -> None:
    if not waiting.done.done():
        waiting.done.set_exception(error)


def _future() -> asyncio.Future[Any]:
    return asyncio.get_running_loop().create_future()
