"""Durable reports per second of the real service, beside the plain way and beside the database alone, in one run.

Run: .venv/bin/python -m tests.bench.writes [--rounds 5] [--seconds 3] [--only postgresql|slow|sqlite]
Every report has ten lines, an id of its own, and is one of 500 facilities' with its own key; it is answered after the
commit. PostgreSQL is the one of the tests (fsync on), made for the run. pgbench stores such a report with prepared
statements, one transaction each, without order, chain or rules: the plain way, with a row for each line, as the goals
have it; and, without a goal, the two rows that the service writes. The slow
disk is a library that sleeps 2 ms in each fsync of the server. Rounds alternate their order; only ratios of one round
mean anything. CPU is of the process and its children, per report.
"""

import argparse
import asyncio
import os
import random
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from uuid import uuid4

from app.actions.keys import issue_key
from app.actions.register_areas import register_areas
from app.actions.register_facilities import register_facilities
from app.domain.beds.counts import COUNT_FIELDS, BedCount
from app.domain.permissions import OPERATOR, Scope, ScopeKind
from app.domain.registry.area import Area, AreaLevel
from app.domain.registry.facility import Facility, FacilityKind
from app.runtime.node import open_node
from app.store.maintenance.migrate import migrate
from app.store.models import Base
from tests.bench import load, report_writers
from tests.bench.servers import Server, balai, plain_app
from tests.postgres import Cluster, cluster

FACILITIES = 500
CONNECTIONS = 32
SLOW_SYNC_US = 2_000
BED_TYPES = (
    "ward_vip", "ward_1", "ward_2", "ward_3", "icu", "icu_ventilator", "hcu", "nicu", "isolation", "perinatal",
)  # fmt: skip
WARM_UP_SECONDS = 2.0

SLOW_SYNC = f"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>
#define SLOW(name) int name(int file) {{ \\
    int (*next)(int) = (int (*)(int)) dlsym(RTLD_NEXT, #name); usleep({SLOW_SYNC_US}); return next(file); }}
SLOW(fsync)
SLOW(fdatasync)
"""


@dataclass
class Row:
    """One thing measured over and over. `run` gives reports per second, and percentiles where they are known."""

    name: str
    run: Callable[[float], load.Result]
    pids: dict[str, int] = field(default_factory=dict)
    results: list[load.Result] = field(default_factory=list)
    cpu_us: dict[str, list[float]] = field(default_factory=dict)


def main() -> None:
    """Measure what can be measured here, and say what cannot."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--only", choices=("postgresql", "slow", "sqlite"))
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, {options.rounds} rounds of {options.seconds} s; medians (min to max)")
    for name, measure in (("postgresql", on_postgresql), ("slow", on_slow_postgresql), ("sqlite", on_sqlite)):
        if options.only in {None, name}:
            folder = Path(tempfile.mkdtemp(prefix="balai-writes-"))
            folder.chmod(0o755)  # PostgreSQL may run as somebody else, and reads the slow library there
            try:
                measure(folder, options.rounds, options.seconds)
            finally:
                shutil.rmtree(folder)


def on_postgresql(folder: Path, rounds: int, seconds: float) -> None:
    """W1, W3, W4 and W8."""
    with ExitStack() as stack:
        server = stack.enter_context(cluster())
        service, requests = stack.enter_context(_service(server.create("balai"), folder))
        plain = stack.enter_context(_plain(server.create("plain")))
        pids = {"database": _pid(server)}
        ours = Row("Balai, 32 connections", _posts(service, requests), pids | {"service": service.pid})
        alone = Row("Balai, 1 connection", _posts(service, requests, 1), pids | {"service": service.pid})
        orm = Row("ORM, a transaction a request", _posts(plain, _plain_requests(plain)), pids | {"service": plain.pid})
        bench = _pgbench(server, folder)
        many = bench and Row("pgbench, 32 clients", bench(PLAIN, CONNECTIONS), pids)
        one = bench and Row("pgbench, 1 client", bench(PLAIN, 1), pids)
        two = bench and Row("pgbench, 32 clients, two rows", bench(TWO_ROWS, CONNECTIONS), pids)
        _measure("PostgreSQL", [row for row in (ours, alone, orm, many, one, two) if row], rounds, seconds)
        _ratio("W1", "32 connections to ORM", ours, orm, 8)
        if many and one and two:
            _ratio("W3", "32 connections to pgbench with 32 clients", ours, many, 0.6)
            _ratio("  ", "32 connections to pgbench with two rows", ours, two)
            _ratio("W4", "1 connection to pgbench with 1 client", alone, one, 0.45)
        _tail(ours)


