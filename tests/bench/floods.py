"""Thirty hospitals report while strangers flood the service: what becomes of the reports.

Run: .venv/bin/python -m tests.bench.floods [--store sqlite postgres] [--seconds 4] [--only NAME ...]
Each flood is 200 connections without a key, from 200 addresses, in a process of its own; each connection sends again as
soon as it was answered, or connects anew where it was closed. Before each flood the same reports run without one, and
the ratio is taken between the two. Nobody is exempt from the rate limits. Prints, for each flood: reports rejected, p99
of the reports beside the quiet time just before, what the strangers got, and the resident memory afterwards.
"""

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench import town
from tests.bench.machine import describe, percentile
from tests.bench.servers import Server, balai
from tests.postgres import cluster

HOSPITALS, PER_SECOND = 30, 2
STRANGERS = 200
ANSWER_SECONDS_MAX = 10.0
BEYOND = 999_999_999
GOAL = 3.0


def get(target: str, *headers: str) -> bytes:
    """A whole GET."""
    return "\r\n".join([f"GET {target} HTTP/1.1", "Host: x", *headers, "", ""]).encode()


def post(target: str, length: int, body: bytes, *headers: str) -> bytes:
    """A POST that announces `length` bytes and has some of them."""
    said = [f"POST {target} HTTP/1.1", "Host: x", "Content-Type: application/json", f"Content-Length: {length}"]
    return "\r\n".join([*said, *headers, "", ""]).encode() + body


_POSITION = re.compile(rb'"position":([0-9]+)')

REPORTS = "/v1/facilities/rs-0/reports"
BULK = 2 * 1024 * 1024
FLOODS = {
    "min_position": get(f"/v1/areas/33.74/capacity?min_position={BEYOND}"),
    "changes?after": get(f"/v1/changes?after={BEYOND}"),
    "stream?after": get(f"/v1/areas/33.74/stream?after={BEYOND}"),
    "long polls": get("/v1/changes?wait=60&after=POSITION"),
    "figures": get("/v1/areas/33.74/capacity/children"),
    "facilities": get("/v1/areas/33.74/facilities?limit=100"),
    "unknown paths": get("/nowhere/at/all"),
    "wrong methods": post("/v1/position", 0, b""),
    "too long": get("/v1/position?" + "q" * 3_000),
    "openapi.json": get("/openapi.json", "Accept-Encoding: gzip"),
    "documentation": get("/docs/assets/swagger-ui-bundle.js"),
    "metrics": get("/metrics"),
    "forwarded": get("/v1/areas/33.74/capacity/children?fresh_only=true", "X-Forwarded-For: 127.0.0.1"),
    "keys guessed": get("/v1/position", f"Authorization: Bearer balai_{'0' * 12}_{'x' * 43}"),
    "protocol paths": get("/fo/index.php/nowhere"),
    "protocol logins": post("/fo/index.php/Fasyankes", 2, b"{}", "X-rs-id: 3374001", "X-pass: guess"),
    "slow bodies": post(REPORTS, 1_000, b"{"),
    "large bodies": post("/v1/reports", BULK, b"x" * BULK),
}


async def flood(port: int, request: bytes, seconds: float) -> dict[str, int]:
    """Send it from all addresses for so long; gives how often each status came.

    In the place of POSITION it has the last position that the same connection was told.
    """
    os.nice(10)  # the others would be on other machines: the hospitals must not wait for a core because of them
    statuses: Counter[str] = Counter()
    until = time.perf_counter() + seconds

    async def stranger(number: int) -> None:
        address = f"127.0.{1 + number // 250}.{1 + number % 250}"
        while time.perf_counter() < until:
            with contextlib.suppress(OSError, asyncio.IncompleteReadError, TimeoutError):
                reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(address, 0))
                position = b"0"
                try:
                    while (left := until - time.perf_counter()) > 0:
                        async with asyncio.timeout(left):
                            writer.write(request.replace(b"POSITION", position))
                            status, body = await _answer(reader)
                            statuses[status] += 1
                            position = (_POSITION.findall(body) or [position])[-1]
                finally:
                    writer.close()

    await asyncio.gather(*map(stranger, range(STRANGERS)))
    return dict(statuses)


