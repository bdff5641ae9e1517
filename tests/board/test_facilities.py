"""Finding facilities: by what they are, by what they have free, by distance, page by page."""

from dataclasses import replace
from datetime import datetime, timedelta
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.board.grid import distance_km
from app.board.search import FacilityQuery, FacilityRow
from app.domain.beds.bed_types import BedGroup
from app.domain.beds.freshness import Freshness
from app.domain.errors import NotFound
from app.domain.registry.facility import Facility, FacilityKind
from tests.board.conftest import Pen
from tests.factories import FACILITIES, MORNING, line, report

SIMPANG_LIMA = (-6.99, 110.42)


@pytest.fixture
def told(pen: Pen) -> Pen:
    """The small world, in which all but the hall have said something."""
    pen.reports(
        report(line("icu", beds_total=10, beds_occupied=4), line("ward_1", beds_total=20, beds_occupied=20)),
        report(line("icu", beds_available=2), facility_id="rs-b", minutes=-7 * 60),
        report(line("isolation_bed", beds_total=50), facility_id="iso-c"),
    )
    return pen


def rows_of(pen: Pen, code: str, asked: FacilityQuery, now: datetime = MORNING) -> list[FacilityRow]:
    return [row for row in pen.board.search(code, now, asked) if row is not None]


def ids(pen: Pen, code: str = "33.74", **how: object) -> list[str]:
    return [row.figures.facility.facility_id for row in rows_of(pen, code, FacilityQuery(**how))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("how", "found"),
    [
        ({}, ["iso-c", "rs-a", "rs-b", "rw-d"]),
        ({"kind": {FacilityKind.hospital}}, ["rs-a", "rs-b"]),
        ({"kind": {FacilityKind.rw_hall, FacilityKind.isolation_site}}, ["iso-c", "rw-d"]),
        ({"freshness": {Freshness.fresh}}, ["iso-c", "rs-a"]),
        ({"freshness": {Freshness.stale, Freshness.never}}, ["rs-b", "rw-d"]),
        ({"bed_type": {"icu"}}, ["rs-a", "rs-b"]),
        ({"group": {BedGroup.ward}}, ["rs-a"]),
        ({"group": {BedGroup.ward}, "bed_type": {"icu"}}, []),
        ({"min_available": 0}, ["iso-c", "rs-a", "rs-b", "rw-d"]),
        ({"min_available": 1}, ["rs-a", "rs-b"]),
        ({"min_available": 2}, ["rs-a", "rs-b"]),
        ({"min_available": 3}, ["rs-a"]),
        ({"min_available": 6}, ["rs-a"]),
        ({"min_available": 7}, []),
        ({"min_available": 1, "bed_type": {"ward_1"}}, []),
        ({"min_available": 1, "bed_type": {"icu"}, "freshness": {Freshness.fresh}}, ["rs-a"]),
        ({"after": (0.0, "rs-a")}, ["rs-b", "rw-d"]),
    ],
)
def test_the_facilities_that_are_asked_for(told: Pen, how: dict[str, object], found: list[str]) -> None:
    how = {name: frozenset(value) if isinstance(value, set) else value for name, value in how.items()}
    assert ids(told, **how) == found


def test_facilities_are_those_of_the_area_and_below(told: Pen) -> None:
    assert ids(told, "33.74.01") == ["iso-c", "rs-a", "rw-d"]
    assert ids(told, "33.74.01.1001.001") == ["rw-d"]
    assert ids(told, "33.74.01.1002") == []
    assert ids(told, "ID") == ["iso-c", "rs-a", "rs-b", "rs-e", "rw-d"]
    with pytest.raises(NotFound):
        ids(told, "99")


def test_a_closed_facility_is_not_among_them(told: Pen) -> None:
    told.facilities(replace(FACILITIES[0], closed_at=MORNING))
    assert ids(told) == ["iso-c", "rs-b", "rw-d"]


def test_with_a_filter_of_lines_the_figures_are_those_of_the_lines(told: Pen) -> None:
    figures = rows_of(told, "33.74", FacilityQuery(bed_type=frozenset({"icu"})))[0].figures
    assert (figures.totals.beds_total, figures.totals.beds_available) == (10, 6)


def test_a_facility_turns_stale_between_two_questions(told: Pen) -> None:
    asked = FacilityQuery(freshness=frozenset({Freshness.fresh}), kind=frozenset({FacilityKind.hospital}))
    assert len(rows_of(told, "33.74", asked, MORNING + timedelta(hours=6))) == 1
    assert rows_of(told, "33.74", asked, MORNING + timedelta(hours=6, seconds=1)) == []


def test_the_nearest_comes_first_and_who_has_no_place_comes_last(told: Pen) -> None:
    rows = rows_of(told, "ID", FacilityQuery(near=SIMPANG_LIMA))
    found = [(row.figures.facility.facility_id, row.distance_km) for row in rows]
    assert found == [("rw-d", 0.0), ("rs-a", 1.112), ("rs-b", 3.514), ("iso-c", None), ("rs-e", None)]


@pytest.mark.parametrize(
    ("place", "other", "km"),
    [
        ((0, 0), (0, 0), 0),
        ((0, 0), (0, 1), 111.195),
        ((0, 0), (0, 180), 20015.115),
        ((90, 0), (-90, 0), 20015.115),
        ((0, 179.5), (0, -179.5), 111.195),
        ((-6.9667, 110.4167), (-6.2, 106.8167), 406.695),
    ],
)
def test_distances_are_along_the_great_circle(
    place: tuple[float, float], other: tuple[float, float], km: float
) -> None:
    assert distance_km(place, other) == pytest.approx(km, abs=0.01)


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.integers(0, 3), st.booleans(), st.integers(0, 9)), max_size=12),
    st.integers(1, 5),
    st.booleans(),
    st.sampled_from((None, 3)),
)
def test_the_pages_cover_every_facility_exactly_once(
    places: list[tuple[int, bool, int]], limit: int, is_near: bool, min_available: int | None
) -> None:
    """Many at the same distance, some without a place, some that do not fit the question."""
    pen = Pen().world()
    sites = [
        Facility(f"s{n}", FacilityKind.clinic, "s", "33.75", None, -7 + where / 10 if has_place else None, 110.0)
        for n, (where, has_place, _) in enumerate(places)
    ]
    sites = [site if site.lat is not None else replace(site, lon=None) for site in sites]
    pen.facilities(*sites)
    pen.reports(*(report(line(beds_available=free), facility_id=f"s{n}") for n, (*_, free) in enumerate(places)))
    asked = FacilityQuery(
        kind=frozenset({FacilityKind.clinic}),
        near=SIMPANG_LIMA if is_near else None,
        min_available=min_available,
    )
    rows: list[FacilityRow] = []
    while page := rows_of(pen, "33", replace(asked, after=rows[-1].key if rows else None))[:limit]:
        rows += page
    distances = [inf if row.distance_km is None else row.distance_km for row in rows]
    assert not is_near or distances == sorted(distances)
    found = [row.figures.facility.facility_id for row in rows]
    assert is_near or found == sorted(found)
    fitting = {f"s{n}" for n, (*_, free) in enumerate(places) if min_available is None or free >= min_available}
    assert sorted(found) == sorted(fitting)
