"""The current figures of one facility: totals, or the lines of every channel."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.board.facility.judged_lines import JudgedLine, row_of_line
from app.board.facility.state import FacilityState, thresholds_of
from app.board.totals.blocks import Block, FacilityCounts
from app.board.totals.filtering import takes_line
from app.board.totals.sums import FLAGGED_LINE
from app.domain.beds.bed_types import BED_TYPES
from app.domain.beds.counts import BedCount
from app.domain.beds.freshness import FRESHNESS_ORDER, Freshness, Thresholds
from app.domain.capacity import NO_FILTERS, Filters, Totals
from app.domain.channels import Channel, CountingChannel, CountingSince, in_order
from app.domain.registry.facility import Facility, FacilityKind
from app.domain.reports.lines import ChannelState
from app.domain.reports.report import LineKey
from app.domain.reports.rows import read_details
from app.domain.reports.statements import CurrentLine


@dataclass(frozen=True, slots=True)
class ImplausibleStatement:
    """A statement that adds nothing to any sum until an officer confirms it, or a plausible report follows."""

    beds: BedCount
    observed_at: datetime
    recorded_at: datetime
    seq: int


@dataclass(frozen=True, slots=True)
class LineFigures:
    """One open line. `counted` is False where a containing type is reported too, and for a lapsed line.

    `covid` is what its sender says about the room, else what its bed type is for; None if unknown. A line whose
    only statement is implausible has no `beds`.
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
    implausible: ImplausibleStatement | None


@dataclass(frozen=True, slots=True)
class ChannelFigures:
    """The figures of one channel of a facility. `partial`: it is fresh, and states too few of the beds to count."""

    channel: Channel
    counting: bool
    partial: bool
    freshness: Freshness
    observed_at: datetime
    recorded_at: datetime
    totals: Totals
    lines: tuple[LineFigures, ...]


@dataclass(frozen=True, slots=True)
class FacilityTotals:
    """A facility with the totals of its counting channel.

    `freshness` and `observed_at` (the newest observation) are those of the selected lines, if only some are selected.
    `lines_by_freshness` counts all open lines. `stale_at` and `silent_at` are when the channel becomes so without a
    further report, in the past if it is; None if it never reported.
    """

    facility: Facility
    counting_channel: CountingChannel
    counting_since: CountingSince | None
    freshness: Freshness
    thresholds: Thresholds
    observed_at: datetime | None
    recorded_at: datetime | None
    stale_at: datetime | None
    silent_at: datetime | None
    lines_by_freshness: Mapping[Freshness, int]
    totals: Totals


@dataclass(frozen=True, slots=True)
class FacilityFigures(FacilityTotals):
    """The same with its lines: `lines` are the counting channel's."""

    lines: tuple[LineFigures, ...]
    channels: tuple[ChannelFigures, ...]


def facility_totals(
    state: FacilityState, defaults: Mapping[FacilityKind, Thresholds], wanted: Filters
) -> FacilityTotals | None:
    """Current totals over the lines that `wanted` selects; None if it selects lines and the facility has none of them.

    A facility without open lines matches a filter by freshness alone; one that only stated implausible counts for the
    selected types has such lines too.
    """
    lines, current = state.lines(defaults), state.counting
    only_implausible = _count_only_implausible(current, lines, wanted, state.counting_channel.freshness)
    selected = [line for line in lines if takes_line(wanted, line.key.bed_type, line.freshness)]
    freshness, observed_at = state.counting_channel.freshness, state.observed_at
    if wanted.selects_lines:
        if selected:
            freshness = min((line.freshness for line in selected), key=FRESHNESS_ORDER.__getitem__)
            observed_at = max(line.line.moment.observed_at for line in selected)
        elif not only_implausible and (lines or wanted.group or wanted.bed_type or freshness not in wanted.freshness):
            return None
    thresholds, at = thresholds_of(state.facility, defaults), current.last_received_at
    return FacilityTotals(
        facility=state.facility,
        counting_channel=state.counting_channel,
        counting_since=state.counting_since,
        freshness=freshness,
        thresholds=thresholds,
        observed_at=observed_at,
        recorded_at=current.recorded_at,
        stale_at=at and at + thresholds.stale_after,
        silent_at=at and at + thresholds.silent_after,
        lines_by_freshness=_count_by_freshness(lines),
        totals=_add_up(selected, only_implausible),
    )


def figures(state: FacilityState, defaults: Mapping[FacilityKind, Thresholds], wanted: Filters) -> FacilityFigures:
    """Current figures by channel, for the lines that `wanted` selects."""
    totals = facility_totals(state, defaults, wanted) or facility_totals(state, defaults, NO_FILTERS)
    if totals is None:
        raise RuntimeError("without filters every facility has totals")
    channels = tuple(
        _channel(state, channel, defaults, wanted)
        for channel in in_order(state.channels)
        if state.channels[channel].newest is not None
    )
    counting = next((channel for channel in channels if channel.counting), None)
    fields = {name: getattr(totals, name) for name in FacilityTotals.__dataclass_fields__}
    if counting is not None:
        fields["totals"] = counting.totals
    return FacilityFigures(**fields, lines=counting.lines if counting else (), channels=channels)