def on_slow_postgresql(folder: Path, rounds: int, seconds: float) -> None:
    """W5."""
    library = _slow_library(folder)
    if library is None:
        print("\nW5 skipped: there is no C compiler (cc) to make the slow disk with")
        return
    os.environ["LD_PRELOAD"] = str(library)
    try:
        stack = ExitStack()
        server = stack.enter_context(cluster())
    finally:
        del os.environ["LD_PRELOAD"]
    with stack:
        service, requests = stack.enter_context(_service(server.create("balai"), folder))
        pids = {"database": _pid(server)}
        ours = Row("Balai, 32 connections", _posts(service, requests), pids | {"service": service.pid})
        bench = _pgbench(server, folder)
        one = bench and Row("pgbench, 1 client", bench(PLAIN, 1), pids)
        _measure(
            f"PostgreSQL, {SLOW_SYNC_US / 1000:g} ms more in each fsync",
            [ours, *([one] if one else [])],
            rounds,
            seconds,
        )
        if one:
            _ratio("W5", "32 connections to pgbench with 1 client", ours, one, 6)


def on_sqlite(folder: Path, rounds: int, seconds: float) -> None:
    """W6 and W8."""
    with ExitStack() as stack:
        service, requests = stack.enter_context(_service(f"sqlite+aiosqlite:///{folder / 'balai.db'}", folder))
        plain = stack.enter_context(_plain(f"sqlite+aiosqlite:///{folder / 'plain.db'}"))
        ours = Row("Balai, 32 connections", _posts(service, requests), {"service": service.pid})
        orm = Row("ORM, a transaction a request", _posts(plain, _plain_requests(plain)), {"service": plain.pid})
        _measure("SQLite", [ours, orm], rounds, seconds)
        _ratio("W6", "32 connections to ORM", ours, orm, 18)
        _tail(ours)


# What is measured.


@contextmanager
def _service(url: str, folder: Path) -> Iterator[tuple[Server, Callable[[], bytes]]]:
    """The real service with its facilities, and what makes their reports."""
    keys = asyncio.run(_build(url))
    with balai(url, folder) as server:
        host = server.url.removeprefix("http://")
        head = "POST /v1/facilities/{} HTTP/1.1\r\nHost: " + host + "\r\nAuthorization: Bearer {}"
        yield server, _requests([head.format(f"rs-{n}/reports", key) for n, key in enumerate(keys)])


@contextmanager
def _plain(url: str) -> Iterator[Server]:
    with plain_app("tests.bench.report_writers:app", "/ready", WRITER_URL=url) as server:
        yield server


def _plain_requests(server: Server) -> Callable[[], bytes]:
    host = server.url.removeprefix("http://")
    head = "POST /facilities/{} HTTP/1.1\r\nHost: " + host + "\r\nAuthorization: " + report_writers.KEY
    return _requests([head.format(f"rs-{n}/reports") for n in range(FACILITIES)])


def _requests(heads: list[str]) -> Callable[[], bytes]:
    """Whole requests: the facilities in turn, in an order of chance, with another id and other counts each time."""
    chance = random.Random(1)
    lines = ",".join(
        f'{{"bed_type":"{bed_type}","beds_total":{20 + place},"beds_occupied":%d,"queue":{place}}}'
        for place, bed_type in enumerate(BED_TYPES)
    )

    order = cycle(chance.sample(heads, len(heads)))

    def request() -> bytes:
        observed_at, counts = datetime.now(UTC).isoformat(), tuple(chance.choices(range(20), k=len(BED_TYPES)))
        said = f'{{"report_id":"{uuid4()}","observed_at":"{observed_at}","lines":[{lines % counts}]}}'
        return f"{next(order)}\r\nContent-Type: application/json\r\nContent-Length: {len(said)}\r\n\r\n{said}".encode()

    return request


