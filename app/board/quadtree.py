"""Facilities by place, to be found nearest first: a tree of boxes of latitude and longitude.

Bounds are measured through the earth: the chord to a point is never longer than the way along the surface, and costs a
fifth of it. That way itself is computed only for ids whose chord is short enough for them to come next.
"""

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from itertools import count
from math import cos, radians, sin, sqrt
from typing import NamedTuple, Self

from app.board.grid import EARTH_RADIUS_KM, Place, distance_from

LEAF_MAX = 16
SIDE = 4  # children of a box in each direction
DEPTH_MAX = 9  # 150 m: where more stand in one place, they stay in one leaf
ROUNDING_KM = 1e-6

_ORDER = count()
Found = tuple[float, str]
Point = tuple[float, float, float]


class Spot(NamedTuple):
    """A place with its point in space, in km."""

    lat: float
    lon: float
    x: float
    y: float
    z: float

    @classmethod
    def at(cls, place: Place) -> Self:
        """The spot of a place."""
        return cls(*place, *_point(place))


class _Box:
    """A leaf has `places`, by id; any other box has `children`, by number. `number` is how many are in it."""

    __slots__ = ("centre", "children", "depth", "height", "number", "order", "places", "radius", "south", "west")

    def __init__(self, south: float, west: float, height: float, depth: int) -> None:
        self.south, self.west, self.height, self.depth = south, west, height, depth
        lat, lon = south + height / 2, west + height
        self.centre = _point((lat, lon))
        # No point is farther from the centre: first along its parallel, then along a meridian.
        self.radius = radians(height * cos(radians(lat)) + height / 2) * EARTH_RADIUS_KM + ROUNDING_KM
        if height < 45:  # within a quarter of the globe the corners are farthest
            corners = [(south + height * north, west + 2 * height * east) for north in (0, 1) for east in (0, 1)]
            self.radius = max(_chord(self.centre, _point(corner)) for corner in corners) + ROUNDING_KM
        self.number = 0
        self.order = next(_ORDER)  # any order will do, where two boxes are equally far
        self.places: dict[str, Spot] | None = {}
        self.children: dict[int, _Box] = {}

    def child(self, spot: "Spot") -> "_Box":
        """The child with this place; it is made if it is not there."""
        height = self.height / SIDE
        row, column = int((spot[0] - self.south) / height), int((spot[1] - self.west) / (2 * height))
        if row >= SIDE:  # `min` would take as long as the rest
            row = SIDE - 1
        if column >= SIDE:
            column = SIDE - 1
        child = self.children.get(number := row * SIDE + column)
        if child is None:
            south, west = self.south + row * height, self.west + column * 2 * height
            child = self.children[number] = _Box(south, west, height, self.depth + 1)
        return child

    def split(self) -> None:
        """Make a leaf a box of leaves."""
        places, self.places = self.places or {}, None
        for key, spot in places.items():
            child = self.child(spot)
            child.number += 1
            if child.places is not None:
                child.places[key] = spot

    def all(self) -> Iterator[tuple[str, Spot]]:
        """Everything in it."""
        if self.places is not None:
            yield from self.places.items()
        for child in self.children.values():
            yield from child.all()


class Quadtree:
    """Ids with their places."""

    def __init__(self) -> None:
        self.root = _Box(-90.0, -180.0, 180.0, 0)

    def __len__(self) -> int:
        return self.root.number

    def smallest(self) -> _Box:
        """The smallest box with everything in it: a country is in few boxes of the world."""
        box = self.root
        while len(box.children) == 1:
            box = next(iter(box.children.values()))
        return box

    def add(self, key: str, spot: Spot) -> None:
        """Add an id that is not in it."""
        box = self.root
        box.number += 1
        while box.places is None or (len(box.places) >= LEAF_MAX and box.depth < DEPTH_MAX):
            if box.places is not None:
                box.split()
            box = box.child(spot)
            box.number += 1
        box.places[key] = spot

    def remove(self, key: str, spot: Spot) -> None:
        """Remove an id, given with the place where it was added."""
        box = self.root
        box.number -= 1
        while box.places is None:
            if box.number <= LEAF_MAX // 2:
                box.places = dict(box.all())
                box.children = {}
                break
            box = box.child(spot)
            box.number -= 1
        del box.places[key]


def by_distance(trees: Iterable[Quadtree], place: Place) -> Iterator[Found | None]:
    """The ids of several trees with their distances in km, nearest first, equal ones by id.

    None after each step without a result.
    """
    (x, y, z), distance_to = _point(place), distance_from(place)
    # Boxes, then ids with their bounds, come before ids of the same distance: they may be ids that come first.
    heap: list[tuple[float, int, str | int, _Box | Spot | None]] = [
        (0.0, 0, box.order, box) for box in (tree.smallest() for tree in trees if len(tree))
    ]
    while heap:
        distance, _, key, box = heappop(heap)
        if box is None:
            yield distance, str(key)
            continue
        if isinstance(box, Spot):
            heappush(heap, (distance_to((box.lat, box.lon)), 2, key, None))
            continue
        if box.places is not None:
            for each, spot in box.places.items():
                _, _, east, north, up = spot
                chord = sqrt((east - x) ** 2 + (north - y) ** 2 + (up - z) ** 2)
                heappush(heap, (chord - ROUNDING_KM, 1, each, spot))
        for child in box.children.values():
            if child.number:
                east, north, up = child.centre  # a call for each box would take as long as the rest
                chord = sqrt((east - x) ** 2 + (north - y) ** 2 + (up - z) ** 2)
                heappush(heap, (chord - child.radius, 0, child.order, child))
        yield None


def _point(place: Place) -> Point:
    """A place as a point in space, in km."""
    lat, lon = radians(place[0]), radians(place[1])
    flat = EARTH_RADIUS_KM * cos(lat)
    return flat * cos(lon), flat * sin(lon), EARTH_RADIUS_KM * sin(lat)


def _chord(one: Point, other: Point) -> float:
    """The straight distance between two points, in km."""
    x, y, z = one[0] - other[0], one[1] - other[1], one[2] - other[2]
    return sqrt(x * x + y * y + z * z)
