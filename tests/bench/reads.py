"""Reads with the whole country loaded, beside a bare Starlette route, in one run.

Run: .venv/bin/python -m tests.bench.reads [--rounds 5] [--seconds 2] [--database URL --key KEY]
Two references: Starlette with 1.8 kB, which the goals name, and Starlette with the same bytes as the answer. Each round
asks all in turn, every other round in reverse; a ratio is taken within its round. CPU is the server's, per request.
Prints them for capacity of the country, a city and a kelurahan (and the first two with their children): plain, gzipped
and as 304; then start-up time and resident memory. Tags stand still while nothing turns stale: a database that is
reused should be younger than four hours.
"""

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench import country
from tests.bench.load import Result, run
from tests.bench.servers import Server, balai, starlette

QUESTIONS = {
    "city with children": "/v1/areas/33.74/capacity/children",
    "country with children": "/v1/areas/ID/capacity/children",
    "country": "/v1/areas/ID/capacity",
    "city": "/v1/areas/33.74/capacity",
    "kelurahan": "/v1/areas/33.74.01.1001/capacity",
}
SMALL_BYTES = 1_800

# An area whose figures turn stale during a measurement has a new tag from then on.
SHARE_MIN = 0.99


@dataclass
class Case:
    """One thing that is asked over and over, and what came of it in each round."""

    name: str
    server: Server
    path: str
    headers: Mapping[str, str]
    status: int
    runs: list[Result]
    cpu_us: list[float]

    def measure(self, seconds: float) -> None:
        """One more round."""
        before = _cpu_seconds(self.server.pid)
        result = run(self.server.url + self.path, headers=dict(self.headers), seconds=seconds)
        if result.statuses.get(self.status, 0) < SHARE_MIN * len(result.latencies):
            sys.exit(f"{self.name}: not all answers were {self.status}: {result.statuses}")
        self.runs.append(result)
        self.cpu_us.append(1e6 * (_cpu_seconds(self.server.pid) - before) / len(result.latencies))


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
    """Each question in turn, beside both references."""
    who = {"Authorization": f"Bearer {key}"}
    small, same = folder / "small.json", folder / "same.json"
    small.write_bytes(b'"' + b"x" * (SMALL_BYTES - 2) + b'"')
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    print(f"{os.cpu_count()} cores, load {load} before; the client takes one of them")
    print(f"{rounds} rounds of {seconds} s, 32 connections; medians (min to max)")
    with balai(url, folder) as service, starlette(small) as bare_small:
        started, fresh = service.started_in, service.resident_mib
        for name, path in QUESTIONS.items():
            request = urllib.request.Request(service.url + path, headers=who)
            with urllib.request.urlopen(request) as answer:
                body, tag = answer.read(), answer.headers["ETag"]
            same.write_bytes(body)
            with starlette(same) as bare_same:
                cases = [
                    Case("Starlette, 1.8 kB", bare_small, "/constant", {}, 200, [], []),
                    Case("Starlette, same bytes", bare_same, "/constant", {}, 200, [], []),
                    Case("Balai", service, path, who, 200, [], []),
                    Case("Balai, gzip", service, path, who | {"Accept-Encoding": "gzip"}, 200, [], []),
                    Case("Balai, 304", service, path, who | {"If-None-Match": tag}, 304, [], []),
                ]
                for round_ in range(rounds):
                    for case in cases if round_ % 2 == 0 else reversed(cases):
                        case.measure(seconds)
            print(f"\n{name}: {len(body) / 1000:.1f} kB")
            for case in cases:
                _tell(case, *cases[:2])
        print(f"\nready {started:.2f} s after its start; {fresh:.0f} MiB then, {service.resident_mib:.0f} MiB now")


def _tell(case: Case, small: Case, same: Case) -> None:
    speed = statistics.median(one.per_second for one in case.runs)
    print(
        f"  {case.name:22}{speed:7.0f}/s {case.runs[-1].body_bytes / 1000:6.1f} kB"
        f"  CPU {statistics.median(case.cpu_us):4.0f} us"
        f"  p99 {statistics.median(_tails(case)):5.1f} ms"
        f"  beside 1.8 kB {_ratio(_speeds(case), _speeds(small))}, its p99 {_ratio(_tails(case), _tails(small))}"
        f"  beside the same bytes {_ratio(_speeds(case), _speeds(same))}"
    )


def _speeds(case: Case) -> list[float]:
    return [one.per_second for one in case.runs]


def _tails(case: Case) -> list[float]:
    return [one.percentile_ms(0.99) for one in case.runs]


def _ratio(ours: Sequence[float], theirs: Sequence[float]) -> str:
    ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
    return f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"


def _cpu_seconds(pid: int) -> float:
    """CPU time of a process so far; Linux only, like resident memory."""
    user, system = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
