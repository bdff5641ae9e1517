"""The pages in a browser: the command center of a city, and the page of a whole country.

Run: BALAI_TEST_BROWSER=/usr/bin/chromium .venv/bin/python -m tests.bench.pages
         [--rounds 5] [--minutes 10] [--rate 20] [--only city|country] [--database URL --key KEY]
First visits with an empty cache, on the profile of a slow device: processor at a quarter, 1.6 Mbit/s, without latency
and with 100 ms for each request. A busy machine makes them longer: so also the processor time of the main thread
at full speed, and what the profile makes of it. Then the page stays open while facilities report, at full
speed of this machine: memory after garbage collection, elements, changes of the page in a second, processor time.
The country is built where no database of `tests.bench.country` is given, and left out where its areas are not here.
Browser, server and reporters share this machine: look at the load in the first line.
"""

import argparse
import os
import random
import shutil
import statistics
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
from playwright.sync_api import Browser, sync_playwright

from tests.bench import country, machine
from tests.bench.measured_page import BYTES_PER_SECOND, CPU_SLOWDOWN, Held, MeasuredPage, Visit, measured
from tests.bench.servers import Server, balai
from tests.browser.chromium import LAUNCH_ARGUMENTS
from tests.browser.city import SECRET_KEY, City, RunningClock, make_seeded_folder
from tests.browser.lively import enliven

LATENCIES_MS = (0, 100)
SIZE_MAX, INTERACTIVE_MS_MAX = 200_000, 1_000
SAMPLES = 20


@dataclass(frozen=True)
class Subject:
    """A page to measure, and whose reports move its figures: facility, bed type."""

    name: str
    server: Server
    key: str
    path: str
    has_map: bool
    lines: Sequence[tuple[str, str]]