async def _build(url: str) -> list[str]:
    """An empty database with 500 facilities in 50 kelurahan of a city; gives a key of each."""
    await migrate(url)
    async with open_node(database_url=url) as node:
        areas = [
            Area("ID", "Indonesia", AreaLevel.country, "country", None),
            Area("33", "Jawa Tengah", AreaLevel.province, "provinsi", "ID"),
            Area("33.74", "Kota Semarang", AreaLevel.city, "kota", "33"),
            Area("33.74.01", "Semarang Tengah", AreaLevel.kecamatan, "kecamatan", "33.74"),
        ]
        villages = [
            Area(f"33.74.01.{n}", f"Kelurahan {n}", AreaLevel.kelurahan, "kelurahan", "33.74.01")
            for n in range(1001, 1051)
        ]
        await register_areas(node, [*areas, *villages], by=OPERATOR)
        facilities = [
            Facility(f"rs-{n}", FacilityKind.hospital, f"RS {n}", villages[n % len(villages)].code, "private")
            for n in range(FACILITIES)
        ]
        await register_facilities(node, facilities, by=OPERATOR)
        scopes = [Scope(ScopeKind.facility, facility.facility_id) for facility in facilities]
        return [(await issue_key(node, scope=scope, by=OPERATOR))[1] for scope in scopes]


def _posts(
    server: Server, requests: Callable[[], bytes], connections: int = CONNECTIONS
) -> Callable[[float], load.Result]:
    def run(seconds: float) -> load.Result:
        result = load.run_each(server.url, requests, connections=connections, seconds=seconds)
        if set(result.statuses) != {201}:
            raise RuntimeError(f"not all were stored: {result.statuses}")
        return result

    return run


def _pgbench(server: Cluster, folder: Path) -> Callable[[str, int], Callable[[float], load.Result]] | None:
    """What runs a script of pgbench with so many clients for so many seconds; None where it is not installed."""
    program = shutil.which("pgbench")
    if program is None:
        print("\nW3, W4, W5 skipped: pgbench is not installed")
        return None
    url = server.create("pgbench")
    asyncio.run(_build(url))
    server.sql(f"CREATE SEQUENCE place START 1000000; {LINES}", "pgbench")
    where = ["-h", "127.0.0.1", "-p", str(server.port), "-U", "balai", "pgbench"]

    def with_clients(said: str, clients: int) -> Callable[[float], load.Result]:
        script = folder / f"{hash(said)}.sql"
        script.write_text(said)

        def run(seconds: float) -> load.Result:
            whole = str(max(1, round(seconds)))
            command = [program, "-n", "-M", "prepared", "-f", str(script), "-c", str(clients), "-j", "1", "-T", whole]
            done = subprocess.run([*command, *where], capture_output=True, text=True, check=False)
            if done.returncode:
                raise RuntimeError(f"pgbench failed: {done.stderr[-2000:]}")
            said = dict(line.split(" = ") for line in done.stdout.splitlines() if " = " in line)
            reports = float(said["tps"].split()[0]) * int(whole)
            each = float(said["latency average"].split()[0]) / 1000
            return load.Result(int(whole), [each] * round(reports))

        return run

    return with_clients


def _script(lines: str, more: str = "") -> str:
    """One report: its ledger row in the usual size, its channel with `lines`, and what else is to be written."""
    # A colon before a letter or digit would name a variable of pgbench.
    said = ",".join(
        f'{{"bed_type":"{bed_type}","beds_blocked": 0,"beds_occupied": 11,"beds_total": 20,"queue": 3,"ward_code":""}}'
        for bed_type in BED_TYPES
    )
    body = (
        f'{{"channel":"native","complete": false,"facility_id":"rs-100","lines":[{said}],"observed_at":"{"0" * 32}"}}'
    )
    return f"""\\set f random(0, {FACILITIES - 1})
\\set o random(0, 20)
BEGIN;
SELECT nextval('place') AS seq \\gset
INSERT INTO ledger VALUES (:seq, 'report', now(), 'k_0123456789abcdef', {_FACILITY}, 'native', gen_random_uuid()::text,
 now(), '{"0" * 64}', 'applied', NULL, '{body}', '{"0" * 64}');
INSERT INTO channels VALUES ({_FACILITY}, 'native', {_KEPT}, NULL, NULL, '{lines}', NULL, NULL, NULL, NULL)
 ON CONFLICT (facility_id, channel) DO UPDATE SET {_replaced(Base.metadata.tables["channels"].columns.keys()[2:])};
{more}COMMIT;
"""


def _plain_script() -> str:
    counts = "30, :o, 0, 30 - :o, NULL, NULL, 3, NULL, NULL, NULL, NULL, 'derived'"
    rows = ", ".join(
        f"({_FACILITY}, 'native', '', '{bed_type}', NULL, false, {_KEPT}, {counts})" for bed_type in sorted(BED_TYPES)
    )
    names = ("ward_name", "closed", "observed_at", "seq", "recorded_at", *BedCount._fields)
    return _script(
        "[]",
        f"""INSERT INTO line_rows VALUES {rows}
 ON CONFLICT (facility_id, channel, ward_code, bed_type) DO UPDATE SET {_replaced(names)};
""",
    )


