"""Write rows of foreign protocols: read, change and record them under the ledger's lock, as one report."""

from collections.abc import Callable
from datetime import datetime
from uuid import uuid4

from app.actions.submit_reports import submit_draft
from app.domain.channels import Channel
from app.domain.permissions import Actor, Verb
from app.domain.relay import RelayedRequest
from app.domain.reports.lines import ChannelState
from app.domain.reports.report import Receipt, Report
from app.domain.reports.rows import Written
from app.runtime.node import Node
from app.runtime.record_reports import Composed, Draft

Write = Callable[[ChannelState, datetime], Written]


async def write_rows(
    node: Node,
    facility_id: str,
    channel: Channel,
    write: Write,
    *,
    by: Actor,
    verb: Verb = Verb.report,
    relayed: Callable[[Written], RelayedRequest] | None = None,
) -> tuple[Written, Receipt]:
    """Apply `write` to the current rows and store the result; observed now, unless `write` says when.

    `relayed` builds the request to relay; it is stored in the same transaction.

    Raises: Refusal, as `write` does; Unavailable or Overloaded, if it cannot be stored.
    """
    report_id, written = str(uuid4()), list[Written]()

    def compose(state: ChannelState, now: datetime) -> Composed:
        made = write(state, now)
        written[:] = [made]
        observed_at = made.true_at or state.stamp(now)
        report = Report(facility_id, channel, report_id, observed_at, made.lines)
        return Composed(report, made.warnings, relayed and relayed(made))

    receipt = await submit_draft(node, Draft(facility_id, channel, report_id, compose), by=by, verb=verb)
    if relayed is not None:
        node.relay.wake()
    return written[0], receipt
