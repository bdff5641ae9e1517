"""The nearest beds against brute force, also after the clock moves, and after moves, closings and new points."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.board import nearest as nearest_module
from app.board import quadtree as quadtree_module
from app.board.grid import distance_km
from app.board.nearest import NearestQuery, NearestRow
from app.board.offers import ANY_BED, Need, Standing
from app.board.quadtree import Quadtree, Spot, by_distance
from app.domain.beds.bed_types import BED_TYPES, BedGroup, containing
from app.domain.beds.freshness import Freshness
from app.domain.channels import Channel
from app.domain.ledger import AreasRegistered
from app.domain.registry.area import Area, AreaLevel
from app.domain.registry.facility import Facility, FacilityKind
from app.domain.reports.report import Report
from tests import strategies
from tests.board.conftest import Pen
from tests.factories import MORNING, line, report

IDS = tuple(f"s{n}" for n in range(8))
AREAS = ("ID", "33", "33.74", "33.74.01", "33.75")
KINDS = (FacilityKind.hospital, FacilityKind.clinic)
TYPES = ("icu", "icu_ventilator", "all_icu", "isolation", "ward_1")
# Few enough for equal distances; both sides of the antimeridian, and a pole.
PLACES = (None, None, (-7.0, 110.0), (-7.0, 110.25), (-7.125, 110.4), (0.0, 179.9), (0.0, -179.9), (90.0, 0.0))

facilities = st.builds(
    lambda facility_id, kind, area, place, is_open: Facility(
        facility_id,
        kind,
        facility_id,
        area,
        lat=place and place[0],
        lon=place and place[1],
        closed_at=None if is_open else MORNING,
    ),
    st.sampled_from(IDS),
    st.sampled_from(KINDS),
    st.sampled_from(AREAS),
    st.sampled_from(PLACES),
    st.sampled_from((True, True, True, False)),
)
areas = st.builds(
    lambda parent, place: Area(
        "33.74.01", "Kecamatan", AreaLevel.kecamatan, "kecamatan", parent, place and place[0], place and place[1]
    ),
    st.sampled_from(("33", "33.74", "33.75")),
    st.sampled_from(PLACES),
)
# Without the details that hypothesis makes up for a line: nobody has checked them.
reports = strategies.reports(facility_ids=IDS, bed_types=TYPES, channels=(Channel.native, Channel.sirs)).map(
    lambda said: replace(said, lines=tuple(line._replace(details=None) for line in said.lines))
)
waits = st.sampled_from((1, 7, 30, 24 * 31)).map(lambda hours: timedelta(hours=hours))
steps = st.lists(facilities | areas | reports | reports | waits, max_size=20)
needs = st.sampled_from(
    [
        *({Need("icu")}, {Need("all_icu")}, {Need(group=BedGroup.intensive)}, {Need("isolation")}, {ANY_BED}),
        *({Need("icu_ventilator"), Need("ward_1")}, {Need(group=BedGroup.isolation), Need(group=BedGroup.ward)}),
    ]
).map(frozenset)
queries = st.builds(
    NearestQuery,
    place=st.sampled_from([(-7.0, 110.1), (0.0, 179.95), (89.0, 180.0), (-7.0, 110.0)]),
    needs=needs,
    kind=st.frozensets(st.sampled_from(KINDS), max_size=1),
    min_available=st.sampled_from((1, 1, 3)),
    limit=st.sampled_from((1, 2, 10)),
)
examples = settings(max_examples=200, suppress_health_check=list(HealthCheck), deadline=None)


@pytest.fixture(autouse=True)
def _small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest_module, "TAKEN_UP_AT_ONCE", 3)
    monkeypatch.setattr(quadtree_module, "LEAF_MAX", 2)


def say(pen: Pen, what: Any) -> None:
    now = max(pen.board.now, MORNING)
    match what:
        case Area():
            pen.write(AreasRegistered((what,)), at=now)
        case Facility():
            pen.facilities(what, at=now)
        case timedelta():
            pen.board.advance(now + what)
        case Report() if what.facility_id in pen.board._states:
            pen.reports(what, at=now)


def place_of(pen: Pen, facility: Facility) -> tuple[float, float] | None:
    """Its own coordinates, else those of the lowest area that has some."""
    path = [pen.board.area(code) for code in pen.board.target(facility).path]
    return next(((it.lat, it.lon) for it in (facility, *reversed(path)) if it.lat is not None), None)  # type: ignore[attr-defined]


def brute_force(pen: Pen, asked: NearestQuery) -> dict[Standing, list[tuple[Any, ...]]]:
    found: dict[Standing, list[tuple[Any, ...]]] = {standing: [] for standing in Standing}
    for facility in pen.board.facilities():
        place, lines = place_of(pen, facility), pen.board.figures(facility, pen.board.now).lines
        lines = tuple(
            each
            for each in lines
            if each.freshness is not Freshness.never
            and any(
                need == ANY_BED or need.bed_type == each.bed_type or need.group is BED_TYPES[each.bed_type].group
                for need in asked.needs
            )
        )
        if not lines or place is None or not facility.is_open or (asked.kind and facility.kind not in asked.kind):
            continue
        fresh = [each for each in lines if each.freshness is Freshness.fresh]
        current = fresh or [each for each in lines if each.freshness is not Freshness.lapsed]
        types = {each.bed_type for each in current}
        counted = [each for each in current if not types & set(containing(each.bed_type))]
        free = [each.beds.beds_available for each in counted if each.beds.beds_available is not None]
        queue = sum(each.beds.queue or 0 for each in counted)
        standing = Standing.not_fresh
        if fresh:
            is_free = sum(free) >= asked.min_available and sum(free) > queue
            standing = Standing.free if is_free else Standing.full
        distance = distance_km(asked.place, place)
        found[standing].append((distance, facility.facility_id, sum(free) if free else None))
    return {standing: sorted(rows)[: asked.limit] for standing, rows in found.items()}


def ask(pen: Pen, asked: NearestQuery) -> dict[Standing, list[NearestRow]]:
    found: dict[Standing, list[NearestRow]] = {standing: [] for standing in Standing}
    for row in pen.board.nearest(pen.board.now, asked):
        if row is not None:
            found[row.standing].append(row)
    return found


@examples
@given(steps, steps, queries, queries)
def test_it_finds_what_looking_at_everything_finds(
    told: list[Any], then: list[Any], asked: NearestQuery, also: NearestQuery
) -> None:
    pen = Pen().world()
    for part in (told, then):  # the second query takes up what changed since the first
        for what in part:
            say(pen, what)
        for each in (asked, also):
            found = ask(pen, each)
            bare = {
                standing: [(row.distance_km, row.facility.facility_id, row.offer.beds_available) for row in rows]
                for standing, rows in found.items()
            }
            assert bare == brute_force(pen, each)
            for row in found[Standing.free]:
                assert row.facility.is_open
                assert row.offer.freshness is Freshness.fresh
                lines = pen.board.figures(row.facility, pen.board.now).lines
                assert row.offer.observed_at in {each.observed_at for each in lines if each.freshness == "fresh"}


def icu(**counts: Any) -> Report:
    return report(line("icu", **counts), facility_id="rs-a")


NEAR_A = NearestQuery((-6.98, 110.42), frozenset({Need("icu")}))


@pytest.mark.parametrize(
    ("counts", "standing"),
    [
        ({"beds_total": 10, "beds_occupied": 9}, Standing.free),
        ({"beds_total": 10, "beds_occupied": 9, "queue": 0}, Standing.free),
        ({"beds_total": 10, "beds_occupied": 9, "queue": 1}, Standing.full),
        ({"beds_total": 10, "beds_occupied": 7, "queue": 2}, Standing.free),
        ({"beds_total": 10, "beds_occupied": 10}, Standing.full),
        ({"beds_total": 10}, Standing.full),  # nobody says that one is free
    ],
)
def test_a_bed_is_free_if_more_are_free_than_patients_wait(counts: dict[str, int], standing: Standing) -> None:
    pen = Pen().world()
    pen.reports(icu(**counts))
    found = ask(pen, NEAR_A)
    assert {each: [row.facility.facility_id for row in rows] for each, rows in found.items() if rows} == {
        standing: ["rs-a"]
    }


def test_an_old_ward_does_not_make_a_fresh_one_old_nor_add_its_beds() -> None:
    pen = Pen().world()
    pen.reports(report(line("icu", ward="A", beds_total=10, beds_occupied=4), facility_id="rs-a"))
    pen.board.advance(MORNING + timedelta(hours=25))
    pen.reports(
        report(line("icu", ward="B", beds_total=5, beds_occupied=3), facility_id="rs-a", minutes=25 * 60),
        at=MORNING + timedelta(hours=25),
    )
    ((row,), (), ()) = ask(pen, NEAR_A).values()
    assert (row.offer.beds_available, row.offer.observed_at) == (2, MORNING + timedelta(hours=25))


def test_a_lapsed_figure_is_not_shown_and_who_never_reported_is_not_there() -> None:
    pen = Pen().world()
    pen.reports(icu(beds_total=10, beds_occupied=4))
    pen.board.advance(MORNING + timedelta(days=40))
    ((), (), (row,)) = ask(pen, NEAR_A).values()
    assert (row.facility.facility_id, row.offer.freshness, row.offer.beds_available) == ("rs-a", "lapsed", None)


def test_a_reader_sees_only_what_it_may() -> None:
    pen = Pen().world()
    pen.reports(icu(), report(facility_id="rs-b"))
    rows = list(pen.board.nearest(pen.board.now, NEAR_A, lambda facility: facility.facility_id == "rs-b"))
    assert [row.facility.facility_id for row in rows if row] == ["rs-b"]


def test_no_part_of_a_query_takes_up_many_facilities(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest_module, "TAKEN_UP_AT_ONCE", 50)
    pen = Pen().world()
    pen.facilities(*(Facility(f"s{n}", FacilityKind.clinic, "s", "33.75", None, -7.0, 110.0) for n in range(1_000)))
    parts = list(pen.board.nearest(pen.board.now, NEAR_A))
    assert parts.count(None) == 1_005 // 50
    assert list(pen.board.nearest(pen.board.now, NEAR_A)) == []


places = st.tuples(st.floats(-90, 90), st.floats(-180, 180)) | st.sampled_from([each for each in PLACES if each])


@examples
@given(st.lists(st.tuples(st.sampled_from(IDS), places), max_size=40), places)
def test_a_quadtree_gives_all_ids_by_distance(changes: list[tuple[str, Any]], place: tuple[float, float]) -> None:
    """Adding an id that is in it removes it."""
    trees, there = (Quadtree(), Quadtree()), {}
    for n, (facility_id, where) in enumerate(changes):
        if facility_id in there:
            tree, old = there.pop(facility_id)
            trees[tree].remove(facility_id, Spot.at(old))
        else:
            there[facility_id] = n % 2, where
            trees[n % 2].add(facility_id, Spot.at(where))
    found = [each for each in by_distance(trees, place) if each is not None]
    assert found == sorted((distance_km(place, where), facility_id) for facility_id, (_, where) in there.items())
    assert len(trees[0]) + len(trees[1]) == len(there)
