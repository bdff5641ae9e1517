"""The board alone: what one report costs in a city and in a country forty times as large, and what a country weighs.

Run: .venv/bin/python -m tests.bench.board [--rounds 7] [--reports 4000]
The trees, facilities and counts are made up from a fixed seed. Reports have ten lines and go to hospitals by chance;
both boards take the same number in turn, and only the ratio of one round means anything. The weight is of a board that
was read from a database (SQLite), in a process of its own, with its areas, facilities and sums.
"""

import argparse
import asyncio
import gc
import multiprocessing
import os
import random
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from app.board.board import Board
from app.domain.beds.counts import BedCount
from app.domain.channels import Channel
from app.domain.ledger import AreasRegistered, FacilitiesRegistered, LedgerEntry, Matter
from app.domain.registry.area import Area, AreaLevel
from app.domain.registry.area_changes import PlacedArea
from app.domain.registry.facility import Facility, FacilityKind
from app.domain.reports.lines import ChannelState, change
from app.domain.reports.report import Report, ReportLine
from app.store.bulk_write import Writes
from app.store.database import Database
from app.store.maintenance.migrate import migrate
from app.store.repositories import channel_states, registry
from app.store.repositories.channel_states import ChannelKey, StoredChannel
from app.store.repositories.snapshot import read_snapshot
from tests.factories import MORNING, entry_after

FACTOR = 40
# Of the small one: provinces, then each below each, down to the RW.
PROVINCES, CITIES, KECAMATAN, KELURAHAN, RW = 1, 4, 5, 10, 10
HOSPITALS, HALLS = 75, 2_000
BED_TYPES = (
    "ward_vip", "ward_1", "ward_2", "ward_3", "icu", "icu_ventilator", "hcu", "nicu", "picu", "isolation",
    "perinatal", "emergency",
)  # fmt: skip
LINES_OF_A_REPORT = 10
ROLL_UPS = 200


