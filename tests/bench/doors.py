"""The burst of thirty hospitals by two doors, beside as many reports of one line by our own door, in one run.

Run: .venv/bin/python -m tests.bench.doors [--rounds 3] [--workers 1] [--at-once]
Each of 60 senders has a connection and sends 60 requests in turn; with --at-once every request has a connection of its
own and all are sent together (by the doors alone: our own door lets in 200 at once). SQLite, the clients on the same
cores. A client gives up after 5 s.
"""

import argparse
import asyncio
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2

from tests.protocols.burst import HOSPITALS, ROOMS, Line, add_hospitals, of_aplicares, of_sirs, request
from tests.serving import served

OPEN_FILES = 8_192


def of_our_own(facility_id: str, key: str) -> list[bytes]:
    """As many reports of one line by our own door."""
    path = f"/v1/facilities/{facility_id}/reports"
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    return [
        request(
            path,
            headers,
            {
                "observed_at": datetime.now(UTC).isoformat(),
                "lines": [{"bed_type": "ward_1", "ward_code": f"R{room}", "beds_total": 4, "beds_occupied": 1}],
            },
        )
        for room in range(ROOMS)
    ]


async def send(port: int, requests: Iterable[bytes], status: int) -> float:
    """By one connection, in turn; gives the slowest answer in seconds."""
    line, slowest = Line(*await asyncio.open_connection("127.0.0.1", port), status), 0.0
    for each in requests:
        begun = time.perf_counter()
        await line.ask(each)
        slowest = max(slowest, time.perf_counter() - begun)
    await line.close()
    return slowest


def burst(port: int, senders: list[list[bytes]], status: int, *, at_once: bool) -> tuple[float, float]:
    """Seconds for all, and for the slowest answer."""
    lines = [[each] for sender in senders for each in sender] if at_once else senders

    async def all_of_them() -> list[float]:
        return await asyncio.gather(*(send(port, line, status) for line in lines))

    begun = time.perf_counter()
    slowest = max(asyncio.run(all_of_them()))
    return time.perf_counter() - begun, slowest


def told(values: Sequence[float]) -> str:
    """Median and range."""
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--at-once", action="store_true")
    chosen = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, OPEN_FILES))
    with (
        tempfile.TemporaryDirectory(prefix="balai-doors-") as folder,
        served(Path(folder), "--seed", "semarang", "--workers", str(chosen.workers)) as server,
    ):
        key = server.key()
        with httpx2.Client(base_url=server.url, headers={"Authorization": f"Bearer {key}"}, trust_env=False) as officer:
            hospitals: list[dict[str, Any]] = add_hospitals(officer)
        doors, own = [], []
        for number in range(chosen.rounds):
            by_doors = [make(typed) for typed in hospitals for make in (of_sirs, of_aplicares)]
            by_own = [of_our_own(typed["facility_id"], key) for typed in hospitals for _ in range(2)]
            both = [(by_doors, 200, doors), *([] if chosen.at_once else [(by_own, 201, own)])]
            for senders, status, found in both if number % 2 else reversed(both):
                found.append(burst(server.port, senders, status, at_once=chosen.at_once))
    requests = 2 * HOSPITALS * ROOMS
    print(f"{os.cpu_count()} cores, {chosen.rounds} rounds of {requests} requests, {chosen.workers} workers")
    for name, found in (("doors", doors), ("our own door", own)):
        if found:
            seconds, slowest = zip(*found, strict=True)
            print(f"  {name:<14} {told(seconds)} s, slowest answer {told(slowest)} s")
    if own:
        print(f"  doors beside   {told([a / b for (a, _), (b, _) in zip(doors, own, strict=True)])} times as long")


if __name__ == "__main__":
    main()
