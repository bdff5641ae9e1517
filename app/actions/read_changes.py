"""Reading ledger entries after a position that a client sends, so that clients can maintain their own copy.

No request waits for entries that are not written yet: a position beyond the end of the ledger, which is read at that
moment, is refused at once.
"""

from app.domain.errors import Expired, Unavailable
from app.domain.ledger import LedgerEntry, Position
from app.domain.permissions import Actor, Target, Verb
from app.runtime.node import Node
from app.store import ledger
from app.store.ledger import EditedLedger, OtherHistory

# A node whose only database is a replica cannot know the end of the ledger: a few callers may wait for it.
LAG_SECONDS_MAX = 2.0
LAGGING_MAX = 50


def check_may_read_entries(node: Node, by: Actor | None) -> None:
    """Entries cover the whole country. Raises: NotFound or Unauthenticated, if figures are not public."""
    node.authorise(by, Verb.read, Target())


async def read_entries(node: Node, *, after: Position, limit: int) -> list[LedgerEntry]:
    """The next entries, up to this node's board position.

    Raises: Expired, if the position is not in the ledger's history; Unavailable, also if entries are missing.
    """
    reached = node.board.position
    if after.seq >= reached:
        return []
    try:
        async with node.database.reading(holding=after.seq + 1) as connection:
            entries = await ledger.read_after(connection, after, limit)
    except EditedLedger as edited:
        # Not Expired: a client that starts again would reach the same position over and over.
        raise Unavailable(f"The ledger was edited: {edited}. The operator has to restore it.") from edited
    except OtherHistory:
        raise Expired from None
    return [entry for entry in entries if entry.seq <= reached]


async def is_reached(node: Node, place: Position) -> bool:
    """Whether the ledger reaches this position, even if another node is ahead; if so, the board has read up to it.

    Raises: Unavailable, when the database does not respond; Overloaded, when too many callers wait for a replica.
    """
    if place.seq > node.board.position:
        await node.follower.catch_up()
    if place.seq > node.board.position and node.only_reads:
        try:
            await node.follower.wait_for(place.seq, seconds=LAG_SECONDS_MAX, at_most=LAGGING_MAX)
        except TimeoutError:
            return False
    return place.seq <= node.board.position


async def check_history(node: Node, place: Position) -> None:
    """Check that a position up to the ledger's end is in the ledger's own history.

    Raises: Expired, if a failover or a restored backup discarded that history; Unavailable.
    """
    if not place.chain:
        return
    known = node.board.chain_at(place.seq)
    if known is None:
        async with node.database.reading(holding=place.seq) as connection:
            is_current = await ledger.goes_through(connection, place)
    else:
        is_current = place.is_at(known)
    if not is_current:
        raise Expired


async def check_reached(node: Node, place: Position) -> None:
    """Check that the position is in the ledger. Raises: Expired, if it is not; Unavailable."""
    if not await is_reached(node, place):
        raise Expired(f"The ledger ends at {node.board.position}, before {place.seq}: start again with after=0.")
    await check_history(node, place)


async def reach(node: Node, place: Position) -> None:
    """Bring the board up to a position that the caller received from another node.

    Raises: Unavailable, if the ledger ends before it; Expired, if it belongs to another history.
    """
    if not await is_reached(node, place):
        raise Unavailable(f"The ledger ends at {node.board.position}, before {place.seq}.")
    await check_history(node, place)
