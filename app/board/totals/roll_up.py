"""Add up rows for a query: which cells it selects, and their totals."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.board.totals.blocks import Block, FacilityCounts
from app.board.totals.filtering import takes_facility, takes_line, takes_type
from app.board.totals.observation_spans import Span, Spans
from app.board.totals.profiles import Profile, count_matching
from app.board.totals.sums import FACILITIES, FACILITIES_OF_GROUP, FACILITIES_OF_TYPE, FACILITY_COUNTS, Cell, Row, Sums
from app.domain.beds.bed_types import BED_TYPES, BedGroup
from app.domain.beds.freshness import Freshness
from app.domain.capacity import FRESH_ONLY, NO_FILTERS, Capacity, Filters, Reporting
from app.domain.registry.area import Area
from app.domain.registry.facility import FacilityKind


@dataclass(frozen=True, slots=True)
class Parts:
    """What an area, or some facilities, add up from.

    Shape: `counts` has a row by the number of each line cell, and how many facilities by that of each facility cell;
        `spans` by number also has the lapsed lines, which have no row. `profiles` are only read with filters on lines.
    """

    counts: Iterable[tuple[int, Row]]
    spans: Spans
    profiles: Iterable[tuple[Profile, int]]


class _Blocks:
    """The blocks of a capacity document. Those by kind together are its totals."""

    def __init__(self, filters: Filters) -> None:
        self._filters = filters
        self._fresh_only = filters.freshness == FRESH_ONLY
        self.by_group: dict[BedGroup, Block] = defaultdict(Block)
        self.by_type: dict[str, Block] = defaultdict(Block)
        self.by_kind: dict[FacilityKind, Block] = defaultdict(Block)

    def add(self, cell: Cell, row: Row, span: Span | None) -> None:
        """Add the lines of a selected cell.

        A line is left out of a sum that takes in a containing type of the same facility and channel; so `intensive`
        counts the ICU beds of a hospital that also states all its inpatient beds, and the grand total does not. Among
        fresh lines only fresh ones of the containing type matter.
        """
        of_type, of_group, of_kind = self.by_type[cell.bed_type], self.by_group[cell.group], self.by_kind[cell.kind]
        of_type.add(row, span)
        around = self._around(cell, cell.inside_fresh if self._fresh_only else cell.inside)
        if not around:
            of_group.add(row, span)
            of_kind.add(row, span)
        else:
            of_kind.row += row & FACILITY_COUNTS
            if cell.group in around:
                of_group.row += row & FACILITY_COUNTS
            else:
                of_group.add(row, span)
        if cell.is_fresh:
            of_type.add_fresh(row, span)
            around = self._around(cell, cell.inside_fresh)
            if not around:
                of_group.add_fresh(row, span)
                of_kind.add_fresh(row, span)
            else:
                of_kind.fresh += row & FACILITY_COUNTS
                if cell.group in around:
                    of_group.fresh += row & FACILITY_COUNTS
                else:
                    of_group.add_fresh(row, span)

    def _around(self, cell: Cell, inside: frozenset[str]) -> frozenset[BedGroup]:
        """The groups of the selected types that contain this one."""
        if not inside:
            return _NO_GROUPS
        return frozenset(BED_TYPES[other].group for other in inside if takes_type(self._filters, other))

    def all(self) -> Block:
        """The totals."""
        everything = Block()
        for block in self.by_kind.values():
            everything.include(block)
        return everything


_NO_GROUPS: frozenset[BedGroup] = frozenset()


def add_up(area: Area, parts: Parts, sums: Sums, filters: Filters, *, position: int, now: datetime) -> Capacity:
    """The capacity of one area, from its parts; `sums` has the cells by number."""
    blocks = _Blocks(filters)
    judged = dict.fromkeys(Freshness, 0)
    of_kind: dict[FacilityKind, int] = defaultdict(int)
    is_filtered = filters != NO_FILTERS
    for number, value in parts.counts:
        if number >= 0:
            cell = sums.cell(number)
            if not is_filtered or _takes_cell(filters, cell):
                blocks.add(cell, value, parts.spans.get(number))
        else:
            place = sums.facility_cell(number)
            if takes_facility(filters, place.kind, place.operated_by):
                judged[place.freshness] += value
                of_kind[place.kind] += value
    by_freshness: Mapping[Freshness, int] = judged
    per_kind: Mapping[FacilityKind, int] = of_kind
    fresh_of_kind: Mapping[FacilityKind, int]
    of_all: FacilityCounts | int = FACILITIES
    of_group: Mapping[BedGroup, FacilityCounts] = {}
    fresh_of_kind = {kind: block.fresh_facilities for kind, block in blocks.by_kind.items()}
    if filters.selects_lines:
        found = count_matching(parts.profiles, filters)
        by_freshness, of_all, of_group = found.by_freshness, found.all, found.by_group
        per_kind, fresh_of_kind = found.by_kind, found.fresh_by_kind
    return Capacity(
        area=area,
        position=position,
        as_of=now,
        totals=blocks.all().totals(of_all),
        by_group={
            group: blocks.by_group[group].totals(of_group.get(group, FACILITIES_OF_GROUP))
            for group in BedGroup
            if group in blocks.by_group
        },
        by_bed_type={
            code: blocks.by_type[code].totals(FACILITIES_OF_TYPE) for code in BED_TYPES if code in blocks.by_type
        },
        by_kind={
            kind: blocks.by_kind[kind].totals(FacilityCounts(per_kind[kind], fresh_of_kind.get(kind, 0)))
            for kind in FacilityKind
            if kind in per_kind
        },
        reporting=_reporting(by_freshness, _observed(parts.spans, sums, filters)),
    )


def _takes_cell(filters: Filters, cell: Cell) -> bool:
    key = cell.key
    return takes_facility(filters, key.kind, key.operated_by) and takes_line(filters, key.bed_type, key.freshness)


def _observed(spans: Spans, sums: Sums, filters: Filters) -> Span | None:
    """The oldest and newest observation of the facilities, or with filters on lines of the lines that match."""
    found: list[Span] = []
    for number, span in spans.items():
        if number < 0:
            place = sums.facility_cell(number)
            if not filters.selects_lines and takes_facility(filters, place.kind, place.operated_by):
                found.append(span)
        elif filters.selects_lines and _takes_cell(filters, sums.cell(number)):
            found.append(span)
    return (min(oldest for oldest, _ in found), max(newest for _, newest in found)) if found else None


def _reporting(counts: Mapping[Freshness, int], observed: Span | None) -> Reporting:
    number = sum(counts.values())
    return Reporting(
        facilities=number,
        fresh=counts[Freshness.fresh],
        stale=counts[Freshness.stale],
        silent=counts[Freshness.silent],
        lapsed=counts[Freshness.lapsed],
        never=counts[Freshness.never],
        completeness=round(counts[Freshness.fresh] / number, 4) if number else None,
        oldest_observed_at=observed and observed[0],
        newest_observed_at=observed and observed[1],
    )
