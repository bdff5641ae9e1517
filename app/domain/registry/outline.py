"""Outlines of areas: polygons, and a point inside them for a label."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

Position = tuple[float, float]  # (longitude, latitude), as in GeoJSON
Ring = Sequence[Position]  # closed: the last position is the first one
Polygon = Sequence[Ring]  # the outer ring, then its holes

# Where the lines are drawn on which a point inside is looked for, as parts of the height; the first is the best place
# for a label.
_HEIGHTS = (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.1, 0.9, 0.05, 0.95)


@dataclass(frozen=True, slots=True)
class Outline:
    """The outline of an area: one or more polygons without overlaps."""

    code: str
    polygons: Sequence[Polygon]

    @property
    def geometry(self) -> dict[str, object]:
        """The outline as a GeoJSON geometry."""
        if len(self.polygons) == 1:
            return {"type": "Polygon", "coordinates": self.polygons[0]}
        return {"type": "MultiPolygon", "coordinates": self.polygons}

    def contains(self, lat: float, lon: float) -> bool:
        """Whether a place lies inside."""
        crossings = (x for ring in self._rings() for x in _crossings(ring, lat) if x > lon)
        return sum(1 for _ in crossings) % 2 == 1

    def inner_point(self) -> tuple[float, float]:
        """A place inside, (lat, lon): the middle of the widest part near half its height."""
        south, north = self._extent()
        best = (0.0, south, self.polygons[0][0][0][0])
        for height in _HEIGHTS:
            lat = south + (north - south) * height
            crossings = sorted(x for ring in self._rings() for x in _crossings(ring, lat))
            spans = [(east - west, lat, (west + east) / 2) for west, east in _pairs(crossings)]
            widest = max(spans, default=best)
            if widest[0] > best[0] * 1.5:  # a line farther from the middle must be clearly better
                best = widest
        return best[1], best[2]

    def _extent(self) -> tuple[float, float]:
        largest = max((polygon[0] for polygon in self.polygons), key=lambda ring: abs(_area(ring)))
        latitudes = [lat for _, lat in largest]
        return min(latitudes), max(latitudes)

    def _rings(self) -> Iterator[Ring]:
        for polygon in self.polygons:
            yield from polygon


def _pairs(crossings: list[float]) -> Iterator[tuple[float, float]]:
    return zip(crossings[::2], crossings[1::2], strict=True)


def _crossings(ring: Ring, lat: float) -> Iterator[float]:
    """Where a ring crosses a parallel. A position on it counts as above, so each crossing counts once."""
    for (x, y), (next_x, next_y) in pairwise(ring):
        if (y > lat) is not (next_y > lat):
            yield x + (lat - y) / (next_y - y) * (next_x - x)


def _area(ring: Ring) -> float:
    return sum(x * next_y - next_x * y for (x, y), (next_x, next_y) in pairwise(ring)) / 2
