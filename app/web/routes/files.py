"""The static files of the pages."""

from fastapi import APIRouter, Request, Response

from app.domain.errors import NotFound
from app.web import static_files

router = APIRouter(include_in_schema=False)


@router.get("/static/{digest}/{name:path}")
async def read_file(digest: str, name: str, request: Request) -> Response:
    """A file of the pages, compressed if the client accepts that."""
    document = static_files.find(digest, name)
    if document is None:
        raise NotFound
    return await document.answer(request)
