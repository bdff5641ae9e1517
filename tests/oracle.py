"""A second, plain answer to every question of the board: slow, obvious, and written from the contract alone.

It keeps the reports as they came and adds up anew at every question, so it has nothing that could go stale. What
it takes from the program are only the words (dataclasses and enumerations) and the table of bed types.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

from app.domain.beds.bed_types import BED_TYPES, BedGroup
from app.domain.beds.counts import BedCount
from app.domain.beds.freshness import Freshness
from app.domain.capacity import NO_FILTERS, Capacity, Filters, KindTotals, Reporting, Totals
from app.domain.channels import Channel
from app.domain.ledger import AreasRegistered, FacilitiesRegistered, LedgerEntry
from app.domain.registry.area import Area
from app.domain.registry.facility import Facility, FacilityKind
from app.domain.reports.report import LineKey, Report, ReportLine

SECOND = timedelta(seconds=1)
CLOCKS_DIFFER = timedelta(minutes=5)
HOUR = timedelta(hours=1)
LIMITS = dict.fromkeys(FacilityKind, (24 * HOUR, 72 * HOUR)) | {FacilityKind.hospital: (6 * HOUR, 24 * HOUR)}


class Said(NamedTuple):
    """A report in the ledger."""

    report: Report
    seq: int

    @property
    def moment(self) -> tuple[datetime, int]:
        return self.report.observed_at, self.seq


class Line(NamedTuple):
    """An open line: its type and what is known of its beds."""

    bed_type: str
    total: int | None
    occupied: int | None
    blocked: int
    available: int | None
    queue: int | None


def open_lines(said: Iterable[Said]) -> dict[LineKey, ReportLine]:
    """The rules of docs/api.md, taken literally: the reports in order of their moments, one after the other."""
    lines: dict[LineKey, ReportLine] = {}
    for report, _ in sorted(said, key=lambda one: one.moment):
        if report.complete:
            lines.clear()
        for line in report.lines:
            if line.beds is None:
                lines.pop(line.key, None)
            else:
                lines[line.key] = line
    return lines


def late_lines(said: Iterable[Said], new: Said) -> list[int]:
    """The places of the lines in `new` of which something newer is known."""
    newer = [one.report for one in said if one.moment > new.moment]
    return [
        place
        for place, line in enumerate(new.report.lines)
        if any(report.complete or line.key in {other.key for other in report.lines} for report in newer)
    ]


def is_late(said: Iterable[Said], new: Said) -> bool:
    """Whether newer reports speak for everything that this one speaks for."""
    said = list(said)
    if new.report.complete:
        return any(one.report.complete and one.moment > new.moment for one in said)
    return len(late_lines(said, new)) == len(new.report.lines)


def third(beds: BedCount) -> tuple[int | None, int | None, int | None]:
    """Total, occupied and available, with the third out of two."""
    total, occupied, available, blocked = beds.beds_total, beds.beds_occupied, beds.beds_available, beds.beds_blocked
    if occupied is None and total is not None and available is not None:
        occupied = max(0, total - available - blocked)
    elif total is None and occupied is not None and available is not None:
        total = occupied + available + blocked
    elif total is not None and occupied is not None and (available is None or occupied > total):
        available = max(0, total - occupied - blocked)
    return total, occupied, available


def containers(code: str) -> set[str]:
    """All bed types that contain this one."""
    parent = BED_TYPES[code].parent
    return set() if parent is None else {parent} | containers(parent)


def add_up(lines: Iterable[Line]) -> Totals:
    """Each sum over the lines that know the count; None where none does."""
    lines = list(lines)

    def sum_of(name: str) -> int | None:
        known = [value for line in lines if (value := getattr(line, name)) is not None]
        return sum(known) if known else None

    both = [(line.occupied, line.total) for line in lines if line.occupied is not None and line.total is not None]
    staffed = sum(total for _, total in both)
    return Totals(
        beds_total=sum_of("total"),
        beds_occupied=sum_of("occupied"),
        beds_blocked=sum_of("blocked"),
        beds_available=sum_of("available"),
        occupancy=round(sum(occupied for occupied, _ in both) / staffed, 4) if staffed else None,
        queue=sum_of("queue"),
        unknown_lines=sum(None in (line.total, line.occupied, line.available) for line in lines),
    )


def without_supersets(lines: Iterable[Line]) -> list[Line]:
    """The lines of one facility that no other one of them contains."""
    lines = list(lines)
    named = {line.bed_type for line in lines}
    return [line for line in lines if not containers(line.bed_type) & named]


@dataclass
class World:
    """Everything that was ever said, and the areas and facilities as they are."""

    limits: Mapping[FacilityKind, tuple[timedelta, timedelta]] = field(default_factory=lambda: LIMITS)
    areas: dict[str, Area] = field(default_factory=dict)
    facilities: dict[str, Facility] = field(default_factory=dict)
    said: dict[tuple[str, Channel], list[Said]] = field(default_factory=dict)
    position: int = 0
    recorded_at: datetime | None = None
    now: datetime | None = None
    times: list[datetime] = field(default_factory=list)  # when each entry was recorded, in order
    has_clock: bool = False

    def hear(self, entry: LedgerEntry) -> None:
        """One more ledger entry."""
        match entry.matter:
            case Report() as report:
                self._hear_report(report, entry.seq)
            case AreasRegistered(areas):
                self.areas |= {area.code: area for area in areas}
            case FacilitiesRegistered(facilities):
                self.facilities |= {facility.facility_id: facility for facility in facilities}
        self.position, self.recorded_at = entry.seq, entry.recorded_at
        self.times.append(entry.recorded_at)
        if self.now is None or not self.has_clock or entry.recorded_at - self.now <= CLOCKS_DIFFER:
            self.now = entry.recorded_at if self.now is None else max(self.now, entry.recorded_at)

    def _hear_report(self, report: Report, seq: int) -> None:
        place = report.facility_id, report.channel
        said = self.said.setdefault(place, [])
        if report.withdraws is not None:
            said[:] = [one for one in said if one.seq != report.withdraws.of]
        if not report.is_void:
            said.append(Said(report, seq))
        if not said:
            del self.said[place]

    def recorded(self, seq: int) -> datetime:
        """When an entry was recorded, for all that those after it say: not long after any of them."""
        at, *later = self.times[seq - 1 :]
        for other in later:
            if at - other > CLOCKS_DIFFER:
                at = other
        return at

    def turn_to(self, now: datetime) -> datetime:
        """The moment of an answer: not a little before the last entry, and not moved by a second's drift backwards."""
        self.has_clock = True
        if self.recorded_at is not None and self.recorded_at - now <= CLOCKS_DIFFER:
            now = max(now, self.recorded_at)
        if self.now is None or now > self.now or self.now - now > SECOND:
            self.now = now
        return self.now

    def path(self, code: str) -> list[str]:
        """Root first."""
        parent = self.areas[code].parent
        return [code] if parent is None else [*self.path(parent), code]

    def inside(self, code: str) -> list[Facility]:
        """The open facilities in an area and all below it."""
        return [f for f in self.facilities.values() if f.closed_at is None and code in self.path(f.area_code)]

    def heard(self, facility: Facility) -> dict[Channel, datetime]:
        """As of when the newest report of each channel that ever said anything is true, as far as is known."""
        return {
            channel: min(newest.report.observed_at, self.recorded(newest.seq))
            for (facility_id, channel), said in self.said.items()
            if facility_id == facility.facility_id
            for newest in [max(said, key=lambda one: one.moment)]
        }

    def freshness(self, facility: Facility, observed_at: datetime, now: datetime) -> Freshness:
        own = facility.thresholds
        stale, silent = (own.stale_after, own.silent_after) if own else self.limits[facility.kind]
        age = now - observed_at
        if age > silent:
            return Freshness.silent
        return Freshness.stale if age > stale else Freshness.fresh

    def counting(self, facility: Facility, now: datetime) -> tuple[Channel | None, Freshness]:
        """The counting channel: pinned, else the first that is fresh, else the one heard last."""
        heard = self.heard(facility)
        if not heard:
            return None, Freshness.never
        fresh = [c for c in Channel if c in heard and self.freshness(facility, heard[c], now) is Freshness.fresh]
        if facility.counting_channel in heard:
            channel = facility.counting_channel
        elif fresh:
            channel = fresh[0]
        else:
            said = {c: max(one.report.observed_at for one in self.said[facility.facility_id, c]) for c in heard}
            latest = max((heard[c], said[c]) for c in heard)
            channel = next(c for c in Channel if c in heard and (heard[c], said[c]) == latest)
        return channel, self.freshness(facility, heard[channel], now)

    def lines(self, facility: Facility, channel: Channel | None) -> list[Line]:
        if channel is None:
            return []
        found = open_lines(self.said[facility.facility_id, channel])
        return [
            Line(key.bed_type, total, occupied, line.beds.beds_blocked, available, line.beds.queue)
            for key, line in found.items()
            if line.beds is not None
            for total, occupied, available in [third(line.beds)]
        ]

    def capacity(self, code: str, now: datetime, filters: Filters = NO_FILTERS) -> Capacity:
        """The document of one area."""
        return self.over(self.areas[code], self.inside(code), now, filters)

    def over(self, area: Area, facilities: Iterable[Facility], now: datetime, filters: Filters) -> Capacity:
        """The document over these facilities."""
        now = self.turn_to(now)
        everything: list[Line] = []
        by_group: dict[BedGroup, list[Line]] = {}
        by_bed_type: dict[str, list[Line]] = {}
        by_kind: dict[FacilityKind, list[Line]] = {}
        counts = dict.fromkeys(Freshness, 0)
        kinds = dict.fromkeys(FacilityKind, 0)
        observed: list[datetime] = []
        for facility in facilities:
            if filters.kind and facility.kind not in filters.kind:
                continue
            if filters.operated_by and facility.operated_by not in filters.operated_by:
                continue
            channel, freshness = self.counting(facility, now)
            counts[freshness] += 1
            kinds[facility.kind] += 1
            if channel is not None:
                observed.append(max(one.report.observed_at for one in self.said[facility.facility_id, channel]))
            by_kind.setdefault(facility.kind, [])
            if filters.fresh_only and freshness is not Freshness.fresh:
                continue
            taken = [
                line
                for line in self.lines(facility, channel)
                if (not filters.bed_type or line.bed_type in filters.bed_type)
                and (not filters.group or BED_TYPES[line.bed_type].group in filters.group)
            ]
            everything += without_supersets(taken)
            by_kind[facility.kind] += without_supersets(taken)
            for group in BedGroup:
                if own := [line for line in taken if BED_TYPES[line.bed_type].group is group]:
                    by_group.setdefault(group, []).extend(without_supersets(own))
            for line in taken:
                by_bed_type.setdefault(line.bed_type, []).append(line)
        number = sum(counts.values())
        return Capacity(
            area=area,
            position=self.position,
            as_of=now,
            totals=add_up(everything),
            by_group={group: add_up(lines) for group, lines in by_group.items()},
            by_bed_type={code: add_up(lines) for code, lines in by_bed_type.items()},
            by_kind={kind: KindTotals(kinds[kind], add_up(lines)) for kind, lines in by_kind.items()},
            reporting=Reporting(
                facilities=number,
                fresh=counts[Freshness.fresh],
                stale=counts[Freshness.stale],
                silent=counts[Freshness.silent],
                never=counts[Freshness.never],
                completeness=round(counts[Freshness.fresh] / number, 4) if number else None,
                oldest_observed_at=min(observed, default=None),
                newest_observed_at=max(observed, default=None),
            ),
        )
