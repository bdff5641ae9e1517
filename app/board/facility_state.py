"""One facility on the board: its channels, the one that counts, and what it adds to its areas."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from app.board.sums import ZERO, FacilityCell, LineCell, Vector, add, vector
from app.domain.bed_types import containing
from app.domain.channels import Channel, Standing, standing
from app.domain.facility import DEFAULT_THRESHOLDS, Facility, FacilityKind
from app.domain.freshness import Freshness, Thresholds
from app.domain.lines import ChannelState, StandingLine
from app.domain.report import LineKey

NEVER = Standing(None, Freshness.never, None)
_NO_CHANNEL = ChannelState()


@dataclass(slots=True)
class FacilityState:
    """A facility with all that it ever said and still stands.

    `deadline` is the moment for which it waits in the board's heap. It is not moved by a newer report, only looked
    at again when it comes: a facility waits there once, however often it reports.
    """

    facility: Facility
    channels: dict[Channel, ChannelState] = field(default_factory=dict)
    standing: Standing = NEVER
    deadline: datetime | None = None

    @property
    def counting(self) -> ChannelState:
        """What the counting channel says; empty where nothing was heard."""
        return _NO_CHANNEL if self.standing.channel is None else self.channels[self.standing.channel]

    @property
    def observed_at(self) -> datetime | None:
        """The newest observation on the counting channel."""
        newest = self.counting.newest
        return newest and newest.observed_at

    @property
    def facility_cell(self) -> FacilityCell:
        """Which facilities it counts among."""
        return FacilityCell(self.facility.kind, self.facility.operated_by, self.standing.freshness)

    def judge(self, now: datetime, defaults: Mapping[FacilityKind, Thresholds]) -> None:
        """Settle which channel counts and how fresh it is at `now`."""
        heard = {c: s.newest.observed_at for c, s in self.channels.items() if s.newest is not None}
        self.standing = standing(
            heard,
            pinned=self.facility.counting_channel,
            thresholds=thresholds_of(self.facility, defaults),
            now=now,
        )

    def rows(self) -> dict[LineCell, Vector]:
        """What it adds to each of its areas; nothing while it is closed."""
        if not self.facility.is_open:
            return {}
        rows: dict[LineCell, Vector] = {}
        cell = self.facility_cell
        for key, line, inside in counted_lines(self.counting):
            if line.beds is not None:
                place = LineCell(cell, key.bed_type, inside)
                rows[place] = add(rows.get(place, ZERO), vector(line.beds))
        return rows


def thresholds_of(facility: Facility, defaults: Mapping[FacilityKind, Thresholds]) -> Thresholds:
    """The facility's own thresholds, else those of its kind."""
    return facility.thresholds or defaults.get(facility.kind, DEFAULT_THRESHOLDS[facility.kind])


def counted_lines(state: ChannelState) -> Iterable[tuple[LineKey, StandingLine, frozenset[str]]]:
    """The open lines of a channel, each with the containing bed types that the same channel reports."""
    reported = {key.bed_type for key, line in state.lines.items() if line.beds is not None}
    for key, line in state.lines.items():
        if line.beds is not None:
            yield key, line, frozenset(reported.intersection(containing(key.bed_type)))
