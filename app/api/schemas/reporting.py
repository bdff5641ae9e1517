"""Facilities that are not fresh: whom to call, and how many beds are uncertain until they answer."""

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from app.api.http import cursors
from app.api.schemas.area import AreaBrief
from app.api.schemas.capacity import CAPACITY_EXAMPLE, KindFilter, ReportingOut
from app.api.schemas.contact import contact
from app.api.schemas.facility import ContactOut
from app.api.schemas.fields import Cursor, Limit, Many, MinPosition, Wire
from app.board.index import Key
from app.board.overdue import OverdueOrder, OverdueQuery, OverdueRow
from app.domain.beds.freshness import Freshness
from app.domain.errors import Malformed
from app.domain.registry.facility import Facility, FacilityKind

NotFresh = Literal["stale", "silent", "lapsed", "never"]

_EXAMPLE: dict[str, JsonValue] = {
    "position": 1842,
    "as_of": "2026-11-23T03:00:04Z",
    "area": CAPACITY_EXAMPLE["area"],
    "reporting": CAPACITY_EXAMPLE["reporting"],
    "facilities": [
        {
            "facility": {
                "facility_id": "rs-3374010",
                "name": "RSUP Dr. Kariadi",
                "kind": "hospital",
                "area_code": "33.74.04.1007",
            },
            "freshness": "stale",
            "observed_at": "2026-11-22T20:10:00Z",
            "since": "2026-11-23T02:10:00Z",
            "beds_at_stake": 214,
            "contact": {"name": None, "phones": ["024 8413476"]},
        }
    ],
    "next_cursor": None,
}


class FacilityRefOut(BaseModel):
    """Which facility."""

    facility_id: str
    name: str
    kind: FacilityKind
    area_code: str


def facility_ref(facility: Facility) -> dict[str, Any]:
    """Return the fields of FacilityRefOut."""
    return {name: getattr(facility, name) for name in FacilityRefOut.model_fields}


class OverdueOut(BaseModel):
    """A facility that is not fresh."""

    facility: FacilityRefOut
    freshness: Freshness
    observed_at: datetime | None = Field(description="Newest observation; null if it never reported.")
    since: datetime | None = Field(description="When it stopped being fresh; null if it never reported.")
    beds_at_stake: int | None = Field(
        description="Beds of its lines, none of which is fresh; null if no line states how many there are."
    )
    contact: ContactOut | None

    @classmethod
    def of(cls, row: OverdueRow) -> Self:
        """Convert from the board's row."""
        return cls(
            facility=FacilityRefOut(**facility_ref(row.facility)),
            freshness=row.overdue.freshness,
            observed_at=row.observed_at,
            since=row.overdue.since,
            beds_at_stake=row.overdue.beds_at_stake,
            contact=contact(row.facility),
        )


class OverdueFacilitiesOut(BaseModel):
    """A page of facilities that are not fresh."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    position: int
    as_of: datetime
    area: AreaBrief
    reporting: ReportingOut = Field(description="All facilities of the area, of these kinds, by freshness.")
    facilities: list[OverdueOut]
    next_cursor: str | None = Field(description="Send it as `cursor` for the next page; null at the end.")


class OverdueFacilitiesQuery(Wire):
    """Filters, order and page."""

    freshness: Many[NotFresh] = Field(default=[], description="Only facilities that are so.")
    kind: KindFilter = Field(default=[])
    sort: Literal["beds_at_stake", "since"] = Field(
        default="beds_at_stake",
        description="`beds_at_stake`: most first. `since`: those first that have not been fresh for the longest time. "
        "Unknown ones last, equal ones by facility id.",
    )
    min_position: MinPosition | None = None
    cursor: Cursor | None = None
    limit: Limit = 100

    def wanted(self, *, from_start: bool = False) -> OverdueQuery:
        """Convert to the board's query. Raises: Malformed, if the cursor belongs to another list or order."""
        after: Key | None = None
        if self.cursor is not None and not from_start:
            order, rank, facility_id = cursors.decode(self.cursor, str, float, str)
            if order != self.sort:
                raise Malformed("The cursor belongs to another order; start again with the first page.")
            after = (float(rank), str(facility_id))
        return OverdueQuery(
            order=OverdueOrder(self.sort),
            freshness=frozenset(map(Freshness, self.freshness)),
            kind=frozenset(self.kind),
            after=after,
        )

    def cursor_after(self, row: OverdueRow) -> str:
        """Return the cursor of the page after this row."""
        return cursors.encode(self.sort, *row.key)
