"""What the routes that read figures have in common: waiting for a position, 304, and never an old copy."""

from fastapi import Response
from pydantic import BaseModel

from app.actions.node import Node
from app.api.conditions import is_known, weak_tag
from app.api.formats import Format

# A stale copy may not be shown again without asking, and another reader's copy not at all.
HEADERS = {"cache-control": "no-cache", "vary": "Accept, Authorization"}
WAIT_SECONDS_MAX = 2.0

Exclude = dict[str, object]


async def wait_for(node: Node, min_position: int | None) -> None:
    """Until the board has read that far. Raises: Unavailable, after 2 seconds."""
    if min_position is not None and node.board.position < min_position:
        await node.follower.wait_for(min_position, seconds=WAIT_SECONDS_MAX)


def tag_of(document: BaseModel, wanted: Format, *, but: Exclude) -> str:
    """The tag of what a document says, without where and when it was read (`but`): a quiet area keeps its tag."""
    content = document.model_dump_json(exclude=but).encode()  # type: ignore[arg-type]
    return weak_tag(content + wanted.encode())


def json_or_304(document: BaseModel, *, but: Exclude, if_none_match: str | None) -> Response:
    """The document with its tag; 304 for who has it."""
    tag = tag_of(document, Format.json, but=but)
    headers = HEADERS | {"etag": tag}
    if is_known(tag, if_none_match):
        return Response(status_code=304, headers=headers)
    return Response(document.model_dump_json(), media_type="application/json", headers=headers)
