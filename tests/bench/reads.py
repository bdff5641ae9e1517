"""Reads with the whole country loaded, beside a bare Starlette route with the same bytes, in one run.

Run: .venv/bin/python -m tests.bench.reads [--rounds 5] [--seconds 2] [--database URL]
Prints requests per second, p99 and the ratio for capacity of the country, a city and a kelurahan (and the first two
with their children), plain and as 304; then start-up time and resident memory.
"""

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import urllib.request
from pathlib import Path

from tests.bench import country
from tests.bench.load import Result, run
from tests.bench.servers import balai, starlette

QUESTIONS = {
    "country": "/v1/areas/ID/capacity",
    "country with children": "/v1/areas/ID/capacity/children",
    "city": "/v1/areas/33.74/capacity",
    "city with children": "/v1/areas/33.74/capacity/children",
    "kelurahan": "/v1/areas/33.74.01.1001/capacity",
}


def main() -> None:
    """Build the country where there is none yet, then measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--database", help="a database that country.build has filled; else a new SQLite one")
    parser.add_argument("--key", help="a key of that database")
    options = parser.parse_args()
    if not country.AREAS.exists():
        sys.exit("the areas of Indonesia are not here (../shared/data): nothing measured")
    folder = Path(tempfile.mkdtemp(prefix="balai-bench-"))
    try:
        url = options.database or f"sqlite+aiosqlite:///{folder / 'balai.db'}"
        key = options.key or country.build_now(url)
        measure(url, key, folder, options.rounds, options.seconds)
    finally:
        shutil.rmtree(folder)


def measure(url: str, key: str, folder: Path, rounds: int, seconds: float) -> None:
    """Each question in turn, the two servers one after the other in every round."""
    who = {"Authorization": f"Bearer {key}"}
    print(f"{os.cpu_count()} cores, {rounds} rounds of {seconds} s, 32 connections; medians (min to max)")
    with balai(url, folder) as service:
        started, fresh = service.started_in, service.resident_mib
        for name, path in QUESTIONS.items():
            request = urllib.request.Request(service.url + path, headers=who)
            with urllib.request.urlopen(request) as answer:
                body, etag = answer.read(), answer.headers["ETag"]
            (folder / "body.json").write_bytes(body)
            with starlette(folder / "body.json") as bare:
                plain, cached, reference = [], [], []
                for _ in range(rounds):
                    reference.append(run(bare.url + "/constant", seconds=seconds))
                    plain.append(run(service.url + path, headers=who, seconds=seconds))
                    cached.append(run(service.url + path, headers=who | {"If-None-Match": etag}, seconds=seconds))
            print(f"\n{name}: {len(body) / 1000:.1f} kB")
            _tell("  bare Starlette", reference, reference, 200)
            _tell("  Balai", plain, reference, 200)
            _tell("  Balai, 304", cached, reference, 304)
        print(f"\nready {started:.2f} s after its start; {fresh:.0f} MiB then, {service.resident_mib:.0f} MiB now")


def _tell(name: str, runs: list[Result], reference: list[Result], status: int) -> None:
    if any(set(one.statuses) != {status} for one in runs):
        sys.exit(f"{name}: not all answers were {status}: {[one.statuses for one in runs]}")
    ratios = [one.per_second / other.per_second for one, other in zip(runs, reference, strict=True)]
    speed = statistics.median(one.per_second for one in runs)
    tail = statistics.median(one.percentile_ms(0.99) for one in runs)
    spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
    print(f"{name:18}{speed:8.0f}/s  p99 {tail:6.1f} ms  ratio {statistics.median(ratios):.2f} ({spread})")


if __name__ == "__main__":
    main()
