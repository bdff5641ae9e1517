"""Responses that stay open after their route has returned.

A route checks everything, sends the head and the first bytes (`begin`), and returns; its stack frames, its slot among
the requests in flight and its log line end with it. The outermost middleware (`app/middleware/keep_open.py`) then
continues the response.
"""

from typing import Protocol

from fastapi import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

LONG_LIVED = "balai.kept_open"


class LongLivedResponse(Protocol):
    """A response that has begun."""

    async def go_on(self, receive: Receive, send: Send) -> None:
        """Send the rest; returns when there is no more to send or the client has disconnected."""

    def close(self) -> None:
        """Release all resources, also if the response never began."""


class Beginning(Response):
    """Head and first bytes of a response that stays open."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(name, value) for name, value in self.raw_headers if name != b"content-length"]
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": bytes(self.body), "more_body": True})


def begin(
    request: Request, answer: LongLivedResponse, first: bytes, media_type: str, headers: dict[str, str] | None = None
) -> Response:
    """Build the response that a route returns for a response that stays open."""
    request.scope[LONG_LIVED].append(answer)
    return Beginning(first, media_type=media_type, headers=headers)
