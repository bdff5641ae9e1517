"""Several processes at once: positions without holes, in commit order, on both databases."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from app.domain.ledger import START
from app.store import ledger
from app.store.database import Database
from tests.store.writer import write

ROOT = Path(__file__).resolve().parents[2]


async def process(url: str, name: str, number: int) -> list[int]:
    started = await asyncio.create_subprocess_exec(
        *(sys.executable, "-W", "error", "-m", "tests.store.writer", url, name, str(number)),
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
    )
    printed, _ = await started.communicate()
    assert started.returncode == 0
    return [int(word) for word in printed.split()]


async def watch(database: Database, writers: "asyncio.Future[list[list[int]]]") -> tuple[list[int], int]:
    """Read on for as long as they write: whatever is seen is 1, 2, 3, ... and what came later was not skipped."""
    seen: list[int] = []
    looks, place = 0, START
    while True:
        is_over = writers.done()
        async with database.reading() as connection:
            entries = await ledger.read_after(connection, place)
            found = await ledger.head(connection)
        place = entries[-1].position if entries else place
        seen += [entry.seq for entry in entries]
        assert seen == list(range(1, len(seen) + 1))
        assert found.seq == len(seen), "the head and the entries are of one snapshot"
        looks += 1
        if is_over:
            return seen, looks
        await asyncio.sleep(0)


async def run(database_url: str, writers: "asyncio.Future[list[list[int]]]") -> None:
    database = Database(database_url)
    try:
        seen, looks = await watch(database, writers)
        given = sorted(position for positions in writers.result() for position in positions)
        assert seen == given == list(range(1, len(given) + 1))
        assert looks > 3
        here = START
        async with database.reading() as connection:
            entries, here = await ledger.audit(connection, here)
        assert (len(entries), here.seq) == (len(given), len(given))
    finally:
        await database.close()


async def test_several_connections_of_one_process(database_url: str) -> None:
    await run(database_url, asyncio.gather(*(write(database_url, f"w{n}", 12) for n in range(4))))


async def test_several_processes(database_url: str) -> None:
    await run(database_url, asyncio.gather(*(process(database_url, f"w{n}", 15) for n in range(3))))


@pytest.mark.slow
async def test_many_processes_for_longer(database_url: str) -> None:
    await run(database_url, asyncio.gather(*(process(database_url, f"w{n}", 300) for n in range(6))))
