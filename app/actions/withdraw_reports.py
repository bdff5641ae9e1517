"""Voiding and correcting reports: a new ledger entry that states what counts without the withdrawn report.

That state is computed from all reports of the facility. Most of them are read before the transaction, in slices; the
transaction reads only those that came meanwhile.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from app.actions.resolve import facility_for
from app.domain.errors import (
    Conflict,
    FacilityClosed,
    Fault,
    InvalidInput,
    Overloaded,
    Refusal,
    ReportConflict,
    Unavailable,
)
from app.domain.ledger import START, Position
from app.domain.permissions import Actor, Verb
from app.domain.registry.facility import Facility
from app.domain.reports.history import ChannelHistory, withdraw
from app.domain.reports.lines import ChannelState
from app.domain.reports.report import BACKFILL_AGE, Receipt, Report, ReportLine, clock_fault
from app.domain.reports.withdrawal import NotWithdrawable, UnknownReport, check_may_withdraw
from app.runtime.node import Node
from app.runtime.record_reports import Composed, Draft, Submission, receipt_of, record_reports
from app.store import ledger
from app.store.database import Transaction
from app.store.ledger_rows import Recorded

REPORTS_AT_ONCE = 200  # some milliseconds in the database
REPORTS_PER_YIELD = 25
ATTEMPTS_MAX = 3
SLOT_SECONDS_MAX = 2.0


@dataclass(frozen=True, slots=True)
class Correction:
    """What the report should have stated. Without `observed_at` it keeps its time."""

    lines: tuple[ReportLine, ...]
    complete: bool = False
    observed_at: datetime | None = None


_NO_FIGURES = Correction(())


@dataclass(frozen=True, slots=True)
class Withdrawing:
    """A request to withdraw the report at position `seq`; `correction` is None to void it."""

    seq: int
    reason: str
    report_id: str
    correction: Correction | None = None

    def is_recorded_as(self, recorded: Recorded, facility_id: str) -> bool:
        """Whether the entry with the same report id is the result of the same request."""
        report, withdrawal, asked = recorded.report, recorded.report.withdraws, self.correction or _NO_FIGURES
        return (
            withdrawal is not None
            and (withdrawal.of, withdrawal.reason) == (self.seq, self.reason)
            and (report.facility_id, report.lines, report.complete) == (facility_id, asked.lines, asked.complete)
            and asked.observed_at in (None, report.observed_at)
        )


class _Overtaken(Conflict):
    """Another report of this facility was withdrawn meanwhile, or the ledger continues differently."""


@dataclass(frozen=True, slots=True)
class _Past:
    """The report to withdraw, and all withdrawals of its facility: the withdrawn report and the entry that did it."""

    target: Recorded
    withdrawn: Mapping[int, int]
    history: ChannelHistory


async def withdraw_report(node: Node, reference: str, asked: Withdrawing, *, by: Actor) -> Receipt:
    """The receipt of the entry that voids or corrects a report. The facility may be closed.

    The same request with the same report id returns the first receipt.
    Raises: UnknownReport; NotWithdrawable, when the report was withdrawn already or is a void itself; NotPermitted,
        with the time limit; FacilityClosed, InvalidInput or NotPermitted, for the new time of a correction;
        ReportConflict, when the report id was used for something else; NotFound, Unauthenticated, Unavailable.
    """
    for _ in range(ATTEMPTS_MAX):
        facility = facility_for(node, reference, by, Verb.withdraw)
        async with node.database.reading_newest() as connection:
            first = await ledger.find_reports(connection, [(by.principal, asked.report_id)])
            target = None if first else await ledger.report_at(connection, facility.facility_id, asked.seq)
            withdrawn = await ledger.withdrawals_after(connection, facility.facility_id, 0) if target else {}
        if first:
            return _repeat(asked, facility.facility_id, first[by.principal, asked.report_id])
        if target is None:
            raise UnknownReport
        history = ChannelHistory(target.report.channel, {*withdrawn, asked.seq}, of=asked.seq)
        past = _Past(target, withdrawn, history)
        _check(node, asked, past, facility, by=by, now=node.clock())
        try:
            async with _history_slot(node):
                return await _read_and_store(node, facility, asked, past, by)
        except _Overtaken:
            await node.follower.catch_up()
    raise Unavailable("Other reports of this facility are being withdrawn. Nothing was stored; send it again.")


@asynccontextmanager
async def _history_slot(node: Node) -> AsyncIterator[None]:
    """Raises: Overloaded, when others read whole histories for too long."""
    try:
        async with asyncio.timeout(SLOT_SECONDS_MAX):
            await node.history_slots.acquire()
    except TimeoutError:
        raise Overloaded("Other reports are being voided or corrected; send it again in a moment.") from None
    try:
        yield
    finally:
        node.history_slots.release()


async def _read_and_store(node: Node, facility: Facility, asked: Withdrawing, past: _Past, by: Actor) -> Receipt:
    last = START
    while True:
        async with node.database.reading_newest() as connection:
            part = await ledger.reports_after(connection, facility.facility_id, last.seq, limit=REPORTS_AT_ONCE)
        last = await _read(past, part) or last
        if len(part) < REPORTS_AT_ONCE:
            break
    known = past.history.state()
    async with node.database.reading_newest() as connection:
        end = (await ledger.head(connection)).seq
        await ledger.limit_recorded_at(connection, known, up_to=end)

    async def store(transaction: Transaction, now: datetime) -> Receipt:
        return await _store(node, transaction, asked, past, last=last, known=known, end=end, by=by, now=now)

    return await node.write_queue.change(store, by=by)


async def _read(past: _Past, reports: Iterable[Recorded]) -> Position | None:
    """Add these reports to the history. Returns the position of the last one. Raises: _Overtaken."""
    last = None
    for number, recorded in enumerate(reports, start=1):
        withdrawal = recorded.report.withdraws
        if withdrawal is not None and withdrawal.of not in past.withdrawn:
            raise _Overtaken
        past.history.add(recorded.report, seq=recorded.seq, recorded_at=recorded.recorded_at)
        last = recorded.position
        if number % REPORTS_PER_YIELD == 0:
            await asyncio.sleep(0)
    return last


async def _store(
    node: Node,
    transaction: Transaction,
    asked: Withdrawing,
    past: _Past,
    *,
    last: Position,
    known: ChannelState,
    end: int,
    by: Actor,
    now: datetime,
) -> Receipt:
    """Store the withdrawal. `last` is the last report that `past.history` has, `known` its state at position `end`."""
    connection, facility_id = transaction.connection, past.target.report.facility_id
    first = await ledger.find_reports(connection, [(by.principal, asked.report_id)])
    if first:
        return _repeat(asked, facility_id, first[by.principal, asked.report_id])
    if not await ledger.goes_through(connection, last):
        raise _Overtaken
    while part := await ledger.reports_after(connection, facility_id, last.seq, limit=REPORTS_AT_ONCE):
        last = await _read(past, part) or last
    _check(node, asked, past, facility_for(node, facility_id, by, Verb.withdraw), by=by, now=now)

    without = past.history.state()
    if without.newest == known.newest:
        without.recorded_at = known.recorded_at
    else:
        end = 0
    await ledger.limit_recorded_at(connection, without, up_to=node.board.position, after=end)
    without.limit_recorded_at(now)

    def compose(state: ChannelState, _: datetime) -> Composed:
        new = asked.correction or _NO_FIGURES
        return Composed(
            Report(
                facility_id=facility_id,
                channel=past.target.report.channel,
                report_id=asked.report_id,
                observed_at=new.observed_at or past.history.observed_at or past.target.report.observed_at,
                lines=new.lines,
                complete=new.complete,
                withdraws=withdraw(state, without, of=asked.seq, reason=asked.reason),
            )
        )

    draft = Draft(facility_id, past.target.report.channel, asked.report_id, compose, of_closed=True)
    submissions = [Submission(draft, by, Verb.withdraw)]
    [answer] = await record_reports(transaction, submissions, now=now, board=node.board, follower=node.follower)
    if isinstance(answer, Refusal):
        raise answer
    return answer


def _repeat(asked: Withdrawing, facility_id: str, first: Recorded) -> Receipt:
    if not asked.is_recorded_as(first, facility_id):
        raise ReportConflict
    return receipt_of(first, {}, repeated=True)


def _check(node: Node, asked: Withdrawing, past: _Past, facility: Facility, *, by: Actor, now: datetime) -> None:
    """Check that the report may be withdrawn. Raises: NotWithdrawable, NotPermitted, FacilityClosed, InvalidInput."""
    report, new = past.target.report, asked.correction
    if (before := past.withdrawn.get(asked.seq)) is not None:
        raise NotWithdrawable(
            f"Report {asked.seq} was already voided or corrected, by entry {before}. To change the figures again, "
            "correct that entry if it is a correction, or send a new report."
        )
    if report.is_void or report.redates:
        what = "a void" if report.is_void else "a correction of times"
        raise NotWithdrawable(f"Entry {asked.seq} is {what}, which has no figures to withdraw. Send a new report.")
    if new is not None and any(line.details is not None for line in report.lines):
        raise NotWithdrawable(
            f"Report {asked.seq} came from hospital software, which keeps its own rows, so it cannot be corrected "
            "here. Void it; the next message of the software states the right figures."
        )
    is_own = past.target.by in {by.principal, *_principals_of(node, facility)}
    check_may_withdraw(by, recorded_at=past.target.recorded_at, is_own=is_own, now=now)
    if new is None or new.observed_at is None:
        return
    if why := clock_fault(new.observed_at, now):
        raise InvalidInput(Fault("#/report/observed_at", why))
    if not facility.is_open and not facility.was_open_at(new.observed_at):
        raise FacilityClosed
    if now - new.observed_at > BACKFILL_AGE:
        node.authorise(by, Verb.report_old, node.board.target(facility))


def _principals_of(node: Node, facility: Facility) -> set[str]:
    """The holders of keys and logins of this facility, revoked ones included."""
    actors = [key.actor for key in node.board.credentials()]
    return {actor.principal for actor in actors if actor.scope.facility_id == facility.facility_id}
