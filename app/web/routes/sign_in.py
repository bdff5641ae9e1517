"""The page to sign in with a key, and to sign out. Its script speaks to `/v1/session`."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.dependencies import CallerDep, NodeDep
from app.web.own_paths import own_path
from app.web.pages import Page, render, text

router = APIRouter(include_in_schema=False)


@router.get("/masuk")
async def read_sign_in_page(
    request: Request, node: NodeDep, caller: CallerDep, wanted: Annotated[str, Query(alias="next")] = "/"
) -> Response:
    """The form; for those who are signed in, as whom, and the way out. `next` is the page that follows."""
    page = Page(
        template="sign_in.html",
        title=text(request, "title.sign_in"),
        style="p-in",
        entry="js/pages/sign_in.js",
        data={"next": own_path(wanted)},
        values={"caller": caller, "next": own_path(wanted), "is_public": node.public_read},
    )
    response = render(request, page)
    response.headers["cache-control"] = "no-store"
    return response
