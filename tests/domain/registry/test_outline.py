"""Outlines: what lies inside, and where a label goes."""

from math import cos, pi, sin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.registry.outline import Outline, Ring


def ring(*points: tuple[float, float]) -> Ring:
    return [*points, points[0]]


SQUARE = ring((0, 0), (4, 0), (4, 4), (0, 4))
HOLE = ring((1, 1), (1, 3), (3, 3), (3, 1))
U = ring((0, 0), (5, 0), (5, 5), (4, 5), (4, 1), (1, 1), (1, 5), (0, 5))


@pytest.mark.parametrize(
    ("lat", "lon", "inside"),
    [(0.5, 0.5, True), (2, 2, False), (2, 3.5, True), (2, 5, False), (5, 2, False), (-1, 2, False), (2, 9, True)],
)
def test_a_hole_is_outside_and_every_polygon_is_inside(lat: float, lon: float, inside: bool) -> None:
    island = ring((8, 1), (10, 1), (10, 3), (8, 3))
    assert Outline("x", [[SQUARE, HOLE], [island]]).contains(lat, lon) is inside


@pytest.mark.parametrize("polygons", [[[SQUARE, HOLE]], [[U]], [[ring((8, 1), (8.1, 1), (8, 1.1))], [SQUARE]]])
def test_the_label_point_is_inside(polygons: list[list[Ring]]) -> None:
    outline = Outline("x", polygons)
    assert outline.contains(*outline.inner_point())


def test_the_label_point_of_a_square_is_its_middle() -> None:
    assert Outline("x", [[SQUARE]]).inner_point() == (2, 2)


@given(st.lists(st.floats(0.1, 10), min_size=3, max_size=30), st.floats(-80, 80), st.floats(-160, 160))
def test_the_label_point_of_any_star_is_inside(radii: list[float], lat: float, lon: float) -> None:
    step = 2 * pi / len(radii)
    star = ring(*((lon + r * cos(n * step), lat + r * sin(n * step)) for n, r in enumerate(radii)))
    outline = Outline("x", [[star]])
    assert outline.contains(*outline.inner_point())


def test_one_polygon_is_a_polygon_and_several_are_a_multipolygon() -> None:
    assert Outline("x", [[SQUARE]]).geometry == {"type": "Polygon", "coordinates": [SQUARE]}
    assert Outline("x", [[SQUARE], [U]]).geometry == {"type": "MultiPolygon", "coordinates": [[SQUARE], [U]]}
