"""Stream tickets, for browsers, whose EventSource cannot send a key."""

from datetime import datetime

from fastapi import Request, Response
from pydantic import BaseModel, Field

from app.actions.stream_tickets import StreamTickets
from app.api.http.documented_errors import refusals
from app.api.http.strict_json import strict_router
from app.dependencies import KnownCaller, NodeDep
from app.domain.errors import NotPermitted, Unavailable

router = strict_router("stream")


class StreamTicketOut(BaseModel):
    """A ticket, shown only once."""

    ticket: str = Field(description="Put it into the URL of a stream as `?ticket=`.")
    expires_at: datetime = Field(description="Open the stream before this time; it stays open afterwards.")


@router.post(
    "/stream-tickets",
    status_code=201,
    summary="A ticket that opens one stream",
    response_description="The ticket, valid for 60 seconds.",
    responses=refusals(NotPermitted, Unavailable),
)
async def issue_stream_ticket(
    request: Request, node: NodeDep, caller: KnownCaller, response: Response
) -> StreamTicketOut:
    """Issue a ticket for a browser's `EventSource`, which sends no key: `new EventSource(url + "?ticket=" + ticket)`.

    The stream has the permissions of your key and ends when the key is revoked. A ticket opens one stream: request a
    new ticket for each connection.
    """
    tickets: StreamTickets = request.state["tickets"]
    ticket, expires_at = tickets.issue(node, by=caller)
    response.headers["cache-control"] = "no-store"
    return StreamTicketOut(ticket=ticket, expires_at=expires_at)
