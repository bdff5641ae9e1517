"""An area added up, in the contract's words (section 5)."""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.api.schemas.area import AreaBrief
from app.api.schemas.fields import BedTypeCode, Many, MinPosition, StoredEnum, Wire
from app.domain.beds.bed_types import BedGroup
from app.domain.capacity import Capacity, Filters, Totals
from app.domain.registry.facility import FacilityKind

_TOTALS_EXAMPLE: dict[str, JsonValue] = {
    "beds_total": 4375,
    "beds_occupied": 3011,
    "beds_blocked": 12,
    "beds_available": 1352,
    "occupancy": 0.6882,
    "queue": 41,
    "unknown_lines": 0,
}
CAPACITY_EXAMPLE: dict[str, JsonValue] = {
    "area": {"code": "33.74", "name": "Kota Semarang", "level": "city", "type": "kota"},
    "position": 1842,
    "as_of": "2026-11-23T03:00:04Z",
    "totals": _TOTALS_EXAMPLE,
    "by_group": [{"group": "ward", **_TOTALS_EXAMPLE}],
    "by_bed_type": [{"bed_type": "ward_1", **_TOTALS_EXAMPLE}],
    "by_kind": [{"kind": "hospital", "facilities": 31, **_TOTALS_EXAMPLE}],
    "reporting": {
        "facilities": 45,
        "fresh": 38,
        "stale": 4,
        "silent": 2,
        "never": 1,
        "completeness": 0.8444,
        "oldest_observed_at": "2026-11-21T01:30:00Z",
        "newest_observed_at": "2026-11-23T02:58:00Z",
    },
}

KindFilter = Annotated[Many[FacilityKind], Field(description="Only these kinds of facility (*jenis fasyankes*).")]
GroupFilter = Annotated[Many[BedGroup], Field(description="Only these groups of beds.")]
BedTypeFilter = Annotated[Many[BedTypeCode], Field(description="Only these kinds of bed (*jenis tempat tidur*).")]


class CapacityQuery(Wire):
    """Filters. Each may be repeated or list values separated by commas, at most 50."""

    kind: KindFilter = Field(default=[])
    group: GroupFilter = Field(default=[])
    bed_type: BedTypeFilter = Field(default=[])
    operated_by: Many[StoredEnum] = Field(
        default=[], description="Only facilities run by these (*pengelola*): city, kelurahan, private, ..."
    )
    fresh_only: bool = Field(
        default=False, description="Leave the figures of stale and silent facilities out of the sums."
    )
    min_position: MinPosition | None = None

    def filters(self) -> Filters:
        """The filters in the domain's words."""
        return Filters(
            kind=frozenset(self.kind),
            operated_by=frozenset(self.operated_by),
            group=frozenset(self.group),
            bed_type=frozenset(self.bed_type),
            fresh_only=self.fresh_only,
        )


class TotalsOut(BaseModel):
    """Sums in whole beds. Each is over the lines that state or let derive that count; null where none does."""

    beds_total: int | None = Field(description="Staffed beds (*jumlah tempat tidur*).")
    beds_occupied: int | None = Field(description="In use (*terpakai*).")
    beds_blocked: int | None = Field(description="Not usable now (*tidak siap pakai*).")
    beds_available: int | None = Field(description="Ready for a new patient (*tersedia*).")
    occupancy: float | None = Field(
        description='Share in use over the lines that know both, past 1.0 in a surge (*keterisian*, "BOR").'
    )
    queue: int | None = Field(description="Patients waiting (*antrean*).")
    unknown_lines: int = Field(description="Lines that lack a total, occupied or available.")


class _Group(BaseModel):
    group: BedGroup


class _BedType(BaseModel):
    bed_type: str


class _Kind(BaseModel):
    kind: FacilityKind
    facilities: int


# Fields come in the order of the bases from right to left: what it is, then its sums.
class GroupTotals(TotalsOut, _Group):
    """The sums of one group of beds."""


class BedTypeTotals(TotalsOut, _BedType):
    """The sums of one kind of bed."""


class KindTotalsOut(TotalsOut, _Kind):
    """The sums of one kind of facility."""


class ReportingOut(BaseModel):
    """Who of the area has spoken, and how long ago (*kelengkapan laporan*)."""

    facilities: int
    fresh: int
    stale: int
    silent: int
    never: int = Field(description="Registered, but never heard of.")
    completeness: float | None = Field(description="Share of facilities that are fresh; null without any.")
    oldest_observed_at: datetime | None
    newest_observed_at: datetime | None


class CapacityOut(BaseModel):
    """An area added up (*rekap*), with how much of it is fresh."""

    model_config = ConfigDict(json_schema_extra={"examples": [CAPACITY_EXAMPLE]})

    area: AreaBrief
    position: int = Field(description="How far the ledger had been read.")
    as_of: datetime = Field(description="When freshness was judged.")
    totals: TotalsOut
    by_group: list[GroupTotals]
    by_bed_type: list[BedTypeTotals] = Field(description="A kind of bed that nobody named is absent, not zero.")
    by_kind: list[KindTotalsOut]
    reporting: ReportingOut

    @classmethod
    def of(cls, capacity: Capacity) -> Self:
        """The roll-up."""
        return cls(
            area=AreaBrief.of(capacity.area),
            position=capacity.position,
            as_of=capacity.as_of,
            totals=TotalsOut(**said(capacity.totals)),
            by_group=[GroupTotals(group=g, **said(t)) for g, t in capacity.by_group.items()],
            by_bed_type=[BedTypeTotals(bed_type=b, **said(t)) for b, t in capacity.by_bed_type.items()],
            by_kind=[
                KindTotalsOut(kind=k, facilities=t.facilities, **said(t.totals)) for k, t in capacity.by_kind.items()
            ],
            reporting=ReportingOut.model_validate(capacity.reporting, from_attributes=True),
        )


class ChildrenOut(BaseModel):
    """An area's children side by side, each added up, and what stands in the area itself."""

    area: AreaBrief
    position: int
    as_of: datetime
    children: list[CapacityOut] = Field(description="One for each child area, in order of their codes.")
    unplaced: CapacityOut = Field(
        description="Facilities that stand in the area itself: which child they belong to is not known."
    )

    @classmethod
    def of(cls, children: Iterable[Capacity], unplaced: Capacity) -> Self:
        """The roll-ups."""
        return cls(
            area=AreaBrief.of(unplaced.area),
            position=unplaced.position,
            as_of=unplaced.as_of,
            children=[CapacityOut.of(child) for child in children],
            unplaced=CapacityOut.of(unplaced),
        )


_TOTALS = tuple(TotalsOut.model_fields)


def said(totals: Totals) -> dict[str, Any]:
    """The sums by name."""
    return {name: getattr(totals, name) for name in _TOTALS}
