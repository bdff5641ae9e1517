"""A channel whose times lie in the future, since a clock was wrong: dated anew, by an entry of the ledger."""

from datetime import datetime
from uuid import uuid4

from app.actions.resolve import facility_for
from app.actions.submit_reports import submit_draft
from app.domain.channels import Channel
from app.domain.errors import NotFound, Refusal
from app.domain.permissions import Actor, Verb
from app.domain.reports.lines import ChannelState
from app.domain.reports.report import Receipt, Report
from app.runtime.node import Node
from app.runtime.record_reports import Composed, Draft


class NothingToRedate(Refusal):
    """No time on this channel lies in the future."""


async def redate(node: Node, reference: str, channel: Channel, *, by: Actor) -> Receipt:
    """Bring all times of a channel that lie in the future back to when it was last heard; then newer reports count.

    Figures stay as they are, and so does their order. A closed facility's times can be wrong too: it may be closed.
    Raises: NothingToRedate; NotFound, NotPermitted, Unavailable.
    """
    facility = facility_for(node, reference, by, Verb.tend_doors)
    report_id = str(uuid4())

    def compose(state: ChannelState, now: datetime) -> Composed:
        if state.newest is None or state.recorded_at is None:
            raise NotFound(f"{facility.facility_id} was never heard on the channel {channel}.")
        if state.newest.observed_at <= now:
            raise NothingToRedate
        at = min(now, state.recorded_at)
        return Composed(Report(facility.facility_id, channel, report_id, at, (), redates=True))

    return await submit_draft(
        node, Draft(facility.facility_id, channel, report_id, compose, of_closed=True), by=by, verb=Verb.tend_doors
    )
