"""Places in the ledger that clients name, and reading the ledger on from one: for those who keep their own copy.

Nobody waits for what is not written: a place beyond the ledger's end, which was read just now, is told at once.
"""

from app.domain.errors import Expired, Unavailable
from app.domain.ledger import LedgerEntry, Position
from app.domain.permissions import Actor, Target, Verb
from app.runtime.node import Node
from app.store import ledger
from app.store.ledger import EditedLedger, OtherHistory

# A node whose only database is a replica cannot know how far the ledger goes: a few callers may wait for it.
LAG_SECONDS_MAX = 2.0
LAGGING_MAX = 50


def check_may_read_on(node: Node, by: Actor | None) -> None:
    """Entries are about the whole country. Raises: NotFound or Unauthenticated, where figures are not public."""
    node.authorise(by, Verb.read, Target())


async def read_on(node: Node, *, after: Position, limit: int) -> list[LedgerEntry]:
    """The next entries, as far as this node's board has read.

    Raises: Expired, where the ledger does not go through this place; Unavailable, also where entries are missing.
    """
    reached = node.board.position
    if after.seq >= reached:
        return []
    try:
        async with node.database.reading(holding=after.seq + 1) as connection:
            entries = await ledger.read_after(connection, after, limit)
    except EditedLedger as edited:
        # Not Expired: who begins again would come to the same place, again and again.
        raise Unavailable(f"The ledger was edited: {edited}. Its operator has to restore it.") from edited
    except OtherHistory:
        raise Expired from None
    return [entry for entry in entries if entry.seq <= reached]


async def is_reached(node: Node, place: Position) -> bool:
    """Whether the ledger goes this far; then the board has read up to there. Another node may be ahead of this one.

    Raises: Unavailable, when the database does not answer; Overloaded, where many wait for a replica.
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
    """Whether a place that is reached is in the ledger's own history.

    Raises: Expired, where a failover or a restored backup cut that history off; Unavailable.
    """
    if not place.chain:
        return
    known = node.board.chain_at(place.seq)
    if known is None:
        async with node.database.reading(holding=place.seq) as connection:
            is_ours = await ledger.goes_through(connection, place)
    else:
        is_ours = place.is_at(known)
    if not is_ours:
        raise Expired


async def check_reached(node: Node, place: Position) -> None:
    """Whether the ledger goes through this place. Raises: Expired, where it does not; Unavailable."""
    if not await is_reached(node, place):
        raise Expired(f"The ledger ends at {node.board.position}, before {place.seq}: begin again with after=0.")
    await check_history(node, place)


async def reach(node: Node, place: Position) -> None:
    """Let the board come to a place that the caller has seen elsewhere.

    Raises: Unavailable, where the ledger ends before it; Expired, where it is of another history.
    """
    if not await is_reached(node, place):
        raise Unavailable(f"The ledger ends at {node.board.position}, before {place.seq}.")
    await check_history(node, place)
