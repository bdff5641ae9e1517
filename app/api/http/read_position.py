"""Shared by routes that read figures: waiting for a position, ETags, and cache headers."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from pydantic import BaseModel

from app.actions.read_changes import reach
from app.api.http.conditional_requests import weak_tag
from app.api.http.formats import Format
from app.api.http.response_cache import moment_of
from app.domain.ledger import Position
from app.limits.slots import step_of_reading, waiting
from app.runtime.node import Node

# A copy must be revalidated before it is used again, and must not be used for another reader.
HEADERS = {"cache-control": "no-cache", "vary": "Accept, Accept-Encoding, Authorization"}


@asynccontextmanager
async def reaching(node: Node, place: Position) -> AsyncIterator[None]:
    """Context in which a request catches up with a ledger position; waiting for the database uses separate slots.

    One read serves all requests for a position beyond the end; anonymous requests for old positions take turns.
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
    """Wait until the board has read that far. Raises: Unavailable, if the ledger ends before; Expired."""
    if min_position is not None:
        async with reaching(node, min_position):
            await reach(node, min_position)


def without_moments(document: BaseModel, node: Node) -> list[bytes]:
    """Encode a new document as JSON, split at its position and time."""
    return document.model_dump_json().encode().split(moment_of(node.board.position, node.board.now))


def tag_of(parts: Sequence[bytes], wanted: Format) -> str:
    """Return the ETag of a document without its position and time: an area without changes keeps its ETag."""
    return weak_tag(b"".join(parts) + wanted.encode())
