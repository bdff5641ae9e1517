"""Correcting a channel whose times are in the future because of a wrong clock, with a ledger entry."""

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
    """No time on this channel is in the future."""


async def redate(node: Node, reference: str, channel: Channel, *, by: Actor) -> Receipt:
    """Set all future times of a channel back to when its newest report was recorded, so that newer reports count.

    Figures and their order do not change. Also works for a closed facility, whose times can be wrong too.
    Raises: NothingToRedate; NotFound, NotPermitted, Unavailable.
    """
    facility = facility_for(node, reference, by, Verb.maintain_channels)
    report_id = str(uuid4())

    def compose(state: ChannelState, now: datetime) -> Composed:
        if state.newest is None or state.recorded_at is None:
            raise NotFound(f"{facility.facility_id} has never reported on the channel {channel}.")
        if state.newest.observed_at <= now:
            raise NothingToRedate
        at = min(now, state.recorded_at)
        return Composed(Report(facility.facility_id, channel, report_id, at, (), redates=True))

    return await submit_draft(
        node,
        Draft(facility.facility_id, channel, report_id, compose, of_closed=True),
        by=by,
        verb=Verb.maintain_channels,
    )
