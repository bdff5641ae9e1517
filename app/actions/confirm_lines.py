"""Confirming implausible figures of a facility: they count from then on, by a ledger entry that names the officer."""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from app.actions.resolve import facility_for
from app.actions.submit_reports import submit_draft
from app.domain.channels import Channel
from app.domain.errors import NotFound
from app.domain.permissions import Actor, Verb
from app.domain.reports.lines import ChannelState
from app.domain.reports.report import Confirmation, LineKey, Receipt, Report
from app.domain.reports.statements import CurrentLine
from app.runtime.node import Node
from app.runtime.record_reports import Composed, Draft


class NothingImplausible(NotFound):
    """There are no implausible figures here: an officer confirmed them already, or a plausible report followed."""


@dataclass(frozen=True, slots=True)
class ImplausibleLines:
    """Which implausible lines of one channel are meant; None includes all of them. `seq` is the entry stating them."""

    bed_type: str | None = None
    ward_code: str | None = None
    seq: int | None = None

    def includes(self, key: LineKey, statement: CurrentLine) -> bool:
        """Whether this statement is meant."""
        return (
            self.bed_type in {None, key.bed_type}
            and self.ward_code in {None, key.ward_code}
            and self.seq in {None, statement.moment.seq}
        )


async def confirm_lines(
    node: Node, reference: str, channel: Channel | None, wanted: ImplausibleLines, *, reason: str, by: Actor
) -> Receipt:
    """Let implausible figures count, as of when they were observed. Without `channel`: of the first that has some.

    Raises: NothingImplausible; NotFound, NotPermitted, Unavailable.
    """
    facility = facility_for(node, reference, by, Verb.maintain_channels)
    report_id = str(uuid4())
    chosen = channel or _find_channel(node, facility.facility_id, wanted)

    def compose(state: ChannelState, now: datetime) -> Composed:
        confirmed = frozenset(
            Confirmation(key, statement.moment.seq)
            for key, statement in state.implausible.items()
            if wanted.includes(key, statement)
        )
        if not confirmed:
            raise NothingImplausible
        report = Report(facility.facility_id, chosen, report_id, now, (), confirms=confirmed, reason=reason)
        return Composed(report)

    return await submit_draft(
        node, Draft(facility.facility_id, chosen, report_id, compose), by=by, verb=Verb.maintain_channels
    )


def _find_channel(node: Node, facility_id: str, wanted: ImplausibleLines) -> Channel:
    for channel in node.board.channels(facility_id):
        implausible = node.board.channel_state(facility_id, channel).implausible
        if any(wanted.includes(key, statement) for key, statement in implausible.items()):
            return channel
    raise NothingImplausible
