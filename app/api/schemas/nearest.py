"""The nearest beds: free and known to be free, full, or not known any more."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from app.api.schemas.capacity import BedTypeFilter, GroupFilter, KindFilter
from app.api.schemas.contact import phones
from app.api.schemas.fields import AreaCode, MinPosition, Wire, digits
from app.api.schemas.figures import LocationOut
from app.api.schemas.reporting import FacilityRefOut, facility_ref
from app.board.nearest import NearestQuery, NearestRow
from app.board.offers import ANY_BED, Need
from app.domain.beds.counts import COUNT_MAX
from app.domain.beds.freshness import Freshness
from app.domain.registry.location import Location, LocationIs

ROWS_MAX = 100

_EXAMPLE_ROW: dict[str, JsonValue] = {
    "facility": {
        "facility_id": "rs-3374010",
        "name": "RSUP Dr. Kariadi",
        "kind": "hospital",
        "area_code": "33.74.04.1007",
        "location": {"lat": -6.99354, "lon": 110.40774},
        "location_is": "facility",
    },
    "distance_km": 1.204,
    "beds_available": 3,
    "observed_at": "2026-11-23T02:41:00Z",
    "age_seconds": 1144,
    "freshness": "fresh",
    "queue": 1,
    "phones": ["024 8413476"],
}
_EXAMPLE: dict[str, JsonValue] = {
    "position": 1842,
    "as_of": "2026-11-23T03:00:04Z",
    "origin": {"lat": -6.98256, "lon": 110.42083},
    "beds": [_EXAMPLE_ROW],
    "full": [{**_EXAMPLE_ROW, "distance_km": 0.61, "beds_available": 1, "queue": 2, "reason": "queue"}],
    "not_fresh": [],
}


class PlacedFacilityOut(FacilityRefOut):
    """Which facility, and where."""

    location: LocationOut
    location_is: LocationIs = Field(
        description="`area`: it has no coordinates; these are those of the smallest area around it that has some."
    )


class NearestOut(BaseModel):
    """The beds of the wanted types at one facility; those of its fresh lines if it has some."""

    facility: PlacedFacilityOut
    distance_km: float = Field(description="Along the surface of the earth, not by road.")
    beds_available: int | None = Field(description="Null if not stated, or if all of its lines have lapsed.")
    observed_at: datetime = Field(description="The oldest observation of these lines.")
    age_seconds: int
    freshness: Freshness = Field(description="That of its freshest line of these types.")
    queue: int | None = Field(description="Patients who wait for such a bed; null if not stated.")
    phones: list[str]


class FullOut(NearestOut):
    """A facility that is known to have no bed for one more patient."""

    reason: Literal["no_free_bed", "queue", "unknown"] = Field(
        description="`no_free_bed`: fewer are free than wanted. `queue`: as many patients wait as beds are free. "
        "`unknown`: its fresh lines do not state how many are free."
    )


def row_fields(row: NearestRow, location: Location, as_of: datetime) -> dict[str, Any]:
    """Return the fields of NearestOut."""
    offer = row.offer
    return {
        "facility": PlacedFacilityOut(
            **facility_ref(row.facility),
            location=LocationOut(lat=location.lat, lon=location.lon),
            location_is=location.is_of,
        ),
        "distance_km": round(row.distance_km, 3),
        "beds_available": offer.beds_available,
        "observed_at": offer.observed_at,
        "age_seconds": max(0, int((as_of - offer.observed_at).total_seconds())),
        "freshness": offer.freshness,
        "queue": offer.queue,
        "phones": phones(row.facility),
    }


def reason(row: NearestRow, min_available: int) -> Literal["no_free_bed", "queue", "unknown"]:
    """Why a facility with fresh lines is not one with free beds."""
    if row.offer.beds_available is None:
        return "unknown"
    return "no_free_bed" if row.offer.beds_available < max(1, min_available) else "queue"


class NearestBedsOut(BaseModel):
    """Three lists, each sorted by distance, equal distances by facility id."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    position: int
    as_of: datetime
    origin: LocationOut
    beds: list[NearestOut] = Field(description="Fresh lines state enough free beds, more than patients wait.")
    full: list[FullOut] = Field(description="Fresh lines do not.")
    not_fresh: list[NearestOut] = Field(description="It has such beds, but none of its lines about them is fresh.")


def _number(value: object) -> object:
    # Query parameters are text; "nan" and "1e3" are no coordinates.
    if isinstance(value, str) and not value.lstrip("-").replace(".", "", 1).isdecimal():
        raise ValueError("must be degrees, such as -6.99")
    return value


class NearestBedsQuery(Wire):
    """The place (one of `lat` and `lon`, `area`, `facility`), and which beds."""

    lat: Annotated[float, Field(ge=-90, le=90), BeforeValidator(_number)] | None = Field(
        default=None, description="Latitude of the place, with `lon`.", examples=[-6.99]
    )
    lon: Annotated[float, Field(ge=-180, le=180), BeforeValidator(_number)] | None = Field(
        default=None, examples=[110.42]
    )
    area: AreaCode | None = Field(default=None, description="Or the point of this area (*kode wilayah*).")
    facility: Annotated[str, Field(max_length=100)] | None = Field(
        default=None, description="Or this facility, also by a code: `sirs:3374010`."
    )
    bed_type: BedTypeFilter = Field(default=[])
    group: GroupFilter = Field(default=[])
    kind: KindFilter = Field(default=[])
    min_available: Annotated[int, Field(ge=1, le=COUNT_MAX), BeforeValidator(digits)] = Field(
        default=1, description="Free beds that are needed."
    )
    limit: Annotated[int, Field(ge=1, le=ROWS_MAX), BeforeValidator(digits)] = Field(
        default=10, description="Rows of each list, at most 100."
    )
    min_position: MinPosition | None = None

    def wanted(self, place: tuple[float, float]) -> NearestQuery:
        """Convert to the board's query."""
        needs = frozenset({*map(Need, self.bed_type), *(Need(group=group) for group in self.group)})
        return NearestQuery(
            place=place,
            needs=needs or frozenset({ANY_BED}),
            kind=frozenset(self.kind),
            min_available=self.min_available,
            limit=self.limit,
        )
