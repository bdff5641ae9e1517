"""Verify: the ledger is what was written, and everything that stands follows from it.

The ledger is read in parts, each in a snapshot of its own: a snapshot that is held for minutes keeps SQLite's journal
from being reused and PostgreSQL from cleaning up. Only the last part and the tables are of one moment.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from app.board.board import Board
from app.domain.capacity import Capacity
from app.domain.ledger import START, AreasRegistered, FacilitiesRegistered, LedgerEntry, Position
from app.domain.registry.area import Area
from app.domain.snapshot import Snapshot
from app.store import ledger
from app.store.database import Database
from app.store.ledger import EditedLedger
from app.store.maintenance.migrate import check_tables
from app.store.repositories.snapshot import read_snapshot

DIFFERENCES_TOLD_MAX = 100
# What was written while the ledger was read is read in short snapshots too, as long as that gets nearer to its end.
ROUNDS_MAX = 5

Progress = Callable[[int, int], None]  # entries read, and how many there are


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found in the entries after `since` to `position`: differences in plain words, none when all is well."""

    differences: list[str]
    since: Position
    position: Position

    @property
    def is_whole(self) -> bool:
        """Whether the ledger was read from its first entry."""
        return self.since.seq == 0


async def verify(database_url: str) -> list[str]:
    """The differences that `examine` finds in the whole of it."""
    return (await examine(database_url)).differences


async def examine(
    database_url: str, *, since: Position = START, at_least: int = 0, progress: Progress = lambda _, __: None
) -> Verified:
    """Look for whatever is not as it was written.

    The chain of the ledger is computed again; a board is built from its entries alone and compared with the tables
    of what stands, with a board built from those, and each area's sum with the sums of its parts. A ledger that ends
    before entry `at_least` lacks something.

    `since` is the end of an earlier verification: the ledger must go through it, and only later entries are read.
    What they say of areas and facilities is compared with the tables, and the sums are; how older entries lead to the
    tables is not.
    Raises: NotMigrated, NewerDatabase, where the tables are not those of this program; Unavailable.
    """
    database = Database(database_url)
    replay = Board() if since.seq == 0 else LatestStates()
    try:
        here, current = await _read_to_the_end(database, replay, since, progress)
    except EditedLedger as edited:
        return Verified([f"ledger: {edited}"], since, since)
    finally:
        await database.close()
    found = list(islice(_differences(replay, current), DIFFERENCES_TOLD_MAX))
    if here.seq < at_least:
        found.insert(0, f"ledger: it ends with entry {here.seq}, and must reach entry {at_least}")
    return Verified(found, since, here)


class LatestStates:
    """What the entries that were read said last of each area and each facility."""

    def __init__(self) -> None:
        self._areas: dict[str, object] = {}
        self._facilities: dict[str, object] = {}

    def apply(self, entry: LedgerEntry) -> None:
        """Read one more."""
        match entry.matter:
            case AreasRegistered(areas):
                self._areas |= {area.code: area for area in areas}
            case FacilitiesRegistered(facilities):
                self._facilities |= {facility.facility_id: facility for facility in facilities}
            case _:
                pass

    def contents(self) -> dict[str, dict[str, object]]:
        """As a board gives it."""
        return {"area": self._areas, "facility": self._facilities}


async def _read_to_the_end(
    database: Database, replay: Board | LatestStates, since: Position, progress: Progress
) -> tuple[Position, Snapshot]:
    """Have `replay` read all entries after `since`; gives the last one and what stood then."""
    async with database.reading() as connection:
        await check_tables(connection)
        here = await ledger.whole(connection, since)
        end = await ledger.head(connection)
    for _ in range(ROUNDS_MAX):
        while here.seq < end.seq:
            async with database.reading() as connection:
                entries, here = await ledger.audit(connection, here)
            if not entries:
                break  # entries were taken away; the last part says so
            _apply(replay, entries)
            progress(here.seq - since.seq, max(end.seq, here.seq) - since.seq)
        async with database.reading() as connection:
            end = await ledger.head(connection)
        if end.seq - here.seq <= ledger.READ_BATCH:
            break
    async with database.reading() as connection:
        while True:
            entries, here = await ledger.audit(connection, here)
            if not entries:
                break
            _apply(replay, entries)
        if await ledger.head(connection) != here:
            raise EditedLedger(f"position {here.seq} is missing")
        current = await read_snapshot(connection)
    progress(here.seq - since.seq, here.seq - since.seq)
    return here, current


def _apply(replay: Board | LatestStates, entries: Sequence[LedgerEntry]) -> None:
    for entry in entries:
        replay.apply(entry)


def _differences(replay: Board | LatestStates, current: Snapshot) -> Iterator[str]:
    stored = Board()
    stored.load(current)
    now = stored.contents()
    board = stored if isinstance(replay, LatestStates) else replay
    for what, said in replay.contents().items():
        named = said.keys() if isinstance(replay, LatestStates) else now[what].keys()
        yield from compare(what, said, {key: now[what][key] for key in named if key in now[what]})
    at = current.recorded_at
    if at is not None:
        for area in board.find_areas(limit=len(current.areas)):
            yield from _sum_of_parts(board, area, at)


def compare(what: str, ledger_says: Mapping[str, object], table_says: Mapping[str, object]) -> Iterator[str]:
    """Each key under which the two differ, in plain words."""
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
