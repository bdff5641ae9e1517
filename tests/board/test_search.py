"""Searches against a plain second computation, also while the world changes in their pauses."""

from dataclasses import replace
from math import inf
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.board import index, search
from app.board.grid import CELL_DEGREES, CELL_RADIUS_KM, Grid, distance_km, place_of
from app.board.index import Key
from app.board.search import FacilityQuery, FacilityRow
from app.domain.beds.freshness import Freshness
from app.domain.ledger import AreasRegistered
from app.domain.registry.area import Area, AreaLevel
from app.domain.registry.facility import Facility, FacilityKind
from tests import strategies
from tests.board.conftest import Pen
from tests.factories import MORNING

AREAS = ("ID", "33", "33.74", "33.74.01", "33.74.01.1001", "33.75")
KINDS = (FacilityKind.hospital, FacilityKind.clinic)
IDS = tuple(f"s{n}" for n in range(8))
# Few enough places for equal distances; both sides of the antimeridian, a pole, and edges of cells.
PLACES = (None, (-7.0, 110.0), (-7.0, 110.25), (-7.125, 110.4), (-6.0, 106.8), (0.0, 179.9), (0.0, -179.9), (90.0, 0.0))

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
moves = st.sampled_from(("33", "33.74", "33.75")).map(
    lambda parent: Area("33.74.01", "Kecamatan", AreaLevel.kecamatan, None, parent)
)
queries = st.builds(
    FacilityQuery,
    kind=st.frozensets(st.sampled_from(KINDS), max_size=1),
    bed_type=st.frozensets(st.sampled_from(strategies.BED_TYPES[:4]), max_size=2),
    freshness=st.frozensets(st.sampled_from((Freshness.fresh, Freshness.never)), max_size=1),
    min_available=st.none() | st.sampled_from((0, 1, 3)),
    near=st.none() | st.sampled_from([(-7.0, 110.1), (0.0, 179.95), (89.0, 180.0)]),
)


@pytest.fixture(autouse=True)
def _many_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "WORK_MAX", 1)
    monkeypatch.setattr(index, "STEPS", 2)
    monkeypatch.setattr(index, "FEW", index.FEW)  # the tests set it; this sets it back


def expected(pen: Pen, code: str, asked: FacilityQuery) -> list[Key]:
    """Everything looked at, with the figures that a reader of each facility would see."""
    found = []
    for facility_id in IDS:
        if facility_id not in pen.board._states:
            continue
        facility = pen.board.facility(facility_id)
        figures = pen.board.figures(facility, MORNING, asked.lines)
        place = place_of(facility)
        if (
            facility.is_open
            and code in pen.board.target(facility).path
            and (not asked.kind or facility.kind in asked.kind)
            and (not asked.freshness or figures.counting_channel.freshness in asked.freshness)
            and (not asked.bed_type or figures.lines)
            and (asked.min_available is None or (figures.totals.beds_available or 0) >= asked.min_available)
        ):
            distance = 0.0 if asked.near is None else inf if place is None else distance_km(asked.near, place)
            found.append((distance, facility_id))
    return sorted(found)


def say(pen: Pen, what: Any) -> None:
    if isinstance(what, Area):
        pen.write(AreasRegistered((what,)))
    elif isinstance(what, Facility):
        pen.facilities(what)
    elif what.facility_id in pen.board._states:
        pen.reports(what)


# Without the details that hypothesis makes up for a line: nobody has checked them.
reports = strategies.reports(facility_ids=IDS, bed_types=strategies.BED_TYPES[:4]).map(
    lambda said: replace(said, lines=tuple(line._replace(details=None) for line in said.lines))
)
steps = st.lists(facilities | moves | reports, max_size=16)
examples = settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None)


@examples
@given(steps, queries, st.sampled_from(AREAS), st.integers(1, 4), st.sampled_from((0, 2_000)))
def test_a_search_finds_what_looking_at_everything_finds(
    told: list[Any], asked: FacilityQuery, code: str, limit: int, few: int
) -> None:
    index.FEW = few  # 0: the grid is used in areas of any size
    pen = Pen().world()
    for what in told:
        say(pen, what)
    known = [key for key in expected(pen, code, asked) if key[1] in IDS]
    rows: list[FacilityRow] = []
    while page := _ours(pen, code, replace(asked, after=rows[-1].key if rows else None))[:limit]:
        rows += page
    assert [row.key for row in rows] == known
    for row in rows:
        figures = pen.board.figures(row.figures.facility, MORNING, asked.lines)
        assert (row.figures.totals, row.figures.counting_channel) == (figures.totals, figures.counting_channel)
        assert (row.figures.observed_at, row.figures.recorded_at) == (figures.observed_at, figures.recorded_at)


