"""One facility on the board: its channels, the one that counts, and what it adds to its areas."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.board.sums import FacilityCell, LineCell, Row, row_of
from app.domain.beds.bed_types import BED_TYPES, containing
from app.domain.beds.freshness import Freshness, Thresholds
from app.domain.channels import Channel, CountingChannel, counting_channel
from app.domain.registry.facility import DEFAULT_THRESHOLDS, Facility, FacilityKind
from app.domain.reports.lines import ChannelState
from app.domain.reports.report import LineKey
from app.domain.reports.statements import CurrentLine

NEVER = CountingChannel(None, Freshness.never, None)
_NO_CHANNEL = ChannelState()


@dataclass(slots=True)
class FacilityState:
    """A facility with the current state of each of its channels.

    `deadline` is the moment for which it waits in the board's heap. It is not moved by a newer report, only looked
    at again when it comes: a facility waits there once, however often it reports.
    """

    facility: Facility
    channels: dict[Channel, ChannelState] = field(default_factory=dict)
    counting_channel: CountingChannel = NEVER
    deadline: datetime | None = None

    @property
    def counting(self) -> ChannelState:
        """The state of the counting channel; empty where nothing was reported."""
        return _NO_CHANNEL if self.counting_channel.channel is None else self.channels[self.counting_channel.channel]

    @property
    def observed_at(self) -> datetime | None:
        """The newest observation on the counting channel."""
        newest = self.counting.newest
        return newest and newest.observed_at

    @property
    def facility_cell(self) -> FacilityCell:
        """The cell of facilities that it counts in."""
        return FacilityCell(self.facility.kind, self.facility.operated_by, self.counting_channel.freshness)

    def judge(self, now: datetime, defaults: Mapping[FacilityKind, Thresholds]) -> None:
        """Determine the counting channel and how fresh it is at `now`."""
        heard = {c: at for c, s in self.channels.items() if (at := s.last_received_at) is not None}
        self.counting_channel = counting_channel(
            heard,
            pinned=self.facility.counting_channel,
            thresholds=thresholds_of(self.facility, defaults),
            now=now,
            newest={c: s.newest.observed_at for c, s in self.channels.items() if s.newest is not None},
        )

    def turns(self, defaults: Mapping[FacilityKind, Thresholds]) -> Iterable[datetime]:
        """The times at which one of its channels turns stale or silent, if no further report comes."""
        limits = thresholds_of(self.facility, defaults)
        for channel in self.channels.values():
            if (at := channel.last_received_at) is not None:
                yield at + limits.stale_after
                yield at + limits.silent_after

    def rows(self) -> dict[LineCell, Row]:
        """The rows it adds to each of its areas; none while it is closed."""
        return rows_of(self.facility_cell, self.counting.lines) if self.facility.is_open else {}


Lines = Mapping[LineKey, CurrentLine]
_NONE_CONTAIN: frozenset[str] = frozenset()


def rows_of(cell: FacilityCell, lines: Lines) -> dict[LineCell, Row]:
    """The rows that these lines add up to."""
    rows: dict[LineCell, Row] = {}
    for key, line, inside in counted_lines(lines):
        if line.beds is not None:
            place = LineCell(cell, key.bed_type, inside)
            rows[place] = rows.get(place, 0) + row_of(line.beds)
    return rows


def thresholds_of(facility: Facility, defaults: Mapping[FacilityKind, Thresholds]) -> Thresholds:
    """The facility's own thresholds, else those of its kind; a hospital's for an unknown kind."""
    if facility.thresholds:
        return facility.thresholds
    kind = facility.kind if facility.kind.is_known else FacilityKind.hospital
    return defaults.get(kind, DEFAULT_THRESHOLDS[kind])


def counted_lines(lines: Lines) -> Iterable[tuple[LineKey, CurrentLine, frozenset[str]]]:
    """The open lines of a channel, each with the containing bed types that the same channel reports.

    A bed type that only a newer version knows counts nowhere: nobody here knows what contains it.
    """
    reported = reported_types(lines)
    for key, line in lines.items():
        if line.beds is not None and key.bed_type in BED_TYPES:
            yield key, line, reported_around(key.bed_type, reported)


def reported_types(lines: Lines) -> set[str]:
    """The bed types of the open lines."""
    return {key.bed_type for key, line in lines.items() if line.beds is not None and key.bed_type in BED_TYPES}


def reported_around(bed_type: str, reported: set[str]) -> frozenset[str]:
    """The reported types that contain this one."""
    around = [other for other in containing(bed_type) if other in reported]
    return frozenset(around) if around else _NONE_CONTAIN