async def _answer(reader: asyncio.StreamReader) -> tuple[str, bytes]:
    """Status and body; of an event stream only when it ends."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    if b"transfer-encoding: chunked" not in head:
        length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
        return head[9:12].decode(), await reader.readexactly(int(length or 0))
    body = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        body += (await reader.readexactly(size + 2))[:-2]
    await reader.readexactly(2)
    return head[9:12].decode(), body


@dataclass
class Reported:
    """What became of reports."""

    latencies: list[float] = field(default_factory=list)
    rejected: Counter[str] = field(default_factory=Counter)

    @property
    def p99_ms(self) -> float:
        """The latency that 99 of 100 did not pass."""
        return 1_000 * percentile(self.latencies, 0.99)


async def report(port: int, keys: list[str], seconds: float) -> Reported:
    """All hospitals, each at its own times, for so long."""
    found = Reported()
    begun = time.perf_counter()

    async def hospital(number: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for turn in itertools.count():
            due = begun + (turn + number / HOSPITALS) / PER_SECOND
            if due > begun + seconds:
                break
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            sent = time.perf_counter()
            writer.write(_report(number, keys[number], turn))
            try:
                async with asyncio.timeout(ANSWER_SECONDS_MAX):
                    status, _ = await _answer(reader)
            except (OSError, asyncio.IncompleteReadError, TimeoutError) as error:
                status = type(error).__name__
            found.latencies.append(time.perf_counter() - sent)
            if status != "201":
                found.rejected[status] += 1
        writer.close()

    await asyncio.gather(*map(hospital, range(HOSPITALS)))
    return found


def _report(number: int, key: str, turn: int) -> bytes:
    lines = [{"bed_type": name, "beds_total": 20, "beds_occupied": 1 + turn % 19} for name in town.BED_TYPES]
    body = json.dumps({"observed_at": datetime.now(UTC).isoformat(), "lines": lines}).encode()
    return post(f"/v1/facilities/rs-{number}/reports", len(body), body, f"Authorization: Bearer {key}")


def facility_keys(server: Server, national: str) -> list[str]:
    """A key for each hospital that reports."""
    keys = []
    for number in range(HOSPITALS):
        body: dict[str, Any] = {"scope": f"facility:rs-{number}", "name": f"RS {number}"}
        headers = {"Authorization": f"Bearer {national}", "Content-Type": "application/json"}
        request = urllib.request.Request(f"{server.url}/v1/keys", json.dumps(body).encode(), headers)
        with urllib.request.urlopen(request) as answer:
            keys.append(json.load(answer)["key"])
    return keys


def measure(server: Server, keys: list[str], names: list[str], seconds: float) -> list[float]:
    """Each flood beside the quiet time before it; gives the ratios."""
    port = int(server.url.rpartition(":")[2])
    asyncio.run(report(port, keys, seconds))  # warm
    ratios = []
    for name in names:
        quiet = asyncio.run(report(port, keys, seconds))
        command = [sys.executable, "-m", "tests.bench.floods", "--flood", name, "--port", str(port)]
        with subprocess.Popen([*command, "--seconds", str(seconds + 0.5)], stdout=subprocess.PIPE, text=True) as others:
            if others.stdout is None:
                raise RuntimeError("no output of the flood")
            others.stdout.readline()  # it begins
            flooded = asyncio.run(report(port, keys, seconds))
            got = json.loads(others.stdout.read())
        ratios.append(flooded.p99_ms / quiet.p99_ms)
        print(
            f"  {name:16} rejected {sum(flooded.rejected.values()):3} of {len(flooded.latencies)}"
            f"  p99 {flooded.p99_ms:6.1f} ms beside {quiet.p99_ms:6.1f}: {ratios[-1]:5.2f} times"
            f"  {server.resident_mib:4.0f} MiB  {_told(got)}",
            *([dict(flooded.rejected)] if flooded.rejected else []),
            flush=True,
        )
    return ratios


def _told(statuses: dict[str, int]) -> str:
    return ", ".join(f"{number} x {status}" for status, number in sorted(statuses.items())) or "no answer"


@contextlib.contextmanager
def database(store: str, folder: Path) -> Iterator[str]:
    """The address of an empty database."""
    if store == "sqlite":
        yield f"sqlite+aiosqlite:///{folder / 'balai.db'}"
    else:
        with cluster() as server:
            yield server.create("floods")


def main() -> None:
    """Measure on each store, or be a flood."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", nargs="+", choices=["sqlite", "postgres"], default=["sqlite", "postgres"])
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--only", nargs="+", choices=FLOODS, default=list(FLOODS))
    parser.add_argument("--flood", choices=FLOODS, help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.flood:
        print("begins", flush=True)
        print(json.dumps(asyncio.run(flood(options.port, FLOODS[options.flood], options.seconds))))
        return
    print(f"{describe()}; {HOSPITALS} hospitals, {PER_SECOND} reports a second each; {STRANGERS} strangers")
    for store in options.store:
        with tempfile.TemporaryDirectory(prefix="balai-floods-") as name, database(store, Path(name)) as url:
            national = town.build_now(url)
            with balai(url, Path(name), BALAI_RATE_EXEMPT="none") as server:
                keys = facility_keys(server, national)
                print(f"{store}:")
                ratios = measure(server, keys, options.only, options.seconds)
        worst = max(ratios)
        print(
            f"  p99 beside the quiet time: median {statistics.median(ratios):.2f}, worst {worst:.2f}, goal at most"
            f" {GOAL:g}: {'reached' if worst <= GOAL else 'NOT reached'}"
        )


if __name__ == "__main__":
    main()
