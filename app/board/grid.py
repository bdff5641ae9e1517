"""A spatial index: facilities by cells of a quarter of a degree, so that the nearest are found first."""

from collections.abc import Callable, Iterator
from math import asin, cos, floor, radians, sin, sqrt

from app.domain.registry.facility import Facility

EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG
_DIAMETER_KM = 2 * EARTH_RADIUS_KM
CELL_DEGREES = 0.25
# No point of a cell is farther from its centre than this: half a cell along the meridian, then half a cell along
# the parallel, which is longest at the equator. The last term is for rounding.
CELL_RADIUS_KM = radians(CELL_DEGREES) * EARTH_RADIUS_KM + 1e-6

Cell = tuple[int, int]
Place = tuple[float, float]


def distance_km(place: Place, other: Place) -> float:
    """Great-circle distance between two places (lat, lon), in km."""
    return distance_from(place)(other)


def distance_from(place: Place) -> Callable[[Place], float]:
    """The distance from this place, for many others."""
    lat, lon = radians(place[0]), radians(place[1])
    cos_lat = cos(lat)

    def distance(other: Place) -> float:
        other_lat = radians(other[0])
        half = sin((other_lat - lat) / 2) ** 2
        half += cos_lat * cos(other_lat) * sin((radians(other[1]) - lon) / 2) ** 2
        return _DIAMETER_KM * asin(min(1.0, sqrt(half)))

    return distance


def place_of(facility: Facility) -> Place | None:
    """The coordinates of a facility as (lat, lon); None where they are unknown."""
    return None if facility.lat is None or facility.lon is None else (facility.lat, facility.lon)


class Grid:
    """Ids of facilities by cell, without those that have no coordinates."""

    def __init__(self) -> None:
        self._cells: dict[Cell, set[str]] = {}

    def add(self, facility: Facility) -> None:
        """Put a facility into its cell."""
        if (place := place_of(facility)) is not None:
            self._cells.setdefault(_cell(place), set()).add(facility.facility_id)

    def remove(self, facility: Facility) -> None:
        """Take a facility out of its cell."""
        if (place := place_of(facility)) is not None:
            cell = _cell(place)
            self._cells[cell].discard(facility.facility_id)
            if not self._cells[cell]:
                del self._cells[cell]

    def around(self, place: Place, beyond_km: float) -> Iterator[tuple[float, Cell]]:
        """Each cell with the smallest distance that a facility in it can have, in no order.

        Cells that have nothing at or past `beyond_km` are left out.
        """
        for cell in tuple(self._cells):
            distance = distance_km(place, _centre(cell))
            if distance + CELL_RADIUS_KM >= beyond_km:
                yield max(0.0, distance - CELL_RADIUS_KM), cell

    def ids(self, cell: Cell) -> tuple[str, ...]:
        """The facilities now in a cell."""
        return tuple(self._cells.get(cell, ()))


def _cell(place: Place) -> Cell:
    return floor(place[0] / CELL_DEGREES), floor(place[1] / CELL_DEGREES)


def _centre(cell: Cell) -> Place:
    return (cell[0] + 0.5) * CELL_DEGREES, (cell[1] + 0.5) * CELL_DEGREES
