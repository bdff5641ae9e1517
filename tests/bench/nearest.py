"""The board alone: what the nearest beds and the list of calls cost, in a city and with a whole country.

Run: .venv/bin/python -m tests.bench.nearest [--queries 300]
All areas of Indonesia, 3,000 hospitals of 12 lines and 80,000 halls of one; the city is Semarang's part of it, as a
board of its own. Half of the hospitals have coordinates of their own near their kelurahan, all others stand at its
point. Reports are up to 40 hours old, so that many are not fresh. Places, needs and counts are made up from a fixed
seed. Processor time of whole queries, each with the report before it taken up; beside it brute force over the same
facilities, which gives the same lists.
"""

import argparse
import gc
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import islice

from app.board.board import Board
from app.board.grid import distance_km
from app.board.nearest import NearestQuery
from app.board.offers import Need, Standing, offer_of, open_lines, types_for
from app.board.overdue import OverdueOrder, OverdueQuery
from app.cli.registry_rows import read_areas
from app.domain.beds.bed_types import BedGroup
from app.domain.channels import Channel
from app.domain.ledger import Position
from app.domain.registry.area import INDONESIA, Area, AreaLevel
from app.domain.registry.facility import Facility, FacilityKind
from app.domain.reports.lines import ChannelState, change
from app.domain.snapshot import RecentEntries, Snapshot
from tests.bench.country import AREAS, HALLS, HOSPITALS, report_of
from tests.factories import entry_after

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
CITY = "33.74"
NEEDS = {
    "icu": NearestQuery((0, 0), frozenset({Need("icu")})),
    "intensive": NearestQuery((0, 0), frozenset({Need(group=BedGroup.intensive)})),
    "isolation": NearestQuery((0, 0), frozenset({Need(group=BedGroup.isolation)})),
    "any bed": NearestQuery((0, 0)),
    "icu, 5 free": NearestQuery((0, 0), frozenset({Need("icu")}), min_available=5),
    "two types": NearestQuery((0, 0), frozenset({Need("icu"), Need("hcu")})),
}


