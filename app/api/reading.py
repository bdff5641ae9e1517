"""What the routes that read figures have in common: waiting for a position, 304, and never an old copy."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

from pydantic import BaseModel

from app.actions.node import Node
from app.actions.read_on import reach
from app.api.conditions import weak_tag
from app.api.formats import Format
from app.api.ready import moment_of
from app.domain.ledger import Position
from app.slots import waiting

# A stale copy may not be shown again without asking, and another reader's copy not at all.
HEADERS = {"cache-control": "no-cache", "vary": "Accept, Accept-Encoding, Authorization"}


def reaching(node: Node, place: Position) -> AbstractContextManager[None]:
    """Around coming to a place in the ledger: what has to ask the database for it waits apart from all other reads."""
    return waiting() if place.seq > node.board.position else nullcontext()


async def wait_for(node: Node, min_position: Position | None) -> None:
    """Until the board has read that far. Raises: Unavailable, where the ledger ends before; Expired."""
    if min_position is not None:
        with reaching(node, min_position):
            await reach(node, min_position)


def without_moments(document: BaseModel, node: Node) -> list[bytes]:
    """The JSON of a document that was made just now, cut where it says up to where and when it was read."""
    return document.model_dump_json().encode().split(moment_of(node.board.position, node.board.now))


def tag_of(parts: Sequence[bytes], wanted: Format) -> str:
    """The tag of what a document says, without where and when it was read: a quiet area keeps its tag."""
    return weak_tag(b"".join(parts) + wanted.encode())
