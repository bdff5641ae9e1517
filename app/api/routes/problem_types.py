"""A page for each code of a problem document: what its `type` links to."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.api.http.documented_errors import only
from app.api.http.problems import KINDS
from app.domain.errors import NotFound


class CodeOut(BaseModel):
    """What a code means, in plain words."""

    code: str
    type: str
    status: int
    title: str
    meaning: str
    remedy: str = Field(description="What you can do about it.")


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


@router.get("", summary="All codes of refusals")
async def list_problem_codes() -> list[CodeOut]:
    """Every `code` that an answer may carry when a request was refused, with what to do about it."""
    return list(_CODES.values())


@router.get("/{code}", summary="What a code means", responses=only(NotFound))
async def read_problem_code(code: str) -> CodeOut:
    """The page that the `type` of a problem document points to."""
    if code not in _CODES:
        raise NotFound
    return _CODES[code]
