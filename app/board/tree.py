"""The tree of areas, in memory: paths, children, and finding an area by name."""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator

from app.domain.errors import NotFound
from app.domain.registry.area import Area, AreaLevel


class AreaNode:
    """An area with its children (sorted codes), its number in the sums, and the version of its figures.

    `facilities` are the sorted ids of the open ones in the area itself, `below` those of the area and all below it.
    The version is a number that no area had before; it changes when anything in the area or below it does. `settled`
    is the ledger position since which the figures of the area are what they are now. `own_version` and `own_settled`
    are the same for the area and the facilities registered in the area itself.
    """

    __slots__ = (
        "area",
        "below",
        "children",
        "facilities",
        "number",
        "own_settled",
        "own_version",
        "settled",
        "version",
    )

    def __init__(self, area: Area, number: int) -> None:
        self.area = area
        self.number = number
        self.version = self.own_version = 0
        self.settled = self.own_settled = 0
        self.children: list[str] = []
        self.facilities: list[str] = []
        self.below: list[str] = []


class Tree:
    """All areas, by code."""

    def __init__(self) -> None:
        self._nodes: dict[str, AreaNode] = {}
        self._codes: list[str] | None = []
        self._roots: list[str] = []

    def __contains__(self, code: str) -> bool:
        return code in self._nodes

    def __iter__(self) -> Iterator[str]:
        return iter(self._nodes)

    @property
    def roots(self) -> list[str]:
        """The codes of areas without a parent."""
        return self._roots

    def node(self, code: str) -> AreaNode:
        """The node of an area. Raises: NotFound."""
        try:
            return self._nodes[code]
        except KeyError:
            raise NotFound(f"There is no area {code!r}; GET /v1/areas lists them.") from None

    def put(self, area: Area, number: int) -> AreaNode:
        """Add an area, whose parent must exist, or change one. Returns its node."""
        node = self._nodes.get(area.code)
        if node is None:
            node = self._nodes[area.code] = AreaNode(area, number)
            self._codes = None
        else:
            self._siblings(node.area.parent).remove(area.code)
            node.area = area
        insort(self._siblings(area.parent), area.code)
        return node

    def path(self, code: str) -> list[AreaNode]:
        """The nodes from the root down to the area. Raises: NotFound."""
        nodes = [self.node(code)]
        while (parent := nodes[-1].area.parent) is not None:
            nodes.append(self._nodes[parent])
        nodes.reverse()
        return nodes

    def upward(self, code: str) -> Iterator[Area]:
        """The area and its ancestors, the root last. Raises: NotFound."""
        area = self.node(code).area
        yield area
        while area.parent is not None:
            area = self._nodes[area.parent].area
            yield area

    def trunk(self) -> str | None:
        """The first area from the root down that does not have exactly one child; None without areas."""
        codes = self._roots
        found = codes[0] if codes else None
        while len(codes) == 1:
            found = codes[0]
            codes = self._nodes[found].children
        return found

    def is_inside(self, code: str, outer: str) -> bool:
        """Whether an area equals another one or lies below it."""
        inner: str | None = code
        while inner is not None and inner != outer:
            inner = self._nodes[inner].area.parent
        return inner is not None

    def add_facility(self, code: str, facility_id: str) -> None:
        """Add a facility to an area, and so to all areas above it."""
        path = self.path(code)
        for ids in (path[-1].facilities, *(node.below for node in path)):
            if not ids or ids[-1] < facility_id:
                ids.append(facility_id)
            else:
                insort(ids, facility_id)

    def remove_facility(self, code: str, facility_id: str) -> None:
        """Remove a facility from its area."""
        path = self.path(code)
        for ids in (path[-1].facilities, *(node.below for node in path)):
            del ids[bisect_left(ids, facility_id)]

    def clear_facilities(self) -> None:
        """Remove all facilities."""
        for node in self._nodes.values():
            node.facilities.clear()
            node.below.clear()

    def find(
        self, *, parent: str | None, level: AreaLevel | None, q: str | None, after: str | None, limit: int
    ) -> list[Area]:
        """Areas by code, after `after`; `q` is part of a name or a prefix of a code."""
        codes = self._sorted() if parent is None else self.node(parent).children
        start = 0 if after is None else bisect_right(codes, after)
        wanted = q.casefold() if q else ""
        found: list[Area] = []
        for place in range(start, len(codes)):
            area = self._nodes[codes[place]].area
            if level is not None and area.level is not level:
                continue
            if wanted and wanted not in area.name.casefold() and not area.code.casefold().startswith(wanted):
                continue
            found.append(area)
            if len(found) == limit:
                break
        return found

    def _siblings(self, parent: str | None) -> list[str]:
        return self._roots if parent is None else self._nodes[parent].children

    def _sorted(self) -> list[str]:
        if self._codes is None:
            self._codes = sorted(self._nodes)
        return self._codes
