"""Reading the ledger on from a position: for others who keep a projection of their own."""

from app.actions.node import Node
from app.domain.actor import Actor, Target, Verb
from app.domain.ledger import LedgerEntry
from app.store import ledger


def check_may_read_on(node: Node, by: Actor | None) -> None:
    """Entries are about the whole country. Raises: NotFound or Unauthenticated, where figures are not public."""
    node.authorise(by, Verb.read, Target())


async def read_on(node: Node, *, after: int, limit: int) -> list[LedgerEntry]:
    """The next entries, as far as this node's board has read. Raises: Unavailable."""
    if after >= node.board.position:
        return []
    async with node.database.reading() as connection:
        return await ledger.read_after(connection, after, limit)
