"""What was said before: questions that the board cannot answer and the ledger can."""

from app.actions.node import Node
from app.domain.actor import Actor, Verb
from app.domain.facility import Facility
from app.store import ledger
from app.store.ledger import Recorded


async def reports_of(
    node: Node, facility: Facility, *, by: Actor | None, before: int | None, limit: int
) -> list[Recorded]:
    """What was said of a facility, newest in the ledger first, from before a position on."""
    node.authorise(by, Verb.read_history, node.board.target(facility))
    async with node.database.reading(holding=node.board.position) as connection:
        return await ledger.reports_of(connection, facility.facility_id, before=before, limit=limit)