def _two_rows_script() -> str:
    at, counts = f'"{"0" * 32}"', '[20, 11, 0, 9,null,null, 3,null,null,null,null,"derived"]'
    return _script(
        "[" + ",".join(f'["","{bed_type}",null,{at}, 1000000,{at},{counts}]' for bed_type in BED_TYPES) + "]"
    )


def _replaced(names: Iterable[str]) -> str:
    return ", ".join(f"{name} = excluded.{name}" for name in names)


_FACILITY, _KEPT = "'rs-' || (:f)::text", "now(), :seq, now()"
LINES = f"""CREATE TABLE line_rows (
 facility_id text REFERENCES facilities, channel text, ward_code text, bed_type text, ward_name text,
 closed boolean NOT NULL, observed_at timestamptz NOT NULL, seq bigint NOT NULL, recorded_at timestamptz NOT NULL,
 {", ".join(f"{name} integer" for name in COUNT_FIELDS)}, available_is text,
 PRIMARY KEY (facility_id, channel, ward_code, bed_type))"""
PLAIN, TWO_ROWS = _plain_script(), _two_rows_script()


def _slow_library(folder: Path) -> Path | None:
    """A library that makes each fsync of a process take longer; None where none can be made."""
    compiler = shutil.which("cc")
    if compiler is None:
        return None
    source, library = folder / "slow_sync.c", folder / "slow_sync.so"
    source.write_text(SLOW_SYNC)
    subprocess.run([compiler, "-O1", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return library


# How it is measured, and told.


def _measure(title: str, rows: list[Row], rounds: int, seconds: float) -> None:
    """Every row in each round, in turning order, after a warm-up that lets every facility speak once."""
    for row in rows:
        row.run(WARM_UP_SECONDS)
    for turn in range(rounds):
        for row in rows if turn % 2 == 0 else rows[::-1]:
            before = {name: _cpu_seconds(pid) for name, pid in row.pids.items()}
            result = row.run(seconds)
            row.results.append(result)
            for name, pid in row.pids.items():
                used = (_cpu_seconds(pid) - before[name]) / len(result.latencies)
                row.cpu_us.setdefault(name, []).append(used * 1e6)
    print(f"\n{title}")
    for row in rows:
        speeds = [result.per_second for result in row.results]
        cpu = ", ".join(f"{name} {statistics.median(used):.0f} us" for name, used in row.cpu_us.items())
        print(f"  {row.name:30}{_spread(speeds, '.0f')} reports/s, CPU of {cpu}")


def _ratio(goal: str, what: str, ours: Row, other: Row, wanted: float | None = None) -> None:
    ratios = [a.per_second / b.per_second for a, b in zip(ours.results, other.results, strict=True)]
    judged = ""
    if wanted is not None:
        judged = f", goal {wanted}: {'reached' if statistics.median(ratios) >= wanted else 'NOT reached'}"
    print(f"  {goal} {what}: {_spread(ratios, '.2f')}{judged}")


def _tail(ours: Row) -> None:
    ratios = [result.percentile_ms(0.99) / result.percentile_ms(0.5) for result in ours.results]
    reached = "reached" if statistics.median(ratios) <= 2 else "NOT reached"
    p50, p99 = (statistics.median(result.percentile_ms(share) for result in ours.results) for share in (0.5, 0.99))
    print(f"  W8 p99 / p50: {_spread(ratios, '.2f')}, goal 2: {reached} (p50 {p50:.1f} ms, p99 {p99:.1f} ms)")


def _spread(values: list[float], form: str) -> str:
    return f"{statistics.median(values):{form}} ({min(values):{form}} to {max(values):{form}})"


def _pid(server: Cluster) -> int:
    return int((server.folder / "data" / "postmaster.pid").read_text().split()[0])


def _cpu_seconds(pid: int) -> float:
    """User and system time of a process and of its children that live or were waited for."""
    total, waiting = 0, [pid]
    while waiting:
        one = waiting.pop()
        try:
            ticks = Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()[11:15]
            waiting += map(int, Path(f"/proc/{one}/task/{one}/children").read_text().split())
        except OSError:
            continue
        total += sum(map(int, ticks))
    return total / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
