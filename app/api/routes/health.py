"""Liveness and readiness, for operators and load balancers."""

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.api.http.documented_errors import only
from app.dependencies import NodeDep
from app.domain.errors import Unavailable
from app.runtime.readiness import clock_warning

router = APIRouter(tags=["operation"])


class AliveOut(BaseModel):
    """The process responds."""

    status: Literal["alive"] = "alive"


class ReadyOut(BaseModel):
    """The database responds and the board has read the whole ledger."""

    status: Literal["ready"] = "ready"
    position: int | None = Field(default=None, description="Left out if figures are not public.")
    failing: list[str] | None = Field(
        default=None, description="Background workers that fail, if any: requests are still answered."
    )
    warnings: list[str] | None = Field(
        default=None, description="Warnings for the operator, such as a wrong clock, if any."
    )


@router.get("/healthz", summary="Alive?", response_description="The process responds.")
async def read_health() -> AliveOut:
    """Check that the process responds; no other check. Restart it if it does not."""
    return AliveOut()


@router.get(
    "/readyz",
    summary="Ready?",
    response_description="The node accepts requests.",
    responses=only(Unavailable),
    response_model_exclude_none=True,
)
async def read_readiness(node: NodeDep) -> ReadyOut:
    """Check that the database responds and the board has caught up with the ledger; else 503: use another node.

    Failing background workers are listed; one without which nothing can be written or followed is a 503 too.
    """
    failing = node.workers.failing()
    if vital := [worker.name for worker in failing if worker.is_vital]:
        raise Unavailable(f"These workers fail and are retried: {', '.join(vital)}.")
    await node.readiness.check()
    warning = clock_warning(node.board, node.clock())
    return ReadyOut(
        position=node.board.position if node.public_read else None,
        failing=[worker.name for worker in failing] or None,
        warnings=[warning] if warning else None,
    )
