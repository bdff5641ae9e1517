"""The live stream: many listeners, listeners who never read, and listeners at another node; ratios of one run.

Run: .venv/bin/python -m tests.bench.streams [--only fan|stalled|nodes] [--rounds 3]
fan (S1-S3): 1,000 and 5,000 listeners of a kelurahan, one report a second through the API, beside a queue for each
listener behind FastAPI's StreamingResponse with events of the same size. Each round has fresh servers, which first tell
one listener: CPU per delivery is what more listeners take beyond that, so not what storing the report and being idle
takes; "with all else" has that in it. Delay runs from sending the request that causes an event to a listener's first
byte of it, and so has the report's commit in it; the reference stores nothing.
stalled: 500 listeners with and without 500 more who never read.
nodes (L1): a report's receipt from one node to its event from another, beside one commit of the same PostgreSQL.
"""

import argparse
import asyncio
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from tests.bench import machine, town
from tests.bench.listeners import Listeners
from tests.bench.servers import Server, balai, plain_app
from tests.postgres import cluster

STREAM = f"/v1/areas/{town.SOME_KELURAHAN}/stream"
# With all areas above it: a report moves each of the five, and they are told in one write.
LARGE_STREAM = "/v1/stream?" + "&".join(f"area={code}" for code in town.PATH)
PLACES = {"BALAI_STREAMS_MAX": "6000"}

EVENTS, EVENT_SECONDS = 6, 1.0
READING, STALLED = 500, 500
LARGE_EVENT_SECONDS = 0.05
ALONE_EVENTS, BESIDE_SECONDS_MAX, STALLED_BEGIN_SECONDS = 100, 40, 5
COMING_SECONDS = 2  # they connect, and are sent what the connections hold
REPORTS, REPORT_SECONDS = 300, 0.02

_FRAME_BYTES = len("ffff\r\n\r\n")


def main() -> None:
    """All three, or one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=("fan", "stalled", "nodes"))
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    print(f"{machine.describe()}; {options.rounds} rounds, medians (min to max)")
    folder = Path(tempfile.mkdtemp(prefix="balai-streams-"))
    try:
        if options.only in {None, "nodes"}:
            across_nodes(folder, options.rounds)
        if options.only != "nodes":
            bench = Bench(folder)
            if options.only in {None, "fan"}:
                bench.fan_out(1_000, options.rounds)
                bench.fan_out(5_000, options.rounds)
            if options.only in {None, "stalled"}:
                bench.stalled(options.rounds)
    finally:
        shutil.rmtree(folder)


@dataclass
class Fan:
    """What one server did for its listeners in one round; `client` is the listeners' share of a core."""

    cpu_us: float
    cpu_with_all_us: float
    p50_ms: float
    p99_ms: float
    kib: float
    client: float


