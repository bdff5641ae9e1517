"""Current figures of one facility, alone or in a search below an area."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, Field

from app.api.http import cursors
from app.api.schemas.area import AreaBrief
from app.api.schemas.capacity import BedTypeFilter, GroupFilter, KindFilter, TotalsOut, totals_fields
from app.api.schemas.facility import FacilityOut, registered
from app.api.schemas.fields import PAGE_MAX, AtLeast, Cursor, Limit, Many, MinPosition, Text, Wire
from app.board.facility.figures import (
    ChannelFigures,
    FacilityFigures,
    FacilityTotals,
    ImplausibleStatement,
    LineFigures,
)
from app.board.index import Key
from app.board.names import NameKey
from app.board.search import FacilityQuery, FacilityRow
from app.domain.beds.counts import COUNT_FIELDS, AvailableIs
from app.domain.beds.freshness import Freshness
from app.domain.channels import Channel, CountingReason, in_order
from app.domain.registry.area import Area
from app.domain.registry.location import Location, LocationIs, location_of


class ImplausibleOut(BaseModel):
    """Figures of a line that wait for an officer."""

    beds_total: int | None
    beds_occupied: int | None
    beds_blocked: int
    beds_available: int | None
    queue: int | None
    observed_at: datetime
    recorded_at: datetime
    seq: int = Field(description="The ledger entry that states them.")

    @classmethod
    def of(cls, statement: ImplausibleStatement) -> Self:
        """Convert from the board's figures."""
        names = ("beds_total", "beds_occupied", "beds_blocked", "beds_available", "queue")
        return cls(
            **{name: getattr(statement.beds, name) for name in names},
            observed_at=statement.observed_at,
            recorded_at=statement.recorded_at,
            seq=statement.seq,
        )


class LineOut(BaseModel):
    """One current line. Null means not reported, never zero."""

    bed_type: str
    ward_code: str
    ward_name: str | None
    beds_total: int | None
    beds_occupied: int | None
    beds_blocked: int
    beds_available: int | None
    available_is: AvailableIs | None = Field(
        description="Whether beds_available was `reported` or `derived` from other counts."
    )
    beds_preparing: int | None
    beds_planned: int | None
    queue: int | None
    occupied_suspected: int | None
    occupied_confirmed: int | None
    available_male: int | None
    available_female: int | None
    occupancy: float | None
    covid: bool | None = Field(description="For COVID: as sent (SIRS), else by its bed type; null: unknown.")
    freshness: Freshness = Field(
        description="Never fresher than the channel; `lapsed`: too old to count; `never`: nothing plausible is known."
    )
    observed_at: datetime
    recorded_at: datetime
    age_seconds: int = Field(description="Seconds since observed_at.")
    counted: bool = Field(
        description="False: lapsed, or contained in another reported type, so left out of the totals."
    )
    warnings: list[str]
    implausible: ImplausibleOut | None = Field(
        description="Newer figures that look like a typing error. They add nothing to any sum until an officer "
        "confirms them (`POST .../lines/confirm`) or a plausible report follows."
    )

    @classmethod
    def of(cls, line: LineFigures, now: datetime) -> Self:
        """Convert from the board's figures."""
        counts = {name: getattr(line.beds, name) for name in COUNT_FIELDS}
        return cls(
            bed_type=line.bed_type,
            ward_code=line.ward_code,
            ward_name=line.ward_name,
            **counts,
            available_is=line.beds.available_is,
            occupancy=line.occupancy,
            covid=line.covid,
            freshness=line.freshness,
            observed_at=line.observed_at,
            recorded_at=line.recorded_at,
            age_seconds=max(0, int((now - line.observed_at).total_seconds())),
            counted=line.counted,
            warnings=list(line.warnings),
            implausible=None if line.implausible is None else ImplausibleOut.of(line.implausible),
        )


class ChannelOut(BaseModel):
    """What one channel reports (*kanal*). Channels are never added: they describe the same beds."""

    channel: Channel
    counting: bool
    partial: bool = Field(description="Fresh, but it states fewer than half of the beds that another channel states.")
    freshness: Freshness
    observed_at: datetime
    recorded_at: datetime
    totals: TotalsOut
    lines: list[LineOut]

    @classmethod
    def of(cls, channel: ChannelFigures, lines: Sequence[LineFigures], now: datetime) -> Self:
        """Convert from the board's figures, with these of its lines."""
        return cls(
            channel=channel.channel,
            counting=channel.counting,
            partial=channel.partial,
            freshness=channel.freshness,
            observed_at=channel.observed_at,
            recorded_at=channel.recorded_at,
            totals=TotalsOut(**totals_fields(channel.totals)),
            lines=[LineOut.of(line, now) for line in lines],
        )


