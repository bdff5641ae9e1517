"""The outlines of Kota Semarang: whole, small, and neighbours share their borders at each level."""

import gzip
import json
from collections import Counter
from itertools import pairwise

import pytest

from app.cli.boundary_files import read_boundary_file
from app.cli.registry import SEMARANG
from app.cli.registry_rows import read_areas
from app.domain.registry.outline import Outline

FILES = {
    name: read_boundary_file(SEMARANG / "outlines" / f"{name}.geojson") for name in ("kota", "kecamatan", "kelurahan")
}
AREAS = {area.code: area for _, area in read_areas(SEMARANG / "areas.csv")}

Edge = tuple[tuple[float, float], tuple[float, float]]


def edges(outline: Outline) -> Counter[Edge]:
    """Each side of an outline, in its direction: counterclockwise, holes clockwise."""
    return Counter(side for polygon in outline.polygons for ring in polygon for side in pairwise(ring))


def border_of(outlines: list[Outline]) -> set[Edge]:
    """The border of all together: a side that neighbours share has both directions, and drops out."""
    sides = sum(map(edges, outlines), Counter())
    assert set(sides.values()) == {1}, "two outlines overlap"
    return {(start, end) for start, end in sides if (end, start) not in sides}


@pytest.mark.parametrize(("name", "count"), [("kota", 1), ("kecamatan", 16), ("kelurahan", 177)])
def test_every_area_has_its_outline(name: str, count: int) -> None:
    codes = [outline.code for outline in FILES[name].outlines]
    assert len(codes) == len(set(codes)) == count
    assert set(codes) <= AREAS.keys()


def test_the_parts_of_each_area_fit_each_other_and_add_up_to_it() -> None:
    for whole, parts in (("kota", "kecamatan"), ("kecamatan", "kelurahan")):
        for outline in FILES[whole].outlines:
            inside = [part for part in FILES[parts].outlines if AREAS[part.code].parent == outline.code]
            assert corners(border_of(inside)) == corners(set(edges(outline))), outline.code


def corners(border: set[Edge]) -> set[tuple[float, float]]:
    """The places of a border."""
    return {start for start, _ in border}


def test_every_registered_point_lies_inside() -> None:
    for file in FILES.values():
        for outline in file.outlines:
            area = AREAS[outline.code]
            assert area.lat is not None
            assert area.lon is not None
            assert outline.contains(area.lat, area.lon), outline.code


def test_their_source_is_named_and_its_licence_is_kept() -> None:
    assert all("MIT, (c) Cahya DSN" in (file.attribution or "") for file in FILES.values())
    readme = (SEMARANG / "README.md").read_text(encoding="utf-8")
    assert "MIT License. Copyright Cahya DSN." in readme
    assert "outlines/" in readme


def test_a_first_view_is_small() -> None:
    def packed(outlines: list[Outline]) -> int:
        return len(gzip.compress(json.dumps([each.geometry for each in outlines], separators=(",", ":")).encode(), 6))

    assert packed(list(FILES["kecamatan"].outlines)) < 15_000
    for kecamatan in FILES["kecamatan"].outlines:
        inside = [each for each in FILES["kelurahan"].outlines if AREAS[each.code].parent == kecamatan.code]
        assert packed(inside) < 10_000
