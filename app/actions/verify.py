"""Verify: the ledger is what was written, and everything that stands follows from it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from itertools import islice

from app.board.board import Board
from app.domain.area import Area
from app.domain.capacity import Capacity
from app.domain.current import Current
from app.domain.ledger import START
from app.store import ledger
from app.store.current import read_current
from app.store.database import Database
from app.store.ledger import EditedLedger

DIFFERENCES_TOLD_MAX = 100


async def verify(database_url: str) -> list[str]:
    """Every difference found, in plain words; none when all is well.

    The chain of the ledger is computed again; a board is built from its entries alone and compared with the tables
    of what stands, with a board built from those, and each area's sum with the sums of its parts.
    """
    database = Database(database_url)
    try:
        async with database.reading() as connection:
            replayed, here = Board(), START
            try:
                while True:
                    entries, after = await ledger.audit(connection, here)
                    for entry in entries:
                        replayed.apply(entry)
                    if after.seq == here.seq:
                        break
                    here = after
            except EditedLedger as edited:
                return [f"ledger: {edited}"]
            current = await read_current(connection)
    finally:
        await database.close()
    return list(islice(_differences(replayed, current), DIFFERENCES_TOLD_MAX))


def _differences(replayed: Board, current: Current) -> Iterator[str]:
    stored = Board()
    stored.load(current)
    before, now = replayed.contents(), stored.contents()
    for what, said in before.items():
        yield from _compare(what, said, now[what])
    at = current.recorded_at
    if at is not None:
        for area in replayed.find_areas(limit=len(current.areas)):
            yield from _sum_of_parts(replayed, area, at)


def _compare(what: str, ledger_says: Mapping[str, object], table_says: Mapping[str, object]) -> Iterator[str]:
    for key in sorted(ledger_says.keys() | table_says.keys()):
        if ledger_says.get(key) != table_says.get(key):
            yield f"{what} {key}: the ledger says {ledger_says.get(key)}, the table says {table_says.get(key)}"


def _sum_of_parts(board: Board, area: Area, at: datetime) -> Iterator[str]:
    whole = board.roll_up(area.code, at)
    children, unplaced = board.children(area.code, at)
    parts: list[Capacity] = [*children, unplaced]
    for name in ("beds_total", "beds_occupied", "beds_blocked", "beds_available", "queue"):
        stated = [value for part in parts if (value := getattr(part.totals, name)) is not None]
        if getattr(whole.totals, name) != (sum(stated) if stated else None):
            yield f"area {area.code}: {name} is {getattr(whole.totals, name)}, its parts add up to {sum(stated)}"
    facilities = sum(part.reporting.facilities for part in parts)
    if whole.reporting.facilities != facilities:
        yield f"area {area.code}: {whole.reporting.facilities} facilities, its parts have {facilities}"
