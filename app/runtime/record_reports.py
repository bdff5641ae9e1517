"""Writing reports down: many in one transaction, each judged alone, in the order in which they came."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from app.board.board import Board
from app.domain.channels import Channel
from app.domain.errors import FacilityClosed, Refusal, ReportConflict, Unauthenticated
from app.domain.ledger import Matter, Position
from app.domain.permissions import Actor, Verb, authorise
from app.domain.relay import RelayedRequest
from app.domain.reports.lines import ChannelState, assess, change
from app.domain.reports.report import Receipt, Report, ReportWarning
from app.runtime.ledger_follower import LedgerFollower
from app.store import ledger
from app.store.bulk_write import Writes
from app.store.database import Transaction
from app.store.ledger import Recorded, Verdict
from app.store.repositories import channel_states, relay

REPORTS_AT_A_STRETCH = 25  # then others have their turn: 1,000 reports of 20 lines take half a second


class Composed(NamedTuple):
    """A report that was made from what stands, what is odd about it, and what is to be sent on with it."""

    report: Report
    warnings: tuple[ReportWarning, ...] = ()
    onward: RelayedRequest | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A report that is made from what stands: its sender speaks of rows that are kept here, in part or by our ids.

    `compose` gives it from the state of the channel and the time of recording; it raises a
    Refusal where there is nothing to store. It may be asked again, where a batch failed.
    """

    facility_id: str
    channel: Channel
    report_id: str
    compose: Callable[[ChannelState, datetime], Composed]
    of_closed: bool = False  # it may be of a closed facility


@dataclass(frozen=True, slots=True)
class Submission:
    """A report, and who sends it: allowed before it gets here, and checked where it is no draft.

    `verb` is what the sender must be allowed, which is asked again under the ledger's lock; None for our own work.
    """

    report: Report | Draft
    by: Actor
    verb: Verb | None
    unless_repeated: Refusal | None = None  # why it may not come in anew; a repetition of what is in may


async def record_reports(
    transaction: Transaction,
    submissions: Sequence[Submission],
    *,
    now: datetime,
    board: Board,
    follower: LedgerFollower,
) -> list[Receipt | Refusal]:
    """A receipt or a refusal for each, in the same order. Receipts hold once the transaction has committed.

    Whether the key still opens, whether the facility is still open and what stands there is what the ledger says at
    this moment: nobody else can append while this transaction holds its lock, and the board is first brought to its
    end. So none of that is read from tables.
    """
    ids = [(submission.by.principal, submission.report.report_id) for submission in submissions]
    head, recorded = await ledger.look(transaction.connection, ids)
    await follower.bring_to(head, transaction)
    seq = head.seq
    answers: list[tuple[Recorded, bool] | Refusal] = []  # what is recorded, and whether it was before
    matters: list[tuple[Matter, str, Verdict | None]] = []
    states: dict[channel_states.ChannelKey, ChannelState] = {}
    onwards: list[RelayedRequest] = []
    for number, submission in enumerate(submissions):
        if number % REPORTS_AT_A_STRETCH == REPORTS_AT_A_STRETCH - 1:
            await asyncio.sleep(0)
        report, by = submission.report, submission.by
        before = recorded.get(ids[number])
        refused = _refused(submission, before, board, now)
        if refused is not None:
            answers.append(refused)
        elif before is not None:
            answers.append((before, True))
        else:
            place = report.facility_id, report.channel
            state = states[place] if place in states else board.copy_channel_state(*place)
            try:
                report, odd, onward = _composed(report, state, now)
                effect = change(state, report, seq=seq + 1, recorded_at=now)
                effect.check_fits(state)
            except Refusal as refusal:
                answers.append(refusal)
                continue
            seq += 1
            # A time of our own is not the sender's: it needs no check of the sender's clock.
            clock = now if isinstance(submission.report, Report) else state.stamp(now)
            outcome, warnings = assess(state, report, seq=seq, now=clock)
            verdict = Verdict(outcome, (*odd, *warnings))
            effect.apply_to(state)
            states[place] = state
            onwards += [onward] if onward is not None else []
            matters.append((report, by.principal, verdict))
            entry = recorded[ids[number]] = Recorded(Position(seq), now, by.principal, report.digest(), report, verdict)
            answers.append((entry, False))
    if onwards:
        await relay.enqueue(transaction.connection, onwards)
    if matters:
        writes = Writes(transaction.connection)
        await ledger.append(transaction, matters, now=now, last=head, writes=writes)
        channel_states.save(writes, states)
        await writes.send(transaction)
    places = {entry.seq: entry.position for entry in transaction.entries}
    return [each if isinstance(each, Refusal) else _receipt(*each, places) for each in answers]


def _composed(report: Report | Draft, state: ChannelState, now: datetime) -> Composed:
    if isinstance(report, Report):
        return Composed(report)
    made = report.compose(state, now)
    # What stands may be of a clock that was ahead, and what was stamped after it too: neither is the sender's mistake.
    made.report.check(state.stamp(now))
    return made


def _refused(submission: Submission, before: Recorded | None, board: Board, now: datetime) -> Refusal | None:
    report, by = submission.report, submission.by
    if by.key is not None and ((key := board.credential(by.key)) is None or not key.is_valid(now)):
        return Unauthenticated("This key was revoked or has expired.")
    if before is not None:
        return None if isinstance(report, Report) and before.digest == report.digest() else ReportConflict()
    if submission.unless_repeated is not None:
        return submission.unless_repeated
    try:
        facility = board.facility(report.facility_id)
        if submission.verb is not None:  # it may have been moved, and the key with it out of its scope
            authorise(by, submission.verb, board.target(facility), public_read=False)
    except Refusal as refusal:
        return refusal
    may_be_closed = isinstance(report, Draft) and report.of_closed
    return None if facility.is_open or may_be_closed else FacilityClosed()


def _receipt(entry: Recorded, repeated: bool, places: Mapping[int, Position]) -> Receipt:  # noqa: FBT001 - of a pair
    place = places.get(entry.position.seq, entry.position)
    return Receipt(
        seq=place.seq,
        position_token=str(place),
        report_id=entry.report.report_id,
        facility_id=entry.report.facility_id,
        observed_at=entry.report.observed_at,
        recorded_at=entry.recorded_at,
        repeated=repeated,
        outcome=entry.verdict.outcome,
        warnings=entry.verdict.warnings,
    )
