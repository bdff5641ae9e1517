"""What the routes that read figures have in common: waiting for a position, 304, and never an old copy."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from pydantic import BaseModel

from app.actions.read_changes import reach
from app.api.http.conditional_requests import weak_tag
from app.api.http.formats import Format
from app.api.http.response_cache import moment_of
from app.domain.ledger import Position
from app.runtime.node import Node
from app.slots import step_of_reading, waiting

# A stale copy may not be shown again without asking, and another reader's copy not at all.
HEADERS = {"cache-control": "no-cache", "vary": "Accept, Accept-Encoding, Authorization"}


@asynccontextmanager
async def reaching(node: Node, place: Position) -> AsyncIterator[None]:
    """Around coming to a place in the ledger: what has to ask the database for it waits apart from all other reads.

    One read tells all who name a place beyond the end; of those who name old places strangers have their turns.
    Raises: Overloaded.
    """
    if place.seq > node.board.position:
        with waiting():
            yield
    elif place.chain and node.board.chain_at(place.seq) is None:
        with waiting():
            async with step_of_reading():
                yield
    else:
        yield


async def wait_for(node: Node, min_position: Position | None) -> None:
    """Until the board has read that far. Raises: Unavailable, where the ledger ends before; Expired."""
    if min_position is not None:
        async with reaching(node, min_position):
            await reach(node, min_position)


def without_moments(document: BaseModel, node: Node) -> list[bytes]:
    """The JSON of a document that was made just now, cut where it says up to where and when it was read."""
    return document.model_dump_json().encode().split(moment_of(node.board.position, node.board.now))


def tag_of(parts: Sequence[bytes], wanted: Format) -> str:
    """The tag of what a document says, without where and when it was read: a quiet area keeps its tag."""
    return weak_tag(b"".join(parts) + wanted.encode())
