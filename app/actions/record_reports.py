"""Writing reports down: many in one transaction, each judged alone, in the order in which they came."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from app.domain.actor import Actor
from app.domain.errors import FacilityClosed, NotFound, Refusal, ReportConflict, Unauthenticated
from app.domain.ledger import Matter
from app.domain.lines import Change, assess, change
from app.domain.report import Receipt, Report
from app.store import credentials, ledger, registry, standing
from app.store.database import Transaction
from app.store.ledger import Recorded, Verdict

REPORTS_AT_A_STRETCH = 25  # then others have their turn: 1,000 reports of 20 lines take half a second


@dataclass(frozen=True, slots=True)
class Submission:
    """A report, and who sends it: allowed and checked before it gets here."""

    report: Report
    by: Actor
    unless_repeated: Refusal | None = None  # why it may not come in anew; a repetition of what is in may


async def record_reports(
    transaction: Transaction, submissions: Sequence[Submission], *, now: datetime
) -> list[Receipt | Refusal]:
    """A receipt or a refusal for each, in the same order. Receipts hold once the transaction has committed.

    Whether the key still opens and the facility is still open is decided by the database at this moment.
    """
    connection = transaction.connection
    recorded = await ledger.find_reports(connection, [(s.by.principal, s.report.report_id) for s in submissions])
    facilities = await registry.facilities(connection, {s.report.facility_id for s in submissions})
    keys = await credentials.find(connection, {s.by.key for s in submissions if s.by.key is not None})
    states = await standing.load(connection, {(s.report.facility_id, s.report.channel) for s in submissions})
    seq = (await ledger.head(connection)).seq
    answers: list[Receipt | Refusal] = []
    matters: list[tuple[Matter, str, Verdict | None]] = []
    changes: list[tuple[standing.Place, Change]] = []
    for place_in_batch, submission in enumerate(submissions):
        if place_in_batch % REPORTS_AT_A_STRETCH == REPORTS_AT_A_STRETCH - 1:
            await asyncio.sleep(0)
        report, by = submission.report, submission.by
        before = recorded.get((by.principal, report.report_id))
        facility = facilities.get(report.facility_id)
        if by.key is not None and (by.key not in keys or not keys[by.key].is_valid(now)):
            answers.append(Unauthenticated("This key was revoked or has expired."))
        elif before is not None:
            same = before.digest == report.digest()
            answers.append(_receipt(before, repeated=True) if same else ReportConflict())
        elif submission.unless_repeated is not None:
            answers.append(submission.unless_repeated)
        elif facility is None:
            answers.append(NotFound(f"There is no facility {report.facility_id!r}."))
        elif not facility.is_open:
            answers.append(FacilityClosed())
        else:
            seq += 1
            place = report.facility_id, report.channel
            verdict = Verdict(*assess(states[place], report, seq=seq, now=now))
            effect = change(states[place], report, seq=seq, recorded_at=now)
            effect.apply_to(states[place])
            matters.append((report, by.principal, verdict))
            changes.append((place, effect))
            entry = Recorded(seq, now, by.principal, report.digest(), report, verdict)
            recorded[by.principal, report.report_id] = entry
            answers.append(_receipt(entry, repeated=False))
    await ledger.append(transaction, matters, now=now)
    await standing.save(connection, states, changes)
    return answers


def _receipt(entry: Recorded, *, repeated: bool) -> Receipt:
    return Receipt(
        seq=entry.seq,
        report_id=entry.report.report_id,
        facility_id=entry.report.facility_id,
        observed_at=entry.report.observed_at,
        recorded_at=entry.recorded_at,
        repeated=repeated,
        outcome=entry.verdict.outcome,
        warnings=entry.verdict.warnings,
    )
