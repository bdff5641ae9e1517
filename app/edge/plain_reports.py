"""The layer that answers plain reports before the framework, whose way to a route takes as long as the report itself.

It is nearer to the framework than all layers that limit, observe and tell. What it does not take, and whatever is to
be refused for what it says, goes on to the route (`app/api/reports.py`) with its body.
"""

from types import SimpleNamespace

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.api.noted import REPORT_PATH
from app.api.problems import send_problem
from app.api.reports import answer_plain
from app.api.strict_json import JSON, REPORT_BYTES_MAX
from app.bodies import read_body
from app.dependencies import admit
from app.domain.errors import Refusal, Unauthenticated

_ROUTE = SimpleNamespace(path_format="/v1/facilities/{facility_id}/reports")  # as the log and the metrics name it


class PlainReports:
    """Reads the body of whatever may be a plain report, and hands on what is none."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = REPORT_PATH.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "POST" else None
        if path is None or scope["query_string"] or (b"content-type", JSON.encode()) not in scope["headers"]:
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            actor = await admit(request)
            if actor is None:
                raise Unauthenticated
            body = await read_body(request, bytes_max=REPORT_BYTES_MAX)
            answer = await answer_plain(request, path[1], actor, body)
        except Refusal as refusal:
            scope["route"] = _ROUTE
            await send_problem(scope, send, refusal)
            return
        if answer is not None:
            scope["route"] = _ROUTE
            await answer(scope, receive, send)
            return

        has_read = False

        async def again() -> Message:
            nonlocal has_read
            if has_read:
                return await receive()
            has_read = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self.app(scope, again, send)