class LinesByFreshnessOut(BaseModel):
    """How many of its open lines are how fresh."""

    fresh: int
    stale: int
    silent: int
    lapsed: int


class ThresholdsOut(BaseModel):
    """The ages in force for this facility: its own, or those of its kind."""

    stale_hours: float
    silent_hours: float
    lapsed_days: float


class LocationOut(BaseModel):
    """Coordinates in degrees (WGS 84)."""

    lat: float
    lon: float


class CurrentFacilityOut(FacilityOut):
    """A facility and its totals, from the channel that counts.

    With filters on lines, `freshness`, `observed_at` and `totals` are those of the matching lines.
    """

    location: LocationOut | None = Field(
        description="Where to draw it: its own coordinates, else the point of the smallest area around it that has one."
    )
    location_is: LocationIs | None = Field(
        description="Whose coordinates these are: those of an `area` are not where the facility is."
    )
    counting_channel: Channel | None = Field(description="The channel whose figures count now; null: never reported.")
    counting_since: datetime | None = Field(
        description="Since when that channel counts; null: never reported, or since before this was recorded."
    )
    counting_reason: CountingReason | None = Field(
        description="Why it began to: `pinned` by an officer, `only` one with open lines, `preferred` (the first that "
        "is fresh and not partial), `newest` (none is fresh; it reported last)."
    )
    partial_channels: list[Channel] = Field(
        description="Fresh channels that state fewer than half of the beds of the one that states most: they do not "
        "count unless pinned."
    )
    freshness: Freshness
    observed_at: datetime | None = Field(description="Newest observation.")
    recorded_at: datetime | None
    stale_at: datetime | None = Field(description="When it turns stale if no further report arrives.")
    silent_at: datetime | None
    thresholds: ThresholdsOut
    lines_by_freshness: LinesByFreshnessOut
    totals: TotalsOut


def current(figures: FacilityTotals, location: Location | None) -> dict[str, Any]:
    """Return the fields of CurrentFacilityOut."""
    limits, hour = figures.thresholds, timedelta(hours=1)
    return registered(figures.facility) | {
        "location": location and LocationOut(lat=location.lat, lon=location.lon),
        "location_is": location and location.is_of,
        "counting_channel": figures.counting_channel.channel,
        "counting_since": figures.counting_since and figures.counting_since.since,
        "counting_reason": figures.counting_since and figures.counting_since.reason,
        "partial_channels": in_order(figures.counting_channel.partial),
        "freshness": figures.freshness,
        "observed_at": figures.observed_at,
        "recorded_at": figures.recorded_at,
        "stale_at": figures.stale_at,
        "silent_at": figures.silent_at,
        "thresholds": ThresholdsOut(
            stale_hours=limits.stale_after / hour,
            silent_hours=limits.silent_after / hour,
            lapsed_days=limits.lapsed_after / timedelta(days=1),
        ),
        "lines_by_freshness": LinesByFreshnessOut(
            **{str(freshness): number for freshness, number in figures.lines_by_freshness.items()}
        ),
        "totals": TotalsOut(**totals_fields(figures.totals)),
    }


class FacilityRowOut(CurrentFacilityOut):
    """One facility in a search result."""

    distance_km: float | None = Field(description="Distance from `near`; null without it or without coordinates.")

    @classmethod
    def of(cls, row: FacilityRow) -> Self:
        """Convert from the board's row."""
        return cls(**current(row.figures, row.location), distance_km=row.distance_km)


class FacilitiesOut(BaseModel):
    """A page of facilities below an area, with current figures."""

    area: AreaBrief
    position: int
    as_of: datetime
    facilities: list[FacilityRowOut]
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null at the end.")