def main() -> None:
    """Print the processor time of each question."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--queries", type=int, default=300)
    queries = parser.parse_args().queries
    if not AREAS.is_file():
        sys.exit("the areas of Indonesia are not here (../shared/data): nothing measured")
    areas = [INDONESIA] + [
        replace(area, parent=area.parent or INDONESIA.code) for _, area in read_areas(AREAS) if area.parent != area.code
    ]
    areas = [area for area in areas if area.code != INDONESIA.code or area is INDONESIA]
    for name, board in (("city", board_of(areas, CITY)), ("country", board_of(areas, ""))):
        gc.collect()
        gc.freeze()
        facilities = board.facilities()
        print(f"{name}: {len(facilities)} facilities; processor time in ms, median (99 of 100; most)")
        started = time.process_time()
        parts = 0
        worst = last = time.process_time()
        worst = 0.0
        for _ in board.nearest(NOW, NEEDS["icu"]):
            worst, last, parts = max(worst, time.process_time() - last), time.process_time(), parts + 1
        print(
            f"  first query takes all up: {(time.process_time() - started) * 1000:.0f}, longest part {worst * 1000:.1f}"
        )
        for need, asked in NEEDS.items():
            print(f"  nearest {need:12} {measure(board, facilities, asked, queries)}")
        for order in OverdueOrder:
            print(f"  first page of calls by {order:14} {spread(list(calls(board, order, queries)))}")
        gc.unfreeze()


def measure(board: Board, facilities: list[Facility], asked: NearestQuery, queries: int) -> str:
    """The time of queries from made-up places, and of brute force for some of them."""
    chance, spent, brute = random.Random(3), [], []
    for turn in range(queries):
        said(board, chance, facilities)
        located = board.location(chance.choice(facilities))
        lat, lon = (located.lat, located.lon) if located else (-7.0, 110.4)
        wanted = replace(asked, place=(lat + chance.gauss(0, 0.05), lon + chance.gauss(0, 0.05)))
        ours, took = timed(lambda wanted=wanted: [row for row in board.nearest(NOW, wanted) if row])  # type: ignore[misc]
        spent.append(took)
        if turn < 3:
            theirs, took = timed(lambda wanted=wanted: list(brute_force(board, wanted)))  # type: ignore[misc]
            brute.append(took)
            if sorted((row.standing, row.distance_km, row.facility.facility_id) for row in ours) != sorted(theirs):
                raise RuntimeError("brute force finds others")
    return f"{spread(spent)}; brute force {statistics.median(brute):.1f}"


def brute_force(board: Board, wanted: NearestQuery) -> Iterator[tuple[Standing, float, str]]:
    """The same lists by looking at every facility."""
    found: dict[Standing, list[tuple[float, str]]] = {standing: [] for standing in Standing}
    types = types_for(wanted.needs)
    for state in board._states.values():
        lines, located = open_lines(state, board.thresholds, types), board.location(state.facility)
        if lines and located is not None:
            offer = offer_of(lines)
            distance = distance_km(wanted.place, (located.lat, located.lon))
            found[offer.standing(wanted.min_available)].append((distance, state.facility.facility_id))
    for standing, rows in found.items():
        yield from ((standing, *row) for row in sorted(rows)[: wanted.limit])


def said(board: Board, chance: random.Random, facilities: list[Facility]) -> None:
    """One report, which the next query has to take up."""
    facility = chance.choice(facilities)
    report = replace(report_of(facility, NOW, chance), report_id=f"{board.position}")
    board.apply(entry_after(board.head, report, at=NOW))


def calls(board: Board, order: OverdueOrder, queries: int) -> Iterator[float]:
    """The time of the first 100 rows of the whole board."""
    for _ in range(queries):
        found = board.overdue(INDONESIA.code, NOW, OverdueQuery(order))
        yield timed(lambda found=found: list(islice(filter(None, found), 101)))[1]  # type: ignore[misc]


def timed(work: Callable[[], list[object]]) -> tuple[list[object], float]:
    """What a piece of work gives, and its milliseconds."""
    started = time.process_time()
    return work(), (time.process_time() - started) * 1000


def spread(values: list[float]) -> str:
    """Median, 99th percentile and maximum."""
    values = sorted(values)
    return f"{statistics.median(values):.2f} ({values[len(values) * 99 // 100]:.2f}; {values[-1]:.2f})"


def board_of(areas: list[Area], within: str) -> Board:
    """A board of the areas whose code begins so (and those above), with facilities and a report of each."""
    chance = random.Random(20260101)
    villages = [area for area in areas if area.level is AreaLevel.kelurahan]
    facilities = [hospital(n, chance.choice(villages), chance) for n in range(HOSPITALS)] + [
        Facility(f"balai-{n}", FacilityKind.rw_hall, f"Balai RW {n}", village.code, "rw")
        for n, village in enumerate(chance.sample(villages, HALLS))
    ]
    if within:  # as many as Semarang has: 34 hospitals, and its halls
        own = [area for area in villages if area.code.startswith(within)]
        facilities = [hospital(n, chance.choice(own), chance) for n in range(34)]
        facilities += [
            Facility(f"balai-{n}", FacilityKind.rw_hall, "Balai", chance.choice(own).code) for n in range(48)
        ]
        areas = [area for area in areas if area.code.startswith(within) or within.startswith(area.code)]
        areas = [INDONESIA, *(area for area in areas if area is not INDONESIA)]
    channels: dict[str, dict[Channel, ChannelState]] = {}
    for seq, facility in enumerate(facilities, start=1):
        at = NOW - timedelta(hours=chance.choice((1, 1, 2, 3, 4, 5, 8, 20, 30, 40)))
        state = ChannelState()
        change(state, report_of(facility, at, chance), seq=seq, recorded_at=at).apply_to(state)
        channels[facility.facility_id] = {Channel.native: state}
    board = Board()
    board.load(
        Snapshot(
            Position(len(facilities)), NOW, areas, facilities, [], channels, RecentEntries(len(facilities), NOW, [], [])
        )
    )
    board.advance(NOW)
    return board


def hospital(number: int, area: Area, chance: random.Random) -> Facility:
    """A hospital of the country, half of them with coordinates of their own."""
    lat, lon = (area.lat, area.lon) if chance.random() < 0.5 else (None, None)
    if lat is not None and lon is not None:
        lat, lon = lat + chance.gauss(0, 0.01), lon + chance.gauss(0, 0.01)
    return Facility(f"rs-{number}", FacilityKind.hospital, f"RS {number}", area.code, "private", lat, lon)


if __name__ == "__main__":
    main()
