"""What the routes that read figures have in common: waiting for a position, 304, and never an old copy."""

from collections.abc import Sequence

from pydantic import BaseModel

from app.actions.node import Node
from app.api.conditions import weak_tag
from app.api.formats import Format
from app.api.ready import moment_of
from app.slots import waiting

# A stale copy may not be shown again without asking, and another reader's copy not at all.
HEADERS = {"cache-control": "no-cache", "vary": "Accept, Accept-Encoding, Authorization"}
WAIT_SECONDS_MAX = 2.0
WAITING_MAX = 100  # half of the requests in flight: the others have room


async def wait_for(node: Node, min_position: int | None) -> None:
    """Until the board has read that far. Raises: Unavailable, after 2 seconds; Overloaded, where many wait."""
    if min_position is not None and node.board.position < min_position:
        with waiting():
            await node.follower.wait_for(min_position, seconds=WAIT_SECONDS_MAX, at_most=WAITING_MAX)


def without_moments(document: BaseModel, node: Node) -> list[bytes]:
    """The JSON of a document that was made just now, cut where it says up to where and when it was read."""
    return document.model_dump_json().encode().split(moment_of(node.board.position, node.board.now))


def tag_of(parts: Sequence[bytes], wanted: Format) -> str:
    """The tag of what a document says, without where and when it was read: a quiet area keeps its tag."""
    return weak_tag(b"".join(parts) + wanted.encode())
