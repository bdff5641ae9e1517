"""The facilities that are not fresh, against a plain second computation, also while the world changes in pauses."""

from dataclasses import replace
from datetime import datetime, timedelta
from math import inf
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.board import overdue as overdue_module
from app.board.board import Board
from app.board.index import Key
from app.board.overdue import OverdueOrder, OverdueQuery, OverdueRow
from app.domain.beds.bed_types import containing
from app.domain.beds.freshness import Freshness
from app.domain.channels import Channel
from app.domain.ledger import AreasRegistered
from app.domain.registry.area import Area, AreaLevel
from app.domain.registry.facility import Facility, FacilityKind
from app.domain.reports.report import Report
from app.domain.snapshot import RecentEntries, Snapshot
from tests import strategies
from tests.board.conftest import Pen
from tests.factories import MORNING, line, report

IDS = tuple(f"s{n}" for n in range(6))
AREAS = ("ID", "33", "33.74", "33.74.01", "33.75")
KINDS = (FacilityKind.hospital, FacilityKind.clinic)
TYPES = ("icu", "icu_ventilator", "all_icu", "ward_1")

facilities = st.builds(
    lambda facility_id, kind, area, is_open: Facility(
        facility_id, kind, facility_id, area, closed_at=None if is_open else MORNING
    ),
    st.sampled_from(IDS),
    st.sampled_from(KINDS),
    st.sampled_from(AREAS),
    st.sampled_from((True, True, True, False)),
)
moves = st.sampled_from(("33", "33.74", "33.75")).map(
    lambda parent: Area("33.74.01", "Kecamatan", AreaLevel.kecamatan, "kecamatan", parent)
)
reports = strategies.reports(facility_ids=IDS, bed_types=TYPES, channels=(Channel.native, Channel.sirs)).map(
    lambda said: replace(said, lines=tuple(line._replace(details=None) for line in said.lines))
)
waits = st.sampled_from((1, 7, 30, 24 * 31)).map(lambda hours: timedelta(hours=hours))
steps = st.lists(facilities | moves | reports | waits, max_size=20)
queries = st.builds(
    OverdueQuery,
    order=st.sampled_from(list(OverdueOrder)),
    freshness=st.frozensets(st.sampled_from((Freshness.stale, Freshness.silent, Freshness.never)), max_size=2),
    kind=st.frozensets(st.sampled_from(KINDS), max_size=1),
)
examples = settings(max_examples=150, suppress_health_check=list(HealthCheck), deadline=None)


@pytest.fixture(autouse=True)
def _many_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overdue_module, "STEPS", 2)
    monkeypatch.setattr(overdue_module, "FEW", overdue_module.FEW)  # the tests set it; this sets it back


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


def expected(pen: Pen, code: str, asked: OverdueQuery) -> list[Key]:
    """Every facility looked at, from what its own document says."""
    found = []
    for facility_id in IDS:
        if facility_id not in pen.board._states:
            continue
        facility = pen.board.facility(facility_id)
        figures = pen.board.figures(facility, pen.board.now)
        if (
            not facility.is_open
            or code not in pen.board.target(facility).path
            or figures.freshness is Freshness.fresh
            or (asked.kind and facility.kind not in asked.kind)
            or (asked.freshness and figures.freshness not in asked.freshness)
        ):
            continue
        lines = [line for line in figures.lines if line.implausible is None or line.beds.size]
        types = {line.bed_type for line in lines}
        beds = [
            line.beds.beds_total
            for line in lines
            if line.beds.beds_total is not None and not types & set(containing(line.bed_type))
        ]
        since = figures.stale_at
        if figures.freshness is Freshness.lapsed and since is not None and lines:
            known = max(min(line.observed_at, line.recorded_at) for line in lines)
            since = min(since, known + figures.thresholds.lapsed_after)
        if asked.order is OverdueOrder.since:
            rank = inf if since is None else float(round((since - datetime.fromtimestamp(0, since.tzinfo)) / MICRO))
        else:
            rank = -float(sum(beds)) if beds else inf
        found.append((rank, facility_id))
    return sorted(found)


MICRO = timedelta(microseconds=1)


