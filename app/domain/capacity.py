"""Capacity: an area added up, with how much of it is fresh. Field names are the contract's (section 5)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from app.domain.beds.bed_types import BedGroup
from app.domain.registry.area import Area
from app.domain.registry.facility import FacilityKind


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over lines, in whole beds (`queue`: patients).

    Each sum is over the lines that state or let derive that count, None where none does. `unknown_lines` lack a
    total, occupied or available; `occupancy` is a share over the lines that know total and occupied, past 1 in a
    surge, None where they have no bed.
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
    """Who of an area has spoken: facilities by freshness; `completeness` is the fresh share (None without any)."""

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
    """The totals of one kind of facility, and how many facilities of it there are."""

    facilities: int
    totals: Totals


@dataclass(frozen=True, slots=True)
class Capacity:
    """One area added up at ledger position `position`, as of `as_of`."""

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
    """What to leave out of a roll-up. An empty set leaves nothing out.

    `kind` and `operated_by` choose facilities (and so the `reporting` block too); `group` and `bed_type` choose
    lines; `fresh_only` leaves the figures of stale and silent facilities out of the sums.
    """

    kind: frozenset[FacilityKind] = frozenset()
    operated_by: frozenset[str] = frozenset()
    group: frozenset[BedGroup] = frozenset()
    bed_type: frozenset[str] = frozenset()
    fresh_only: bool = False


NO_FILTERS = Filters()
