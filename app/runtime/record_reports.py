"""Recording reports: many in one transaction, each processed independently, in the order of arrival."""

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
from app.domain.registry.facility import Facility
from app.domain.relay import RelayedRequest
from app.domain.reports.assessment import assess
from app.domain.reports.lines import ChannelState, change
from app.domain.reports.plausibility import DEFAULT_SIZES, PlausibleSizes, mark_implausible
from app.domain.reports.report import Outcome, Receipt, Report, ReportWarning
from app.runtime.ledger_follower import LedgerFollower
from app.runtime.pending_states import PendingStates
from app.store import ledger
from app.store.bulk_write import Writes
from app.store.database import Transaction
from app.store.ledger_rows import Recorded, Verdict
from app.store.repositories import channel_states, relay

AFTER_CLOSING = ReportWarning("late", None, "the facility has closed since; the report is kept in its history")
REPORTS_PER_YIELD = 25  # then the event loop runs other tasks: 1,000 reports of 20 lines take half a second


class Composed(NamedTuple):
    """A report that was composed from the current lines, its warnings, and the message to relay with it."""

    report: Report
    warnings: tuple[ReportWarning, ...] = ()
    relayed: RelayedRequest | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A report that is composed from the current lines: its sender refers to stored rows, partly or by their ids.

    `compose` returns it for the state of the channel and the time of recording; it raises a Refusal if there is
    nothing to store. It may be called again after a batch failed. `of_closed`: the facility may be closed.
    """

    facility_id: str
    channel: Channel
    report_id: str
    compose: Callable[[ChannelState, datetime], Composed]
    of_closed: bool = False


@dataclass(frozen=True, slots=True)
class Submission:
    """A report and its sender. Permission was already checked, and so were the values unless it is a draft.

    `verb` is the permission that the sender needs, checked again under the ledger's lock; None for our own work.
    `unless_repeated` is the refusal of a new report; a repetition of a recorded report is still accepted.
    """

    report: Report | Draft
    by: Actor
    verb: Verb | None
    unless_repeated: Refusal | None = None


async def record_reports(
    transaction: Transaction,
    submissions: Sequence[Submission],
    *,
    now: datetime,
    board: Board,
    follower: LedgerFollower,
    sizes: PlausibleSizes = DEFAULT_SIZES,
) -> list[Receipt | Refusal]:
    """A receipt or a refusal for each, in the same order. Receipts are valid once the transaction has committed.

    The validity of the key, the state of the facility and its current lines are those of the ledger at this moment:
    nobody else can append while this transaction holds the lock, and the board is first brought to the ledger's end.
    So none of that is read from tables. One function of about 60 lines, since its steps share all of this state.
    """
    ids = [(submission.by.principal, submission.report.report_id) for submission in submissions]
    head, recorded = await ledger.head_and_reports(transaction.connection, ids)
    await follower.bring_to(head, transaction)
    seq = head.seq
    answers: list[tuple[Recorded, bool] | Refusal] = []  # the record, and whether it existed before
    matters: list[tuple[Matter, str, Verdict | None]] = []
    states = PendingStates(board, now)
    to_relay: list[RelayedRequest] = []
    for number, submission in enumerate(submissions):
        if number % REPORTS_PER_YIELD == REPORTS_PER_YIELD - 1:
            await asyncio.sleep(0)
        report, by = submission.report, submission.by
        before = recorded.get(ids[number])
        refusal = _find_refusal(submission, before, board, now)
        if refusal is not None:
            answers.append(refusal)
        elif before is not None:
            answers.append((before, True))
        else:
            state = states.channel(report.facility_id, report.channel)
            try:
                report, compose_warnings, relayed = _compose(report, state, now)
                facility = board.facility(report.facility_id)
                report.check_kind(facility.kind)
                report, implausible = mark_implausible(state, report, facility, sizes)
                effect = change(state, report, seq=seq + 1, recorded_at=now)
                effect.check_fits(state)
            except Refusal as invalid:
                answers.append(invalid)
                continue
            seq += 1
            # The time of a draft is our own: the sender's clock need not be checked.
            clock = now if isinstance(submission.report, Report) else state.stamp(now)
            outcome, warnings = assess(state, report, facility, seq=seq, now=clock)
            counting_warnings = states.apply(report.facility_id, report.channel, effect)
            warnings = (
                *compose_warnings,
                *_without_known(warnings, compose_warnings),
                *implausible,
                *counting_warnings,
            )
            verdict = Verdict(outcome, warnings)
            if isinstance(submission.report, Report):
                verdict = _judge_closed(verdict, facility)
            to_relay += [relayed] if relayed is not None else []
            matters.append((report, by.principal, verdict))
            entry = recorded[ids[number]] = Recorded(Position(seq), now, by.principal, report.digest(), report, verdict)
            answers.append((entry, False))
    if to_relay:
        await relay.enqueue(transaction.connection, to_relay)
    if matters:
        writes = Writes(transaction.connection)
        await ledger.append(transaction, matters, now=now, last=head, writes=writes)
        channel_states.save(writes, await channel_states.delete_empty(transaction.connection, states.to_store()))
        await writes.send(transaction)
    positions = {entry.seq: entry.position for entry in transaction.entries}
    return [
        answer if isinstance(answer, Refusal) else receipt_of(answer[0], positions, repeated=answer[1])
        for answer in answers
    ]


def _compose(report: Report | Draft, state: ChannelState, now: datetime) -> Composed:
    if isinstance(report, Report):
        return Composed(report)
    composed = report.compose(state, now)
    # The current lines may have times of a clock that was ahead, and so the report's time too: no fault of the sender.
    composed.report.check(state.stamp(now))
    return composed


def _without_known(warnings: Sequence[ReportWarning], known: Sequence[ReportWarning]) -> Sequence[ReportWarning]:
    """The warnings whose code is not already known for their line."""
    if not known:
        return warnings
    told = {(warning.code, warning.line) for warning in known}
    return [warning for warning in warnings if (warning.code, warning.line) not in told]


def _find_refusal(submission: Submission, before: Recorded | None, board: Board, now: datetime) -> Refusal | None:
    report, by = submission.report, submission.by
    if by.key is not None and ((key := board.credential(by.key)) is None or not key.is_valid(now)):
        return Unauthenticated("This key was revoked or has expired.")
    if before is not None:
        return None if isinstance(report, Report) and before.digest == report.digest() else ReportConflict()
    if submission.unless_repeated is not None:
        return submission.unless_repeated
    try:
        facility = board.facility(report.facility_id)
        if submission.verb is not None:  # it may have been moved out of the key's scope
            authorise(by, submission.verb, board.target(facility), public_read=False)
    except Refusal as refusal:
        return refusal
    is_allowed = report.of_closed if isinstance(report, Draft) else facility.was_open_at(report.observed_at)
    return None if facility.is_open or is_allowed else FacilityClosed(opens_at=facility.opens_at)


def _judge_closed(verdict: Verdict, facility: Facility) -> Verdict:
    """The verdict of a report; `late` if its facility has closed since it was observed."""
    if verdict.outcome is not Outcome.applied or facility.is_open:
        return verdict
    return Verdict(Outcome.late, (*verdict.warnings, AFTER_CLOSING))


def receipt_of(entry: Recorded, positions: Mapping[int, Position], *, repeated: bool) -> Receipt:
    """The receipt of a recorded report; `positions` has the positions of entries whose chain `entry` does not have."""
    position = positions.get(entry.position.seq, entry.position)
    withdrawal = entry.report.withdraws
    return Receipt(
        seq=position.seq,
        position_token=str(position),
        report_id=entry.report.report_id,
        facility_id=entry.report.facility_id,
        observed_at=entry.report.observed_at,
        recorded_at=entry.recorded_at,
        repeated=repeated,
        outcome=entry.verdict.outcome,
        warnings=entry.verdict.warnings,
        of=withdrawal.of if withdrawal else None,
    )
