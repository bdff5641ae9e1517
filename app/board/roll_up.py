"""Add up rows for a query: which cells it selects, and their total."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from app.board.sums import FacilityCell, LineCell, Row, totals
from app.domain.beds.bed_types import BED_TYPES, BedGroup
from app.domain.beds.freshness import Freshness
from app.domain.capacity import Capacity, Filters, KindTotals, Reporting
from app.domain.registry.area import Area
from app.domain.registry.facility import FacilityKind

# (kind, operated_by) -> the oldest and the newest observation of its facilities
Extremes = dict[tuple[FacilityKind, str | None], tuple[datetime, datetime]]


def takes_type(filters: Filters, bed_type: str) -> bool:
    """Whether the filters select lines of this bed type."""
    if filters.bed_type and bed_type not in filters.bed_type:
        return False
    return not filters.group or BED_TYPES[bed_type].group in filters.group


def takes_facility(filters: Filters, kind: FacilityKind, operated_by: str | None) -> bool:
    """Whether the filters select facilities of this cell."""
    if filters.kind and kind not in filters.kind:
        return False
    return not filters.operated_by or operated_by in filters.operated_by


def add_up(
    area: Area,
    rows: Iterable[tuple[LineCell, Row]],
    facilities: Iterable[tuple[FacilityCell, int]],
    extremes: Extremes,
    filters: Filters,
    *,
    position: int,
    now: datetime,
) -> Capacity:
    """The capacity of one area, from its rows.

    A line is left out of a sum that takes in a containing type of the same facility and channel; so `intensive`
    counts the ICU beds of a hospital that also states all its inpatient beds, and the grand total does not.
    """
    everything: Row = 0
    by_group: dict[BedGroup, Row] = defaultdict(int)
    by_type: dict[str, Row] = defaultdict(int)
    by_kind: dict[FacilityKind, Row] = defaultdict(int)
    for cell, row in rows:
        kind, operated_by, freshness = cell.facility
        if filters.fresh_only and freshness is not Freshness.fresh:
            continue
        if not takes_facility(filters, kind, operated_by) or not takes_type(filters, cell.bed_type):
            continue
        group = BED_TYPES[cell.bed_type].group
        by_type[cell.bed_type] += row
        containers = [other for other in cell.inside if takes_type(filters, other)]
        if not containers:
            everything += row
            by_kind[kind] += row
        if not any(BED_TYPES[other].group is group for other in containers):
            by_group[group] += row
    counts, per_kind = _count(facilities, filters)
    return Capacity(
        area=area,
        position=position,
        as_of=now,
        totals=totals(everything),
        by_group={group: totals(by_group[group]) for group in BedGroup if group in by_group},
        by_bed_type={code: totals(by_type[code]) for code in BED_TYPES if code in by_type},
        by_kind={kind: KindTotals(per_kind[kind], totals(by_kind[kind])) for kind in FacilityKind if kind in per_kind},
        reporting=_reporting(counts, extremes, filters),
    )


def _count(
    facilities: Iterable[tuple[FacilityCell, int]], filters: Filters
) -> tuple[dict[Freshness, int], dict[FacilityKind, int]]:
    counts = dict.fromkeys(Freshness, 0)
    per_kind: dict[FacilityKind, int] = defaultdict(int)
    for cell, count in facilities:
        if takes_facility(filters, cell.kind, cell.operated_by):
            counts[cell.freshness] += count
            per_kind[cell.kind] += count
    return counts, per_kind


def _reporting(counts: dict[Freshness, int], extremes: Extremes, filters: Filters) -> Reporting:
    number = sum(counts.values())
    taken = [span for cell, span in extremes.items() if takes_facility(filters, *cell)]
    return Reporting(
        facilities=number,
        fresh=counts[Freshness.fresh],
        stale=counts[Freshness.stale],
        silent=counts[Freshness.silent],
        never=counts[Freshness.never],
        completeness=round(counts[Freshness.fresh] / number, 4) if number else None,
        oldest_observed_at=min((oldest for oldest, _ in taken), default=None),
        newest_observed_at=max((newest for _, newest in taken), default=None),
    )


def widen(extremes: Extremes, cell: tuple[FacilityKind, str | None], oldest: datetime, newest: datetime) -> None:
    """Extend `extremes` by one more span."""
    known = extremes.get(cell)
    extremes[cell] = (oldest, newest) if known is None else (min(known[0], oldest), max(known[1], newest))
