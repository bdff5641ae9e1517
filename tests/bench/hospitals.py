"""Thirty hospitals that report at their usual rate, and what becomes of the reports while something else goes on."""

import asyncio
import contextlib
import itertools
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from tests.bench import town
from tests.bench.clients import answer, ask, bearer, send
from tests.bench.machine import percentile
from tests.postgres import cluster

HOSPITALS, PER_SECOND = 30, 2
ANSWER_SECONDS_MAX = 10.0
# Before the quiet time: every connection is open, and the server warm.
LEAD_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Sent:
    """A report: when it was due (seconds of the clock), how long after that it was answered, and with which status."""

    due: float
    seconds: float
    status: str


@dataclass(frozen=True, slots=True)
class Reports:
    """Reports of one span of time."""

    sent: Sequence[Sent]
    rejected: Counter[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rejected", Counter(one.status for one in self.sent if one.status != "201"))

    @property
    def p99_ms(self) -> float:
        """The latency that 99 of 100 did not pass."""
        return 1_000 * percentile([one.seconds for one in self.sent], 0.99)


@dataclass(frozen=True, slots=True)
class Attacked:
    """Reports before, during and after an attack; `ended` is when it ended, `printed` the last that it printed."""

    quiet: Reports
    during: Reports
    after: Reports
    ended: float
    printed: str

    @property
    def ratio(self) -> float:
        """How many times as long a report takes while it is attacked."""
        return self.during.p99_ms / self.quiet.p99_ms

    def told(self) -> str:
        """In words."""
        rejected = self.during.rejected + self.after.rejected
        return (
            f"rejected {rejected.total():3} of {len(self.during.sent) + len(self.after.sent)}"
            f"{f' {dict(rejected)}' if rejected else ''}"
            f"  p99 {self.during.p99_ms:6.1f} ms beside {self.quiet.p99_ms:6.1f}: {self.ratio:5.2f} times"
        )


async def attacked(
    port: int, keys: Sequence[str], command: Sequence[str], *, quiet_seconds: float, after_seconds: float = 0.0
) -> Attacked:
    """Let all hospitals report, each at its own times, before, while and after this command runs.

    The command prints a line when its attack begins, and another one when it has ended.
    Raises: RuntimeError, when it fails.
    """
    begun, found, is_over = time.perf_counter(), list[Sent](), asyncio.Event()

    def between(start: float, end: float) -> Reports:
        return Reports([one for one in found if start <= one.due < end])

    async with asyncio.TaskGroup() as group:
        for number, key in enumerate(keys):
            group.create_task(_hospital(port, number, key, begun=begun, is_over=is_over, found=found))
        await asyncio.sleep(LEAD_SECONDS + quiet_seconds)
        process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        quiet_until = time.perf_counter()
        if process.stdout is None:
            raise RuntimeError("no output")
        await process.stdout.readline()
        attacked_from = time.perf_counter()
        printed = (await process.stdout.readline()).decode()
        ended = time.perf_counter()
        if await process.wait():
            raise RuntimeError(f"failed: {' '.join(command)}")
        await asyncio.sleep(ended + after_seconds - time.perf_counter())
        is_over.set()
    return Attacked(
        between(begun + LEAD_SECONDS, quiet_until),
        between(attacked_from, ended),
        between(ended, ended + after_seconds),
        ended,
        printed,
    )


async def _hospital(
    port: int, number: int, key: str, *, begun: float, is_over: asyncio.Event, found: list[Sent]
) -> None:
    connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
    for turn in itertools.count():
        due = begun + (turn + number / HOSPITALS) / PER_SECOND
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        if is_over.is_set():
            break
        try:
            async with asyncio.timeout(ANSWER_SECONDS_MAX):
                connection = connection or await asyncio.open_connection("127.0.0.1", port)
                connection[1].write(_report(number, key, turn))
                status, _ = await answer(connection[0])
        except (OSError, asyncio.IncompleteReadError) as error:  # a TimeoutError is an OSError
            status = type(error).__name__
            if connection is not None:
                connection[1].close()
                connection = None
        found.append(Sent(due, time.perf_counter() - due, status))
    if connection is not None:
        connection[1].close()


def _report(number: int, key: str, turn: int) -> bytes:
    lines = [{"bed_type": name, "beds_total": 20, "beds_occupied": 1 + turn % 19} for name in town.BED_TYPES]
    body = json.dumps({"observed_at": datetime.now(UTC).isoformat(), "lines": lines}).encode()
    return send(f"/v1/facilities/rs-{number}/reports", body, bearer(key))


def facility_keys(url: str, national: str) -> list[str]:
    """A key for each hospital that reports."""
    return [facility_key(url, national, f"rs-{number}") for number in range(HOSPITALS)]


def facility_key(url: str, national: str, facility_id: str) -> str:
    """A new key of one facility, of a holder of its own."""
    return str(ask(url, national, "/v1/keys", {"scope": f"facility:{facility_id}", "name": facility_id})["key"])


@contextlib.contextmanager
def database(store: str, folder: Path) -> Iterator[str]:
    """The address of an empty database."""
    if store == "sqlite":
        yield f"sqlite+aiosqlite:///{folder / 'balai.db'}"
    else:
        with cluster() as server:
            yield server.create("hospitals")
