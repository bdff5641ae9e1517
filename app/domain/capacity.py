"""Capacity: the totals of an area and how fresh they are. Field names are those of the API (docs/api.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.domain.beds.bed_types import BedGroup
from app.domain.registry.area import Area
from app.domain.registry.facility import FacilityKind


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over lines, in whole beds (`queue`: patients).

    Each sum covers the lines for which that count is reported or derived, and is None if there is none.
    `unknown_lines` is the number of lines without a total, occupied or available. `occupancy` is a share over the
    lines with both total and occupied: more than 1 in a surge, None if they have no beds.
    """

    beds_total: int | None
    beds_occupied: int | None
    beds_blocked: int | None
    beds_available: int | None
    occupancy: float | None
    queue: int | None
    unknown_lines: int


@dataclass(frozen=True, slots=True)
class Reporting:
    """The facilities of an area by freshness; `completeness` is the share that is fresh, None without facilities."""

    facilities: int
    fresh: int
    stale: int
    silent: int
    never: int
    completeness: float | None
    oldest_observed_at: datetime | None
    newest_observed_at: datetime | None


@dataclass(frozen=True, slots=True)
class KindTotals:
    """The totals of one kind of facility, and the number of those facilities."""

    facilities: int
    totals: Totals


@dataclass(frozen=True, slots=True)
class Capacity:
    """The totals of one area at ledger position `position`, as of `as_of`."""

    area: Area
    position: int
    as_of: datetime
    totals: Totals
    by_group: Mapping[BedGroup, Totals]
    by_bed_type: Mapping[str, Totals]
    by_kind: Mapping[FacilityKind, KindTotals]
    reporting: Reporting


@dataclass(frozen=True, slots=True)
class Filters:
    """What a roll-up includes. An empty set includes everything.

    `kind` and `operated_by` select facilities, and so the `reporting` block too; `group` and `bed_type` select
    lines; `fresh_only` excludes the figures of stale and silent facilities from the sums.
    """

    kind: frozenset[FacilityKind] = frozenset()
    operated_by: frozenset[str] = frozenset()
    group: frozenset[BedGroup] = frozenset()
    bed_type: frozenset[str] = frozenset()
    fresh_only: bool = False


NO_FILTERS = Filters()