def main() -> None:
    """Measure what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--rate", type=float, default=20, help="reports per second while the page is open")
    parser.add_argument("--only", choices=["city", "country"])
    parser.add_argument("--database", help="a database that tests.bench.country has filled; else a new SQLite one")
    parser.add_argument("--key", help="a key of that database")
    options = parser.parse_args()
    if "BALAI_TEST_BROWSER" not in os.environ:
        sys.exit("BALAI_TEST_BROWSER names no browser: nothing measured")
    print(machine.describe())
    folder = Path(tempfile.mkdtemp(prefix="balai-bench-"))
    try:
        if options.only in {None, "city"}:
            with _city(folder / "city") as subject:
                measure(subject, options.rounds, options.minutes, options.rate)
        if options.only == "city":
            return
        if options.database is None and not country.AREAS.exists():
            print("\nthe areas of Indonesia are not here (../shared/data): the country is not measured")
            return
        with _country(folder / "country", options.database, options.key) as subject:
            measure(subject, options.rounds, options.minutes, options.rate)
    finally:
        shutil.rmtree(folder)


@contextmanager
def _city(folder: Path) -> Iterator[Subject]:
    folder.mkdir()
    seeded = make_seeded_folder(folder)
    url = f"sqlite+aiosqlite:///{folder / 'balai.db'}"
    with balai(url, folder, BALAI_SECRET_KEY=SECRET_KEY) as server:
        with httpx2.Client(base_url=server.url, headers=_who(seeded.key), trust_env=False) as client:
            enliven(City(server.url, RunningClock(), client, None))  # type: ignore[arg-type]
        lines = [("rs-3374010", "icu"), ("rs-3374080", "ward_2"), ("rs-3374123", "ward_3"), ("rs-3374342", "nicu")]
        yield Subject("city", server, seeded.key, "/", has_map=True, lines=lines)


@contextmanager
def _country(folder: Path, database: str | None, key: str | None) -> Iterator[Subject]:
    folder.mkdir()
    url = database or f"sqlite+aiosqlite:///{folder / 'balai.db'}"
    key = key or country.build_now(url)
    with balai(url, folder) as server:
        lines = [(f"rs-{number}", "icu") for number in range(country.HOSPITALS)]
        yield Subject("country", server, key, "/area/ID", has_map=False, lines=lines)


def measure(subject: Subject, rounds: int, minutes: float, rate: float) -> None:
    """First visits, then a page that stays open."""
    print(f"\n{subject.name}: {subject.path}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=os.environ["BALAI_TEST_BROWSER"], args=LAUNCH_ARGUMENTS)
        for latency in LATENCIES_MS:
            visits = [_visit(browser, subject, latency) for _ in range(rounds)]
            print(f" first visit, {latency} ms latency, {rounds} times; medians (min to max)")
            _tell_visits(visits, is_judged=latency == 0)
        _tell_bound([_visit(browser, subject, None) for _ in range(rounds)])
        if minutes:
            with measured(browser, latency_ms=None) as page, _reports(subject, rate) as sent:
                page.visit(subject.server.url + subject.path, has_map=subject.has_map)
                _tell_open(_samples(page, minutes, sent), rate)
        browser.close()


def _visit(browser: Browser, subject: Subject, latency: int | None) -> Visit:
    with measured(browser, latency_ms=latency) as page:
        return page.visit(subject.server.url + subject.path, has_map=subject.has_map)


def _tell_visits(visits: Sequence[Visit], *, is_judged: bool) -> None:
    last = visits[-1]
    print(
        f"  {last.requests} requests, {last.size / 1000:.1f} kB, {last.size_until_interactive / 1000:.1f} until ready"
    )
    print(f"  first figures {machine.spread([one.figures for one in visits], '.0f')} ms")
    print(f"  interactive {machine.spread([one.interactive for one in visits], '.0f')} ms")
    if maps := [one.map for one in visits if one.map is not None]:
        print(f"  map {machine.spread(maps, '.0f')} ms")
    longest = [max(one.long_tasks, default=0) for one in visits]
    print(f"  long tasks {len(last.long_tasks)}, the longest {machine.spread(longest, '.0f')} ms")
    if is_judged:
        print(machine.told("bytes of the budget", [one.size / SIZE_MAX for one in visits], at_most=1))
        print(machine.told("time of the budget", [one.interactive / INTERACTIVE_MS_MAX for one in visits], at_most=1))


def _tell_bound(visits: Sequence[Visit]) -> None:
    """What an idle device of the profile takes at most, whatever else this machine does: nothing overlaps."""
    bounds = [1000 * one.size_until_interactive / BYTES_PER_SECOND + CPU_SLOWDOWN * one.thread_ms for one in visits]
    threads = machine.spread([one.thread_ms for one in visits], ".0f")
    print(f" at full speed, {len(visits)} times: {threads} ms of processor time until interactive")
    print(f"  four times that and the bytes until then at 1.6 Mbit/s: {machine.spread(bounds, '.0f')} ms")


def _samples(page: MeasuredPage, minutes: float, sent: list[int]) -> list[tuple[Held, int]]:
    page.wait(10)  # what the first minute loads and compiles is not growth
    samples = [(page.held(), sent[0])]
    for _ in range(SAMPLES):
        page.wait(minutes * 60 / SAMPLES)
        samples.append((page.held(), sent[0]))
    return samples


def _tell_open(samples: Sequence[tuple[Held, int]], rate: float) -> None:
    (first, sent_first), (last, sent_last) = samples[0], samples[-1]
    reports = sent_last - sent_first
    # The least of several: a collection leaves what an event that is being taken still needs.
    heaps = [held.heap for held, _ in samples]
    quarter = len(heaps) // 4
    early, late = min(heaps[quarter : 2 * quarter]), min(heaps[-quarter:])
    busy = last.busy_seconds - first.busy_seconds
    seconds = last.at - first.at
    print(f" open for {seconds / 60:.1f} min while {reports} reports came in: {reports / seconds:.1f}/s of {rate:g}")
    series = " ".join(f"{held.heap / 1e6:.2f}" for held, _ in samples)
    print(f"  heap in MB: {series}; {_slope(samples[len(samples) // 2 :]):+.1f} bytes a report in the second half")
    print(machine.told("heap, last quarter beside the second", [late / early], at_most=1.05))
    print(f"  elements {first.nodes}, then {last.nodes}; listeners {first.listeners}, then {last.listeners}")
    print(f"  {(last.changes - first.changes) / seconds:.1f} changes/s, "
          f"{(last.layouts - first.layouts) / seconds:.1f} layouts/s, {busy / seconds:.1%} of a processor")  # fmt: skip


def _slope(samples: Sequence[tuple[Held, int]]) -> float:
    """Bytes that each report leaves behind, by least squares."""
    return statistics.linear_regression([sent for _, sent in samples], [held.heap for held, _ in samples]).slope


@contextmanager
def _reports(subject: Subject, rate: float) -> Iterator[list[int]]:
    """Reports at this rate from another thread until the end; gives how many were stored."""
    chance, sent, stopping = random.Random(7), [0], threading.Event()

    def run() -> None:
        with httpx2.Client(base_url=subject.server.url, headers=_who(subject.key), trust_env=False) as client:
            while not stopping.wait(1 / rate):
                facility, bed_type = chance.choice(subject.lines)
                total = chance.randint(20, 60)
                line: dict[str, Any] = {"bed_type": bed_type, "beds_total": total}
                line["beds_occupied"] = chance.randint(0, total)
                body = {"observed_at": datetime.now(UTC).isoformat(), "lines": [line]}
                client.post(f"/v1/facilities/{facility}/reports", json=body).raise_for_status()
                sent[0] += 1

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield sent
    finally:
        stopping.set()
        thread.join()


def _who(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


if __name__ == "__main__":
    main()
