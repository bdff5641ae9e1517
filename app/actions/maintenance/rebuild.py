"""Rebuild: the tables that follow from the ledger are made anew from the ledger alone."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.actions.maintenance.verify import compare
from app.board.board import Board
from app.domain.channels import Channel
from app.domain.ledger import START, LedgerEntry
from app.domain.registry.area_changes import PlacedArea
from app.domain.reports.lines import ChannelState
from app.domain.snapshot import Snapshot
from app.runtime.node import utc_now
from app.store import ledger
from app.store.database import Database
from app.store.maintenance.migrate import check_tables
from app.store.maintenance.rebuild import replace_tables
from app.store.repositories.snapshot import read_snapshot


class RebuildFailed(RuntimeError):
    """The tables would not be what the ledger says; they are as they were before."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What stands now. `position` is the ledger's end."""

    position: int
    areas: int
    facilities: int
    keys: int
    channels: int


async def rebuild(database_url: str, clock: Callable[[], datetime] = utc_now) -> Rebuilt:
    """Read the ledger from its first entry and write the tables as it says, in one transaction that holds its lock.

    Most of the ledger is read before, so that nodes wait only while the tables are written; they notice and read
    everything again. Before the commit the tables are read back and compared.
    Raises: EditedLedger, where the ledger is not what was written; RebuildFailed; NotMigrated; Unavailable.
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
    """Raises: RebuildFailed. Without a second board: it would keep the lock for seconds where there is a country."""
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
    for what, said in board.contents().items():
        for difference in compare(what, said, stored[what]):
            raise RebuildFailed(f"Nothing was changed, since the tables would differ from the ledger: {difference}")


def _apply(board: Board, entries: Sequence[LedgerEntry]) -> None:
    for entry in entries:
        board.apply(entry)


def _areas(board: Board) -> list[PlacedArea]:
    paths = [board.path(area.code) for area in board.find_areas(limit=sys.maxsize)]
    return sorted((PlacedArea(path[-1], len(path) - 1) for path in paths), key=lambda each: each.depth)


def _channels(board: Board) -> dict[tuple[str, Channel], ChannelState]:
    found = {
        (facility.facility_id, channel): board.channel_state(facility.facility_id, channel)
        for facility in board.facilities()
        for channel in board.channels(facility.facility_id)
    }
    return {place: state for place, state in found.items() if state.newest is not None}
