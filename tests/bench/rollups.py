"""Roll-ups of the whole country: beside SQL, while reports are applied, and from the start of the service.

Run: .venv/bin/python -m tests.bench.rollups [--rounds 5] [--seconds 2]
Everything is on one PostgreSQL, made for the run. R5: the capacity of each child of the city and of the country, beside
the same sums by SQL for each request (tests/bench/sql_readers.py). R6: the city while 500 reports a second are taken by
another node and followed by this one; both nodes, the database and the clients share the machine's cores, so that the
node's own CPU for a read, the reports that it follows included, says more than reads per second. M1: seconds until the
service is ready, beside FastAPI and SQLAlchemy with nothing in them.
"""

import argparse
import asyncio
import json
import multiprocessing
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import httpx2

from app.store.database import Database
from app.store.repositories.snapshot import read_snapshot
from tests.bench import country, load, sql_readers
from tests.bench.machine import cpu_seconds, describe, spread, told
from tests.bench.servers import Server, balai, plain_app
from tests.postgres import cluster

CITY, COUNTRY = "33.74", "ID"
APPLIED_PER_SECOND, REPORTS_AT_ONCE = 500, 50


def main() -> None:
    """Build the country, then measure all three."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    options = parser.parse_args()
    if not country.AREAS.exists():
        sys.exit("the areas of Indonesia are not here (../shared/data): nothing measured")
    print(f"{describe()}; {options.rounds} rounds of {options.seconds} s; medians (min to max)")
    folder = Path(tempfile.mkdtemp(prefix="balai-rollups-"))
    try:
        with ExitStack() as stack:
            postgres = stack.enter_context(cluster())
            url = postgres.create("country")
            key = country.build_now(url)
            postgres.sql("VACUUM ANALYZE", "country")
            starts(url, folder, options.rounds)
            plain = postgres.create("plain").replace("+asyncpg", "")
            asyncio.run(_copy(url, plain))
            service = stack.enter_context(balai(url, folder))
            reader = stack.enter_context(plain_app("tests.bench.sql_readers:app", f"/{CITY}", READER_URL=plain))
            beside_sql(service, reader, key, options.rounds, options.seconds)
            writer = stack.enter_context(balai(url, folder))
            while_applied(service, writer, key, options.rounds, options.seconds)
    finally:
        shutil.rmtree(folder)


def starts(url: str, folder: Path, rounds: int) -> None:
    """M1."""
    ours, theirs = [], []
    for _ in range(rounds):
        with plain_app("tests.bench.empty_app:app", "/ready") as empty:
            theirs.append(empty.started_in)
        with balai(url, folder) as service:
            ours.append(service.started_in)
    print(f"  ready after {spread(ours)} s, an empty application after {spread(theirs)} s")
    print(told("M1 ready beside an empty application", _ratios(ours, theirs), at_most=3))


async def _copy(url: str, plain: str) -> None:
    database = Database(url)
    async with database.reading() as connection:
        current = await read_snapshot(connection)
    await database.close()
    await sql_readers.fill(plain, current)


def beside_sql(service: Server, reader: Server, key: str, rounds: int, seconds: float) -> None:
    """R5."""
    for code, goal in ((CITY, 45), (COUNTRY, 2_500)):
        ours, theirs = [], []
        for turn in range(rounds):
            pair: list[Callable[[], None]] = [
                lambda code=code, ours=ours: ours.append(_reads(service, code, key, seconds).per_second),
                lambda code=code, theirs=theirs: theirs.append(
                    load.run(f"{reader.url}/{code}", connections=8, seconds=seconds).per_second
                ),
            ]
            for one in pair if turn % 2 == 0 else reversed(pair):
                one()
        print(f"  {code} with children: {spread(ours, '.0f')}/s, by SQL {spread(theirs, '.1f')}/s")
        print(told(f"R5 {code} beside SQL", _ratios(ours, theirs), at_least=goal))


def while_applied(service: Server, writer: Server, key: str, rounds: int, seconds: float) -> None:
    """R6."""
    speeds: dict[bool, list[float]] = {False: [], True: []}
    cpus: dict[bool, list[float]] = {False: [], True: []}
    stored = []
    for turn in range(rounds):
        for is_applied in (False, True) if turn % 2 == 0 else (True, False):
            stop, count = multiprocessing.Event(), multiprocessing.Value("i", 0)
            sender = multiprocessing.Process(target=_send, args=(writer.url, key, stop, count))
            if is_applied:
                sender.start()
                time.sleep(0.5)
            began, used = count.value, cpu_seconds(service.pid)
            result = _reads(service, CITY, key, seconds)
            cpus[is_applied].append((cpu_seconds(service.pid) - used) / len(result.latencies) * 1e6)
            speeds[is_applied].append(result.per_second)
            if is_applied:
                stored.append((count.value - began) / seconds)
                stop.set()
                sender.join()
    print(f"  {CITY}: alone {spread(speeds[False], '.0f')}/s, CPU {spread(cpus[False], '.1f')} us a read")
    print(
        f"  {CITY}: while {spread(stored, '.0f')} reports/s are stored and followed {spread(speeds[True], '.0f')}/s, "
        f"CPU {spread(cpus[True], '.1f')} us a read"
    )
    print(told("R6 reads/s while reports are applied", _ratios(speeds[True], speeds[False]), at_least=0.95))
    print(told("R6 by the node's own CPU", _ratios(cpus[False], cpus[True]), at_least=0.95))


def _reads(service: Server, code: str, key: str, seconds: float) -> load.Result:
    path = f"/v1/areas/{code}/capacity/children"
    result = load.run(service.url + path, headers={"Authorization": f"Bearer {key}"}, seconds=seconds)
    if set(result.statuses) != {200}:
        raise RuntimeError(f"not all were answered: {result.statuses}")
    return result


def _send(url: str, key: str, stop: "multiprocessing.synchronize.Event", count: "multiprocessing.Value") -> None:
    """Reports of hospitals all over the country, so many a second, until told to stop."""
    chance, pause = random.Random(7), REPORTS_AT_ONCE / APPLIED_PER_SECOND
    due = time.perf_counter()
    with httpx2.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, trust_env=False) as client:
        while not stop.is_set():
            answer = client.post("/v1/reports", json=[_report(chance) for _ in range(REPORTS_AT_ONCE)], timeout=30)
            if (accepted := answer.json().get("accepted")) != REPORTS_AT_ONCE:
                raise RuntimeError(f"{accepted} were stored: {json.dumps(answer.json())[:500]}")
            count.value += accepted
            due += pause
            time.sleep(max(0.0, due - time.perf_counter()))


def _report(chance: random.Random) -> dict[str, object]:
    lines = [
        {"bed_type": name, "beds_total": 80, "beds_occupied": chance.randint(0, 80)} for name in country.HOSPITAL_TYPES
    ]
    facility_id = f"rs-{chance.randrange(country.HOSPITALS)}"
    at = datetime.now(UTC).isoformat()
    return {"facility_id": facility_id, "report_id": str(uuid4()), "observed_at": at, "lines": lines}


def _ratios(ours: list[float], theirs: list[float]) -> list[float]:
    return [one / other for one, other in zip(ours, theirs, strict=True)]


if __name__ == "__main__":
    main()
