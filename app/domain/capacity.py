"""Capacity: the totals of an area and how fresh they are. Field names are those of the API (docs/api.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from app.domain.beds.bed_types import BedGroup
from app.domain.beds.freshness import Freshness
from app.domain.registry.area import Area
from app.domain.registry.facility import FacilityKind


# Tuples: a roll-up has dozens of them, and they take a third of the time of frozen dataclasses.
class FreshTotals(NamedTuple):
    """Sums over the fresh lines of a block, each None if no fresh line states that count.

    `facilities` is the number of facilities that have such a line, `oldest_observed_at` the oldest of these lines.
    """

    beds_total: int | None
    beds_occupied: int | None
    beds_available: int | None
    beds_blocked: int | None
    queue: int | None
    occupancy: float | None
    facilities: int
    oldest_observed_at: datetime | None


class Totals(NamedTuple):
    """Sums over lines, in whole beds (`queue`: patients). Lapsed and implausible lines add nothing.

    Each sum covers the lines for which that count is reported or derived, and is None if there is none.
    `unknown_lines` is the number of lines without a total, occupied or available. `occupancy` is a share over the
    lines with both total and occupied: more than 1 in a surge, None if they have no beds. `facilities` is the number of
    facilities that have lines here, `flagged_lines` the number of lines with a flag, `beds_available_without_total` the
    part of `beds_available` whose lines state no total.
    """

    beds_total: int | None
    beds_occupied: int | None
    beds_blocked: int | None
    beds_available: int | None
    occupancy: float | None
    queue: int | None
    unknown_lines: int
    facilities: int
    flagged_lines: int
    beds_available_without_total: int
    oldest_observed_at: datetime | None
    newest_observed_at: datetime | None
    fresh: FreshTotals


@dataclass(frozen=True, slots=True)
class Reporting:
    """The facilities of an area by freshness; `completeness` is the share that is fresh, None without facilities.

    With filters on lines it covers the facilities that have such lines, by the freshness of these lines.
    """

    facilities: int
    fresh: int
    stale: int
    silent: int
    lapsed: int
    never: int
    completeness: float | None
    oldest_observed_at: datetime | None
    newest_observed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Capacity:
    """The totals of one area at ledger position `position`, as of `as_of`.

    `facilities` in `by_kind` counts all facilities of the kind, also those that never reported.
    """

    area: Area
    position: int
    as_of: datetime
    totals: Totals
    by_group: Mapping[BedGroup, Totals]
    by_bed_type: Mapping[str, Totals]
    by_kind: Mapping[FacilityKind, Totals]
    reporting: Reporting


@dataclass(frozen=True, slots=True)
class Filters:
    """What a roll-up includes. An empty set includes everything.

    `kind` and `operated_by` select facilities, and so the `reporting` block too; `group`, `bed_type` and `freshness`
    select lines. The `reporting` block then covers the facilities that have such lines.
    """

    kind: frozenset[FacilityKind] = frozenset()
    operated_by: frozenset[str] = frozenset()
    group: frozenset[BedGroup] = frozenset()
    bed_type: frozenset[str] = frozenset()
    freshness: frozenset[Freshness] = frozenset()

    @property
    def selects_lines(self) -> bool:
        """Whether it selects some lines of a facility and not others."""
        return bool(self.group or self.bed_type or self.freshness)


NO_FILTERS = Filters()
FRESH_ONLY = frozenset({Freshness.fresh})
