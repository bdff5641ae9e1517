"""Rebuild: recreate the tables that are derived from the ledger, from the ledger alone."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.actions.maintenance.verify import compare
from app.board.board import Board
from app.domain.channels import Channel
from app.domain.ledger import START, LedgerEntry
from app.domain.registry.area_changes import PlacedArea
from app.domain.snapshot import Snapshot
from app.runtime.node import utc_now
from app.store import ledger
from app.store.database import Database
from app.store.maintenance.migrate import check_tables
from app.store.maintenance.rebuild import replace_tables
from app.store.repositories.channel_states import StoredChannel
from app.store.repositories.snapshot import read_snapshot


class RebuildFailed(RuntimeError):
    """The rebuilt tables would differ from the ledger; the tables were not changed."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """The number of rebuilt objects of each kind. `position` is the end of the ledger."""

    position: int
    areas: int
    facilities: int
    keys: int
    channels: int


async def rebuild(database_url: str, clock: Callable[[], datetime] = utc_now) -> Rebuilt:
    """Replay the ledger from its first entry and rewrite the tables, in one transaction that holds the ledger's lock.

    Most of the ledger is read before the transaction, so that nodes wait only while the tables are written; they detect
    the rebuild and load everything again. Before the commit the tables are read back and compared.
    Raises: EditedLedger, if the ledger was changed after it was written; RebuildFailed; NotMigrated; Unavailable.
    """
    database = Database(database_url)
    board, here = Board(), START
    try:
        async with database.reading_newest() as connection:
            await check_tables(connection)
        while True:
            async with database.reading_newest() as connection:
                entries, here = await ledger.audit(connection, here)
            _apply(board, entries)
            if len(entries) < ledger.READ_BATCH:
                break
        async with database.transaction() as transaction:
            while True:
                entries, here = await ledger.audit(transaction.connection, here)
                if not entries:
                    break
                _apply(board, entries)
            areas, channels = _areas(board), _channels(board)
            facilities, keys = board.facilities(), board.credentials()
            await replace_tables(
                transaction,
                areas=areas,
                facilities=facilities,
                keys=keys,
                channels=channels,
                now=clock(),
                position=here.seq,
            )
            _check(board, await read_snapshot(transaction.connection))
    finally:
        await database.close()
    return Rebuilt(here.seq, len(areas), len(facilities), len(keys), len(channels))


def _check(board: Board, current: Snapshot) -> None:
    """Compare the tables with the board. Raises: RebuildFailed.

    Without a second board: for a whole country it would hold the lock for seconds.
    """
    stored: dict[str, dict[str, object]] = {
        "area": {area.code: area for area in current.areas},
        "facility": {facility.facility_id: facility for facility in current.facilities},
        "key": {key.prefix: key for key in current.credentials},
        "channel": {
            f"{facility_id} {channel}": state
            for facility_id, channels in current.channels.items()
            for channel, state in channels.items()
        },
    }
    for kind, expected in board.contents().items():
        for difference in compare(kind, expected, stored[kind]):
            raise RebuildFailed(f"Nothing was changed, since the tables would differ from the ledger: {difference}")


def _apply(board: Board, entries: Sequence[LedgerEntry]) -> None:
    for entry in entries:
        board.apply(entry)


def _areas(board: Board) -> list[PlacedArea]:
    paths = [board.path(area.code) for area in board.find_areas(limit=sys.maxsize)]
    return sorted((PlacedArea(path[-1], len(path) - 1) for path in paths), key=lambda placed: placed.depth)


def _channels(board: Board) -> dict[tuple[str, Channel], StoredChannel]:
    found: dict[tuple[str, Channel], StoredChannel] = {}
    for facility in board.facilities():
        judged = board.judgement(facility.facility_id)
        for channel in board.channels(facility.facility_id):
            state = board.channel_state(facility.facility_id, channel)
            if state.newest is not None and judged is not None:
                counts = judged.since is not None and judged.since.channel is channel
                found[facility.facility_id, channel] = StoredChannel(
                    state, judged.since if counts else None, judged.judged_at
                )
    return found