def ours(rows: list[OverdueRow]) -> list[OverdueRow]:
    return [row for row in rows if row.facility.facility_id in IDS]


def search(pen: Pen, code: str, asked: OverdueQuery) -> list[OverdueRow]:
    return ours([row for row in pen.board.overdue(code, pen.board.now, asked) if row is not None])


@examples
@given(steps, queries, st.sampled_from(AREAS), st.integers(1, 4), st.sampled_from((0, 2_000)))
def test_it_finds_what_looking_at_everything_finds(
    told: list[Any], asked: OverdueQuery, code: str, limit: int, few: int
) -> None:
    overdue_module.FEW = few  # 0: the ranking is used in areas of any size
    pen = Pen().world()
    for what in told:
        say(pen, what)
    rows: list[OverdueRow] = []
    while page := search(pen, code, asked_after(asked, rows))[:limit]:
        rows += page
    assert [row.key for row in rows] == expected(pen, code, asked)
    for row in rows:
        figures = pen.board.figures(row.facility, pen.board.now)
        assert (row.overdue.freshness, row.observed_at) == (figures.freshness, figures.observed_at)


def asked_after(asked: OverdueQuery, rows: list[OverdueRow]) -> OverdueQuery:
    return OverdueQuery(asked.order, asked.freshness, asked.kind, rows[-1].key if rows else None)


@examples
@given(steps, steps, queries, st.sampled_from((0, 2_000)))
def test_what_changes_in_a_pause_doubles_nothing_and_drops_nothing_that_stays(
    told: list[Any], meanwhile: list[Any], asked: OverdueQuery, few: int
) -> None:
    overdue_module.FEW = few
    pen = Pen().world()
    for what in told:
        say(pen, what)
    always = set(expected(pen, "ID", asked))
    ever, found, changes = set(always), [], iter(meanwhile)
    for row in pen.board.overdue("ID", pen.board.now, asked):
        if row is not None:
            found += [each.key for each in ours([row])]
        elif (what := next(changes, None)) is not None:
            say(pen, what)
            now = set(expected(pen, "ID", asked))
            always &= now
            ever |= now
    assert len({facility_id for _, facility_id in found}) == len(found)
    assert found == sorted(found)
    assert always <= set(found) <= ever


def test_a_board_read_from_tables_has_the_same_order() -> None:
    pen = Pen().world()
    pen.reports(report(line("icu", beds_total=9), facility_id="rs-a"), report(facility_id="rs-b"))
    pen.board.advance(MORNING + timedelta(hours=30))
    other = Board()
    other.load(
        Snapshot(
            position=pen.board.head,
            recorded_at=pen.board.recorded_at,
            areas=[pen.board.area(code) for code in pen.board._tree],
            facilities=pen.board.facilities(),
            channels={key: dict(state.channels) for key, state in pen.board._states.items()},
            credentials=[],
            changed=RecentEntries(pen.board.position, None, [], []),
        )
    )
    other.advance(pen.board.now)
    for order in OverdueOrder:
        wanted = OverdueQuery(order)
        assert list(other.overdue("ID", other.now, wanted)) == list(pen.board.overdue("ID", pen.board.now, wanted))


def test_the_most_beds_come_first_and_unknown_ones_last() -> None:
    pen = Pen().world()
    pen.reports(
        report(line("icu", beds_total=9), line("ward_1", beds_total=30), facility_id="rs-a"),
        report(line("icu", beds_occupied=50), facility_id="rs-b"),
        report(line("icu", beds_occupied=20, beds_available=20), facility_id="rs-e"),
    )
    pen.board.advance(MORNING + timedelta(hours=7))
    rows = [row for row in pen.board.overdue("ID", pen.board.now, OverdueQuery()) if row]
    assert [(row.facility.facility_id, row.overdue.beds_at_stake, row.overdue.freshness) for row in rows] == [
        ("rs-e", 40, Freshness.stale),
        ("rs-a", 39, Freshness.stale),
        ("iso-c", None, Freshness.never),
        ("rs-b", None, Freshness.stale),
        ("rw-d", None, Freshness.never),
    ]
