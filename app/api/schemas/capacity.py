"""Capacity of an area: totals, breakdowns and freshness (`docs/api.md`)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.api.schemas.area import AreaBrief
from app.api.schemas.fields import BedTypeCode, Many, MinPosition, OperatorCode, Wire
from app.domain.beds.bed_types import BedGroup
from app.domain.capacity import FRESH_ONLY, Capacity, Filters, Totals
from app.domain.registry.facility import FacilityKind

_TOTALS_EXAMPLE: dict[str, JsonValue] = {
    "beds_total": 4375,
    "beds_occupied": 3011,
    "beds_blocked": 12,
    "beds_available": 1352,
    "occupancy": 0.6882,
    "queue": 41,
    "unknown_lines": 0,
    "facilities": 44,
    "flagged_lines": 3,
    "beds_available_without_total": 0,
    "fresh": {
        "beds_total": 4010,
        "beds_occupied": 2790,
        "beds_available": 1208,
        "beds_blocked": 12,
        "queue": 41,
        "occupancy": 0.6958,
        "facilities": 38,
        "oldest_observed_at": "2026-11-22T21:15:00Z",
    },
}
_SPAN_EXAMPLE: dict[str, JsonValue] = {
    "oldest_observed_at": "2026-11-21T01:30:00Z",
    "newest_observed_at": "2026-11-23T02:58:00Z",
}
CAPACITY_EXAMPLE: dict[str, JsonValue] = {
    "area": {"code": "33.74", "name": "Kota Semarang", "level": "city", "type": "kota"},
    "position": 1842,
    "as_of": "2026-11-23T03:00:04Z",
    "totals": {**_TOTALS_EXAMPLE, **_SPAN_EXAMPLE},
    "by_group": [{"group": "ward", **_TOTALS_EXAMPLE, **_SPAN_EXAMPLE}],
    "by_bed_type": [{"bed_type": "ward_1", **_TOTALS_EXAMPLE}],
    "by_kind": [{"kind": "hospital", **_TOTALS_EXAMPLE, "facilities": 31}],
    "reporting": {
        "facilities": 45,
        "fresh": 38,
        "stale": 4,
        "silent": 1,
        "lapsed": 1,
        "never": 1,
        "completeness": 0.8444,
        "oldest_observed_at": "2026-11-21T01:30:00Z",
        "newest_observed_at": "2026-11-23T02:58:00Z",
    },
}

KindFilter = Annotated[Many[FacilityKind], Field(description="Only these kinds of facility (*jenis fasyankes*).")]
GroupFilter = Annotated[Many[BedGroup], Field(description="Only these groups of beds.")]
BedTypeFilter = Annotated[Many[BedTypeCode], Field(description="Only these bed types (*jenis tempat tidur*).")]


class CapacityQuery(Wire):
    """Filters. Repeat a filter or separate values by commas, at most 50."""

    kind: KindFilter = Field(default=[])
    group: GroupFilter = Field(default=[])
    bed_type: BedTypeFilter = Field(default=[])
    operated_by: Many[OperatorCode] = Field(
        default=[], description="Only facilities run by these (*pengelola*): city, kelurahan, private, ..."
    )
    fresh_only: bool = Field(default=False, description="Only fresh lines, and the facilities that have some.")
    min_position: MinPosition | None = None

    def filters(self) -> Filters:
        """Convert to the domain's filters."""
        return Filters(
            kind=frozenset(self.kind),
            operated_by=frozenset(self.operated_by),
            group=frozenset(self.group),
            bed_type=frozenset(self.bed_type),
            freshness=FRESH_ONLY if self.fresh_only else frozenset(),
        )


class FreshOut(BaseModel):
    """The figures of the fresh lines alone; null if no fresh line reports that count."""

    beds_total: int | None
    beds_occupied: int | None
    beds_available: int | None
    beds_blocked: int | None
    queue: int | None
    occupancy: float | None = Field(description="Over the fresh lines that have both counts.")
    facilities: int = Field(description="Facilities with such lines.")
    oldest_observed_at: datetime | None = Field(description="The oldest of these lines.")


class BlockOut(BaseModel):
    """Totals in whole beds, each over the lines that report that count or let it be derived; null if none does.

    Lapsed and implausible lines add nothing.
    """

    beds_total: int | None = Field(description="Staffed beds (*jumlah tempat tidur*).")
    beds_occupied: int | None = Field(description="In use (*terpakai*).")
    beds_blocked: int | None = Field(description="Not usable now (*tidak siap pakai*).")
    beds_available: int | None = Field(description="Ready for a new patient (*tersedia*).")
    occupancy: float | None = Field(
        description='Share in use over the lines that have both counts, above 1.0 in a surge (*keterisian*, "BOR").'
    )
    queue: int | None = Field(description="Patients waiting (*antrean*).")
    unknown_lines: int = Field(description="Lines that lack a total, occupied or available.")
    facilities: int = Field(description="Facilities that have lines here; in `by_kind` all facilities of the kind.")
    flagged_lines: int = Field(description="Lines whose figures deserve a look: see `warnings` of a line.")
    beds_available_without_total: int = Field(
        description="The part of beds_available whose lines state no total: why more can be free than exist."
    )
    fresh: FreshOut


