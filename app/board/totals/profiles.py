"""Profiles: which bed types a facility has, and how fresh its lines of each are.

How many facilities have a line of one of several types cannot be added up from how many have each. So the facilities of
large areas are counted by profile: most halls share one, and a country's hospitals have some thousands.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from app.board.totals.blocks import FacilityCounts
from app.board.totals.filtering import takes_facility, takes_line
from app.domain.beds.bed_types import BED_TYPES, BedGroup
from app.domain.beds.freshness import FRESHNESS_ORDER, Freshness
from app.domain.capacity import Filters
from app.domain.registry.facility import FacilityKind

# The bed types of a facility's open lines, each with the freshness of its freshest line.
TypesByFreshness = frozenset[tuple[str, Freshness]]


class Profile(NamedTuple):
    """Facilities that line filters treat alike."""

    kind: FacilityKind
    operated_by: str | None
    types: TypesByFreshness


class ProfileCounts:
    """The number of facilities of each profile inside every large area, by the number of the area."""

    def __init__(self) -> None:
        self._of_area: dict[int, dict[Profile, int]] = {}

    def add(self, areas: Iterable[int], profile: Profile, change: int) -> None:
        """Count facilities in (or with a negative change out of) each of these areas."""
        for area in areas:
            counts = self._of_area.setdefault(area, {})
            value = counts.get(profile, 0) + change
            if value:
                counts[profile] = value
            else:
                counts.pop(profile, None)

    def of(self, area: int) -> Mapping[Profile, int]:
        """The number of facilities of each profile inside an area."""
        return self._of_area.get(area, {})


@dataclass(frozen=True, slots=True)
class MatchingFacilities:
    """The facilities that have lines which some filters select, by the best freshness of these lines.

    `all` and `by_group` are without those whose lines have all lapsed: these add nothing to a block.
    """

    by_freshness: Mapping[Freshness, int]
    all: FacilityCounts
    by_group: Mapping[BedGroup, FacilityCounts]
    by_kind: Mapping[FacilityKind, int]
    fresh_by_kind: Mapping[FacilityKind, int]


def count_matching(profiles: Iterable[tuple[Profile, int]], filters: Filters) -> MatchingFacilities:
    """The facilities with matching lines, from the number of facilities of each profile."""
    by_freshness = dict.fromkeys(Freshness, 0)
    of_all: dict[Freshness, int] = defaultdict(int)
    of_group: dict[BedGroup, dict[Freshness, int]] = defaultdict(lambda: defaultdict(int))
    of_kind: dict[FacilityKind, int] = defaultdict(int)
    fresh_of_kind: dict[FacilityKind, int] = defaultdict(int)
    for profile, number in profiles:
        if not takes_facility(filters, profile.kind, profile.operated_by):
            continue
        matching = [(code, freshness) for code, freshness in profile.types if takes_line(filters, code, freshness)]
        if not matching:
            continue
        best = _best(freshness for _, freshness in matching)
        by_freshness[best] += number
        of_kind[profile.kind] += number
        if best is Freshness.fresh:
            fresh_of_kind[profile.kind] += number
        of_all[best] += number
        for group in {BED_TYPES[code].group for code, _ in matching}:
            of_group[group][_best(f for code, f in matching if BED_TYPES[code].group is group)] += number
    by_group = {group: _counts(numbers) for group, numbers in of_group.items()}
    return MatchingFacilities(by_freshness, _counts(of_all), by_group, of_kind, fresh_of_kind)


def _best(freshness: Iterable[Freshness]) -> Freshness:
    return min(freshness, key=FRESHNESS_ORDER.__getitem__)


def _counts(by_freshness: Mapping[Freshness, int]) -> FacilityCounts:
    counting = sum(number for freshness, number in by_freshness.items() if freshness is not Freshness.lapsed)
    return FacilityCounts(counting, by_freshness.get(Freshness.fresh, 0))
