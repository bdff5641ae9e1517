"""The layer that keeps open answers open, after all layers inside it are done with the request."""

from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.streaming.long_lived_response import LONG_LIVED, LongLivedResponse
from app.observability import OPEN


class KeepOpen:
    """The outermost layer: a stream costs one waiting task with two frames, not the whole way of a request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        kept: list[LongLivedResponse] = []
        try:
            # The server keeps its scope as long as the answer, and would keep all that is put into it.
            await self.app({**scope, LONG_LIVED: kept}, receive, send)
            for answer in kept:
                if scope["method"] == "HEAD":  # asked about, not for
                    await send({"type": "http.response.body", "body": b""})
                else:
                    if (hold_little := scope["state"].get("hold_little")) is not None:
                        hold_little()  # a server's connection can; a test's client has none
                    with OPEN.track_inprogress():
                        await answer.go_on(receive, send)
        finally:
            for answer in kept:
                answer.close()
