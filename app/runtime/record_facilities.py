"""Recording facilities that are new or changed: entries of the ledger, and the tables of the current state."""

from collections.abc import Sequence
from datetime import datetime

from app.board.board import Board
from app.domain.errors import Conflict
from app.domain.ledger import FacilitiesRegistered
from app.domain.registry.facility import Facility
from app.runtime.pending_states import PendingStates
from app.store import ledger
from app.store.bulk_write import Writes
from app.store.database import Transaction
from app.store.repositories import channel_states, registry

FACILITIES_PER_ENTRY = 500


async def record_facilities(
    transaction: Transaction,
    facilities: Sequence[Facility],
    board: Board,
    *,
    by: str,
    now: datetime,
    at: datetime,
    reason: str,
) -> list[Facility]:
    """Record facilities in their state from `at` on, by this principal. Returns them with their new versions."""
    stored: list[Facility] = []
    for start in range(0, len(facilities), FACILITIES_PER_ENTRY):
        part = tuple(facilities[start : start + FACILITIES_PER_ENTRY])
        matter = FacilitiesRegistered(part, at, reason)
        for entry in await ledger.append(transaction, [(matter, by, None)], now=now):
            if isinstance(entry.matter, FacilitiesRegistered):
                stored += entry.matter.facilities
    await registry.put_facilities(transaction.connection, stored)
    await _record_counting(transaction, stored, board, now)
    return stored


async def _record_counting(
    transaction: Transaction, facilities: Sequence[Facility], board: Board, now: datetime
) -> None:
    """Store since when a channel counts, where a change makes another one count."""
    states = PendingStates(board, now)
    for facility in facilities:
        states.replace(facility)
    writes = Writes(transaction.connection)
    channel_states.save(writes, states.to_store())
    await writes.send()


async def check_identifiers(transaction: Transaction, facilities: Sequence[Facility]) -> None:
    """Check that no identifier belongs to another facility. Raises: Conflict."""
    wanted = {pair: f.facility_id for f in facilities for pair in f.identifiers.items()}
    for pair, holder in (await registry.holders(transaction.connection, wanted)).items():
        if pair in wanted and wanted[pair] != holder:
            raise Conflict(f"{pair[0]}:{pair[1]} is already the identifier of another facility.")
