"""Where to draw a facility: at its own coordinates, or at the point of its area."""

from collections.abc import Iterable
from dataclasses import dataclass

from app.domain.registry.area import Area
from app.domain.registry.facility import Facility
from app.domain.vocabulary import StoredEnum


class LocationIs(StoredEnum):
    """Whose coordinates a location is."""

    facility = "facility"
    area = "area"


@dataclass(frozen=True, slots=True)
class Location:
    """Coordinates to draw a facility at; those of an area are not where it is."""

    lat: float
    lon: float
    is_of: LocationIs


def location_of(facility: Facility, areas: Iterable[Area]) -> Location | None:
    """The coordinates of a facility, else the point of the first of its areas that has one; `areas`: lowest first."""
    if facility.lat is not None and facility.lon is not None:
        return Location(facility.lat, facility.lon, LocationIs.facility)
    for area in areas:
        if area.lat is not None and area.lon is not None:
            return Location(area.lat, area.lon, LocationIs.area)
    return None
