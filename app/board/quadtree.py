"""Facilities by place, to be found nearest first: a quadtree over latitude and longitude."""

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from itertools import count
from math import asin, cos, radians, sin, sqrt

from app.board.grid import EARTH_RADIUS_KM, Place, distance_km

LEAF_MAX = 16
DEPTH_MAX = 16  # 600 m: where more stand in one place, they stay in one leaf
ROUNDING_KM = 1e-6

Found = tuple[float, str]


class _Node:
    """A box. A leaf has `places`, by id; any other has four children."""

    __slots__ = ("children", "cos_lat", "depth", "half", "lat", "lon", "number", "places", "radius")

    def __init__(self, lat: float, lon: float, half: float, depth: int) -> None:
        # Half of its width in degrees of longitude; of latitude it has half as many.
        self.lat, self.lon, self.half, self.depth = lat, lon, half, depth
        self.cos_lat = cos(radians(lat))
        # No point is farther from the centre: along the parallel of the centre, then along the meridian.
        self.radius = radians(half * self.cos_lat + half / 2) * EARTH_RADIUS_KM + ROUNDING_KM
        self.number = 0
        self.places: dict[str, Place] | None = {}
        self.children: tuple[_Node, ...] = ()

    def child(self, place: Place) -> "_Node":
        return self.children[2 * (place[0] >= self.lat) + (place[1] >= self.lon)]

    def split(self) -> None:
        quarter = self.half / 2
        self.children = tuple(
            _Node(self.lat + north * quarter / 2, self.lon + east * quarter, quarter, self.depth + 1)
            for north in (-1, 1)
            for east in (-1, 1)
        )
        places, self.places = self.places or {}, None
        for key, place in places.items():
            child = self.child(place)
            child.number += 1
            if child.places is not None:
                child.places[key] = place

    def all(self) -> Iterator[tuple[str, Place]]:
        if self.places is not None:
            yield from self.places.items()
        for child in self.children:
            yield from child.all()


class Quadtree:
    """Ids with their places."""

    def __init__(self) -> None:
        self.root = _Node(0.0, 0.0, 180.0, 0)

    def __len__(self) -> int:
        return self.root.number

    def add(self, key: str, place: Place) -> None:
        """Add an id that is not in it."""
        node = self.root
        node.number += 1
        while node.places is None or (len(node.places) >= LEAF_MAX and node.depth < DEPTH_MAX):
            if node.places is not None:
                node.split()
            node = node.child(place)
            node.number += 1
        node.places[key] = place

    def remove(self, key: str, place: Place) -> None:
        """Remove an id, given with the place where it was added."""
        node = self.root
        node.number -= 1
        while node.places is None:
            if node.number <= LEAF_MAX // 2:
                node.places = dict(node.all())
                node.children = ()
                break
            node = node.child(place)
            node.number -= 1
        del node.places[key]


def by_distance(trees: Iterable[Quadtree], place: Place) -> Iterator[Found | None]:
    """The ids of several trees with their distances in km, nearest first, equal ones by id.

    None after each step without a result. The trees must not change meanwhile.
    """
    lat, lon, order = radians(place[0]), place[1], count()
    cos_lat = cos(lat)
    # Boxes come before ids of the same distance: one of them may have an id that comes first.
    heap: list[tuple[float, int, str | int, _Node | None]] = [
        (0.0, 0, next(order), tree.root) for tree in trees if len(tree)
    ]
    while heap:
        distance, _, key, node = heappop(heap)
        if node is None:
            yield distance, str(key)
            continue
        for each, there in (node.places or {}).items():
            heappush(heap, (distance_km(place, there), 1, each, None))
        for child in node.children:
            if child.number:
                half = sin((radians(child.lat) - lat) / 2) ** 2
                half += cos_lat * child.cos_lat * sin(radians(child.lon - lon) / 2) ** 2
                least = 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(half))) - child.radius
                heappush(heap, (max(0.0, least), 0, next(order), child))
        yield None