def main() -> None:
    """Both questions."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--reports", type=int, default=4_000)
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, {options.rounds} rounds of {options.reports} reports; medians (min to max)")
    update(options.rounds, options.reports)
    with tempfile.TemporaryDirectory(prefix="balai-board-") as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'balai.db'}"
        asyncio.run(fill(url))
        with multiprocessing.get_context("spawn").Pool(1) as one:
            one.apply(weigh, (url,))


def update(rounds: int, reports: int) -> None:
    """G1: microseconds a report, of a small board and of one that is forty times as large."""
    boards = {size: small_or_large(size) for size in (1, FACTOR)}
    gc.collect()
    gc.freeze()
    spent: dict[int, list[float]] = {size: [] for size in boards}
    asked: dict[str, list[float]] = {"ID": [], "10": [], "10.00": []}
    for turn in range(rounds + 1):
        for size, board in boards.items():
            entries = list(_entries(board, size, reports, seed=turn))
            started = time.process_time()
            for entry in entries:
                board.apply(entry)
            if turn:  # the first one opens all lines
                spent[size].append((time.process_time() - started) / reports * 1e6)
            if turn and size == FACTOR:
                for code, times in asked.items():
                    times.append(_roll_up(board, code, list(_entries(board, size, ROLL_UPS, seed=turn))))
    for size, each in spent.items():
        print(f"  {len(list(areas(size))):6} areas, {HOSPITALS * size:5} hospitals: {_spread(each, '.1f')} us a report")
    for code, times in asked.items():
        print(f"  roll-up of {code:6} after each of {ROLL_UPS} reports: {_spread(times, '.0f')} us")
    ratios = [large / small for large, small in zip(spent[FACTOR], spent[1], strict=True)]
    print(f"  G1 tree and rows x{FACTOR}: {_spread(ratios, '.2f')}, goal 1.6: {_judged(ratios, 1.6)}")


def _roll_up(board: Board, code: str, entries: list[LedgerEntry]) -> float:
    """Microseconds for the capacity of an area, after a report that may be in it."""
    spent = 0.0
    for entry in entries:
        board.apply(entry)
        started = time.process_time()
        board.roll_up(code, entry.recorded_at)
        spent += time.process_time() - started
    return spent / len(entries) * 1e6


def _entries(board: Board, size: int, number: int, *, seed: int) -> Iterator[LedgerEntry]:
    chance = random.Random(seed)
    at, head = MORNING + timedelta(minutes=seed), board.head
    for place in range(number):
        hospital = place % (HOSPITALS * size) if not seed else chance.randrange(HOSPITALS * size)
        lines = _lines(chance, BED_TYPES[:LINES_OF_A_REPORT])
        report = Report(f"rs-{hospital}", Channel.native, f"{seed}-{place}", at, lines)
        entry = entry_after(head, report, at=at)
        head = entry.position
        yield entry


def _lines(chance: random.Random, bed_types: tuple[str, ...]) -> tuple[ReportLine, ...]:
    return tuple(
        ReportLine(bed_type, beds=BedCount(40, chance.randint(0, 40), queue=chance.randint(0, 5)))
        for bed_type in bed_types
    )


def small_or_large(size: int) -> Board:
    """A board with every area and facility, on which nobody has spoken."""
    board = Board()
    matters: tuple[Matter, ...] = (
        AreasRegistered(tuple(areas(size))),
        FacilitiesRegistered(tuple(facilities(size)), MORNING, ""),
    )
    for matter in matters:
        board.apply(entry_after(board.head, matter))
    return board


def areas(size: int) -> Iterator[Area]:
    """Country, provinces, and so on down to the RW, parents first."""
    yield Area("ID", "Indonesia", AreaLevel.country, "country", None)
    level: list[str] = []
    for number in range(PROVINCES * size):
        level.append(f"{number + 10}")
        yield Area(level[-1], f"Provinsi {number}", AreaLevel.province, "provinsi", "ID")
    for below, kind, many in (
        (AreaLevel.city, "kota", CITIES),
        (AreaLevel.kecamatan, "kecamatan", KECAMATAN),
        (AreaLevel.kelurahan, "kelurahan", KELURAHAN),
        (AreaLevel.rw, "rw", RW),
    ):
        found = [(f"{parent}.{number:02d}", parent) for parent in level for number in range(many)]
        for code, parent in found:
            yield Area(code, f"{kind} {code}", below, kind, parent)
        level = [code for code, _ in found]


def facilities(size: int) -> Iterator[Facility]:
    """Hospitals in kelurahan, halls in RW, by chance."""
    chance = random.Random(1)
    of_level = {level: [area.code for area in areas(size) if area.level is level] for level in AreaLevel}
    for number in range(HOSPITALS * size):
        area = chance.choice(of_level[AreaLevel.kelurahan])
        sirs = {"sirs": f"{number:07d}"}
        yield Facility(f"rs-{number}", FacilityKind.hospital, f"RS {number}", area, "private", identifiers=sirs)
    for number, area in enumerate(chance.sample(of_level[AreaLevel.rw], HALLS * size)):
        yield Facility(f"balai-{number}", FacilityKind.rw_hall, f"Balai RW {number}", area, "rw")


async def fill(url: str) -> None:
    """The large one into the tables of a database, with what stands there: as after one report of each facility."""
    await migrate(url)
    chance = random.Random(2)
    placed = [PlacedArea(area, area.level.depth) for area in areas(FACTOR)]
    known = list(facilities(FACTOR))
    states: dict[ChannelKey, ChannelState] = {}
    for seq, facility in enumerate(known, start=1):
        types = BED_TYPES if facility.kind is FacilityKind.hospital else ("isolation_bed",)
        report = Report(facility.facility_id, Channel.native, f"{seq}", MORNING, _lines(chance, types))
        place = facility.facility_id, Channel.native
        states[place] = ChannelState()
        change(states[place], report, seq=seq, recorded_at=MORNING).apply_to(states[place])
    database = Database(url)
    async with database.transaction() as transaction:
        await registry.put_areas(transaction.connection, placed)
        await registry.put_facilities(transaction.connection, known)
        writes = Writes(transaction.connection)
        stored = {place: StoredChannel(state, None, MORNING) for place, state in states.items()}
        channel_states.save(writes, stored)
        await writes.send()
    await database.close()


def weigh(url: str) -> None:
    """M2, in a process where nothing else is."""

    async def load() -> tuple[Board, int]:
        database = Database(url)
        async with database.reading() as connection:
            current = await read_snapshot(connection)
        await database.close()
        board = Board()
        board.load(current)
        return board, sum(len(state.lines) for said in current.channels.values() for state in said.values())

    asyncio.run(load())  # what is imported and compiled on the way is not the board's
    gc.collect()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    board, lines = asyncio.run(load())
    gc.collect()
    weight = (tracemalloc.get_traced_memory()[0] - before) / 2**20
    each = weight * 100_000 / lines
    counts = board.contents()
    print(f"  {lines} lines, {len(counts['facility'])} facilities, {len(counts['area'])} areas: {weight:.1f} MiB")
    print(f"  M2 per 100,000 lines: {each:.1f} MiB, goal 45: {_judged([each], 45)}")
    if os.environ.get("BALAI_TEST_WEIGHT_BY_LINE"):
        for row in tracemalloc.take_snapshot().statistics("lineno")[:25]:
            print("   ", row)


def _spread(values: list[float], form: str) -> str:
    return f"{statistics.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def _judged(values: list[float], at_most: float) -> str:
    return "reached" if statistics.median(values) <= at_most else "NOT reached"


if __name__ == "__main__":
    main()
