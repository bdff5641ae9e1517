"""What a facility can offer to a patient who needs a certain bed: free beds known to be free, or why not."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from app.board.facility.judged_lines import OpenLine, reported_around, with_freshness
from app.board.facility.state import FacilityState, thresholds_of
from app.domain.beds.bed_types import BED_TYPES, BedGroup
from app.domain.beds.freshness import FRESHNESS_ORDER, Freshness, Thresholds
from app.domain.registry.facility import FacilityKind


class Need(NamedTuple):
    """A bed type, a group, or any bed. Some types have the name of a group."""

    bed_type: str | None = None
    group: BedGroup | None = None

    def is_met_by(self, bed_type: str) -> bool:
        """Whether a bed of this type will do."""
        if self.group is not None:
            return BED_TYPES[bed_type].group is self.group
        return self.bed_type is None or self.bed_type == bed_type


ANY_BED = Need()


class Standing(StrEnum):
    """Which list a facility belongs to.

    `free`: fresh lines state a free bed, and fewer patients wait than beds are free. `full`: they do not.
    `not_fresh`: none of its lines of these types is fresh.
    """

    free = "free"
    full = "full"
    not_fresh = "not_fresh"


class Offer(NamedTuple):
    """The beds of some types at one facility: of its fresh lines, or if none is fresh, of those that have not lapsed.

    A line inside a containing type is not counted twice. `observed_at` is the oldest observation of these lines, and
    `freshness` that of the freshest line.
    """

    beds_available: int | None
    queue: int | None
    freshness: Freshness
    observed_at: datetime

    def standing(self, min_available: int = 1) -> Standing:
        """The list that it belongs to, for a reader who needs so many free beds."""
        if self.freshness is not Freshness.fresh:
            return Standing.not_fresh
        free = self.beds_available or 0
        return Standing.free if free >= max(1, min_available) and (self.queue or 0) < free else Standing.full


@lru_cache(1_000)
def types_for(needs: frozenset[Need]) -> frozenset[str]:
    """The bed types that meet one of these needs."""
    return frozenset(code for code in BED_TYPES if any(need.is_met_by(code) for need in needs))


def open_lines(
    state: FacilityState, defaults: Mapping[FacilityKind, Thresholds], bed_types: frozenset[str]
) -> list[OpenLine]:
    """The open lines of these types on the counting channel, with their freshness as judged last.

    None of a closed facility.
    """
    if state.judged_at is None or not state.facility.is_open:
        return []
    lines = {key: line for key, line in state.counting.lines.items() if key.bed_type in bed_types}
    limits = thresholds_of(state.facility, defaults)
    return with_freshness(lines, state.counting_channel.freshness, limits, state.judged_at)


def offer_of(matching: Sequence[OpenLine]) -> Offer:
    """The offer of some lines, at least one."""
    freshness = min((line[3] for line in matching), key=FRESHNESS_ORDER.__getitem__)
    if freshness is Freshness.fresh:
        used = [line for line in matching if line[3] is freshness]
    else:
        used = [line for line in matching if line[3] is not Freshness.lapsed] or list(matching)
    counted = used
    if len(used) > 1:
        types = {line[0].bed_type for line in used}
        counted = [line for line in used if not reported_around(line[0].bed_type, types)]
    # A lapsed figure is no figure.
    beds = [] if freshness is Freshness.lapsed else [line[2] for line in counted]
    free = [each.beds_available for each in beds if each.beds_available is not None]
    queue = [each.queue for each in beds if each.queue is not None]
    return Offer(
        beds_available=sum(free) if free else None,
        queue=sum(queue) if queue else None,
        freshness=freshness,
        observed_at=min(line[1].moment.observed_at for line in counted),
    )


def standings(lines: Sequence[OpenLine]) -> Iterator[tuple[Need, Standing]]:
    """The standing of a facility with these lines, for each need that they meet."""
    of_type: dict[str, list[OpenLine]] = {}
    for line in lines:
        of_type.setdefault(line[0].bed_type, []).append(line)
    of_group: dict[BedGroup, list[str]] = {}
    found: dict[str, Standing] = {}
    for bed_type, of_one in of_type.items():
        of_group.setdefault(BED_TYPES[bed_type].group, []).append(bed_type)
        found[bed_type] = offer_of(of_one).standing()
        yield Need(bed_type), found[bed_type]
    for group, types in of_group.items():
        of_all = [line for bed_type in types for line in of_type[bed_type]]
        yield Need(group=group), found[types[0]] if len(types) == 1 else offer_of(of_all).standing()
    if of_type:
        yield ANY_BED, next(iter(found.values())) if len(found) == 1 else offer_of(lines).standing()
