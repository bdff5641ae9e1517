"""Verify: the ledger was not changed after it was written, and the current state follows from it.

Each withdrawal of a report is compared with the reports of its channel: what it states must be what they add up to
without the withdrawn ones.

The ledger is read in parts, each in its own snapshot: a snapshot that is held for minutes prevents SQLite from reusing
its journal and PostgreSQL from vacuuming. Only the last part and the tables are read in the same snapshot.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice

from app.board.board import Board
from app.domain.capacity import Capacity
from app.domain.channels import Channel
from app.domain.ledger import START, AreasRegistered, FacilitiesRegistered, LedgerEntry, Position
from app.domain.registry.area import Area
from app.domain.reports.lines import ChannelState
from app.domain.reports.report import Report
from app.domain.snapshot import Snapshot
from app.store import ledger
from app.store.database import Database
from app.store.ledger import EditedLedger
from app.store.maintenance.migrate import check_tables
from app.store.repositories.snapshot import read_snapshot

DIFFERENCES_LISTED_MAX = 100
# Entries that were written meanwhile are read in short snapshots too, in at most so many rounds.
ROUNDS_MAX = 5

Progress = Callable[[int, int], None]  # entries read, and their total
StateWithout = Callable[[str, Channel, int], Awaitable[ChannelState]]  # `ledger.state_without`


@dataclass(frozen=True, slots=True)
class Verified:
    """The differences found in the entries after `since` up to `position`, as sentences; empty if there are none."""

    differences: list[str]
    since: Position
    position: Position

    @property
    def is_whole(self) -> bool:
        """Whether the ledger was read from its first entry."""
        return self.since.seq == 0


async def verify(database_url: str) -> list[str]:
    """The differences that `examine` finds in the whole ledger."""
    return (await examine(database_url)).differences


async def examine(
    database_url: str, *, since: Position = START, at_least: int = 0, progress: Progress = lambda _, __: None
) -> Verified:
    """Find everything that was changed after it was written.

    The chain of the ledger is computed again. A board built from its entries alone is compared with the tables of the
    current state and with a board built from those tables, and each area's totals with the totals of its parts. A
    ledger that ends before entry `at_least` is incomplete.

    `since` is the end of an earlier verification: the ledger must contain it, and only later entries are read. Their
    areas and facilities are compared with the tables, and so are the totals; the effect of older entries on the tables
    is not checked.
    Raises: NotMigrated, NewerDatabase, if the tables are not those of this program; Unavailable.
    """
    database = Database(database_url)
    replay = Board() if since.seq == 0 else LatestStates()
    wrong: list[str] = []
    try:
        here, current = await _read_to_the_end(database, replay, since, progress, wrong)
    except EditedLedger as edited:
        return Verified([f"ledger: {edited}"], since, since)
    finally:
        await database.close()
    found = list(islice((*wrong, *_differences(replay, current)), DIFFERENCES_LISTED_MAX))
    if here.seq < at_least:
        found.insert(0, f"ledger: it ends with entry {here.seq}, but must reach entry {at_least}")
    return Verified(found, since, here)


class LatestStates:
    """The last state of each area and facility in the entries that were read."""

    def __init__(self) -> None:
        self._areas: dict[str, object] = {}
        self._facilities: dict[str, object] = {}

    def apply(self, entry: LedgerEntry) -> None:
        """Read one more entry."""
        match entry.matter:
            case AreasRegistered(areas):
                self._areas |= {area.code: area for area in areas}
            case FacilitiesRegistered(facilities):
                self._facilities |= {facility.facility_id: facility for facility in facilities}
            case _:
                pass

    def contents(self) -> dict[str, dict[str, object]]:
        """The states by kind and id, as `Board.contents` returns them."""
        return {"area": self._areas, "facility": self._facilities}


async def _read_to_the_end(
    database: Database, replay: Board | LatestStates, since: Position, progress: Progress, wrong: list[str]
) -> tuple[Position, Snapshot]:
    """Apply all entries after `since` to `replay`. Returns the end of the ledger and the tables' state there.

    A sentence for each withdrawal that differs from the reports before it is added to `wrong`.
    """
    async with database.reading() as connection:
        await check_tables(connection)
        here = await ledger.with_full_chain(connection, since)
        end = await ledger.head(connection)
    for _ in range(ROUNDS_MAX):
        while here.seq < end.seq:
            async with database.reading() as connection:
                entries, here = await ledger.audit(connection, here)
                wrong += await _apply(replay, entries, partial(ledger.state_without, connection))
            if not entries:
                break  # entries were removed; the check of the last part reports it
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
            wrong += await _apply(replay, entries, partial(ledger.state_without, connection))
        if await ledger.head(connection) != here:
            raise EditedLedger(f"position {here.seq} is missing")
        current = await read_snapshot(connection)
    progress(here.seq - since.seq, here.seq - since.seq)
    return here, current


async def _apply(replay: Board | LatestStates, entries: Sequence[LedgerEntry], compute: StateWithout) -> list[str]:
    wrong = []
    for entry in entries:
        replay.apply(entry)
        if isinstance(replay, Board) and isinstance(entry.matter, Report) and entry.matter.withdraws is not None:
            wrong += await _wrong_restoration(replay, entry.matter, entry.seq, compute)
    return wrong


async def _wrong_restoration(board: Board, report: Report, seq: int, compute: StateWithout) -> list[str]:
    """A sentence if the channel's state after a withdrawal is not what the reports that count add up to."""
    facility_id, channel = report.facility_id, report.channel
    expected, found = await compute(facility_id, channel, seq), board.channel_state(facility_id, channel)
    if found.without_recent() == expected.without_recent():
        return []
    return [f"ledger: entry {seq} withdraws a report of {facility_id} {channel}, but what it states instead is wrong"]


def _differences(replay: Board | LatestStates, current: Snapshot) -> Iterator[str]:
    stored = Board()
    stored.load(current)
    now = stored.contents()
    board = stored if isinstance(replay, LatestStates) else replay
    for kind, expected in replay.contents().items():
        named = expected.keys() if isinstance(replay, LatestStates) else now[kind].keys()
        in_table = {key: now[kind][key] for key in named if key in now[kind]}
        yield from compare(kind, _without_recent(expected), _without_recent(in_table))
    at = current.recorded_at
    if at is not None:
        for area in board.find_areas(limit=len(current.areas)):
            yield from _sum_of_parts(board, area, at)


def _without_recent(contents: Mapping[str, object]) -> dict[str, object]:
    """The same, but without recent values of lines: earlier versions did not store them, so a replay has more."""
    return {key: one.without_recent() if isinstance(one, ChannelState) else one for key, one in contents.items()}


def compare(kind: str, in_ledger: Mapping[str, object], in_table: Mapping[str, object]) -> Iterator[str]:
    """A sentence for each key under which the ledger and the table differ."""
    for key in sorted(in_ledger.keys() | in_table.keys()):
        if in_ledger.get(key) != in_table.get(key):
            yield f"{kind} {key}: the ledger says {in_ledger.get(key)}, the table says {in_table.get(key)}"


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
