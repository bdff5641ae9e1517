"""Answers that stay open after their route is done.

A route settles everything, sends the head and the first bytes (`begin`), and is over: its frames, its place among
the requests in flight and its line in the log go with it. What stays is the outermost layer
(`app/middleware/keep_open.py`), which lets the answer go on.
"""

from typing import Protocol

from fastapi import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

LONG_LIVED = "balai.kept_open"


class LongLivedResponse(Protocol):
    """An answer that has begun."""

    async def go_on(self, receive: Receive, send: Send) -> None:
        """Send the rest; ends when there is no more to send or the client has left."""

    def close(self) -> None:
        """It is over, or never got so far: give back what it holds."""


class Beginning(Response):
    """Head and first bytes of an answer that goes on."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(name, value) for name, value in self.raw_headers if name != b"content-length"]
        await send({"type": "http.response.start", "status": self.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": bytes(self.body), "more_body": True})


def begin(
    request: Request, answer: LongLivedResponse, first: bytes, media_type: str, headers: dict[str, str] | None = None
) -> Response:
    """The response that a route gives for an answer that stays open."""
    request.scope[LONG_LIVED].append(answer)
    return Beginning(first, media_type=media_type, headers=headers)