class Bench:
    """Servers on one core, listeners on another."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._url = f"sqlite+aiosqlite:///{folder / 'balai.db'}"
        self._key = town.build_now(self._url)
        self._files = machine.many_files()
        self._cores = machine.cores()
        if len(self._cores) == 1:
            print("one core for server and listeners: delays show their quarrel, not the server's speed")

    def fan_out(self, number: int, rounds: int) -> None:
        """S1 to S3 with so many listeners."""
        if self._files < number + 100:
            print(f"\n{number} listeners: skipped, a process may open only {self._files} files here")
            return
        size = self._event_bytes()
        ours: list[Fan] = []
        queues: list[Fan] = []
        for turn in range(rounds):
            if turn % 2 == 0:
                ours.append(self._fan_of_balai(number))
                queues.append(self._fan_of_queues(number, size))
            else:
                queues.append(self._fan_of_queues(number, size))
                ours.append(self._fan_of_balai(number))
        print(f"\n{number} listeners, an event of {size} bytes a second")
        _tell("Balai", ours)
        _tell("a queue each", queues)
        pairs = list(zip(ours, queues, strict=True))
        print(machine.told("S1 CPU per delivery", [a.cpu_us / b.cpu_us for a, b in pairs], at_most=0.4))
        with_all = [a.cpu_with_all_us / b.cpu_with_all_us for a, b in pairs]
        print(f"     with all else: {machine.spread(with_all)}")
        print(machine.told("S2 p99 of the delay", [a.p99_ms / b.p99_ms for a, b in pairs], at_most=0.3))
        print(machine.told("S3 memory of a listener", [a.kib / b.kib for a, b in pairs], at_most=0.35))

    def stalled(self, rounds: int) -> None:
        """Listeners who read, alone and beside as many who do not; one server for all rounds."""
        with self._balai() as server, Listeners(server.url, LARGE_STREAM) as listeners:
            request = town.requests(server.url, self._key)
            listeners.open(READING)
            size = listeners.cause(request()).total_bytes // READING
            print(f"\n{READING} listeners, and {STALLED} who never read; {size} bytes every {LARGE_EVENT_SECONDS:g} s")
            ratios = [_with_stalled(server, listeners, request, turn + 1) for turn in range(rounds)]
            print(f"  p99 beside them to p99 alone: {machine.spread(ratios)}")

    def _event_bytes(self) -> int:
        with self._balai() as server, Listeners(server.url, STREAM) as listeners:
            listeners.open(1)
            return listeners.cause(town.requests(server.url, self._key)()).total_bytes - _FRAME_BYTES

    def _fan_of_balai(self, number: int) -> Fan:
        with self._balai() as server:
            return _fan(server, STREAM, number, town.requests(server.url, self._key))

    def _fan_of_queues(self, number: int, size: int) -> Fan:
        with self._on_cores(
            plain_app("tests.bench.queue_streams:app", "/ready", EVENT_BYTES=str(size)),
        ) as server:
            host = server.url.removeprefix("http://")
            request = f"POST /publish HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n".encode()
            return _fan(server, "/events", number, lambda: request)

    def _balai(self) -> AbstractContextManager[Server]:
        return self._on_cores(balai(self._url, self._folder, **PLACES))

    @contextmanager
    def _on_cores(self, starting: AbstractContextManager[Server]) -> Iterator[Server]:
        machine.pin(0, self._cores)
        with starting as server:
            if len(self._cores) > 1:
                machine.pin(server.pid, self._cores[:1])
                machine.pin(0, self._cores[1:2])
            yield server


def _fan(server: Server, path: str, number: int, request: Callable[[], bytes]) -> Fan:
    with Listeners(server.url, path) as listeners:
        listeners.open(1)
        listeners.cause(request())  # what is loaded with the first one is nobody's time or memory
        used, began = machine.cpu_seconds(server.pid), time.perf_counter()
        _delays(listeners, request, EVENTS // 2, EVENT_SECONDS)
        for_one = (machine.cpu_seconds(server.pid) - used) / (time.perf_counter() - began)
        before = machine.resident_kib(server.pid)
        listeners.open(number - 1)
        listeners.cause(request())
        listeners.rest(time.perf_counter() + 0.5)
        used, own, began = machine.cpu_seconds(server.pid), time.process_time(), time.perf_counter()
        delays = _delays(listeners, request, EVENTS, EVENT_SECONDS)
        seconds = time.perf_counter() - began
        used, own = machine.cpu_seconds(server.pid) - used, time.process_time() - own
        return Fan(
            cpu_us=1e6 * (used - for_one * seconds) / (len(delays) - EVENTS),
            cpu_with_all_us=1e6 * used / len(delays),
            p50_ms=statistics.median(delays),
            p99_ms=machine.percentile(delays, 0.99),
            kib=(machine.resident_kib(server.pid) - before) / (number - 1),
            client=own / seconds,
        )


def _delays(listeners: Listeners, request: Callable[[], bytes], events: int, seconds: float) -> list[float]:
    """So many events, one each so many seconds; every listener's delay of each, in ms."""
    delays: list[float] = []
    for _ in range(events):
        due = time.perf_counter() + seconds
        delays += listeners.cause(request()).delays_ms
        listeners.rest(due)
    return delays


def _tell(name: str, fans: list[Fan]) -> None:
    print(
        f"  {name:14}CPU {machine.spread([one.cpu_us for one in fans], '.1f')} us per delivery"
        f" ({statistics.median(one.cpu_with_all_us for one in fans):.1f} with all else),"
        f" p50 {machine.spread([one.p50_ms for one in fans], '.0f')},"
        f" p99 {machine.spread([one.p99_ms for one in fans], '.0f')} ms,"
        f" {machine.spread([one.kib for one in fans], '.1f')} KiB each;"
        f" the listeners took {machine.spread([one.client for one in fans], '.0%')} of a core"
    )


