"""What a facility can offer to a patient who needs a certain bed: free beds known to be free, or why not."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
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


def open_lines(state: FacilityState, defaults: Mapping[FacilityKind, Thresholds]) -> list[OpenLine]:
    """The open lines of the counting channel with their freshness, as judged last; none of a closed facility."""
    if state.judged_at is None or not state.facility.is_open:
        return []
    limits = thresholds_of(state.facility, defaults)
    return with_freshness(state.counting.lines, state.counting_channel.freshness, limits, state.judged_at)


def offer_of(lines: Iterable[OpenLine], needs: frozenset[Need]) -> Offer | None:
    """The offer of the lines that meet one of these needs; None where none does."""
    matching = [line for line in lines if any(need.is_met_by(line[0].bed_type) for need in needs)]
    if not matching:
        return None
    freshness = min((line[3] for line in matching), key=FRESHNESS_ORDER.__getitem__)
    if freshness is Freshness.fresh:
        used = [line for line in matching if line[3] is freshness]
    else:
        used = [line for line in matching if line[3] is not Freshness.lapsed] or matching
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


def needs_met(lines: Iterable[OpenLine]) -> list[Need]:
    """Every need that these lines meet: their types, the groups of these, and any bed."""
    types = {line[0].bed_type for line in lines}
    groups = {BED_TYPES[each].group for each in types}
    return [*map(Need, types), *(Need(group=group) for group in groups), ANY_BED] if types else []
