"""Searching a country's facilities: for how long each question keeps the event loop, and how long it takes in all.

Run: .venv/bin/python -m tests.bench.facilities [--rounds 5]
All areas of Indonesia, 3,000 hospitals of 12 lines and 80,000 halls of one, in the board of a service that is asked
without a socket; places are made up from a fixed seed. A watcher has a turn in each round of the event loop and notes
the longest time between two of them, by the clock and by the processor time of the loop's thread: a request that comes
in between waits for so long (by the clock also for other programs, and for threads of this one). Files that are made at
once are asked for by different addresses.
"""

import argparse
import asyncio
import logging
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import httpx2
import structlog

from app.board.board import Board
from app.cli.registry_rows import read_areas
from app.config import Settings
from app.domain.channels import Channel
from app.domain.registry.area import INDONESIA, AreaLevel
from app.domain.registry.facility import Facility, FacilityKind
from app.domain.reports.lines import ChannelState, change
from app.domain.snapshot import Snapshot
from app.main import create_app
from app.store.maintenance.migrate import migrate
from app.store.repositories.snapshot import read_snapshot
from tests.bench.country import AREAS, HALLS, HOSPITALS, report_of

COUNTRY = "/v1/areas/ID/facilities"
QUESTIONS = {
    "one row": (f"{COUNTRY}?limit=1", 1),
    "500 rows": (f"{COUNTRY}?limit=500", 1),
    "filters, 100 rows": (f"{COUNTRY}?bed_type=icu_ventilator&min_available=5&freshness=fresh", 1),
    "filters, none fits": (f"{COUNTRY}?bed_type=icu_ventilator&min_available=99999", 1),
    "near, 100 rows": (f"{COUNTRY}?near=-6.2,106.8", 1),
    "near with filters": (f"{COUNTRY}?near=-6.2,106.8&bed_type=icu_ventilator&min_available=5&kind=hospital", 1),
    "near, none fits": (f"{COUNTRY}?near=-6.2,106.8&bed_type=icu_ventilator&min_available=99999", 1),
    "a province, near": ("/v1/areas/33/facilities?near=-7,110.4", 1),
    "by name: one hospital": (f"{COUNTRY}?q=rsud+2971&limit=20", 1),
    "by name: no such": (f"{COUNTRY}?q=kariadi&limit=20", 1),
    "by name: 80,000 halls": (f"{COUNTRY}?q=balai&limit=20", 1),
    "20 at once: by name": (f"{COUNTRY}?q=rumah+sakit+29&limit=20", 20),
    "20 at once: near": (f"{COUNTRY}?near=-6.2,106.8&bed_type=icu_ventilator&min_available=99999", 20),
    "CSV": (f"{COUNTRY}?format=csv", 1),
    "GeoJSON": (f"{COUNTRY}?format=geojson", 1),
    "XLSX of a province": ("/v1/areas/33/facilities?format=xlsx", 1),
    "20 CSV at once": (f"{COUNTRY}?format=csv", 20),
}


