"""The response to an EventSource instead of a 429 or 503.

A browser reconnects automatically when a stream ends, but gives up for good at any status other than 200. So a
temporary refusal is sent as one event `busy`, with the time after which to reconnect.
"""

import json

from fastapi import Response
from fastapi.sse import format_sse_event
from starlette.types import Scope

from app.domain.errors import RateLimited, Refusal, Unavailable

RETRY_MS = 30_000
EVENT_STREAM = "text/event-stream"
STREAM_HEADERS = {"cache-control": "no-store", "x-accel-buffering": "no"}


def busy(scope: Scope, refusal: Refusal) -> Response | None:
    """Build the response to an EventSource that may reconnect later; None for other clients, paths and refusals."""
    if not isinstance(refusal, RateLimited | Unavailable) or not _is_event_source(scope):
        return None
    document = json.dumps({"code": refusal.code, "detail": refusal.detail})
    event = format_sse_event(event="busy", data_str=document, retry=RETRY_MS)
    return Response(event, media_type=EVENT_STREAM, headers=STREAM_HEADERS)


def _is_event_source(scope: Scope) -> bool:
    """Whether the request accepts `text/event-stream` by name, as browsers do; programs with `*/*` read the status."""
    if scope["method"] not in {"GET", "HEAD"} or not scope["path"].endswith("/stream"):
        return False
    accepted = b",".join(value for name, value in scope["headers"] if name == b"accept").lower()
    return any(part.partition(b";")[0].strip() == EVENT_STREAM.encode() for part in accepted.split(b","))
