"""Submitting reports: check permission and values, store on disk, apply to the board, then return the receipt."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from app.actions.resolve import facility_for
from app.domain.errors import NotFound, Refusal
from app.domain.permissions import Actor, Verb
from app.domain.reports.report import BACKFILL_AGE, Receipt, Report
from app.runtime.node import Node
from app.runtime.record_reports import REPORTS_PER_YIELD, Draft, Submission


async def submit_reports(node: Node, reports: Sequence[Report], *, by: Actor) -> list[Receipt | Refusal]:
    """A receipt or a refusal for each report, in the same order. Each report is processed independently.

    Raises: Unavailable or Overloaded, when none could be stored.
    """
    now = node.clock()
    answers: list[Receipt | Refusal | None] = []
    admitted: list[Submission] = []
    caught_up = False
    for number, report in enumerate(reports):
        if number % REPORTS_PER_YIELD == REPORTS_PER_YIELD - 1:
            await asyncio.sleep(0)
        try:
            admitted.append(_admit(node, report, by, now))
            answers.append(None)
        except NotFound as unknown:
            if caught_up:
                answers.append(unknown)
                continue
            # Another process may have just registered it.
            await node.follower.catch_up()
            caught_up = True
            try:
                admitted.append(_admit(node, report, by, now))
                answers.append(None)
            except Refusal as refusal:
                answers.append(refusal)
        except Refusal as refusal:
            answers.append(refusal)
    recorded = iter(await node.write_queue.reports(admitted) if admitted else [])
    return [next(recorded) if answer is None else answer for answer in answers]


async def submit_report(node: Node, report: Report, *, by: Actor) -> Receipt:
    """The receipt of one report. Raises: Refusal, if it is refused or could not be stored."""
    [answer] = await submit_reports(node, [report], by=by)
    if isinstance(answer, Refusal):
        raise answer
    return answer


async def submit_draft(node: Node, draft: Draft, *, by: Actor, verb: Verb = Verb.report) -> Receipt:
    """The receipt of a report that is composed from the current lines; `verb` is the permission that the sender needs.

    Raises: Refusal, as `draft.compose` does; Unavailable or Overloaded, when it could not be stored.
    """
    [receipt] = await submit_drafts(node, [draft], by=by, verb=verb)
    return receipt


async def submit_drafts(node: Node, drafts: Sequence[Draft], *, by: Actor, verb: Verb = Verb.report) -> list[Receipt]:
    """The receipts of several drafts, stored in order in one transaction: all or none. Raises: the first Refusal."""
    for draft in drafts:
        facility_for(node, draft.facility_id, by, verb)
    if not drafts:
        return []
    together = len(drafts) > 1
    answers = await node.write_queue.reports([Submission(draft, by, verb) for draft in drafts], together=together)
    receipts: list[Receipt] = []
    for answer in answers:
        if isinstance(answer, Refusal):
            raise answer
        receipts.append(answer)
    return receipts


def _admit(node: Node, report: Report, by: Actor, now: datetime) -> Submission:
    facility = facility_for(node, report.facility_id, by, Verb.report)
    if report.facility_id != facility.facility_id:
        report = replace(report, facility_id=facility.facility_id)
    report.check(now)
    if now - report.observed_at <= BACKFILL_AGE:
        return Submission(report, by, Verb.report)
    try:
        node.authorise(by, Verb.report_old, node.board.target(facility))
    except Refusal as too_old:
        return Submission(report, by, Verb.report, unless_repeated=too_old)
    return Submission(report, by, Verb.report)
