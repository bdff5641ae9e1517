"""Send the static files of the pages before the framework: a first visit asks for forty of them at once.

Only plain requests for a file of this version that is already compressed; all others go on to the route. Of the
headers that other responses have these lack a request id and what lets other origins read them: a third of the bytes
of a small script. Metrics count them; the log has no line for each.
"""

import time
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send

from app.api.http.static_documents import Copy
from app.middleware.limits import SECURITY_HEADERS, has_one_host, over_limit
from app.observability import counter_of
from app.web import static_files

_PREFIX = f"/static/{static_files.DIGEST}/"
_ROUTE = "/static/{digest}/{name}"
_METHODS = frozenset({"GET", "HEAD"})


class PageFiles:
    """The outermost layer: sends a file, else passes the request on."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._counts: dict[tuple[str, int], Callable[[float], None]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        copy = _copy_for(scope)
        if copy is None:
            await self.app(scope, receive, send)
            return
        # The server itself omits the body of HEAD.
        await send(
            {"type": "http.response.start", "status": copy.status, "headers": [*copy.headers, *SECURITY_HEADERS]}
        )
        await send({"type": "http.response.body", "body": copy.body})
        series = scope["method"], copy.status
        counted = self._counts.get(series)
        if counted is None:
            counted = self._counts[series] = counter_of(scope["method"], _ROUTE, copy.status)
        counted(time.perf_counter() - started)


def _copy_for(scope: Scope) -> Copy | None:
    """What to send; None where the route must answer."""
    if scope["type"] != "http" or scope["method"] not in _METHODS or not scope["path"].startswith(_PREFIX):
        return None
    if over_limit(scope) or not has_one_host(scope):
        return None
    document = static_files.find(static_files.DIGEST, scope["path"][len(_PREFIX) :])
    if document is None or document.media_type == "application/json":  # a simulation says so in every JSON document
        return None
    wanted = {b"accept-encoding": None, b"if-none-match": None}
    for name, value in scope["headers"]:
        if name in wanted:
            if wanted[name] is not None:
                return None  # sent twice: the route decides
            wanted[name] = value.decode("latin-1")
    return document.ready_copy(wanted[b"accept-encoding"], wanted[b"if-none-match"])
