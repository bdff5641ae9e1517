"""Thirty hospitals report while clients with and without keys attack the service: what becomes of the reports.

Run: .venv/bin/python -m tests.bench.hostile [--store sqlite postgres] [--seconds 6] [--only NAME ...]
Each attack (`tests.bench.attacks`) runs in a process of its own, beside a town of 500 hospitals; the exports beside the
whole country. Before each the same reports run without it, and the ratio is taken between the two. Nobody is exempt
from the rate limits. Prints for each attack: reports rejected, p99 beside the quiet time just before, the peak of the
resident memory and what it was before, how long after its end p99 was back under twice the quiet one (in windows of
0.25 s), and what the attackers got. `tests.bench.floods` has the attacks of clients without a key from 200 addresses.
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from tests.bench import country, town
from tests.bench.attacks import ATTACKS, Officer
from tests.bench.clients import keep_sending, told
from tests.bench.hospitals import HOSPITALS, PER_SECOND, Attacked, Reports, attacked, database, facility_keys
from tests.bench.machine import describe
from tests.bench.servers import Server, balai

WINDOW_SECONDS, AFTER_SECONDS = 0.25, 4.0
RATIO_GOAL, MEMORY_GOAL_MIB, RECOVERY_GOAL_SECONDS = 3.0, 512, 2.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one attack did. `recovery` is in seconds; the time observed, where p99 did not come down in it."""

    rejected: int
    ratio: float
    peak_mib: float
    recovery: float


def recovery(found: Attacked) -> float:
    """Seconds from the end of the attack to the first window in which p99 is under twice the quiet one."""
    for window in range(int(AFTER_SECONDS / WINDOW_SECONDS)):
        start = found.ended + window * WINDOW_SECONDS
        sent = [one for one in found.after.sent if start <= one.due < start + WINDOW_SECONDS]
        if sent and Reports(sent).p99_ms < 2 * found.quiet.p99_ms:
            return window * WINDOW_SECONDS
    return AFTER_SECONDS


def attack(name: str, url: str, national: str, seconds: float) -> dict[str, int]:
    """Prepare it, say so, and run it for so long; gives how often each status came."""
    chosen = ATTACKS[name]
    next_request = chosen.prepare(Officer(url, national))
    print("begins", flush=True)
    sending = keep_sending(
        int(url.rpartition(":")[2]),
        next_request,
        connections=chosen.connections,
        addresses=chosen.addresses,
        network=1 + [*ATTACKS].index(name),
        seconds=seconds,
    )
    return asyncio.run(sending)


def measure(server: Server, national: str, names: Sequence[str], seconds: float) -> list[Outcome]:
    """Each attack beside the quiet time before it."""
    keys = facility_keys(server.url, national)
    outcomes = []
    for name in names:
        command = [sys.executable, "-m", "tests.bench.hostile", "--attack", name, "--url", server.url]
        command += ["--key", national, "--seconds", str(seconds)]
        before = server.resident_mib
        server.reset_peak()
        found = asyncio.run(attacked(server.port, keys, command, quiet_seconds=seconds, after_seconds=AFTER_SECONDS))
        rejected = (found.during.rejected + found.after.rejected).total()
        outcome = Outcome(rejected, found.ratio, server.peak_mib, recovery(found))
        outcomes.append(outcome)
        print(
            f"  {name:20} {found.told()}  {outcome.peak_mib:4.0f} MiB ({before:.0f} before)"
            f"  back in {outcome.recovery:.2f} s  {told(json.loads(found.printed))}",
            flush=True,
        )
    return outcomes


def summary(outcomes: Sequence[Outcome]) -> str:
    """The worst of each beside its goal."""
    worst = (
        ("rejected", max(one.rejected for one in outcomes), 0),
        ("p99 ratio", max(one.ratio for one in outcomes), RATIO_GOAL),
        ("MiB", max(one.peak_mib for one in outcomes), MEMORY_GOAL_MIB),
        ("recovery s", max(one.recovery for one in outcomes), RECOVERY_GOAL_SECONDS),
    )
    said = (
        f"{what} {value:.4g} (at most {goal:g}){'' if value <= goal else ' NOT reached'}" for what, value, goal in worst
    )
    return f"  worst: {', '.join(said)}"


def main() -> None:
    """Measure on each store, or be an attack."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--store", nargs="+", choices=["sqlite", "postgres"], default=["sqlite", "postgres"])
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--only", nargs="+", choices=ATTACKS, default=list(ATTACKS))
    parser.add_argument("--attack", choices=ATTACKS, help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--key", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.attack:
        os.nice(10)  # attackers would be on other machines: the hospitals must not wait for a core because of them
        print(json.dumps(attack(options.attack, options.url, options.key, options.seconds)))
        return
    print(f"{describe()}; {HOSPITALS} hospitals, {PER_SECOND} reports a second each; nobody is exempt")
    names = sorted(options.only, key=lambda name: ATTACKS[name].needs_country)
    for store in options.store:
        outcomes = []
        for needs_country, together in groupby(names, key=lambda name: ATTACKS[name].needs_country):
            with tempfile.TemporaryDirectory(prefix="balai-hostile-") as folder, database(store, Path(folder)) as url:
                national = (country if needs_country else town).build_now(url)
                with balai(url, Path(folder), BALAI_RATE_EXEMPT="none") as server:
                    print(f"{store}, {'the country' if needs_country else 'a town'}:")
                    outcomes += measure(server, national, list(together), options.seconds)
        print(summary(outcomes))


if __name__ == "__main__":
    main()
