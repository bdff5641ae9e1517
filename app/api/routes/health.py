"""For operators and their balancers: alive, and ready."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.api.http.documented_errors import only
from app.dependencies import NodeDep
from app.domain.errors import Unavailable
from app.runtime.readiness import clock_warning

router = APIRouter(tags=["operation"])


class AliveOut(BaseModel):
    """The process answers."""

    status: Literal["alive"] = "alive"


class ReadyOut(BaseModel):
    """The database answers and all of the ledger has been read."""

    status: Literal["ready"] = "ready"
    position: int | None = Field(default=None, description="Left out where figures are not public.")
    failing: list[str] | None = Field(
        default=None, description="Background work that fails, where any does: requests are answered all the same."
    )
    warnings: list[str] | None = Field(
        default=None, description="What an operator should look at, such as a clock that is wrong, where there is any."
    )


@router.get("/healthz", summary="Alive?", response_description="The process answers.")
async def read_health() -> AliveOut:
    """Whether the process answers at all; asks nothing else. Restart it when it does not."""
    return AliveOut()


@router.get(
    "/readyz",
    summary="Ready?",
    response_description="Send requests here.",
    responses=only(Unavailable),
    response_model_exclude_none=True,
)
async def read_readiness(node: NodeDep) -> ReadyOut:
    """Whether the database answers and the board has caught up with the ledger; else 503: send requests elsewhere.

    Background work that fails is named; where nothing can be written or followed without it, that is a 503 too.
    """
    failing = node.workers.failing()
    if vital := [worker.name for worker in failing if worker.is_vital]:
        raise Unavailable(f"This fails, and is tried again: {', '.join(vital)}.")
    await node.readiness.check()
    warning = clock_warning(node.board, node.clock())
    return ReadyOut(
        position=node.board.position if node.public_read else None,
        failing=[worker.name for worker in failing] or None,
        warnings=[warning] if warning else None,
    )