def _ours(pen: Pen, code: str, asked: FacilityQuery) -> list[FacilityRow]:
    found = (row for row in pen.board.search(code, MORNING, asked) if row is not None)
    return [row for row in found if row.key[1] in IDS]


@examples
@given(steps, steps, queries, st.sampled_from(AREAS), st.sampled_from((0, 2_000)))
def test_what_changes_in_a_pause_neither_doubles_nor_drops_what_stays(
    told: list[Any], meanwhile: list[Any], asked: FacilityQuery, code: str, few: int
) -> None:
    index.FEW = few
    pen = Pen().world()
    for what in told:
        say(pen, what)
    before = always = set(expected(pen, code, asked))
    ever = set(before)
    places = {key: place_of(pen.board.facility(key[1])) for key in before}
    found: list[Key] = []
    changes = iter(meanwhile)
    for row in pen.board.search(code, MORNING, asked):
        if row is not None:
            found.append(row.key)
        elif (what := next(changes, None)) is not None:
            say(pen, what)
            now = set(expected(pen, code, asked))
            always = {key for key in always & now if place_of(pen.board.facility(key[1])) == places[key]}
            ever |= now
    ours = [key for key in found if key[1] in IDS]
    assert len({facility_id for _, facility_id in ours}) == len(ours)
    assert ours == sorted(ours)
    assert always <= set(ours) <= ever


@pytest.mark.parametrize(
    "asked",
    [
        FacilityQuery(),
        FacilityQuery(kind=frozenset({FacilityKind.hospital})),
        FacilityQuery(min_available=1),
        FacilityQuery(near=(-7.0, 110.1)),
        FacilityQuery(near=(-7.0, 110.1), min_available=1),
        FacilityQuery(near=(40.0, 0.0), after=(100.0, "")),
    ],
)
@pytest.mark.parametrize("few", [0, 10_000])
def test_no_question_looks_at_many_facilities_without_a_pause(
    monkeypatch: pytest.MonkeyPatch, asked: FacilityQuery, few: int
) -> None:
    """Whatever it finds, and where all stand in one place."""
    monkeypatch.setattr(index, "FEW", few)
    monkeypatch.setattr(index, "STEPS", 256)
    monkeypatch.setattr(search, "WORK_MAX", 600)
    pen, looked_at = Pen().world(), 0
    pen.facilities(
        *(
            Facility(
                f"s{n}", FacilityKind.clinic, "s", "33.75", None, -7.0 if n % 2 else None, 110.0 if n % 2 else None
            )
            for n in range(3_000)
        )
    )
    states = pen.board._states

    class Counted(dict[str, Any]):
        def __getitem__(self, key: str) -> Any:
            nonlocal looked_at
            looked_at += 1
            return states[key]

    monkeypatch.setattr(pen.board, "_states", Counted())
    monkeypatch.setattr(pen.board._index, "_states", Counted())
    pauses, most, whole = 0, 0, 0
    for row in pen.board.search("ID", MORNING, asked):
        if row is None:
            pauses, most, whole, looked_at = pauses + 1, max(most, looked_at), whole + looked_at, 0
    assert max(most, looked_at) <= 1_300
    assert whole + looked_at > 2_500


@given(st.floats(-90, 90), st.floats(-180, 180), st.floats(-90, 90), st.floats(-180, 180))
def test_no_facility_is_nearer_than_its_cell(lat: float, lon: float, other_lat: float, other_lon: float) -> None:
    grid, there = Grid(), Facility("x", FacilityKind.clinic, "x", "ID", lat=other_lat, lon=other_lon)
    grid.add(there)
    distance = distance_km((lat, lon), (other_lat, other_lon))
    ((least, cell),) = grid.around((lat, lon), distance)
    assert least <= distance <= least + 2 * CELL_RADIUS_KM
    assert grid.ids(cell) == ("x",)
    grid.remove(there)
    assert list(grid.around((lat, lon), 0.0)) == []
    assert CELL_DEGREES * 111 < CELL_RADIUS_KM < CELL_DEGREES * 112