class Watch:
    """A server with listeners who stall: its memory, the kernel's for all connections, and how many are left."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._files = machine.open_files(pid)
        self._began = time.perf_counter()
        self.left = 0
        self.resident_mib: list[float] = []
        self.kernel_mib: list[float] = []
        self._cut_after: list[float] = []
        self.look()

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.perf_counter() - self._began

    def look(self) -> None:
        """Once more."""
        self.resident_mib.append(machine.resident_kib(self._pid) / 1024)
        self.kernel_mib.append(machine.tcp_mib())
        left = max(0, machine.open_files(self._pid) - self._files)
        self._cut_after += [self.seconds] * (self.left - left)
        self.left = left

    @property
    def said(self) -> str:
        """What was seen of memory, and when they were cut."""
        cut = ""
        if self._cut_after:
            cut = f"cut {min(self._cut_after):.0f} to {max(self._cut_after):.0f} s after they came, "
        memory = (("server", self.resident_mib), ("kernel", self.kernel_mib))
        return f"{cut}{self.left} not; MiB " + ", ".join(
            f"of the {name} {seen[0]:.0f} before, {max(seen):.0f} at most, {seen[-1]:.0f} after"
            for name, seen in memory
        )


def _with_stalled(server: Server, listeners: Listeners, request: Callable[[], bytes], turn: int) -> float:
    """One round; gives the ratio of the readers' p99."""
    alone = _delays(listeners, request, ALONE_EVENTS, LARGE_EVENT_SECONDS)
    watch = Watch(server.pid)
    listeners.stall(STALLED)
    coming: list[float] = []
    beside: list[float] = []
    while watch.seconds < BESIDE_SECONDS_MAX and (watch.left or watch.seconds < STALLED_BEGIN_SECONDS):
        delays = _delays(listeners, request, 1, LARGE_EVENT_SECONDS)
        watch.look()
        (coming if watch.seconds < COMING_SECONDS else beside).extend(delays)
    listeners.rest(time.perf_counter() + 2)
    watch.look()
    listeners.forget_stalled()
    p50, p99 = ([machine.percentile(delays, share) for delays in (alone, coming, beside)] for share in (0.5, 0.99))
    print(
        f"  round {turn}: p50 {p50[0]:.1f} ms alone, {p50[1]:.1f} while they come, {p50[2]:.1f} beside them;"
        f" p99 {p99[0]:.1f}, {p99[1]:.1f} and {p99[2]:.1f}; {watch.said}"
    )
    return p99[2] / p99[0]


# Two nodes.


def across_nodes(folder: Path, rounds: int) -> None:
    """L1, with nothing else to do for any of them."""
    with cluster() as server:
        url, small = server.create("balai"), server.create("small")
        key = town.build_now(url)
        with balai(url, folder) as here, balai(url, folder) as there:
            request = town.requests(here.url, key)
            with Listeners(there.url, STREAM, causing_url=here.url) as listener:
                listener.open(1)
                receipts: list[list[float]] = []
                reports: list[list[float]] = []
                commits: list[list[float]] = []
                for _ in range(rounds):
                    commits.append(asyncio.run(_commits(small.replace("+asyncpg", ""))))
                    after_receipt, after_sending = _after_receipts(listener, request)
                    receipts.append(after_receipt)
                    reports.append(after_sending)
    print(f"\ntwo nodes and PostgreSQL on one machine, {REPORTS} reports and commits a round, one at a time")
    for name, figures in (
        ("one commit", commits),
        ("receipt to event elsewhere", receipts),
        ("sending to event elsewhere", reports),
    ):
        p50, p99 = ([machine.percentile(each, share) for each in figures] for share in (0.5, 0.99))
        print(f"  {name:28}p50 {machine.spread(p50)} ms, p99 {machine.spread(p99)} ms")
    ratios = [machine.percentile(a, 0.99) / machine.percentile(b, 0.99) for a, b in zip(receipts, commits, strict=True)]
    print(machine.told("L1 p99 of receipt to event, to p99 of a commit", ratios, at_most=3))


async def _commits(url: str) -> list[float]:
    """Milliseconds of one small insert with its commit, again and again."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("CREATE TABLE IF NOT EXISTS said (id bigserial PRIMARY KEY, what text NOT NULL)")
        taken = []
        for _ in range(REPORTS):
            began = time.perf_counter()
            await connection.execute("INSERT INTO said (what) VALUES ($1)", "as many words as a small report has")
            taken.append(1000 * (time.perf_counter() - began))
            await asyncio.sleep(REPORT_SECONDS)
        return taken
    finally:
        await connection.close()


def _after_receipts(listener: Listeners, request: Callable[[], bytes]) -> tuple[list[float], list[float]]:
    """Milliseconds from a receipt to the event at the other node (0 if that came first), and from sending."""
    after_receipt, after_sending = [], []
    for _ in range(REPORTS):
        event = listener.cause(request())
        [arrived] = event.arrived.values()
        after_receipt.append(max(0.0, 1000 * (arrived - event.answered)))
        after_sending += event.delays_ms
        listener.rest(time.perf_counter() + REPORT_SECONDS)
    return after_receipt, after_sending


if __name__ == "__main__":
    main()
