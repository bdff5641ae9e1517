"""Earlier reports of a facility, read from the ledger; the board has only the current ones."""

from app.actions.resolve import facility_for
from app.domain.permissions import Actor, Verb
from app.runtime.node import Node
from app.store import ledger
from app.store.ledger_rows import Recorded


async def reports_of(
    node: Node, reference: str, *, by: Actor | None, before: int | None, limit: int
) -> tuple[str, list[Recorded], dict[int, int]]:
    """The id of a facility, its reports before a ledger position, newest first, and which entry withdrew which of them.

    Raises: Unauthenticated, NotFound, NotPermitted, Unavailable.
    """
    facility_id = facility_for(node, reference, by, Verb.read_history).facility_id
    async with node.database.reading(holding=node.board.position) as connection:
        reports = await ledger.reports_of(connection, facility_id, before=before, limit=limit)
        oldest = reports[-1].seq if reports else 0
        withdrawn = await ledger.withdrawals_after(connection, facility_id, oldest) if reports else {}
        return facility_id, reports, withdrawn