def main() -> None:
    """Print a line for each question."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    asyncio.run(_measure(parser.parse_args().rounds))


async def _measure(rounds: int) -> None:
    async with _service() as (app, state):
        print("medians; stretches in ms")
        print(f"{'question':24}{'longest, clock':>16}{'processor':>16}{'in all, ms':>12}   answers")
        for name, (path, at_once) in QUESTIONS.items():
            clocks, works, times, answers = [], [], [], ""
            for _ in range(rounds if "format" not in path else 1):
                (clock, work), took, answers = await _ask(app, state, path, at_once)
                clocks.append(clock)
                works.append(work)
                times.append(took)
            figures = (statistics.median(clocks), statistics.median(works), statistics.median(times))
            print(f"{name:24}{figures[0]:16.1f}{figures[1]:16.1f}{figures[2]:12.0f}   {answers}", flush=True)


async def _ask(app: Any, state: dict[str, Any], path: str, at_once: int) -> tuple[tuple[float, float], float, str]:
    watching = asyncio.create_task(_watch())
    await asyncio.sleep(0.05)
    begin = time.perf_counter()
    found = await asyncio.gather(*(_get(app, state, path, f"10.0.0.{n}") for n in range(at_once)))
    took = 1000 * (time.perf_counter() - begin)
    watching.cancel()
    stretch = await watching
    counts = ", ".join(f"{found.count(status)} x {status}" for status in sorted(set(found)))
    return stretch, took, counts


async def _get(app: Any, state: dict[str, Any], path: str, host: str) -> int:
    """The status of an answer whose body is read and forgotten."""
    status = 0

    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        raise RuntimeError

    async def send(message: dict[str, Any]) -> None:
        nonlocal status
        status = message.get("status", status)

    request = httpx2.Request("GET", f"http://x{path}")
    scope = {
        "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1", "method": "GET",
        "scheme": "http", "path": request.url.path, "raw_path": request.url.path.encode(),
        "query_string": request.url.query, "root_path": "", "headers": [(b"host", b"x")], "client": (host, 1),
        "server": ("x", 80), "state": dict(state),
    }  # fmt: skip
    await app(scope, receive, send)
    return status


async def _watch() -> tuple[float, float]:
    """The longest time between two turns in ms: by the clock, and of the processor."""
    clock, work, last, last_work = 0.0, 0.0, time.perf_counter(), time.thread_time()
    try:
        while True:
            await asyncio.sleep(0)
            now, now_work = time.perf_counter(), time.thread_time()
            clock, work = max(clock, now - last), max(work, now_work - last_work)
            last, last_work = now, now_work
    except asyncio.CancelledError:
        return 1000 * clock, 1000 * work


@asynccontextmanager
async def _service() -> AsyncIterator[tuple[Any, dict[str, Any]]]:
    with tempfile.TemporaryDirectory(prefix="balai-facilities-") as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'balai.db'}"
        await migrate(url)
        app = create_app(Settings(_env_file=None, database_url=url, data_dir=Path(folder)))
        async with app.router.lifespan_context(app) as state:
            async with state["node"].database.reading() as connection:
                nothing = await read_snapshot(connection)
            _fill(state["node"].board, nothing)
            state["rates"].exempt = (ip_network("10.0.0.0/8"),)
            yield app, dict(state)


def _fill(board: Board, nothing: Snapshot) -> None:
    chance = random.Random(20260101)
    areas = [area if area.parent else replace(area, parent=INDONESIA.code) for _, area in read_areas(AREAS)]
    areas = [INDONESIA, *sorted(areas, key=lambda area: area.level.depth)]
    villages = [area for area in areas if area.level is AreaLevel.kelurahan]

    def facility(name: str, kind: FacilityKind) -> Facility:
        return Facility(
            name, kind, f"Nama {name}", chance.choice(villages).code, "rw",
            lat=chance.uniform(-8.5, -5.9) if chance.random() < 0.6 else chance.uniform(-11, 6),
            lon=chance.uniform(105, 115) if chance.random() < 0.6 else chance.uniform(95, 141),
        )  # fmt: skip

    facilities = [facility(f"rs-{n}", FacilityKind.hospital) for n in range(HOSPITALS)]
    facilities += [facility(f"balai-{n}", FacilityKind.rw_hall) for n in range(HALLS)]
    now = datetime.now(UTC)
    channels: dict[str, dict[Channel, ChannelState]] = {}
    for one in facilities:
        said, state = report_of(one, now - timedelta(minutes=chance.randint(1, 120)), chance), ChannelState()
        change(state, said, seq=1, recorded_at=now).apply_to(state)
        channels[one.facility_id] = {said.channel: state}
    begin = time.perf_counter()
    board.load(replace(nothing, areas=areas, facilities=facilities, channels=channels))
    print(
        f"{len(areas)} areas and {len(facilities)} facilities put on the board in {time.perf_counter() - begin:.1f} s"
    )


if __name__ == "__main__":
    main()
