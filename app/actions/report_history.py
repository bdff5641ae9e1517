"""Earlier reports of a facility, read from the ledger; the board has only the current ones."""

from app.actions.resolve import facility_for
from app.domain.permissions import Actor, Verb
from app.runtime.node import Node
from app.store import ledger
from app.store.ledger_rows import Recorded


async def reports_of(
    node: Node, reference: str, *, by: Actor | None, before: int | None, limit: int
) -> tuple[str, list[Recorded]]:
    """The id of a facility and its reports before a ledger position, newest first.

    Raises: Unauthenticated, NotFound, NotPermitted, Unavailable.
    """
    facility_id = facility_for(node, reference, by, Verb.read_history).facility_id
    async with node.database.reading(holding=node.board.position) as connection:
        return facility_id, await ledger.reports_of(connection, facility_id, before=before, limit=limit)
