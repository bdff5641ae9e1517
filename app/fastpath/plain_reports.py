"""A layer that answers plain reports before the framework, whose routing takes as long as storing the report.

All layers that limit, observe and refuse stand outside it. A report that is not plain or not valid goes on to the
route (`app/api/routes/reports.py`) with its body.
"""

from types import SimpleNamespace
from typing import Any

from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.actions.submit_reports import submit_report
from app.api.http.idempotency import chosen_report_id, key_of
from app.api.http.problems import send_problem
from app.api.http.request_messages import REPORT_PATH, note_receipt
from app.api.http.strict_json import JSON, REPORT_BYTES_MAX
from app.dependencies import admit
from app.domain.errors import InvalidInput, InvalidReportId, Refusal, Unauthenticated
from app.domain.permissions import Actor
from app.domain.reports.report import Receipt
from app.fastpath.report_reader import read_plain
from app.limits.request_bodies import count_lines, read_body

_ROUTE = SimpleNamespace(path_format="/v1/facilities/{facility_id}/reports")  # as the log and the metrics name it
_RECEIPT = TypeAdapter(Receipt)
_NOT_SENT: dict[str, Any] = {"of": True, "warnings": {"__all__": {"values"}}}  # `detail` contains them


class PlainReports:
    """Answer plain reports; pass every other request on, with the body already read."""

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


async def answer_plain(request: Request, facility_id: str, actor: Actor, body: bytes) -> Response | None:
    """The receipt of a plain report (`app.fastpath.report_reader`); None where the route must answer.

    Raises: Refusal, as the route would.
    """
    headers, node = request.headers, request.state["node"]
    if "content-encoding" in headers:
        return None
    key = headers.get("idempotency-key")
    report = read_plain(body, facility_id, report_id=lambda own_id: chosen_report_id(own_id, key_of(key)))
    if report is None:
        return None
    try:
        receipt = await submit_report(node, report, by=actor)
    except (InvalidInput, InvalidReportId):
        return None  # the route lists every fault
    count_lines(request, len(report.lines))
    note_receipt(request.scope, receipt)
    return Response(
        _RECEIPT.dump_json(receipt, exclude=_NOT_SENT),
        status_code=200 if receipt.repeated else 201,
        media_type="application/json",
    )
