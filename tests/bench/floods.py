"""Thirty hospitals report while strangers flood the service: what becomes of the reports.

Run: .venv/bin/python -m tests.bench.floods [--store sqlite postgres] [--seconds 4] [--only NAME ...]
Each flood is 200 connections without a key, from 200 addresses, in a process of its own; each connection sends again as
soon as it was answered, or connects anew where it was closed. Before each flood the same reports run without one, and
the ratio is taken between the two. Nobody is exempt from the rate limits. Prints, for each flood: reports rejected, p99
of the reports beside the quiet time just before, the resident memory afterwards, and what the strangers got.
"""

import argparse
import asyncio
import json
import os
import re
import statistics
import sys
import tempfile
from pathlib import Path

from tests.bench import town
from tests.bench.clients import get, keep_sending, send, told
from tests.bench.hospitals import HOSPITALS, PER_SECOND, attacked, database, facility_keys
from tests.bench.machine import describe
from tests.bench.servers import Server, balai

STRANGERS = 200
BEYOND = 999_999_999
GOAL = 3.0

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
    "wrong methods": send("/v1/position", b""),
    "too long": get("/v1/position?" + "q" * 3_000),
    "openapi.json": get("/openapi.json", "Accept-Encoding: gzip"),
    "documentation": get("/docs/assets/swagger-ui-bundle.js"),
    "metrics": get("/metrics"),
    "forwarded": get("/v1/areas/33.74/capacity/children?fresh_only=true", "X-Forwarded-For: 127.0.0.1"),
    "keys guessed": get("/v1/position", f"Authorization: Bearer balai_{'0' * 12}_{'x' * 43}"),
    "protocol paths": get("/fo/index.php/nowhere"),
    "protocol logins": send("/fo/index.php/Fasyankes", b"{}", "X-rs-id: 3374001", "X-pass: guess"),
    "slow bodies": send(REPORTS, b"{", length=1_000),
    "large bodies": send("/v1/reports", b"x" * BULK),
}


def flood(name: str, port: int, seconds: float) -> dict[str, int]:
    """Send it from all addresses for so long; gives how often each status came.

    In the place of POSITION it has the last position that the same connection was told.
    """
    positions = [b"0"] * STRANGERS

    def next_request(number: int, body: bytes) -> bytes:
        positions[number] = (_POSITION.findall(body) or positions[number:])[-1]
        return FLOODS[name].replace(b"POSITION", positions[number])

    sending = keep_sending(
        port,
        next_request,
        connections=STRANGERS,
        addresses=STRANGERS,
        network=1 + [*FLOODS].index(name),
        seconds=seconds,
    )
    return asyncio.run(sending)


def measure(server: Server, keys: list[str], names: list[str], seconds: float) -> list[float]:
    """Each flood beside the quiet time before it; gives the ratios."""
    ratios = []
    for name in names:
        command = [sys.executable, "-m", "tests.bench.floods", "--flood", name, "--port", str(server.port)]
        found = asyncio.run(attacked(server.port, keys, [*command, "--seconds", str(seconds)], quiet_seconds=seconds))
        ratios.append(found.ratio)
        got = told(json.loads(found.printed))
        print(f"  {name:16} {found.told()}  {server.resident_mib:4.0f} MiB  {got}", flush=True)
    return ratios


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
        os.nice(10)  # the others would be on other machines: the hospitals must not wait for a core because of them
        print("begins", flush=True)
        print(json.dumps(flood(options.flood, options.port, options.seconds)))
        return
    print(f"{describe()}; {HOSPITALS} hospitals, {PER_SECOND} reports a second each; {STRANGERS} strangers")
    for store in options.store:
        with tempfile.TemporaryDirectory(prefix="balai-floods-") as name, database(store, Path(name)) as url:
            national = town.build_now(url)
            with balai(url, Path(name), BALAI_RATE_EXEMPT="none") as server:
                keys = facility_keys(server.url, national)
                print(f"{store}:")
                ratios = measure(server, keys, options.only, options.seconds)
        worst = max(ratios)
        print(
            f"  p99 beside the quiet time: median {statistics.median(ratios):.2f}, worst {worst:.2f}, goal at most"
            f" {GOAL:g}: {'reached' if worst <= GOAL else 'NOT reached'}"
        )


if __name__ == "__main__":
    main()
