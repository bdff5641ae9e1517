"""Compare what the channels of one facility report of the same beds.

They are compared by group, not by bed type: each protocol has words of its own, and `icu` of one is `icu_ventilator` of
another.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from app.board.facility.figures import ChannelFigures, FacilityFigures
from app.board.totals.blocks import Block, FacilityCounts
from app.board.totals.sums import row_of
from app.domain.beds.bed_types import BED_TYPES, BedGroup
from app.domain.beds.freshness import Freshness
from app.domain.capacity import Totals


@dataclass(frozen=True, slots=True)
class Difference:
    """A difference between a channel and the counting one; `group` is None for the whole facility."""

    group: BedGroup | None
    said: Totals
    counting: Totals


def differences(figures: FacilityFigures) -> dict[str, tuple[Difference, ...]]:
    """The differences of each channel from the counting one; empty where they agree."""
    counting = next((each for each in figures.channels if each.counting), None)
    if counting is None:
        return {}
    wanted = _by_group(counting)
    return {each.channel: tuple(_different(_by_group(each), wanted)) for each in figures.channels}


def _different(
    reported: Mapping[BedGroup | None, Totals], wanted: Mapping[BedGroup | None, Totals]
) -> list[Difference]:
    nothing = Block().totals(FacilityCounts(0, 0))
    pairs = [(group, reported.get(group, nothing), wanted.get(group, nothing)) for group in (None, *BedGroup)]
    return [Difference(*pair) for pair in pairs if _beds(pair[1]) != _beds(pair[2])]


def _by_group(channel: ChannelFigures) -> dict[BedGroup | None, Totals]:
    blocks: dict[BedGroup | None, Block] = {None: Block()}
    for line in channel.lines:
        if line.counted:
            for group in (None, BED_TYPES[line.bed_type].group):
                block = blocks.setdefault(group, Block())
                block.add(row_of(line.beds), (line.observed_at, line.observed_at))
                if line.freshness is Freshness.fresh:
                    block.add_fresh(row_of(line.beds), (line.observed_at, line.observed_at))
    return {group: block.totals(FacilityCounts(1, int(bool(block.fresh)))) for group, block in blocks.items()}


def _beds(reported: Totals) -> tuple[int | None, ...]:
    return reported.beds_total, reported.beds_occupied, reported.beds_available
