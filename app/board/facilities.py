"""The current figures of one facility: totals, or the lines of every channel."""

from dataclasses import dataclass
from datetime import datetime

from app.board.facility_state import FacilityState, Lines, counted_lines
from app.board.roll_up import takes_type
from app.board.sums import Row, row_of, totals
from app.domain.beds.bed_types import BED_TYPES
from app.domain.beds.counts import BedCount
from app.domain.beds.freshness import Freshness, Thresholds
from app.domain.capacity import Filters, Totals
from app.domain.channels import Channel, CountingChannel, in_order
from app.domain.registry.facility import Facility
from app.domain.reports.lines import ChannelState
from app.domain.reports.rows import read_details
from app.domain.reports.statements import CurrentLine


@dataclass(frozen=True, slots=True)
class LineFigures:
    """One open line. `counted` is False where a containing type is reported too.

    `covid` is what its sender says of the room, else what its bed type is for; None where nobody knows.
    """

    bed_type: str
    ward_code: str
    ward_name: str | None
    beds: BedCount
    observed_at: datetime
    recorded_at: datetime
    freshness: Freshness
    occupancy: float | None
    covid: bool | None
    counted: bool
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChannelFigures:
    """The figures of one channel of a facility."""

    channel: Channel
    counting: bool
    freshness: Freshness
    observed_at: datetime
    recorded_at: datetime
    totals: Totals
    lines: tuple[LineFigures, ...]


@dataclass(frozen=True, slots=True)
class FacilityTotals:
    """A facility with the totals of its counting channel."""

    facility: Facility
    counting_channel: CountingChannel
    observed_at: datetime | None
    recorded_at: datetime | None
    totals: Totals


@dataclass(frozen=True, slots=True)
class FacilityFigures(FacilityTotals):
    """The same with its lines: `lines` are the counting channel's."""

    lines: tuple[LineFigures, ...]
    channels: tuple[ChannelFigures, ...]


def facility_totals(state: FacilityState, lines: Filters) -> FacilityTotals:
    """Current totals over the lines that `lines` selects; `beds_blocked` is None where no line has it."""
    current = state.counting
    return FacilityTotals(
        facility=state.facility,
        counting_channel=state.counting_channel,
        observed_at=current.newest and current.newest.observed_at,
        recorded_at=current.recorded_at,
        totals=totals(_counted(current.lines, lines)),
    )


def _counted(lines: Lines, wanted: Filters) -> Row:
    """The total of the selected lines. A line inside another selected line is not counted again."""
    row = 0
    for key, line, inside in counted_lines(lines):
        if (
            line.beds is not None
            and takes_type(wanted, key.bed_type)
            and not any(takes_type(wanted, o) for o in inside)
        ):
            row += row_of(line.beds)
    return row


def figures(state: FacilityState, thresholds: Thresholds, now: datetime, lines: Filters) -> FacilityFigures:
    """Current figures by channel, for the lines that `lines` selects."""
    channels = tuple(
        _channel(
            channel, current, lines, counting=channel is state.counting_channel.channel, thresholds=thresholds, now=now
        )
        for channel in in_order(state.channels)
        if (current := state.channels[channel]).newest is not None
    )
    counting = next((c for c in channels if c.counting), None)
    return FacilityFigures(
        facility=state.facility,
        counting_channel=state.counting_channel,
        observed_at=counting.observed_at if counting else None,
        recorded_at=counting.recorded_at if counting else None,
        totals=counting.totals if counting else totals(0),
        lines=counting.lines if counting else (),
        channels=channels,
    )


def _channel(
    channel: Channel, state: ChannelState, wanted: Filters, *, counting: bool, thresholds: Thresholds, now: datetime
) -> ChannelFigures:
    if state.newest is None or state.recorded_at is None or state.last_received_at is None:
        raise RuntimeError("a channel that never spoke has no figures")
    row, lines = 0, []
    for key, line, inside in counted_lines(state.lines):
        if line.beds is None or not takes_type(wanted, key.bed_type):
            continue
        counted = not any(takes_type(wanted, other) for other in inside)
        if counted:
            row += row_of(line.beds)
        total, occupied = line.beds.beds_total, line.beds.beds_occupied
        over = total is not None and occupied is not None and occupied > total
        lines.append(
            LineFigures(
                bed_type=key.bed_type,
                ward_code=key.ward_code,
                ward_name=line.ward_name,
                beds=line.beds,
                observed_at=line.moment.observed_at,
                recorded_at=line.recorded_at,
                freshness=thresholds.judge(min(line.moment.observed_at, state.last_received_at), now),
                occupancy=totals(row_of(line.beds)).occupancy,
                covid=_covid(key.bed_type, line),
                counted=counted,
                warnings=("over_capacity",) if over else (),
            )
        )
    lines.sort(key=lambda line: (line.bed_type, line.ward_code))
    return ChannelFigures(
        channel=channel,
        counting=counting,
        freshness=thresholds.judge(state.last_received_at, now),
        observed_at=state.newest.observed_at,
        recorded_at=state.recorded_at,
        totals=totals(row),
        lines=tuple(lines),
    )


def _covid(bed_type: str, line: CurrentLine) -> bool | None:
    current = None if line.details is None else read_details(line.details).get("covid")
    return BED_TYPES[bed_type].covid if current is None else bool(current)
