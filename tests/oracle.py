"""A second, plain answer to every question of the board: slow, obvious, and written from the contract alone.

It keeps the reports as they came and adds up anew at every question, so it has nothing that could go stale. What
it takes from the program are only the words (dataclasses and enumerations) and the table of bed types.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from app.domain.beds.bed_types import BED_TYPES, BedGroup
from app.domain.beds.counts import BedCount
from app.domain.beds.freshness import Freshness
from app.domain.capacity import NO_FILTERS, Capacity, Filters, FreshTotals, Reporting, Totals
from app.domain.channels import Channel
from app.domain.ledger import AreasRegistered, FacilitiesRegistered, LedgerEntry
from app.domain.registry.area import Area
from app.domain.registry.facility import Facility, FacilityKind
from app.domain.reports.flags import flags_of
from app.domain.reports.report import LineKey, Report, ReportLine

SECOND = timedelta(seconds=1)
CLOCKS_DIFFER = timedelta(minutes=5)
HOUR = timedelta(hours=1)
LAPSED = 30 * 24 * HOUR
LIMITS = dict.fromkeys(FacilityKind, (24 * HOUR, 72 * HOUR)) | {FacilityKind.hospital: (6 * HOUR, 24 * HOUR)}


class Said(NamedTuple):
    """A report in the ledger."""

    report: Report
    seq: int

    @property
    def moment(self) -> tuple[datetime, int]:
        return self.report.observed_at, self.seq


class Line(NamedTuple):
    """An open line: its type, how fresh it is, and what is known of its beds.

    `blocked` is None if only something implausible was ever said of it: then it is flagged, and nothing else.
    """

    facility_id: str
    observed_at: datetime
    freshness: Freshness
    flagged: bool
    bed_type: str
    total: int | None
    occupied: int | None
    blocked: int | None
    available: int | None
    queue: int | None


class Open(NamedTuple):
    """An open line as one report states it."""

    line: ReportLine
    said: Said


def open_lines(said: Iterable[Said]) -> tuple[dict[LineKey, Open], set[LineKey]]:
    """The rules of docs/api.md, taken literally: the reports in order of their moments, one after the other.

    The open lines, and the lines about which something implausible was said last.
    """
    lines: dict[LineKey, Open] = {}
    implausible: set[LineKey] = set()
    for one in sorted(said, key=lambda one: one.moment):
        report = one.report
        if report.complete:
            named = {line.key for line in report.lines if line.key in report.implausible}
            lines = {key: line for key, line in lines.items() if key in named}
            implausible.clear()
        for line in report.lines:
            if line.key in report.implausible:
                implausible.add(line.key)
                continue
            implausible.discard(line.key)
            if line.beds is None:
                lines.pop(line.key, None)
            else:
                lines[line.key] = Open(line, one)
    return lines, implausible


def observing(said: Sequence[Said]) -> list[Said]:
    """The first report, and those that state anything plausible: they make a channel fresher."""
    return [
        one
        for place, one in enumerate(said)
        if place == 0
        or not one.report.lines
        or any(line.key not in one.report.implausible for line in one.report.lines)
    ]


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


def add_up(
    lines: Iterable[Line], fresh: Iterable[Line], of: Iterable[Line] = (), facilities: int | None = None
) -> Totals:
    """Each sum over the lines that know the count; None where none does.

    `fresh` are the fresh lines that count. The facilities are those of all lines `of` the block, counting or not, or as
    given.
    """
    all_, part = _add_up(lines), _add_up(fresh)
    flagged = all_.pop("flagged_lines")
    part.pop("flagged_lines")
    observed = [line.observed_at for line in known(lines)]
    return Totals(
        **all_,
        facilities=len({line.facility_id for line in known(of)}) if facilities is None else facilities,
        flagged_lines=flagged,
        oldest_observed_at=min(observed, default=None),
        newest_observed_at=max(observed, default=None),
        fresh=FreshTotals(
            **{name: part[name] for name in FreshTotals._fields if name in part},
            facilities=len({line.facility_id for line in known(of) if line.freshness is Freshness.fresh}),
            oldest_observed_at=min((line.observed_at for line in known(fresh)), default=None),
        ),
    )


def _add_up(lines: Iterable[Line]) -> dict[str, Any]:
    lines = list(lines)

    def sum_of(name: str) -> int | None:
        known = [value for line in lines if (value := getattr(line, name)) is not None]
        return sum(known) if known else None

    both = [(line.occupied, line.total) for line in lines if line.occupied is not None and line.total is not None]
    staffed = sum(total for _, total in both)
    return {
        "beds_total": sum_of("total"),
        "beds_occupied": sum_of("occupied"),
        "beds_blocked": sum_of("blocked"),
        "beds_available": sum_of("available"),
        "occupancy": round(sum(occupied for occupied, _ in both) / staffed, 4) if staffed else None,
        "queue": sum_of("queue"),
        "unknown_lines": sum(None in (line.total, line.occupied, line.available) for line in known(lines)),
        "flagged_lines": sum(line.flagged for line in lines),
        "beds_available_without_total": sum(line.available or 0 for line in lines if line.total is None),
    }


def without_supersets(lines: Iterable[Line]) -> list[Line]:
    """The lines of one facility that no other one of them contains."""
    lines = list(lines)
    named = {line.bed_type for line in known(lines)}
    return [line for line in lines if line.blocked is None or not containers(line.bed_type) & named]


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
            for newest in [max(observing(said), key=lambda one: one.moment)]
        }

    def thresholds(self, facility: Facility) -> tuple[timedelta, timedelta, timedelta]:
        own = facility.thresholds
        stale, silent = (own.stale_after, own.silent_after) if own else self.limits[facility.kind]
        return stale, silent, max(silent, facility.lapsed_after or LAPSED)

    def freshness(self, facility: Facility, observed_at: datetime, now: datetime) -> Freshness:
        stale, silent, _ = self.thresholds(facility)
        age = now - observed_at
        if age > silent:
            return Freshness.silent
        return Freshness.stale if age > stale else Freshness.fresh

    def line_freshness(self, facility: Facility, channel: Freshness, known_at: datetime, now: datetime) -> Freshness:
        """That of its channel, unless its own age is silent or lapsed."""
        _, silent, lapsed = self.thresholds(facility)
        age = now - known_at
        if age > lapsed:
            return Freshness.lapsed
        return Freshness.silent if age > silent else channel

    def judged(self, facility: Facility, channel: Channel, now: datetime) -> tuple[Freshness, list[Line]]:
        """The freshness of a channel, and its open lines."""
        lines, implausible = open_lines(self.said[facility.facility_id, channel])
        of_channel = self.freshness(facility, self.heard(facility)[channel], now)
        judged: list[Line] = []
        for key, (line, said) in lines.items():
            known_at = min(said.report.observed_at, self.times[said.seq - 1])
            freshness = self.line_freshness(facility, of_channel, known_at, now)
            assert line.beds is not None
            total, occupied, available = third(line.beds)
            judged.append(
                Line(
                    facility.facility_id, said.report.observed_at, freshness, key in implausible, key.bed_type,
                    total, occupied, line.beds.beds_blocked, available, line.beds.queue,
                )
            )  # fmt: skip
        reported = {line.bed_type for line in judged if line.freshness is not Freshness.lapsed}
        judged = [line._replace(flagged=line.flagged or bool(self.flags(line, facility, reported))) for line in judged]
        if judged and all(line.freshness is Freshness.lapsed for line in judged):
            of_channel = Freshness.lapsed
        at = self.heard(facility)[channel]
        judged += [
            Line(facility.facility_id, at, of_channel, True, key.bed_type, None, None, None, None, None)
            for key in implausible - lines.keys()
        ]
        return of_channel, judged

    def flags(self, line: Line, facility: Facility, reported: set[str]) -> tuple[str, ...]:
        beds = BedCount(line.total, line.occupied, line.blocked, line.available, queue=line.queue)
        return flags_of(line.bed_type, beds, kind=facility.kind, beds_stated=facility.beds_stated, reported=reported)

    def counting(self, facility: Facility, now: datetime) -> tuple[Channel | None, Freshness]:
        """The counting channel: pinned, else the first that is fresh and not partial, else the one heard last."""
        heard = self.heard(facility)
        if not heard:
            return None, Freshness.never
        judged = {channel: self.judged(facility, channel, now) for channel in heard}
        beds = {
            channel: sum(size(line) for line in without_supersets(living(lines)))
            for channel, (_, lines) in judged.items()
        }
        order = [c for c in Channel if c in heard]
        fresh = [c for c in order if judged[c][0] is Freshness.fresh]
        most = max((beds[c] for c in fresh), default=0)
        eligible = (
            [c for c in order if known(living(judged[c][1]))] or [c for c in order if known(judged[c][1])] or order
        )
        preferred = [c for c in fresh if c in eligible and 2 * beds[c] >= most]
        if facility.counting_channel in eligible:
            channel = facility.counting_channel
        elif preferred:
            channel = preferred[0]
        else:
            said = {
                c: max(one.report.observed_at for one in observing(self.said[facility.facility_id, c]))
                for c in eligible
            }
            latest = max((heard[c], said[c]) for c in eligible)
            channel = next(c for c in eligible if (heard[c], said[c]) == latest)
        return channel, judged[channel][0]

    def lines(self, facility: Facility, channel: Channel | None, now: datetime) -> list[Line]:
        return [] if channel is None else self.judged(facility, channel, now)[1]

    def capacity(self, code: str, now: datetime, filters: Filters = NO_FILTERS) -> Capacity:
        """The document of one area."""
        return self.over(self.areas[code], self.inside(code), now, filters)

    def over(self, area: Area, facilities: Iterable[Facility], now: datetime, filters: Filters) -> Capacity:
        """The document over these facilities."""
        now = self.turn_to(now)
        taken: list[Line] = []
        counts = dict.fromkeys(Freshness, 0)
        kinds = dict.fromkeys(FacilityKind, 0)
        kind_of: dict[str, FacilityKind] = {}
        observed: list[datetime] = []
        for facility in facilities:
            if filters.kind and facility.kind not in filters.kind:
                continue
            if filters.operated_by and facility.operated_by not in filters.operated_by:
                continue
            kind_of[facility.facility_id] = facility.kind
            channel, freshness = self.counting(facility, now)
            own = [
                line
                for line in self.lines(facility, channel, now)
                if (not filters.bed_type or line.bed_type in filters.bed_type)
                and (not filters.group or BED_TYPES[line.bed_type].group in filters.group)
                and (not filters.freshness or line.freshness in filters.freshness)
            ]
            if filters.group or filters.bed_type or filters.freshness:
                taken += living(line for line in own if line.blocked is None)
                own = known(own)
                if not own:
                    continue
                freshness = min((line.freshness for line in own), key=list(Freshness).index)
                observed += [line.observed_at for line in own]
            elif channel is not None:
                of_channel = observing(self.said[facility.facility_id, channel])
                observed.append(max(one.report.observed_at for one in of_channel))
            counts[freshness] += 1
            kinds[facility.kind] += 1
            taken += living(own)
        number = sum(counts.values())
        groups = {group: [line for line in taken if BED_TYPES[line.bed_type].group is group] for group in BedGroup}
        types = {code: [line for line in taken if line.bed_type == code] for code in BED_TYPES}
        of_kind = {kind: [line for line in taken if kind_of[line.facility_id] is kind] for kind in FacilityKind}
        return Capacity(
            area=area,
            position=self.position,
            as_of=now,
            totals=totals(taken),
            by_group={group: totals(lines) for group, lines in groups.items() if lines},
            by_bed_type={code: totals(lines) for code, lines in types.items() if lines},
            by_kind={kind: totals(of_kind[kind], facilities=kinds[kind]) for kind in FacilityKind if kinds[kind]},
            reporting=Reporting(
                facilities=number,
                fresh=counts[Freshness.fresh],
                stale=counts[Freshness.stale],
                silent=counts[Freshness.silent],
                lapsed=counts[Freshness.lapsed],
                never=counts[Freshness.never],
                completeness=round(counts[Freshness.fresh] / number, 4) if number else None,
                oldest_observed_at=min(observed, default=None),
                newest_observed_at=max(observed, default=None),
            ),
        )


def known(lines: Iterable[Line]) -> list[Line]:
    """The lines of which something plausible is known."""
    return [line for line in lines if line.blocked is not None]


def living(lines: Iterable[Line]) -> list[Line]:
    """The lines that have not lapsed."""
    return [line for line in lines if line.freshness is not Freshness.lapsed]


def size(line: Line) -> int:
    """How many beds a line states, or at least."""
    return max(line.occupied or 0, line.available or 0) if line.total is None else line.total


def totals(lines: list[Line], facilities: int | None = None) -> Totals:
    """The totals of these lines: within each facility without those that another one of them contains."""
    counting, fresh = [], []
    for facility_id in {line.facility_id for line in lines}:
        own = [line for line in lines if line.facility_id == facility_id]
        counting += without_supersets(own)
        fresh += without_supersets([line for line in own if line.freshness is Freshness.fresh])
    return add_up(counting, fresh, lines, facilities)
