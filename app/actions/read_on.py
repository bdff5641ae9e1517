"""Reading the ledger on from a position: for others who keep a projection of their own."""

from app.actions.node import Node
from app.domain.actor import Actor, Target, Verb
from app.domain.errors import Expired, Unavailable
from app.domain.ledger import LedgerEntry
from app.store import ledger


def check_may_read_on(node: Node, by: Actor | None) -> None:
    """Entries are about the whole country. Raises: NotFound or Unauthenticated, where figures are not public."""
    node.authorise(by, Verb.read, Target())


async def read_on(node: Node, *, after: int, limit: int) -> list[LedgerEntry]:
    """The next entries, as far as this node's board has read. Raises: Unavailable."""
    reached = node.board.position
    if after >= reached:
        return []
    async with node.database.reading(holding=after + 1) as connection:
        return [entry for entry in await ledger.read_after(connection, after, limit) if entry.seq <= reached]


async def check_reached(node: Node, position: int, *, seconds: float) -> None:
    """Whether the ledger comes so far: another node may be ahead of this one.

    Raises: Expired, where it does not, after so long; Unavailable, when the database does not answer.
    """
    if position <= node.board.position:
        return
    await node.follower.catch_up()
    try:
        await node.follower.wait_for(position, seconds=seconds)
    except Unavailable:
        raise Expired(
            f"The ledger ends at {node.board.position}, before {position}: begin anew with after=0."
        ) from None
