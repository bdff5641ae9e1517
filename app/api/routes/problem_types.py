"""The page of each problem code: the target of `type` in a problem document."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.api.http.documented_errors import only
from app.api.http.problems import KINDS
from app.domain.errors import NotFound


class CodeOut(BaseModel):
    """The meaning of a problem code."""

    code: str
    type: str
    status: int
    title: str
    meaning: str
    remedy: str = Field(description="How to fix it.")


_CODES = {
    refusal.code: CodeOut(
        code=refusal.code,
        type=f"/problems/{refusal.code}",
        status=kind.status,
        title=kind.title,
        meaning=refusal().detail,
        remedy=kind.remedy,
    )
    for refusal, kind in KINDS.items()
}

router = APIRouter(prefix="/problems", tags=["problems"])


@router.get("", summary="All problem codes")
async def list_problem_codes() -> list[CodeOut]:
    """List every `code` of a refused request, with its meaning and remedy."""
    return list(_CODES.values())


@router.get("/{code}", summary="One problem code", responses=only(NotFound))
async def read_problem_code(code: str) -> CodeOut:
    """Read the page that the `type` of a problem document points to."""
    if code not in _CODES:
        raise NotFound
    return _CODES[code]
