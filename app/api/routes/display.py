"""What a page reads before it shows figures."""

from fastapi import Request, Response

from app.api.http.documented_errors import OPTIONAL_KEY, refusals
from app.api.http.strict_json import strict_router
from app.api.schemas.display import DisplayOut
from app.dependencies import CallerDep, NodeDep, Now
from app.domain.display import Display

router = strict_router("vocabulary")


@router.get(
    "/display",
    summary="Settings of screens",
    response_description="The home area, the time zone, and the scales.",
    responses=refusals(),
    openapi_extra=OPTIONAL_KEY,
)
async def read_display(
    *, request: Request, response: Response, node: NodeDep, now: Now, _caller: CallerDep
) -> DisplayOut:
    """What a screen has to know before it shows figures (*pengaturan tampilan*): its area, and where colours begin.

    Also readable without a key where figures need one.
    """
    display: Display = request.state["display"]
    response.headers["cache-control"] = "no-cache"
    return DisplayOut.of(
        display,
        node.board.thresholds,
        area=node.board.home_area(display.home_area),
        public_read=node.public_read,
        as_of=now,
    )