class TotalsOut(BlockOut):
    """A block with the age of its figures."""

    oldest_observed_at: datetime | None = Field(description="The oldest observation of a line that counts here.")
    newest_observed_at: datetime | None


class _Group(BaseModel):
    group: BedGroup


class _BedType(BaseModel):
    bed_type: str


class _Kind(BaseModel):
    kind: FacilityKind


# Fields come in the order of the bases from right to left: the key, then the totals.
class GroupTotals(TotalsOut, _Group):
    """Totals of one group of beds."""


class BedTypeTotals(BlockOut, _BedType):
    """Totals of one bed type."""


class KindTotalsOut(BlockOut, _Kind):
    """Totals of one kind of facility."""


class ReportingOut(BaseModel):
    """How many facilities of the area have reported, and how recently (*kelengkapan laporan*).

    With filters on lines it covers the facilities that have matching lines, by the freshness of those lines.
    """

    facilities: int
    fresh: int
    stale: int
    silent: int
    lapsed: int = Field(description="All of its lines are too old to count.")
    never: int = Field(description="Registered, but never reported.")
    completeness: float | None = Field(description="Share of facilities that are fresh; null if there are none.")
    oldest_observed_at: datetime | None
    newest_observed_at: datetime | None


class CapacityOut(BaseModel):
    """Totals of an area (*rekap*), and how much of it is fresh."""

    model_config = ConfigDict(json_schema_extra={"examples": [CAPACITY_EXAMPLE]})

    area: AreaBrief
    position: int = Field(description="The ledger position up to which it is computed.")
    as_of: datetime = Field(description="The time for which freshness is computed.")
    totals: TotalsOut
    by_group: list[GroupTotals]
    by_bed_type: list[BedTypeTotals] = Field(description="A bed type that no line reports is absent, not zero.")
    by_kind: list[KindTotalsOut]
    reporting: ReportingOut

    @classmethod
    def of(cls, capacity: Capacity) -> Self:
        """Convert from the board's roll-up."""
        return cls(
            area=AreaBrief.of(capacity.area),
            position=capacity.position,
            as_of=capacity.as_of,
            totals=TotalsOut(**totals_fields(capacity.totals)),
            by_group=[GroupTotals(group=g, **totals_fields(t)) for g, t in capacity.by_group.items()],
            by_bed_type=[BedTypeTotals(bed_type=b, **block_fields(t)) for b, t in capacity.by_bed_type.items()],
            by_kind=[KindTotalsOut(kind=k, **block_fields(t)) for k, t in capacity.by_kind.items()],
            reporting=ReportingOut.model_validate(capacity.reporting, from_attributes=True),
        )


class ChildrenOut(BaseModel):
    """Totals of each child area, and of the facilities registered in the area itself."""

    area: AreaBrief
    position: int
    as_of: datetime
    children: list[CapacityOut] = Field(description="One entry per child area, sorted by code.")
    unplaced: CapacityOut = Field(
        description="Facilities registered in the area itself: their child area is not known."
    )

    @classmethod
    def of(cls, children: Iterable[Capacity], unplaced: Capacity) -> Self:
        """Convert from the board's roll-ups."""
        return cls(
            area=AreaBrief.of(unplaced.area),
            position=unplaced.position,
            as_of=unplaced.as_of,
            children=[CapacityOut.of(child) for child in children],
            unplaced=CapacityOut.of(unplaced),
        )


_BLOCK = tuple(name for name in BlockOut.model_fields if name != "fresh")
_FRESH = tuple(FreshOut.model_fields)
COLUMNS = (
    *_BLOCK[: _BLOCK.index("facilities")],
    "fresh_beds_total",
    "fresh_beds_occupied",
    "fresh_beds_available",
    "fresh_beds_blocked",
    "fresh_queue",
    "fresh_occupancy",
    "facilities",
    "fresh_facilities",
    "oldest_observed_at",
    "newest_observed_at",
    "fresh_oldest_observed_at",
    "beds_available_without_total",
    "flagged_lines",
)


def block_fields(totals: Totals) -> dict[str, Any]:
    """Return the block by field name."""
    fresh = FreshOut(**{name: getattr(totals.fresh, name) for name in _FRESH})
    return {name: getattr(totals, name) for name in _BLOCK} | {"fresh": fresh}


def totals_fields(totals: Totals) -> dict[str, Any]:
    """Return the block with the age of its figures, by field name."""
    return block_fields(totals) | {
        "oldest_observed_at": totals.oldest_observed_at,
        "newest_observed_at": totals.newest_observed_at,
    }


def table_fields(totals: Totals) -> dict[str, Any]:
    """Return the cells of a block in a table, by column (COLUMNS)."""
    fresh = {f"fresh_{name}": getattr(totals.fresh, name) for name in _FRESH}
    return {name: fresh[name] if name in fresh else getattr(totals, name) for name in COLUMNS}
