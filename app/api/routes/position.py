"""How far this node has read the ledger."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from app.api.http.documented_errors import OPTIONAL_KEY, refusals
from app.api.http.strict_json import strict_router
from app.dependencies import NodeDep, Reader

router = strict_router("capacity")


class PositionOut(BaseModel):
    """A position in the ledger."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"position": 1842, "position_token": "1842-9f3a21bc04de", "recorded_at": "2026-11-23T03:00:04Z"}
            ]
        }
    )

    position: int = Field(description="The `seq` of the last entry that this node has read; 0 before the first.")
    position_token: str = Field(
        description="The position with a hash of its history: send it as `min_position` or `after`, and you get 410 if "
        "a failover lost that history."
    )
    recorded_at: datetime | None = Field(description="When that entry was recorded.")


@router.get(
    "/position",
    summary="Position of this node",
    response_description="The position.",
    responses=refusals(),
    openapi_extra=OPTIONAL_KEY,
)
async def read_position(node: NodeDep, _reader: Reader) -> PositionOut:
    """How far this node has read the ledger. After a write at one node, read at another with `min_position`."""
    board = node.board
    return PositionOut(position=board.position, position_token=str(board.head), recorded_at=board.recorded_at)
