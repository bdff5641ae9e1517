"""Middleware that continues long-lived responses after all inner middleware has finished the request."""

from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.streaming.long_lived_response import LONG_LIVED, LongLivedResponse
from app.observability import OPEN


class KeepOpen:
    """The outermost middleware: a stream costs one waiting task with two stack frames, not the whole call stack."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        kept: list[LongLivedResponse] = []
        try:
            # The server keeps its scope as long as the response, and would keep everything that is put into it.
            await self.app({**scope, LONG_LIVED: kept}, receive, send)
            for answer in kept:
                if scope["method"] == "HEAD":  # HEAD has no body
                    await send({"type": "http.response.body", "body": b""})
                else:
                    if (limit_send_buffer := scope["state"].get("limit_send_buffer")) is not None:
                        limit_send_buffer()  # set by the server's connection; absent in tests
                    with OPEN.track_inprogress():
                        await answer.go_on(receive, send)
        finally:
            for answer in kept:
                answer.close()
