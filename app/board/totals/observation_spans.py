"""The oldest and newest observation of each cell inside every area, brought up to date by the next query.

A sum can follow a report by one addition; a minimum cannot, since the oldest observation may just have been replaced.
So a report only marks the areas on its path, and a query merges what changed below: of a part of an area (a child area,
or a facility of its own) only the cells whose span changed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

from app.board.tree import AreaNode, Tree

Span = tuple[datetime, datetime]
# By the number of a cell (`app.board.totals.sums`).
Spans = Mapping[int, Span]

# Areas with at most so many facilities are not kept: reading the facilities is as fast.
FEW = 4
# Facilities that are read between two pauses: 15 to 30 microseconds each.
PREPARED_AT_ONCE = 250


class _Merged:
    """The spans of one area: of each of its parts, and of all together. Mappings are replaced, never modified."""

    __slots__ = ("changed", "parts", "spans")

    def __init__(self, parts: dict[str, Spans]) -> None:
        self.parts = parts
        self.changed: set[str] = set()
        self.spans: Spans = merge(parts.values())


class ObservationSpans:
    """The spans of all areas. `of_facility` gives those of one open facility."""

    def __init__(self, tree: Tree, of_facility: Callable[[str], Spans]) -> None:
        self._tree = tree
        self._of_facility = of_facility
        self._areas: dict[str, _Merged] = {}

    def touch(self, path: list[AreaNode], facility_id: str | None) -> None:
        """Note that a facility in the last area of this path changed, or was added or removed (None: the area)."""
        part = facility_id
        for node in reversed(path):
            if part is not None and (merged := self._areas.get(node.area.code)) is not None:
                merged.changed.add(part)
            part = node.area.code

    def forget(self) -> None:
        """Discard everything, after areas moved."""
        self._areas.clear()

    def prepare(self, node: AreaNode) -> Iterator[None]:
        """Read what a query for this area would read; yields where the caller should pause."""
        if len(node.below) > PREPARED_AT_ONCE:
            for code in tuple(node.children):
                if code in self._tree:  # it may have moved in a pause
                    yield from self.prepare(self._tree.node(code))
        self.of(node)
        yield

    def are_read(self, node: AreaNode) -> bool:
        """Whether a query for this area reads only what has changed."""
        return node.area.code in self._areas or len(node.below) <= FEW

    def of(self, node: AreaNode) -> Spans:
        """The spans of all cells inside an area."""
        merged = self._areas.get(node.area.code)
        if len(node.below) <= FEW:
            if merged is not None:
                del self._areas[node.area.code]
            return merge(map(self._of_facility, node.below))
        if merged is None:
            parts = {facility_id: self._of_facility(facility_id) for facility_id in node.facilities}
            below = (self._tree.node(code) for code in node.children)
            parts |= {child.area.code: self.of(child) for child in below if child.below}
            merged = self._areas[node.area.code] = _Merged(parts)
        elif merged.changed:
            self._update(node, merged)
        return merged.spans

    def _update(self, node: AreaNode, merged: _Merged) -> None:
        spans = dict(merged.spans)
        own = set(node.facilities)
        for part in merged.changed:
            before = merged.parts.get(part, {})
            after: Spans = {}
            if part in own:
                after = self._of_facility(part)
            elif part in self._tree and self._tree.node(part).area.parent == node.area.code:
                after = self.of(self._tree.node(part))
            if after:
                merged.parts[part] = after
            else:
                merged.parts.pop(part, None)
            _replace(spans, before, after, merged.parts.values())
        merged.changed.clear()
        merged.spans = spans


def merge(parts: Iterable[Spans]) -> Spans:
    """The spans of several parts together."""
    merged: dict[int, Span] = {}
    for spans in parts:
        for cell, span in spans.items():
            known = merged.get(cell)
            merged[cell] = span if known is None else (min(known[0], span[0]), max(known[1], span[1]))
    return merged


def _replace(spans: dict[int, Span], before: Spans, after: Spans, parts: Iterable[Spans]) -> None:
    """Replace the spans of one part in those of all; where it may have been the oldest or newest, look at all parts."""
    for cell, new in after.items():
        old, known = before.get(cell), spans.get(cell)
        if old == new:
            continue
        if known is None:
            spans[cell] = new
        elif old is None or ((old[0] > known[0] or new[0] <= old[0]) and (old[1] < known[1] or new[1] >= old[1])):
            spans[cell] = min(known[0], new[0]), max(known[1], new[1])
        else:
            _merge_cell(spans, cell, parts)
    for cell in before.keys() - after.keys():
        _merge_cell(spans, cell, parts)


def _merge_cell(spans: dict[int, Span], cell: int, parts: Iterable[Spans]) -> None:
    found = [span for part in parts if (span := part.get(cell)) is not None]
    if found:
        spans[cell] = min(oldest for oldest, _ in found), max(newest for _, newest in found)
    else:
        spans.pop(cell, None)