def _count_by_freshness(lines: Iterable[JudgedLine]) -> Mapping[Freshness, int]:
    counts = dict.fromkeys((Freshness.fresh, Freshness.stale, Freshness.silent, Freshness.lapsed), 0)
    for line in lines:
        counts[line.freshness] += 1
    return counts


def _count_only_implausible(
    channel: ChannelState, lines: Iterable[JudgedLine], wanted: Filters, freshness: Freshness
) -> int:
    """The number of selected lines of which nothing plausible is known."""
    if not channel.implausible or freshness is Freshness.lapsed:
        return 0
    known = {line.key for line in lines}
    return sum(
        statement.beds is not None and key not in known and _takes_key(wanted, key, freshness)
        for key, statement in channel.implausible.items()
    )


def _takes_key(wanted: Filters, key: LineKey, freshness: Freshness) -> bool:
    return key.bed_type in BED_TYPES and takes_line(wanted, key.bed_type, freshness)


def _add_up(lines: list[JudgedLine], only_implausible: int) -> Totals:
    """The totals of some lines of one facility. A line inside another one of them is not counted again."""
    block = Block()
    block.row = only_implausible * FLAGGED_LINE
    counting = [line for line in lines if line.freshness is not Freshness.lapsed]
    types = {line.key.bed_type for line in counting}
    fresh = [line for line in counting if line.freshness is Freshness.fresh]
    fresh_types = {line.key.bed_type for line in fresh}
    for line in counting:
        at = line.line.moment.observed_at
        if not line.inside & types:
            block.add(row_of_line(line), (at, at))
        if line.freshness is Freshness.fresh and not line.inside & fresh_types:
            block.add_fresh(row_of_line(line), (at, at))
    return block.totals(FacilityCounts(int(bool(counting)), int(bool(fresh))))


def _channel(
    state: FacilityState, channel: Channel, defaults: Mapping[FacilityKind, Thresholds], wanted: Filters
) -> ChannelFigures:
    current = state.channels[channel]
    if current.newest is None or current.recorded_at is None:
        raise RuntimeError("a channel that never reported has no figures")
    judged, freshness = state.lines(defaults, channel), state.freshness_of(channel, defaults)
    lines = [line for line in judged if takes_line(wanted, line.key.bed_type, line.freshness)]
    types = {line.key.bed_type for line in lines if line.freshness is not Freshness.lapsed}
    shown = [
        _line(
            line,
            counted=line.freshness is not Freshness.lapsed and not line.inside & types,
            implausible=_waiting(current.implausible.get(line.key)),
        )
        for line in lines
    ]
    known = {line.key for line in judged}
    shown += [
        _only_implausible(key.bed_type, key.ward_code, statement)
        for key, statement in current.implausible.items()
        if statement.beds is not None
        and key not in known
        and key.bed_type in BED_TYPES
        and takes_line(wanted, key.bed_type, freshness)
    ]
    shown.sort(key=lambda line: (line.bed_type, line.ward_code))
    return ChannelFigures(
        channel=channel,
        counting=channel is state.counting_channel.channel,
        partial=channel in state.counting_channel.partial,
        freshness=freshness,
        observed_at=current.newest.observed_at,
        recorded_at=current.recorded_at,
        totals=_add_up(lines, _count_only_implausible(current, judged, wanted, freshness)),
        lines=tuple(shown),
    )


def _line(judged: JudgedLine, *, counted: bool, implausible: CurrentLine | None) -> LineFigures:
    line, beds = judged.line, judged.beds
    total, occupied = beds.beds_total, beds.beds_occupied
    return LineFigures(
        bed_type=judged.key.bed_type,
        ward_code=judged.key.ward_code,
        ward_name=line.ward_name,
        beds=beds,
        observed_at=line.moment.observed_at,
        recorded_at=line.recorded_at,
        freshness=judged.freshness,
        occupancy=round(occupied / total, 4) if total and occupied is not None else None,
        covid=_covid(judged.key.bed_type, line),
        counted=counted,
        warnings=judged.flags,
        implausible=implausible and _statement(implausible),
    )


def _only_implausible(bed_type: str, ward_code: str, statement: CurrentLine) -> LineFigures:
    """A line of which nothing plausible is known: no count, and it adds nothing."""
    return LineFigures(
        bed_type=bed_type,
        ward_code=ward_code,
        ward_name=statement.ward_name,
        beds=BedCount(),
        observed_at=statement.moment.observed_at,
        recorded_at=statement.recorded_at,
        freshness=Freshness.never,
        occupancy=None,
        covid=_covid(bed_type, statement),
        counted=False,
        warnings=("implausible",),
        implausible=_statement(statement),
    )


def _statement(statement: CurrentLine) -> ImplausibleStatement:
    if statement.beds is None:
        raise RuntimeError("an implausible statement has counts")
    return ImplausibleStatement(
        statement.beds, statement.moment.observed_at, statement.recorded_at, statement.moment.seq
    )


def _waiting(statement: CurrentLine | None) -> CurrentLine | None:
    """The statement, unless it only closes the line once its replacement is confirmed."""
    return None if statement is None or statement.beds is None else statement


def _covid(bed_type: str, line: CurrentLine) -> bool | None:
    current = None if line.details is None else read_details(line.details).get("covid")
    return BED_TYPES[bed_type].covid if current is None else bool(current)
