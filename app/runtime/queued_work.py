"""Work that waits in the write queue, and how its results reach the caller."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from app.domain.errors import Refusal
from app.domain.reports.report import Receipt, Report
from app.runtime.record_reports import Submission
from app.store.database import Transaction

# Units of work are roughly lines: the other cost of a report equals that of some lines, and a draft writes all lines of
# its channel.
REPORT_UNITS = 4
DRAFT_UNITS = 10

T = TypeVar("T")
Answer = Receipt | Refusal
Work = Callable[[Transaction, datetime], Awaitable[T]]


def units_of(submission: Submission) -> int:
    """The cost of storing a submission, in units of work."""
    report = submission.report
    return REPORT_UNITS + len(report.lines) if isinstance(report, Report) else DRAFT_UNITS


def _future() -> asyncio.Future[Any]:
    return asyncio.get_running_loop().create_future()


@dataclass(slots=True, eq=False)
class QueuedWork:
    """Work in the queue: reports, or one change that needs its own transaction.

    Reports `together` are stored in one transaction, all or none.
    """

    sender: str
    reports: Sequence[Submission] = ()
    work: Work[Any] | None = None
    together: bool = False
    taken: int = 0  # the number of reports that are stored or being stored
    answers: list[Answer] = field(default_factory=list)
    units_left: int = DRAFT_UNITS
    done: asyncio.Future[Any] = field(default_factory=_future)

    @property
    def is_bulk(self) -> bool:
        """Whether it has several reports of a client, not drafts, which cost more and come from this program."""
        return len(self.reports) > 1 and isinstance(self.reports[0].report, Report)

    def settle(self, result: object) -> None:
        """Give the caller its result, unless it has disconnected."""
        if not self.done.done():
            self.done.set_result(result)

    def fail(self, error: Exception) -> None:
        """Give the caller an error, unless it has disconnected."""
        if not self.done.done():
            self.done.set_exception(error)


@dataclass(slots=True, eq=False)
class WorkPart:
    """The part of some queued work that one transaction stores."""

    of: QueuedWork
    reports: Sequence[Submission] = ()

    def answer(self, answers: Sequence[Answer]) -> None:
        """Record the results of these reports; after the last ones the request gets all of its results."""
        self.of.answers += answers
        if len(self.of.answers) == len(self.of.reports):
            self.of.settle(self.of.answers)

    def refuse(self, error: Exception) -> None:
        """Refuse this part and the rest of the work: none of it is stored."""
        queued = self.of
        if not queued.answers or not isinstance(error, Refusal):
            queued.fail(error)
            return
        queued.settle([*queued.answers, *[error] * (len(queued.reports) - len(queued.answers))])