class FacilityDetailOut(CurrentFacilityOut):
    """One facility: its registration, its areas, and what each channel reports."""

    area: AreaBrief
    path: list[AreaBrief] = Field(description="The areas that contain it, from the country down.")
    position: int
    as_of: datetime
    lines: list[LineOut] = Field(
        description="A page of the lines of the channel that counts; totals include all lines."
    )
    channels: list[ChannelOut] = Field(
        description="Every channel that ever reported, with the same page, for comparison."
    )
    next_lines_cursor: str | None = Field(description="Send it as `lines_cursor` for the next lines; null at the end.")

    @classmethod
    def of(
        cls, figures: FacilityFigures, path: tuple[Area, ...], page: "LinesQuery", *, position: int, as_of: datetime
    ) -> Self:
        """Convert from the board's figures, with a page of the lines. Raises: Malformed, for an invalid cursor."""
        channels = [(channel, page.rest(channel.lines)) for channel in figures.channels]
        end = page.end([lines for _, lines in channels])
        shown = [ChannelOut.of(channel, _lines_up_to(end, lines), as_of) for channel, lines in channels]
        return cls(
            **current(figures, location_of(figures.facility, reversed(path))),
            area=AreaBrief.of(path[-1]),
            path=[AreaBrief.of(area) for area in path],
            position=position,
            as_of=as_of,
            lines=next((channel.lines for channel in shown if channel.counting), []),
            channels=shown,
            next_lines_cursor=end and cursors.encode(*end),
        )


class LinesQuery(Wire):
    """The page of lines, sorted by bed type and ward."""

    lines_cursor: Cursor | None = None
    lines_limit: Limit = PAGE_MAX

    def rest(self, lines: Sequence[LineFigures]) -> Sequence[LineFigures]:
        """Return the lines after the cursor. Raises: Malformed."""
        if self.lines_cursor is None:
            return lines
        after = cursors.decode(self.lines_cursor, str, str)
        return [line for line in lines if _key(line) > after]

    def end(self, channels: Sequence[Sequence[LineFigures]]) -> tuple[str, str] | None:
        """Return the last key of a page that has the same lines of each channel; None if all remaining lines fit."""
        return min(
            (_key(lines[self.lines_limit - 1]) for lines in channels if len(lines) > self.lines_limit), default=None
        )


def _lines_up_to(end: tuple[str, str] | None, lines: Sequence[LineFigures]) -> Sequence[LineFigures]:
    """Return the lines up to and including this key."""
    return lines if end is None else [line for line in lines if _key(line) <= end]


def _key(line: LineFigures) -> tuple[str, str]:
    return line.bed_type, line.ward_code


def _parse_location(text: str) -> tuple[float, float] | None:
    try:
        lat, lon = (float(part) for part in text.split(","))
    except ValueError:
        return None
    return (lat, lon) if -90 <= lat <= 90 and -180 <= lon <= 180 else None


def _check_location(text: str) -> str:
    if _parse_location(text) is None:
        raise ValueError("must be lat,lon in degrees, such as -6.99,110.42")
    return text


class FacilitiesQuery(Wire):
    """Filters and page. Repeat a filter or separate values by commas, at most 50."""

    kind: KindFilter = Field(default=[])
    group: GroupFilter = Field(default=[])
    bed_type: BedTypeFilter = Field(default=[])
    freshness: Many[Freshness] = Field(
        default=[], description="Only lines with this freshness, and the facilities that have such lines."
    )
    min_available: AtLeast | None = Field(
        default=None, description="Only facilities with at least this many available beds, of the filtered bed types."
    )
    flagged: bool = Field(
        default=False,
        description="Only facilities with flagged lines, such as implausible ones that wait for an officer.",
    )
    q: Annotated[Text, Field(min_length=1, max_length=100)] | None = Field(
        default=None,
        description="Part of a name or identifier, best match first (with `near`: nearest first). Case, accents and "
        "spellings such as RS, RSUD or Rumah Sakit do not matter.",
        examples=["rsud tugu", "sirs:3374015"],
    )
    near: Annotated[str, AfterValidator(_check_location), Field(max_length=80)] | None = Field(
        default=None,
        description="`lat,lon`: nearest first, with `distance_km`; those without coordinates come last.",
        examples=["-6.99,110.42"],
    )
    min_position: MinPosition | None = None
    cursor: Cursor | None = None
    limit: Limit = 100

    @property
    def is_by_name(self) -> bool:
        """Whether the best match comes first."""
        return self.q is not None and self.near is None

    def wanted(self, *, after: Key | NameKey | None) -> FacilityQuery:
        """Convert to the board's query."""
        return FacilityQuery(
            kind=frozenset(self.kind),
            group=frozenset(self.group),
            bed_type=frozenset(self.bed_type),
            freshness=frozenset(self.freshness),
            min_available=self.min_available,
            flagged=self.flagged,
            q=self.q,
            near=None if self.near is None else _parse_location(self.near),
            after=after,
        )
